//! `poppet pending`: what is staged for deletion on the servers.

use std::fmt::Write as _;

use super::complaint::mention;
use super::context::Context;
use super::desk::Desk;
use super::exit::Exit;
use super::json::Staged;
use super::output::{Output, Paint};
use super::stop::Stop;
use super::table::cell;
use super::words::{amount, count, size};
use crate::bridge::{Command, Event, PendingDeletion, Ticket};
use crate::mail::{Reason, safe};

pub(super) async fn pending(context: &Context) -> Result<Exit, Stop> {
    let (config, store) = context.stored()?;
    let mut desk = context.desk(config, store);
    let deletions = staged(&mut desk).await?;
    desk.close().await?;
    let out = context.out;
    if out.json {
        for deletion in &deletions {
            out.object(&Staged::from(deletion))?;
        }
    } else {
        if deletions.is_empty() && out.terminal {
            mention(&context.global, "Nothing is staged.");
        }
        out.text(&lines(out, &deletions))?;
        if !deletions.is_empty() && out.terminal {
            out.line(&summary(&deletions))?;
        }
    }
    Ok(if deletions.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// What is staged, each with whether its copy here is whole.
pub(super) async fn staged(desk: &mut Desk) -> Result<Vec<PendingDeletion>, Stop> {
    let ticket = Ticket::new();
    match desk.one(Command::Pending { ticket }, ticket).await? {
        Event::Pending { deletions, .. } => Ok(deletions),
        _ => Ok(Vec::new()),
    }
}

/// A line for each: number, sender, subject, size, who wants it, and whether a copy is here.
pub(super) fn lines(out: Output, deletions: &[PendingDeletion]) -> String {
    let mut lines = String::new();
    let mut accounts = deletions.iter().map(|one| &one.message.account);
    let first = accounts.next();
    let several = accounts.any(|account| Some(account) != first);
    for deletion in deletions {
        let row = &deletion.message;
        let why = match deletion.reason {
            Reason::You => "you",
            Reason::Rule => "rule",
        };
        let copy = if deletion.stored {
            "copy here"
        } else {
            "NO COPY HERE"
        };
        let (from, subject) = (safe::line(row.from.short()), safe::line(&row.subject));
        let subject = if subject.is_empty() {
            "(no subject)".into()
        } else {
            subject
        };
        if out.terminal {
            let account = if several {
                cell(row.account.as_str(), 10) + " "
            } else {
                String::new()
            };
            let subject_columns = out.columns().saturating_sub(51 + account.len()).max(10);
            let _ = write!(
                lines,
                "{:>5}  {account}{} {} {:>5}  {why:4}  {}",
                row.id,
                cell(&from, 17),
                cell(&subject, subject_columns),
                size(row.octets),
                out.paint(
                    if deletion.stored {
                        Paint::Green
                    } else {
                        Paint::Red
                    },
                    copy
                )
            );
        } else {
            let _ = write!(
                lines,
                "{}\t{}\t{from}\t{subject}\t{}\t{why}\t{copy}",
                row.id, row.account, row.octets
            );
        }
        if let Some(failure) = &deletion.failure {
            let gap = if out.terminal {
                "\n       last time: "
            } else {
                "\t"
            };
            let _ = write!(lines, "{gap}{}", safe::line(failure));
        }
        lines.push('\n');
    }
    lines
}

fn summary(deletions: &[PendingDeletion]) -> String {
    let octets = deletions
        .iter()
        .fold(0_u64, |sum, one| sum.saturating_add(one.message.octets));
    let without = deletions.iter().filter(|one| !one.stored).count() as u64;
    let mut line = format!(
        "{} staged, {} on the server",
        count(deletions.len() as u64, "message"),
        amount(octets)
    );
    if without > 0 {
        let _ = write!(line, "; of {without} there is no copy here");
    }
    line + ". `poppet apply` deletes, `poppet undelete ID` takes back."
}

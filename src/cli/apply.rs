//! `poppet apply`: deletes on the servers what is staged, and nothing that the person did not agree to.

use std::collections::HashMap;

use super::args::{Apply, Global};
use super::ask;
use super::complaint::{complain, mention};
use super::context::{Context, chosen};
use super::desk::Desk;
use super::exit::Exit;
use super::json::Applied;
use super::output::Paint;
use super::pending::{lines, staged};
use super::progress::Meter;
use super::stop::Stop;
use super::words::count;
use crate::bridge::{Command, Event, PendingDeletion, Ticket};
use crate::mail::{AccountId, Brake, Kind, MessageId, Problem};

pub(super) async fn apply(context: &Context, wanted: &Apply) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let accounts: Vec<AccountId> = chosen(&config, &wanted.accounts)?
        .into_iter()
        .map(|account| account.id)
        .collect();
    let mut desk = context.desk(config, context.store()?);
    let mut deletions = staged(&mut desk).await?;
    deletions.retain(|deletion| accounts.contains(&deletion.message.account));
    let without = deletions.iter().filter(|one| !one.stored).count() as u64;
    if let Some(number) = wanted.without_copy
        && number != without
    {
        return Err(wrong_number(number, without).into());
    }
    let may_lose = wanted.without_copy.is_some();
    if !may_lose && without > 0 {
        let (there, left): (Vec<_>, Vec<_>) = deletions.into_iter().partition(|one| one.stored);
        deletions = there;
        if context.out.json && !deletions.is_empty() {
            let why = format!("there is no copy here; --without-copy {without} lets it go");
            for one in left {
                context.out.object(&Applied {
                    id: one.message.id,
                    account: one.message.account.as_str(),
                    result: "refused",
                    why: Some(&why),
                })?;
            }
        } else {
            remind(&context.global, without);
        }
    }
    if deletions.is_empty() {
        desk.close().await?;
        context.out.remark("Nothing is deleted.")?;
        return Ok(Exit::No);
    }
    if !agreed(context, wanted.yes, &deletions).await? {
        desk.close().await?;
        context.out.remark("Nothing is deleted.")?;
        return Ok(Exit::No);
    }
    release_brakes(context, &mut desk, wanted.yes, &deletions).await?;
    let (by_account, lost) = sorted(&accounts, &deletions);
    let commands = by_account
        .into_iter()
        .map(|(account, ids)| {
            let ticket = Ticket::new();
            let without_copy = ids.iter().copied().filter(|id| lost.contains(id)).collect();
            (
                account,
                ticket,
                Command::Apply {
                    ticket,
                    ids,
                    without_copy,
                },
            )
        })
        .collect();
    let watch = Meter::new(&context.global).watch(desk.board());
    let outcomes = desk
        .each(commands, |account, event| {
            // What ends the work is told with the outcomes.
            if let Event::Failed {
                ticket: None,
                problem,
                ..
            } = event
            {
                complain(&context.global, Some(account), problem);
            }
            Ok(())
        })
        .await?;
    drop(watch);
    desk.close().await?;
    let mut results = Vec::new();
    for (account, outcome) in &outcomes {
        match outcome {
            Ok(event) => results.push(Ok(tell(context, account, event)?)),
            Err(problem) => {
                complain(&context.global, Some(account), problem);
                results.push(Err(problem));
            }
        }
    }
    Ok(Exit::of_accounts(results))
}

/// Messages by account, in the accounts' order, and those that have no copy here.
fn sorted(
    accounts: &[AccountId],
    deletions: &[PendingDeletion],
) -> (Vec<(AccountId, Vec<MessageId>)>, Vec<MessageId>) {
    let mut ids: HashMap<&AccountId, Vec<MessageId>> = HashMap::new();
    for deletion in deletions {
        ids.entry(&deletion.message.account)
            .or_default()
            .push(deletion.message.id);
    }
    let by_account = accounts
        .iter()
        .filter_map(|account| Some((account.clone(), ids.remove(account)?)))
        .collect();
    let lost = deletions
        .iter()
        .filter(|one| !one.stored)
        .map(|one| one.message.id)
        .collect();
    (by_account, lost)
}

async fn agreed(context: &Context, yes: bool, deletions: &[PendingDeletion]) -> Result<bool, Stop> {
    if yes {
        return Ok(true);
    }
    if context.global.json || !ask::somebody() {
        return Err(Problem::new(
            Kind::Config,
            "Nothing is deleted",
            "nobody is at a terminal who could agree to it",
            "Look at `poppet pending`, then run `poppet apply --yes`.",
        )
        .into());
    }
    eprint!("{}", lines(context.out, deletions));
    let lost = deletions.iter().filter(|one| !one.stored).count() as u64;
    let many = count(deletions.len() as u64, "message");
    let question = match lost {
        0 if deletions.len() == 1 => {
            format!("Delete {many} on the server? Its copy here stays.")
        }
        0 => format!("Delete {many} on the server? Their copies here stay."),
        lost => format!(
            "Delete {many} on the server? Of {lost} there is no copy here: they will be gone for good."
        ),
    };
    Ok(ask::yes(&question).await)
}

/// An account whose brake is on needs a look of its own; `--yes` is none.
async fn release_brakes(
    context: &Context,
    desk: &mut Desk,
    yes: bool,
    deletions: &[PendingDeletion],
) -> Result<(), Stop> {
    for record in desk.store.accounts().await? {
        let concerned = deletions
            .iter()
            .any(|deletion| deletion.message.account == record.account);
        let Some(brake) = record.brake.filter(|_| concerned) else {
            continue;
        };
        let account = record.account;
        if yes || context.global.json || !ask::somebody() {
            return Err(braked(&account, brake).into());
        }
        eprintln!("{account}: {}.", reason(brake));
        if !ask::yes("Is this right, and may deletions go on?").await {
            return Err(braked(&account, brake).into());
        }
        let ticket = Ticket::new();
        desk.one(Command::ReleaseBrake { ticket, account }, ticket)
            .await?;
    }
    Ok(())
}

fn tell(context: &Context, account: &AccountId, event: &Event) -> Result<bool, Stop> {
    let Event::Applied {
        deleted,
        unconfirmed,
        refused,
        ..
    } = event
    else {
        return Ok(false);
    };
    let out = context.out;
    if out.json {
        let name = account.as_str();
        for id in deleted {
            out.object(&Applied {
                id: *id,
                account: name,
                result: "deleted",
                why: None,
            })?;
        }
        for id in unconfirmed {
            out.object(&Applied {
                id: *id,
                account: name,
                result: "unconfirmed",
                why: None,
            })?;
        }
        for (id, why) in refused {
            out.object(&Applied {
                id: *id,
                account: name,
                result: "refused",
                why: Some(why),
            })?;
        }
    } else {
        out.line(&format!(
            "{account}: {} deleted on the server",
            count(deleted.len() as u64, "message")
        ))?;
        if !unconfirmed.is_empty() {
            let many = count(unconfirmed.len() as u64, "message");
            out.line(&format!(
                "{account}: {many} unconfirmed; the next sync finds out"
            ))?;
        }
        for (id, why) in refused {
            let line = format!(
                "{account}: {id} was not deleted: {}",
                crate::mail::safe::line(why)
            );
            out.line(&out.paint(Paint::Yellow, &line))?;
        }
    }
    Ok(!deleted.is_empty())
}

/// What stays staged because there is no copy of it here. A program has to learn the number as well.
fn remind(global: &Global, without: u64) {
    let problem = Problem::new(
        Kind::Config,
        format!("{} left out", count(without, "message")),
        "there is no copy here",
        format!("Download it first (`poppet show ID`), or let it go: --without-copy {without}"),
    );
    if global.json {
        complain(global, None, &problem);
    } else {
        let Problem {
            what, why, remedy, ..
        } = &problem;
        mention(global, &format!("{what}: {why}. {remedy}"));
    }
}

fn wrong_number(said: u64, without: u64) -> Problem {
    Problem::new(
        Kind::Config,
        "Nothing is deleted",
        format!(
            "--without-copy says {said}, but of {} staged there is no copy here",
            count(without, "message")
        ),
        "Look at `poppet pending`: it marks them.",
    )
}

fn braked(account: &AccountId, brake: Brake) -> Problem {
    Problem::new(
        Kind::Protocol,
        format!("Nothing is deleted on the server of {account}"),
        reason(brake),
        "Look whether this is right, then run `poppet apply` in a terminal, without --yes: it asks whether to go on.",
    )
}

/// Why the brake is on.
pub(super) fn reason(brake: Brake) -> String {
    match brake {
        Brake::Vanished { gone, of } => {
            format!("{gone} of {of} messages are no longer listed there")
        }
        Brake::RuleDeletes { count, of } => {
            format!("a rule would delete {count} of {of} messages at once")
        }
        Brake::Clock => "this computer's clock stands before the last check".to_owned(),
    }
}

/// How the brake is released; that may be on while nothing is staged.
pub(super) const RELEASE: &str = "Look whether this is right. Once something is staged, `poppet apply` in a terminal, without --yes, asks whether to go on.";

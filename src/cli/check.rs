//! `poppet check`: has new mail arrived?

use super::complaint::complain;
use super::context::{Context, chosen};
use super::exit::Exit;
use super::json::Checked;
use super::output::Paint;
use super::progress::Meter;
use super::stop::Stop;
use super::words::{count, size};
use crate::bridge::{Command, Event, SyncMode, SyncStep, Ticket};
use crate::mail::AccountId;

pub(super) async fn check(context: &Context, names: &[AccountId]) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let accounts = chosen(&config, names)?;
    let several = accounts.len() > 1;
    let mut desk = context.desk(config, context.store()?);
    let commands = accounts
        .iter()
        .map(|account| {
            let ticket = Ticket::new();
            let accounts = vec![account.id.clone()];
            (
                account.id.clone(),
                ticket,
                Command::Sync {
                    ticket,
                    accounts,
                    mode: SyncMode::Check,
                },
            )
        })
        .collect();
    let meter = Meter::new(&context.global);
    let watch = meter.watch(desk.board());
    let mut found: Vec<(AccountId, u64)> = Vec::new();
    let ends = desk
        .each(commands, |account, event| {
            meter.clear();
            match event {
                Event::Synced {
                    step:
                        SyncStep::Listed {
                            messages,
                            octets,
                            new,
                        },
                    ..
                } => {
                    found.push((account.clone(), *new));
                    say(context, several, account, (*messages, *octets, *new))
                }
                Event::Failed { problem, .. } => {
                    complain(&context.global, Some(account), problem);
                    Ok(())
                }
                _ => Ok(()),
            }
        })
        .await?;
    drop(watch);
    desk.close().await?;
    Ok(Exit::of_accounts(ends.iter().map(|(account, end)| {
        end.as_ref().map(|_| {
            found
                .iter()
                .any(|(other, new)| other == account && *new > 0)
        })
    })))
}

fn say(
    context: &Context,
    several: bool,
    account: &AccountId,
    (messages, octets, new): (u64, u64, u64),
) -> Result<(), Stop> {
    let out = context.out;
    if out.json {
        return out.object(&Checked {
            account: account.as_str(),
            messages,
            octets,
            new,
        });
    }
    let name = if several {
        format!("{account}: ")
    } else {
        String::new()
    };
    let arrived = match new {
        0 => "no new mail".to_owned(),
        new => out
            .paint(Paint::Bold, &count(new, "new message"))
            .into_owned(),
    };
    out.line(&format!(
        "{name}{arrived}; {} on the server, {}",
        count(messages, "message"),
        size(octets)
    ))
}

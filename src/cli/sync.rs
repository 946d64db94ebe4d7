//! `poppet sync`: what the reader does in the background.

use super::apply::{RELEASE, reason};
use super::args::Sync;
use super::complaint::{Wrong, complain};
use super::context::{Context, chosen};
use super::desk::Interrupt;
use super::exit::Exit;
use super::json::{Braked, Synced};
use super::mirror::Mirror;
use super::output::Paint;
use super::progress::Meter;
use super::reindex;
use super::stop::Stop;
use super::words::{amount, count};
use crate::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use crate::mail::{AccountId, Brake, Kind, Problem};

pub(super) async fn sync(context: &Context, wanted: &Sync) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let accounts = chosen(&config, &wanted.accounts)?;
    let mode = match (wanted.headers, wanted.dry_run) {
        (true, _) => SyncMode::Headers,
        (_, true) => SyncMode::DryRun,
        _ => SyncMode::Full,
    };
    let mut desk = context.desk(config.clone(), context.store()?);
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
                    mode,
                },
            )
        })
        .collect();
    let meter = Meter::new(&context.global);
    let watch = meter.watch(desk.board());
    let voice = Voice {
        context,
        several: accounts.len() > 1,
        dry: wanted.dry_run,
    };
    let ends = desk
        .each(commands, |account, event| {
            meter.clear();
            voice.tell(account, event)
        })
        .await?;
    drop(watch);
    let mirrored = match Mirror::new(&config, &context.paths, &desk.store) {
        Some(mirror) if !wanted.dry_run => {
            let names = accounts.iter().map(|account| account.id.clone()).collect();
            mirror_to(mirror, names, desk.interrupt(), meter).await
        }
        _ => Ok(()),
    };
    if let Err(problem) = &mirrored {
        complain(&context.global, None, problem);
    }
    if !wanted.dry_run {
        reindex::finish(context, &desk.store, desk.interrupt()).await;
    }
    desk.close().await?;
    let synced = Exit::of_accounts(ends.iter().map(|(_, end)| end.as_ref().map(|_| true)));
    // What went wrong at the servers counts for more: the mail itself is not here.
    Ok(match mirrored {
        Err(problem) if synced == Exit::Done => problem.kind.into(),
        _ => synced,
    })
}

/// Brings the live copies up to date. Ctrl-C leaves the rest to the next sync.
async fn mirror_to(
    mut mirror: Mirror,
    accounts: Vec<AccountId>,
    interrupt: Interrupt,
    meter: Meter,
) -> Result<(), Problem> {
    let work = tokio::task::spawn_blocking(move || {
        mirror.catch_up(&accounts, |done, of| {
            if done % 64 == 0 {
                meter.show(&format!("copying to Maildir {done}/{of}"));
            }
            interrupt.times() == 0
        })
    });
    let done = work.await;
    meter.clear();
    match done {
        Ok(copied) => copied.map(|_| ()),
        Err(_) => Err(broke()),
    }
}

fn broke() -> Problem {
    Problem::new(
        Kind::Store,
        "The live copy of the mail is not complete",
        "the part of poppet that writes it ended unexpectedly",
        "Run `poppet sync` again. The mail itself is safe in the store.",
    )
}

/// How a sync is told.
struct Voice<'a> {
    context: &'a Context,
    several: bool,
    dry: bool,
}

impl Voice<'_> {
    fn tell(&self, account: &AccountId, event: &Event) -> Result<(), Stop> {
        let out = self.context.out;
        match event {
            Event::Failed {
                ticket, problem, ..
            } => {
                // What ends no sync is no outcome of the account.
                if out.json && ticket.is_some() {
                    out.object(&Synced::Failed {
                        account: account.as_str(),
                        error: Wrong::from(problem),
                    })?;
                }
                complain(&self.context.global, Some(account), problem);
                Ok(())
            }
            Event::Synced { step, .. } if out.json => out.object(&object(account, step)),
            Event::Synced { step, .. } => self.line(account, step),
            _ => Ok(()),
        }
    }

    fn line(&self, account: &AccountId, step: &SyncStep) -> Result<(), Stop> {
        let out = self.context.out;
        let name = if self.several {
            format!("{account}: ")
        } else {
            String::new()
        };
        match step {
            SyncStep::Would {
                summaries,
                bodies,
                octets,
                deletions,
                by_rule,
                staged,
                brake,
            } => {
                let mut what = vec![
                    format!(
                        "fetch {}",
                        count(*summaries, "summary").replace("summarys", "summaries")
                    ),
                    format!(
                        "download {} ({})",
                        count(*bodies, "message"),
                        amount(*octets)
                    ),
                ];
                if *deletions > 0 {
                    let by_rule = match *by_rule {
                        0 => String::new(),
                        number if number == *deletions => ", as a rule says".to_owned(),
                        number => format!(", {number} of them as a rule says"),
                    };
                    let many = count(*deletions, "message");
                    what.push(format!("delete {many} on the server{by_rule}"));
                }
                if *staged > 0 {
                    let many = count(*staged, "deletion");
                    what.push(format!("stage {many} as a rule says, for your review"));
                }
                out.line(&format!("{name}would {}", what.join(", ")))?;
                self.brake(&name, *brake, "the brake would stop all deletions")
            }
            SyncStep::Done(report) if !self.dry => {
                out.line(&format!("{name}{}", self.report(report)))?;
                if report.staged > 0 {
                    let many = count(report.staged, "deletion");
                    let them = if report.staged == 1 { "it" } else { "them" };
                    out.line(&format!(
                        "{name}a rule staged {many}; `poppet pending` shows {them}, `poppet apply` deletes"
                    ))?;
                }
                self.brake(&name, report.brake, "the brake stops all deletions")
            }
            _ => Ok(()),
        }
    }

    fn brake(&self, name: &str, brake: Option<Brake>, stops: &str) -> Result<(), Stop> {
        let Some(brake) = brake else {
            return Ok(());
        };
        let line = format!("{name}{stops}: {}. {RELEASE}", reason(brake));
        let out = self.context.out;
        out.hanging("", 0, Some(Paint::Yellow), &line)
    }

    fn report(&self, report: &SyncReport) -> String {
        let out = self.context.out;
        let mut what = Vec::new();
        if report.summaries > 0 {
            what.push(
                out.paint(Paint::Bold, &count(report.summaries, "new message"))
                    .into_owned(),
            );
        }
        if report.bodies > 0 {
            what.push(format!(
                "{} downloaded ({})",
                report.bodies,
                amount(report.octets)
            ));
        }
        if report.deleted > 0 {
            what.push(format!("{} deleted on the server", report.deleted));
        }
        if what.is_empty() {
            what.push("nothing new".to_owned());
        }
        let seconds = report.elapsed.as_secs_f64();
        format!(
            "{}; {} on the server, {seconds:.1} s",
            what.join(", "),
            count(report.messages, "message")
        )
    }
}

fn object<'a>(account: &'a AccountId, step: &'a SyncStep) -> Synced<'a> {
    let name = account.as_str();
    match *step {
        SyncStep::Listed {
            messages,
            octets,
            new,
        } => Synced::Listed {
            account: name,
            messages,
            octets,
            new,
        },
        SyncStep::Summaries(summaries) => Synced::Summaries {
            account: name,
            summaries,
        },
        SyncStep::Bodies { messages, octets } => Synced::Bodies {
            account: name,
            bodies: messages,
            octets,
        },
        SyncStep::Deleted(deleted) => Synced::Deleted {
            account: name,
            deleted,
        },
        SyncStep::Would {
            summaries,
            bodies,
            octets,
            deletions,
            by_rule,
            staged,
            brake,
        } => Synced::Would {
            account: name,
            summaries,
            bodies,
            octets,
            deletions,
            by_rule,
            staged,
            brake: brake.map(Braked::from),
        },
        SyncStep::Done(ref report) => Synced::done(account, report),
    }
}

//! Trying an account's server, step by step.

use super::context::Context;
use super::desk::Desk;
use super::json::Step;
use super::output::Paint;
use super::stop::Stop;
use super::words::{amount, count};
use crate::bridge::{Cleartext, Command, Draft, Event, KeepPassword, TestStep, Ticket};
use crate::config::edit::quoted;
use crate::config::{Account, Password, Trust};
use crate::mail::{AccountId, BodyRule, Keep, Problem, expiry, safe};

/// Tries the server of a configured account.
pub(super) async fn configured(
    context: &Context,
    desk: &mut Desk,
    account: &Account,
) -> Result<(), Stop> {
    let asker = super::ask::asker();
    let found = context
        .secrets
        .password(account, |_| async {
            match asker {
                Some(_) => super::ask::password(&format!("Password for {}: ", account.id)).await,
                None => None,
            }
        })
        .await?;
    let mut draft = draft(account);
    draft.password = Some(found.secret);
    let new_one = format!(": `poppet password set {}` keeps a new one", account.id);
    try_out(context, desk, draft)
        .await
        .map_err(|stop| advised(stop, &new_one))
}

/// Tries what is not in the configuration yet, so that no password of it can be kept.
pub(super) async fn new_one(context: &Context, desk: &mut Desk, draft: Draft) -> Result<(), Stop> {
    try_out(context, desk, draft)
        .await
        .map_err(|stop| advised(stop, ""))
}

/// The same with other advice about the password.
fn advised(stop: Stop, instead: &str) -> Stop {
    let Stop::Problem(mut problem) = stop else {
        return stop;
    };
    problem.remedy = problem
        .remedy
        .replace(": `poppet password set NAME` keeps a new one", instead);
    Stop::Problem(problem)
}

/// Tries a draft and prints each step that works.
async fn try_out(context: &Context, desk: &mut Desk, draft: Draft) -> Result<(), Stop> {
    let ticket = Ticket::new();
    let account = draft.account.clone();
    let host = draft.host.clone();
    let pinned = draft.pin.is_some();
    desk.one_with(
        Command::Test {
            ticket,
            draft: Box::new(draft),
        },
        ticket,
        |event| match event {
            Event::Tested { step, .. } => step_told(context, &account, (&host, pinned), &step),
            _ => Ok(()),
        },
    )
    .await?;
    Ok(())
}

fn step_told(
    context: &Context,
    account: &AccountId,
    (host, pinned): (&str, bool),
    step: &TestStep,
) -> Result<(), Stop> {
    let yes_no = |on| if on { "yes" } else { "no" };
    match step {
        TestStep::Connected(after) => told(
            context,
            account,
            "connection",
            &format!("{host} answered after {} ms", after.as_millis()),
        ),
        TestStep::Encrypted => told(
            context,
            account,
            "encryption",
            if pinned {
                "encrypted, and the certificate is the pinned one; no authority vouches for it"
            } else {
                "encrypted, and the certificate is good"
            },
        ),
        TestStep::Cleartext(cleartext) => told_as(
            context,
            account,
            ("encryption", "warning", &openness(*cleartext, host)),
            Some(match cleartext {
                Cleartext::Needless => "It offers encryption: write tls = \"starttls\".",
                Cleartext::Exposed => "Ask the provider for a server with TLS, on port 995.",
            }),
        ),
        TestStep::LoggedIn => told(context, account, "login", "logged in"),
        TestStep::Implementation(name) => told(
            context,
            account,
            "server",
            &format!("it calls itself {name}"),
        ),
        TestStep::Commands {
            uidl,
            top,
            pipelining,
        } => {
            let (uidl, top, ahead) = (yes_no(*uidl), yes_no(*top), yes_no(*pipelining));
            told(
                context,
                account,
                "commands",
                &format!("UIDL {uidl}, TOP {top}, PIPELINING {ahead}"),
            )
        }
        TestStep::Expires(days) => told_as(
            context,
            account,
            ("expiry", "warning", &expiry(*days)),
            Some(match days {
                0 => {
                    "This server does not keep mail: what poppet downloads is kept here, and a rule that leaves it on the server \
                     cannot hold."
                }
                _ => {
                    "Download what is to last: `poppet sync`. The server deletes the rest by itself."
                }
            }),
        ),
        TestStep::Mailbox {
            messages,
            octets,
            newest,
        } => {
            let newest = newest
                .as_ref()
                .map(|(from, subject)| format!("; the newest from {from}: {subject}"))
                .unwrap_or_default();
            told(
                context,
                account,
                "mailbox",
                &format!("{}{newest}", mailbox(*messages, *octets)),
            )
        }
    }
}

/// What a connection without TLS leaves open.
pub(super) fn openness(cleartext: Cleartext, host: &str) -> String {
    match cleartext {
        Cleartext::Needless => "none, although the server has it".to_owned(),
        Cleartext::Exposed => {
            format!("none: anyone on the way to {host} can read your password and your mail")
        }
    }
}

fn mailbox(messages: u64, octets: u64) -> String {
    format!("{}, {}", count(messages, "message"), amount(octets))
}

fn told(context: &Context, account: &AccountId, check: &str, detail: &str) -> Result<(), Stop> {
    told_as(context, account, (check, "ok", detail), None)
}

/// The step that did not work, as an object; for people, what is told on standard error is enough.
pub(super) fn failed(
    context: &Context,
    account: &AccountId,
    problem: &Problem,
) -> Result<(), Stop> {
    if !context.out.json {
        return Ok(());
    }
    let detail = format!("{}: {}", problem.what, problem.why);
    let remedy = Some(problem.remedy.as_str());
    told_as(context, account, ("server", "failed", &detail), remedy)
}

fn told_as(
    context: &Context,
    account: &AccountId,
    (check, status, detail): (&str, &'static str, &str),
    remedy: Option<&str>,
) -> Result<(), Stop> {
    let out = context.out;
    let detail = safe::line(detail);
    if out.json {
        let account = Some(account.as_str());
        return out.object(&Step {
            check,
            account,
            status,
            detail: &detail,
            remedy,
        });
    }
    let (mark, paint) = match status {
        "ok" => ("ok", Paint::Green),
        _ => ("!!", Paint::Yellow),
    };
    let head = format!("{}  {check:11} ", out.paint(paint, mark));
    out.hanging(&head, 16, None, &detail)?;
    match remedy {
        Some(remedy) => out.hanging(&" ".repeat(16), 16, Some(Paint::Dim), remedy),
        None => Ok(()),
    }
}

/// A configured account as a draft, without its password.
fn draft(account: &Account) -> Draft {
    let pop3 = &account.pop3;
    Draft {
        account: account.id.clone(),
        email: account.email.clone(),
        name: account.name.clone(),
        host: pop3.host.clone(),
        port: pop3.port,
        tls: pop3.tls.as_str().to_owned(),
        // The configuration was checked: cleartext stands there only where it is allowed.
        allow_cleartext: pop3.tls == crate::config::Tls::None,
        user: pop3.user.clone(),
        auth: pop3.auth.as_str().to_owned(),
        password: None,
        keep_password: match &pop3.password {
            Password::Keyring => KeepPassword::Keyring,
            Password::Ask => KeepPassword::Ask,
            Password::Command(words) => KeepPassword::Command(words.clone()),
        },
        keep: keep_toml(&account.retention.keep),
        bodies: bodies_toml(account.bodies),
        quota: None,
        ca_file: match &pop3.trust {
            Trust::AlsoFile(file) => Some(file.clone()),
            Trust::System | Trust::Pin(_) => None,
        },
        pin: match &pop3.trust {
            Trust::Pin(pin) => Some(*pin),
            Trust::System | Trust::AlsoFile(_) => None,
        },
        look: crate::bridge::Look::default(),
    }
}

/// `keep` as the configuration has it.
pub(super) fn keep_toml(keep: &Keep) -> String {
    match keep {
        Keep::UntilDeleted => quoted("until-deleted"),
        Keep::UntilDownloaded => quoted("until-downloaded"),
        Keep::Days(days) => format!("{{ days = {days} }}"),
        Keep::Newest(count) => format!("{{ newest = {count} }}"),
        Keep::Size(octets) => format!("{{ size = {} }}", quoted(&octets_toml(*octets))),
    }
}

/// `bodies` as the configuration has it.
pub(super) fn bodies_toml(bodies: BodyRule) -> String {
    match bodies {
        BodyRule::All => quoted("all"),
        BodyRule::None => quoted("none"),
        BodyRule::UpTo(octets) => format!("{{ up_to = {} }}", quoted(&octets_toml(octets))),
    }
}

/// A size such as `5 MB`, exactly.
pub(super) fn octets_toml(octets: u64) -> String {
    for (unit, factor) in [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000)] {
        if octets >= factor && octets.is_multiple_of(factor) {
            return format!("{} {unit}", octets / factor);
        }
    }
    format!("{octets} B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_so_that_they_are_read_again_exactly() {
        for octets in [1, 999, 1000, 1536, 5_000_000, 2_000_000_000, 2_000_000_001] {
            assert_eq!(crate::config::octets(&octets_toml(octets)), Ok(octets));
        }
    }

    #[test]
    fn rules_are_written_as_the_configuration_has_them() {
        assert_eq!(keep_toml(&Keep::Days(30)), "{ days = 30 }");
        assert_eq!(keep_toml(&Keep::Size(500_000_000)), "{ size = \"500 MB\" }");
        assert_eq!(
            bodies_toml(BodyRule::UpTo(5_000_000)),
            "{ up_to = \"5 MB\" }"
        );
    }
}

//! Trying an account's settings step by step, before anything is saved.

use tokio::sync::mpsc;

use super::error::{Error, password_of};
use super::line::{Job, Line, Part};
use super::maildrop::{self, Maildrop};
use super::secrets::Secrets;
use super::server::Server;
use super::session::{Session, expires_after, implementation};
use crate::bridge::{Draft, Event, KeepPassword, TestStep, Ticket};
use crate::config::edit::NewAccount;
use crate::config::{Auth, Password, Tls, Trust, is_loopback};
use crate::mail::{Kind, Local, Problem, Secret};
use crate::mime;
use crate::pop3::{Capabilities, sasl::Method};

/// Connects, encrypts, logs in, and looks at the newest message by TOP. Retrieves and changes nothing.
pub(super) async fn test(
    ticket: Ticket,
    draft: Draft,
    secrets: &Secrets,
    events: &mpsc::Sender<Event>,
) {
    let (host, account) = (draft.host.clone(), draft.account.clone());
    let command = match &draft.keep_password {
        KeepPassword::Command(words) => Some(Password::Command(words.clone())),
        KeepPassword::Keyring | KeepPassword::Ask => None,
    };
    let event = match run(ticket, draft, secrets, events).await {
        Ok(()) => Event::Done { ticket },
        Err(error) => {
            let mut problem = error.problem(&host);
            // Whether the keyring has a part in it yet, whoever asked for the test knows.
            if let Some(command) = command {
                problem.remedy = password_of(&account, &command, &problem.remedy);
            }
            Event::Failed {
                ticket: Some(ticket),
                account: None,
                problem,
            }
        }
    };
    let _ = events.send(event).await;
}

async fn run(
    ticket: Ticket,
    draft: Draft,
    secrets: &Secrets,
    events: &mpsc::Sender<Event>,
) -> Result<(), Error> {
    let tell = |step| events.send(Event::Tested { ticket, step });
    let new = new_account(&draft).map_err(Error::Told)?;
    let server = server(&new)?;
    // One visit without a login tells how far the server can be reached at all; the second one logs in.
    let (reached, _methods): (Session, Vec<Method>) = Session::reach(&server).await?;
    let _ = tell(TestStep::Connected(reached.greeted_after)).await;
    if reached.wire.is_encrypted() {
        let _ = tell(TestStep::Encrypted).await;
    }
    let offered = reached
        .capabilities
        .as_ref()
        .is_some_and(Capabilities::stls);
    if let Some(cleartext) = server.openness(offered) {
        let _ = tell(TestStep::Cleartext(cleartext)).await;
    }
    if let Ok(clean) = reached.wire.clean().await
        && let Ok(wire) = clean.quit().await
    {
        wire.close().await;
    }
    let password = match (draft.password, &draft.keep_password) {
        (Some(password), _) => password,
        (None, KeepPassword::Command(words)) => secrets
            .printed(&new.account, words)
            .await
            .map_err(Error::Told)?,
        (None, _) => Secret::new(String::new()),
    };
    let mut session = Session::open(&server, &password, || ()).await?;
    let _ = tell(TestStep::LoggedIn).await;
    session.ask_again().await?;
    let pipelining = session.pipelining();
    let (mut line, maildrop, capabilities) = maildrop::list(session, pipelining).await?;
    if let Some(name) = capabilities.as_ref().and_then(implementation) {
        let _ = tell(TestStep::Implementation(name)).await;
    }
    let expires = expires_after(capabilities.as_ref());
    let top = capabilities.as_ref().is_some_and(Capabilities::top);
    let newest = newest(&mut line, &maildrop).await?;
    let top = top || newest.is_some();
    let _ = tell(TestStep::Commands {
        uidl: maildrop.has_uidl,
        top,
        pipelining,
    })
    .await;
    if let Some(days) = expires {
        let _ = tell(TestStep::Expires(days)).await;
    }
    let messages = maildrop.listing.len() as u64;
    let _ = tell(TestStep::Mailbox {
        messages,
        octets: maildrop.octets,
        newest,
    })
    .await;
    line.clean().await?.quit().await?.close().await;
    Ok(())
}

/// Sender and subject of the newest message, where TOP tells.
async fn newest(
    line: &mut Line<()>,
    maildrop: &Maildrop,
) -> Result<Option<(String, String)>, Error> {
    let Some(number) = maildrop.numbers.last().copied() else {
        return Ok(None);
    };
    let job = Job {
        number,
        part: Part::Top(0),
        expect: 0,
        listed: None,
        tag: (),
    };
    let landed = line
        .fetch_each(vec![job], |landed| landed)
        .await?
        .into_iter()
        .next();
    Ok(landed.and_then(|landed| landed.octets.ok()).map(|octets| {
        let extract = mime::extract(octets.beginning(), Local::Headers);
        (extract.from.short().to_owned(), extract.subject)
    }))
}

fn server(new: &NewAccount) -> Result<Server, Error> {
    if new.tls == Tls::None && !new.allow_cleartext && !is_loopback(&new.host) {
        return Err(Error::NoEncryption(
            "without TLS the password would cross the network for everyone to read",
        ));
    }
    Ok(Server::new(&crate::config::Pop3 {
        host: new.host.clone(),
        port: new.port,
        tls: new.tls,
        user: new.user.clone(),
        auth: new.auth,
        password: new.password.clone(),
        trust: match (new.pin, &new.ca_file) {
            (Some(pin), _) => Trust::Pin(pin),
            (None, Some(file)) => Trust::AlsoFile(file.clone()),
            (None, None) => Trust::System,
        },
    }))
}

/// A draft as the configuration takes it.
pub(super) fn new_account(draft: &Draft) -> Result<NewAccount, Problem> {
    let tls: Tls = draft.tls.parse().map_err(|why: String| {
        Problem::new(
            Kind::Config,
            "The kind of encryption is not known",
            why,
            "Choose implicit, starttls or none.",
        )
    })?;
    let auth: Auth = draft.auth.parse().map_err(|why: String| {
        Problem::new(
            Kind::Config,
            "The way to log in is not known",
            why,
            "`auto` takes the strongest that the server offers.",
        )
    })?;
    Ok(NewAccount {
        account: draft.account.clone(),
        email: draft.email.clone(),
        name: draft.name.clone(),
        host: draft.host.clone(),
        port: draft.port,
        tls,
        allow_cleartext: draft.allow_cleartext,
        user: draft.user.clone(),
        auth,
        password: match &draft.keep_password {
            KeepPassword::Keyring => Password::Keyring,
            KeepPassword::Ask => Password::Ask,
            KeepPassword::Command(argv) => Password::Command(argv.clone()),
        },
        bodies: draft.bodies.clone(),
        keep: draft.keep.clone(),
        quota: draft.quota.clone(),
        ca_file: draft.ca_file.clone(),
        pin: draft.pin,
    })
}

//! One login: from the greeting to the TRANSACTION state.

use std::time::Duration;

use super::dial::{Stream, connect, encrypt};
use super::error::{Error, Says};
use super::login::{Attempt, may_try_weaker};
use super::server::{Server, Tls};
use super::wire::{GREETING_PATIENCE, PATIENCE, Wire};
use crate::mail::{Digest, RemoteId, Secret, safe};
use crate::pop3::sasl::{self, Method};
use crate::pop3::{self, Capabilities, Command, Event, Expire, Verb};

/// A login that worked.
pub(super) struct Session {
    pub(super) wire: Wire,
    /// What the server says it can do; `None` when it does not know CAPA.
    pub(super) capabilities: Option<Capabilities>,
    /// How long the server took to greet.
    pub(super) greeted_after: Duration,
    /// It was asked in vain what it can do, and is used without that.
    pub(super) capa_unanswered: bool,
}

impl Session {
    /// Reaches a server, encrypts as the account says, and logs in. Nothing secret goes out before the connection is as
    /// private as the account wants it. `reached` is called whenever there is a connection, before anything is said on it.
    pub(super) async fn open(
        server: &Server,
        password: &Secret,
        mut reached: impl FnMut() + Send,
    ) -> Result<Self, Error> {
        let mut failed = Vec::new();
        loop {
            let (session, timestamp) = greet(server, &mut reached).await?;
            match session.log_in(server, password, timestamp, &failed).await {
                Err(Attempt {
                    error,
                    method: Some(method),
                }) if may_try_weaker(server, &error, method, &failed) => {
                    failed.push(method);
                }
                other => return other.map_err(|attempt| attempt.error),
            }
        }
    }

    /// Reaches a server and stops short of the login.
    pub(super) async fn reach(server: &Server) -> Result<(Self, Vec<Method>), Error> {
        let (session, timestamp) = greet(server, || ()).await?;
        let offered = sasl::offered(session.capabilities.as_ref(), timestamp.is_some());
        Ok((session, offered))
    }

    /// Whether commands may be sent ahead of answers.
    pub(super) fn pipelining(&self) -> bool {
        self.capabilities
            .as_ref()
            .is_some_and(Capabilities::pipelining)
    }

    /// Asks again what the server can do after the login: EXPIRE and LOGIN-DELAY may differ by user, and some offer
    /// PIPELINING only then (RFC 2449 section 5). Where commands can be sent ahead, that is asked along with the listing.
    pub(super) async fn ask_again(&mut self) -> Result<(), Error> {
        if let Some(before) = self.capabilities.take() {
            let later = if before.pipelining() {
                None
            } else {
                ask_capabilities(&mut self.wire).await?
            };
            self.capabilities = Some(and_later(before, later.as_ref()));
        }
        Ok(())
    }
}

/// Everything before the login. The greeting's timestamp comes along, unless it was said in the clear before STLS.
async fn greet(
    server: &Server,
    mut reached: impl FnMut() + Send,
) -> Result<(Session, Option<String>), Error> {
    let asks = server.asks_capa || server.tls == Tls::Stls;
    match greet_with(server, asks, &mut reached).await {
        // Some servers hang up on CAPA, or never answer it: without it they can still be used, unless encryption depends on it.
        Err(error) if asks && server.tls != Tls::Stls && is_unanswered(&error) => {
            let (mut session, timestamp) = greet_with(server, false, reached).await?;
            session.capa_unanswered = true;
            Ok((session, timestamp))
        }
        other => other,
    }
}

/// Whether a session before its login has ended over CAPA.
fn is_unanswered(error: &Error) -> bool {
    let during = Some(Verb::Capa);
    match error {
        Error::Silent(_) => true,
        Error::Protocol(pop3::Error::EndOfStream { during: at }) => *at == during,
        _ => false,
    }
}

async fn greet_with(
    server: &Server,
    capa: bool,
    mut reached: impl FnMut() + Send,
) -> Result<(Session, Option<String>), Error> {
    let begun = tokio::time::Instant::now();
    let tcp = connect(&server.host, server.port).await?;
    reached();
    let stream = match server.tls {
        Tls::Implicit => encrypt(tcp, &server.host, &server.trust).await?,
        Tls::Stls | Tls::None => Stream::Plain(tcp),
    };
    let mut wire = Wire::new(stream, server.largest, server.haste);
    wire.be_patient(GREETING_PATIENCE);
    let greeting = wire.next().await.map_err(|error| match error {
        Error::Silent(patience) => Error::NoGreeting(patience),
        error => error,
    });
    match greeting? {
        Event::Greeting(greeting) if greeting.ok => {}
        Event::Greeting(greeting) => return Err(Error::TurnedAway(Says::from(&greeting))),
        _ => return Err(Error::Unexpected(Verb::Greeting)),
    }
    let greeted_after = begun.elapsed();
    wire.be_patient(PATIENCE);
    let mut capabilities = if capa {
        ask_capabilities(&mut wire).await?
    } else {
        None
    };
    if server.tls == Tls::Stls {
        wire = start_tls(wire, server, capabilities.as_ref()).await?;
        capabilities = ask_capabilities(&mut wire).await?;
    }
    let timestamp = wire.client().timestamp().map(str::to_owned);
    Ok((
        Session {
            wire,
            capabilities,
            greeted_after,
            capa_unanswered: false,
        },
        timestamp,
    ))
}

async fn ask_capabilities(wire: &mut Wire) -> Result<Option<Capabilities>, Error> {
    let capabilities = capabilities_in(wire.ask(&Command::Capa).await?)?;
    if let Some(name) = capabilities.as_ref().and_then(implementation) {
        tracing::debug!(%name, "the server names itself");
    }
    Ok(capabilities)
}

/// What the server can do, with what it says of that after the login. A refusal, or a shorter list, takes nothing away.
pub(super) fn and_later(before: Capabilities, later: Option<&Capabilities>) -> Capabilities {
    match later {
        Some(later) => before.and_later(later),
        None => before,
    }
}

/// After how many days the server says that it deletes mail; 0: that it may delete what was retrieved (RFC 2449
/// section 6.7).
pub(super) fn expires_after(capabilities: Option<&Capabilities>) -> Option<u32> {
    match capabilities.and_then(Capabilities::expire) {
        Some(Expire::Days(days)) => Some(days),
        Some(Expire::Never | Expire::User) | None => None,
    }
}

/// What the server calls itself, short and harmless: for a person and the log. Nothing is decided by it (RFC 2449 section 6.9).
pub(super) fn implementation(capabilities: &Capabilities) -> Option<String> {
    let name: String = capabilities.implementation()?.chars().take(80).collect();
    Some(safe::line(&name).into_owned())
}

fn capabilities_in(answer: Event) -> Result<Option<Capabilities>, Error> {
    match answer {
        Event::Capabilities(capabilities) => Ok(Some(capabilities)),
        Event::Reply(reply) if !reply.ok => Ok(None),
        _ => Err(Error::Unexpected(Verb::Capa)),
    }
}

async fn start_tls(
    mut wire: Wire,
    server: &Server,
    capabilities: Option<&Capabilities>,
) -> Result<Wire, Error> {
    if !capabilities.is_some_and(Capabilities::stls) {
        return Err(Error::NoEncryption(
            "the server does not offer STLS, which the account asks for",
        ));
    }
    match wire.ask(&Command::Stls).await? {
        Event::Reply(reply) if reply.ok => wire.encrypt(&server.host, &server.trust).await,
        Event::Reply(_) => Err(Error::NoEncryption(
            "the server offers STLS and then refuses it",
        )),
        _ => Err(Error::Unexpected(Verb::Stls)),
    }
}

/// What stands for a UIDL where there is none: the digest of the header block. Two messages with the same header block
/// get the same one, and are then told apart by their octets.
pub(super) fn stand_in(header: Digest) -> RemoteId {
    RemoteId::new(format!("{STAND_IN}{header}").as_bytes())
}

/// No UIDL begins with an octet below 0x21 (RFC 1939 section 7), so none is mistaken for a stand-in.
const STAND_IN: &str = "\u{1}header:";

//! One login: from the greeting to the TRANSACTION state, and what the server lists there.

use std::time::Duration;

use super::dial::{Stream, connect, encrypt};
use super::error::{Error, Says};
use super::login::{Attempt, may_try_weaker};
use super::server::{Server, Tls};
use super::wire::{GREETING_PATIENCE, PATIENCE, QUIT_PATIENCE, Wire};
use crate::mail::{Digest, Listed, RemoteId, Secret};
use crate::pop3::sasl::{self, Method};
use crate::pop3::{Capabilities, Command, Event, Expire, MessageNumber, Verb};

/// A login that worked.
pub(super) struct Session {
    pub(super) wire: Wire,
    /// What the server says it can do; `None` when it does not know CAPA.
    pub(super) capabilities: Option<Capabilities>,
    /// How long the server took to greet.
    pub(super) greeted_after: Duration,
}

/// What a server lists: the maildrop as it is for the rest of the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Maildrop {
    /// What STAT says, in octets; a server's own count, not to be relied on.
    pub(super) octets: u64,
    /// One line per message, oldest first.
    pub(super) listing: Vec<Listed>,
    /// The number of each line in this session.
    pub(super) numbers: Vec<MessageNumber>,
    /// Whether the server has UIDL.
    pub(super) has_uidl: bool,
    /// Whether whole messages were retrieved only to look at them: then QUIT may end what a server keeps (RFC 2449 section
    /// 6.7), and is not sent.
    pub(super) looked: bool,
}

impl Session {
    /// Reaches a server, encrypts as the account says, and logs in. Nothing secret goes out before the connection is as
    /// private as the account wants it.
    pub(super) async fn open(server: &Server, password: &Secret) -> Result<Self, Error> {
        let mut failed = Vec::new();
        loop {
            let (session, timestamp) = greet(server).await?;
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
        let (session, timestamp) = greet(server).await?;
        let offered = sasl::offered(session.capabilities.as_ref(), timestamp.is_some());
        Ok((session, offered))
    }

    /// Whether commands may be sent ahead of answers.
    pub(super) fn pipelining(&self) -> bool {
        self.capabilities
            .as_ref()
            .is_some_and(Capabilities::pipelining)
    }

    /// After how many days the server says that it deletes mail; 0: that it may delete what was retrieved (RFC 2449
    /// section 6.7).
    pub(super) fn expires_after(&self) -> Option<u32> {
        match self.capabilities.as_ref().and_then(Capabilities::expire) {
            Some(Expire::Days(days)) => Some(days),
            Some(Expire::Never | Expire::User) | None => None,
        }
    }

    /// Takes in what the server says after the login that it can do. A refusal, or a shorter list, takes nothing away.
    fn learn(&mut self, later: Option<&Capabilities>) {
        if let (Some(before), Some(later)) = (&mut self.capabilities, later) {
            *before = std::mem::take(before).and_later(later);
        }
    }

    /// What lies in the maildrop: STAT, LIST and UIDL, in one write where the server takes it. Sizes and UIDLs are put
    /// together by message number; a message that only one of them names is still listed.
    ///
    /// A server that knows CAPA is asked again what it can do: EXPIRE and LOGIN-DELAY may differ by user, and some offer
    /// PIPELINING only after the login (RFC 2449 section 5). Where commands can be sent ahead, that costs no round trip.
    pub(super) async fn list(&mut self) -> Result<Maildrop, Error> {
        let mut commands = vec![Command::Stat, Command::List(None), Command::Uidl(None)];
        let asks_along = self.pipelining();
        if asks_along {
            commands.push(Command::Capa);
        } else if self.capabilities.is_some() {
            let later = ask_capabilities(&mut self.wire).await?;
            self.learn(later.as_ref());
        }
        let mut events = Vec::with_capacity(commands.len());
        if self.pipelining() {
            for command in &commands {
                self.wire.send(command)?;
            }
            for _ in &commands {
                events.push(self.wire.next().await?);
            }
        } else {
            for command in &commands {
                events.push(self.wire.ask(command).await?);
            }
        }
        if asks_along {
            let later = capabilities_in(events.pop().ok_or(Error::Unexpected(Verb::Capa))?)?;
            self.learn(later.as_ref());
        }
        let uidl_promised = self.capabilities.as_ref().is_some_and(Capabilities::uidl);
        maildrop(events, uidl_promised)
    }

    /// Ends the session in order: QUIT, and what it stands for, happens.
    pub(super) async fn quit(mut wire: Wire) -> Result<(), Error> {
        wire.be_patient(QUIT_PATIENCE);
        match wire.ask(&Command::Quit).await? {
            Event::Reply(reply) if reply.ok => {
                wire.close().await;
                Ok(())
            }
            Event::Reply(reply) => Err(Error::Refused {
                verb: Verb::Quit,
                says: Says::from(&reply),
            }),
            _ => Err(Error::Unexpected(Verb::Quit)),
        }
    }
}

/// Everything before the login. The greeting's timestamp comes along, unless it was said in the clear before STLS.
async fn greet(server: &Server) -> Result<(Session, Option<String>), Error> {
    match greet_with(server, true).await {
        // Some servers hang up on CAPA: without it they can still be used, unless encryption depends on it.
        Err(Error::Protocol(crate::pop3::Error::EndOfStream {
            during: Some(Verb::Capa),
        })) if server.tls != Tls::Stls => greet_with(server, false).await,
        other => other,
    }
}

async fn greet_with(server: &Server, capa: bool) -> Result<(Session, Option<String>), Error> {
    let begun = tokio::time::Instant::now();
    let tcp = connect(&server.host, server.port).await?;
    let stream = match server.tls {
        Tls::Implicit => encrypt(tcp, &server.host, &server.trust).await?,
        Tls::Stls | Tls::None => Stream::Plain(tcp),
    };
    let mut wire = Wire::new(stream, server.largest);
    wire.be_patient(GREETING_PATIENCE);
    let greeting = wire.next().await.map_err(|error| match error {
        Error::Silent(patience) => Error::NoGreeting(patience),
        error => error,
    });
    match greeting? {
        Event::Greeting(greeting) if greeting.ok => {}
        Event::Greeting(greeting) => {
            let says = Says {
                code: greeting.claimed_code(),
                text: crate::mail::safe::octets(&greeting.text),
            };
            return Err(Error::TurnedAway(says));
        }
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
        },
        timestamp,
    ))
}

async fn ask_capabilities(wire: &mut Wire) -> Result<Option<Capabilities>, Error> {
    capabilities_in(wire.ask(&Command::Capa).await?)
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

/// Puts the answers to STAT, LIST and UIDL together.
fn maildrop(events: Vec<Event>, uidl_promised: bool) -> Result<Maildrop, Error> {
    let mut events = events.into_iter();
    let octets = match events.next() {
        Some(Event::Drop { octets, .. }) => octets,
        // STAT is only a count; a server that refuses it can still list.
        Some(Event::Reply(reply)) if !reply.ok => None,
        _ => return Err(Error::Unexpected(Verb::Stat)),
    };
    let sizes = match events.next() {
        Some(Event::Listing(sizes)) => sizes,
        Some(Event::Reply(reply)) => {
            return Err(Error::Refused {
                verb: Verb::List,
                says: Says::from(&reply),
            });
        }
        _ => return Err(Error::Unexpected(Verb::List)),
    };
    let uidls = match events.next() {
        Some(Event::Uidls(uidls)) => Some(uidls),
        // A server that says it has UIDL is in trouble, not without it.
        Some(Event::Reply(reply)) if !reply.ok && uidl_promised => {
            return Err(Error::Refused {
                verb: Verb::Uidl,
                says: Says::from(&reply),
            });
        }
        Some(Event::Reply(reply)) if !reply.ok => None,
        _ => return Err(Error::Unexpected(Verb::Uidl)),
    };
    let has_uidl = uidls.is_some();
    let mut lines: std::collections::BTreeMap<MessageNumber, Listed> = sizes
        .into_iter()
        .map(|(number, octets)| {
            (
                number,
                Listed {
                    remote: RemoteId::default(),
                    octets,
                },
            )
        })
        .collect();
    for (number, uidl) in uidls.unwrap_or_default() {
        let listed = lines.entry(number).or_insert(Listed {
            remote: RemoteId::default(),
            octets: 0,
        });
        listed.remote = uidl
            .map(|uidl| RemoteId::new(uidl.as_bytes()))
            .unwrap_or_default();
    }
    let octets = octets.unwrap_or_else(|| lines.values().map(|listed| listed.octets).sum());
    let (numbers, listing) = lines.into_iter().unzip();
    Ok(Maildrop {
        octets,
        listing,
        numbers,
        has_uidl,
        looked: false,
    })
}

/// What stands for a UIDL where there is none: the digest of the header block. Two messages with the same header block
/// get the same one, and are then told apart by their octets.
pub(super) fn stand_in(header: Digest) -> RemoteId {
    RemoteId::new(format!("{STAND_IN}{header}").as_bytes())
}

/// No UIDL begins with an octet below 0x21 (RFC 1939 section 7), so none is mistaken for a stand-in.
const STAND_IN: &str = "\u{1}header:";

//! Logging in, by the strongest way that both sides allow.

use std::time::Duration;

use super::blame::Refused;
use super::error::{Error, Says};
use super::server::{Server, Tls};
use super::session::Session;
use super::wire::{LOGIN_PATIENCE, PATIENCE};
use crate::mail::Secret;
use crate::pop3::sasl::{self, Channel, ChoiceError, Credentials, Exchange, Method, Wanted};
use crate::pop3::{self, Capabilities, Command, Event, Password, Reply, Verb, Word};

/// A login that failed, and by which method.
pub(super) struct Attempt {
    pub(super) error: Error,
    pub(super) method: Option<Method>,
}

impl Attempt {
    fn before(error: Error) -> Self {
        Self {
            error,
            method: None,
        }
    }
}

/// Some servers offer CRAM-MD5 for mailboxes whose passwords they hold only as hashes, and some hang up on a mechanism that
/// they offer and cannot do. Over TLS, and when the account leaves the choice to poppet, one more try with a mechanism that shows
/// the password to the server is no loss.
pub(super) fn may_try_weaker(
    server: &Server,
    error: &Error,
    method: Method,
    failed: &[Method],
) -> bool {
    server.method.is_none()
        && server.tls != Tls::None
        && failed.is_empty()
        && match method {
            Method::CramMd5 => {
                error.is_wrong_password() || error.is_unclear_login() || hung_up(error)
            }
            Method::ScramSha256 => hung_up(error),
            _ => false,
        }
}

/// Whether the server has ended the connection in the place of an answer.
fn hung_up(error: &Error) -> bool {
    let during = Some(Verb::Auth);
    matches!(error, Error::Protocol(pop3::Error::EndOfStream { during: at }) if *at == during)
}

impl Session {
    pub(super) async fn log_in(
        mut self,
        server: &Server,
        password: &Secret,
        timestamp: Option<String>,
        failed: &[Method],
    ) -> Result<Self, Attempt> {
        let offered = sasl::offered(self.capabilities.as_ref(), timestamp.is_some());
        let token = server.method.is_some_and(Method::takes_token);
        let wanted = Wanted {
            only: server.method,
            token,
            failed: failed.to_vec(),
        };
        let channel = match (self.wire.is_encrypted(), server.cleartext) {
            (true, _) => Channel::Encrypted,
            (false, true) => Channel::CleartextAllowed,
            (false, false) => Channel::Cleartext,
        };
        let method = match sasl::choose(&offered, &wanted, channel) {
            Ok(method) => method,
            Err(ChoiceError::WouldExpose) => {
                return Err(Attempt::before(Error::NoEncryption(
                    "the password would cross the network unencrypted, and the account does not allow that",
                )));
            }
            Err(error) => return Err(Attempt::before(Error::NoMechanism(error.to_string()))),
        };
        self.wire.be_patient(LOGIN_PATIENCE);
        let result = match method {
            Method::UserPass => self.user_pass(server, password).await,
            Method::Apop => {
                self.apop(server, password, timestamp.as_deref().unwrap_or_default())
                    .await
            }
            _ => self.sasl(method, server, password).await,
        };
        match result {
            Ok(()) => {
                self.wire.be_patient(PATIENCE);
                Ok(self)
            }
            Err(error) => Err(Attempt {
                error,
                method: Some(method),
            }),
        }
    }

    async fn user_pass(&mut self, server: &Server, password: &Secret) -> Result<(), Error> {
        let user = Word::new(&server.user).map_err(|error| unfit("user name", error))?;
        let password =
            Password::new(password.expose()).map_err(|error| unfit("password", error))?;
        let named = self.begin(&Command::User(user)).await?;
        self.accepted(Verb::User, named)?;
        let answer = self.wire.ask(&Command::Pass(password)).await?;
        self.accepted(Verb::Pass, answer)
    }

    async fn apop(
        &mut self,
        server: &Server,
        password: &Secret,
        timestamp: &str,
    ) -> Result<(), Error> {
        let secret = password.expose().to_owned().into();
        let command = sasl::apop(timestamp, &server.user, &secret)
            .map_err(|error| Error::NoMechanism(error.to_string()))?;
        let answer = self.begin(&command).await?;
        self.accepted(Verb::Apop, answer)
    }

    async fn sasl(
        &mut self,
        method: Method,
        server: &Server,
        password: &Secret,
    ) -> Result<(), Error> {
        let credentials = Credentials {
            user: server.user.clone(),
            secret: password.expose().to_owned().into(),
            host: server.host.clone(),
            port: server.port,
        };
        let mut exchange = Exchange::new(method, &credentials, &nonce()?)
            .map_err(|error| Error::NoMechanism(error.to_string()))?;
        let first = exchange.begin(self.capabilities.as_ref());
        let mut event = self.begin(&first).await?;
        loop {
            let answer = match event {
                Event::Reply(reply) if reply.ok => {
                    return exchange.finish().map_err(|_| Error::Impostor);
                }
                Event::Reply(reply) => return Err(self.refused(&reply)),
                Event::Continuation(challenge) => exchange.answer(&challenge),
                Event::BadChallenge => Err(sasl::Error::Challenge),
                _ => return Err(Error::Unexpected(Verb::Auth)),
            };
            match answer {
                Ok(command) => event = self.wire.ask(&command).await?,
                Err(error) => {
                    let _ = self.wire.ask(&Command::AuthCancel).await;
                    return Err(match error {
                        sasl::Error::ServerProof => Error::Impostor,
                        error => Error::NoMechanism(error.to_string()),
                    });
                }
            }
        }
    }

    /// Sends the first command of a login. Where the server has UTF8, that goes first: without it, a server may give a
    /// message with UTF-8 in its header fields in another form than it has it, or refuse it (RFC 6856 section 2.1). A refusal
    /// of UTF8 changes nothing. Nothing goes along with it: one that loses what is sent ahead would be waited for very long
    /// before it was found out, in each login anew.
    async fn begin(&mut self, command: &Command) -> Result<Event, Error> {
        if !self.capabilities.as_ref().is_some_and(Capabilities::utf8) {
            return self.wire.ask(command).await;
        }
        agreed(&self.wire.ask(&Command::Utf8).await?)?;
        self.wire.ask(command).await
    }

    fn accepted(&self, verb: Verb, event: Event) -> Result<(), Error> {
        match event {
            Event::Reply(reply) if reply.ok => Ok(()),
            Event::Reply(reply) => Err(self.refused(&reply)),
            _ => Err(Error::Unexpected(verb)),
        }
    }

    /// A refused login, in the light of what the server says it can do.
    fn refused(&self, reply: &Reply) -> Error {
        let can = self.capabilities.as_ref();
        let delay = can.and_then(Capabilities::login_delay);
        Error::Login(Refused {
            says: Says::from(reply),
            marks_credentials: can.is_some_and(Capabilities::auth_resp_code),
            delay: delay.map(|delay| Duration::from_secs(delay.seconds.into())),
            doubtful: false,
        })
    }
}

/// The answer to UTF8, whatever it is.
fn agreed(event: &Event) -> Result<(), Error> {
    match event {
        Event::Reply(_) => Ok(()),
        _ => Err(Error::Unexpected(Verb::Utf8)),
    }
}

fn unfit(what: &str, error: crate::pop3::ArgumentError) -> Error {
    Error::NoMechanism(format!("the {what} cannot be sent: {error}"))
}

fn nonce() -> Result<String, Error> {
    let mut octets = [0_u8; 18];
    getrandom::fill(&mut octets)
        .map_err(|error| Error::NoMechanism(format!("no random numbers: {error}")))?;
    Ok(base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        octets,
    ))
}

//! Logging in, by the strongest way that both sides allow.

use super::error::{Error, Says};
use super::server::{Server, Tls};
use super::session::Session;
use super::wire::{LOGIN_PATIENCE, PATIENCE};
use crate::mail::Secret;
use crate::pop3::sasl::{self, Channel, ChoiceError, Credentials, Exchange, Method, Wanted};
use crate::pop3::{Command, Event, Password, Verb, Word};

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

/// Some servers offer CRAM-MD5 for mailboxes whose passwords they hold only as hashes. Over TLS, and when the account
/// leaves the choice to poppet, one more try with a mechanism that shows the password to the server is no loss.
pub(super) fn may_try_weaker(
    server: &Server,
    error: &Error,
    method: Method,
    failed: &[Method],
) -> bool {
    server.method.is_none()
        && server.tls != Tls::None
        && method == Method::CramMd5
        && failed.is_empty()
        && error.is_wrong_password()
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
        logged_in(Verb::User, self.wire.ask(&Command::User(user)).await?)?;
        logged_in(Verb::Pass, self.wire.ask(&Command::Pass(password)).await?)
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
        logged_in(Verb::Apop, self.wire.ask(&command).await?)
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
        let mut event = self
            .wire
            .ask(&exchange.begin(self.capabilities.as_ref()))
            .await?;
        loop {
            let answer = match event {
                Event::Reply(reply) if reply.ok => {
                    return exchange.finish().map_err(|_| Error::Impostor);
                }
                Event::Reply(reply) => return Err(Error::Login(Says::from(&reply))),
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
}

fn logged_in(verb: Verb, event: Event) -> Result<(), Error> {
    match event {
        Event::Reply(reply) if reply.ok => Ok(()),
        Event::Reply(reply) => Err(Error::Login(Says::from(&reply))),
        _ => Err(Error::Unexpected(verb)),
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

//! One SASL exchange, whatever the mechanism.

use secrecy::{ExposeSecret, SecretString};

use super::super::argument::{SecretOctets, Word};
use super::super::capabilities::Capabilities;
use super::super::command::Command;
use super::scram::Scram;
use super::{Error, Method, digest};

/// Who logs in, and with what.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The mailbox's name.
    pub user: String,
    /// The password, or the token.
    pub secret: SecretString,
    /// The server's name as it was dialled; OAUTHBEARER sends it.
    pub host: String,
    /// The server's port; OAUTHBEARER sends it.
    pub port: u16,
}

/// The client's side of an exchange: from challenges to responses.
pub struct Exchange {
    word: Word,
    machine: Machine,
}

enum Machine {
    /// PLAIN, XOAUTH2, OAUTHBEARER: one response, then perhaps an explanation of a failure, which `farewell` answers.
    Single {
        response: Option<SecretOctets>,
        farewell: Option<&'static [u8]>,
    },
    /// LOGIN: the name, then the password.
    Login {
        user: Option<SecretOctets>,
        password: Option<SecretOctets>,
    },
    CramMd5 {
        credentials: Credentials,
        answered: bool,
    },
    Scram {
        scram: Scram,
        opened: bool,
    },
}

impl Exchange {
    /// `nonce`: fresh random visible ASCII without commas, at least 18 octets of randomness; only SCRAM uses it.
    ///
    /// # Errors
    /// [`Error::NoExchange`] for a method that is no mechanism; otherwise what is wrong with the credentials.
    pub fn new(method: Method, credentials: &Credentials, nonce: &str) -> Result<Self, Error> {
        let mechanism = method.mechanism().ok_or(Error::NoExchange)?;
        let (user, secret) = (
            credentials.user.as_str(),
            credentials.secret.expose_secret(),
        );
        if user.is_empty() {
            return Err(Error::NoUser);
        }
        if user.contains(SEPARATORS) || secret.contains(SEPARATORS) {
            return Err(Error::Unfit);
        }
        let octets = |text: String| Some(SecretOctets::new(text.into_bytes()));
        let machine = match method {
            Method::Plain => Machine::Single {
                response: octets(format!("\0{user}\0{secret}")),
                farewell: None,
            },
            Method::XOauth2 => Machine::Single {
                response: octets(format!("user={user}\x01auth=Bearer {secret}\x01\x01")),
                farewell: Some(b""),
            },
            Method::OauthBearer => Machine::Single {
                response: octets(bearer(credentials)),
                farewell: Some(b"\x01"),
            },
            Method::Login => Machine::Login {
                user: octets(user.to_owned()),
                password: octets(secret.to_owned()),
            },
            Method::CramMd5 => Machine::CramMd5 {
                credentials: credentials.clone(),
                answered: false,
            },
            Method::ScramSha256 => Machine::Scram {
                scram: Scram::new(user, &credentials.secret, nonce)?,
                opened: false,
            },
            Method::Apop | Method::UserPass => return Err(Error::NoExchange),
        };
        Ok(Self {
            word: Word::new(mechanism).map_err(|_| Error::NoExchange)?,
            machine,
        })
    }

    /// The AUTH command. It carries the first response when the mechanism begins with one, the server advertises SASL and the
    /// line stays within 255 octets; otherwise the first challenge asks for it (RFC 5034 section 4).
    pub fn begin(&mut self, capabilities: Option<&Capabilities>) -> Command {
        let may = capabilities.is_some_and(|capabilities| capabilities.has("SASL"));
        let initial = self
            .opening()
            .filter(|initial| may && Command::initial_response_fits(&self.word, initial));
        if initial.is_some() {
            self.opened();
        }
        Command::Auth {
            mechanism: self.word.clone(),
            initial,
        }
    }

    /// The answer to a challenge.
    ///
    /// # Errors
    /// The challenge is not what the mechanism prescribes, or the server failed to prove itself: send
    /// [`Command::AuthCancel`].
    pub fn answer(&mut self, challenge: &[u8]) -> Result<Command, Error> {
        if let Some(opening) = self.opening() {
            self.opened();
            return Ok(Command::AuthResponse(opening));
        }
        let response = match &mut self.machine {
            Machine::Single { farewell, .. } => farewell.take().ok_or(Error::Challenge)?.to_vec(),
            Machine::Login { user, password } => {
                let next = user
                    .take()
                    .or_else(|| password.take())
                    .ok_or(Error::Challenge)?;
                return Ok(Command::AuthResponse(next));
            }
            Machine::CramMd5 { answered: true, .. } => return Err(Error::Challenge),
            Machine::CramMd5 {
                credentials,
                answered,
            } => {
                if challenge.is_empty() {
                    return Err(Error::Challenge);
                }
                *answered = true;
                digest::cram_md5(&credentials.user, &credentials.secret, challenge)?
            }
            Machine::Scram { scram, .. } => scram.answer(challenge)?,
        };
        Ok(Command::AuthResponse(SecretOctets::new(response)))
    }

    /// The server said `+OK`.
    ///
    /// # Errors
    /// [`Error::TooEarly`] when it cannot mean a login yet; for SCRAM, when the server has not proved that it knows the
    /// password. Close the connection.
    pub fn finish(&self) -> Result<(), Error> {
        let complete = match &self.machine {
            Machine::Single { response, .. } => response.is_none(),
            Machine::Login { password, .. } => password.is_none(),
            Machine::CramMd5 { answered, .. } => *answered,
            Machine::Scram { scram, .. } => scram.is_proved(),
        };
        if complete {
            Ok(())
        } else {
            Err(Error::TooEarly)
        }
    }

    /// The response a mechanism begins with, until it is sent.
    fn opening(&self) -> Option<SecretOctets> {
        match &self.machine {
            Machine::Single { response, .. } => response.clone(),
            Machine::Scram {
                scram,
                opened: false,
            } => Some(SecretOctets::new(scram.first())),
            _ => None,
        }
    }

    fn opened(&mut self) {
        match &mut self.machine {
            Machine::Single { response, .. } => *response = None,
            Machine::Scram { opened, .. } => *opened = true,
            Machine::Login { .. } | Machine::CramMd5 { .. } => {}
        }
    }
}

/// RFC 7628 section 3.1; in the header before it, `=` and `,` are escaped as in SCRAM.
fn bearer(credentials: &Credentials) -> String {
    let Credentials {
        user,
        secret,
        host,
        port,
    } = credentials;
    let user = user.replace('=', "=3D").replace(',', "=2C");
    let token = secret.expose_secret();
    format!("n,a={user},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01")
}

/// What separates fields in PLAIN and in the token mechanisms, and so cannot be part of one.
const SEPARATORS: [char; 2] = ['\0', '\x01'];

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(method: Method) -> Exchange {
        let credentials = Credentials {
            user: "tim".to_owned(),
            secret: SecretString::from("tanstaaftanstaaf"),
            host: "pop.example.org".to_owned(),
            port: 995,
        };
        Exchange::new(method, &credentials, "fyko+d2lbbFgONRv9qkxdawL").unwrap()
    }

    fn sasl() -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.push(b"SASL PLAIN");
        capabilities
    }

    /// What goes out: the initial response, or the answer.
    fn sent(command: &Command) -> Option<String> {
        match command {
            Command::Auth { initial, .. } => initial
                .as_ref()
                .map(|octets| octets.expose().escape_ascii().to_string()),
            Command::AuthResponse(octets) => Some(octets.expose().escape_ascii().to_string()),
            _ => None,
        }
    }

    #[test]
    fn p76_plain_goes_out_at_once_or_on_demand() {
        let mut at_once = exchange(Method::Plain);
        assert_eq!(
            sent(&at_once.begin(Some(&sasl()))).as_deref(),
            Some(r"\x00tim\x00tanstaaftanstaaf")
        );
        assert_eq!(at_once.finish(), Ok(()));
        assert_eq!(at_once.answer(b"").err(), Some(Error::Challenge));
        let mut on_demand = exchange(Method::Plain);
        assert_eq!(sent(&on_demand.begin(None)), None);
        assert_eq!(on_demand.finish(), Err(Error::TooEarly));
        assert_eq!(
            on_demand
                .answer(b"")
                .ok()
                .and_then(|answer| sent(&answer))
                .as_deref(),
            Some(r"\x00tim\x00tanstaaftanstaaf")
        );
        assert_eq!(on_demand.finish(), Ok(()));
    }

    #[test]
    fn p72_a_token_too_long_for_the_auth_line_waits_for_the_challenge() {
        let secret = SecretString::from("t".repeat(2000));
        let credentials = Credentials {
            user: "ann".to_owned(),
            secret,
            host: "h".to_owned(),
            port: 995,
        };
        let mut exchange = Exchange::new(Method::XOauth2, &credentials, "").unwrap();
        assert_eq!(sent(&exchange.begin(Some(&sasl()))), None);
        let answer = exchange
            .answer(b"")
            .ok()
            .and_then(|answer| sent(&answer))
            .unwrap();
        assert!(
            answer.starts_with(r"user=ann\x01auth=Bearer ttt") && answer.ends_with(r"\x01\x01")
        );
    }

    #[test]
    fn login_sends_the_name_then_the_password_then_nothing() {
        let mut login = exchange(Method::Login);
        assert_eq!(sent(&login.begin(Some(&sasl()))), None);
        assert_eq!(
            login
                .answer(b"User Name\0")
                .ok()
                .and_then(|answer| sent(&answer))
                .as_deref(),
            Some("tim")
        );
        assert_eq!(login.finish(), Err(Error::TooEarly));
        assert_eq!(
            login
                .answer(b"Password")
                .ok()
                .and_then(|answer| sent(&answer))
                .as_deref(),
            Some("tanstaaftanstaaf")
        );
        assert_eq!(login.finish(), Ok(()));
        assert_eq!(login.answer(b"More?").err(), Some(Error::Challenge));
    }

    #[test]
    fn v11_cram_md5_answers_one_challenge_and_no_empty_one() {
        let mut cram = exchange(Method::CramMd5);
        assert_eq!(sent(&cram.begin(Some(&sasl()))), None);
        assert_eq!(cram.answer(b"").err(), Some(Error::Challenge));
        let answer = cram
            .answer(b"<1896.697170952@postoffice.reston.mci.net>")
            .ok()
            .and_then(|answer| sent(&answer));
        assert_eq!(
            answer.as_deref(),
            Some("tim b913a602c7eda7a495b4e6e7334d3890")
        );
        assert_eq!(cram.finish(), Ok(()));
        assert_eq!(cram.answer(b"<again@b>").err(), Some(Error::Challenge));
    }

    #[test]
    fn scram_is_not_finished_before_the_server_has_proved_itself() {
        let mut scram = exchange(Method::ScramSha256);
        assert_eq!(sent(&scram.begin(None)), None);
        assert_eq!(
            scram
                .answer(b"")
                .ok()
                .and_then(|answer| sent(&answer))
                .as_deref(),
            Some("n,,n=tim,r=fyko+d2lbbFgONRv9qkxdawL")
        );
        assert!(
            scram
                .answer(b"r=fyko+d2lbbFgONRv9qkxdawLserver,s=QSXCR+Q6sek8bf92,i=4096")
                .is_ok()
        );
        assert_eq!(scram.finish(), Err(Error::TooEarly));
    }

    #[test]
    fn a_token_refused_with_an_explanation_is_answered_so_that_the_server_can_refuse() {
        let mut bearer = exchange(Method::OauthBearer);
        let opening = sent(&bearer.begin(Some(&sasl())));
        let expected =
            r"n,a=tim,\x01host=pop.example.org\x01port=995\x01auth=Bearer tanstaaftanstaaf\x01\x01";
        assert_eq!(opening.as_deref(), Some(expected));
        assert_eq!(
            bearer
                .answer(b"{\"status\":\"invalid_token\"}")
                .ok()
                .and_then(|answer| sent(&answer))
                .as_deref(),
            Some(r"\x01")
        );
        assert_eq!(bearer.answer(b"{}").err(), Some(Error::Challenge));
    }

    #[test]
    fn credentials_that_would_forge_a_field_are_refused() {
        let with = |user: &str, secret: &str| {
            let credentials = Credentials {
                user: user.to_owned(),
                secret: SecretString::from(secret),
                host: String::new(),
                port: 1,
            };
            Exchange::new(Method::Plain, &credentials, "").err()
        };
        assert_eq!(with("", "x"), Some(Error::NoUser));
        assert_eq!(with("a\0b", "x"), Some(Error::Unfit));
        assert_eq!(with("a", "x\x01y"), Some(Error::Unfit));
    }

    #[test]
    fn v29_debug_of_credentials_shows_no_secret() {
        let credentials = Credentials {
            user: "tim".to_owned(),
            secret: SecretString::from("hunter2"),
            host: String::new(),
            port: 1,
        };
        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}

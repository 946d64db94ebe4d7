//! What can go wrong between here and a server, and how a person is told.

use std::io;
use std::time::Duration;

use super::blame::{Blame, Refused};
use super::dial::DialError;
use crate::config::{Account, Password};
use crate::mail::{AccountId, Kind, Problem, Retry, safe};
use crate::pop3::{self, Greeting, Reply, ResponseCode, Verb};
use crate::store;

/// Why a session, or a piece of its work, ended early. After any of these the socket is closed without QUIT.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Dial(#[from] DialError),
    #[error(transparent)]
    Protocol(pop3::Error),
    #[error("the connection was lost: {0}")]
    Lost(io::Error),
    #[error("the server said nothing for {} seconds", .0.as_secs())]
    Silent(Duration),
    #[error("the server did not greet within {} seconds", .0.as_secs())]
    NoGreeting(Duration),
    #[error("the server turned poppet away: {0}")]
    TurnedAway(Says),
    #[error("the server refused {verb}: {says}")]
    Refused { verb: Verb, says: Says },
    #[error("the server answered {0} with something else")]
    Unexpected(Verb),
    #[error("what it sends does not fit what it was asked for: its answers are out of step")]
    OutOfStep,
    #[error("{0}")]
    NoEncryption(&'static str),
    #[error("the server refused the login: {}", .0.says)]
    Login(Refused),
    #[error("{0}")]
    NoMechanism(String),
    #[error("the server could not prove that it knows the password")]
    Impostor,
    /// It happened while commands were sent ahead, which may be what the server cannot do.
    #[error("{source}")]
    Ahead {
        source: Box<Self>,
        /// Nothing but commands sent ahead brings it about so easily.
        certain: bool,
        /// The command whose answer was due.
        at: Option<Verb>,
    },
    #[error("it was stopped")]
    Cancelled,
    #[error("a large message cannot be kept while it comes in: {0}")]
    Spool(io::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    Told(Problem),
}

/// A refusal in the server's words, made safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Says {
    pub(super) code: Option<ResponseCode>,
    pub(super) text: String,
}

impl std::fmt::Display for Says {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.text.is_empty() {
            f.write_str("it gave no reason")
        } else {
            write!(f, "“{}”", self.text)
        }
    }
}

impl Says {
    /// It said nothing that can be told.
    pub(super) fn nothing() -> Self {
        Self {
            code: None,
            text: String::new(),
        }
    }
}

impl From<&Reply> for Says {
    fn from(reply: &Reply) -> Self {
        Self {
            code: reply.code.clone().or_else(|| reply.claimed_code()),
            text: words(reply.message(), &reply.text),
        }
    }
}

impl From<&Greeting> for Says {
    fn from(greeting: &Greeting) -> Self {
        Self {
            code: greeting.claimed_code(),
            text: words(greeting.message(), &greeting.text),
        }
    }
}

/// What a person reads: the response code is for the log, unless there is nothing else.
fn words(message: &[u8], text: &[u8]) -> String {
    safe::octets(if message.is_empty() { text } else { message })
}

impl Error {
    /// Whether a saved password may be thought wrong: only when the server really says so.
    pub(super) fn is_wrong_password(&self) -> bool {
        matches!(self, Self::Login(refused) if refused.blames() == Blame::Credentials)
    }

    /// Whether the password may be wrong, without the server saying so.
    pub(super) fn is_unclear_login(&self) -> bool {
        matches!(self, Self::Login(refused) if refused.is_unclear())
    }

    /// The same, of a password that is doubtful already.
    pub(super) fn doubting(self) -> Self {
        match self {
            Self::Login(refused) => Self::Login(Refused {
                doubtful: true,
                ..refused
            }),
            other => other,
        }
    }

    /// Whether the server says by its code that another session holds the mailbox (RFC 2449 section 8.1.1).
    pub(super) fn is_in_use(&self) -> bool {
        matches!(self, Self::Login(refused) if refused.says.code == Some(ResponseCode::InUse))
    }

    /// Whether it is not worth a word unless it happens again (RFC 3206 section 3).
    pub(super) fn is_minor(&self) -> bool {
        match self {
            Self::Login(refused) => refused.blames() == Blame::Passing,
            Self::TurnedAway(says) | Self::Refused { says, .. } => {
                Blame::of(says) == Blame::Passing
            }
            _ => false,
        }
    }

    /// Whether trying again soon may help.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Ahead { source, .. } => source.is_passing(),
            Self::Dial(error) => !matches!(
                error,
                DialError::Tls { .. } | DialError::Pin { .. } | DialError::CaFile { .. }
            ),
            Self::Lost(_) | Self::Silent(_) | Self::NoGreeting(_) => true,
            _ if self.is_out_of_step() => false,
            Self::Protocol(error) => matches!(
                error,
                pop3::Error::EndOfStream { .. } | pop3::Error::Unsolicited { .. }
            ),
            Self::Login(refused) => refused.blames().passes(),
            Self::TurnedAway(says) | Self::Refused { says, .. } => Blame::of(says).passes(),
            _ => false,
        }
    }

    /// Whether more was said than was asked for, by a server that does not just end the session.
    pub(super) fn is_out_of_step(&self) -> bool {
        match self {
            Self::Ahead { source, .. } => source.is_out_of_step(),
            Self::Protocol(pop3::Error::Unsolicited { text }) => is_answer(text.as_bytes()),
            _ => matches!(self, Self::OutOfStep),
        }
    }

    /// What a person is told of an account in the configuration: advice about its password says where that comes from.
    pub(super) fn problem_of(self, account: &Account) -> Problem {
        let mut problem = self.problem(&account.pop3.host);
        problem.remedy = password_of(&account.id, &account.pop3.password, &problem.remedy);
        problem
    }

    /// What a person is told. `host` is the server's name.
    pub(super) fn problem(self, host: &str) -> Problem {
        let why = format!("{host}: {self}");
        match self {
            Self::Dial(error) => error.into(),
            Self::Told(problem) => problem,
            Self::Ahead { source, .. } => source.problem(host),
            Self::Store(error) => error.into(),
            Self::Spool(_) => Problem::new(
                Kind::Store,
                "A large message cannot be kept",
                why,
                "Check whether the disk of the mail store has room. The message is still on the server, and comes with the next check.",
            ),
            Self::Lost(_) | Self::Silent(_) => lost(why),
            Self::NoGreeting(_) => Problem::new(
                Kind::Network,
                "The mail server does not greet",
                why,
                "Check port and `tls`: a server that expects TLS from the first octet, as on port 995, says nothing without it.",
            )
            .with_retry(Retry::NextCheck),
            Self::Protocol(error) => protocol(&error, why),
            Self::TurnedAway(says) => {
                let what = "The server does not take connections now";
                refusal(Blame::of(&says), None, why, what)
            }
            Self::Login(refused)
                if !matches!(refused.blames(), Blame::Credentials | Blame::Unclear) =>
            {
                let what = "The mailbox cannot be opened now";
                refusal(refused.blames(), refused.delay, why, what)
            }
            Self::Login(refused) => login_refused(&refused, host),
            Self::NoMechanism(_) => Problem::new(
                Kind::Login,
                "There is no way to log in that both sides allow",
                why,
                "Set `auth` to what the server offers, or use a connection with TLS.",
            ),
            Self::Impostor => Problem::new(
                Kind::Tls,
                "This may not be your mail server",
                why,
                "Do not go on before you know why. Check `host`, and ask the provider.",
            ),
            Self::NoEncryption(_) => Problem::new(
                Kind::Tls,
                "The server does not encrypt, so nothing secret was sent",
                why,
                "Use `tls = \"implicit\"` with port 995 if the provider has it. If somebody has tampered with the connection, it looks like this as well.",
            ),
            Self::Refused { says, .. } => {
                refusal(Blame::of(&says), None, why, "The server refused a command")
            }
            Self::Unexpected(_) => protocol_broken(why),
            Self::OutOfStep => out_of_step(why),
            Self::Cancelled => Problem::stopped(),
        }
    }
}

/// Advice about a refused login, with the account's name, and for a password that a command printed with that command: the
/// keyring is not asked for it.
pub(super) fn password_of(account: &AccountId, password: &Password, advice: &str) -> String {
    let instead = match password {
        Password::Command(words) => {
            let program = safe::line(words.first().map_or("", String::as_str)).into_owned();
            format!(
                "this one was printed by the account's command (`{program}`), so run that and look at its first line"
            )
        }
        Password::Keyring | Password::Ask => KEEPS_A_NEW_ONE.replace("NAME", account.as_str()),
    };
    advice.replace(KEEPS_A_NEW_ONE, &instead)
}

const KEEPS_A_NEW_ONE: &str = "`poppet password set NAME` keeps a new one";

fn login_refused(refused: &Refused, host: &str) -> Problem {
    // A second refusal settles it; more could lock the mailbox.
    let once = refused.blames() == Blame::Unclear && !refused.doubtful;
    let remedy = if once {
        "It does not say why, so the password is kept: it may be the mailbox that cannot be opened. If it happens again, check user \
         name and password: `poppet password set NAME` keeps a new one."
    } else {
        "Check user name and password: `poppet password set NAME` keeps a new one. Some providers want POP3 switched on, or an app \
         password."
    };
    let problem = Problem::new(
        Kind::Login,
        "The server refused the login",
        format!("{host}: {}", refused.says),
        remedy,
    );
    if once {
        problem.with_retry(Retry::NextCheck)
    } else {
        problem
    }
}

fn lost(why: String) -> Problem {
    Problem::new(
        Kind::Network,
        "The connection to the mail server was lost",
        why,
        "What had arrived is kept. An open reader tries again by itself.",
    )
    .with_retry(Retry::NextCheck)
}

fn protocol(error: &pop3::Error, why: String) -> Problem {
    match error {
        pop3::Error::EndOfStream { .. } => lost(why),
        pop3::Error::Unsolicited { text } if is_answer(text.as_bytes()) => out_of_step(why),
        pop3::Error::Unsolicited { .. } => Problem::new(
            Kind::Network,
            "The server ended the session",
            why,
            "What had arrived is kept. An open reader tries again by itself.",
        )
        .with_retry(Retry::NextCheck),
        pop3::Error::InjectedBeforeTls => Problem::new(
            Kind::Tls,
            "Somebody may be tampering with the connection, so nothing secret was sent",
            why,
            "Use `tls = \"implicit\"` with port 995, or another network. Tell the provider if it happens everywhere.",
        ),
        pop3::Error::NotAReply {
            during: Verb::Greeting,
            line,
        } if is_pop2(line.as_bytes()) => Problem::new(
            Kind::Protocol,
            "This is a POP2 server",
            why,
            "poppet speaks POP3: POP2 knows no encryption and no names for messages. Ask the provider for POP3, on port 995 with TLS.",
        ),
        pop3::Error::NotAReply {
            during: Verb::Greeting,
            ..
        } => Problem::new(
            Kind::Protocol,
            "This is not a POP3 server",
            why,
            "Check host and port: POP3 is port 995 with TLS, port 110 without.",
        ),
        _ => protocol_broken(why),
    }
}

/// Whether this is how a POP2 server greets (RFC 937).
fn is_pop2(greeting: &[u8]) -> bool {
    greeting
        .strip_prefix(b"+ ")
        .is_some_and(|text| text.get(..4).unwrap_or(text).eq_ignore_ascii_case(b"POP2"))
}

fn protocol_broken(why: String) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server said something that poppet cannot rely on",
        why,
        "The connection was closed without deleting anything. If it happens again, tell the provider what stands above.",
    )
}

/// Whether a line that nobody asked for is the answer to something. One with which a server ends a session begins with `-ERR`.
fn is_answer(line: &[u8]) -> bool {
    !line.starts_with(b"-ERR")
}

fn out_of_step(why: String) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server's answers are out of step",
        why,
        "The connection was closed, nothing was deleted, and nothing that is in doubt was stored. The next check asks again. If it \
         happens again, tell the provider: either the server answers twice, or a message holds lines that it takes for its own.",
    )
    .with_retry(Retry::NextCheck)
}

fn refusal(blame: Blame, delay: Option<Duration>, why: String, what: &str) -> Problem {
    let (remedy, retry) = match blame {
        Blame::Busy => (
            "Another program has the mailbox open. Wait until it is done; an open reader tries again in a minute.",
            Retry::After(Duration::from_mins(1)),
        ),
        Blame::TooEarly => (
            "The server wants a pause between two logins. An open reader waits for it.",
            Retry::After(delay.unwrap_or(SOME_MINUTES)),
        ),
        Blame::Passing => (
            "It is the server's trouble and should pass. An open reader tries again by itself.",
            Retry::After(SOME_MINUTES),
        ),
        Blame::Lasting => (
            "It does not pass by itself. Some providers want POP3 switched on in their settings; otherwise tell the provider.",
            Retry::NextCheck,
        ),
        Blame::NotCredentials => (
            "The server does not blame user name or password. If it stays so, ask the provider.",
            Retry::NextCheck,
        ),
        Blame::Credentials | Blame::Unclear => {
            ("If it stays so, ask the provider.", Retry::NextCheck)
        }
    };
    Problem::new(Kind::Network, what, why, remedy).with_retry(retry)
}

pub(super) const SOME_MINUTES: Duration = Duration::from_mins(2);

//! What can go wrong in the protocol.

use std::fmt;

use super::command::Verb;

/// Why a session cannot go on, or why a command was not queued.
///
/// Every variant but [`Error::Refused`] ends the session: the client stays poisoned and sends nothing more, QUIT included.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The command was not queued. The session is as it was.
    #[error("{command} is not possible now: {why}")]
    Refused {
        /// What was asked for.
        command: Verb,
        /// Why it cannot be sent.
        why: Refusal,
    },
    /// A line that should have been a status line begins with neither `+OK` nor `-ERR`.
    #[error("the server answered {during} with something that is no POP3 reply: {line}")]
    NotAReply {
        /// What the line should have answered.
        during: Verb,
        /// The beginning of the line; empty when it may repeat a secret.
        line: Excerpt,
    },
    /// A positive reply lacks what the command asked for, or answers another question.
    #[error("the server's answer to {during} cannot be understood: {line}")]
    Malformed {
        /// The command that was answered.
        during: Verb,
        /// The beginning of the line.
        line: Excerpt,
    },
    /// A listing names one message twice.
    #[error("the server's answer to {during} names message {number} twice")]
    DuplicateNumber {
        /// LIST or UIDL.
        during: Verb,
        /// The message number.
        number: u32,
    },
    /// A line is longer than [`Limits`](super::Limits) allow.
    #[error("the server's answer to {during} has a line of more than {limit} octets")]
    LineTooLong {
        /// The command that was answered.
        during: Verb,
        /// Octets allowed.
        limit: usize,
    },
    /// A list of capabilities or messages is longer than [`Limits`](super::Limits) allow.
    #[error("the server's answer to {during} is longer than this program accepts")]
    ListTooLong {
        /// The command that was answered.
        during: Verb,
    },
    /// A message is longer than [`Limits`](super::Limits) allow.
    #[error("message {number} is larger than {limit} octets")]
    MessageTooLarge {
        /// The message number.
        number: u32,
        /// Octets allowed.
        limit: u64,
    },
    /// Octets stood in the buffer between the reply to STLS and the handshake. Somebody may be meddling (RFC 2595
    /// section 4, CVE-2011-0411).
    #[error(
        "unencrypted data arrived after the server agreed to encrypt; somebody may be tampering with the connection"
    )]
    InjectedBeforeTls,
    /// Octets arrived although nothing was asked.
    #[error("the server spoke without being asked: {text}")]
    Unsolicited {
        /// What it said.
        text: Excerpt,
    },
    /// The connection ended before everything was answered.
    #[error("the server closed the connection{}", ended(*.during))]
    EndOfStream {
        /// The command whose answer is missing, if any was outstanding.
        during: Option<Verb>,
    },
}

/// Why a command was not queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The greeting has not arrived.
    #[error("the server has not greeted yet")]
    BeforeGreeting,
    /// The command belongs to another state of the session (RFC 1939 section 3).
    #[error("it is not allowed in this state of the session")]
    WrongState,
    /// An answer that decides what may follow is still outstanding.
    #[error("an earlier answer must arrive first")]
    AwaitingReply,
    /// PASS without a positive answer to USER right before it (RFC 1939 section 7).
    #[error("it must follow directly on an accepted USER")]
    WithoutUser,
    /// The server does not advertise what the command needs.
    #[error("the server does not offer it")]
    NotOffered,
    /// The connection is encrypted already.
    #[error("the connection is encrypted already")]
    AlreadyEncrypted,
    /// The message is marked deleted in this session.
    #[error("the message is marked as deleted")]
    MarkedDeleted,
    /// QUIT was sent.
    #[error("the session is being closed")]
    Closing,
    /// The session failed earlier, or the server spoke unasked.
    #[error("the session has failed")]
    Dead,
    /// The line would be longer than 255 octets (RFC 2449 section 4).
    #[error("it would be longer than 255 octets")]
    TooLong,
    /// A name or password outside ASCII, and the server does not advertise `UTF8 USER` (RFC 6856 section 2.1).
    #[error("the server does not accept names and passwords outside ASCII here")]
    NotAscii,
}

/// The beginning of something a server sent, kept for an error text. Shows as printable ASCII, everything else escaped.
#[derive(Clone, PartialEq, Eq)]
pub struct Excerpt(Vec<u8>);

impl Excerpt {
    /// The first 200 octets of `octets`.
    pub(super) fn new(octets: &[u8]) -> Self {
        Self(octets.get(..EXCERPT).unwrap_or(octets).to_vec())
    }

    /// Nothing: for lines that may repeat a secret.
    pub(super) fn withheld() -> Self {
        Self(Vec::new())
    }

    /// The octets as they came, at most 200.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Where in the conversation the connection ended.
fn ended(during: Option<Verb>) -> String {
    match during {
        Some(Verb::Greeting) => " without a greeting".to_owned(),
        Some(verb) => format!(" during {verb}"),
        None => String::new(),
    }
}

const EXCERPT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_control_octets_escaped_and_keeps_at_most_200() {
        assert_eq!(
            Excerpt::new(b"\x1b[2J\xff ok").to_string(),
            r#""\x1b[2J\xff ok""#
        );
        assert_eq!(Excerpt::new(&[b'a'; 9000]).as_bytes().len(), 200);
    }

    #[test]
    fn the_end_of_the_stream_names_the_command_it_interrupted() {
        let error = Error::EndOfStream {
            during: Some(Verb::Retr),
        };
        assert_eq!(
            error.to_string(),
            "the server closed the connection during RETR"
        );
        assert_eq!(
            Error::EndOfStream { during: None }.to_string(),
            "the server closed the connection"
        );
    }
}

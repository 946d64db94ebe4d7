//! What a client can hear.

use super::super::capabilities::Capabilities;
use super::super::reply::{Greeting, Reply};
use super::super::uidl::{MessageNumber, Uidl};

/// Something the server said. Answers come in the order of the commands, and nothing is left out: each command ends with
/// exactly one event, but a message, which has a start, chunks and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The server's first line. When it is not `ok`, nothing can be sent.
    Greeting(Greeting),
    /// A one-line answer: every `-ERR`, and `+OK` to commands whose text means nothing.
    Reply(Reply),
    /// A challenge during AUTH, its base64 taken off. It asks for an answer or a cancellation.
    Continuation(Vec<u8>),
    /// A challenge whose base64 is broken: only a cancellation may follow (RFC 5034 section 4).
    BadChallenge,
    /// The answer to CAPA.
    Capabilities(Capabilities),
    /// The answer to STAT.
    Drop {
        /// How many messages, those marked deleted not counted.
        messages: u32,
        /// How many octets; `None` when the server's number cannot be one. Servers count wrong: never for a decision.
        octets: Option<u64>,
    },
    /// The answer to LIST, for one message or all: numbers and sizes in octets.
    Listing(Vec<(MessageNumber, u64)>),
    /// The answer to UIDL, for one message or all; `None` for a message without an id.
    Uidls(Vec<(MessageNumber, Option<Uidl>)>),
    /// A message begins.
    MessageStart {
        /// The message that was asked for.
        number: MessageNumber,
        /// By which command.
        kind: MessageKind,
    },
    /// More of the message, its stuffing taken off. Never empty; how a message is cut means nothing.
    MessageChunk(Vec<u8>),
    /// The terminator arrived: the message is whole.
    MessageEnd {
        /// Octets in all chunks together.
        octets: u64,
    },
}

/// Which command a message answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// RETR: the whole message.
    Whole,
    /// TOP: the header and some lines.
    Top,
}

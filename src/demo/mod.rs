//! An embedded POP3 server on loopback: what `poppet demo` and the tests talk to.
//!
//! Three layers, so that each can be bent without the others knowing:
//!
//! - the **maildrop** ([`Maildrop`], [`Message`]): shared messages, sessions with deletion marks, a real UPDATE
//!   state, and the window through which tests look and meddle while it is being served;
//! - the **session** ([`Session`], sans-I/O): RFC 1939 and its extensions, octets in, octets out;
//! - the **wire** ([`Server`]): sockets, TLS, the delay line for `--latency`, cuts after a number of octets.
//!
//! Where real servers misbehave, a switch in [`Quirks`] makes this one do the same.
//!
//! Uses no other room.

mod auth;
mod connection;
mod delay;
mod fill;
mod framing;
mod generator;
mod lease;
mod letters;
mod maildrop;
mod message;
mod placeholder;
mod quirks;
mod records;
mod sample;
mod server;
mod session;
mod words;

pub use auth::Mechanism;
pub use generator::{COMMON_WORD, PHRASE, RARE_WORD};
pub use maildrop::Maildrop;
pub use message::{Chunks, Message};
pub use quirks::{Login, Pipelined, Quirks, Quit, Silence, Stls, Utf8};
pub use records::{Phase, Removal, Removed, SessionRecord};
pub use server::{Server, ServerOptions};
pub use session::{Session, Step, Tls};

use std::sync::Arc;

use generator::Generator;
use jiff::ZonedDateTime;

/// The hand-made mailbox of `assets/demo/`, with its placeholders replaced relative to `now`.
///
/// Dates are written in the time zone of `now`. The files are compiled in; see [`expand`] for the placeholders.
pub fn sample(now: &ZonedDateTime) -> Maildrop {
    Maildrop::new(
        sample::FILES
            .iter()
            .map(|(_, octets)| expand(octets, now))
            .collect(),
    )
}

/// A mailbox of `count` messages made on demand from `seed`: oldest first, the newest shortly before `now`.
///
/// The same arguments give the same octets and the same UIDLs. A message costs a few dozen octets of memory
/// until it is retrieved.
pub fn generated(count: u32, seed: u64, now: &ZonedDateTime) -> Maildrop {
    let generator = Arc::new(Generator::new(count, seed, now));
    let messages = (0..count)
        .map(|index| Message::generated(&generator, index))
        .collect();
    Maildrop::with_epoch(messages, generator.epoch())
}

/// A message from a template: line ends become CRLF and the placeholders are replaced.
///
/// - `@-3d 09:15@`: the RFC 5322 date three days before `now` at 09:15; `@-2h@` and `@-25m@`: that long before.
/// - `@fill 18000000 base64@` on a line of its own: as many lines of base64 with 76 columns as fit into that many
///   octets, line ends counted. Made while it is being sent, never held in memory.
///
/// Anything else between two `@` stays as it is.
pub fn expand(template: &[u8], now: &ZonedDateTime) -> Message {
    Message::from_segments(placeholder::segments(template, now))
}

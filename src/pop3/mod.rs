//! The POP3 protocol without input or output: octets in, events out; commands in, octets out.
//!
//! Nothing here opens a socket, reads a clock or waits. A driver owns the connection, hands what it read to
//! [`Client::feed`], asks [`Client::poll`] what it means and writes [`Client::output`] to the server. What comes out does
//! not depend on how the stream was cut.
//!
//! | file | what lives there |
//! |---|---|
//! | `client` | one connection: what may be sent when, and what arrived |
//! | `command`, `argument` | commands, their arguments and their encoding |
//! | `reply` | status lines, response codes, the greeting |
//! | `capabilities` | what a server says it can do |
//! | `listing` | STAT, LIST and UIDL |
//! | `body` | taking the dot-stuffing off a message |
//! | `inbox` | octets that arrived and are not understood yet |
//! | `sasl` | authentication mechanisms and the choice between them |
//!
//! This room uses no other room.
//!
//! Sources: RFC 1939, 2449, 2595, 3206, 5034, 6856, 8314.

mod argument;
mod body;
mod capabilities;
mod client;
mod command;
mod error;
mod inbox;
mod limits;
mod listing;
mod reply;
pub mod sasl;
mod uidl;

pub use argument::{ArgumentError, Password, SecretOctets, Word};
pub use capabilities::{Capabilities, Expire, LoginDelay};
pub use client::{Client, Event, MessageKind, State};
pub use command::{Command, Verb};
pub use error::{Error, Excerpt, Refusal};
pub use limits::Limits;
pub use reply::{Greeting, Reply, ResponseCode};
pub use uidl::{MessageNumber, Uidl, UidlError};

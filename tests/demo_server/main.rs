//! The embedded POP3 server, seen through a client that knows nothing but lines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "where a step of a test fails, the test has failed"
)]

mod authentication;
mod client;
mod mailboxes;
mod pipelining;
mod quirks;
mod sessions;
mod tls;
mod transaction;
mod update;

use jiff::ZonedDateTime;
use poppet::demo::{Maildrop, Message, Phase, Quirks, Server, ServerOptions};

pub(crate) fn now() -> ZonedDateTime {
    "2026-11-23T11:02:03+00:00[UTC]".parse().unwrap()
}

pub(crate) fn three() -> Maildrop {
    Maildrop::new(vec![
        Message::new(*b"Subject: one\r\n\r\nfirst\r\n"),
        Message::new(*b"Subject: two\r\n\r\n.\r\n..dots\r\nlast\r\n"),
        Message::new(*b"Subject: three\r\n"),
    ])
}

pub(crate) fn serve(maildrop: &Maildrop, quirks: Quirks) -> Server {
    let mut options = ServerOptions::new(maildrop.clone());
    options.quirks = quirks;
    Server::start(options).unwrap()
}

pub(crate) fn good(maildrop: &Maildrop) -> Server {
    serve(maildrop, Quirks::default())
}

pub(crate) fn phases(maildrop: &Maildrop) -> Vec<Phase> {
    maildrop
        .sessions()
        .iter()
        .map(|session| session.phase)
        .collect()
}

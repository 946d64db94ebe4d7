//! The protocol checklist, line by line, where it takes a whole program to show it: the engine on a server, over loopback.
//!
//! What octets alone can show is in `src/pop3` and in the transcripts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

#[path = "../support/certificates.rs"]
#[allow(dead_code, reason = "one kind of certificate is enough here")]
mod certificates;
#[path = "../engine/house.rs"]
#[allow(dead_code, reason = "not every test needs all of the house")]
mod house;
#[path = "../support/score.rs"]
#[allow(dead_code, reason = "nothing here is tried in part")]
mod score;

mod authentication;
mod identity;
mod person;
mod privacy;
mod script;
mod states;
mod tls;
mod transports;

//! What attackers have done to other mail programs, tried on this one: from the server, from the mail, from the network.
//!
//! The numbers in the names are those of the security table in `docs/RELIABILITY.md`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

#[path = "../transcripts/notation.rs"]
mod notation;
#[path = "../transcripts/numbers.rs"]
#[allow(dead_code, reason = "the scoreboard takes the rest")]
mod numbers;
#[path = "../transcripts/replay.rs"]
mod replay;
#[path = "../support/mod.rs"]
mod support;

mod bombs;
mod certificates;
mod charsets;
mod chrome;
mod client;
mod client_certificate;
mod curl;
#[cfg(unix)]
mod files;
mod limits;
mod no_starttls;
mod octets;
mod private;
mod pty;
mod says;
mod secrets;
mod served;
mod servers;
mod shim;

//! Builders for tests with real parts: a Dovecot of our own, certificates of every kind, an empty home, a terminal.
//!
//! Nothing here uses poppet's own code but its binary, so that a mistake in a room cannot hide itself in its test.

#![allow(dead_code, reason = "each test file takes the builders that it needs")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot be set up has failed, and says where"
)]

pub(crate) mod certificates;
pub(crate) mod demo_server;
pub(crate) mod dovecot;
#[cfg(unix)]
pub(crate) mod faults;
pub(crate) mod gate;
pub(crate) mod home;
pub(crate) mod mailbox;
pub(crate) mod raw_pop3;
pub(crate) mod real;
pub(crate) mod run;
pub(crate) mod score;
pub(crate) mod tmux;
pub(crate) mod trap;

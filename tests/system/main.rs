//! The real program on a system that fails it: killed at any step, without disk or power, with a wrong clock, twice at once,
//! and on a store that is not what it was. After each fault: restart, a session without it, and nothing is missing.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "where a step of a test fails, the test has failed"
)]

#[path = "../support/mod.rs"]
mod support;

mod cases;
mod clock;
mod damage;
mod errors;
mod house;
mod kill;
mod oracle;
mod power;
mod signals;
mod trapped;
mod twice;
mod unfinished;
mod view;

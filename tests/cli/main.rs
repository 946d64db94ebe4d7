//! The real program against the embedded server, with a home of its own for each test.

#![expect(
    clippy::unwrap_used,
    reason = "where a step of a test fails, the test has failed"
)]

#[path = "../support/score.rs"]
#[allow(dead_code, reason = "each test binary takes what it needs")]
mod score;

mod apply;
mod backup;
mod damaged;
mod doctor;
mod export;
mod gone;
mod house;
mod import;
mod keys;
mod mirror;
mod offline;
mod passwords;
#[cfg(unix)]
mod private;
mod reading;
mod reindexing;
mod round_trip;
mod rules;
mod server;
mod several;
mod tidy;
mod truth;
mod usage;

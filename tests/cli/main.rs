//! The real program against the embedded server, with a home of its own for each test.

#![expect(
    clippy::unwrap_used,
    reason = "where a step of a test fails, the test has failed"
)]

mod apply;
mod export;
mod house;
mod import;
mod mirror;
mod offline;
mod reading;
mod server;
mod tidy;
mod truth;

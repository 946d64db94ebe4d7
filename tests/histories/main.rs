//! Random histories of several clients on one mailbox, against a model that knows what may be lost.
//!
//! - `mails` makes messages, many of them alike; `mailbox` is what a server has, and what others do to it;
//! - `server` speaks POP3 and asks the model at every command;
//! - `model` is the oracle: what each client holds, was agreed to lose, was told to delete (`watch`); it uses nothing of
//!   poppet;
//! - `client` is a poppet: a store, an engine, a configuration;
//! - `history` draws what happens and does it.
//!
//! A history is its seed. `POPPET_HISTORY=SEED` tells one step by step, `POPPET_HISTORY=SEED:STEPS` ends it early.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod chance;
mod client;
mod history;
mod mailbox;
mod mails;
mod model;
mod run;
mod server;
mod watch;

#[path = "../support/score.rs"]
mod score;

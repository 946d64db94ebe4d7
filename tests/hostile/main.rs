//! Whole sessions of the engine against a server that does everything that servers and networks have been seen to do, each
//! followed by another engine on the same store: is everything there, once, and was only that deleted which was to be?
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed"
)]
#![allow(dead_code, reason = "some of the server is there for other tests")]

mod cells;
mod checking;
mod commands;
mod count;
mod cuts;
mod house;
mod huge;
mod quirks;
mod quirks_listing;
mod quirks_login;
mod quit;
mod rows;
mod server;
mod session;
mod slow;
mod step;
#[path = "../support/mod.rs"]
mod support;
mod unstuffed;

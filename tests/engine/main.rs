//! The engine against the embedded server: whole sessions over loopback, a real store on the disk.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod ahead;
mod cells;
mod damage;
mod deleting;
mod dropped;
mod fetching;
mod house;
mod identity;
mod keeping;
mod large;
mod lessons;
mod reindexing;
mod ruling;
mod shown;
mod speaking;
mod taking_back;
mod trying;
mod waiting;
mod whole;

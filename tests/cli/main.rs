//! The real program against the embedded server, with a home of its own for each test.

mod apply;
mod export;
mod house;
mod offline;
mod reading;
mod server;

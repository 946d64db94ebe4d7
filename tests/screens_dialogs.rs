//! Setting up, reviewing and asking, by keys alone: what is shown, and what is asked of the engine.

#[path = "screens/fixtures.rs"]
#[allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "fixtures fail their test, and each test file uses a part of them"
)]
mod fixtures;

#[path = "screens/setup.rs"]
mod setup;

#[path = "screens/setup_trouble.rs"]
mod setup_trouble;

#[path = "screens/overlays.rs"]
mod overlays;

#[path = "screens/reviewing.rs"]
mod reviewing;

#[path = "screens/on_server.rs"]
mod on_server;

#[path = "screens/rules.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "its builders fail their test"
)]
mod rules;

#[path = "screens/accounts.rs"]
#[expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "its builders fail their test"
)]
mod accounts;

//! What does not change about an account while poppet runs.

use std::path::PathBuf;
use std::time::Duration;

use super::server::Server;
use crate::config;
use crate::mail::{AccountId, BodyRule, RetentionPolicy};

/// What does not change about an account while poppet runs.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) id: AccountId,
    pub(super) email: String,
    pub(super) server: Server,
    /// As the configuration has it; what the password is found by.
    pub(super) account: config::Account,
    pub(super) policy: RetentionPolicy,
    pub(super) bodies: BodyRule,
    /// Between two checks by itself; `None` for never.
    pub(super) check_every: Option<Duration>,
    /// Folder of the lock files.
    pub(super) locks: PathBuf,
    /// Whether the account checks by itself.
    pub(super) automatic: bool,
    /// Whether somebody looks at a list meanwhile.
    pub(super) watched: bool,
}

impl Settings {
    /// An account of the configuration, made ready.
    pub(super) fn new(
        account: &config::Account,
        locks: PathBuf,
        (automatic, watched): (bool, bool),
    ) -> Self {
        Self {
            id: account.id.clone(),
            email: account.email.clone(),
            server: Server::new(&account.pop3),
            account: account.clone(),
            policy: account.retention.clone(),
            bodies: account.bodies,
            check_every: account.check_every,
            locks,
            automatic,
            watched,
        }
    }
}

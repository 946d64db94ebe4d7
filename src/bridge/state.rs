use std::collections::BTreeMap;
use std::time::Duration;

use crate::mail::{AccountId, Brake, Problem, RetentionPolicy, Timestamp};

/// How an account stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountState {
    /// Which.
    pub account: AccountId,
    /// The person's address.
    pub email: String,
    /// The server's host name.
    pub host: String,
    /// What it is doing.
    pub phase: Phase,
    /// When the last complete listing was made.
    pub checked: Option<Timestamp>,
    /// When the next check is due, if one is.
    pub next_check: Option<Timestamp>,
    /// Messages on the server at that listing.
    pub messages: u64,
    /// Their octets.
    pub octets: u64,
    /// The mailbox's size in octets, as the person knows it.
    pub quota: Option<u64>,
    /// Why no deletion goes out, if the brake is on.
    pub brake: Option<Brake>,
    /// The server says that it deletes mail after so many days, which is sooner than the account's rule; 0: that it may
    /// delete what was downloaded.
    pub expires: Option<u32>,
    /// What is open to others because the account goes without TLS.
    pub cleartext: Option<Cleartext>,
    /// What is wrong, while it is.
    pub problem: Option<Problem>,
    /// Whether a download of a body asks first when it is larger than this many octets.
    pub ask_above: Option<u64>,
    /// What may stay on the server, and what may go.
    pub retention: RetentionPolicy,
    /// When the account was set up, from which its rules' grace counts.
    pub set_up: Timestamp,
}

/// A connection without TLS, and what is to be told about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cleartext {
    /// Whoever is on the way to the server can read the password and the mail.
    Exposed,
    /// The server offers TLS by now, so it need not be so.
    Needless,
}

/// What an account is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// No connection.
    #[default]
    Idle,
    /// Reaching the server.
    Connecting,
    /// Asking what is there.
    Listing,
    /// Fetching summaries.
    Summaries,
    /// Fetching bodies.
    Bodies,
    /// Deleting.
    Deleting,
    /// A connection is kept for a moment in case something else is wanted.
    Lingering,
}

/// How far the work of one account is; only the latest value matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which account.
    pub account: AccountId,
    /// At what.
    pub phase: Phase,
    /// Messages done.
    pub done: u64,
    /// Of so many; 0 when not known yet.
    pub total: u64,
    /// Octets done.
    pub octets: u64,
    /// Of so many, as LIST announces them; 0 when not known.
    pub octets_total: u64,
    /// Since this work began.
    pub elapsed: Duration,
}

/// The work that is under way, by account. An account that is at rest is not on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Board(BTreeMap<AccountId, Progress>);

impl Board {
    /// How far each account is that does something.
    pub fn iter(&self) -> impl Iterator<Item = &Progress> {
        self.0.values()
    }

    /// How far this account is.
    pub fn of(&self, account: &AccountId) -> Option<&Progress> {
        self.0.get(account)
    }

    /// Puts up how far an account is.
    pub fn put(&mut self, progress: Progress) {
        self.0.insert(progress.account.clone(), progress);
    }

    /// Takes an account off. Whether it was on.
    pub fn take_off(&mut self, account: &AccountId) -> bool {
        self.0.remove(account).is_some()
    }
}

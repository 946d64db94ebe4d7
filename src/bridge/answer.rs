use std::time::Duration;

use super::Cleartext;
#[cfg(doc)]
use super::{Command, SyncMode};
use crate::mail::{Brake, MessageSummary, Reason};

/// A message whose deletion on the server is staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDeletion {
    /// The message.
    pub message: MessageSummary,
    /// Who wants it.
    pub reason: Reason,
    /// Whether every octet is here and was found to be so.
    pub stored: bool,
    /// What went wrong with it last time, if something did.
    pub failure: Option<String>,
}

/// A step of [`Command::Test`] that worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TestStep {
    /// The server answered within so long.
    Connected(Duration),
    /// The connection is encrypted and the certificate is good.
    Encrypted,
    /// The connection is not encrypted.
    Cleartext(Cleartext),
    /// The server took user and password.
    LoggedIn,
    /// What it calls itself (IMPLEMENTATION), in its own words. Nothing depends on it.
    Implementation(String),
    /// Whether it names its messages (UIDL) and shows their beginnings (TOP).
    Commands {
        /// UIDL works.
        uidl: bool,
        /// TOP works.
        top: bool,
        /// It takes commands ahead (PIPELINING).
        pipelining: bool,
    },
    /// It says that it deletes mail after so many days; 0: that it may delete what was downloaded.
    Expires(u32),
    /// What lies there.
    Mailbox {
        /// How many messages.
        messages: u64,
        /// How many octets.
        octets: u64,
        /// Sender and subject of the newest, where TOP tells.
        newest: Option<(String, String)>,
    },
}

/// A step of a sync that is done. Counts are of messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyncStep {
    /// The listing is complete.
    Listed {
        /// On the server.
        messages: u64,
        /// Their octets, as STAT has it.
        octets: u64,
        /// Not known here before.
        new: u64,
    },
    /// Summaries are stored.
    Summaries(u64),
    /// Bodies are stored.
    Bodies {
        /// So many.
        messages: u64,
        /// Their octets.
        octets: u64,
    },
    /// Deletions were applied.
    Deleted(u64),
    /// What a full sync would do; comes only of [`SyncMode::DryRun`].
    Would {
        /// Summaries to fetch.
        summaries: u64,
        /// Bodies to fetch.
        bodies: u64,
        /// Their octets, as LIST announces them.
        octets: u64,
        /// Deletions that need no question.
        deletions: u64,
        /// Those of them that a rule wants.
        by_rule: u64,
        /// Deletions that a rule would stage, and that would wait for a review.
        staged: u64,
        /// Why nothing would be deleted, if the brake is on or would be.
        brake: Option<Brake>,
    },
    /// The account's part is done.
    Done(SyncReport),
}

/// All that a sync did for one account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Messages on the server.
    pub messages: u64,
    /// Summaries stored.
    pub summaries: u64,
    /// Bodies stored.
    pub bodies: u64,
    /// Octets of these bodies.
    pub octets: u64,
    /// Deletions confirmed.
    pub deleted: u64,
    /// Deletions that a rule staged, and that wait for a review.
    pub staged: u64,
    /// Why no deletion goes out, if the brake is on.
    pub brake: Option<Brake>,
    /// How long it took.
    pub elapsed: Duration,
}

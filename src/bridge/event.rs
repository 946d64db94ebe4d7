use std::path::PathBuf;
use std::sync::Arc;

#[cfg(doc)]
use super::Command;
use super::{AccountState, PendingDeletion, SyncStep, TestStep, Ticket};
use crate::mail::{AccountId, Body, Branch, Brief, Forecast, MessageId, MessageSummary, Problem};

/// What has become true.
#[derive(Clone, Debug)]
pub enum Event {
    /// Rows of a list, in order.
    Rows {
        /// Whose question this answers.
        ticket: Ticket,
        /// How many rows came before these.
        offset: usize,
        /// The rows.
        rows: Vec<MessageSummary>,
        /// Whether these are the last.
        complete: bool,
    },
    /// All that a search found, in order. Its first rows have come before.
    Found {
        /// Whose question this answers.
        ticket: Ticket,
        /// The messages.
        ids: Vec<MessageId>,
    },
    /// All rows of a list in order and without their texts, also those that came in full before.
    Briefs {
        /// Whose question this answers.
        ticket: Ticket,
        /// The rows.
        rows: Vec<Brief>,
        /// What each is sorted by when that is a text; empty otherwise.
        keys: Vec<Box<str>>,
        /// Whether these are the last.
        complete: bool,
    },
    /// Rows in full that were asked for by their ids; those that are no more are left out.
    Summaries {
        /// Whose question this answers.
        ticket: Ticket,
        /// They.
        messages: Vec<MessageSummary>,
    },
    /// The tree of a thread, also of its messages in other folders.
    Thread {
        /// Whose question this answers.
        ticket: Ticket,
        /// Its messages, each behind what it answers.
        branches: Vec<Branch>,
    },
    /// A message, ready to be drawn.
    Opened {
        /// Whose question this answers.
        ticket: Ticket,
        /// The message.
        body: Arc<Body>,
    },
    /// These messages are new here.
    Arrived {
        /// They, newest first.
        messages: Vec<MessageSummary>,
    },
    /// These messages are not as they were.
    Changed {
        /// Whose wish this was; `None` when the engine found out by itself.
        ticket: Option<Ticket>,
        /// They, as they are now.
        messages: Vec<MessageSummary>,
    },
    /// These rows are no more: each turned out to be another copy of a message that is here already, or has been in
    /// the Trash for its time.
    Merged {
        /// They.
        ids: Vec<MessageId>,
    },
    /// What is staged for deletion.
    Pending {
        /// Whose question this answers.
        ticket: Ticket,
        /// All of it.
        deletions: Vec<PendingDeletion>,
    },
    /// What became of an [`Command::Apply`].
    Applied {
        /// Whose wish this was.
        ticket: Ticket,
        /// Deleted on the server, confirmed by it.
        deleted: Vec<MessageId>,
        /// Sent, but the server's last word is missing; the next listing decides.
        unconfirmed: Vec<MessageId>,
        /// Not deleted, and why. Each stays staged unless the reason says otherwise.
        refused: Vec<(MessageId, String)>,
    },
    /// What a rule does with every copy on a server.
    Foretold {
        /// Whose question this answers.
        ticket: Ticket,
        /// Each of them; `None` where the rule counts from the newest and no listing was made since the start.
        copies: Option<Vec<Forecast>>,
    },
    /// Files were written.
    Saved {
        /// Whose wish this was.
        ticket: Ticket,
        /// Where they are.
        files: Vec<PathBuf>,
    },
    /// How an account stands; comes at the start and whenever it changes.
    Account(Box<AccountState>),
    /// The search index is being built anew, beside everything else: searches find less until [`Event::Reindexed`].
    Reindexing {
        /// So many messages are in it.
        done: u64,
        /// Of so many.
        total: u64,
    },
    /// The search index is complete again.
    Reindexed,
    /// A step of a [`Command::Test`] worked.
    Tested {
        /// Whose question this answers.
        ticket: Ticket,
        /// Which step.
        step: TestStep,
    },
    /// A step of a sync is done, with its counts.
    Synced {
        /// Whose wish this was.
        ticket: Ticket,
        /// Which account.
        account: AccountId,
        /// What is done.
        step: SyncStep,
    },
    /// The end of a ticket: all done.
    Done {
        /// Which.
        ticket: Ticket,
    },
    /// The end of a ticket, or of an account's part in it: it could not be done.
    Failed {
        /// Which; `None` for work that poppet began by itself.
        ticket: Option<Ticket>,
        /// Whose account, if one is to blame.
        account: Option<AccountId>,
        /// What, why, and what to do.
        problem: Problem,
    },
}

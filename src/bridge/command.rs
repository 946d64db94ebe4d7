use std::path::PathBuf;

#[cfg(doc)]
use super::Event;
use super::{Draft, ListRequest, SyncMode, Ticket};
use crate::mail::{AccountId, Change, MessageId, Secret, View};

/// What the screen wants.
#[derive(Clone, Debug)]
pub enum Command {
    /// Rows of a list. Answered by [`Event::Rows`], one or more, and by [`Event::Briefs`] for what the request wants in
    /// brief; the last has `complete`.
    List {
        /// Who asks.
        ticket: Ticket,
        /// What for.
        request: ListRequest,
    },
    /// What a person looks for while typing; it ends the search before. Answered by one [`Event::Rows`] with the first rows
    /// and, unless that is complete, by [`Event::Found`].
    Search {
        /// Who asks.
        ticket: Ticket,
        /// What for; its limit does not count.
        request: ListRequest,
    },
    /// Rows in full, for those that a list knows in brief. Answered by [`Event::Summaries`].
    Summaries {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        ids: Vec<MessageId>,
    },
    /// The tree of a thread. Answered by [`Event::Thread`].
    Thread {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        thread: MessageId,
    },
    /// A message to read, downloaded first if it is not here. Answered by [`Event::Opened`].
    Open {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        id: MessageId,
        /// How it is shown.
        view: View,
        /// Columns to wrap it for.
        width: u16,
    },
    /// What is here of a message, to read; nothing is asked of a server. Answered by [`Event::Opened`].
    Preview {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        id: MessageId,
        /// How it is shown.
        view: View,
        /// Columns to wrap it for.
        width: u16,
    },
    /// Has this search stand in the configuration, or no longer. Answered by [`Event::Done`].
    KeepSearch {
        /// Who asks.
        ticket: Ticket,
        /// What is looked for.
        text: String,
        /// Whether it is to stand there.
        on: bool,
    },
    /// Headers and the first lines of a message, from the server by TOP unless it is here. Answered by
    /// [`Event::Opened`] with `partial` set in the body.
    Peek {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        id: MessageId,
        /// Body lines to fetch.
        lines: u32,
        /// Columns to wrap it for.
        width: u16,
    },
    /// Download these messages now. Their rows come in [`Event::Changed`]; ends with [`Event::Done`].
    Fetch {
        /// Who asks.
        ticket: Ticket,
        /// Which.
        ids: Vec<MessageId>,
    },
    /// Change messages here, and stage or unstage their deletion. Answered by [`Event::Changed`].
    Change {
        /// Who asks.
        ticket: Ticket,
        /// Which, and what becomes of each.
        changes: Vec<(Vec<MessageId>, Change)>,
    },
    /// Fetch what is new. Ends with [`Event::Done`], or [`Event::Failed`] for each account that failed.
    Sync {
        /// Who asks.
        ticket: Ticket,
        /// Which accounts; empty means all.
        accounts: Vec<AccountId>,
        /// How much.
        mode: SyncMode,
    },
    /// What is staged for deletion on the servers. Answered by [`Event::Pending`].
    Pending {
        /// Who asks.
        ticket: Ticket,
    },
    /// Delete exactly these messages on their servers. Answered by [`Event::Applied`].
    Apply {
        /// Who asks.
        ticket: Ticket,
        /// What the person saw and agreed to.
        ids: Vec<MessageId>,
        /// Those among them that have no copy here and that the person agreed, in words that said so, to lose.
        without_copy: Vec<MessageId>,
    },
    /// The person has looked at what put the brake on, and lets deletions go on. Ends with [`Event::Done`].
    ReleaseBrake {
        /// Who asks.
        ticket: Ticket,
        /// Of which account.
        account: AccountId,
    },
    /// Let what an account's rule stages go by itself from now on, and write that down. Ends with [`Event::Done`].
    LetRulesRun {
        /// Who asks.
        ticket: Ticket,
        /// Of which account.
        account: AccountId,
    },
    /// What an account's rule does with everything on its server, and when. Answered by [`Event::Foretold`].
    Foretell {
        /// Who asks.
        ticket: Ticket,
        /// Of which account.
        account: AccountId,
    },
    /// Write a MIME part to a file: into `folder`, or into a private folder that is emptied on leaving when there is none.
    /// Never overwrites. Answered by [`Event::Saved`].
    Save {
        /// Who asks.
        ticket: Ticket,
        /// Which message.
        id: MessageId,
        /// Which parts, as numbered in its body; empty means all attachments.
        parts: Vec<u32>,
        /// Where to.
        folder: Option<PathBuf>,
    },
    /// These messages are on the screen now, from top to bottom: what is still to be fetched of them comes before what is to be
    /// fetched of others. A hint, without a ticket and without an answer; the next one replaces it.
    Look {
        /// They.
        ids: Vec<MessageId>,
    },
    /// Stop the work of this ticket, or all network work when there is none; what is done is kept.
    Cancel {
        /// Whose work.
        ticket: Option<Ticket>,
    },
    /// Try an account's settings, without saving them. Sends [`Event::Tested`] per step and ends with `Done` or `Failed`.
    Test {
        /// Who asks.
        ticket: Ticket,
        /// The settings.
        draft: Box<Draft>,
    },
    /// Run the command that is to print an account's password, once, before it is saved. Ends with [`Event::Done`] when it
    /// printed one.
    TryPasswordCommand {
        /// Who asks.
        ticket: Ticket,
        /// For which account; it need not be set up yet.
        account: AccountId,
        /// The program and its arguments.
        words: Vec<String>,
    },
    /// Save an account and its password, and start it. Ends with [`Event::Done`].
    AddAccount {
        /// Who asks.
        ticket: Ticket,
        /// The settings.
        draft: Box<Draft>,
    },
    /// Keep a new password for an account, and check again. Ends with [`Event::Done`].
    Password {
        /// Who asks.
        ticket: Ticket,
        /// Whose.
        account: AccountId,
        /// The password.
        password: Secret,
        /// Whether it goes to the keyring, or is forgotten on leaving.
        keep: bool,
    },
}

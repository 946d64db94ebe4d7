//! The words that screen and engine share, and nothing else.
//!
//! The screen sends [`Command`]s: intents, idempotent, each with a [`Ticket`]. The engine sends [`Event`]s: truths. Every
//! ticket gets exactly one end: [`Event::Done`], [`Event::Failed`], or the one answer that its command names. Both
//! channels are bounded. Progress goes through a watch channel of [`Progress`], where only the latest matters.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::mail::{
    AccountId, Body, Brake, Change, Folder, MessageId, MessageSummary, Problem, Query, Reason,
    Secret, Timestamp, View,
};

/// Who asked. A late answer to an old question is dropped by whoever no longer waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

impl Ticket {
    /// A ticket that was never used before in this process.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for Ticket {
    fn default() -> Self {
        Self::new()
    }
}

/// What the screen wants.
#[derive(Clone, Debug)]
pub enum Command {
    /// Rows of a list. Answered by [`Event::Rows`], one or more, the last with `complete`.
    List {
        /// Who asks.
        ticket: Ticket,
        /// What for.
        request: ListRequest,
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

/// How much a sync does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// Summaries, then the bodies that the account's rule wants, then deletions that need no question.
    #[default]
    Full,
    /// Summaries only.
    Headers,
    /// A listing only: how much is there and how much is new.
    Check,
    /// A listing, and what a full sync would do.
    DryRun,
}

/// Which rows of a list, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// What they must match.
    pub query: Query,
    /// In which folder; `None` means all but the Trash unless the query names one.
    pub folder: Option<Folder>,
    /// Of which account; `None` means all.
    pub account: Option<AccountId>,
    /// Their order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// At most so many; `None` means all.
    pub limit: Option<usize>,
}

impl Default for ListRequest {
    fn default() -> Self {
        Self {
            query: Query::default(),
            folder: Some(Folder::Inbox),
            account: None,
            sort: Sort::Date,
            reverse: false,
            limit: None,
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Newest first.
    #[default]
    Date,
    /// Largest first.
    Size,
    /// By sender, from A to Z, then newest first.
    From,
    /// By subject without its `Re:`, from A to Z, then newest first.
    Subject,
}

/// An account as the wizard or a command line describes it, not yet saved.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name in the configuration.
    pub account: AccountId,
    /// The person's address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// Host name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `implicit`, `starttls` or `none`, as in the configuration.
    pub tls: String,
    /// Whether the password may go unencrypted.
    pub allow_cleartext: bool,
    /// User name for the login.
    pub user: String,
    /// The password, when there is one to keep or to try.
    pub password: Option<Secret>,
    /// Where the password is to be kept.
    pub keep_password: KeepPassword,
    /// `keep` of the configuration's `[accounts.NAME.server]`, written as TOML.
    pub keep: String,
    /// `bodies` of the configuration's `[accounts.NAME.download]`, written as TOML.
    pub bodies: String,
    /// `quota` as text such as `2 GB`, when the person knows it.
    pub quota: Option<String>,
    /// Authority or certificate to trust as well.
    pub ca_file: Option<PathBuf>,
}

/// Where a password is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepPassword {
    /// In the keyring of the operating system.
    Keyring,
    /// Nowhere: it is asked for.
    Ask,
    /// In the output of a command.
    Command(Vec<String>),
}

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
        /// How many rows there are altogether.
        total: usize,
        /// Whether these are the last.
        complete: bool,
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
    /// These rows are no more: each turned out to be another copy of a message that is here already.
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
    /// Files were written.
    Saved {
        /// Whose wish this was.
        ticket: Ticket,
        /// Where they are.
        files: Vec<PathBuf>,
    },
    /// How an account stands; comes at the start and whenever it changes.
    Account(Box<AccountState>),
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
    /// The server took user and password.
    LoggedIn,
    /// Whether it names its messages (UIDL) and shows their beginnings (TOP).
    Commands {
        /// UIDL works.
        uidl: bool,
        /// TOP works.
        top: bool,
        /// It takes commands ahead (PIPELINING).
        pipelining: bool,
    },
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
    /// How long it took.
    pub elapsed: Duration,
}

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
    /// What is wrong, while it is.
    pub problem: Option<Problem>,
    /// Whether a download of a body asks first when it is larger than this many octets.
    pub ask_above: Option<u64>,
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

//! SQLite on threads of its own: messages, the ledger of what is on the servers, the search index.
//!
//! One file holds everything, so that one transaction makes a message's octets, its ledger line and its index entries
//! true together. A writer thread and a reader thread each own a connection; a search never waits for a commit. An
//! answer about something written comes after its COMMIT with `synchronous=EXTRA`, never before.
//!
//! - `open`, `folder` and `schema`: the file, its rights, its versions; `worker`, `job` and `pending`: threads, what they do, answers.
//! - `arrive`, `identity`, `message`, `thread`, `conversation`: which message something is, and how it is kept.
//! - `listing`, `deletion`, `returning`: what servers have, from the wish to delete to the fact, and back. `change`: what a person
//!   does.
//! - `list`, `index`, `phrase`, `hits`: lists and searches; `searcher`: those of a person who types; `reindex`: the index anew.
//! - `check`: is everything as it was received? `damage`: what becomes of what is not. `view`: a store that cannot be
//!   written. `blob`: large messages, piece by piece.
//!
//! Uses `mail` only.

mod account;
mod arrive;
mod blob;
mod change;
mod check;
mod chosen;
mod conversation;
mod damage;
mod deletion;
mod error;
mod folder;
mod hits;
mod identity;
mod import;
mod index;
mod job;
mod list;
mod listing;
mod message;
mod open;
mod pending;
mod phrase;
mod reindex;
mod returning;
mod rows;
mod schema;
mod searcher;
mod thread;
mod view;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;

use crate::mail::{
    AccountId, Arrival, Branch, Brief, Change, LedgerEntry, LedgerId, MessageId, MessageSummary,
    Timestamp,
};
use searcher::Searcher;
use view::Access;
pub use worker::give_way;
use worker::{Urgency, Worker};

pub use account::{AccountRecord, AccountUpdate};
pub use arrive::Outcome;
pub use check::CheckReport;
pub use deletion::PendingRow;
pub use error::Error;
pub use import::Imported;
pub use list::{Briefs, Listing, Order, Page};
pub use listing::ListingOutcome;
pub use pending::Pending;
pub use reindex::{ReindexState, Reindexed, Unindexed};
pub use searcher::Search;

/// The store. Clones are handles to the same one; dropping the last finishes what is queued.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    access: Access,
    /// Why it can only be read, if so.
    view: Option<Error>,
    writer: Worker,
    reader: Worker,
    searcher: Searcher,
}

impl Store {
    /// Makes or opens the file `path` (its folder is made, for its owner only).
    /// Fails without touching the file when it is not a store of poppet, or one of a newer poppet.
    ///
    /// A file that is there and in order is opened for reading alone; what writes begins when something is to be written.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if let Some(reader) = open::ready(path) {
            let writer = Worker::writer_when_asked(path);
            return Self::with(path, writer, reader, Access::Full, None);
        }
        let writer = Worker::writer(open::writer(path)?)?;
        let reader = open::reader(path, Access::Full)?;
        Self::with(path, writer, reader, Access::Full, None)
    }

    fn with(
        path: &Path,
        writer: Worker,
        reader: Connection,
        access: Access,
        view: Option<Error>,
    ) -> Result<Self, Error> {
        open::keep_little(&reader)?;
        let reader = Worker::reader(reader)?;
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                access,
                view,
                writer,
                reader,
                searcher: Searcher::new(path, access),
            }),
        })
    }

    /// Does what is queued, folds the log into the file, and ends the threads. What is asked later gets [`Error::Closed`].
    pub fn close(&self) -> Result<(), Error> {
        self.inner.searcher.close();
        self.inner.reader.close();
        self.inner.writer.close();
        // The last connection that is closed folds the log in and takes it away, unless another program has it.
        if self.inner.view.is_some() || !open::beside(&self.inner.path, "-wal").exists() {
            return Ok(());
        }
        let connection = open::reader(&self.inner.path, Access::Full)?;
        connection.pragma_update(None, "query_only", false)?;
        connection.busy_timeout(std::time::Duration::ZERO)?;
        // Another program may be using it, or the disk be full: then the log stays, which does no harm.
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(())
    }

    /// From now on, whatever is written lets the rest of this program go first when there are fewer cores than work: there is
    /// a screen that somebody looks at.
    pub fn stand_back(&self) {
        let done = self.inner.writer.send(Urgency::Person, |_| {
            worker::give_way();
            Ok(())
        });
        drop(done);
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Every line of an account's ledger, oldest first, also of copies that are gone. Lists and messages do not wait for it:
    /// it is read in steps, and no further once nobody waits for the answer.
    pub fn ledger(&self, account: &AccountId) -> Pending<Vec<LedgerEntry>> {
        let mut ledger = listing::Ledger::new(account.clone());
        self.inner
            .reader
            .send_reading(move |connection| ledger.step(connection))
    }

    /// How many messages of an account are known here, also such as are no longer shown.
    pub fn count(&self, account: &AccountId) -> Pending<u64> {
        let account = account.clone();
        self.read(move |connection| account::count(connection, &account))
    }

    /// Records a complete listing: in one transaction, or, where many lines change, in several between which people's wishes
    /// go. The rows that are not as they were.
    pub fn record_listing(
        &self,
        account: &AccountId,
        outcome: ListingOutcome,
        now: Timestamp,
    ) -> Pending<Vec<MessageSummary>> {
        let mut record = listing::Record::new(account.clone(), outcome, now);
        self.inner
            .writer
            .send_steps(move |connection| record.step(connection))
    }

    /// Marks lines as no longer on the server: their id turned out to name another message. The rows that changed.
    pub fn vanish(&self, lines: Vec<LedgerId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Batch, move |connection| {
            listing::vanish(connection, &lines)
        })
    }

    /// Stores what came from a server: octets, message, ledger and index in one transaction.
    ///
    /// Where the ledger has lines, record the listing first, so that copies which it no longer has are known to be gone.
    pub fn store_arrivals(
        &self,
        account: &AccountId,
        arrivals: Vec<Arrival>,
        now: Timestamp,
    ) -> Pending<Outcome> {
        let account = account.clone();
        self.write(Urgency::Batch, move |connection| {
            arrive::store(connection, &account, &arrivals, now)
        })
    }

    /// Takes over messages from files. Each message, and whether it is new here, or damaged before and now whole.
    pub fn import(
        &self,
        account: &AccountId,
        messages: Vec<Imported>,
        now: Timestamp,
    ) -> Pending<Vec<(MessageId, bool)>> {
        let account = account.clone();
        self.write(Urgency::Batch, move |connection| {
            import::import(connection, &account, messages, now)
        })
    }

    /// Remembers why a download failed, or that it no longer does.
    pub fn record_failure(&self, line: LedgerId, why: Option<String>) -> Pending<()> {
        self.write(Urgency::Batch, move |connection| {
            connection
                .prepare_cached("UPDATE ledger SET failure = ?2 WHERE id = ?1")?
                .execute(rusqlite::params![line.0, why])?;
            Ok(())
        })
    }

    /// The rows of these messages, in this order; unknown ones are left out.
    pub fn summaries(&self, ids: Vec<MessageId>) -> Pending<Vec<MessageSummary>> {
        self.read(move |connection| rows::summaries(connection, ids))
    }

    /// A list. Reads no bodies.
    pub fn list(&self, listing: Listing) -> Pending<Page> {
        self.read(move |connection| list::list(connection, &listing))
    }

    /// Searches for a person who types: the first page of a list, then all that is in it. A search that is still under way
    /// gives up and answers [`Error::Superseded`]; lists and messages never wait for one.
    pub fn search(&self, listing: Listing) -> Search {
        self.inner.searcher.ask(listing)
    }

    /// A part of a list, like [`Store::list`], but nothing is counted.
    pub fn rows(&self, listing: Listing) -> Pending<Vec<MessageSummary>> {
        self.read(move |connection| list::rows(connection, &listing))
    }

    /// A list in brief. Reads indexes only.
    pub fn briefs(&self, listing: Listing) -> Pending<Briefs> {
        self.read(move |connection| list::briefs(connection, &listing))
    }

    /// The rows of a list by date in brief that come behind this one, or its first, at most `limit` of them. What a long list
    /// needs is so never here twice.
    pub fn next_briefs(&self, listing: Listing, behind: Option<Brief>) -> Pending<Vec<Brief>> {
        self.read(move |connection| list::next_briefs(connection, &listing, behind.as_ref()))
    }

    /// The tree of a thread: each message behind what it answers.
    pub fn thread(&self, thread: MessageId) -> Pending<Vec<Branch>> {
        self.read(move |connection| conversation::branches(connection, thread))
    }

    /// What a person does: all of it or none. The rows of all messages named, as they are now.
    pub fn change(
        &self,
        changes: Vec<(Vec<MessageId>, Change)>,
        now: Timestamp,
    ) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Person, move |connection| {
            change::apply(connection, &changes, now)
        })
    }

    /// Marks messages as larger than what is downloaded. The rows of those that were not marked before.
    pub fn mark_too_large(&self, ids: Vec<MessageId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Batch, move |connection| {
            change::mark_too_large(connection, &ids)
        })
    }

    /// What is staged for deletion in these accounts; in all when none is named.
    pub fn pending(&self, accounts: &[AccountId]) -> Pending<Vec<PendingRow>> {
        let accounts = accounts.to_vec();
        self.read(move |connection| deletion::pending(connection, &accounts))
    }

    /// Remembers that the person agreed to lose these messages, of which there is no copy here, or no longer agrees.
    /// Holds only for what is staged.
    pub fn allow_loss(&self, ids: Vec<MessageId>, yes: bool) -> Pending<()> {
        self.write(Urgency::Person, move |connection| {
            deletion::allow_loss(connection, &ids, yes)
        })
    }

    /// Notes that QUIT is about to turn these deletions into facts. To be awaited before its first octet.
    ///
    /// Gives the lines whose deletion was taken back meanwhile. When there are any, nothing was noted and QUIT must not be
    /// sent: close the connection, or RSET.
    pub fn mark_unconfirmed(&self, lines: Vec<LedgerId>) -> Pending<Vec<LedgerId>> {
        self.write(Urgency::Person, move |connection| {
            deletion::mark_unconfirmed(connection, &lines)
        })
    }

    /// What became of deletions: confirmed, or wanted as before and why. The rows that changed.
    pub fn settle(
        &self,
        deleted: Vec<LedgerId>,
        back: Vec<(LedgerId, String)>,
    ) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Person, move |connection| {
            deletion::settle(connection, &deleted, &back)
        })
    }

    /// Takes back [`Store::mark_unconfirmed`] where no QUIT was sent after all. The rows that changed.
    pub fn still_wanted(&self, lines: Vec<LedgerId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Person, move |connection| {
            deletion::still_wanted(connection, &lines)
        })
    }

    /// Withdraws deletions whose copy on the server is not what was to be deleted. The rows that changed.
    pub fn cancel_deletions(&self, lines: Vec<(LedgerId, String)>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Person, move |connection| {
            deletion::cancel(connection, &lines)
        })
    }

    /// Takes an account's mail off this computer that has been in the Trash and on no server for so many seconds, by the clock
    /// and over as many of the account's checks. Which.
    pub fn purge_trash(
        &self,
        account: &AccountId,
        now: Timestamp,
        seconds: i64,
    ) -> Pending<Vec<MessageId>> {
        let account = account.clone();
        self.write(Urgency::Batch, move |connection| {
            change::purge_trash(connection, &account, now, seconds)
        })
    }

    fn write<T: Send + 'static>(
        &self,
        urgency: Urgency,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T> {
        self.inner.writer.send(urgency, work)
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T> {
        self.inner.reader.send(Urgency::Person, work)
    }

    fn later<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> Pending<T> {
        self.inner.reader.send(Urgency::Batch, work)
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::identity::{self, Likeness};
use super::listing::take_back;
use super::returning::give_up;
use super::rows::{self, back_again, local_code, octets_code, server_code};
use super::{Error, account, index, message, thread};
use crate::mail::{
    AccountId, Arrival, Digest, Extract, LedgerId, Local, MessageId, MessageSummary, Server,
    Stored, Timestamp,
};

/// What became of a batch of arrivals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// One for each arrival, in their order.
    pub stored: Vec<Stored>,
    /// Rows that are no more: each turned out to be another copy of a message that is here already.
    pub merged: Vec<MessageId>,
    /// Every row that is new or not as it was, as it is now.
    pub rows: Vec<MessageSummary>,
}

pub(super) fn store(
    connection: &Connection,
    account: &AccountId,
    arrivals: &[Arrival],
    now: Timestamp,
) -> Result<Outcome, Error> {
    let row = account::row(connection, account, now)?;
    let mut batch = Batch::new(connection, row, now)?;
    for arrival in arrivals {
        let stored = batch.take(arrival)?;
        batch.outcome.stored.push(stored);
    }
    batch.finish()
}

/// The work on one batch, inside one transaction.
pub(super) struct Batch<'c> {
    pub(super) connection: &'c Connection,
    pub(super) account: i64,
    pub(super) listings: i64,
    pub(super) now: Timestamp,
    /// The last number that a message got; asked for when the first is needed.
    pub(super) last: Option<i64>,
    pub(super) outcome: Outcome,
    pub(super) touched: BTreeSet<MessageId>,
    /// What is to be indexed at the end: in one go, because the index writes out what it holds at many a statement.
    pub(super) words: BTreeMap<MessageId, &'c Extract>,
    /// What the index has of these messages is to be taken out before that, for the same reason.
    pub(super) stale: BTreeSet<MessageId>,
}

/// What an arrival's octets say about which message it is.
pub(super) struct Traits<'a> {
    pub(super) arrival: &'a Arrival,
    pub(super) header: Digest,
    /// Of all octets; only of a full message.
    pub(super) sha256: Option<Digest>,
}

impl<'c> Batch<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        account: i64,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let listings = connection
            .prepare_cached("SELECT listings FROM accounts WHERE id = ?1")?
            .query_row([account], |row| row.get(0))?;
        Ok(Self {
            connection,
            account,
            listings,
            now,
            last: None,
            outcome: Outcome::default(),
            touched: BTreeSet::new(),
            words: BTreeMap::new(),
            stale: BTreeSet::new(),
        })
    }

    fn take(&mut self, arrival: &'c Arrival) -> Result<Stored, Error> {
        let traits = Traits {
            arrival,
            header: arrival.octets.header_digest(),
            sha256: (arrival.extent == Local::Full).then(|| arrival.octets.digest()),
        };
        match arrival.ledger {
            Some(line) => self.complete(line, &traits),
            None => self.take_in(&traits),
        }
    }

    /// A copy that was never listed before.
    fn take_in(&mut self, traits: &Traits<'c>) -> Result<Stored, Error> {
        let known = identity::recognise(self.connection, self.account, traits)?;
        let mut likeness = Likeness::Proven;
        let (message, line) = if let Some(known) = known {
            likeness = Likeness::of(self.connection, known, traits)?;
            message::fill(self, known, traits)?;
            let message = self.merge_same_body(known, traits)?;
            rows::mark_returned(self.connection, message)?;
            let line = self.attach(message, traits, likeness)?;
            rows::refresh(self.connection, message)?;
            (message, line)
        } else {
            // Its row is written as its one copy makes it, so that there is nothing to sum up afterwards.
            let message = message::insert(self, traits, Server::Present)?;
            (message, self.new_line(message, traits, likeness)?)
        };
        self.touched.insert(message);
        Ok(Stored {
            ledger: line,
            message,
            new: known.is_none(),
            doubtful: likeness == Likeness::Doubtful,
        })
    }

    /// More of a copy that has its line already.
    fn complete(&mut self, line: LedgerId, traits: &Traits<'c>) -> Result<Stored, Error> {
        let held = identity::Held::of(self.connection, line)?;
        self.connection
            .prepare_cached(
                "UPDATE ledger SET failure = NULL, assumed = CASE WHEN ?2 THEN 0 ELSE assumed END,
                     octets = CASE WHEN ?2 AND octets = 0 THEN ?3 ELSE octets END WHERE id = ?1",
            )?
            .execute(params![
                line.0,
                traits.sha256.is_some(),
                octets_code(traits.arrival.listed_octets)
            ])?;
        if !held.is_copy(traits) {
            return self.repoint(line, &held, traits);
        }
        if held.header != Some(traits.header) && held.local != Local::Full {
            self.rebind(line, &held, traits)?;
        }
        message::fill(self, held.message, traits)?;
        let message = self.merge_same_body(held.message, traits)?;
        rows::refresh(self.connection, message)?;
        self.touched.insert(message);
        Ok(Stored {
            ledger: line,
            message,
            new: false,
            doubtful: false,
        })
    }

    /// The line's id names another message now: the old one stays as it is, without this copy.
    fn repoint(
        &mut self,
        line: LedgerId,
        held: &identity::Held,
        traits: &Traits<'c>,
    ) -> Result<Stored, Error> {
        let (message, new, likeness) = self.message_for(traits)?;
        rows::mark_returned(self.connection, message)?;
        let trouble = held
            .wanted()
            .then_some("the server has another message under its id now");
        self.connection
            .prepare_cached(
                "UPDATE ledger SET message = ?2, header = ?3, server = 0, reason = NULL, without_copy = 0, confirmed = 0,
                     counted_from = ?4, octets = ?5, trouble = ?6, assumed = ?7 WHERE id = ?1",
            )?
            .execute(params![
                line.0,
                message.0,
                traits.header.0,
                self.listings,
                likeness.size(traits),
                trouble,
                likeness != Likeness::Proven
            ])?;
        for message in [held.message, message] {
            rows::refresh(self.connection, message)?;
            self.touched.insert(message);
        }
        Ok(Stored {
            ledger: line,
            message,
            new,
            doubtful: likeness == Likeness::Doubtful,
        })
    }

    /// The same message, but the server shows its header otherwise than before. What was to be deleted by the old header
    /// is not deleted by the new one without being asked for again.
    fn rebind(
        &mut self,
        line: LedgerId,
        held: &identity::Held,
        traits: &Traits<'c>,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE ledger SET header = ?2 WHERE id = ?1")?
            .execute(params![line.0, traits.header.0])?;
        if held.header.is_some() && held.wanted() {
            take_back(self.connection, &[line])?;
            self.connection
                .prepare_cached(
                    "UPDATE ledger SET server = 0, reason = NULL, without_copy = 0, trouble = ?2 WHERE id = ?1",
                )?
                .execute(params![line.0, "its header on the server has changed"])?;
        }
        Ok(())
    }

    /// The message that these octets are, new or known, with as much of them as is worth keeping.
    fn message_for(&mut self, traits: &Traits<'c>) -> Result<(MessageId, bool, Likeness), Error> {
        if let Some(known) = identity::recognise(self.connection, self.account, traits)? {
            let likeness = Likeness::of(self.connection, known, traits)?;
            message::fill(self, known, traits)?;
            return Ok((self.merge_same_body(known, traits)?, false, likeness));
        }
        let new = message::insert(self, traits, Server::Vanished)?;
        Ok((new, true, Likeness::Proven))
    }

    /// Gives a message a line for this copy: the one it had under the same id, or a new one.
    fn attach(
        &mut self,
        message: MessageId,
        traits: &Traits<'c>,
        likeness: Likeness,
    ) -> Result<LedgerId, Error> {
        let remote = traits.arrival.remote.as_bytes();
        let size = likeness.size(traits);
        let gone: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM ledger WHERE message = ?1 AND remote = ?2 AND server IN (3, 4) ORDER BY id LIMIT 1",
            )?
            .query_row(params![message.0, remote], |row| row.get(0))
            .optional()?;
        if let Some(line) = gone {
            give_up(self.connection, &[LedgerId(line)])?;
            self.connection
                .prepare_cached(concat!(
                    "UPDATE ledger SET ",
                    back_again!(),
                    ",
                         octets = ?2, header = ?3, counted_from = ?4, assumed = ?5 WHERE id = ?1"
                ))?
                .execute(params![
                    line,
                    size,
                    traits.header.0,
                    self.listings,
                    likeness != Likeness::Proven
                ])?;
            return Ok(LedgerId(line));
        }
        self.new_line(message, traits, likeness)
    }

    fn new_line(
        &mut self,
        message: MessageId,
        traits: &Traits<'c>,
        likeness: Likeness,
    ) -> Result<LedgerId, Error> {
        let remote = traits.arrival.remote.as_bytes();
        // Copies that are gone give their id up to the one that has it now, so that the id means one copy again.
        self.connection
            .prepare_cached(
                "UPDATE ledger SET remote = x'' WHERE account = ?1 AND remote = ?2 AND remote <> x'' AND server IN (3, 4)",
            )?
            .execute(params![self.account, remote])?;
        self.connection
            .prepare_cached(
                "INSERT INTO ledger (account, message, remote, octets, header, server, first_seen, counted_from, assumed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                self.account,
                message.0,
                remote,
                likeness.size(traits),
                traits.header.0,
                server_code(Server::Present),
                self.now.0,
                self.listings,
                likeness != Likeness::Proven
            ])?;
        Ok(LedgerId(self.connection.last_insert_rowid()))
    }

    /// Puts two rows with the same octets together: the older one stays.
    fn merge_same_body(
        &mut self,
        message: MessageId,
        traits: &Traits<'c>,
    ) -> Result<MessageId, Error> {
        let Some(sha256) = traits.sha256 else {
            return Ok(message);
        };
        let twin: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT id FROM messages WHERE account = ?1 AND header = ?2 AND sha256 = ?3 AND id <> ?4
                 ORDER BY id LIMIT 1",
            )?
            .query_row(
                params![self.account, traits.header.0, sha256.0, message.0],
                |row| row.get(0),
            )
            .optional()?;
        let Some(twin) = twin.map(MessageId) else {
            return Ok(message);
        };
        let (kept, gone) = (message.min(twin), message.max(twin));
        // Of the one that stays, the octets may not be what they were.
        message::fill(self, kept, traits)?;
        for sql in [
            "UPDATE ledger SET message = ?1, counted_from = max(counted_from, ?3) WHERE message = ?2",
            "UPDATE messages SET flags = flags | (SELECT flags FROM messages WHERE id = ?2) WHERE id = ?1 AND ?3 >= 0",
        ] {
            self.connection
                .prepare_cached(sql)?
                .execute(params![kept.0, gone.0, self.listings])?;
        }
        self.words.remove(&gone);
        self.stale.insert(gone);
        self.connection
            .prepare_cached("DELETE FROM messages WHERE id = ?1")?
            .execute([gone.0])?;
        thread::leave(self.connection, gone, &mut self.touched)?;
        self.touched.remove(&gone);
        self.outcome.merged.push(gone);
        for stored in self
            .outcome
            .stored
            .iter_mut()
            .filter(|stored| stored.message == gone)
        {
            stored.message = kept;
        }
        Ok(kept)
    }

    pub(super) fn finish(mut self) -> Result<Outcome, Error> {
        for message in &self.stale {
            index::remove(self.connection, *message)?;
        }
        for (message, extract) in &self.words {
            index::insert(self.connection, *message, extract)?;
        }
        self.outcome.rows = rows::summaries(self.connection, self.touched)?;
        Ok(self.outcome)
    }

    pub(super) fn extent_code(traits: &Traits<'_>) -> i64 {
        local_code(traits.arrival.extent)
    }
}

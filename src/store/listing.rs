//! What a complete listing of a server changes in the ledger.

use std::collections::{BTreeSet, VecDeque};

use rusqlite::{Connection, params};

use super::Error;
use super::account::{self, AccountUpdate};
use super::returning::{self, REAPPEARED};
use super::rows::{self, ids_text, octets_code, shown_copy};
use crate::mail::{
    AccountId, Brake, Flags, LedgerEntry, LedgerId, MessageId, MessageSummary, Timestamp,
};

/// A complete listing, compared with the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingOutcome {
    /// Lines that the listing has, and the size it gives, in octets. Those whose size is as it was may be left out.
    pub known: Vec<(LedgerId, u64)>,
    /// Lines that it does not have and that poppet did not delete.
    pub vanished: Vec<LedgerId>,
    /// Lines whose UIDL it has, so that it does not say which message is meant.
    pub ambiguous: Vec<LedgerId>,
    /// Lines whose deletion was unconfirmed, or wanted again after it was confirmed, and that it does not have.
    pub deleted: Vec<LedgerId>,
    /// Lines whose deletion the server had confirmed, and that no listing has had to show so far: it does, or what it has is no
    /// answer to that.
    pub carried_out: Vec<LedgerId>,
    /// Lines whose deletion was unconfirmed and that it has.
    pub wanted_again: Vec<LedgerId>,
    /// Lines thought gone that it has, found to be the same message by their header block. A person's deletion that was confirmed
    /// and not [carried out](Self::carried_out) is wanted again, three times.
    pub reappeared: Vec<LedgerId>,
    /// Lines thought gone under whose UIDL it has a message, which is yet to be looked at.
    pub relisted: Vec<LedgerId>,
    /// Lines that a rule stages for deletion.
    pub stage_by_rule: Vec<LedgerId>,
    /// Messages on the server.
    pub messages: u64,
    /// Their octets.
    pub octets: u64,
    /// Why no deletion goes out, if the brake is on now.
    pub brake: Option<Brake>,
    /// Whether it is no session of its own for the rules that wait for several.
    pub uncounted: bool,
}

/// An account's ledger that is being read. A line that is changed meanwhile may be as it was before or after, as it may when
/// it is changed once all have been read.
pub(super) struct Ledger {
    account: AccountId,
    entries: Vec<LedgerEntry>,
    /// The last line of any account that was looked at.
    behind: i64,
}

impl Ledger {
    pub(super) fn new(account: AccountId) -> Self {
        Self {
            account,
            entries: Vec::new(),
            behind: 0,
        }
    }

    /// Reads the next lines; with the last, gives all.
    pub(super) fn step(
        &mut self,
        connection: &Connection,
    ) -> Result<Option<Vec<LedgerEntry>>, Error> {
        let Some(row) = account::find(connection, &self.account)? else {
            return Ok(Some(Vec::new()));
        };
        let last: Option<i64> = connection
            .prepare_cached(
                "SELECT max(id) FROM (SELECT id FROM ledger WHERE id > ?1 ORDER BY id LIMIT ?2)",
            )?
            .query_row(params![self.behind, LINES], |row| row.get(0))?;
        let Some(last) = last else {
            return Ok(Some(std::mem::take(&mut self.entries)));
        };
        if last <= self.behind {
            // Asked for what is behind it, a table that is in order never says so; this one would be read for ever.
            let what = "the lines of the ledger are not in order";
            return Err(Error::Damaged(what.to_owned()));
        }
        // Read in the order in which it lies; the index over accounts would give it in another.
        let condition = "+l.account = ?1 AND l.id > ?2 AND l.id <= ?3 ORDER BY l.id";
        let mut statement = rows::ledger_statement(connection, condition)?;
        let mut lines = statement.query(params![row, self.behind, last])?;
        while let Some(line) = lines.next()? {
            self.entries.push(rows::ledger_entry(line)?);
        }
        self.behind = last;
        Ok(None)
    }
}

/// A listing that is being recorded: what few lines change in one transaction, what many do in several.
///
/// The first says which listing it is and whether the brake is on. Should the rest not come to pass, then the next listing
/// finds the same again.
pub(super) struct Record {
    account: AccountId,
    outcome: ListingOutcome,
    now: Timestamp,
    begun: bool,
    left: VecDeque<(Update, Vec<LedgerId>)>,
    changed: Vec<MessageSummary>,
}

impl Record {
    pub(super) fn new(account: AccountId, outcome: ListingOutcome, now: Timestamp) -> Self {
        Self {
            account,
            outcome,
            now,
            begun: false,
            left: VecDeque::new(),
            changed: Vec::new(),
        }
    }

    /// Does the next part; with the last, gives the rows that are not as they were.
    pub(super) fn step(
        &mut self,
        connection: &Connection,
    ) -> Result<Option<Vec<MessageSummary>>, Error> {
        let mut touched = BTreeSet::new();
        if !self.begun {
            touched = self.begin(connection)?;
            self.begun = true;
        }
        let mut room = STEP;
        while let Some((update, lines)) = self.left.front_mut() {
            let rest = lines.split_off(room.min(lines.len()));
            if update.set == REAPPEARED.set {
                let returned = returning::mark(connection, lines)?;
                self.changed.extend(returned);
            }
            touched.extend(update_lines(connection, *update, lines)?);
            room -= lines.len();
            if !rest.is_empty() {
                *lines = rest;
                break;
            }
            self.left.pop_front();
        }
        self.changed.extend(changed_rows(connection, &touched)?);
        Ok(self
            .left
            .is_empty()
            .then(|| std::mem::take(&mut self.changed)))
    }

    fn begin(&mut self, connection: &Connection) -> Result<BTreeSet<MessageId>, Error> {
        let outcome = &mut self.outcome;
        let row = account::row(connection, &self.account, self.now)?;
        account::elapse(connection, row, self.now)?;
        still_listed(connection, &outcome.relisted)?;
        fulfilled(connection, &outcome.deleted)?;
        account::update(
            connection,
            row,
            &AccountUpdate {
                last_sync: Some(self.now),
                on_server: Some((outcome.messages, outcome.octets)),
                brake: Some(outcome.brake),
                quirks: None,
            },
        )?;
        if !outcome.uncounted {
            connection.execute(
                "UPDATE accounts SET listings = listings + 1 WHERE id = ?1",
                [row],
            )?;
        }
        take_back(connection, &outcome.ambiguous)?;
        self.left = [
            (DELETED, std::mem::take(&mut outcome.deleted)),
            (CARRIED_OUT, std::mem::take(&mut outcome.carried_out)),
            (WANTED_AGAIN, std::mem::take(&mut outcome.wanted_again)),
            (STAGED_BY_RULE, std::mem::take(&mut outcome.stage_by_rule)),
            (VANISHED, std::mem::take(&mut outcome.vanished)),
            (AMBIGUOUS, std::mem::take(&mut outcome.ambiguous)),
            (REAPPEARED, std::mem::take(&mut outcome.reappeared)),
        ]
        .into_iter()
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
        resize(connection, row, &outcome.known)
    }
}

/// Marks the messages of these lines whose deletion a person has staged: that is about to be taken back.
pub(super) fn take_back(connection: &Connection, lines: &[LedgerId]) -> Result<(), Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let ids = ids_text(lines.iter().map(|line| line.0));
    connection
        .prepare_cached(
            "UPDATE messages SET flags = flags | ?2 WHERE id IN (SELECT message FROM ledger
                 WHERE id IN (SELECT value FROM json_each(?1)) AND server = 1 AND reason = 0)",
        )?
        .execute(params![ids, Flags::TAKEN_BACK.bits()])?;
    Ok(())
}

/// These copies are deleted. The same wish for other copies of their messages that are away is fulfilled with that: what comes back
/// one day, from a backup perhaps, is not deleted for it.
pub(super) fn fulfilled(connection: &Connection, deleted: &[LedgerId]) -> Result<(), Error> {
    if !deleted.is_empty() {
        connection
            .prepare_cached(
                "UPDATE ledger SET reason = NULL WHERE server = 4 AND reason IS NOT NULL AND message IN
                     (SELECT message FROM ledger WHERE id IN (SELECT value FROM json_each(?1)))",
            )?
            .execute([ids_text(deleted.iter().map(|line| line.0))])?;
    }
    Ok(())
}

/// What may be on the server after all does not count as gone.
fn still_listed(connection: &Connection, lines: &[LedgerId]) -> Result<(), Error> {
    if !lines.is_empty() {
        connection
            .prepare_cached(
                "UPDATE messages SET gone_from = NULL WHERE gone_from IS NOT NULL AND id IN
                     (SELECT message FROM ledger WHERE id IN (SELECT value FROM json_each(?1)))",
            )?
            .execute([ids_text(lines.iter().map(|line| line.0))])?;
    }
    Ok(())
}

/// Marks lines as no longer listed.
pub(super) fn vanish(
    connection: &Connection,
    lines: &[LedgerId],
) -> Result<Vec<MessageSummary>, Error> {
    let touched = update_lines(connection, VANISHED, lines)?;
    changed_rows(connection, &touched)
}

/// What becomes of lines of the ledger, of those alone for which `only` is true at the time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Update {
    pub(super) set: &'static str,
    pub(super) only: &'static str,
}

/// Updates lines, and gives the messages of those that it changed.
pub(super) fn update_lines(
    connection: &Connection,
    Update { set, only }: Update,
    lines: &[LedgerId],
) -> Result<BTreeSet<MessageId>, Error> {
    let mut statement = connection.prepare_cached(&format!(
        "UPDATE ledger SET {set}
         WHERE id IN (SELECT value FROM json_each(?1)) AND ({only}) RETURNING message"
    ))?;
    let mut touched = BTreeSet::new();
    let ids = ids_text(lines.iter().map(|line| line.0));
    for message in statement.query_map([ids], |row| row.get(0))? {
        touched.insert(MessageId(message?));
    }
    Ok(touched)
}

/// Sums the messages up again; the rows of those that are not as they were.
pub(super) fn changed_rows(
    connection: &Connection,
    messages: &BTreeSet<MessageId>,
) -> Result<Vec<MessageSummary>, Error> {
    let ids = ids_text(messages.iter().map(|message| message.0));
    let mut changed = BTreeSet::new();
    for sql in [SUM_UP, SUM_UP_SIZES] {
        for message in connection
            .prepare_cached(sql)?
            .query_map([&ids], |row| row.get(0))?
        {
            changed.insert(MessageId(message?));
        }
    }
    rows::summaries(connection, changed)
}

/// Takes over the listed sizes where they differ. Few do, so the lines are compared here and not in the database.
fn resize(
    connection: &Connection,
    account: i64,
    known: &[(LedgerId, u64)],
) -> Result<BTreeSet<MessageId>, Error> {
    if known.is_empty() {
        return Ok(BTreeSet::new());
    }
    let mut listed: Vec<(i64, i64)> = known
        .iter()
        .map(|(line, size)| (line.0, octets_code(*size)))
        .collect();
    listed.sort_unstable();
    let mut listed = listed.into_iter().peekable();
    let mut other = Vec::new();
    let mut held = connection
        .prepare_cached("SELECT id, octets FROM ledger WHERE +account = ?1 ORDER BY id")?;
    let mut held = held.query([account])?;
    while let Some(line) = held.next()? {
        let (id, size): (i64, i64) = (line.get(0)?, line.get(1)?);
        while listed.next_if(|(line, _)| *line < id).is_some() {}
        other.extend(listed.next_if(|(line, now)| *line == id && *now != size));
    }
    let mut touched = BTreeSet::new();
    let mut statement = connection
        .prepare_cached("UPDATE ledger SET octets = ?2 WHERE id = ?1 RETURNING message")?;
    for (line, size) in other {
        let message = statement.query_row(params![line, size], |row| row.get(0))?;
        touched.insert(MessageId(message));
    }
    Ok(touched)
}

/// Lines that one transaction changes, so that nobody waits longer than for these.
const STEP: usize = 2_000;

/// What [`rows::refresh`] does for one message, for many at once.
const SUM_UP: &str = concat!(
    "UPDATE messages SET server = now.server, reason = now.reason, remote = now.remote,
         gone_from = CASE WHEN now.server > 2 THEN gone_from END
     FROM (SELECT m.id AS id, coalesce(l.server, 4) AS server, CASE WHEN l.server = 1 THEN l.reason END AS reason,
             coalesce(l.remote, x'') AS remote
         FROM json_each(?1) AS j CROSS JOIN messages AS m ON m.id = j.value
         LEFT JOIN ledger AS l ON l.id = (SELECT c.id ",
    shown_copy!("m.id"),
    ")
         WHERE m.server <> coalesce(l.server, 4) OR m.remote <> coalesce(l.remote, x'')
             OR m.reason IS NOT CASE WHEN l.server = 1 THEN l.reason END) AS now
     WHERE messages.id = now.id RETURNING messages.id"
);
/// Sizes apart from the rest: few change, and those that do move in an index.
const SUM_UP_SIZES: &str = concat!(
    "UPDATE messages SET octets = now.octets
     FROM (SELECT m.id AS id, l.octets AS octets
         FROM json_each(?1) AS j CROSS JOIN messages AS m ON m.id = j.value
         JOIN ledger AS l ON l.id = (SELECT c.id ",
    shown_copy!("m.id"),
    ")
         WHERE m.local <> 2 AND l.octets <> 0 AND m.octets <> l.octets) AS now
     WHERE messages.id = now.id RETURNING messages.id"
);
/// The wish to delete a copy stays with it while it is away, without the consent to lose it; not so one that the server has said
/// to have fulfilled.
const VANISHED: Update = Update {
    set: "server = CASE WHEN confirmed > 0 THEN 3 ELSE 4 END, without_copy = 0,
          reason = CASE WHEN server IN (1, 2) AND confirmed = 0 THEN reason END, confirmed = 0",
    only: "server IN (0, 1, 2) OR server = 3 AND confirmed > 0",
};
/// What was staged while the UIDL named one message is not meant for whichever has it now. The wish of a deletion that was sent
/// already stays: what it was sent for is gone, or is recognised.
const AMBIGUOUS: Update = Update {
    set: "reason = CASE WHEN server = 2 THEN reason END, server = 4, without_copy = 0, confirmed = 0",
    only: "server IN (0, 1, 2)",
};
/// A listing shows that it is gone.
const DELETED: Update = Update {
    set: "server = 3, reason = NULL, without_copy = 0, trouble = NULL, confirmed = 0",
    only: "server IN (1, 2)",
};
/// The server says that it is gone. Its reason waits for the listing that shows it.
pub(super) const CONFIRMED: Update = Update {
    set: "server = 3, without_copy = 0, trouble = NULL, confirmed = confirmed + 1",
    only: "server IN (1, 2)",
};
const CARRIED_OUT: Update = Update {
    set: "reason = NULL, confirmed = 0",
    only: "server = 3",
};
/// Wanted as before, unless the wish was taken back meanwhile, which took its reason away.
pub(super) const WANTED_AGAIN: Update = Update {
    set: "server = CASE WHEN reason IS NULL THEN 0 ELSE 1 END",
    only: "server = 2",
};
/// `72` are the flags of a message that is pinned, and of one that came back.
const STAGED_BY_RULE: Update = Update {
    set: "server = 1, reason = 1, trouble = NULL, let_go = 0",
    only: "server = 0 AND EXISTS (SELECT 1 FROM messages AS m
           WHERE m.id = ledger.message AND m.flags & 72 = 0 AND m.local = 2)",
};
/// Lines that are read in one go: some milliseconds.
const LINES: i64 = 1_000;

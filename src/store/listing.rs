//! What a complete listing of a server changes in the ledger.

use std::collections::{BTreeSet, HashMap};

use rusqlite::{Connection, params};

use super::Error;
use super::account::{self, AccountUpdate};
use super::rows::{self, octets_code};
use crate::mail::{AccountId, Brake, LedgerEntry, LedgerId, MessageId, MessageSummary, Timestamp};

/// A complete listing, compared with the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingOutcome {
    /// Lines that the listing has, and the size it gives, in octets. Those whose size is as it was may be left out.
    pub known: Vec<(LedgerId, u64)>,
    /// Lines that it does not have and that poppet did not delete.
    pub vanished: Vec<LedgerId>,
    /// Lines whose deletion was unconfirmed and that it does not have.
    pub deleted: Vec<LedgerId>,
    /// Lines whose deletion was unconfirmed and that it has.
    pub wanted_again: Vec<LedgerId>,
    /// Lines thought gone that it has, found to be the same message by their header block.
    pub reappeared: Vec<LedgerId>,
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

pub(super) fn ledger(
    connection: &Connection,
    account: &AccountId,
) -> Result<Vec<LedgerEntry>, Error> {
    let Some(row) = account::find(connection, account)? else {
        return Ok(Vec::new());
    };
    let mut statement = rows::ledger_statement(connection, "l.account = ?1 ORDER BY l.id")?;
    let mut lines = statement.query([row])?;
    let mut entries = Vec::new();
    while let Some(line) = lines.next()? {
        entries.push(rows::ledger_entry(line)?);
    }
    Ok(entries)
}

pub(super) fn record(
    connection: &Connection,
    account: &AccountId,
    outcome: &ListingOutcome,
    now: Timestamp,
) -> Result<Vec<MessageSummary>, Error> {
    let row = account::row(connection, account, now)?;
    account::update(
        connection,
        row,
        &AccountUpdate {
            last_sync: Some(now),
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
    let mut touched = resize(connection, row, &outcome.known)?;
    for (sql, lines) in [
        (VANISHED, &outcome.vanished),
        (DELETED, &outcome.deleted),
        (WANTED_AGAIN, &outcome.wanted_again),
        (REAPPEARED, &outcome.reappeared),
        (STAGED_BY_RULE, &outcome.stage_by_rule),
    ] {
        touched.extend(update_lines(connection, sql, lines)?);
    }
    changed_rows(connection, touched)
}

/// Marks lines as no longer listed.
pub(super) fn vanish(
    connection: &Connection,
    lines: &[LedgerId],
) -> Result<Vec<MessageSummary>, Error> {
    let touched = update_lines(connection, VANISHED, lines)?;
    changed_rows(connection, touched)
}

/// Runs an update for each line and gives the messages of those that it changed.
pub(super) fn update_lines(
    connection: &Connection,
    sql: &str,
    lines: &[LedgerId],
) -> Result<BTreeSet<MessageId>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut touched = BTreeSet::new();
    for line in lines {
        for message in statement.query_map([line.0], |row| row.get(0))? {
            touched.insert(MessageId(message?));
        }
    }
    Ok(touched)
}

/// Sums the messages up again; the rows of those that are not as they were.
pub(super) fn changed_rows(
    connection: &Connection,
    messages: BTreeSet<MessageId>,
) -> Result<Vec<MessageSummary>, Error> {
    let mut changed = Vec::new();
    for message in messages {
        if rows::refresh(connection, message)? {
            changed.push(message);
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
    let sizes: HashMap<i64, i64> = connection
        .prepare_cached("SELECT id, octets FROM ledger WHERE account = ?1")?
        .query_map([account], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut touched = BTreeSet::new();
    let mut statement = connection
        .prepare_cached("UPDATE ledger SET octets = ?2 WHERE id = ?1 RETURNING message")?;
    for (line, size) in known {
        let size = octets_code(*size);
        if sizes.get(&line.0).is_some_and(|held| *held != size) {
            let message = statement.query_row(params![line.0, size], |row| row.get(0))?;
            touched.insert(MessageId(message));
        }
    }
    Ok(touched)
}

/// The wish to delete a copy stays with it while it is away, without the consent to lose it.
const VANISHED: &str = "UPDATE ledger SET server = 4, without_copy = 0,
     reason = CASE WHEN server IN (1, 2) THEN reason END
     WHERE id = ?1 AND server IN (0, 1, 2) RETURNING message";
const DELETED: &str =
    "UPDATE ledger SET server = 3, reason = NULL, without_copy = 0, trouble = NULL
     WHERE id = ?1 AND server IN (1, 2) RETURNING message";
const WANTED_AGAIN: &str =
    "UPDATE ledger SET server = 1 WHERE id = ?1 AND server = 2 RETURNING message";
const REAPPEARED: &str = "UPDATE ledger SET
         server = CASE WHEN server = 4 AND reason IS NOT NULL THEN 1 ELSE 0 END,
         counted_from = (SELECT listings FROM accounts AS a WHERE a.id = ledger.account)
     WHERE id = ?1 AND server IN (3, 4) RETURNING message";
/// `8` is the flag of a pinned message.
const STAGED_BY_RULE: &str = "UPDATE ledger SET server = 1, reason = 1, trouble = NULL
     WHERE id = ?1 AND server = 0
         AND EXISTS (SELECT 1 FROM messages AS m WHERE m.id = ledger.message AND m.flags & 8 = 0 AND m.local = 2)
     RETURNING message";

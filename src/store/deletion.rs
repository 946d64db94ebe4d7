//! From the wish to delete a copy on a server to the fact.

use std::collections::{BTreeMap, HashSet};

use rusqlite::{Connection, OptionalExtension as _, params};

use super::listing::{
    CONFIRMED, Update, WANTED_AGAIN, changed_rows, fulfilled, take_back, update_lines,
};
use super::rows::ids_text;
use super::worker::Urgency;
use super::{Error, Pending, Store, account, blob, rows};
use crate::mail::{
    AccountId, Digest, LedgerEntry, LedgerId, Local, MessageId, MessageSummary, Reason, StoredCopy,
};

/// A message whose deletion on a server is staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRow {
    /// The message.
    pub message: MessageSummary,
    /// Its copies that are to be deleted.
    pub ledger: Vec<LedgerEntry>,
    /// Who wants it: you, if you want any of them deleted.
    pub reason: Reason,
    /// What went wrong with it last time, if something did.
    pub failure: Option<String>,
}

impl Store {
    /// A message's octets as they were received, as far as they are here. Those of a whole message are compared with what
    /// was received: [`Error::Spoilt`] when they are not the same.
    pub fn octets(&self, id: MessageId) -> Pending<Option<(Local, Vec<u8>)>> {
        self.read(move |connection| octets(connection, id))
    }

    /// A message's octets as they lie here, whatever became of them.
    pub fn octets_as_they_are(&self, id: MessageId) -> Pending<Option<(Local, Vec<u8>)>> {
        self.read(move |connection| {
            Ok(stored(connection, id)?.map(|(extent, octets, _)| (extent, octets)))
        })
    }

    /// Reads the octets of these messages again. `None` for one that is not here in full, or not as it was received.
    ///
    /// Done in small jobs, between which whatever else is asked of the store is answered.
    pub async fn verify(
        &self,
        ids: Vec<MessageId>,
    ) -> Result<Vec<(MessageId, Option<StoredCopy>)>, Error> {
        let mut verified = Vec::with_capacity(ids.len());
        while let Some(left) = ids.get(verified.len()..).filter(|left| !left.is_empty()) {
            let left: Vec<MessageId> = left.iter().take(MOST_VERIFIED).copied().collect();
            let some = self
                .inner
                .reader
                .send(Urgency::Batch, move |connection| {
                    self::verify(connection, &left)
                })
                .await?;
            verified.extend(some);
        }
        Ok(verified)
    }
}

/// Everything staged in these accounts, all when none is named; oldest message first.
pub(super) fn pending(
    connection: &Connection,
    accounts: &[AccountId],
) -> Result<Vec<PendingRow>, Error> {
    let mut named = Vec::new();
    for account in accounts {
        named.extend(account::find(connection, account)?);
    }
    if !accounts.is_empty() && named.is_empty() {
        return Ok(Vec::new());
    }
    let mut lines: BTreeMap<MessageId, Vec<LedgerEntry>> = BTreeMap::new();
    let everywhere = [None];
    let chosen: Vec<Option<i64>> = named.into_iter().map(Some).collect();
    for account in if chosen.is_empty() {
        &everywhere[..]
    } else {
        &chosen[..]
    } {
        let mut statement = rows::ledger_statement(
            connection,
            "l.server = 1 AND l.reason IS NOT NULL AND (?1 IS NULL OR l.account = ?1) ORDER BY l.id",
        )?;
        let mut found = statement.query([account])?;
        while let Some(row) = found.next()? {
            let entry = rows::ledger_entry(row)?;
            lines.entry(entry.message).or_default().push(entry);
        }
    }
    let mut trouble = connection.prepare_cached(
        "SELECT trouble FROM ledger WHERE message = ?1 AND server = 1 AND trouble IS NOT NULL ORDER BY id LIMIT 1",
    )?;
    let mut pending = Vec::new();
    for message in rows::summaries(connection, lines.keys().copied())? {
        let ledger = lines.remove(&message.id).unwrap_or_default();
        let yours = ledger.iter().any(|line| line.reason == Some(Reason::You));
        pending.push(PendingRow {
            failure: trouble
                .query_row([message.id.0], |row| row.get(0))
                .optional()?,
            reason: if yours { Reason::You } else { Reason::Rule },
            ledger,
            message,
        });
    }
    Ok(pending)
}

/// The octets of a message, as far as they are here. Those of a whole one are as they were received.
pub(super) fn octets(
    connection: &Connection,
    message: MessageId,
) -> Result<Option<(Local, Vec<u8>)>, Error> {
    let Some((extent, octets, recorded)) = stored(connection, message)? else {
        return Ok(None);
    };
    let recorded = recorded.as_deref().and_then(Digest::from_slice);
    if extent == Local::Full && recorded != Some(Digest::of(&octets)) {
        return Err(Error::Spoilt(message));
    }
    Ok(Some((extent, octets)))
}

/// How much of a message is here, its octets, and the digest of those that were received if it is whole.
type Stored = (Local, Vec<u8>, Option<Vec<u8>>);

pub(super) fn stored(connection: &Connection, message: MessageId) -> Result<Option<Stored>, Error> {
    type Found = (Local, Option<Vec<u8>>, Option<Vec<u8>>);
    let found: Option<Found> = connection
        .prepare_cached(
            "SELECT m.local, CASE WHEN length(o.octets) <= ?2 THEN o.octets END, m.sha256
             FROM messages AS m JOIN octets AS o ON o.message = m.id WHERE m.id = ?1",
        )?
        .query_row(params![message.0, rows::octets_code(blob::LARGE)], |row| {
            Ok((rows::local(row.get(0)?), row.get(1)?, row.get(2)?))
        })
        .optional()?;
    Ok(match found {
        None => None,
        Some((local, Some(octets), recorded)) => Some((local, octets, recorded)),
        Some((local, None, recorded)) => Some((local, blob::read(connection, message)?, recorded)),
    })
}

/// Reads the octets again: the one way to a proof that a message is stored. Stops where as much was read as one job should
/// read; at least one message is looked at.
pub(super) fn verify(
    connection: &Connection,
    messages: &[MessageId],
) -> Result<Vec<(MessageId, Option<StoredCopy>)>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT m.sha256, length(o.octets), CASE WHEN length(o.octets) <= ?2 THEN o.octets END FROM messages AS m JOIN octets AS o ON o.message = m.id
         WHERE m.id = ?1 AND m.local = 2 AND m.sha256 IS NOT NULL",
    )?;
    let mut verified = Vec::new();
    let mut read = 0;
    for message in messages {
        if read > MOST_READ {
            break;
        }
        let mut rows = statement.query(params![message.0, rows::octets_code(blob::LARGE)])?;
        let copy = match rows.next()? {
            Some(row) => {
                let recorded: Vec<u8> = row.get(0)?;
                let length = rows::octets(row.get(1)?);
                read += length;
                match Digest::from_slice(&recorded) {
                    None => None,
                    Some(recorded) if length > blob::LARGE => {
                        blob::verify(connection, *message, recorded)?
                    }
                    Some(recorded) => row.get_ref(2)?.as_blob().ok().and_then(|stored| {
                        // What is in memory can be read.
                        StoredCopy::verify(*message, stored, recorded).unwrap_or_default()
                    }),
                }
            }
            None => None,
        };
        verified.push((*message, copy));
    }
    Ok(verified)
}

/// Its octets never came under the line, or another message here has the same header block.
fn unproven(connection: &Connection, lines: &[LedgerId]) -> Result<HashSet<LedgerId>, Error> {
    let ids = ids_text(lines.iter().map(|line| line.0));
    let mut statement = connection.prepare_cached(
        "SELECT l.id FROM json_each(?1) AS j CROSS JOIN ledger AS l ON l.id = j.value
             JOIN messages AS m ON m.id = l.message
         WHERE l.assumed OR EXISTS (SELECT 1 FROM messages AS o
             WHERE o.account = m.account AND o.header = m.header AND o.id <> m.id)",
    )?;
    let found = statement.query_map([ids], |row| row.get(0).map(LedgerId))?;
    Ok(found.collect::<Result<_, _>>()?)
}

impl Store {
    /// Those of these lines of which a header block does not tell that the server has the message they stand for.
    pub fn unproven(&self, lines: Vec<LedgerId>) -> Pending<HashSet<LedgerId>> {
        self.read(move |connection| unproven(connection, &lines))
    }

    /// The server was found to have another message under the ids of these lines than the one they stand for. They count as gone,
    /// and whatever is listed under these ids is compared octet by octet.
    pub fn mistaken(&self, lines: Vec<LedgerId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Batch, move |connection| {
            let touched = update_lines(connection, MISTAKEN, &lines)?;
            changed_rows(connection, &touched)
        })
    }

    /// A copy of which no more than a header block is here is listed with another size: it may be another message than the one
    /// that was to be deleted, so that wish is taken back.
    pub fn resized(&self, line: LedgerId) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Batch, move |connection| {
            take_back(connection, &[line])?;
            let touched = update_lines(connection, RESIZED, &[line])?;
            changed_rows(connection, &touched)
        })
    }

    /// The account's rule no longer wants these copies deleted. The rows that changed.
    pub fn unstage_by_rule(&self, lines: Vec<LedgerId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Batch, move |connection| {
            let touched = update_lines(connection, UNSTAGED_BY_RULE, &lines)?;
            changed_rows(connection, &touched)
        })
    }

    /// How many copies the account's rule has staged, and how many of them since the person last looked.
    pub fn staged_by_rule(&self, account: &AccountId) -> Pending<(u64, u64)> {
        let account = account.clone();
        self.read(move |connection| {
            let Some(row) = account::find(connection, &account)? else {
                return Ok((0, 0));
            };
            Ok(connection
                .prepare_cached(
                    "SELECT count(*), count(*) FILTER (WHERE NOT let_go) FROM ledger
                     WHERE account = ?1 AND server = 1 AND reason = 1",
                )?
                .query_row([row], |row| {
                    Ok((rows::octets(row.get(0)?), rows::octets(row.get(1)?)))
                })?)
        })
    }

    /// The person has looked, and lets deletions go on. Where that was for a rule that would delete too much, what it has staged is
    /// agreed to.
    pub fn release_brake(&self, account: &AccountId) -> Pending<()> {
        let account = account.clone();
        self.write(Urgency::Person, move |connection| {
            let row = account::known(connection, &account)?;
            connection
                .prepare_cached(
                    "UPDATE ledger SET let_go = 1 WHERE account = ?1 AND server = 1 AND reason = 1
                         AND (SELECT brake FROM accounts WHERE id = ?1) LIKE 'rule %'",
                )?
                .execute([row])?;
            connection
                .prepare_cached("UPDATE accounts SET brake = NULL WHERE id = ?1")?
                .execute([row])?;
            Ok(())
        })
    }
}

pub(super) fn allow_loss(
    connection: &Connection,
    messages: &[MessageId],
    yes: bool,
) -> Result<(), Error> {
    let mut statement = connection
        .prepare_cached("UPDATE ledger SET without_copy = ?2 WHERE message = ?1 AND server = 1")?;
    for message in messages {
        statement.execute(params![message.0, yes])?;
    }
    Ok(())
}

/// Marks all of these lines, or none when the deletion of one of them is not wanted any more; which those are.
pub(super) fn mark_unconfirmed(
    connection: &Connection,
    lines: &[LedgerId],
) -> Result<Vec<LedgerId>, Error> {
    let mut wanted = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM ledger WHERE id = ?1 AND server = 1 AND reason IS NOT NULL)",
    )?;
    let mut withdrawn = Vec::new();
    for line in lines {
        if !wanted.query_row([line.0], |row| row.get::<_, bool>(0))? {
            withdrawn.push(*line);
        }
    }
    if withdrawn.is_empty() {
        let update = Update {
            set: "server = 2",
            only: "server = 1",
        };
        for message in update_lines(connection, update, lines)? {
            rows::refresh(connection, message)?;
        }
    }
    Ok(withdrawn)
}

pub(super) fn settle(
    connection: &Connection,
    deleted: &[LedgerId],
    back: &[(LedgerId, String)],
) -> Result<Vec<MessageSummary>, Error> {
    let mut touched = update_lines(connection, CONFIRMED, deleted)?;
    fulfilled(connection, deleted)?;
    let lines: Vec<LedgerId> = back.iter().map(|(line, _)| *line).collect();
    touched.extend(update_lines(connection, WANTED_AGAIN, &lines)?);
    explain(connection, back)?;
    changed_rows(connection, &touched)
}

/// Lines whose QUIT was never sent are wanted as before.
pub(super) fn still_wanted(
    connection: &Connection,
    lines: &[LedgerId],
) -> Result<Vec<MessageSummary>, Error> {
    let touched = update_lines(connection, WANTED_AGAIN, lines)?;
    changed_rows(connection, &touched)
}

pub(super) fn cancel(
    connection: &Connection,
    lines: &[(LedgerId, String)],
) -> Result<Vec<MessageSummary>, Error> {
    let ids: Vec<LedgerId> = lines.iter().map(|(line, _)| *line).collect();
    let touched = update_lines(
        connection,
        Update {
            set: "server = 0, reason = NULL, without_copy = 0",
            only: "server IN (1, 2)",
        },
        &ids,
    )?;
    explain(connection, lines)?;
    changed_rows(connection, &touched)
}

fn explain(connection: &Connection, lines: &[(LedgerId, String)]) -> Result<(), Error> {
    let mut statement =
        connection.prepare_cached("UPDATE ledger SET trouble = ?2 WHERE id = ?1")?;
    for (line, why) in lines {
        statement.execute(params![line.0, why])?;
    }
    Ok(())
}

const UNSTAGED_BY_RULE: Update = Update {
    set: "server = 0, reason = NULL, without_copy = 0, trouble = NULL, let_go = 0",
    only: "server = 1 AND reason = 1",
};
/// No message is listed with no octets.
const MISTAKEN: Update = Update {
    set: "server = 4, octets = 0, without_copy = 0, confirmed = 0,
          reason = CASE WHEN server IN (1, 2) AND confirmed = 0 THEN reason END",
    only: "server IN (0, 1, 2)",
};
const RESIZED: Update = Update {
    set: "server = CASE WHEN server IN (1, 2) THEN 0 ELSE server END, reason = NULL, without_copy = 0,
          trouble = 'its size on the server has changed'",
    only: "server IN (1, 2) OR (server IN (3, 4) AND reason IS NOT NULL)",
};

/// Messages, and octets of them, that are read in one job: what somebody asks for meanwhile waits for one job at most.
pub(super) const MOST_VERIFIED: usize = 64;
const MOST_READ: u64 = 1024 * 1024;

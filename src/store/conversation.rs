//! What holds a thread together besides the ids that its messages name: what each says it answers, for the tree, and
//! the subject, for replies whose references are lost.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Error, rows};
use crate::mail::{Branch, Extract, MessageId, Reply, Timestamp, bare_subject, is_reply, tree};

/// Remembers what a message answers. The threads that are its own by their subject alone.
///
/// A reply that names nothing belongs to every message with its subject from the month before it. That is asked from both
/// sides, so that it does not matter which of the two comes first. It suffices to look as far as to the next such reply:
/// what lies behind that one belongs to it, if to anything.
pub(super) fn kin(
    connection: &Connection,
    account: i64,
    message: MessageId,
    extract: &Extract,
) -> Result<Vec<i64>, Error> {
    if !extract.references.is_empty() {
        connection
            .prepare_cached("INSERT OR REPLACE INTO replies (message, names) VALUES (?1, ?2)")?
            .execute(params![message.0, extract.references.join(" ")])?;
    }
    let subject = bare_subject(&extract.subject);
    let Some(date) = extract.date.filter(|_| !subject.is_empty()) else {
        return Ok(Vec::new());
    };
    let place = Place {
        connection,
        account,
        subject: &subject,
    };
    let mut kin: Vec<i64> = place.lost_reply_after(message, date)?.into_iter().collect();
    if extract.references.is_empty() && is_reply(&extract.subject) {
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO lost_replies (account, subject, date, message) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![account, subject, date.0, message.0])?;
        kin.extend(place.before(message, date)?);
    }
    Ok(kin)
}

/// Forgets a message that is no more.
pub(super) fn leave(connection: &Connection, message: MessageId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM replies WHERE message = ?1",
        "DELETE FROM lost_replies WHERE message = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([message.0])?;
    }
    Ok(())
}

/// The tree of a thread, without what lies in no list.
pub(super) fn branches(connection: &Connection, thread: MessageId) -> Result<Vec<Branch>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT m.id, m.message_id, coalesce(r.names, ''), m.date, m.by_subject, m.subject
         FROM messages AS m LEFT JOIN replies AS r ON r.message = m.id WHERE m.thread = ?1 AND m.folder < 3
         ORDER BY m.date DESC, m.id DESC LIMIT ?2",
    )?;
    let mut found = statement.query([thread.0, LONGEST])?;
    let mut replies = Vec::new();
    while let Some(row) = found.next()? {
        replies.push(Reply {
            id: MessageId(row.get(0)?),
            message_id: row.get(1)?,
            references: rows::text(row, 2)?
                .split_ascii_whitespace()
                .map(str::to_owned)
                .collect(),
            date: Timestamp(row.get(3)?),
            subject: row.get(4)?,
            is_reply: is_reply(rows::text(row, 5)?),
        });
    }
    Ok(tree(replies))
}

/// Where messages of one subject are.
struct Place<'a> {
    connection: &'a Connection,
    account: i64,
    subject: &'a str,
}

impl Place<'_> {
    /// The thread of the next reply that names nothing, within a month.
    fn lost_reply_after(&self, message: MessageId, date: Timestamp) -> Result<Option<i64>, Error> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT m.thread FROM lost_replies AS l JOIN messages AS m ON m.id = l.message
                 WHERE l.account = ?1 AND l.subject = ?2 AND l.date BETWEEN ?3 AND ?4 AND l.message <> ?5
                 ORDER BY l.date, l.message LIMIT 1",
            )?
            .query_row(
                params![self.account, self.subject, date.0, date.0 + MONTH, message.0],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// The threads of the messages of the month before, back to the last reply that names nothing.
    fn before(&self, message: MessageId, date: Timestamp) -> Result<Vec<i64>, Error> {
        let last: Option<(i64, i64)> = self
            .connection
            .prepare_cached(
                "SELECT m.thread, l.date FROM lost_replies AS l JOIN messages AS m ON m.id = l.message
                 WHERE l.account = ?1 AND l.subject = ?2 AND l.date BETWEEN ?3 AND ?4 AND l.message <> ?5
                 ORDER BY l.date DESC, l.message DESC LIMIT 1",
            )?
            .query_row(
                params![self.account, self.subject, date.0 - MONTH, date.0, message.0],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let from = last.map_or(date.0 - MONTH, |(_, date)| date);
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT m.thread FROM messages AS m
             WHERE m.folder IN (0, 1, 2) AND m.by_subject = ?1 AND m.date BETWEEN ?2 AND ?3
                 AND m.account = ?4 AND m.id <> ?5",
        )?;
        let found = statement.query_map(
            params![self.subject, from, date.0, self.account, message.0],
            |row| row.get(0),
        )?;
        let mut threads: Vec<i64> = found.collect::<Result<_, _>>()?;
        threads.extend(last.map(|(thread, _)| thread));
        Ok(threads)
    }
}

/// Of a longer thread the tree has the newest messages.
const LONGEST: i64 = 10_000;
/// In seconds.
const MONTH: i64 = 30 * 24 * 60 * 60;

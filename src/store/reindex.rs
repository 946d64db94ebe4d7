use rusqlite::{Connection, OptionalExtension as _, params};

use super::rows::{local, octets, octets_code};
use super::worker::Urgency;
use super::{Error, Pending, Store, index, rows, schema};
use crate::mail::{Extract, Local, MessageId};

/// A message whose words go into the index anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unindexed {
    /// Which.
    pub id: MessageId,
    /// How much of it is here.
    pub extent: Local,
    /// The octets; `None` where they cannot be read.
    pub octets: Option<Vec<u8>>,
}

/// A message's words, and what they were taken from.
#[derive(Clone, Debug)]
pub struct Reindexed {
    /// Which.
    pub id: MessageId,
    /// How much of it was here.
    pub extent: Local,
    /// So many octets.
    pub octets: u64,
    /// What they say. `None` where that cannot be read: the index keeps what it has of the message then, and where it has
    /// nothing, what its row says is indexed.
    pub extract: Option<Extract>,
}

/// How far the index has been built anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReindexState {
    /// Messages that are done; not 0 at the beginning when it goes on where it stopped.
    pub done: u64,
    /// All messages.
    pub total: u64,
    /// The last one that is done.
    pub behind: MessageId,
}

impl Store {
    /// Begins to build the search index anew from what is stored, or goes on where that stopped. The store can be used
    /// meanwhile. `afresh` empties the index first, which helps when it is damaged.
    pub fn reindex(&self, afresh: bool) -> Pending<ReindexState> {
        self.write(Urgency::Batch, move |connection| begin(connection, afresh))
    }

    /// The messages behind this one whose words are to be taken next, at most so many; none when all are done. Damage to
    /// the octets of one is no failure.
    pub fn unindexed(&self, behind: MessageId, count: usize) -> Pending<Vec<Unindexed>> {
        self.later(move |connection| next(connection, behind, count))
    }

    /// How far the building of the index is when it was begun and has not ended: searches find less until it has. Changes
    /// nothing, so that a store which can only be read answers as well.
    pub fn reindexing(&self) -> Pending<Option<ReindexState>> {
        self.later(unfinished)
    }

    /// Indexes the words of the messages that came next behind `from`. It goes on behind the message that this gives, also
    /// when it is stopped: the last of these, or another one where another program does the same. `None` when that one has
    /// ended it.
    pub fn record_reindexed(
        &self,
        from: MessageId,
        batch: Vec<Reindexed>,
    ) -> Pending<Option<MessageId>> {
        self.write(Urgency::Batch, move |connection| {
            record(connection, from, &batch)
        })
    }

    /// Ends the building of the index. How much text was indexed, in octets; `None` when this has not ended it: there are
    /// messages yet whose words are to be taken, or another program has ended it before.
    pub fn end_reindex(&self) -> Pending<Option<u64>> {
        self.write(Urgency::Batch, end)
    }

    /// Makes the index smaller by putting a part of it in order; to be called until it says that nothing is left.
    pub fn tidy_index(&self, begin: bool) -> Pending<bool> {
        self.write(Urgency::Batch, move |connection| tidy(connection, begin))
    }

    /// How much room the search index takes on the disk, in octets.
    pub fn index_size(&self) -> Pending<u64> {
        self.later(size)
    }
}

/// Begins, or goes on where it stopped. With `afresh` the index is emptied first, as it must be when it is damaged, or
/// was made otherwise by another version; until all is done, searches then find less.
fn begin(connection: &Connection, afresh: bool) -> Result<ReindexState, Error> {
    let made: Option<String> = connection
        .query_row(
            "SELECT sql FROM sqlite_schema WHERE name = 'search'",
            [],
            |row| row.get(0),
        )
        .optional()?;
    // An index that another version made otherwise is as useless to go on with as a damaged one.
    let same = made.is_some_and(|sql| sql.trim() == schema::SEARCH.trim().trim_end_matches(';'));
    if afresh || !same {
        index::drop_all(connection)?;
        connection.execute_batch("DROP TABLE IF EXISTS places; DELETE FROM reindexing")?;
        connection.execute_batch(schema::SEARCH)?;
        connection.execute_batch(schema::PLACES)?;
    }
    connection.execute_batch(
        "INSERT INTO reindexing SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM reindexing)",
    )?;
    let behind = behind(connection)?.unwrap_or_default();
    state(connection, behind)
}

fn unfinished(connection: &Connection) -> Result<Option<ReindexState>, Error> {
    let behind = behind(connection)?;
    behind.map(|behind| state(connection, behind)).transpose()
}

fn state(connection: &Connection, behind: i64) -> Result<ReindexState, Error> {
    let (done, total): (i64, i64) = connection
        .prepare_cached("SELECT count(*) FILTER (WHERE id <= ?1), count(*) FROM messages")?
        .query_row([behind], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(ReindexState {
        done: octets(done),
        total: octets(total),
        behind: MessageId(behind),
    })
}

/// The next messages behind this one: at most so many, and few large ones. Octets are read one by one, so that damage to some
/// keeps nobody from the others.
fn next(connection: &Connection, behind: MessageId, count: usize) -> Result<Vec<Unindexed>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT id, local FROM messages WHERE id > ?1 ORDER BY id")?;
    let mut of_one = connection.prepare_cached("SELECT octets FROM octets WHERE message = ?1")?;
    let mut rows = statement.query([behind.0])?;
    let mut batch = Vec::new();
    let mut size = 0;
    while batch.len() < count
        && size < ENOUGH
        && let Some(row) = rows.next()?
    {
        let id: i64 = row.get(0)?;
        let octets: Option<Vec<u8>> = match of_one.query_row([id], |row| row.get(0)).optional() {
            Ok(None) => continue,
            Ok(octets) => octets,
            Err(error) if is_of_one_row(&error) => None,
            Err(error) => return Err(error.into()),
        };
        size += octets.as_ref().map_or(0, Vec::len);
        batch.push(Unindexed {
            id: MessageId(id),
            extent: local(row.get(1)?),
            octets,
        });
    }
    Ok(batch)
}

/// Puts words in the place of those that the index had. A message of which more has come meanwhile has been indexed then.
fn record(
    connection: &Connection,
    from: MessageId,
    batch: &[Reindexed],
) -> Result<Option<MessageId>, Error> {
    let Some(behind) = behind(connection)? else {
        // Another program did the rest.
        return Ok(None);
    };
    if behind < from.0 {
        // Another program emptied the index: what comes before these messages is not in it any more.
        return Ok(Some(MessageId(behind)));
    }
    let mut text = 0;
    for message in batch.iter().filter(|message| message.id.0 > behind) {
        let known;
        let (extract, wanted) = if let Some(extract) = &message.extract {
            (extract, is_as_it_was(connection, message)?)
        } else {
            known = known_of(connection, message.id)?;
            let Some(known) = &known else { continue };
            (known, !is_indexed(connection, message.id)?)
        };
        if wanted {
            index::remove(connection, message.id)?;
            index::insert(connection, message.id, extract)?;
        }
        text += index::text_octets(extract);
    }
    let last = batch.iter().map(|message| message.id.0).max();
    let last = last.map_or(behind, |last| last.max(behind));
    forget_between(connection, behind, last)?;
    connection
        .prepare_cached("UPDATE reindexing SET behind = ?1, text = text + ?2")?
        .execute(params![last, octets_code(text)])?;
    Ok(Some(MessageId(last)))
}

/// Whether the message is still what its words were taken from.
fn is_as_it_was(connection: &Connection, message: &Reindexed) -> Result<bool, Error> {
    let now: Option<(i64, i64)> = connection
        .prepare_cached(
            "SELECT m.local, length(o.octets) FROM messages AS m JOIN octets AS o ON o.message = m.id WHERE m.id = ?1",
        )?
        .query_row([message.id.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(now.is_some_and(|(extent, length)| {
        local(extent) == message.extent && octets(length) == message.octets
    }))
}

/// What the row of a message says of it, where its octets do not; `None` when it is no more, or its row is damaged as well.
fn known_of(connection: &Connection, message: MessageId) -> Result<Option<Extract>, Error> {
    let row = match rows::summaries(connection, [message]) {
        Ok(mut found) => found.pop(),
        Err(Error::Damaged(_)) => None,
        Err(Error::Database(error)) if is_of_one_row(&error) => None,
        Err(error) => return Err(error),
    };
    Ok(row.map(|row| Extract {
        from: row.from,
        to: row.to,
        cc: row.cc,
        subject: row.subject,
        text: row.snippet,
        ..Extract::default()
    }))
}

fn is_indexed(connection: &Connection, message: MessageId) -> Result<bool, Error> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM search_docsize WHERE id = ?1)")?
        .query_row([message.0], |row| row.get(0))?)
}

/// Whether a row was met that is damaged, so that others may still be read.
fn is_of_one_row(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode as Code;
    matches!(error, rusqlite::Error::InvalidColumnType(..))
        || matches!(
            error.sqlite_error_code(),
            Some(Code::DatabaseCorrupt | Code::TooBig)
        )
}

/// Ends it when every message is done. What the index holds of messages that are no more goes away. How much text was
/// indexed, in octets, also before it was stopped; `None` when this is not its end.
fn end(connection: &Connection) -> Result<Option<u64>, Error> {
    let Some(behind) = behind(connection)? else {
        return Ok(None);
    };
    // Nothing is read of their octets: damage that is met here would end all writing of the transaction.
    let more: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages AS m WHERE m.id > ?1
                 AND EXISTS (SELECT 1 FROM octets AS o WHERE o.message = m.id))",
        )?
        .query_row([behind], |row| row.get(0))?;
    if more {
        return Ok(None);
    }
    forget_between(connection, behind, i64::MAX)?;
    let text = connection.query_row("SELECT text FROM reindexing", [], |row| row.get(0))?;
    connection.execute_batch("DELETE FROM reindexing")?;
    Ok(Some(octets(text)))
}

/// Puts a part of the index in order, so that it takes less room. Whether more is to be done.
fn tidy(connection: &Connection, begin: bool) -> Result<bool, Error> {
    let before = connection.total_changes();
    // A negative number of pages begins the merging of all there is; positive ones go on with it (FTS5, 6.10).
    let pages = if begin { -PAGES } else { PAGES };
    connection
        .prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?
        .execute([pages])?;
    Ok(connection.total_changes() - before >= 2)
}

/// How much room the index takes on the disk, in octets.
fn size(connection: &Connection) -> Result<u64, Error> {
    let size: i64 = connection.query_row(
        "SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE (name LIKE 'search\\_%' ESCAPE '\\' OR name = 'places')
             AND aggregate = TRUE",
        [],
        |row| row.get(0),
    )?;
    Ok(octets(size))
}

fn forget_between(connection: &Connection, behind: i64, last: i64) -> Result<(), Error> {
    connection
        .prepare_cached(
            "DELETE FROM search WHERE rowid IN (SELECT id FROM search_docsize WHERE id > ?1 AND id <= ?2
                 AND id NOT IN (SELECT id FROM messages))",
        )?
        .execute([behind, last])?;
    Ok(())
}

/// The last message that is done; `None` when nothing is under way.
fn behind(connection: &Connection) -> Result<Option<i64>, Error> {
    Ok(connection
        .prepare_cached("SELECT behind FROM reindexing")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

/// Octets of one batch: with this many, nothing more is read into it.
const ENOUGH: usize = 4 << 20;
/// Pages of the index that one step of tidying writes: some ten milliseconds of work.
const PAGES: i64 = 500;

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{Error, conversation};
use crate::mail::{Extract, MessageId};

/// The thread a message belongs to by its own and the referenced message ids; joins threads that turn out to be one.
/// Messages whose thread changed on the way are added to `touched`.
pub(super) fn join(
    connection: &Connection,
    account: i64,
    message: MessageId,
    extract: &Extract,
    touched: &mut BTreeSet<MessageId>,
) -> Result<MessageId, Error> {
    let ids: BTreeSet<&str> = extract
        .references
        .iter()
        .rev()
        .take(MAX_REFERENCES)
        .chain(std::iter::once(&extract.message_id))
        .map(String::as_str)
        .filter(|id| !id.is_empty())
        .collect();
    let mut threads = BTreeSet::from([message.0]);
    for id in &ids {
        let known: Option<i64> = connection
            .prepare_cached("SELECT thread FROM threads WHERE account = ?1 AND message_id = ?2")?
            .query_row(params![account, id], |row| row.get(0))
            .optional()?;
        threads.extend(known);
    }
    threads.extend(conversation::kin(connection, account, message, extract)?);
    let thread = threads.first().copied().unwrap_or(message.0);
    for other in threads.iter().skip(1) {
        move_thread(connection, *other, thread, touched)?;
    }
    for id in &ids {
        connection
            .prepare_cached(
                "INSERT INTO threads (account, message_id, thread) VALUES (?1, ?2, ?3)
                 ON CONFLICT (account, message_id) DO UPDATE SET thread = excluded.thread",
            )?
            .execute(params![account, id, thread])?;
    }
    Ok(MessageId(thread))
}

/// Gives a thread another first message when the one that named it is no more.
pub(super) fn leave(
    connection: &Connection,
    message: MessageId,
    touched: &mut BTreeSet<MessageId>,
) -> Result<(), Error> {
    conversation::leave(connection, message)?;
    let heir: Option<i64> = connection
        .prepare_cached("SELECT min(id) FROM messages WHERE thread = ?1 AND id <> ?1")?
        .query_row([message.0], |row| row.get(0))?;
    if let Some(heir) = heir {
        return move_thread(connection, message.0, heir, touched);
    }
    connection
        .prepare_cached("DELETE FROM threads WHERE thread = ?1")?
        .execute([message.0])?;
    Ok(())
}

fn move_thread(
    connection: &Connection,
    from: i64,
    to: i64,
    touched: &mut BTreeSet<MessageId>,
) -> Result<(), Error> {
    let mut statement = connection
        .prepare_cached("UPDATE messages SET thread = ?2 WHERE thread = ?1 RETURNING id")?;
    for id in statement.query_map(params![from, to], |row| row.get(0))? {
        touched.insert(MessageId(id?));
    }
    connection
        .prepare_cached("UPDATE threads SET thread = ?2 WHERE thread = ?1")?
        .execute(params![from, to])?;
    Ok(())
}

/// A reply names a handful of ids; past so many, the oldest do not count.
const MAX_REFERENCES: usize = 100;

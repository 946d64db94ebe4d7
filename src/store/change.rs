//! What a person does to messages. Nothing here needs the network.

use rusqlite::{Connection, params};

use super::rows::{self, folder_code};
use super::{Error, account, conversation, index};
use crate::mail::{
    AccountId, Change, DeleteScope, Flags, Folder, MessageId, MessageSummary, Timestamp,
};

/// Makes all changes, or none. The rows of all messages named, as they are now.
pub(super) fn apply(
    connection: &Connection,
    changes: &[(Vec<MessageId>, Change)],
    now: Timestamp,
) -> Result<Vec<MessageSummary>, Error> {
    let mut named = Vec::new();
    for (messages, change) in changes {
        for message in messages {
            one(connection, *message, *change, now)?;
            named.push(*message);
        }
    }
    named.sort_unstable();
    named.dedup();
    for message in &named {
        rows::refresh(connection, *message)?;
    }
    rows::summaries(connection, named)
}

fn one(
    connection: &Connection,
    message: MessageId,
    change: Change,
    now: Timestamp,
) -> Result<(), Error> {
    match change {
        Change::Seen(on) => flag(connection, message, Flags::SEEN, on),
        Change::Starred(on) => flag(connection, message, Flags::STARRED, on),
        Change::Answered(on) => flag(connection, message, Flags::ANSWERED, on),
        Change::Pinned(on) => {
            flag(connection, message, Flags::PINNED, on)?;
            if on {
                unstage(connection, message)?;
            }
            Ok(())
        }
        Change::Move(folder) => move_to(connection, message, folder, now),
        Change::Delete(scope) => {
            if scope != DeleteScope::ServerOnly {
                move_to(connection, message, Folder::Trash, now)?;
            }
            if scope != DeleteScope::LocalOnly {
                run(connection, STAGE, message)?;
                flag(connection, message, Flags::TAKEN_BACK, false)?;
                // Whatever brought it back, the person has decided anew.
                flag(connection, message, Flags::CAME_BACK, false)?;
            }
            Ok(())
        }
        Change::Undelete => {
            run(connection, OUT_OF_TRASH, message)?;
            unstage(connection, message)
        }
        Change::Unstage => unstage(connection, message),
    }
}

fn unstage(connection: &Connection, message: MessageId) -> Result<(), Error> {
    run(connection, UNSTAGE, message)?;
    flag(connection, message, Flags::TAKEN_BACK, false)
}

/// Marks messages as larger than what is downloaded. The rows of those that were not marked before.
pub(super) fn mark_too_large(
    connection: &Connection,
    messages: &[MessageId],
) -> Result<Vec<MessageSummary>, Error> {
    let unmarked: Vec<MessageId> = rows::summaries(connection, messages.iter().copied())?
        .into_iter()
        .filter(|row| !row.flags.has(Flags::TOO_LARGE))
        .map(|row| row.id)
        .collect();
    for message in &unmarked {
        flag(connection, *message, Flags::TOO_LARGE, true)?;
    }
    rows::summaries(connection, unmarked)
}

fn flag(connection: &Connection, message: MessageId, flag: Flags, on: bool) -> Result<(), Error> {
    let sql = if on {
        "UPDATE messages SET flags = flags | ?2 WHERE id = ?1"
    } else {
        "UPDATE messages SET flags = flags & ~?2 WHERE id = ?1"
    };
    connection
        .prepare_cached(sql)?
        .execute(params![message.0, flag.bits()])?;
    Ok(())
}

fn move_to(
    connection: &Connection,
    message: MessageId,
    folder: Folder,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = if folder == Folder::Trash {
        "UPDATE messages SET folder_before = folder, folder = ?2, trashed = ?3, gone_from = NULL
         WHERE id = ?1 AND folder < 2"
    } else {
        "UPDATE messages SET folder_before = NULL, folder = ?2, trashed = NULL, gone_from = NULL
         WHERE id = ?1 AND folder < 3 AND ?3 IS NOT NULL"
    };
    connection
        .prepare_cached(sql)?
        .execute(params![message.0, folder_code(folder), now.0])?;
    Ok(())
}

fn run(connection: &Connection, sql: &str, message: MessageId) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([message.0])?;
    Ok(())
}

/// Takes what has been in the Trash and on no server for so many seconds off this computer. Its identity stays, with the digest
/// of its octets, so that it is known if it comes back. Which messages.
///
/// The seconds count from when both were found to be so, over the account's checks; and by the clock since it was put into the
/// Trash.
pub(super) fn purge_trash(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
    seconds: i64,
) -> Result<Vec<MessageId>, Error> {
    let Some(account) = account::find(connection, account)? else {
        return Ok(Vec::new());
    };
    connection.prepare_cached(FOUND_GONE)?.execute([account])?;
    let before = now.0.saturating_sub(seconds);
    let gone: Vec<i64> = connection
        .prepare_cached(LONG_GONE)?
        .query_map(params![account, seconds, before], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for id in &gone {
        for sql in [
            "DELETE FROM octets WHERE message = ?1",
            "UPDATE messages SET folder = 3, local = 0, attachments = 0, message_id = '', from_name = '',
                 from_address = '', recipients = '', copies = '', subject = '', snippet = '', stored = NULL,
                 gone_from = NULL, by_from = '', by_subject = '' WHERE id = ?1",
            "UPDATE ledger SET reason = NULL, trouble = NULL, failure = NULL WHERE message = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([id])?;
        }
        index::remove(connection, MessageId(*id))?;
        conversation::leave(connection, MessageId(*id))?;
    }
    Ok(gone.into_iter().map(MessageId).collect())
}

/// By the folder, of which the Trash is the smaller part, and not by the account.
const FOUND_GONE: &str = "UPDATE messages SET gone_from = (SELECT elapsed FROM accounts WHERE id = ?1)
     WHERE +account = ?1 AND folder = 2 AND gone_from IS NULL
         AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = messages.id AND l.server IN (0, 1, 2))";
const LONG_GONE: &str = "SELECT m.id FROM messages AS m JOIN accounts AS a ON a.id = m.account
     WHERE +m.account = ?1 AND m.folder = 2 AND m.gone_from <= a.elapsed - ?2 AND m.trashed <= ?3
         AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.server IN (0, 1, 2))";
/// The person's wish takes the place of a rule's. Where a deletion is unconfirmed, or confirmed and not shown by a listing so
/// far, it is for the copy that is still there.
const STAGE: &str = "UPDATE ledger SET trouble = CASE server WHEN 0 THEN NULL ELSE trouble END,
     confirmed = CASE server WHEN 0 THEN 0 ELSE confirmed END,
     server = CASE server WHEN 0 THEN 1 ELSE server END, reason = 0
     WHERE message = ?1 AND (server IN (0, 1, 2) OR server = 3 AND confirmed > 0)";
/// Also forgets a wish that waits for a vanished copy to come back, and one whose deletion is unconfirmed, or confirmed and not
/// shown by a listing so far: what the server did is not known, but a copy that is still there is not wanted away any more.
const UNSTAGE: &str =
    "UPDATE ledger SET server = CASE server WHEN 1 THEN 0 ELSE server END, reason = NULL,
     without_copy = 0, trouble = NULL, confirmed = CASE server WHEN 3 THEN confirmed ELSE 0 END
     WHERE message = ?1 AND server IN (1, 2, 3, 4)";
const OUT_OF_TRASH: &str =
    "UPDATE messages SET folder = coalesce(folder_before, 0), folder_before = NULL, trashed = NULL,
     gone_from = NULL WHERE id = ?1 AND folder = 2";

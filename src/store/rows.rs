//! How values lie in columns.

use std::fmt::Write as _;

use rusqlite::{CachedStatement, Connection, OptionalExtension as _, Row, params};

use super::Error;
use crate::mail::{
    AccountId, Address, Brief, Digest, Flags, Folder, LedgerEntry, LedgerId, Local, MessageId,
    MessageSummary, Reason, RemoteId, Server, StoredAt, Timestamp,
};

/// The columns of [`summary`], from `messages AS m JOIN accounts AS a`.
pub(super) const SUMMARY: &str = "m.id, a.name, m.remote, m.message_id, m.from_name, m.from_address, m.recipients, \
    m.copies, m.subject, m.date, m.octets, m.flags, m.attachments, m.snippet, m.thread, m.folder, m.local, m.server, \
    m.reason, m.sha256, m.stored";

pub(super) fn summary(row: &Row<'_>) -> Result<MessageSummary, Error> {
    let server = server(row.get(17)?);
    Ok(MessageSummary {
        id: MessageId(row.get(0)?),
        account: account_id(text(row, 1)?)?,
        remote: RemoteId::new(blob(row, 2)?),
        message_id: row.get(3)?,
        from: Address::new(text(row, 4)?, text(row, 5)?),
        to: addresses(text(row, 6)?),
        cc: addresses(text(row, 7)?),
        subject: row.get(8)?,
        date: Timestamp(row.get(9)?),
        octets: octets(row.get(10)?),
        flags: flags(row.get(11)?),
        attachments: u32::try_from(row.get::<_, i64>(12)?).unwrap_or_default(),
        snippet: row.get(13)?,
        thread: MessageId(row.get(14)?),
        folder: folder(row.get(15)?),
        local: local(row.get(16)?),
        server,
        reason: row
            .get::<_, Option<i64>>(18)?
            .filter(|_| server == Server::DeleteWanted)
            .map(reason),
        sha256: optional_blob(row, 19)?.and_then(Digest::from_slice),
        stored: StoredAt::new(row.get::<_, Option<i64>>(20)?.map(Timestamp)),
    })
}

/// The columns of [`brief`], from `messages AS m`. All of them lie in the index by date.
pub(super) const BRIEF: &str = "m.id, m.date, m.octets, m.thread, m.flags, m.folder, m.local, m.server, m.reason, m.attachments";

pub(super) fn brief(row: &Row<'_>) -> Result<Brief, Error> {
    let server = server(row.get(7)?);
    Ok(Brief {
        id: MessageId(row.get(0)?),
        date: Timestamp(row.get(1)?),
        octets: octets(row.get(2)?),
        thread: MessageId(row.get(3)?),
        flags: flags(row.get(4)?),
        folder: folder(row.get(5)?),
        local: local(row.get(6)?),
        server,
        reason: row
            .get::<_, Option<i64>>(8)?
            .filter(|_| server == Server::DeleteWanted)
            .map(reason),
        files: row.get::<_, i64>(9)? > 0,
    })
}

/// The rows of these messages in this order; what is not there, or no longer shown, is left out.
pub(super) fn summaries(
    connection: &Connection,
    ids: impl IntoIterator<Item = MessageId>,
) -> Result<Vec<MessageSummary>, Error> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {SUMMARY} FROM messages AS m JOIN accounts AS a ON a.id = m.account WHERE m.id = ?1 AND m.folder < 3"
    ))?;
    let mut found = Vec::new();
    for id in ids {
        let mut rows = statement.query([id.0])?;
        if let Some(row) = rows.next()? {
            found.push(summary(row)?);
        }
    }
    Ok(found)
}

/// The columns of [`ledger_entry`], from `ledger AS l JOIN messages AS m JOIN accounts AS a`.
const LEDGER: &str = "l.id, l.message, l.remote, l.octets, l.header, l.server, l.reason, l.without_copy, m.local, \
    m.folder, m.flags, l.first_seen, m.stored, a.listings - l.counted_from, l.failure, l.confirmed";

/// A statement that reads ledger lines where `condition` holds.
pub(super) fn ledger_statement<'c>(
    connection: &'c Connection,
    condition: &str,
) -> Result<CachedStatement<'c>, Error> {
    Ok(connection.prepare_cached(&format!(
        "SELECT {LEDGER} FROM ledger AS l JOIN messages AS m ON m.id = l.message
         JOIN accounts AS a ON a.id = l.account WHERE {condition}"
    ))?)
}

pub(super) fn ledger_entry(row: &Row<'_>) -> Result<LedgerEntry, Error> {
    let wish: Option<i64> = row.get(6)?;
    let server = match server(row.get(5)?) {
        // Every wish says whose it is. One that does not is a bit that has flipped.
        Server::DeleteWanted if wish.is_none() => Server::Present,
        server => server,
    };
    let stored: Option<i64> = row.get(12)?;
    let wanted = matches!(server, Server::DeleteWanted | Server::Unconfirmed);
    let sessions = stored.map_or(Ok(0), |_| row.get::<_, i64>(13))?;
    Ok(LedgerEntry {
        id: LedgerId(row.get(0)?),
        message: MessageId(row.get(1)?),
        remote: RemoteId::new(blob(row, 2)?),
        octets: octets(row.get(3)?),
        header: optional_blob(row, 4)?.and_then(Digest::from_slice),
        server,
        reason: wish.filter(|_| wanted).map(reason),
        without_copy: row.get(7)?,
        local: local(row.get(8)?),
        folder: folder(row.get(9)?),
        flags: flags(row.get(10)?),
        first_seen: Timestamp(row.get(11)?),
        stored: stored.map(Timestamp),
        sessions_since_stored: u32::try_from(sessions.max(0)).unwrap_or(u32::MAX),
        failure: row.get(14)?,
        confirmed: u32::try_from(row.get::<_, i64>(15)?.max(0)).unwrap_or(u32::MAX),
    })
}

/// The copy `c` that a message shows: a deletion that is wanted before one that is unconfirmed, that before a copy that is
/// there, and a copy that poppet deleted before one that went by itself.
macro_rules! shown_copy {
    ($message:literal) => {
        concat!(
            "FROM ledger AS c WHERE c.message = ",
            $message,
            " ORDER BY CASE c.server WHEN 1 THEN 0 WHEN 2 THEN 1 WHEN 0 THEN 2 ELSE c.server END, c.id DESC LIMIT 1"
        )
    };
}
pub(super) use shown_copy;

/// Whether a deletion that the server confirmed is tried again where its copy is still listed: one that a person wanted, three
/// times.
macro_rules! is_tried_again {
    () => {
        "(reason IS 0 AND confirmed BETWEEN 1 AND 3)"
    };
}
pub(super) use is_tried_again;

/// What a copy thought gone is when it is listed again: wanted away where the wish stayed with it, or present.
macro_rules! back_again {
    () => {
        concat!(
            "server = ",
            crate::store::rows::is_wanted_away!(),
            ", reason = CASE WHEN ",
            crate::store::rows::is_wanted_away!(),
            " THEN reason END, trouble = CASE WHEN server = 3 AND reason IS NOT NULL
                 THEN 'the server said that it was deleted, and still lists it' ELSE trouble END"
        )
    };
}
macro_rules! is_wanted_away {
    () => {
        concat!(
            "(server = 4 AND reason IS NOT NULL OR server = 3 AND ",
            crate::store::rows::is_tried_again!(),
            ")"
        )
    };
}
pub(super) use {back_again, is_wanted_away};

/// Sums up what the ledger says of a message's copies. `true` when its row is not as it was.
pub(super) fn refresh(connection: &Connection, message: MessageId) -> Result<bool, Error> {
    type Line = (i64, Option<i64>, Vec<u8>, i64);
    let line: Option<Line> = connection
        .prepare_cached(concat!(
            "SELECT c.server, c.reason, c.remote, c.octets ",
            shown_copy!("?1")
        ))?
        .query_row([message.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let vanished = (server_code(Server::Vanished), None, Vec::new(), 0);
    let (server, reason, remote, octets) = line.unwrap_or(vanished);
    let reason = reason.filter(|_| server == server_code(Server::DeleteWanted));
    let changed = connection
        .prepare_cached(
            "UPDATE messages SET server = ?2, reason = ?3, remote = ?4, gone_from = CASE WHEN ?2 > 2 THEN gone_from END,
                 octets = CASE WHEN local = 2 OR ?5 = 0 THEN octets ELSE ?5 END
             WHERE id = ?1 AND (server <> ?2 OR reason IS NOT ?3 OR remote <> ?4
                 OR (local <> 2 AND ?5 <> 0 AND octets <> ?5))",
        )?
        .execute(params![message.0, server, reason, remote, octets])?;
    Ok(changed > 0)
}

/// Where a copy of a message was deleted on the server, and one is there again now: marks the message, so that no rule deletes it
/// again unasked. To be called while the ledger still says so; `true` when it was not marked before.
pub(super) fn mark_returned(connection: &Connection, message: MessageId) -> Result<bool, Error> {
    let marked = connection
        .prepare_cached(
            concat!("UPDATE messages SET flags = flags | ?2 WHERE id = ?1 AND flags & ?2 = 0
                 AND EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = ?1 AND l.server = 3 AND NOT ", is_tried_again!(), ")"),
        )?
        .execute(params![message.0, Flags::CAME_BACK.bits()])?;
    Ok(marked > 0)
}

pub(super) fn account_id(name: &str) -> Result<AccountId, Error> {
    AccountId::new(name).map_err(|error| Error::Damaged(error.to_string()))
}

/// Addresses in one column. The separators are control characters, which no decoded address holds.
pub(super) fn addresses_text(addresses: &[Address]) -> String {
    let clean = |text: &str| text.replace([UNIT, RECORD], " ");
    addresses
        .iter()
        .map(|who| format!("{}{UNIT}{}", clean(&who.name), clean(&who.address)))
        .collect::<Vec<_>>()
        .join(&RECORD.to_string())
}

fn addresses(text: &str) -> Vec<Address> {
    text.split(RECORD)
        .filter_map(|record| record.split_once(UNIT))
        .map(|(name, address)| Address::new(name, address))
        .collect()
}

pub(super) fn folder_code(folder: Folder) -> i64 {
    match folder {
        Folder::Inbox => 0,
        Folder::Archive => 1,
        Folder::Trash => 2,
    }
}

pub(super) fn folder(code: i64) -> Folder {
    match code {
        0 => Folder::Inbox,
        1 => Folder::Archive,
        _ => Folder::Trash,
    }
}

pub(super) fn local_code(local: Local) -> i64 {
    match local {
        Local::Headers => 0,
        Local::Peeked => 1,
        Local::Full => 2,
    }
}

pub(super) fn local(code: i64) -> Local {
    match code {
        2 => Local::Full,
        1 => Local::Peeked,
        _ => Local::Headers,
    }
}

pub(super) fn server_code(server: Server) -> i64 {
    match server {
        Server::Present => 0,
        Server::DeleteWanted => 1,
        Server::Unconfirmed => 2,
        Server::Deleted => 3,
        Server::Vanished => 4,
    }
}

pub(super) fn server(code: i64) -> Server {
    match code {
        0 => Server::Present,
        1 => Server::DeleteWanted,
        2 => Server::Unconfirmed,
        3 => Server::Deleted,
        _ => Server::Vanished,
    }
}

pub(super) fn reason(code: i64) -> Reason {
    if code == 0 { Reason::You } else { Reason::Rule }
}

pub(super) fn flags(bits: i64) -> Flags {
    Flags::from_bits(bits as u32)
}

pub(super) fn octets(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

pub(super) fn octets_code(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, Error> {
    let value = row.get_ref(column)?;
    value
        .as_str()
        .map_err(|error| Error::Damaged(error.to_string()))
}

pub(super) fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], Error> {
    let value = row.get_ref(column)?;
    value
        .as_blob()
        .map_err(|error| Error::Damaged(error.to_string()))
}

fn optional_blob<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r [u8]>, Error> {
    let value = row.get_ref(column)?;
    value
        .as_blob_or_null()
        .map_err(|error| Error::Damaged(error.to_string()))
}

/// Numbers as an array that `json_each` makes rows of.
pub(super) fn ids_text(ids: impl Iterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for (place, id) in ids.enumerate() {
        let comma = if place == 0 { "" } else { "," };
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}{id}");
    }
    text.push(']');
    text
}

const UNIT: char = '\u{1f}';
const RECORD: char = '\u{1e}';

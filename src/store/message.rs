//! The row of a message, and its octets.

use rusqlite::params;

use super::arrive::{Batch, Traits};
use super::rows::{addresses_text, octets_code, server_code};
use super::{Error, blob, deletion, thread};
use crate::mail::{MessageId, Server, bare_subject};

/// A row for a message that is not known here; what is known of its copies on the server is what `server` says.
pub(super) fn insert<'c>(
    batch: &mut Batch<'c>,
    traits: &Traits<'c>,
    server: Server,
) -> Result<MessageId, Error> {
    // The number is taken before the row is there, so that the row is written once, with its thread.
    let last = match batch.last {
        Some(last) => last,
        None => batch
            .connection
            .prepare_cached(
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'messages'",
            )?
            .query_row([], |row| row.get(0))?,
    };
    let message = MessageId(last + 1);
    batch.last = Some(message.0);
    write(batch, message, traits, Some(server))?;
    blob::write(batch.connection, message, &traits.arrival.octets)?;
    batch.words.insert(message, &traits.arrival.extract);
    Ok(message)
}

/// Adds what is new in an arrival to its message. Never makes less of it.
pub(super) fn fill<'c>(
    batch: &mut Batch<'c>,
    message: MessageId,
    traits: &Traits<'c>,
) -> Result<(), Error> {
    let (folder, local, held): (i64, i64, i64) = batch
        .connection
        .prepare_cached(
            "SELECT m.folder, m.local, coalesce((SELECT length(o.octets) FROM octets AS o WHERE o.message = m.id), 0)
             FROM messages AS m WHERE m.id = ?1",
        )?
        .query_row([message.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let extent = Batch::extent_code(traits);
    let more = extent > local
        || (extent == local && extent == 1 && octets_code(traits.arrival.octets.len()) > held);
    // Of a full message only itself arrives, to the bit: what a failing disk made of it is put right.
    let damaged = extent == 2 && local == 2 && !is_sound(batch, message)?;
    let removed = folder == 3;
    if removed {
        batch
            .connection
            .prepare_cached(
                "UPDATE messages SET folder = 2, trashed = ?2, gone_from = NULL WHERE id = ?1",
            )?
            .execute(params![message.0, batch.now.0])?;
    }
    if more || damaged || removed {
        write(batch, message, traits, None)?;
        blob::write(batch.connection, message, &traits.arrival.octets)?;
        if traits.sha256.is_some() {
            batch
                .connection
                .prepare_cached("UPDATE ledger SET counted_from = ?2 WHERE message = ?1")?
                .execute(params![message.0, batch.listings])?;
        }
        batch.stale.insert(message);
        batch.words.insert(message, &traits.arrival.extract);
    }
    Ok(())
}

/// Whether the octets that are stored are those that were received.
fn is_sound(batch: &Batch<'_>, message: MessageId) -> Result<bool, Error> {
    let verified = deletion::verify(batch.connection, &[message])?;
    Ok(matches!(verified.as_slice(), [(_, Some(_))]))
}

/// Writes the row; that of a new message with what is known of its copies, which otherwise stays as it is.
fn write(
    batch: &mut Batch<'_>,
    message: MessageId,
    traits: &Traits<'_>,
    new: Option<Server>,
) -> Result<(), Error> {
    let extract = &traits.arrival.extract;
    let full = traits.sha256.is_some();
    let thread = thread::join(
        batch.connection,
        batch.account,
        message,
        new.is_some(),
        extract,
        &mut batch.touched,
    )?;
    batch.connection.prepare_cached(WRITE)?.execute(params![
        message.0,
        extract.date.map(|date| date.0),
        extract.attachments,
        thread.0,
        Batch::extent_code(traits),
        extract.message_id,
        extract.from.name,
        extract.from.address,
        addresses_text(&extract.to),
        addresses_text(&extract.cc),
        extract.subject,
        extract.snippet,
        traits.header.0,
        traits.sha256.map(|digest| digest.0),
        full.then_some(batch.now.0),
        extract.from.short().to_lowercase(),
        bare_subject(&extract.subject),
        full.then(|| octets_code(traits.arrival.octets.len())),
        batch.account,
        batch.now.0,
        traits.arrival.remote.as_bytes(),
        octets_code(traits.arrival.listed_octets),
        server_code(new.unwrap_or(Server::Vanished)),
    ])?;
    Ok(())
}

/// A new row; or the same row with other contents.
const WRITE: &str = "INSERT INTO messages (id, date, attachments, thread, local, message_id, from_name, from_address,
         recipients, copies, subject, snippet, header, sha256, stored, by_from, by_subject, octets, account, first_seen,
         remote, server)
     VALUES (?1, coalesce(?2, ?20), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
         coalesce(?18, ?22), ?19, ?20, ?21, ?23)
     ON CONFLICT (id) DO UPDATE SET date = coalesce(?2, first_seen), attachments = ?3, thread = ?4, local = ?5,
         message_id = ?6, from_name = ?7, from_address = ?8, recipients = ?9, copies = ?10, subject = ?11, snippet = ?12,
         header = ?13, sha256 = coalesce(?14, sha256), stored = ?15, by_from = ?16, by_subject = ?17, octets = coalesce(?18, octets)";

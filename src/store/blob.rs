//! The octets of messages in the store, piece by piece where they are many.

use std::io::{self, BufRead as _, Read as _, Write as _};

use rusqlite::{Connection, MAIN_DB, params};

use super::Error;
use crate::mail::{Digest, MessageId, Octets, Passing, StoredCopy};

/// Puts the octets of a message into the store, in the place of what there is of it.
pub(super) fn write(
    connection: &Connection,
    message: MessageId,
    octets: &Octets,
) -> Result<(), Error> {
    if let Some(held) = octets.held() {
        connection
            .prepare_cached("INSERT OR REPLACE INTO octets (message, octets) VALUES (?1, ?2)")?
            .execute(params![message.0, held])?;
        return Ok(());
    }
    let room = i64::try_from(octets.len()).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO octets (message, octets) VALUES (?1, zeroblob(?2))",
        )?
        .execute(params![message.0, room])?;
    let mut blob = connection.blob_open(MAIN_DB, "octets", "octets", message.0, false)?;
    // What is read back from where it was put is what came only if its digest says so, and QUIT may be the end of the other copy.
    let mut passing = Passing::default();
    let mut pieces = io::BufReader::with_capacity(PIECE, octets.reader());
    loop {
        let piece = match pieces.fill_buf() {
            Ok([]) => break,
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(error)),
        };
        blob.write_all(piece).map_err(broken)?;
        passing.take(piece);
        let count = piece.len();
        pieces.consume(count);
    }
    blob.close()?;
    if passing.len() != octets.len() {
        return Err(broken(io::ErrorKind::UnexpectedEof.into()));
    }
    if passing.digests().all != octets.digest() {
        return Err(broken(io::Error::other("they are not what was received")));
    }
    Ok(())
}

/// Reads the octets of a message again; `None` unless they are what was recorded.
pub(super) fn verify(
    connection: &Connection,
    message: MessageId,
    recorded: Digest,
) -> Result<Option<StoredCopy>, Error> {
    let blob = connection.blob_open(MAIN_DB, "octets", "octets", message.0, true)?;
    StoredCopy::verify(message, blob, recorded).map_err(broken)
}

/// All octets of a large message, held once.
pub(super) fn read(connection: &Connection, message: MessageId) -> Result<Vec<u8>, Error> {
    let mut blob = connection.blob_open(MAIN_DB, "octets", "octets", message.0, true)?;
    let mut octets = Vec::with_capacity(blob.len());
    blob.read_to_end(&mut octets).map_err(broken)?;
    Ok(octets)
}

/// The octets of a large message cannot be read where they were put until they are stored, or not from the store.
fn broken(error: io::Error) -> Error {
    match error.downcast::<rusqlite::Error>() {
        Ok(error) => error.into(),
        Err(error) => Error::Copy(std::sync::Arc::new(error)),
    }
}

/// Octets above which a message is read piece by piece.
pub(super) const LARGE: u64 = 4 * 1024 * 1024;
const PIECE: usize = 256 * 1024;

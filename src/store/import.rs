use rusqlite::{Connection, params};

use super::arrive::{Batch, Traits};
use super::{Error, account, identity, message};
use crate::mail::{
    AccountId, Arrival, Digest, Extract, Flags, Local, MessageId, RemoteId, Server, Timestamp,
    header_digest,
};

/// A message from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// All its octets, with CRLF line ends as they would have come from a server.
    pub octets: Vec<u8>,
    /// What they say.
    pub extract: Extract,
    /// Its flags, where the file has some.
    pub flags: Flags,
}

/// Takes over messages that never were on a server here. What is here already stays as it is. Each message, and whether
/// it is new.
pub(super) fn import(
    connection: &Connection,
    account: &AccountId,
    messages: Vec<Imported>,
    now: Timestamp,
) -> Result<Vec<(MessageId, bool)>, Error> {
    let row = account::row(connection, account, now)?;
    let messages: Vec<(Arrival, Flags)> = messages.into_iter().map(Imported::arrival).collect();
    let mut batch = Batch::new(connection, row, now)?;
    let mut done = Vec::with_capacity(messages.len());
    for (arrival, flags) in &messages {
        let traits = Traits {
            arrival,
            header: header_digest(&arrival.octets),
            sha256: Some(Digest::of(&arrival.octets)),
        };
        if let Some(known) = identity::same_octets(connection, row, &traits)? {
            done.push((known, take_again(&mut batch, known, &traits)?));
            continue;
        }
        let id = message::insert(&mut batch, &traits, Server::Vanished)?;
        connection
            .prepare_cached("UPDATE messages SET flags = ?2 WHERE id = ?1")?
            .execute(params![id.0, flags.bits()])?;
        done.push((id, true));
    }
    batch.finish()?;
    Ok(done)
}

/// A message that was removed from here, and whose digest was kept, is here again. Whether it was.
fn take_again<'c>(
    batch: &mut Batch<'c>,
    known: MessageId,
    traits: &Traits<'c>,
) -> Result<bool, Error> {
    let removed = batch
        .connection
        .prepare_cached(
            "UPDATE messages SET folder = 0, folder_before = NULL, trashed = NULL WHERE id = ?1 AND local <> 2",
        )?
        .execute([known.0])?;
    if removed == 0 {
        return Ok(false);
    }
    message::fill(batch, known, traits)?;
    batch.touched.insert(known);
    Ok(true)
}

impl Imported {
    /// The same as if it had come from a server without a UIDL.
    fn arrival(self) -> (Arrival, Flags) {
        let arrival = Arrival {
            ledger: None,
            remote: RemoteId::default(),
            listed_octets: self.octets.len() as u64,
            octets: self.octets,
            extent: Local::Full,
            extract: self.extract,
        };
        (arrival, self.flags)
    }
}

use rusqlite::{Connection, params};

use super::arrive::{Batch, Traits};
use super::{Error, account, identity, message};
use crate::mail::{
    AccountId, Arrival, Extract, Flags, Local, MessageId, RemoteId, Server, Timestamp,
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

/// Takes over messages that never were on a server here. What is here already stays as it is, unless it is damaged: then it
/// is put right. Each message, and whether something was stored.
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
            header: arrival.octets.header_digest(),
            sha256: Some(arrival.octets.digest()),
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

/// A message that was removed from here and whose digest was kept, or that is damaged, is here again. Whether it was.
fn take_again<'c>(
    batch: &mut Batch<'c>,
    known: MessageId,
    traits: &Traits<'c>,
) -> Result<bool, Error> {
    let removed = batch
        .connection
        .prepare_cached(
            "UPDATE messages SET folder_before = CASE WHEN folder < 3 THEN folder_before END,
                 trashed = CASE WHEN folder < 3 THEN trashed END, folder = CASE WHEN folder < 3 THEN folder ELSE 0 END,
                 gone_from = NULL WHERE id = ?1 AND local <> 2",
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
            octets: self.octets.into(),
            extent: Local::Full,
            extract: self.extract,
        };
        (arrival, self.flags)
    }
}

use rusqlite::Connection;

use super::arrive::{Batch, Traits};
use super::{Error, account, identity, message, rows};
use crate::mail::{
    AccountId, Arrival, Digest, Extract, Flags, Local, MessageId, RemoteId, Timestamp,
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
    let mut batch = Batch::new(connection, row, now)?;
    let mut done = Vec::with_capacity(messages.len());
    for Imported {
        octets,
        extract,
        flags,
    } in messages
    {
        let arrival = Arrival {
            ledger: None,
            remote: RemoteId::default(),
            listed_octets: octets.len() as u64,
            octets,
            extent: Local::Full,
            extract,
        };
        let traits = Traits {
            header: header_digest(&arrival.octets),
            sha256: Some(Digest::of(&arrival.octets)),
            arrival: &arrival,
        };
        let known = identity::same_octets(connection, row, &traits)?;
        let id = match known {
            Some(id) => id,
            None => message::insert(&mut batch, &traits)?,
        };
        if known.is_none() {
            connection.execute(
                "UPDATE messages SET flags = ?2, remote = x'' WHERE id = ?1",
                rusqlite::params![id.0, flags.bits()],
            )?;
            rows::refresh(connection, id)?;
        }
        done.push((id, known.is_none()));
    }
    Ok(done)
}

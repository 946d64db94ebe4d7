//! Which message an arrival is. A server's id is a hint; the octets decide.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Error;
use super::arrive::Traits;
use super::rows::{self, octets_code};
use crate::mail::{Digest, LedgerId, Local, MessageId, Server};

/// The message that a line of the ledger stands for.
pub(super) struct Held {
    pub(super) message: MessageId,
    pub(super) header: Option<Digest>,
    pub(super) local: Local,
    server: Server,
    sha256: Option<Digest>,
    message_id: String,
    from: String,
    subject: String,
}

impl Held {
    pub(super) fn of(connection: &Connection, line: LedgerId) -> Result<Self, Error> {
        let digest = |octets: Option<Vec<u8>>| octets.as_deref().and_then(Digest::from_slice);
        connection
            .prepare_cached(
                "SELECT l.message, l.header, m.local, l.server, m.sha256, m.message_id, m.from_address, m.subject
                 FROM ledger AS l JOIN messages AS m ON m.id = l.message WHERE l.id = ?1",
            )?
            .query_row([line.0], |row| {
                Ok(Self {
                    message: MessageId(row.get(0)?),
                    header: digest(row.get(1)?),
                    local: rows::local(row.get(2)?),
                    server: rows::server(row.get(3)?),
                    sha256: digest(row.get(4)?),
                    message_id: row.get(5)?,
                    from: row.get(6)?,
                    subject: row.get(7)?,
                })
            })
            .optional()?
            .ok_or_else(|| Error::Unknown(format!("line {} of the ledger", line.0)))
    }

    /// Whether its deletion is wanted, or was sent.
    pub(super) fn wanted(&self) -> bool {
        matches!(self.server, Server::DeleteWanted | Server::Unconfirmed)
    }

    /// Whether what arrived is this message.
    ///
    /// A full message is only ever itself to the bit. One of which only headers are here is recognised by its header
    /// block, or, because some servers write fields of their own into it, by its `Message-ID`, sender and subject.
    pub(super) fn is_copy(&self, traits: &Traits<'_>) -> bool {
        if let (Some(held), Some(arrived)) = (self.sha256, traits.sha256) {
            return held == arrived;
        }
        let extract = &traits.arrival.extract;
        let alike = !self.message_id.is_empty()
            && self.message_id == extract.message_id
            && self.from == extract.from.address
            && self.subject == extract.subject;
        self.header.is_none_or(|header| header == traits.header) || alike
    }
}

/// How sure it is that a copy is the message that it was recognised as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Likeness {
    /// Its octets are those of the message.
    Proven,
    /// The header block is the same, and so is the size.
    Assumed,
    /// The header block is the same, and the size another: it may be another message.
    Doubtful,
}

impl Likeness {
    /// The size that a copy's line gets. One under doubt gets none, which nothing is listed with: so it is compared by whichever
    /// session comes to it, and its size makes no other like it.
    pub(super) fn size(self, traits: &Traits<'_>) -> i64 {
        if self == Self::Doubtful {
            0
        } else {
            octets_code(traits.arrival.listed_octets)
        }
    }

    /// To be asked before the copy has its line.
    pub(super) fn of(
        connection: &Connection,
        message: MessageId,
        traits: &Traits<'_>,
    ) -> Result<Self, Error> {
        if traits.sha256.is_some() {
            return Ok(Self::Proven);
        }
        let fits: bool = connection
            .prepare_cached(
                "SELECT m.octets = ?2 OR EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.octets = ?2)
                 FROM messages AS m WHERE m.id = ?1",
            )?
            .query_row(
                params![message.0, octets_code(traits.arrival.listed_octets)],
                |row| row.get(0),
            )?;
        Ok(if fits { Self::Assumed } else { Self::Doubtful })
    }
}

/// The message of this account that an unlisted copy is, if it is here already.
///
/// - The same octets are the same message, wherever its other copies are.
/// - The same header block is the same message when no copy of it is on the server now: it came back, or the server
///   calls it otherwise. A header block without a `Message-ID` says too little, so the size must be the same as well; and so
///   it must be where there is no more here than a header block, with which no octets can be compared.
pub(super) fn recognise(
    connection: &Connection,
    account: i64,
    traits: &Traits<'_>,
) -> Result<Option<MessageId>, Error> {
    // Most are new, which one look at one index tells.
    let alike: bool = connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM messages WHERE account = ?1 AND header = ?2)",
        )?
        .query_row(params![account, traits.header.0], |row| row.get(0))?;
    if !alike {
        return Ok(None);
    }
    if let Some(same) = same_octets(connection, account, traits)? {
        return Ok(Some(same));
    }
    let arrival = traits.arrival;
    let weak = arrival.extract.message_id.is_empty();
    let known: Option<i64> = connection
        .prepare_cached(
            "SELECT m.id FROM messages AS m WHERE m.account = ?1 AND m.header = ?2
                 AND (?3 IS NULL OR m.sha256 IS NULL OR m.sha256 = ?3)
                 AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.server IN (0, 1, 2))
                 AND ((NOT ?4 AND m.sha256 IS NOT NULL)
                     OR EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.octets = ?6))
             ORDER BY EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.remote = ?5) DESC,
                 EXISTS (SELECT 1 FROM ledger AS l WHERE l.message = m.id AND l.octets = ?6) DESC, m.id
             LIMIT 1",
        )?
        .query_row(
            params![
                account,
                traits.header.0,
                traits.sha256.map(|digest| digest.0),
                weak,
                arrival.remote.as_bytes(),
                octets_code(arrival.listed_octets)
            ],
            |row| row.get(0),
        )
        .optional()?;
    Ok(known.map(MessageId))
}

/// The message of this account with exactly these octets: one of those with the same header block.
pub(super) fn same_octets(
    connection: &Connection,
    account: i64,
    traits: &Traits<'_>,
) -> Result<Option<MessageId>, Error> {
    let Some(sha256) = traits.sha256 else {
        return Ok(None);
    };
    Ok(connection
        .prepare_cached(
            "SELECT id FROM messages WHERE account = ?1 AND header = ?2 AND sha256 = ?3
             ORDER BY local = 2 DESC, id LIMIT 1",
        )?
        .query_row(params![account, traits.header.0, sha256.0], |row| {
            row.get(0).map(MessageId)
        })
        .optional()?)
}

use rusqlite::Connection;

use super::worker::Urgency;
use super::{Error, Pending, Store, deletion, rows};
use crate::mail::{MessageId, MessageSummary};

impl Store {
    /// Notes that what is here of these messages is not what was received, where that is so: they are to be fetched again,
    /// and until then no server's copy is deleted as one that is safe here. The rows that changed.
    pub fn mark_damaged(&self, ids: Vec<MessageId>) -> Pending<Vec<MessageSummary>> {
        self.write(Urgency::Person, move |connection| mark(connection, &ids))
    }
}

/// Takes what was damaged for what it is: not here in full any more, so that it is fetched again like what never was. What is
/// left of it stays, and so does the digest of what it was. The rows that changed.
fn mark(connection: &Connection, messages: &[MessageId]) -> Result<Vec<MessageSummary>, Error> {
    let mut changed = Vec::new();
    for message in messages {
        // Asked again, here where nothing else is written: it may have come anew meanwhile.
        if let [(_, Some(_))] = deletion::verify(connection, &[*message])?.as_slice() {
            continue;
        }
        let updated = connection
            .prepare_cached(
                "UPDATE messages SET stored = NULL,
                     local = EXISTS (SELECT 1 FROM octets AS o WHERE o.message = messages.id)
                 WHERE id = ?1 AND local = 2",
            )?
            .execute([message.0])?;
        if updated > 0 {
            changed.push(*message);
        }
    }
    rows::summaries(connection, changed)
}

//! Copies that were thought gone and are listed again.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Error;
use super::listing::Update;
use super::rows::{self, back_again, ids_text, is_tried_again};
use crate::mail::{Flags, LedgerId, MessageId, MessageSummary};

/// Marks the messages that come back with these lines though they were deleted, and those whose deletion the server has not
/// carried out and that it is not asked for again. The rows of the former.
pub(super) fn mark(
    connection: &Connection,
    lines: &[LedgerId],
) -> Result<Vec<MessageSummary>, Error> {
    let mut statement = connection
        .prepare_cached("SELECT message FROM ledger WHERE id = ?1 AND server IN (3, 4)")?;
    let mut marked = BTreeSet::new();
    for line in lines {
        let message: Option<i64> = statement.query_row([line.0], |row| row.get(0)).optional()?;
        if let Some(message) = message.map(MessageId)
            && rows::mark_returned(connection, message)?
        {
            marked.insert(message);
        }
    }
    give_up(connection, lines)?;
    rows::summaries(connection, marked)
}

/// Marks the messages of these lines whose deletion the server has not carried out, and that it is not asked for again.
pub(super) fn give_up(connection: &Connection, lines: &[LedgerId]) -> Result<(), Error> {
    connection
        .prepare_cached(concat!(
            "UPDATE messages SET flags = flags | ?2 WHERE id IN (SELECT message FROM ledger
                 WHERE id IN (SELECT value FROM json_each(?1)) AND server = 3 AND reason IS NOT NULL AND NOT ",
            is_tried_again!(),
            ")"
        ))?
        .execute(params![
            ids_text(lines.iter().map(|line| line.0)),
            Flags::TAKEN_BACK.bits()
        ])?;
    Ok(())
}

/// One that never was away, whatever the server said of it, is what it was.
pub(super) const REAPPEARED: Update = Update {
    set: concat!(
        back_again!(),
        ",
         assumed = CASE WHEN server = 3 AND reason IS NOT NULL THEN assumed ELSE 1 END,
         counted_from = CASE WHEN server = 3 AND reason IS NOT NULL THEN counted_from
             ELSE (SELECT listings FROM accounts AS a WHERE a.id = ledger.account) END"
    ),
    only: "server IN (3, 4)",
};

//! Lists of messages.

use std::collections::HashMap;

use rusqlite::Connection;

use super::chosen::{Chosen, Spelled};
use super::rows::{self, folder_code};
use super::{Error, Pending, Store};
use crate::mail::{AccountId, Brief, Folder, MessageId, MessageSummary, Query};

/// Which messages, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// What they must match.
    pub query: Query,
    /// In which folder, unless the query names one; `None` means all but the Trash.
    pub folder: Option<Folder>,
    /// Of which account; `None` means all.
    pub account: Option<AccountId>,
    /// Their order.
    pub order: Order,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// At most so many; `None` means all.
    pub limit: Option<usize>,
    /// So many are left out at the beginning.
    pub offset: usize,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Newest first.
    #[default]
    Date,
    /// Largest first.
    Size,
    /// By sender from A to Z, then newest first.
    From,
    /// By subject without its `Re:` from A to Z, then newest first.
    Subject,
}

/// A part of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows, in order.
    pub rows: Vec<MessageSummary>,
    /// How many there are altogether.
    pub total: usize,
}

/// Rows in brief.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Briefs {
    /// The rows, in order.
    pub rows: Vec<Brief>,
    /// What each is sorted by when that is a text; empty otherwise.
    pub keys: Vec<Box<str>>,
}

impl Store {
    /// The rows of a list by date that come behind this one, or its first, at most `limit` of them: for work that goes
    /// through all of them and that nobody waits for. Whatever a person asks of the store goes before.
    pub fn next_rows(
        &self,
        listing: Listing,
        behind: Option<Brief>,
    ) -> Pending<Vec<MessageSummary>> {
        self.later(move |connection| {
            let briefs = next_briefs(connection, &listing, behind.as_ref())?;
            rows::summaries(connection, briefs.iter().map(|row| row.id))
        })
    }
}

/// A part of a list, and how many rows there are altogether.
pub(super) fn list(connection: &Connection, listing: &Listing) -> Result<Page, Error> {
    let chosen = Chosen::of(connection, listing)?;
    Ok(Page {
        rows: chosen.rows(connection, listing)?,
        total: chosen.count(connection)?,
    })
}

/// A part of a list. Nothing is counted.
pub(super) fn rows(
    connection: &Connection,
    listing: &Listing,
) -> Result<Vec<MessageSummary>, Error> {
    let spelled = Spelled::out(connection, listing)?;
    match spelled.first_rows(connection)? {
        Some(rows) => Ok(rows),
        None => spelled.chosen(connection)?.rows(connection, listing),
    }
}

/// A list in brief, whole but for `offset` and `limit`. It is read from indexes, and sorted here where none has its order.
pub(super) fn briefs(connection: &Connection, listing: &Listing) -> Result<Briefs, Error> {
    let chosen = Chosen::of(connection, listing)?;
    let mut briefs = Briefs {
        rows: chosen.briefs(connection, listing, None, None)?,
        keys: Vec::new(),
    };
    match listing.order {
        Order::Date => {}
        Order::Size => {
            briefs.rows.sort_unstable_by_key(|row| (row.octets, row.id));
            if !listing.reverse {
                briefs.rows.reverse();
            }
        }
        Order::From => briefs = by_text(connection, listing, briefs.rows, "m.by_from")?,
        Order::Subject => briefs = by_text(connection, listing, briefs.rows, "m.by_subject")?,
    }
    let skipped = listing.offset.min(briefs.rows.len());
    briefs.rows.drain(..skipped);
    briefs.keys.drain(..skipped.min(briefs.keys.len()));
    if let Some(limit) = listing.limit {
        briefs.rows.truncate(limit);
        briefs.keys.truncate(limit);
    }
    Ok(briefs)
}

/// The rows of a list by date in brief that come behind this one, or its first: at most `limit` of them.
pub(super) fn next_briefs(
    connection: &Connection,
    listing: &Listing,
    behind: Option<&Brief>,
) -> Result<Vec<Brief>, Error> {
    Chosen::of(connection, listing)?.briefs(connection, listing, behind, listing.limit)
}

/// Puts rows into the order of a text, which is read from the index that has it.
fn by_text(
    connection: &Connection,
    listing: &Listing,
    rows: Vec<Brief>,
    column: &str,
) -> Result<Briefs, Error> {
    let place = place_sql(listing);
    let order = order_sql(listing.order, listing.reverse);
    let sql = format!("SELECT m.id, {column} FROM messages AS m WHERE {place} ORDER BY {order}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query([])?;
    let mut wanted: HashMap<MessageId, Brief> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut sorted = Briefs::default();
    while let Some(row) = found.next()? {
        if let Some(brief) = wanted.remove(&MessageId(row.get(0)?)) {
            sorted.rows.push(brief);
            sorted.keys.push(rows::text(row, 1)?.into());
        }
    }
    Ok(sorted)
}

pub(super) fn place_sql(listing: &Listing) -> String {
    match listing.folder {
        _ if listing.query.names_folder() => "m.folder < 3".to_owned(),
        Some(folder) => format!("m.folder = {}", folder_code(folder)),
        None => "m.folder < 2".to_owned(),
    }
}

pub(super) fn order_sql(order: Order, reverse: bool) -> String {
    let keys: &[(&str, bool)] = match order {
        Order::Date => &[("m.date", true), ("m.id", true)],
        Order::Size => &[("m.octets", true), ("m.id", true)],
        Order::From => &[("m.by_from", false), ("m.date", true), ("m.id", true)],
        Order::Subject => &[("m.by_subject", false), ("m.date", true), ("m.id", true)],
    };
    keys.iter()
        .map(|(key, descending)| {
            format!(
                "{key} {}",
                if *descending == reverse {
                    "ASC"
                } else {
                    "DESC"
                }
            )
        })
        .collect::<Vec<_>>()
        .join(", ")
}

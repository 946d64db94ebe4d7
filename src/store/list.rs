//! Lists of messages: a query made into SQL.

use std::collections::HashMap;

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::rows::{self, BRIEF, SUMMARY, folder_code, octets_code};
use super::{Error, index};
use crate::mail::{AccountId, Brief, Folder, MessageId, MessageSummary, Query, Term};

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

/// A part of a list, and how many rows there are altogether.
pub(super) fn list(connection: &Connection, listing: &Listing) -> Result<Page, Error> {
    let filter = Filter::of(listing);
    let total: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM messages AS m WHERE {}",
            filter.conditions.join(" AND ")
        ))?
        .query_row(params_from_iter(&filter.values), |row| row.get(0))?;
    Ok(Page {
        rows: rows(connection, listing)?,
        total: usize::try_from(total).unwrap_or_default(),
    })
}

/// A part of a list. Nothing is counted.
pub(super) fn rows(
    connection: &Connection,
    listing: &Listing,
) -> Result<Vec<MessageSummary>, Error> {
    let filter = Filter::of(listing);
    let conditions = filter.conditions.join(" AND ");
    let order = order_sql(listing.order, listing.reverse);
    let limit = listing.limit.map_or(-1, |limit| octets_code(limit as u64));
    let offset = octets_code(listing.offset as u64);
    let chosen = format!("WHERE {conditions} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
    // A few rows are chosen by what lies in an index, and only those are read in full. For many that costs more than it saves.
    let sql = if listing.limit.is_some_and(|limit| limit <= FEW) {
        format!(
            "SELECT {SUMMARY} FROM (SELECT m.id AS chosen FROM messages AS m {chosen}) CROSS JOIN messages AS m
                 ON m.id = chosen JOIN accounts AS a ON a.id = m.account ORDER BY {order}"
        )
    } else {
        format!(
            "SELECT {SUMMARY} FROM messages AS m JOIN accounts AS a ON a.id = m.account {chosen}"
        )
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(&filter.values))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(rows::summary(row)?);
    }
    Ok(rows)
}

/// A list in brief, whole but for `offset` and `limit`. It is read from indexes, and sorted here where none has its order.
pub(super) fn briefs(connection: &Connection, listing: &Listing) -> Result<Briefs, Error> {
    let filter = Filter::of(listing);
    let by_date = order_sql(Order::Date, listing.reverse);
    let sql = format!(
        "SELECT {BRIEF} FROM messages AS m WHERE {} ORDER BY {by_date}",
        filter.conditions.join(" AND ")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found = statement.query(params_from_iter(&filter.values))?;
    let mut briefs = Briefs::default();
    while let Some(row) = found.next()? {
        briefs.rows.push(rows::brief(row)?);
    }
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

fn place_sql(listing: &Listing) -> String {
    match listing.folder {
        _ if listing.query.names_folder() => "m.folder < 3".to_owned(),
        Some(folder) => format!("m.folder = {}", folder_code(folder)),
        None => "m.folder < 2".to_owned(),
    }
}

fn order_sql(order: Order, reverse: bool) -> String {
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

/// Conditions and the values in them. A value never becomes part of the SQL.
#[derive(Default)]
struct Filter {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    /// What a listing asks for.
    fn of(listing: &Listing) -> Self {
        let mut filter = Self::default();
        if let Some(account) = &listing.account {
            let account = filter.value(Value::Text(account.as_str().to_owned()));
            filter.conditions.push(format!(
                "+m.account = (SELECT id FROM accounts WHERE name = {account})"
            ));
        }
        let words = filter.sql(listing.query.term());
        filter.conditions.push(words);
        filter.conditions.insert(0, place_sql(listing));
        filter
    }

    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn number(&mut self, number: i64) -> String {
        self.value(Value::Integer(number))
    }

    fn sql(&mut self, term: &Term) -> String {
        if let Some(expression) = index::expression(term) {
            return self.search(expression);
        }
        match term {
            Term::All(terms) => self.all(terms),
            Term::Any(terms) => {
                let terms: Vec<String> = terms.iter().map(|term| self.sql(term)).collect();
                if terms.is_empty() {
                    "0".to_owned()
                } else {
                    format!("({})", terms.join(" OR "))
                }
            }
            Term::Not(term) => format!("NOT {}", self.sql(term)),
            // Words on their own were asked of the index above.
            Term::Text { .. } => "1".to_owned(),
            Term::Flag(flag) => {
                let bits = self.number(i64::from(flag.bits()));
                format!("(m.flags & {bits} = {bits})")
            }
            Term::HasFile => "(m.attachments > 0)".to_owned(),
            Term::OnServer => "(m.server IN (0, 1, 2))".to_owned(),
            Term::NoCopy => "(m.local <> 2)".to_owned(),
            Term::Id(id) => format!("(m.id = {})", self.number(id.0)),
            Term::HeaderId(id) => {
                format!("(m.message_id = {})", self.value(Value::Text(id.clone())))
            }
            Term::Account(name) => {
                let name = self.value(Value::Text(name.clone()));
                format!("(m.account IN (SELECT id FROM accounts WHERE name = {name}))")
            }
            Term::Folder(folder) => format!("(m.folder = {})", folder_code(*folder)),
            Term::Larger(octets) => format!("(m.octets > {})", self.number(octets_code(*octets))),
            Term::Smaller(octets) => format!("(m.octets < {})", self.number(octets_code(*octets))),
            Term::Before(time) => format!("(m.date < {})", self.number(time.0)),
            Term::Since(time) => format!("(m.date >= {})", self.number(time.0)),
        }
    }

    /// All words among these terms are asked of the index together, which is quicker than one after the other.
    fn all(&mut self, terms: &[Term]) -> String {
        let (words, others): (Vec<&Term>, Vec<&Term>) = terms
            .iter()
            .partition(|term| index::expression(term).is_some());
        let expressions: Vec<String> = words.into_iter().filter_map(index::expression).collect();
        let mut conditions: Vec<String> = others.into_iter().map(|term| self.sql(term)).collect();
        if !expressions.is_empty() {
            conditions.push(self.search(expressions.join(" AND ")));
        }
        if conditions.is_empty() {
            return "1".to_owned();
        }
        format!("({})", conditions.join(" AND "))
    }

    fn search(&mut self, expression: String) -> String {
        let expression = self.value(Value::Text(expression));
        format!("(m.id IN (SELECT rowid FROM search WHERE search MATCH {expression}))")
    }
}

const FEW: usize = 1_000;

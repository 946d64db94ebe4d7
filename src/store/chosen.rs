//! A query made into SQL.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::hits::{HIT, Hits};
use super::list::{Listing, Order, order_sql, place_sql};
use super::rows::{self, BRIEF, SUMMARY, folder_code, octets_code};
use super::{Error, index};
use crate::mail::{Brief, MessageId, MessageSummary, Term};

/// A listing whose open words are spelled out as the words of the index.
pub(super) struct Spelled<'l> {
    listing: &'l Listing,
    /// `None` when they are too many.
    term: Option<Term>,
}

impl<'l> Spelled<'l> {
    pub(super) fn out(connection: &Connection, listing: &'l Listing) -> Result<Self, Error> {
        let term = index::spelled_out(connection, listing.query.term())?;
        Ok(Self { listing, term })
    }

    /// The rows of a list where the index knows of few for its words; or the first rows of a list by date, when they are all
    /// among its newest rows. The index is then asked about these alone, which costs the same however common a word is.
    pub(super) fn first_rows(
        &self,
        connection: &Connection,
    ) -> Result<Option<Vec<MessageSummary>>, Error> {
        match &self.term {
            // Where everything matches, the index has nothing to say.
            Some(term) if !self.listing.query.is_everything() && !index::reads_all(term) => {
                if let Some(few) = index::few(connection, term)? {
                    let chosen = Chosen::among(connection, self.listing, term, Scope::Known(few))?;
                    return chosen.rows(connection, self.listing).map(Some);
                }
                Chosen::newest(connection, self.listing, term)
            }
            _ => Ok(None),
        }
    }

    /// Asks the index for the words of the query; the rest is left to SQL.
    pub(super) fn chosen(&self, connection: &Connection) -> Result<Chosen, Error> {
        let term = self.term.as_ref().unwrap_or(self.listing.query.term());
        Chosen::among(connection, self.listing, term, Scope::All)
    }
}

/// The messages of a listing: which table they come from, and what holds for them.
pub(super) struct Chosen {
    from: String,
    conditions: String,
    values: Vec<Value>,
}

impl Chosen {
    pub(super) fn of(connection: &Connection, listing: &Listing) -> Result<Self, Error> {
        Spelled::out(connection, listing)?.chosen(connection)
    }

    fn newest(
        connection: &Connection,
        listing: &Listing,
        spelled: &Term,
    ) -> Result<Option<Vec<MessageSummary>>, Error> {
        let Some(limit) = listing.limit.filter(|limit| (1..=FEW).contains(limit)) else {
            return Ok(None);
        };
        if listing.order != Order::Date || listing.offset > 0 {
            return Ok(None);
        }
        let rows = |size| -> Result<Option<Vec<MessageSummary>>, Error> {
            let Some(window) = Window::of(connection, listing, size)? else {
                return Ok(None);
            };
            let chosen = Self::among(connection, listing, spelled, Scope::Within(&window))?;
            chosen.rows(connection, listing).map(Some)
        };
        let Some(found) = rows(WINDOW)? else {
            return Ok(None);
        };
        if found.len() == limit {
            return Ok(Some(found));
        }
        // As many again for each that is missing, and a quarter more for luck; beyond a point everything is asked sooner.
        let wider =
            WINDOW * octets_code(limit as u64) / octets_code(found.len() as u64).max(1) * 5 / 4;
        if wider > WIDEST {
            return Ok(None);
        }
        Ok(rows(wider)?.filter(|found| found.len() == limit))
    }

    fn among(
        connection: &Connection,
        listing: &Listing,
        term: &Term,
        scope: Scope<'_>,
    ) -> Result<Self, Error> {
        let mut filter = Filter::new(connection);
        let mut conditions = vec![place_sql(listing)];
        if let Some(account) = &listing.account {
            let account = filter.value(Value::Text(account.as_str().to_owned()));
            conditions.push(format!(
                "+m.account = (SELECT id FROM accounts WHERE name = {account})"
            ));
        }
        if let Scope::Within(window) = scope {
            filter.ids = window.ids;
            let sign = if listing.reverse { "<" } else { ">" };
            conditions.push(format!("m.date {sign} {}", window.end));
        }
        conditions.push(match scope {
            Scope::Known(hits) => filter.among(hits),
            Scope::All | Scope::Within(_) => filter.sql(term)?,
        });
        // What only few messages can be is looked up one by one; otherwise the list is walked in its order, which ends as soon
        // as a page is full.
        let from = match filter.only.take() {
            Some(ids) => {
                let ids = filter.value(Value::Text(ids));
                format!("json_each({ids}) AS f CROSS JOIN messages AS m ON m.id = f.value")
            }
            None => "messages AS m".to_owned(),
        };
        Ok(Self {
            from,
            conditions: conditions.join(" AND "),
            values: filter.values,
        })
    }

    /// How many they are.
    pub(super) fn count(&self, connection: &Connection) -> Result<usize, Error> {
        let Self {
            from, conditions, ..
        } = self;
        let total: i64 = connection
            .prepare_cached(&format!("SELECT count(*) FROM {from} WHERE {conditions}"))?
            .query_row(params_from_iter(&self.values), |row| row.get(0))?;
        Ok(usize::try_from(total).unwrap_or_default())
    }

    /// The rows that the listing wants of them.
    pub(super) fn rows(
        &self,
        connection: &Connection,
        listing: &Listing,
    ) -> Result<Vec<MessageSummary>, Error> {
        let order = order_sql(listing.order, listing.reverse);
        let limit = listing.limit.map_or(-1, |limit| octets_code(limit as u64));
        let offset = octets_code(listing.offset as u64);
        let (from, conditions) = (&self.from, &self.conditions);
        let chosen = format!("WHERE {conditions} ORDER BY {order} LIMIT {limit} OFFSET {offset}");
        // A few rows are chosen by what lies in an index, and only those are read in full. For many that costs more than it saves.
        let sql = if listing.limit.is_some_and(|limit| limit <= FEW) {
            format!(
                "SELECT {SUMMARY} FROM (SELECT m.id AS chosen FROM {from} {chosen}) CROSS JOIN messages AS m
                     ON m.id = chosen JOIN accounts AS a ON a.id = m.account ORDER BY {order}"
            )
        } else {
            format!("SELECT {SUMMARY} FROM {from} JOIN accounts AS a ON a.id = m.account {chosen}")
        };
        let mut statement = connection.prepare_cached(&sql)?;
        let mut found = statement.query(params_from_iter(&self.values))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            rows.push(rows::summary(row)?);
        }
        Ok(rows)
    }

    /// Those of them in brief that come behind this one by date: at most so many, or all.
    pub(super) fn briefs(
        &self,
        connection: &Connection,
        listing: &Listing,
        behind: Option<&Brief>,
        limit: Option<usize>,
    ) -> Result<Vec<Brief>, Error> {
        let order = order_sql(Order::Date, listing.reverse);
        let mut values = self.values.clone();
        let mut number = |number| {
            values.push(Value::Integer(number));
            values.len()
        };
        let behind = behind.map_or_else(String::new, |row| {
            let sign = if listing.reverse { ">" } else { "<" };
            let (date, id) = (number(row.date.0), number(row.id.0));
            format!("AND (m.date, m.id) {sign} (?{date}, ?{id})")
        });
        let most = number(limit.map_or(-1, |limit| octets_code(limit as u64)));
        let mut statement = connection.prepare_cached(&format!(
            "SELECT {BRIEF} FROM {} WHERE {} {behind} ORDER BY {order} LIMIT ?{most}",
            self.from, self.conditions
        ))?;
        let mut found = statement.query(params_from_iter(&values))?;
        let mut briefs = Vec::with_capacity(limit.unwrap_or_default().min(MOST_AT_ONCE));
        while let Some(row) = found.next()? {
            briefs.push(rows::brief(row)?);
        }
        Ok(briefs)
    }

    /// The ids of all of them, in the order of the listing.
    pub(super) fn ids(
        &self,
        connection: &Connection,
        listing: &Listing,
    ) -> Result<Vec<MessageId>, Error> {
        let order = order_sql(listing.order, listing.reverse);
        let mut statement = connection.prepare_cached(&format!(
            "SELECT m.id FROM {} WHERE {} ORDER BY {order}",
            self.from, self.conditions
        ))?;
        let mut found = statement.query(params_from_iter(&self.values))?;
        let mut ids = Vec::new();
        while let Some(row) = found.next()? {
            ids.push(MessageId(row.get(0)?));
        }
        Ok(ids)
    }
}

/// Which messages a term is asked about.
enum Scope<'w> {
    All,
    Within(&'w Window),
    /// The index has answered: these, and no others.
    Known(Hits),
}

/// The first rows of a list by date.
struct Window {
    ids: (i64, i64),
    /// The date of the last of them. Others may have it as well, so only what comes before it is sure to be in the window.
    end: i64,
}

impl Window {
    /// `None` when the ids of these rows lie too far apart for it to be of use, or when there are fewer rows.
    fn of(connection: &Connection, listing: &Listing, size: i64) -> Result<Option<Self>, Error> {
        let order = order_sql(Order::Date, listing.reverse);
        let end = if listing.reverse { "max" } else { "min" };
        let sql = format!(
            "SELECT count(*), min(id), max(id), {end}(date) FROM (
                 SELECT m.id, m.date FROM messages AS m WHERE {} ORDER BY {order} LIMIT ?1)",
            place_sql(listing)
        );
        let (count, first, last, end): (i64, Option<i64>, Option<i64>, Option<i64>) =
            connection.prepare_cached(&sql)?.query_row([size], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        let (Some(first), Some(last), Some(end)) = (first, last, end) else {
            return Ok(None);
        };
        let apart = last.saturating_sub(first);
        let useful = count == size && apart < 4 * size;
        Ok(useful.then_some(Self {
            ids: (first, last),
            end,
        }))
    }
}

/// Conditions and the values in them. A value never becomes part of the SQL.
struct Filter<'c> {
    connection: &'c Connection,
    /// The first and the last id that matter.
    ids: (i64, i64),
    values: Vec<Value>,
    /// The only messages that can match, where the index knows of few, as a list in JSON.
    only: Option<String>,
}

impl<'c> Filter<'c> {
    fn new(connection: &'c Connection) -> Self {
        Self {
            connection,
            ids: ALL,
            values: Vec::new(),
            only: None,
        }
    }

    fn value(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    fn number(&mut self, number: i64) -> String {
        self.value(Value::Integer(number))
    }

    /// The condition of a whole query.
    fn sql(&mut self, term: &Term) -> Result<String, Error> {
        let terms = match term {
            Term::All(terms) => terms.as_slice(),
            term => std::slice::from_ref(term),
        };
        let (words, others): (Vec<&Term>, Vec<&Term>) =
            terms.iter().partition(|term| index::is_words(term));
        if words.is_empty() {
            return self.part(term);
        }
        let hits = index::find(self.connection, words, self.ids, None)?;
        let mut conditions = vec![self.among(hits)];
        for other in others {
            conditions.push(self.part(other)?);
        }
        Ok(format!("({})", conditions.join(" AND ")))
    }

    /// Nothing but these can match.
    fn among(&mut self, hits: Hits) -> String {
        self.only = hits.few();
        self.search(hits)
    }

    fn part(&mut self, term: &Term) -> Result<String, Error> {
        if index::is_words(term) {
            let hits = index::find(self.connection, [term], self.ids, None)?;
            return Ok(self.search(hits));
        }
        Ok(match term {
            Term::All(terms) => self.parts(terms, " AND ", "1")?,
            Term::Any(terms) => self.parts(terms, " OR ", "0")?,
            Term::Not(term) => format!("NOT {}", self.part(term)?),
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
        })
    }

    fn parts(&mut self, terms: &[Term], operator: &str, none: &str) -> Result<String, Error> {
        let parts: Vec<String> = terms
            .iter()
            .map(|term| self.part(term))
            .collect::<Result<_, Error>>()?;
        if parts.is_empty() {
            return Ok(none.to_owned());
        }
        Ok(format!("({})", parts.join(operator)))
    }

    fn search(&mut self, hits: Hits) -> String {
        let hits = self.value(Value::Blob(hits.into_bits()));
        format!("{HIT}({hits}, m.id)")
    }
}

const FEW: usize = 1_000;
const WINDOW: i64 = 2_000;
const WIDEST: i64 = 30_000;
/// Rows in brief for which there is room made in advance.
const MOST_AT_ONCE: usize = 10_000;
const ALL: (i64, i64) = (i64::MIN, i64::MAX);

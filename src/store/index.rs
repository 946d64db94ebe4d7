//! The search index: what goes into it, and how a query asks it.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::hits::Hits;
use super::{Error, phrase, rows};
use crate::mail::{Extract, IndexEntry, MessageId, SearchField, Term, field_mark, words};

/// Puts a message's words into the index. Those it had must have been removed.
pub(super) fn insert(
    connection: &Connection,
    message: MessageId,
    extract: &Extract,
) -> Result<(), Error> {
    let made;
    let entry = if let Some(entry) = &extract.entry {
        entry
    } else {
        made = IndexEntry::of(extract);
        &made
    };
    connection
        .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
        .execute(params![message.0, entry.words])?;
    if !entry.places.is_empty() {
        connection
            .prepare_cached("INSERT INTO places (message, places) VALUES (?1, ?2)")?
            .execute(params![message.0, entry.places])?;
    }
    Ok(())
}

/// The size of the text that goes into the index, in octets.
pub(super) fn text_octets(extract: &Extract) -> u64 {
    let people = [&extract.from]
        .into_iter()
        .chain(&extract.to)
        .chain(&extract.cc)
        .map(|who| who.name.len() + who.address.len());
    let text = extract.subject.len() + extract.text.len() + extract.files.len();
    (people.sum::<usize>() + text) as u64
}

/// Takes the whole index away, also one that is damaged so that it cannot be opened.
pub(super) fn drop_all(connection: &Connection) -> Result<(), Error> {
    if let Err(error) = connection.execute_batch("DROP TABLE IF EXISTS search") {
        // A failure that took the transaction back is not one of the index.
        if connection.is_autocommit() {
            return Err(error.into());
        }
        // Taking a table away begins with opening it. Without its entry, what lies under it are tables like others.
        without_entries(connection, "name = 'search'")?;
    }
    for table in UNDER {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    Ok(())
}

/// Forgets the whole index, and reads nothing of it: its pages stay in the file, and nobody has them.
pub(super) fn forget(connection: &Connection) -> Result<(), Error> {
    let under = UNDER.map(|table| format!("'{table}'")).join(", ");
    without_entries(connection, &format!("tbl_name IN ('search', {under})"))
}

fn without_entries(connection: &Connection, which: &str) -> Result<(), Error> {
    let taken = connection.execute_batch(&format!(
        "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE {which}"
    ));
    let read_again = connection.execute_batch("PRAGMA writable_schema = RESET");
    Ok(taken.and(read_again)?)
}

pub(super) fn remove(connection: &Connection, message: MessageId) -> Result<(), Error> {
    for sql in [
        "DELETE FROM search WHERE rowid = ?1",
        "DELETE FROM places WHERE message = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([message.0])?;
    }
    Ok(())
}

/// Whether the index has the answer to a term: whether there is nothing in it but words.
pub(super) fn is_words(term: &Term) -> bool {
    match term {
        Term::Text { .. } => true,
        Term::All(terms) | Term::Any(terms) => !terms.is_empty() && terms.iter().all(is_words),
        _ => false,
    }
}

/// Whether an open word stands behind another one somewhere (`foo-ba*`): for that the whole index is read, whatever the range.
pub(super) fn reads_all(term: &Term) -> bool {
    match term {
        Term::All(terms) | Term::Any(terms) => terms.iter().any(reads_all),
        Term::Not(term) => reads_all(term),
        Term::Text { text, prefix, .. } => *prefix && words(text).len() > 1,
        _ => false,
    }
}

/// Which messages match all of some terms of words only: among those with ids from the first to the last of a range, and
/// among these where some are given.
pub(super) fn find<'t>(
    connection: &Connection,
    terms: impl IntoIterator<Item = &'t Term>,
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let (mut simple, mut others) = (Vec::new(), Vec::new());
    for term in terms {
        match expression(term) {
            Some(expression) => simple.push(expression),
            None => others.push(term),
        }
    }
    let mut found = within.cloned();
    if !simple.is_empty() {
        let hits = hits(connection, &simple.join(" AND "), ids)?;
        found = Some(hits.among(within));
    }
    for term in others {
        found = Some(match term {
            Term::Text {
                field,
                text,
                prefix,
            } => phrase::find(connection, (*field, text, *prefix), ids, found.as_ref())?,
            Term::All(terms) => find(connection, terms, ids, found.as_ref())?,
            Term::Any(terms) => {
                let mut any = Hits::default();
                for term in terms {
                    any.join(find(connection, [term], ids, found.as_ref())?);
                }
                any
            }
            _ => Hits::default(),
        });
    }
    Ok(found.unwrap_or_default())
}

/// What the index is asked for a term of words that each are looked for by themselves; `None` when there is more to it.
fn expression(term: &Term) -> Option<String> {
    // Only words: brackets within brackets would meet the limits of the index's own language.
    let joined = |terms: &[Term], operator: &str| {
        let parts: Option<Vec<String>> = terms
            .iter()
            .map(|term| matches!(term, Term::Text { .. }).then(|| expression(term))?)
            .collect();
        parts
            .filter(|parts| !parts.is_empty())
            .map(|parts| format!("({})", parts.join(operator)))
    };
    match term {
        Term::Text {
            field,
            text,
            prefix,
        } => {
            let words = words(text);
            let [word] = words.as_slice() else {
                return None;
            };
            let each = fields(*field)
                .iter()
                .map(|field| one(*field, word, *prefix));
            Some(format!("({})", each.collect::<Vec<_>>().join(" OR ")))
        }
        Term::All(terms) => joined(terms, " AND "),
        Term::Any(terms) => joined(terms, " OR "),
        _ => None,
    }
}

/// What the index is asked for a word of a field. What a person typed is only ever inside quotation marks: no word of it is
/// syntax, and none has a quotation mark.
pub(super) fn one(field: SearchField, word: &str, prefix: bool) -> String {
    let star = if prefix { " *" } else { "" };
    format!("\"{}{word}\"{star}", field_mark(field))
}

/// The fields of the index that a search in this one looks through.
pub(super) fn fields(field: SearchField) -> &'static [SearchField] {
    match field {
        SearchField::Anywhere => &[
            SearchField::Body,
            SearchField::Subject,
            SearchField::From,
            SearchField::To,
            SearchField::Cc,
            SearchField::File,
        ],
        SearchField::Body => &[SearchField::Body],
        SearchField::Subject => &[SearchField::Subject],
        SearchField::From => &[SearchField::From],
        SearchField::To => &[SearchField::To],
        SearchField::Cc => &[SearchField::Cc],
        SearchField::File => &[SearchField::File],
    }
}

/// Which messages the index knows for an expression, among those with ids from the first to the last of a range.
pub(super) fn hits(
    connection: &Connection,
    expression: &str,
    (first, last): (i64, i64),
) -> Result<Hits, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3",
    )?;
    let mut rows = statement.query(params![expression, first, last])?;
    let mut hits = Hits::default();
    while let Some(row) = rows.next()? {
        hits.add(row.get(0)?)?;
    }
    Ok(hits)
}

/// All messages that a term is about, if it is one of whole words for the index alone, and they are few. What is spelled out
/// as many words is not asked for here: it would cost as much as asking for all of it.
pub(super) fn few(connection: &Connection, term: &Term) -> Result<Option<Hits>, Error> {
    let whole = |term: &Term| matches!(term, Term::Text { prefix: false, .. });
    let asked = match term {
        Term::All(terms) => terms.iter().all(whole),
        term => whole(term),
    };
    let Some(expression) = asked.then(|| expression(term)).flatten() else {
        return Ok(None);
    };
    let mut statement =
        connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 LIMIT ?2")?;
    let mut rows = statement.query(params![expression, FEW + 1])?;
    let (mut hits, mut count) = (Hits::default(), 0);
    while let Some(row) = rows.next()? {
        hits.add(row.get(0)?)?;
        count += 1;
    }
    Ok((count <= FEW).then_some(hits))
}

/// Lets a connection look at the words of the index.
pub(super) fn install(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, search, instance)",
    )?;
    Ok(())
}

/// The term with each open word (`repor*`) spelled out as the words of the index that begin so; `None` when they are too many.
///
/// For an open word the index reads everywhere where any of these words stands before it names the first message, and does
/// not stop meanwhile. For the words themselves it reads no further than it is asked to.
pub(super) fn spelled_out(connection: &Connection, term: &Term) -> Result<Option<Term>, Error> {
    let each = |terms: &[Term]| -> Result<Option<Vec<Term>>, Error> {
        terms
            .iter()
            .map(|term| spelled_out(connection, term))
            .collect()
    };
    Ok(match term {
        Term::All(terms) => each(terms)?.map(Term::All),
        Term::Any(terms) => each(terms)?.map(Term::Any),
        Term::Not(term) => spelled_out(connection, term)?.map(|term| Term::Not(Box::new(term))),
        Term::Text {
            field,
            text,
            prefix: true,
        } => match words(text).as_slice() {
            [start] => spelled_out_word(connection, *field, start)?,
            _ => Some(term.clone()),
        },
        other => Some(other.clone()),
    })
}

fn spelled_out_word(
    connection: &Connection,
    field: SearchField,
    start: &str,
) -> Result<Option<Term>, Error> {
    let mut terms = Vec::new();
    for field in fields(field) {
        let most = SPELLED.saturating_sub(terms.len());
        let Some(words) = beginning(connection, *field, start, most)? else {
            return Ok(None);
        };
        terms.extend(words.into_iter().map(|text| Term::Text {
            field: *field,
            text,
            prefix: false,
        }));
    }
    Ok(Some(Term::Any(terms)))
}

/// Takes each word of a field that begins so with each message that has it, in one pass through the index.
pub(super) fn each_beginning(
    connection: &Connection,
    field: SearchField,
    start: &str,
    mut take: impl FnMut(&str, i64) -> Result<(), Error>,
) -> Result<(), Error> {
    let mark = field_mark(field);
    let mut statement = connection
        .prepare_cached("SELECT term, doc FROM vocabulary WHERE term >= ?1 AND term <= ?2")?;
    let first = format!("{mark}{start}");
    let mut rows = statement.query([&first, &format!("{first}{}", char::MAX)])?;
    while let Some(row) = rows.next()? {
        let word = rows::text(row, 0)?.strip_prefix(mark);
        if let Some(word) = word.filter(|word| word.starts_with(start)) {
            take(word, row.get(1)?)?;
        }
    }
    Ok(())
}

/// The words of a field that begin so; `None` when they are more than `most`. Each is found by a step into the index, never by
/// reading through.
fn beginning(
    connection: &Connection,
    field: SearchField,
    start: &str,
    most: usize,
) -> Result<Option<Vec<String>>, Error> {
    let mark = field_mark(field);
    let mut statement =
        connection.prepare_cached("SELECT term FROM vocabulary WHERE term >= ?1 LIMIT 1")?;
    let mut found: Vec<String> = Vec::new();
    let mut from = format!("{mark}{start}");
    loop {
        let next: Option<String> = statement.query_row([&from], |row| row.get(0)).optional()?;
        let word = next.as_deref().and_then(|next| next.strip_prefix(mark));
        let Some(word) = word.filter(|word| word.starts_with(start)) else {
            return Ok(Some(found));
        };
        if found.len() == most {
            return Ok(None);
        }
        from = format!("{mark}{word}\0");
        found.push(word.to_owned());
    }
}

/// So many messages are few: to find that there are more costs a tenth of a millisecond.
const FEW: i64 = 100;
/// With more words than this, stepping from one to the next takes longer than reading through.
const SPELLED: usize = 400;
/// What FTS5 keeps under `search`.
const UNDER: [&str; 5] = [
    "search_data",
    "search_idx",
    "search_content",
    "search_docsize",
    "search_config",
];

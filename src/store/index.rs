//! The search index: what goes into it, and how a query asks it.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Error;
use super::hits::Hits;
use crate::mail::{Address, Extract, MessageId, SearchField, Term, is_cjk, words};

/// Puts a message's words into the index. Those it had must have been removed.
pub(super) fn insert(
    connection: &Connection,
    message: MessageId,
    extract: &Extract,
) -> Result<(), Error> {
    let people = |addresses: &[Address]| {
        let each = addresses
            .iter()
            .map(|who| format!("{} {}", who.name, who.address));
        spaced(&each.collect::<Vec<_>>().join(" ")).into_owned()
    };
    connection
        .prepare_cached(
            "INSERT INTO search (rowid, subject, sender, recipients, copies, body, files) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            message.0,
            spaced(&extract.subject),
            people(std::slice::from_ref(&extract.from)),
            people(&extract.to),
            people(&extract.cc),
            spaced(&extract.text),
            spaced(&extract.files),
        ])?;
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

pub(super) fn remove(connection: &Connection, message: MessageId) -> Result<(), Error> {
    connection
        .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
        .execute([message.0])?;
    Ok(())
}

/// What the index is asked for a term of words only; `None` when there is more to it than words.
pub(super) fn expression(term: &Term) -> Option<String> {
    match term {
        Term::Text {
            field,
            text,
            prefix,
        } => Some(phrase(*field, text, *prefix)),
        Term::All(terms) => joined(terms, " AND "),
        Term::Any(terms) => joined(terms, " OR "),
        _ => None,
    }
}

/// What the index is asked for all the words among terms that must all match; `None` when there are none.
pub(super) fn conjunction(terms: &[Term]) -> Option<String> {
    let parts: Vec<String> = terms.iter().filter_map(expression).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
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
        } => beginning(connection, text)?.map(|words| {
            let text = |text| Term::Text {
                field: *field,
                text,
                prefix: false,
            };
            Term::Any(words.into_iter().map(text).collect())
        }),
        other => Some(other.clone()),
    })
}

/// The words of the index that begin like this one word. Each is found by a step into the index, never by reading through.
fn beginning(connection: &Connection, text: &str) -> Result<Option<Vec<String>>, Error> {
    let words = words(text);
    let [start] = words.as_slice() else {
        return Ok(None);
    };
    let mut statement =
        connection.prepare_cached("SELECT term FROM vocabulary WHERE term >= ?1 LIMIT 1")?;
    let mut found: Vec<String> = Vec::new();
    let mut from = start.clone();
    loop {
        let next: Option<String> = statement.query_row([&from], |row| row.get(0)).optional()?;
        let Some(next) = next.filter(|next| next.starts_with(start.as_str())) else {
            return Ok(Some(found));
        };
        if found.len() == SPELLED {
            return Ok(None);
        }
        from.clone_from(&next);
        from.push('\0');
        found.push(next);
    }
}

fn joined(terms: &[Term], operator: &str) -> Option<String> {
    let parts: Option<Vec<String>> = terms.iter().map(expression).collect();
    parts
        .filter(|parts| !parts.is_empty())
        .map(|parts| format!("({})", parts.join(operator)))
}

/// What a person typed is only ever inside quotation marks: no word of it is syntax.
fn phrase(field: SearchField, text: &str, prefix: bool) -> String {
    let column = match field {
        SearchField::Anywhere => "",
        SearchField::From => "sender : ",
        SearchField::To => "recipients : ",
        SearchField::Cc => "copies : ",
        SearchField::Subject => "subject : ",
        SearchField::Body => "body : ",
        SearchField::File => "files : ",
    };
    let star = if prefix { " *" } else { "" };
    format!("({column}\"{}\"{star})", searchable(text))
}

/// The words of a query without what could end a quotation.
fn searchable(text: &str) -> String {
    if words(text).is_empty() {
        return String::new();
    }
    spaced(text).replace(['"', '\0'], " ")
}

/// The text with each Chinese, Japanese or Korean character a word of its own.
fn spaced(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_cjk) {
        return Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if is_cjk(c) {
            spaced.push(' ');
            spaced.push(c);
            spaced.push(' ');
        } else {
            spaced.push(c);
        }
    }
    Cow::Owned(spaced)
}

/// With more words than this, stepping from one to the next takes longer than reading through.
const SPELLED: usize = 400;

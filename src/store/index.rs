//! The search index: what goes into it, and how a query asks it.

use rusqlite::{Connection, params};

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
        spaced(&each.collect::<Vec<_>>().join(" "))
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

/// Which messages the index knows for an expression.
pub(super) fn hits(connection: &Connection, expression: &str) -> Result<Hits, Error> {
    let mut statement =
        connection.prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1")?;
    let mut rows = statement.query([expression])?;
    let mut hits = Hits::default();
    while let Some(row) = rows.next()? {
        hits.add(row.get(0)?)?;
    }
    Ok(hits)
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
    if words(text).0.is_empty() {
        return String::new();
    }
    spaced(text).replace(['"', '\0'], " ")
}

/// The text with each Chinese, Japanese or Korean character a word of its own.
fn spaced(text: &str) -> String {
    if !text.contains(is_cjk) {
        return text.to_owned();
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
    spaced
}

//! Words side by side: the index knows the messages that have them all, and their order says in which they stand so.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::hits::{HIT, Hits};
use super::{Error, index, rows};
use crate::mail::{SearchField, digest, digests, one_stands_behind, stand_together, words};

/// Which messages have the words of a text side by side in a field, the last of them perhaps only begun: among those with ids
/// from the first to the last of a range, and among these where some are given.
pub(super) fn find(
    connection: &Connection,
    (field, text, prefix): (SearchField, &str, bool),
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let mut found = Hits::default();
    let phrase = words(text);
    let whole = if prefix {
        phrase.split_last().map_or(&[][..], |(_, whole)| whole)
    } else {
        &phrase
    };
    if whole.is_empty() {
        return Ok(found);
    }
    for field in index::fields(field) {
        let having_all = all_of(connection, *field, whole, ids, within)?;
        if having_all.is_empty() {
            continue;
        }
        found.join(match field {
            SearchField::Body if prefix => begun(connection, 0, *field, &phrase, &having_all)?,
            SearchField::File if prefix => begun(connection, 1, *field, &phrase, &having_all)?,
            SearchField::Body => in_order(connection, 0, &phrase, &having_all)?,
            SearchField::File => in_order(connection, 1, &phrase, &having_all)?,
            SearchField::Subject => in_text(connection, "subject", (&phrase, prefix), &having_all)?,
            SearchField::From => {
                let text = "from_name || ' ' || from_address";
                in_text(connection, text, (&phrase, prefix), &having_all)?
            }
            SearchField::To => in_text(connection, "recipients", (&phrase, prefix), &having_all)?,
            SearchField::Cc => in_text(connection, "copies", (&phrase, prefix), &having_all)?,
            SearchField::Anywhere => Hits::default(),
        });
    }
    Ok(found)
}

/// Which messages have all of these words in a field, in any order. Of very many words the index is asked for the first: the
/// order of words has the last say.
fn all_of(
    connection: &Connection,
    field: SearchField,
    words: &[String],
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_unstable();
    words.dedup();
    words.truncate(ASKED);
    let each = words.iter().map(|word| index::one(field, word, false));
    let all = each.collect::<Vec<_>>().join(" AND ");
    Ok(index::hits(connection, &all, ids)?.among(within))
}

/// Which of these messages have the phrase in a part of what is kept of the order of their words.
fn in_order(
    connection: &Connection,
    part: usize,
    phrase: &[String],
    among: &Hits,
) -> Result<Hits, Error> {
    let phrase = digests(phrase);
    let mut found = Hits::default();
    each(connection, PLACES, among, |id, row| {
        if stand_together(rows::blob(row, 1)?, part, &phrase) {
            found.add(id)?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// The same for a phrase whose last word is only begun. The order of words cannot say which words begin so: the index is read
/// through for them once, whatever the range of ids.
fn begun(
    connection: &Connection,
    part: usize,
    field: SearchField,
    phrase: &[String],
    among: &Hits,
) -> Result<Hits, Error> {
    let Some((start, whole)) = phrase.split_last() else {
        return Ok(Hits::default());
    };
    let whole = digests(whole);
    let mut found = Hits::default();
    let mut held: Vec<(i64, u64)> = Vec::new();
    let look = |held: &mut Vec<(i64, u64)>, found: &mut Hits| -> Result<(), Error> {
        held.sort_unstable();
        let mut some = Hits::default();
        for (id, _) in &*held {
            some.add(*id)?;
        }
        each(connection, PLACES, &some, |id, row| {
            let begin = held.partition_point(|(other, _)| *other < id);
            let own = held.get(begin..).unwrap_or_default();
            let own = own.iter().take_while(|(other, _)| *other == id);
            let ends: Vec<u64> = own.map(|(_, end)| *end).collect();
            if one_stands_behind(rows::blob(row, 1)?, part, &whole, &ends) {
                found.add(id)?;
            }
            Ok(())
        })?;
        held.clear();
        Ok(())
    };
    index::each_beginning(connection, field, start, |word, message| {
        if among.has(message) && !found.has(message) {
            held.push((message, digest(word)));
            if held.len() >= MOST_HELD {
                look(&mut held, &mut found)?;
            }
        }
        Ok(())
    })?;
    look(&mut held, &mut found)?;
    Ok(found)
}

/// Which of these messages have the phrase in a text of their rows.
fn in_text(
    connection: &Connection,
    text: &str,
    (phrase, prefix): (&[String], bool),
    among: &Hits,
) -> Result<Hits, Error> {
    let fits = |some: &[String]| match (some.split_last(), phrase.split_last()) {
        (Some((end, some)), Some((start, whole))) => {
            some == whole && (end == start || prefix && end.starts_with(start.as_str()))
        }
        _ => false,
    };
    let mut found = Hits::default();
    each(connection, ("messages", "id", text), among, |id, row| {
        let words = words(rows::text(row, 1)?);
        if words.windows(phrase.len().max(1)).any(fits) {
            found.add(id)?;
        }
        Ok(())
    })?;
    Ok(found)
}

/// Reads a column of each of these messages: one by one where they are few, otherwise on the way through all between the
/// first and the last.
fn each(
    connection: &Connection,
    (table, id, column): (&str, &str, &str),
    among: &Hits,
    mut take: impl FnMut(i64, &Row<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut ids = among.ids();
    let Some(first) = ids.next() else {
        return Ok(());
    };
    let last = ids.next_back().unwrap_or(first);
    let (from, values) = match among.few() {
        Some(ids) => (
            format!("json_each(?1) AS f CROSS JOIN {table} AS t ON t.{id} = f.value"),
            vec![Value::Text(ids)],
        ),
        None => (
            format!("{table} AS t WHERE t.{id} BETWEEN ?1 AND ?2 AND {HIT}(?3, t.{id})"),
            vec![
                Value::Integer(first),
                Value::Integer(last),
                Value::Blob(among.clone().into_bits()),
            ],
        ),
    };
    let sql = format!("SELECT t.{id}, {column} FROM {from}");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        take(row.get(0)?, row)?;
    }
    Ok(())
}

const PLACES: (&str, &str, &str) = ("places", "message", "places");
/// Words of a phrase that the index is asked for.
const ASKED: usize = 64;
/// Words in messages that are held at once: 16 MB.
const MOST_HELD: usize = 1 << 20;

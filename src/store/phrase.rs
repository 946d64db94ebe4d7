//! Words side by side: the index knows the messages that have them all, and their order says in which they stand so.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::hits::{HIT, Hits};
use super::{Error, index, rows};
use crate::mail::{SearchField, digests, stand_together, words};

/// Which messages have the words of a text side by side in a field, the last of them perhaps only begun: among those with ids
/// from the first to the last of a range, and among these where some are given.
pub(super) fn find(
    connection: &Connection,
    (field, text, prefix): (SearchField, &str, bool),
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let mut found = Hits::default();
    let mut phrase = words(text);
    if phrase.is_empty() {
        return Ok(found);
    }
    for field in index::fields(field) {
        if !prefix {
            found.join(in_field(connection, *field, &phrase, ids, within)?);
            continue;
        }
        let Some(start) = phrase.pop() else { break };
        let before = all_of(connection, *field, &phrase, ids, within)?;
        if !before.is_empty() {
            let ends = index::beginning(connection, *field, &start, usize::MAX)?;
            for end in ends.unwrap_or_default() {
                phrase.push(end);
                found.join(in_field(connection, *field, &phrase, ids, Some(&before))?);
                phrase.pop();
            }
        }
        phrase.push(start);
    }
    Ok(found)
}

/// Which messages have all of these words in a field, in any order.
fn all_of(
    connection: &Connection,
    field: SearchField,
    words: &[String],
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let each = words.iter().map(|word| index::one(field, word, false));
    let all = each.collect::<Vec<_>>().join(" AND ");
    Ok(index::hits(connection, &all, ids)?.among(within))
}

fn in_field(
    connection: &Connection,
    field: SearchField,
    phrase: &[String],
    ids: (i64, i64),
    within: Option<&Hits>,
) -> Result<Hits, Error> {
    let having_all = all_of(connection, field, phrase, ids, within)?;
    match field {
        SearchField::Body => in_order(connection, 0, phrase, &having_all),
        SearchField::File => in_order(connection, 1, phrase, &having_all),
        SearchField::Subject => in_text(connection, "subject", phrase, &having_all),
        SearchField::From => {
            let text = "from_name || ' ' || from_address";
            in_text(connection, text, phrase, &having_all)
        }
        SearchField::To => in_text(connection, "recipients", phrase, &having_all),
        SearchField::Cc => in_text(connection, "copies", phrase, &having_all),
        SearchField::Anywhere => Ok(having_all),
    }
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
    each(
        connection,
        ("places", "message", "places"),
        among,
        |id, row| {
            if stand_together(rows::blob(row, 1)?, part, &phrase) {
                found.add(id)?;
            }
            Ok(())
        },
    )?;
    Ok(found)
}

/// Which of these messages have the phrase in a text of their rows.
fn in_text(
    connection: &Connection,
    text: &str,
    phrase: &[String],
    among: &Hits,
) -> Result<Hits, Error> {
    let mut found = Hits::default();
    each(connection, ("messages", "id", text), among, |id, row| {
        let words = words(rows::text(row, 1)?);
        if words
            .windows(phrase.len().max(1))
            .any(|some| some == phrase)
        {
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

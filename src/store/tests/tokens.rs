//! What a word is: the same for a query that looks at a summary as for the search index.

use std::collections::BTreeSet;

use super::super::index;
use super::*;
use crate::mail::{SearchField, field_mark, words};

/// The words that the index has of each of these texts.
fn indexed(texts: &[String]) -> Vec<BTreeSet<String>> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch(super::super::schema::SEARCH)
        .unwrap();
    connection
        .execute_batch("CREATE TABLE places (message INTEGER PRIMARY KEY, places BLOB)")
        .unwrap();
    index::install(&connection).unwrap();
    for (text, row) in texts.iter().zip(0..) {
        let extract = Extract {
            subject: text.clone(),
            text: text.clone(),
            ..Extract::default()
        };
        index::insert(&connection, MessageId(row), &extract).unwrap();
    }
    let mut statement = connection
        .prepare("SELECT doc, term FROM vocabulary")
        .unwrap();
    let mut found = vec![BTreeSet::new(); texts.len()];
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .unwrap();
    for row in rows {
        let (text, word) = row.unwrap();
        found[usize::try_from(text).unwrap()].insert(word);
    }
    found
}

/// The words of a text as the index should have them: those of the body, and those of the subject.
fn expected(text: &str) -> BTreeSet<String> {
    let mark = field_mark(SearchField::Subject);
    words(text)
        .into_iter()
        .flat_map(|word| [format!("{mark}{word}"), word])
        .collect()
}

/// Each character alone, within a word, behind a word and before one.
fn surrounded(c: char) -> String {
    format!("{c} a{c}b c{c} {c}d")
}

#[test]
fn every_character_is_to_a_query_what_it_is_to_the_index() {
    // A hundred or so to a text, so that the index takes them quickly.
    let all: Vec<char> = ('\u{0}'..='\u{FFFF}')
        .chain('\u{10000}'..='\u{32FFF}')
        .chain('\u{E0000}'..='\u{E0FFF}')
        .chain(('\u{F0000}'..=char::MAX).step_by(251))
        .collect();
    let texts: Vec<String> = all
        .chunks(128)
        .map(|some| some.iter().map(|c| surrounded(*c) + " ").collect())
        .collect();
    let wrong: Vec<_> = texts
        .iter()
        .zip(indexed(&texts))
        .filter(|(text, found)| expected(text) != *found)
        .map(|(text, _)| text)
        .collect();
    assert!(wrong.is_empty(), "{} differ: {:?}", wrong.len(), &wrong[0]);
}

/// Where a word of the index could be taken for that of another field, searches would mix them up.
#[test]
fn a_mark_belongs_to_no_word() {
    for field in [
        SearchField::Subject,
        SearchField::From,
        SearchField::To,
        SearchField::Cc,
        SearchField::File,
    ] {
        assert_eq!(words(field_mark(field)), [""; 0], "{field:?}");
        assert_eq!(words(&format!("a{}b", field_mark(field))), ["a", "b"]);
    }
}

/// The tables of letters were taken from SQLite's tokenizer. What they say lies in every index: it may only change with a step of
/// the store that makes the index anew.
#[test]
fn a_word_is_what_it_was_when_the_tables_were_taken() {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch(
            "CREATE VIRTUAL TABLE texts USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2');
             CREATE VIRTUAL TABLE terms USING fts5vocab (texts, instance)",
        )
        .unwrap();
    let all: Vec<char> = ('\u{0}'..='\u{FFFF}')
        .chain('\u{10000}'..='\u{32FFF}')
        .collect();
    for (row, some) in (0_i64..).zip(all.chunks(128)) {
        let text: String = some.iter().map(|c| surrounded(*c) + " ").collect();
        // A character that stands for itself in a search has to be a word of its own to this tokenizer.
        let apart: String = text
            .chars()
            .flat_map(|c| {
                if crate::mail::is_cjk(c) {
                    vec![' ', c, ' ']
                } else {
                    vec![c]
                }
            })
            .collect();
        connection
            .execute(
                "INSERT INTO texts (rowid, text) VALUES (?1, ?2)",
                (row, apart),
            )
            .unwrap();
        let mut statement = connection
            .prepare_cached("SELECT term FROM terms WHERE doc = ?1 ORDER BY offset")
            .unwrap();
        let found: Vec<String> = statement
            .query_map([row], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(words(&text), found, "{:?}", some.first());
        connection.execute_batch("DELETE FROM texts").unwrap();
    }
}

//! What a word is: the same for a query that looks at a summary as for the search index.

use super::super::index;
use super::*;
use crate::mail::words;

/// The words that the index has of each of these subjects, in their order.
fn indexed(subjects: &[String]) -> Vec<Vec<String>> {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    connection
        .execute_batch(super::super::schema::SEARCH)
        .unwrap();
    index::install(&connection).unwrap();
    for (subject, row) in subjects.iter().zip(0..) {
        let extract = Extract {
            subject: subject.clone(),
            ..Extract::default()
        };
        index::insert(&connection, MessageId(row), &extract).unwrap();
    }
    let mut statement = connection
        .prepare("SELECT doc, term FROM vocabulary WHERE col = 'subject' ORDER BY doc, offset")
        .unwrap();
    let mut found = vec![Vec::new(); subjects.len()];
    let rows = statement
        .query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .unwrap();
    for row in rows {
        let (subject, word) = row.unwrap();
        found[usize::try_from(subject).unwrap()].push(word);
    }
    found
}

/// Each character alone, within a word, behind a word and before one.
fn surrounded(c: char) -> String {
    format!("{c} a{c}b c{c} {c}d")
}

#[test]
fn every_character_is_to_a_query_what_it_is_to_the_index() {
    // A hundred or so to a subject, so that the index takes them quickly.
    let all: Vec<char> = ('\u{0}'..='\u{FFFF}')
        .chain('\u{10000}'..='\u{32FFF}')
        .chain('\u{E0000}'..='\u{E0FFF}')
        .chain(('\u{F0000}'..=char::MAX).step_by(251))
        .collect();
    let subjects: Vec<String> = all
        .chunks(128)
        .map(|some| some.iter().map(|c| surrounded(*c) + " ").collect())
        .collect();
    let different = all
        .chunks(128)
        .zip(subjects.iter().zip(indexed(&subjects)))
        .filter(|(_, (subject, found))| words(subject) != *found)
        .flat_map(|(some, _)| some);
    let each: Vec<String> = different.map(|c| surrounded(*c)).collect();
    let wrong: Vec<_> = each
        .iter()
        .zip(indexed(&each))
        .filter(|(text, found)| words(text) != *found)
        .collect();
    assert!(
        wrong.is_empty(),
        "{} differ: {:?}",
        wrong.len(),
        &wrong[..wrong.len().min(9)]
    );
}

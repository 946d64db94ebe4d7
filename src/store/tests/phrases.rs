//! Words side by side, in every field, against a plain reading of the texts.

use proptest::prelude::*;

use super::*;
use crate::mail::{Query, SearchField, Term, words};

/// A message as its fields' texts.
type Texts = [String; 6];

const FIELDS: [SearchField; 6] = [
    SearchField::Body,
    SearchField::Subject,
    SearchField::From,
    SearchField::To,
    SearchField::Cc,
    SearchField::File,
];

fn shelf(messages: &[Texts]) -> Shelf {
    let shelf = Shelf::new();
    let arrivals = messages.iter().enumerate().map(|(number, texts)| {
        let [body, subject, from, to, cc, files] = texts;
        let mut arrival = letter("x").full(&format!("u{number}"));
        let header = format!("Message-ID: <{number}>\r\n\r\n");
        arrival.octets = header.into_bytes().into();
        arrival.extract = Extract {
            text: body.clone(),
            subject: subject.clone(),
            from: Address::new(from, "x@y"),
            to: vec![Address::new(to, "x@y"), Address::new("", to)],
            cc: vec![Address::new("", cc)],
            files: files.clone(),
            message_id: number.to_string(),
            ..Extract::default()
        };
        arrival
    });
    shelf.arrive(arrivals.collect());
    shelf
}

/// What the index is told of a field, put together again.
fn text_of(texts: &Texts, field: SearchField) -> String {
    let [body, subject, from, to, cc, files] = texts;
    match field {
        SearchField::Body | SearchField::Anywhere => body.clone(),
        SearchField::Subject => subject.clone(),
        SearchField::From => format!("{from} x@y"),
        SearchField::To => format!("{to} x@y {to}"),
        SearchField::Cc => cc.clone(),
        SearchField::File => files.clone(),
    }
}

fn matches(term: &Term, texts: &Texts) -> bool {
    match term {
        Term::All(terms) => terms.iter().all(|term| matches(term, texts)),
        Term::Any(terms) => terms.iter().any(|term| matches(term, texts)),
        Term::Not(term) => !matches(term, texts),
        Term::Text {
            field,
            text,
            prefix,
        } => {
            let phrase = words(text);
            let (last, before) = phrase.split_last().unwrap();
            let fields = FIELDS
                .iter()
                .filter(|one| *field == SearchField::Anywhere || *field == **one);
            fields.into_iter().any(|field| {
                words(&text_of(texts, *field))
                    .windows(phrase.len())
                    .any(|window| {
                        let (end, start) = window.split_last().unwrap();
                        start == before
                            && (end == last || *prefix && end.starts_with(last.as_str()))
                    })
            })
        }
        other => panic!("{other:?}"),
    }
}

fn text() -> impl Strategy<Value = String> {
    "((a|b|ab|abc|ba|c|東|京|-) ?){0,7}"
}

fn texts() -> impl Strategy<Value = Texts> {
    [text(), text(), text(), text(), text(), text()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_search_finds_what_a_plain_reading_finds(
        messages in proptest::collection::vec(texts(), 1..12),
        queries in proptest::collection::vec(
            "(-?\\(?((body|subject|from|to|cc|file):)?(a|b|ab|a\\*|ab\\*|a-b|b-a\\*|a-ab-c|a-東京|東京|\"a b\"|\"ab a b\"|\"東 c\"|x@y|y-a\\*)\\)? (or )?){1,4}a",
            24,
        ),
    ) {
        let shelf = shelf(&messages);
        for query in queries {
            let (query, _) = Query::parse_lenient(&query, NOW, 0);
            let mut found = shelf.ids(Listing { query: query.clone(), ..Listing::default() });
            found.sort_unstable();
            let expected: Vec<i64> = (1..)
                .zip(&messages)
                .filter(|(_, texts)| matches(query.term(), texts))
                .map(|(id, _)| id)
                .collect();
            prop_assert_eq!(found, expected, "{}", query.source());
        }
    }
}

#[test]
fn of_a_message_that_is_damaged_beside_its_words_no_phrase_is_found_and_its_words_are() {
    for damage in ["FFFF", "FFFFFFFF7F0008010000", "7F00010100", ""] {
        damaged(damage);
    }
}

fn damaged(octets: &str) {
    let whole: Texts = ["one two three", "four five", "", "", "", ""].map(str::to_owned);
    let shelf = shelf(&[whole.clone(), whole]);
    let damage = format!("UPDATE places SET places = X'{octets}' WHERE message = 1");
    rusqlite::Connection::open(shelf.path())
        .unwrap()
        .execute_batch(&damage)
        .unwrap();
    let found = |text: &str| {
        let query = Query::parse(text, NOW, 0).unwrap();
        let mut ids = shelf.ids(Listing {
            query,
            ..Listing::default()
        });
        ids.sort_unstable();
        ids
    };
    assert_eq!(found("\"one two\""), [2]);
    assert_eq!(found("one two"), [1, 2]);
    assert_eq!(found("\"four five\""), [1, 2]);
}

#[test]
fn the_order_of_words_goes_with_its_message() {
    let shelf = shelf(&[["one two", "", "", "", "", ""].map(str::to_owned)]);
    let connection = rusqlite::Connection::open(shelf.path()).unwrap();
    let rows = || -> i64 {
        connection
            .query_row("SELECT count(*) FROM places", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(rows(), 1);
    connection
        .execute_batch("PRAGMA foreign_keys = ON; DELETE FROM replies; DELETE FROM ledger; DELETE FROM messages")
        .unwrap();
    assert_eq!(rows(), 0);
}

#[test]
fn the_deepest_query_of_the_language_is_answered() {
    let shelf = shelf(&[["a b", "", "", "", "", ""].map(str::to_owned)]);
    let deep = (0..40)
        .map(|level| {
            format!(
                "{}{}a{}",
                "x or (".repeat(level),
                "b ".repeat(level % 2),
                ")".repeat(level)
            )
        })
        .filter_map(|text| Query::parse(&text, NOW, 0).ok());
    let mut answered = 0;
    for query in deep {
        let source = query.source().to_owned();
        assert_eq!(
            shelf.ids(Listing {
                query,
                ..Listing::default()
            }),
            [1],
            "{source}"
        );
        answered += 1;
    }
    assert!(answered > 24, "{answered}");
}

#[test]
fn words_without_end_are_found_and_end_no_search() {
    // The index would cut the first within a letter.
    let long = format!("при1{}", "д".repeat(20_000));
    let ascii = "x".repeat(70_000);
    let other = format!("{}y", "x".repeat(255));
    let shelf = shelf(&[
        [&long, "приз", "", "", "", ""].map(str::to_owned),
        [&format!("{ascii} behind"), &other, "", "", "", ""].map(str::to_owned),
    ]);
    for (text, ids) in [
        ("при*", vec![1]),
        ("приз", vec![1]),
        (long.as_str(), vec![1]),
        (ascii.as_str(), vec![2]),
        ("xx*", vec![2]),
        (&format!("\"{ascii} behind\""), vec![2]),
        ("a-beh*", vec![]),
        (&format!("{ascii}-beh*"), vec![2]),
    ] {
        let (query, _) = Query::parse_lenient(text, NOW, 0);
        assert_eq!(
            shelf.ids(Listing {
                query,
                ..Listing::default()
            }),
            ids,
            "{text:.20}"
        );
    }
}

/// Many words that begin alike, and more of them than are held at once would be in a large mailbox.
#[test]
fn an_open_word_behind_another_is_found_among_twenty_thousand_that_begin_so() {
    let texts = (0..200).map(|number| {
        let words: Vec<String> = (0..100)
            .map(|word| format!("w{}", number * 100 + word))
            .collect();
        [
            format!("first {}", words.join(" ")),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            format!("first w{number}.pdf"),
        ]
    });
    let shelf = shelf(&texts.collect::<Vec<_>>());
    let found = |text: &str| {
        let query = Query::parse(text, NOW, 0).unwrap();
        shelf
            .ids(Listing {
                query,
                ..Listing::default()
            })
            .len()
    };
    assert_eq!(found("body:first-w*"), 200);
    assert_eq!(
        found("body:first-w1*"),
        111,
        "100, 1000, 1100 and so on to 1900, and 10000 to 19900"
    );
    assert_eq!(found("file:first-w1*"), 111);
    assert_eq!(found("body:w7-w*"), 1);
    assert_eq!(found("body:w99-w*"), 0);
}

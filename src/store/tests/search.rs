use proptest::prelude::*;

use super::*;
use crate::mail::Query;

fn shelf() -> Shelf {
    let shelf = Shelf::new();
    let letters = [
        Letter {
            subject: "The engine report",
            body: "Grüße aus Köln, said the manager.",
            ..letter("1")
        },
        Letter {
            from: "Zoë@example.org",
            subject: "東京タワーの写真",
            body: "안녕하세요 世界",
            ..letter("2")
        },
        Letter {
            subject: "Reporting an engine",
            body: "Résumé of no_reply. \"NEAR\" OR NOT",
            ..letter("3")
        },
    ];
    for letter in letters {
        let mut arrival = letter.full(letter.id);
        if letter.id == "3" {
            arrival.extract.files = "plan.pdf\nfoto.jpg".to_owned();
            arrival.extract.cc = vec![Address::new("Carl Gauß", "carl@example.com")];
        }
        shelf.arrive_one(arrival);
    }
    shelf
}

fn found(shelf: &Shelf, text: &str) -> Vec<i64> {
    let query = Query::parse(text, NOW, 0).unwrap();
    let mut ids = shelf.ids(Listing {
        query,
        ..Listing::default()
    });
    ids.sort_unstable();
    ids
}

#[test]
fn words_are_found_wherever_they_are() {
    let shelf = shelf();
    for (query, ids) in [
        ("engine", vec![1, 3]),
        ("ENGINE report", vec![1]),
        ("repor*", vec![1, 3]),
        ("\"engine report\"", vec![1]),
        ("\"report engine\"", vec![]),
        ("engine -report", vec![3]),
        ("-engine", vec![2]),
        ("report or reporting", vec![1, 3]),
        ("koln", vec![1]),
        ("KÖLN", vec![1]),
        ("resume", vec![3]),
        ("grüs*", vec![]),
        ("grüß*", vec![1]),
        ("no_reply", vec![3]),
        ("manager or 写真", vec![1, 2]),
    ] {
        assert_eq!(found(&shelf, query), ids, "{query}");
    }
}

#[test]
fn fields_narrow_a_search() {
    let shelf = shelf();
    for (query, ids) in [
        ("from:zoe", vec![2]),
        ("from:zoe@example.org", vec![2]),
        ("from:exam*", vec![1, 2, 3]),
        ("to:sam", vec![1, 2, 3]),
        ("cc:carl", vec![3]),
        ("subject:koln", vec![]),
        ("body:koln", vec![1]),
        ("body:engine", vec![]),
        ("file:pdf", vec![3]),
        ("file:plan.pdf -from:zoe", vec![3]),
        ("-file:pdf engine", vec![1]),
    ] {
        assert_eq!(found(&shelf, query), ids, "{query}");
    }
}

#[test]
fn chinese_japanese_and_korean_are_found_by_any_part() {
    let shelf = shelf();
    for query in [
        "東京",
        "京タ",
        "写",
        "タワー",
        "녕하",
        "世界",
        "\"東京タワー\"",
        "subject:京",
        "東*",
    ] {
        assert_eq!(found(&shelf, query), [2], "{query}");
    }
    assert_eq!(found(&shelf, "京東"), [0_i64; 0]);
}

#[test]
fn what_a_person_types_is_never_syntax() {
    let shelf = shelf();
    for (query, ids) in [
        ("NEAR", vec![3]),
        ("AND", vec![]),
        ("\"or\"", vec![3]),
        ("report^", vec![1]),
        ("{engine}", vec![1, 3]),
        ("engine;--", vec![1, 3]),
        ("'engine'", vec![1, 3]),
        ("sender*", vec![]),
    ] {
        assert_eq!(found(&shelf, query), ids, "{query}");
    }
}

#[test]
fn a_body_that_arrives_later_is_found_and_its_header_once() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").headers("u1"));
    assert_eq!(found(&shelf, "well"), [0_i64; 0]);
    shelf.arrive_one(of(stored.ledger, letter("a").full("u1")));
    assert_eq!(found(&shelf, "well engine"), [stored.message.0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_search(texts in proptest::collection::vec(".{0,24}", 8)) {
        let shelf = shelf();
        for text in texts {
            let (query, _) = Query::parse_lenient(&text, NOW, 0);
            let rows = shelf.store.list(Listing { query: query.clone(), ..Listing::default() }).wait();
            prop_assert!(rows.is_ok(), "{text:?} {query:?} {rows:?}");
        }
    }

    #[test]
    fn a_summary_never_says_otherwise_than_the_index(
        texts in proptest::collection::vec("(-?(from:|subject:|to:|cc:)?(engine|engi\\*|ada|zoe|zoë|koln|report|東|example|\"the engine\"|carl|gauß|Carl) ?(or )?){1,3}", 6),
    ) {
        let shelf = shelf();
        let rows = shelf.store.list(Listing::default()).wait().unwrap().rows;
        for text in texts {
            let (query, _) = Query::parse_lenient(&text, NOW, 0);
            let found = shelf.ids(Listing { query: query.clone(), ..Listing::default() });
            for row in &rows {
                if let Some(matches) = query.matches(row) {
                    prop_assert_eq!(found.contains(&row.id.0), matches, "{} {}", text, row.id);
                }
            }
        }
    }
}

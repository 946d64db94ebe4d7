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

#[test]
fn hyphens_addresses_numbers_and_long_words_are_found_as_they_are_typed() {
    let shelf = Shelf::new();
    let long = "x".repeat(3_000);
    for (id, subject) in [
        ("1", "Re-use of follow-up forms"),
        ("2", "Write to ada.lovelace+news@mail.example.org"),
        ("3", "Invoice 2026-0042, 1,299.00 due"),
        ("4", "Straße, naïve, Ångström, Đuro"),
    ] {
        let mut arrival = letter("a").full(id);
        arrival.octets = format!("Subject: {subject}\r\n\r\n").into_bytes().into();
        arrival.extract.subject = subject.to_owned();
        arrival.extract.message_id = id.to_owned();
        if id == "4" {
            arrival.extract.text = format!("before {long} after");
        }
        shelf.arrive_one(arrival);
    }
    for (query, ids) in [
        ("follow-up", vec![1]),
        ("re-use", vec![1]),
        ("\"up forms", vec![1]),
        ("ada.lovelace+news@mail.example.org", vec![2]),
        ("lovelace", vec![2]),
        ("2026-0042", vec![3]),
        ("0042", vec![3]),
        ("1,299.00", vec![3]),
        ("129*", vec![]),
        ("299*", vec![3]),
        ("naive angstrom", vec![4]),
        (long.as_str(), vec![4]),
        ("xxx*", vec![4]),
        ("\"before xxx", vec![]),
    ] {
        let (query, _) = Query::parse_lenient(query, NOW, 0);
        let mut found = shelf.ids(Listing {
            query: query.clone(),
            ..Listing::default()
        });
        found.sort_unstable();
        assert_eq!(found, ids, "{}", query.source());
    }
}

/// Many messages, the newest with the highest ids, as they are after a while of receiving mail.
fn stack(count: i64) -> Shelf {
    let shelf = Shelf::new();
    let arrival = |number: i64| {
        let mut arrival = letter("x").full(&format!("u{number}"));
        arrival.octets = format!("Message-ID: <{number}>\r\n\r\n")
            .into_bytes()
            .into();
        arrival.extract.message_id = number.to_string();
        arrival.extract.subject = "Of the engine".to_owned();
        arrival.extract.date = Some(Timestamp(NOW.0 - (count - number) / 3 * 60));
        arrival.extract.text = format!(
            "common {} n{number} {}",
            if number % 7 == 0 { "seventh" } else { "other" },
            if number % 2 == 0 {
                "even side"
            } else {
                "side even"
            }
        );
        arrival
    };
    shelf.arrive((0..count).map(arrival).collect());
    shelf
}

#[test]
fn a_search_gives_the_page_that_the_list_has_and_then_all() {
    let shelf = stack(4_000);
    for (query, reverse) in [
        ("\"n3998 seventh\" or seventh", false),
        ("common", false),
        ("common", true),
        ("seventh", false),
        ("sev* -n7", false),
        ("n*", false),
        ("n25*", true),
        ("n12 or n2599", false),
        // The index knows of few.
        ("n2599", true),
        ("side n42 seventh", false),
        ("n43 seventh", false),
        ("\"even side\"", false),
        ("\"the engine\"", false),
        ("\"even side\" -\"seventh n1400\" \"the engine\"", true),
        ("-common", false),
        ("is:unread comm*", false),
        ("subject:common", false),
    ] {
        let listing = Listing {
            query: Query::parse(query, NOW, 0).unwrap(),
            reverse,
            ..Listing::default()
        };
        let all = shelf.ids(listing.clone());
        // More than a window of 2,000 has of every seventh, so that it is made wider.
        let limit = if query.ends_with("seventh") { 400 } else { 40 };
        let search = shelf.store.search(Listing {
            limit: Some(limit),
            ..listing
        });
        let page: Vec<i64> = search
            .page
            .wait()
            .unwrap()
            .iter()
            .map(|row| row.id.0)
            .collect();
        let ids: Vec<i64> = search.all.wait().unwrap().iter().map(|id| id.0).collect();
        assert_eq!(ids, all, "{query}");
        assert_eq!(page, all[..all.len().min(limit)], "{query}");
    }
}

#[test]
fn an_index_is_built_anew_from_where_it_stopped() {
    let shelf = stack(60);
    let store = &shelf.store;
    assert_eq!(found(&shelf, "common").len(), 60);
    let index = |batch: Vec<Unindexed>| -> Vec<Reindexed> {
        let each = batch.into_iter().map(|message| Reindexed {
            id: message.id,
            extent: message.extent,
            octets: message.octets.as_ref().unwrap().len() as u64,
            extract: Some(Extract {
                text: format!(
                    "renewed {}",
                    String::from_utf8_lossy(&message.octets.unwrap())
                ),
                ..Extract::default()
            }),
        });
        each.collect()
    };
    let begun = store.reindex(false).wait().unwrap();
    assert_eq!(
        (begun.done, begun.total, begun.behind),
        (0, 60, MessageId(0))
    );
    let batch = store.unindexed(begun.behind, 25).wait().unwrap();
    assert_eq!(batch.len(), 25);
    let recorded = store.record_reindexed(begun.behind, index(batch));
    assert_eq!(recorded.wait().unwrap(), Some(MessageId(25)));
    assert_eq!(found(&shelf, "renewed").len(), 25);
    assert_eq!(found(&shelf, "common").len(), 35);

    let again = store.reindex(false).wait().unwrap();
    assert_eq!((again.done, again.behind), (25, MessageId(25)));
    let batch = store.unindexed(again.behind, 100).wait().unwrap();
    assert_eq!(batch.len(), 35);
    let mut late = index(batch);
    late[0].octets += 1;
    let recorded = store.record_reindexed(again.behind, late);
    assert_eq!(recorded.wait().unwrap(), Some(MessageId(60)));
    assert!(store.end_reindex().wait().unwrap() > Some(59 * 7));
    assert_eq!(found(&shelf, "renewed").len(), 59);
    assert_eq!(
        found(&shelf, "common"),
        [26],
        "more of it had come meanwhile"
    );
    let mut steps = 0;
    let mut more = store.tidy_index(true).wait().unwrap();
    while more {
        steps += 1;
        assert!(steps < 1_000, "tidying ends");
        more = store.tidy_index(false).wait().unwrap();
    }
    assert_eq!(found(&shelf, "renewed").len(), 59);
    assert!(store.index_size().wait().unwrap() > 0);
}

#[test]
fn an_index_that_is_made_afresh_is_like_that_of_a_new_store() {
    let shelf = stack(3);
    let schema = || -> String {
        rusqlite::Connection::open(shelf.path())
            .unwrap()
            .query_row(
                "SELECT sql FROM sqlite_schema WHERE name = 'search'",
                [],
                |row| row.get(0),
            )
            .unwrap()
    };
    let before = schema();
    let state = shelf.store.reindex(true).wait().unwrap();
    assert_eq!((state.done, state.total), (0, 3));
    assert_eq!(schema(), before);
    assert_eq!(found(&shelf, "common"), [0_i64; 0]);
    let batch = shelf.store.unindexed(state.behind, 9).wait().unwrap();
    assert_eq!(batch.len(), 3);
}

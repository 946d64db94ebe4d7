use proptest::prelude::*;

use super::*;
use crate::mail::{DeleteScope, Flags, Query};

fn three() -> (Shelf, Vec<i64>) {
    let shelf = Shelf::new();
    let letters = [
        Letter {
            from: "zoe@example.org",
            subject: "Re: alpha",
            date: 100,
            ..letter("a")
        },
        Letter {
            from: "Bob@example.org",
            subject: "gamma",
            date: 300,
            ..letter("b")
        },
        Letter {
            from: "ada@example.org",
            subject: "Beta",
            date: 200,
            ..letter("c")
        },
    ];
    let arrivals = letters
        .iter()
        .zip([10, 30, 20])
        .map(|(letter, octets)| Arrival {
            listed_octets: octets,
            ..letter.headers(letter.id)
        });
    let done = shelf.arrive(arrivals.collect());
    let mut ids: Vec<i64> = done.stored.iter().map(|stored| stored.message.0).collect();
    for (id, octets) in ids.iter_mut().zip([10, 30, 20]) {
        assert_eq!(shelf.row(MessageId(*id)).octets, octets);
    }
    (shelf, ids)
}

#[test]
fn every_order_runs_both_ways() {
    let (shelf, ids) = three();
    for (order, places) in [
        (Order::Date, [1, 2, 0]),
        (Order::Size, [1, 2, 0]),
        (Order::From, [2, 1, 0]),
        (Order::Subject, [0, 2, 1]),
    ] {
        let mut expected: Vec<i64> = places.iter().map(|place| ids[*place]).collect();
        assert_eq!(
            shelf.ids(Listing {
                order,
                ..Listing::default()
            }),
            expected,
            "{order:?}"
        );
        expected.reverse();
        let reverse = Listing {
            order,
            reverse: true,
            ..Listing::default()
        };
        assert_eq!(shelf.ids(reverse), expected, "{order:?} reversed");
    }
}

#[test]
fn a_part_of_a_list_knows_how_long_all_of_it_is() {
    let (shelf, ids) = three();
    let part = Listing {
        limit: Some(1),
        offset: 1,
        ..Listing::default()
    };
    let page = shelf.store.list(part).wait().unwrap();
    assert_eq!(page.total, 3);
    assert_eq!(page.rows.len(), 1);
    assert_eq!(page.rows[0].id.0, ids[2]);
}

#[test]
fn folders_are_apart_unless_the_query_names_one() {
    let (shelf, ids) = three();
    shelf.change(MessageId(ids[0]), Change::Move(Folder::Archive));
    shelf.change(MessageId(ids[1]), Change::Delete(DeleteScope::LocalOnly));
    let inbox = Listing {
        folder: Some(Folder::Inbox),
        ..Listing::default()
    };
    assert_eq!(shelf.ids(inbox.clone()), [ids[2]]);
    assert_eq!(shelf.everything(), [ids[2], ids[0]]);
    let query = Query::parse("folder:trash", NOW, 0).unwrap();
    assert_eq!(shelf.ids(Listing { query, ..inbox }), [ids[1]]);
}

#[test]
fn a_message_without_a_date_has_the_one_it_was_first_seen_at() {
    let shelf = Shelf::new();
    let mut arrival = letter("a").headers("u1");
    arrival.extract.date = None;
    let stored = shelf.arrive_one(arrival);
    assert_eq!(shelf.row(stored.message).date, NOW);
}

#[test]
fn addresses_come_back_as_they_were() {
    let shelf = Shelf::new();
    let mut arrival = letter("a").headers("u1");
    arrival.extract.to = vec![
        Address::new("Müller, Zoë", "z@example.org"),
        Address::new("", "x@example.org"),
    ];
    arrival.extract.cc = Vec::new();
    let stored = shelf.arrive_one(arrival.clone());
    let row = shelf.row(stored.message);
    assert_eq!((row.to, row.cc), (arrival.extract.to, Vec::new()));
}

#[test]
fn a_row_says_since_when_its_body_is_stored_and_none_where_it_is_not() {
    let shelf = Shelf::new();
    let head = shelf.arrive_one(letter("a").headers("a"));
    assert_eq!(shelf.row(head.message).stored.time(), None);
    let whole = shelf.arrive_one(letter("b").full("b"));
    assert_eq!(shelf.row(whole.message).stored.time(), Some(NOW));
}

#[test]
fn ten_thousand_messages_are_stored_and_listed() {
    let shelf = Shelf::new();
    for batch in 0..20_i64 {
        let arrivals = (0..500_i64)
            .map(|place| {
                let number = batch * 500 + place;
                let mut arrival = Letter {
                    date: number,
                    ..letter("x")
                }
                .headers(&format!("u{number}"));
                arrival.extract.message_id = format!("{number}@example.org");
                arrival.octets = format!("Message-ID: <{number}@example.org>\r\n")
                    .into_bytes()
                    .into();
                arrival
            })
            .collect();
        assert!(
            shelf
                .arrive(arrivals)
                .stored
                .iter()
                .all(|stored| stored.new)
        );
    }
    let page = shelf.store.list(Listing::default()).wait().unwrap();
    assert_eq!((page.total, page.rows.len()), (10_000, 10_000));
    assert!(
        page.rows
            .windows(2)
            .all(|pair| pair[0].date >= pair[1].date)
    );
    assert_eq!(
        shelf.store.ledger(&shelf.account).wait().unwrap().len(),
        10_000
    );
}

#[test]
fn every_order_of_a_folder_comes_straight_from_an_index() {
    let shelf = Shelf::new();
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    for order in [
        "m.date DESC, m.id DESC",
        "m.octets DESC, m.id DESC",
        "m.by_from DESC, m.date ASC, m.id ASC",
        "m.by_subject ASC, m.date DESC, m.id DESC",
    ] {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT m.id FROM messages AS m WHERE m.folder = 0 ORDER BY {order}"
        );
        let mut statement = other.prepare(&sql).unwrap();
        let steps: Vec<String> = statement
            .query_map([], |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(steps.len(), 1, "{steps:?}");
        assert!(
            steps[0].contains("COVERING INDEX messages_by_"),
            "{steps:?}"
        );
    }
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "is:unread",
        "is:starred",
        "is:answered",
        "is:pinned",
        "has:file",
        "on:server",
        "no:copy",
        "larger:150",
        "smaller:150",
        "older:3d",
        "newer:2d",
        "folder:inbox",
        "folder:trash",
        "account:home",
        "account:work",
        "id:2",
        "id:b",
        "or",
        "-is:unread",
        "-(is:starred or no:copy)",
        "(folder:archive is:starred)",
        "id:c@x",
    ];
    prop::sample::select(words.to_vec()).prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn the_store_finds_what_a_naive_filter_finds(
        messages in proptest::collection::vec((0..4_i64, 100..200_u64, 0..16_u32, 0..3_u8, any::<bool>(), any::<bool>()), 1..8),
        queries in proptest::collection::vec(proptest::collection::vec(word(), 0..5), 6),
    ) {
        let shelf = Shelf::new();
        for (number, (age, octets, flags, folder, full, delete)) in messages.into_iter().enumerate() {
            let letter = Letter { date: NOW.0 - age * DAY - 1, ..letter("c@x") };
            let remote = format!("u{number}");
            let mut arrival = if full { letter.full(&remote) } else { letter.headers(&remote) };
            let mut own = arrival.octets.into_beginning();
            own.extend(format!("{number}").into_bytes());
            arrival.octets = own.into();
            arrival.listed_octets = octets;
            arrival.extract.attachments = u32::from(flags % 3 == 0);
            let id = shelf.arrive_one(arrival).message;
            for (flag, change) in [
                (Flags::SEEN, Change::Seen(true)),
                (Flags::STARRED, Change::Starred(true)),
                (Flags::ANSWERED, Change::Answered(true)),
                (Flags::PINNED, Change::Pinned(true)),
            ] {
                if Flags::from_bits(flags).has(flag) {
                    shelf.change(id, change);
                }
            }
            shelf.change(id, Change::Move([Folder::Inbox, Folder::Archive, Folder::Trash][usize::from(folder)]));
            if delete {
                shelf.change(id, Change::Delete(DeleteScope::ServerOnly));
            }
        }
        let all = Query::parse("folder:inbox or -folder:inbox", NOW, 0).unwrap();
        let rows = shelf.store.list(Listing { query: all, ..Listing::default() }).wait().unwrap().rows;
        for query in queries {
            let (query, _) = Query::parse_lenient(&query.join(" "), NOW, 0);
            let expected: Vec<i64> = rows
                .iter()
                .filter(|row| query.names_folder() || row.folder != Folder::Trash)
                .filter(|row| query.matches(row) != Some(false))
                .map(|row| row.id.0)
                .collect();
            let decided = rows.iter().all(|row| query.matches(row).is_some());
            let found = shelf.ids(Listing { query: query.clone(), ..Listing::default() });
            prop_assert!(decided, "{}", query.source());
            prop_assert_eq!(found, expected, "{}", query.source());
        }
    }
}

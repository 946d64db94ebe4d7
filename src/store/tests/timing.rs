use super::*;
use std::time::Instant;
#[test]
fn timing() {
    let shelf = Shelf::new();
    let t = Instant::now();
    let mut lines = Vec::new();
    for batch in 0..200_i64 {
        let arrivals = (0..500_i64)
            .map(|place| {
                let number = batch * 500 + place;
                let mut a = Letter {
                    date: number * 7919 % 1_000_003,
                    ..letter("x")
                }
                .headers(&format!("u{number}"));
                a.extract.message_id = format!("{number}@example.org");
                a.extract.subject = format!(
                    "Subject number {number} of the engine report {}",
                    number % 97
                );
                a.octets = format!(
                    "Message-ID: <{number}@example.org>\r\n{}",
                    "X: y\r\n".repeat(100)
                )
                .into_bytes();
                a
            })
            .collect();
        lines.extend(
            shelf
                .arrive(arrivals)
                .stored
                .iter()
                .map(|s| (s.ledger, 100)),
        );
    }
    eprintln!("insert 100k {:?}", t.elapsed());
    let time = |name: &str, l: Listing| {
        for _ in 0..2 {
            let t = Instant::now();
            let n = shelf.store.list(l.clone()).wait().unwrap();
            eprintln!(
                "{name} {:?} rows {} total {}",
                t.elapsed(),
                n.rows.len(),
                n.total
            );
        }
    };
    let q = |s: &str| crate::mail::Query::parse(s, NOW, 0).unwrap();
    for order in [Order::Date, Order::From, Order::Size, Order::Subject] {
        time(
            &format!("{order:?} inbox 200"),
            Listing {
                folder: Some(Folder::Inbox),
                order,
                limit: Some(200),
                ..Listing::default()
            },
        );
        time(
            &format!("{order:?} all 200"),
            Listing {
                order,
                limit: Some(200),
                ..Listing::default()
            },
        );
    }
    time(
        "inbox account 200",
        Listing {
            folder: Some(Folder::Inbox),
            account: Some(shelf.account.clone()),
            limit: Some(200),
            ..Listing::default()
        },
    );
    time(
        "inbox 10000",
        Listing {
            folder: Some(Folder::Inbox),
            limit: Some(10_000),
            ..Listing::default()
        },
    );
    time(
        "inbox unread 200",
        Listing {
            query: q("is:unread"),
            folder: Some(Folder::Inbox),
            limit: Some(200),
            ..Listing::default()
        },
    );
    time(
        "engine 200",
        Listing {
            query: q("engine"),
            folder: Some(Folder::Inbox),
            limit: Some(200),
            ..Listing::default()
        },
    );
    time(
        "rare 200",
        Listing {
            query: q("4711"),
            folder: Some(Folder::Inbox),
            limit: Some(200),
            ..Listing::default()
        },
    );
    time(
        "inbox all rows",
        Listing {
            folder: Some(Folder::Inbox),
            ..Listing::default()
        },
    );
    for _ in 0..2 {
        let t = Instant::now();
        let n = shelf.store.ledger(&shelf.account).wait().unwrap().len();
        eprintln!("ledger {n} {:?}", t.elapsed());
    }
    let t = Instant::now();
    shelf.listed(ListingOutcome {
        known: lines.clone(),
        ..ListingOutcome::default()
    });
    eprintln!("listing known {:?}", t.elapsed());
    let t = Instant::now();
    shelf.listed(ListingOutcome {
        vanished: lines.iter().map(|l| l.0).collect(),
        ..ListingOutcome::default()
    });
    eprintln!("listing vanished {:?}", t.elapsed());
}

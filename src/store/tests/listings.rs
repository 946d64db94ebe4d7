//! Listings that change much, work in several transactions, and stores of older versions.

use std::pin::Pin;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

use rusqlite::Connection;

use super::super::schema::{APPLICATION_ID, MIGRATIONS, VERSION};
use super::super::worker::{Urgency, Worker};
use super::*;

#[test]
fn when_thousands_of_lines_vanish_and_come_back_every_row_says_so() {
    let shelf = Shelf::new();
    let arrivals = (0..4_500)
        .map(|number| {
            let mut arrival = letter("x").headers(&format!("u{number}"));
            arrival.octets = format!("Message-ID: <{number}@example.org>\r\n")
                .into_bytes()
                .into();
            arrival.extract.message_id = format!("{number}@example.org");
            arrival
        })
        .collect();
    let stored = shelf.arrive(arrivals).stored;
    let lines: Vec<LedgerId> = stored.iter().map(|stored| stored.ledger).collect();
    let is = |rows: &[MessageSummary], server| rows.iter().all(|row| row.server == server);

    let gone = shelf.listed(ListingOutcome {
        vanished: lines.clone(),
        ..ListingOutcome::default()
    });
    assert_eq!(gone.len(), 4_500);
    assert!(is(&gone, Server::Vanished));
    let ledger = shelf.store.ledger(&shelf.account).wait().unwrap();
    assert!(ledger.iter().all(|line| line.server == Server::Vanished));

    let back = shelf.listed(ListingOutcome {
        reappeared: lines.clone(),
        ..ListingOutcome::default()
    });
    assert_eq!(back.len(), 4_500);
    assert!(is(&back, Server::Present));
    assert_eq!(shelf.line(lines[4_499]).remote, RemoteId::new(b"u4499"));
    assert_eq!(shelf.row(stored[17].message).remote, RemoteId::new(b"u17"));
}

#[test]
fn a_size_that_is_listed_otherwise_changes_the_row_it_belongs_to_and_no_other() {
    let shelf = Shelf::new();
    let stored = shelf
        .arrive(vec![
            letter("a").headers("u1"),
            letter("b").headers("u2"),
            letter("c").full("u3"),
        ])
        .stored;
    let sizes = [1_000, shelf.line(stored[1].ledger).octets, 5_000];
    let changed = shelf.listed(ListingOutcome {
        // In the order of a listing, which need not be that of the ledger.
        known: stored.iter().map(|s| s.ledger).zip(sizes).rev().collect(),
        ..ListingOutcome::default()
    });
    let changed: Vec<_> = changed.iter().map(|row| (row.id, row.octets)).collect();
    assert_eq!(changed, [(stored[0].message, 1_000)]);
    assert_eq!(shelf.line(stored[2].ledger).octets, 5_000);
}

#[test]
fn what_a_person_wants_is_done_between_the_steps_of_long_work() {
    let worker = Worker::writer(Connection::open_in_memory().unwrap()).unwrap();
    let done = Arc::new(Mutex::new(Vec::new()));
    let (queued, wait) = mpsc::channel();
    let (begun, begins) = mpsc::channel();
    let steps = Arc::clone(&done);
    let long = worker.send_steps(move |_| {
        let mut steps = steps.lock().unwrap();
        if steps.is_empty() {
            begun.send(()).unwrap();
            wait.recv().unwrap();
        }
        steps.push("step");
        Ok((steps.len() >= 3).then_some(()))
    });
    begins.recv().unwrap();
    let person = Arc::clone(&done);
    let short = worker.send(Urgency::Person, move |_| {
        person.lock().unwrap().push("person");
        Ok(())
    });
    queued.send(()).unwrap();
    short.wait().unwrap();
    long.wait().unwrap();
    assert_eq!(*done.lock().unwrap(), ["step", "person", "step"]);
}

#[test]
fn a_step_that_fails_ends_the_work_and_keeps_what_was_done_before_it() {
    let worker = Worker::writer(Connection::open_in_memory().unwrap()).unwrap();
    let mut step = 0;
    let work = worker.send_steps(move |connection| {
        step += 1;
        if step == 1 {
            connection.execute_batch("CREATE TABLE kept (x)")?;
            return Ok(None);
        }
        connection.execute_batch("INSERT INTO kept VALUES (1)")?;
        Err::<Option<()>, _>(Error::Unknown("a line".to_owned()))
    });
    assert!(matches!(work.wait(), Err(Error::Unknown(_))));
    let count = worker.send(Urgency::Batch, |connection| {
        Ok(connection.query_row("SELECT count(*) FROM kept", [], |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(count.wait().unwrap(), 0);
}

#[test]
fn a_store_of_the_first_version_is_brought_up_to_date_and_still_knows_its_messages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let arrival = letter("a").full("u1");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION_ID}; {} PRAGMA user_version = 1;
         INSERT INTO accounts (id, name, set_up) VALUES (1, 'home', 1);",
        MIGRATIONS[0]
    ))
    .unwrap();
    old.execute(
        "INSERT INTO messages (id, account, date, octets, thread, local, server, remote, message_id, from_name,
             from_address, recipients, copies, subject, snippet, header, sha256, first_seen, stored, by_from, by_subject)
         VALUES (7, 1, 1, ?1, 7, 2, 0, x'7531', '', '', '', '', '', 'a', '', ?2, ?3, 1, 1, '', 'a')",
        rusqlite::params![
            arrival.octets.len() as i64,
            arrival.octets.header_digest().0,
            arrival.octets.digest().0
        ],
    )
    .unwrap();
    old.execute(
        "INSERT INTO octets VALUES (7, ?1)",
        [arrival.octets.beginning()],
    )
    .unwrap();
    drop(old);

    let store = Store::open(&path).unwrap();
    let account = AccountId::new("home").unwrap();
    let outcome = store
        .store_arrivals(&account, vec![arrival.clone()], NOW)
        .wait()
        .unwrap();
    assert_eq!(outcome.stored[0].message, MessageId(7));
    assert!(!outcome.stored[0].new);
    let verified = proofs(&store, vec![MessageId(7)]);
    assert!(verified[0].1.is_some());
    let new = Connection::open(&path).unwrap();
    let version: u32 = new
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    assert_eq!(version, VERSION);
}

#[test]
fn a_ledger_that_is_read_in_several_goes_has_each_line_of_its_account_once() {
    let shelf = Shelf::new();
    let other = AccountId::new("work").unwrap();
    for batch in 0..6 {
        let arrivals = (0..500).map(|place| letter("a").headers(&format!("{batch}-{place}")));
        let account = if batch % 2 == 0 {
            &shelf.account
        } else {
            &other
        };
        let stored = shelf.store.store_arrivals(account, arrivals.collect(), NOW);
        stored.wait().unwrap();
    }
    for (account, batches) in [(&shelf.account, [0, 2, 4]), (&other, [1, 3, 5])] {
        let ledger = shelf.store.ledger(account).wait().unwrap();
        let read: Vec<RemoteId> = ledger.into_iter().map(|line| line.remote).collect();
        let names = batches.iter().flat_map(|batch| {
            (0..500).map(move |place| RemoteId::new(format!("{batch}-{place}").as_bytes()))
        });
        assert_eq!(read, names.collect::<Vec<_>>());
    }
    let nobody = AccountId::new("nobody").unwrap();
    assert_eq!(shelf.store.ledger(&nobody).wait().unwrap(), []);
}

#[test]
fn a_list_that_nobody_waits_for_comes_page_by_page_behind_what_people_ask_for() {
    let shelf = Shelf::new();
    let arrivals = ["a", "b", "c", "d", "e"].map(|id| letter(id).full(id));
    let stored = shelf.arrive(arrivals.to_vec()).stored;
    shelf.change(stored[2].message, Change::Move(Folder::Trash));
    let hold = || {
        let (begun, begins) = mpsc::channel();
        let (go, goes) = mpsc::channel::<()>();
        let held = shelf.store.inner.reader.send(Urgency::Person, move |_| {
            begun.send(()).unwrap();
            goes.recv().unwrap();
            Ok(())
        });
        (begins, go, held)
    };
    let listing = Listing {
        account: Some(shelf.account.clone()),
        reverse: true,
        limit: Some(3),
        ..Listing::default()
    };
    let (begins, go, before) = hold();
    begins.recv().unwrap();
    let mut page = shelf.store.next_rows(listing.clone(), None);
    let (person_begins, person_goes, person) = hold();
    go.send(()).unwrap();
    person_begins.recv().unwrap();
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut page).poll(&mut context).is_pending());
    person_goes.send(()).unwrap();
    before.wait().unwrap();
    person.wait().unwrap();
    let page = page.wait().unwrap();
    let ids = |rows: &[MessageSummary]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let all: Vec<MessageId> = stored.iter().map(|stored| stored.message).collect();
    assert_eq!(ids(&page), [all[0], all[1], all[3]]);
    let rest = shelf.store.next_rows(listing, page.last().map(Brief::from));
    assert_eq!(ids(&rest.wait().unwrap()), [all[4]]);
}

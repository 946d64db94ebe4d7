//! The search index, built anew while other programs use the store.

use super::*;
use crate::mail::Query;

/// A store with so many messages whose index was emptied.
fn emptied(count: usize) -> Shelf {
    let shelf = Shelf::new();
    for number in 0..count {
        let remote = number.to_string();
        let mut arrival = letter("1").full(&remote);
        arrival.extract.message_id.clone_from(&remote);
        arrival.octets = format!("X: {number}\r\n\r\nAll is well.\r\n")
            .into_bytes()
            .into();
        shelf.arrive_one(arrival);
    }
    shelf.store.reindex(true).wait().unwrap();
    shelf
}

fn well(shelf: &Shelf) -> usize {
    let query = Query::parse("well", NOW, 0).unwrap();
    let listing = Listing {
        query,
        ..Listing::default()
    };
    shelf.ids(listing).len()
}

/// The next words behind this message, as many as that.
fn words(shelf: &Shelf, behind: MessageId, count: usize) -> Vec<Reindexed> {
    let batch = shelf.store.unindexed(behind, count).wait().unwrap();
    let each = batch.into_iter().map(|message| Reindexed {
        id: message.id,
        extent: message.extent,
        octets: message.octets.len() as u64,
        extract: crate::mail::Extract {
            text: "All is well.".to_owned(),
            ..crate::mail::Extract::default()
        },
    });
    each.collect()
}

fn record(shelf: &Shelf, from: i64, batch: Vec<Reindexed>) -> Option<i64> {
    let recorded = shelf.store.record_reindexed(MessageId(from), batch).wait();
    recorded.unwrap().map(|behind| behind.0)
}

fn unfinished(store: &Store) -> Option<(u64, u64, i64)> {
    let state = store.reindexing().wait().unwrap();
    state.map(|state| (state.done, state.total, state.behind.0))
}

#[test]
fn how_far_the_building_of_the_index_is_can_be_asked_without_beginning_it() {
    let shelf = Shelf::new();
    assert_eq!(unfinished(&shelf.store), None);
    let mut shelf = emptied(5);
    assert_eq!(unfinished(&shelf.store), Some((0, 5, 0)));
    assert_eq!(record(&shelf, 0, words(&shelf, MessageId(0), 2)), Some(2));
    shelf.store.close().unwrap();
    shelf.reopen();
    assert_eq!(unfinished(&shelf.store), Some((2, 5, 2)));

    let why = Error::ViewOnly(Box::new(Error::Closed));
    let refusing = Worker::refusing(why.clone()).unwrap();
    let view = Store::reading(&shelf.path(), refusing, Access::View, Some(why)).unwrap();
    assert_eq!(unfinished(&view), Some((2, 5, 2)));

    assert_eq!(record(&shelf, 2, words(&shelf, MessageId(2), 9)), Some(5));
    assert_eq!(well(&shelf), 5);
    assert!(shelf.store.end_reindex().wait().unwrap().is_some());
    assert_eq!(unfinished(&view), None);
    assert_eq!(unfinished(&shelf.store), None);
}

#[test]
fn the_building_of_the_index_does_not_end_before_every_message_is_in_it() {
    let shelf = emptied(3);
    assert_eq!(shelf.store.end_reindex().wait().unwrap(), None);
    record(&shelf, 0, words(&shelf, MessageId(0), 2));
    assert_eq!(shelf.store.end_reindex().wait().unwrap(), None);
    assert_eq!(unfinished(&shelf.store), Some((2, 3, 2)));
    record(&shelf, 2, words(&shelf, MessageId(2), 2));
    assert!(shelf.store.end_reindex().wait().unwrap() > Some(0));
}

#[test]
fn what_another_program_indexed_meanwhile_is_not_indexed_twice() {
    let shelf = emptied(4);
    let (one, other) = (
        words(&shelf, MessageId(0), 2),
        words(&shelf, MessageId(0), 3),
    );
    assert_eq!(record(&shelf, 0, other), Some(3));
    assert_eq!(record(&shelf, 0, one), Some(3));
    assert_eq!(unfinished(&shelf.store), Some((3, 4, 3)));
    record(&shelf, 3, words(&shelf, MessageId(3), 3));
    shelf.store.end_reindex().wait().unwrap();
    assert_eq!(well(&shelf), 4);
    assert_eq!(record(&shelf, 0, words(&shelf, MessageId(0), 4)), None);
    assert_eq!(unfinished(&shelf.store), None);
}

#[test]
fn where_another_program_began_from_nothing_no_message_is_left_out() {
    let shelf = emptied(4);
    record(&shelf, 0, words(&shelf, MessageId(0), 2));
    let late = words(&shelf, MessageId(2), 2);
    shelf.store.reindex(true).wait().unwrap();
    assert_eq!(record(&shelf, 2, late), Some(0));
    assert_eq!(
        (unfinished(&shelf.store), well(&shelf)),
        (Some((0, 4, 0)), 0)
    );
}

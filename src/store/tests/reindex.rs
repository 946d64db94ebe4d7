//! The search index, built anew while other programs use the store.

use super::*;
use crate::mail::{DeleteScope, Query};

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
        octets: message.octets.as_ref().map_or(0, Vec::len) as u64,
        extract: message.octets.map(|_| Extract {
            text: "All is well.".to_owned(),
            ..Extract::default()
        }),
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

    let view = Store::view(&shelf.path());
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
    // The text of what was indexed, also before it was stopped.
    assert_eq!(shelf.store.end_reindex().wait().unwrap(), Some(3 * 12));
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
    assert_eq!(shelf.store.end_reindex().wait().unwrap(), Some(4 * 12));
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

/// How many messages have this word.
fn with(shelf: &Shelf, word: &str) -> usize {
    let listing = Listing {
        query: Query::parse(word, NOW, 0).unwrap(),
        ..Listing::default()
    };
    shelf.ids(listing).len()
}

/// Does what is left. As many batches as there are messages are enough.
fn finish(shelf: &Shelf) {
    let (_, total, mut behind) = unfinished(&shelf.store).unwrap();
    for _ in 0..=total {
        let batch = words(shelf, MessageId(behind), 3);
        if batch.is_empty() {
            break;
        }
        behind = record(shelf, behind, batch).unwrap();
    }
    assert!(shelf.store.end_reindex().wait().unwrap().is_some());
    assert_eq!(unfinished(&shelf.store), None);
}

/// Five letters of several pages each, and an index that has none of them.
fn thick() -> Shelf {
    let shelf = Shelf::new();
    for number in 1..=5 {
        let remote = number.to_string();
        let mut arrival = letter("1").full(&remote);
        arrival.extract.message_id.clone_from(&remote);
        arrival.extract.subject = format!("Number{number}");
        arrival.extract.snippet = "The beginning".to_owned();
        let body = format!("body{number} ").repeat(3_000);
        arrival.octets = format!("X: {number}\r\n\r\n{body}").into_bytes().into();
        shelf.arrive_one(arrival);
    }
    shelf.store.reindex(true).wait().unwrap();
    shelf
}

/// The pages of this kind on which octets lie.
fn pages(shelf: &Shelf, kind: &str) -> Vec<u32> {
    let connection = rusqlite::Connection::open(shelf.path()).unwrap();
    let mut statement = connection
        .prepare("SELECT pageno FROM dbstat WHERE name = 'octets' AND pagetype = ?1 ORDER BY path")
        .unwrap();
    let pages = statement.query_map([kind], |row| row.get(0)).unwrap();
    pages.collect::<Result<_, _>>().unwrap()
}

/// Changes the file as a failing disk would.
fn damage(shelf: &mut Shelf, how: impl FnOnce(&mut [u8])) {
    shelf.store.close().unwrap();
    let mut file = std::fs::read(shelf.path()).unwrap();
    how(&mut file);
    std::fs::write(shelf.path(), file).unwrap();
    shelf.reopen();
}

fn spoil(file: &mut [u8], page: u32) {
    let size = usize::from(u16::from_be_bytes([file[16], file[17]]));
    let page = page as usize;
    file[(page - 1) * size..page * size].fill(0xff);
}

#[test]
fn f18_a_message_whose_octets_are_damaged_is_found_by_what_its_row_says_and_stops_no_other() {
    let mut shelf = thick();
    let first = pages(&shelf, "overflow")[0];
    damage(&mut shelf, |file| spoil(file, first));
    let whole = shelf.store.unindexed(MessageId(0), 9).wait().unwrap();
    let whole: Vec<bool> = whole.iter().map(|each| each.octets.is_some()).collect();
    assert_eq!(whole.iter().filter(|whole| !**whole).count(), 1);
    let damaged = 1 + whole.iter().position(|whole| !whole).unwrap();
    finish(&shelf);
    assert_eq!(well(&shelf), 4);
    for word in [
        format!("subject:number{damaged}"),
        format!("number{damaged} from:ada to:sam beginning"),
    ] {
        assert_eq!(with(&shelf, &word), 1, "{word}");
    }
}

#[test]
fn f18_octets_that_have_become_something_else_are_damaged_and_stop_no_other() {
    let mut shelf = thick();
    damage(&mut shelf, |file| {
        let begin = b"X: 2\r\n\r\n";
        let places: Vec<usize> = (0..file.len() - begin.len())
            .filter(|at| file[*at..].starts_with(begin))
            .collect();
        // Before the octets stands what they are: with this bit, a text.
        for at in places {
            file[at - 1] ^= 1;
        }
    });
    let batch = shelf.store.unindexed(MessageId(0), 9).wait().unwrap();
    let read = batch.iter().map(|message| message.octets.is_some());
    assert_eq!(read.collect::<Vec<_>>(), [true, false, true, true, true]);
    finish(&shelf);
    assert_eq!((well(&shelf), with(&shelf, "number2")), (4, 1));
}

#[test]
fn f18_an_index_is_completed_although_no_octets_can_be_read() {
    let mut shelf = thick();
    let pages = [
        pages(&shelf, "internal"),
        pages(&shelf, "leaf"),
        pages(&shelf, "overflow"),
    ];
    let root = pages[0].first().copied().unwrap_or(pages[1][0]);
    for damaged in [vec![root], pages.concat()] {
        damage(&mut shelf, |file| {
            for page in damaged {
                spoil(file, page);
            }
        });
        shelf.store.reindex(true).wait().unwrap();
        finish(&shelf);
        assert_eq!((well(&shelf), with(&shelf, "from:ada")), (0, 5));
    }
}

#[test]
fn the_index_keeps_what_it_has_of_a_message_that_cannot_be_read() {
    let shelf = thick();
    let unreadable = |id| Reindexed {
        id: MessageId(id),
        extent: Local::Full,
        octets: 0,
        extract: None,
    };
    assert_eq!(record(&shelf, 0, words(&shelf, MessageId(0), 2)), Some(2));
    let connection = rusqlite::Connection::open(shelf.path()).unwrap();
    connection
        .execute("UPDATE reindexing SET behind = 0", [])
        .unwrap();
    assert_eq!(
        record(&shelf, 0, (1..=5).map(unreadable).collect()),
        Some(5)
    );
    assert_eq!((well(&shelf), with(&shelf, "beginning")), (2, 3));
}

#[test]
fn a_message_that_is_deleted_while_its_words_are_taken_is_not_indexed() {
    let shelf = emptied(3);
    let batch = words(&shelf, MessageId(0), 3);
    let unreadable = Reindexed {
        extract: None,
        ..batch[1].clone()
    };
    let lines = shelf.store.ledger(&shelf.account).wait().unwrap();
    let line = lines.iter().find(|line| line.message == MessageId(2));
    shelf.listed(vanished(line.unwrap().id));
    shelf.change(MessageId(2), Change::Delete(DeleteScope::LocalOnly));
    assert_eq!(shelf.purge(Timestamp(NOW.0 + DAY), 0), [MessageId(2)]);
    for batch in [batch, vec![unreadable]] {
        let connection = rusqlite::Connection::open(shelf.path()).unwrap();
        connection
            .execute("UPDATE reindexing SET behind = 0", [])
            .unwrap();
        record(&shelf, 0, batch).unwrap();
        let known: Vec<i64> = connection
            .prepare("SELECT id FROM search_docsize")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!((well(&shelf), known), (2, vec![1, 3]));
    }
}

#[test]
fn a_message_whose_body_comes_while_its_words_are_taken_is_indexed_with_it() {
    for readable in [true, false] {
        let shelf = Shelf::new();
        let stored = shelf.arrive_one(letter("1").headers("1"));
        shelf.store.reindex(true).wait().unwrap();
        let mut batch = words(&shelf, MessageId(0), 3);
        batch[0].extract = readable.then(|| Extract {
            text: "stale".to_owned(),
            ..Extract::default()
        });
        let arrived = shelf.arrive_one(of(stored.ledger, letter("1").full("1")));
        assert_eq!(arrived.message, stored.message);
        assert_eq!(well(&shelf), 1);
        assert_eq!(record(&shelf, 0, batch), Some(1));
        assert_eq!((well(&shelf), with(&shelf, "stale")), (1, 0));
        assert!(shelf.store.end_reindex().wait().unwrap().is_some());
    }
}

#[test]
fn an_end_that_another_program_came_to_first_is_not_ones_own() {
    let shelf = emptied(2);
    record(&shelf, 0, words(&shelf, MessageId(0), 2));
    assert!(shelf.store.end_reindex().wait().unwrap().is_some());
    assert_eq!(shelf.store.end_reindex().wait().unwrap(), None);
}

#[test]
fn what_the_index_has_of_messages_that_are_no_more_goes_away() {
    let shelf = emptied(3);
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    other
        .execute_batch(
            "PRAGMA foreign_keys = OFF;
             DELETE FROM ledger WHERE message = 2;
             DELETE FROM octets WHERE message = 2;
             DELETE FROM messages WHERE id = 2;
             INSERT INTO search (rowid, words) VALUES (2, 'ghost'), (99, 'ghost');",
        )
        .unwrap();
    let known = || -> Vec<i64> {
        let mut statement = other.prepare("SELECT id FROM search_docsize").unwrap();
        let ids = statement.query_map([], |row| row.get(0)).unwrap();
        ids.collect::<Result<_, _>>().unwrap()
    };
    assert_eq!(known(), [2, 99]);
    assert_eq!(record(&shelf, 0, words(&shelf, MessageId(0), 9)), Some(3));
    assert_eq!(known(), [1, 3, 99]);
    assert!(shelf.store.end_reindex().wait().unwrap().is_some());
    assert_eq!(known(), [1, 3]);
}

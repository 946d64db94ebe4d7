//! How long the Trash here keeps what is on no server any more (I9, F17, F24).

use super::*;
use crate::mail::{DeleteScope, Stored};

const MONTH: i64 = 30 * DAY;

/// A day in the life of the store.
struct Days {
    shelf: Shelf,
    now: Timestamp,
}

impl Days {
    fn new() -> Self {
        Self {
            shelf: Shelf::new(),
            now: NOW,
        }
    }

    /// Mail that was put into the Trash and is on the server.
    fn trashed(&self) -> Stored {
        let stored = self.shelf.arrive_one(letter("a").full("u1"));
        let change = Change::Delete(DeleteScope::LocalOnly);
        self.shelf.change(stored.message, change);
        stored
    }

    /// So many days later a check finds this, and the Trash is emptied. What went.
    fn check(&mut self, days: i64, outcome: ListingOutcome) -> Vec<MessageId> {
        self.now = Timestamp(self.now.0 + days * DAY);
        let listed = self
            .shelf
            .store
            .record_listing(&self.shelf.account, outcome, self.now);
        listed.wait().unwrap();
        self.shelf.purge(self.now, MONTH)
    }

    fn quiet(&mut self, days: i64) -> Vec<MessageId> {
        self.check(days, ListingOutcome::default())
    }
}

#[test]
fn i9_the_trash_counts_from_when_the_server_stopped_having_it() {
    let mut days = Days::new();
    let stored = days.trashed();
    for _ in 0..40 {
        assert_eq!(days.quiet(1), []);
    }
    assert_eq!(days.check(1, vanished(stored.ledger)), []);
    for day in 1..30 {
        assert_eq!(days.quiet(1), [], "day {day}");
    }
    assert_eq!(days.quiet(1), [stored.message]);
}

#[test]
fn f24_what_is_listed_again_or_may_be_counts_anew_when_it_is_gone_once_more() {
    let relisted = |line| ListingOutcome {
        relisted: vec![line],
        ..ListingOutcome::default()
    };
    for back in [reappeared, relisted] {
        let mut days = Days::new();
        let stored = days.trashed();
        days.check(1, vanished(stored.ledger));
        for _ in 0..29 {
            assert_eq!(days.quiet(1), []);
        }
        assert_eq!(days.check(1, back(stored.ledger)), []);
        assert_eq!(days.check(1, vanished(stored.ledger)), []);
        for day in 1..29 {
            assert_eq!(days.quiet(1), [], "day {day}");
        }
        let held = days.shelf.store.octets(stored.message).wait().unwrap();
        assert!(held.is_some());
        // What may have been listed counts from then, what was from the day after.
        assert_eq!([days.quiet(1), days.quiet(1)].concat(), [stored.message]);
    }
}

#[test]
fn i9_what_was_taken_out_of_the_trash_counts_anew_when_it_is_put_there_again() {
    for out in [Change::Undelete, Change::Move(Folder::Archive)] {
        let mut days = Days::new();
        let stored = days.trashed();
        days.check(1, vanished(stored.ledger));
        for _ in 0..29 {
            assert_eq!(days.quiet(1), []);
        }
        days.shelf.change(stored.message, out);
        let again = Change::Delete(DeleteScope::LocalOnly);
        days.shelf.change(stored.message, again);
        for day in 0..30 {
            assert_eq!(days.quiet(1), [], "day {day}");
        }
        assert_eq!(days.quiet(1), [stored.message]);
    }
}

#[test]
fn f17_i11_no_jump_of_the_clock_empties_the_trash() {
    let mut days = Days::new();
    let stored = days.trashed();
    assert_eq!(days.check(1, vanished(stored.ledger)), []);
    // Ahead and staying there, ahead and back, and back and staying there.
    for jump in [31, 45, 59, 60, 61, 3_650, -3_650, 40, -40, -3_650, 20_000] {
        assert_eq!(days.quiet(jump), [], "{jump} days");
        for _ in 0..3 {
            assert_eq!(days.quiet(0), [], "{jump} days, and another check");
        }
    }
    // What of that can have been true counts: a day for each jump that is no longer than a pause may be.
    for day in 6..30 {
        assert_eq!(days.quiet(1), [], "day {day}");
    }
    assert_eq!(days.quiet(1), [stored.message]);
}

#[test]
fn i10_a_check_of_one_account_leaves_the_trash_of_another_alone() {
    let mut days = Days::new();
    let stored = days.trashed();
    days.check(1, vanished(stored.ledger));
    let (home, work) = (days.shelf.account.clone(), AccountId::new("work").unwrap());
    days.shelf.account = work;
    days.shelf.arrive_one(letter("b").full("w1"));
    for _ in 0..50 {
        assert_eq!(days.quiet(1), []);
    }
    days.shelf.account = home;
    assert_eq!(days.quiet(0), []);
    assert!(
        days.shelf
            .store
            .octets(stored.message)
            .wait()
            .unwrap()
            .is_some()
    );
}

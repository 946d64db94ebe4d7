use super::deletions::staged;
use super::*;
use crate::mail::{DeleteScope, Flags, Reason};

/// The server says that it has deleted the copy.
fn confirm(shelf: &Shelf, line: LedgerId) {
    let store = &shelf.store;
    assert_eq!(store.mark_unconfirmed(vec![line]).wait().unwrap(), []);
    store.settle(vec![line], Vec::new()).wait().unwrap();
}

#[test]
fn f27_a_confirmed_deletion_that_is_still_listed_is_wanted_again_three_times() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    shelf.listed(ListingOutcome::default());
    let sessions = shelf.line(stored.ledger).sessions_since_stored;
    for _ in 0..3 {
        confirm(&shelf, stored.ledger);
        assert_eq!(shelf.row(stored.message).server, Server::Deleted);
        shelf.listed(reappeared(stored.ledger));
        let row = shelf.row(stored.message);
        assert_eq!(
            (row.server, row.reason),
            (Server::DeleteWanted, Some(Reason::You))
        );
        assert!(!row.flags.has(Flags::CAME_BACK), "it never was away");
        let pending = shelf.store.pending(&[]).wait().unwrap();
        assert!(pending[0].failure.is_some());
        let unproven = shelf.store.unproven(vec![stored.ledger]).wait().unwrap();
        assert!(unproven.is_empty(), "nor is it another");
    }
    assert!(shelf.line(stored.ledger).sessions_since_stored >= sessions);
    confirm(&shelf, stored.ledger);
    shelf.listed(reappeared(stored.ledger));
    let row = shelf.row(stored.message);
    assert_eq!((row.server, row.reason), (Server::Present, None));
    assert!(row.is_to_stage_again() && row.flags.has(Flags::CAME_BACK));
    // By a person's wish it begins anew.
    shelf.change(stored.message, Change::Delete(DeleteScope::ServerOnly));
    assert!(!shelf.row(stored.message).flags.has(Flags::TAKEN_BACK));
    confirm(&shelf, stored.ledger);
    shelf.listed(reappeared(stored.ledger));
    assert_eq!(shelf.row(stored.message).server, Server::DeleteWanted);
}

#[test]
fn f22_what_comes_back_after_a_listing_without_it_is_not_wanted_again() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    confirm(&shelf, stored.ledger);
    shelf.listed(ListingOutcome {
        carried_out: vec![stored.ledger],
        ..ListingOutcome::default()
    });
    shelf.listed(reappeared(stored.ledger));
    let row = shelf.row(stored.message);
    assert_eq!(row.server, Server::Present);
    assert!(row.flags.has(Flags::CAME_BACK) && !row.is_to_stage_again());
    assert_eq!(shelf.line(stored.ledger).confirmed, 0);
}

#[test]
fn f27_a_wish_taken_back_before_a_listing_shows_that_nothing_was_deleted_does_not_return() {
    for change in [Change::Pinned(true), Change::Undelete, Change::Unstage] {
        let shelf = Shelf::new();
        let stored = staged(&shelf);
        confirm(&shelf, stored.ledger);
        shelf.change(stored.message, change);
        shelf.listed(reappeared(stored.ledger));
        assert_eq!(
            shelf.row(stored.message).server,
            Server::Present,
            "{change:?}"
        );
        assert_eq!(shelf.store.pending(&[]).wait().unwrap(), []);
    }
}

#[test]
fn f27_what_is_staged_again_before_a_listing_shows_that_nothing_was_deleted_is_wanted() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    confirm(&shelf, stored.ledger);
    shelf.change(stored.message, Change::Undelete);
    shelf.change(stored.message, Change::Delete(DeleteScope::Everywhere));
    assert_eq!(shelf.row(stored.message).server, Server::Deleted);
    shelf.listed(reappeared(stored.ledger));
    let row = shelf.row(stored.message);
    assert_eq!(
        (row.server, row.reason),
        (Server::DeleteWanted, Some(Reason::You))
    );
}

#[test]
fn f19_a_wish_that_the_server_said_it_had_fulfilled_is_not_kept_for_a_uidl_that_names_another_message()
 {
    for listed_before in [false, true] {
        let shelf = Shelf::new();
        let stored = staged(&shelf);
        confirm(&shelf, stored.ledger);
        if listed_before {
            shelf.listed(reappeared(stored.ledger));
        }
        shelf.store.vanish(vec![stored.ledger]).wait().unwrap();
        assert_eq!(shelf.row(stored.message).server, Server::Deleted);
        shelf.listed(reappeared(stored.ledger));
        let row = shelf.row(stored.message);
        assert_eq!(row.server, Server::Present);
        assert!(!row.is_to_stage_again(), "nothing was left undone");
    }
}

#[test]
fn f27_f20_a_copy_under_a_shared_uidl_is_given_up_as_well() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    for _ in 0..4 {
        confirm(&shelf, stored.ledger);
        shelf.arrive_one(letter("a").full("u1"));
    }
    let row = shelf.row(stored.message);
    assert_eq!((row.server, row.reason), (Server::Present, None));
    assert!(row.is_to_stage_again());
}

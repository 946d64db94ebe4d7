use super::*;
use crate::mail::{Brake, DeleteScope, Reason};

pub(super) fn staged(shelf: &Shelf) -> crate::mail::Stored {
    let stored = shelf.arrive_one(letter("a").full("u1"));
    shelf.change(stored.message, Change::Delete(DeleteScope::Everywhere));
    stored
}

#[test]
fn a_wish_becomes_unconfirmed_and_then_a_fact() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    assert_eq!(shelf.row(stored.message).server, Server::DeleteWanted);
    assert_eq!(shelf.row(stored.message).reason, Some(Reason::You));
    assert_eq!(
        shelf
            .store
            .mark_unconfirmed(vec![stored.ledger])
            .wait()
            .unwrap(),
        []
    );
    assert_eq!(shelf.row(stored.message).server, Server::Unconfirmed);
    let rows = shelf
        .store
        .settle(vec![stored.ledger], Vec::new())
        .wait()
        .unwrap();
    assert_eq!(rows[0].server, Server::Deleted);
    assert_eq!(shelf.line(stored.ledger).reason, None);
}

#[test]
fn a_wish_taken_back_in_time_keeps_all_of_the_batch_from_being_noted() {
    let shelf = Shelf::new();
    let one = staged(&shelf);
    let two = shelf.arrive_one(letter("b").full("u2"));
    let withdrawn = shelf
        .store
        .mark_unconfirmed(vec![one.ledger, two.ledger])
        .wait()
        .unwrap();
    assert_eq!(withdrawn, [two.ledger]);
    assert_eq!(shelf.row(one.message).server, Server::DeleteWanted);
}

#[test]
fn i8_an_unconfirmed_deletion_is_decided_by_the_next_listing() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    shelf
        .store
        .mark_unconfirmed(vec![stored.ledger])
        .wait()
        .unwrap();
    shelf.listed(ListingOutcome {
        wanted_again: vec![stored.ledger],
        ..ListingOutcome::default()
    });
    assert_eq!(shelf.row(stored.message).server, Server::DeleteWanted);
    shelf
        .store
        .mark_unconfirmed(vec![stored.ledger])
        .wait()
        .unwrap();
    let rows = shelf.listed(ListingOutcome {
        deleted: vec![stored.ledger],
        ..ListingOutcome::default()
    });
    assert_eq!(rows[0].server, Server::Deleted);
}

/// A deletion that was sent and whose QUIT got no answer, and what a person did then.
fn unconfirmed_and_then(shelf: &Shelf, changes: &[Change]) -> crate::mail::Stored {
    let stored = staged(shelf);
    shelf
        .store
        .mark_unconfirmed(vec![stored.ledger])
        .wait()
        .unwrap();
    for change in changes {
        let row = shelf.change(stored.message, *change);
        assert_eq!((row.server, row.reason), (Server::Unconfirmed, None));
    }
    stored
}

#[test]
fn an_unconfirmed_deletion_that_was_taken_back_is_not_wanted_again() {
    for change in [Change::Pinned(true), Change::Undelete, Change::Unstage] {
        let shelf = Shelf::new();
        let stored = unconfirmed_and_then(&shelf, &[change]);
        let rows = shelf.listed(ListingOutcome {
            wanted_again: vec![stored.ledger],
            ..ListingOutcome::default()
        });
        assert_eq!(rows[0].server, Server::Present, "{change:?}");
        assert_eq!(shelf.store.pending(&[]).wait().unwrap(), []);
        let shelf = Shelf::new();
        let stored = unconfirmed_and_then(&shelf, &[change]);
        let rows = shelf.listed(ListingOutcome {
            deleted: vec![stored.ledger],
            ..ListingOutcome::default()
        });
        assert_eq!(rows[0].server, Server::Deleted, "{change:?}");
    }
}

#[test]
fn an_unconfirmed_deletion_that_was_taken_back_is_not_wanted_when_it_was_refused_or_not_sent() {
    let shelf = Shelf::new();
    let stored = unconfirmed_and_then(&shelf, &[Change::Pinned(true)]);
    let rows = shelf
        .store
        .settle(Vec::new(), vec![(stored.ledger, "locked".to_owned())])
        .wait()
        .unwrap();
    assert_eq!(rows[0].server, Server::Present);
    let shelf = Shelf::new();
    let stored = unconfirmed_and_then(&shelf, &[Change::Undelete]);
    let rows = shelf.store.still_wanted(vec![stored.ledger]).wait();
    assert_eq!(rows.unwrap()[0].server, Server::Present);
}

#[test]
fn what_was_staged_after_its_pin_is_wanted_also_when_its_deletion_was_unconfirmed() {
    let again = Change::Delete(DeleteScope::ServerOnly);
    let shelf = Shelf::new();
    let stored = unconfirmed_and_then(&shelf, &[Change::Pinned(true), again]);
    let rows = shelf.listed(ListingOutcome {
        wanted_again: vec![stored.ledger],
        ..ListingOutcome::default()
    });
    assert_eq!(
        (rows[0].server, rows[0].reason),
        (Server::DeleteWanted, Some(Reason::You))
    );
}

#[test]
fn a_refused_deletion_stays_wanted_and_says_why() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    shelf
        .store
        .mark_unconfirmed(vec![stored.ledger])
        .wait()
        .unwrap();
    shelf
        .store
        .settle(Vec::new(), vec![(stored.ledger, "locked".to_owned())])
        .wait()
        .unwrap();
    let pending = shelf.store.pending(&[]).wait().unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!(pending[0].failure.as_deref(), Some("locked"));
    assert_eq!(pending[0].reason, Reason::You);
    assert_eq!(pending[0].ledger[0].id, stored.ledger);
    let nobody = AccountId::new("nobody").unwrap();
    assert_eq!(shelf.store.pending(&[nobody]).wait().unwrap(), []);
    assert_eq!(
        shelf
            .store
            .pending(std::slice::from_ref(&shelf.account))
            .wait()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn i3_a_mismatch_withdraws_the_wish() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    let rows = shelf
        .store
        .cancel_deletions(vec![(stored.ledger, "another message".to_owned())])
        .wait()
        .unwrap();
    assert_eq!(rows[0].server, Server::Present);
    assert_eq!(shelf.store.pending(&[]).wait().unwrap(), []);
}

#[test]
fn a_wish_waits_for_a_copy_that_vanished_but_not_the_consent_to_lose_it() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    shelf
        .store
        .allow_loss(vec![stored.message], true)
        .wait()
        .unwrap();
    assert!(shelf.line(stored.ledger).without_copy);
    shelf.listed(vanished(stored.ledger));
    assert_eq!(shelf.line(stored.ledger).reason, None);
    assert_eq!(shelf.store.pending(&[]).wait().unwrap(), []);
    shelf.listed(reappeared(stored.ledger));
    let line = shelf.line(stored.ledger);
    assert_eq!(
        (line.server, line.reason, line.without_copy),
        (Server::DeleteWanted, Some(Reason::You), false)
    );
}

#[test]
fn a_wish_taken_back_while_its_copy_is_away_does_not_return() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    shelf.listed(vanished(stored.ledger));
    shelf.change(stored.message, Change::Undelete);
    shelf.listed(reappeared(stored.ledger));
    assert_eq!(shelf.line(stored.ledger).server, Server::Present);
}

#[test]
fn consent_to_lose_holds_only_for_what_is_staged() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").headers("u1"));
    shelf
        .store
        .allow_loss(vec![stored.message], true)
        .wait()
        .unwrap();
    assert!(!shelf.line(stored.ledger).without_copy);
}

#[test]
fn a_rule_stages_only_what_is_here_in_full_and_not_pinned() {
    let shelf = Shelf::new();
    let full = shelf.arrive_one(letter("a").full("u1"));
    let headers = shelf.arrive_one(letter("b").headers("u2"));
    let pinned = shelf.arrive_one(letter("c").full("u3"));
    shelf.change(pinned.message, Change::Pinned(true));
    let rows = shelf.listed(ListingOutcome {
        stage_by_rule: vec![full.ledger, headers.ledger, pinned.ledger],
        ..ListingOutcome::default()
    });
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].id, rows[0].reason),
        (full.message, Some(Reason::Rule))
    );
    assert_eq!(
        shelf.change(full.message, Change::Pinned(true)).server,
        Server::Present
    );
}

#[test]
fn a_pin_takes_back_what_a_person_staged_and_a_later_deletion_stages_it_again() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").full("u1"));
    shelf.change(stored.message, Change::Delete(DeleteScope::Everywhere));
    let pinned = shelf.change(stored.message, Change::Pinned(true));
    assert_eq!(
        (pinned.server, pinned.reason, pinned.folder),
        (Server::Present, None, Folder::Trash)
    );
    let staged = shelf.change(stored.message, Change::Delete(DeleteScope::ServerOnly));
    assert_eq!(
        (staged.server, staged.reason),
        (Server::DeleteWanted, Some(Reason::You))
    );
}

#[test]
fn sessions_are_counted_from_the_one_that_stored_the_body() {
    let shelf = Shelf::new();
    shelf.listed(ListingOutcome::default());
    let stored = shelf.arrive_one(letter("a").full("u1"));
    let sessions = || shelf.line(stored.ledger).sessions_since_stored;
    assert_eq!(sessions(), 0);
    for count in 1..3 {
        shelf.listed(ListingOutcome {
            known: vec![(stored.ledger, 100)],
            ..ListingOutcome::default()
        });
        assert_eq!(sessions(), count);
    }
    shelf.listed(vanished(stored.ledger));
    shelf.listed(reappeared(stored.ledger));
    assert_eq!(sessions(), 0);
}

#[test]
fn a_listing_updates_sizes_and_the_account() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").headers("u1"));
    let rows = shelf.listed(ListingOutcome {
        known: vec![(stored.ledger, 4_000)],
        messages: 1,
        octets: 4_000,
        brake: Some(Brake::Vanished { gone: 30, of: 40 }),
        ..ListingOutcome::default()
    });
    assert_eq!(rows[0].octets, 4_000);
    let record = shelf
        .store
        .account(&shelf.account, Timestamp(0))
        .wait()
        .unwrap();
    assert_eq!(record.set_up, NOW);
    assert_eq!(record.last_sync, Some(NOW));
    assert_eq!((record.messages, record.octets), (1, 4_000));
    assert_eq!(record.brake, Some(Brake::Vanished { gone: 30, of: 40 }));
    let released = AccountUpdate {
        brake: Some(None),
        quirks: Some("{}".to_owned()),
        ..AccountUpdate::default()
    };
    shelf
        .store
        .record_account(&shelf.account, released)
        .wait()
        .unwrap();
    let record = shelf.store.accounts().wait().unwrap().remove(0);
    assert_eq!((record.brake, record.quirks.as_str()), (None, "{}"));
}

#[test]
fn i1_f18_a_flipped_bit_is_no_proof() {
    let shelf = Shelf::new();
    let good = shelf.arrive_one(letter("a").full("u1")).message;
    let bad = shelf.arrive_one(letter("b").full("u2")).message;
    let headers = shelf.arrive_one(letter("c").headers("u3")).message;
    let other = rusqlite::Connection::open(shelf.path()).unwrap();
    let mut octets = letter("b").full("u2").octets.into_beginning();
    octets[5] ^= 1;
    other
        .execute(
            "UPDATE octets SET octets = ?1 WHERE message = ?2",
            rusqlite::params![octets, bad.0],
        )
        .unwrap();
    let verified = proofs(&shelf.store, vec![good, bad, headers, MessageId(99)]);
    let proven: Vec<bool> = verified.iter().map(|(_, copy)| copy.is_some()).collect();
    assert_eq!(proven, [true, false, false, false]);
    let copy = verified[0].1.clone().unwrap();
    assert_eq!(copy.header(), letter("a").full("u1").octets.header_digest());
    let report = shelf.store.check(|_, _| {}).wait().unwrap();
    assert_eq!(
        (report.damaged.as_slice(), report.messages, report.full),
        ([bad].as_slice(), 3, 2)
    );
}

#[test]
fn a_failed_download_is_remembered_until_it_works() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").headers("u1"));
    shelf
        .store
        .record_failure(stored.ledger, Some("gone".to_owned()))
        .wait()
        .unwrap();
    assert_eq!(shelf.line(stored.ledger).failure.as_deref(), Some("gone"));
    shelf.arrive_one(of(stored.ledger, letter("a").full("u1")));
    assert_eq!(shelf.line(stored.ledger).failure, None);
}

#[test]
fn reading_many_messages_again_lets_others_go_between() {
    let shelf = Shelf::new();
    // So many that not all parts can be answered before the question between them is even put.
    let letters = (0..2_000).map(|number| Arrival {
        octets: format!("Message-ID: <{number}>\r\n\r\nhello\r\n")
            .into_bytes()
            .into(),
        ..letter("a").full(&format!("u{number}"))
    });
    let ids: Vec<MessageId> = shelf
        .arrive(letters.collect())
        .stored
        .iter()
        .map(|stored| stored.message)
        .collect();
    let done = std::cell::RefCell::new(Vec::new());
    let first = ids[0];
    let verified = runtime().block_on(async {
        let verify = async {
            let verified = shelf.store.verify(ids.clone()).await.unwrap();
            done.borrow_mut().push("verified");
            verified
        };
        let open = async {
            shelf.store.octets(first).await.unwrap();
            done.borrow_mut().push("opened");
        };
        tokio::join!(verify, open).0
    });
    assert_eq!(*done.borrow(), ["opened", "verified"]);
    let proven: Vec<MessageId> = verified
        .iter()
        .filter(|(_, copy)| copy.is_some())
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(proven, ids);
}

#[test]
fn a_deletion_that_was_announced_and_never_sent_is_wanted_as_before() {
    let shelf = Shelf::new();
    let stored = staged(&shelf);
    let line = vec![stored.ledger];
    let taken_back = shelf.store.mark_unconfirmed(line.clone()).wait().unwrap();
    assert_eq!(taken_back, []);
    let rows = shelf.store.still_wanted(line.clone()).wait().unwrap();
    assert_eq!(rows[0].server, Server::DeleteWanted);
    let pending = shelf.store.pending(&[]).wait().unwrap();
    assert_eq!((pending.len(), pending[0].failure.as_deref()), (1, None));
    shelf.store.mark_unconfirmed(line.clone()).wait().unwrap();
    shelf.store.settle(line.clone(), Vec::new()).wait().unwrap();
    assert_eq!(shelf.store.still_wanted(line).wait().unwrap(), []);
}

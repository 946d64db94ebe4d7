use super::*;

#[test]
fn headers_then_a_beginning_then_all_complete_one_message() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").headers("u1"));
    assert!(stored.new);
    assert_eq!(shelf.row(stored.message).local, Local::Headers);
    for (arrival, local) in [
        (letter("a").peek("u1"), Local::Peeked),
        (letter("a").full("u1"), Local::Full),
        (letter("a").headers("u1"), Local::Full),
        (letter("a").peek("u1"), Local::Full),
    ] {
        let again = shelf.arrive_one(of(stored.ledger, arrival));
        assert_eq!((again.message, again.new), (stored.message, false));
        assert_eq!(shelf.row(stored.message).local, local);
    }
    let whole = letter("a").full("u1").octets.into_beginning();
    let row = shelf.row(stored.message);
    assert_eq!(row.octets, whole.len() as u64);
    assert_eq!(row.sha256, Some(crate::mail::Digest::of(&whole)));
    assert_eq!(
        shelf.store.octets(stored.message).wait().unwrap(),
        Some((Local::Full, whole))
    );
}

#[test]
fn a_full_message_is_never_replaced_by_another_under_its_id() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1"));
    let other = Letter {
        body: "Something else.",
        ..letter("a")
    };
    let second = shelf.arrive_one(of(first.ledger, other.full("u1")));
    assert!(second.new);
    assert_ne!(second.message, first.message);
    assert_eq!(second.ledger, first.ledger);
    assert_eq!(shelf.line(first.ledger).message, second.message);
    assert_eq!(shelf.row(first.message).server, Server::Vanished);
    assert_eq!(shelf.row(first.message).local, Local::Full);
    assert_eq!(shelf.everything().len(), 2);
}

#[test]
fn i3_f19_a_reused_id_does_not_take_a_wish_over_to_another_message() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").headers("u1"));
    shelf.change(
        first.message,
        Change::Delete(crate::mail::DeleteScope::Everywhere),
    );
    shelf
        .store
        .allow_loss(vec![first.message], true)
        .wait()
        .unwrap();
    let second = shelf.arrive_one(of(first.ledger, letter("b").full("u1")));
    assert_ne!(second.message, first.message);
    let line = shelf.line(first.ledger);
    assert_eq!(
        (line.server, line.reason, line.without_copy),
        (Server::Present, None, false)
    );
    assert_eq!(shelf.row(first.message).server, Server::Vanished);
    assert_eq!(shelf.row(second.message).folder, Folder::Inbox);
}

#[test]
fn a_server_that_adds_header_fields_completes_the_message_but_withdraws_its_deletion() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").headers("u1"));
    shelf.change(
        first.message,
        Change::Delete(crate::mail::DeleteScope::ServerOnly),
    );
    let mut full = letter("a").full("u1");
    full.octets = [b"X-UIDL: u1\r\n".as_slice(), full.octets.beginning()]
        .concat()
        .into();
    let again = shelf.arrive_one(of(first.ledger, full));
    assert_eq!(again.message, first.message);
    let row = shelf.row(first.message);
    assert_eq!((row.local, row.server), (Local::Full, Server::Present));
    assert_eq!(shelf.everything().len(), 1);
}

#[test]
fn f21_after_renumbering_nothing_is_new_and_the_body_is_kept() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1"));
    shelf.listed(vanished(first.ledger));
    assert_eq!(shelf.row(first.message).server, Server::Vanished);
    let again = shelf.arrive_one(letter("a").headers("n1"));
    assert!(!again.new);
    assert_eq!(again.message, first.message);
    assert_ne!(again.ledger, first.ledger);
    let row = shelf.row(first.message);
    assert_eq!((row.server, row.local), (Server::Present, Local::Full));
    assert_eq!(row.remote, RemoteId::new(b"n1"));
    assert_eq!(shelf.line(first.ledger).server, Server::Vanished);
}

#[test]
fn the_same_copy_under_the_same_id_takes_its_old_line_again() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1"));
    shelf.listed(vanished(first.ledger));
    let again = shelf.arrive_one(letter("a").headers("u1"));
    assert_eq!(
        (again.ledger, again.message, again.new),
        (first.ledger, first.message, false)
    );
}

#[test]
fn f22_a_message_that_poppet_deleted_and_that_comes_back_stays_in_its_folder() {
    let shelf = Shelf::new();
    let first = shelf.arrive_one(letter("a").full("u1"));
    shelf.change(
        first.message,
        Change::Delete(crate::mail::DeleteScope::Everywhere),
    );
    shelf
        .store
        .settle(vec![first.ledger], Vec::new())
        .wait()
        .unwrap();
    assert_eq!(shelf.row(first.message).server, Server::Deleted);
    let again = shelf.arrive_one(letter("a").headers("restored"));
    assert_eq!((again.message, again.new), (first.message, false));
    let row = shelf.row(first.message);
    assert_eq!((row.server, row.folder), (Server::Present, Folder::Trash));
}

#[test]
fn f20_a_second_copy_with_other_octets_is_another_message_while_the_first_is_there() {
    let shelf = Shelf::new();
    let one = shelf.arrive_one(letter("a").headers("same"));
    let two = shelf.arrive_one(letter("a").headers("same"));
    assert!(two.new);
    assert_ne!(one.message, two.message);
    shelf.arrive_one(of(one.ledger, letter("a").full("same")));
    let other = Letter {
        body: "Not the same.",
        ..letter("a")
    };
    let full = shelf.arrive(vec![of(two.ledger, other.full("same"))]);
    assert_eq!(full.merged, []);
    assert_eq!(shelf.everything().len(), 2);
}

#[test]
fn i4_two_copies_with_the_same_octets_become_one_row() {
    let shelf = Shelf::new();
    let one = shelf.arrive_one(letter("a").headers("u1"));
    let two = shelf.arrive_one(letter("a").headers("u2"));
    shelf.change(two.message, Change::Starred(true));
    let done = shelf.arrive(vec![
        of(two.ledger, letter("a").full("u2")),
        of(one.ledger, letter("a").full("u1")),
    ]);
    assert_eq!(done.merged, [two.message]);
    assert_eq!(done.stored[0].message, one.message);
    assert_eq!(done.stored[1].message, one.message);
    assert_eq!(shelf.everything(), [one.message.0]);
    assert_eq!(shelf.line(two.ledger).message, one.message);
    assert!(
        shelf
            .row(one.message)
            .flags
            .has(crate::mail::Flags::STARRED)
    );
    assert!(shelf.store.check(|_, _| {}).wait().unwrap().is_sound());
}

#[test]
fn an_unlisted_full_copy_of_a_known_message_only_adds_a_line() {
    let shelf = Shelf::new();
    let one = shelf.arrive_one(letter("a").full("u1"));
    let two = shelf.arrive(vec![letter("a").full("u2")]);
    assert_eq!(two.stored[0].message, one.message);
    assert!(!two.stored[0].new);
    assert_eq!(two.merged, []);
    assert_eq!(shelf.store.ledger(&shelf.account).wait().unwrap().len(), 2);
}

#[test]
fn a_header_without_a_message_id_is_only_recognised_with_its_size() {
    let shelf = Shelf::new();
    let one = shelf.arrive_one(letter("").full("u1"));
    shelf.listed(vanished(one.ledger));
    let other = shelf.arrive_one(Arrival {
        listed_octets: 101,
        ..letter("").headers("n1")
    });
    assert!(other.new);
    let same = shelf.arrive_one(letter("").headers("n2"));
    assert_eq!(same.message, one.message);
}

#[test]
fn an_id_given_to_another_message_leaves_the_gone_copy() {
    let shelf = Shelf::new();
    let one = shelf.arrive_one(letter("a").full("u1"));
    shelf.listed(vanished(one.ledger));
    let two = shelf.arrive_one(letter("b").headers("u1"));
    assert!(two.new);
    assert!(shelf.line(one.ledger).remote.is_missing());
    assert_eq!(shelf.line(two.ledger).remote, RemoteId::new(b"u1"));
}

#[test]
fn accounts_share_nothing() {
    let shelf = Shelf::new();
    let work = AccountId::new("work").unwrap();
    let one = shelf.arrive_one(letter("a").full("u1"));
    let two = shelf
        .store
        .store_arrivals(&work, vec![letter("a").full("u1")], NOW)
        .wait()
        .unwrap();
    assert!(two.stored[0].new);
    assert_eq!(shelf.store.remove_account(&work).wait().unwrap(), 1);
    assert_eq!(shelf.everything(), [one.message.0]);
    assert_eq!(shelf.store.remove_account(&work).wait().unwrap(), 0);
}

#[test]
fn replies_join_the_thread_of_what_they_answer_whichever_comes_first() {
    let shelf = Shelf::new();
    let reply = shelf.arrive_one(
        Letter {
            references: vec!["root", "middle"],
            ..letter("reply")
        }
        .headers("1"),
    );
    let aside = shelf.arrive_one(letter("aside").headers("2"));
    let root = shelf.arrive_one(letter("root").headers("3"));
    assert_eq!(shelf.row(root.message).thread, reply.message);
    assert_eq!(shelf.row(aside.message).thread, aside.message);
    let bridge = shelf.arrive(vec![
        Letter {
            references: vec!["aside", "middle"],
            ..letter("bridge")
        }
        .headers("4"),
    ]);
    assert_eq!(shelf.row(aside.message).thread, reply.message);
    assert!(bridge.rows.iter().any(|row| row.id == aside.message));
}

#[test]
fn an_import_takes_over_what_is_not_here_once() {
    let shelf = Shelf::new();
    let known = shelf.arrive_one(letter("a").full("u1"));
    let imported = |letter: Letter| {
        let arrival = letter.full("");
        Imported {
            octets: arrival.octets.into_beginning(),
            extract: arrival.extract,
            flags: crate::mail::Flags::SEEN,
        }
    };
    let done = shelf
        .store
        .import(
            &shelf.account,
            vec![
                imported(letter("a")),
                imported(letter("b")),
                imported(letter("b")),
            ],
            NOW,
        )
        .wait()
        .unwrap();
    assert_eq!(done[0], (known.message, false));
    assert!(done[1].1);
    assert_eq!(done[2], (done[1].0, false));
    let row = shelf.row(done[1].0);
    assert_eq!((row.local, row.server), (Local::Full, Server::Vanished));
    assert!(row.flags.has(crate::mail::Flags::SEEN));
}

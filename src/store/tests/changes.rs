use proptest::prelude::*;

use super::*;
use crate::mail::{DeleteScope, Flags};

#[test]
fn deleting_everywhere_and_undeleting_restores_folder_and_server() {
    let shelf = Shelf::new();
    let id = shelf.arrive_one(letter("a").full("u1")).message;
    shelf.change(id, Change::Move(Folder::Archive));
    let before = shelf.row(id);
    let deleted = shelf.change(id, Change::Delete(DeleteScope::Everywhere));
    assert_eq!(
        (deleted.folder, deleted.server),
        (Folder::Trash, Server::DeleteWanted)
    );
    assert_eq!(shelf.change(id, Change::Undelete), before);
}

#[test]
fn deleting_on_one_side_leaves_the_other() {
    let shelf = Shelf::new();
    let id = shelf.arrive_one(letter("a").full("u1")).message;
    let server = shelf.change(id, Change::Delete(DeleteScope::ServerOnly));
    assert_eq!(
        (server.folder, server.server),
        (Folder::Inbox, Server::DeleteWanted)
    );
    let back = shelf.change(id, Change::Unstage);
    assert_eq!((back.folder, back.server), (Folder::Inbox, Server::Present));
    let local = shelf.change(id, Change::Delete(DeleteScope::LocalOnly));
    assert_eq!(
        (local.folder, local.server),
        (Folder::Trash, Server::Present)
    );
}

#[test]
fn a_sent_deletion_shows_as_unconfirmed_also_when_it_is_taken_back() {
    let shelf = Shelf::new();
    let stored = shelf.arrive_one(letter("a").full("u1"));
    shelf.change(stored.message, Change::Delete(DeleteScope::ServerOnly));
    shelf
        .store
        .mark_unconfirmed(vec![stored.ledger])
        .wait()
        .unwrap();
    assert_eq!(
        shelf.change(stored.message, Change::Undelete).server,
        Server::Unconfirmed
    );
}

#[test]
fn unknown_messages_are_passed_over() {
    let shelf = Shelf::new();
    let changes = vec![(vec![MessageId(5)], Change::Seen(true))];
    assert_eq!(shelf.store.change(changes, NOW).wait().unwrap(), []);
}

#[test]
fn the_trash_is_emptied_of_what_is_on_no_server_and_still_known() {
    let shelf = Shelf::new();
    let gone = shelf.arrive_one(letter("a").full("u1"));
    let there = shelf.arrive_one(letter("b").full("u2"));
    for stored in [&gone, &there] {
        shelf.change(stored.message, Change::Delete(DeleteScope::LocalOnly));
    }
    shelf.listed(vanished(gone.ledger));
    assert_eq!(shelf.purge(NOW, 1), []);
    assert_eq!(shelf.purge(NOW, 0), [gone.message]);
    assert_eq!(shelf.store.octets(gone.message).wait().unwrap(), None);
    assert_eq!(
        shelf.store.summaries(vec![gone.message]).wait().unwrap(),
        []
    );
    assert_eq!(shelf.line(gone.ledger).server, Server::Vanished);
    let trash = Listing {
        folder: Some(Folder::Trash),
        ..Listing::default()
    };
    assert_eq!(shelf.ids(trash), [there.message.0]);

    let again = shelf.arrive_one(letter("a").headers("u1"));
    assert_eq!((again.message, again.new), (gone.message, false));
    let row = shelf.row(gone.message);
    assert_eq!(
        (row.folder, row.subject.as_str()),
        (Folder::Trash, "Engine")
    );
}

#[test]
fn what_is_forgotten_stands_in_no_table() {
    let shelf = Shelf::new();
    let reply = |uid, subject| {
        Letter {
            subject,
            references: vec!["zeppelin-one"],
            ..letter("zeppelin-two")
        }
        .full(uid)
    };
    let gone = shelf.arrive_one(reply("u1", "Re: Zeppelin"));
    let lost = shelf.arrive_one(
        Letter {
            subject: "Re: Zeppelin",
            ..letter("zeppelin-three")
        }
        .full("u2"),
    );
    assert!(shelf.tables_with("zeppelin").len() > 3);
    for stored in [&gone, &lost] {
        shelf.change(stored.message, Change::Delete(DeleteScope::LocalOnly));
        shelf.listed(vanished(stored.ledger));
    }
    assert_eq!(shelf.purge(NOW, 0).len(), 2);
    // Message ids alone stay, so that a thread that is still here does not fall apart.
    assert_eq!(shelf.tables_with("zeppelin"), ["threads"]);

    shelf.arrive_one(reply("u3", "Re: Airship"));
    assert_eq!(
        shelf.store.remove_account(&shelf.account).wait().unwrap(),
        1
    );
    assert_eq!(shelf.tables_with("zeppelin"), [""; 0]);
    assert_eq!(shelf.tables_with("airship"), [""; 0]);
}

#[test]
fn a_purged_message_is_nowhere_in_the_search() {
    let shelf = Shelf::new();
    let gone = shelf.arrive_one(letter("a").full("u1"));
    shelf.change(gone.message, Change::Delete(DeleteScope::LocalOnly));
    shelf.listed(vanished(gone.ledger));
    assert_eq!(shelf.purge(NOW, 0), [gone.message]);
    let query =
        crate::mail::Query::parse("engine or folder:trash or -folder:trash", NOW, 0).unwrap();
    assert_eq!(
        shelf.ids(Listing {
            query,
            ..Listing::default()
        }),
        [0_i64; 0]
    );
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Seen(true)),
        Just(Change::Starred(true)),
        Just(Change::Answered(true)),
        Just(Change::Pinned(true)),
        Just(Change::Move(Folder::Trash)),
        Just(Change::Delete(DeleteScope::Everywhere)),
        Just(Change::Delete(DeleteScope::ServerOnly)),
        Just(Change::Delete(DeleteScope::LocalOnly)),
    ]
}

fn inverse(change: Change) -> Change {
    match change {
        Change::Seen(on) => Change::Seen(!on),
        Change::Starred(on) => Change::Starred(!on),
        Change::Answered(on) => Change::Answered(!on),
        Change::Pinned(on) => Change::Pinned(!on),
        _ => Change::Undelete,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn changes_and_then_their_inverses_restore_every_row(
        changes in proptest::collection::vec((0..3_usize, change()), 1..12),
        archived in any::<bool>(),
    ) {
        let shelf = Shelf::new();
        let ids: Vec<MessageId> = shelf
            .arrive(vec![letter("a").full("1"), letter("b").headers("2"), letter("c").peek("3")])
            .stored.iter().map(|stored| stored.message).collect();
        if archived {
            shelf.change(ids[1], Change::Move(Folder::Archive));
        }
        let before = shelf.store.summaries(ids.clone()).wait().unwrap();
        let forth = changes.iter().map(|(place, change)| (vec![ids[*place]], *change)).collect();
        shelf.store.change(forth, NOW).wait().unwrap();
        let back = changes.iter().rev().map(|(place, change)| (vec![ids[*place]], inverse(*change))).collect();
        shelf.store.change(back, NOW).wait().unwrap();
        prop_assert_eq!(shelf.store.summaries(ids).wait().unwrap(), before);
    }

    #[test]
    fn doing_a_change_twice_is_doing_it_once(place in 0..2_usize, change in change()) {
        let shelf = Shelf::new();
        let stored = shelf.arrive(vec![letter("a").full("1"), letter("b").headers("2")]).stored;
        let id = stored[place].message;
        let once = shelf.change(id, change);
        prop_assert_eq!(shelf.change(id, change), once);
        prop_assert!(!shelf.row(id).flags.has(Flags::from_bits(1 << 20)));
    }
}

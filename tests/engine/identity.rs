//! Which message is which, whatever the server calls it; and what is remembered of it.

use std::collections::HashSet;

use poppet::bridge::{Command, SyncMode, Ticket};
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::{
    Brake, Change, DeleteScope, Local, MessageId, MessageSummary, Server as Copy, Timestamp,
};
use poppet::store::{AccountUpdate, Listing};

use crate::house::{House, home, letters};

/// A message with this header block, named or not, and this body.
fn twin(named: bool, body: &str) -> Vec<u8> {
    let name = if named {
        "Message-ID: <nightly@one.example>\r\n"
    } else {
        ""
    };
    format!("From: cron@one.example\r\nSubject: nightly\r\n{name}\r\n{body}\r\n").into_bytes()
}

fn all(maildrop: &Maildrop) -> Vec<Vec<u8>> {
    maildrop.messages().iter().map(Message::to_vec).collect()
}

fn only(rows: Vec<MessageSummary>, subject: &str) -> Vec<MessageSummary> {
    rows.into_iter()
        .filter(|row| row.subject == subject)
        .collect()
}

/// Every row, also those in the Trash.
async fn everything(house: &House) -> Vec<MessageSummary> {
    let mut rows = house.rows().await;
    let trash = Listing {
        folder: Some(poppet::mail::Folder::Trash),
        ..Listing::default()
    };
    rows.extend(house.store.list(trash).await.unwrap().rows);
    rows
}

/// Every message that the server holds is here, octet for octet, and nothing is here twice.
async fn assert_all_here(house: &House) {
    let mut here = HashSet::new();
    for row in everything(house).await {
        let (extent, octets) = house.store.octets(row.id).await.unwrap().unwrap();
        assert_eq!(extent, Local::Full);
        assert!(here.insert(octets), "{} is here twice", row.subject);
    }
    for octets in all(house.server.maildrop()) {
        assert!(
            here.contains(&octets),
            "a message of the server is not here"
        );
    }
}

async fn brake(house: &House) -> Option<Brake> {
    let record = house.store.account(&home(), poppet::backend::now()).await;
    record.unwrap().brake
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_another_message_under_a_used_uidl_is_new_and_the_old_one_stays() {
    let mut house = House::new(letters(2), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    maildrop.deliver_as(
        b"again",
        &b"Subject: old\r\nMessage-ID: <1@a>\r\n\r\nold\r\n"[..],
    );
    house.sync().await.unwrap();
    let old = only(everything(&house).await, "old")[0].id;
    house.stage(&[old]).await;
    assert!(maildrop.remove(b"again"));
    maildrop.deliver_as(
        b"again",
        &b"Subject: new\r\nMessage-ID: <2@a>\r\n\r\nanother\r\n"[..],
    );
    let applied = house.apply(&[old], &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    house.sync().await.unwrap();
    let rows = everything(&house).await;
    assert_eq!((rows.len(), maildrop.uidls().len()), (4, 3));
    assert_eq!(only(rows, "new").len(), 1);
    let (extent, octets) = house.store.octets(old).await.unwrap().unwrap();
    assert_eq!((extent, octets.ends_with(b"old\r\n")), (Local::Full, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_a_message_with_the_header_of_one_that_left_is_fetched_when_its_size_is_another() {
    for uidl in [&b"first"[..], b"second"] {
        let mut house = House::new(letters(1), Quirks::default());
        let maildrop = house.server.maildrop().clone();
        maildrop.deliver_as(b"first", twin(true, "all well"));
        house.sync().await.unwrap();
        assert!(maildrop.remove(b"first"));
        house.sync().await.unwrap();
        maildrop.deliver_as(uidl, twin(true, "the disk is on fire"));
        house.sync().await.unwrap();
        assert_eq!(only(everything(&house).await, "nightly").len(), 2);
        assert_all_here(&house).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_a_message_with_header_and_size_of_one_that_left_is_not_deleted_in_its_place() {
    for uidl in [&b"first"[..], b"second"] {
        let mut house = House::new(letters(1), Quirks::default());
        let maildrop = house.server.maildrop().clone();
        maildrop.deliver_as(b"first", twin(true, "all well"));
        house.sync().await.unwrap();
        assert!(maildrop.remove(b"first"));
        house.sync().await.unwrap();
        maildrop.deliver_as(uidl, twin(true, "all lost"));
        house.sync().await.unwrap();
        let known = only(everything(&house).await, "nightly")[0].id;
        house.stage(&[known]).await;
        let applied = house.apply(&[known], &[]).await.unwrap();
        assert!(applied.deleted.is_empty(), "{applied:?}");
        assert_eq!(maildrop.uidls().len(), 2);
        house.sync().await.unwrap();
        assert_all_here(&house).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_messages_that_share_a_uidl_are_deleted_each_by_its_octets() {
    let mut house = House::new(letters(1), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    maildrop.deliver_as(b"one", twin(true, "all well"));
    maildrop.deliver_as(b"one", twin(true, "all lost"));
    house.sync().await.unwrap();
    assert_all_here(&house).await;
    let twins: Vec<MessageId> = only(everything(&house).await, "nightly")
        .iter()
        .map(|row| row.id)
        .collect();
    assert_eq!(twins.len(), 2);
    let doomed = twins[0];
    let (_, octets) = house.store.octets(doomed).await.unwrap().unwrap();
    house.stage(&[doomed]).await;
    let applied = house.apply(&[doomed], &[]).await.unwrap();
    assert_eq!(applied.deleted, [doomed], "{applied:?}");
    let left = all(&maildrop);
    assert_eq!((left.len(), left.contains(&octets)), (2, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_q9_when_shared_uidls_are_renamed_and_shift_the_one_that_moved_up_is_not_deleted() {
    let mut house = House::new(letters(1), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    maildrop.deliver_as(b"one", twin(true, "all well"));
    maildrop.deliver_as(b"one-2", twin(true, "all lost"));
    house.sync().await.unwrap();
    let first = {
        let mut first = None;
        for row in only(everything(&house).await, "nightly") {
            let (_, octets) = house.store.octets(row.id).await.unwrap().unwrap();
            if octets.ends_with(b"all well\r\n") {
                first = Some(row.id);
            }
        }
        first.unwrap()
    };
    house.stage(&[first]).await;
    // Another client deletes the first; the second gets its name.
    assert!(maildrop.remove(b"one") && maildrop.remove(b"one-2"));
    maildrop.deliver_as(b"one", twin(true, "all lost"));
    let applied = house.apply(&[first], &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    assert_eq!(maildrop.uidls().len(), 2);
    house.sync().await.unwrap();
    assert_all_here(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_a_remapped_message_is_deleted_once_its_octets_were_compared() {
    let mut house = House::new(letters(5), Quirks::default());
    house.sync().await.unwrap();
    house.server.maildrop().replace_uidls();
    house.sync().await.unwrap();
    let retrieved = house.sent("RETR");
    let doomed = [everything(&house).await[0].id];
    house.stage(&doomed).await;
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(applied.deleted, doomed);
    assert_eq!(house.sent("RETR"), retrieved + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_a_restored_backup_shows_nothing_as_new_fetches_nothing_and_deletes_nothing_unasked() {
    for same_names in [true, false] {
        let mut house = House::new(letters(6), Quirks::default());
        let maildrop = house.server.maildrop().clone();
        house.sync().await.unwrap();
        let backup: Vec<(Vec<u8>, Vec<u8>)> =
            maildrop.uidls().into_iter().zip(all(&maildrop)).collect();
        let rows: Vec<MessageId> = everything(&house).await.iter().map(|row| row.id).collect();
        house.stage(&rows[..2]).await;
        assert_eq!(house.apply(&rows[..2], &[]).await.unwrap().deleted.len(), 2);
        house.sync().await.unwrap();
        for uidl in maildrop.uidls() {
            maildrop.remove(&uidl);
        }
        for (uidl, octets) in backup {
            if same_names {
                maildrop.deliver_as(&uidl, octets);
            } else {
                maildrop.deliver(octets);
            }
        }
        let retrieved = house.sent("RETR");
        for _ in 0..3 {
            let report = house.sync().await.unwrap();
            assert_eq!(report.bodies, 0, "same names: {same_names}");
        }
        let after: Vec<MessageId> = everything(&house).await.iter().map(|row| row.id).collect();
        assert_eq!(after.len(), 6);
        assert!(after.iter().all(|id| rows.contains(id)));
        assert_eq!(house.sent("RETR"), retrieved);
        assert_eq!(maildrop.uidls().len(), 6);
        for id in &rows {
            assert_eq!(house.copy(*id).await, Copy::Present);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_a_rule_deletes_nothing_again_that_a_restored_backup_brought_back() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    for same_names in [true, false] {
        let mut house = House::with(letters(6), Quirks::default(), rule);
        let maildrop = house.server.maildrop().clone();
        let backup: Vec<(Vec<u8>, Vec<u8>)> =
            maildrop.uidls().into_iter().zip(all(&maildrop)).collect();
        for _ in 0..4 {
            house.sync().await.unwrap();
        }
        assert!(maildrop.uidls().is_empty(), "the rule deletes what is here");
        for (uidl, octets) in backup {
            if same_names {
                maildrop.deliver_as(&uidl, octets);
            } else {
                maildrop.deliver(octets);
            }
        }
        maildrop.deliver(twin(true, "all well"));
        for _ in 0..5 {
            house.sync().await.unwrap();
        }
        let mut left = all(&maildrop);
        left.retain(|octets| *octets != twin(true, "all well"));
        assert_eq!(left.len(), 6, "same names: {same_names}");
        assert_eq!(maildrop.uidls().len(), 6, "the rule goes on for new mail");
        // A person may want it gone.
        let rows = everything(&house).await;
        let doomed = rows
            .iter()
            .find(|row| row.server == Copy::Present)
            .unwrap()
            .id;
        house.stage(&[doomed]).await;
        assert_eq!(house.apply(&[doomed], &[]).await.unwrap().deleted, [doomed]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f22_a_wish_that_was_fulfilled_under_another_name_deletes_nothing_that_a_backup_brings_back()
 {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\ndelete = \"sync\"\n";
    let mut house = House::with(letters(4), Quirks::default(), rule);
    let maildrop = house.server.maildrop().clone();
    let backup: Vec<(Vec<u8>, Vec<u8>)> =
        maildrop.uidls().into_iter().zip(all(&maildrop)).collect();
    let empty = || {
        for uidl in maildrop.uidls() {
            maildrop.remove(&uidl);
        }
    };
    house.sync().await.unwrap();
    let wanted = everything(&house).await[2].id;
    house.stage(&[wanted]).await;
    // The mailbox comes under other names, and there the rule deletes what was wanted gone.
    empty();
    for (_, octets) in &backup {
        maildrop.deliver(octets.clone());
    }
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert!(maildrop.uidls().is_empty());
    for (uidl, octets) in backup {
        maildrop.deliver_as(&uidl, octets);
    }
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert_eq!(maildrop.uidls().len(), 4);
    assert_eq!(house.copy(wanted).await, Copy::Present);
}

#[tokio::test(flavor = "multi_thread")]
async fn f23_another_mailbox_behind_the_same_name_puts_the_brake_on_and_is_stored_apart() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(30), Quirks::default(), rule);
    let maildrop = house.server.maildrop().clone();
    house.sync().await.unwrap();
    for uidl in maildrop.uidls() {
        maildrop.remove(&uidl);
    }
    for number in 0..8 {
        maildrop.deliver(
            format!("Subject: other {number}\r\nMessage-ID: <{number}@other>\r\n\r\nb\r\n")
                .into_bytes(),
        );
    }
    for _ in 0..4 {
        house.sync().await.unwrap();
        assert!(matches!(brake(&house).await, Some(Brake::Vanished { .. })));
        assert_eq!(
            maildrop.uidls().len(),
            8,
            "a rule deletes with the brake on"
        );
    }
    assert_eq!(everything(&house).await.len(), 38);
    assert_all_here(&house).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f24_i12_a_mailbox_that_is_empty_for_a_while_is_neither_forgotten_nor_fetched_again() {
    for count in [5, 30] {
        let mut house = House::new(letters(count), Quirks::default());
        let maildrop = house.server.maildrop().clone();
        house.sync().await.unwrap();
        let rows: Vec<MessageId> = everything(&house).await.iter().map(|row| row.id).collect();
        house.stage(&rows[..1]).await;
        let away: Vec<(Vec<u8>, Vec<u8>)> =
            maildrop.uidls().into_iter().zip(all(&maildrop)).collect();
        for (uidl, _) in &away {
            maildrop.remove(uidl);
        }
        assert_eq!(house.sync().await.unwrap().messages, 0);
        assert_eq!(
            everything(&house).await.len(),
            count as usize,
            "something was forgotten"
        );
        for (uidl, octets) in away {
            maildrop.deliver_as(&uidl, octets);
        }
        let retrieved = house.sent("RETR");
        let report = house.sync().await.unwrap();
        assert_eq!((report.messages, report.bodies), (u64::from(count), 0));
        assert_eq!(house.sent("RETR"), retrieved, "it is fetched again");
        // The wish has waited.
        assert_eq!(house.copy(rows[0]).await, Copy::DeleteWanted);
        assert_eq!(house.copy(rows[1]).await, Copy::Present);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i4_the_same_octets_under_two_uidls_are_one_entry() {
    for watched in [true, false] {
        let drop = Maildrop::new(Vec::new());
        for uidl in [&b"one"[..], b"two", b"three"] {
            drop.deliver_as(uidl, twin(true, "all well"));
        }
        let options = poppet::demo::ServerOptions::new(drop);
        let mut house = if watched {
            House::serving(options, "")
        } else {
            House::unwatched(options, "")
        };
        house.sync().await.unwrap();
        let rows = everything(&house).await;
        assert_eq!(rows.len(), 1, "watched: {watched}");
        house.server.maildrop().deliver(twin(true, "all well"));
        house.sync().await.unwrap();
        assert_eq!(everything(&house).await.len(), 1, "watched: {watched}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i5_what_is_listed_and_cannot_be_had_is_shown_with_the_reason() {
    let quirks = Quirks {
        refuse_retr: vec![2],
        ..Quirks::default()
    };
    let mut house = House::new(letters(3), quirks);
    house.sync().await.unwrap();
    let rows = everything(&house).await;
    assert_eq!(rows.len(), 3);
    let missing: Vec<&MessageSummary> =
        rows.iter().filter(|row| row.local != Local::Full).collect();
    assert_eq!(missing.len(), 1);
    let ledger = house.store.ledger(&home()).await.unwrap();
    let line = ledger.iter().find(|line| line.message == missing[0].id);
    let why = line.unwrap().failure.clone().unwrap();
    assert!(why.contains("this message cannot be read"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i6_a_message_that_was_cut_is_not_here_and_is_no_reason_to_delete_it() {
    let long = twin(true, &"a line of the body\r\n".repeat(3_000));
    let drop = Maildrop::new(vec![Message::new(long.clone())]);
    let quirks = Quirks {
        hang_up_after: Some(30_000),
        ..Quirks::default()
    };
    let mut house = House::new(drop, quirks);
    house.sync().await.unwrap_err();
    house.server.set_quirks(Quirks::default());
    let rows = everything(&house).await;
    for row in &rows {
        assert_ne!(row.local, Local::Full);
        house.stage(&[row.id]).await;
        let applied = house.apply(&[row.id], &[]).await.unwrap();
        assert!(applied.deleted.is_empty(), "{applied:?}");
    }
    assert_eq!(rows.len(), 1);
    assert_eq!(house.server.maildrop().uidls().len(), 1);
    house.sync().await.unwrap();
    let (extent, octets) = house.store.octets(rows[0].id).await.unwrap().unwrap();
    assert_eq!((extent, octets), (Local::Full, long));
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_the_copy_here_stays_when_the_server_stops_listing_it() {
    let mut house = House::new(letters(40), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    house.sync().await.unwrap();
    let before: HashSet<Vec<u8>> = all(&maildrop).into_iter().collect();
    // Some of them were put into the Trash long ago.
    let in_trash: Vec<MessageId> = everything(&house)
        .await
        .iter()
        .step_by(2)
        .map(|row| row.id)
        .collect();
    let change = vec![(in_trash, Change::Delete(DeleteScope::LocalOnly))];
    let long_ago = Timestamp(poppet::backend::now().0 - 400 * 86_400);
    house.store.change(change, long_ago).await.unwrap();
    for (kept, uidl) in maildrop.uidls().into_iter().enumerate() {
        if kept % 4 > 0 {
            maildrop.remove(&uidl);
        }
    }
    for mode in [SyncMode::Check, SyncMode::Headers, SyncMode::Full] {
        house.sync_as(mode).await.unwrap();
    }
    // The brake is on since; nothing goes either once somebody has looked.
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::ReleaseBrake { ticket, account }).await;
    house.end(ticket).await.unwrap();
    for _ in 0..2 {
        house.sync().await.unwrap();
    }
    let mut here = HashSet::new();
    for row in everything(&house).await {
        assert_eq!(row.local, Local::Full);
        here.insert(house.store.octets(row.id).await.unwrap().unwrap().1);
    }
    assert_eq!(here, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_no_rule_deletes_because_of_the_clock_alone() {
    let day = 86_400;
    for (last_sync, deletes) in [(-61 * day, false), (400, false), (-day, true)] {
        let rule = "[accounts.home.server]\nkeep = { days = 3 }\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
        let mut house = House::with(letters(4), Quirks::default(), rule);
        for _ in 0..3 {
            house.sync().await.unwrap();
        }
        assert_eq!(house.server.maildrop().uidls().len(), 4);
        // What was stored just now is a year old, by this computer's clock.
        let other = rusqlite::Connection::open(house.store.path()).unwrap();
        other
            .execute("UPDATE messages SET stored = stored - 365 * 86400", [])
            .unwrap();
        let update = AccountUpdate {
            last_sync: Some(Timestamp(poppet::backend::now().0 + last_sync)),
            ..AccountUpdate::default()
        };
        house.store.record_account(&home(), update).await.unwrap();
        house.sync().await.unwrap();
        let left = house.server.maildrop().uidls().len();
        assert_eq!(left == 0, deletes, "{last_sync} s: {left} left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_what_was_removed_from_the_trash_is_known_when_it_comes_back_and_nothing_else_is_taken_for_it()
 {
    let mut house = House::new(letters(1), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    maildrop.deliver_as(b"first", twin(true, "all well"));
    house.sync().await.unwrap();
    let id = only(everything(&house).await, "nightly")[0].id;
    house.stage(&[id]).await;
    assert_eq!(house.apply(&[id], &[]).await.unwrap().deleted, [id]);
    house
        .store
        .purge_trash(&home(), poppet::backend::now(), 0)
        .await
        .unwrap();
    assert_eq!(only(everything(&house).await, "nightly").len(), 0);
    maildrop.deliver_as(b"second", twin(true, "the disk is on fire"));
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::ReleaseBrake { ticket, account }).await;
    house.end(ticket).await.unwrap();
    house.sync().await.unwrap();
    let rows = only(everything(&house).await, "nightly");
    let inbox: Vec<&MessageSummary> = rows
        .iter()
        .filter(|row| row.folder == poppet::mail::Folder::Inbox)
        .collect();
    assert_eq!(inbox.len(), 1, "new mail is hidden in the Trash: {rows:?}");
    let (_, octets) = house.store.octets(inbox[0].id).await.unwrap().unwrap();
    assert!(octets.ends_with(b"on fire\r\n"));
    maildrop.deliver_as(b"third", twin(true, "all well"));
    house.sync().await.unwrap();
    let again = only(everything(&house).await, "nightly");
    let again = again.iter().find(|row| row.id == id).unwrap();
    assert_eq!(again.folder, poppet::mail::Folder::Trash);
}

#[tokio::test(flavor = "multi_thread")]
async fn q7_v1_v4_ids_that_look_like_paths_or_like_each_other_are_octets_and_nothing_more() {
    let names: [&[u8]; 8] = [
        b"../../.bashrc",
        b"/etc/passwd",
        b"a/b",
        b"a_b",
        b"A/B",
        b"%s%n\"'`$(id)",
        b"CON",
        b"caf\xe9",
    ];
    let drop = Maildrop::new(Vec::new());
    for (number, name) in names.iter().enumerate() {
        let mail = format!("Subject: m{number}\r\nMessage-ID: <{number}@a>\r\n\r\nb\r\n");
        drop.deliver_as(name, mail.into_bytes());
    }
    let mut house = House::new(drop, Quirks::default());
    house.sync().await.unwrap();
    assert_all_here(&house).await;
    let retrieved = house.sent("RETR");
    house.sync().await.unwrap();
    assert_eq!(
        (everything(&house).await.len(), house.sent("RETR")),
        (8, retrieved)
    );
    let doomed = only(everything(&house).await, "m2")[0].id;
    house.stage(&[doomed]).await;
    assert_eq!(house.apply(&[doomed], &[]).await.unwrap().deleted, [doomed]);
    let left = house.server.maildrop().uidls();
    let expected: Vec<&[u8]> = names.into_iter().filter(|name| *name != b"a/b").collect();
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn q10_sizes_that_lie_frame_nothing_refuse_nothing_and_keep_nothing_from_being_deleted() {
    let quirks = Quirks {
        listed_octets: vec![(1, 0), (2, 1), (3, 1_024), (4, 4_000_000_000)],
        ..Quirks::default()
    };
    let mut house = House::new(letters(5), quirks);
    house.sync().await.unwrap();
    let rows = everything(&house).await;
    let whole = rows.iter().filter(|row| row.local == Local::Full).count();
    // What LIST says is larger than anything that is downloaded is left out, and said to be.
    assert_eq!((rows.len(), whole), (5, 4));
    for row in rows.iter().filter(|row| row.local == Local::Full) {
        let (_, octets) = house.store.octets(row.id).await.unwrap().unwrap();
        assert!(all(house.server.maildrop()).contains(&octets));
    }
    let doomed: Vec<MessageId> = rows
        .iter()
        .filter(|row| row.local == Local::Full)
        .map(|row| row.id)
        .collect();
    house.stage(&doomed).await;
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(applied.deleted.len(), 4, "{applied:?}");
    assert_eq!(house.server.maildrop().uidls().len(), 1);
}

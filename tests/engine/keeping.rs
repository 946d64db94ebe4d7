//! What stays, whatever a server, a clock or a disk does.

use std::collections::HashSet;

use poppet::bridge::{Command, Ticket};
use poppet::demo::{Message, Quirks};
use poppet::mail::{Change, DeleteScope, Folder, Local, MessageId, Server as Copy, Timestamp};
use poppet::store::{AccountUpdate, Listing};

use crate::house::{House, home, letters};

const DAY: i64 = 86_400;

/// Before now, in days.
fn ago(days: i64) -> Timestamp {
    Timestamp(poppet::backend::now().0 - days * DAY)
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_what_is_retrieved_only_to_be_compared_is_stored_before_quit() {
    let rule = "[accounts.home.download]\nbodies = \"none\"\n";
    let mut house = House::with(letters(3), Quirks::default(), rule);
    house.sync().await.unwrap();
    let maildrop = house.server.maildrop().clone();
    let all = |messages: Vec<Message>| -> HashSet<Vec<u8>> {
        messages.iter().map(Message::to_vec).collect()
    };
    let before = all(maildrop.messages());
    house.server.set_quirks(Quirks {
        refuse: Some(("TOP".to_owned(), u32::MAX)),
        listed_octets: vec![(1, 99_999)],
        remove_retrieved: true,
        expire: Some(0),
        ..Quirks::default()
    });
    house.sync().await.unwrap();
    assert_eq!((house.sent("RETR"), maildrop.uidls().len()), (1, 2));
    let mut there_or_here = all(maildrop.messages());
    for row in house.rows().await {
        if row.local == Local::Full {
            there_or_here.insert(house.store.octets(row.id).await.unwrap().unwrap().1);
        }
    }
    assert!(there_or_here == before, "a message is nowhere any more");
}

/// Messages that lie in the Trash for forty days and on no server any more.
async fn trashed(house: &mut House, count: usize) -> Vec<MessageId> {
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let doomed: Vec<MessageId> = rows.iter().take(count).map(|row| row.id).collect();
    let change = Change::Delete(DeleteScope::LocalOnly);
    let changes = vec![(doomed.clone(), change)];
    house.store.change(changes, ago(40)).await.unwrap();
    for row in rows.iter().take(count) {
        assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    }
    doomed
}

/// How many of them are stored.
async fn stored(house: &House, messages: &[MessageId]) -> usize {
    let mut stored = 0;
    for message in messages {
        stored += usize::from(house.store.octets(*message).await.unwrap().is_some());
    }
    stored
}

/// A full check, so many days after the last one.
async fn check_after(house: &mut House, days: i64) {
    let update = AccountUpdate {
        last_sync: Some(ago(days)),
        ..AccountUpdate::default()
    };
    house.store.record_account(&home(), update).await.unwrap();
    house.sync().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_f24_what_lies_in_the_trash_stays_for_thirty_days_of_checks_after_the_server_stopped_listing_it()
 {
    let mut house = House::new(letters(5), Quirks::default());
    let doomed = trashed(&mut house, 2).await;
    for day in 0..30 {
        check_after(&mut house, 1).await;
        assert_eq!(stored(&house, &doomed).await, 2, "day {day}");
    }
    check_after(&mut house, 1).await;
    assert_eq!(stored(&house, &doomed).await, 0);
    assert_eq!(house.server.maildrop().uidls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn f24_what_is_listed_again_and_cannot_be_looked_at_does_not_count_as_gone() {
    let mut house = House::new(letters(5), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    house.sync().await.unwrap();
    let name = maildrop.uidls()[0].clone();
    let octets = maildrop.messages()[0].to_vec();
    let doomed = trashed(&mut house, 5).await;
    for _ in 0..29 {
        check_after(&mut house, 1).await;
    }
    maildrop.deliver_as(&name, octets.clone());
    for verb in ["TOP", "RETR"] {
        house.server.set_quirks(Quirks {
            refuse: Some((verb.to_owned(), u32::MAX)),
            refuse_retr: vec![1],
            ..Quirks::default()
        });
        check_after(&mut house, 1).await;
        check_after(&mut house, 1).await;
        let trash = Listing {
            folder: Some(Folder::Trash),
            ..Listing::default()
        };
        let here = house.store.list(trash).await.unwrap();
        assert_eq!(here.total, 1, "{verb}: the one that is listed alone");
        let row = here.rows[0].id;
        assert!(doomed.contains(&row));
        assert_eq!(house.store.octets(row).await.unwrap().unwrap().1, octets);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f17_no_jump_of_the_clock_empties_the_trash() {
    let mut house = House::new(letters(5), Quirks::default());
    let doomed = trashed(&mut house, 2).await;
    for jump in [0, 31, 45, 59, 61, 3_650] {
        check_after(&mut house, jump).await;
        // And a clock that stays there.
        house.sync().await.unwrap();
        assert_eq!(stored(&house, &doomed).await, 2, "{jump} days");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_with_the_brake_on_the_trash_here_stays_as_it_is() {
    let mut house = House::new(letters(60), Quirks::default());
    let doomed = trashed(&mut house, 30).await;
    for day in 0..40 {
        check_after(&mut house, 1).await;
        assert_eq!(stored(&house, &doomed).await, 30, "day {day}");
    }
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::ReleaseBrake { ticket, account }).await;
    house.end(ticket).await.unwrap();
    for day in 0..30 {
        check_after(&mut house, 1).await;
        assert_eq!(stored(&house, &doomed).await, 30, "day {day}");
    }
    check_after(&mut house, 1).await;
    assert_eq!(stored(&house, &doomed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_can_be_downloaded_again_and_deleted_then() {
    let mut house = House::new(letters(3), Quirks::default());
    house.sync().await.unwrap();
    let doomed = [house.rows().await[0].id];
    house.stage(&doomed).await;
    house.damage(doomed[0]);
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert!(applied.refused[0].1.contains("damaged"), "{applied:?}");
    let ticket = Ticket::new();
    let ids = doomed.to_vec();
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap();
    assert_eq!(house.apply(&doomed, &[]).await.unwrap().deleted, doomed);
    let copy = house.copy(doomed[0]).await;
    assert_eq!(
        (copy, house.server.maildrop().uidls().len()),
        (Copy::Deleted, 2)
    );
}

//! What stays, whatever a server, a clock or a disk does.

use std::collections::HashSet;

use poppet::bridge::{Command, Ticket};
use poppet::demo::{Message, Quirks};
use poppet::mail::{Change, DeleteScope, Local, MessageId, Server as Copy, Timestamp};
use poppet::store::AccountUpdate;

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

#[tokio::test(flavor = "multi_thread")]
async fn f17_a_clock_that_jumped_ahead_empties_no_trash() {
    let mut house = House::new(letters(5), Quirks::default());
    let doomed = trashed(&mut house, 2).await;
    let update = AccountUpdate {
        last_sync: Some(ago(61)),
        ..AccountUpdate::default()
    };
    house.store.record_account(&home(), update).await.unwrap();
    house.sync().await.unwrap();
    assert_eq!(stored(&house, &doomed).await, 2);
    house.sync().await.unwrap();
    assert_eq!(stored(&house, &doomed).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_with_the_brake_on_the_trash_here_stays_as_it_is() {
    let mut house = House::new(letters(60), Quirks::default());
    let doomed = trashed(&mut house, 30).await;
    for _ in 0..2 {
        house.sync().await.unwrap();
        assert_eq!(stored(&house, &doomed).await, 30);
    }
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::ReleaseBrake { ticket, account }).await;
    house.end(ticket).await.unwrap();
    house.sync().await.unwrap();
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

//! What real servers were found to do: one UIDL for several messages, and sizes that come right only later.

use std::collections::BTreeSet;

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Maildrop, Message, Quirks};
use poppet::mail::MessageId;

use crate::house::{House, letters};

fn twin(body: &str) -> Vec<u8> {
    format!("From: a@x.example\r\nMessage-ID: <twin@x.example>\r\nSubject: twin\r\n\r\n{body}\r\n")
        .into_bytes()
}

/// A maildrop in which three messages with one header have one UIDL, as a server gives that makes it of the header.
fn twins() -> Maildrop {
    let maildrop = Maildrop::new(vec![Message::new("Subject: alone\r\n\r\nx\r\n")]);
    for body in ["one", "two", "three"] {
        maildrop.deliver_as(b"same", twin(body));
    }
    maildrop
}

fn bodies(house: &House) -> BTreeSet<Vec<u8>> {
    let messages = house.server.maildrop().messages();
    messages.iter().map(Message::to_vec).collect()
}

async fn id_of(house: &House, octets: &[u8]) -> MessageId {
    for row in house.rows().await {
        let stored = house.store.octets(row.id).await.unwrap();
        if stored.is_some_and(|(_, stored)| stored == octets) {
            return row.id;
        }
    }
    panic!("{} is not here", String::from_utf8_lossy(octets));
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_of_messages_under_one_uidl_exactly_the_wanted_one_is_deleted() {
    let mut house = House::new(twins(), Quirks::default());
    house.sync().await.unwrap();
    house.assert_all_stored().await;
    for body in ["two", "three", "one"] {
        let before = bodies(&house);
        let id = id_of(&house, &twin(body)).await;
        house.stage(&[id]).await;
        let applied = house.apply(&[id], &[]).await.unwrap();
        assert_eq!(applied.deleted, [id], "{applied:?}");
        let gone: Vec<Vec<u8>> = before.difference(&bodies(&house)).cloned().collect();
        assert_eq!(gone, [twin(body)]);
        let again = house.sync().await.unwrap();
        assert_eq!(again.bodies, 0, "nothing comes a second time");
    }
    assert_eq!(bodies(&house).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_both_of_two_equal_messages_under_one_uidl_go_when_both_are_wanted() {
    let maildrop = Maildrop::new(Vec::new());
    for body in ["same", "same", "other"] {
        maildrop.deliver_as(b"same", twin(body));
    }
    let mut house = House::new(maildrop, Quirks::default());
    house.sync().await.unwrap();
    let id = id_of(&house, &twin("same")).await;
    house.stage(&[id]).await;
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.iter().all(|deleted| *deleted == id));
    let left = bodies(&house);
    assert!(left.contains(&twin("other")), "another message is gone");
    let messages = house.server.maildrop().messages().len();
    assert_eq!((applied.deleted.is_empty(), messages), (false, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_nothing_is_deleted_while_a_message_under_the_same_uidl_is_not_here() {
    let mut house = House::new(twins(), Quirks::default());
    house.sync().await.unwrap();
    let id = id_of(&house, &twin("two")).await;
    house.stage(&[id]).await;
    house
        .server
        .maildrop()
        .deliver_as(b"same", twin("new, and not here"));
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    assert_eq!(house.server.maildrop().messages().len(), 5);
    house.sync().await.unwrap();
    id_of(&house, &twin("new, and not here")).await;
    assert_eq!(
        house.rows().await.len(),
        4,
        "what is to go lies in the Trash"
    );
    // What was staged while its UIDL meant something else is wanted only when it is said again.
    assert!(house.store.pending(&[]).await.unwrap().is_empty());
    assert!(is_to_stage_again(&house, id).await);
    house.stage(&[id]).await;
    assert!(!is_to_stage_again(&house, id).await);
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert_eq!(applied.deleted, [id], "{applied:?}");
    assert!(bodies(&house).contains(&twin("new, and not here")));
}

async fn is_to_stage_again(house: &House, id: MessageId) -> bool {
    house.store.summaries(vec![id]).await.unwrap()[0].is_to_stage_again()
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_what_was_staged_before_its_uidl_was_shared_stays_and_is_shown_to_be_staged_again() {
    for later in [twin("later"), b"Subject: other\r\n\r\nother\r\n".to_vec()] {
        let maildrop = Maildrop::new(Vec::new());
        maildrop.deliver_as(b"same", twin("staged"));
        let mut house = House::new(maildrop, Quirks::default());
        house.sync().await.unwrap();
        let id = id_of(&house, &twin("staged")).await;
        house.stage(&[id]).await;
        house.server.maildrop().deliver_as(b"same", later);

        let ticket = Ticket::new();
        house
            .send(Command::Sync {
                ticket,
                accounts: Vec::new(),
                mode: SyncMode::Full,
            })
            .await;
        let mut told = Vec::new();
        loop {
            match house.event().await {
                Event::Failed { problem, .. } => told.push(problem.what),
                Event::Done { ticket: done } if done == ticket => break,
                _ => {}
            }
        }
        assert_eq!(told, ["A staged deletion was taken back"]);
        assert!(is_to_stage_again(&house, id).await);
        assert!(house.store.pending(&[]).await.unwrap().is_empty());
        assert_eq!(house.server.maildrop().messages().len(), 2);
        // It is told once, and shown for as long as it holds.
        house.sync().await.unwrap();
        assert!(is_to_stage_again(&house, id).await);

        house.stage(&[id]).await;
        let applied = house.apply(&[id], &[]).await.unwrap();
        assert_eq!(applied.deleted, [id], "{applied:?}");
        assert_eq!(house.server.maildrop().messages().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_the_damaged_copy_of_a_message_under_a_shared_uidl_deletes_nothing() {
    let mut house = House::new(twins(), Quirks::default());
    house.sync().await.unwrap();
    let id = id_of(&house, &twin("two")).await;
    house.stage(&[id]).await;
    house.damage(id);
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    assert_eq!(applied.refused[0].0, id);
    assert_eq!(house.server.maildrop().messages().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn q10_a_size_that_comes_right_later_downloads_nothing_again() {
    let lies = Quirks {
        listed_octets: (1..=8).map(|number| (number, 11)).collect(),
        ..Quirks::default()
    };
    let mut house = House::new(letters(8), lies);
    house.sync().await.unwrap();
    house.assert_all_stored().await;
    let retrieved = house.sent("RETR");
    house.server.set_quirks(Quirks::default());
    let report = house.sync().await.unwrap();
    assert_eq!((report.bodies, house.sent("RETR")), (0, retrieved));
    assert_eq!(house.sync().await.unwrap().bodies, 0);

    // A size that is neither what was said before nor what is here is a doubt, and the message is looked at in full.
    house.server.set_quirks(Quirks {
        listed_octets: vec![(3, 12)],
        ..Quirks::default()
    });
    house.sync().await.unwrap();
    assert_eq!(house.sent("RETR"), retrieved + 1);
    assert_eq!(house.rows().await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_a_message_that_comes_later_under_a_known_uidl_and_header_is_fetched_too() {
    for (known, later) in [(1, 1), (1, 2), (2, 1), (3, 3)] {
        let maildrop = Maildrop::new(Vec::new());
        for number in 0..known {
            maildrop.deliver_as(b"same", twin(&format!("known {number}")));
        }
        let mut house = House::new(maildrop, Quirks::default());
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        for number in 0..later {
            let late = twin(&format!("late {number}"));
            house.server.maildrop().deliver_as(b"same", late);
        }
        house.sync().await.unwrap();
        house.assert_all_stored().await;
        assert_eq!(
            house.rows().await.len(),
            known + later,
            "nothing is here twice"
        );
        let retrieved = house.sent("RETR");
        house.sync().await.unwrap();
        assert_eq!(house.sent("RETR"), retrieved, "once, and not again");
    }
}

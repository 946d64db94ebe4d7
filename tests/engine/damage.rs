//! Messages whose octets on the disk are not those that were received.

use poppet::bridge::{Command, Event, Ticket};
use poppet::demo::Quirks;
use poppet::mail::{Body, MessageId, MessageSummary, Server as Copy, View};

use crate::house::{House, letters};

impl House {
    /// Opens a message; what changed in the list meanwhile, and what is shown.
    async fn open(&mut self, id: MessageId) -> (Vec<MessageSummary>, Body) {
        let ticket = Ticket::new();
        self.send(Command::Open {
            ticket,
            id,
            view: View::Text,
            width: 80,
        })
        .await;
        let mut changed = Vec::new();
        loop {
            match self.event().await {
                Event::Changed { messages, .. } => changed.extend(messages),
                Event::Opened {
                    ticket: whose,
                    body,
                } if whose == ticket => return (changed, (*body).clone()),
                Event::Failed { problem, .. } => panic!("{problem:?}"),
                _ => {}
            }
        }
    }

    async fn is_whole(&self, id: MessageId) -> bool {
        let verified = self.store.verify(vec![id]).await.unwrap();
        verified.iter().any(|(_, copy)| copy.is_some())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_opening_a_damaged_message_fetches_it_again_and_the_list_knows_meanwhile() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync().await.unwrap();
    let id = house.rows().await[1].id;
    let (_, before) = house.open(id).await;
    house.damage(id);
    let (changed, body) = house.open(id).await;
    assert!(changed.iter().any(|row| row.id == id && row.is_damaged()));
    assert_eq!((body.lines, body.notes), (before.lines, before.notes));
    assert!(house.is_whole(id).await);
    assert!(!house.store.summaries(vec![id]).await.unwrap()[0].is_damaged());
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_that_no_server_has_is_shown_with_a_note() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync().await.unwrap();
    let row = house.rows().await[1].clone();
    assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    house.sync().await.unwrap();
    assert_eq!(house.copy(row.id).await, Copy::Vanished);
    house.damage(row.id);
    let (changed, body) = house.open(row.id).await;
    assert!(changed.iter().all(MessageSummary::is_damaged) && changed.len() == 1);
    assert!(!body.lines.is_empty() && !body.partial);
    assert!(body.notes[0].contains("damaged"), "{:?}", body.notes);
    assert_eq!(house.rows().await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_a_damaged_message_is_not_taken_for_a_copy_and_comes_back_with_a_sync() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync().await.unwrap();
    let id = house.rows().await[1].id;
    house.stage(&[id]).await;
    house.damage(id);
    let marked = house.store.mark_damaged(vec![id]).await.unwrap();
    assert_eq!(marked.len(), 1);
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.is_empty() && applied.unconfirmed.is_empty());
    assert_eq!(house.server.maildrop().uidls().len(), 4);
    // A message that is whole is never marked.
    let others: Vec<MessageId> = house.rows().await.iter().map(|row| row.id).collect();
    assert!(house.store.mark_damaged(others).await.unwrap().is_empty());
    assert_eq!(house.sync().await.unwrap().bodies, 1);
    assert!(house.is_whole(id).await);
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert_eq!(applied.deleted, [id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_what_is_left_is_shown_while_the_server_does_not_give_the_message_again() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync().await.unwrap();
    let id = house.rows().await[1].id;
    house.damage(id);
    house.server.set_quirks(Quirks {
        refuse_retr: vec![1, 2, 3, 4],
        ..Quirks::default()
    });
    let (changed, body) = house.open(id).await;
    assert!(changed.iter().any(|row| row.id == id && row.is_damaged()));
    assert!(!body.lines.is_empty() && !body.partial);
    assert!(body.notes[0].contains("damaged"), "{:?}", body.notes);
    assert!(
        body.notes[1].contains("not fetched again"),
        "{:?}",
        body.notes
    );
    // It is known now, and what is left is shown again however often it is opened; it comes once the server gives it.
    assert_eq!(house.open(id).await.1.notes, body.notes);
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    assert!(house.open(id).await.1.notes.is_empty());
    assert!(house.is_whole(id).await);
}

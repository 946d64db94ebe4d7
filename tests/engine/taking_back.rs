//! Deletions that are taken back after they were sent, while nobody knows whether the server did them.

use poppet::bridge::{Command, Ticket};
use poppet::demo::Quirks;
use poppet::mail::{Change, DeleteScope, MessageId, Server as Copy};

use crate::house::{House, letters};

/// A house whose server never gets the QUIT after the deletion of its one message, and that message.
async fn unconfirmed(more: &str, stages: bool) -> (House, MessageId) {
    let mut house = House::with(letters(1), Quirks::default(), more);
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    if stages {
        change(&mut house, doomed, Change::Delete(DeleteScope::ServerOnly)).await;
    } else {
        house.sync().await.unwrap();
        house.sync().await.unwrap();
    }
    house.server.set_quirks(Quirks {
        hang_up_at: Some(("QUIT".to_owned(), 1)),
        ..Quirks::default()
    });
    let _ = house.sync().await;
    assert_eq!(house.copy(doomed).await, Copy::Unconfirmed);
    house.server.set_quirks(Quirks::default());
    (house, doomed)
}

async fn change(house: &mut House, message: MessageId, change: Change) {
    let ticket = Ticket::new();
    let changes = vec![(vec![message], change)];
    house.send(Command::Change { ticket, changes }).await;
    house.end(ticket).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_holds_also_on_a_deletion_that_a_rule_sent_and_nobody_confirmed() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let (mut house, doomed) = unconfirmed(rule, false).await;
    change(&mut house, doomed, Change::Pinned(true)).await;
    for _ in 0..2 {
        house.sync().await.unwrap();
        assert_eq!(house.copy(doomed).await, Copy::Present);
        assert_eq!(house.server.maildrop().uidls().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_nobody_confirmed_can_be_taken_back_before_the_next_sync_does_it() {
    let unasked = "[accounts.home.server]\ndelete = \"sync\"\n";
    for (wish, left, after) in [
        (Some(Change::Pinned(true)), 1, Copy::Present),
        (Some(Change::Undelete), 1, Copy::Present),
        (None, 0, Copy::Deleted),
    ] {
        let (mut house, doomed) = unconfirmed(unasked, true).await;
        if let Some(wish) = wish {
            change(&mut house, doomed, wish).await;
        }
        house.sync().await.unwrap();
        assert_eq!(house.copy(doomed).await, after, "{wish:?}");
        assert_eq!(house.server.maildrop().uidls().len(), left, "{wish:?}");
    }
}

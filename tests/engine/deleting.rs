//! Sessions that delete, and what keeps them from it.

use std::collections::HashSet;
use std::time::Duration;

use poppet::bridge::{Command, SyncMode, Ticket};
use poppet::demo::{self, Quirks};
use poppet::mail::{MessageId, Server as Copy};

use crate::house::{House, home, letters};

#[tokio::test(flavor = "multi_thread")]
async fn exactly_what_was_agreed_to_is_deleted() {
    let mut house = House::new(letters(20), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let doomed: Vec<MessageId> = rows.iter().take(3).map(|row| row.id).collect();
    let uidls: HashSet<Vec<u8>> = rows
        .iter()
        .take(3)
        .map(|row| row.remote.as_bytes().to_vec())
        .collect();
    house.stage(&doomed).await;
    assert_eq!(
        house.server.maildrop().uidls().len(),
        20,
        "staging reached the server"
    );
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!(
        applied.deleted.iter().collect::<HashSet<_>>(),
        doomed.iter().collect::<HashSet<_>>()
    );
    assert!(
        applied.refused.is_empty() && applied.unconfirmed.is_empty(),
        "{applied:?}"
    );
    let left: HashSet<Vec<u8>> = house.server.maildrop().uidls().into_iter().collect();
    assert_eq!(left.len(), 17);
    assert!(left.is_disjoint(&uidls));
    let gone = house.store.summaries(doomed).await.unwrap();
    assert!(gone.iter().all(|row| row.server == Copy::Deleted));
    assert_eq!(house.sync().await.unwrap().summaries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_message_without_a_copy_is_deleted_only_when_its_loss_was_agreed_to() {
    let mut house = House::new(letters(5), Quirks::default());
    house.sync_as(SyncMode::Headers).await.unwrap();
    let id = house.rows().await[0].id;
    house.stage(&[id]).await;
    let applied = house.apply(&[id], &[]).await.unwrap();
    assert!(applied.deleted.is_empty());
    assert_eq!(applied.refused.len(), 1);
    assert_eq!(house.server.maildrop().uidls().len(), 5);
    let applied = house.apply(&[id], &[id]).await.unwrap();
    assert_eq!(applied.deleted, [id]);
    assert_eq!(house.server.maildrop().uidls().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_deletes_only_what_is_stored_and_was_listed_twice() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    for left in [6, 6, 6, 0] {
        house.sync().await.unwrap();
        assert_eq!(house.server.maildrop().uidls().len(), left);
    }
    assert_eq!(house.rows().await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_the_brake_refuses_every_deletion_until_it_is_released() {
    let mut house = House::new(letters(60), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    for row in rows.iter().skip(1).take(30) {
        assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    }
    house.sync().await.unwrap();
    let doomed = rows[0].id;
    house.stage(&[doomed]).await;
    let problem = house.apply(&[doomed], &[]).await.unwrap_err();
    assert!(problem.why.contains("30 of 60"), "{problem}");
    assert_eq!(house.server.maildrop().uidls().len(), 30);
    let ticket = Ticket::new();
    house
        .send(Command::ReleaseBrake {
            ticket,
            account: home(),
        })
        .await;
    house.end(ticket).await.unwrap();
    assert_eq!(house.apply(&[doomed], &[]).await.unwrap().deleted, [doomed]);
    assert_eq!(house.server.maildrop().uidls().len(), 29);
}

#[tokio::test(flavor = "multi_thread")]
async fn q1_without_uidl_exactly_what_was_agreed_to_is_deleted() {
    for no_top in [false, true] {
        let quirks = Quirks {
            no_uidl: true,
            no_top,
            ..Quirks::default()
        };
        let mut house = House::new(letters(30), quirks);
        house.sync().await.unwrap();
        let doomed = house.rows().await[4].id;
        let octets = house.store.octets(doomed).await.unwrap().unwrap().1;
        house.stage(&[doomed]).await;
        let applied = house.apply(&[doomed], &[]).await.unwrap();
        assert_eq!(applied.deleted, [doomed], "no TOP: {no_top}: {applied:?}");
        let left: Vec<Vec<u8>> = house
            .server
            .maildrop()
            .messages()
            .iter()
            .map(demo::Message::to_vec)
            .collect();
        assert_eq!(left.len(), 29);
        assert!(!left.contains(&octets));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_another_message_under_the_same_uidl_and_header_is_never_deleted() {
    let header = "From: cron@server.example\r\nSubject: nightly\r\nDate: Mon, 23 Nov 2026 03:00:00 +0000\r\n\r\n";
    for (first, second) in [
        ("all well\r\n", "all lost\r\n"),
        ("all well\r\n", "the disk is on fire\r\n"),
    ] {
        let mut house = House::new(letters(3), Quirks::default());
        house
            .server
            .maildrop()
            .deliver_as(b"twin", format!("{header}{first}"));
        house.sync().await.unwrap();
        let twin = house
            .rows()
            .await
            .into_iter()
            .find(|row| row.subject == "nightly")
            .unwrap()
            .id;
        house.stage(&[twin]).await;
        assert!(house.server.maildrop().remove(b"twin"));
        house
            .server
            .maildrop()
            .deliver_as(b"twin", format!("{header}{second}"));
        let applied = house.apply(&[twin], &[]).await.unwrap();
        assert!(applied.deleted.is_empty(), "{applied:?}");
        assert_eq!(house.server.maildrop().uidls().len(), 4);
        house.sync().await.unwrap();
        house.assert_all_stored().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_the_brake_stays_on_when_a_little_more_vanishes() {
    let mut house = House::new(letters(60), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    for row in rows.iter().skip(1).take(30) {
        assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    }
    house.sync().await.unwrap();
    assert!(house.server.maildrop().remove(rows[40].remote.as_bytes()));
    house.sync().await.unwrap();
    let record = house
        .store
        .account(&home(), poppet::backend::now())
        .await
        .unwrap();
    assert!(record.brake.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_asked_for_while_a_deletion_connects_is_done_afterwards() {
    let mut house = House::with_latency(letters(10), Duration::from_millis(50));
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    let apply = Ticket::new();
    house
        .send(Command::Apply {
            ticket: apply,
            ids: vec![doomed],
            without_copy: Vec::new(),
        })
        .await;
    house
        .server
        .maildrop()
        .deliver(&b"Subject: late\r\nMessage-ID: <late@x.example>\r\n\r\nlate\r\n"[..]);
    let report = house.sync().await.unwrap();
    assert_eq!(report.messages, 10);
    house.assert_all_stored().await;
}

//! Sessions that delete, and what keeps them from it.

use std::collections::HashSet;

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{self, Quirks, Server, ServerOptions};
use poppet::mail::{Fate, Forecast, MessageId, Server as Copy};
use poppet::store::Store;

use crate::house::{House, engine, home, letters};

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

/// What goes, as far as can be told; `None` when it cannot.
async fn foretold(house: &mut House) -> Option<HashSet<MessageId>> {
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::Foretell { ticket, account }).await;
    let Event::Foretold { copies, .. } = house.end(ticket).await.unwrap() else {
        panic!("not an answer")
    };
    let goes = |copy: &&Forecast| matches!(copy.fate, Fate::Goes(_));
    copies.map(|copies| {
        copies
            .iter()
            .filter(goes)
            .map(|copy| copy.message)
            .collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_foretold_is_what_the_rule_stages_later() {
    let rule = "[accounts.home.server]\nkeep = { newest = 4 }\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    assert_eq!(foretold(&mut house).await, None, "nothing was listed yet");
    house.sync().await.unwrap();
    let foretold = foretold(&mut house).await.unwrap();
    assert_eq!(foretold.len(), 2);
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    let rows = house.rows().await;
    let staged = rows.iter().filter(|row| row.server == Copy::DeleteWanted);
    assert_eq!(staged.map(|row| row.id).collect::<HashSet<_>>(), foretold);
    assert_eq!(house.server.maildrop().uidls().len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_let_run_deletes_at_the_next_sync_and_the_file_keeps_its_comments() {
    let rule = "[accounts.home.server]  # what may go\nkeep = { newest = 4 }\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    let file = house.folder.path().join("config.toml");
    let port = house.server.address().port();
    let before = format!(
        "# mine\n[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\n\
         port = {port}\ntls = \"none\"\n\n{rule}"
    );
    std::fs::write(&file, &before).unwrap();
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert_eq!(
        house.server.maildrop().uidls().len(),
        6,
        "a review comes first"
    );
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::LetRulesRun { ticket, account }).await;
    house.end(ticket).await.unwrap();
    let after = std::fs::read_to_string(&file).unwrap();
    assert_eq!(after, format!("{before}rules_delete = \"auto\"\n"));
    house.sync().await.unwrap();
    assert_eq!(house.server.maildrop().uidls().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_not_let_run_where_that_cannot_be_written_down() {
    let rule = "[accounts.home.server]\nkeep = { newest = 4 }\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    let file = house.folder.path().join("config.toml");
    std::fs::write(&file, "theme = 7\n").unwrap();
    let (ticket, account) = (Ticket::new(), home());
    house.send(Command::LetRulesRun { ticket, account }).await;
    assert!(house.end(ticket).await.is_err());
    for _ in 0..4 {
        house.sync().await.unwrap();
    }
    assert_eq!(house.server.maildrop().uidls().len(), 6);
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
    let mut options = ServerOptions::new(letters(10));
    options.latency = std::time::Duration::from_millis(50);
    let server = Server::start(options).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    let engine = engine(&server, &store, &folder, "");
    let mut house = House {
        server,
        store,
        engine,
        folder,
    };
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

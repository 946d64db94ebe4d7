//! Sessions that delete, and what keeps them from it.

use std::collections::HashSet;
use std::time::Duration;

use poppet::bridge::{Command, Event, Phase, SyncMode, Ticket};
use poppet::demo::{self, Quirks, Quit};
use poppet::mail::{Brake, Change, Fate, Forecast, MessageId, Problem, Server as Copy};
use poppet::store::AccountUpdate;

use crate::house::{House, home, letters, until};

#[tokio::test(flavor = "multi_thread")]
async fn i2_exactly_what_was_agreed_to_is_deleted() {
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
    let record = house.store.account(&home(), poppet::backend::now()).await;
    assert_eq!(record.unwrap().messages, 17);
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

/// Stages the newest of ten messages on a slow server, asks for its deletion, and stops it as soon as the account does `at`.
async fn stopped_at(at: Phase) -> (House, MessageId, Result<Event, Problem>) {
    let mut house = House::with_latency(letters(10), Duration::from_millis(200));
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    let ticket = Ticket::new();
    house
        .send(Command::Apply {
            ticket,
            ids: vec![doomed],
            without_copy: Vec::new(),
        })
        .await;
    loop {
        match house.event().await {
            Event::Account(state) if state.phase == at => break,
            Event::Applied { .. } | Event::Failed { .. } => panic!("it was over before {at:?}"),
            _ => {}
        }
    }
    house.send(Command::Cancel { ticket: None }).await;
    let end = house.end(ticket).await;
    (house, doomed, end)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_stopped_before_quit_deletes_nothing_and_stays_staged() {
    for at in [Phase::Connecting, Phase::Listing, Phase::Deleting] {
        let (mut house, doomed, end) = stopped_at(at).await;
        assert_eq!(end.unwrap_err().what, "Stopped", "{at:?}");
        let quits = house.sent("QUIT");
        assert_eq!(quits, 1, "{at:?}: only the sync ended with QUIT");
        assert_eq!(house.copy(doomed).await, Copy::DeleteWanted, "{at:?}");
        assert_eq!(house.server.maildrop().uidls().len(), 10, "{at:?}");
        let applied = house.apply(&[doomed], &[]).await.unwrap();
        assert_eq!(applied.deleted, [doomed], "{at:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_stopped_after_quit_is_finished() {
    let mut house = House::with_latency(letters(10), Duration::from_millis(300));
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    let ticket = Ticket::new();
    house
        .send(Command::Apply {
            ticket,
            ids: vec![doomed],
            without_copy: Vec::new(),
        })
        .await;
    until(|| house.server.maildrop().uidls().len() < 10).await;
    house.send(Command::Cancel { ticket: None }).await;
    let end = house.end(ticket).await.unwrap();
    assert!(
        matches!(&end, Event::Applied { deleted, .. } if *deleted == [doomed]),
        "{end:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_deletion_that_is_stopped_is_stopped() {
    let (mut house, doomed, _) = stopped_at(Phase::Deleting).await;
    let (first, second) = (Ticket::new(), Ticket::new());
    let apply = |ticket| Command::Apply {
        ticket,
        ids: vec![doomed],
        without_copy: Vec::new(),
    };
    house.send(apply(first)).await;
    house.send(apply(second)).await;
    house
        .send(Command::Cancel {
            ticket: Some(first),
        })
        .await;
    assert_eq!(house.end(first).await.unwrap_err().what, "Stopped");
    let end = house.end(second).await.unwrap();
    assert!(
        matches!(&end, Event::Applied { deleted, .. } if *deleted == [doomed]),
        "{end:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p29_after_a_lost_or_refused_quit_the_next_listing_decides() {
    for (quit, left, after) in [
        (Quit::Unanswered, 9, Copy::Deleted),
        (Quit::Refused, 10, Copy::DeleteWanted),
    ] {
        let mut house = House::new(letters(10), Quirks::default());
        house.sync().await.unwrap();
        let doomed = house.rows().await[0].id;
        house.stage(&[doomed]).await;
        house.server.set_quirks(Quirks {
            quit,
            ..Quirks::default()
        });
        let applied = house.apply(&[doomed], &[]).await.unwrap();
        assert_eq!(applied.unconfirmed, [doomed], "{quit:?}: {applied:?}");
        assert_eq!(house.server.maildrop().uidls().len(), left, "{quit:?}");
        assert_eq!(house.copy(doomed).await, Copy::Unconfirmed, "{quit:?}");
        house.server.set_quirks(Quirks::default());
        house.sync().await.unwrap();
        assert_eq!(house.copy(doomed).await, after, "{quit:?}");
        assert_eq!(house.server.maildrop().uidls().len(), left, "{quit:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p30_a_connection_that_breaks_at_quit_before_the_server_saw_it_is_unconfirmed() {
    let mut house = House::new(letters(10), Quirks::default());
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    house.server.set_quirks(Quirks {
        hang_up_at: Some(("QUIT".to_owned(), 1)),
        ..Quirks::default()
    });
    let applied = house.apply(&[doomed], &[]).await.unwrap();
    assert_eq!(applied.unconfirmed, [doomed]);
    house.server.set_quirks(Quirks::default());
    house.sync().await.unwrap();
    assert_eq!(house.copy(doomed).await, Copy::DeleteWanted);
    assert_eq!(house.apply(&[doomed], &[]).await.unwrap().deleted, [doomed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_dele_is_told_and_the_others_are_deleted() {
    let mut house = House::new(letters(10), Quirks::default());
    house.sync().await.unwrap();
    let doomed: Vec<MessageId> = house
        .rows()
        .await
        .iter()
        .take(3)
        .map(|row| row.id)
        .collect();
    house.stage(&doomed).await;
    house.server.set_quirks(Quirks {
        refuse: Some(("DELE".to_owned(), 1)),
        ..Quirks::default()
    });
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert_eq!((applied.deleted.len(), applied.refused.len()), (2, 1));
    assert!(
        applied.refused[0].1.starts_with("the server refused"),
        "{applied:?}"
    );
    assert_eq!(house.server.maildrop().uidls().len(), 8);
    let refused = house.copy(applied.refused[0].0).await;
    assert_eq!(refused, Copy::DeleteWanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_a_brake_that_another_process_put_on_counts() {
    let mut house = House::new(letters(5), Quirks::default());
    house.sync().await.unwrap();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    let brake = Some(Brake::Vanished { gone: 40, of: 50 });
    let update = AccountUpdate {
        brake: Some(brake),
        ..AccountUpdate::default()
    };
    house.store.record_account(&home(), update).await.unwrap();
    let problem = house.apply(&[doomed], &[]).await.unwrap_err();
    assert!(problem.why.contains("40 of 50"), "{problem}");
    assert_eq!(house.server.maildrop().uidls().len(), 5);
    // The server need not even be asked.
    assert_eq!(house.server.maildrop().sessions().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_is_taken_back_while_it_is_under_way_keeps_all_of_them_from_being_sent() {
    let mut house = House::with_latency(letters(10), Duration::from_millis(200));
    house.sync().await.unwrap();
    let doomed: Vec<MessageId> = house
        .rows()
        .await
        .iter()
        .take(3)
        .map(|row| row.id)
        .collect();
    house.stage(&doomed).await;
    let tops = house.sent("TOP");
    let ticket = Ticket::new();
    house
        .send(Command::Apply {
            ticket,
            ids: doomed.clone(),
            without_copy: Vec::new(),
        })
        .await;
    // It looks at them now, which takes as long as the server is away.
    until(|| house.sent("TOP") > tops).await;
    house
        .store
        .change(
            vec![(vec![doomed[1]], Change::Undelete)],
            poppet::backend::now(),
        )
        .await
        .unwrap();
    let end = house.end(ticket).await.unwrap();
    let Event::Applied {
        deleted, refused, ..
    } = end
    else {
        panic!("{end:?}")
    };
    assert_eq!((deleted.len(), refused.len()), (0, 3), "{refused:?}");
    assert_eq!(house.server.maildrop().uidls().len(), 10);
    let rows = house.store.summaries(doomed.clone()).await.unwrap();
    let found: Vec<Copy> = rows.iter().map(|row| row.server).collect();
    assert_eq!(
        found,
        [Copy::DeleteWanted, Copy::Present, Copy::DeleteWanted]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn f19_one_message_that_is_another_keeps_the_others_from_being_deleted_in_its_session() {
    let letter = |text: &str| format!("Subject: nightly\r\n\r\n{text}\r\n");
    let mut house = House::new(letters(3), Quirks::default());
    let maildrop = house.server.maildrop().clone();
    maildrop.deliver_as(b"twin", letter("all well"));
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let (twins, others): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.subject == "nightly");
    let doomed = [twins[0].id, others[0].id];
    house.stage(&doomed).await;
    assert!(maildrop.remove(b"twin"));
    maildrop.deliver_as(b"twin", letter("all lost"));
    let applied = house.apply(&doomed, &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    let refused: HashSet<MessageId> = applied.refused.iter().map(|(id, _)| *id).collect();
    assert_eq!(refused, doomed.into_iter().collect());
    assert_eq!(maildrop.uidls().len(), 4);
    let applied = house.apply(&[others[0].id], &[]).await.unwrap();
    assert_eq!(applied.deleted, [others[0].id], "the next session does it");
    assert_eq!(maildrop.uidls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn f25_where_looking_means_deleting_nothing_is_ended_with_quit() {
    let quirks = Quirks {
        no_uidl: true,
        no_top: true,
        expire: Some(0),
        remove_retrieved: true,
        ..Quirks::default()
    };
    let mut house = House::new(letters(6), quirks);
    house.sync().await.unwrap();
    let left = house.server.maildrop().uidls().len();
    let doomed = house.rows().await[0].id;
    house.stage(&[doomed]).await;
    let applied = house.apply(&[doomed], &[]).await.unwrap();
    assert!(applied.deleted.is_empty(), "{applied:?}");
    assert_eq!((left, house.server.maildrop().uidls().len()), (6, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_a_brake_that_the_deleting_session_itself_puts_on_counts() {
    let mut house = House::new(letters(60), Quirks::default());
    house.sync().await.unwrap();
    let rows = house.rows().await;
    for row in rows.iter().skip(1).take(30) {
        assert!(house.server.maildrop().remove(row.remote.as_bytes()));
    }
    let doomed = rows[0].id;
    house.stage(&[doomed]).await;
    let problem = house.apply(&[doomed], &[]).await.unwrap_err();
    assert!(problem.why.contains("30 of 60"), "{problem}");
    assert_eq!(house.server.maildrop().uidls().len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_copy_here_keeps_the_one_on_the_server() {
    let mut house = House::new(letters(4), Quirks::default());
    house.sync().await.unwrap();
    let doomed: Vec<MessageId> = house
        .rows()
        .await
        .iter()
        .take(2)
        .map(|row| row.id)
        .collect();
    house.stage(&doomed).await;
    house.damage(doomed[0]);
    let applied = house.apply(&doomed, &doomed).await.unwrap();
    assert_eq!(applied.deleted, [doomed[1]]);
    assert!(applied.refused[0].1.contains("damaged"), "{applied:?}");
    assert_eq!(house.server.maildrop().uidls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn i10_with_the_brake_on_a_rule_deletes_nothing_and_mail_arrives() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    let update = AccountUpdate {
        brake: Some(Some(Brake::Clock)),
        ..AccountUpdate::default()
    };
    house.store.record_account(&home(), update).await.unwrap();
    house
        .server
        .maildrop()
        .deliver(&b"Subject: late\r\n\r\nlate\r\n"[..]);
    let report = house.sync().await.unwrap();
    assert_eq!((report.messages, report.bodies, report.deleted), (7, 1, 0));
    assert_eq!(house.server.maildrop().uidls().len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_is_deleted_without_a_question_is_here_in_full() {
    let rule =
        "[accounts.home.server]\ndelete = \"sync\"\n[accounts.home.download]\nbodies = \"none\"\n";
    let mut house = House::with(letters(4), Quirks::default(), rule);
    house.sync().await.unwrap();
    let doomed: Vec<MessageId> = house
        .rows()
        .await
        .iter()
        .take(2)
        .map(|row| row.id)
        .collect();
    house.stage(&doomed).await;
    let ticket = Ticket::new();
    let ids = vec![doomed[1]];
    house.send(Command::Fetch { ticket, ids }).await;
    house.end(ticket).await.unwrap();
    assert_eq!(house.sync().await.unwrap().deleted, 1);
    assert_eq!(house.server.maildrop().uidls().len(), 3);
    let sessions = house.server.maildrop().sessions().len();
    assert_eq!(house.sync().await.unwrap().deleted, 0);
    assert_eq!(
        house.server.maildrop().sessions().len(),
        sessions + 1,
        "no session was opened to delete what cannot be"
    );
    let rows = house.store.summaries(doomed).await.unwrap();
    let found: Vec<Copy> = rows.iter().map(|row| row.server).collect();
    assert_eq!(found, [Copy::DeleteWanted, Copy::Deleted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_starred_while_a_check_logs_in_is_spared_by_the_rule() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nexcept = [\"starred\"]\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let mut house = House::with(letters(6), Quirks::default(), rule);
    for _ in 0..3 {
        house.sync().await.unwrap();
    }
    // Long enough for the star to be there before the listing is, however busy the machine.
    house.server.set_quirks(Quirks {
        late: Some(("UIDL", Duration::from_secs(2))),
        ..Quirks::default()
    });
    let starred = house.rows().await[2].clone();
    let (sync, star) = (Ticket::new(), Ticket::new());
    let check = Command::Sync {
        ticket: sync,
        accounts: Vec::new(),
        mode: SyncMode::Full,
    };
    house.send(check).await;
    let mut changes = vec![(vec![starred.id], Change::Starred(true))];
    loop {
        match house.event().await {
            Event::Account(state) if state.phase == Phase::Listing && !changes.is_empty() => {
                let changes = std::mem::take(&mut changes);
                let command = Command::Change {
                    ticket: star,
                    changes,
                };
                house.send(command).await;
            }
            Event::Done { ticket } if ticket == sync => break,
            Event::Failed { problem, .. } => panic!("{problem}"),
            _ => {}
        }
    }
    let left = house.server.maildrop().uidls();
    assert_eq!(left, [starred.remote.as_bytes()]);
}

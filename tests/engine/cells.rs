//! Cells of the matrix of faults and states that no other test has an eye on.

use std::time::Duration;

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Message, Quirks};
use poppet::mail::{Local, MessageId, Problem, Server as Copy, View};
use poppet::store::Store;

use crate::house::{House, engine_at, home, letters, until};

/// The end of a ticket of another engine than the house's.
async fn end(engine: &mut poppet::backend::Engine, ticket: Ticket) -> Result<Event, Problem> {
    loop {
        let event = tokio::time::timeout(Duration::from_mins(1), engine.events.recv()).await;
        let event = event.unwrap().expect("the engine runs");
        match event {
            Event::Failed {
                ticket: Some(whose),
                problem,
                ..
            } if whose == ticket => return Err(problem),
            Event::Opened { ticket: whose, .. }
            | Event::Done { ticket: whose }
            | Event::Applied { ticket: whose, .. }
                if whose == ticket =>
            {
                return Ok(event);
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f15_beside_an_engine_that_deletes_another_one_reads_and_sends_nothing() {
    let mut house = House::with_latency(letters(10), Duration::from_millis(300));
    house.sync().await.unwrap();
    let rows = house.rows().await;
    let (doomed, other) = (rows[0].id, rows[1].id);
    house.stage(&[doomed, other]).await;
    let store = Store::open(house.store.path()).unwrap();
    let mut second = engine_at(house.server.address().port(), &store, &house.folder);
    let apply = |ticket, id| Command::Apply {
        ticket,
        ids: vec![id],
        without_copy: Vec::new(),
    };
    let sessions = house.server.maildrop().sessions().len();
    let first = Ticket::new();
    house.send(apply(first, doomed)).await;
    until(|| house.server.maildrop().sessions().len() > sessions).await;
    // What asks the server is turned away, deletions as well, and nothing of it is sent.
    let (sync, delete) = (Ticket::new(), Ticket::new());
    let sync_all = Command::Sync {
        ticket: sync,
        accounts: vec![home()],
        mode: SyncMode::Full,
    };
    for (ticket, command) in [(sync, sync_all), (delete, apply(delete, other))] {
        second.commands.send(command).await.unwrap();
        let problem = end(&mut second, ticket).await.unwrap_err();
        assert_eq!(problem.what, "Another poppet is talking to the server");
    }
    // What is stored can be read.
    let ticket = Ticket::new();
    let open = Command::Open {
        ticket,
        id: rows[2].id,
        view: View::Text,
        width: 80,
    };
    second.commands.send(open).await.unwrap();
    let opened = end(&mut second, ticket).await.unwrap();
    assert!(
        matches!(&opened, Event::Opened { body, .. } if !body.partial),
        "{opened:?}"
    );
    let ended = house.end(first).await.unwrap();
    assert!(
        matches!(&ended, Event::Applied { deleted, .. } if *deleted == [doomed]),
        "{ended:?}"
    );
    assert_eq!(house.sent("DELE"), 1);
    assert_eq!(house.server.maildrop().sessions().len(), sessions + 1);
    assert_eq!(house.copy(other).await, Copy::DeleteWanted);
    // Its turn comes when the first is done.
    let last = Ticket::new();
    second.commands.send(apply(last, other)).await.unwrap();
    let ended = end(&mut second, last).await.unwrap();
    assert!(
        matches!(&ended, Event::Applied { deleted, .. } if *deleted == [other]),
        "{ended:?}"
    );
    assert_eq!(house.server.maildrop().uidls().len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn f20_of_messages_under_one_uidl_each_header_block_is_asked_for() {
    let quirks = Quirks {
        duplicate_uidls: true,
        ..Quirks::default()
    };
    let mut house = House::new(letters(6), quirks);
    for _ in 0..2 {
        house.sync_as(SyncMode::Headers).await.unwrap();
        let rows = house.rows().await;
        assert_eq!(rows.len(), 6, "{rows:?}");
        assert!(rows.iter().all(|row| row.local == Local::Headers));
        let mut subjects: Vec<&str> = rows.iter().map(|row| row.subject.as_str()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        assert_eq!(subjects.len(), 6, "{subjects:?}");
    }
    assert_eq!(house.sent("RETR"), 0);
    assert!(house.sent("TOP") >= 6, "{}", house.sent("TOP"));
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_a_deletion_that_was_staged_before_everything_was_renamed_waits_for_the_comparison() {
    for listed_before in [true, false] {
        let mut house = House::new(letters(6), Quirks::default());
        house.sync().await.unwrap();
        let maildrop = house.server.maildrop().clone();
        let doomed: MessageId = house.rows().await[0].id;
        let octets = house.store.octets(doomed).await.unwrap().unwrap().1;
        house.stage(&[doomed]).await;
        maildrop.replace_uidls();
        maildrop.deliver(&b"Subject: late\r\nMessage-ID: <late@a>\r\n\r\nlate\r\n"[..]);
        let retrieved = house.sent("RETR");
        if listed_before {
            // Only what is new is retrieved, and nothing is deleted.
            let report = house.sync().await.unwrap();
            assert_eq!((report.bodies, house.sent("RETR")), (1, retrieved + 1));
            assert_eq!(maildrop.uidls().len(), 7);
        } else {
            // In the session that finds new names nothing is deleted under them unless it was compared.
            let applied = house.apply(&[doomed], &[]).await.unwrap();
            let compared = house.sent("RETR") > retrieved;
            assert!(applied.deleted.is_empty() || compared, "{applied:?}");
            house.sync().await.unwrap();
        }
        let all = |messages: Vec<Message>| -> Vec<Vec<u8>> {
            messages.iter().map(Message::to_vec).collect()
        };
        let before = all(maildrop.messages());
        if before.contains(&octets) {
            // The wish holds, or was taken back and is said again.
            house.stage(&[doomed]).await;
            let retrieved = house.sent("RETR");
            let applied = house.apply(&[doomed], &[]).await.unwrap();
            assert_eq!(applied.deleted, [doomed], "{applied:?}");
            assert!(house.sent("RETR") > retrieved, "it was not compared");
        }
        let left = all(maildrop.messages());
        assert_eq!((left.len(), left.contains(&octets)), (6, false));
        assert_eq!(
            house.rows().await.len(),
            6,
            "what is deleted is in the Trash"
        );
    }
}

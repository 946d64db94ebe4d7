//! Section 1C: UIDL and TOP. And what a server's expiry changes of deleting.

use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::demo::{Maildrop, Quirks, Removal};
use poppet::mail::{Local, Server as Copy};

use crate::house::{House, letters};

#[tokio::test(flavor = "multi_thread")]
async fn p33_names_are_listed_anew_in_each_session_and_hold_without_update() {
    let quirks = Quirks {
        hang_up_at: Some(("QUIT".to_owned(), 1)),
        ..Quirks::default()
    };
    let mut house = House::new(letters(20), quirks);
    house.sync().await.unwrap();
    house.server.set_quirks(Quirks::default());
    let retrieved = house.sent("RETR") + house.sent("TOP");
    let report = house.sync().await.unwrap();
    assert_eq!(
        (report.messages, report.summaries, report.bodies),
        (20, 0, 0)
    );
    assert_eq!(house.sent("RETR") + house.sent("TOP"), retrieved);
    let commands = house.server.maildrop().commands();
    assert_eq!(commands.iter().filter(|one| *one == "UIDL").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn p34_a_name_that_comes_back_for_another_message_names_another_message() {
    let maildrop = Maildrop::new(Vec::new());
    maildrop.deliver_as(b"again", letter("the first"));
    let mut house = House::new(maildrop, Quirks::default());
    house.sync().await.unwrap();
    assert!(house.server.maildrop().remove(b"again"));
    house
        .server
        .maildrop()
        .deliver_as(b"again", letter("the second, and longer"));
    house.sync().await.unwrap();
    let mut rows = house.rows().await;
    rows.sort_by_key(|row| row.id);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].server, Copy::Vanished);
    assert_eq!(
        (rows[1].server, rows[1].local),
        (Copy::Present, Local::Full)
    );
    assert_eq!(rows[1].subject, "the second, and longer");
    house.assert_all_stored().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn p35_two_copies_under_one_name_are_one_message_and_two_messages_are_two() {
    let maildrop = Maildrop::new(Vec::new());
    maildrop.deliver_as(b"twin", letter("the same"));
    maildrop.deliver_as(b"twin", letter("the same"));
    maildrop.deliver_as(b"pair", letter("the one"));
    maildrop.deliver_as(b"pair", letter("the other"));
    let mut house = House::new(maildrop, Quirks::default());
    for _ in 0..2 {
        house.sync().await.unwrap();
        let mut subjects: Vec<String> = house
            .rows()
            .await
            .into_iter()
            .map(|row| row.subject)
            .collect();
        subjects.sort();
        assert_eq!(subjects, ["the one", "the other", "the same"]);
        house.assert_all_stored().await;
    }
    assert_eq!(house.server.maildrop().uidls().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn p36_top_gives_the_header_block_a_blank_line_and_as_many_lines_as_there_are() {
    let text =
        "Message-ID: <p36@demo.example>\r\nSubject: three lines\r\n\r\none\r\n..two\r\nthree\r\n";
    for (lines, last) in [
        (0, "\r\n"),
        (2, "..two\r\n"),
        (3, "three\r\n"),
        (9_999, "three\r\n"),
    ] {
        let maildrop = Maildrop::new(vec![poppet::demo::Message::new(text)]);
        let mut house = House::new(maildrop, Quirks::default());
        house.sync_as(SyncMode::Headers).await.unwrap();
        let id = house.rows().await[0].id;
        let ticket = Ticket::new();
        let peek = Command::Peek {
            ticket,
            id,
            lines,
            width: 80,
        };
        house.send(peek).await;
        let Event::Opened { .. } = house.end(ticket).await.unwrap() else {
            panic!("not opened")
        };
        let asked = format!("TOP 1 {lines}");
        assert!(
            house.server.maildrop().commands().contains(&asked),
            "{asked}"
        );
        assert_eq!(house.sent("RETR"), 0);
        if lines > 0 {
            // What was shown is stored a moment later.
            let mut stored = house.store.octets(id).await.unwrap();
            while !matches!(stored, Some((Local::Peeked, _))) {
                house.event().await;
                stored = house.store.octets(id).await.unwrap();
            }
            let (_, octets) = stored.unwrap();
            assert_eq!(
                octets,
                text.split_inclusive(last).next().unwrap().as_bytes()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p47_what_is_due_is_deleted_by_dele_although_the_server_deletes_by_itself() {
    let rule = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n";
    let quirks = Quirks {
        expire: Some(1),
        ..Quirks::default()
    };
    let mut house = House::with(letters(5), quirks, rule);
    for left in [5, 5, 5, 0] {
        house.sync().await.unwrap();
        assert_eq!(house.server.maildrop().uidls().len(), left);
    }
    let removed = house.server.maildrop().removed();
    assert_eq!(removed.len(), 5);
    assert!(
        removed
            .iter()
            .all(|one| matches!(one.by, Removal::Deleted(_))),
        "{removed:?}"
    );
    assert_eq!(house.sent("DELE"), 5);
}

fn letter(subject: &str) -> String {
    format!(
        "Message-ID: <{}@demo.example>\r\nSubject: {subject}\r\n\r\nOf {subject}.\r\n",
        subject.replace([' ', ','], "-")
    )
}

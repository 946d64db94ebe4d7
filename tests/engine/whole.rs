//! Sessions that nobody looks at: what is new is fetched whole at once.

use std::collections::HashSet;

use poppet::bridge::SyncMode;
use poppet::demo::{Message, Quirks, ServerOptions};
use poppet::mail::{Kind, Local, MessageId, Timestamp};
use poppet::store::Imported;

use crate::house::{House, home, letters};

fn unwatched(count: u32, quirks: Quirks, more: &str) -> House {
    let mut options = ServerOptions::new(letters(count));
    options.quirks = quirks;
    House::unwatched(options, more)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_new_message_is_sent_once_and_counts_as_seen_and_stored() {
    let mut house = unwatched(120, Quirks::default(), "");
    let report = house.sync().await.unwrap();
    assert_eq!(
        (report.messages, report.summaries, report.bodies),
        (120, 120, 120)
    );
    house.assert_all_stored().await;
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (0, 120));
    // Of what came since, too.
    house
        .server
        .maildrop()
        .deliver("Subject: one more\r\nMessage-ID: <more@example.org>\r\n\r\nhi\r\n");
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (1, 1));
    house.assert_all_stored().await;
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (0, 121));
    assert_eq!(house.server.maildrop().violations(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_rule_leaves_on_the_server_is_only_looked_at() {
    let rule = "[accounts.home.download]\nbodies = { up_to = \"5 kB\" }\n";
    let mut house = unwatched(60, Quirks::default(), rule);
    let small = house.server.maildrop().messages();
    let small = small.iter().filter(|it| it.octets() <= 5_000).count();
    assert!(small > 0 && small < 60, "{small}");
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (60, small as u64));
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (60 - small, small));
}

#[tokio::test(flavor = "multi_thread")]
async fn f21_new_uidls_for_old_messages_fetch_no_body_again() {
    let mut house = unwatched(15, Quirks::default(), "");
    house.sync().await.unwrap();
    let before: HashSet<MessageId> = house.rows().await.iter().map(|row| row.id).collect();
    house.server.maildrop().replace_uidls();
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (15, 0));
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (15, 15));
    let after: HashSet<MessageId> = house.rows().await.iter().map(|row| row.id).collect();
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_from_a_file_is_not_fetched_again() {
    let mut house = unwatched(5, Quirks::default(), "");
    let messages: Vec<Message> = house.server.maildrop().messages();
    let octets = messages[2].to_vec();
    let imported = Imported {
        extract: poppet::mime::extract(&octets, Local::Full),
        octets,
        flags: poppet::mail::Flags::default(),
    };
    let import = house.store.import(&home(), vec![imported], Timestamp(0));
    import.await.unwrap();
    let report = house.sync().await.unwrap();
    assert_eq!(report.bodies, 4);
    house.assert_all_stored().await;
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (5, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_the_server_does_not_give_whole_is_still_listed() {
    let quirks = Quirks {
        refuse_retr: vec![3],
        ..Quirks::default()
    };
    let mut house = unwatched(10, quirks, "");
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (10, 9));
    let rows = house.rows().await;
    let headers = rows.iter().filter(|row| row.local == Local::Headers);
    assert_eq!(headers.count(), 1);
    // Its refusal is noted with it.
    let ledger = house.store.ledger(&home()).await.unwrap();
    let failed = ledger.iter().filter(|line| line.failure.is_some());
    assert_eq!(failed.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_keeps_what_came_whole_and_the_next_sync_goes_on() {
    // One command at a time: where commands are sent ahead, a lost connection may be laid on that, and tried again at once.
    let quirks = Quirks {
        hang_up_after: Some(300_000),
        no_pipelining: true,
        ..Quirks::default()
    };
    let mut house = unwatched(100, quirks, "");
    let problem = house.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Network);
    let kept = house.rows().await;
    assert!(!kept.is_empty(), "nothing was kept");
    assert!(kept.iter().all(|row| row.local == Local::Full));
    let before = house.sent("RETR");
    house.server.set_quirks(Quirks::default());
    let report = house.sync().await.unwrap();
    assert_eq!(report.bodies, 100 - kept.len() as u64);
    house.assert_all_stored().await;
    assert_eq!(house.sent("RETR") - before, 100 - kept.len());
    assert_eq!(house.server.maildrop().uidls().len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_blocks_that_are_here_are_followed_by_bodies() {
    let mut house = unwatched(20, Quirks::default(), "");
    house.sync_as(SyncMode::Headers).await.unwrap();
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (20, 0));
    let report = house.sync().await.unwrap();
    assert_eq!((report.summaries, report.bodies), (0, 20));
    house.assert_all_stored().await;
    assert_eq!((house.sent("TOP"), house.sent("RETR")), (20, 20));
}

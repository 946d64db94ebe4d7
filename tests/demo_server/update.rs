//! When a message is removed, and when it is not.

use poppet::demo::{Phase, Quirks, Removal, Removed};
use tokio::io::AsyncWriteExt;

use crate::{client::Client, good, phases, serve, three};

#[tokio::test]
async fn dele_and_quit_removes_the_marked_message() {
    let maildrop = three();
    let server = good(&maildrop);
    let uidls = maildrop.uidls();
    let mut client = Client::logged_in(&server).await;
    assert_eq!(client.ask("DELE 2").await, "+OK message 2 will be removed");
    assert_eq!(maildrop.uidls(), uidls);
    assert_eq!(client.ask("QUIT").await, "+OK bye");
    assert_eq!(maildrop.uidls(), [uidls[0].clone(), uidls[2].clone()]);
    let removed = Removed {
        uidl: uidls[1].clone(),
        by: Removal::Deleted(1),
    };
    assert_eq!(maildrop.removed(), [removed]);
    assert_eq!(phases(&maildrop), [Phase::Updated]);
}

#[tokio::test]
async fn dele_and_a_dropped_connection_keeps_everything() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    client.ask("DELE 1").await;
    drop(client);
    maildrop.idle().await;
    assert_eq!(maildrop.uidls().len(), 3);
    assert_eq!(maildrop.removed(), []);
    assert_eq!(phases(&maildrop), [Phase::Cut]);
}

#[tokio::test]
async fn a_server_that_updates_without_quit_removes_what_is_marked_when_the_connection_drops() {
    let maildrop = three();
    let quirks = Quirks {
        updates_without_quit: true,
        ..Quirks::default()
    };
    let server = serve(&maildrop, quirks);
    let uidls = maildrop.uidls();
    let mut client = Client::logged_in(&server).await;
    client.ask("DELE 1").await;
    client.ask("RSET").await;
    client.ask("DELE 3").await;
    drop(client);
    maildrop.idle().await;
    assert_eq!(maildrop.uidls(), uidls[..2]);
    assert_eq!(phases(&maildrop), [Phase::Cut]);
}

#[tokio::test]
async fn rset_takes_the_marks_back() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    client.ask("DELE 1").await;
    client.ask("DELE 3").await;
    assert_eq!(client.ask("STAT").await, "+OK 1 33");
    assert_eq!(client.ask("RSET").await, "+OK");
    assert_eq!(client.ask("STAT").await, "+OK 3 72");
    client.ask("QUIT").await;
    assert_eq!(maildrop.uidls().len(), 3);
}

#[tokio::test]
async fn a_stopped_server_commits_nothing() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    client.ask("DELE 1").await;
    server.stop().await;
    assert_eq!(maildrop.uidls().len(), 3);
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn quit_without_a_line_end_counts_only_where_the_server_says_so() {
    for (quit_without_crlf, left) in [(false, 3), (true, 2)] {
        let maildrop = three();
        let quirks = Quirks {
            quit_without_crlf,
            ..Quirks::default()
        };
        let server = serve(&maildrop, quirks);
        let mut client = Client::logged_in(&server).await;
        client.ask("DELE 1").await;
        client.send("QUIT").await;
        client.stream.shutdown().await.unwrap();
        client.rest().await;
        maildrop.idle().await;
        assert_eq!(maildrop.uidls().len(), left);
    }
}

#[tokio::test]
async fn retrieved_mail_is_removed_at_quit_by_a_server_that_keeps_none() {
    let maildrop = three();
    let quirks = Quirks {
        expire: Some(0),
        remove_retrieved: true,
        ..Quirks::default()
    };
    let server = serve(&maildrop, quirks);
    let mut client = Client::logged_in(&server).await;
    assert!(client.ask_lines("CAPA").await.contains("\r\nEXPIRE 0\r\n"));
    client.ask_lines("RETR 1").await;
    client.ask_lines("TOP 2 0").await;
    client.ask("QUIT").await;
    assert_eq!(maildrop.uidls().len(), 2);
    assert_eq!(maildrop.removed()[0].by, Removal::Expired(1));
}

//! The commands of a session, and the record of them.

use crate::{client::Client, good, three};

#[tokio::test]
async fn list_and_uidl_leave_out_what_is_marked() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(client.ask_lines("LIST").await, "1 23\r\n2 33\r\n3 16\r\n");
    assert_eq!(client.ask("LIST 2").await, "+OK 2 33");
    client.ask("DELE 2").await;
    assert_eq!(client.ask_lines("LIST").await, "1 23\r\n3 16\r\n");
    assert_eq!(
        client.ask_lines("UIDL").await,
        "1 0000000100000001\r\n3 0000000300000001\r\n"
    );
    assert_eq!(client.ask("UIDL 3").await, "+OK 3 0000000300000001");
    assert_eq!(
        client.ask("LIST 2").await,
        "-ERR this message is marked as deleted"
    );
    assert_eq!(client.ask("RETR 4").await, "-ERR no such message");
}

#[tokio::test]
async fn retr_doubles_leading_dots() {
    let server = good(&three());
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("RETR 2").await,
        "Subject: two\r\n\r\n..\r\n...dots\r\nlast\r\n"
    );
}

#[tokio::test]
async fn top_sends_the_header_and_the_lines_asked_for() {
    let server = good(&three());
    let mut client = Client::logged_in(&server).await;
    assert_eq!(client.ask_lines("TOP 2 0").await, "Subject: two\r\n\r\n");
    assert_eq!(
        client.ask_lines("TOP 2 1").await,
        "Subject: two\r\n\r\n..\r\n"
    );
    assert_eq!(
        client.ask_lines("TOP 1 99").await,
        "Subject: one\r\n\r\nfirst\r\n"
    );
    assert_eq!(client.ask_lines("TOP 3 5").await, "Subject: three\r\n");
    assert!(client.ask("TOP 1").await.starts_with("-ERR"));
    assert!(client.ask("TOP 1 -1").await.starts_with("-ERR"));
}

#[tokio::test]
async fn a_good_client_leaves_no_violations_and_a_bad_one_is_caught() {
    let maildrop = three();
    let server = good(&maildrop);
    let (mut client, _) = Client::greeted(&server).await;
    client.ask_lines("CAPA").await;
    client.log_in().await;
    client.ask_lines("RETR 1").await;
    client.ask("NOOP").await;
    client.ask("QUIT").await;
    assert_eq!(maildrop.violations(), Vec::<String>::new());

    let (mut client, _) = Client::greeted(&server).await;
    assert!(client.ask("STAT").await.starts_with("-ERR"));
    assert!(client.ask("PASS demo").await.starts_with("-ERR"));
    client.log_in().await;
    assert!(client.ask("DELE 0").await.starts_with("-ERR"));
    assert!(client.ask(&"N".repeat(254)).await.starts_with("-ERR"));
    assert_eq!(
        maildrop.violations(),
        [
            "STAT: unknown command in AUTHORIZATION",
            "PASS ***: PASS comes directly after USER",
            "DELE 0: no such message",
            "(unknown, 254 octets): line too long",
        ]
    );
}

#[tokio::test]
async fn the_log_of_commands_holds_no_secret() {
    let maildrop = three();
    let server = good(&maildrop);
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    client.ask("PASS wrong horse").await;
    client.ask("AUTH PLAIN AGRlbW8AaG9yc2U=").await;
    client.ask("AUTH LOGIN").await;
    client.ask("ZGVtbw==").await;
    client.ask("aG9yc2U=").await;
    client.ask("aG9yc2U=").await;
    assert_eq!(
        maildrop.commands(),
        [
            "USER demo",
            "PASS ***",
            "AUTH PLAIN ***",
            "AUTH LOGIN",
            "***",
            "***",
            "(unknown, 8 octets)",
        ]
    );
}

#[tokio::test]
async fn a_command_may_be_cut_anywhere_and_end_in_a_bare_line_feed() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    for octet in b"user demo\r\npass demo\nstat\r\n" {
        client.send([*octet]).await;
    }
    assert_eq!(client.line().await, "+OK now the password");
    assert_eq!(client.line().await, "+OK 3 messages, 72 octets");
    assert_eq!(client.line().await, "+OK 3 72");
}

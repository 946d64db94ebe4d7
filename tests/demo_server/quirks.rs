//! The switches that make it a bad server.

use std::time::Duration;

use poppet::demo::{Maildrop, Quirks, Quit, Silence, Utf8};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::{client::Client, good, serve, three};

#[tokio::test]
async fn a_good_server_announces_what_it_can() {
    let server = good(&three());
    let (mut client, greeting) = Client::greeted(&server).await;
    assert!(greeting.starts_with("+OK poppet demo ready <"));
    let implementation = format!(
        "IMPLEMENTATION poppet-demo-{}\r\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(
        client.ask_lines("CAPA").await,
        "RESP-CODES\r\nAUTH-RESP-CODE\r\nTOP\r\nUIDL\r\nUSER\r\nPIPELINING\r\n\
         SASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256\r\nEXPIRE NEVER\r\n"
            .to_owned()
            + &implementation
    );
}

#[tokio::test]
async fn extensions_can_be_missing() {
    let quirks = Quirks {
        no_capa: true,
        no_top: true,
        no_uidl: true,
        no_apop: true,
        mechanisms: Vec::new(),
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let (mut client, greeting) = Client::greeted(&server).await;
    assert_eq!(greeting, "+OK poppet demo ready");
    assert_eq!(
        client.ask("CAPA").await,
        "-ERR unknown command in AUTHORIZATION"
    );
    assert_eq!(
        client.ask("AUTH PLAIN").await,
        "-ERR unknown command in AUTHORIZATION"
    );
    client.log_in().await;
    assert_eq!(
        client.ask("UIDL").await,
        "-ERR unknown command in TRANSACTION"
    );
    assert_eq!(
        client.ask("TOP 1 0").await,
        "-ERR unknown command in TRANSACTION"
    );
    assert_eq!(client.ask_lines("RETR 3").await, "Subject: three\r\n");
}

#[tokio::test]
async fn a_connection_can_be_cut_after_any_number_of_octets() {
    for octets in [0, 1, 22, 40] {
        let maildrop = three();
        let quirks = Quirks {
            no_apop: true,
            hang_up_after: Some(octets),
            ..Quirks::default()
        };
        let server = serve(&maildrop, quirks);
        let mut client = Client::connected(&server).await;
        client.send("USER demo\r\nPASS demo\r\nDELE 1\r\n").await;
        let expected = b"+OK poppet demo ready\r\n+OK now the password\r\n";
        assert_eq!(client.rest().await, expected[..octets as usize]);
        drop(client);
        idle(&maildrop).await;
        assert_eq!(maildrop.uidls().len(), 3);
    }
}

#[tokio::test]
async fn a_server_can_hang_up_on_its_guests() {
    let quirks = Quirks {
        greeting: Some(b"220 mail.example ESMTP".to_vec()),
        hang_up_after_greeting: true,
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let mut client = Client::connected(&server).await;
    assert_eq!(client.rest().await, b"220 mail.example ESMTP\r\n");
}

#[tokio::test]
async fn a_server_can_fall_silent() {
    let maildrop = three();
    let quirks = Quirks {
        silence: Silence::From("UIDL".to_owned()),
        ..Quirks::default()
    };
    let server = serve(&maildrop, quirks);
    let mut client = Client::logged_in(&server).await;
    client.send("STAT\r\nUIDL\r\nSTAT\r\nRETR 1\r\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.rest().await, b"+OK 3 72\r\n");

    server.set_quirks(Quirks {
        silence: Silence::Always,
        ..Quirks::default()
    });
    let mut client = Client::connected(&server).await;
    client.send("CAPA\r\n").await;
    client.stream.shutdown().await.unwrap();
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn listings_and_messages_can_be_wrong() {
    let quirks = Quirks {
        duplicate_uidls: true,
        top_returns_everything: true,
        refuse_retr: vec![3],
        expire: Some(30),
        login_delay: Some(300),
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("UIDL").await,
        "1 0000000100000001\r\n2 0000000100000001\r\n3 0000000300000001\r\n"
    );
    assert_eq!(
        client.ask_lines("TOP 1 0").await,
        "Subject: one\r\n\r\nfirst\r\n"
    );
    assert_eq!(
        client.ask("RETR 3").await,
        "-ERR this message cannot be read"
    );
    let capabilities = client.ask_lines("CAPA").await;
    assert!(capabilities.contains("\r\nEXPIRE 30\r\nLOGIN-DELAY 300\r\n"));
}

#[tokio::test]
async fn a_verb_can_be_refused_some_times_and_end_a_session() {
    let quirks = Quirks {
        refuse: Some(("NOOP".to_owned(), 1)),
        hang_up_at: Some(("STAT".to_owned(), 2)),
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let (mut client, _) = Client::greeted(&server).await;
    client.log_in().await;
    assert_eq!(client.ask("NOOP").await, "-ERR [SYS/TEMP] not now");
    assert_eq!(client.ask("NOOP").await, "+OK");
    assert!(client.ask("STAT").await.starts_with("+OK 3 "));
    client.send(b"STAT\r\n").await;
    assert_eq!(client.rest().await, b"");
}

#[tokio::test]
async fn capabilities_sizes_and_the_answer_to_quit_can_be_other_ones() {
    let quirks = Quirks {
        capa_after_login: Some(vec!["EXPIRE 3".to_owned()]),
        listed_octets: vec![(2, 99_999)],
        quit: Quit::Refused,
        ..Quirks::default()
    };
    let mailbox = three();
    let server = serve(&mailbox, quirks);
    let (mut client, _) = Client::greeted(&server).await;
    client.log_in().await;
    assert_eq!(client.ask_lines("CAPA").await, "EXPIRE 3\r\n");
    assert_eq!(client.ask("LIST 2").await, "+OK 2 99999");
    assert!(client.ask_lines("LIST").await.contains("\r\n2 99999\r\n"));
    client.ask("DELE 1").await;
    assert_eq!(
        client.ask("QUIT").await,
        "-ERR some deleted messages not removed"
    );
    assert_eq!(server.maildrop().uidls().len(), 3);
}

#[tokio::test]
async fn a_message_can_need_utf8() {
    let quirks = Quirks {
        utf8: Utf8::Honest,
        needs_utf8: vec![1],
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    for asks in [false, true] {
        let (mut client, _) = Client::greeted(&server).await;
        assert!(client.ask_lines("CAPA").await.contains("UTF8 USER\r\n"));
        if asks {
            assert_eq!(client.ask("UTF8").await, "+OK UTF-8 it is");
        }
        client.log_in().await;
        let answer = client.ask("RETR 1").await;
        assert_eq!(answer.starts_with("+OK"), asks, "{answer}");
        drop(client);
        idle(server.maildrop()).await;
    }
}

#[tokio::test]
async fn an_answer_too_many_can_come_before_another_one() {
    let quirks = Quirks {
        stray: Some("DELE"),
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(client.ask("DELE 1").await, "+OK");
    assert!(client.line().await.starts_with("+OK "));
    assert_ne!(client.ask("DELE 2").await, "+OK", "only once");
}

#[tokio::test]
async fn a_maildrop_can_stay_in_use_after_a_lost_connection() {
    let quirks = Quirks {
        lets_go_after: Duration::from_millis(200),
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    drop(Client::logged_in(&server).await);
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    assert!(client.ask("PASS demo").await.starts_with("-ERR [IN-USE]"));
    drop(client);
    idle(server.maildrop()).await;
    Client::logged_in(&server).await.ask("QUIT").await;
}

/// Waits until no session is open, a minute at most.
async fn idle(maildrop: &Maildrop) {
    let waited = timeout(Duration::from_mins(1), maildrop.idle()).await;
    assert!(waited.is_ok(), "a session does not end");
}

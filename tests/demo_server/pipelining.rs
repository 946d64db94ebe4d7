//! Many commands in one write, and answers that are late.

use std::time::{Duration, Instant};

use poppet::demo::{self, Quirks, Server, ServerOptions};

use crate::{
    client::{Client, unstuffed},
    good, now, serve, three,
};

#[tokio::test]
async fn a_thousand_retrieves_in_one_write_come_back_in_order() {
    let maildrop = demo::generated(1_000, 1, &now());
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    let commands: Vec<_> = (1..=1_000)
        .map(|number| format!("RETR {number}\r\n"))
        .collect();
    client.send(commands.concat()).await;
    for message in maildrop.messages() {
        assert_eq!(
            client.line().await,
            format!("+OK {} octets", message.octets())
        );
        let body = client.body().await;
        assert_eq!(unstuffed(&body), message.to_vec());
    }
    assert_eq!(client.ask("NOOP").await, "+OK");
}

#[tokio::test]
async fn ten_thousand_commands_are_taken_before_the_first_answer_is_read() {
    let maildrop = demo::generated(10_000, 1, &now());
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    let commands: Vec<_> = (1..=10_000)
        .map(|number| format!("TOP {number} 0\r\n"))
        .collect();
    client.send(commands.concat()).await;
    for _ in 0..10_000 {
        assert_eq!(client.line().await, "+OK");
        client.body().await;
    }
}

#[tokio::test]
async fn a_failing_command_shifts_no_answer() {
    let server = good(&three());
    let mut client = Client::logged_in(&server).await;
    client
        .send("LIST 1\r\nRETR 9\r\nLIST 2\r\nNONSENSE\r\nLIST 3\r\nQUIT\r\n")
        .await;
    let answers = String::from_utf8(client.rest().await).unwrap();
    assert_eq!(
        answers,
        "+OK 1 23\r\n-ERR no such message\r\n+OK 2 33\r\n-ERR unknown command in TRANSACTION\r\n\
         +OK 3 16\r\n+OK bye\r\n"
    );
}

#[tokio::test]
async fn a_server_may_throw_away_what_was_pipelined() {
    let quirks = Quirks {
        discard_pipelined: true,
        no_pipelining: true,
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let mut client = Client::logged_in(&server).await;
    assert!(!client.ask_lines("CAPA").await.contains("PIPELINING"));
    client.send("LIST 1\r\nLIST 2\r\nLIST 3\r\n").await;
    assert_eq!(client.line().await, "+OK 1 23");
    assert_eq!(client.ask("STAT").await, "+OK 3 72");
}

#[tokio::test]
async fn late_answers_keep_their_order_and_are_late_once() {
    let mut options = ServerOptions::new(three());
    options.latency = Duration::from_millis(30);
    let server = Server::start(options).unwrap();
    let mut client = Client::logged_in(&server).await;
    let sent = Instant::now();
    client.send("LIST 1\r\nLIST 2\r\nLIST 3\r\nQUIT\r\n").await;
    assert_eq!(client.line().await, "+OK 1 23");
    assert!(sent.elapsed() >= Duration::from_millis(30));
    assert_eq!(client.rest().await, b"+OK 2 33\r\n+OK 3 16\r\n+OK bye\r\n");
}

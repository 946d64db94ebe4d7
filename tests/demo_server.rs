//! The embedded POP3 server, seen through a client that knows nothing but lines.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::ZonedDateTime;
use md5::Md5;
use poppet::demo::{
    self, Login, Maildrop, Mechanism, Message, Phase, Quirks, Removal, Removed, Server,
    ServerOptions, Silence, Stls,
};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpStream,
};

// ---- the client ----

struct Client<S> {
    stream: BufReader<S>,
}

impl Client<TcpStream> {
    /// Connects and reads the greeting.
    async fn greeted(server: &Server) -> (Self, String) {
        let mut client = Self::connected(server).await;
        let greeting = client.line().await;
        (client, greeting)
    }

    async fn connected(server: &Server) -> Self {
        Self::over(TcpStream::connect(server.address()).await.unwrap())
    }

    async fn logged_in(server: &Server) -> Self {
        let (mut client, _) = Self::greeted(server).await;
        client.log_in().await;
        client
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    fn over(stream: S) -> Self {
        Self {
            stream: BufReader::new(stream),
        }
    }

    async fn log_in(&mut self) {
        assert_eq!(self.ask("USER demo").await, "+OK now the password");
        let reply = self.ask("PASS demo").await;
        assert!(reply.starts_with("+OK "), "{reply}");
    }

    async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.write_all(octets.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends a command and reads one line.
    async fn ask(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.line().await
    }

    /// Sends a command and reads a multi-line answer, as it is on the wire.
    async fn ask_lines(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n")).await;
        self.lines().await
    }

    async fn line(&mut self) -> String {
        let line = String::from_utf8(self.raw_line().await).unwrap();
        line.strip_suffix("\r\n")
            .unwrap_or_else(|| panic!("cut: {line:?}"))
            .to_owned()
    }

    async fn lines(&mut self) -> String {
        let status = self.line().await;
        assert!(status.starts_with("+OK"), "{status}");
        String::from_utf8(self.body().await).unwrap()
    }

    /// The lines of a multi-line answer without the terminator, stuffing undone.
    async fn body(&mut self) -> Vec<u8> {
        let mut body = Vec::new();
        loop {
            let line = self.raw_line().await;
            assert!(!line.is_empty(), "cut inside a multi-line answer");
            if line == b".\r\n" {
                return body;
            }
            body.extend_from_slice(&line);
        }
    }

    async fn raw_line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).await.unwrap();
        line
    }

    /// Everything until the server closes.
    async fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
        rest
    }
}

// ---- the mailboxes ----

fn now() -> ZonedDateTime {
    "2026-11-23T11:02:03+00:00[UTC]".parse().unwrap()
}

fn three() -> Maildrop {
    Maildrop::new(vec![
        Message::new(*b"Subject: one\r\n\r\nfirst\r\n"),
        Message::new(*b"Subject: two\r\n\r\n.\r\n..dots\r\nlast\r\n"),
        Message::new(*b"Subject: three\r\n"),
    ])
}

fn serve(maildrop: &Maildrop, quirks: Quirks) -> Server {
    let mut options = ServerOptions::new(maildrop.clone());
    options.quirks = quirks;
    Server::start(options).unwrap()
}

fn good(maildrop: &Maildrop) -> Server {
    serve(maildrop, Quirks::default())
}

fn phases(maildrop: &Maildrop) -> Vec<Phase> {
    maildrop
        .sessions()
        .iter()
        .map(|session| session.phase)
        .collect()
}

// ---- UPDATE ----

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
async fn rset_takes_the_marks_back() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    client.ask("DELE 1").await;
    client.ask("DELE 3").await;
    assert_eq!(client.ask("STAT").await, "+OK 1 38");
    assert_eq!(client.ask("RSET").await, "+OK");
    assert_eq!(client.ask("STAT").await, "+OK 3 77");
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

// ---- TRANSACTION ----

#[tokio::test]
async fn list_and_uidl_leave_out_what_is_marked() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(client.ask_lines("LIST").await, "1 23\r\n2 38\r\n3 16\r\n");
    assert_eq!(client.ask("LIST 2").await, "+OK 2 38");
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
    assert_eq!(client.line().await, "+OK 3 messages, 77 octets");
    assert_eq!(client.line().await, "+OK 3 77");
}

// ---- pipelining ----

#[tokio::test]
async fn a_thousand_retrieves_in_one_write_come_back_in_order() {
    let maildrop = demo::generated(1_000, 1, &now());
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    let commands: String = (1..=1_000)
        .map(|number| format!("RETR {number}\r\n"))
        .collect();
    client.send(commands).await;
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
    let commands: String = (1..=10_000)
        .map(|number| format!("TOP {number} 0\r\n"))
        .collect();
    client.send(commands).await;
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
        "+OK 1 23\r\n-ERR no such message\r\n+OK 2 38\r\n-ERR unknown command in TRANSACTION\r\n\
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
    assert_eq!(client.ask("STAT").await, "+OK 3 77");
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
    assert_eq!(client.rest().await, b"+OK 2 38\r\n+OK 3 16\r\n+OK bye\r\n");
}

fn unstuffed(body: &[u8]) -> Vec<u8> {
    let lines = body.split_inclusive(|octet| *octet == b'\n');
    lines
        .flat_map(|line| line.strip_prefix(b".").unwrap_or(line))
        .copied()
        .collect()
}

// ---- several sessions ----

#[tokio::test]
async fn a_second_login_is_refused_until_the_first_session_ends() {
    let maildrop = three();
    let server = good(&maildrop);
    let mut first = Client::logged_in(&server).await;
    let (mut second, _) = Client::greeted(&server).await;
    second.ask("USER demo").await;
    assert_eq!(
        second.ask("PASS demo").await,
        "-ERR [IN-USE] the mailbox is in use"
    );
    first.ask("QUIT").await;
    second.log_in().await;
}

#[tokio::test]
async fn shared_sessions_have_numbers_that_do_not_move() {
    let maildrop = three();
    let quirks = Quirks {
        several_sessions: true,
        ..Quirks::default()
    };
    let server = serve(&maildrop, quirks);
    let mut first = Client::logged_in(&server).await;
    let mut second = Client::logged_in(&server).await;
    second.ask("DELE 1").await;
    second.ask("QUIT").await;
    maildrop.deliver(*b"Subject: new\r\n\r\n");
    assert_eq!(
        first.ask("RETR 1").await,
        "-ERR this message was removed meanwhile"
    );
    assert_eq!(first.ask("UIDL 2").await, "+OK 2 0000000200000001");
    assert_eq!(first.ask("LIST 4").await, "-ERR no such message");
}

#[tokio::test]
async fn changes_from_outside_show_in_the_next_session() {
    let maildrop = three();
    let server = good(&maildrop);
    let uidls = maildrop.uidls();
    assert!(maildrop.remove(&uidls[0]));
    assert!(!maildrop.remove(&uidls[0]));
    let delivered = maildrop.deliver(*b"Subject: new");
    maildrop.deliver_as(&uidls[1], *b"Subject: twin\r\n");
    assert_eq!(
        maildrop.uidls(),
        [
            uidls[1].clone(),
            uidls[2].clone(),
            delivered,
            uidls[1].clone()
        ]
    );
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("LIST").await,
        "1 38\r\n2 16\r\n3 14\r\n4 15\r\n"
    );
    client.ask("QUIT").await;

    let before = maildrop.uidls();
    maildrop.replace_uidls();
    assert!(maildrop.uidls().iter().all(|uidl| !before.contains(uidl)));
}

// ---- authentication ----

async fn refused_then(accepted: &str, refused: &str) {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert_eq!(
        client.ask(refused).await,
        "-ERR [AUTH] wrong name or password"
    );
    assert_eq!(client.ask(accepted).await, "+OK 3 messages, 77 octets");
}

#[tokio::test]
async fn user_and_pass_log_in_and_a_wrong_password_does_not() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    assert_eq!(
        client.ask("PASS demo ").await,
        "-ERR [AUTH] wrong name or password"
    );
    client.ask("USER nobody").await;
    assert_eq!(
        client.ask("PASS demo").await,
        "-ERR [AUTH] wrong name or password"
    );
    client.log_in().await;
}

#[tokio::test]
async fn a_password_may_hold_spaces() {
    let mut options = ServerOptions::new(three());
    options.password = " two  words ".to_owned();
    let server = Server::start(options).unwrap();
    let (mut client, _) = Client::greeted(&server).await;
    client.ask("USER demo").await;
    assert!(client.ask("PASS  two  words ").await.starts_with("+OK"));
}

#[tokio::test]
async fn plain_logs_in_with_and_without_initial_response() {
    let right = STANDARD.encode("\0demo\0demo");
    let wrong = STANDARD.encode("\0demo\0other");
    refused_then(
        &format!("AUTH PLAIN {right}"),
        &format!("auth plain {wrong}"),
    )
    .await;

    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert_eq!(client.ask("*").await, "-ERR authentication cancelled");
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert_eq!(client.ask("no base64!").await, "-ERR this is no response");
    assert_eq!(client.ask("AUTH PLAIN").await, "+ ");
    assert!(client.ask(&right).await.starts_with("+OK"));
}

#[tokio::test]
async fn login_asks_for_name_and_password() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        assert_eq!(client.ask("AUTH LOGIN").await, "+ VXNlcm5hbWU6");
        assert_eq!(client.ask(&STANDARD.encode("demo")).await, "+ UGFzc3dvcmQ6");
        assert!(
            client
                .ask(&STANDARD.encode(password))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn cram_md5_wants_the_keyed_digest_of_the_challenge() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        let line = client.ask("AUTH CRAM-MD5").await;
        let challenge = STANDARD.decode(line.strip_prefix("+ ").unwrap()).unwrap();
        let mut mac = Hmac::<Md5>::new_from_slice(password.as_bytes()).unwrap();
        mac.update(&challenge);
        let response = format!("demo {:x}", mac.finalize().into_bytes());
        assert!(
            client
                .ask(&STANDARD.encode(response))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn apop_wants_the_digest_of_timestamp_and_password() {
    let server = good(&three());
    let (mut client, greeting) = Client::greeted(&server).await;
    let timestamp = &greeting[greeting.find('<').unwrap()..];
    for (password, status) in [("other", "-ERR [AUTH]"), ("demo", "+OK")] {
        let digest = Md5::digest(format!("{timestamp}{password}"));
        assert!(
            client
                .ask(&format!("APOP demo {digest:x}"))
                .await
                .starts_with(status)
        );
    }
}

#[tokio::test]
async fn every_session_has_another_timestamp() {
    let server = good(&three());
    let (_, one) = Client::greeted(&server).await;
    let (_, two) = Client::greeted(&server).await;
    assert_ne!(one, two);
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// The client's side of SCRAM-SHA-256: the final message, and the signature the server has to answer with.
fn scram_final(server_first: &str, password: &str) -> (String, String) {
    let mut fields = server_first.split(',').map(|field| &field[2..]);
    let (nonce, salt, rounds) = (
        fields.next().unwrap(),
        fields.next().unwrap(),
        fields.next().unwrap(),
    );
    let mut salt = STANDARD.decode(salt).unwrap();
    salt.extend_from_slice(&[0, 0, 0, 1]);
    let mut round = hmac_sha256(password.as_bytes(), &salt);
    let mut salted = round;
    for _ in 1..rounds.parse().unwrap() {
        round = hmac_sha256(password.as_bytes(), &round);
        salted
            .iter_mut()
            .zip(round)
            .for_each(|(left, right)| *left ^= right);
    }
    let without_proof = format!("c=biws,r={nonce}");
    let said = format!("n=demo,r=client,{server_first},{without_proof}");
    let client_key = hmac_sha256(&salted, b"Client Key");
    let signature = hmac_sha256(&Sha256::digest(client_key), said.as_bytes());
    let proof: Vec<u8> = client_key
        .iter()
        .zip(signature)
        .map(|(left, right)| left ^ right)
        .collect();
    let server_key = hmac_sha256(&salted, b"Server Key");
    let expected = STANDARD.encode(hmac_sha256(&server_key, said.as_bytes()));
    (
        format!("{without_proof},p={}", STANDARD.encode(proof)),
        format!("v={expected}"),
    )
}

#[tokio::test]
async fn scram_sha_256_proves_both_sides() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    let first = STANDARD.encode("n,,n=demo,r=client");
    for password in ["other", "demo"] {
        let line = client.ask(&format!("AUTH SCRAM-SHA-256 {first}")).await;
        let challenge = STANDARD.decode(line.strip_prefix("+ ").unwrap()).unwrap();
        let challenge = String::from_utf8(challenge).unwrap();
        assert!(challenge.starts_with("r=client"));
        let (response, signature) = scram_final(&challenge, password);
        let answer = client.ask(&STANDARD.encode(response)).await;
        if password == "other" {
            assert_eq!(answer, "-ERR [AUTH] wrong name or password");
        } else {
            assert_eq!(answer, format!("+ {}", STANDARD.encode(signature)));
            assert!(client.ask("").await.starts_with("+OK"));
        }
    }
}

#[tokio::test]
async fn a_refused_token_is_explained_in_a_challenge() {
    let quirks = Quirks {
        mechanisms: vec![Mechanism::XOAuth2, Mechanism::OAuthBearer],
        ..Quirks::default()
    };
    let server = serve(&three(), quirks);
    let (mut client, _) = Client::greeted(&server).await;
    assert!(
        client
            .ask_lines("CAPA")
            .await
            .contains("\r\nSASL XOAUTH2 OAUTHBEARER\r\n")
    );
    let wrong = STANDARD.encode("user=demo\x01auth=Bearer stale\x01\x01");
    assert!(
        client
            .ask(&format!("AUTH XOAUTH2 {wrong}"))
            .await
            .starts_with("+ eyJ")
    );
    assert_eq!(client.ask("").await, "-ERR [AUTH] wrong name or password");
    let right = STANDARD.encode("n,a=demo,\x01host=localhost\x01auth=Bearer demo\x01\x01");
    assert!(
        client
            .ask(&format!("AUTH OAUTHBEARER {right}"))
            .await
            .starts_with("+OK")
    );
}

#[tokio::test]
async fn logins_can_be_refused_in_every_way() {
    for (login, start) in [
        (Login::Refused, "-ERR [AUTH] "),
        (Login::RefusedWithoutCode, "-ERR cannot"),
        (Login::InUse, "-ERR [IN-USE] "),
        (Login::Delay, "-ERR [LOGIN-DELAY] "),
        (Login::Trouble, "-ERR [SYS/TEMP] "),
    ] {
        let quirks = Quirks {
            login,
            ..Quirks::default()
        };
        let server = serve(&three(), quirks);
        let (mut client, _) = Client::greeted(&server).await;
        client.ask("USER demo").await;
        let reply = client.ask("PASS demo").await;
        assert!(reply.starts_with(start), "{reply}");
        server.set_quirks(Quirks::default());
        Client::logged_in(&server).await;
    }
}

// ---- TLS ----

fn identity() -> native_tls::Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_pem();
    native_tls::Identity::from_pkcs8(made.cert.pem().as_bytes(), key.as_bytes()).unwrap()
}

fn serve_tls(quirks: Quirks, implicit_tls: bool) -> Server {
    let mut options = ServerOptions::new(three());
    options.quirks = quirks;
    options.tls = Some(identity());
    options.implicit_tls = implicit_tls;
    Server::start(options).unwrap()
}

async fn secure(socket: TcpStream) -> Client<tokio_native_tls::TlsStream<TcpStream>> {
    let mut builder = native_tls::TlsConnector::builder();
    builder.danger_accept_invalid_certs(true);
    let connector = tokio_native_tls::TlsConnector::from(builder.build().unwrap());
    Client::over(connector.connect("localhost", socket).await.unwrap())
}

#[tokio::test]
async fn stls_starts_tls_and_is_not_offered_twice() {
    let server = serve_tls(Quirks::default(), false);
    let (mut client, _) = Client::greeted(&server).await;
    assert!(client.ask_lines("CAPA").await.contains("\r\nSTLS\r\n"));
    assert_eq!(client.ask("STLS").await, "+OK begin TLS");
    let mut client = secure(client.stream.into_inner()).await;
    assert!(!client.ask_lines("CAPA").await.contains("STLS"));
    assert_eq!(client.ask("STLS").await, "-ERR TLS is active already");
    client.log_in().await;
    client.ask_lines("RETR 2").await;
    assert_eq!(client.ask("QUIT").await, "+OK bye");
}

#[tokio::test]
async fn implicit_tls_greets_after_the_handshake() {
    let server = serve_tls(Quirks::default(), true);
    assert_eq!(
        server.url(),
        format!("pop3s://demo:demo@{}", server.address())
    );
    let mut client = secure(TcpStream::connect(server.address()).await.unwrap()).await;
    assert!(client.line().await.starts_with("+OK poppet demo ready <"));
    client.log_in().await;
}

#[tokio::test]
async fn stls_can_be_missing_refused_or_poisoned() {
    for (stls, advertised, answer) in [
        (Stls::Missing, false, "-ERR STLS is not available"),
        (Stls::Refused, true, "-ERR [SYS/TEMP] TLS cannot be started"),
        (
            Stls::Injected(b"+OK evil\r\n".to_vec()),
            true,
            "+OK begin TLS",
        ),
    ] {
        let poisoned = matches!(stls, Stls::Injected(_));
        let quirks = Quirks {
            stls,
            ..Quirks::default()
        };
        let server = serve_tls(quirks, false);
        let (mut client, _) = Client::greeted(&server).await;
        assert_eq!(client.ask_lines("CAPA").await.contains("STLS"), advertised);
        assert_eq!(client.ask("STLS").await, answer);
        if poisoned {
            assert_eq!(client.line().await, "+OK evil");
        }
    }
}

#[tokio::test]
async fn commands_sent_behind_stls_in_the_clear_are_forgotten() {
    let server = serve_tls(Quirks::default(), false);
    let (mut client, _) = Client::greeted(&server).await;
    client.send("STLS\r\nUSER demo\r\n").await;
    assert_eq!(client.line().await, "+OK begin TLS");
    let mut client = secure(client.stream.into_inner()).await;
    assert_eq!(
        client.ask("PASS demo").await,
        "-ERR PASS comes directly after USER"
    );
}

#[tokio::test]
async fn without_a_certificate_there_is_no_tls() {
    let server = good(&three());
    let (mut client, _) = Client::greeted(&server).await;
    assert!(!client.ask_lines("CAPA").await.contains("STLS"));
    let mut options = ServerOptions::new(three());
    options.implicit_tls = true;
    assert!(Server::start(options).is_err());
}

// ---- other quirks ----

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
        maildrop.idle().await;
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
    assert_eq!(client.rest().await, b"+OK 3 77\r\n");

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

// ---- mailboxes ----

#[tokio::test]
async fn a_hundred_thousand_generated_messages_are_listed_with_their_sizes() {
    let maildrop = demo::generated(100_000, 3, &now());
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    let listing = client.ask_lines("LIST").await;
    assert_eq!(listing.lines().count(), 100_000);
    let (number, octets) = listing.lines().last().unwrap().split_once(' ').unwrap();
    assert_eq!(number, "100000");
    client.send("RETR 100000\r\n").await;
    assert_eq!(client.line().await, format!("+OK {octets} octets"));
    let octets: usize = octets.parse().unwrap();
    assert_eq!(unstuffed(&client.body().await).len(), octets);
}

#[test]
fn a_generated_mailbox_is_the_same_every_time() {
    let (one, same) = (
        demo::generated(40, 9, &now()),
        demo::generated(40, 9, &now()),
    );
    let octets = |maildrop: &Maildrop| -> Vec<Vec<u8>> {
        maildrop.messages().iter().map(Message::to_vec).collect()
    };
    assert_eq!(octets(&one), octets(&same));
    assert_eq!(one.uidls(), same.uidls());
    assert_ne!(one.uidls(), demo::generated(40, 8, &now()).uidls());
}

#[tokio::test]
async fn a_template_gets_its_dates_and_its_filling_when_the_server_starts() {
    let template =
        b"Date: @-3d 09:15@\r\nFrom: a@b.example\r\n\r\n@fill 18000000 base64@\r\n--end--\r\n";
    let message = demo::expand(template, &now());
    let maildrop = Maildrop::new(vec![message.clone()]);
    let server = good(&maildrop);
    let mut client = Client::logged_in(&server).await;
    assert_eq!(
        client.ask_lines("TOP 1 0").await,
        "Date: Fri, 20 Nov 2026 09:15:00 +0000\r\nFrom: a@b.example\r\n\r\n"
    );
    let body = client.ask_lines("RETR 1").await;
    assert_eq!(body.len() as u64, message.octets());
    assert!((18_000_060..18_000_080).contains(&body.len()));
    assert!(body.ends_with("==--end--\r\n") || body.ends_with("\r\n--end--\r\n"));
}

#[tokio::test]
async fn the_sample_mailbox_has_no_placeholder_left() {
    let sample = demo::sample(&now());
    for message in sample
        .messages()
        .iter()
        .filter(|message| message.octets() < 1_000_000)
    {
        let octets = message.to_vec();
        let text = String::from_utf8_lossy(&octets);
        assert!(!text.contains("@-") && !text.contains("@fill "));
    }
}

#[test]
fn a_server_needs_a_runtime_and_says_so() {
    assert!(Server::start(ServerOptions::new(three())).is_err());
}

//! What a session keeps, forgets and refuses to survive.

use super::*;
use crate::pop3::Uidl;

#[test]
fn p56_tls_makes_the_client_forget_what_it_learnt_in_the_clear() {
    let mut client = Client::new(Limits::default());
    events(&mut client, b"+OK <1.2@example.org>\r\n").unwrap();
    assert_eq!(client.timestamp(), Some("<1.2@example.org>"));
    exchange(
        &mut client,
        &Command::Capa,
        "+OK\r\nSTLS\r\nRESP-CODES\r\n.\r\n",
    );
    exchange(&mut client, &Command::Stls, "+OK\r\n");
    client.restart_after_tls();
    assert_eq!((client.timestamp(), client.capabilities()), (None, None));
    let apop = Command::Apop {
        user: word("ann"),
        digest: word("00"),
    };
    assert_eq!(refusal(&mut client, &apop), Some(Refusal::NotOffered));
    client.send(&Command::User(word("ann"))).unwrap();
    let replies = events(&mut client, b"-ERR [AUTH] no\r\n").unwrap();
    assert!(matches!(replies.as_slice(), [Event::Reply(reply)] if reply.code.is_none()));
}

#[test]
fn p55_v6_octets_before_the_handshake_poison_the_client() {
    let mut client = greeted();
    exchange(&mut client, &Command::Capa, "+OK\r\nSTLS\r\n.\r\n");
    client.send(&Command::Stls).unwrap();
    client.feed(b"+OK begin\r\n+OK injected\r\n");
    assert!(matches!(client.poll(), Ok(Some(Event::Reply(_)))));
    assert_eq!(client.buffered(), 14);
    assert_eq!(client.starttls_ready(), Err(Error::InjectedBeforeTls));
    client.restart_after_tls();
    assert_eq!(client.state(), State::Dead);
    assert_eq!(client.poll(), Err(Error::InjectedBeforeTls));
}

#[test]
fn tls_without_stls_poisons_the_client() {
    let mut client = greeted();
    client.restart_after_tls();
    assert_eq!(client.state(), State::Dead);
}

#[test]
fn v14_after_an_error_nothing_is_sent_and_output_is_gone() {
    let mut client = logged_in();
    client.send(&Command::Noop).unwrap();
    assert_eq!(client.output(), b"NOOP\r\n");
    let error = events(&mut client, b"what?\r\n").unwrap_err();
    assert_eq!(client.output(), b"");
    assert_eq!(refusal(&mut client, &Command::Quit), Some(Refusal::Dead));
    assert_eq!(events(&mut client, b"+OK\r\n"), Err(error.clone()));
    assert_eq!(client.end_of_stream(), Err(error));
}

#[test]
fn q19_a_server_that_spoke_unasked_is_not_spoken_to() {
    let mut client = logged_in();
    client.feed(b"-ERR Disc");
    assert_eq!(refusal(&mut client, &Command::Noop), Some(Refusal::Dead));
    assert_eq!(client.poll(), Ok(None));
    client.feed(b"onnected.\r\n");
    assert_eq!(
        client.poll().unwrap_err().to_string(),
        "the server spoke without being asked: \"-ERR Disconnected.\""
    );
}

#[test]
fn q17_output_keeps_whole_commands_until_they_are_reported_as_written() {
    let mut client = logged_in();
    client.send(&Command::Stat).unwrap();
    client.send(&Command::List(None)).unwrap();
    assert_eq!(client.output(), b"STAT\r\nLIST\r\n");
    client.advance_output(8);
    assert_eq!(client.output(), b"ST\r\n");
    client.send(&Command::Noop).unwrap();
    assert_eq!(client.take_output(), b"ST\r\nNOOP\r\n");
    assert_eq!((client.output(), client.outstanding()), (b"".as_slice(), 3));
}

#[test]
fn v29_debug_of_a_client_shows_no_octets() {
    let mut client = greeted();
    exchange(&mut client, &Command::User(word("ann")), "+OK\r\n");
    client
        .send(&Command::Pass(Password::new("hunter2").unwrap()))
        .unwrap();
    assert!(!format!("{client:?}").contains("hunter2"));
}

#[test]
fn v29_an_echoed_password_does_not_reach_the_error_text() {
    let mut client = greeted();
    exchange(&mut client, &Command::User(word("ann")), "+OK\r\n");
    client
        .send(&Command::Pass(Password::new("hunter2").unwrap()))
        .unwrap();
    let error = events(&mut client, b"PASS hunter2\r\n").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

#[test]
fn v13_v32_every_limit_ends_the_session() {
    let limits = Limits {
        status_line: 32,
        challenge: 64,
        capability_lines: 2,
        capability_octets: 24,
        list_entries: 3,
        list_octets: 40,
        message_octets: 5,
    };
    let ready = |stage: &str| {
        let mut client = Client::new(limits.clone());
        events(&mut client, b"+OK\r\n").unwrap();
        if stage == "in" {
            exchange(&mut client, &Command::User(word("ann")), "+OK\r\n");
            exchange(
                &mut client,
                &Command::Pass(Password::new("x").unwrap()),
                "+OK\r\n",
            );
        }
        client
    };
    let end = |stage: &str, command: &Command, answer: &str| {
        let mut client = ready(stage);
        client.send(command).unwrap();
        events(&mut client, answer.as_bytes()).err()
    };
    let long = "+OK 890123456789012345678901234567890\r\n";
    assert_eq!(
        end("in", &Command::Noop, long),
        Some(Error::LineTooLong {
            during: Verb::Noop,
            limit: 32
        })
    );
    let auth = Command::Auth {
        mechanism: word("PLAIN"),
        initial: None,
    };
    assert_eq!(
        end("out", &auth, &format!("+ {}", "A".repeat(70))),
        Some(Error::LineTooLong {
            during: Verb::Auth,
            limit: 64
        })
    );
    let capa = Some(Error::ListTooLong { during: Verb::Capa });
    assert_eq!(end("out", &Command::Capa, "+OK\r\nA\r\nB\r\nC\r\n"), capa);
    assert_eq!(
        end(
            "out",
            &Command::Capa,
            "+OK\r\nABCDEFGHIJKLMNO\r\nABCDEFGHIJKLMNO\r\n"
        ),
        capa
    );
    let list = Some(Error::ListTooLong { during: Verb::List });
    assert_eq!(
        end(
            "in",
            &Command::List(None),
            "+OK\r\n1 1\r\n2 1\r\n3 1\r\n4 1\r\n"
        ),
        list
    );
    assert_eq!(
        end(
            "in",
            &Command::List(None),
            "+OK\r\n1 1 xxxxxxxxxxxxxxxxxx\r\n2 1 xxxxxxxxxxxxxxxxxx\r\n"
        ),
        list
    );
    let large = Some(Error::MessageTooLarge {
        number: 1,
        limit: 5,
    });
    assert_eq!(
        end("in", &Command::Retr(number(1)), "+OK\r\n1234\r\n.\r\n"),
        large
    );
    assert_eq!(
        end("in", &Command::Retr(number(1)), "+OK\r\n123\r\n.\r\n"),
        None
    );
}

#[test]
fn listings_of_100_000_messages_parse_in_single_octets() {
    let mut client = logged_in();
    client.send(&Command::List(None)).unwrap();
    client.send(&Command::Uidl(None)).unwrap();
    let mut stream = b"+OK\r\n".to_vec();
    (1..=100_000).for_each(|n| stream.extend_from_slice(format!("{n} {}\r\n", n * 7).as_bytes()));
    stream.extend_from_slice(b".\r\n+OK\r\n");
    (1..=100_000).for_each(|n| stream.extend_from_slice(format!("{n} id-{n}\r\n").as_bytes()));
    stream.extend_from_slice(b".\r\n");
    let mut heard = Vec::new();
    for octet in stream {
        heard.extend(events(&mut client, &[octet]).unwrap());
    }
    let [Event::Listing(sizes), Event::Uidls(uidls)] = heard.as_slice() else {
        panic!("{} events", heard.len());
    };
    assert_eq!(
        (sizes.len(), sizes.last()),
        (100_000, Some(&(number(100_000), 700_000)))
    );
    assert_eq!(
        (uidls.len(), uidls.last()),
        (
            100_000,
            Some(&(number(100_000), Uidl::new(b"id-100000").ok()))
        )
    );
}

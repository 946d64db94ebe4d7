//! What holds for every stream of octets, sensible or not.

use poppet::pop3::sasl::{Credentials, Exchange, Method};
use poppet::pop3::{Client, Command, Error, Event, Limits, MessageNumber, Password, Word};
use proptest::prelude::*;

/// Small, so that random streams reach them.
fn limits() -> Limits {
    Limits {
        status_line: 40,
        challenge: 60,
        capability_lines: 4,
        capability_octets: 60,
        list_entries: 4,
        list_octets: 60,
        message_octets: 50,
    }
}

fn drain(client: &mut Client, events: &mut Vec<Event>) -> Result<(), Error> {
    while let Some(event) = client.poll()? {
        match (event, events.last_mut()) {
            (Event::MessageChunk(more), Some(Event::MessageChunk(chunk))) => chunk.extend(more),
            (event, _) => events.push(event),
        }
    }
    Ok(())
}

/// What a client hears when `stream` arrives in pieces cut at `cuts`, with `commands` outstanding.
fn heard(
    commands: &[Command],
    login: bool,
    stream: &[u8],
    cuts: &[usize],
) -> (Vec<Event>, Option<Error>) {
    let mut client = Client::new(limits());
    let mut events = Vec::new();
    if login {
        client.feed(b"+OK\r\n");
        drain(&mut client, &mut events).unwrap();
        client
            .send(&Command::User(Word::new("ann").unwrap()))
            .unwrap();
        client.feed(b"+OK\r\n");
        drain(&mut client, &mut events).unwrap();
        client
            .send(&Command::Pass(Password::new("x").unwrap()))
            .unwrap();
        client.feed(b"+OK\r\n");
        drain(&mut client, &mut events).unwrap();
        for command in commands {
            let _ = client.send(command);
        }
    }
    let mut cuts: Vec<usize> = cuts
        .iter()
        .map(|cut| cut % (stream.len() + 1))
        .chain([0, stream.len()])
        .collect();
    cuts.sort_unstable();
    for piece in cuts.windows(2) {
        client.feed(&stream[piece[0]..piece[1]]);
        if let Err(error) = drain(&mut client, &mut events) {
            assert_eq!(client.poll().as_ref(), Err(&error), "poisoned for ever");
            assert!(client.send(&Command::Quit).is_err());
            return (events, Some(error));
        }
    }
    (events, client.end_of_stream().err())
}

fn commands() -> impl Strategy<Value = Vec<Command>> {
    let one = MessageNumber::new(1).unwrap();
    let two = MessageNumber::new(2).unwrap();
    let command = prop::sample::select(vec![
        Command::Capa,
        Command::Stat,
        Command::List(None),
        Command::List(Some(one)),
        Command::Uidl(None),
        Command::Uidl(Some(two)),
        Command::Retr(one),
        Command::Top(two, 3),
        Command::Dele(one),
        Command::Rset,
        Command::Noop,
        Command::Quit,
    ]);
    prop::collection::vec(command, 0..6)
}

/// Streams of words that mean something to a client.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(vec![
        "+OK",
        "-ERR",
        "+OK\r\n",
        "-ERR no\r\n",
        "+OK 1 2\r\n",
        "+OK 2 id\r\n",
        "\r\n",
        "\r\n",
        "\n",
        "\r",
        ".",
        "..",
        "\r\n.\r\n",
        ".\r\n",
        "\n.\n",
        " ",
        "1 5\r\n",
        "2 id\r\n",
        "1",
        "2",
        "x",
        "[AUTH]",
        "SASL PLAIN\r\n",
        "\0",
        "+ ",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_are_survived(commands in commands(), login in any::<bool>(), stream in prop::collection::vec(any::<u8>(), 0..200)) {
        heard(&commands, login, &stream, &[]);
    }

    #[test]
    fn p2_p3_v12_a_password_is_refused_or_sent_verbatim_in_one_line(password in "\\PC{0,20}|[\\x00-\\x7f]{0,20}| {1,9}|x{240,260}") {
        let mut client = Client::new(limits());
        client.feed(b"+OK\r\n");
        drain(&mut client, &mut Vec::new()).unwrap();
        client.send(&Command::User(Word::new("ann").unwrap())).unwrap();
        client.feed(b"+OK\r\n");
        drain(&mut client, &mut Vec::new()).unwrap();
        let _ = client.take_output();
        let sent = Password::new(&password).is_ok_and(|password| client.send(&Command::Pass(password)).is_ok());
        let output = client.take_output();
        if sent {
            prop_assert_eq!(&output, &format!("PASS {password}\r\n").into_bytes());
            prop_assert!(output.len() <= 255);
            prop_assert_eq!(output.iter().filter(|octet| octet.is_ascii_control()).count(), 2);
            prop_assert!(password.is_ascii());
        } else {
            prop_assert_eq!(output, b"");
        }
    }

    #[test]
    fn any_challenges_are_survived(
        method in prop::sample::select(vec![
            Method::Plain, Method::Login, Method::CramMd5, Method::ScramSha256, Method::XOauth2, Method::OauthBearer,
        ]),
        challenges in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "(r=nonce|r=|s=|i=|v=|,|=|AAAA|4096|m=x){0,8}".prop_map(String::into_bytes),
        ], 0..4),
    ) {
        let secret = secrecy::SecretString::from("pencil");
        let credentials = Credentials { user: "ann".to_owned(), secret, host: "pop.example.org".to_owned(), port: 995 };
        let mut exchange = Exchange::new(method, &credentials, "nonce").unwrap();
        let _ = exchange.begin(None);
        for challenge in &challenges {
            if exchange.answer(challenge).is_err() {
                break;
            }
        }
        prop_assert!(!challenges.is_empty() || exchange.finish().is_err());
        prop_assert!(method != Method::ScramSha256 || exchange.finish().is_err(), "no challenge here holds a proof");
    }

    #[test]
    fn the_same_is_heard_for_every_cutting(
        commands in commands(),
        login in any::<bool>(),
        stream in stream(),
        cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let whole = heard(&commands, login, &stream, &[]);
        let every: Vec<usize> = (0..=stream.len()).collect();
        prop_assert_eq!(&heard(&commands, login, &stream, &cuts), &whole);
        prop_assert_eq!(&heard(&commands, login, &stream, &every), &whole);
    }

    #[test]
    fn p9_p10_a_stuffed_message_comes_back_octet_for_octet(
        lines in prop::collection::vec("[.\\x00-\\xff]{0,6}|\\.{1,3}", 0..12),
        cuts in prop::collection::vec(any::<usize>(), 0..6),
    ) {
        let mut message = Vec::new();
        let mut stream = b"+OK\r\n".to_vec();
        for line in &lines {
            let line: Vec<u8> = line.chars().map(|c| c as u8).collect();
            // A line that ends in CR or holds CRLF is two lines.
            let line: Vec<u8> = line.into_iter().filter(|octet| *octet != b'\n').collect();
            message.extend_from_slice(&line);
            message.extend_from_slice(b"\r\n");
        }
        for line in message.split_inclusive(|octet| *octet == b'\n') {
            if line.first() == Some(&b'.') {
                stream.push(b'.');
            }
            stream.extend_from_slice(line);
        }
        stream.extend_from_slice(b".\r\n");
        let retr = [Command::Retr(MessageNumber::new(1).unwrap())];
        let (events, _) = heard(&retr, true, &stream, &cuts);
        let body: Vec<u8> = events.iter().filter_map(|event| match event {
            Event::MessageChunk(chunk) => Some(chunk.clone()),
            _ => None,
        }).flatten().collect();
        let expected = message.get(..50).unwrap_or(&message);
        prop_assert_eq!(body, expected);
    }
}

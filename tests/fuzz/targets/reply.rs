//! Single answers of a server, against a second reading of the same lines that is as simple as can be.

use poppet::pop3::{
    Capabilities, Client, Command, Error, Event, Limits, MessageNumber, Password, Reply, Word,
};

use super::{Octets, session};

/// The first octet says what each line answers; the rest are the lines.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    let how = octets.octet();
    if how & 7 == 7 {
        capabilities(octets.0);
        return;
    }
    for (place, line) in octets
        .0
        .split_inclusive(|octet| *octet == b'\n')
        .take(64)
        .enumerate()
    {
        let question = usize::from(how & 7) + place;
        answer(question, how & 8 != 0, line);
    }
}

/// Greetings, status lines, lists of one line and capabilities, as the transcripts have them.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (_, script) in session::scripts() {
        let lines: Vec<Vec<u8>> = script
            .into_iter()
            .filter_map(session::Step::said)
            .filter(|said| said.len() < 2_000)
            .collect();
        let said = lines.concat();
        for how in [0, 8, 2, 7] {
            let seed = [&[how], said.as_slice()].concat();
            seeds.push(
                seed.get(..seed.len().min(1_000))
                    .unwrap_or_default()
                    .to_vec(),
            );
        }
    }
    seeds
}

fn answer(question: usize, codes: bool, line: &[u8]) {
    let line = if line.ends_with(b"\n") {
        line.to_vec()
    } else {
        [line, b"\r\n"].concat()
    };
    let text = line.strip_suffix(b"\n").unwrap_or(&line);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let read = status(text).filter(|_| line.len() <= Limits::default().status_line);
    let one = MessageNumber::new(1).expect("a number");
    let (mut client, command) = match question % 7 {
        0 => (Client::new(Limits::default()), None),
        1 => (logged_in(codes), Some(Command::Noop)),
        2 => (logged_in(codes), Some(Command::Stat)),
        3 => (logged_in(codes), Some(Command::List(Some(one)))),
        4 => (logged_in(codes), Some(Command::Uidl(Some(one)))),
        5 => (logged_in(codes), Some(Command::Dele(one))),
        _ => (logged_in(codes), Some(Command::Quit)),
    };
    if let Some(command) = &command {
        client.send(command).expect("a command that is allowed");
    }
    client.feed(&line);
    let heard = client.poll();
    match (&heard, read) {
        (Ok(Some(Event::Greeting(greeting))), Some((ok, text))) => {
            assert!(command.is_none());
            assert_eq!((greeting.ok, greeting.text.as_slice()), (ok, text));
            if let Some(stamp) = &greeting.timestamp {
                timestamp(stamp, &greeting.text);
            }
            let _ = greeting.claimed_code();
        }
        (Ok(Some(Event::Reply(reply))), Some((ok, text))) => {
            assert_eq!((reply.ok, reply.text.as_slice()), (ok, text));
            check_reply(reply, codes);
        }
        (Ok(Some(Event::Drop { messages, octets })), Some((true, text))) => {
            let mut numbers = numbers(text);
            assert_eq!(numbers.next(), Some(Some(u64::from(*messages))));
            assert!(octets.is_none() || numbers.next() == Some(*octets));
        }
        (Ok(Some(Event::Listing(entries))), Some((true, text))) => {
            let (number, octets) = entries.first().expect("an entry");
            let mut numbers = numbers(text);
            assert_eq!((entries.len(), number.value()), (1, 1));
            assert_eq!(numbers.next(), Some(Some(1)));
            assert_eq!(numbers.next(), Some(Some(*octets)));
        }
        (Ok(Some(Event::Uidls(entries))), Some((true, text))) => {
            let (number, uidl) = entries.first().expect("an entry");
            assert_eq!((entries.len(), number.value()), (1, 1));
            if let Some(uidl) = uidl {
                assert!(
                    text.windows(uidl.as_bytes().len())
                        .any(|part| part == uidl.as_bytes())
                );
                assert!(uidl.to_string().is_ascii() && !uidl.as_bytes().is_empty());
            }
        }
        (Err(error), read) => {
            session::check_error(error);
            let understood = matches!(error, Error::Malformed { .. });
            assert_eq!(
                read.is_some_and(|(ok, _)| ok),
                understood,
                "{error}: {text:?}"
            );
        }
        (heard, read) => panic!("{heard:?} for {read:?}"),
    }
}

/// `+OK` or `-ERR`, and then nothing or a space (RFC 1939 section 3).
fn status(line: &[u8]) -> Option<(bool, &[u8])> {
    match line {
        b"+OK" => Some((true, b"")),
        b"-ERR" => Some((false, b"")),
        [b'+', b'O', b'K', b' ', text @ ..] => Some((true, text)),
        [b'-', b'E', b'R', b'R', b' ', text @ ..] => Some((false, text)),
        _ => None,
    }
}

fn numbers(text: &[u8]) -> impl Iterator<Item = Option<u64>> {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
        .map(|word| {
            let digits = word.iter().all(u8::is_ascii_digit);
            let word = std::str::from_utf8(word).ok().filter(|_| digits)?;
            word.parse().ok()
        })
}

fn check_reply(reply: &Reply, codes: bool) {
    assert_eq!(reply.code, reply.claimed_code().filter(|_| codes));
    assert!(reply.text.ends_with(reply.message()));
    let shorter = reply.message().len() < reply.text.len();
    assert_eq!(reply.claimed_code().is_some(), shorter);
}

/// A msg-id that stands in the greeting: anything looser would let somebody in between choose what is hashed.
fn timestamp(stamp: &str, text: &[u8]) {
    assert!(
        text.windows(stamp.len())
            .any(|part| part == stamp.as_bytes())
    );
    assert!(stamp.starts_with('<') && stamp.ends_with('>'));
    assert!(stamp.bytes().all(|octet| octet.is_ascii_graphic()));
    assert_eq!(stamp.matches('@').count(), 1);
    assert_eq!(stamp.matches(['<', '>']).count(), 2);
}

fn capabilities(lines: &[u8]) {
    let mut client = logged_in(false);
    client.send(&Command::Capa).expect("CAPA");
    client.feed(b"+OK\r\n");
    client.feed(lines);
    client.feed(b"\r\n.\r\n");
    let heard = client.poll();
    if let Ok(Some(Event::Capabilities(capabilities))) = &heard {
        check_capabilities(capabilities);
    } else if let Err(error) = &heard {
        session::check_error(error);
    } else {
        panic!("{heard:?}");
    }
}

fn check_capabilities(capabilities: &Capabilities) {
    let limits = Limits::default();
    assert!(capabilities.tags().count() <= limits.capability_lines);
    for tag in capabilities.tags() {
        assert_eq!(tag, tag.to_ascii_uppercase());
        assert!(capabilities.has(&tag.to_ascii_lowercase()));
        assert!(capabilities.arguments(tag).is_some());
    }
    assert!(capabilities.sasl().is_empty() || capabilities.has("SASL"));
    assert!(capabilities.login_delay().is_none() || capabilities.has("LOGIN-DELAY"));
    assert!(!capabilities.utf8_user() || capabilities.utf8());
    assert_eq!(
        capabilities.implementation().is_some(),
        capabilities.has("IMPLEMENTATION")
    );
    let _ = (capabilities.expire(), capabilities.expire_per_user());
    let twice = capabilities.clone().and_later(capabilities);
    assert_eq!(&twice, capabilities);
}

/// A client in TRANSACTION, which knows of response codes or not.
fn logged_in(codes: bool) -> Client {
    let mut client = Client::new(Limits::default());
    let mut answer = |command: Option<Command>, answer: &[u8]| {
        if let Some(command) = command {
            client.send(&command).expect("a command that is allowed");
        }
        client.feed(answer);
        client.poll().expect("an answer").expect("an event");
    };
    answer(None, b"+OK\r\n");
    if codes {
        answer(Some(Command::Capa), b"+OK\r\nRESP-CODES\r\n.\r\n");
    }
    answer(
        Some(Command::User(Word::new("ann").expect("a word"))),
        b"+OK\r\n",
    );
    answer(
        Some(Command::Pass(Password::new("x").expect("a password"))),
        b"+OK\r\n",
    );
    let _ = client.take_output();
    client
}

//! A whole session without a connection: a script of commands and of what the server says, played in several cuttings.
//!
//! Everything is what the server says, but for three octets that begin with [`MARK`]: which command is sent then, and its
//! argument. The very first octet chooses the limits.

use std::collections::{HashSet, VecDeque};

use poppet::pop3::sasl::{Credentials, Exchange, Method};
use poppet::pop3::{
    Client, Command, Error, Event, Limits, MessageNumber, Password, Refusal, SecretOctets, State,
    Verb, Word,
};
use secrecy::SecretString;

#[allow(dead_code, reason = "how events are written is for transcripts")]
#[path = "../../transcripts/notation.rs"]
mod notation;

/// What happens next.
#[derive(Clone)]
pub(super) enum Step {
    /// The server says this.
    Said(Vec<u8>),
    /// This command is sent, or tried.
    Sent(u8, u8),
}

impl Step {
    /// What the server says.
    pub(super) fn said(self) -> Option<Vec<u8>> {
        match self {
            Self::Said(octets) => Some(octets),
            Self::Sent(..) => None,
        }
    }
}

pub(super) fn run(octets: &[u8]) {
    let Some((how, script)) = octets.split_first() else {
        return;
    };
    let steps = read(script);
    let limits = if how & 1 == 0 {
        Limits::default()
    } else {
        small()
    };
    let whole = Play::new(&limits).through(&steps, |_| false);
    let every = Play::new(&limits).through(&steps, |_| true);
    assert_eq!(whole, every, "octet by octet");
    let odd = usize::from(how >> 1) + 2;
    let some =
        Play::new(&limits).through(&steps, |place| place.wrapping_mul(2_654_435_761) % odd == 0);
    assert_eq!(whole, some, "in pieces");
}

/// The transcripts, with small limits and with those in force.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    scripts()
        .into_iter()
        .map(|(_, steps)| written(0, &steps))
        .filter(|seed| seed.len() < 4_000)
        .flat_map(|seed| [[&[1], seed.get(1..).unwrap_or_default()].concat(), seed])
        .collect()
}

/// The dialogues of the transcripts.
pub(super) fn scripts() -> Vec<(String, Vec<Step>)> {
    super::files("transcripts")
        .into_iter()
        .filter(|(name, _)| !name.contains(".rs"))
        .map(|(name, text)| {
            let text = String::from_utf8(text).expect("a text");
            let mut method = None;
            let steps = text
                .lines()
                .filter_map(|line| transcribed(line, &mut method))
                .collect();
            (name, steps)
        })
        .collect()
}

fn transcribed(line: &str, method: &mut Option<u8>) -> Option<Step> {
    let (kind, text) = line.split_at_checked(1)?;
    let text = text.strip_prefix(": ").unwrap_or(text);
    match kind {
        "S" => Some(Step::Said(
            [notation::octets(text), b"\r\n".to_vec()].concat(),
        )),
        "L" => Some(Step::Said(
            [notation::octets(text), b"\n".to_vec()].concat(),
        )),
        "P" => Some(Step::Said(notation::octets(text))),
        "T" => Some(Step::Sent(b'H', b'a')),
        "A" => {
            let name = text.split(' ').next()?;
            *method = METHODS
                .iter()
                .position(|method| method.name() == name)
                .and_then(|place| u8::try_from(place).ok());
            None
        }
        "C" | "R" => {
            let text = text.split(" | ").next()?;
            let mut words = text.split(' ');
            let (word, argument) = (words.next()?, words.next());
            let number = argument
                .and_then(|number| number.parse::<u8>().ok())
                .map_or(b'a', |number| b'a' + number.saturating_sub(1) % 8);
            Some(match (word, argument) {
                ("AUTH", _) => Step::Sent(b'X', b'a' + method.unwrap_or_default()),
                ("USER", _) => Step::Sent(b'U', b'a'),
                ("PASS", _) => Step::Sent(b'W', b'a'),
                ("APOP", _) => Step::Sent(b'A', b'a'),
                ("CAPA", _) => Step::Sent(b'C', b'a'),
                ("STLS", _) => Step::Sent(b'T', b'a'),
                ("UTF8", _) => Step::Sent(b'8', b'a'),
                ("STAT", _) => Step::Sent(b'S', b'a'),
                ("LIST", None) => Step::Sent(b'L', b'a'),
                ("LIST", Some(_)) => Step::Sent(b'l', number),
                ("UIDL", None) => Step::Sent(b'I', b'a'),
                ("UIDL", Some(_)) => Step::Sent(b'i', number),
                ("TOP", _) => Step::Sent(b't', number),
                ("RETR", _) => Step::Sent(b'r', number),
                ("DELE", _) => Step::Sent(b'd', number),
                ("RSET", _) => Step::Sent(b'R', b'a'),
                ("NOOP", _) => Step::Sent(b'N', b'a'),
                ("QUIT", _) => Step::Sent(b'Q', b'a'),
                ("*", _) => Step::Sent(b'*', b'a'),
                _ => Step::Sent(b'x', b'a'),
            })
        }
        _ => None,
    }
}

fn written(how: u8, steps: &[Step]) -> Vec<u8> {
    let mut octets = vec![how];
    for step in steps {
        match step {
            Step::Said(said) => octets.extend(said.iter().filter(|octet| **octet != MARK)),
            Step::Sent(which, argument) => octets.extend([MARK, *which, *argument]),
        }
    }
    octets
}

fn read(script: &[u8]) -> Vec<Step> {
    let mut pieces = script.split(|octet| *octet == MARK);
    let mut steps = Vec::new();
    let said = |octets: &[u8]| (!octets.is_empty()).then(|| Step::Said(octets.to_vec()));
    steps.extend(pieces.next().and_then(said));
    for piece in pieces.take(MOST) {
        let mut rest = super::Octets(piece);
        steps.push(Step::Sent(rest.octet(), rest.octet()));
        steps.extend(said(rest.0));
    }
    steps
}

/// What was noticed while a script was played; it must not depend on the cutting.
#[derive(Debug, PartialEq, Eq)]
enum Noted {
    Heard(Event),
    Sent(Vec<u8>),
    Refused(Refusal),
    Failed(Error),
    Tls(Result<(), Error>),
    Rests(State, usize, usize),
    End(Result<(), Error>),
}

/// What the server asks for during AUTH.
enum Challenge {
    Readable(Vec<u8>),
    Broken,
}

struct Play<'l> {
    limits: &'l Limits,
    client: Client,
    noted: Vec<Noted>,
    /// Commands without an answer, the greeting among them.
    due: VecDeque<(Verb, Option<MessageNumber>)>,
    /// Octets of the message that is arriving.
    message: Option<u64>,
    marked: HashSet<MessageNumber>,
    exchange: Option<Exchange>,
    challenge: Option<Challenge>,
    failed: Option<Error>,
}

impl<'l> Play<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            client: Client::new(limits.clone()),
            noted: Vec::new(),
            due: VecDeque::from([(Verb::Greeting, None)]),
            message: None,
            marked: HashSet::new(),
            exchange: None,
            challenge: None,
            failed: None,
        }
    }

    fn through(mut self, steps: &[Step], cut: impl Fn(usize) -> bool) -> Vec<Noted> {
        let mut place = 0;
        for step in steps {
            match step {
                Step::Sent(which, argument) => self.send(*which, *argument),
                Step::Said(said) => {
                    let mut begin = 0;
                    for end in 1..=said.len() {
                        place += 1;
                        if end == said.len() || cut(place) {
                            self.client.feed(&said[begin..end]);
                            self.listen();
                            begin = end;
                        }
                    }
                }
            }
            self.rest();
        }
        let end = self.client.end_of_stream();
        if let Err(error) = &end {
            check_error(error);
            assert!(self.client.send(&Command::Quit).is_err());
        }
        self.noted.push(Noted::End(end));
        self.noted
    }

    /// What holds between two steps.
    fn rest(&mut self) {
        let state = self.client.state();
        let buffered = self.client.buffered();
        assert!(buffered <= self.limits.status_line.max(self.limits.challenge));
        let outstanding = self.client.outstanding();
        match &self.failed {
            Some(error) => {
                assert_eq!((state, buffered, outstanding), (State::Dead, 0, 0));
                assert_eq!(self.client.output(), b"");
                assert_eq!(self.client.poll().as_ref(), Err(error));
                for command in [Command::Quit, Command::Rset, Command::Noop, Command::Capa] {
                    let refused = self.client.send(&command);
                    assert!(matches!(
                        refused,
                        Err(Error::Refused {
                            why: Refusal::Dead,
                            ..
                        })
                    ));
                }
            }
            None if self.due.front().is_some_and(|due| due.0 == Verb::Greeting) => {
                assert_eq!((state, outstanding), (State::Greeting, 0));
            }
            None => assert_eq!(outstanding, self.due.len()),
        }
        self.noted.push(Noted::Rests(state, buffered, outstanding));
    }

    fn listen(&mut self) {
        loop {
            match self.client.poll() {
                Ok(None) => return,
                Ok(Some(event)) => {
                    assert!(self.failed.is_none(), "{event:?} after an error");
                    self.hear(event);
                }
                Err(error) => {
                    if self.failed.is_none() {
                        check_error(&error);
                        assert!(!matches!(error, Error::Refused { .. }));
                        self.noted.push(Noted::Failed(error.clone()));
                        self.failed = Some(error.clone());
                    }
                    assert_eq!(self.failed.as_ref(), Some(&error), "another error");
                    return;
                }
            }
        }
    }

    fn hear(&mut self, event: Event) {
        let (verb, number) = self.due.front().copied().expect("an answer to nothing");
        let refusal = matches!(&event, Event::Reply(reply) if !reply.ok);
        let fits = match &event {
            Event::Greeting(_) => verb == Verb::Greeting,
            Event::Reply(reply) => match verb {
                Verb::Greeting => false,
                Verb::Capa | Verb::Stat | Verb::List | Verb::Uidl | Verb::Top | Verb::Retr => {
                    !reply.ok
                }
                _ => true,
            },
            Event::Continuation(_) | Event::BadChallenge => verb == Verb::Auth,
            Event::Capabilities(_) => verb == Verb::Capa,
            Event::Drop { .. } => verb == Verb::Stat,
            Event::Listing(entries) => {
                verb == Verb::List && entries.len() <= self.limits.list_entries
            }
            Event::Uidls(entries) => {
                verb == Verb::Uidl && entries.len() <= self.limits.list_entries
            }
            Event::MessageStart { number: begun, .. } => {
                matches!(verb, Verb::Retr | Verb::Top)
                    && number == Some(*begun)
                    && self.message.is_none()
            }
            Event::MessageChunk(_) | Event::MessageEnd { .. } => self.message.is_some(),
        };
        assert!(fits, "{event:?} for {verb}");
        assert!(
            self.message.is_none() || !matches!(event, Event::Reply(_)),
            "a reply inside a message"
        );
        match &event {
            Event::MessageStart { .. } => self.message = Some(0),
            Event::MessageChunk(chunk) => {
                let octets = self.message.unwrap_or_default() + chunk.len() as u64;
                assert!(!chunk.is_empty() && octets <= self.limits.message_octets);
                self.message = Some(octets);
            }
            Event::MessageEnd { octets } => assert_eq!(self.message.take(), Some(*octets)),
            Event::Continuation(challenge) => {
                self.challenge = Some(Challenge::Readable(challenge.clone()));
            }
            Event::BadChallenge => self.challenge = Some(Challenge::Broken),
            _ => {}
        }
        if self.message.is_none() {
            self.due.pop_front();
            match (verb, number) {
                (Verb::Dele, Some(number)) if refusal => {
                    self.marked.remove(&number);
                }
                // Marks of DELEs that were sent behind it stay.
                (Verb::Rset, _) if !refusal => {
                    let behind =
                        |number: &MessageNumber| self.due.contains(&(Verb::Dele, Some(*number)));
                    self.marked.retain(behind);
                }
                _ => {}
            }
        }
        match (event, self.noted.last_mut()) {
            (Event::MessageChunk(more), Some(Noted::Heard(Event::MessageChunk(chunk)))) => {
                chunk.extend(more);
            }
            (event, _) => self.noted.push(Noted::Heard(event)),
        }
    }

    fn send(&mut self, which: u8, argument: u8) {
        if which == b'H' {
            let ready = self.client.starttls_ready();
            self.noted.push(Noted::Tls(ready.clone()));
            match ready {
                Ok(()) => {
                    self.client.restart_after_tls();
                    assert_eq!(self.client.state(), State::Authorization);
                    assert!(
                        self.client.capabilities().is_none() && self.client.timestamp().is_none()
                    );
                }
                Err(Error::Refused { .. }) => {}
                Err(error) => self.failed = Some(error),
            }
            return;
        }
        let Some(command) = self.command(which, argument) else {
            return;
        };
        let before = self.client.output().len();
        match self.client.send(&command) {
            Ok(()) => {
                let line = self
                    .client
                    .output()
                    .get(before..)
                    .unwrap_or_default()
                    .to_vec();
                self.check_sent(&command, &line);
                self.due.push_back((command.verb(), command.number()));
                self.challenge = None;
                self.noted.push(Noted::Sent(line));
                // Some is written, some waits.
                if argument & 1 == 0 {
                    let _ = self.client.take_output();
                }
            }
            Err(Error::Refused { why, .. }) => {
                assert_eq!(self.client.output().len(), before);
                self.noted.push(Noted::Refused(why));
            }
            Err(error) => panic!("{error} when sending"),
        }
    }

    /// What must be so when a command went out.
    fn check_sent(&mut self, command: &Command, line: &[u8]) {
        assert!(self.failed.is_none(), "{command:?} after an error");
        let long = matches!(command, Command::AuthResponse(_));
        assert!(line.ends_with(b"\r\n") && (long || line.len() <= 255));
        assert_eq!(
            line.iter().filter(|octet| octet.is_ascii_control()).count(),
            2
        );
        let decides = |verb| {
            matches!(
                verb,
                Verb::Greeting | Verb::Stls | Verb::Pass | Verb::Apop | Verb::Auth
            )
        };
        assert!(
            !self.due.iter().any(|due| decides(due.0)),
            "{command:?} before it is known where we are"
        );
        assert!(
            !self.due.iter().any(|due| due.0 == Verb::Quit),
            "{command:?} behind QUIT"
        );
        let answers = matches!(command, Command::AuthResponse(_) | Command::AuthCancel);
        assert_eq!(self.challenge.is_some(), answers, "{command:?}");
        match command {
            Command::Quit => {
                let messages = self
                    .due
                    .iter()
                    .any(|due| matches!(due.0, Verb::Retr | Verb::Top));
                assert!(!messages, "QUIT while a message is under way");
            }
            Command::Stls => assert!(self.due.is_empty()),
            _ => {}
        }
        if let Some(number) = command.number() {
            assert!(
                !self.marked.contains(&number),
                "{command:?} of a marked message"
            );
        }
        if let Command::Dele(number) = command {
            self.marked.insert(*number);
        }
    }

    fn command(&mut self, which: u8, argument: u8) -> Option<Command> {
        let number = MessageNumber::new(u32::from(argument % 8) + 1)?;
        let odd = argument & 8 != 0;
        Some(match which {
            b'C' => Command::Capa,
            b'T' => Command::Stls,
            b'8' => Command::Utf8,
            b'U' => Command::User(Word::new(if odd { "andré" } else { "ann" }).ok()?),
            b'W' => Command::Pass(Password::new(if odd { " grüße " } else { "x" }).ok()?),
            b'A' => Command::Apop {
                user: Word::new("ann").ok()?,
                digest: Word::new("c4c9334bac560ecc979e58001b3e22fb").ok()?,
            },
            b'X' => {
                let method =
                    *METHODS.get(usize::from(argument.wrapping_sub(b'a')) % METHODS.len())?;
                let mut exchange = Exchange::new(method, &credentials(), NONCE).ok()?;
                let command = exchange.begin(self.client.capabilities());
                self.exchange = Some(exchange);
                command
            }
            b'x' => match (self.exchange.as_mut(), self.challenge.as_ref()) {
                (Some(exchange), Some(Challenge::Readable(challenge))) if !is_costly(challenge) => {
                    exchange.answer(challenge).unwrap_or(Command::AuthCancel)
                }
                _ => {
                    Command::AuthResponse(SecretOctets::new(vec![argument; usize::from(argument)]))
                }
            },
            b'*' => Command::AuthCancel,
            b'S' => Command::Stat,
            b'L' => Command::List(None),
            b'l' => Command::List(Some(number)),
            b'I' => Command::Uidl(None),
            b'i' => Command::Uidl(Some(number)),
            b't' => Command::Top(number, u32::from(argument)),
            b'r' => Command::Retr(number),
            b'd' => Command::Dele(number),
            b'R' => Command::Rset,
            b'Q' => Command::Quit,
            _ => Command::Noop,
        })
    }
}

/// An error text is for people: it has no control octets, and no end of its own.
pub(super) fn check_error(error: &Error) {
    let text = error.to_string();
    assert!(text.chars().all(|c| matches!(c, ' '..='~')), "{text:?}");
    assert!(text.len() < 2_000);
}

/// Whether a server asks for so many rounds of hashing that the answer takes long; how many are too many is tested elsewhere.
fn is_costly(challenge: &[u8]) -> bool {
    let rounds = challenge.windows(2).position(|pair| pair == b"i=");
    let digits = rounds.map_or(0, |at| {
        let behind = challenge.iter().skip(at + 2);
        behind.take_while(|octet| octet.is_ascii_digit()).count()
    });
    digits > 4
}

fn credentials() -> Credentials {
    Credentials {
        user: "ann".to_owned(),
        secret: SecretString::from("pencil"),
        host: "pop.example.org".to_owned(),
        port: 995,
    }
}

/// Small, so that scripts reach them.
fn small() -> Limits {
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

/// No character begins with it in UTF-8.
const MARK: u8 = 0xFE;
const MOST: usize = 200;
const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
const METHODS: [Method; 6] = [
    Method::Plain,
    Method::Login,
    Method::CramMd5,
    Method::ScramSha256,
    Method::XOauth2,
    Method::OauthBearer,
];

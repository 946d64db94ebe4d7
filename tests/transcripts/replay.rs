//! Reads a transcript and plays it.
//!
//! | line | meaning |
//! |---|---|
//! | `C: text` | the client sends this command; what it puts on the wire must be this text |
//! | `S: text` | the server sends this text and CRLF |
//! | `L: text` | the server sends this text and LF |
//! | `P: text` | the server sends this text alone |
//! | `= event` | the next thing the client hears; all of them, in order, before the next command |
//! | `! text` | the client's next word is this error, and its last |
//! | `R: command \| why` | the client refuses to send this, for this reason |
//! | `A: method user secret nonce` | from here on, `C:` lines of a SASL exchange are what this mechanism answers |
//! | `F: ok` or `F: why` | what the mechanism thinks of the server's `+OK` |
//! | `T: ok` or `T: why` | the TLS handshake is due |
//! | `E: ok` or `E: why` | the server closes the connection |
//! | `# text` | for the reader; `# P5, V13` in the first line: the numbers of the checklist that the dialogue is a case of |
//!
//! In texts, `\r`, `\n`, `\t`, `\\` and `\xNN` are octets and `<<x*500>>` is five hundred times `x`.

use std::path::Path;

use crate::notation::{expanded, octets, shown};
use crate::numbers::of_transcript;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poppet::pop3::sasl::{Credentials, Exchange, Method};
use poppet::pop3::{Client, Command, Event, Limits, MessageNumber, Password, SecretOctets, Word};
use secrecy::SecretString;

/// A dialogue from a file.
pub(crate) struct Transcript {
    name: String,
    lines: Vec<Line>,
}

struct Line {
    place: usize,
    kind: char,
    text: String,
    octets: Vec<u8>,
}

impl Transcript {
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let stem = file.file_stem().unwrap().to_string_lossy();
        let numbers = of_transcript(&text)
            .into_iter()
            .map(|(family, value)| format!("{family}{value} "));
        let name = format!("{}{stem}", numbers.collect::<String>());
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let lines = lines
            .map(|(index, line)| Line::read(index + 1, line))
            .collect();
        Self { name, lines }
    }

    /// How many octets the server sends.
    pub(crate) fn octets(&self) -> usize {
        self.lines.iter().map(|line| line.octets.len()).sum()
    }

    /// Plays the dialogue; what the server sends is cut behind every octet whose position `cut` says yes to.
    pub(crate) fn replay(&self, cut: impl Fn(usize) -> bool) {
        let mut player = Player::new();
        let mut position = 0;
        for line in &self.lines {
            let place = format!("{}.txt, line {}", self.name, line.place);
            if matches!(line.kind, 'S' | 'L' | 'P') {
                for octet in &line.octets {
                    player.waiting.push(*octet);
                    if cut(position) {
                        player.deliver();
                    }
                    position += 1;
                }
            } else {
                player.deliver();
                player.play(line, &place);
            }
        }
        player.deliver();
        assert_eq!(
            player.heard,
            Vec::<String>::new(),
            "{}: heard at the end",
            self.name
        );
    }
}

impl Line {
    fn read(place: usize, line: &str) -> Self {
        let kind = line.chars().next().unwrap();
        let rest = line.get(1..).unwrap();
        let text = rest.strip_prefix(": ").or_else(|| rest.strip_prefix(' '));
        let text = text
            .unwrap_or_else(|| rest.strip_prefix(':').unwrap())
            .to_owned();
        let end: &[u8] = match kind {
            'S' => b"\r\n",
            'L' => b"\n",
            _ => b"",
        };
        let octets = if matches!(kind, 'S' | 'L' | 'P') {
            [octets(&text), end.to_vec()].concat()
        } else {
            Vec::new()
        };
        Self {
            place,
            kind,
            text,
            octets,
        }
    }
}

struct Player {
    client: Client,
    waiting: Vec<u8>,
    heard: Vec<String>,
    body: Vec<u8>,
    challenge: Challenge,
    exchange: Option<Exchange>,
}

/// What the server asked for last in a SASL exchange.
enum Challenge {
    None,
    Broken,
    Octets(Vec<u8>),
}

impl Player {
    fn new() -> Self {
        let client = Client::new(Limits::default());
        Self {
            client,
            waiting: Vec::new(),
            heard: Vec::new(),
            body: Vec::new(),
            challenge: Challenge::None,
            exchange: None,
        }
    }

    /// Hands what the server sent to the client and notes what it says.
    fn deliver(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        self.client.feed(&std::mem::take(&mut self.waiting));
        loop {
            match self.client.poll() {
                Ok(None) => return,
                Ok(Some(event)) => self.note(event),
                Err(error) => {
                    let error = format!("! {error}");
                    if self.heard.last() != Some(&error) {
                        self.heard.push(error);
                    }
                    return;
                }
            }
        }
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::MessageChunk(chunk) => self.body.extend(chunk),
            Event::MessageEnd { octets } => {
                assert_eq!(octets, self.body.len() as u64);
                self.heard.push(format!(
                    "= body \"{}\"",
                    std::mem::take(&mut self.body).escape_ascii()
                ));
            }
            Event::Continuation(octets) => {
                self.heard
                    .push(format!("= challenge \"{}\"", octets.escape_ascii()));
                self.challenge = Challenge::Octets(octets);
            }
            Event::BadChallenge => {
                self.heard.push("= bad challenge".to_owned());
                self.challenge = Challenge::Broken;
            }
            event => self.heard.push(format!("= {}", shown(&event))),
        }
    }

    fn play(&mut self, line: &Line, place: &str) {
        let text = line.text.as_str();
        match line.kind {
            '=' | '!' => {
                assert!(!self.heard.is_empty(), "{place}: nothing heard");
                assert_eq!(
                    self.heard.remove(0),
                    format!("{} {}", line.kind, expanded(text)),
                    "{place}"
                );
            }
            'C' => self.send(text, place),
            'R' => {
                let (command, why) = text.split_once(" | ").unwrap();
                let error = self.client.send(&Self::command(command)).unwrap_err();
                assert!(error.to_string().ends_with(why), "{place}: {error}");
            }
            'A' => self.exchange = Some(exchange(text)),
            'F' => {
                let verdict = self.exchange.take().unwrap().finish();
                assert_eq!(
                    verdict
                        .err()
                        .map_or("ok".to_owned(), |error| error.to_string()),
                    text,
                    "{place}"
                );
            }
            'T' => {
                let ready = self.client.starttls_ready();
                assert_eq!(
                    ready
                        .err()
                        .map_or("ok".to_owned(), |error| error.to_string()),
                    text,
                    "{place}"
                );
                self.client.restart_after_tls();
            }
            'E' => {
                let end = self.client.end_of_stream();
                assert_eq!(
                    end.err().map_or("ok".to_owned(), |error| error.to_string()),
                    text,
                    "{place}"
                );
            }
            kind => panic!("{place}: a line of kind {kind}"),
        }
    }

    fn send(&mut self, text: &str, place: &str) {
        assert_eq!(
            self.heard,
            Vec::<String>::new(),
            "{place}: heard before this command"
        );
        let text = &expanded(text);
        let in_exchange = text.starts_with("AUTH ") || !matches!(self.challenge, Challenge::None);
        let answer = if in_exchange {
            self.next_in_exchange()
        } else {
            None
        };
        let command = answer.unwrap_or_else(|| Self::command(text));
        self.challenge = Challenge::None;
        self.client
            .send(&command)
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        let output = self.client.take_output();
        assert_eq!(
            output.escape_ascii().to_string(),
            format!("{text}\r\n").escape_default().to_string(),
            "{place}"
        );
    }

    fn next_in_exchange(&mut self) -> Option<Command> {
        let capabilities = self.client.capabilities().cloned();
        let exchange = self.exchange.as_mut()?;
        Some(match &self.challenge {
            Challenge::None => exchange.begin(capabilities.as_ref()),
            Challenge::Octets(challenge) => {
                exchange.answer(challenge).unwrap_or(Command::AuthCancel)
            }
            Challenge::Broken => Command::AuthCancel,
        })
    }

    fn command(text: &str) -> Command {
        if text == "*" {
            return Command::AuthCancel;
        }
        let (keyword, rest) = text.split_once(' ').unwrap_or((text, ""));
        let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
        let number = |index: usize| {
            words
                .get(index)
                .and_then(|word| MessageNumber::new(word.parse().unwrap()))
        };
        let word = |index: usize| Word::new(words[index]).unwrap();
        match keyword {
            "CAPA" => Command::Capa,
            "STLS" => Command::Stls,
            "UTF8" => Command::Utf8,
            "USER" => Command::User(word(0)),
            "PASS" => Command::Pass(Password::new(rest).unwrap()),
            "APOP" => Command::Apop {
                user: word(0),
                digest: word(1),
            },
            "AUTH" => {
                let initial = words
                    .get(1)
                    .map(|text| SecretOctets::new(STANDARD.decode(text).unwrap()));
                Command::Auth {
                    mechanism: word(0),
                    initial,
                }
            }
            "STAT" => Command::Stat,
            "LIST" => Command::List(number(0)),
            "UIDL" => Command::Uidl(number(0)),
            "TOP" => Command::Top(number(0).unwrap(), words[1].parse().unwrap()),
            "RETR" => Command::Retr(number(0).unwrap()),
            "DELE" => Command::Dele(number(0).unwrap()),
            "RSET" => Command::Rset,
            "NOOP" => Command::Noop,
            "QUIT" => Command::Quit,
            other => panic!("no command {other}"),
        }
    }
}

fn exchange(text: &str) -> Exchange {
    let [method, user, secret, nonce] = text.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let methods = [
        Method::Plain,
        Method::Login,
        Method::CramMd5,
        Method::ScramSha256,
        Method::XOauth2,
        Method::OauthBearer,
    ];
    let method = methods
        .into_iter()
        .find(|known| known.name() == method)
        .unwrap();
    let secret = SecretString::from(expanded(secret));
    let credentials = Credentials {
        user: user.to_owned(),
        secret,
        host: "pop.example.org".to_owned(),
        port: 995,
    };
    Exchange::new(method, &credentials, nonce).unwrap()
}

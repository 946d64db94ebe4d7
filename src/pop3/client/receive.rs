//! From octets to events.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::body::Unstuffer;
use super::super::capabilities::Capabilities;
use super::super::command::Verb;
use super::super::error::{Error, Excerpt};
use super::super::inbox::Line;
use super::super::listing;
use super::super::reply::{Greeting, Reply};
use super::super::uidl::{MessageNumber, Uidl};
use super::{Asked, Client, Event, Exchange, Expected, MessageKind, Stage};

/// How far the answer to the oldest outstanding command has come.
#[derive(Debug)]
pub(super) enum Reading {
    /// Its status line is due.
    Status,
    /// In the middle of a list.
    List(List),
    /// In the middle of a message.
    Message {
        number: MessageNumber,
        unstuffer: Unstuffer,
        octets: u64,
    },
    /// A message is complete, but for saying so.
    MessageOver { octets: u64 },
    /// A message grew past the limit.
    MessageTooLarge { number: MessageNumber },
}

/// A list, and what it has cost so far.
#[derive(Debug)]
pub(super) struct List {
    items: Items,
    lines: usize,
    octets: u64,
}

#[derive(Debug)]
enum Items {
    Capabilities(Capabilities),
    Sizes(Vec<(MessageNumber, u64)>),
    Uidls(Vec<(MessageNumber, Option<Uidl>)>),
}

/// What a line of a list was.
enum Step {
    More,
    End,
}

impl Client {
    pub(super) fn step(&mut self) -> Result<Option<Event>, Error> {
        let Some(expected) = self.expected.front().copied() else {
            return self.unasked();
        };
        match self.reading {
            Reading::Status => self.status(expected),
            Reading::List(_) => self.list(expected.asked.verb()),
            Reading::Message { .. } => self.message(),
            Reading::MessageOver { octets } => {
                self.answered();
                Ok(Some(Event::MessageEnd { octets }))
            }
            Reading::MessageTooLarge { number } => Err(Error::MessageTooLarge {
                number: number.value(),
                limit: self.limits.message_octets,
            }),
        }
    }

    /// Nothing was asked, so nothing may come. The line is waited for, to be able to show it; commands are refused meanwhile.
    fn unasked(&mut self) -> Result<Option<Event>, Error> {
        if self.buffered() == 0 {
            return Ok(None);
        }
        if self.stage == Stage::Securing {
            return Err(Error::InjectedBeforeTls);
        }
        let text = match self.inbox.line(self.limits.status_line) {
            Ok(None) => return Ok(None),
            Ok(Some(line)) => Excerpt::new(line.text),
            Err(_) => Excerpt::new(
                self.inbox
                    .unread()
                    .get(..self.limits.status_line)
                    .unwrap_or_default(),
            ),
        };
        Err(Error::Unsolicited { text })
    }

    fn status(&mut self, expected: Expected) -> Result<Option<Event>, Error> {
        let verb = expected.asked.verb();
        let limit = if verb == Verb::Auth {
            self.limits.challenge
        } else {
            self.limits.status_line
        };
        let Some(line) = self.inbox.line(limit).map_err(|_| Error::LineTooLong {
            during: verb,
            limit,
        })?
        else {
            return Ok(None);
        };
        self.bare = Some(self.bare.unwrap_or(true) && line.bare);
        if let Asked::Auth(exchange) = expected.asked
            && exchange != Exchange::Cancelled
            && let Some(challenge) = challenge(line.text, exchange)
        {
            let decoded = STANDARD.decode(challenge);
            self.challenge = Some(decoded.is_err());
            self.expected.pop_front();
            return Ok(Some(
                decoded.map_or(Event::BadChallenge, Event::Continuation),
            ));
        }
        let Some(reply) = Reply::parse(line.text, self.codes) else {
            let line = if verb.is_login() {
                Excerpt::withheld()
            } else {
                Excerpt::new(line.text)
            };
            return Err(Error::NotAReply { during: verb, line });
        };
        if reply.ok {
            self.accepted(expected, reply)
        } else {
            Ok(Some(self.rejected(expected, reply)))
        }
    }

    /// `-ERR`: always one line (RFC 1939 section 3).
    fn rejected(&mut self, expected: Expected, reply: Reply) -> Event {
        self.answered();
        match expected.asked {
            Asked::Plain(Verb::Greeting) => {
                self.stage = Stage::Closed;
                return Event::Greeting(Greeting::new(reply));
            }
            Asked::Plain(Verb::Quit) => self.stage = Stage::Closed,
            Asked::Dele(number) if self.marked.get(&number) == Some(&expected.serial) => {
                self.marked.remove(&number);
            }
            _ => {}
        }
        Event::Reply(reply)
    }

    fn accepted(&mut self, expected: Expected, reply: Reply) -> Result<Option<Event>, Error> {
        let verb = expected.asked.verb();
        let malformed = |text: &[u8]| Error::Malformed {
            during: verb,
            line: Excerpt::new(text),
        };
        let event = match expected.asked {
            Asked::Plain(Verb::Capa) => {
                return self.begin(Items::Capabilities(Capabilities::default()));
            }
            Asked::List(None) => return self.begin(Items::Sizes(Vec::new())),
            Asked::Uidl(None) => return self.begin(Items::Uidls(Vec::new())),
            // Where an answer was cut off in its first line, the next one goes on there.
            Asked::Message(..)
                if [&b"+OK"[..], b"-ERR"]
                    .into_iter()
                    .any(|status| memchr::memmem::find(&reply.text, status).is_some()) =>
            {
                return Err(malformed(&reply.text));
            }
            Asked::Message(kind, number) => return Ok(Some(self.begin_message(kind, number))),
            Asked::List(Some(number)) => {
                let entry = listing::parse_list(&reply.text).filter(|(named, _)| *named == number);
                Event::Listing(vec![entry.ok_or_else(|| malformed(&reply.text))?])
            }
            Asked::Uidl(Some(number)) => {
                let entry = listing::parse_uidl(&reply.text).filter(|(named, _)| *named == number);
                Event::Uidls(vec![entry.ok_or_else(|| malformed(&reply.text))?])
            }
            Asked::Plain(Verb::Stat) => {
                let (messages, octets) =
                    listing::parse_stat(&reply.text).ok_or_else(|| malformed(&reply.text))?;
                Event::Drop { messages, octets }
            }
            // A server that accepts a cancelled exchange is not one whose word opens a maildrop.
            Asked::Auth(Exchange::Cancelled) => return Err(malformed(b"")),
            Asked::Plain(Verb::Greeting) => {
                let greeting = Greeting::new(reply);
                self.timestamp.clone_from(&greeting.timestamp);
                self.stage = Stage::Authorization;
                Event::Greeting(greeting)
            }
            Asked::Plain(_) | Asked::Auth(_) | Asked::Dele(_) => {
                self.settle(expected);
                Event::Reply(reply)
            }
        };
        self.answered();
        Ok(Some(event))
    }

    /// What `+OK` to a command changes in the session.
    fn settle(&mut self, expected: Expected) {
        match expected.asked.verb() {
            Verb::Stls => self.stage = Stage::Securing,
            Verb::Utf8 => self.utf8 = true,
            Verb::User => self.user_accepted = expected.serial == self.serial,
            Verb::Pass | Verb::Apop | Verb::Auth => self.stage = Stage::Transaction,
            Verb::Rset => self.marked.retain(|_, serial| *serial > expected.serial),
            Verb::Quit => self.stage = Stage::Closed,
            _ => {}
        }
    }

    fn begin(&mut self, items: Items) -> Result<Option<Event>, Error> {
        self.reading = Reading::List(List {
            items,
            lines: 0,
            octets: 0,
        });
        self.step()
    }

    fn begin_message(&mut self, kind: MessageKind, number: MessageNumber) -> Event {
        let unstuffer = Unstuffer::new(self.bare == Some(true));
        self.reading = Reading::Message {
            number,
            unstuffer,
            octets: 0,
        };
        Event::MessageStart { number, kind }
    }

    /// The oldest outstanding command has its answer.
    fn answered(&mut self) {
        self.reading = Reading::Status;
        self.expected.pop_front();
    }

    fn list(&mut self, verb: Verb) -> Result<Option<Event>, Error> {
        let Reading::List(list) = &mut self.reading else {
            return Ok(None);
        };
        let limit = self.limits.status_line;
        loop {
            let line = self.inbox.line(limit).map_err(|_| Error::LineTooLong {
                during: verb,
                limit,
            })?;
            let Some(line) = line else {
                return Ok(None);
            };
            let malformed = || Error::Malformed {
                during: verb,
                line: Excerpt::new(line.text),
            };
            match list
                .take(&line, self.bare == Some(true))
                .ok_or_else(malformed)?
            {
                Step::End => break,
                Step::More => {}
            }
            let (lines, octets) = match list.items {
                Items::Capabilities(_) => (
                    self.limits.capability_lines,
                    self.limits.capability_octets as u64,
                ),
                Items::Sizes(_) | Items::Uidls(_) => {
                    (self.limits.list_entries, self.limits.list_octets)
                }
            };
            if list.lines > lines || list.octets > octets {
                return Err(Error::ListTooLong { during: verb });
            }
        }
        let items = std::mem::replace(&mut list.items, Items::Sizes(Vec::new()));
        self.answered();
        self.complete(items, verb).map(Some)
    }

    fn complete(&mut self, items: Items, verb: Verb) -> Result<Event, Error> {
        let twice = |number: MessageNumber| Error::DuplicateNumber {
            during: verb,
            number: number.value(),
        };
        match items {
            Items::Capabilities(capabilities) => {
                self.codes |= capabilities.resp_codes() || capabilities.auth_resp_code();
                self.capabilities = Some(capabilities.clone());
                Ok(Event::Capabilities(capabilities))
            }
            Items::Sizes(sizes) => listing::duplicate(&sizes)
                .map_or(Ok(Event::Listing(sizes)), |number| Err(twice(number))),
            Items::Uidls(uidls) => listing::duplicate(&uidls)
                .map_or(Ok(Event::Uidls(uidls)), |number| Err(twice(number))),
        }
    }

    fn message(&mut self) -> Result<Option<Event>, Error> {
        let Reading::Message {
            number,
            unstuffer,
            octets,
        } = &mut self.reading
        else {
            return Ok(None);
        };
        let (number, unread) = (*number, self.inbox.unread());
        // No room is made for all that is there: most of it may belong to messages behind this one.
        let mut chunk = Vec::new();
        let progress = unstuffer.read(unread, &mut chunk);
        self.inbox.consume(progress.consumed);
        let allowed = self.limits.message_octets.saturating_sub(*octets);
        if chunk.len() as u64 > allowed {
            chunk.truncate(allowed as usize);
            self.reading = Reading::MessageTooLarge { number };
        } else {
            *octets += chunk.len() as u64;
            if progress.ended {
                self.reading = Reading::MessageOver { octets: *octets };
            }
        }
        match (chunk.is_empty(), &self.reading) {
            (false, _) => Ok(Some(Event::MessageChunk(chunk))),
            (true, Reading::Message { .. }) => Ok(None),
            (true, _) => self.step(),
        }
    }
}

impl List {
    /// Takes a line in. `None` when it cannot belong here: `.LF` from a server that ends its other lines in CRLF, a status line
    /// among capabilities, an entry without a number.
    fn take(&mut self, line: &Line<'_>, bare: bool) -> Option<Step> {
        self.octets += line.octets as u64;
        if line.text == b"." {
            return (bare || !line.bare).then_some(Step::End);
        }
        let text = line.text.strip_prefix(b".").unwrap_or(line.text);
        self.lines += 1;
        match &mut self.items {
            Items::Capabilities(_) if text.starts_with(b"+OK") || text.starts_with(b"-ERR") => {
                return None;
            }
            Items::Capabilities(capabilities) => capabilities.push(text),
            // Blank lines say nothing; some servers send them between entries.
            Items::Sizes(_) | Items::Uidls(_) if text.trim_ascii().is_empty() => {}
            Items::Sizes(sizes) => sizes.push(listing::parse_list(text)?),
            Items::Uidls(uidls) => uidls.push(listing::parse_uidl(text)?),
        }
        Some(Step::More)
    }
}

/// What a line of a SASL exchange challenges us with, still in base64. `+` alone is an empty challenge. So is `+OK` when no
/// credential is under way: nobody can be logged in by it, and some servers ask for the first response like that.
fn challenge(line: &[u8], exchange: Exchange) -> Option<&[u8]> {
    match line {
        b"+" => Some(b""),
        [b'+', b' ', challenge @ ..] => Some(challenge),
        b"+OK" | [b'+', b'O', b'K', b' ', ..] if exchange == Exchange::Opened => Some(b""),
        _ => None,
    }
}

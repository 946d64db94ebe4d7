//! One connection, seen from the client.

mod event;
mod outbox;
mod receive;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::fmt;

pub use event::{Event, MessageKind};
use secrecy::zeroize::Zeroizing;

use outbox::Outbox;
use receive::Reading;

use super::capabilities::Capabilities;
use super::command::{Command, Verb};
use super::error::{Error, Excerpt, Refusal};
use super::inbox::Inbox;
use super::limits::Limits;
use super::uidl::MessageNumber;

/// One connection to a POP3 server, without the connection.
///
/// [`Client::send`] queues commands, as many as may be under way at once; [`Client::output`] is what to write;
/// [`Client::feed`] takes what was read and [`Client::poll`] says what it means. After an error from `poll` nothing more is
/// sent on this connection, QUIT included: a server that lost its thread must not be told to remove anything.
pub struct Client {
    limits: Limits,
    inbox: Inbox,
    outbox: Outbox,
    stage: Stage,
    expected: VecDeque<Expected>,
    reading: Reading,
    /// A challenge was delivered and not answered; `Some(true)` when it could not be decoded.
    challenge: Option<bool>,
    /// The last command was USER and it was accepted.
    user_accepted: bool,
    /// The last answer to CAPA.
    capabilities: Option<Capabilities>,
    /// Response codes were advertised.
    codes: bool,
    /// The greeting's timestamp.
    timestamp: Option<String>,
    encrypted: bool,
    /// The server agreed to UTF8.
    utf8: bool,
    /// Every status line so far ended in LF alone; `None` before the first.
    bare: Option<bool>,
    /// Messages marked deleted, each with the serial number of its DELE.
    marked: HashMap<MessageNumber, u64>,
    /// Commands sent so far.
    serial: u64,
    dead: Option<Error>,
}

/// Where a session is (RFC 1939 section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The server has not spoken yet.
    Greeting,
    /// Nobody is logged in.
    Authorization,
    /// The server agreed to STLS; the handshake is due.
    Securing,
    /// The maildrop is open.
    Transaction,
    /// QUIT was sent.
    Closing,
    /// QUIT was answered, or the server refused us in its greeting.
    Closed,
    /// The session failed.
    Dead,
}

/// What the replies so far have established; [`State`] adds what is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Greeting,
    Authorization,
    Securing,
    Transaction,
    Closed,
}

/// A reply that is due.
#[derive(Debug, Clone, Copy)]
struct Expected {
    asked: Asked,
    serial: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Plain(Verb),
    List(Option<MessageNumber>),
    Uidl(Option<MessageNumber>),
    Message(MessageKind, MessageNumber),
    Dele(MessageNumber),
    Auth(Exchange),
}

/// Which line of a SASL exchange was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exchange {
    /// AUTH without an initial response: no credential is under way.
    Opened,
    /// An initial response or an answer.
    Answered,
    /// `*`
    Cancelled,
}

impl Client {
    /// A client on a fresh connection: the greeting comes first.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            inbox: Inbox::default(),
            outbox: Outbox::default(),
            stage: Stage::Greeting,
            expected: VecDeque::from([Expected {
                asked: Asked::Plain(Verb::Greeting),
                serial: 0,
            }]),
            reading: Reading::Status,
            challenge: None,
            user_accepted: false,
            capabilities: None,
            codes: false,
            timestamp: None,
            encrypted: false,
            utf8: false,
            bare: None,
            marked: HashMap::new(),
            serial: 0,
            dead: None,
        }
    }

    /// Queues a command: its octets go to the output, its answer is expected after all earlier ones.
    ///
    /// # Errors
    /// [`Error::Refused`] when the command is not legal now. Nothing is queued then and the session is as it was. A server that
    /// has spoken unasked gets no more commands, also before [`Client::poll`] could tell what it said.
    pub fn send(&mut self, command: &Command) -> Result<(), Error> {
        let refused = |why| Error::Refused {
            command: command.verb(),
            why,
        };
        self.permit(command).map_err(refused)?;
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        command.encode(&mut line).map_err(refused)?;
        self.outbox.push(&line);
        self.serial += 1;
        self.user_accepted = false;
        self.challenge = None;
        if let Command::Dele(number) = command {
            self.marked.insert(*number, self.serial);
        }
        self.expected.push_back(Expected {
            asked: Asked::new(command),
            serial: self.serial,
        });
        Ok(())
    }

    /// Octets to write: whole commands, those that [`Client::advance_output`] reported as written left out. Write all of it at
    /// once where possible; some servers cannot take a command in two pieces.
    #[must_use = "what is not written is never answered"]
    pub fn output(&self) -> &[u8] {
        self.outbox.unsent()
    }

    /// The first `count` octets of [`Client::output`] are written.
    pub fn advance_output(&mut self, count: usize) {
        self.outbox.advance(count);
    }

    /// Takes [`Client::output`] over. It may hold a password: wipe it or drop it soon.
    #[must_use = "what is not written is never answered"]
    pub fn take_output(&mut self) -> Vec<u8> {
        self.outbox.take()
    }

    /// Takes octets from the server, cut anywhere. Call [`Client::poll`] until it has nothing more to say.
    pub fn feed(&mut self, octets: &[u8]) {
        if self.dead.is_none() {
            self.inbox.push(octets);
        }
    }

    /// The next thing the server said, or `None` until more octets arrive.
    ///
    /// # Errors
    /// What the server sent cannot be trusted any more. The client is poisoned: output is dropped, every later call fails
    /// with the same error, every command is refused. Close the connection without QUIT.
    pub fn poll(&mut self) -> Result<Option<Event>, Error> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        self.step().map_err(|error| self.poison(error))
    }

    /// The server closed the connection. Call it after [`Client::poll`] has returned `None`.
    ///
    /// # Errors
    /// Unless QUIT was answered, or the server had refused us in its greeting.
    pub fn end_of_stream(&mut self) -> Result<(), Error> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        let error = if self.stage == Stage::Securing && self.buffered() > 0 {
            Error::InjectedBeforeTls
        } else if self.spoke_unasked() {
            Error::Unsolicited {
                text: Excerpt::new(self.inbox.unread()),
            }
        } else if self.stage == Stage::Closed {
            return Ok(());
        } else {
            Error::EndOfStream {
                during: self.expected.front().map(|expected| expected.asked.verb()),
            }
        };
        Err(self.poison(error))
    }

    /// Whether the handshake may begin: STLS was accepted and nothing came after (RFC 2595 section 4).
    ///
    /// # Errors
    /// [`Error::InjectedBeforeTls`] when octets wait in the buffer; the client is poisoned. [`Error::Refused`] when STLS was not
    /// accepted.
    pub fn starttls_ready(&mut self) -> Result<(), Error> {
        if let Some(error) = &self.dead {
            return Err(error.clone());
        }
        if self.stage != Stage::Securing {
            return Err(Error::Refused {
                command: Verb::Stls,
                why: Refusal::WrongState,
            });
        }
        if self.buffered() > 0 {
            return Err(self.poison(Error::InjectedBeforeTls));
        }
        Ok(())
    }

    /// The handshake is complete. Everything learnt in the clear is forgotten: capabilities, greeting, timestamp. No new greeting
    /// comes. Without a [`Client::starttls_ready`] that said yes, the client is poisoned.
    pub fn restart_after_tls(&mut self) {
        if self.starttls_ready().is_err() {
            self.poison(Error::InjectedBeforeTls);
            return;
        }
        self.stage = Stage::Authorization;
        self.encrypted = true;
        self.capabilities = None;
        self.codes = false;
        self.timestamp = None;
        self.bare = None;
        self.inbox.clear();
    }

    /// Whether the server has greeted and let us in.
    pub fn greeted(&self) -> bool {
        matches!(
            self.state(),
            State::Authorization | State::Securing | State::Transaction | State::Closing
        )
    }

    /// Where the session is.
    pub fn state(&self) -> State {
        if self.dead.is_some() {
            return State::Dead;
        }
        match self.stage {
            Stage::Greeting => State::Greeting,
            Stage::Closed => State::Closed,
            _ if self.quitting() => State::Closing,
            Stage::Authorization => State::Authorization,
            Stage::Securing => State::Securing,
            Stage::Transaction => State::Transaction,
        }
    }

    /// Commands whose answer is not complete.
    pub fn outstanding(&self) -> usize {
        if self.stage == Stage::Greeting {
            0
        } else {
            self.expected.len()
        }
    }

    /// The command whose answer comes next, or is arriving.
    pub fn awaiting(&self) -> Option<Verb> {
        self.expected.front().map(|expected| expected.asked.verb())
    }

    /// Octets that arrived and are not understood yet.
    pub fn buffered(&self) -> usize {
        self.inbox.unread().len()
    }

    /// The last answer to CAPA in this layer of protection; `None` when there was none.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// The greeting's timestamp, what APOP needs. Gone after STLS.
    pub fn timestamp(&self) -> Option<&str> {
        self.timestamp.as_deref()
    }

    fn quitting(&self) -> bool {
        self.expected
            .back()
            .is_some_and(|last| last.asked == Asked::Plain(Verb::Quit))
    }

    /// Octets are here and no answer is due.
    fn spoke_unasked(&self) -> bool {
        self.expected.is_empty() && self.buffered() > 0
    }

    fn poison(&mut self, error: Error) -> Error {
        self.inbox.clear();
        self.outbox.clear();
        self.expected.clear();
        self.reading = Reading::Status;
        self.dead.get_or_insert(error).clone()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("state", &self.state())
            .field("outstanding", &self.outstanding())
            .field("buffered", &self.buffered())
            .finish_non_exhaustive()
    }
}

impl Asked {
    fn new(command: &Command) -> Self {
        match command {
            Command::List(number) => Self::List(*number),
            Command::Uidl(number) => Self::Uidl(*number),
            Command::Top(number, _) => Self::Message(MessageKind::Top, *number),
            Command::Retr(number) => Self::Message(MessageKind::Whole, *number),
            Command::Dele(number) => Self::Dele(*number),
            Command::Auth { initial: None, .. } => Self::Auth(Exchange::Opened),
            Command::Auth { .. } | Command::AuthResponse(_) => Self::Auth(Exchange::Answered),
            Command::AuthCancel => Self::Auth(Exchange::Cancelled),
            _ => Self::Plain(command.verb()),
        }
    }

    fn verb(self) -> Verb {
        match self {
            Self::Plain(verb) => verb,
            Self::List(_) => Verb::List,
            Self::Uidl(_) => Verb::Uidl,
            Self::Message(MessageKind::Whole, _) => Verb::Retr,
            Self::Message(MessageKind::Top, _) => Verb::Top,
            Self::Dele(_) => Verb::Dele,
            Self::Auth(_) => Verb::Auth,
        }
    }
}

/// What a command line may have, so that encoding one leaves no copy of a secret behind.
const LINE: usize = 256;

//! Commands under way: what was asked for and has not arrived, how much may be asked for ahead, and whether the answers can
//! be believed to be the ones that were asked for.

mod arriving;
mod fence;
mod landing;
mod proofs;
mod questions;
mod room;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use tokio::time::Instant;

use self::arriving::Arriving;
pub(super) use self::fence::SILENCE;
use self::landing::Again;
use self::questions::{Question, Questions};
use super::error::{Error, Says};
use super::pace::Pace;
use super::wire::Wire;
use crate::mail::Octets;
use crate::pop3::{Command, Event, MessageNumber, Verb};

/// A message, or its beginning, to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Job<T> {
    pub(super) number: MessageNumber,
    pub(super) part: Part,
    /// Octets that are expected; a guess that only paces the asking.
    pub(super) expect: u64,
    /// Octets of the whole message as LIST has them, where that is known.
    pub(super) listed: Option<u64>,
    /// What the asker wants to remember.
    pub(super) tag: T,
}

/// How much of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Everything, by RETR.
    Whole,
    /// The header block and so many lines, by TOP.
    Top(u32),
}

/// What came of a [`Job`].
#[derive(Debug)]
pub(super) struct Landed<T> {
    pub(super) part: Part,
    pub(super) tag: T,
    /// The octets after dot-unstuffing; or why the server does not give them.
    pub(super) octets: Result<Octets, Says>,
}

/// What came of whatever was asked.
#[derive(Debug)]
pub(super) enum Came<T> {
    /// A job has come to its end.
    Landed(Landed<T>),
    /// The answer to a command that was asked with [`Line::ask`].
    Answer(Event),
}

/// A connection in the TRANSACTION state with commands under way on it.
///
/// POP3 answers name no message: which one an answer is about is known by its place alone. A server that loses a command of
/// many, or takes one for two, would have every answer behind it taken for another's. So an answer is kept back until a
/// fence behind it was answered: two NOOPs, whose answers nothing else can stand in for. That is so until as many commands
/// at once were answered in step as are under way, and again whenever the server refuses one of many.
///
/// What is odd about itself is not believed for that alone: a message of another size than LIST says, a header block that does
/// not end or holds a reply. The fence behind it has a question whose answer is known from the listing and cannot be foreseen
/// ([`questions`]); a message that begins like a reply is asked for a second time ([`landing`]).
pub(super) struct Line<T> {
    pub(super) wire: Wire,
    flights: VecDeque<Flight<T>>,
    /// Came and can be believed.
    ready: VecDeque<Came<T>>,
    /// Came, and waits for a fence.
    doubtful: VecDeque<Doubted<T>>,
    /// What is asked for a second time, once a question was answered right.
    again: Option<Again<T>>,
    questions: Questions,
    /// A message that begins like a reply was found to be one.
    quotes: bool,
    /// Octets of these beyond what was expected of them.
    surplus: u64,
    in_flight: u64,
    pace: Pace,
    ahead: bool,
    /// So many commands at once were answered in step.
    proven: usize,
    /// Commands behind the last fence that were sent with more under way than that.
    unproven: usize,
    fences: usize,
    /// Those of them that have a question.
    questioning: usize,
    /// The folder for messages that are too large for memory; without one, all are held there.
    spools: Option<Arc<Path>>,
}

/// What waits for a fence.
struct Doubted<T> {
    came: Came<T>,
    /// Only a fence with a question proves it.
    odd: bool,
}

struct Flight<T> {
    what: What<T>,
    verb: Verb,
    launched: Instant,
    /// Commands under way once this one was, itself among them.
    depth: usize,
}

enum What<T> {
    Message {
        job: Job<T>,
        octets: Arriving,
        /// Octets that are still expected.
        left: u64,
        /// What came when it was asked for before.
        before: Option<Octets>,
    },
    Asked,
    Noop {
        /// It completes the fence.
        last: bool,
    },
    /// It completes the fence as well.
    Question(Question),
}

impl<T> Line<T> {
    /// `ahead`: whether the server takes commands ahead (RFC 2449 section 6.8).
    pub(super) fn new(wire: Wire, ahead: bool) -> Self {
        Self {
            wire,
            flights: VecDeque::new(),
            ready: VecDeque::new(),
            doubtful: VecDeque::new(),
            again: None,
            questions: Questions::default(),
            quotes: false,
            surplus: 0,
            in_flight: 0,
            pace: Pace::default(),
            ahead,
            proven: 1,
            unproven: 0,
            fences: 0,
            questioning: 0,
            spools: None,
        }
    }

    /// The same line, with messages that are too large for memory in files without a name beside this one.
    pub(super) fn spooling_beside(self, file: &Path) -> Self {
        Self {
            spools: file.parent().map(Arc::from),
            ..self
        }
    }

    /// The same line for other jobs, with what is known of it. Nothing may be under way.
    pub(super) fn for_other_jobs<U>(self) -> Line<U> {
        Line {
            pace: self.pace,
            proven: self.proven,
            questions: self.questions,
            quotes: self.quotes,
            spools: self.spools,
            ..Line::new(self.wire, self.ahead)
        }
    }

    /// Asks for a message.
    pub(super) fn launch(&mut self, job: Job<T>) -> Result<(), Error> {
        self.launch_again(job, None)
    }

    fn launch_again(&mut self, job: Job<T>, before: Option<Octets>) -> Result<(), Error> {
        let command = match job.part {
            Part::Whole => Command::Retr(job.number),
            Part::Top(lines) => Command::Top(job.number, lines),
        };
        let (left, octets) = (
            job.expect,
            Arriving::new(job.part, job.listed.unwrap_or_default()),
        );
        let what = What::Message {
            job,
            octets,
            left,
            before,
        };
        self.send(&command, what)?;
        self.in_flight = self.in_flight.saturating_add(left);
        Ok(())
    }

    /// Sends a command whose answer comes as [`Came::Answer`].
    pub(super) fn ask(&mut self, command: &Command) -> Result<(), Error> {
        self.send(command, What::Asked)
    }

    fn send(&mut self, command: &Command, what: What<T>) -> Result<(), Error> {
        self.wire.send(command)?;
        self.sent(command.verb(), what);
        Ok(())
    }

    fn sent(&mut self, verb: Verb, what: What<T>) {
        let depth = self.flights.len() + 1;
        if depth > self.proven {
            self.unproven += 1;
        }
        self.flights.push_back(Flight {
            what,
            verb,
            launched: Instant::now(),
            depth,
        });
    }

    /// Whether commands are sent ahead of answers.
    pub(super) fn ahead(&self) -> bool {
        self.ahead
    }

    /// Nothing is under way, and nothing that came waits to be taken.
    pub(super) fn is_idle(&self) -> bool {
        self.flights.is_empty() && self.ready.is_empty()
    }

    /// What the message is for whose answer comes next, or is on its way.
    pub(super) fn arriving(mut self) -> Option<T> {
        match self.flights.pop_front()?.what {
            What::Message { job, .. } => Some(job.tag),
            What::Asked | What::Noop { .. } | What::Question(_) => None,
        }
    }

    /// Octets of messages that have arrived in part.
    pub(super) fn partial_octets(&self) -> u64 {
        match self.flights.front().map(|flight| &flight.what) {
            Some(What::Message { octets, .. }) => octets.len(),
            _ => 0,
        }
    }

    /// The next thing that comes to its end; `None` when nothing is under way any more, which is so as well once a fence
    /// with nothing behind it was answered. Nothing is lost when the future is dropped before it is ready.
    pub(super) async fn next_of_all(&mut self) -> Result<Option<Came<T>>, Error> {
        loop {
            let came = self.next_or_room().await?;
            if came.is_some() || self.is_idle() {
                return Ok(came);
            }
        }
    }

    /// The same, but comes back with nothing as well once so much has arrived of what is under way that more is to be asked for: a
    /// large message would come to its end first, and the line stand still for a round trip behind it.
    pub(super) async fn next_or_room(&mut self) -> Result<Option<Came<T>>, Error> {
        let before = self.in_flight;
        loop {
            if let Some(came) = self.here()? {
                return Ok(Some(came));
            }
            if self.is_idle() || self.has_moved_on_from(before) {
                return Ok(None);
            }
            self.fence()?;
            let patience = self.patience();
            let octets = self.wire.more_within(patience).await;
            let octets = octets.map_err(|error| self.blame(error))?;
            // A listing says as much about the line as messages do, and it comes before them.
            if let Some(What::Asked) = self.flights.front().map(|flight| &flight.what) {
                self.pace.received(octets, Instant::now());
            }
        }
    }

    /// What has come to its end already, without waiting for the network.
    pub(super) fn here(&mut self) -> Result<Option<Came<T>>, Error> {
        loop {
            if let Some(came) = self.ready.pop_front() {
                return Ok(Some(came));
            }
            if self.flights.is_empty() {
                return Ok(None);
            }
            let event = self.wire.here().map_err(|error| self.blame(error))?;
            let Some(event) = event else { return Ok(None) };
            self.take(event).map_err(|error| self.blame(error))?;
        }
    }

    fn take(&mut self, event: Event) -> Result<(), Error> {
        let now = Instant::now();
        let Some(flight) = self.flights.front_mut() else {
            return Err(Error::Unexpected(Verb::Noop));
        };
        match (&mut flight.what, event) {
            (What::Message { job, .. }, Event::MessageStart { number, .. })
                if number == job.number =>
            {
                self.pace.answered(now - flight.launched);
            }
            (What::Message { octets, left, .. }, Event::MessageChunk(chunk)) => {
                let counted = (*left).min(chunk.len() as u64);
                *left -= counted;
                self.in_flight = self.in_flight.saturating_sub(counted);
                self.pace.received(counted, now);
                let spools = self.spools.as_deref();
                octets.push(chunk, spools).map_err(Error::Spool)?;
            }
            (What::Message { .. }, Event::MessageEnd { .. }) => return self.land(None, now),
            (What::Message { .. }, Event::Reply(reply)) if !reply.ok => {
                return self.land(Some(Says::from(&reply)), now);
            }
            (What::Asked, event) => {
                self.pace.answered(now - flight.launched);
                let refused = matches!(&event, Event::Reply(reply) if !reply.ok);
                // How many messages there are is for guessing only.
                let guess = matches!(event, Event::Drop { .. });
                let under_way = flight.depth.max(self.flights.len());
                let trusted =
                    guess || (under_way <= self.proven && !(refused && self.flights.len() > 1));
                self.flights.pop_front();
                return self.put(Came::Answer(event), trusted, false);
            }
            // One command at a time, a server that does not know NOOP is in step as well when it says so.
            (What::Noop { last }, Event::Reply(reply)) if reply.ok || !self.ahead => {
                let (last, depth) = (*last, flight.depth);
                self.flights.pop_front();
                if last {
                    self.passed(depth, false)?;
                }
            }
            (What::Question(_), event) => self.replied(&event)?,
            (What::Message { job, .. }, _) => return Err(Error::Unexpected(job.part.verb())),
            (What::Noop { .. }, _) => return Err(Error::Unexpected(Verb::Noop)),
        }
        if self.flights.is_empty() {
            self.pace.rested();
        }
        Ok(())
    }
}

impl Part {
    pub(super) fn verb(self) -> Verb {
        match self {
            Self::Whole => Verb::Retr,
            Self::Top(_) => Verb::Top,
        }
    }
}

#[cfg(test)]
mod step_tests;
#[cfg(test)]
mod tests;

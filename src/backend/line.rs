//! Messages under way: what was asked for and has not arrived, and how much may be asked for ahead.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::error::{Error, Says};
use super::wire::Wire;
use crate::pop3::{Command, Event, MessageNumber, Verb};

/// A message, or its beginning, to be fetched.
#[derive(Clone, Debug)]
pub(super) struct Job<T> {
    pub(super) number: MessageNumber,
    pub(super) part: Part,
    /// Octets that are expected; a guess that only paces the asking.
    pub(super) expect: u64,
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
    pub(super) octets: Result<Vec<u8>, Says>,
}

/// A connection in the TRANSACTION state with jobs under way on it.
pub(super) struct Line<T> {
    pub(super) wire: Wire,
    flights: VecDeque<Flight<T>>,
    in_flight: u64,
    pace: Pace,
    pipelining: bool,
}

struct Flight<T> {
    job: Job<T>,
    launched: Instant,
    octets: Vec<u8>,
}

impl<T> Line<T> {
    /// `pipelining`: whether the server takes commands ahead (RFC 2449 section 6.8).
    pub(super) fn new(wire: Wire, pipelining: bool) -> Self {
        Self {
            wire,
            flights: VecDeque::new(),
            in_flight: 0,
            pace: Pace::default(),
            pipelining,
        }
    }

    /// Whether another job can be launched without making a person wait longer than a window.
    pub(super) fn has_room(&self, expect: u64) -> bool {
        self.flights.is_empty()
            || (self.pipelining && self.in_flight.saturating_add(expect) <= self.pace.window())
    }

    /// Whether a job that a person waits for can be launched: ahead of every window.
    pub(super) fn has_room_for_person(&self) -> bool {
        self.flights.is_empty() || self.pipelining
    }

    /// Asks for a message.
    pub(super) fn launch(&mut self, job: Job<T>) -> Result<(), Error> {
        let command = match job.part {
            Part::Whole => Command::Retr(job.number),
            Part::Top(lines) => Command::Top(job.number, lines),
        };
        self.wire.send(&command)?;
        self.in_flight = self.in_flight.saturating_add(job.expect);
        self.flights.push_back(Flight {
            job,
            launched: Instant::now(),
            octets: Vec::new(),
        });
        Ok(())
    }

    /// Whether the server takes commands ahead.
    pub(super) fn pipelining(&self) -> bool {
        self.pipelining
    }

    /// Nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.flights.is_empty()
    }

    /// Octets of messages that have arrived in part.
    pub(super) fn partial_octets(&self) -> u64 {
        self.flights
            .front()
            .map_or(0, |flight| flight.octets.len() as u64)
    }

    /// The next job that comes to its end. Nothing is lost when the future is dropped before it is ready.
    pub(super) async fn next(&mut self) -> Result<Landed<T>, Error> {
        loop {
            let event = self.wire.next().await?;
            let Some(flight) = self.flights.front_mut() else {
                return Err(Error::Unexpected(Verb::Noop));
            };
            match event {
                Event::MessageStart { number, .. } if number == flight.job.number => {
                    self.pace.answered(flight.launched.elapsed());
                }
                Event::MessageChunk(chunk) => {
                    self.pace.received(chunk.len() as u64);
                    if flight.octets.is_empty() {
                        flight.octets = chunk;
                    } else {
                        flight.octets.extend_from_slice(&chunk);
                    }
                }
                Event::MessageEnd { .. } => return self.land(Ok),
                Event::Reply(reply) if !reply.ok => {
                    let says = Says::from(&reply);
                    return self.land(|_| Err(says));
                }
                _ => return Err(Error::Unexpected(flight.job.part.verb())),
            }
        }
    }

    fn land(
        &mut self,
        result: impl FnOnce(Vec<u8>) -> Result<Vec<u8>, Says>,
    ) -> Result<Landed<T>, Error> {
        let flight = self
            .flights
            .pop_front()
            .ok_or(Error::Unexpected(Verb::Noop))?;
        self.in_flight = self.in_flight.saturating_sub(flight.job.expect);
        // The window is filled with what is expected, so what arrives is counted in the same measure.
        let unused = flight.job.expect.saturating_sub(flight.octets.len() as u64);
        self.pace.received(unused);
        Ok(Landed {
            part: flight.job.part,
            tag: flight.job.tag,
            octets: result(flight.octets),
        })
    }

    /// Fetches all of `jobs`, in order, as fast as the server lets us. Of each only what `keep` makes of it stays in memory.
    pub(super) async fn fetch_each<R>(
        &mut self,
        jobs: Vec<Job<T>>,
        mut keep: impl FnMut(Landed<T>) -> R,
    ) -> Result<Vec<R>, Error> {
        let mut waiting = VecDeque::from(jobs);
        let mut kept = Vec::with_capacity(waiting.len());
        loop {
            while waiting.front().is_some_and(|job| self.has_room(job.expect)) {
                if let Some(job) = waiting.pop_front() {
                    self.launch(job)?;
                }
            }
            if self.is_idle() {
                return Ok(kept);
            }
            kept.push(keep(self.next().await?));
        }
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

/// How many octets are asked for ahead: twice what the line carries in one round trip, so that it is never idle, and no
/// more, so that a person who opens a message waits for little.
struct Pace {
    round_trip: Option<Duration>,
    counted_since: Instant,
    counted: u64,
    window: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            round_trip: None,
            counted_since: Instant::now(),
            counted: 0,
            window: SMALLEST_WINDOW,
        }
    }
}

impl Pace {
    fn window(&self) -> u64 {
        self.window
    }

    /// An answer began so long after it was asked for. The shortest of these is the nearest to the round trip.
    fn answered(&mut self, after: Duration) {
        self.round_trip = Some(
            self.round_trip
                .map_or(after, |shortest| shortest.min(after)),
        );
    }

    fn received(&mut self, octets: u64) {
        self.counted += octets;
        let span = self.counted_since.elapsed();
        let round_trip = self.round_trip.unwrap_or(SAMPLE).max(SAMPLE);
        if span < round_trip {
            return;
        }
        let per_round_trip = self.counted as f64 * round_trip.as_secs_f64() / span.as_secs_f64();
        let wanted = (per_round_trip * 2.0) as u64;
        // Growing at once and shrinking by halves keeps a short lull from emptying the line.
        self.window = wanted
            .max(self.window / 2)
            .clamp(SMALLEST_WINDOW, LARGEST_WINDOW);
        self.counted = 0;
        self.counted_since = Instant::now();
    }
}

const SMALLEST_WINDOW: u64 = 256 * 1024;
const LARGEST_WINDOW: u64 = 8 * 1024 * 1024;
const SAMPLE: Duration = Duration::from_millis(20);

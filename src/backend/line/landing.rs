//! The end of a message: whether it looks like what was asked for, and a second look at what does not.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::arriving::Looks;
use super::{Came, Flight, Job, Landed, Line, Part, What};
use crate::backend::error::{Error, Says};
use crate::mail::Octets;
use crate::pop3::Verb;

/// A message that began like a reply, to be asked for again, and what came.
pub(super) struct Again<T> {
    job: Job<T>,
    before: Octets,
}

impl<T> Line<T> {
    pub(super) fn land(&mut self, refusal: Option<Says>, now: Instant) -> Result<(), Error> {
        let Some(Flight {
            what:
                What::Message {
                    job,
                    octets,
                    left,
                    before,
                },
            depth,
            ..
        }) = self.flights.pop_front()
        else {
            return Err(Error::Unexpected(Verb::Noop));
        };
        self.in_flight = self.in_flight.saturating_sub(left);
        if left > 0 {
            self.pace.received(left, now);
        }
        if job.part == Part::Top(0) && refusal.is_none() {
            self.pace.saw_header(octets.came());
        }
        if self.flights.is_empty() {
            self.pace.rested();
        }
        let looks = if refusal.is_some() {
            Looks::Right
        } else {
            octets.looks(job.part, job.listed)
        };
        if looks == Looks::LikeAReply && self.ahead {
            return Err(self.out_of_step(job.part.verb()));
        }
        // A refusal among many may be that of a command that arrived in pieces.
        let under_way = depth.max(self.flights.len() + 1);
        let trusted = under_way <= self.proven && (refusal.is_none() || self.flights.is_empty());
        let surplus = octets
            .len()
            .saturating_sub(job.expect.max(EXPECTED_AT_LEAST));
        let result = refusal.map_or_else(|| Ok(octets.finish()), Err);
        let (octets, odd) = match (before, looks, job.part) {
            (Some(before), _, _) => {
                self.quotes = true;
                (Ok(same(&before, result, job.listed)?), true)
            }
            // Whoever wants a beginning and is refused it asks for the whole, which has a size to be known by.
            (None, Looks::LikeAReply, Part::Top(_)) => (Err(Says::nothing()), false),
            (None, Looks::LikeAReply, Part::Whole) => {
                let Ok(before) = result else {
                    return Err(Error::OutOfStep);
                };
                self.again = Some(Again { job, before });
                return self.put_up_fence();
            }
            // One command at a time, nothing can have been lost between two answers: what is short may be the beginning.
            (None, Looks::Odd, _) => (result, self.ahead),
            (None, Looks::Short, _) => (result, true),
            (None, Looks::Quoting, _) => {
                self.quotes = true;
                (result, true)
            }
            (None, Looks::Right, _) => (result, false),
        };
        let landed = Landed {
            part: job.part,
            tag: job.tag,
            octets,
        };
        self.put(Came::Landed(landed), trusted && !odd, odd)?;
        self.bound_doubt(surplus)
    }

    /// Asks again for what is to be asked for a second time.
    pub(super) fn ask_again(&mut self) -> Result<bool, Error> {
        let Some(again) = self.again.take() else {
            return Ok(false);
        };
        self.launch_again(again.job, Some(again.before))?;
        Ok(true)
    }

    /// Whether a message was found to begin like a reply by itself.
    pub(in crate::backend) fn quotes(&self) -> bool {
        self.quotes
    }

    /// Fetches all of `jobs`, in order, as fast as the server lets us. Of each only what `keep` makes of it stays in memory.
    pub(in crate::backend) async fn fetch_each<R>(
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
            match self.next_or_room().await? {
                Some(Came::Landed(landed)) => kept.push(keep(landed)),
                Some(Came::Answer(_)) => return Err(Error::Unexpected(Verb::Noop)),
                None => {}
            }
        }
    }
}

/// What came twice. A message that begins like a reply may be one; but where LIST counts all of it but its first line, it is the
/// server that says the same each time.
fn same(before: &Octets, now: Result<Octets, Says>, listed: Option<u64>) -> Result<Octets, Error> {
    let first = before.beginning().iter().position(|octet| *octet == b'\n');
    let first = first.map_or(0, |end| end as u64 + 1);
    let without = before.len().saturating_sub(first);
    match now {
        Ok(now) if listed != Some(without) && now.digest() == before.digest() => Ok(now),
        _ => Err(Error::OutOfStep),
    }
}

/// Octets of a message that nobody is blamed for.
const EXPECTED_AT_LEAST: u64 = 16 * 1024;

//! Whether answers are in step with what was asked: two NOOPs behind it, or a NOOP and a question, and nothing is believed
//! before they were answered.

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

use super::questions::Questions;
use super::{Came, Doubted, Flight, Line, What};
use crate::backend::error::Error;
use crate::backend::maildrop::Maildrop;
use crate::pop3::{self, Command, Event, Verb};

impl<T> Line<T> {
    /// Waits until nothing is under way but what was asked for only to prove that answers are in step.
    pub(in crate::backend) async fn settle(&mut self) -> Result<(), Error> {
        while self
            .flights
            .front()
            .is_some_and(|next| matches!(next.what, What::Noop { .. } | What::Question(_)))
        {
            let event = self.wire.next_within(self.patience()).await;
            let event = event.map_err(|error| self.blame(error))?;
            self.take(event).map_err(|error| self.blame(error))?;
        }
        Ok(())
    }

    /// Does some work that the server has no part in, and shows it by a NOOP now and then that we are still here: many end a
    /// session after a minute of silence, long before the ten that RFC 1939 section 3 grants. Nothing may be under way.
    pub(in crate::backend) async fn awake<R>(
        &mut self,
        every: Duration,
        work: impl Future<Output = R>,
    ) -> Result<R, Error> {
        let mut work = pin!(work);
        loop {
            if let Ok(done) = timeout(every, &mut work).await {
                return Ok(done);
            }
            // What a server says to it is its own affair, as long as it is an answer.
            match self.wire.ask(&Command::Noop).await? {
                Event::Reply(_) => {}
                _ => return Err(Error::Unexpected(Verb::Noop)),
            }
        }
    }

    /// Puts a fence behind what is under way, if it has to be proven that it is answered in step.
    pub(in crate::backend) fn fence(&mut self) -> Result<(), Error> {
        let due = self.unproven > 0
            && (self.fences == 0 || self.unproven.saturating_mul(4) >= self.flights.len());
        if due { self.put_up_fence() } else { Ok(()) }
    }

    pub(super) fn put_up_fence(&mut self) -> Result<(), Error> {
        let doubted = self.again.is_some() || self.doubtful.iter().any(|doubted| doubted.odd);
        let question = self.questions.draw().filter(|_| doubted);
        if self.ahead {
            self.send(&Command::Noop, What::Noop { last: false })?;
        }
        match question {
            Some(question) => {
                self.send(&question.command(), What::Question(question))?;
                self.questioning += 1;
            }
            None => self.send(&Command::Noop, What::Noop { last: true })?,
        }
        self.fences += 1;
        self.unproven = 0;
        Ok(())
    }

    /// From here on it can be asked about what the listing says.
    pub(in crate::backend) fn know(&mut self, maildrop: &Maildrop) {
        self.questions = Questions::of(maildrop);
    }

    /// The answer to a question has come.
    pub(super) fn replied(&mut self, event: &Event) -> Result<(), Error> {
        let Some(Flight {
            what: What::Question(question),
            depth,
            ..
        }) = self.flights.front()
        else {
            return Err(Error::OutOfStep);
        };
        let (question, depth) = (question.clone(), *depth);
        let answered = question.is_answered_by(event);
        if !answered && !matches!(event, Event::Reply(reply) if !reply.ok) {
            return Err(Error::OutOfStep);
        }
        self.flights.pop_front();
        self.questioning = self.questioning.saturating_sub(1);
        if answered {
            return self.passed(depth, true);
        }
        self.questions.refused(&question);
        if self.ahead && self.questions.is_empty() {
            return Err(self.out_of_step(question.verb()));
        }
        self.fences = self.fences.saturating_sub(1);
        // Where more is here already, it was no refusal.
        let again = self.put_up_fence();
        again.map_err(|_| self.out_of_step(question.verb()))
    }

    /// What came cannot be the answer to this.
    pub(super) fn out_of_step(&self, verb: Verb) -> Error {
        if !self.ahead {
            return Error::OutOfStep;
        }
        Error::Ahead {
            source: Box::new(Error::OutOfStep),
            certain: true,
            at: Some(verb),
        }
    }

    /// How long the server may be silent. One that has answered and is not known to take commands ahead is soon suspected of
    /// not doing so.
    pub(super) fn patience(&self) -> Duration {
        let suspect = self.flights.front().is_some_and(|next| {
            next.depth.max(self.flights.len()) > self.proven
                || matches!(next.what, What::Noop { .. } | What::Question(_))
        });
        match self.pace.round_trip() {
            Some(round_trip) if suspect => {
                (round_trip * SUSPICIOUS_ROUND_TRIPS).clamp(LEAST_PATIENCE, MOST_PATIENCE)
            }
            _ => Duration::MAX,
        }
    }

    /// An error that commands sent ahead may have brought about is marked as such.
    pub(super) fn blame(&self, error: Error) -> Error {
        let Some(next) = self.flights.front().filter(|_| self.ahead) else {
            return error;
        };
        let unproven = next.depth.max(self.flights.len()) > self.proven
            || !self.doubtful.is_empty()
            || matches!(next.what, What::Noop { .. } | What::Question(_));
        let at = Some(next.verb);
        match error {
            Error::Ahead { .. } => error,
            Error::Lost(_) | Error::Protocol(pop3::Error::EndOfStream { .. }) if unproven => {
                Error::Ahead {
                    source: Box::new(error),
                    certain: false,
                    at,
                }
            }
            Error::Silent(_) if unproven => Error::Ahead {
                source: Box::new(error),
                certain: true,
                at,
            },
            Error::Protocol(
                pop3::Error::NotAReply { .. }
                | pop3::Error::Malformed { .. }
                | pop3::Error::Unsolicited { .. },
            )
            | Error::Unexpected(_)
            | Error::OutOfStep
                if self.flights.len() > 1 || unproven =>
            {
                Error::Ahead {
                    source: Box::new(error),
                    certain: true,
                    at,
                }
            }
            error => error,
        }
    }

    /// `odd`: nothing but a question behind it proves it.
    pub(super) fn put(&mut self, came: Came<T>, trusted: bool, odd: bool) -> Result<(), Error> {
        if trusted && self.doubtful.is_empty() {
            self.ready.push_back(came);
            return Ok(());
        }
        self.doubtful.push_back(Doubted { came, odd });
        let due = if odd && !self.questions.is_empty() {
            self.questioning == 0
        } else {
            self.fences == 0
        };
        if due { self.put_up_fence() } else { Ok(()) }
    }

    /// What is held back was asked for by what LIST said of it. From a server that sends much more than that it is not held
    /// back any longer: it is asked for again, one command at a time.
    pub(super) fn bound_doubt(&mut self, surplus: u64) -> Result<(), Error> {
        if self.doubtful.is_empty() {
            return Ok(());
        }
        self.surplus = self.surplus.saturating_add(surplus);
        if self.surplus <= MOST_SURPLUS {
            return Ok(());
        }
        Err(Error::Ahead {
            source: Box::new(Error::Unexpected(Verb::List)),
            certain: true,
            at: Some(Verb::List),
        })
    }

    /// A fence was answered: everything before it was in step. `asked`: it had a question.
    pub(super) fn passed(&mut self, depth: usize, asked: bool) -> Result<(), Error> {
        self.fences = self.fences.saturating_sub(1);
        if self.ask_again()? {
            return Ok(());
        }
        self.proven = self.proven.max(depth);
        if self.proven >= ENOUGH {
            self.proven = usize::MAX;
            self.unproven = 0;
        }
        // Where there is nothing to ask about, this is all the proof there is.
        let all = asked || self.questions.is_empty();
        while let Some(doubted) = self.doubtful.pop_front_if(|next| all || !next.odd) {
            self.ready.push_back(doubted.came);
        }
        self.surplus = 0;
        Ok(())
    }
}

/// The longest silence of ours in a session.
pub(in crate::backend) const SILENCE: Duration = Duration::from_secs(25);
/// In octets.
const MOST_SURPLUS: u64 = 32 * 1024 * 1024;
/// A server that answered so many commands at once in step keeps no count of them.
const ENOUGH: usize = 512;
/// An answer that takes so many round trips, from a server that answered before, was perhaps never asked for.
const SUSPICIOUS_ROUND_TRIPS: u32 = 100;
const LEAST_PATIENCE: Duration = Duration::from_secs(5);
const MOST_PATIENCE: Duration = Duration::from_secs(20);

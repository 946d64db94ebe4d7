//! What a session asks for next: first what a person waits for, then summaries, then bodies.

use std::collections::HashSet;

use tokio::time::Instant;

use super::account::Account;
use super::errands::{How, Want};
use super::error::Error;
use super::line::{Job, Line, Part};
use super::refusals::{gone, too_large};
use super::visit::{Tag, Visit};
use crate::bridge::SyncMode;
use crate::mail::{LedgerId, MessageId, RemoteId};

impl Account {
    /// Asks for as much as the line takes: what a person waits for ahead of everything, messages that are to be here, then
    /// summaries, then bodies.
    pub(super) async fn launch(&mut self, visit: &mut Visit) -> Result<(), Error> {
        if let Some(messages) = self.errands.looked_at.take() {
            visit.look_at(&messages);
        }
        while visit.line.as_ref().is_some_and(Line::has_room_for_person)
            && let Some(want) = self.errands.wants.pop_front()
        {
            visit.person = Some(Instant::now());
            if let Some(line) = &visit.line {
                let (under_way, window) = (line.in_flight(), line.window());
                tracing::debug!(under_way, window, "goes ahead for a person");
            }
            self.launch_want(visit, want).await?;
        }
        self.launch_fetches(visit).await?;
        let mode = self.errands.mode();
        if !matches!(mode, Some(SyncMode::Check | SyncMode::DryRun)) {
            launch_rechecks(visit, &self.unseen)?;
            launch_doubtful(visit)?;
        }
        if matches!(mode, Some(SyncMode::Headers | SyncMode::Full)) {
            launch_summaries(visit, &self.unseen)?;
        }
        if mode == Some(SyncMode::Full) && visit.summaries.is_empty() && visit.rechecks.is_empty() {
            visit.launch_wholes()?;
            if visit.wholes.is_empty() {
                launch_bodies(visit)?;
            }
        }
        Ok(())
    }

    async fn launch_want(&mut self, visit: &mut Visit, want: Want) -> Result<(), Error> {
        let Some((ledger, place)) = visit.places.get(&want.message).copied() else {
            // A message that is listed under doubt is looked at first; the want waits for the answer.
            if visit.is_under_doubt(want.message) {
                visit.deferred.push(want);
            } else {
                self.refuse(want, gone()).await;
            }
            return Ok(());
        };
        let Some(number) = visit.number(place) else {
            self.refuse(want, gone()).await;
            return Ok(());
        };
        match want.how {
            How::Peek { lines, .. } => {
                let tag = Tag::Peek {
                    want,
                    ledger,
                    place,
                };
                let part = Part::Top(lines);
                visit.launch(Job {
                    number,
                    part,
                    expect: visit.expect(part, place),
                    listed: Some(visit.octets(place)),
                    tag,
                })?;
                self.errands.peeking.push(want);
            }
            How::Open { .. } if visit.octets(place) > visit.largest => {
                visit.too_large.push(want.message);
                self.refuse(want, too_large(visit.largest)).await;
            }
            How::Open { .. } => {
                visit.ask_for_body(ledger, want.message, place)?;
                visit.ingest.hurry(want.message);
                self.errands.waiting.push(want);
            }
        }
        Ok(())
    }

    /// Messages that are to be here: behind what somebody waits to read, and within the window.
    async fn launch_fetches(&mut self, visit: &mut Visit) -> Result<(), Error> {
        while let Some(message) = self.errands.to_fetch.front().copied() {
            let known = visit.places.get(&message).copied();
            if known.is_none() && visit.is_under_doubt(message) {
                self.errands.to_fetch.pop_front();
                visit.to_fetch.push(message);
                continue;
            }
            let Some((ledger, place)) =
                known.filter(|(_, place)| visit.octets(*place) <= visit.largest)
            else {
                self.errands.to_fetch.pop_front();
                let problem = if known.is_some() {
                    visit.too_large.push(message);
                    too_large(visit.largest)
                } else {
                    gone()
                };
                self.fetch_ended(message, Some(&problem)).await;
                continue;
            };
            if !visit.has_room(visit.expect(Part::Whole, place)) {
                return Ok(());
            }
            self.errands.to_fetch.pop_front();
            visit.ask_for_body(ledger, message, place)?;
        }
        Ok(())
    }
}

impl Visit {
    pub(super) fn launch(&mut self, job: Job<Tag>) -> Result<(), Error> {
        match &mut self.line {
            Some(line) => line.launch(job),
            None => Err(Error::Lost(std::io::ErrorKind::NotConnected.into())),
        }
    }

    /// Octets that are expected of the message at this place, or of its beginning.
    pub(super) fn expect(&self, part: Part, place: usize) -> u64 {
        let listed = self.octets(place);
        let line = self.line.as_ref();
        line.map_or(listed, |line| line.expect(part, listed))
    }

    /// Whether a copy of it is listed that is looked at before it is believed to be the one that is known.
    fn is_under_doubt(&self, message: MessageId) -> bool {
        let mut doubted = self.unverified.values();
        doubted.any(|entry| entry.message == message)
    }

    pub(super) fn has_room(&self, octets: u64) -> bool {
        self.line.as_ref().is_some_and(|line| line.has_room(octets))
    }

    /// Asks for a body unless it is under way.
    fn ask_for_body(
        &mut self,
        ledger: LedgerId,
        message: MessageId,
        place: usize,
    ) -> Result<(), Error> {
        let Some(number) = self.number(place) else {
            return Ok(());
        };
        let expect = self.expect(Part::Whole, place);
        if !self.coming.insert(message) {
            return Ok(());
        }
        if !self.queued.contains(&message) {
            self.count_in(self.octets(place));
        }
        let tag = Tag::Body {
            ledger,
            message,
            place,
        };
        self.launch(Job {
            number,
            part: Part::Whole,
            expect,
            listed: Some(self.octets(place)),
            tag,
        })
    }
}

fn launch_rechecks(visit: &mut Visit, unseen: &HashSet<RemoteId>) -> Result<(), Error> {
    while let Some((ledger, place, part)) = visit.rechecks.front().copied() {
        if unseen.contains(&visit.remote(place)) {
            visit.rechecks.pop_front();
            visit.unseen += 1;
            continue;
        }
        let expect = visit.expect(part, place);
        if !visit.has_room(expect) {
            return Ok(());
        }
        visit.rechecks.pop_front();
        if let Some(number) = visit.number(place) {
            visit.launch(Job {
                number,
                part,
                expect,
                listed: Some(visit.octets(place)),
                tag: Tag::Recheck { ledger, place },
            })?;
        }
    }
    Ok(())
}

fn launch_doubtful(visit: &mut Visit) -> Result<(), Error> {
    while let Some((ledger, message, place)) = visit.doubtful.front().copied() {
        // Two copies may seem to be one message: the second is compared once it is known what the first is.
        let waits = visit.coming.contains(&message);
        if waits || !visit.has_room(visit.expect(Part::Whole, place)) {
            return Ok(());
        }
        visit.doubtful.pop_front();
        visit.ask_for_body(ledger, message, place)?;
    }
    Ok(())
}

fn launch_summaries(visit: &mut Visit, unseen: &HashSet<RemoteId>) -> Result<(), Error> {
    while let Some((place, part)) = visit.summaries.front().copied() {
        let part = if visit.top_works { part } else { Part::Whole };
        let octets = visit.octets(place);
        let remote = visit.remote(place);
        // One without a name has none because it cannot be looked at either.
        let shown_whole = part == Part::Whole || remote.as_bytes().is_empty();
        if (shown_whole && octets > visit.largest) || unseen.contains(&remote) {
            visit.summaries.pop_front();
            visit.tally.summaries += 1;
            visit.unseen += 1;
            continue;
        }
        let expect = visit.expect(part, place);
        // Whether TOP works is known after the first answer; until then nothing is asked ahead.
        let unproven = part != Part::Whole && !visit.top_worked && !visit.top_offered;
        let idle = visit.line.as_ref().is_some_and(Line::is_idle);
        if !visit.has_room(expect) || (unproven && !idle) {
            break;
        }
        visit.summaries.pop_front();
        if let Some(number) = visit.number(place) {
            visit.launch(Job {
                number,
                part,
                expect,
                listed: Some(octets),
                tag: Tag::Summary { place },
            })?;
        }
    }
    Ok(())
}

fn launch_bodies(visit: &mut Visit) -> Result<(), Error> {
    while let Some((ledger, message, place)) = visit.next_body() {
        if !visit.have.contains(&message) {
            if !visit.has_room(visit.expect(Part::Whole, place)) {
                return Ok(());
            }
            visit.ask_for_body(ledger, message, place)?;
        }
        visit.forget_next_body();
    }
    Ok(())
}

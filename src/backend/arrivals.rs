//! What becomes of what arrives.

use std::collections::HashSet;

use super::account::Account;
use super::errands::{How, Want};
use super::error::Error;
use super::ingest::{Batch, Raw};
use super::line::{Landed, Part};
use super::open;
use super::refusals::{gone, no_beginning, not_given};
use super::visit::{Tag, Visit};
use super::wire::Kept;
use crate::bridge::{Event, SyncMode};
use crate::mail::{LedgerId, Local, MessageId, MessageSummary, Octets, Problem, Stored};

impl Account {
    /// Takes in what one job brought.
    pub(super) async fn landed(
        &mut self,
        visit: &mut Visit,
        landed: Landed<Tag>,
    ) -> Result<(), Error> {
        let tag = match landed.tag {
            // What it was asked for is known by now; it may be for nothing.
            Tag::Glance { number } => match visit.glances.remove(&number) {
                Some(tag) => tag,
                None => return Ok(()),
            },
            tag => tag,
        };
        match (tag, landed.octets) {
            (Tag::Glance { .. }, _) => {}
            (Tag::Summary { place }, Ok(octets)) => {
                visit.top_worked |= landed.part != Part::Whole;
                visit.tally.summaries += 1;
                take(visit, place, octets, landed.part);
            }
            (Tag::Summary { place }, Err(says)) => {
                if landed.part == Part::Whole {
                    visit.tally.summaries += 1;
                    visit.failures.push((visit.remote(place), says));
                } else {
                    // A server without TOP, or without TOP for this message, still gives the whole of it, which is stored.
                    if !visit.top_offered {
                        visit.top_works &= visit.top_worked;
                    }
                    visit.summaries.push_front((place, Part::Whole));
                }
            }
            (Tag::Whole { place }, Ok(octets)) => {
                visit.tally.summaries += 1;
                take(visit, place, octets, landed.part);
            }
            (Tag::Whole { place }, Err(_)) => visit.whole_refused(place),
            (Tag::Recheck { ledger, place }, octets) => {
                self.rechecked(visit, ledger, place, landed.part, octets)
                    .await?;
            }
            (
                Tag::Body {
                    ledger,
                    message,
                    place,
                },
                Ok(octets),
            ) => {
                let waited_for = self.errands.waiting.iter();
                let urgent = waited_for.into_iter().any(|want| want.message == message);
                if let Some(raw) = raw(visit, Some(ledger), place, octets, Local::Full) {
                    let raw = Raw {
                        expected: Some(message),
                        ..raw
                    };
                    visit.ingest.take(raw, urgent);
                }
            }
            (
                Tag::Body {
                    ledger,
                    message,
                    place,
                },
                Err(says),
            ) => {
                // Who waits for it is told in any case.
                if visit.queued.contains(&message) && !self.errands.waits_for(message) {
                    visit.failures.push((visit.remote(place), says.clone()));
                }
                visit.coming.remove(&message);
                visit.tally.bodies += 1;
                if !visit.queued.contains(&message) {
                    visit.still_doubted(ledger);
                }
                self.store
                    .record_failure(ledger, Some(says.to_string()))
                    .await?;
                self.body_refused(message, &not_given(&says)).await;
            }
            (
                Tag::Peek {
                    want,
                    ledger,
                    place,
                },
                Ok(octets),
            ) => {
                self.errands
                    .peeking
                    .retain(|other| other.ticket != want.ticket);
                let extent = extent_of(&octets, want.how, visit.octets(place));
                open::show_beginning(&self.events, want, extent, octets.beginning().to_vec());
                if let Some(raw) = raw(visit, Some(ledger), place, octets, Local::Peeked) {
                    visit.ingest.take(raw, false);
                }
            }
            (Tag::Peek { want, .. }, Err(says)) => {
                self.errands
                    .peeking
                    .retain(|other| other.ticket != want.ticket);
                self.refuse(want, no_beginning(&says)).await;
            }
        }
        Ok(())
    }

    /// A batch is on the disk, or could not be put there.
    pub(super) async fn stored(&mut self, visit: &mut Visit, batch: Batch) -> Result<(), Error> {
        let outcome = batch.outcome?;
        let mut full = Vec::new();
        for (stored, note) in outcome.stored.iter().zip(&batch.notes) {
            visit.placed(stored, note);
            match note.extent {
                Local::Full => {
                    if let Some(line) = &mut visit.line {
                        line.wire.kept(note.number, &Kept::Stored(stored));
                    }
                    visit.coming.remove(&stored.message);
                    visit.have.insert(stored.message);
                    // Its header block came along.
                    visit.report.summaries += u64::from(stored.new);
                    visit.report.bodies += 1;
                    visit.report.octets += note.octets;
                    visit.tally.bodies += 1;
                    full.push((note.expected.unwrap_or(stored.message), stored.message));
                }
                Local::Headers => {
                    visit.report.summaries += 1;
                    visit.doubt(stored);
                }
                Local::Peeked => {}
            }
        }
        visit.tally.octets = visit.report.octets;
        if self.errands.mode() == Some(SyncMode::Full) {
            self.queue_bodies(visit, &outcome.stored, &outcome.rows);
        }
        let new: HashSet<MessageId> = outcome
            .stored
            .iter()
            .filter(|stored| stored.new)
            .map(|stored| stored.message)
            .collect();
        let (arrived, changed): (Vec<MessageSummary>, Vec<MessageSummary>) = outcome
            .rows
            .into_iter()
            .partition(|row| new.contains(&row.id));
        if !outcome.merged.is_empty() {
            self.tell(Event::Merged {
                ids: outcome.merged.clone(),
            })
            .await;
        }
        if !arrived.is_empty() {
            self.tell(Event::Arrived { messages: arrived }).await;
        }
        self.tell_changed(changed).await;
        for (expected, message) in full {
            visit.coming.remove(&expected);
            if expected == message || outcome.merged.contains(&expected) {
                self.body_stored(expected, message).await;
            } else {
                // Under the number that was thought to be this message the server has another one.
                self.body_refused(expected, &gone()).await;
            }
        }
        Ok(())
    }

    fn queue_bodies(&self, visit: &mut Visit, stored: &[Stored], rows: &[MessageSummary]) {
        let here: HashSet<MessageId> = stored.iter().map(|stored| stored.message).collect();
        for row in rows
            .iter()
            .filter(|row| row.local != Local::Full && here.contains(&row.id))
        {
            let Some((ledger, place)) = visit.places.get(&row.id).copied() else {
                continue;
            };
            if self.apart.contains(&visit.remote(place)) {
                visit.too_large.push(row.id);
            } else if !visit.coming.contains(&row.id)
                && self.settings.bodies.wants(visit.octets(place))
            {
                visit.want_body(ledger, row.id, place);
            }
        }
    }

    /// A body is here: whoever waited for it gets it. `message` is what it turned out to be.
    async fn body_stored(&mut self, expected: MessageId, message: MessageId) {
        for want in self.waiters(expected) {
            let want = Want { message, ..want };
            open::show(&self.store, &self.events, want, None);
        }
        self.fetch_ended(expected, None).await;
    }

    pub(super) async fn body_refused(&mut self, message: MessageId, problem: &Problem) {
        for want in self.waiters(message) {
            self.refuse(want, problem.clone()).await;
        }
        self.fetch_ended(message, Some(problem)).await;
    }

    fn waiters(&mut self, message: MessageId) -> Vec<Want> {
        let (here, waiting) = std::mem::take(&mut self.errands.waiting)
            .into_iter()
            .partition(|want| want.message == message);
        self.errands.waiting = waiting;
        here
    }

    /// Nothing is under way any more: whoever still waits for something of this session waits in vain.
    pub(super) async fn refuse_leftovers(&mut self, visit: &mut Visit) {
        let mut left = std::mem::take(&mut self.errands.waiting);
        left.append(&mut self.errands.peeking);
        left.append(&mut visit.deferred);
        for want in left {
            self.refuse(want, gone()).await;
        }
        if self.errands.to_fetch.is_empty() {
            let missing: Vec<MessageId> = self
                .errands
                .fetches
                .iter()
                .flat_map(|fetch| fetch.missing.iter().copied())
                .collect();
            for message in missing {
                self.fetch_ended(message, Some(&gone())).await;
            }
        }
    }

    /// The end of a want that cannot be met: what is left of a damaged message, or the reason.
    pub(super) async fn refuse(&self, want: Want, problem: Problem) {
        let left = open::show_left(&self.store, &self.events, want, &problem).await;
        if !matches!(left, Ok(true)) {
            self.fail(Some(want.ticket), problem).await;
        }
    }

    pub(super) async fn tell_changed(&self, messages: Vec<MessageSummary>) {
        if !messages.is_empty() {
            self.tell(Event::Changed {
                ticket: None,
                messages,
            })
            .await;
        }
    }
}

/// Hands a message that is not known here, or its header block, on to be stored.
pub(super) fn take(visit: &mut Visit, place: usize, octets: Octets, part: Part) {
    let extent = match part {
        Part::Whole => Local::Full,
        Part::Top(_) => Local::Headers,
    };
    if let Some(raw) = raw(visit, None, place, octets, extent) {
        visit.ingest.take(raw, false);
    }
}

pub(super) fn raw(
    visit: &Visit,
    ledger: Option<LedgerId>,
    place: usize,
    octets: Octets,
    extent: Local,
) -> Option<Raw> {
    Some(Raw {
        ledger,
        remote: visit.remote(place),
        listed_octets: visit.octets(place),
        octets,
        extent,
        number: visit.number(place)?,
        expected: None,
    })
}

/// How much of a message TOP has shown. It is all of it where it is as long as LIST says; where it is longer, sizes mean little
/// on that server, and it is all only if there were fewer lines than it was asked for.
fn extent_of(shown: &Octets, how: How, listed: u64) -> Local {
    let few = match how {
        How::Peek { lines, .. } => lines_of_body(shown.beginning()) < u64::from(lines),
        How::Open { .. } => false,
    };
    let held = shown.held().is_some();
    if held && (shown.len() == listed || few && shown.len() > listed) {
        Local::Full
    } else {
        Local::Peeked
    }
}

fn lines_of_body(octets: &[u8]) -> u64 {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    let body = lines.skip_while(|line| !line.trim_ascii().is_empty());
    body.skip(1).count() as u64
}

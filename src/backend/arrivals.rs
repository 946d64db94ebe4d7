//! What a session asks for next, and what becomes of what arrives.

use std::collections::HashSet;

use super::account::Account;
use super::errands::{How, Want};
use super::error::{Error, Says};
use super::ingest::{Batch, Raw};
use super::line::{Landed, Part};
use super::open;
use super::visit::{Tag, Visit};
use crate::bridge::{Event, Phase, Progress, SyncMode};
use crate::mail::{
    Kind, Local, MessageId, MessageSummary, Problem, Retry, header_block, header_digest,
};
use crate::store::ListingOutcome;

impl Account {
    /// Takes in what one job brought.
    pub(super) async fn landed(
        &mut self,
        visit: &mut Visit,
        landed: Landed<Tag>,
    ) -> Result<(), Error> {
        match (landed.tag, landed.octets) {
            (Tag::Summary { place }, Ok(octets)) => {
                visit.top_worked |= landed.part != Part::Whole;
                visit.tally.summaries += 1;
                take(visit, None, place, octets, landed.part).await;
            }
            (Tag::Summary { place }, Err(says)) => {
                if landed.part == Part::Whole {
                    visit.tally.summaries += 1;
                    visit.failures.push((visit.remote(place), says));
                } else {
                    // A server without TOP, or without TOP for this message, still gives the whole of it, which is stored.
                    visit.top_works &= visit.top_worked;
                    visit.summaries.push_front((place, Part::Whole));
                }
            }
            (Tag::Recheck { ledger, place }, Ok(octets)) => {
                match visit.unverified.remove(&ledger) {
                    Some(entry) if entry.header == Some(header_digest(&octets)) => {
                        visit.places.insert(entry.message, (ledger, place));
                        visit.reappeared.push((ledger, visit.octets(place)));
                        if entry.local != Local::Full
                            && self.settings.bodies.wants(visit.octets(place))
                        {
                            visit.want_body(ledger, entry.message, place);
                        }
                    }
                    _ => {
                        // The server has used the UIDL again: the old copy is gone, and this is another message.
                        let changed = self.store.vanish(vec![ledger]).await?;
                        self.tell_changed(changed).await;
                        take(visit, None, place, octets, landed.part).await;
                    }
                }
            }
            (Tag::Recheck { .. }, Err(_)) => {}
            (Tag::Body { ledger, place, .. }, Ok(octets)) => {
                take(visit, Some(ledger), place, octets, Part::Whole).await;
            }
            (
                Tag::Body {
                    ledger, message, ..
                },
                Err(says),
            ) => {
                visit.coming.remove(&message);
                visit.tally.bodies += 1;
                self.store
                    .record_failure(ledger, Some(says.to_string()))
                    .await?;
                self.body_refused(visit, message, &says).await;
            }
            (
                Tag::Peek {
                    want,
                    ledger,
                    place,
                    width,
                },
                Ok(octets),
            ) => {
                visit.peeking.retain(|other| other.ticket != want.ticket);
                open::show_beginning(&self.events, want, octets.clone(), width);
                let raw = raw(visit, Some(ledger), place, octets, Local::Peeked);
                visit.ingest.take(raw).await;
            }
            (Tag::Peek { want, .. }, Err(says)) => {
                visit.peeking.retain(|other| other.ticket != want.ticket);
                self.refuse(want, no_beginning(&says)).await;
            }
        }
        Ok(())
    }

    /// Writes down which copies, thought gone or changed, turned out to be the ones that are known.
    pub(super) async fn note_reappeared(&mut self, visit: &mut Visit) -> Result<(), Error> {
        let reappeared = std::mem::take(&mut visit.reappeared);
        if reappeared.is_empty() {
            return Ok(());
        }
        let outcome = ListingOutcome {
            reappeared: reappeared.iter().map(|(ledger, _)| *ledger).collect(),
            known: reappeared,
            messages: self.state.messages,
            octets: self.state.octets,
            brake: self.record.brake,
            ..ListingOutcome::default()
        };
        let changed = self
            .store
            .record_listing(&self.settings.id, outcome, super::clock::now())
            .await?;
        self.tell_changed(changed).await;
        Ok(())
    }

    /// A batch is on the disk, or could not be put there.
    pub(super) async fn stored(&mut self, visit: &mut Visit, batch: Batch) -> Result<(), Error> {
        let outcome = batch.outcome?;
        for ((stored, place), extent) in
            outcome.stored.iter().zip(&batch.places).zip(&batch.extents)
        {
            visit.places.insert(stored.message, (stored.ledger, *place));
            if *extent == Local::Full {
                visit.coming.remove(&stored.message);
                visit.report.bodies += 1;
                visit.tally.bodies += 1;
            } else if *extent == Local::Headers {
                visit.report.summaries += 1;
            }
        }
        visit.report.octets += if batch.extents.contains(&Local::Full) {
            batch.octets
        } else {
            0
        };
        visit.tally.octets = visit.report.octets;
        let rows = outcome.rows;
        if self.errands.mode() == Some(SyncMode::Full) {
            self.queue_bodies(visit, &rows, &batch.extents);
        }
        let new: HashSet<MessageId> = outcome
            .stored
            .iter()
            .filter(|stored| stored.new)
            .map(|stored| stored.message)
            .collect();
        let (arrived, changed): (Vec<MessageSummary>, Vec<MessageSummary>) =
            rows.into_iter().partition(|row| new.contains(&row.id));
        if !outcome.merged.is_empty() {
            self.tell(Event::Merged {
                ids: outcome.merged.clone(),
            })
            .await;
        }
        if !arrived.is_empty() {
            self.tell(Event::Arrived { messages: arrived }).await;
        }
        let full: Vec<MessageId> = outcome
            .stored
            .iter()
            .zip(&batch.extents)
            .filter(|(_, extent)| **extent == Local::Full)
            .map(|(stored, _)| stored.message)
            .chain(outcome.merged.iter().copied())
            .collect();
        self.tell_changed(changed).await;
        for message in full {
            self.body_stored(visit, message).await;
        }
        Ok(())
    }

    fn queue_bodies(&self, visit: &mut Visit, rows: &[MessageSummary], extents: &[Local]) {
        if !extents.contains(&Local::Headers) {
            return;
        }
        for row in rows.iter().filter(|row| row.local != Local::Full) {
            let Some((ledger, place)) = visit.places.get(&row.id).copied() else {
                continue;
            };
            let queued = visit.coming.contains(&row.id);
            if !queued && self.settings.bodies.wants(visit.octets(place)) {
                visit.want_body(ledger, row.id, place);
            }
        }
    }

    /// A body is here: whoever waited for it gets it.
    async fn body_stored(&mut self, visit: &mut Visit, message: MessageId) {
        let (here, waiting): (Vec<Want>, Vec<Want>) = std::mem::take(&mut visit.waiting)
            .into_iter()
            .partition(|want| want.message == message);
        visit.waiting = waiting;
        for want in here {
            if let How::Open { view, width } = want.how {
                open::show(&self.store, &self.events, want.ticket, message, view, width);
            }
        }
        self.fetch_ended(message).await;
    }

    async fn body_refused(&mut self, visit: &mut Visit, message: MessageId, says: &Says) {
        let (here, waiting): (Vec<Want>, Vec<Want>) = std::mem::take(&mut visit.waiting)
            .into_iter()
            .partition(|want| want.message == message);
        visit.waiting = waiting;
        for want in here {
            self.refuse(want, not_given(says)).await;
        }
    }

    /// The end of a want that cannot be met.
    pub(super) async fn refuse(&mut self, want: Want, problem: Problem) {
        if want.how.is_fetch() {
            self.errands
                .fetches
                .retain(|(ticket, _)| *ticket != want.ticket);
        }
        self.fail(Some(want.ticket), problem).await;
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

    pub(super) async fn show_progress(&mut self, visit: &Visit) {
        let tally = &visit.tally;
        let summaries = !visit.summaries.is_empty() || tally.summaries < tally.summaries_of;
        let phase = if summaries {
            Phase::Summaries
        } else {
            Phase::Bodies
        };
        if visit.line.is_idle() && visit.ingest.is_idle() {
            return;
        }
        self.show(phase).await;
        let (done, total) = if summaries {
            (tally.summaries, tally.summaries_of)
        } else {
            (tally.bodies, tally.bodies_of)
        };
        self.progress(Progress {
            account: self.settings.id.clone(),
            phase,
            done,
            total,
            octets: if summaries {
                0
            } else {
                tally.octets + visit.line.partial_octets()
            },
            octets_total: if summaries { 0 } else { tally.octets_of },
            elapsed: visit.begun.elapsed(),
        });
    }
}

/// Hands octets on to be stored.
async fn take(
    visit: &mut Visit,
    ledger: Option<crate::mail::LedgerId>,
    place: usize,
    mut octets: Vec<u8>,
    part: Part,
) {
    let extent = match part {
        Part::Whole => Local::Full,
        Part::Top(_) => Local::Headers,
    };
    if extent == Local::Headers {
        // Some servers send more than was asked for; what is stored as a header block is one.
        let end = header_block(&octets).len();
        octets.truncate(end);
    }
    let raw = raw(visit, ledger, place, octets, extent);
    visit.ingest.take(raw).await;
}

fn raw(
    visit: &Visit,
    ledger: Option<crate::mail::LedgerId>,
    place: usize,
    octets: Vec<u8>,
    extent: Local,
) -> Raw {
    Raw {
        ledger,
        remote: visit.remote(place),
        listed_octets: visit.octets(place),
        octets,
        extent,
        place,
    }
}

pub(super) fn gone() -> Problem {
    Problem::new(
        Kind::Protocol,
        "The message is not on the server any more",
        "The server does not list it, or lists another one under its name.",
        "What is on this computer stays here.",
    )
}

fn no_beginning(says: &Says) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server does not show the beginning of this message",
        format!("It refused TOP: {says}"),
        "Download the whole message to read it; it stays on the server.",
    )
}

fn not_given(says: &Says) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server does not give this message",
        format!("It refused RETR: {says}"),
        "It stays listed, and the next check tries again.",
    )
    .with_retry(Retry::NextCheck)
}

//! What a session asks for next: first what a person waits for, then summaries, then bodies.

use tokio::time::Instant;

use super::account::Account;
use super::arrivals::gone;
use super::errands::{How, Want};
use super::error::Error;
use super::line::{Job, Part};
use super::visit::{EXPECTED_HEADER, Tag, Visit};
use crate::bridge::SyncMode;

impl Account {
    /// Asks for as much as the line takes: first what a person waits for, then summaries, then bodies.
    pub(super) async fn launch(&mut self, visit: &mut Visit) -> Result<(), Error> {
        while visit.line.has_room_for_person()
            && let Some(want) = self.errands.wants.pop_front()
        {
            visit.person = Some(Instant::now());
            self.launch_want(visit, want).await?;
        }
        let mode = self.errands.mode();
        if !matches!(mode, Some(SyncMode::Check | SyncMode::DryRun)) {
            launch_rechecks(visit)?;
        }
        if matches!(mode, Some(SyncMode::Headers | SyncMode::Full)) {
            launch_summaries(visit)?;
        }
        if mode == Some(SyncMode::Full) && visit.summaries.is_empty() && visit.rechecks.is_empty() {
            launch_bodies(visit)?;
        }
        Ok(())
    }

    async fn launch_want(&mut self, visit: &mut Visit, want: Want) -> Result<(), Error> {
        let Some((ledger, place)) = visit.places.get(&want.message).copied() else {
            self.refuse(want, gone()).await;
            return Ok(());
        };
        let Some(number) = visit.number(place) else {
            return Ok(());
        };
        if let How::Peek { lines, width } = want.how {
            let tag = Tag::Peek {
                want,
                ledger,
                place,
                width,
            };
            visit.peeking.push(want);
            return visit.line.launch(Job {
                number,
                part: Part::Top(lines),
                expect: EXPECTED_HEADER,
                tag,
            });
        }
        visit.waiting.push(want);
        if visit.coming.insert(want.message) {
            let tag = Tag::Body {
                ledger,
                message: want.message,
                place,
            };
            let expect = visit.octets(place);
            visit.line.launch(Job {
                number,
                part: Part::Whole,
                expect,
                tag,
            })?;
        }
        Ok(())
    }
}

fn launch_rechecks(visit: &mut Visit) -> Result<(), Error> {
    while visit.line.has_room(EXPECTED_HEADER)
        && let Some((ledger, place)) = visit.rechecks.pop_front()
    {
        if let Some(number) = visit.number(place) {
            let tag = Tag::Recheck { ledger, place };
            visit.line.launch(Job {
                number,
                part: Part::Top(0),
                expect: EXPECTED_HEADER,
                tag,
            })?;
        }
    }
    Ok(())
}

fn launch_summaries(visit: &mut Visit) -> Result<(), Error> {
    while let Some((place, part)) = visit.summaries.front().copied() {
        let part = if visit.top_works { part } else { Part::Whole };
        let octets = visit.octets(place);
        let expect = if part == Part::Whole {
            octets
        } else {
            EXPECTED_HEADER.min(octets.max(1))
        };
        // Whether TOP works is known after the first answer; until then nothing is asked ahead.
        let unproven = part != Part::Whole && !visit.top_worked && !visit.top_offered;
        if !visit.line.has_room(expect) || (unproven && !visit.line.is_idle()) {
            break;
        }
        visit.summaries.pop_front();
        if let Some(number) = visit.number(place) {
            visit.line.launch(Job {
                number,
                part,
                expect,
                tag: Tag::Summary { place },
            })?;
        }
    }
    Ok(())
}

fn launch_bodies(visit: &mut Visit) -> Result<(), Error> {
    loop {
        let queue = if visit.bodies.is_empty() {
            &mut visit.huge
        } else {
            &mut visit.bodies
        };
        let Some((ledger, message, place)) = queue.front().copied() else {
            return Ok(());
        };
        let octets = visit
            .maildrop
            .listing
            .get(place)
            .map_or(0, |listed| listed.octets);
        if !visit.line.has_room(octets) {
            return Ok(());
        }
        queue.pop_front();
        if let Some(number) = visit.number(place)
            && visit.coming.insert(message)
        {
            let tag = Tag::Body {
                ledger,
                message,
                place,
            };
            visit.line.launch(Job {
                number,
                part: Part::Whole,
                expect: octets,
                tag,
            })?;
        }
    }
}

//! How far a session is, for whoever watches.

use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::visit::Visit;
use crate::bridge::{Phase, Progress};

/// Counts for the progress line.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) summaries: u64,
    pub(super) summaries_of: u64,
    pub(super) bodies: u64,
    pub(super) bodies_of: u64,
    pub(super) octets: u64,
    pub(super) octets_of: u64,
}

impl Account {
    /// Tells how far the session is, as often as somebody can read it.
    pub(super) async fn show_progress(&mut self, visit: &mut Visit) {
        let tally = &visit.tally;
        let summaries = !visit.summaries.is_empty() || tally.summaries < tally.summaries_of;
        let phase = if summaries {
            Phase::Summaries
        } else {
            Phase::Bodies
        };
        let Some(line) = visit
            .line
            .as_ref()
            .filter(|line| !line.is_idle() || !visit.ingest.is_idle())
        else {
            return;
        };
        let partial = line.partial_octets();
        self.show(phase).await;
        // Nobody reads faster, and each costs a frame.
        if visit.shown.is_some_and(|last| last.elapsed() < BETWEEN) {
            return;
        }
        visit.shown = Some(Instant::now());
        let (done, total) = if summaries {
            (tally.summaries, tally.summaries_of)
        } else {
            (tally.bodies, tally.bodies_of)
        };
        let (octets, octets_total) = if summaries {
            (0, 0)
        } else {
            (tally.octets + partial, tally.octets_of)
        };
        // What was fetched whole only to know what it is was not counted in before.
        let at_least = |all: u64, here: u64| if all == 0 { 0 } else { all.max(here) };
        self.progress(Progress {
            account: self.settings.id.clone(),
            phase,
            done,
            total: at_least(total, done),
            octets,
            octets_total: at_least(octets_total, octets),
            elapsed: visit.begun.elapsed(),
        });
    }
}

/// Between two looks at how far the work is.
const BETWEEN: Duration = Duration::from_millis(50);

//! New messages that are fetched whole at once, because nobody waits for their header blocks.

use std::collections::HashSet;

use super::account::Account;
use super::error::Error;
use super::line::{Job, Part};
use super::queue::HUGE;
use super::visit::{Tag, Visit};
use crate::bridge::SyncMode;
use crate::mail::{LedgerEntry, MessageId, SyncPlan};

impl Account {
    /// Moves what need not be looked at first from the summaries to what is fetched whole: each message is then sent, stored
    /// and indexed once.
    ///
    /// Nothing where somebody looks at a list, which is to be full soon. Nothing either where a message that seems new may be
    /// here already, under another name or from a file: its header block tells that for less.
    pub(super) async fn fetch_whole(
        &self,
        visit: &mut Visit,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
    ) -> Result<(), Error> {
        let full = self.errands.mode() == Some(SyncMode::Full);
        if self.settings.watched || !full || visit.summaries.is_empty() {
            return Ok(());
        }
        let listed: HashSet<MessageId> = ledger.iter().map(|line| line.message).collect();
        let all_known = plan.known.len() == ledger.len();
        if !all_known || self.store.count(&self.settings.id).await? != listed.len() as u64 {
            return Ok(());
        }
        for (place, part) in std::mem::take(&mut visit.summaries) {
            let octets = visit.octets(place);
            let remote = visit.remote(place);
            let whole = octets > 0
                && octets <= HUGE.min(visit.largest)
                && self.settings.bodies.wants(octets)
                && !self.unseen.contains(&remote)
                && !self.apart.contains(&remote);
            if whole {
                visit.count_in(octets);
                visit.wholes.push_back(place);
            } else {
                visit.summaries.push_back((place, part));
            }
        }
        Ok(())
    }
}

impl Visit {
    /// Asks for as many as the line takes.
    pub(super) fn launch_wholes(&mut self) -> Result<(), Error> {
        while let Some(place) = self.wholes.front().copied() {
            let expect = self.expect(Part::Whole, place);
            if !self.has_room(expect) {
                return Ok(());
            }
            self.wholes.pop_front();
            if let Some(number) = self.number(place) {
                self.launch(Job {
                    number,
                    part: Part::Whole,
                    expect,
                    listed: Some(self.octets(place)),
                    tag: Tag::Whole { place },
                })?;
            }
        }
        Ok(())
    }

    /// The server does not give it whole: its header block may still be had, and its refusal noted with the message.
    pub(super) fn whole_refused(&mut self, place: usize) {
        self.tally.bodies_of = self.tally.bodies_of.saturating_sub(1);
        self.tally.octets_of = self.tally.octets_of.saturating_sub(self.octets(place));
        self.summaries.push_back((place, Part::Top(0)));
    }
}

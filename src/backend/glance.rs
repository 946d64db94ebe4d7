//! What was looked at before the listing was there, and what a listing makes of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::ingest::{Note, Raw};
use super::line::Part;
use super::maildrop::Glimpse;
use super::visit::{Tag, Visit};
use crate::mail::{BodyRule, LedgerEntry, LedgerId, Local, Stored, SyncPlan};
use crate::pop3::MessageNumber;

impl Visit {
    /// A message that was looked at before the listing is there is handed on to be stored. Only of a mailbox of which nothing
    /// is known: no other message can be mistaken for it.
    pub(super) fn glimpsed(&mut self, glimpse: Option<Glimpse>) {
        let Some(glimpse) = glimpse else { return };
        self.top_worked = true;
        self.tally.summaries += 1;
        let raw = Raw {
            ledger: None,
            remote: glimpse.listed.remote.clone(),
            listed_octets: glimpse.listed.octets,
            octets: glimpse.octets,
            extent: Local::Headers,
            number: glimpse.number,
            expected: None,
        };
        self.glimpses.insert(glimpse.number, glimpse.listed);
        self.ingest.take(raw, false);
    }

    /// The listing is there and was compared with the ledger. `unasked`: which bodies are fetched unasked, if any are.
    pub(super) fn planned(
        &mut self,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
        unasked: Option<BodyRule>,
    ) {
        let entries: HashMap<LedgerId, &LedgerEntry> =
            ledger.iter().map(|entry| (entry.id, entry)).collect();
        let entry = |id: &LedgerId| entries.get(id).copied();
        self.report.messages = self.maildrop.listing.len() as u64;
        self.tally.summaries_of = plan.summaries.len() as u64;
        let gone = plan.vanished.iter().chain(&plan.ambiguous);
        self.vanished = gone.filter_map(entry).map(|entry| entry.message).collect();
        for (id, place) in &plan.recheck {
            self.unverified
                .extend(entry(id).map(|entry| (*id, entry.clone())));
            let tag = Tag::Recheck {
                ledger: *id,
                place: *place,
            };
            if !self.is_glanced_at(*place, tag) {
                self.rechecks.push_back((*id, *place, Part::Top(0)));
            }
        }
        self.settle_glimpses(unasked);
        for place in &plan.summaries {
            let number = self.number(*place);
            let here = number.is_some_and(|number| self.glimpses.contains_key(&number));
            let octets = self.octets(*place);
            let wanted = unasked.is_some_and(|bodies| bodies.wants(octets));
            if !here && wanted && octets <= self.largest && plan.shared.contains(place) {
                self.summaries.push_back((*place, Part::Whole));
            } else if !here && !self.is_glanced_at(*place, Tag::Summary { place: *place }) {
                self.summaries.push_back((*place, Part::Top(0)));
            }
        }
        self.glances
            .retain(|_, tag| !matches!(tag, Tag::Glance { .. }));
        for (id, place) in &plan.known {
            if let Some(entry) = entry(id)
                && !self.unverified.contains_key(id)
            {
                self.places.insert(entry.message, (*id, *place));
            }
        }
        for (id, place) in &plan.bodies {
            if let Some(entry) = entry(id)
                && !self.unverified.contains_key(id)
            {
                self.want_body(*id, entry.message, *place);
            }
        }
    }

    /// The listing was all that was asked for.
    pub(super) fn forget_plan(&mut self) {
        self.rechecks.clear();
        self.summaries.clear();
        self.wholes.clear();
        self.bodies.clear();
        self.on_screen.clear();
        self.huge.clear();
    }

    /// Whether the TOP of the message at this place is under way already; then it is for this.
    fn is_glanced_at(&mut self, place: usize, tag: Tag) -> bool {
        let glance = self
            .number(place)
            .and_then(|number| self.glances.get_mut(&number));
        glance.map(|glance| *glance = tag).is_some()
    }

    /// What was stored before the listing was there counts where the listing gives it the same name and size.
    fn settle_glimpses(&mut self, unasked: Option<BodyRule>) {
        let maildrop = Arc::clone(&self.maildrop);
        self.glimpses.retain(|number, glimpse| {
            let place = maildrop.place(*number);
            place.and_then(|place| maildrop.listing.get(place)) == Some(glimpse)
        });
        for (number, message, ledger) in std::mem::take(&mut self.early) {
            if !self.glimpses.contains_key(&number) {
                continue;
            }
            let Some(place) = maildrop.place(number) else {
                continue;
            };
            self.places.insert(message, (ledger, place));
            if unasked.is_some_and(|bodies| bodies.wants(self.octets(place))) {
                self.want_body(ledger, message, place);
            }
        }
    }

    /// Remembers where the listing has a message that is stored now; when there is no listing yet, what to look for in it.
    pub(super) fn placed(&mut self, stored: &Stored, note: &Note) {
        let place = self.maildrop.place(note.number);
        if self.maildrop.listing.is_empty() {
            self.early
                .push((note.number, stored.message, stored.ledger));
        } else if let Some(place) = place
            && self.octets(place) == note.listed_octets
            && self.remote(place) == note.remote
        {
            self.places.insert(stored.message, (stored.ledger, place));
        }
    }
}

impl Tag {
    pub(super) fn glanced_at(&self) -> Option<MessageNumber> {
        match self {
            Self::Glance { number } => Some(*number),
            _ => None,
        }
    }
}

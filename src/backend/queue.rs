//! Bodies that are to be fetched: those on the screen first, the huge ones last, none twice.

use std::collections::{HashMap, VecDeque};

use super::visit::Visit;
use crate::mail::{LedgerId, MessageId};

impl Visit {
    /// Queues a body: newest first as they come, the huge ones behind all others.
    pub(super) fn want_body(&mut self, ledger: LedgerId, message: MessageId, place: usize) {
        let octets = self.octets(place);
        if octets > self.largest {
            self.too_large.push(message);
            return;
        }
        if !self.queued.insert(message) {
            return;
        }
        // What somebody has asked for already is among those to come.
        if !self.coming.contains(&message) {
            self.count_in(octets);
        }
        let queue = if self.looked_at.contains(&message) {
            &mut self.on_screen
        } else if octets > HUGE {
            &mut self.huge
        } else {
            &mut self.bodies
        };
        queue.push_back((ledger, message, place));
    }

    /// One body more is to come, of so many octets.
    pub(super) fn count_in(&mut self, octets: u64) {
        self.tally.bodies_of += 1;
        self.tally.octets_of += octets;
    }

    /// These messages are on the screen: what is to be fetched of them comes before what is to be fetched of others.
    pub(super) fn look_at(&mut self, messages: &[MessageId]) {
        self.looked_at = messages.iter().copied().collect();
        let all = [&mut self.on_screen, &mut self.bodies, &mut self.huge];
        let (mut seen, mut unseen) = (Vec::new(), VecDeque::new());
        for body in all.into_iter().flat_map(std::mem::take) {
            if self.looked_at.contains(&body.1) {
                seen.push(body);
            } else {
                unseen.push_back(body);
            }
        }
        let line_of: HashMap<MessageId, usize> = messages.iter().copied().zip(0..).collect();
        seen.sort_by_key(|(_, message, _)| line_of.get(message).copied());
        self.on_screen = seen.into();
        (self.huge, self.bodies) = unseen
            .into_iter()
            .partition(|(_, _, place)| self.octets(*place) > HUGE);
        let is_seen = |ledger: &LedgerId| {
            let entry = self.unverified.get(ledger);
            entry.is_some_and(|entry| self.looked_at.contains(&entry.message))
        };
        let (mut rechecks, others): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.rechecks)
            .into_iter()
            .partition(|(ledger, _, _)| is_seen(ledger));
        rechecks.extend(others);
        self.rechecks = rechecks;
    }

    /// The body that is asked for next: on the screen first, the huge ones last.
    pub(super) fn next_body(&self) -> Option<(LedgerId, MessageId, usize)> {
        let queues = [&self.on_screen, &self.bodies, &self.huge];
        queues.into_iter().find_map(|queue| queue.front()).copied()
    }

    pub(super) fn forget_next_body(&mut self) {
        let queues = [&mut self.on_screen, &mut self.bodies, &mut self.huge];
        let _ = queues.into_iter().find_map(VecDeque::pop_front);
    }
}

/// Octets from which on a body has to wait for all others.
pub(super) const HUGE: u64 = 1024 * 1024;

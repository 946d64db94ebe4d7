//! Copies under doubt: whether they are the messages that are known.

use super::account::Account;
use super::arrivals::{raw, take};
use super::errands::Want;
use super::error::{Error, Says};
use super::ingest::Raw;
use super::line::Part;
use super::visit::Visit;
use crate::mail::{Flags, LedgerId, Local, MessageId, Octets, Stored, header_block};
use crate::store::ListingOutcome;

impl Account {
    /// A copy under doubt was looked at: the same header block means the same message, if nothing else speaks against it.
    pub(super) async fn rechecked(
        &mut self,
        visit: &mut Visit,
        ledger: LedgerId,
        place: usize,
        part: Part,
        octets: Result<Octets, Says>,
    ) -> Result<(), Error> {
        let Ok(octets) = octets else {
            if part != Part::Whole {
                visit.rechecks.push_back((ledger, place, Part::Whole));
            }
            return Ok(());
        };
        let Some(entry) = visit.unverified.remove(&ledger) else {
            return Ok(());
        };
        if entry.header == Some(octets.header_digest()) {
            let listed = visit.octets(place);
            visit.places.insert(entry.message, (ledger, place));
            visit.reappeared.push((ledger, listed));
            if entry.is_to_be_shown_gone() {
                visit.not_deleted.push(entry.message);
            }
            if entry.local != Local::Full && entry.octets != listed {
                let changed = self.store.resized(ledger).await?;
                self.tell_changed(changed).await;
            }
            // Of a copy that was mistaken once no size is known.
            let resized = entry.octets != listed
                && (entry.octets == 0 || !self.holds(entry.message, listed).await?);
            let doubt = resized || !names_itself(octets.beginning());
            if part == Part::Whole {
                // A server may remove at QUIT what it has given, so what came is stored, or found to be here to the octet.
                if let Some(raw) = raw(visit, Some(ledger), place, octets, Local::Full) {
                    let expected = Some(entry.message);
                    visit.ingest.take(Raw { expected, ..raw }, false);
                }
            } else if entry.local == Local::Full && doubt {
                visit.doubtful.push_back((ledger, entry.message, place));
            } else if entry.local != Local::Full
                && !entry.flags.has(Flags::TOO_LARGE)
                && self.settings.bodies.wants(listed)
            {
                visit.want_body(ledger, entry.message, place);
            }
        } else {
            // The server has used the UIDL again: the old copy is gone, and this is another message.
            let changed = self.store.vanish(vec![ledger]).await?;
            self.tell_changed(changed).await;
            take(visit, place, octets, part);
            self.doubt_all(visit).await?;
        }
        let (ready, deferred): (Vec<Want>, Vec<Want>) = std::mem::take(&mut visit.deferred)
            .into_iter()
            .partition(|want| want.message == entry.message);
        visit.deferred = deferred;
        self.errands.wants.extend(ready);
        let (ready, deferred): (Vec<MessageId>, Vec<MessageId>) =
            std::mem::take(&mut visit.to_fetch)
                .into_iter()
                .partition(|message| *message == entry.message);
        visit.to_fetch = deferred;
        self.errands.fetch_later(ready);
        Ok(())
    }

    /// A server that has used one UIDL again may have used others, also for messages of the same size: every copy is looked at,
    /// once in a session.
    async fn doubt_all(&self, visit: &mut Visit) -> Result<(), Error> {
        if std::mem::replace(&mut visit.doubts_all, true) {
            return Ok(());
        }
        for entry in self.store.ledger(&self.settings.id).await? {
            let Some((line, place)) = visit.places.get(&entry.message).copied() else {
                continue;
            };
            let known = line == entry.id && entry.remote == visit.remote(place);
            if known && entry.header.is_some() && !visit.coming.contains(&entry.message) {
                visit.places.remove(&entry.message);
                visit.rechecks.push_back((line, place, Part::Top(0)));
                visit.unverified.insert(line, entry);
            }
        }
        Ok(())
    }

    /// Whether a message is here in full and has so many octets: a listing that now says so was wrong before, and is right.
    async fn holds(&self, message: MessageId, octets: u64) -> Result<bool, Error> {
        let rows = self.store.summaries(vec![message]).await?;
        Ok(rows
            .iter()
            .any(|row| row.local == Local::Full && row.octets == octets))
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
            uncounted: true,
            ..ListingOutcome::default()
        };
        let changed = self
            .store
            .record_listing(&self.settings.id, outcome, super::clock::now())
            .await?;
        self.tell_changed(changed).await;
        Ok(())
    }
}

impl Visit {
    /// Its octets could not be compared: it is noted with a size that nothing is listed with, so that another session compares
    /// them.
    pub(super) fn still_doubted(&mut self, line: LedgerId) {
        for (other, octets) in &mut self.reappeared {
            if *other == line {
                *octets = 0;
            }
        }
    }

    /// A header block alone says which message it is, and its size speaks against it: its octets are compared.
    pub(super) fn doubt(&mut self, stored: &Stored) {
        let place = self.places.get(&stored.message).copied();
        if let Some((line, place)) = place
            && stored.doubtful
            && line == stored.ledger
            && self.octets(place) <= self.largest
        {
            self.doubtful.push_back((line, stored.message, place));
        }
    }
}

/// Whether a header block has a Message-ID, without which two messages may look the same.
pub(super) fn names_itself(octets: &[u8]) -> bool {
    const FIELD: &[u8] = b"message-id:";
    let lines = header_block(octets).split(|octet| *octet == b'\n');
    lines
        .filter_map(|line| line.get(..FIELD.len()))
        .any(|name| name.eq_ignore_ascii_case(FIELD))
}

//! What a listing means: the plan, what is written down of it, and names for messages on servers that give none.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::account::Account;
use super::clock;
use super::error::Error;
use super::line::{Job, Landed, Line, Part};
use super::maildrop::{self, Listing, Look, Maildrop};
use super::opening::Purpose;
use super::refusals::reading_broke;
use super::session::{Session, stand_in};
use super::visit::{Tag, Visit};
use crate::bridge::{SyncMode, SyncStep};
use crate::mail::{
    Brake, LedgerEntry, LedgerId, Local, MessageId, MessageSummary, PlanInput, Server, SyncPlan,
    Timestamp, brake_for_vanished, plan,
};
use crate::pop3::{Capabilities, Verb};
use crate::store::{AccountUpdate, ListingOutcome, Pending};

impl Account {
    /// Lists what lies in the maildrop, each message under a name, and looks at the newest messages meanwhile. What could be
    /// looked at before the listing is there is on its way into the store.
    pub(super) async fn list(
        &mut self,
        visit: &mut Visit,
        session: Session,
        ledger: &[LedgerEntry],
    ) -> Result<(), Error> {
        let ahead = self.ahead(&session);
        let mut line = Line::new(session.wire, ahead).spooling_beside(self.store.path());
        let look = match self.errands.mode() {
            _ if self.looks_late => Look::No,
            Some(SyncMode::Full) if !self.settings.watched => Look::No,
            Some(SyncMode::Full | SyncMode::Headers) if ledger.is_empty() => Look::First,
            Some(SyncMode::Full | SyncMode::Headers) => {
                let there = ledger.iter().filter(|entry| entry.server.is_there());
                Look::Beyond(there.count() as u64)
            }
            _ => Look::No,
        };
        let glance = |number| Tag::Glance { number };
        let capabilities = session.capabilities;
        let mut listing = Listing::begin(&mut line, capabilities, look, glance)?;
        let wanted = Purpose::Fetch.is_wanted(&self.errands);
        let maildrop = loop {
            let room = visit.ingest.has_room(false);
            line.listen(room);
            tokio::select! {
                biased;
                request = self.requests.recv() => {
                    let Some(request) = request else { return Err(Error::Cancelled) };
                    self.accept(request).await;
                    if wanted && !Purpose::Fetch.is_wanted(&self.errands) {
                        return Err(Error::Cancelled);
                    }
                }
                batch = visit.ingest.next() => match batch {
                    Some(batch) => self.stored(visit, batch).await?,
                    None => return Err(Error::Told(reading_broke())),
                },
                came = line.next_of_all(), if room => {
                    let came = came?.ok_or(Error::Unexpected(Verb::List))?;
                    let glimpse = listing.take(&mut line, came, Tag::glanced_at)?;
                    visit.glimpsed(glimpse);
                    if let Some(maildrop) = listing.complete() {
                        break maildrop;
                    }
                }
            }
        };
        line.know(&maildrop);
        self.heed(listing.capabilities.as_ref());
        visit.capabilities = listing.capabilities;
        for number in listing.under_way {
            visit.glances.insert(number, glance(number));
        }
        visit.nameless = listing.nameless;
        let (line, maildrop) = if maildrop.has_uidl {
            (line, maildrop)
        } else {
            line.settle().await?;
            let work = Box::pin(identify(line.for_other_jobs(), maildrop, self.nameable()));
            let (line, maildrop) = self.meanwhile(Purpose::Fetch, work).await?;
            (line.for_other_jobs(), maildrop)
        };
        visit.line = Some(line);
        visit.maildrop = Arc::new(maildrop);
        Ok(())
    }

    /// What is asked for to give messages names.
    pub(super) fn nameable(&self) -> Nameable {
        let largest = self.settings.server.largest;
        Nameable {
            whole: largest,
            beginning: if self.looks_late { largest } else { u64::MAX },
        }
    }

    pub(super) fn plan(&self, maildrop: &Maildrop, ledger: &[LedgerEntry]) -> SyncPlan {
        plan(&PlanInput {
            listing: &maildrop.listing,
            ledger,
            policy: &self.settings.policy,
            bodies: self.settings.bodies,
            keeps_nothing: self.keeps_nothing,
            now: clock::now(),
            last_sync: self.record.last_sync,
            set_up: self.record.set_up,
        })
    }

    /// Has what the listing says written down, ahead of whatever is stored later, and tells about it. Nobody has to wait for
    /// that; a dry run writes nothing.
    pub(super) async fn listed(
        &mut self,
        maildrop: &Maildrop,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
        mode: Option<SyncMode>,
    ) -> Result<Option<Recording>, Error> {
        self.remember(&maildrop.listing);
        let messages = maildrop.listing.len() as u64;
        let recording = if mode == Some(SyncMode::DryRun) {
            None
        } else {
            let rechecked: HashSet<LedgerId> = plan.recheck.iter().map(|(id, _)| *id).collect();
            // Sizes that are listed as they were need no look at the ledger.
            let sizes: HashMap<LedgerId, u64> =
                ledger.iter().map(|line| (line.id, line.octets)).collect();
            let known = plan
                .known
                .iter()
                .map(|(id, place)| (*id, maildrop.octets_at(*place)))
                .filter(|(id, octets)| sizes.get(id) != Some(octets) && !rechecked.contains(id))
                .collect();
            let stage = if matches!(mode, Some(SyncMode::Full)) {
                self.still_staged(maildrop, &plan.stage).await?
            } else {
                Vec::new()
            };
            self.staged += stage.len() as u64;
            let brake = self.record.brake.or(plan.brake);
            // Copies whose UIDL is listed more than once are told apart by their header blocks, which only a visit that
            // fetches them can do.
            let fetches = matches!(mode, Some(SyncMode::Full | SyncMode::Headers));
            let outcome = ListingOutcome {
                known,
                vanished: plan.vanished.clone(),
                ambiguous: if fetches {
                    plan.ambiguous.clone()
                } else {
                    Vec::new()
                },
                uncounted: !fetches,
                deleted: plan.deleted.clone(),
                carried_out: plan.carried_out.clone(),
                wanted_again: plan.wanted_again.clone(),
                reappeared: Vec::new(),
                relisted: rechecked.into_iter().collect(),
                stage_by_rule: stage,
                messages,
                octets: maildrop.octets,
                brake,
            };
            let now = clock::now();
            Some(Recording {
                changed: self.store.record_listing(&self.settings.id, outcome, now),
                now,
                messages,
                octets: maildrop.octets,
                brake,
            })
        };
        let new = plan.summaries.len().saturating_sub(plan.ambiguous.len()) as u64;
        self.step(&SyncStep::Listed {
            messages,
            octets: maildrop.octets,
            new,
        })
        .await;
        if mode == Some(SyncMode::DryRun) {
            let would = self.would(maildrop, plan, ledger).await?;
            self.step(&would).await;
        }
        Ok(recording)
    }

    /// A listing is written down: tells these rows, which it changed.
    pub(super) async fn written_down(
        &mut self,
        recording: Recording,
        changed: Vec<MessageSummary>,
    ) {
        self.record.last_sync = Some(recording.now);
        self.record.brake = recording.brake;
        self.tell_changed(changed).await;
        self.state.checked = Some(recording.now);
        self.state.messages = recording.messages;
        self.state.octets = recording.octets;
        self.state.brake = recording.brake;
        self.tell_state().await;
    }

    /// Of what the rule was going to stage, what it still does. The ledger was read before the login, and a person may have
    /// starred, read or pinned a message since.
    async fn still_staged(
        &self,
        maildrop: &Maildrop,
        stage: &[LedgerId],
    ) -> Result<Vec<LedgerId>, Error> {
        if stage.is_empty() {
            return Ok(Vec::new());
        }
        let ledger = self.store.ledger(&self.settings.id).await?;
        let now: HashSet<LedgerId> = self.plan(maildrop, &ledger).stage.into_iter().collect();
        let still = stage.iter().copied().filter(|id| now.contains(id));
        Ok(still.collect())
    }

    /// Messages that seemed to have vanished may have come under new UIDLs. Releases the brake that this listing put on when,
    /// after all, too few are gone for it.
    pub(super) async fn look_again(&mut self, vanished: &[MessageId]) -> Result<(), Error> {
        let Some(Brake::Vanished { of, .. }) = self.record.brake.filter(|_| !vanished.is_empty())
        else {
            return Ok(());
        };
        let rows = self.store.summaries(vanished.to_vec()).await?;
        let gone = rows
            .iter()
            .filter(|row| row.server == Server::Vanished)
            .filter(|row| !self.keeps_nothing || row.local != Local::Full)
            .count();
        if brake_for_vanished(gone, of).is_none() {
            let update = AccountUpdate {
                brake: Some(None),
                ..AccountUpdate::default()
            };
            self.store.record_account(&self.settings.id, update).await?;
            self.record.brake = None;
            self.state.brake = None;
            self.tell_state().await;
        }
        Ok(())
    }
}

/// A listing that is being written down.
pub(super) struct Recording {
    changed: Pending<Vec<MessageSummary>>,
    now: Timestamp,
    messages: u64,
    octets: u64,
    brake: Option<Brake>,
}

impl Recording {
    /// The rows that it changes, once it is written down. Nothing is lost when the future is dropped before it is ready.
    pub(super) async fn changed(&mut self) -> Result<Vec<MessageSummary>, Error> {
        Ok((&mut self.changed).await?)
    }
}

/// What a listing changed, once it is written down; waits for ever when none is being written.
pub(super) async fn changed(
    recording: &mut Option<Recording>,
) -> Result<Vec<MessageSummary>, Error> {
    match recording {
        Some(recording) => recording.changed().await,
        None => std::future::pending().await,
    }
}

/// Octets of the largest messages of which the beginning is asked for, or all, to name them. A server may answer TOP with all
/// of a message; once it did so with more than is taken, such messages stay without a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nameable {
    beginning: u64,
    whole: u64,
}

/// Lists what lies in the maildrop, each message under a name. `ahead`: whether commands are sent ahead of answers.
pub(super) async fn list_named<T>(
    session: Session,
    ahead: bool,
    nameable: Nameable,
    beside: &Path,
) -> Result<(Line<T>, Maildrop, Option<Capabilities>), Error> {
    let (line, maildrop, capabilities) = maildrop::list::<usize>(session, ahead).await?;
    let line = line.spooling_beside(beside);
    let (line, maildrop) = if maildrop.has_uidl {
        (line, maildrop)
    } else {
        identify(line, maildrop, nameable).await?
    };
    Ok((line.for_other_jobs(), maildrop, capabilities))
}

/// Gives each message of a server without UIDL a name: the digest of its header block, by TOP, or by RETR where there is
/// no TOP either; one that is too large for that stays without.
async fn identify(
    mut line: Line<usize>,
    mut maildrop: Maildrop,
    nameable: Nameable,
) -> Result<(Line<usize>, Maildrop), Error> {
    let mut parts: Vec<(usize, Part)> = (0..maildrop.listing.len())
        .filter(|place| maildrop.octets_at(*place) <= nameable.beginning)
        .map(|place| (place, Part::Top(0)))
        .collect();
    while !parts.is_empty() {
        let jobs = parts
            .drain(..)
            .filter_map(|(place, part)| job(&line, &maildrop, place, part))
            .collect();
        let digested = |landed: Landed<usize>| {
            (
                landed.tag,
                landed.part,
                landed
                    .octets
                    .map(|octets| (octets.header_digest(), octets.digest())),
            )
        };
        for (place, part, header) in line.fetch_each(jobs, digested).await? {
            match (header, part) {
                (Ok((header, all)), _) => {
                    if let Some(listed) = maildrop.listing.get_mut(place) {
                        listed.remote = stand_in(header);
                    }
                    if part == Part::Whole {
                        maildrop.looked.push((place, all));
                    }
                }
                (Err(_), Part::Top(_)) if maildrop.octets_at(place) <= nameable.whole => {
                    parts.push((place, Part::Whole));
                }
                (Err(_), _) => {}
            }
        }
    }
    Ok((line, maildrop))
}

fn job(line: &Line<usize>, maildrop: &Maildrop, place: usize, part: Part) -> Option<Job<usize>> {
    let octets = maildrop.listing.get(place)?.octets;
    Some(Job {
        number: *maildrop.numbers.get(place)?,
        part,
        expect: line.expect(part, octets),
        listed: Some(octets),
        tag: place,
    })
}

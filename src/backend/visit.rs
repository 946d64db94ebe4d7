//! One session that fetches: the listing, what the plan makes of it, summaries, bodies, and whatever a person asks for
//! meanwhile, which goes ahead of everything.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use super::account::{Account, How, Want};
use super::clock;
use super::error::{Error, Says};
use super::ingest::Ingest;
use super::line::{Job, Line, Part};
use super::session::{Maildrop, Session, stand_in};
use super::wire::Wire;
use crate::bridge::{Phase, SyncMode, SyncReport, SyncStep};
use crate::mail::{
    LedgerEntry, LedgerId, Local, MessageId, PlanInput, RemoteId, SyncPlan, applies_unasked, header_digest, plan,
};
use crate::pop3::{Capabilities, Event as Said, MessageNumber};
use crate::store::ListingOutcome;

/// The work of one session.
pub(super) struct Visit {
    pub(super) line: Line<Tag>,
    pub(super) ingest: Ingest,
    pub(super) maildrop: Maildrop,
    /// Where the listing has the copies of messages that are known here.
    pub(super) places: HashMap<MessageId, (LedgerId, usize)>,
    /// Copies whose header block is to be compared before they are believed to be the ones that are known.
    pub(super) unverified: HashMap<LedgerId, LedgerEntry>,
    pub(super) rechecks: VecDeque<(LedgerId, usize)>,
    pub(super) summaries: VecDeque<(usize, Part)>,
    pub(super) bodies: VecDeque<(LedgerId, MessageId, usize)>,
    /// Bodies so large that all others come before them.
    pub(super) huge: VecDeque<(LedgerId, MessageId, usize)>,
    /// Bodies that are under way.
    pub(super) coming: HashSet<MessageId>,
    /// People who wait for a body that is under way.
    pub(super) waiting: Vec<Want>,
    /// Copies that turned out to be the ones that are known, and their size in octets.
    pub(super) reappeared: Vec<(LedgerId, u64)>,
    /// The server says that it has TOP.
    pub(super) top_offered: bool,
    /// Whether TOP is worth trying.
    pub(super) top_works: bool,
    pub(super) top_worked: bool,
    /// Messages that could not be fetched at all, and the server's words.
    pub(super) failures: Vec<(RemoteId, Says)>,
    pub(super) report: SyncReport,
    pub(super) tally: Tally,
    /// When a person last wanted something of this session.
    pub(super) person: Option<Instant>,
    pub(super) begun: Instant,
}

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

/// What a job on the line is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tag {
    Summary { place: usize },
    Recheck { ledger: LedgerId, place: usize },
    Body { ledger: LedgerId, message: MessageId, place: usize },
    Peek { want: Want, ledger: LedgerId, place: usize, width: u16 },
}

impl Account {
    /// Opens a session, does what there is to do, lingers a little while a person is busy with it, and ends it with QUIT.
    pub(super) async fn visit(&mut self) -> Result<(), Error> {
        let begun = Instant::now();
        let (session, mut maildrop) = self.open().await?;
        let pipelining = session.pipelining();
        let top_offered = session.capabilities.as_ref().is_some_and(Capabilities::top);
        let mut wire = session.wire;
        if !maildrop.has_uidl {
            (wire, maildrop) = self.meanwhile(identify(wire, pipelining, maildrop)).await?;
        }
        let ledger = self.store.ledger(&self.settings.id).await?;
        let plan = self.plan(&maildrop, &ledger);
        let mode = self.errands.mode();
        self.listed(&maildrop, &plan, &ledger, mode).await?;
        let mut visit = Visit::new(self, Line::new(wire, pipelining), maildrop, &plan, &ledger, begun);
        visit.top_offered = top_offered;
        if matches!(mode, Some(SyncMode::Check | SyncMode::DryRun)) {
            visit.forget_plan();
        }
        let mut worked = self.fetch(&mut visit).await;
        if worked.is_ok() {
            worked = self.note_reappeared(&mut visit).await;
        }
        if let Err(error) = worked {
            // What has arrived is worth keeping; the socket closes without QUIT.
            drop(visit.line);
            while !visit.ingest.is_idle()
                && let Some(batch) = visit.ingest.next().await
                && batch.outcome.is_ok()
            {}
            return Err(error);
        }
        // Everything that was retrieved is durable, and nothing was marked: a clean session.
        Session::quit(visit.line.wire).await?;
        self.finish(visit.report, visit.failures, begun).await
    }

    fn plan(&self, maildrop: &Maildrop, ledger: &[LedgerEntry]) -> SyncPlan {
        plan(&PlanInput {
            listing: &maildrop.listing,
            ledger,
            policy: &self.settings.policy,
            bodies: self.settings.bodies,
            now: clock::now(),
            last_sync: self.record.last_sync,
            set_up: self.record.set_up,
        })
    }

    /// Writes down what the listing says and tells about it.
    pub(super) async fn listed(
        &mut self,
        maildrop: &Maildrop,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
        mode: Option<SyncMode>,
    ) -> Result<(), Error> {
        let messages = maildrop.listing.len() as u64;
        if mode != Some(SyncMode::DryRun) {
            let rechecked: HashSet<LedgerId> = plan.recheck.iter().map(|(id, _)| *id).collect();
            let octets_of = |place: usize| maildrop.listing.get(place).map_or(0, |listed| listed.octets);
            let known = plan
                .known
                .iter()
                .filter(|(id, _)| !rechecked.contains(id))
                .map(|(id, place)| (*id, octets_of(*place)))
                .collect();
            let stage = if matches!(mode, Some(SyncMode::Full)) { plan.stage.clone() } else { Vec::new() };
            let brake = plan.brake.or(self.record.brake);
            let outcome = ListingOutcome {
                known,
                vanished: plan.vanished.clone(),
                deleted: plan.deleted.clone(),
                wanted_again: plan.wanted_again.clone(),
                reappeared: Vec::new(),
                stage_by_rule: stage,
                messages,
                octets: maildrop.octets,
                brake,
            };
            let now = clock::now();
            let changed = self.store.record_listing(&self.settings.id, outcome, now).await?;
            self.record.last_sync = Some(now);
            self.record.brake = brake;
            self.tell_changed(changed).await;
            self.state.checked = Some(now);
            self.state.messages = messages;
            self.state.octets = maildrop.octets;
            self.state.brake = brake;
            self.tell_state().await;
        }
        let new = plan.summaries.len() as u64;
        self.step(&SyncStep::Listed { messages, octets: maildrop.octets, new }).await;
        if mode == Some(SyncMode::DryRun) {
            let would = self.would(maildrop, plan, ledger);
            self.step(&would).await;
        }
        Ok(())
    }

    fn would(&self, maildrop: &Maildrop, plan: &SyncPlan, ledger: &[LedgerEntry]) -> SyncStep {
        let places = plan.summaries.iter().chain(plan.bodies.iter().map(|(_, place)| place));
        let sizes: Vec<u64> = places
            .filter_map(|place| maildrop.listing.get(*place))
            .map(|listed| listed.octets)
            .filter(|octets| self.settings.bodies.wants(*octets))
            .collect();
        let unasked = |entry: &&LedgerEntry| {
            entry.local == Local::Full
                && entry.reason.is_some_and(|reason| applies_unasked(reason, &self.settings.policy, false))
        };
        SyncStep::Would {
            summaries: plan.summaries.len() as u64,
            bodies: sizes.len() as u64,
            octets: sizes.iter().sum(),
            deletions: if plan.brake.is_some() { 0 } else { ledger.iter().filter(unasked).count() as u64 },
        }
    }

    /// The heart: keeps the line busy until there is nothing left to fetch.
    async fn fetch(&mut self, visit: &mut Visit) -> Result<(), Error> {
        loop {
            self.launch(visit).await?;
            self.show_progress(visit).await;
            if visit.line.is_idle() && visit.ingest.is_idle() && visit.is_done(self.errands.mode()) {
                if !self.linger(visit).await? {
                    return Ok(());
                }
                continue;
            }
            let idle = visit.line.is_idle();
            tokio::select! {
                biased;
                request = self.requests.recv() => {
                    let Some(request) = request else { return Err(Error::Cancelled) };
                    self.accept(request).await;
                    if self.errands.mode().is_none() && self.errands.wants.is_empty() && visit.waiting.is_empty() {
                        return Err(Error::Cancelled);
                    }
                }
                batch = visit.ingest.next() => match batch {
                    Some(batch) => self.stored(visit, batch).await?,
                    None => return Err(Error::Cancelled),
                },
                landed = visit.line.next(), if !idle => self.landed(visit, landed?).await?,
            }
        }
    }

    /// Keeps the session for a moment after a person used it. Whether there is more to do.
    async fn linger(&mut self, visit: &mut Visit) -> Result<bool, Error> {
        let Some(until) = visit.person.map(|last| last + LINGER).filter(|until| *until > Instant::now()) else {
            return Ok(false);
        };
        self.show(Phase::Lingering).await;
        tokio::select! {
            request = self.requests.recv() => match request {
                Some(request) => {
                    self.accept(request).await;
                    Ok(!self.errands.wants.is_empty())
                }
                None => Ok(false),
            },
            // Nothing is due, so whatever the server says ends the session.
            said = visit.line.wire.next() => match said {
                Ok(Said::Reply(_)) | Err(_) => Err(Error::Lost(std::io::ErrorKind::ConnectionReset.into())),
                Ok(_) => Ok(false),
            },
            () = tokio::time::sleep_until(until) => Ok(false),
        }
    }

    /// The end of a session that went well: deletions that need no question follow in a session of their own.
    async fn finish(
        &mut self,
        mut report: SyncReport,
        failures: Vec<(RemoteId, Says)>,
        begun: Instant,
    ) -> Result<(), Error> {
        if report.summaries > 0 {
            self.step(&SyncStep::Summaries(report.summaries)).await;
        }
        if report.bodies > 0 {
            self.step(&SyncStep::Bodies { messages: report.bodies, octets: report.octets }).await;
        }
        if self.errands.mode() == Some(SyncMode::Full) {
            report.deleted = self.apply_unasked().await?;
            if report.deleted > 0 {
                self.step(&SyncStep::Deleted(report.deleted)).await;
            }
        }
        report.elapsed = begun.elapsed();
        if let Some((remote, says)) = failures.first() {
            let problem = crate::mail::Problem::new(
                crate::mail::Kind::Protocol,
                "Some messages could not be fetched",
                format!("the server refused {} of them; of {remote} it said {says}", failures.len()),
                "They stay on the server, and every check tries again.",
            )
            .with_retry(crate::mail::Retry::NextCheck);
            self.fail(None, problem).await;
        }
        self.syncs_done(&report).await;
        Ok(())
    }
}

impl Visit {
    fn new(
        account: &Account,
        line: Line<Tag>,
        maildrop: Maildrop,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
        begun: Instant,
    ) -> Self {
        let entries: HashMap<LedgerId, &LedgerEntry> = ledger.iter().map(|entry| (entry.id, entry)).collect();
        let mut visit = Self {
            line,
            ingest: Ingest::start(account.store.clone(), account.settings.id.clone(), clock::now),
            places: HashMap::new(),
            unverified: HashMap::new(),
            rechecks: plan.recheck.iter().copied().collect(),
            summaries: plan.summaries.iter().map(|place| (*place, Part::Top(0))).collect(),
            bodies: VecDeque::new(),
            huge: VecDeque::new(),
            coming: HashSet::new(),
            waiting: Vec::new(),
            reappeared: Vec::new(),
            top_offered: false,
            top_works: true,
            top_worked: false,
            failures: Vec::new(),
            report: SyncReport { messages: maildrop.listing.len() as u64, ..SyncReport::default() },
            tally: Tally { summaries_of: plan.summaries.len() as u64, ..Tally::default() },
            person: None,
            maildrop,
            begun,
        };
        for (id, _) in &plan.recheck {
            visit.unverified.extend(entries.get(id).map(|entry| (*id, (*entry).clone())));
        }
        for (id, place) in &plan.known {
            if let Some(entry) = entries.get(id)
                && !visit.unverified.contains_key(id)
            {
                visit.places.insert(entry.message, (*id, *place));
            }
        }
        for (id, place) in &plan.bodies {
            if let Some(entry) = entries.get(id)
                && !visit.unverified.contains_key(id)
            {
                visit.want_body(*id, entry.message, *place);
            }
        }
        visit
    }

    /// Queues a body: newest first as they come, the huge ones behind all others.
    pub(super) fn want_body(&mut self, ledger: LedgerId, message: MessageId, place: usize) {
        let octets = self.octets(place);
        self.tally.bodies_of += 1;
        self.tally.octets_of += octets;
        let queue = if octets > HUGE { &mut self.huge } else { &mut self.bodies };
        queue.push_back((ledger, message, place));
    }

    /// What LIST says of the message at this place, in octets.
    pub(super) fn octets(&self, place: usize) -> u64 {
        self.maildrop.listing.get(place).map_or(0, |listed| listed.octets)
    }

    pub(super) fn remote(&self, place: usize) -> RemoteId {
        self.maildrop.listing.get(place).map(|listed| listed.remote.clone()).unwrap_or_default()
    }

    pub(super) fn number(&self, place: usize) -> Option<MessageNumber> {
        self.maildrop.numbers.get(place).copied()
    }

    fn forget_plan(&mut self) {
        self.rechecks.clear();
        self.summaries.clear();
        self.bodies.clear();
        self.huge.clear();
    }

    /// Whether nothing is left that this kind of visit fetches.
    fn is_done(&self, mode: Option<SyncMode>) -> bool {
        let headers = self.rechecks.is_empty() && self.summaries.is_empty();
        match mode {
            None => self.rechecks.is_empty(),
            Some(SyncMode::Check | SyncMode::DryRun) => true,
            Some(SyncMode::Headers) => headers,
            Some(SyncMode::Full) => headers && self.bodies.is_empty() && self.huge.is_empty(),
        }
    }
}

/// Gives each message of a server without UIDL a name: the digest of its header block, by TOP, or by RETR where there is
/// no TOP either.
async fn identify(wire: Wire, pipelining: bool, mut maildrop: Maildrop) -> Result<(Wire, Maildrop), Error> {
    let mut line: Line<usize> = Line::new(wire, pipelining);
    let job = |place: usize, part: Part, maildrop: &Maildrop| {
        let number = *maildrop.numbers.get(place)?;
        let octets = maildrop.listing.get(place)?.octets;
        let expect = if part == Part::Whole { octets } else { EXPECTED_HEADER.min(octets) };
        Some(Job { number, part, expect, tag: place })
    };
    let mut parts: Vec<(usize, Part)> = (0..maildrop.listing.len()).map(|place| (place, Part::Top(0))).collect();
    while !parts.is_empty() {
        let jobs = parts.iter().filter_map(|(place, part)| job(*place, *part, &maildrop)).collect();
        parts.clear();
        for landed in line.fetch_all(jobs).await? {
            match (landed.octets, landed.part) {
                (Ok(octets), _) => {
                    if let Some(listed) = maildrop.listing.get_mut(landed.tag) {
                        listed.remote = stand_in(header_digest(&octets));
                    }
                }
                (Err(_), Part::Top(_)) => parts.push((landed.tag, Part::Whole)),
                (Err(_), Part::Whole) => {}
            }
        }
    }
    Ok((line.wire, maildrop))
}

impl How {
    pub(super) fn is_fetch(self) -> bool {
        matches!(self, Self::Fetch)
    }
}

/// What a header block is expected to take on the wire, in octets.
pub(super) const EXPECTED_HEADER: u64 = 3 * 1024;
const HUGE: u64 = 1024 * 1024;
const LINGER: Duration = Duration::from_secs(10);

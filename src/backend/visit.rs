//! One session that fetches: the listing, what the plan makes of it, summaries, bodies, and whatever a person asks for
//! meanwhile, which goes ahead of everything.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::account::Account;
use super::clock;
use super::errands::{Request, Want};
use super::error::{Error, Says};
use super::ingest::Ingest;
use super::line::{Landed, Line, Part};
use super::opening::Purpose;
use super::session::{Maildrop, Session};
use crate::bridge::{SyncMode, SyncReport};
use crate::mail::{Kind, LedgerEntry, LedgerId, MessageId, Problem, RemoteId, SyncPlan};
use crate::pop3::{Capabilities, MessageNumber};

/// The work of one session.
pub(super) struct Visit {
    /// The connection, until it is closed.
    pub(super) line: Option<Line<Tag>>,
    /// The server has ended the session.
    pub(super) dead: bool,
    pub(super) ingest: Ingest,
    pub(super) maildrop: Maildrop,
    /// Where the listing has the copies of messages that are known here.
    pub(super) places: HashMap<MessageId, (LedgerId, usize)>,
    /// Copies whose header block is to be compared before they are believed to be the ones that are known.
    pub(super) unverified: HashMap<LedgerId, LedgerEntry>,
    pub(super) rechecks: VecDeque<(LedgerId, usize, Part)>,
    pub(super) summaries: VecDeque<(usize, Part)>,
    pub(super) bodies: VecDeque<(LedgerId, MessageId, usize)>,
    /// Bodies so large that all others come before them.
    pub(super) huge: VecDeque<(LedgerId, MessageId, usize)>,
    /// Bodies that are under way.
    pub(super) coming: HashSet<MessageId>,
    /// Bodies that were queued, and those that are stored: none is asked for twice.
    pub(super) queued: HashSet<MessageId>,
    pub(super) have: HashSet<MessageId>,
    /// Known copies whose header block fits and whose size does not: their octets are compared, whatever the mode.
    pub(super) doubtful: VecDeque<(LedgerId, MessageId, usize)>,
    /// People who wait for a message that is being rechecked.
    pub(super) deferred: Vec<Want>,
    /// Copies that turned out to be the ones that are known, and their size in octets.
    pub(super) reappeared: Vec<(LedgerId, u64)>,
    /// The server says that it has TOP.
    pub(super) top_offered: bool,
    /// Whether TOP is worth trying.
    pub(super) top_works: bool,
    pub(super) top_worked: bool,
    /// Messages that the listing did not have where the ledger had them.
    pub(super) vanished: Vec<MessageId>,
    /// Messages that could not be fetched at all, and the server's words.
    pub(super) failures: Vec<(RemoteId, Says)>,
    pub(super) report: SyncReport,
    pub(super) tally: Tally,
    /// Nothing was left to do, and the connection was kept for a person.
    pub(super) lingered: bool,
    /// How many messages are too large to download and cannot be shown in part.
    pub(super) unseen: u64,
    /// Messages that are too large to download.
    pub(super) too_large: Vec<MessageId>,
    /// Octets of the largest message that is downloaded.
    pub(super) largest: u64,
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
    Summary {
        place: usize,
    },
    Recheck {
        ledger: LedgerId,
        place: usize,
    },
    Body {
        ledger: LedgerId,
        message: MessageId,
        place: usize,
    },
    Peek {
        want: Want,
        ledger: LedgerId,
        place: usize,
        width: u16,
    },
}

impl Account {
    /// Opens a session, does what there is to do, lingers a little while a person is busy with it, and ends it with QUIT.
    pub(super) async fn visit(&mut self) -> Result<(), Error> {
        let begun = Instant::now();
        let (session, maildrop) = self.open(Purpose::Fetch).await?;
        let pipelining = session.pipelining();
        let top_offered = session.capabilities.as_ref().is_some_and(Capabilities::top);
        let wire = session.wire;
        let looked = maildrop.looked;
        let ledger = self.store.ledger(&self.settings.id).await?;
        let plan = self.plan(&maildrop, &ledger);
        let mode = self.errands.mode();
        let braked_before = self.record.brake.is_some();
        self.listed(&maildrop, &plan, &ledger, mode).await?;
        let mut visit = Visit::new(
            self,
            Line::new(wire, pipelining),
            maildrop,
            &plan,
            &ledger,
            begun,
        );
        visit.top_offered = top_offered;
        if matches!(mode, Some(SyncMode::Check | SyncMode::DryRun)) {
            visit.forget_plan();
        }
        let mut worked = self.fetch(&mut visit).await;
        if worked.is_ok() {
            worked = self.note_reappeared(&mut visit).await;
        }
        self.errands.wants.extend(visit.deferred.drain(..));
        if let Err(error) = worked {
            // The socket closes without QUIT. What has arrived is kept, and told.
            visit.close();
            while !visit.ingest.is_idle()
                && let Some(batch) = visit.ingest.next().await
            {
                if self.stored(&mut visit, batch).await.is_err() {
                    break;
                }
            }
            self.again = self.is_worth_another(&mut visit, &error).await?;
            return Err(error);
        }
        if !braked_before && matches!(mode, Some(SyncMode::Full | SyncMode::Headers)) {
            self.look_again(&visit.vanished).await?;
        }
        // Everything that was retrieved is durable and nothing was marked: a clean session, and one whose end changes
        // nothing, so that a lost answer to QUIT is no failure. What was only looked at is not here: then there is no QUIT.
        if let Some(line) = visit.line.take()
            && !looked
            && !visit.dead
        {
            let _ = timeout(QUIT, Session::quit(line.wire)).await;
        }
        self.finish(&mut visit).await
    }

    /// The heart: keeps the line busy until there is nothing left to fetch.
    async fn fetch(&mut self, visit: &mut Visit) -> Result<(), Error> {
        loop {
            self.launch(visit).await?;
            self.show_progress(visit).await;
            let idle = visit.line.as_ref().is_none_or(Line::is_idle);
            if idle && visit.ingest.is_idle() && visit.is_done(self.errands.mode()) {
                self.refuse_leftovers(visit).await;
                if self.errands.person_waits() || self.linger(visit).await {
                    continue;
                }
                return Ok(());
            }
            tokio::select! {
                biased;
                request = self.requests.recv() => {
                    let Some(request) = request else { return Err(Error::Cancelled) };
                    let stop = matches!(request, Request::Cancel(_));
                    self.accept(request).await;
                    if stop && self.errands.is_idle() {
                        return Err(Error::Cancelled);
                    }
                }
                batch = visit.ingest.next() => match batch {
                    Some(batch) => self.stored(visit, batch).await?,
                    None => return Err(Error::Told(reading_broke())),
                },
                landed = next(&mut visit.line), if !idle => self.landed(visit, landed?).await?,
            }
        }
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
        let entries: HashMap<LedgerId, &LedgerEntry> =
            ledger.iter().map(|entry| (entry.id, entry)).collect();
        let mut visit = Self {
            line: Some(line),
            dead: false,
            ingest: Ingest::start(
                account.store.clone(),
                account.settings.id.clone(),
                clock::now,
            ),
            places: HashMap::new(),
            unverified: HashMap::new(),
            rechecks: plan
                .recheck
                .iter()
                .map(|(id, place)| (*id, *place, Part::Top(0)))
                .collect(),
            summaries: plan
                .summaries
                .iter()
                .map(|place| (*place, Part::Top(0)))
                .collect(),
            bodies: VecDeque::new(),
            huge: VecDeque::new(),
            coming: HashSet::new(),
            queued: HashSet::new(),
            have: HashSet::new(),
            doubtful: VecDeque::new(),
            deferred: Vec::new(),
            reappeared: Vec::new(),
            top_offered: false,
            top_works: true,
            top_worked: false,
            vanished: plan
                .vanished
                .iter()
                .chain(&plan.ambiguous)
                .filter_map(|id| entries.get(id))
                .map(|entry| entry.message)
                .collect(),
            failures: Vec::new(),
            report: SyncReport {
                messages: maildrop.listing.len() as u64,
                ..SyncReport::default()
            },
            tally: Tally {
                summaries_of: plan.summaries.len() as u64,
                ..Tally::default()
            },
            lingered: false,
            unseen: 0,
            too_large: Vec::new(),
            largest: account.settings.server.largest,
            person: None,
            maildrop,
            begun,
        };
        for (id, _) in &plan.recheck {
            visit
                .unverified
                .extend(entries.get(id).map(|entry| (*id, (*entry).clone())));
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
        if octets > self.largest {
            self.too_large.push(message);
            return;
        }
        if !self.queued.insert(message) {
            return;
        }
        self.tally.bodies_of += 1;
        self.tally.octets_of += octets;
        let queue = if octets > HUGE {
            &mut self.huge
        } else {
            &mut self.bodies
        };
        queue.push_back((ledger, message, place));
    }

    /// What LIST says of the message at this place, in octets.
    pub(super) fn octets(&self, place: usize) -> u64 {
        self.maildrop
            .listing
            .get(place)
            .map_or(0, |listed| listed.octets)
    }

    pub(super) fn remote(&self, place: usize) -> RemoteId {
        self.maildrop
            .listing
            .get(place)
            .map(|listed| listed.remote.clone())
            .unwrap_or_default()
    }

    pub(super) fn number(&self, place: usize) -> Option<MessageNumber> {
        self.maildrop.numbers.get(place).copied()
    }

    /// Closes the connection without QUIT.
    fn close(&mut self) {
        self.line = None;
    }

    fn forget_plan(&mut self) {
        self.rechecks.clear();
        self.summaries.clear();
        self.bodies.clear();
        self.huge.clear();
    }

    /// Whether nothing is left that this kind of visit fetches.
    fn is_done(&self, mode: Option<SyncMode>) -> bool {
        let headers =
            self.rechecks.is_empty() && self.summaries.is_empty() && self.doubtful.is_empty();
        match mode {
            None => self.rechecks.is_empty() && self.doubtful.is_empty(),
            Some(SyncMode::Check | SyncMode::DryRun) => true,
            Some(SyncMode::Headers) => headers,
            Some(SyncMode::Full) => headers && self.bodies.is_empty() && self.huge.is_empty(),
        }
    }
}

/// What a header block is expected to take on the wire, in octets.
pub(super) const EXPECTED_HEADER: u64 = 3 * 1024;
const HUGE: u64 = 1024 * 1024;
/// For the answer to a QUIT that changes nothing.
const QUIT: Duration = Duration::from_secs(3);

/// The next thing that lands on a line that is there.
async fn next(line: &mut Option<Line<Tag>>) -> Result<Landed<Tag>, Error> {
    match line {
        Some(line) => line.next().await,
        None => std::future::pending().await,
    }
}

fn reading_broke() -> Problem {
    Problem::new(
        Kind::Store,
        "What arrived could not be stored",
        "The part of poppet that stores messages has ended.",
        "Start poppet again. Nothing was deleted anywhere.",
    )
}

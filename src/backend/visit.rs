//! One session that fetches: the listing, what the plan makes of it, summaries, bodies, and whatever a person asks for
//! meanwhile, which goes ahead of everything.

mod tag;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

pub(super) use self::tag::Tag;
use super::account::Account;
use super::clock;
use super::errands::{Request, Want};
use super::error::{Error, Says};
use super::ingest::{Ingest, Portions};
use super::line::{Came, Landed, Line, Part};
use super::listing::{Recording, changed};
use super::maildrop::Maildrop;
use super::opening::Purpose;
use super::progress::Tally;
use super::refusals::reading_broke;
use super::session::Session;
use crate::bridge::{SyncMode, SyncReport};
use crate::mail::{LedgerEntry, LedgerId, Listed, MessageId, Reason, RemoteId, Server};
use crate::pop3::{Capabilities, MessageNumber, Verb};

/// The work of one session.
pub(super) struct Visit {
    /// The connection, until it is closed.
    pub(super) line: Option<Line<Tag>>,
    /// The server has ended the session.
    pub(super) dead: bool,
    pub(super) ingest: Ingest,
    /// Empty until the listing is there.
    pub(super) maildrop: Arc<Maildrop>,
    /// The listing, while it is written down.
    recording: Option<Recording>,
    /// Messages that were looked at, and handed on to be stored, before the listing was there; under the names that they had.
    pub(super) glimpses: HashMap<MessageNumber, Listed>,
    /// Those of them that are stored and not in `places` yet.
    pub(super) early: Vec<(MessageNumber, MessageId, LedgerId)>,
    /// What the TOPs are for that were sent before it was known what they would show. Those that are for nothing are not here.
    pub(super) glances: HashMap<MessageNumber, Tag>,
    /// What came of some of them before the listing was there.
    pub(super) nameless: Vec<Landed<Tag>>,
    /// Where the listing has the copies of messages that are known here.
    pub(super) places: HashMap<MessageId, (LedgerId, usize)>,
    /// Copies whose header block is to be compared before they are believed to be the ones that are known.
    pub(super) unverified: HashMap<LedgerId, LedgerEntry>,
    pub(super) rechecks: VecDeque<(LedgerId, usize, Part)>,
    /// The server was found to use UIDLs again: every copy is looked at.
    pub(super) doubts_all: bool,
    pub(super) summaries: VecDeque<(usize, Part)>,
    /// New messages that are fetched whole at once.
    pub(super) wholes: VecDeque<usize>,
    pub(super) bodies: VecDeque<(LedgerId, MessageId, usize)>,
    /// Bodies of messages that are on the screen: before all others.
    pub(super) on_screen: VecDeque<(LedgerId, MessageId, usize)>,
    pub(super) looked_at: HashSet<MessageId>,
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
    /// Messages that are to be here and are being rechecked.
    pub(super) to_fetch: Vec<MessageId>,
    /// Copies that turned out to be the ones that are known, and their size in octets.
    pub(super) reappeared: Vec<(LedgerId, u64)>,
    /// What the server can do, as it said last.
    pub(super) capabilities: Option<Capabilities>,
    /// The server says that it has TOP.
    pub(super) top_offered: bool,
    /// Whether TOP is worth trying.
    pub(super) top_works: bool,
    pub(super) top_worked: bool,
    /// The clock is not believed in this session.
    pub(super) ages_doubtful: bool,
    /// Messages that the listing did not have where the ledger had them.
    pub(super) vanished: Vec<MessageId>,
    /// Messages whose staged deletion the listing took back, unless they turn out not to be on the server.
    pub(super) taken_back: Vec<MessageId>,
    /// Messages that are still listed though the server has said that they are deleted.
    pub(super) not_deleted: Vec<MessageId>,
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
    /// When progress was last shown.
    pub(super) shown: Option<Instant>,
    pub(super) begun: Instant,
}

/// The messages whose deletion a person has staged, of these lines.
fn staged_among(ledger: &[LedgerEntry], lines: &[LedgerId]) -> Vec<MessageId> {
    let staged = ledger.iter().filter(|entry| {
        entry.server == Server::DeleteWanted
            && entry.reason == Some(Reason::You)
            && lines.contains(&entry.id)
    });
    staged.map(|entry| entry.message).collect()
}

impl Account {
    /// Opens a session, does what there is to do, lingers a little while a person is busy with it, and ends it with QUIT. A
    /// server that seems to lose its thread over commands sent ahead is tried once more, one command at a time.
    pub(super) async fn visit(&mut self) -> Result<(), Error> {
        loop {
            match Box::pin(self.visit_once()).await {
                Err(error) if self.manners.suspect(&error) => {
                    tracing::info!(account = %self.settings.id, %error, "trying again after commands sent ahead");
                    self.again = false;
                    self.errands.ask_again();
                    self.let_go(Purpose::Fetch).await?;
                }
                other => return other,
            }
        }
    }

    async fn visit_once(&mut self) -> Result<(), Error> {
        let begun = Instant::now();
        // Read during the login: only sessions change what counts of it, and there is one at a time. Not before, because of a
        // large mailbox it is many megabytes, and a server that cannot be reached does not need it.
        let (store, account) = (self.store.clone(), self.settings.id.clone());
        let mut ledger = None;
        let reached = || {
            ledger.get_or_insert_with(|| store.ledger(&account));
        };
        let session = self.open(Purpose::Fetch, reached).await?;
        let ledger = match ledger {
            Some(ledger) => ledger.await?,
            None => self.store.ledger(&self.settings.id).await?,
        };
        let braked_before = self.record.brake.is_some();
        let mut visit = Visit::new(self, begun, &session);
        let mut worked = self.list(&mut visit, session, &ledger).await;
        if worked.is_ok() {
            worked = self.planned(&mut visit, ledger).await;
        }
        if worked.is_ok() {
            worked = self.fetch(&mut visit).await;
        }
        if worked.is_ok() {
            worked = self.note_reappeared(&mut visit).await;
        }
        self.errands.wants.extend(visit.deferred.drain(..));
        self.errands.fetch_later(visit.to_fetch.drain(..));
        if let Err(error) = worked {
            // The socket closes without QUIT. What has arrived is kept, and told.
            let arriving = visit.line.take().and_then(Line::arriving);
            if let Some(mut recording) = visit.recording.take()
                && let Ok(changed) = recording.changed().await
            {
                self.written_down(recording, changed).await;
            }
            while !visit.ingest.is_idle()
                && let Some(batch) = visit.ingest.next().await
            {
                if self.stored(&mut visit, batch).await.is_err() {
                    break;
                }
            }
            self.again = self.is_worth_another(&mut visit, &error, arriving).await?;
            return Err(error);
        }
        if !braked_before
            && matches!(
                self.errands.mode(),
                Some(SyncMode::Full | SyncMode::Headers)
            )
        {
            self.look_again(&visit.vanished).await?;
        }
        if let Some(line) = &visit.line {
            self.learn(line.wire.waited(), line.quotes()).await?;
        }
        self.delete_before_leaving(&mut visit).await?;
        // Nothing was marked, so that neither a lost answer to QUIT is a failure nor anybody waits for it but the next session.
        // What was retrieved only to be looked at may be wanted there: then there is no QUIT.
        if let Some(line) = visit.line.take()
            && !visit.dead
            && visit.maildrop.looked.is_empty()
        {
            match line.clean().await {
                Ok(clean) => self.parting = clean.leave().await.ok(),
                // What is left over was the answer to something.
                Err(error) if error.is_out_of_step() => return Err(error),
                Err(_) => {}
            }
        }
        self.finish(&mut visit).await
    }

    /// Compares the listing with the ledger. What is fetched first is asked for before the listing is written down.
    async fn planned(&mut self, visit: &mut Visit, ledger: Vec<LedgerEntry>) -> Result<(), Error> {
        let mode = self.errands.mode();
        let maildrop = Arc::clone(&visit.maildrop);
        let plan = self.plan(&maildrop, &ledger);
        let unasked = (mode == Some(SyncMode::Full)).then_some(self.settings.bodies);
        visit.planned(&plan, &ledger, unasked);
        visit.ages_doubtful = plan.ages_doubtful;
        self.fetch_whole(visit, &plan, &ledger).await?;
        if matches!(mode, Some(SyncMode::Check | SyncMode::DryRun)) {
            visit.forget_plan();
        }
        self.launch(visit).await?;
        if let Some(line) = &mut visit.line {
            line.fence()?;
            line.wire.write_now().await;
        }
        visit.recording = self.listed(&maildrop, &plan, &ledger, mode).await?;
        visit.taken_back = staged_among(&ledger, &plan.ambiguous);
        Ok(())
    }

    /// The heart: keeps the line busy until there is nothing left to fetch.
    async fn fetch(&mut self, visit: &mut Visit) -> Result<(), Error> {
        for landed in std::mem::take(&mut visit.nameless) {
            self.landed(visit, landed).await?;
        }
        loop {
            self.launch(visit).await?;
            self.show_progress(visit).await;
            let idle = visit.line.as_ref().is_none_or(Line::is_idle);
            let stored = visit.ingest.is_idle() && visit.recording.is_none();
            if idle && stored && visit.is_done(self.errands.mode()) {
                self.refuse_leftovers(visit).await;
                if self.errands.person_waits() || self.linger(visit).await {
                    continue;
                }
                return Ok(());
            }
            let person = self.errands.is_awaited();
            let room = visit.ingest.has_room(person);
            if let Some(line) = &mut visit.line {
                line.listen(room);
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
                changed = changed(&mut visit.recording) => {
                    // Told once: what failed is not to be asked again when the session is cleared up.
                    let recording = visit.recording.take();
                    let changed = changed?;
                    if let Some(recording) = recording {
                        self.written_down(recording, changed).await;
                    }
                }
                came = next(&mut visit.line), if !idle && room => {
                    // There is room for more, or a fence has come to its end and may have left the line with nothing under way.
                    if let Some(came) = came? {
                        self.came(visit, came).await?;
                    }
                    // What came along with it is taken in before anything more is asked for, so that one write serves it all.
                    while visit.ingest.has_room(person)
                        && let Some(line) = &mut visit.line
                        && let Some(came) = line.here()?
                    {
                        self.came(visit, came).await?;
                    }
                }
            }
        }
    }

    async fn came(&mut self, visit: &mut Visit, came: Came<Tag>) -> Result<(), Error> {
        match came {
            Came::Landed(landed) => self.landed(visit, landed).await,
            Came::Answer(_) => Err(Error::Unexpected(Verb::Noop)),
        }
    }
}

impl Visit {
    fn new(account: &Account, begun: Instant, session: &Session) -> Self {
        let capabilities = session.capabilities.as_ref();
        Self {
            line: None,
            dead: false,
            ingest: Ingest::start(
                account.store.clone(),
                account.settings.id.clone(),
                clock::now,
                Portions::new(account.settings.watched),
            ),
            maildrop: Arc::default(),
            recording: None,
            glimpses: HashMap::new(),
            early: Vec::new(),
            glances: HashMap::new(),
            nameless: Vec::new(),
            places: HashMap::new(),
            unverified: HashMap::new(),
            rechecks: VecDeque::new(),
            doubts_all: false,
            summaries: VecDeque::new(),
            wholes: VecDeque::new(),
            bodies: VecDeque::new(),
            on_screen: VecDeque::new(),
            looked_at: HashSet::new(),
            huge: VecDeque::new(),
            coming: HashSet::new(),
            queued: HashSet::new(),
            have: HashSet::new(),
            doubtful: VecDeque::new(),
            deferred: Vec::new(),
            to_fetch: Vec::new(),
            reappeared: Vec::new(),
            capabilities: None,
            top_offered: capabilities.is_some_and(Capabilities::top),
            top_works: true,
            top_worked: false,
            ages_doubtful: false,
            vanished: Vec::new(),
            taken_back: Vec::new(),
            not_deleted: Vec::new(),
            failures: Vec::new(),
            report: SyncReport::default(),
            tally: Tally::default(),
            lingered: false,
            unseen: 0,
            too_large: Vec::new(),
            largest: account.settings.server.largest,
            person: None,
            shown: None,
            begun,
        }
    }

    /// What LIST says of the message at this place, in octets.
    pub(super) fn octets(&self, place: usize) -> u64 {
        self.maildrop.octets_at(place)
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

    /// Whether nothing is left that this kind of visit fetches.
    fn is_done(&self, mode: Option<SyncMode>) -> bool {
        let headers =
            self.rechecks.is_empty() && self.summaries.is_empty() && self.doubtful.is_empty();
        match mode {
            None => self.rechecks.is_empty() && self.doubtful.is_empty(),
            Some(SyncMode::Check | SyncMode::DryRun) => true,
            Some(SyncMode::Headers) => headers,
            Some(SyncMode::Full) => {
                headers
                    && self.wholes.is_empty()
                    && self.on_screen.is_empty()
                    && self.bodies.is_empty()
                    && self.huge.is_empty()
            }
        }
    }
}

/// The next thing that lands on a line that is there; nothing when there is room for more.
async fn next(line: &mut Option<Line<Tag>>) -> Result<Option<Came<Tag>>, Error> {
    match line {
        Some(line) => line.next_or_room().await,
        None => std::future::pending().await,
    }
}

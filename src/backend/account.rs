//! The task of one account: waits for something to do, opens one session for it, and gives the mailbox back.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::asker::Asker;
use super::backoff::Backoff;
use super::clock;
use super::errands::{Errands, Fetch, Request};
use super::error::Error;
use super::lock::Lock;
use super::opening::Purpose;
use super::quirks::Manners;
use super::secrets::Secrets;
use super::settings::Settings;
use super::unbroken::unbroken;
use crate::bridge::{
    AccountState, Board, Event, Phase, Progress, SyncMode, SyncReport, SyncStep, Ticket,
};
use crate::mail::{BodyRule, Kind, Listed, MessageId, Problem, RemoteId, Retry, Timestamp};
use crate::store::{AccountRecord, Store};

/// The task's own state. `visit` and `errands` do the work on a session.
pub(super) struct Account {
    pub(super) settings: Arc<Settings>,
    pub(super) store: Store,
    pub(super) secrets: Arc<Secrets>,
    pub(super) asker: Option<Asker>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) board: watch::Sender<Board>,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) state: AccountState,
    pub(super) record: AccountRecord,
    pub(super) errands: Errands,
    pub(super) manners: Manners,
    /// Messages that turned out to be too large on their way, and of which the server shows no beginning.
    pub(super) unseen: HashSet<RemoteId>,
    /// Messages that were fetched whole at once and turned out to be too large: they are looked at first.
    pub(super) apart: HashSet<RemoteId>,
    /// A message that is too large was looked at before the listing was there: no more is looked at that early.
    pub(super) looks_late: bool,
    /// The session that ended early is followed by another one at once.
    pub(super) again: bool,
    backoff: Backoff,
    /// The pause that the server wants between two logins.
    pub(super) login_delay: Option<Duration>,
    pub(super) last_login: Option<Instant>,
    /// The server says that it removes what it gave.
    pub(super) keeps_nothing: bool,
    /// The last session fetched something.
    pub(super) brought: bool,
    /// The last login was refused without a reason.
    pub(super) doubtful: bool,
    next_check: Option<Instant>,
    /// The end of the last session, where its answer to QUIT is still on its way.
    pub(super) parting: Option<JoinHandle<()>>,
    /// The last complete listing, where the rule needs it to be foretold.
    pub(super) last_listing: Option<Arc<[Listed]>>,
    /// Deletions that a rule has staged and no report has told of yet.
    pub(super) staged: u64,
}

impl Account {
    pub(super) async fn new(
        settings: Settings,
        store: Store,
        secrets: Arc<Secrets>,
        asker: Option<Asker>,
        events: mpsc::Sender<Event>,
        board: watch::Sender<Board>,
        requests: mpsc::Receiver<Request>,
    ) -> Result<Self, Problem> {
        let record = match store.account(&settings.id, clock::now()).await {
            Ok(record) => record,
            Err(error) => {
                // What is known of it can be seen all the same.
                let problem = error.problem();
                let records = store.accounts().await.unwrap_or_default();
                if let Some(record) = records.iter().find(|record| record.account == settings.id) {
                    let mut state = state(&settings, record);
                    state.problem = Some(problem.clone());
                    let _ = events.send(Event::Account(Box::new(state))).await;
                }
                return Err(problem);
            }
        };
        let state = state(&settings, &record);
        Ok(Self {
            settings: Arc::new(settings),
            store,
            secrets,
            asker,
            events,
            board,
            requests,
            state,
            record,
            errands: Errands::default(),
            manners: Manners::default(),
            unseen: HashSet::new(),
            apart: HashSet::new(),
            looks_late: false,
            again: false,
            backoff: Backoff::default(),
            login_delay: None,
            last_login: None,
            keeps_nothing: false,
            brought: false,
            doubtful: false,
            next_check: None,
            parting: None,
            last_listing: None,
            staged: 0,
        })
    }

    /// Runs until nobody can ask any more.
    pub(super) async fn run(mut self) {
        self.tell_state().await;
        if self.settings.automatic {
            self.errands.syncs.push((None, SyncMode::Full));
        }
        loop {
            while self.errands.is_empty() {
                let due = self.next_check;
                tokio::select! {
                    request = self.requests.recv() => match request {
                        Some(request) => self.accept(request).await,
                        None => return,
                    },
                    () = sleep_until(due) => self.errands.syncs.push((None, SyncMode::Full)),
                }
            }
            let by_itself = self.errands.tickets().is_empty();
            let worked = unbroken(Box::pin(self.work())).await;
            // A session that was opened for something else answers no sync.
            let unserved = std::mem::take(&mut self.errands.serving);
            self.errands.syncs.extend(unserved);
            match worked {
                Ok(()) => {
                    self.backoff = Backoff::default();
                    self.state.problem = None;
                    let after = self.next_check_after();
                    self.plan_next_check(after);
                }
                Err(Error::Cancelled) if self.requests.is_closed() => self.keep_deletions().await,
                Err(error) => self.failed(error, by_itself).await,
            }
            self.show(Phase::Idle).await;
        }
    }

    /// One session for all that is to be done; deletions get one of their own.
    async fn work(&mut self) -> Result<(), Error> {
        let _lock = Lock::take(&self.settings.locks, &self.settings.id)?;
        // Another process may have worked on the account since: what it found out counts.
        self.record = self.store.account(&self.settings.id, clock::now()).await?;
        self.state.brake = self.record.brake;
        if !self.errands.syncs.is_empty() || self.errands.person_waits() {
            let mut rounds = 0;
            while let Err(error) = self.visit().await {
                rounds += 1;
                if !std::mem::take(&mut self.again) || rounds > MOST_ROUNDS {
                    return Err(error);
                }
                self.errands.ask_again();
                self.let_go(Purpose::Fetch).await?;
            }
        }
        while let Some((ticket, agreed)) = self.errands.applies.pop_front() {
            self.errands.applying = Some(ticket);
            let applied = self.apply_agreed(Some(ticket), &agreed, None).await;
            if let Err(error) = &applied {
                self.manners.suspect(error);
            }
            // Whoever stopped it has been told.
            let waits = self.errands.applying.take().is_some();
            if let Err(error) = applied
                && waits
            {
                let problem = error.problem_of(&self.settings.account);
                self.fail(Some(ticket), problem).await;
            }
        }
        Ok(())
    }

    /// Everything that was to be done in a session that failed has failed; what is worth it is tried again later.
    async fn failed(&mut self, error: Error, by_itself: bool) {
        let (passing, minor) = (error.is_passing(), error.is_minor());
        if matches!(error, Error::Cancelled) {
            // Whoever was cancelled has been told; the others are served by the next session.
            self.plan_next_check(self.settings.check_every);
            return;
        }
        let problem = error.problem_of(&self.settings.account);
        let tickets = std::mem::take(&mut self.errands).tickets();
        for ticket in &tickets {
            self.fail(Some(*ticket), problem.clone()).await;
        }
        // What passes by itself is told when it has not passed by the next time.
        let quiet = minor && by_itself && self.backoff.is_fresh();
        if (tickets.is_empty() || by_itself) && !quiet {
            self.fail(None, problem.clone()).await;
        }
        let wait = match (problem.kind, problem.retry, self.settings.check_every) {
            (Kind::Login, Retry::NextCheck, Some(every)) => Some(every),
            (Kind::Login | Kind::Tls | Kind::Config, ..) | (_, _, None) => None,
            (_, Retry::After(least), _) => Some(self.backoff.next().max(least)),
            (_, _, Some(_)) if passing => Some(self.backoff.next()),
            (_, _, Some(every)) => Some(self.backoff.next().max(every)),
        };
        self.state.problem = Some(problem).filter(|_| !quiet);
        self.next_check = None;
        self.state.next_check = None;
        if wait.is_some() {
            self.plan_next_check(wait);
        }
    }

    /// A server that removes or hides what it gave may show its mail by and by: while there is more, it is not waited for long.
    fn next_check_after(&mut self) -> Option<Duration> {
        let soon = std::mem::take(&mut self.brought) && self.keeps_nothing;
        let every = self.settings.check_every;
        every.map(|every| if soon { every.min(SOON) } else { every })
    }

    fn plan_next_check(&mut self, after: Option<Duration>) {
        let after = after
            .filter(|_| self.settings.automatic)
            .map(|after| after.max(self.login_delay.unwrap_or_default()));
        self.next_check = after.map(|after| Instant::now() + after);
        self.state.next_check = after.map(|after| {
            Timestamp(
                clock::now()
                    .0
                    .saturating_add(i64::try_from(after.as_secs()).unwrap_or(i64::MAX)),
            )
        });
    }

    /// Ends the tickets of all syncs.
    pub(super) async fn syncs_done(&mut self, report: &SyncReport) {
        tracing::info!(account = %self.settings.id, ?report, "session ended");
        for (ticket, _) in std::mem::take(&mut self.errands.serving) {
            if let Some(ticket) = ticket {
                self.synced(Some(ticket), SyncStep::Done(report.clone()))
                    .await;
                self.tell(Event::Done { ticket }).await;
            }
        }
    }

    /// Tells everyone who asked for a sync how far it is.
    pub(super) async fn step(&mut self, step: &SyncStep) {
        let tickets: Vec<Ticket> = self
            .errands
            .serving
            .iter()
            .filter_map(|(ticket, _)| *ticket)
            .collect();
        for ticket in tickets {
            self.synced(Some(ticket), step.clone()).await;
        }
    }

    async fn synced(&mut self, ticket: Option<Ticket>, step: SyncStep) {
        if let Some(ticket) = ticket {
            self.tell(Event::Synced {
                ticket,
                account: self.settings.id.clone(),
                step,
            })
            .await;
        }
    }

    /// A message that was fetched, or cannot be: its fetch tickets may be complete.
    pub(super) async fn fetch_ended(&mut self, message: MessageId, problem: Option<&Problem>) {
        for fetch in &mut self.errands.fetches {
            if fetch.missing.remove(&message) && fetch.problem.is_none() {
                fetch.problem = problem.cloned();
            }
        }
        let (complete, open): (Vec<Fetch>, Vec<Fetch>) = std::mem::take(&mut self.errands.fetches)
            .into_iter()
            .partition(|fetch| fetch.missing.is_empty());
        self.errands.fetches = open;
        for fetch in complete {
            match fetch.problem {
                None => {
                    self.tell(Event::Done {
                        ticket: fetch.ticket,
                    })
                    .await;
                }
                Some(problem) => self.fail(Some(fetch.ticket), problem).await,
            }
        }
    }

    pub(super) async fn fail(&self, ticket: Option<Ticket>, problem: Problem) {
        tracing::warn!(account = %self.settings.id, kind = ?problem.kind, what = %problem.what, "failed");
        self.tell(Event::Failed {
            ticket,
            account: Some(self.settings.id.clone()),
            problem,
        })
        .await;
    }

    /// A screen that has gone away needs no events.
    pub(super) async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }

    pub(super) async fn tell_state(&self) {
        self.tell(Event::Account(Box::new(self.state.clone())))
            .await;
    }

    pub(super) async fn show(&mut self, phase: Phase) {
        if self.state.phase != phase {
            self.state.phase = phase;
            self.tell_state().await;
        }
        if matches!(phase, Phase::Idle | Phase::Lingering) {
            let id = self.settings.id.clone();
            self.board.send_if_modified(|board| board.take_off(&id));
        }
    }

    pub(super) fn progress(&self, progress: Progress) {
        self.board.send_modify(|board| {
            board.put(progress);
        });
    }
}

/// What people see of an account before it has done anything.
fn state(settings: &Settings, record: &AccountRecord) -> AccountState {
    AccountState {
        account: settings.id.clone(),
        email: settings.email.clone(),
        host: settings.server.host.clone(),
        phase: Phase::Idle,
        checked: record.last_sync,
        next_check: None,
        messages: record.messages,
        octets: record.octets,
        quota: settings.policy.quota,
        brake: record.brake,
        expires: None,
        cleartext: settings.server.openness(false),
        problem: None,
        ask_above: match settings.bodies {
            BodyRule::All => None,
            BodyRule::None => Some(0),
            BodyRule::UpTo(limit) => Some(limit),
        },
        retention: settings.policy.clone(),
        set_up: record.set_up,
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Sessions that follow at once on one that ended early. A server may give reasons for another one for ever.
const MOST_ROUNDS: u32 = 8;
/// Until the next check of a server that may have more to show; LOGIN-DELAY wins if longer.
const SOON: Duration = Duration::from_mins(1);

//! What happens: drawn from a seed, step by step.

use std::sync::Arc;

use poppet::bridge::{Command, SyncMode, Ticket};
use poppet::mail::{Change, DeleteScope, View};
use tokio::sync::{mpsc, oneshot};

use crate::chance::Chance;
use crate::client::{Answer, Client, home, ids};
use crate::mailbox::{Mailbox, Manners, Meddling, Naming};
use crate::model::Model;
use crate::server::{Fault, Meanwhile, Quit, Server, Stage};
use crate::watch::{Bodies, Doing, Keep, Known, Policy, Watch};

/// How a history went.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) steps: u64,
    pub(crate) deleted: u64,
    /// What the model does not allow, and at which turn.
    pub(crate) violated: Option<(usize, String)>,
    pub(crate) lines: Vec<String>,
}

/// Plays a history to its end, to the first violation, or for so many turns. `left_out`: turns that do not take place.
pub(crate) async fn play(seed: u64, most: usize, left_out: &[usize], tells: bool) -> Told {
    let mut chance = Chance::new(seed);
    let manners = manners(&mut chance);
    // One in some is large enough for the brake.
    let large = chance.percent(12);
    let most_messages = if large { 45 } else { 3 + chance.below(9) };
    let mailbox = Mailbox::new(manners, most_messages);
    let (stage, turns) = Stage::new(Model::new(mailbox, tells));
    let server = Server::start(Arc::clone(&stage)).await;
    let mut clients = Vec::new();
    for index in 0..=1 + chance.below(2) {
        let policy = policy(&mut chance);
        let client = Client::new(index, server.address, &policy, chance.percent(70));
        let watch = Watch::new(client.file(), policy);
        let mut model = stage.model();
        model.tell(|| format!("client {index}: {policy:?}"));
        model.watches.push(watch);
        clients.push(Some(client));
    }
    stage.model().tell(|| format!("{manners:?}"));
    let begin = if large {
        26 + chance.below(14)
    } else {
        chance.below(most_messages)
    };
    for _ in 0..begin {
        stage.model().meddle(Meddling::Deliver, &mut chance);
    }
    let mut history = History {
        stage: Arc::clone(&stage),
        clients,
        turns,
    };
    let mut turn = 0;
    let mut violated = None;
    while turn < most.min(TURNS) {
        if !left_out.contains(&turn) {
            let mut chance = Chance::of_step(seed, turn);
            stage.model().tell(|| format!("turn {turn}"));
            history.turn(&mut chance).await;
            let first = stage.model().violations.first().cloned();
            if let Some(first) = first {
                violated = Some((turn, first));
                break;
            }
        }
        turn += 1;
    }
    for client in history.clients.iter_mut().flatten() {
        stage.model().watches[client.index].let_go();
        client.stop().await;
    }
    let mut model = stage.model();
    Told {
        steps: model.steps,
        deleted: model.deleted,
        violated,
        lines: std::mem::take(&mut model.told),
    }
}

fn manners(chance: &mut Chance) -> Manners {
    let expires = chance.percent(8);
    Manners {
        naming: chance.weighed(&[
            (50, Naming::Counter),
            (10, Naming::Header),
            (10, Naming::Renamed),
            (10, Naming::Lowest),
            (10, Naming::Clock),
            (10, Naming::Missing),
        ]),
        top: chance.percent(85),
        capa: chance.percent(90),
        pipelining: chance.percent(75),
        removes_retrieved: expires,
        expire_0: expires && chance.percent(70),
        updates_without_quit: chance.percent(6),
        counts_lf: chance.percent(15),
        reads_expunged: chance.percent(50),
    }
}

fn policy(chance: &mut Chance) -> Policy {
    let keep = match chance.below(10) {
        0..=4 => Keep::All,
        5 | 6 => Keep::UntilDownloaded,
        7 => Keep::Days(1 + chance.below(40) as i64),
        8 => Keep::Newest(1 + chance.below(8)),
        _ => Keep::Octets(600 + chance.below(2_000) as u64),
    };
    let bodies = match chance.below(10) {
        0 if keep != Keep::UntilDownloaded => Bodies::None,
        1 => Bodies::UpTo(300),
        _ => Bodies::All,
    };
    Policy {
        keep,
        rules_by_themselves: chance.percent(60),
        wishes_at_sync: chance.percent(30),
        bodies,
    }
}

struct History {
    stage: Arc<Stage>,
    clients: Vec<Option<Client>>,
    turns: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
}

/// What a client does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Sync(SyncMode),
    Stage,
    TakeBack,
    Flag,
    Apply,
    Fetch,
    Open,
    Release,
    Restart,
    Damage,
}

impl History {
    async fn turn(&mut self, chance: &mut Chance) {
        match chance.below(100) {
            0..=25 => {
                let meddling = meddling(chance);
                self.stage.model().meddle(meddling, chance);
            }
            26..=31 => {
                let seconds = match chance.below(8) {
                    0..=3 => 3_600 * (1 + chance.below(48) as i64),
                    4..=6 => DAY * (1 + chance.below(45) as i64),
                    _ if chance.percent(30) => -7_200,
                    _ => 70 * DAY,
                };
                let mut model = self.stage.model();
                model.steps += 1;
                model.tell(|| format!("  {seconds} seconds go by"));
                model.wait(seconds);
                if seconds > DAY && chance.percent(50) {
                    model.tell(|| "  with a check on every day".to_owned());
                    model.checked_meanwhile(seconds);
                }
            }
            _ => {
                let who = chance.below(self.clients.len());
                let deed = deed(chance);
                let networked =
                    matches!(deed, Deed::Sync(_) | Deed::Apply | Deed::Fetch | Deed::Open);
                if networked && chance.percent(35) {
                    self.arm(chance);
                }
                self.deed_with_turns(who, deed, chance).await;
                self.stage.faults.lock().unwrap().clear();
            }
        }
        let mut model = self.stage.model();
        for client in 0..model.watches.len() {
            model.observe(client);
        }
        model.account_for_all(false);
    }

    /// Something is going to go wrong.
    fn arm(&self, chance: &mut Chance) {
        let mut fault = Fault::default();
        match chance.below(10) {
            0 => fault.cut_after = Some(chance.below(3_000)),
            1 => fault.cut_at = Some(4 + chance.below(30) as u32),
            2 | 3 => {
                let verb = ["RETR", "TOP", "DELE", "UIDL", "LIST", "STAT", "NOOP"];
                fault.refuse = chance
                    .one_of(&verb)
                    .map(|verb| (verb, 1 + chance.below(3) as u32));
            }
            4 => fault.quit = Quit::Unanswered,
            5 => fault.quit = Quit::Lost,
            6 => fault.quit = Quit::Refused,
            7 => {
                let at = 4 + chance.below(20) as u32;
                fault.at = Some((at, Meanwhile::Meddling(meddling(chance), chance.next())));
            }
            _ => fault.at = Some((4 + chance.below(20) as u32, Meanwhile::Turn)),
        }
        let mut faults = self.stage.faults.lock().unwrap();
        if chance.percent(30) {
            faults.push_back(Fault::default());
        }
        faults.push_back(fault);
    }

    /// Another client may have its turn in the middle of what this one does.
    async fn deed_with_turns(&mut self, who: usize, deed: Deed, chance: &mut Chance) {
        let Some(mut client) = self.clients[who].take() else {
            return;
        };
        let mut other = chance.below(self.clients.len());
        if other == who {
            other = (other + 1) % self.clients.len();
        }
        let stage = Arc::clone(&self.stage);
        {
            let own = chance.clone();
            let mut done = Box::pin(do_deed(&stage, &mut client, deed, own));
            loop {
                tokio::select! {
                    biased;
                    resume = self.turns.recv() => {
                        let resume = resume.unwrap();
                        if let Some(mut second) = self.clients[other].take() {
                            let deed = if chance.percent(60) { Deed::Sync(SyncMode::Full) } else { Deed::Apply };
                            do_deed(&stage, &mut second, deed, chance.clone()).await;
                            self.clients[other] = Some(second);
                        }
                        let _ = resume.send(());
                    }
                    () = &mut done => break,
                }
            }
        }
        self.clients[who] = Some(client);
        self.stage.idle().await;
    }
}

async fn do_deed(stage: &Stage, client: &mut Client, deed: Deed, mut chance: Chance) {
    let index = client.index;
    {
        let mut model = stage.model();
        model.steps += 1;
        model.tell(|| format!("  client {index}: {deed:?}"));
    }
    match deed {
        Deed::Sync(mode) => sync(stage, client, mode).await,
        Deed::Stage => {
            let scope = chance
                .one_of(&[
                    DeleteScope::Everywhere,
                    DeleteScope::Everywhere,
                    DeleteScope::ServerOnly,
                    DeleteScope::LocalOnly,
                ])
                .unwrap();
            let present = chance.percent(80);
            let rows = stage
                .model()
                .pick_rows(index, &mut chance, |row| !present || row.server == 0);
            {
                let mut model = stage.model();
                for row in &rows {
                    let trash = scope != DeleteScope::ServerOnly;
                    model.staged(index, row, trash, scope != DeleteScope::LocalOnly);
                }
            }
            let rows: Vec<i64> = rows.iter().map(|row| row.id).collect();
            change(stage, client, &rows, Change::Delete(scope)).await;
        }
        Deed::TakeBack | Deed::Flag => {
            let wanted = deed == Deed::TakeBack;
            let rows = stage.model().pick_rows(index, &mut chance, |row| {
                !wanted || row.server != 0 || row.folder == 2
            });
            let changes: &[Change] = if wanted {
                &[Change::Undelete, Change::Unstage]
            } else {
                &[
                    Change::Pinned(true),
                    Change::Pinned(false),
                    Change::Starred(true),
                    Change::Starred(false),
                    Change::Seen(true),
                ]
            };
            let chosen = chance.one_of(changes).unwrap();
            {
                let mut model = stage.model();
                for row in &rows {
                    if matches!(
                        chosen,
                        Change::Undelete | Change::Unstage | Change::Pinned(true)
                    ) {
                        model.taken_back(index, row);
                    }
                    if chosen == Change::Undelete {
                        model.taken_out(index, row.id);
                    }
                }
            }
            let rows: Vec<i64> = rows.iter().map(|row| row.id).collect();
            change(stage, client, &rows, chosen).await;
        }
        Deed::Apply => apply(stage, client, &mut chance).await,
        Deed::Fetch => {
            let rows = stage
                .model()
                .pick_rows(index, &mut chance, |row| row.server <= 2);
            let rows: Vec<i64> = rows.iter().map(|row| row.id).collect();
            if rows.is_empty() {
                return;
            }
            let ticket = Ticket::new();
            let answer = client.ask(
                ticket,
                Command::Fetch {
                    ticket,
                    ids: ids(&rows),
                },
            );
            let answer = answer.await;
            note(stage, index, &answer);
            // A session that a person used is kept for a while; another wish ends that.
            sync(stage, client, SyncMode::Check).await;
        }
        Deed::Open => {
            let rows = stage.model().pick_rows(index, &mut chance, |_| true);
            let Some(row) = rows.first() else { return };
            let ticket = Ticket::new();
            let open = Command::Open {
                ticket,
                id: poppet::mail::MessageId(row.id),
                view: View::Text,
                width: 80,
            };
            let answer = client.ask(ticket, open).await;
            note(stage, index, &answer);
            sync(stage, client, SyncMode::Check).await;
        }
        Deed::Release => {
            let ticket = Ticket::new();
            let account = home();
            let answer = client.ask(ticket, Command::ReleaseBrake { ticket, account });
            let answer = answer.await;
            note(stage, index, &answer);
            stage.model().released(index);
        }
        Deed::Restart => {
            stage.model().watches[index].let_go();
            client.restart().await;
        }
        Deed::Damage => {
            let rows = stage.model().pick_rows(index, &mut chance, |row| {
                matches!(row.known, Known::Whole(_))
            });
            if let Some(row) = rows.first() {
                stage.model().damage(index, row.id);
            }
        }
    }
}

async fn sync(stage: &Stage, client: &mut Client, mode: SyncMode) {
    let index = client.index;
    let (before, expects_nothing) = {
        let mut model = stage.model();
        model.observe(index);
        let fetches = matches!(mode, SyncMode::Full | SyncMode::Headers);
        let watch = &mut model.watches[index];
        watch.doing = Doing {
            syncs: mode == SyncMode::Full,
            ..Doing::default()
        };
        watch.retrieved = 0;
        watch.honest = true;
        watch.listed_now.clear();
        let expects_nothing = fetches && std::mem::take(&mut watch.expects_nothing_new);
        (watch.whole.clone(), expects_nothing)
    };
    let ticket = Ticket::new();
    let answer = client
        .ask(
            ticket,
            Command::Sync {
                ticket,
                accounts: Vec::new(),
                mode,
            },
        )
        .await;
    stage.idle_of(index).await;
    note(stage, index, &answer);
    let mut model = stage.model();
    model.observe(index);
    if expects_nothing {
        let watch = &model.watches[index];
        let new = answer.arrived.len();
        let policy = watch.policy;
        let deletes = policy.wishes_at_sync || policy.rules_by_themselves;
        if new > 0 {
            model.violated(format!(
                "client {index}: {new} messages are shown as new after all names changed"
            ));
        } else if watch.retrieved > 0 && !deletes {
            let retrieved = watch.retrieved;
            model.violated(format!(
                "client {index}: {retrieved} messages are fetched again after all names changed"
            ));
        }
    }
    // What was here whole before is not new under another row.
    let rows: Vec<(usize, i64)> = before.into_iter().collect();
    for (mail, row) in rows {
        let now = model.watches[index].whole.get(&mail).copied();
        if let Some(now) = now
            && now > row
        {
            model.violated(format!(
                "client {index}: mail {mail} was row {row} and is row {now}"
            ));
        }
    }
    if model.watches[index].doing.syncs && answer.problem.is_none() {
        model.everything_is_here(index);
    }
    model.watches[index].doing = Doing::default();
}

async fn change(stage: &Stage, client: &mut Client, rows: &[i64], change: Change) {
    if rows.is_empty() {
        return;
    }
    let ticket = Ticket::new();
    let changes = vec![(ids(rows), change)];
    let answer = client
        .ask(ticket, Command::Change { ticket, changes })
        .await;
    stage.model().tell(|| format!("    {change:?} of {rows:?}"));
    note(stage, client.index, &answer);
}

async fn apply(stage: &Stage, client: &mut Client, chance: &mut Chance) {
    let index = client.index;
    let (all, lose) = {
        let mut model = stage.model();
        model.observe(index);
        let rows = model.pick_rows(index, chance, |row| row.server == 1);
        let lose: Vec<i64> = rows
            .iter()
            .filter(|row| matches!(row.known, Known::Header(..)) && chance.percent(60))
            .map(|row| row.id)
            .collect();
        let watch = &mut model.watches[index];
        watch.doing = Doing {
            agreed: rows.iter().map(|row| (row.id, row.known.clone())).collect(),
            lose: lose.clone(),
            ..Doing::default()
        };
        let all: Vec<i64> = rows.iter().map(|row| row.id).collect();
        model.tell(|| format!("    of {all:?}, to lose {lose:?}"));
        (all, lose)
    };
    if all.is_empty() {
        return;
    }
    let ticket = Ticket::new();
    let answer = client
        .ask(
            ticket,
            Command::Apply {
                ticket,
                ids: ids(&all),
                without_copy: ids(&lose),
            },
        )
        .await;
    stage.idle_of(index).await;
    note(stage, index, &answer);
    let mut model = stage.model();
    model.observe(index);
    model.watches[index].doing = Doing::default();
}

fn note(stage: &Stage, index: usize, answer: &Answer) {
    let mut model = stage.model();
    model.tell(|| format!("    client {index}: {answer:?}"));
    if let Some(problem) = &answer.problem
        && problem.starts_with("no answer")
    {
        model.violated(format!("client {index}: {problem}"));
    }
}

fn deed(chance: &mut Chance) -> Deed {
    chance.weighed(&[
        (36, Deed::Sync(SyncMode::Full)),
        (4, Deed::Sync(SyncMode::Headers)),
        (2, Deed::Sync(SyncMode::Check)),
        (2, Deed::Sync(SyncMode::DryRun)),
        (26, Deed::Stage),
        (3, Deed::TakeBack),
        (5, Deed::Flag),
        (27, Deed::Apply),
        (3, Deed::Fetch),
        (2, Deed::Open),
        (2, Deed::Release),
        (2, Deed::Restart),
        (1, Deed::Damage),
    ])
}

fn meddling(chance: &mut Chance) -> Meddling {
    chance.weighed(&[
        (30, Meddling::Deliver),
        (12, Meddling::DeliverAlike),
        (8, Meddling::DeliverAgain),
        (8, Meddling::DeliverUnderUsedName),
        (10, Meddling::Delete),
        (4, Meddling::DeleteSome),
        (7, Meddling::Rename),
        (6, Meddling::Restore),
        (8, Meddling::Image),
        (3, Meddling::Replace),
        (4, Meddling::Empty),
    ])
}

/// How long a history is.
const TURNS: usize = 60;
const DAY: i64 = 86_400;

//! Takes commands apart: what needs the network goes to the task of its account, everything else is answered from the store.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::account::Account;
use super::clock;
use super::collect::Collector;
use super::errands::{How, Request};
use super::files;
use super::haste::Haste;
use super::open::failed;
use super::probe;
use super::reindex;
use super::secrets::Secrets;
use super::settings::Settings;
use super::start::Options;
use crate::bridge::{Board, Command, Draft, Event, KeepPassword, SyncMode, Ticket};
use crate::config::{self, Config};
use crate::mail::{AccountId, Kind, Problem, Secret};

pub(super) struct Dispatcher {
    pub(super) options: Options,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) collector: Collector,
    board: watch::Sender<Board>,
    haste: Haste,
    pub(super) accounts: HashMap<AccountId, mpsc::Sender<Request>>,
    /// Accounts that could not be started, and why.
    pub(super) unstarted: HashMap<AccountId, Problem>,
    /// What is tried before an account is set up, until its end.
    trials: HashMap<Ticket, AbortHandle>,
    /// Opened attachments live here until the engine ends.
    private: Option<TempDir>,
}

impl Dispatcher {
    pub(super) fn new(
        options: Options,
        haste: Haste,
        events: mpsc::Sender<Event>,
        collector: Collector,
        board: watch::Sender<Board>,
    ) -> Self {
        Self {
            options,
            events,
            collector,
            board,
            haste,
            accounts: HashMap::new(),
            unstarted: HashMap::new(),
            trials: HashMap::new(),
            private: None,
        }
    }

    pub(super) async fn run(mut self, mut incoming: mpsc::Receiver<Command>) {
        for account in self.options.config.accounts.clone() {
            self.start(&account).await;
        }
        // Dropped when the engine is left, which ends the work after the batch that is under way.
        let (_open, until_left) = watch::channel(());
        if self.options.automatic {
            let (store, events) = (self.options.store.clone(), self.events.clone());
            tokio::spawn(reindex::beside(store, events, until_left));
        }
        while let Some(command) = incoming.recv().await {
            self.handle(command).await;
        }
    }

    /// Starts the task of an account.
    async fn start(&mut self, account: &config::Account) {
        let mut settings = Settings::new(
            account,
            self.options.locks.clone(),
            (self.options.automatic, self.options.watched),
        );
        settings.server.haste = self.haste;
        let (requests, incoming) = mpsc::channel(COMMANDS);
        let started = Account::new(
            settings,
            self.options.store.clone(),
            Arc::clone(&self.options.secrets),
            self.options.asker.clone(),
            self.events.clone(),
            self.board.clone(),
            incoming,
        )
        .await;
        match started {
            Ok(task) => {
                tokio::spawn(task.run());
                self.unstarted.remove(&account.id);
                self.accounts.insert(account.id.clone(), requests);
            }
            Err(problem) => {
                self.unstarted.insert(account.id.clone(), problem.clone());
                self.tell(Event::Failed {
                    ticket: None,
                    account: Some(account.id.clone()),
                    problem,
                })
                .await;
            }
        }
    }

    /// Starts what could not be started before: the disk may have room again.
    async fn start_the_rest(&mut self) {
        for account in self.options.config.accounts.clone() {
            if self.unstarted.contains_key(&account.id) {
                self.start(&account).await;
            }
        }
    }

    async fn handle(&mut self, command: Command) {
        match command {
            Command::List { ticket, request } => self.list(ticket, request),
            Command::Search { ticket, request } => self.search(ticket, &request),
            Command::Thread { ticket, thread } => self.thread(ticket, thread),
            Command::Summaries { ticket, ids } => self.summaries(ticket, ids),
            Command::Open {
                ticket,
                id,
                view,
                width,
            } => self.want(ticket, id, How::Open { view, width }).await,
            Command::Preview {
                ticket,
                id,
                view,
                width,
            } => self.preview(ticket, id, How::Open { view, width }),
            Command::Peek {
                ticket,
                id,
                lines,
                width,
            } => {
                self.want(ticket, id, How::Peek { lines, width }).await;
            }
            Command::Fetch { ticket, ids } => self.fetch(ticket, ids).await,
            Command::Change { ticket, changes } => {
                let pending = self.options.store.change(changes, clock::now());
                self.answer(ticket, async move {
                    Ok(Event::Changed {
                        ticket: Some(ticket),
                        messages: pending.await?,
                    })
                });
            }
            Command::Sync {
                ticket,
                accounts,
                mode,
            } => {
                self.start_the_rest().await;
                self.sync(ticket, &accounts, mode).await;
            }
            Command::Pending { ticket } => self.pending(ticket),
            Command::Apply {
                ticket,
                ids,
                without_copy,
            } => self.apply(ticket, ids, without_copy).await,
            Command::ReleaseBrake { ticket, account } => {
                self.request(ticket, &account, Request::ReleaseBrake(ticket))
                    .await;
            }
            Command::LetRulesRun { ticket, account } => {
                self.write_rules_run(ticket, &account).await;
            }
            Command::KeepSearch { ticket, text, on } => {
                self.write_search(ticket, text, on).await;
            }
            Command::Foretell { ticket, account } => {
                self.request(ticket, &account, Request::Foretell(ticket))
                    .await;
            }
            Command::Save {
                ticket,
                id,
                parts,
                folder,
            } => self.save(ticket, id, parts, folder),
            Command::Look { ids } => {
                for requests in self.accounts.values() {
                    let _ = requests.try_send(Request::Look(ids.clone()));
                }
            }
            Command::Cancel { ticket } => {
                if let Some(trial) = ticket.and_then(|ticket| self.trials.remove(&ticket)) {
                    trial.abort();
                    return;
                }
                for requests in self.accounts.values() {
                    let _ = requests.try_send(Request::Cancel(ticket));
                }
            }
            Command::Test { ticket, draft } => {
                let secrets = Arc::clone(&self.options.secrets);
                let events = self.events.clone();
                self.try_out(ticket, async move {
                    probe::test(ticket, *draft, &secrets, &events).await;
                });
            }
            Command::TryPasswordCommand {
                ticket,
                account,
                words,
            } => {
                let secrets = Arc::clone(&self.options.secrets);
                let events = self.events.clone();
                self.try_out(ticket, async move {
                    let event = match secrets.printed(&account, &words).await {
                        Ok(_) => Event::Done { ticket },
                        Err(problem) => failed(ticket, problem),
                    };
                    let _ = events.send(event).await;
                });
            }
            Command::AddAccount { ticket, draft } => {
                let event = match self.add(*draft).await {
                    Ok(()) => Event::Done { ticket },
                    Err(problem) => failed(ticket, problem),
                };
                self.tell(event).await;
            }
            Command::Password {
                ticket,
                account,
                password,
                keep,
            } => {
                // A keyring may ask to be unlocked: nothing else waits for that.
                let secrets = Arc::clone(&self.options.secrets);
                let requests = self.accounts.get(&account).cloned();
                self.answer(ticket, async move {
                    keep_password(&secrets, &account, password, keep).await?;
                    // The ticket ends with the keeping. Nobody waits for the check that follows: what it finds is told as
                    // of any check that poppet makes by itself, and so is its failure.
                    if let Some(requests) = requests {
                        let mode = SyncMode::Full;
                        let _ = requests.try_send(Request::Sync { ticket: None, mode });
                    }
                    Ok(Event::Done { ticket })
                });
            }
        }
    }

    /// A folder only the user can read, emptied when the engine ends. A new one inside it for each use, so that names
    /// stay as they are.
    pub(super) fn private_folder(&mut self) -> Result<PathBuf, Problem> {
        let unusable = |error: std::io::Error| {
            Problem::new(
                Kind::Store,
                "There is no room for temporary files",
                error.to_string(),
                "Save the attachment into a folder instead.",
            )
        };
        if self.private.is_none() {
            self.private = Some(files::private("poppet-").tempdir().map_err(unusable)?);
        }
        let within = self.private.as_ref();
        let within = within.map(|folder| files::private("").tempdir_in(folder.path()));
        match within {
            Some(Ok(folder)) => Ok(folder.keep()),
            Some(Err(error)) => Err(unusable(error)),
            None => Err(unusable(std::io::ErrorKind::NotFound.into())),
        }
    }

    /// Writes an account into the configuration, keeps its password, and starts it.
    async fn add(&mut self, draft: Draft) -> Result<(), Problem> {
        let account = draft.account.clone();
        let new = probe::new_account(&draft)?;
        // The password first: an account whose password was not kept would only fail.
        if let Some(password) = draft.password {
            match draft.keep_password {
                KeepPassword::Keyring => {
                    keep_password(&self.options.secrets, &account, password, true).await?;
                }
                KeepPassword::Ask => {
                    keep_password(&self.options.secrets, &account, password, false).await?;
                }
                KeepPassword::Command(_) => {}
            }
        }
        let path = self.options.config_file.clone();
        let look = [("theme", draft.look.theme), ("keys", draft.look.keys)];
        let config = tokio::task::spawn_blocking(move || {
            for (key, value) in look {
                if let Some(value) = value {
                    config::edit::set_key(&path, &[key], &config::edit::quoted(value))?;
                }
            }
            config::edit::add_account(&path, &new)?;
            Config::load(&path)
        })
        .await
        .map_err(|error| {
            Problem::new(
                Kind::Config,
                "The configuration was not written",
                error.to_string(),
                "Try again.",
            )
        })??;
        let settings = config.account(&account).cloned().ok_or_else(|| {
            no_account("the account is not in the configuration that was just written")
        })?;
        self.options.config = config;
        self.start(&settings).await;
        Ok(())
    }

    /// Tries something until it ends or is cancelled.
    fn try_out(&mut self, ticket: Ticket, trial: impl Future<Output = ()> + Send + 'static) {
        self.trials.retain(|_, trial| !trial.is_finished());
        let trial = tokio::spawn(trial);
        self.trials.insert(ticket, trial.abort_handle());
    }

    /// Finds an answer beside the queue of commands.
    pub(super) fn answer(
        &self,
        ticket: Ticket,
        answer: impl Future<Output = Result<Event, Problem>> + Send + 'static,
    ) {
        let events = self.events.clone();
        tokio::spawn(async move {
            let event = answer
                .await
                .unwrap_or_else(|problem| failed(ticket, problem));
            let _ = events.send(event).await;
        });
    }

    pub(super) async fn tell(&self, event: Event) {
        let _ = self.events.send(event).await;
    }
}

/// Remembers a password while poppet runs, and keeps it in the keyring if it is to be kept.
async fn keep_password(
    secrets: &Secrets,
    account: &AccountId,
    password: Secret,
    keep: bool,
) -> Result<(), Problem> {
    if keep {
        return secrets.store(account, &password).await;
    }
    secrets.remember(account, password);
    Ok(())
}

pub(super) fn no_account(why: &str) -> Problem {
    Problem::new(
        Kind::Config,
        "There is no such account",
        why,
        "`poppet account list` prints those that there are; `poppet account add` sets one up.",
    )
}

pub(super) const COMMANDS: usize = 256;

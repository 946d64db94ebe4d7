//! A person with an account: a configuration, a store and an engine, without a server of their own.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{
    AccountState, Command, Draft, Event, KeepPassword, SyncMode, SyncReport, SyncStep, TestStep,
    Ticket,
};
use poppet::config::Config;
use poppet::mail::{AccountId, MessageSummary, Problem, Secret};
use poppet::store::{Listing, Store};
use tempfile::TempDir;

use crate::house::home;

pub(crate) struct Person {
    pub engine: Engine,
    pub store: Store,
    folder: TempDir,
}

/// The password of every account here: not to be found anywhere else by chance.
pub(crate) const PASSWORD: &str = "brine-7731-kelp";

impl Person {
    /// With the account `home` on this port of loopback; `lines` are more lines of its section `pop3`.
    pub(crate) fn at(port: u16, lines: &str) -> Self {
        Self::of(&account("home", "127.0.0.1", port, lines), false)
    }

    /// The same, and the account checks by itself, at once and then every quarter of an hour.
    pub(crate) fn automatic(port: u16, lines: &str) -> Self {
        let every = "[accounts.home.download]\ncheck_every = \"15 min\"\n";
        Self::of(&(account("home", "127.0.0.1", port, lines) + every), true)
    }

    pub(crate) fn of(text: &str, automatic: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("mail.db")).unwrap();
        let engine = engine(text, &store, folder.path(), automatic);
        Self {
            engine,
            store,
            folder,
        }
    }

    /// The same person after another look at the configuration.
    pub(crate) fn changes(self, text: &str) -> Self {
        let engine = engine(text, &self.store, self.folder.path(), false);
        Self { engine, ..self }
    }

    pub(crate) async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(Duration::from_mins(1), self.engine.events.recv()).await;
        event.expect("the engine answers").expect("the engine runs")
    }

    pub(crate) async fn sync(&mut self) -> Result<SyncReport, Problem> {
        self.sync_of(None).await
    }

    pub(crate) async fn sync_of(&mut self, account: Option<&str>) -> Result<SyncReport, Problem> {
        let ticket = Ticket::new();
        let accounts = account.map(|name| AccountId::new(name).unwrap());
        let sync = Command::Sync {
            ticket,
            accounts: accounts.into_iter().collect(),
            mode: SyncMode::Full,
        };
        self.engine.commands.send(sync).await.unwrap();
        let mut report = SyncReport::default();
        loop {
            match self.event().await {
                Event::Synced {
                    ticket: whose,
                    step: SyncStep::Done(done),
                    ..
                } if whose == ticket => report = done,
                Event::Done { ticket: whose } if whose == ticket => return Ok(report),
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return Err(problem),
                _ => {}
            }
        }
    }

    /// The account's state when a sync has ended, well or not.
    pub(crate) async fn state_after_sync(&mut self) -> AccountState {
        let ticket = Ticket::new();
        let sync = Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode: SyncMode::Full,
        };
        self.engine.commands.send(sync).await.unwrap();
        let mut state = None;
        loop {
            match self.event().await {
                Event::Account(now) => state = Some(*now),
                Event::Done { ticket: whose } if whose == ticket => return state.unwrap(),
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => panic!("{problem}"),
                _ => {}
            }
        }
    }

    /// The live test of a set-up: its steps, and how it ended.
    pub(crate) async fn test(&mut self, draft: Draft) -> (Vec<TestStep>, Result<(), Problem>) {
        let ticket = Ticket::new();
        let draft = Box::new(draft);
        let test = Command::Test { ticket, draft };
        self.engine.commands.send(test).await.unwrap();
        let mut steps = Vec::new();
        loop {
            match self.event().await {
                Event::Tested {
                    ticket: whose,
                    step,
                } if whose == ticket => steps.push(step),
                Event::Done { ticket: whose } if whose == ticket => return (steps, Ok(())),
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return (steps, Err(problem)),
                _ => {}
            }
        }
    }

    pub(crate) async fn rows(&self) -> Vec<MessageSummary> {
        self.store.list(Listing::default()).await.unwrap().rows
    }
}

fn engine(text: &str, store: &Store, folder: &Path, automatic: bool) -> Engine {
    engine_with(text, store, folder, automatic, PASSWORD)
}

/// An engine of this configuration, which has this password for every account.
pub(crate) fn engine_with(
    text: &str,
    store: &Store,
    folder: &Path,
    automatic: bool,
    password: &str,
) -> Engine {
    let config_file = folder.join("config.toml");
    let config = Config::parse(text, &config_file).unwrap();
    let secrets = Secrets::new(Keyring::new());
    for account in &config.accounts {
        secrets.remember(&account.id, Secret::new(password.to_owned()));
    }
    Engine::start(Options {
        config,
        config_file,
        store: store.clone(),
        locks: folder.join("locks"),
        secrets: Arc::new(secrets),
        asker: None,
        automatic,
        watched: true,
    })
}

/// An account of the configuration.
pub(crate) fn account(name: &str, host: &str, port: u16, lines: &str) -> String {
    format!(
        "[accounts.{name}]\nemail = \"sam@demo.example\"\n\n[accounts.{name}.pop3]\nhost = \"{host}\"\nport = {port}\n\
         user = \"{name}\"\n{lines}\n\n"
    )
}

/// The same account as a set-up describes it.
pub(crate) fn draft(port: u16, tls: &str) -> Draft {
    Draft {
        account: home(),
        email: "sam@demo.example".to_owned(),
        name: String::new(),
        host: "127.0.0.1".to_owned(),
        port,
        tls: tls.to_owned(),
        allow_cleartext: false,
        user: "home".to_owned(),
        auth: "auto".to_owned(),
        password: Some(Secret::new(PASSWORD.to_owned())),
        keep_password: KeepPassword::Ask,
        keep: "\"until-deleted\"".to_owned(),
        bodies: "\"all\"".to_owned(),
        quota: None,
        ca_file: None,
        pin: None,
        look: poppet::bridge::Look::default(),
    }
}

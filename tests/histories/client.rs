//! A client: a store, an engine, and a configuration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, Ticket};
use poppet::config::Config;
use poppet::mail::{AccountId, MessageId, Secret};
use poppet::store::Store;
use tempfile::TempDir;

use crate::watch::{Bodies, Keep, Policy};

pub(crate) struct Client {
    pub(crate) index: usize,
    folder: TempDir,
    config: Config,
    watched: bool,
    store: Option<Store>,
    engine: Option<Engine>,
}

/// What came of a command.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Why it failed.
    pub(crate) problem: Option<String>,
    /// Rows that were shown as new, and what they were.
    pub(crate) arrived: Vec<i64>,
}

impl Client {
    pub(crate) fn new(index: usize, address: SocketAddr, policy: &Policy, watched: bool) -> Self {
        let mut builder = tempfile::Builder::new();
        let builder = builder.prefix("poppet-history-");
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            builder.tempdir_in(memory).unwrap()
        } else {
            builder.tempdir().unwrap()
        };
        let keep = match policy.keep {
            Keep::All => "\"until-deleted\"".to_owned(),
            Keep::UntilDownloaded => "\"until-downloaded\"".to_owned(),
            Keep::Days(days) => format!("{{ days = {days} }}"),
            Keep::Newest(count) => format!("{{ newest = {count} }}"),
            Keep::Octets(octets) => format!("{{ size = \"{octets} B\" }}"),
        };
        let bodies = match policy.bodies {
            Bodies::All => "\"all\"".to_owned(),
            Bodies::None => "\"none\"".to_owned(),
            Bodies::UpTo(octets) => format!("{{ up_to = \"{octets} B\" }}"),
        };
        let text = format!(
            "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"{}\"\nport = {}\ntls = \"none\"\nuser = \"c{index}\"\n\n[accounts.home.server]\nkeep = {keep}\ngrace = \"0 days\"\ndelete = \"{}\"\nrules_delete = \"{}\"\n\n[accounts.home.download]\nbodies = {bodies}\n",
            address.ip(),
            address.port(),
            if policy.wishes_at_sync { "sync" } else { "ask" },
            if policy.rules_by_themselves {
                "auto"
            } else {
                "review"
            },
        );
        let config = Config::parse(&text, &folder.path().join("config.toml")).unwrap();
        let mut client = Self {
            index,
            folder,
            config,
            watched,
            store: None,
            engine: None,
        };
        client.start();
        client
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("mail.db")
    }

    fn start(&mut self) {
        let store = Store::open(&self.file()).unwrap();
        let secrets = Secrets::new(Keyring::new());
        secrets.remember(&home(), Secret::new("secret".to_owned()));
        self.engine = Some(Engine::start(Options {
            config: self.config.clone(),
            config_file: self.folder.path().join("config.toml"),
            store: store.clone(),
            locks: self.folder.path().join("locks"),
            secrets: Arc::new(secrets),
            asker: None,
            automatic: false,
            watched: self.watched,
        }));
        self.store = Some(store);
    }

    /// Ends the engine and closes the store.
    pub(crate) async fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            let mut events = engine.events;
            drop(engine.commands);
            while events.recv().await.is_some() {}
        }
        if let Some(store) = self.store.take() {
            store.close().unwrap();
        }
    }

    pub(crate) async fn restart(&mut self) {
        self.stop().await;
        self.start();
    }

    /// Sends a command and waits for its end.
    pub(crate) async fn ask(&mut self, ticket: Ticket, command: Command) -> Answer {
        let engine = self.engine.as_mut().unwrap();
        engine.commands.send(command).await.unwrap();
        let mut answer = Answer::default();
        loop {
            let event = tokio::time::timeout(PATIENCE, engine.events.recv()).await;
            let Ok(Some(event)) = event else {
                answer.problem = Some(format!("no answer: {event:?}"));
                return answer;
            };
            let whose = match event {
                Event::Arrived { messages } => {
                    answer.arrived.extend(messages.iter().map(|row| row.id.0));
                    continue;
                }
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => {
                    answer.problem = Some(format!("{}: {}", problem.what, problem.why));
                    return answer;
                }
                Event::Opened { ticket, .. }
                | Event::Done { ticket }
                | Event::Applied { ticket, .. }
                | Event::Changed {
                    ticket: Some(ticket),
                    ..
                } => ticket,
                _ => continue,
            };
            if whose == ticket {
                return answer;
            }
        }
    }
}

pub(crate) fn home() -> AccountId {
    AccountId::new("home").unwrap()
}

pub(crate) fn ids(rows: &[i64]) -> Vec<MessageId> {
    rows.iter().copied().map(MessageId).collect()
}

const PATIENCE: Duration = Duration::from_mins(1);

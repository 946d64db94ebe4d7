//! An engine with one account, whose server is behind a port of the loopback.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use poppet::config::Config;
use poppet::mail::{AccountId, Local, MessageId, MessageSummary, Problem, Secret};
use poppet::store::{Listing, Store};
use tempfile::TempDir;

/// How the account says that its server is to be reached and logged in to.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) host: &'static str,
    /// `implicit`, `starttls` or `none`.
    pub(crate) tls: &'static str,
    pub(crate) auth: &'static str,
    pub(crate) user: &'static str,
    pub(crate) password: &'static str,
    pub(crate) ca_file: Option<PathBuf>,
}

impl Settings {
    /// Over this kind of TLS, trusting what is in `ca_file`.
    pub(crate) fn encrypted(tls: &'static str, ca_file: PathBuf) -> Self {
        Self {
            host: "localhost",
            tls,
            ca_file: Some(ca_file),
            ..Self::clear()
        }
    }

    /// Without TLS.
    pub(crate) fn clear() -> Self {
        Self {
            host: "127.0.0.1",
            tls: "none",
            auth: "auto",
            user: "user",
            password: "secret",
            ca_file: None,
        }
    }

    fn toml(&self, port: u16) -> String {
        let Self {
            host,
            tls,
            auth,
            user,
            ..
        } = self;
        let ca_file = self
            .ca_file
            .as_ref()
            .map(|file| format!("ca_file = \"{}\"\n", file.display()))
            .unwrap_or_default();
        format!(
            "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"{host}\"\nport = {port}\n\
             tls = \"{tls}\"\nauth = \"{auth}\"\nuser = \"{user}\"\n{ca_file}"
        )
    }
}

/// The engine, its store and what they lie in.
pub(crate) struct Client {
    pub(crate) store: Store,
    engine: Engine,
    _folder: TempDir,
}

impl Client {
    pub(crate) fn new(settings: &Settings, port: u16) -> Self {
        let folder = scratch();
        let store = Store::open(&folder.path().join("mail.db")).unwrap();
        let config_file = folder.path().join("config.toml");
        let config = Config::parse(&settings.toml(port), &config_file).unwrap();
        let secrets = Secrets::new(Keyring::new());
        secrets.remember(
            &AccountId::new("home").unwrap(),
            Secret::new(settings.password.to_owned()),
        );
        let engine = Engine::start(Options {
            config,
            config_file,
            store: store.clone(),
            locks: folder.path().join("locks"),
            secrets: Arc::new(secrets),
            asker: None,
            automatic: false,
            watched: false,
        });
        Self {
            store,
            engine,
            _folder: folder,
        }
    }

    /// Downloads all mail; the problem that a person would be shown when it fails.
    pub(crate) async fn sync(&mut self) -> Result<SyncReport, Problem> {
        let ticket = Ticket::new();
        let sync = Command::Sync {
            ticket,
            accounts: Vec::new(),
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

    /// What the engine says next. It answers within a minute, or it has gone wrong.
    async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(Duration::from_mins(1), self.engine.events.recv()).await;
        event.expect("the engine answers").expect("the engine runs")
    }

    pub(crate) async fn rows(&self) -> Vec<MessageSummary> {
        self.store.list(Listing::default()).await.unwrap().rows
    }

    /// The octets of each message that is here whole.
    pub(crate) async fn octets(&self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        for row in self.rows().await {
            all.extend(self.whole(row.id).await);
        }
        all
    }

    async fn whole(&self, id: MessageId) -> Option<Vec<u8>> {
        let (extent, octets) = self.store.octets(id).await.unwrap()?;
        (extent == Local::Full).then_some(octets)
    }
}

/// Fails unless a problem says what happened, why, and what to do.
#[track_caller]
pub(crate) fn assert_clear(problem: &Problem, name: &str) {
    for text in [&problem.what, &problem.why, &problem.remedy] {
        assert!(!text.trim().is_empty(), "{name}: {problem:?}");
        assert!(
            text.chars().all(|c| !c.is_control()),
            "{name}: a control character in {text:?}"
        );
    }
}

/// A temporary folder where writing through to the disk costs little.
pub(crate) fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

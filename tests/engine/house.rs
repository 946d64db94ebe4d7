//! A server with mail, a store on the disk and an engine between them.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::ZonedDateTime;
use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use poppet::config::Config;
use poppet::demo::{self, Maildrop, Quirks, Server, ServerOptions};
use poppet::mail::{
    AccountId, Change, DeleteScope, Local, MessageId, MessageSummary, Problem, Secret,
    Server as Copy,
};
use poppet::store::{Listing, Store};
use tempfile::TempDir;

/// A server with mail, a store in a temporary folder, and an engine between them.
pub(crate) struct House {
    pub server: Server,
    pub store: Store,
    pub engine: Engine,
    pub folder: TempDir,
}

impl House {
    pub(crate) fn new(maildrop: Maildrop, quirks: Quirks) -> Self {
        Self::with(maildrop, quirks, "")
    }

    pub(crate) fn with(maildrop: Maildrop, quirks: Quirks, more: &str) -> Self {
        let mut options = ServerOptions::new(maildrop);
        options.quirks = quirks;
        Self::serving(options, more)
    }

    /// With a server whose every answer takes so long.
    pub(crate) fn with_latency(maildrop: Maildrop, latency: Duration) -> Self {
        let mut options = ServerOptions::new(maildrop);
        options.latency = latency;
        Self::serving(options, "")
    }

    /// With an engine that checks by itself, at once and then every quarter of an hour.
    pub(crate) fn automatic(quirks: Quirks) -> Self {
        let mut options = ServerOptions::new(letters(3));
        options.quirks = quirks;
        let every = "[accounts.home.download]\ncheck_every = \"15 min\"\n";
        Self::start(options, every, (true, true))
    }

    pub(crate) fn serving(options: ServerOptions, more: &str) -> Self {
        Self::start(options, more, (false, true))
    }

    /// With an engine of a command, at which nobody looks.
    pub(crate) fn unwatched(options: ServerOptions, more: &str) -> Self {
        Self::start(options, more, (false, false))
    }

    fn start(options: ServerOptions, more: &str, manner: (bool, bool)) -> Self {
        let server = Server::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("mail.db")).unwrap();
        let engine = engine_behind(server.address().port(), &store, &folder, more, manner);
        Self {
            server,
            store,
            engine,
            folder,
        }
    }

    /// Starts the engine anew with another configuration.
    pub(crate) async fn reconfigure(&mut self, more: &str) {
        self.start_anew(more, (false, true)).await;
    }

    /// Starts an engine anew that checks by itself, as the reader has it.
    pub(crate) async fn reopen(&mut self) {
        self.start_anew("", (true, true)).await;
    }

    async fn start_anew(&mut self, more: &str, manner: (bool, bool)) {
        let port = self.server.address().port();
        let engine = engine_behind(port, &self.store, &self.folder, more, manner);
        let before = std::mem::replace(&mut self.engine, engine);
        ended(before).await;
    }

    pub(crate) async fn send(&self, command: Command) {
        self.engine.commands.send(command).await.unwrap();
    }

    pub(crate) async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(Duration::from_mins(1), self.engine.events.recv()).await;
        event.expect("the engine answers").expect("the engine runs")
    }

    pub(crate) async fn sync_as(&mut self, mode: SyncMode) -> Result<SyncReport, Problem> {
        let ticket = Ticket::new();
        self.send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode,
        })
        .await;
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

    pub(crate) async fn sync(&mut self) -> Result<SyncReport, Problem> {
        self.sync_as(SyncMode::Full).await
    }

    /// The end of a ticket: `Err` when it failed.
    pub(crate) async fn end(&mut self, ticket: Ticket) -> Result<Event, Problem> {
        loop {
            match self.event().await {
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return Err(problem),
                event => {
                    let whose = match &event {
                        Event::Opened { ticket, .. }
                        | Event::Done { ticket }
                        | Event::Pending { ticket, .. }
                        | Event::Applied { ticket, .. }
                        | Event::Saved { ticket, .. }
                        | Event::Foretold { ticket, .. }
                        | Event::Changed {
                            ticket: Some(ticket),
                            ..
                        } => *ticket,
                        _ => continue,
                    };
                    if whose == ticket {
                        return Ok(event);
                    }
                }
            }
        }
    }

    /// How many commands with this verb the server was sent.
    pub(crate) fn sent(&self, verb: &str) -> usize {
        let commands = self.server.maildrop().commands();
        let of_verb = |command: &&String| command.split(' ').next() == Some(verb);
        commands.iter().filter(of_verb).count()
    }

    /// What is known of the server's copy of a message.
    pub(crate) async fn copy(&self, message: MessageId) -> Copy {
        self.store.summaries(vec![message]).await.unwrap()[0].server
    }

    pub(crate) async fn rows(&self) -> Vec<MessageSummary> {
        self.store.list(Listing::default()).await.unwrap().rows
    }

    pub(crate) async fn stage(&mut self, ids: &[MessageId]) {
        let ticket = Ticket::new();
        self.send(Command::Change {
            ticket,
            changes: vec![(ids.to_vec(), Change::Delete(DeleteScope::Everywhere))],
        })
        .await;
        self.end(ticket).await.unwrap();
    }

    pub(crate) async fn apply(
        &mut self,
        ids: &[MessageId],
        lose: &[MessageId],
    ) -> Result<Applied, Problem> {
        let ticket = Ticket::new();
        self.send(Command::Apply {
            ticket,
            ids: ids.to_vec(),
            without_copy: lose.to_vec(),
        })
        .await;
        match self.end(ticket).await? {
            Event::Applied {
                deleted,
                unconfirmed,
                refused,
                ..
            } => Ok(Applied {
                deleted,
                unconfirmed,
                refused,
            }),
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// Changes an octet of what is stored of a message, as a failing disk would.
    pub(crate) fn damage(&self, id: MessageId) {
        let other = rusqlite::Connection::open(self.store.path()).unwrap();
        let octets: Vec<u8> = other
            .query_row(
                "SELECT octets FROM octets WHERE message = ?1",
                [id.0],
                |row| row.get(0),
            )
            .unwrap();
        let mut damaged = octets;
        damaged[10] ^= 1;
        let done = other.execute(
            "UPDATE octets SET octets = ?2 WHERE message = ?1",
            rusqlite::params![id.0, damaged],
        );
        assert_eq!(done.unwrap(), 1);
    }

    /// Every message that the server holds is here, octet for octet, and nothing is here twice.
    pub(crate) async fn assert_all_stored(&self) {
        let rows = self.rows().await;
        let mut here = HashSet::new();
        for row in &rows {
            assert_eq!(row.local, Local::Full, "{} is not whole", row.subject);
            let (extent, octets) = self.store.octets(row.id).await.unwrap().unwrap();
            assert_eq!(extent, Local::Full);
            assert!(here.insert(octets), "{} is here twice", row.subject);
        }
        for message in self.server.maildrop().messages() {
            assert!(
                here.contains(&message.to_vec()),
                "a message of the server is not here"
            );
        }
    }
}

#[derive(Debug)]
pub(crate) struct Applied {
    pub deleted: Vec<MessageId>,
    pub unconfirmed: Vec<MessageId>,
    pub refused: Vec<(MessageId, String)>,
}

/// Leaves an engine and waits until its work has ended.
pub(crate) async fn ended(engine: Engine) {
    let Engine {
        commands,
        mut events,
        ..
    } = engine;
    drop(commands);
    let ended = async { while events.recv().await.is_some() {} };
    let ended = tokio::time::timeout(Duration::from_mins(1), ended).await;
    ended.expect("the engine ends");
}

/// Waits until it is so, a minute at most.
pub(crate) async fn until(so: impl Fn() -> bool) {
    let waited = async {
        while !so() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waited).await;
    waited.expect("it comes to pass");
}

pub(crate) fn home() -> AccountId {
    AccountId::new("home").unwrap()
}

/// An engine whose server is behind this port of loopback.
pub(crate) fn engine_at(port: u16, store: &Store, folder: &TempDir) -> Engine {
    engine_behind(port, store, folder, "", (false, true))
}

fn engine_behind(
    port: u16,
    store: &Store,
    folder: &TempDir,
    more: &str,
    (automatic, watched): (bool, bool),
) -> Engine {
    let text = format!(
        "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"demo\"\n\n{more}"
    );
    let config_file = folder.path().join("config.toml");
    let config = Config::parse(&text, &config_file).unwrap();
    let secrets = Secrets::new(Keyring::new());
    secrets.remember(&home(), Secret::new("demo".to_owned()));
    Engine::start(Options {
        config,
        config_file,
        store: store.clone(),
        locks: folder.path().join("locks"),
        secrets: Arc::new(secrets),
        asker: None,
        automatic,
        watched,
    })
}

pub(crate) fn letters(count: u32) -> Maildrop {
    demo::generated(count, 7, &ZonedDateTime::now())
}

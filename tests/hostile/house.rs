//! A hostile server, a store in memory that outlives engines, and what has to be true in the end.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Haste, Options};
use poppet::bridge::{Command, Event, SyncMode, SyncReport, SyncStep, Ticket};
use poppet::config::Config;
use poppet::demo::{Maildrop, Message, Removal};
use poppet::mail::{
    AccountId, Change, DeleteScope, Folder, Local, MessageId, MessageSummary, Problem, Secret,
    Server as Copy,
};
use poppet::store::{Listing, Store};
use tempfile::TempDir;
use tokio_native_tls::TlsAcceptor;

use crate::server::Hostile;
use crate::server::behaviour::Behaviour;
use crate::support::certificates::{Authority, Shown};

/// How the client reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    /// TLS from the first octet on.
    Tls,
    /// TLS by STLS.
    Stls,
}

/// A server and a store, and between them one engine after the other.
pub(crate) struct House {
    pub(crate) server: Hostile,
    transport: Transport,
    folder: TempDir,
    more: String,
    /// What the maildrop held in the beginning, under its names there.
    start: Vec<(Vec<u8>, Vec<u8>)>,
    /// Messages that may be deleted on the server, by their names there.
    permitted: HashSet<Vec<u8>>,
}

/// An engine at work on the store.
pub(crate) struct Run {
    pub(crate) store: Store,
    engine: Engine,
}

impl House {
    pub(crate) fn new(maildrop: &Maildrop, behaviour: Behaviour) -> Self {
        Self::reached_by(Transport::Plain, maildrop, behaviour)
    }

    pub(crate) fn reached_by(
        transport: Transport,
        maildrop: &Maildrop,
        behaviour: Behaviour,
    ) -> Self {
        let acceptor = (transport != Transport::Plain).then(|| PARTS.acceptor.clone());
        let implicit = transport == Transport::Tls;
        let octets = maildrop
            .messages()
            .into_iter()
            .map(|message| message.to_vec());
        let folder = in_memory();
        if acceptor.is_some() {
            std::fs::write(folder.path().join(AUTHORITY), &PARTS.authority).expect("a file");
        }
        Self {
            start: maildrop.uidls().into_iter().zip(octets).collect(),
            server: Hostile::start_with(maildrop, behaviour, acceptor, implicit),
            transport,
            folder,
            more: String::new(),
            permitted: HashSet::new(),
        }
    }

    /// With more lines of configuration.
    #[must_use]
    pub(crate) fn configured(mut self, more: &str) -> Self {
        more.clone_into(&mut self.more);
        self
    }

    /// Begins with a copy of a store that another house has left.
    #[must_use]
    pub(crate) fn with_store(self, image: &Image) -> Self {
        std::fs::write(self.file(), &image.0).expect("a copy of the store");
        self
    }

    /// Mail comes.
    pub(crate) fn deliver(&mut self, octets: &[u8]) {
        let uidl = self.server.maildrop().deliver(octets);
        self.start.push((uidl, octets.to_vec()));
    }

    /// These may be deleted on the server.
    pub(crate) fn permit(&mut self, uidls: impl IntoIterator<Item = Vec<u8>>) {
        self.permitted.extend(uidls);
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("mail.db")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the store and starts an engine on it.
    pub(crate) fn run(&self, haste: Haste) -> Run {
        let store = Store::open(&self.file()).expect("a store that opens");
        let port = self.server.address.port();
        let authority = self.folder.path().join(AUTHORITY);
        let authority = authority.display();
        let tls = match self.transport {
            Transport::Plain => "tls = \"none\"".to_owned(),
            Transport::Tls => format!("tls = \"implicit\"\nca_file = \"{authority}\""),
            Transport::Stls => format!("tls = \"starttls\"\nca_file = \"{authority}\""),
        };
        let text = format!(
            "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\n{tls}\nuser = \"demo\"\n\n{}",
            self.more
        );
        let config_file = self.folder.path().join("config.toml");
        let config = Config::parse(&text, &config_file).expect("a configuration");
        let secrets = Secrets::new(Keyring::new());
        secrets.remember(&home(), Secret::new("demo".to_owned()));
        let options = Options {
            config,
            config_file,
            store: store.clone(),
            locks: self.folder.path().join("locks"),
            secrets: Arc::new(secrets),
            asker: None,
            automatic: false,
            watched: true,
        };
        Run {
            store,
            engine: Engine::start_in_haste(options, haste),
        }
    }

    /// An engine with the usual patience.
    pub(crate) fn good_run(&self) -> Run {
        self.run(Haste::default())
    }

    /// Gives the store away for houses to begin with.
    pub(crate) async fn into_image(self, run: Run) -> Image {
        run.end().await;
        let store = Store::open(&self.file()).expect("a store that opens");
        store.close().expect("a store that closes");
        Image(std::fs::read(self.file()).expect("the store"))
    }

    /// What has to be true whatever happened: says what is not.
    ///
    /// Every message of the beginning is on the server or here in full, as it was; nothing is here twice; nothing that is here
    /// in full is anything else; only what was permitted was deleted; and no client did what it must not.
    pub(crate) async fn wrongs(&self, run: &Run) -> Vec<String> {
        let mut wrongs = self.server.violations();
        let rows = run.rows().await;
        let mut here = HashMap::new();
        for row in rows.iter().filter(|row| row.local == Local::Full) {
            let octets = run.octets(row.id).await;
            // From a server that ends lines with LF alone, that is what has come.
            let known = self
                .start
                .iter()
                .any(|(_, start)| *start == octets || line_feeds(start) == octets)
                || self.on_server().contains(&octets);
            if !known {
                wrongs.push(format!(
                    "{} is whole here and never was so there",
                    row.subject
                ));
            }
            if here.insert(octets, row.id).is_some() {
                wrongs.push(format!("{} is here twice", row.subject));
            }
        }
        let there = self.on_server();
        for (uidl, octets) in &self.start {
            if !there.contains(octets) && !here.contains_key(octets) {
                wrongs.push(format!("{} is lost", uidl.escape_ascii()));
            }
        }
        let deleted = self.server.maildrop().removed();
        for removed in &deleted {
            if matches!(removed.by, Removal::Deleted(_)) && !self.permitted.contains(&removed.uidl)
            {
                wrongs.push(format!("{} was deleted", removed.uidl.escape_ascii()));
            }
        }
        wrongs
    }

    fn on_server(&self) -> HashSet<Vec<u8>> {
        let messages = self.server.maildrop().messages();
        messages.iter().map(Message::to_vec).collect()
    }

    /// How many commands with this verb the server was sent, in the log from here on.
    pub(crate) fn sent(&self, verb: &str, from: usize) -> usize {
        let commands = self.server.register().commands();
        let of_verb = |command: &&String| command.split(' ').next() == Some(verb);
        commands.iter().skip(from).filter(of_verb).count()
    }

    /// How many commands were sent so far.
    pub(crate) fn mark(&self) -> usize {
        self.server.register().commands().len()
    }
}

impl Run {
    pub(crate) async fn send(&self, command: Command) {
        let sent = self.engine.commands.send(command).await;
        sent.expect("an engine that runs");
    }

    pub(crate) async fn event(&mut self) -> Event {
        let event = tokio::time::timeout(Duration::from_mins(2), self.engine.events.recv()).await;
        event.expect("the engine answers").expect("the engine runs")
    }

    /// The end of a ticket, and what was reported before it.
    pub(crate) async fn end_of(&mut self, ticket: Ticket) -> Result<(Event, SyncReport), Problem> {
        let mut report = SyncReport::default();
        loop {
            let event = self.event().await;
            let whose = match &event {
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if *whose == ticket => return Err(problem.clone()),
                Event::Synced {
                    ticket: whose,
                    step: SyncStep::Done(done),
                    ..
                } if *whose == ticket => {
                    report = done.clone();
                    continue;
                }
                Event::Opened { ticket, .. }
                | Event::Done { ticket }
                | Event::Applied { ticket, .. }
                | Event::Changed {
                    ticket: Some(ticket),
                    ..
                } => *ticket,
                _ => continue,
            };
            if whose == ticket {
                return Ok((event, report));
            }
        }
    }

    pub(crate) async fn sync(&mut self, mode: SyncMode) -> Result<SyncReport, Problem> {
        let ticket = Ticket::new();
        self.send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode,
        })
        .await;
        self.end_of(ticket).await.map(|(_, report)| report)
    }

    /// The same, and what it tells on its way without having to end.
    pub(crate) async fn sync_and_hear(
        &mut self,
        mode: SyncMode,
    ) -> Result<(SyncReport, Vec<Problem>), Problem> {
        let ticket = Ticket::new();
        self.send(Command::Sync {
            ticket,
            accounts: Vec::new(),
            mode,
        })
        .await;
        let (mut report, mut told) = (SyncReport::default(), Vec::new());
        loop {
            match self.event().await {
                Event::Synced {
                    ticket: whose,
                    step: SyncStep::Done(done),
                    ..
                } if whose == ticket => report = done,
                Event::Done { ticket: whose } if whose == ticket => return Ok((report, told)),
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return Err(problem),
                Event::Failed {
                    ticket: None,
                    problem,
                    ..
                } => told.push(problem),
                _ => {}
            }
        }
    }

    pub(crate) async fn stage(&mut self, ids: &[MessageId]) {
        let ticket = Ticket::new();
        self.send(Command::Change {
            ticket,
            changes: vec![(ids.to_vec(), Change::Delete(DeleteScope::Everywhere))],
        })
        .await;
        self.end_of(ticket).await.expect("what is staged");
    }

    /// Deletes these on the server: which were, of which it is not known, and which were not.
    pub(crate) async fn apply(&mut self, ids: &[MessageId]) -> Result<Applied, Problem> {
        self.apply_losing(ids, &[]).await
    }

    /// The same, where those of `lose` may be lost.
    pub(crate) async fn apply_losing(
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
        match self.end_of(ticket).await? {
            (
                Event::Applied {
                    deleted,
                    unconfirmed,
                    refused,
                    ..
                },
                _,
            ) => Ok(Applied {
                deleted,
                unconfirmed,
                refused,
            }),
            other => panic!("not an answer: {other:?}"),
        }
    }

    /// Everything that is here, also in the Trash.
    pub(crate) async fn rows(&self) -> Vec<MessageSummary> {
        let trash = Listing {
            folder: Some(Folder::Trash),
            ..Listing::default()
        };
        let mut rows = Vec::new();
        for listing in [Listing::default(), trash] {
            rows.extend(self.store.list(listing).await.expect("a list").rows);
        }
        rows
    }

    /// The rows of these subjects, in this order.
    pub(crate) async fn ids(&self, subjects: &[&str]) -> Vec<MessageId> {
        let rows = self.rows().await;
        let of = |subject: &&str| {
            let row = rows.iter().find(|row| row.subject == **subject);
            row.unwrap_or_else(|| panic!("no {subject} in {rows:?}")).id
        };
        subjects.iter().map(of).collect()
    }

    pub(crate) async fn octets(&self, id: MessageId) -> Vec<u8> {
        let octets = self.store.octets(id).await.expect("a store that reads");
        octets.expect("its octets").1
    }

    /// What is known of the server's copy of a message.
    pub(crate) async fn copy(&self, id: MessageId) -> Copy {
        let rows = self.store.summaries(vec![id]).await;
        rows.expect("its row")[0].server
    }

    /// The octets of everything that is here in full.
    pub(crate) async fn whole(&self) -> HashSet<Vec<u8>> {
        let mut whole = HashSet::new();
        for row in self.rows().await {
            if row.local == Local::Full {
                whole.insert(self.octets(row.id).await);
            }
        }
        whole
    }

    /// Ends the engine, and waits until nothing of it is left.
    pub(crate) async fn end(self) {
        let Engine {
            commands,
            mut events,
            board,
        } = self.engine;
        drop((commands, board));
        while events.recv().await.is_some() {}
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Applied {
    pub(crate) deleted: Vec<MessageId>,
    pub(crate) unconfirmed: Vec<MessageId>,
    pub(crate) refused: Vec<(MessageId, String)>,
}

/// A store to begin with.
pub(crate) struct Image(Vec<u8>);

/// What is made once: keys take their time.
struct Parts {
    acceptor: TlsAcceptor,
    /// The certificate that the client has to trust.
    authority: Vec<u8>,
}

static PARTS: LazyLock<Parts> = LazyLock::new(|| {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let identity = authority.identity(Shown::Good, folder.path());
    let identity = native_tls::Identity::from_pkcs8(
        identity.certificate_pem.as_bytes(),
        identity.key_pem.as_bytes(),
    )
    .expect("an identity");
    let acceptor = native_tls::TlsAcceptor::new(identity).expect("an acceptor");
    Parts {
        acceptor: acceptor.into(),
        authority: std::fs::read(authority.file()).expect("the authority"),
    }
});

fn line_feeds(octets: &[u8]) -> Vec<u8> {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    let alone = |line: &[u8]| match line.strip_suffix(b"\r\n") {
        Some(text) => [text, b"\n"].concat(),
        None => line.to_vec(),
    };
    lines.flat_map(alone).collect()
}

pub(crate) fn home() -> AccountId {
    AccountId::new("home").expect("a name")
}

/// A folder that costs no disk where the system has one: nothing here is about what a disk does.
pub(crate) fn in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a temporary folder")
}

const AUTHORITY: &str = "authority.pem";

//! Builders, and the store's behaviour by subject.

mod changes;
mod copies;
mod deletions;
mod files;
mod identity;
mod listings;
mod lists;
mod phrases;
mod reindex;
mod returning;
mod search;
mod threads;
mod tokens;
mod trash;

use tempfile::TempDir;

use super::*;
use crate::mail::{Address, Extract, Folder, Local, RemoteId, Server, StoredCopy};

pub(super) const NOW: Timestamp = Timestamp(1_795_435_200);
pub(super) const DAY: i64 = 86_400;

/// A store in a folder that is removed with it.
pub(super) struct Shelf {
    pub(super) store: Store,
    pub(super) account: AccountId,
    folder: TempDir,
}

impl Shelf {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::open(&folder.path().join("mail.db")).unwrap(),
            account: AccountId::new("home").unwrap(),
            folder,
        }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("mail.db")
    }

    pub(super) fn reopen(&mut self) {
        self.store = Store::open(&self.path()).unwrap();
    }

    /// The tables, but for the search index, in which this word stands.
    pub(super) fn tables_with(&self, word: &str) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.path()).unwrap();
        let texts = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_, _>>().unwrap()
        };
        let tables = texts(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'",
        );
        assert!(tables.len() > 5);
        let has = |table: &String| {
            let columns = texts(&format!("SELECT name FROM pragma_table_info('{table}')"));
            columns.iter().any(|column| {
                let sql = format!(
                    "SELECT count(*) FROM {table} WHERE instr(lower(CAST({column} AS TEXT)), ?1)"
                );
                let found: i64 = connection
                    .query_row(&sql, [word], |row| row.get(0))
                    .unwrap();
                found > 0
            })
        };
        tables.into_iter().filter(has).collect()
    }

    pub(super) fn arrive(&self, arrivals: Vec<Arrival>) -> Outcome {
        self.store
            .store_arrivals(&self.account, arrivals, NOW)
            .wait()
            .unwrap()
    }

    pub(super) fn arrive_one(&self, arrival: Arrival) -> crate::mail::Stored {
        self.arrive(vec![arrival]).stored[0].clone()
    }

    pub(super) fn row(&self, id: MessageId) -> MessageSummary {
        self.store.summaries(vec![id]).wait().unwrap().remove(0)
    }

    pub(super) fn line(&self, id: LedgerId) -> LedgerEntry {
        let ledger = self.store.ledger(&self.account).wait().unwrap();
        ledger.into_iter().find(|line| line.id == id).unwrap()
    }

    pub(super) fn change(&self, id: MessageId, change: Change) -> MessageSummary {
        let changes = vec![(vec![id], change)];
        self.store.change(changes, NOW).wait().unwrap().remove(0)
    }

    pub(super) fn listed(&self, outcome: ListingOutcome) -> Vec<MessageSummary> {
        self.store
            .record_listing(&self.account, outcome, NOW)
            .wait()
            .unwrap()
    }

    pub(super) fn purge(&self, now: Timestamp, seconds: i64) -> Vec<MessageId> {
        let purged = self.store.purge_trash(&self.account, now, seconds);
        purged.wait().unwrap()
    }

    pub(super) fn ids(&self, listing: Listing) -> Vec<i64> {
        let page = self.store.list(listing).wait().unwrap();
        page.rows.iter().map(|row| row.id.0).collect()
    }

    pub(super) fn everything(&self) -> Vec<i64> {
        self.ids(Listing::default())
    }
}

impl Store {
    /// The store as one sees it who may not write it.
    pub(crate) fn view(path: &std::path::Path) -> Self {
        let why = Error::ViewOnly(Box::new(Error::Closed));
        let refusing = Worker::refusing(why.clone()).unwrap();
        let reader = open::reader(path, Access::View).unwrap();
        Self::with(path, refusing, reader, Access::View, Some(why)).unwrap()
    }
}

/// A letter whose header block follows from its parts.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) id: &'static str,
    pub(super) from: &'static str,
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
    pub(super) date: i64,
    pub(super) references: Vec<&'static str>,
}

pub(super) fn letter(id: &'static str) -> Letter {
    Letter {
        id,
        from: "ada@example.org",
        subject: "Engine",
        body: "All is well.",
        date: NOW.0 - DAY,
        references: Vec::new(),
    }
}

impl Letter {
    fn head(&self) -> String {
        format!(
            "Message-ID: <{}>\r\nFrom: {}\r\nSubject: {}\r\n",
            self.id, self.from, self.subject
        )
    }

    fn arrival(&self, remote: &str, octets: Vec<u8>, extent: Local) -> Arrival {
        let full = extent == Local::Full;
        Arrival {
            ledger: None,
            remote: RemoteId::new(remote.as_bytes()),
            listed_octets: 100,
            octets: octets.into(),
            extent,
            extract: Extract {
                from: Address::new("", self.from),
                to: vec![Address::new("Sam", "sam@example.net")],
                subject: self.subject.to_owned(),
                date: Some(Timestamp(self.date)),
                message_id: self.id.to_owned(),
                references: self.references.iter().map(|id| (*id).to_owned()).collect(),
                text: if full {
                    self.body.to_owned()
                } else {
                    String::new()
                },
                ..Extract::default()
            },
        }
    }

    pub(super) fn headers(&self, remote: &str) -> Arrival {
        self.arrival(remote, self.head().into_bytes(), Local::Headers)
    }

    pub(super) fn peek(&self, remote: &str) -> Arrival {
        let octets = format!("{}\r\n{}", self.head(), &self.body[..self.body.len() / 2]);
        self.arrival(remote, octets.into_bytes(), Local::Peeked)
    }

    pub(super) fn full(&self, remote: &str) -> Arrival {
        let octets = format!("{}\r\n{}\r\n", self.head(), self.body);
        self.arrival(remote, octets.into_bytes(), Local::Full)
    }
}

pub(super) fn of(line: LedgerId, arrival: Arrival) -> Arrival {
    Arrival {
        ledger: Some(line),
        ..arrival
    }
}

pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// What reading these messages again proves.
pub(super) fn proofs(store: &Store, ids: Vec<MessageId>) -> Vec<(MessageId, Option<StoredCopy>)> {
    runtime().block_on(store.verify(ids)).unwrap()
}

pub(super) fn vanished(line: LedgerId) -> ListingOutcome {
    ListingOutcome {
        vanished: vec![line],
        ..ListingOutcome::default()
    }
}

pub(super) fn reappeared(line: LedgerId) -> ListingOutcome {
    ListingOutcome {
        reappeared: vec![line],
        ..ListingOutcome::default()
    }
}

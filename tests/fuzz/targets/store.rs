//! A store's file that is no store, or a store with other octets in it: it opens, or it is refused and stays as it is.

use std::fs;

use poppet::mail::{
    Change, DeleteScope, Digest, Folder, LedgerId, Local, MessageId, Query, Timestamp,
};
use poppet::store::{AccountUpdate, Error, Listing, ListingOutcome, Order, Reindexed, Store};
use rusqlite::Connection;
use rusqlite::types::Value;
use tempfile::TempDir;

use super::letters::assert_harmless;
use super::{Octets, shelf};

/// The first octet says what is done to a store, the rest how.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    let how = octets.octet();
    let folder = shelf::folder();
    match how % 4 {
        0 => fs::write(shelf::file(&folder), octets.0).expect("a file"),
        1 => IMAGE.with(|image| image.patched(&folder, octets, false)),
        2 => IMAGE.with(|image| image.patched(&folder, octets, true)),
        _ => IMAGE.with(|image| image.altered(&folder, octets)),
    }
    let before = Files::of(&folder);
    match Store::open(&shelf::file(&folder)) {
        Err(error) => {
            check(&error);
            before.assert_untouched(&folder, &error);
        }
        Ok(store) => {
            read(&store);
            if how & 4 != 0 {
                write(&store);
                read(&store);
            }
            look(store.close());
            drop(store);
            if let Err(error) = Store::open(&shelf::file(&folder)) {
                check(&error);
            }
        }
    }
}

/// Files that are no store, changes of single octets, and changes by SQL.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![
        b"\x00".to_vec(),
        b"\x00dear diary".to_vec(),
        b"\x05".to_vec(),
        b"\x06".to_vec(),
    ];
    let (file, tables) = IMAGE.with(|image| (image.file.clone(), image.columns.len()));
    let header = file.get(..100).unwrap_or_default();
    seeds.push([b"\x00", header].concat());
    seeds.push([b"\x00", header, &[0; 512]].concat());
    let pages = u8::try_from(file.len() / PAGE).unwrap_or(u8::MAX);
    for page in 0..pages {
        for offset in [0_u16, 1, 3, 5, 8, 100, 2_000, 4_000] {
            let [high, low] = offset.to_be_bytes();
            seeds.push(vec![5, page, high, low, 2, 0xFF, 0x7F]);
            seeds.push(vec![6, page, high, low, 1, 0]);
        }
    }
    for column in 0..u8::try_from(tables).unwrap_or(u8::MAX) {
        for kind in 0..8 {
            seeds.push(vec![7, column, 255, kind, 4, 0xFF, 0x9B, b'a', 0]);
        }
    }
    seeds
}

thread_local! {
    static IMAGE: Image = Image::new();
}

/// A sound store: its file, the log that belongs to it, and the columns of its tables.
struct Image {
    file: Vec<u8>,
    log: Vec<u8>,
    columns: Vec<(String, String)>,
}

impl Image {
    fn new() -> Self {
        let folder = shelf::folder();
        let path = shelf::file(&folder);
        let store = Store::open(&path).expect("a store");
        shelf::fill(&store, &messages());
        store.close().expect("the end");
        drop(store);
        let columns = columns(&Connection::open(&path).expect("SQLite"));
        let file = fs::read(&path).expect("the file");
        // What is done from here on stands in the log alone.
        let store = Store::open(&path).expect("a store");
        let late = shelf::arrival("late", LATE, Local::Full);
        let stored = store
            .store_arrivals(&shelf::account(), vec![late], shelf::NOW)
            .wait();
        assert_eq!(stored.expect("one message").stored.len(), 1);
        let log = fs::read(path.with_extension("db-wal")).expect("the log");
        Self { file, log, columns }
    }

    /// The store with octets changed in its file or in its log: a page, a place in it, how many octets and which.
    fn patched(&self, folder: &TempDir, mut changes: Octets<'_>, in_log: bool) {
        let mut octets = if in_log {
            self.log.clone()
        } else {
            self.file.clone()
        };
        while !changes.is_empty() {
            let at = usize::from(changes.octet()) * PAGE + changes.number() % PAGE;
            let length = changes.octet();
            if length == 255 {
                octets.truncate(at);
                continue;
            }
            let places = octets.iter_mut().skip(at);
            for (place, octet) in places.zip(changes.take(usize::from(length % 17))) {
                *place = *octet;
            }
        }
        let file = shelf::file(folder);
        if in_log {
            fs::write(file.with_extension("db-wal"), octets).expect("the log");
            fs::write(file, &self.file).expect("the file");
        } else {
            fs::write(file, octets).expect("the file");
        }
    }

    /// The store with other values in its tables: a column, a row, a kind of value and its octets.
    fn altered(&self, folder: &TempDir, mut changes: Octets<'_>) {
        let file = shelf::file(folder);
        fs::write(&file, &self.file).expect("the file");
        let connection = Connection::open(&file).expect("SQLite");
        let _ = connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF");
        for _ in 0..16 {
            if changes.is_empty() {
                break;
            }
            let column = usize::from(changes.octet()) % self.columns.len();
            let (table, column) = &self.columns[column];
            let (row, kind, length) = (changes.octet(), changes.octet(), changes.octet());
            let octets = changes.take(usize::from(length));
            let place = if row == 255 {
                String::new()
            } else {
                format!(
                    "WHERE rowid IN (SELECT rowid FROM {table} LIMIT 1 OFFSET {})",
                    row % 16
                )
            };
            let set = format!("UPDATE OR REPLACE {table} SET {column} = ?1 {place}");
            // What SQLite does not let happen does not happen.
            let _ = match kind % 8 {
                0 => connection.execute(&set, [Value::Null]),
                1 => connection.execute(&set, [Value::Integer(number(octets))]),
                2 => connection.execute(&set, [String::from_utf8_lossy(octets)]),
                3 => connection.execute(&set, [octets]),
                4 => connection.execute(&set.replace("?1", "CAST(?1 AS TEXT)"), [octets]),
                5 => connection.execute(&format!("DELETE FROM {table} {place}"), []),
                6 if row % 4 == 0 => connection.execute(&format!("DROP TABLE {table}"), []),
                6 => connection.execute(&format!("PRAGMA user_version = {}", row % 6), []),
                _ => connection.execute(
                    &set.replace("?1", &format!("{column} + ?1")),
                    [number(octets)],
                ),
            };
        }
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
}

fn number(octets: &[u8]) -> i64 {
    octets
        .iter()
        .take(8)
        .fold(0, |number, octet| number << 8 | i64::from(*octet))
}

fn columns(connection: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid";
    let mut statement = connection.prepare(sql).expect("the columns");
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    rows.expect("the columns")
        .collect::<Result<_, _>>()
        .expect("the columns")
}

/// What lies in the folder.
struct Files {
    file: Vec<u8>,
    log: Option<Vec<u8>>,
}

impl Files {
    fn of(folder: &TempDir) -> Self {
        let file = shelf::file(folder);
        Self {
            file: fs::read(&file).expect("the file"),
            log: fs::read(file.with_extension("db-wal")).ok(),
        }
    }

    fn assert_untouched(&self, folder: &TempDir, error: &Error) {
        let now = Self::of(folder);
        assert!(
            now.file == self.file,
            "the file is not as it was, and yet: {error}"
        );
        assert!(
            self.log.is_none() || now.log == self.log,
            "the log is not as it was, and yet: {error}"
        );
        if matches!(error, Error::Foreign(_) | Error::Newer { .. }) {
            let files = fs::read_dir(folder.path()).expect("the folder").count();
            assert_eq!(files, 1 + usize::from(self.log.is_some()), "{error}");
        }
    }
}

/// The answer, if there is one. Whatever is wrong with a file, a thread of the store does not end by it.
fn look<T>(answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(Error::Closed) => panic!("a thread of the store is gone"),
        Err(error) => {
            check(&error);
            None
        }
    }
}

/// An error says what happened, why, and what to do.
fn check(error: &Error) {
    let problem = error.problem();
    for text in [&problem.what, &problem.why, &problem.remedy] {
        assert!(!text.is_empty());
    }
    assert_harmless(&problem.what);
    assert_harmless(&problem.remedy);
}

fn read(store: &Store) {
    let mut ids: Vec<MessageId> = (1..16).map(MessageId).collect();
    for order in [Order::Date, Order::Size, Order::From, Order::Subject] {
        for (reverse, folder) in [
            (false, None),
            (true, Some(Folder::Trash)),
            (false, Some(Folder::Inbox)),
        ] {
            let listing = Listing {
                order,
                reverse,
                folder,
                ..Listing::default()
            };
            if let Some(page) = look(store.list(listing.clone()).wait()) {
                ids.extend(page.rows.iter().map(|row| row.id));
                for row in page.rows.iter().take(2) {
                    look(store.thread(row.thread).wait());
                }
            }
            look(store.briefs(listing.clone()).wait());
            let first = look(
                store
                    .next_briefs(
                        Listing {
                            limit: Some(1),
                            ..listing.clone()
                        },
                        None,
                    )
                    .wait(),
            );
            let first = first.and_then(|briefs| briefs.into_iter().next());
            look(store.next_rows(listing, first).wait());
        }
    }
    for query in [
        "engine",
        "subject:eng* -body:well",
        "is:unread or has:file",
        "from:\"ada lovelace\"",
    ] {
        let query = Query::parse(query, shelf::NOW, 0).expect("a query");
        let listing = Listing {
            query,
            limit: Some(5),
            ..Listing::default()
        };
        let search = store.search(listing.clone());
        look(search.page.wait());
        look(search.all.wait());
        look(store.rows(listing).wait());
    }
    ids.sort_unstable();
    ids.dedup();
    look(store.summaries(ids.clone()).wait());
    for record in look(store.accounts().wait()).unwrap_or_default() {
        look(store.ledger(&record.account).wait());
        look(store.count(&record.account).wait());
    }
    look(store.ledger(&shelf::account()).wait());
    look(store.pending(&[]).wait());
    look(store.index_size().wait());
    look(store.unindexed(MessageId(0), 20).wait());
    look(store.check(|_, _| {}).wait());
    proofs(store, ids);
}

/// A copy is only said to be stored when its octets are those that were received.
fn proofs(store: &Store, ids: Vec<MessageId>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let verified = look(runtime.block_on(store.verify(ids))).unwrap_or_default();
    for (id, proof) in verified {
        let octets = look(store.octets(id).wait()).flatten();
        let Some(proof) = proof else { continue };
        let (local, octets) = octets.expect("octets that were verified");
        assert_eq!((local, proof.message()), (Local::Full, id));
        assert_eq!(
            (proof.digest(), proof.octets()),
            (Digest::of(&octets), octets.len() as u64)
        );
        assert!(
            received().contains(&proof.digest()),
            "{id:?} was never received like this"
        );
    }
}

fn write(store: &Store) {
    let ids: Vec<MessageId> = (1..12).map(MessageId).collect();
    let lines: Vec<LedgerId> = (1..12).map(LedgerId).collect();
    let changes = [
        Change::Seen(true),
        Change::Delete(DeleteScope::Everywhere),
        Change::Unstage,
        Change::Delete(DeleteScope::LocalOnly),
        Change::Undelete,
        Change::Move(Folder::Archive),
    ];
    for (id, change) in ids.iter().zip(changes) {
        look(store.change(vec![(vec![*id], change)], shelf::NOW).wait());
    }
    look(store.allow_loss(ids.clone(), true).wait());
    look(store.mark_unconfirmed(lines[..3].to_vec()).wait());
    look(store.still_wanted(lines[..1].to_vec()).wait());
    look(store.settle(lines[1..3].to_vec(), Vec::new()).wait());
    look(
        store
            .cancel_deletions(vec![(lines[4], "x".to_owned())])
            .wait(),
    );
    look(store.mark_too_large(ids.clone()).wait());
    look(store.account(&shelf::account(), shelf::NOW).wait());
    let update = AccountUpdate {
        on_server: Some((7, 700)),
        ..AccountUpdate::default()
    };
    look(store.record_account(&shelf::account(), update).wait());
    let listing = ListingOutcome {
        known: lines.iter().map(|line| (*line, 9)).collect(),
        vanished: lines[5..7].to_vec(),
        reappeared: lines[6..8].to_vec(),
        ..ListingOutcome::default()
    };
    look(
        store
            .record_listing(&shelf::account(), listing, shelf::NOW)
            .wait(),
    );
    for (name, octets) in messages().iter().take(2) {
        let again = shelf::arrival(name, octets, Local::Full);
        look(
            store
                .store_arrivals(&shelf::account(), vec![again], shelf::NOW)
                .wait(),
        );
    }
    look(
        store
            .purge_trash(&shelf::account(), Timestamp(i64::MAX), 0)
            .wait(),
    );
    if let Some(state) = look(store.reindex(false).wait()) {
        let batch = look(store.unindexed(state.behind, 20).wait()).unwrap_or_default();
        let batch = batch.into_iter().map(|message| Reindexed {
            id: message.id,
            extent: message.extent,
            octets: message
                .octets
                .as_ref()
                .map_or(0, |octets| octets.len() as u64),
            extract: message
                .octets
                .map(|octets| poppet::mime::extract(&octets, message.extent)),
        });
        look(store.record_reindexed(state.behind, batch.collect()).wait());
        look(store.end_reindex().wait());
        look(store.tidy_index(true).wait());
    }
}

/// Short messages of two threads, one with an attachment.
fn messages() -> Vec<(String, Vec<u8>)> {
    (0..9)
        .map(|place| {
            let answers = if place > 2 { format!("In-Reply-To: <{}@x>\r\n", place % 3) } else { String::new() };
            let file = if place == 4 { "Content-Disposition: attachment; filename=plan.pdf\r\n" } else { "" };
            let text = format!(
                "From: Ada Lovelace <ada@example.org>\r\nTo: sam@example.net\r\nSubject: Engine {place}\r\n\
                 Date: Sat, {} Nov 2026 12:00:00 +0000\r\nMessage-ID: <{place}@x>\r\n{answers}{file}\r\n\
                 The engine is well, {place}.\r\n",
                20 + place
            );
            (format!("u{place}"), text.into_bytes())
        })
        .collect()
}

/// The digests of all messages that ever were in the store.
fn received() -> Vec<Digest> {
    let all = messages();
    all.iter()
        .map(|(_, octets)| Digest::of(octets))
        .chain([Digest::of(LATE)])
        .collect()
}

const LATE: &[u8] = b"From: grace@example.org\r\nSubject: late\r\n\r\nA late engine.\r\n";
/// Octets of a page of SQLite.
const PAGE: usize = 4_096;

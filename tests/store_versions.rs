//! A store of every layout that ever was is opened with all that is in it, and what is newer or something else is left alone.
//!
//! The layouts lie in `tests/versions` as SQL; the first number of a name is the version that the file says it has. Some share
//! a number: they come from a time before any release.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use poppet::mail::{AccountId, Local, MessageId, Query, Server, Timestamp};
use poppet::mime;
use poppet::store::{Error, Listing, Reindexed, Store};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use support::home::{Account, Home, id, text};
use support::score::score;

/// The version that this program writes; a change of it brings a new layout in `tests/versions`.
const PRESENT: u32 = 7;
/// The first version with the search index as it is now.
const WORDS_WITHOUT_PLACES: u32 = 7;

#[test]
fn f18_every_earlier_layout_opens_and_keeps_every_octet() {
    let layouts = layouts();
    let (mut held, mut failures) = (0, Vec::new());
    for layout in &layouts {
        match opened_and_kept(layout) {
            Ok(()) => held += 1,
            Err(why) => failures.push(format!("{}: {why}", layout.display())),
        }
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(layouts.iter().any(|layout| version_of(layout) == PRESENT));
    score(
        "store layouts of the past: opened, every octet kept, present version",
        held,
        layouts.len(),
        "-",
    );
}

fn opened_and_kept(layout: &Path) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = made(layout, folder.path());
    let before = octets_in(&path);
    assert_eq!(before.len(), 11, "the fixture is as it was made");

    let store = Store::open(&path).map_err(|error| error.to_string())?;
    let report = store.check(|_, _| {}).wait().map_err(|e| e.to_string())?;
    if !report.is_sound() || report.full != 11 {
        return Err(format!("not sound: {report:?}"));
    }
    for (id, digest) in &before {
        let read = store.octets(MessageId(*id)).wait().unwrap();
        let Some((Local::Full, octets)) = read else {
            return Err(format!("message {id} is not whole"));
        };
        if sha256(&octets) != *digest {
            return Err(format!("message {id} is not as it was"));
        }
    }
    let home = AccountId::new("home").unwrap();
    let ledger = store.ledger(&home).wait().unwrap();
    let states: Vec<Server> = ledger.iter().map(|line| line.server).collect();
    let wanted = states
        .iter()
        .filter(|s| **s == Server::DeleteWanted)
        .count();
    if (ledger.len(), wanted) != (8, 1) {
        return Err(format!("the ledger is not as it was: {states:?}"));
    }
    if version_of(layout) < WORDS_WITHOUT_PLACES {
        index_anew(&store);
    }
    for (query, count) in [
        ("tide", 2),
        ("\"comes in at nine\"", 2),
        ("\"in comes\"", 0),
        ("subject:staged folder:trash", 1),
        ("from:keeper13", 1),
    ] {
        let query = Query::parse(query, Timestamp(1_795_000_000), 0).unwrap();
        let listing = Listing {
            query,
            ..Listing::default()
        };
        let found = store.list(listing).wait().unwrap().total;
        if found != count {
            return Err(format!("a search finds {found}, not {count}"));
        }
    }
    store.close().unwrap();
    drop(store);
    if version_in(&path) != PRESENT {
        return Err(format!("it has version {}", version_in(&path)));
    }
    let (made_anew, brought_here) = (schema(&anew(folder.path())), schema(&path));
    let odd: Vec<&String> = made_anew
        .iter()
        .filter(|(name, sql)| *name != "search" && brought_here.get(*name) != Some(sql))
        .map(|(name, _)| name)
        .collect();
    // A layout of the present version is never changed.
    if version_of(layout) < PRESENT && !odd.is_empty() {
        return Err(format!("made otherwise than a new store: {odd:?}"));
    }
    // Opened again it stays as it is.
    drop(Store::open(&path).map_err(|error| error.to_string())?);
    if octets_in(&path) != before {
        return Err("another opening changed it".to_owned());
    }
    Ok(())
}

/// As the reader does it by itself after such a store was opened.
fn index_anew(store: &Store) {
    let state = store.reindexing().wait().unwrap().expect("it is to be");
    assert_eq!(state.done, 0);
    let messages = store.unindexed(state.behind, 99).wait().unwrap();
    let words = messages.into_iter().map(|message| {
        let octets = message.octets.unwrap();
        Reindexed {
            id: message.id,
            extent: message.extent,
            octets: octets.len() as u64,
            extract: Some(mime::extract(&octets, message.extent)),
        }
    });
    let recorded = store.record_reindexed(state.behind, words.collect());
    recorded.wait().unwrap();
    assert!(store.end_reindex().wait().unwrap().is_some());
}

/// A search index can be made anew: it must not stand between a person and the mail, however it is damaged.
#[test]
fn f18_an_index_of_an_earlier_version_that_cannot_be_opened_is_replaced() {
    let layout = layouts()
        .into_iter()
        .find(|layout| version_of(layout) == WORDS_WITHOUT_PLACES - 1)
        .unwrap();
    let cases = [
        "DELETE FROM search_config",
        "DROP TABLE search_config",
        "DROP TABLE search_data",
        "DELETE FROM search_data",
        "UPDATE search_data SET block = X'00'",
        "DROP TABLE search",
        "the page of search_data",
        "the page of search_idx",
        "the page of search_config",
        "the page of search_docsize",
    ];
    for damage in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = made(&layout, folder.path());
        let before = octets_in(&path);
        match damage.strip_prefix("the page of ") {
            Some(table) => overwrite_page_of(&path, table),
            None => reading(&path).execute_batch(damage).unwrap(),
        }
        let store = Store::open(&path).unwrap_or_else(|error| panic!("{damage}: {error}"));
        index_anew(&store);
        let query = Query::parse("tide", Timestamp(1_795_000_000), 0).unwrap();
        let listing = Listing {
            query,
            ..Listing::default()
        };
        assert_eq!(store.list(listing).wait().unwrap().total, 2, "{damage}");
        let report = store.check(|_, _| {}).wait().unwrap();
        assert!(report.is_sound(), "{damage}: {report:?}");
        store.close().unwrap();
        assert_eq!(octets_in(&path), before, "{damage}");
    }
}

/// Fills the page where a table begins with ones, as a disk may.
fn overwrite_page_of(path: &Path, table: &str) {
    let connection = reading(path);
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let root: i64 = connection
        .query_row(
            "SELECT rootpage FROM sqlite_schema WHERE name = ?1",
            [table],
            |row| row.get(0),
        )
        .unwrap();
    let size: i64 = connection
        .pragma_query_value(None, "page_size", |row| row.get(0))
        .unwrap();
    drop(connection);
    let mut octets = std::fs::read(path).unwrap();
    let begin = usize::try_from((root - 1) * size).unwrap();
    let end = begin + usize::try_from(size).unwrap();
    octets[begin..end].fill(0xff);
    std::fs::write(path, octets).unwrap();
}

#[test]
fn every_layout_of_the_past_can_be_worked_with() {
    for layout in layouts() {
        let home = Home::with_accounts(&[Account::plain("home", 1)]);
        std::fs::create_dir_all(home.path().join("data/poppet")).unwrap();
        made(&layout, &home.path().join("data/poppet"));
        let name = layout.display();
        assert_eq!(home.list("").len(), 8, "{name}");
        let staged = home.poppet(["pending", "--json"]).expect_code(0).one();
        let staged = staged["id"].as_i64().unwrap_or_else(|| panic!("{staged}"));
        home.poppet(["undelete", &staged.to_string()])
            .expect_code(0);
        assert_eq!(home.list("").len(), 9, "{name}");
        std::fs::write(
            home.path().join("new.eml"),
            "From: n@x.example\nSubject: new\n\nx\n",
        )
        .unwrap();
        home.poppet(["import", "new.eml", "--account", "home"])
            .expect_code(0);
        let new = home.list("subject:new");
        assert_eq!(new.len(), 1, "{name}");
        home.poppet(["delete", "--local", &id(&new[0])])
            .expect_code(0);
        home.poppet(["doctor", "--reindex", "--offline"]);
        assert_eq!(home.list("tide").len(), 2, "{name}");
    }
}

#[test]
fn a_newer_store_and_what_is_no_store_are_refused_and_not_one_octet_is_changed() {
    let kinds: [Kind; 7] = [
        ("a newer version", |path| newer(path, false)),
        ("a newer version in the log alone", |path| newer(path, true)),
        ("a newer version, made from nothing", |path| {
            let connection = Connection::open(path).unwrap();
            let sql = "PRAGMA application_id = 1886351476; PRAGMA user_version = 4711; CREATE TABLE hat (x)";
            connection.execute_batch(sql).unwrap();
        }),
        ("another program's database", |path| {
            let connection = Connection::open(path).unwrap();
            connection
                .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE messages (x)")
                .unwrap();
        }),
        ("a text", |path| {
            std::fs::write(path, "dear diary\n".repeat(99)).unwrap();
        }),
        ("a short text", |path| std::fs::write(path, "x").unwrap()),
        ("zeros", |path| std::fs::write(path, vec![0; 8192]).unwrap()),
    ];
    let mut refused = 0;
    for (what, make) in kinds {
        let home = Home::with_accounts(&[Account::plain("home", 1)]);
        let data = home.path().join("data/poppet");
        std::fs::create_dir_all(&data).unwrap();
        let path = data.join("mail.db");
        make(&path);
        let before = files(&data);

        match Store::open(&path) {
            Err(Error::Newer {
                found: 4711, known, ..
            }) => assert_eq!(known, PRESENT),
            Err(Error::Foreign(_)) => assert!(!what.contains("newer"), "{what}"),
            other => panic!("{what}: {:?}", other.err()),
        }
        assert_eq!(files(&data), before, "{what}: opening it changed it");
        for line in [
            vec!["list"],
            vec!["sync"],
            vec!["doctor", "--offline"],
            vec!["export", "--mbox", "m"],
        ] {
            let run = home.poppet(line.iter().chain(&["--json"])).expect_code(5);
            if line[0] != "doctor" {
                let problem = run.problem();
                assert_eq!(text(&problem, "kind"), "store", "{what}");
                assert!(
                    text(&problem, "remedy").contains("touched"),
                    "{what}: {problem}"
                );
            }
        }
        assert_eq!(files(&data), before, "{what}: a command changed it");
        refused += 1;
    }
    score(
        "newer stores and foreign files refused untouched",
        refused,
        7,
        "-",
    );
}

/// What lies in the store's place, and how it is made.
type Kind = (&'static str, fn(&Path));

/// A store that a newer program has written to; with `log`, that program was killed before it folded its log into the file.
fn newer(path: &Path, log: bool) {
    drop(Store::open(path).unwrap());
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA user_version = 4711; CREATE TABLE hat (x); INSERT INTO hat VALUES (1)",
        )
        .unwrap();
    if !log {
        return;
    }
    // As a kill leaves it: the files are copied while it runs.
    let kept =
        [path.to_owned(), beside(path, "-wal")].map(|file| (std::fs::read(&file).unwrap(), file));
    drop(connection);
    for (octets, file) in kept {
        std::fs::write(file, octets).unwrap();
    }
    assert_ne!(
        header_version(path),
        4711,
        "the file itself does not say it"
    );
}

fn layouts() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/versions");
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "sql"))
        .collect();
    found.sort();
    found
}

fn version_of(layout: &Path) -> u32 {
    let name = layout.file_name().unwrap().to_string_lossy();
    name.split('-').next().unwrap().parse().unwrap()
}

/// The store of a layout, as the program of its time would have left it.
fn made(layout: &Path, folder: &Path) -> PathBuf {
    let path = folder.join("mail.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .execute_batch(&std::fs::read_to_string(layout).unwrap())
        .unwrap();
    assert_eq!(version_in(&path), version_of(layout));
    path
}

fn anew(folder: &Path) -> PathBuf {
    let path = folder.join("new.db");
    Store::open(&path).unwrap().close().unwrap();
    path
}

fn reading(path: &Path) -> Connection {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap()
}

fn version_in(path: &Path) -> u32 {
    reading(path)
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

/// The version as the first page of the file has it.
fn header_version(path: &Path) -> u32 {
    let octets = std::fs::read(path).unwrap();
    u32::from_be_bytes(octets[60..64].try_into().unwrap())
}

/// What everything is made by, by its name.
fn schema(path: &Path) -> BTreeMap<String, String> {
    let connection = reading(path);
    let mut statement = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)));
    let spaceless = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    rows.unwrap()
        .map(|row| row.unwrap())
        .map(|(name, sql)| (name, spaceless(sql)))
        .collect()
}

/// The SHA-256 of the octets of every message.
fn octets_in(path: &Path) -> BTreeMap<i64, String> {
    let connection = reading(path);
    let mut statement = connection
        .prepare("SELECT message, octets FROM octets")
        .unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    rows.unwrap()
        .map(|row| row.unwrap())
        .map(|(id, octets)| (id, sha256(&octets)))
        .collect()
}

/// Every file of a folder but locks and what SQLite shares between processes, with its SHA-256.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.path().is_file());
    files
        .map(|entry| {
            (
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            )
        })
        .filter(|(name, _)| !name.ends_with("-shm"))
        .map(|(name, path)| (name, sha256(&std::fs::read(path).unwrap())))
        .collect()
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn sha256(octets: &[u8]) -> String {
    let digest = Sha256::digest(octets);
    let pairs: Vec<String> = digest.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.concat()
}

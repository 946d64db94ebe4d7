//! A copy of the store that is made while poppet works: whole, sound, and as good as the store for going on with.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use poppet::demo::Quirks;
use poppet::mail::Local;
use poppet::store::{Listing, Store};

use crate::house::{House, contents, letters, program};

const MESSAGES: u32 = 300;

/// How the guide says to copy a store while poppet runs; `false` where the tool for it is missing.
type Copying = fn(&Path, &Path) -> bool;

fn by_vacuum(store: &Path, copy: &Path) -> bool {
    let connection = rusqlite::Connection::open(store).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    let sql = "VACUUM INTO ?1";
    connection.execute(sql, [copy.to_string_lossy()]).unwrap();
    true
}

fn by_the_shell_of_sqlite(store: &Path, copy: &Path) -> bool {
    let made = Command::new("sqlite3")
        .arg(store)
        .arg(format!(".backup '{}'", copy.display()))
        .output();
    made.is_ok_and(|made| {
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        true
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_store_that_is_being_written_is_sound_and_has_no_half_message() {
    let ways: [(Copying, bool); 2] = [(by_vacuum, true), (by_the_shell_of_sqlite, false)];
    for (make, always) in ways {
        let slow = Quirks {
            no_pipelining: true,
            late: Some(("RETR", Duration::from_millis(3))),
            ..Quirks::default()
        };
        let house = House::with(letters(MESSAGES), slow, "");
        let on_server = house.on_server();
        let mut sync = program(house.folder.path(), "sync")
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let store = house.path("data/poppet/mail.db");
        let (mut copies, mut between) = (0, None);
        while sync.try_wait().unwrap().is_none() {
            let copy = house.path(&format!("copy-{copies}.db"));
            if !store.exists() || !has_messages(&store) || !make(&store, &copy) {
                tokio::task::yield_now().await;
                continue;
            }
            copies += 1;
            let here = whole_messages(&copy, &on_server);
            if here > 0 && here < MESSAGES as usize {
                between = Some(copy);
            }
        }
        if copies == 0 && !always {
            continue;
        }
        let between = between.expect("a copy was made while messages came in");

        // The store is lost, and the backup takes its place: the rest is fetched, and nothing twice.
        for file in ["mail.db", "mail.db-wal", "mail.db-shm"] {
            let _ = std::fs::remove_file(house.path("data/poppet").join(file));
        }
        let had = whole_messages(&between, &on_server);
        std::fs::copy(&between, &store).unwrap();
        let done = house.well("sync --json").await.objects().pop().unwrap();
        assert_eq!(done["bodies"], u64::from(MESSAGES) - had as u64);
        house.well("export --eml out").await;
        assert_eq!(contents(&house.path("out")), on_server);
        house.well("doctor --offline").await;
    }
}

fn has_messages(store: &Path) -> bool {
    let connection = rusqlite::Connection::open(store).unwrap();
    let sql = "SELECT EXISTS (SELECT 1 FROM octets)";
    connection
        .query_row(sql, [], |row| row.get(0))
        .unwrap_or(false)
}

/// How many messages a copy has in full; all of them are what the server gave, and it is sound.
fn whole_messages(copy: &Path, on_server: &BTreeSet<Vec<u8>>) -> usize {
    // The store is waited for, which a task may not do.
    std::thread::scope(|scope| scope.spawn(|| whole(copy, on_server)).join().unwrap())
}

fn whole(copy: &Path, on_server: &BTreeSet<Vec<u8>>) -> usize {
    // Looked at as a copy of the copy: a backup is not changed by looking at it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    std::fs::copy(copy, &path).unwrap();
    let store = Store::open(&path).unwrap();
    let report = store.check(|_, _| {}).wait().unwrap();
    assert!(report.is_sound(), "{report:?}");
    let mut whole = 0;
    for row in store.list(Listing::default()).wait().unwrap().rows {
        if row.local == Local::Full {
            let stored = store.octets(row.id).wait().unwrap();
            assert!(on_server.contains(&stored.unwrap().1), "half a message");
            whole += 1;
        }
    }
    whole
}

//! A search index whose building was stopped: what commands say of it, and which of them complete it.

#[cfg(unix)]
use std::process::Stdio;
#[cfg(unix)]
use std::time::Duration;

use poppet::store::Store;

use crate::house::House;
#[cfg(unix)]
use crate::house::{Ran, program};

const REMARK: &str = "The search index is being built anew (0 of 5 messages): this may not be all. `poppet doctor --reindex` finishes it.\n";

/// A home with five messages, of which the index knows none.
async fn house() -> House {
    let house = House::letters(5);
    house.well("sync").await;
    assert_eq!(house.well("list to:sam").await.text.lines().count(), 5);
    empty(&house).await;
    house
}

fn open(house: &House) -> Store {
    Store::open(&house.path("data/poppet/mail.db")).unwrap()
}

async fn empty(house: &House) {
    let store = open(house);
    store.reindex(true).await.unwrap();
    store.close().unwrap();
}

async fn is_complete(house: &House) -> bool {
    let store = open(house);
    let state = store.reindexing().await.unwrap();
    store.close().unwrap();
    state.is_none()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_for_words_says_once_that_the_index_is_not_complete() {
    let house = house().await;
    let ran = house.run("list to:sam").await;
    assert_eq!((ran.code, ran.error.as_str()), (1, REMARK));
    let ran = house.run("list -to:sam or is:unread").await;
    assert_eq!((ran.code, ran.error.as_str()), (0, REMARK));
    let ran = house.run("export --mbox mail to:sam").await;
    assert_eq!((ran.code, ran.error.as_str()), (1, REMARK));
    for line in ["list", "list is:unread larger:1", "export --mbox all"] {
        let ran = house.well(line).await;
        assert_eq!(ran.error, "", "{line}");
    }
    for line in ["list --json to:sam", "list -q to:sam"] {
        let ran = house.run(line).await;
        assert_eq!((ran.text.as_str(), ran.error.as_str()), ("", ""), "{line}");
    }
    assert!(!is_complete(&house).await);
    house.well("doctor --reindex").await;
    let ran = house.well("list to:sam").await;
    assert_eq!((ran.text.lines().count(), ran.error.as_str()), (5, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_names_an_index_that_is_not_complete() {
    let house = house().await;
    let of_search = async || {
        let checks = house.run("doctor --offline --json").await.objects();
        let mut checks = checks.into_iter();
        checks.find(|check| check["check"] == "search")
    };
    let check = of_search().await.unwrap();
    assert_eq!(check["status"], "warning");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains("0 of 5 messages"), "{check}");
    assert!(
        check["remedy"].as_str().unwrap().contains("--reindex"),
        "{check}"
    );
    assert!(!is_complete(&house).await);
    house.well("doctor --reindex").await;
    assert_eq!(of_search().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_completes_the_index_once_the_mail_is_here() {
    let house = house().await;
    house.well("sync --dry-run").await;
    assert!(!is_complete(&house).await);
    let ran = house.well("sync").await;
    assert_eq!(ran.error, "The search index is complete again.\n");
    assert!(is_complete(&house).await);
    let ran = house.well("list to:sam").await;
    assert_eq!((ran.text.lines().count(), ran.error.as_str()), (5, ""));
    assert_eq!(house.well("sync").await.error, "");

    empty(&house).await;
    let told = house.well("sync --json").await;
    assert_eq!(told.error, "");
    assert!(
        told.objects()
            .iter()
            .all(|object| object["account"] == "home")
    );
    assert!(is_complete(&house).await);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_leaves_the_rest_of_the_index_to_the_next_sync() {
    let house = House::letters(600);
    house.well("sync").await;
    empty(&house).await;
    // Behind its first batch another program takes it back every time: it does not come to an end by itself.
    let other = rusqlite::Connection::open(house.path("data/poppet/mail.db")).unwrap();
    let taken_back = "CREATE TRIGGER taken_back AFTER UPDATE ON reindexing WHEN NEW.behind > 256
         BEGIN UPDATE reindexing SET behind = 256; END";
    other.execute_batch(taken_back).unwrap();
    let mut command = program(house.folder.path(), "sync");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let begun = || {
        let sql = "SELECT EXISTS (SELECT 1 FROM reindexing WHERE behind > 0)";
        other.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let begun = within_a_minute(begun).await;
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let ended = within_a_minute(|| child.try_wait().unwrap().is_some()).await;
    // Whatever came of it, it is not left running.
    let _ = child.kill();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(begun && ended, "{begun}, {ended}: {ran:?}");
    assert!(
        ran.error
            .ends_with(" of 600 messages): the next sync goes on there.\n"),
        "{ran:?}"
    );
    let sql = "SELECT behind FROM reindexing";
    let behind: i64 = other.query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(behind, 256);
    other.execute_batch("DROP TRIGGER taken_back").unwrap();
    let ran = house.well("sync").await;
    assert_eq!(ran.error, "The search index is complete again.\n");
    assert_eq!(house.well("list to:sam").await.text.lines().count(), 600);
}

/// Waits until it is so; `false` when it does not come to pass.
#[cfg(unix)]
async fn within_a_minute(mut so: impl FnMut() -> bool) -> bool {
    let waited = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_mins(1), waited).await;
    waited.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_whose_mail_is_here_ends_well_although_the_index_cannot_be_completed() {
    let house = house().await;
    let other = rusqlite::Connection::open(house.path("data/poppet/mail.db")).unwrap();
    other
        .execute_batch("ALTER TABLE octets RENAME TO elsewhere")
        .unwrap();
    let ran = house.well("sync").await;
    ran.assert_told("The search index could not be completed");
    other
        .execute_batch("ALTER TABLE elsewhere RENAME TO octets")
        .unwrap();
    assert!(!is_complete(&house).await);
}

//! What the store has answered survives the death of its process at any moment.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use poppet::mail::{AccountId, Arrival, Extract, Local, MessageId, RemoteId, Timestamp};
use poppet::store::{Listing, Store};

const STORE: &str = "POPPET_TEST_CRASHING_STORE";
const NOW: Timestamp = Timestamp(1_795_435_200);

/// The other process: stores messages and says their numbers, until it is killed. Does nothing in a usual run.
#[test]
fn a_writer_to_be_killed() {
    let Some(path) = std::env::var_os(STORE) else {
        return;
    };
    let store = Store::open(Path::new(&path)).unwrap();
    let account = AccountId::new("home").unwrap();
    for number in store.list(Listing::default()).wait().unwrap().total.. {
        let batch = (0..4)
            .map(|part| arrival(&format!("{number}-{part}")))
            .collect();
        let outcome = store.store_arrivals(&account, batch, NOW).wait().unwrap();
        let mut out = std::io::stdout().lock();
        for stored in outcome.stored {
            writeln!(out, "\nstored {}", stored.message).unwrap();
        }
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_was_answered_and_leaves_nothing_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.db");
    let mut answered = Vec::new();
    for round in 0..5 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["a_writer_to_be_killed", "--exact", "--nocapture"])
            .env(STORE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let wanted = 20 + round * 7;
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.map_while(Result::ok).filter_map(|line| {
            let number = line.strip_prefix("stored ")?.parse().ok()?;
            Some(MessageId(number))
        });
        let before = answered.len();
        answered.extend(numbers.take(wanted));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(answered.len(), before + wanted);

        let store = Store::open(&path).unwrap();
        let verified = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(store.verify(answered.clone()))
            .unwrap();
        assert!(verified.iter().all(|(_, copy)| copy.is_some()));
        let report = store.check(|_, _| {}).wait().unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(
            report.messages % 4,
            0,
            "a batch is there as a whole or not at all"
        );
        let account = AccountId::new("home").unwrap();
        let ledger = store.ledger(&account).wait().unwrap();
        assert_eq!(ledger.len() as u64, report.messages);
        store.close().unwrap();
    }
}

fn arrival(id: &str) -> Arrival {
    let body = id.repeat(500);
    let octets = format!("Message-ID: <{id}@example.org>\r\n\r\n{body}\r\n").into_bytes();
    Arrival {
        ledger: None,
        remote: RemoteId::new(id.as_bytes()),
        listed_octets: octets.len() as u64,
        octets: octets.into(),
        extent: Local::Full,
        extract: Extract {
            message_id: format!("{id}@example.org"),
            text: id.to_owned(),
            ..Extract::default()
        },
    }
}

//! To the bit: what is stored is what was on the wire once the stuffing is off, asked by another client than poppet's.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use poppet::backend::keyring::Keyring;
use poppet::backend::secrets::Secrets;
use poppet::backend::{Engine, Options};
use poppet::bridge::{Command, Event, SyncMode, Ticket};
use poppet::config::Config;
use poppet::demo::{Maildrop, Message, Quirks, Server, ServerOptions};
use poppet::mail::{AccountId, Local, Secret};
use poppet::store::{Listing, Store};
use sha2::{Digest as _, Sha256};

#[path = "support/raw_pop3.rs"]
#[allow(dead_code, reason = "the rest of it serves other tests")]
mod raw_pop3;
#[path = "support/score.rs"]
#[allow(dead_code, reason = "every message is taken")]
mod score;

use raw_pop3::RawPop3;
use score::score;

#[tokio::test(flavor = "multi_thread")]
async fn generated_messages_are_stored_to_the_bit() {
    let messages: Vec<Vec<u8>> = (0..GENERATED).map(message).collect();
    let total = messages.len();
    // Half of them with somebody looking, which fetches header blocks first; the other half whole at once.
    let (looked_at, whole) = messages.split_at(total / 2);
    let mut equal = compare(looked_at, Quirks::default(), true).await;
    equal += compare(whole, Quirks::default(), false).await;
    score(
        "byte fidelity, generated messages",
        equal,
        total,
        &format!("largest {} octets", largest(&messages)),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_messages_are_stored_to_the_bit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["tests/mail", "tests/corpus", "assets", "fuzz/corpus"] {
        find(&root.join(folder), &mut files);
    }
    files.sort();
    let mut seen = HashSet::new();
    let mut messages: Vec<Vec<u8>> = files
        .iter()
        .map(|file| std::fs::read(file).unwrap())
        .chain(hostile())
        .collect();
    messages.retain(|octets| octets.len() <= LARGEST && seen.insert(octets.clone()));
    let lock_step = Quirks {
        no_pipelining: true,
        ..Quirks::default()
    };
    let no_top = Quirks {
        no_top: true,
        ..Quirks::default()
    };
    let (mut equal, mut total) = (0, 0);
    for quirks in [Quirks::default(), lock_step, no_top] {
        equal += compare(&messages, quirks, true).await;
        total += messages.len();
    }
    score(
        "byte fidelity, hostile messages, three ways to fetch them",
        equal,
        total,
        &format!("largest {} octets", largest(&messages)),
    );
}

/// How many of these messages are in a store, after a sync, as another client gets them from the server.
async fn compare(messages: &[Vec<u8>], quirks: Quirks, watched: bool) -> usize {
    let drop = Maildrop::new(messages.iter().cloned().map(Message::new).collect());
    let mut options = ServerOptions::new(drop);
    options.quirks = quirks;
    let server = Server::start(options).unwrap();
    let port = server.address().port();
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    };
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    sync(port, &store, folder.path(), watched).await;
    let mut stored = HashSet::new();
    let rows = store.list(Listing::default()).await.unwrap().rows;
    for row in &rows {
        assert_eq!(row.local, Local::Full, "{} is not whole", row.id.0);
        let (_, octets) = store.octets(row.id).await.unwrap().unwrap();
        let digest: [u8; 32] = Sha256::digest(&octets).into();
        let recorded = row.sha256.unwrap();
        assert_eq!(recorded.0, digest, "the recorded digest is another");
        assert!(stored.insert(digest), "a message is here twice");
    }
    let on_the_wire = tokio::task::spawn_blocking(move || {
        let session = RawPop3::login(port, "demo", "demo").unwrap();
        session.everything().unwrap()
    });
    let on_the_wire = on_the_wire.await.unwrap();
    assert_eq!(on_the_wire.len(), messages.len());
    let digests: Vec<[u8; 32]> = on_the_wire
        .values()
        .map(|octets| Sha256::digest(octets).into())
        .collect();
    // Messages that only differ in what POP3 does not carry, a final line end, are one.
    let distinct: HashSet<[u8; 32]> = digests.iter().copied().collect();
    assert_eq!(stored.len(), distinct.len(), "more or less is stored");
    digests
        .iter()
        .filter(|digest| stored.contains(*digest))
        .count()
}

async fn sync(port: u16, store: &Store, folder: &Path, watched: bool) {
    let text = format!(
        "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\nuser = \"demo\"\n"
    );
    let config_file = folder.join("config.toml");
    let config = Config::parse(&text, &config_file).unwrap();
    let secrets = Secrets::new(Keyring::new());
    let home = AccountId::new("home").unwrap();
    secrets.remember(&home, Secret::new("demo".to_owned()));
    let mut engine = Engine::start(Options {
        config,
        config_file,
        store: store.clone(),
        locks: folder.join("locks"),
        secrets: Arc::new(secrets),
        asker: None,
        automatic: false,
        watched,
    });
    let ticket = Ticket::new();
    let accounts = Vec::new();
    let mode = SyncMode::Full;
    let sync = Command::Sync {
        ticket,
        accounts,
        mode,
    };
    engine.commands.send(sync).await.unwrap();
    loop {
        let event = tokio::time::timeout(Duration::from_mins(5), engine.events.recv()).await;
        match event.expect("the engine answers").expect("it runs") {
            Event::Done { ticket: whose } if whose == ticket => return,
            Event::Failed { problem, .. } => panic!("{problem:?}"),
            _ => {}
        }
    }
}

/// A message of octets that mail may have and should not: no header, no end of a line, dots, CR and LF alone, NUL, octets
/// above 127, lines without end.
fn message(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    let mut octets = Vec::new();
    if next(8) > 0 {
        octets.extend_from_slice(format!("Subject: letter {seed}\r\nMessage-ID: <{seed}@one.example>\r\nFrom: sam@one.example\r\n\r\n").as_bytes());
    } else {
        octets.extend_from_slice(format!("{seed}\r\n").as_bytes());
    }
    for _ in 0..next(12) {
        match next(12) {
            0 => octets.extend_from_slice(b".\r\n"),
            1 => octets.extend_from_slice(b"..\r\n"),
            2 => octets.extend_from_slice(b"\n.\n"),
            3 => octets.extend_from_slice(b"a\rb\r\r\n"),
            4 => octets.extend_from_slice(b"\0\0\r\n"),
            5 => octets.extend_from_slice(b"+OK\r\n-ERR\r\n"),
            6 => octets.extend(std::iter::repeat_n(b'x', next(9_000))),
            7 => octets.extend_from_slice(b"\r\n"),
            _ => octets.extend((0..next(300)).map(|_| next(256) as u8)),
        }
    }
    octets
}

/// What a file cannot hold in a repository without being spoiled by it.
fn hostile() -> impl Iterator<Item = Vec<u8>> {
    let long_line = vec![b'y'; 300_000];
    let dots = b".\r\n".repeat(20_000);
    let folds = [
        b"Subject: a".as_slice(),
        &b"\r\n b".repeat(20_000),
        b"\r\n\r\nc\r\n",
    ]
    .concat();
    let control: Vec<u8> = (0..=255).cycle().take(4_096).collect();
    [
        Vec::new(),
        b"\r\n".to_vec(),
        b".".to_vec(),
        b"\n".to_vec(),
        b"\r".to_vec(),
        b"no line end".to_vec(),
        b"Subject: a\r\n\r\n\r\n.\r\n\r\n".to_vec(),
        b"Subject: b\n\nlines\nthat end in LF\n.\n+OK\n".to_vec(),
        long_line,
        dots,
        folds,
        control,
    ]
    .into_iter()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            find(&entry, files);
        } else if entry.to_string_lossy().contains("mail")
            || entry.extension().is_some_and(|end| end == "eml")
        {
            files.push(entry);
        }
    }
}

fn largest(messages: &[Vec<u8>]) -> usize {
    messages.iter().map(Vec::len).max().unwrap_or(0)
}

const GENERATED: u64 = 10_000;
/// Octets: what is larger is the matter of other tests.
const LARGEST: usize = 4 * 1024 * 1024;

//! What one stored message costs: the store and the reading of messages by themselves, without network and terminal.
//!
//! `cargo bench --bench store -- [fetch] [summaries] [listing] [--messages N] [--maildir FOLDER]`. See `docs/BENCHMARKS.md`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot be set up has failed, and says where"
)]

mod mail;
mod threads;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mail::Mailbox;
use poppet::mail::{AccountId, Arrival, LedgerId, Local, RemoteId, Timestamp};
use poppet::mime;
use poppet::store::{ListingOutcome, Outcome, Pending, Store};
use threads::Spent;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs this without: nobody asked for figures then, and an unoptimised build has none.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("figures are measured by `cargo bench --bench store`");
        return ExitCode::SUCCESS;
    }
    let value = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)
    };
    let messages = value("--messages").map_or(10_000, |text| text.parse().expect("a number"));
    let mailbox = match value("--maildir") {
        Some(folder) => Mailbox::folder(Path::new(folder), messages),
        None => Mailbox::generated(messages),
    };
    let asked = |part: &str| arguments.iter().any(|argument| argument == part);
    let all = !PARTS.iter().any(|part| asked(part));
    println!("{} messages, {} octets", mailbox.len(), mailbox.octets());
    if all || asked("fetch") {
        let shelf = Shelf::new();
        shelf.fetch("fetch", &mailbox, &[]);
        shelf.tell_size();
    }
    if all || asked("summaries") {
        let shelf = Shelf::new();
        let lines = shelf.summaries(&mailbox);
        shelf.fetch("fetch-after-summaries", &mailbox, &lines);
        shelf.tell_size();
    }
    if all || asked("listing") {
        Shelf::new().listings(&mailbox);
    }
    ExitCode::SUCCESS
}

/// A store of its own for one measurement.
struct Shelf {
    folder: tempfile::TempDir,
    store: Store,
    account: AccountId,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir_in(target()).expect("a temporary folder");
        let store = Store::open(&folder.path().join("mail.db")).expect("open the store");
        Self {
            folder,
            store,
            account: AccountId::new("home").expect("a name"),
        }
    }

    /// Stores all header blocks; the ledger's lines.
    fn summaries(&self, mailbox: &Mailbox) -> Vec<LedgerId> {
        self.arrive("summaries", mailbox, Local::Headers, &[])
    }

    /// Stores all messages; those that have a line of the ledger as what it stands for.
    fn fetch(&self, what: &str, mailbox: &Mailbox, lines: &[LedgerId]) {
        self.arrive(what, mailbox, Local::Full, lines);
    }

    /// One batch is read while the one before it is being committed, as in a session.
    fn arrive(
        &self,
        what: &str,
        mailbox: &Mailbox,
        extent: Local,
        lines: &[LedgerId],
    ) -> Vec<LedgerId> {
        let before = Spent::now();
        let begun = Instant::now();
        let mut reading = Duration::ZERO;
        let mut found = Vec::new();
        let mut committing: Option<Pending<Outcome>> = None;
        let mut batch = Vec::new();
        let mut octets = 0;
        let mut wait = |pending: Option<Pending<Outcome>>| {
            let outcome = pending.map(|pending| pending.wait().expect("store the messages"));
            found.extend(outcome.into_iter().flat_map(|outcome| outcome.stored));
        };
        for place in 0..mailbox.len() {
            let raw = match extent {
                Local::Headers => mailbox.header(place),
                _ => mailbox.message(place),
            };
            let started = threads::mine();
            let extract = mime::extract(&raw, extent).indexed();
            reading += threads::mine().saturating_sub(started);
            octets += raw.len();
            batch.push(Arrival {
                ledger: lines.get(place).copied(),
                remote: RemoteId::new(format!("{place:016x}").as_bytes()),
                listed_octets: mailbox.size(place),
                octets: raw.into(),
                extent,
                extract,
            });
            if batch.len() == BATCH_MESSAGES || octets >= BATCH_OCTETS || place + 1 == mailbox.len()
            {
                wait(committing.take());
                let arrivals = std::mem::take(&mut batch);
                committing = Some(self.store.store_arrivals(&self.account, arrivals, NOW));
                octets = 0;
            }
        }
        wait(committing);
        let spent = Spent::now().since(before);
        let count = mailbox.len() as f64;
        println!(
            "{what}: {:.0} messages/s; a message: {:.1} us reading, {:.1} us writer, {:.1} kB written",
            count / begun.elapsed().as_secs_f64(),
            reading.as_secs_f64() * 1e6 / count,
            spent.writer.as_secs_f64() * 1e6 / count,
            spent.written as f64 / 1e3 / count,
        );
        found.into_iter().map(|stored| stored.ledger).collect()
    }

    /// What a session needs of the ledger, and what a listing changes in it.
    fn listings(&self, mailbox: &Mailbox) {
        let lines = self.summaries(mailbox);
        let known: Vec<(LedgerId, u64)> = (0..mailbox.len())
            .map(|place| mailbox.size(place))
            .zip(&lines)
            .map(|(size, line)| (*line, size))
            .collect();
        for _ in 0..3 {
            let begun = Instant::now();
            let read = self.store.ledger(&self.account).wait().expect("read").len();
            println!("ledger: {read} lines in {:.1} ms", milliseconds(begun));
        }
        let listing = |outcome| {
            let pending = self.store.record_listing(&self.account, outcome, NOW);
            pending.wait().expect("record the listing").len()
        };
        for (what, outcome) in [
            (
                "nothing new",
                ListingOutcome {
                    known: known.clone(),
                    ..ListingOutcome::default()
                },
            ),
            (
                "all gone",
                ListingOutcome {
                    vanished: lines.clone(),
                    ..ListingOutcome::default()
                },
            ),
            (
                "all back",
                ListingOutcome {
                    reappeared: lines,
                    ..ListingOutcome::default()
                },
            ),
        ] {
            let begun = Instant::now();
            let changed = listing(outcome);
            println!(
                "listing, {what}: {changed} rows changed in {:.1} ms",
                milliseconds(begun)
            );
        }
    }

    fn tell_size(&self) {
        self.store.close().expect("close the store");
        let file = std::fs::metadata(self.folder.path().join("mail.db")).expect("the store");
        println!("file: {:.1} MB", file.len() as f64 / 1e6);
    }
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

/// The folder for what is built: on a disk, where `/tmp` may be memory.
fn target() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

const PARTS: [&str; 3] = ["fetch", "summaries", "listing"];
const NOW: Timestamp = Timestamp(1_764_000_000);
/// Messages as in the reader, octets as in `poppet sync`.
const BATCH_MESSAGES: usize = 256;
const BATCH_OCTETS: usize = 4 * 1024 * 1024;

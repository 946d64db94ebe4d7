//! What fetching takes, measured on the program itself against a Dovecot of its own, each figure beside what a plain loop
//! and other programs take for the same in the same round.
//!
//! `cargo bench --bench line -- [download] [far] [summaries] [again] [--messages N] [--rounds N]
//! [--maildir FOLDER] [--rate MBIT] [--flush MS]`. See `docs/BENCHMARKS.md`.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a measurement that cannot be set up has failed, and says where"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

mod client;
mod far;
mod near;
mod post;

#[path = "../reader/figure.rs"]
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod figure;
#[path = "../reader/plain.rs"]
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod plain;
#[path = "../reader/process.rs"]
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod process;
#[path = "../reader/proxy.rs"]
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod proxy;
#[path = "../../tests/support/mod.rs"]
mod support;

use post::Office;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --all-targets` runs this without: nobody asked for figures then, and an unoptimised build has none.
    if !arguments.iter().any(|argument| argument == "--bench") {
        println!("figures are measured by `cargo bench --bench line`");
        return ExitCode::SUCCESS;
    }
    let value = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag);
        at.and_then(|at| arguments.get(at + 1))
    };
    let number = |flag: &str, otherwise: u32| {
        value(flag).map_or(otherwise, |value| value.parse().expect("a number"))
    };
    let wants = |part: &str| {
        let named = |name: &str| arguments.iter().any(|argument| argument == name);
        named(part) || !PARTS.iter().any(|part| named(part))
    };
    let messages = number("--messages", 10_000);
    // A megabit is 125,000 octets.
    let rate = value("--rate").map(|rate| rate.parse::<f64>().expect("a number") * 125_000.0);
    let rounds = number("--rounds", 3);
    let flush = value("--flush").map(|flush| flush.parse().expect("milliseconds"));
    if let Some(flush) = flush {
        client::SlowDisk::pretend(flush);
    }
    process::tell_load();
    eprintln!("a mailbox of {messages} messages for Dovecot ...");
    let Some(office) = Office::open(messages, value("--maildir").map(Path::new)) else {
        return ExitCode::SUCCESS;
    };
    println!(
        "{} messages of {:.1} kB on average, {}",
        office.messages,
        office.octets as f64 / f64::from(office.messages) / 1e3,
        Office::version()
    );
    let mut figures = Vec::new();
    if wants("download") {
        figures.extend(near::download(&office, rounds, flush.is_some()));
    }
    if wants("far") {
        figures.extend(far::download(&office, rounds, (NEAR, rate), &far::TWENTY));
        figures.extend(far::download(&office, rounds, (FAR, rate), &far::HUNDRED));
    }
    if wants("summaries") {
        figures.extend(far::summaries(&office, rounds, FAR));
    }
    if wants("again") {
        figures.extend(far::again(&office, rounds, FAR));
    }
    process::tell_load();
    figure::print(&figures);
    if figures.iter().any(|figure| figure.holds() == Some(false)) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

const PARTS: [&str; 4] = ["download", "far", "summaries", "again"];
const NEAR: Duration = Duration::from_millis(20);
const FAR: Duration = Duration::from_millis(100);

//! What has to be fast, measured on the program itself, each figure beside what the same machine can do at best.
//!
//! `cargo bench --bench reader -- [paint] [screenful] [keys] [open] [idle] [start] [list] [throughput] [search] [--quick]
//! [--verbose] [--messages=N]`.
//! See `docs/BENCHMARKS.md`.

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

#[path = "../../tests/support/certificates.rs"]
#[allow(dead_code, reason = "only a good certificate is wanted here")]
mod certificates;
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod figure;
mod home;
mod idle;
mod keys;
mod list;
mod opened;
mod paint;
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod plain;
#[allow(dead_code, reason = "the other benchmark takes the rest")]
mod process;
mod proxy;
mod rivals;
mod screenful;
mod search;
mod server;
mod terminal;
mod throughput;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [home::FILL, messages, data] =
        arguments.iter().map(String::as_str).collect::<Vec<_>>()[..]
    {
        home::fill(
            messages.parse().expect("a number of messages"),
            data.as_ref(),
        );
        return ExitCode::SUCCESS;
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    // `cargo test --all-targets` runs this without: nobody asked for figures then, and an unoptimised build has none.
    if !has("--bench") {
        println!("figures are measured by `cargo bench --bench reader`");
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    if let Some(unknown) = wanted.iter().find(|name| !PARTS.contains(&name.as_str())) {
        eprintln!(
            "there is no part {unknown:?}; there are {}",
            PARTS.join(", ")
        );
        return ExitCode::from(2);
    }
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|name| *name == part);
    let (quick, verbose) = (has("--quick"), has("--verbose"));
    let (usual, rounds) = if quick { (1_000, 3) } else { (10_000, 20) };
    let messages = arguments
        .iter()
        .find_map(|argument| argument.strip_prefix("--messages="))
        .map_or(usual, |number| {
            number.parse().expect("a number of messages")
        });
    process::tell_load();
    let mut figures = Vec::new();
    if wants("paint") {
        eprintln!("paint ...");
        figures.extend(paint::measure(messages, rounds));
    }
    if wants("screenful") {
        eprintln!("screenful ...");
        figures.extend(screenful::measure(messages, rounds.div_ceil(2), verbose));
    }
    if wants("keys") {
        eprintln!("keys ...");
        figures.extend(keys::measure(messages, rounds * 15, verbose));
    }
    if wants("open") {
        eprintln!("open ...");
        let messages = messages.max(10_000);
        figures.extend(opened::measure(messages, rounds * 2, verbose));
    }
    if wants("idle") {
        eprintln!("idle ...");
        let watched = Duration::from_secs(if quick { 15 } else { 60 });
        figures.extend(idle::measure(1_000, watched, verbose));
    }
    if wants("start") {
        eprintln!("start ...");
        figures.extend(list::measure_start(rounds));
    }
    if wants("list") {
        eprintln!("list ...");
        figures.extend(list::measure(rounds));
    }
    if wants("throughput") {
        eprintln!("throughput ...");
        figures.extend(throughput::measure(1_000, 3, &THOUSAND));
        if !quick {
            figures.extend(throughput::measure(10_000, 3, &TEN_THOUSAND));
        }
    }
    // A store of 100,000 takes minutes to fill: only when it is named.
    if wanted.iter().any(|name| *name == "search") {
        eprintln!("search ...");
        let kept = arguments
            .iter()
            .find_map(|argument| argument.strip_prefix("--keep="));
        let messages = if quick { 1_000 } else { 100_000 };
        figures.extend(search::measure(
            messages,
            rounds,
            kept.map(Path::new),
            has("--rivals"),
        ));
    }
    process::tell_load();
    figure::print(&figures);
    if figures.iter().any(|figure| figure.holds() == Some(false)) {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

const PARTS: [&str; 9] = [
    "paint",
    "screenful",
    "keys",
    "open",
    "idle",
    "start",
    "list",
    "throughput",
    "search",
];

const THOUSAND: throughput::Names = throughput::Names {
    sync: "sync-1000",
    headers: "sync-1000/headers",
    plain: "sync-1000/loop",
    disk: "sync-1000/file",
};

const TEN_THOUSAND: throughput::Names = throughput::Names {
    sync: "sync-10000",
    headers: "sync-10000/headers",
    plain: "sync-10000/loop",
    disk: "sync-10000/file",
};

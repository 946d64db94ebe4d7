//! What is fuzzed: for each target what has to hold for every octet string, and where to begin.
//!
//! Two crates take these files in: `tests/fuzz` lets libFuzzer make the octets, and `tests/fuzzed.rs` replays those that were
//! kept. A target is a plain function that panics when something does not hold.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a panic is how a target says that something does not hold"
)]

mod config;
mod headers;
mod html;
mod keys;
mod letters;
mod mime;
mod query;
mod reply;
mod safe;
mod session;
mod shelf;
mod store;
mod theme;
mod time;

use std::path::{Path, PathBuf};

/// Something that takes octets from outside.
pub(crate) struct Target {
    /// The name of its folder in `corpus`, of its binary and of its dictionary.
    pub(crate) name: &'static str,
    /// Tries these octets; panics when something does not hold.
    pub(crate) run: fn(&[u8]),
    /// Octets to begin with, from what the repository has anyway.
    pub(crate) seeds: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub(crate) const TARGETS: [Target; 11] = [
    target("config", config::run, config::seeds),
    target("headers", headers::run, headers::seeds),
    target("html", html::run, html::seeds),
    target("keys", keys::run, keys::seeds),
    target("mime", mime::run, mime::seeds),
    target("query", query::run, query::seeds),
    target("reply", reply::run, reply::seeds),
    target("safe", safe::run, safe::seeds),
    target("session", session::run, session::seeds),
    target("store", store::run, store::seeds),
    target("theme", theme::run, theme::seeds),
];

const fn target(name: &'static str, run: fn(&[u8]), seeds: fn() -> Vec<Vec<u8>>) -> Target {
    Target { name, run, seeds }
}

/// The folder `tests` of the repository, whichever crate this is part of.
pub(crate) fn tests() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here
        .ancestors()
        .find(|folder| folder.join("tests/transcripts").is_dir());
    root.expect("the repository").join("tests")
}

/// The files of a folder below `tests`, in order.
pub(crate) fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(tests().join(folder)) else {
        return Vec::new();
    };
    let mut found: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.expect("an entry of a folder").path())
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            (name.into_owned(), std::fs::read(&path).expect("a file"))
        })
        .collect();
    found.sort();
    found
}

/// Octets that are taken apart from the front. What is not there any more is 0.
#[derive(Clone, Copy)]
struct Octets<'o>(&'o [u8]);

impl<'o> Octets<'o> {
    fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    fn number(&mut self) -> usize {
        usize::from(self.octet()) << 8 | usize::from(self.octet())
    }

    fn take(&mut self, count: usize) -> &'o [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

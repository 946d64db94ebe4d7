//! Which lines of the checklist have a test: the numbers that names of tests and first lines of transcripts carry.
//!
//! A name begins with its numbers: `p9_p10_a_stuffed_message_comes_back`, `v21_to_v26_bombs_are_cut`. A transcript has them in
//! its first line: `# P5, V13: why`. `docs/RELIABILITY.md` and `docs/PROTOCOL.md` say what the numbers stand for.

#![allow(
    clippy::expect_used,
    reason = "the source tree is there, or nothing of this can be counted"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[path = "scoreboard/matrix.rs"]
mod matrix;
#[path = "scoreboard/named.rs"]
mod named;
#[path = "transcripts/numbers.rs"]
mod numbers;
#[path = "support/score.rs"]
#[allow(dead_code, reason = "nothing here is tried in part")]
mod score;

use matrix::{Cell, MATRIX, STATES};
use numbers::{Number, of_name, of_transcript};
use score::score;

/// What is numbered, and how far: each number has to have a test.
const FAMILIES: [(char, u32, &str); 5] = [
    ('P', 96, "protocol checklist"),
    ('Q', 30, "server quirks"),
    ('V', 32, "attacks"),
    ('I', 12, "invariants"),
    ('F', 27, "faults"),
];

#[test]
fn every_number_of_the_checklist_is_carried_by_a_test() {
    let carried = carried();
    let mut failed = Vec::new();
    for (family, last, what) in FAMILIES {
        let missing: Vec<String> = (1..=last)
            .filter(|value| !carried.contains_key(&(family, *value)))
            .map(|value| format!("{family}{value}"))
            .collect();
        let figure = format!("{what} {family}1 to {family}{last}, numbers that a test carries");
        let tests = carried
            .range((family, 0)..=(family, u32::MAX))
            .fold(0, |sum, (_, places)| sum + places.len());
        let passed = last as usize - missing.len();
        if missing.is_empty() {
            score(&figure, passed, last as usize, &format!("{tests} tests"));
        } else {
            println!(
                "{figure}: {passed} of {last}; without: {}",
                missing.join(" ")
            );
        }
        failed.extend(missing);
    }
    assert!(failed.is_empty(), "no test carries {}", failed.join(" "));
}

/// Prints the line of the scoreboard itself.
#[test]
fn every_live_cell_of_fault_and_state_has_tests_that_are_there() {
    let (mut live, mut holds, mut named) = (0, 0, BTreeSet::new());
    let mut missing = Vec::new();
    for (row, number) in MATRIX.iter().zip(1..) {
        assert_eq!(row.fault, number, "{}", row.name);
        for (cell, state) in row.cells.iter().zip(STATES) {
            let Cell::Live { what, by } = cell else {
                continue;
            };
            let place = format!("F{number} {}, {state}: {what}", row.name);
            live += 1;
            assert!(!by.is_empty(), "{place}: by no test");
            let absent = by.iter().filter(|test| !is_there(test));
            let absent: Vec<String> = absent.map(|test| format!("{place}: {test}")).collect();
            holds += usize::from(absent.is_empty());
            missing.extend(absent);
            named.extend(by.iter().copied());
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    let tests = named.len();
    println!("SCORE fault and state, live cells | {holds} of {live} | {tests} tests");
    assert_eq!((holds, live), (LIVE, LIVE));
}

#[test]
fn no_test_carries_a_number_that_is_none() {
    let beyond: Vec<String> = carried()
        .into_iter()
        .filter(|((family, value), _)| {
            !FAMILIES
                .iter()
                .any(|(known, last, ..)| known == family && (1..=*last).contains(value))
        })
        .map(|((family, value), places)| format!("{family}{value}: {}", places.join(", ")))
        .collect();
    assert_eq!(beyond, Vec::<String>::new());
}

#[test]
fn numbers_are_read_from_names_of_tests_and_first_lines_of_transcripts() {
    assert_eq!(of_name("p9_p10_a_dot"), [('P', 9), ('P', 10)]);
    assert_eq!(
        of_name("v21_to_v23_bombs"),
        [('V', 21), ('V', 22), ('V', 23)]
    );
    assert_eq!(of_name("p26-p27-marked"), [('P', 26), ('P', 27)]);
    assert_eq!(of_name("i1_to_be_sure"), [('I', 1)]);
    assert!(of_name("a_page_of_p9").is_empty());
    assert!(of_name("pass_p9").is_empty());
    assert_eq!(of_transcript("# P5, V13\nS: +OK"), [('P', 5), ('V', 13)]);
    assert_eq!(
        of_transcript("# Q5, V1-V3: shapes"),
        [('Q', 5), ('V', 1), ('V', 2), ('V', 3)]
    );
    assert!(of_transcript("# RFC 2195 section 2").is_empty());
    assert!(of_transcript("S: +OK").is_empty());
    let source = "#[test]\n#[cfg(unix)]\nfn p1_one() {}\nfn p2_helper() {}\n#[tokio::test]\nasync fn p3_three() {}\n\
                  #[test]\n#[ignore = \"slow\"]\nfn p4_ignored() {}\n";
    assert_eq!(tests(source), ["p1_one", "p3_three"]);
}

/// Each number, with where it is carried.
fn carried() -> BTreeMap<Number, Vec<String>> {
    let mut carried: BTreeMap<Number, Vec<String>> = BTreeMap::new();
    for file in files("src").into_iter().chain(files("tests")) {
        let text = || fs::read_to_string(&file).expect("a file of the source tree");
        let shown = file.display().to_string();
        let extension = file.extension().unwrap_or_default();
        if extension == "rs" {
            for test in tests(&text()) {
                for number in of_name(&test) {
                    let place = format!("{shown}: {test}");
                    carried.entry(number).or_default().push(place);
                }
            }
        } else if extension == "txt" && file.parent().is_some_and(|at| at.ends_with("transcripts"))
        {
            let stem = file.file_stem().unwrap_or_default().to_string_lossy();
            let mut all = of_name(&stem);
            all.extend(of_transcript(&text()));
            all.sort_unstable();
            all.dedup();
            for number in all {
                carried.entry(number).or_default().push(shown.clone());
            }
        }
    }
    carried
}

/// Whether there is such a test, which is not ignored. `test` is its path as `cargo test` says it, behind its binary.
fn is_there(test: &str) -> bool {
    let parts: Vec<&str> = test.split("::").collect();
    let [binary, modules @ .., name] = parts.as_slice() else {
        return false;
    };
    let mut places = Vec::new();
    if *binary == "poppet" {
        places.push(format!("src/{}", modules.join("/")));
        // Tests inside the file that they are about, or beside it.
        if let [outer @ .., "tests"] = modules {
            let outer = outer.join("/");
            places.extend([format!("src/{outer}"), format!("src/{outer}_tests")]);
        }
    } else if modules.is_empty() {
        places.push(format!("tests/{binary}"));
    } else {
        places.push(format!("tests/{binary}/{}", modules.join("/")));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = places.iter().flat_map(|place| {
        [format!("{place}.rs"), format!("{place}/mod.rs")].map(|file| root.join(file))
    });
    files
        .filter_map(|file| fs::read_to_string(file).ok())
        .any(|source| tests(&source).iter().any(|found| found == name))
}

/// The names of the tests in a source file; those that are ignored are not run, and not counted.
fn tests(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let (mut test, mut ignored) = (false, false);
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            (test, ignored) = (true, false);
        } else if line.starts_with("#[ignore") {
            ignored = true;
        } else if let Some(name) = function(line) {
            if test && !ignored {
                found.push(name.to_owned());
            }
            test = false;
        }
    }
    found
}

fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let plain = before
        .split_whitespace()
        .all(|word| matches!(word, "pub" | "pub(crate)" | "async" | "const"));
    let name = after.split(['(', '<']).next()?;
    plain.then_some(name)
}

fn files(folder: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the source tree") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Live cells of the matrix: one that is lost or won is written down here as well.
const LIVE: usize = 113;

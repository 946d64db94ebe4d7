//! The table of the house: who may use whom, who may touch the outside, and how large a file may grow.
//!
//! A new arrow between rooms means an edit here, in the same change, with its reason.

#![allow(
    clippy::expect_used,
    reason = "the source tree is there, or nothing of this can be checked"
)]

use std::fs;
use std::path::{Path as FilePath, PathBuf};

#[path = "support/source.rs"]
mod source;

use source::{Path, paths, tokens};

#[test]
fn every_arrow_between_rooms_is_in_the_table() {
    assert_none(&over_all_sources(forbidden_arrows));
}

#[test]
fn only_the_rooms_named_for_it_touch_the_outside() {
    assert_none(&over_all_sources(forbidden_outside));
}

#[test]
fn the_crate_root_holds_no_code() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    assert_none(&code_in_crate_root(&text));
}

#[test]
fn the_table_names_every_room_and_no_other() {
    let text = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs");
    let mut declared: Vec<String> = tokens(&text)
        .windows(2)
        .filter(|w| w[0].text == "mod")
        .map(|w| w[1].text.clone())
        .collect();
    declared.sort();
    let mut known: Vec<String> = ROOMS.iter().map(|(room, _)| (*room).to_owned()).collect();
    known.sort();
    assert_eq!(declared, known);
}

#[test]
fn no_file_grows_out_of_sight() {
    let mut long = Vec::new();
    for file in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = fs::read_to_string(root().join(&file))
            .expect("a source file")
            .lines()
            .count();
        let limit = line_limit(&file);
        if lines > limit {
            long.push(format!(
                "{}: {lines} lines, {limit} at most",
                file.display()
            ));
        }
    }
    assert_none(&long);
}

#[test]
fn every_room_says_at_its_door_what_lives_there() {
    let mut silent = Vec::new();
    for file in rust_files("src")
        .into_iter()
        .filter(|f| f.ends_with("mod.rs"))
    {
        let text = fs::read_to_string(root().join(&file)).expect("a source file");
        if !text.starts_with("//!") {
            silent.push(format!("{}: does not start with //!", file.display()));
        }
    }
    assert_none(&silent);
}

/// A DELE takes an `Approved`, and QUIT a `Clean` session: no other file makes these commands.
#[test]
fn i1_i7_dele_and_quit_are_made_in_one_place_each_which_takes_their_proofs() {
    let makers = |file: &FilePath, text: &str| {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let made = ["Command::Dele(", "Command::Quit"]
            .into_iter()
            .flat_map(|made| {
                code.lines()
                    .filter(move |line| line.contains(made) && !line.trim_start().starts_with("//"))
            });
        let path = file.to_string_lossy().into_owned();
        // `pop3` takes them apart to write them down and to say when they may be sent.
        if !file.starts_with("src/backend") || path.ends_with("tests.rs") {
            return Vec::new();
        }
        made.map(|line| format!("{path}: {}", line.trim()))
            .collect()
    };
    let made = over_all_sources(makers);
    let refused = "src/backend/wire.rs: Command::Dele(_) | Command::Quit => Err(Error::Unexpected(command.verb())),";
    let expected = [
        "src/backend/wire/clean.rs: self.transmit(&Command::Dele(approved.number()))",
        "src/backend/wire/clean.rs: wire.transmit(&Command::Quit)?;",
        refused,
        refused,
    ];
    assert_eq!(made, expected);
}

/// What proves is made by what has looked: nothing else in the program can say that a message is safe.
#[test]
fn i1_i7_proofs_have_one_maker_each() {
    for (proof, maker) in [
        ("Approved {", "src/backend/apply.rs"),
        ("Clean {", "src/backend/wire/clean.rs"),
        ("StoredCopy {", "src/mail/ledger.rs"),
    ] {
        let made = over_all_sources(|file, text| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let made = code.lines().filter(|line| {
                let line = line.trim_start();
                line.contains(proof) && !line.starts_with("//")
            });
            made.map(|_| file.to_string_lossy().into_owned()).collect()
        });
        assert!(!made.is_empty(), "{proof}: not found");
        assert!(made.iter().all(|file| file == maker), "{proof}: {made:?}");
    }
    // Their fields are their own: no other file can put one together.
    for (file, fields) in [
        (
            "src/backend/apply.rs",
            "    ledger: LedgerId,\n    message: MessageId,\n    number: MessageNumber,",
        ),
        (
            "src/backend/wire/clean.rs",
            "struct Clean {\n    wire: Wire,",
        ),
        (
            "src/mail/ledger.rs",
            "struct StoredCopy {\n    message: MessageId,",
        ),
    ] {
        let text = fs::read_to_string(root().join(file)).expect("a source file");
        assert!(
            text.contains(fields),
            "{file}: the proof's fields are not private"
        );
    }
}

#[test]
fn a_module_lies_where_its_name_says_unless_it_holds_tests() {
    let elsewhere = |file: &FilePath, text: &str| {
        let moved = text.lines().filter(|line| {
            line.contains("#[path = ") && !line.contains("_tests.rs\"") && !line.contains("\"main/")
        });
        moved
            .map(|line| format!("{}: {line}", file.display()))
            .collect()
    };
    assert_none(&over_all_sources(elsewhere));
}

#[test]
fn the_checker_sees_a_planted_arrow_however_it_is_spelled() {
    let planted = [
        ("src/pop3/client.rs", "use crate::mail::MessageId;"),
        ("src/mail/plan.rs", "use crate::{mail::ids, store::Ledger};"),
        (
            "src/mail/plan.rs",
            "use crate::{\n    mail::{ids, address},\n    store::{Ledger},\n};",
        ),
        (
            "src/ui/reader/mod.rs",
            "fn f() { super::super::backend::start(); }",
        ),
        (
            "src/ui/reader/keys.rs",
            "use super::super::super::store::Store;",
        ),
        (
            "src/ui/list.rs",
            "mod tests { use super::super::super::store::Store; }",
        ),
        ("src/ui/list.rs", "fn f() -> crate::pop3::Uidl { todo() }"),
        ("src/config/mod.rs", "use super::cli;"),
        ("src/demo/server.rs", "use crate::pop3::Command;"),
        ("src/backend/task.rs", "let x = crate::ui::Model::new();"),
        ("src/store/mod.rs", "use crate::*;"),
        ("src/store/mod.rs", "use crate as house;"),
        (
            "src/mime/html.rs",
            "macro_rules! m { () => { $crate::store::open() } }",
        ),
        ("src/bridge.rs", "use crate::config::Account;"),
        ("src/cli/show.rs", "use poppet::ui::Model;"),
    ];
    for (file, text) in planted {
        let seen = forbidden_arrows(FilePath::new(file), text);
        assert_eq!(seen.len(), 1, "{file}: {text}: {seen:?}");
    }
}

#[test]
fn the_checker_sees_a_planted_use_of_the_outside() {
    let planted = [
        ("src/ui/runtime.rs", "use tokio::net::TcpStream;"),
        ("src/store/mod.rs", "use std::net::{IpAddr, TcpListener};"),
        (
            "src/cli/check.rs",
            "let s = tokio::net::lookup_host(name).await;",
        ),
        ("src/backend/db.rs", "use rusqlite as sql;"),
        ("src/ui/reader.rs", "html2text::from_read(x, 80)"),
        ("src/cli/show.rs", "use mail_parser::MessageParser;"),
        ("src/pop3/client.rs", "use {tokio::io::AsyncRead};"),
        ("src/ui/model.rs", "tokio::spawn(async {});"),
        (
            "src/mail/plan.rs",
            "let now = std::time::SystemTime::now();",
        ),
        ("src/pop3/client.rs", "use std::{fs, fmt};"),
    ];
    for (file, text) in planted {
        let seen = forbidden_outside(FilePath::new(file), text);
        assert_eq!(seen.len(), 1, "{file}: {text}: {seen:?}");
    }
}

#[test]
fn the_checker_lets_the_table_and_mere_words_pass() {
    let fine = [
        (
            "src/ui/list.rs",
            "//! Not [`crate::store`].\nuse crate::bridge::Command; /* crate::store */",
        ),
        (
            "src/ui/list.rs",
            "const A: &str = \"crate::store::x\"; const B: &str = r#\"tokio::net \"crate::cli\"# ;",
        ),
        ("src/ui/runtime/mod.rs", "use tokio::sync::mpsc;"),
        (
            "src/ui/list.rs",
            "mod tests { use super::*; use crate::mail::MessageId; }",
        ),
        ("src/ui/reader/keys.rs", "use super::super::keymap::Action;"),
        (
            "src/backend/dial.rs",
            "use tokio::net::TcpStream; use crate::{pop3, store, demo, mime, config};",
        ),
        (
            "src/store/mod.rs",
            "fn f<'a>(c: char) -> &'a str { if c == '\\'' || c == '\"' { \"crate::ui\" } else { rusqlite::f() } }",
        ),
        ("src/mail/plan_tests.rs", "use super::super::RulesDelete;"),
        (
            "src/main.rs",
            "use poppet::ui; use poppet::{cli, backend, store};",
        ),
        (
            "src/config/mod.rs",
            "use std::net::IpAddr; use crate::mail::Secret;",
        ),
    ];
    for (file, text) in fine {
        let mut seen = forbidden_arrows(FilePath::new(file), text);
        seen.extend(forbidden_outside(FilePath::new(file), text));
        assert_none(&seen);
    }
}

#[test]
fn the_checker_sees_code_in_the_crate_root() {
    assert_none(&code_in_crate_root(
        "//! The map.\n#![doc = \"x\"]\npub mod mail;\npub mod ui;\n",
    ));
    assert_eq!(
        code_in_crate_root("pub mod mail;\npub use mail::Problem;\n").len(),
        1
    );
    assert_eq!(
        code_in_crate_root("pub mod mail { pub fn f() {} }\n").len(),
        1
    );
}

/// Uses of rooms that the room of `file` may not use.
fn forbidden_arrows(file: &FilePath, text: &str) -> Vec<String> {
    let module = module_of(file);
    let Some(room) = module.first() else {
        return Vec::new();
    };
    let allowed = ROOMS
        .iter()
        .find(|(name, _)| name == room)
        .map_or(&[][..], |(_, uses)| uses);
    let is_forbidden = |path: &&Path| match path.segments.first().map(String::as_str) {
        Some("crate") => !path
            .segments
            .get(1)
            .is_some_and(|to| to == room || allowed.contains(&to.as_str())),
        // The binary's own files name the rooms from outside.
        Some("poppet") => room != "main",
        _ => false,
    };
    report(
        file,
        paths(&tokens(text), &module).iter().filter(is_forbidden),
    )
}

/// Uses of the outside (sockets, files, clocks, other people's crates) that the room of `file` may not make.
fn forbidden_outside(file: &FilePath, text: &str) -> Vec<String> {
    let module = module_of(file);
    let room = module.first().map_or("main", String::as_str);
    let is_forbidden = |path: &&Path| {
        let touches = |rule: &&Outside| rule.names.iter().any(|name| touches(path, name));
        OUTSIDE
            .iter()
            .filter(touches)
            .any(|rule| !rule.may_use(room, file))
    };
    report(
        file,
        paths(&tokens(text), &module).iter().filter(is_forbidden),
    )
}

/// Whether a path is `name`, lies under it, or ends with it when it is a single type.
fn touches(path: &Path, name: &str) -> bool {
    let wanted: Vec<&str> = name.split("::").collect();
    path.starts_with(&wanted)
        || (name.starts_with(char::is_uppercase) && path.segments.iter().any(|s| s == name))
}

fn code_in_crate_root(text: &str) -> Vec<String> {
    let words = tokens(text);
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while let Some(first) = rest.first() {
        let shape: Vec<&str> = rest.iter().take(4).map(|t| t.text.as_str()).collect();
        rest = match shape.as_slice() {
            ["pub", "mod", _, ";"] => &rest[4..],
            ["#", ..] => {
                let end = rest
                    .iter()
                    .position(|t| t.text == "]")
                    .map_or(rest.len(), |at| at + 1);
                &rest[end..]
            }
            _ => {
                found.push(format!("src/lib.rs:{}: code: {}", first.line, first.text));
                return found;
            }
        };
    }
    found
}

fn report<'a>(file: &FilePath, found: impl Iterator<Item = &'a Path>) -> Vec<String> {
    found
        .map(|path| format!("{}:{}: {}", file.display(), path.line, path.text()))
        .collect()
}

/// The module path of a source file: `src/ui/reader/mod.rs` is `["ui", "reader"]`; the crate roots have none.
fn module_of(file: &FilePath) -> Vec<String> {
    let inner = file.strip_prefix("src").unwrap_or(file).with_extension("");
    let mut parts: Vec<String> = inner
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    // `#[path = "plan_tests.rs"] mod tests;` in `plan.rs` is the module `plan::tests`.
    if let Some(tested) = parts
        .last()
        .and_then(|last| last.strip_suffix("_tests"))
        .map(str::to_owned)
    {
        parts.pop();
        parts.extend([tested, "tests".to_owned()]);
    }
    if parts.last().is_some_and(|last| {
        last == "mod" || (parts.len() == 1 && (last == "lib" || last == "main"))
    }) {
        parts.pop();
    }
    parts
}

fn line_limit(file: &FilePath) -> usize {
    let name = file
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    if name.ends_with("tests.rs") || file.iter().any(|part| part == "tests") {
        700
    } else {
        400
    }
}

fn over_all_sources(check: impl Fn(&FilePath, &str) -> Vec<String>) -> Vec<String> {
    let files = rust_files("src");
    assert!(
        files.len() > 10,
        "the sources are not where they are looked for: {files:?}"
    );
    files
        .iter()
        .flat_map(|file| {
            check(
                file,
                &fs::read_to_string(root().join(file)).expect("a source file"),
            )
        })
        .collect()
}

/// All Rust files below a folder of the project, relative to its root, in order.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of sources") {
            let entry = entry.expect("an entry of a folder");
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn root() -> &'static FilePath {
    FilePath::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// One thing outside, and who may touch it.
struct Outside {
    names: &'static [&'static str],
    rooms: &'static [&'static str],
    /// Files of other rooms that may as well: beginnings of their paths.
    files: &'static [&'static str],
}

impl Outside {
    fn may_use(&self, room: &str, file: &FilePath) -> bool {
        let path = file.to_string_lossy();
        self.rooms.contains(&room) || self.files.iter().any(|start| path.starts_with(start))
    }
}

/// Every room, and the rooms that it may use. `main.rs` names them all.
const ROOMS: &[(&str, &[&str])] = &[
    ("mail", &[]),
    ("mime", &["mail"]),
    ("pop3", &[]),
    ("config", &["mail"]),
    ("store", &["mail"]),
    ("bridge", &["mail"]),
    (
        "backend",
        &["bridge", "config", "demo", "mail", "mime", "pop3", "store"],
    ),
    ("ui", &["bridge", "config", "mail"]),
    ("demo", &[]),
    (
        "cli",
        &[
            "backend", "bridge", "config", "demo", "mail", "mime", "store",
        ],
    ),
];

const OUTSIDE: &[Outside] = &[
    // Sockets: where the network is, and nowhere else. Addresses are values and go anywhere.
    Outside {
        names: &[
            "tokio::net",
            "TcpStream",
            "TcpListener",
            "UdpSocket",
            "ToSocketAddrs",
        ],
        rooms: &["backend", "demo"],
        files: &[],
    },
    Outside {
        names: &["rusqlite"],
        rooms: &["store"],
        files: &[],
    },
    Outside {
        names: &["html2text", "mail_parser"],
        rooms: &["mime"],
        files: &[],
    },
    // The screen decides without waiting; only its runtime knows of tasks and channels.
    Outside {
        names: &["tokio", "tokio_util"],
        rooms: &[
            "backend", "bridge", "cli", "config", "demo", "main", "mime", "store",
        ],
        files: &["src/ui/runtime"],
    },
    // Decisions and the protocol know no file, no clock and no chance.
    Outside {
        names: &["std::fs", "Instant", "SystemTime", "getrandom", "std::env"],
        rooms: &[
            "backend", "bridge", "cli", "config", "demo", "main", "mime", "store", "ui",
        ],
        files: &[],
    },
];

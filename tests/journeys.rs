//! Ways of a person, or of a script, through the commands: with the embedded server, right and wrong.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;

use rustix::process::Signal;

mod support;

use support::demo_server::DemoServer;
use support::home::{Account, Home, count, id, text};
use support::raw_pop3::RawPop3;
use support::run::signal;

#[test]
fn the_sample_mailbox_is_synced_listed_and_shown() {
    let (home, server) = synced(&[]);
    let held = RawPop3::login(server.port, &server.user, &server.password)
        .and_then(RawPop3::everything)
        .unwrap();
    let listed = home.list("");
    assert_eq!(listed.len(), held.len());
    let dates: Vec<&str> = listed.iter().map(|m| text(m, "date")).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first: {dates:?}");
    for message in &listed {
        assert_eq!(home.raw(message), held[text(message, "uidl")], "{message}");
        for field in [
            "account",
            "message_id",
            "subject",
            "snippet",
            "folder",
            "local",
            "server",
            "sha256",
        ] {
            text(message, field);
        }
        assert!(message["from"]["address"].is_string(), "{message}");
        assert!(
            message["to"].is_array() && message["cc"].is_array() && message["flags"].is_array(),
            "{message}"
        );
        assert!(message["pinned"].is_boolean(), "{message}");
    }
    let three = home
        .poppet(["list", "--json", "--limit", "3"])
        .expect_code(0)
        .json();
    assert_eq!(
        three.iter().map(id).collect::<Vec<_>>(),
        listed.iter().take(3).map(id).collect::<Vec<_>>()
    );
}

#[test]
fn no_command_lets_a_control_sequence_of_a_message_reach_the_terminal() {
    let (home, _server) = synced(&[]);
    assert_harmless(
        &home
            .poppet(["list", "--limit", "1000", "--color", "never"])
            .expect_code(0)
            .stdout,
    );
    for message in home.list("") {
        for view in ["--text", "--headers"] {
            assert_harmless(
                &home
                    .poppet(["show", &id(&message), view, "--color", "never"])
                    .expect_code(0)
                    .stdout,
            );
        }
        assert_harmless(
            &home
                .poppet(["attachments", &id(&message), "--color", "never"])
                .stdout,
        );
        let peeked = home
            .poppet(["peek", &id(&message), "--lines", "5", "--color", "never"])
            .expect_code(0);
        assert_harmless(&peeked.stdout);
    }
}

#[test]
fn attachments_are_saved_with_safe_names_and_overwrite_nothing() {
    let (home, _server) = synced(&[]);
    let with_files = home.list("has:file");
    assert!(!with_files.is_empty());
    let folder = home.path().join("saved");
    std::fs::create_dir(&folder).unwrap();
    let outside = entries(home.path());
    let mut saved = 0;
    for message in &with_files {
        let files = home
            .poppet(["attachments", &id(message), "--json"])
            .expect_code(0)
            .json()
            .len();
        assert_eq!(count(message, "attachments"), files as u64, "{message}");
        let folder = folder.to_str().unwrap();
        home.poppet(["attachments", &id(message), "--save", folder])
            .expect_code(0);
        home.poppet(["attachments", &id(message), "--save", folder])
            .expect_code(0);
        saved += 2 * files;
        assert_eq!(entries(Path::new(folder)).len(), saved, "{message}");
    }
    assert_eq!(
        entries(home.path()),
        outside,
        "a file was saved outside of the folder"
    );
    assert!(
        entries(&folder)
            .iter()
            .all(|name| !name.starts_with('.') && !name.contains(char::is_control))
    );
}

#[test]
fn a_search_finds_and_a_mistake_in_it_is_shown() {
    let (home, _server) = synced(&[]);
    let all = home.list("").len();
    let found = home.list("subject:tide");
    assert!(!found.is_empty() && found.len() < all);
    assert!(
        found
            .iter()
            .all(|m| text(m, "subject").to_lowercase().contains("tide")),
        "{found:?}"
    );
    assert_eq!(home.list("-subject:tide").len(), all - found.len());
    home.poppet(["list", "no-such-word-anywhere"])
        .expect_code(1);
    let wrong = home
        .poppet(["list", "--json", "larger:many"])
        .expect_code(2);
    assert_eq!(text(&wrong.problem(), "kind"), "config");
    assert_eq!(home.list("").len(), all);
}

#[test]
fn a_deletion_is_staged_listed_taken_back_and_applied() {
    let (home, server) = synced(&["--messages", "30", "--seed", "4"]);
    let listed = home.list("");
    let [first, second] = [id(&listed[0]), id(&listed[1])];
    home.poppet(["pending", "--json"]).expect_code(1);
    home.poppet(["delete", &first, &second]).expect_code(0);
    let staged: BTreeSet<String> = home
        .poppet(["pending", "--json"])
        .expect_code(0)
        .json()
        .iter()
        .map(id)
        .collect();
    assert_eq!(staged, BTreeSet::from([first.clone(), second.clone()]));
    home.poppet(["undelete", &second]).expect_code(0);
    assert_eq!(
        home.poppet(["pending", "--json"])
            .expect_code(0)
            .json()
            .len(),
        1
    );
    assert_eq!(home.list("folder:inbox").len(), 29);
    // Without a terminal and without --yes there is nobody to ask.
    home.poppet(["apply"]);
    assert_eq!(server_uidls(&server).len(), 30);
    home.poppet(["apply", "--yes"]).expect_code(0);
    let held = server_uidls(&server);
    assert_eq!(held.len(), 29);
    assert!(!held.contains(text(&listed[0], "uidl")));
    home.poppet(["pending", "--json"]).expect_code(1);
    home.poppet(["undelete", &first]).expect_code(0);
    assert_eq!(
        home.list("folder:inbox").len(),
        30,
        "a message comes back out of the Trash"
    );
}

#[test]
fn a_pin_is_set_and_taken_off() {
    let (home, _server) = synced(&["--messages", "5", "--seed", "4"]);
    let message = id(&home.list("")[0]);
    home.poppet(["keep", &message]).expect_code(0);
    assert_eq!(home.list("is:pinned").len(), 1);
    home.poppet(["keep", &message, "--off"]).expect_code(0);
    assert!(home.list("is:pinned").is_empty());
}

#[test]
fn an_export_run_twice_adds_nothing_the_second_time() {
    let (home, _server) = synced(&["--messages", "20", "--seed", "4"]);
    let [maildir, mbox, eml] =
        ["Maildir", "all.mbox", "eml"].map(|name| home.path().join(name).display().to_string());
    for (kind, place) in [("--maildir", &maildir), ("--mbox", &mbox), ("--eml", &eml)] {
        home.poppet(["export", kind, place]).expect_code(0);
        let once = octets_below(Path::new(place));
        assert!(once.iter().map(Vec::len).sum::<usize>() > 0, "{kind}");
        home.poppet(["export", kind, place]).expect_code(0);
        assert_eq!(octets_below(Path::new(place)), once, "{kind}");
    }
    let stored: BTreeSet<Vec<u8>> = home.list("").iter().map(|m| home.raw(m)).collect();
    assert_eq!(
        octets_below(Path::new(&eml))
            .into_iter()
            .collect::<BTreeSet<_>>(),
        stored
    );
    assert_eq!(octets_below(Path::new(&maildir)).len(), 20);
}

#[test]
fn an_account_is_added_by_flags_tested_listed_used_and_removed() {
    let home = Home::new();
    let server = DemoServer::start(&home, &["--messages", "4", "--seed", "4"]);
    let port = server.port.to_string();
    let command = format!("echo {}", server.password);
    let server_flags = [
        "--host",
        "localhost",
        "--port",
        &port,
        "--tls",
        "none",
        "--user",
        &server.user,
    ];
    let mut args = vec![
        "account",
        "add",
        "--email",
        "sam@example.net",
        "--account",
        "home",
    ];
    args.extend(server_flags);
    args.extend(["--password-command", &command]);
    home.poppet(&args).expect_code(0);
    let written = std::fs::read_to_string(home.config_file()).unwrap();
    assert!(written.contains("[accounts.home.pop3]"), "{written}");

    let accounts = home.poppet(["account", "list", "--json"]).expect_code(0);
    assert!(
        accounts.text().contains("home") && !accounts.text().contains(&command),
        "{accounts}"
    );
    home.poppet(["account", "test", "home"]).expect_code(0);
    home.poppet(["sync"]).expect_code(0);
    assert_eq!(home.list("").len(), 4);
    assert!(
        home.poppet(&args).code != Some(0),
        "an account is not added twice"
    );
    assert_eq!(
        std::fs::read_to_string(home.config_file()).unwrap(),
        written
    );

    home.poppet(["account", "remove", "home"]).expect_code(0);
    let left = std::fs::read_to_string(home.config_file()).unwrap();
    assert!(!left.contains("accounts.home"), "{left}");
    assert_eq!(server_uidls(&server).len(), 4);
}

#[test]
fn a_broken_configuration_is_shown_where_it_is_broken() {
    let home = Home::new();
    home.write_config("theme = \"auto\"\n[accounts.home]\nemail = \"sam@example.net\"\n[accounts.home.pop3]\nhots = \"localhost\"\n");
    let run = home.poppet(["list"]).expect_code(2);
    assert!(
        run.errors().contains("host") && run.errors().contains('5'),
        "{run}"
    );
    assert_eq!(
        text(
            &home.poppet(["list", "--json"]).expect_code(2).problem(),
            "kind"
        ),
        "config"
    );
    home.write_config("theme = \"auto\n");
    home.poppet(["sync"]).expect_code(2);
    home.write_config("");
    home.poppet(["sync", "--json", "nobody"]).expect_code(2);
}

#[test]
fn p88_cleartext_to_another_machine_is_refused_unless_the_account_allows_it() {
    let home = Home::new();
    let mut account = Account::plain("home", 110);
    account.host = "192.0.2.1".to_owned();
    home.configure(&[account]);
    let run = home.poppet(["sync", "--json"]).expect_code(2);
    assert!(run.errors().contains("allow_cleartext"), "{run}");
}

#[test]
fn wrong_usage_ends_with_two_and_a_missing_message_with_one() {
    let home = Home::with_accounts(&[Account::plain("home", 110)]);
    home.poppet(["show"]).expect_code(2);
    home.poppet(["no-such-command"]).expect_code(2);
    home.poppet(["list", "--limit", "many"]).expect_code(2);
    home.poppet(["list"]).expect_code(1);
    home.poppet(["pending"]).expect_code(1);
    for command in ["show", "peek", "attachments", "delete", "keep", "undelete"] {
        let run = home.poppet([command, "999", "--json"]).expect_code(1);
        assert!(text(&run.problem(), "what").contains("999"), "{run}");
    }
}

#[test]
fn a_store_that_cannot_be_used_ends_with_five_and_is_left_as_it_was() {
    let home = Home::with_accounts(&[Account::plain("home", 110)]);
    let file = home.path().join("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    let run = home
        .poppet(["list", "--json", "--data-dir", file.to_str().unwrap()])
        .expect_code(5);
    assert_eq!(text(&run.problem(), "kind"), "store");

    let store = home.path().join("data/poppet");
    std::fs::create_dir_all(&store).unwrap();
    let rubbish = b"SQLite format 4\0, or something like it".repeat(300);
    std::fs::write(store.join("mail.db"), &rubbish).unwrap();
    let run = home.poppet(["list", "--json"]).expect_code(5);
    assert_eq!(text(&run.problem(), "kind"), "store");
    assert_eq!(std::fs::read(store.join("mail.db")).unwrap(), rubbish);
}

#[test]
fn without_a_keyring_the_other_two_ways_are_named() {
    let home = Home::new();
    let toml = Account::plain("home", 110).toml();
    for (source, others) in [
        ("keyring", ["command", "ask"]),
        ("ask", ["keyring", "terminal"]),
    ] {
        let lines = toml.lines().map(|line| {
            if line.starts_with("password") {
                format!("password = \"{source}\"\n")
            } else {
                format!("{line}\n")
            }
        });
        home.write_config(&lines.collect::<Vec<_>>().concat());
        let run = home.poppet(["sync", "--json"]).expect_code(4);
        let problem = run.problem();
        assert_eq!(text(&problem, "kind"), "login");
        for other in others {
            assert!(text(&problem, "remedy").contains(other), "{problem}");
        }
    }
}

#[test]
fn something_that_is_no_pop3_server_is_a_protocol_problem() {
    for greeting in [
        "220 mail.example.net ESMTP ready\r\n",
        "HTTP/1.1 400 Bad Request\r\n\r\n",
    ] {
        let home = Home::with_accounts(&[Account::plain("home", port_that_says(greeting))]);
        let run = home.poppet(["sync", "--json"]).expect_code(3);
        assert_eq!(text(&run.problem(), "kind"), "protocol", "{greeting}");
    }
}

#[test]
fn a_server_that_hangs_up_is_a_network_problem() {
    let home = Home::with_accounts(&[Account::plain("home", port_that_says(""))]);
    let run = home.poppet(["sync", "--json"]).expect_code(3);
    assert_eq!(text(&run.problem(), "kind"), "network");
}

#[test]
fn the_embedded_server_ends_when_told_and_leaves_nothing() {
    for ending in [Signal::TERM, Signal::INT] {
        let home = Home::new();
        let server = DemoServer::start(&home, &["--messages", "10"]);
        assert_eq!(server_uidls(&server).len(), 10);
        signal(server.pid(), ending);
        server.end();
        for part in ["config", "data", "state", "cache", "tmp"] {
            assert!(home.left_in(part).is_empty(), "{:?}", home.left_in(part));
        }
    }
}

#[test]
fn the_embedded_server_ends_by_a_signal_that_was_ignored_when_it_was_started() {
    for _ in 0..20 {
        let home = Home::new();
        let server = DemoServer::start_in_background(&home);
        signal(server.pid(), Signal::INT);
        server.end();
    }
}

#[test]
fn the_same_seed_gives_the_same_mailbox() {
    let home = Home::new();
    let [one, again, other] = ["7", "7", "8"].map(|seed| {
        let server = DemoServer::start(&home, &["--messages", "25", "--seed", seed]);
        let messages = RawPop3::login(server.port, &server.user, &server.password)
            .and_then(RawPop3::everything);
        messages
            .unwrap()
            .values()
            .map(|message| without_dates(message))
            .collect::<BTreeSet<_>>()
    });
    assert_eq!(one, again);
    assert_ne!(one, other);
}

#[test]
fn help_completions_and_manual_are_there_for_every_command() {
    let home = Home::new();
    for command in COMMANDS {
        let help = home.poppet([command, "--help"]).expect_code(0).text();
        assert!(help.contains("Usage"), "{command}: {help}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            home.poppet(["completions", shell])
                .expect_code(0)
                .text()
                .contains("poppet")
        );
    }
    assert!(
        home.poppet(["man"])
            .expect_code(0)
            .text()
            .contains(".TH poppet")
    );
    let pages = home.path().join("man");
    std::fs::create_dir(&pages).unwrap();
    home.poppet(["man", "--dir", pages.to_str().unwrap()])
        .expect_code(0);
    assert!(
        entries(&pages).len() > COMMANDS.len(),
        "{:?}",
        entries(&pages)
    );
}

#[test]
fn the_doctor_looks_at_every_part() {
    let (home, _server) = synced(&["--messages", "3", "--seed", "4"]);
    let report = home.poppet(["doctor", "--json"]);
    assert!(!report.json().is_empty(), "{report}");
    let said = report.text();
    for part in ["config", "store", "keyring", "home"] {
        assert!(said.contains(part), "nothing about {part}: {report}");
    }
}

/// A home with one account on an embedded server, synced once.
fn synced(more: &[&str]) -> (Home, DemoServer) {
    let home = Home::new();
    let server = DemoServer::start(&home, more);
    home.configure(&[server.account("home")]);
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(text(&done, "account"), "home");
    (home, server)
}

fn server_uidls(server: &DemoServer) -> BTreeSet<String> {
    let mut session = RawPop3::login(server.port, &server.user, &server.password).unwrap();
    let uidls = session.uidls().unwrap();
    session.ask("QUIT").unwrap();
    uidls.into_iter().map(|(_, uidl)| uidl).collect()
}

/// A port of the loopback where everybody is told this and sent away.
fn port_that_says(greeting: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(greeting.as_bytes());
        }
    });
    port
}

/// Fails on any octet that a terminal could take for a command, and on characters that reorder text.
#[track_caller]
fn assert_harmless(output: &[u8]) {
    let shown = std::str::from_utf8(output).expect("what is shown is UTF-8");
    let evil = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(at) = shown.find(evil) {
        panic!(
            "{:?} in {:?}",
            shown[at..].chars().next(),
            shown[..at].lines().last()
        );
    }
}

/// The names in a folder.
fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// The contents of a file, or of all files below a folder, in order.
fn octets_below(place: &Path) -> Vec<Vec<u8>> {
    if place.is_file() {
        return vec![std::fs::read(place).unwrap()];
    }
    let mut inside: Vec<_> = std::fs::read_dir(place)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inside.sort();
    inside.iter().flat_map(|path| octets_below(path)).collect()
}

/// A generated message without its dates, which count back from now.
fn without_dates(message: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(message).into_owned();
    let dated = |line: &&str| !line.contains(" +0000") && !line.starts_with("Date:");
    text.lines()
        .filter(dated)
        .collect::<Vec<_>>()
        .join("\n")
        .into_bytes()
}

const COMMANDS: [&str; 18] = [
    "demo",
    "account",
    "password",
    "check",
    "sync",
    "list",
    "show",
    "peek",
    "attachments",
    "delete",
    "keep",
    "undelete",
    "pending",
    "apply",
    "export",
    "doctor",
    "completions",
    "man",
];

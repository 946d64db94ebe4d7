//! One journey to seven real servers, over every way in that each has: set-up, fetch, leave, delete, a cut in the middle,
//! two clients, and mail that breaks clients.
//!
//! Dovecot and mpopd are met in every run of the tests where they are installed; the other five by `.ci/real-servers`, which
//! counts of how many servers each step held.

#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

mod support;

#[path = "support/servers/mod.rs"]
mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::Value;
use servers::cutter::Cutter;
use servers::hostile::{self, ordinary};
use servers::{Kind, RealServer, Transport, sha256};
use support::home::{Home, PASSWORD, count, id, text};
use support::raw_pop3::RawPop3;
use support::real::until;
use support::run::Run;
use support::score::{score, stride};

#[test]
fn dovecot_holds_on_every_step_of_the_journey() {
    journey(Kind::Dovecot);
}

#[test]
fn courier_holds_on_every_step_of_the_journey() {
    journey(Kind::Courier);
}

#[test]
fn cyrus_holds_on_every_step_of_the_journey() {
    journey(Kind::Cyrus);
}

#[test]
fn mailutils_holds_on_every_step_of_the_journey() {
    journey(Kind::Mailutils);
}

#[test]
fn popa3d_holds_on_every_step_of_the_journey() {
    journey(Kind::Popa3d);
}

#[test]
fn solid_pop3d_holds_on_every_step_of_the_journey() {
    journey(Kind::SolidPop3d);
}

#[test]
fn mpopd_holds_on_every_step_of_the_journey() {
    journey(Kind::Mpopd);
}

#[test]
fn seven_servers_are_known() {
    let names: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), 7);
}

/// A part of the journey, on a server of its own that nothing else has touched.
type Step = fn(&mut RealServer, Transport);

const STEPS: [(&str, Step); 7] = [
    ("set-up", set_up),
    ("fetch", fetch),
    ("leave", leave),
    ("delete", delete),
    ("cut", cut),
    ("two clients", two_clients),
    ("hostile mail", hostile_mail),
];

/// Goes every step over every transport, and says of each how it went.
fn journey(kind: Kind) {
    if !kind.is_here() {
        return;
    }
    let (mut held, mut total) = (0, 0);
    for transport in kind.transports() {
        for (name, step) in STEPS {
            let begun = Instant::now();
            let went = catch_unwind(AssertUnwindSafe(|| {
                step(&mut RealServer::start(kind), transport);
            }));
            total += 1;
            held += usize::from(went.is_ok());
            let seconds = begun.elapsed().as_secs_f32();
            let how = if went.is_ok() { "held" } else { "FAILED" };
            say(&format!(
                "STEP {} | {name} | {transport} | {how} | {seconds:.1} s",
                kind.name()
            ));
        }
    }
    let figure = format!(
        "real server {}, every step over every transport",
        kind.name()
    );
    score(&figure, held, total, "-");
}

/// An account is added by flags with its connection tested, and tested again.
fn set_up(server: &mut RealServer, transport: Transport) {
    server.deliver(&[ordinary(0)]);
    let home = Home::new();
    let port = server.port_of(transport).to_string();
    let authority = server.authority().display().to_string();
    let password = format!("echo {PASSWORD}");
    let mut line = vec![
        "account",
        "add",
        "--email",
        "sam@example.net",
        "--account",
        "home",
    ];
    line.extend(["--host", "localhost", "--port", &port, "--user", "sam"]);
    line.extend(["--tls", transport, "--password-command", &password]);
    if transport != "none" {
        line.extend(["--ca-file", &authority]);
    }
    home.poppet(line).expect_code(0);
    home.poppet(["account", "test", "home"]).expect_code(0);
    let new = home.poppet(["check", "--json"]).expect_code(0).one();
    assert_eq!((count(&new, "messages"), count(&new, "new")), (1, 1));
    assert_eq!(server.holds().len(), 1, "looking takes nothing");
}

/// Everything comes, to the octet, and stays where it was.
fn fetch(server: &mut RealServer, transport: Transport) {
    server.deliver(&letters(0..12));
    let home = home_of(server, transport);
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    let counts = ["messages", "bodies", "deleted"].map(|field| count(&done, field));
    assert_eq!(counts, [12, 12, 0]);
    assert_everything_is_here(&home, &server.holds());
}

/// What was fetched is left on the server, and is not fetched again; what comes later is.
fn leave(server: &mut RealServer, transport: Transport) {
    server.deliver(&letters(0..8));
    let home = home_of(server, transport);
    home.poppet(["sync"]).expect_code(0);
    let held = server.holds();
    assert_nothing_is_fetched(&home, 8);
    assert_eq!(server.holds(), held);
    server.deliver(&letters(8..10));
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!((count(&done, "messages"), count(&done, "bodies")), (10, 2));
    assert_everything_is_here(&home, &server.holds());
    assert_nothing_is_fetched(&home, 10);
}

/// Two messages are staged and applied; exactly these two are gone.
fn delete(server: &mut RealServer, transport: Transport) {
    server.deliver(&letters(0..9));
    let home = home_of(server, transport);
    home.poppet(["sync"]).expect_code(0);
    let before = server.holds();
    let wanted = [2, 7].map(|i| the_letter(&home, i));
    stage(&home, &wanted);
    assert_eq!(server.holds(), before, "staging alone deletes nothing");
    home.poppet(["apply", "--yes"]).expect_code(0);
    assert_exactly_these_are_gone(&before, &server.holds(), &wanted);
    assert_nothing_is_fetched(&home, 7);
    let trash = home.list("folder:trash");
    assert!(trash.len() == 2 && trash.iter().all(|m| text(m, "server") == "deleted"));
    assert_eq!(here(&home, "folder:trash"), digests_of(&wanted));
}

/// The connection is lost at points all over a session that fetches, and over one that deletes.
fn cut(server: &mut RealServer, transport: Transport) {
    server.deliver(&letters(0..10));
    let before = server.holds();
    let whole = octets_of_a_sync(server, transport);
    let points = 12;
    for point in (1..points).step_by(stride(3)) {
        let home = Home::new();
        let cutter = Cutter::before(server.port_of(transport), whole * point / points);
        home.configure(&[server.account(transport, cutter.port)]);
        home.poppet(["sync"]);
        assert_eq!(
            server.holds(),
            before,
            "a cut at {point}/{points} removes nothing"
        );
        let came = here(&home, "");
        assert!(
            came.is_subset(&digests(&before)),
            "half a message passed for a whole one"
        );
        home.configure(&[server.account(transport, server.port_of(transport))]);
        succeed(&home, &["sync"]);
        assert_everything_is_here(&home, &before);
    }

    let home = home_of(server, transport);
    succeed(&home, &["sync"]);
    let wanted = [1, 4].map(|i| the_letter(&home, i));
    stage(&home, &wanted);
    let mut limit = 1;
    loop {
        let cutter = Cutter::before(server.port_of(transport), limit);
        home.configure(&[server.account(transport, cutter.port)]);
        let run = home.poppet(["apply", "--yes"]);
        let after = server.holds();
        if after != before {
            assert_exactly_these_are_gone(&before, &after, &wanted);
            break;
        }
        assert_ne!(
            run.code,
            Some(0),
            "nothing was deleted, and it says so\n{run}"
        );
        limit = limit * 5 / 4 + 60;
        assert!(limit < 10 * whole, "no session that deletes ends\n{run}");
    }
    home.configure(&[server.account(transport, server.port_of(transport))]);
    succeed(&home, &["sync"]);
    succeed(&home, &["apply", "--yes"]);
    assert_exactly_these_are_gone(&before, &server.holds(), &wanted);
    assert_eq!(home.list("folder:inbox").len(), 8);
    assert_nothing_is_fetched(&home, 8);
}

/// Another client has the mailbox open, another poppet deletes at the same time, another client renumbers it.
fn two_clients(server: &mut RealServer, transport: Transport) {
    server.deliver(&letters(0..9));
    let before = server.holds();
    let (home, other_home) = (home_of(server, transport), home_of(server, transport));

    let mut other = server.plain_client();
    let _ = other.uidls();
    let run = home.poppet(["sync", "--json"]);
    assert!(
        matches!(run.code, Some(0 | 3)),
        "in use is not a wrong password\n{run}"
    );
    drop(other);
    succeed(&home, &["sync"]);
    succeed(&other_home, &["sync"]);
    for home in [&home, &other_home] {
        assert_everything_is_here(home, &before);
    }

    let (mine, theirs) = (the_letter(&home, 3), the_letter(&other_home, 5));
    stage(&home, std::slice::from_ref(&mine));
    stage(&other_home, std::slice::from_ref(&theirs));
    let both = [&home, &other_home].map(|home| home.start(["apply", "--yes", "--json"]));
    for running in both {
        running.end();
    }
    let wanted = [mine, theirs];
    assert!(digests_of(&wanted).is_superset(&gone(&before, &server.holds())));
    for home in [&home, &other_home] {
        succeed(home, &["sync"]);
        succeed(home, &["apply", "--yes"]);
    }
    let after = server.holds();
    assert_exactly_these_are_gone(&before, &after, &wanted);

    // Another client takes the first message away after a later one was staged: all numbers move.
    succeed(&home, &["sync"]);
    let later = the_letter(&home, 6);
    stage(&home, std::slice::from_ref(&later));
    let mut other = server.plain_client();
    other.ask("DELE 1").expect("delete the first");
    other.ask("QUIT").expect("end the session");
    let between = server.holds();
    assert_eq!(between.len(), after.len() - 1);
    succeed(&home, &["apply", "--yes"]);
    assert_exactly_these_are_gone(&between, &server.holds(), &[later]);
    assert_eq!(
        home.list("folder:inbox").len(),
        7,
        "what others delete stays here"
    );
}

/// Ten kinds of mail that break clients come as the server gives them, are shown, and are deleted one by one.
fn hostile_mail(server: &mut RealServer, transport: Transport) {
    let kinds = served(server);
    let mut refused = Vec::new();
    for kind in &kinds {
        if !server.deliver(&kind.messages).is_empty() {
            refused.push(kind.what);
        }
    }
    if !refused.is_empty() {
        say(&format!(
            "NOTE {} takes no {}",
            server.kind.name(),
            refused.join(", ")
        ));
    }
    let before = server.holds();
    let home = home_of(server, transport);
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(count(&done, "messages"), before.len() as u64);
    assert_everything_is_here(&home, &before);
    assert_nothing_is_fetched(&home, before.len() as u64);
    for message in home.list("") {
        for form in ["--text", "--headers"] {
            home.poppet(["show", &id(&message), form]).expect_code(0);
        }
        let raw = home.raw(&message);
        assert_eq!(sha256(&raw), text(&message, "sha256"));
    }
    home.poppet(["doctor", "--offline"]);

    // One after the other: never another than the one that is named, whatever its unique-id.
    let mut held = before;
    for message in home.list("") {
        home.poppet(["delete", &id(&message)]).expect_code(0);
        let run = home.poppet(["apply", "--yes"]);
        let after = server.holds();
        if after.len() == held.len() {
            assert_ne!(run.code, Some(0), "it is still there\n{run}");
            home.poppet(["undelete", &id(&message)]).expect_code(0);
        } else {
            assert_exactly_these_are_gone(&held, &after, &[message]);
        }
        held = after;
    }
    assert!(held.len() <= 1, "{} could not be deleted", held.len());
}

/// The kinds of mail that the server serves at all: some refuse a whole mailbox for one message that they dislike. Each is put
/// into the empty mailbox alone and asked for by a plain client.
fn served(server: &mut RealServer) -> Vec<hostile::Hostile> {
    let all = hostile::all();
    if server.kind != Kind::SolidPop3d {
        return all;
    }
    let (shown, not): (Vec<_>, Vec<_>) = all.into_iter().partition(|hostile| {
        server.empty();
        server.deliver(&hostile.messages);
        RawPop3::login(server.port, "sam", PASSWORD).is_ok()
    });
    server.empty();
    for hostile in not {
        say(&format!(
            "NOTE {} serves no {}",
            server.kind.name(),
            hostile.what
        ));
    }
    shown
}

fn home_of(server: &RealServer, transport: Transport) -> Home {
    Home::with_accounts(&[server.account(transport, server.port_of(transport))])
}

fn letters(which: std::ops::Range<usize>) -> Vec<Vec<u8>> {
    which.map(ordinary).collect()
}

/// The octets of a server's answers in a session that fetches everything.
fn octets_of_a_sync(server: &RealServer, transport: Transport) -> u64 {
    let cutter = Cutter::before(server.port_of(transport), u64::MAX);
    let home = Home::with_accounts(&[server.account(transport, cutter.port)]);
    succeed(&home, &["sync"]);
    cutter.passed()
}

/// Runs a command until it is done: a server may hold a mailbox for a while after a session was lost.
#[track_caller]
fn succeed(home: &Home, line: &[&str]) -> Run {
    let mut last = None;
    let done = until(LIMIT, || {
        let run = home.poppet(line);
        assert_ne!(run.code, Some(4), "the password is right\n{run}");
        // Nothing to apply is as good: it is done.
        let nothing = line[0] == "apply" && run.code == Some(1);
        if run.code == Some(0) || nothing {
            return Some(run);
        }
        last = Some(run);
        None
    });
    done.unwrap_or_else(|| panic!("{line:?} never succeeds: {}", last.expect("a run")))
}

/// The letter of this number in the list.
#[track_caller]
fn the_letter(home: &Home, i: usize) -> Value {
    let subject = format!("ordinary {i:03}");
    let listed = home.list("");
    let found = listed
        .into_iter()
        .find(|m| m["subject"] == subject.as_str());
    found.unwrap_or_else(|| panic!("no {subject} in the list"))
}

#[track_caller]
fn stage(home: &Home, messages: &[Value]) {
    for message in messages {
        home.poppet(["delete", &id(message)]).expect_code(0);
    }
}

/// Every message that the server holds is here in full, as often as it is there, and each octet is the same.
#[track_caller]
fn assert_everything_is_here(home: &Home, held: &[(String, String)]) {
    let listed = home.list("");
    assert_eq!(listed.len(), held.len(), "messages here and there");
    let odd: Vec<&Value> = listed
        .iter()
        .filter(|m| text(m, "local") != "full" || text(m, "server") != "present")
        .collect();
    assert!(
        odd.is_empty(),
        "not whole, or not known to be there: {odd:?}"
    );
    assert_eq!(digests_of(&listed), digests(held));
    assert_eq!(here(home, ""), digests(held));
}

#[track_caller]
fn assert_nothing_is_fetched(home: &Home, messages: u64) {
    let done = succeed(home, &["sync", "--json"]).event("done");
    let counts = ["messages", "bodies", "deleted"].map(|field| count(&done, field));
    assert_eq!(counts, [messages, 0, 0]);
}

#[track_caller]
fn assert_exactly_these_are_gone(
    before: &[(String, String)],
    after: &[(String, String)],
    wanted: &[Value],
) {
    assert_eq!(gone(before, after), digests_of(wanted));
    assert_eq!(before.len(), after.len() + wanted.len());
}

/// The digests of what is no more.
fn gone(before: &[(String, String)], after: &[(String, String)]) -> BTreeSet<String> {
    let after = digests(after);
    digests(before).difference(&after).cloned().collect()
}

fn digests(held: &[(String, String)]) -> BTreeSet<String> {
    held.iter().map(|(_, digest)| digest.clone()).collect()
}

fn digests_of(messages: &[Value]) -> BTreeSet<String> {
    messages
        .iter()
        .map(|m| text(m, "sha256").to_owned())
        .collect()
}

/// The digests of the octets that are stored here, as an export gives them.
fn here(home: &Home, query: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("out");
    let place = out.display().to_string();
    let mut line = vec!["export", "--maildir", &place];
    if !query.is_empty() {
        line.extend(["--", query]);
    }
    home.poppet(line);
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(out.join("cur"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let octets = std::fs::read(entry.path()).expect("an exported message");
        found.insert(sha256(&octets), octets.len());
    }
    found.into_keys().collect()
}

/// Past the harness, which hides what a passing test prints.
fn say(line: &str) {
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// How long a mailbox may be held after a session was lost.
const LIMIT: Duration = Duration::from_mins(1);

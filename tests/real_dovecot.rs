//! poppet and a real Dovecot: what the server holds is what is here, to the octet, and what is deleted there is exactly
//! what was asked for.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot be set up has failed, and says where"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sha2::{Digest, Sha256};

mod support;

use support::certificates::{Authority, Shown};
use support::dovecot::Dovecot;
use support::gate::Gate;
use support::home::{Account, Home, PASSWORD, count, id, text};
use support::mailbox::{message, messages, subject};
use support::raw_pop3::RawPop3;
use support::trap::{Door, Trap};

#[test]
fn every_message_comes_over_plain_pop3_to_the_octet_and_stays_readable_without_the_server() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(1000));
    let home = Home::with_accounts(&[server.account()]);
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    let counts = ["messages", "summaries", "bodies", "deleted"].map(|field| count(&done, field));
    assert_eq!(counts, [1000, 1000, 1000, 0]);
    assert_a_second_sync_fetches_nothing(&home, 1000);
    let retrieved = server.logged(&["Disconnected", "retr=0/0"], 1);
    assert_eq!(
        retrieved.len(),
        1,
        "the second session retrieved nothing: {retrieved:?}"
    );

    let held = server.holds("sam");
    server.stop();
    let listed = home.list("");
    assert_eq!((listed.len(), held.len()), (1000, 1000));
    assert_same_octets(&home, &listed, &held);
    let shown = home
        .poppet(["show", &id(with_subject(&listed, 1)), "--text"])
        .expect_code(0);
    assert!(shown.text().contains("high water at"), "{shown}");
    let failed = home.poppet(["sync", "--json"]).expect_code(3);
    assert_eq!(text(&failed.problem(), "kind"), "network");
    assert_eq!(home.list("").len(), 1000);
}

#[test]
fn every_message_comes_over_implicit_tls_to_the_octet() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(60));
    let home = Home::with_accounts(&[server.encrypted("implicit")]);
    assert_everything_is_synced(&home, &server, 60);
    assert_a_second_sync_fetches_nothing(&home, 60);
    assert_logins_were_encrypted(&server, 2);
}

#[test]
fn every_message_comes_over_stls_to_the_octet() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(60));
    let home = Home::with_accounts(&[server.encrypted("starttls")]);
    assert_everything_is_synced(&home, &server, 60);
    assert_a_second_sync_fetches_nothing(&home, 60);
    assert_logins_were_encrypted(&server, 2);
}

#[test]
fn a_deletion_takes_exactly_the_messages_it_names() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(30));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync", "--json"]).expect_code(0);
    let before = server.holds("sam");
    let listed = home.list("");

    let wanted: Vec<&Value> = [1, 10, 21].map(|i| with_subject(&listed, i)).to_vec();
    let ids: Vec<String> = wanted.iter().map(|m| id(m)).collect();
    home.poppet([vec!["delete"], ids.iter().map(String::as_str).collect()].concat())
        .expect_code(0);
    assert_eq!(
        server.holds("sam").len(),
        30,
        "staging alone deletes nothing"
    );
    assert_eq!(
        home.poppet(["pending", "--json"])
            .expect_code(0)
            .json()
            .len(),
        3
    );

    home.poppet(["apply", "--yes"]).expect_code(0);
    let after = server.holds("sam");
    let gone: BTreeSet<&str> = before
        .keys()
        .filter(|uidl| !after.contains_key(*uidl))
        .map(String::as_str)
        .collect();
    assert_eq!(gone, wanted.iter().map(|m| text(m, "uidl")).collect());
    assert!(after.iter().all(|(uidl, octets)| before[uidl] == *octets));

    let trash = home.list("folder:trash");
    let in_trash: BTreeSet<String> = trash.iter().map(id).collect();
    assert_eq!(in_trash, ids.iter().cloned().collect());
    for message in &trash {
        assert_eq!(text(message, "server"), "deleted");
        assert_eq!(home.raw(message), before[text(message, "uidl")]);
    }
    assert_a_second_sync_fetches_nothing(&home, 27);
    assert_eq!(home.list("folder:inbox").len(), 27);
}

#[test]
fn undelete_takes_a_staged_deletion_back_and_keep_holds_against_the_rules() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(6));
    let mut account = server.account();
    account.more = "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n".to_owned();
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let listed = home.list("");

    let [taken_back, kept, deleted] = [0, 1, 2].map(|i| id(with_subject(&listed, i)));
    home.poppet(["delete", &taken_back, &kept, &deleted])
        .expect_code(0);
    home.poppet(["keep", &kept]).expect_code(0);
    home.poppet(["undelete", &taken_back]).expect_code(0);
    home.poppet(["apply", "--yes"]).expect_code(0);
    assert_eq!(server.holds("sam").len(), 5);
    let pinned: Vec<String> = home.list("is:pinned folder:trash").iter().map(id).collect();
    assert_eq!(pinned, std::slice::from_ref(&kept));

    // The rules want everything gone that is here; what is pinned stays all the same.
    home.configure(&[account]);
    home.poppet(["sync"]).expect_code(0);
    home.poppet(["sync"]).expect_code(0);
    home.poppet(["apply", "--yes"]);
    let held = server.holds("sam");
    assert!(
        held.contains_key(text(with_subject(&listed, 1), "uidl")),
        "the pinned message is gone"
    );
}

#[test]
fn deleting_on_the_server_only_keeps_the_copy_in_the_inbox() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(4));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let listed = home.list("");
    let [there, here] = [0, 1].map(|i| id(with_subject(&listed, i)));
    home.poppet(["delete", &there, "--server"]).expect_code(0);
    home.poppet(["delete", &here, "--local"]).expect_code(0);
    home.poppet(["apply", "--yes"]).expect_code(0);
    let held = server.holds("sam");
    assert_eq!(held.len(), 3);
    assert!(!held.contains_key(text(with_subject(&listed, 0), "uidl")));
    let inbox: BTreeSet<String> = home.list("folder:inbox").iter().map(id).collect();
    assert!(
        inbox.contains(&there) && !inbox.contains(&here),
        "{inbox:?}"
    );
}

#[test]
fn a_message_without_a_copy_here_is_deleted_only_with_the_right_number() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(5));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync", "--headers"]).expect_code(0);
    let listed = home.list("");
    assert!(
        listed.iter().all(|m| text(m, "local") == "headers"),
        "{listed:?}"
    );
    let [first, second] = [0, 1].map(|i| id(with_subject(&listed, i)));
    home.poppet(["delete", &first, &second]).expect_code(0);
    home.poppet(["apply", "--yes"]);
    assert_eq!(
        server.holds("sam").len(),
        5,
        "--yes never covers a message without a copy"
    );
    home.poppet(["apply", "--yes", "--without-copy", "1"]);
    assert_eq!(server.holds("sam").len(), 5, "the number was wrong");
    home.poppet(["apply", "--yes", "--without-copy", "2"])
        .expect_code(0);
    assert_eq!(server.holds("sam").len(), 3);
}

#[test]
fn check_counts_new_mail_and_retrieves_nothing() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(7));
    let home = Home::with_accounts(&[server.account()]);
    let new = home.poppet(["check", "--json"]).expect_code(0).one();
    assert_eq!(text(&new, "account"), "home");
    assert_eq!((count(&new, "messages"), count(&new, "new")), (7, 7));
    assert_sessions_retrieved_nothing(&server, 1);
    assert!(home.list("").is_empty());

    home.poppet(["sync"]).expect_code(0);
    let old = home.poppet(["check", "--json"]).expect_code(1).one();
    assert_eq!((count(&old, "messages"), count(&old, "new")), (7, 0));
    server.deliver("sam", &[message(7), message(8)]);
    let newer = home.poppet(["check", "--json"]).expect_code(0).one();
    assert_eq!((count(&newer, "messages"), count(&newer, "new")), (9, 2));
}

#[test]
fn a_dry_run_says_what_would_happen_and_changes_nothing() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(5));
    let home = Home::with_accounts(&[server.account()]);
    let dry = home.poppet(["sync", "--dry-run", "--json"]).expect_code(0);
    assert!(!dry.json().is_empty(), "{dry}");
    assert!(home.list("").is_empty());
    assert_sessions_retrieved_nothing(&server, 1);
    let wet = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(count(&wet, "bodies"), 5);
}

#[test]
fn headers_only_fetches_summaries_and_no_message() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(9));
    let home = Home::with_accounts(&[server.account()]);
    let done = home
        .poppet(["sync", "--headers", "--json"])
        .expect_code(0)
        .event("done");
    assert_eq!((count(&done, "summaries"), count(&done, "bodies")), (9, 0));
    let listed = home.list("");
    assert_eq!(listed.len(), 9);
    assert!(
        listed
            .iter()
            .all(|m| text(m, "local") == "headers" && text(m, "server") == "present")
    );
    let session = server.logged(&["Disconnected", "retr="], 1);
    assert!(
        session.iter().all(|line| line.contains("retr=0/0")),
        "{session:?}"
    );

    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!((count(&done, "summaries"), count(&done, "bodies")), (0, 9));
    assert_same_octets(&home, &home.list(""), &server.holds("sam"));
}

#[test]
fn a_peek_shows_the_first_lines_and_fetches_no_more() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(25));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync", "--headers"]).expect_code(0);
    let listed = home.list("");
    // Message 24 is a letter of 32 lines; its first line says "Dear Sam", the third "line 1".
    let peeked = home
        .poppet(["peek", &id(with_subject(&listed, 24)), "--lines", "5"])
        .expect_code(0)
        .text();
    assert!(
        peeked.contains("Dear Sam") && peeked.contains("line 3 of letter 24"),
        "{peeked}"
    );
    assert!(!peeked.contains("line 4 of letter 24"), "{peeked}");
    let sessions = server.logged(&["Disconnected", "retr="], 2);
    assert!(
        sessions.iter().all(|line| line.contains("retr=0/0")),
        "{sessions:?}"
    );
    assert!(home.list("").iter().all(|m| text(m, "local") != "full"));
}

#[test]
fn a_wrong_password_is_a_refused_login_and_is_tried_once() {
    let Some(server) = Dovecot::start() else {
        return;
    };
    let mut account = server.encrypted("implicit");
    account.password = "not-the-password".to_owned();
    let home = Home::with_accounts(&[account]);
    for command in ["sync", "check"] {
        let run = home.poppet([command, "--json"]).expect_code(4);
        assert_eq!(text(&run.problem(), "kind"), "login");
        assert!(!run.errors().contains("not-the-password"), "{run}");
    }
    let attempts = server.logged(&["auth failed"], 2);
    assert!(
        attempts
            .iter()
            .all(|line| line.contains("auth failed, 1 attempts")),
        "{attempts:?}"
    );
}

#[test]
fn a_server_that_cannot_be_reached_is_a_network_problem() {
    let [nobody] = support::real::free_ports();
    let refused = Account::plain("home", nobody);
    let mut unknown = Account::encrypted("home", 995, "implicit", None);
    unknown.host = "pop.no-such-host.invalid".to_owned();
    for account in [refused, unknown] {
        let host = account.host.clone();
        let run = Home::with_accounts(&[account])
            .poppet(["sync", "--json"])
            .expect_code(3);
        let problem = run.problem();
        assert_eq!(text(&problem, "kind"), "network");
        assert!(
            format!("{} {}", text(&problem, "what"), text(&problem, "why")).contains(&host),
            "{problem}"
        );
    }
}

#[test]
fn bad_certificates_of_a_real_server_are_refused_over_both_kinds_of_tls() {
    for shown in Shown::REFUSED {
        let Some(mut server) = Dovecot::with(shown, "auth_debug = yes\n") else {
            return;
        };
        server.deliver("sam", &messages(1));
        for tls in ["implicit", "starttls"] {
            let home = Home::with_accounts(&[server.encrypted(tls)]);
            let run = home.poppet(["sync", "--json"]).expect_code(3);
            assert_eq!(text(&run.problem(), "kind"), "tls", "{shown:?} over {tls}");
            assert!(home.list("").is_empty());
        }
        let log = server.log();
        assert!(
            !log.contains("Login:") && !log.contains("client in: AUTH"),
            "{shown:?}:\n{log}"
        );
    }
}

#[test]
fn no_octet_of_a_credential_reaches_a_server_with_a_bad_certificate() {
    let authority = Authority::new();
    for shown in Shown::REFUSED {
        for (door, tls) in [(Door::Implicit, "implicit"), (Door::Starttls, "starttls")] {
            let folder = tempfile::tempdir().unwrap();
            let trap = Trap::open(door, &authority.identity(shown, folder.path()));
            let account = Account::encrypted("home", trap.port, tls, Some(authority.file()));
            let run = Home::with_accounts(&[account])
                .poppet(["sync", "--json"])
                .expect_code(3);
            assert_eq!(text(&run.problem(), "kind"), "tls", "{shown:?} over {tls}");
            assert!(trap.connections() > 0);
            assert_nothing_secret(&trap.lines());
        }
    }
}

#[test]
fn the_record_of_credentials_works_when_the_certificate_is_good() {
    let authority = Authority::new();
    for (door, tls) in [(Door::Implicit, "implicit"), (Door::Starttls, "starttls")] {
        let folder = tempfile::tempdir().unwrap();
        let trap = Trap::open(door, &authority.identity(Shown::Good, folder.path()));
        let account = Account::encrypted("home", trap.port, tls, Some(authority.file()));
        Home::with_accounts(&[account])
            .poppet(["sync", "--json"])
            .expect_code(4);
        let lines = trap.lines();
        assert!(lines.iter().any(|line| is_credential(line)), "{lines:?}");
    }
}

#[test]
fn without_stls_or_with_a_reply_behind_it_nothing_is_said_in_clear() {
    let authority = Authority::new();
    for door in [Door::NoStarttls, Door::ReplyBehindStarttls] {
        let folder = tempfile::tempdir().unwrap();
        let trap = Trap::open(door, &authority.identity(Shown::Good, folder.path()));
        let account = Account::encrypted("home", trap.port, "starttls", Some(authority.file()));
        let run = Home::with_accounts(&[account])
            .poppet(["sync", "--json"])
            .expect_code(3);
        assert_eq!(text(&run.problem(), "kind"), "tls", "{door:?}");
        assert_nothing_secret(&trap.lines());
    }
}

#[test]
fn a_mailbox_in_use_is_said_so_and_works_again_when_it_is_free() {
    let Some(mut server) = Dovecot::with(Shown::Good, "pop3_lock_session = yes\n") else {
        return;
    };
    server.deliver("sam", &messages(3));
    let home = Home::with_accounts(&[server.account()]);
    let other = RawPop3::login(server.port, "sam", PASSWORD).unwrap();
    let run = home.poppet(["sync", "--json"]).expect_code(3);
    let problem = run.problem();
    let said = format!("{} {}", text(&problem, "what"), text(&problem, "why")).to_lowercase();
    assert!(
        said.contains("in use") || said.contains("locked by another"),
        "{problem}"
    );
    assert_ne!(text(&problem, "kind"), "login", "the password was right");
    drop(other);
    server.logged(&["Disconnected", "retr="], 1);
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(count(&done, "bodies"), 3);
}

#[test]
fn of_two_accounts_one_may_fail_and_the_other_is_synced() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(4));
    let mut broken = Account::plain("work", server.port);
    broken.user = "nobody".to_owned();
    let home = Home::with_accounts(&[server.account(), broken]);
    let run = home.poppet(["sync", "--json"]).expect_code(6);
    assert_eq!(text(&run.problem(), "kind"), "login");
    assert_eq!(count(&run.event("done"), "bodies"), 4);
    assert_eq!(text(&run.event("failed"), "account"), "work");
    assert_eq!(home.list("account:home").len(), 4);
    home.poppet(["sync", "home"]).expect_code(0);
    home.poppet(["sync", "work"]).expect_code(4);
}

#[test]
fn two_accounts_on_one_server_keep_their_mail_apart() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(4));
    server.deliver("kim", &messages(6));
    let mut other = Account::plain("work", server.port);
    other.user = "kim".to_owned();
    let home = Home::with_accounts(&[server.account(), other]);
    home.poppet(["sync"]).expect_code(0);
    assert_eq!(home.list("account:home").len(), 4);
    assert_eq!(home.list("account:work").len(), 6);
    assert_same_octets(&home, &home.list("account:work"), &server.holds("kim"));
}

#[test]
fn an_interrupted_sync_keeps_what_is_done_and_the_next_one_goes_on() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    // Forty messages of 27 thousand octets each, of which the gate lets about half through.
    let mail: Vec<Vec<u8>> = (0..40).map(|i| message(25 * i + 20)).collect();
    server.deliver("sam", &mail);
    let held = server.holds("sam");
    let octets: u64 = held.values().map(|m| m.len() as u64).sum();
    let gate = Gate::before(server.port, octets * 6 / 10);
    let home = Home::with_accounts(&[Account::plain("home", gate.port)]);

    let running = home.start(["sync", "--json"]);
    gate.wait_until_it_holds();
    running.interrupt();
    let run = running.end();
    assert_ne!(run.code, Some(0), "{run}");
    let listed = home.list("");
    let full = listed.iter().filter(|m| text(m, "local") == "full").count();
    assert!(
        full > 0 && full < mail.len(),
        "{full} of {} bodies are here\n{run}",
        mail.len()
    );

    gate.open();
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(count(&done, "bodies"), (mail.len() - full) as u64);
    let listed = home.list("");
    assert_eq!(listed.len(), mail.len());
    assert_same_octets(&home, &listed, &held);
}

#[test]
fn mail_that_others_deleted_on_the_server_stays_here() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(30));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let mut other = RawPop3::login(server.port, "sam", PASSWORD).unwrap();
    other.ask("DELE 2").unwrap();
    other.ask("QUIT").unwrap();
    home.poppet(["sync"]).expect_code(0);
    let listed = home.list("");
    assert_eq!(listed.len(), 30);
    assert_eq!(text(with_subject(&listed, 1), "server"), "vanished");
    assert!(
        home.poppet(["show", &id(with_subject(&listed, 1)), "--text"])
            .expect_code(0)
            .text()
            .contains("high water")
    );
}

#[test]
fn a_deletion_finds_its_message_after_the_mailbox_was_renumbered() {
    let Some(mut server) = Dovecot::start() else {
        return;
    };
    server.deliver("sam", &messages(10));
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let before = server.holds("sam");
    let wanted = home.list("");
    let wanted = with_subject(&wanted, 1);
    home.poppet(["delete", &id(wanted)]).expect_code(0);
    // Another program renumbers the mailbox between staging and applying.
    let mut other = RawPop3::login(server.port, "sam", PASSWORD).unwrap();
    other.ask("DELE 1").unwrap();
    other.ask("QUIT").unwrap();
    home.poppet(["apply", "--yes"]).expect_code(0);
    let after = server.holds("sam");
    assert_eq!(after.len(), 8);
    assert!(!after.contains_key(text(wanted, "uidl")));
    assert!(after.iter().all(|(uidl, octets)| before[uidl] == *octets));
}

/// Syncs an empty home and compares all that is here with all that is there.
#[track_caller]
fn assert_everything_is_synced(home: &Home, server: &Dovecot, messages: usize) {
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    assert_eq!(text(&done, "account"), "home");
    assert_eq!(count(&done, "messages"), messages as u64);
    assert_eq!(count(&done, "bodies"), messages as u64);
    assert_eq!(count(&done, "deleted"), 0);
    let held = server.holds("sam");
    assert_eq!(held.len(), messages, "a sync deletes nothing");
    let listed = home.list("");
    assert_eq!(listed.len(), messages);
    assert_same_octets(home, &listed, &held);
}

#[track_caller]
fn assert_a_second_sync_fetches_nothing(home: &Home, messages: u64) {
    let done = home.poppet(["sync", "--json"]).expect_code(0).event("done");
    let counts =
        ["messages", "summaries", "bodies", "octets", "deleted"].map(|field| count(&done, field));
    assert_eq!(counts, [messages, 0, 0, 0, 0]);
}

/// Compares `show --raw` and the hash of every listed message with what the server holds.
#[track_caller]
fn assert_same_octets(home: &Home, listed: &[Value], held: &BTreeMap<String, Vec<u8>>) {
    for message in listed {
        let (uidl, here) = (text(message, "uidl"), home.raw(message));
        let there = held
            .get(uidl)
            .unwrap_or_else(|| panic!("the server does not hold {message}"));
        let first = here.iter().zip(there).position(|(a, b)| a != b);
        assert!(
            here == *there,
            "{uidl}: {} octets here, {} there, first difference at {first:?}",
            here.len(),
            there.len()
        );
        let sha256 = Sha256::digest(there)
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect::<Vec<_>>()
            .concat();
        assert_eq!(text(message, "sha256"), sha256, "{uidl}");
        assert_eq!(text(message, "local"), "full");
        assert_eq!(count(message, "octets"), there.len() as u64, "{uidl}");
    }
}

#[track_caller]
fn assert_logins_were_encrypted(server: &Dovecot, logins: usize) {
    let lines = server.logged(&["Login:", "TLS"], logins);
    // The test's own reader logs in as well, without encryption, and says so in the log by "secured".
    assert!(lines.len() >= logins, "{lines:?}");
}

#[track_caller]
fn assert_sessions_retrieved_nothing(server: &Dovecot, sessions: usize) {
    let lines = server.logged(&["Disconnected", "retr="], sessions);
    assert!(
        lines
            .iter()
            .all(|line| line.contains("top=0/0") && line.contains("retr=0/0")),
        "{lines:?}"
    );
}

#[track_caller]
fn assert_nothing_secret(lines: &[String]) {
    assert!(lines.iter().all(|line| !is_credential(line)), "{lines:?}");
}

fn is_credential(line: &str) -> bool {
    let verb = line
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    let harmless = matches!(verb.as_str(), "CAPA" | "STLS" | "QUIT" | "NOOP" | "");
    !harmless || line.contains(PASSWORD) || line.contains("sam")
}

/// The message of this number in a listing.
#[track_caller]
fn with_subject(listed: &[Value], i: usize) -> &Value {
    let wanted = subject(i);
    listed
        .iter()
        .find(|m| m["subject"] == wanted.as_str())
        .unwrap_or_else(|| panic!("no {wanted} in the list"))
}

//! The hostile server itself: its checker sees what it is for, its mailboxes do what is said of them, and it is fast.

use std::sync::Arc;
use std::time::Instant;

use poppet::demo::{Maildrop, Message, Quirks};

use crate::server::behaviour::{Act, At, Behaviour, Sharing};
use crate::server::identity::{Mailbox, Naming};
use crate::server::profiles::Profile;
use crate::server::register::Register;
use crate::server::visitor::Visitor;
use crate::session::mailbox;
use crate::support::score::score;

/// What the checker says of these lines, on a server that behaves so.
fn complaints(behaviour: Behaviour, lines: &[&str]) -> Vec<String> {
    let register: Arc<Register> = Arc::default();
    let mut visitor = Visitor::new(&mailbox(), &Arc::new(behaviour), &register);
    for line in lines {
        visitor.say(line);
    }
    drop(visitor);
    register.violations()
}

const LOGIN: [&str; 4] = ["CAPA", "USER demo", "PASS demo", "LIST"];

fn logged_in(lines: &[&'static str]) -> Vec<&'static str> {
    LOGIN.iter().copied().chain(lines.iter().copied()).collect()
}

#[test]
fn a_client_of_good_manners_is_not_complained_of() {
    let lines = logged_in(&[
        "STAT", "UIDL", "TOP 1 0", "RETR 1", "NOOP", "DELE 1", "RSET", "DELE 2", "RETR 3", "QUIT",
    ]);
    assert_eq!(complaints(Behaviour::default(), &lines), [""; 0]);
}

#[test]
fn the_checker_sees_each_thing_that_a_client_must_not_do() {
    let long = format!("USER {}", "x".repeat(256));
    let no_pipelining = Behaviour::quirky(Quirks {
        no_pipelining: true,
        ..Quirks::default()
    });
    let rubbish = Behaviour::default().with(At::Every("NOOP"), Act::Say(b"what?\r\n".to_vec()));
    let unasked = Behaviour::default().with(At::Every("NOOP"), Act::Behind(b"+OK\r\n".to_vec()));
    let good = Behaviour::default();
    let cases: Vec<(Behaviour, Vec<&str>, &str)> = vec![
        (good.clone(), vec!["LIST"], "LIST in AUTHORIZATION"),
        (
            good.clone(),
            logged_in(&["USER demo"]),
            "USER in TRANSACTION",
        ),
        (good.clone(), vec![long.as_str()], "USER: 263 octets"),
        (
            good.clone(),
            vec!["noop"],
            "not as a careful client writes it",
        ),
        (good.clone(), vec!["USER a\tb"], "a control octet"),
        (good.clone(), logged_in(&["RETR 6"]), "RETR 6: not listed"),
        (
            good.clone(),
            vec!["USER demo", "PASS demo", "DELE 1"],
            "DELE 1: not listed",
        ),
        (
            good.clone(),
            logged_in(&["DELE 1", "RETR 1"]),
            "RETR 1: deleted already",
        ),
        (
            good.clone(),
            logged_in(&["DELE 1", "DELE 1"]),
            "DELE 1: deleted already",
        ),
        (
            good.clone(),
            logged_in(&["UIDL", "RETR 1", "RETR 1"]),
            "for the second time",
        ),
        (good.clone(), logged_in(&["LAST"]), "LAST in TRANSACTION"),
        (good, logged_in(&["QUIT", "NOOP"]), "octets after QUIT"),
        (rubbish, logged_in(&["NOOP", "QUIT"]), "QUIT after an error"),
        (
            unasked,
            logged_in(&["NOOP", "DELE 1"]),
            "DELE 1 after an error",
        ),
        (no_pipelining, vec!["CAPA\r\nUSER demo"], "no PIPELINING"),
    ];
    for (behaviour, lines, expected) in cases {
        let seen = complaints(behaviour, &lines);
        let found = seen.iter().any(|complaint| complaint.contains(expected));
        assert!(found, "{lines:?}: {expected}: {seen:?}");
    }
}

fn letter(subject: &str, body: &str) -> Vec<u8> {
    format!("Subject: {subject}\r\n\r\n{body}\r\n").into_bytes()
}

/// Unique-ids of a mailbox in these states: three messages of which two share their header block; after the second was
/// taken out and another one came; and after it was made anew.
fn names(naming: Naming, seconds: u32) -> [Vec<Vec<u8>>; 3] {
    let mut mailbox = Mailbox::new(naming);
    for (subject, body) in [("a", "1"), ("a", "2"), ("b", "3")] {
        mailbox.deliver(&letter(subject, body));
    }
    let first = mailbox.maildrop().uidls();
    mailbox.take_out(&letter("a", "1"));
    mailbox.deliver(&letter("c", "4"));
    let second = mailbox.maildrop().uidls();
    mailbox.rebuild(seconds);
    [first, second, mailbox.maildrop().uidls()]
}

#[test]
fn the_test_server_names_its_messages_in_each_way_that_goes_wrong() {
    let [first, second, third] = names(Naming::Counter, 0);
    assert_eq!(second[..2], first[1..], "a counter keeps its names");
    assert!(third.iter().all(|name| !second.contains(name)));
    let [first, second, _] = names(Naming::HeaderHash, 0);
    assert_eq!(first[0], first[1], "two messages, one name");
    assert_eq!(second[0], first[1]);
    let [first, second, _] = names(Naming::FileName, 0);
    assert_eq!(second[2], first[0], "the name of the one that is gone");
    let [first, _, third] = names(Naming::Clock, 0);
    assert_eq!(first, third, "other messages under the same names");
    let [first, second, third] = names(Naming::Clock, 1);
    assert!(
        third
            .iter()
            .all(|name| !first.contains(name) && !second.contains(name))
    );
    let [first, second, _] = names(Naming::Renamed, 0);
    assert!(first[1].ends_with(b"-2"));
    assert_eq!(
        second[0], first[0],
        "the second has the name of the first now"
    );
}

#[test]
fn a_mailbox_of_the_test_server_is_restored_replaced_and_empty_for_a_while() {
    let mut mailbox = Mailbox::new(Naming::Counter);
    mailbox.deliver(&letter("a", "1"));
    let backup = mailbox.backup();
    mailbox.deliver(&letter("b", "2"));
    let both = mailbox.backup();
    mailbox.empty();
    assert!(mailbox.maildrop().uidls().is_empty());
    mailbox.restore(&both);
    assert_eq!(mailbox.maildrop().uidls().len(), 2);
    mailbox.restore(&backup);
    mailbox.deliver(&letter("c", "3"));
    let names = mailbox.maildrop().uidls();
    assert_eq!(names[1], b"00000002", "its counter went back as well");
    mailbox.replace([letter("d", "4")], 0);
    let messages = mailbox.maildrop().messages();
    assert_eq!(messages[0].to_vec(), letter("d", "4"));
}

#[test]
fn two_sessions_share_a_maildrop_or_cut_each_other_as_the_server_does_it() {
    let two = |sharing| {
        let maildrop = mailbox();
        let behaviour = Arc::new(Behaviour {
            sharing,
            ..Behaviour::default()
        });
        let register: Arc<Register> = Arc::default();
        let mut both = [0, 1].map(|_| Visitor::new(&maildrop, &behaviour, &register));
        let answers = both.each_mut().map(|visitor| {
            visitor.say("USER demo");
            visitor.say("PASS demo")
        });
        (both, answers)
    };
    let (_, answers) = two(Sharing::One);
    assert!(answers[1].starts_with("-ERR [IN-USE]"), "{answers:?}");
    let (mut both, _) = two(Sharing::Several);
    both[0].say("DELE 1");
    both[0].say("QUIT");
    assert!(both[1].say("RETR 1").starts_with("-ERR"));
    assert!(
        both[1].say("RETR 2").contains("Subject: two"),
        "numbers stay"
    );
    let (mut both, _) = two(Sharing::CutAtRetr);
    both[0].say("DELE 1");
    both[0].say("QUIT");
    assert!(both[1].say("NOOP").starts_with("+OK"));
    assert_eq!(both[1].say("RETR 2"), "", "it is cut off");
    let (mut both, _) = two(Sharing::CutAtEnd);
    both[0].say("QUIT");
    assert_eq!(both[1].say("NOOP"), "", "it is cut off");
}

#[test]
fn a_server_that_was_measured_says_what_it_said() {
    let said = |profile: Profile, line: &str| {
        let mut visitor = Visitor::logged_in(&mailbox(), profile.server());
        visitor.say(line)
    };
    assert!(said(Profile::Dovecot, "CAPA").contains("\r\nCAPA\r\n"));
    assert!(said(Profile::Courier, "LIST").contains("violate STD53.\r\n1 "));
    assert!(said(Profile::Cyrus, "CAPA").contains("LOGIN-DELAY 0"));
    assert!(said(Profile::Mailutils, "CAPA").contains("EXPIRENEVER"));
    assert!(said(Profile::Mailutils, "TOP 1 0").ends_with("\r\n\r\n\r\n.\r\n"));
    assert!(said(Profile::Popa3d, "CAPA").starts_with("-ERR"));
    assert!(said(Profile::SolidPop3d, "CAPA").starts_with("-ERR"));
    assert!(said(Profile::Mpopd, "TOP 1 0").starts_with("-ERR"));
    assert!(said(Profile::Gmail, "CAPA").contains("EXPIRE 0"));
    assert!(!said(Profile::Mailutils, "CAPA").contains("PIPELINING"));
}

#[test]
fn the_same_session_is_the_same_to_the_octet_every_time() {
    let transcript = || {
        let mut visitor = Visitor::logged_in(&mailbox(), Behaviour::default());
        let lines = ["CAPA", "STAT", "LIST", "UIDL", "RETR 1", "TOP 2 0", "QUIT"];
        lines.map(|line| visitor.say(line)).concat()
    };
    assert_eq!(transcript(), transcript());
}

#[test]
fn thousands_of_sessions_are_served_in_a_second() {
    let message = Message::new(letter("a", "1"));
    let maildrop = Maildrop::new(vec![message; 3]);
    let (behaviour, register) = (Arc::new(Behaviour::default()), Arc::default());
    let begun = Instant::now();
    for _ in 0..SESSIONS {
        let mut visitor = Visitor::new(&maildrop, &behaviour, &register);
        for line in [
            "CAPA",
            "USER demo",
            "PASS demo",
            "STAT",
            "LIST",
            "UIDL",
            "RETR 1",
            "QUIT",
        ] {
            visitor.say(line);
        }
    }
    let per_second = f64::from(SESSIONS) / begun.elapsed().as_secs_f64();
    assert_eq!(register.violations(), [""; 0]);
    let figure = "sessions of the hostile server in memory, checked";
    let served = SESSIONS as usize;
    score(figure, served, served, &format!("{per_second:.0} a second"));
}

const SESSIONS: u32 = 2_000;

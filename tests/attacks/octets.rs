//! V16: every string that comes from outside, in every place where it is shown, on a terminal whose every octet is looked at.

use std::fmt::Write as _;
use std::path::Path;

use poppet::demo::{Maildrop, Message};

use crate::pty::{Pty, foreign};
use crate::says::Says;
use crate::served::Served;
use crate::support::home::{Account, Home, id};
use crate::support::score::{score, stride};

/// What is not to reach a terminal.
pub(crate) const PAYLOADS: &[(&str, &[u8])] = &[
    ("colour and blinking", b"\x1b[5;31m"),
    ("clear", b"\x1b[2J\x1b[3J"),
    ("move", b"\x1b[999;999H"),
    ("title", b"\x1b]0;owned\x07"),
    ("title, ended by ST", b"\x1b]2;owned\x1b\\"),
    ("OSC 52", b"\x1b]52;c;b3duZWQ=\x07"),
    (
        "OSC 8",
        b"\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    ),
    ("OSC 1337", b"\x1b]1337;File=inline=1:AAAA\x07"),
    ("OSC 9", b"\x1b]9;owned\x07"),
    ("DECRQSS", b"\x1bP$q\"p\x1b\\"),
    ("sixel", b"\x1bPq#0;2;0;0;0#0~~@@\x1b\\"),
    ("APC", b"\x1b_Gf=100;AAAA\x1b\\"),
    ("PM and SOS", b"\x1b^x\x1b\\\x1bXx\x1b\\"),
    ("report of the title", b"\x1b[21t"),
    ("report of the place", b"\x1b[6n\x1b[5n"),
    ("reset", b"\x1bc"),
    ("other charset", b"\x0e\x0f\x1b(0"),
    ("modes", b"\x1b[?1049l\x1b[?2004l\x1b[?5h"),
    ("end of a paste", b"\x1b[201~rm -rf x\r"),
    ("CSI of C1 as an octet", b"\x9b31m"),
    ("OSC of C1 as an octet", b"\x9d0;owned\x9c"),
    ("DCS and APC of C1 as octets", b"\x90x\x9c\x9fx\x9c"),
    ("CSI of C1 as U+009B", "\u{9b}31m".as_bytes()),
    (
        "OSC of C1 as U+009D",
        "\u{9d}0;owned\u{9c}\u{85}\u{90}".as_bytes(),
    ),
    ("BEL, BS, DEL", b"\x07\x08\x08\x7f"),
    ("CR", b"real\rfake"),
    ("VT, FF, NUL", b"\x0b\x0c\x00"),
    (
        "turned round",
        "\u{202e}txt.exe\u{2066}\u{2069}\u{200f}".as_bytes(),
    ),
    (
        "no width",
        "a\u{200b}b\u{2060}c\u{feff}d\u{e0041}".as_bytes(),
    ),
];

/// Commands that are run for each message, with its number for `ID`.
const OF_A_MESSAGE: &[&str] = &[
    "show ID",
    "show ID --html",
    "show ID --headers",
    "show ID --json",
    "show ID --raw",
    "peek ID --lines 50",
    "peek ID --json",
    "attachments ID",
    "attachments ID --json",
];

/// Commands about all mail.
const OF_ALL: &[&str] = &[
    "list --limit 1000",
    "list --limit 1000 --json",
    "list --limit 1000 --color always",
    "pending",
    "pending --json",
    "tidy",
    "tidy --json",
    "doctor",
    "export --eml out",
];

/// Commands during which a server says something.
const OF_A_SERVER: &[&str] = &[
    "check",
    "check --json",
    "sync",
    "sync --json",
    "account test",
    "account test --json",
    "doctor",
    "show 1",
    "peek 1",
];

#[test]
fn v16_no_command_brings_an_untrusted_control_octet_to_the_terminal() {
    let server = Served::mailbox(mailbox());
    let home = Home::with_accounts(&[server.account()]);
    let mut tally = Tally::default();
    tally.run(&home, "sync", &[]);
    let rows = home.list("");
    assert_eq!(rows.len(), PAYLOADS.len());
    let numbers: Vec<String> = rows.iter().map(id).collect();
    tally.run(&home, &format!("delete {}", numbers[0]), &[]);
    for line in OF_ALL {
        tally.run(&home, line, PAYLOADS);
    }
    let share = stride(4);
    for (row, number) in rows.iter().zip(&numbers).step_by(share) {
        let place = PAYLOADS.len() - 1 - rows.iter().position(|other| other == row).unwrap();
        for line in OF_A_MESSAGE {
            tally.run(&home, &line.replace("ID", number), &PAYLOADS[place..=place]);
        }
    }
    tally.end("never a control octet, commands");
}

#[test]
fn v16_no_word_of_a_server_brings_a_control_octet_to_the_terminal() {
    let mut tally = Tally::default();
    for (name, payload) in PAYLOADS.iter().step_by(stride(4)) {
        for stage in [
            Stage::Greeting,
            Stage::Refusal,
            Stage::Login,
            Stage::List,
            Stage::Retr,
        ] {
            let server = tainted(payload, stage);
            let home = Home::with_accounts(&[Account::plain("home", server.port)]);
            if stage == Stage::Retr {
                tally.run(&home, "sync --headers", &[]);
            }
            for line in OF_A_SERVER {
                let about_a_message = line.ends_with(" 1");
                if about_a_message == (stage == Stage::Retr) {
                    tally.run(&home, line, &[(name, payload)]);
                }
            }
        }
    }
    tally.end("never a control octet, words of a server");
}

#[test]
fn v16_the_reader_brings_no_untrusted_control_octet_to_the_terminal() {
    let server = Served::mailbox(mailbox());
    let home = Home::with_accounts(&[server.account()]);
    home.poppet(["sync"]).expect_code(0);
    let command = home.command(Vec::<&str>::new());
    let mut reader = Pty::start(&command, COLUMNS, ROWS);
    let last = PAYLOADS.len() - 1;
    reader.wait_for(&marker(last));
    let mut tally = Tally::default();
    reader.wait_until("every message", |screen| {
        (0..=last).all(|place| screen.contains(&marker(place)))
    });
    tally.seen(PAYLOADS);
    for place in (0..PAYLOADS.len()).rev() {
        reader.keys(if place == last { "\r" } else { "J" });
        reader.wait_until("the message", |screen| {
            screen.contains(&format!("body{place:02}"))
        });
        let here = |screen: &str| screen.contains(&format!("body{place:02}"));
        for (keys, words, back) in [
            ("H", "X-Odd", "vt"),
            ("vh", "html", "vt"),
            ("vs", "MIME-Version", "vt"),
            ("A", "attachments ─", "\x1b"),
            ("O", "┌ ", "\x1b"),
        ] {
            reader.keys(keys);
            reader.wait_for(words);
            tally.seen(&PAYLOADS[place..=place]);
            reader.keys(back);
            reader.wait_until("the text", |screen| {
                here(screen) && !screen.contains("┌ ") && !screen.contains("MIME-Version")
            });
        }
    }
    for (keys, words) in [
        ("q", "From"),
        ("gm", "server"),
        ("q", "From"),
        ("gA", "home"),
        ("q", "From"),
        ("E", ""),
        ("q", "From"),
    ] {
        reader.keys(keys);
        reader.wait_for(words);
    }
    let octets = reader.octets();
    tally.stream("the reader", &octets);
    tally.end("never a control octet, reader");
}

/// Counts the strings that were seen in a place, and what was not ours there.
#[derive(Default)]
struct Tally {
    passed: usize,
    total: usize,
}

impl Tally {
    /// Runs a command on a terminal. Each of the strings that are to be looked for there is a case.
    fn run(&mut self, home: &Home, line: &str, strings: &[(&str, &[u8])]) {
        let mut command = home.command(line.split(' '));
        command.env("COLORTERM", "truecolor");
        let (_, octets) = Pty::start(&command, COLUMNS, ROWS).end();
        let bad = foreign(&octets, COLUMNS, ROWS);
        if let Some(bad) = &bad {
            println!(
                "{line} ({}): {bad}",
                strings.first().map_or("", |(name, _)| name)
            );
        }
        self.total += strings.len();
        self.passed += if bad.is_none() { strings.len() } else { 0 };
        assert!(
            !octets.is_empty() || strings.len() > 1,
            "{line} says nothing"
        );
    }

    /// These strings are on a screen of a stream that is looked at in the end.
    fn seen(&mut self, strings: &[(&str, &[u8])]) {
        self.total += strings.len();
    }

    fn stream(&mut self, name: &str, octets: &[u8]) {
        match foreign(octets, COLUMNS, ROWS) {
            None => self.passed = self.total,
            Some(bad) => println!("{name}: {bad}"),
        }
    }

    fn end(self, figure: &str) {
        score(figure, self.passed, self.total, "-");
    }
}

fn marker(place: usize) -> String {
    format!("subj{place:02}")
}

/// A message for each string, with it in every place of a message.
fn mailbox() -> Maildrop {
    let messages = PAYLOADS
        .iter()
        .enumerate()
        .map(|(place, (_, payload))| Message::new(message(place, payload)));
    Maildrop::new(messages.collect())
}

fn message(place: usize, payload: &[u8]) -> Vec<u8> {
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(payload);
    let mut percent = String::new();
    for octet in payload {
        let _ = write!(percent, "%{octet:02X}");
    }
    let mut entities = String::new();
    for c in String::from_utf8_lossy(payload).chars() {
        let _ = write!(entities, "&#{};", u32::from(c));
    }
    let mut out = Vec::new();
    let mut line = |text: &str| {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("<>") {
            out.extend(before.as_bytes());
            out.extend(payload);
            rest = after;
        }
        out.extend(rest.as_bytes());
        out.extend(b"\r\n");
    };
    for text in [
        &format!("From: \"name{place:02} <>\" <who{place:02}<>@x.example>"),
        &format!("Subject: subj{place:02} <> =?utf-8?b?{base64}?= after"),
        &format!("To: =?utf-8?b?{base64}?= <to<>@x.example>, group <>: a@x.example;"),
        "Cc: cc <> <cc@x.example>",
        "Reply-To: other <> <other<>@y.example>",
        &format!("Date: Mon, 23 Nov 2026 10:{place:02}:00 +0000 (<>)"),
        &format!("Message-ID: <{place}<>@x.example>"),
        "References: <<>@x.example>",
        "X-Odd: odd <>",
        &format!("X-Odd<>{place}: odd"),
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: multipart/alternative; boundary=c",
        "",
        "--c",
        "Content-Type: text/plain; charset=\"<>\"",
        "",
        &format!("body{place:02} <> https://x.example/<>/x"),
        "> quoted <>",
        "a line of some more words, so that this text is what is read and not the page that stands beside it,",
        "which has as many words and is shown when it is asked for",
        "-- ",
        "signed <>",
        "--c",
        "Content-Type: text/html; charset=utf-8",
        "",
        &format!(
            "<title><></title><h1>html{place:02} <> {entities}</h1><a href=\"https://x.example/<>{entities}\" title=\"<>\">link <></a>"
        ),
        "<img alt=\"alt <>\" src=cid:x><ul><li><><table><tr><td><></table><pre><></pre>",
        "--c--",
        "--b",
        "Content-Type: application/x-<>; name=\"typed <>.bin\"",
        "Content-Disposition: attachment; filename=\"file <>.bin\"",
        "",
        "x",
        "--b",
        "Content-Type: application/octet-stream",
        &format!("Content-Disposition: attachment; filename*=utf-8''file%20{percent}.pdf"),
        "Content-Description: <>",
        "",
        "x",
        "--b",
        "Content-Type: text/plain; charset=x-<>-y",
        "Content-Transfer-Encoding: base64",
        "",
        &base64,
        "--b",
        "Content-Type: message/rfc822",
        "",
        "From: inner <> <inner@x.example>",
        "Subject: inner <>",
        "",
        "inner <>",
        "--b",
        "Content-Type: text/calendar",
        "",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:event <>\r\nLOCATION:<>\r\nORGANIZER;CN=<>:mailto:<>\r\nDTSTART:20260101T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Status: 5.1.1 <>",
        "--b--",
    ] {
        line(text);
    }
    out
}

/// Where a server says its string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Greeting,
    Refusal,
    Login,
    List,
    Retr,
}

/// A server with one message, which says the string wherever it says something, up to where it refuses to go on.
fn tainted(payload: &[u8], stage: Stage) -> Says {
    // A line of a server ends where it says CR LF; a bare LF would be another line.
    let payload: Vec<u8> = payload
        .iter()
        .copied()
        .filter(|octet| *octet != b'\n')
        .collect();
    let with = move |text: &str| -> Vec<u8> {
        let pieces: Vec<&[u8]> = text.split("<>").map(str::as_bytes).collect();
        pieces.join(payload.as_slice())
    };
    let greeting = with(if stage == Stage::Refusal {
        "-ERR away <>\r\n"
    } else {
        "+OK ready <>\r\n"
    });
    Says::open(greeting, move |line| {
        let verb = line.split(' ').next().unwrap_or_default();
        let refuses = match stage {
            Stage::Greeting | Stage::Refusal => false,
            Stage::Login => verb == "PASS",
            Stage::List => verb == "LIST",
            Stage::Retr => matches!(verb, "RETR"),
        };
        Some(with(match verb {
            _ if refuses => "-ERR [SYS/PERM] no <>\r\n",
            "CAPA" => {
                "+OK <>\r\nUSER\r\nUIDL\r\nTOP\r\nRESP-CODES\r\nIMPLEMENTATION odd <>\r\n<>\r\n.\r\n"
            }
            "STAT" => "+OK 1 100 <>\r\n",
            "LIST" => "+OK <>\r\n1 100 <>\r\n.\r\n",
            "UIDL" => "+OK <>\r\n1 id<>\r\n.\r\n",
            "TOP" if stage == Stage::Retr && line.ends_with(" 0") => {
                "+OK <>\r\nSubject: subject <>\r\n\r\n.\r\n"
            }
            "TOP" if stage == Stage::Retr => "-ERR [SYS/PERM] no <>\r\n",
            "TOP" | "RETR" => "+OK <>\r\nSubject: subject <>\r\n\r\nbody <>\r\n.\r\n",
            "QUIT" if stage == Stage::Greeting => "-ERR stay <>\r\n",
            "USER" | "PASS" | "NOOP" | "DELE" | "QUIT" => "+OK <>\r\n",
            _ => "-ERR what <>\r\n",
        }))
    })
}

const COLUMNS: u16 = 200;
const ROWS: u16 = 60;

/// What lies in a folder, for the tests of files.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

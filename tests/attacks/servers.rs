//! V1 to V5, V10, V13 to V15, V31, V32: servers that want to be believed, or to exhaust whoever listens to them.

use std::fmt::Write as _;
use std::sync::Arc;

use poppet::mail::Kind;

use crate::client::{Client, Settings, assert_clear};
use crate::octets::names_in;
use crate::says::Says;
use crate::support::home::{Account, Home};
use crate::support::run::Running;

/// A mailbox, as octets: what a good server says of it, where a test says nothing else.
#[derive(Clone, Default)]
struct Mailbox {
    messages: Vec<Vec<u8>>,
    stat: Option<String>,
    list: Option<Vec<u8>>,
    uidl: Option<Vec<u8>>,
    capabilities: &'static str,
    /// TOP and RETR send octets as they are, dots and all.
    unstuffed: bool,
}

impl Mailbox {
    fn of(messages: &[&str]) -> Self {
        Self {
            messages: messages
                .iter()
                .map(|text| text.as_bytes().to_vec())
                .collect(),
            capabilities: "USER\r\nUIDL\r\nTOP\r\nRESP-CODES\r\n",
            ..Self::default()
        }
    }

    fn open(self) -> Says {
        let mailbox = Arc::new(self);
        Says::open(b"+OK ready\r\n".to_vec(), move |line| {
            Some(mailbox.answer(line))
        })
    }

    fn answer(&self, line: &str) -> Vec<u8> {
        let mut words = line.split(' ');
        let verb = words.next().unwrap_or_default();
        let number: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        let message = number
            .checked_sub(1)
            .and_then(|index| self.messages.get(index));
        let listed = |value: &dyn Fn(usize, &[u8]) -> String| {
            let mut out = "+OK\r\n".to_owned();
            for (index, octets) in self.messages.iter().enumerate() {
                let _ = write!(out, "{} {}\r\n", index + 1, value(index, octets));
            }
            (out + ".\r\n").into_bytes()
        };
        match verb {
            "CAPA" => format!("+OK\r\n{}.\r\n", self.capabilities).into_bytes(),
            "STAT" => match &self.stat {
                Some(stat) => format!("{stat}\r\n").into_bytes(),
                None => format!(
                    "+OK {} {}\r\n",
                    self.messages.len(),
                    self.messages.iter().map(Vec::len).sum::<usize>()
                )
                .into_bytes(),
            },
            "LIST" | "UIDL" if number > 0 => match message {
                Some(octets) if verb == "LIST" => {
                    format!("+OK {number} {}\r\n", octets.len()).into_bytes()
                }
                Some(_) => format!("+OK {number} id-{}\r\n", number - 1).into_bytes(),
                None => b"-ERR no such message\r\n".to_vec(),
            },
            "LIST" => self
                .list
                .clone()
                .unwrap_or_else(|| listed(&|_, octets| octets.len().to_string())),
            "UIDL" => self
                .uidl
                .clone()
                .unwrap_or_else(|| listed(&|index, _| format!("id-{index}"))),
            "TOP" => match message {
                Some(octets) => {
                    let end = octets
                        .windows(4)
                        .position(|window| window == b"\r\n\r\n")
                        .map_or(octets.len(), |at| at + 4);
                    // A server that does not stuff sends the whole of it.
                    self.framed(if self.unstuffed {
                        octets
                    } else {
                        &octets[..end]
                    })
                }
                None => b"-ERR no such message\r\n".to_vec(),
            },
            "RETR" => message.map_or_else(
                || b"-ERR no such message\r\n".to_vec(),
                |octets| self.framed(octets),
            ),
            "USER" | "PASS" | "NOOP" | "DELE" | "QUIT" => b"+OK\r\n".to_vec(),
            _ => b"-ERR what?\r\n".to_vec(),
        }
    }

    fn framed(&self, octets: &[u8]) -> Vec<u8> {
        let mut out = b"+OK\r\n".to_vec();
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            // A line begins behind CR LF, and not behind a bare LF.
            if line.starts_with(b".") && out.ends_with(b"\r\n") && !self.unstuffed {
                out.push(b'.');
            }
            out.extend(line);
        }
        out.extend(b".\r\n");
        out
    }
}

fn letter(n: usize) -> String {
    format!(
        "From: a@x.example\r\nSubject: letter {n}\r\nMessage-ID: <{n}@x.example>\r\n\r\nletter {n}\r\n"
    )
}

fn letters(count: usize) -> Mailbox {
    let letters: Vec<String> = (0..count).map(letter).collect();
    Mailbox::of(&letters.iter().map(String::as_str).collect::<Vec<_>>())
}

async fn fetched(mailbox: Mailbox) -> (Client, Says, Result<(), poppet::mail::Problem>) {
    let server = mailbox.open();
    let mut client = Client::new(&Settings::clear(), server.port);
    let result = client.sync().await.map(|_| ());
    (client, server, result)
}

#[test]
fn v1_no_unique_id_names_a_file() {
    let ids = [
        "../../.bashrc",
        "/etc/x",
        "..",
        "CON",
        "a/../../b",
        "%2e%2e%2fx",
        "~",
        "-rf",
        "$(id)",
        "`id`",
        "a\\..\\b",
        "\u{202e}x",
    ];
    let mut uidl = b"+OK\r\n".to_vec();
    for (n, name) in ids.iter().enumerate() {
        uidl.extend(format!("{} {name}\r\n", n + 1).as_bytes());
    }
    uidl.extend(format!("{} {}\r\n", ids.len() + 1, "x".repeat(4096)).as_bytes());
    uidl.extend(format!("{} a\0b\r\n.\r\n", ids.len() + 2).as_bytes());
    let server = Mailbox {
        uidl: Some(uidl),
        ..letters(ids.len() + 2)
    }
    .open();
    let home = Home::with_accounts(&[Account::plain("home", server.port)]);
    let harmless = letters(1).open();
    let other = Home::with_accounts(&[Account::plain("home", harmless.port)]);
    other.poppet(["sync"]).expect_code(0);
    home.poppet(["sync"]).expect_code(0);
    assert_eq!(home.list("").len(), ids.len() + 2);
    for part in [
        "",
        "data",
        "data/poppet",
        "state",
        "state/poppet",
        "cache",
        "tmp",
        "config/poppet",
    ] {
        assert_eq!(
            names_in(&home.path().join(part)),
            names_in(&other.path().join(part)),
            "{part}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v2_messages_without_an_id_are_kept_and_fetched() {
    let uidl = b"+OK\r\n1 \r\n2\r\n\r\n4 good\r\n.\r\n".to_vec();
    let (client, server, result) = fetched(Mailbox {
        uidl: Some(uidl),
        ..letters(4)
    })
    .await;
    result.unwrap();
    assert_eq!(client.octets().await.len(), 4, "{:?}", server.lines());
}

#[tokio::test(flavor = "multi_thread")]
async fn v3_v13_an_id_of_a_megabyte_ends_the_session_with_an_error() {
    let mut uidl = b"+OK\r\n1 ".to_vec();
    uidl.extend(vec![b'x'; 1 << 20]);
    uidl.extend(b"\r\n.\r\n");
    let (client, server, result) = fetched(Mailbox {
        uidl: Some(uidl),
        ..letters(1)
    })
    .await;
    let problem = result.unwrap_err();
    assert_clear(&problem, "a long id");
    assert_eq!(problem.kind, Kind::Protocol);
    assert!(client.octets().await.is_empty());
    assert!(
        !server
            .lines()
            .iter()
            .any(|line| line == "QUIT" || line.starts_with("RETR")),
        "{:?}",
        server.lines()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn v4_ids_that_some_programs_take_for_one_are_two_messages() {
    for (one, other) in [("a/b", "a_b"), ("A", "a"), ("a%2Fb", "a/b"), ("a.", "a")] {
        let long = "x".repeat(200);
        let uidl =
            format!("+OK\r\n1 {one}\r\n2 {other}\r\n3 {long}1\r\n4 {long}2\r\n.\r\n").into_bytes();
        let (client, _server, result) = fetched(Mailbox {
            uidl: Some(uidl),
            ..letters(4)
        })
        .await;
        result.unwrap();
        assert_eq!(client.octets().await.len(), 4, "{one} {other}");
    }
}

#[test]
fn v5_of_two_messages_under_one_id_none_is_deleted_for_the_other() {
    let uidl = b"+OK\r\n1 same\r\n2 same\r\n3 other\r\n.\r\n".to_vec();
    let server = Mailbox {
        uidl: Some(uidl),
        ..letters(3)
    }
    .open();
    let home = Home::with_accounts(&[Account::plain("home", server.port)]);
    home.poppet(["sync"]).expect_code(0);
    let rows = home.list("");
    assert_eq!(rows.len(), 3);
    let doomed = rows
        .iter()
        .find(|row| row["subject"] == "letter 0")
        .unwrap();
    let number = crate::support::home::id(doomed);
    home.poppet(["delete", "--server", &number]).expect_code(0);
    home.poppet(["apply", "--yes"]);
    let deleted: Vec<String> = server
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("DELE"))
        .collect();
    assert!(deleted.iter().all(|line| line == "DELE 1"), "{deleted:?}");
    assert_eq!(home.list("").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn v10_apop_is_not_used_by_itself_and_its_stamp_has_to_be_one() {
    for stamp in [
        "<a@b>",
        "<>",
        "<a>",
        "<a b@c>",
        "<\u{e9}@x>",
        "<a@b",
        "<a\0@b>",
        "a@b",
    ] {
        let greeting = format!("+OK ready {stamp}\r\n").into_bytes();
        let mailbox = letters(0);
        let server = Says::open(greeting.clone(), {
            let mailbox = mailbox.clone();
            move |line| Some(mailbox.answer(line))
        });
        let mut client = Client::new(&Settings::clear(), server.port);
        client.sync().await.unwrap();
        assert!(
            !server.lines().iter().any(|line| line.starts_with("APOP")),
            "{stamp}"
        );
        if stamp == "<a@b>" {
            continue;
        }
        let server = Says::open(greeting, move |line| Some(mailbox.answer(line)));
        let mut client = Client::new(
            &Settings {
                auth: "apop",
                ..Settings::clear()
            },
            server.port,
        );
        let problem = client.sync().await.unwrap_err();
        assert_clear(&problem, stamp);
        let said = server.lines();
        assert!(
            !said.iter().any(|line| line.starts_with("APOP")
                || line.starts_with("USER")
                || line.starts_with("PASS")),
            "{stamp}: {said:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v14_after_an_over_long_answer_nothing_more_is_said() {
    let stat = format!("+OK 1 120 {}", "x".repeat(20_000));
    let (client, server, result) = fetched(Mailbox {
        stat: Some(stat),
        ..letters(1)
    })
    .await;
    assert_clear(&result.unwrap_err(), "over-long");
    let said = server.lines();
    assert!(
        !said
            .iter()
            .any(|line| line == "QUIT" || line.starts_with("DELE")),
        "{said:?}"
    );
    assert!(client.octets().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn v15_replies_in_a_message_are_never_taken_for_the_servers() {
    let forged = "From: a@x.example\r\nSubject: forged\r\nMessage-ID: <f@x.example>\r\n\r\nfirst\r\n.\r\n+OK 1 forged-id\r\n2 forged-id\r\n.\r\n+OK\r\nSubject: never sent\r\n\r\nnever sent\r\n.\r\n+OK\r\n";
    let with_lf = "From: a@x.example\r\nSubject: forged\r\nMessage-ID: <f@x.example>\r\n\r\nfirst\r\nx\n.\n+OK 1 forged-id\n.\n-ERR\r\n";
    for (text, unstuffed) in [
        (forged, false),
        (forged, true),
        (with_lf, false),
        (with_lf, true),
    ] {
        for capabilities in [
            "USER\r\nUIDL\r\nTOP\r\n",
            "USER\r\nUIDL\r\nTOP\r\nPIPELINING\r\n",
        ] {
            let first = letter(0);
            let last = letter(2);
            let mailbox = Mailbox {
                capabilities,
                unstuffed,
                ..Mailbox::of(&[&first, text, &last])
            };
            let (client, server, result) = fetched(mailbox).await;
            let here = client.octets().await;
            let rows = client.rows().await;
            let name = format!("unstuffed {unstuffed}, {capabilities:?}");
            let said = server.lines();
            assert!(!said.iter().any(|line| line.starts_with("DELE")), "{name}");
            assert!(
                rows.iter().all(|row| row.subject != "never sent"),
                "{name}: {rows:?} {result:?} {said:?}"
            );
            if unstuffed && text == forged {
                // What is behind the end of the message was asked for by nobody: it answers nothing, and that is said.
                let problem = result.unwrap_err();
                assert_clear(&problem, &name);
                let sent = [first.as_bytes(), last.as_bytes()];
                let whole = |octets: &Vec<u8>| sent.contains(&octets.as_slice());
                assert!(here.iter().all(whole), "{name}: {here:?}");
                assert!(!said.iter().any(|line| line == "QUIT"), "{name}: {said:?}");
            } else {
                result.unwrap();
                assert_eq!(here.len(), 3, "{name}");
                assert!(here.contains(&text.as_bytes().to_vec()), "{name}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v31_sizes_at_the_edges_of_integers_are_taken_or_refused() {
    for size in [
        "0",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
    ] {
        let list = format!("+OK\r\n1 {size}\r\n2 120\r\n.\r\n").into_bytes();
        let stat = Some(format!("+OK 2 {size}"));
        let (client, _server, result) = fetched(Mailbox {
            list: Some(list),
            stat,
            ..letters(2)
        })
        .await;
        // One that says that it is too large to be held is left where it is; all others come, whatever is said of them.
        let here = client.octets().await.len();
        let large = size.parse::<u64>().unwrap() > 256 << 20;
        assert!(
            result.is_ok() && (here == 2 || (large && here == 1)),
            "{size}: {here} {result:?}"
        );
    }
    for size in [
        "-1",
        "18446744073709551616",
        "99999999999999999999999",
        "0x10",
        "1e3",
        "+5",
        "",
        "one",
    ] {
        let list = format!("+OK\r\n1 {size}\r\n.\r\n").into_bytes();
        let (client, server, result) = fetched(Mailbox {
            list: Some(list),
            ..letters(1)
        })
        .await;
        let problem = result.expect_err(size);
        assert_clear(&problem, size);
        assert_eq!(problem.kind, Kind::Protocol, "{size}: {problem}");
        assert!(client.octets().await.is_empty(), "{size}");
        let lines = server.lines();
        let more = ["RETR", "TOP", "DELE", "QUIT"];
        assert!(
            !lines
                .iter()
                .any(|line| more.iter().any(|verb| line.starts_with(verb))),
            "{size}: {lines:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn v32_a_count_that_is_a_lie_costs_nothing() {
    for stat in [
        "+OK 4000000000 4000000000000",
        "+OK 4294967295 1",
        "+OK 18446744073709551615 18446744073709551615",
        "+OK 99999999999999999999 1",
    ] {
        let (client, _server, result) = fetched(Mailbox {
            stat: Some(stat.to_owned()),
            ..letters(3)
        })
        .await;
        match result {
            Ok(()) => assert_eq!(client.octets().await.len(), 3, "{stat}"),
            Err(problem) => assert_clear(&problem, stat),
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn v32_a_listing_of_a_million_messages_takes_less_than_200_megabytes() {
    let count = if cfg!(debug_assertions) {
        200_000
    } else {
        1_000_000
    };
    let mut list = "+OK\r\n".to_owned();
    let mut uidl = "+OK\r\n".to_owned();
    for n in 1..=count {
        let _ = write!(list, "{n} 1000\r\n");
        let _ = write!(uidl, "{n} 0123456789abcdef{n:08}\r\n");
    }
    list += ".\r\n";
    uidl += ".\r\n";
    let server = Mailbox {
        stat: Some(format!("+OK {count} {count}000")),
        list: Some(list.into_bytes()),
        uidl: Some(uidl.into_bytes()),
        ..letters(1)
    }
    .open();
    let home = Home::with_accounts(&[Account::plain("home", server.port)]);
    let (run, peak) = peak_of(&home.command(["check"]));
    run.expect_code(0);
    println!("{count} messages: {} MB", peak >> 20);
    assert!(peak <= 200 << 20, "{} MB", peak >> 20);
}

#[cfg(target_os = "linux")]
#[test]
fn v13_v32_a_listing_that_never_ends_is_given_up_within_200_megabytes() {
    let endless = |line: &str| line.repeat(64 << 10);
    let mut list = "+OK\r\n".to_owned();
    for n in 1..=11_000_000_u64 / if cfg!(debug_assertions) { 4 } else { 1 } {
        let _ = write!(list, "{n} 1\r\n");
    }
    let capa = format!(
        "+OK\r\n{}.\r\n",
        endless("X-CAPABILITY that says nothing and does not end\r\n")
    );
    for (name, mailbox) in [
        (
            "LIST",
            Mailbox {
                list: Some(list.into_bytes()),
                ..letters(1)
            },
        ),
        (
            "CAPA",
            Mailbox {
                capabilities: Box::leak(capa.into_boxed_str()),
                ..letters(1)
            },
        ),
    ] {
        let server = mailbox.open();
        let home = Home::with_accounts(&[Account::plain("home", server.port)]);
        let (run, peak) = peak_of(&home.command(["check", "--json"]));
        println!("{name}: {} MB", peak >> 20);
        assert!(peak <= 200 << 20, "{name}: {} MB", peak >> 20);
        assert!(matches!(run.code, Some(0 | 1 | 3)), "{name}: {run}");
    }
}

/// Runs a command to its end, and gives the most memory that it had.
#[cfg(target_os = "linux")]
fn peak_of(command: &std::process::Command) -> (crate::support::run::Run, u64) {
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut shell = std::process::Command::new("sh");
    // The shell is the parent whose largest child is asked for when it has ended.
    shell
        .args(["-c", "\"$@\" & p=$!; while kill -0 $p 2>/dev/null; do grep VmHWM /proc/$p/status > \"$0.new\" 2>/dev/null && mv \"$0.new\" \"$0\"; done; wait $p"])
        .arg(file.path())
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        shell.envs(value.map(|value| (name, value)));
    }
    let run = Running::start(shell, "").end();
    let text = std::fs::read_to_string(file.path()).unwrap();
    let peak = text
        .split_whitespace()
        .nth(1)
        .and_then(|number| number.parse::<u64>().ok());
    (run, peak.expect("its memory was seen") << 10)
}

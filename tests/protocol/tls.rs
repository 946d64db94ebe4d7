//! Section 1E: STLS, and TLS from the first octet on.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};

use native_tls::Identity;
use poppet::bridge::{Cleartext, TestStep};
use poppet::mail::{Kind, Local};
use tempfile::TempDir;

use crate::certificates::{Authority, Shown};
use crate::person::{Person, account, draft};
use crate::script::{Say, Script, honest, is_of_login};

/// A certificate of this kind, and the line of the configuration that trusts its authority.
pub(crate) fn identity(authority: &Authority, shown: Shown) -> Identity {
    let folder = TempDir::new().unwrap();
    let made = authority.identity(shown, folder.path());
    Identity::from_pkcs8(made.certificate_pem.as_bytes(), made.key_pem.as_bytes()).unwrap()
}

pub(crate) fn trusting(authority: &Authority, tls: &str) -> String {
    format!(
        "tls = \"{tls}\"\nca_file = \"{}\"",
        authority.file().display()
    )
}

fn with_stls(_: usize, line: &str) -> Say {
    match line {
        "CAPA" => Say::Lines("+OK\nSTLS\nUSER\nUIDL\nTOP\n."),
        "STLS" => Say::Tls("+OK begin"),
        _ => honest(line),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p54_p56_behind_stls_comes_the_handshake_and_then_capa() {
    let authority = Authority::new();
    let script = Script::secured(identity(&authority, Shown::Good), false, "+OK", with_stls);
    let mut person = Person::at(script.port, &trusting(&authority, "starttls"));
    assert_eq!(person.sync().await.unwrap().messages, 1);
    let seen = script.at_the_end().await.remove(0);
    assert_eq!(seen.behind_stls, Some(0x16), "a record of the handshake");
    assert_eq!(seen.lines[..3], ["CAPA", "STLS", "CAPA"]);
    assert!(is_of_login(&seen.lines[3]), "{:?}", seen.lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn p38_p57_p64_without_tls_nothing_is_said_but_capa_and_stls() {
    type Answers = fn(&str) -> Say;
    let cases: [(&str, &'static str, Answers, Kind); 7] = [
        (
            "STLS is not offered",
            "+OK",
            |line| match line {
                "CAPA" => Say::Lines("+OK\nUSER\nSASL PLAIN\n."),
                _ => honest(line),
            },
            Kind::Tls,
        ),
        (
            "STLS is offered and refused",
            "+OK",
            |line| match line {
                "CAPA" => Say::Lines("+OK\nSTLS\nSASL PLAIN\n."),
                "STLS" => Say::Lines("-ERR [SYS/PERM] no"),
                _ => honest(line),
            },
            Kind::Tls,
        ),
        ("CAPA is refused", "+OK", honest, Kind::Tls),
        (
            "CAPA is refused, and APOP would do",
            "+OK <1.2@demo.example>",
            honest,
            Kind::Tls,
        ),
        (
            "CAPA ends the connection",
            "+OK",
            |line| match line {
                "CAPA" => Say::Cut(""),
                _ => honest(line),
            },
            Kind::Network,
        ),
        (
            "STLS is answered by something else",
            "+OK",
            |line| match line {
                "CAPA" => Say::Lines("+OK\nSTLS\n."),
                "STLS" => Say::Lines("+ go on"),
                _ => honest(line),
            },
            Kind::Protocol,
        ),
        (
            "a reply stands behind that to STLS",
            "+OK",
            |line| match line {
                "CAPA" => Say::Lines("+OK\nSTLS\n."),
                "STLS" => Say::Lines("+OK begin\n+OK logged in"),
                _ => honest(line),
            },
            Kind::Tls,
        ),
    ];
    for (what, greeting, answer, kind) in cases {
        let script = Script::start(greeting, move |_, line| answer(line));
        for auth in ["auto", "apop", "plain", "cram-md5", "user-pass"] {
            let lines = format!("tls = \"starttls\"\nauth = \"{auth}\"");
            let mut person = Person::at(script.port, &lines);
            let problem = person.sync().await.unwrap_err();
            assert_eq!(problem.kind, kind, "{what}: {problem}");
            let (steps, ended) = person.test(draft(script.port, "starttls")).await;
            assert_eq!((steps, ended.unwrap_err().kind), (vec![], kind), "{what}");
        }
        let lines = script.lines().await;
        assert!(
            lines.iter().all(|line| line == "CAPA" || line == "STLS"),
            "{what}: {lines:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p58_p62_a_greeting_over_tls_logs_nobody_in() {
    let authority = Authority::new();
    let greeting = "+OK your certificate logs you in";
    let script = Script::secured(
        identity(&authority, Shown::Good),
        true,
        greeting,
        |_, line| match line {
            "CAPA" => Say::Lines("+OK\nUSER\nUIDL\nTOP\n."),
            _ => honest(line),
        },
    );
    let mut person = Person::at(script.port, &trusting(&authority, "implicit"));
    person.sync().await.unwrap();
    let lines = script.lines().await;
    assert_eq!(lines[0], "CAPA");
    assert_eq!(lines[1], "USER home");
    assert!(lines[2].starts_with("PASS "), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p59_the_name_that_the_account_has_counts_and_not_where_it_leads() {
    // Both names lead to the same server; its certificate has only one of them.
    for (shown, host, good) in [
        (Shown::Good, "localhost", true),
        (Shown::Good, "127.0.0.1", true),
        (Shown::WrongName, "localhost", false),
        (Shown::WrongName, "127.0.0.1", false),
    ] {
        let authority = Authority::new();
        let script = Script::secured(identity(&authority, shown), true, "+OK", with_stls);
        let lines = trusting(&authority, "implicit");
        let mut person = Person::of(&account("home", host, script.port, &lines), false);
        let ended = person.sync().await;
        assert_eq!(ended.is_ok(), good, "{shown:?} as {host}: {ended:?}");
        assert_eq!(script.lines().await.is_empty(), !good);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p63_no_version_before_tls_1_2_is_offered_or_accepted() {
    let (told, heard) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut front = [0; 5];
            stream.read_exact(&mut front).unwrap();
            let mut hello = vec![0; usize::from(u16::from_be_bytes([front[3], front[4]]))];
            stream.read_exact(&mut hello).unwrap();
            stream.write_all(&server_hello([3, 2])).unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
            told.send((hello, answer)).unwrap();
        }
    });
    let mut person = Person::at(port, "tls = \"implicit\"");
    let problem = person.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Tls, "{problem}");
    assert!(
        !cfg!(target_os = "linux") || problem.remedy.contains("not safe any more"),
        "{problem:?}"
    );
    let (hello, answer) = heard.recv().unwrap();
    let versions = versions(&hello);
    assert!(!versions.is_empty());
    assert!(
        versions.iter().all(|version| *version >= 0x0303),
        "{versions:x?}"
    );
    // An alert, and nothing else.
    assert_eq!(answer.first(), Some(&0x15), "{answer:x?}");
    assert!(answer.len() <= 7, "{answer:x?}");
}

/// A forwarder of one connection to this port, and what the client says through it.
fn tapped(port: u16) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let said = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&said);
    std::thread::spawn(move || {
        let (mut near, _) = listener.accept().unwrap();
        let mut far = TcpStream::connect(("127.0.0.1", port)).unwrap();
        let (mut back, mut answers) = (near.try_clone().unwrap(), far.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
        let mut octets = [0; 4096];
        while let Ok(count @ 1..) = near.read(&mut octets) {
            record.lock().unwrap().extend_from_slice(&octets[..count]);
            let _ = far.write_all(&octets[..count]);
        }
        let _ = far.shutdown(std::net::Shutdown::Both);
    });
    (own, said)
}

/// Kind and length of the last of these records (RFC 8446 section 5.1).
fn last_record(stream: &[u8]) -> (u8, u16) {
    let (mut rest, mut last) = (stream, (0, 0));
    while let [kind, _, _, high, low, behind @ ..] = rest {
        let length = u16::from_be_bytes([*high, *low]);
        last = (*kind, length);
        rest = &behind[usize::from(length)..];
    }
    last
}

/// The record of a server that settles on this version.
fn server_hello(version: [u8; 2]) -> Vec<u8> {
    let mut hello = vec![2, 0, 0, 38];
    hello.extend(version);
    hello.extend([7; 32]);
    // No session, AES-128 with SHA-1, no compression.
    hello.extend([0, 0, 0x2f, 0]);
    let mut record = vec![0x16, version[0], version[1], 0, 42];
    record.extend(hello);
    record
}

/// The versions that a client's first message offers (RFC 8446 section 4.2.1), or its one version.
fn versions(hello: &[u8]) -> Vec<u16> {
    let number = |at: usize| u16::from_be_bytes([hello[at], hello[at + 1]]);
    let mut at = 4 + 2 + 32;
    at += 1 + usize::from(hello[at]);
    at += 2 + usize::from(number(at));
    at += 1 + usize::from(hello[at]);
    let end = at + 2 + usize::from(number(at));
    at += 2;
    while at < end {
        let length = usize::from(number(at + 2));
        if number(at) == 43 {
            let list = &hello[at + 5..at + 4 + length];
            let pairs = list.chunks_exact(2);
            // Values that look like 0x0A0A are there to be ignored (RFC 8701).
            return pairs
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
                .filter(|version| version & 0x0f0f != 0x0a0a)
                .collect();
        }
        at += 4 + length;
    }
    vec![number(4)]
}

#[tokio::test(flavor = "multi_thread")]
async fn p64_p65_behind_a_bad_certificate_there_is_no_way_on_and_no_pin_is_offered() {
    let authority = Authority::new();
    for shown in Shown::REFUSED {
        for implicit in [true, false] {
            let script = Script::secured(identity(&authority, shown), implicit, "+OK", with_stls);
            let tls = if implicit { "implicit" } else { "starttls" };
            let mut person = Person::at(script.port, &trusting(&authority, tls));
            let problem = person.sync().await.unwrap_err();
            assert_eq!(problem.kind, Kind::Tls, "{shown:?}: {problem}");
            let words = format!("{problem:?}").to_lowercase();
            for offer in ["sha256", "fingerprint", "pin ", "`pin`", "anyway"] {
                assert!(!words.contains(offer), "{shown:?}: {words}");
            }
            let lines = script.lines().await;
            assert!(
                lines.iter().all(|line| line == "CAPA" || line == "STLS"),
                "{shown:?}: {lines:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p69_a_connection_counts_as_encrypted_only_where_tls_was_verified() {
    let authority = Authority::new();
    let script = Script::secured(identity(&authority, Shown::Good), true, "+OK", |_, line| {
        honest(line)
    });
    let mut person = Person::at(script.port, &trusting(&authority, "implicit"));
    let mut wanted = draft(script.port, "implicit");
    wanted.ca_file = Some(authority.file());
    let (steps, ended) = person.test(wanted).await;
    ended.unwrap();
    assert!(steps.contains(&TestStep::Encrypted), "{steps:?}");
    let script = Script::start("+OK", |_, line| honest(line));
    let (steps, ended) = person.test(draft(script.port, "none")).await;
    ended.unwrap();
    let tells = |step: &TestStep| matches!(step, TestStep::Encrypted | TestStep::Cleartext(_));
    assert!(
        !steps.iter().any(tells),
        "nothing leaves this computer: {steps:?}"
    );
    // The server has TLS by now: that is told, also on the loopback.
    let script = Script::start("+OK", with_stls);
    let (steps, ended) = person.test(draft(script.port, "none")).await;
    ended.unwrap();
    let needless = TestStep::Cleartext(Cleartext::Needless);
    assert!(
        steps.contains(&needless) && !steps.contains(&TestStep::Encrypted),
        "{steps:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p70_tls_is_ended_with_a_farewell_and_its_lack_ends_no_message() {
    let authority = Authority::new();
    let script = Script::secured(identity(&authority, Shown::Good), true, "+OK", |_, line| {
        honest(line)
    });
    let (port, said) = tapped(script.port);
    let mut person = Person::at(port, &trusting(&authority, "implicit"));
    person.sync().await.unwrap();
    script.at_the_end().await;
    let (kind, length) = last_record(&said.lock().unwrap());
    // An alert is two octets: in TLS 1.3 with their kind and a tag of 16, and looking like data.
    assert!(
        kind == 0x15 || (kind == 0x17 && length == 2 + 1 + 16),
        "{kind:#x}, {length} octets"
    );
    let script = Script::secured(
        identity(&authority, Shown::Good),
        true,
        "+OK",
        |session, line| match line {
            "RETR 1" if session == 0 => Say::Cut("+OK\nSubject: hi\n\nhello yes"),
            _ => honest(line),
        },
    );
    let mut person = Person::at(script.port, &trusting(&authority, "implicit"));
    let problem = person.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Network);
    let rows = person.rows().await;
    assert!(rows.iter().all(|row| row.local != Local::Full), "{rows:?}");
    person.sync().await.unwrap();
    let rows = person.rows().await;
    assert_eq!((rows.len(), rows[0].local), (1, Local::Full));
}

//! V6, V7, V8: what somebody in the middle may say in clear before TLS. Each case is a few octets of theirs; whatever they
//! are, no credential goes out in clear, and a person is told what happened.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poppet::mail::{Kind, Problem};

use crate::client::{Client, Settings, assert_clear};
use crate::support::certificates::{Authority, Identity, Shown};
use crate::support::real::until;
use crate::support::score::score;

/// What somebody in the middle says, and what is to come of it.
#[derive(Clone, Copy)]
struct Case {
    name: &'static str,
    greeting: &'static str,
    /// What CAPA lists in clear; `None` when it is refused.
    clear: Option<&'static [&'static str]>,
    /// What CAPA lists inside TLS, before and after the login.
    inside: Option<&'static [&'static str]>,
    stls: Stls,
    /// Answers to other commands in clear, in place of those of a good server.
    other: &'static [(&'static str, &'static str)],
    /// What comes of it for an account with `tls = "starttls"`.
    starttls: Outcome,
    /// And for one with `tls = "implicit"`, where the same is said inside TLS, if that makes sense.
    implicit: Option<Outcome>,
}

#[derive(Clone, Copy)]
enum Stls {
    /// This answer, and then TLS.
    Starts(&'static str),
    /// This answer, and these octets in clear in the same segment; then nothing.
    Injects(&'static str, &'static [u8]),
    /// This answer; and once it has been read, these octets in clear, before the handshake.
    InjectsLater(&'static str, &'static [u8]),
    /// This answer, and no TLS.
    Refuses(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// A login inside TLS, and all goes well.
    LoggedIn,
    /// No credential on the wire, and a problem of this kind whose words have this in them.
    Refused(Kind, &'static str),
}

use Outcome::{LoggedIn, Refused};
use Stls::{Injects, InjectsLater, Refuses, Starts};

const GOOD: &str = "+OK ready\r\n";
const BEGIN: Stls = Starts("+OK begin\r\n");
const UNKNOWN: Stls = Refuses("-ERR unknown\r\n");
const OFFERED: Option<&[&str]> = Some(&["USER", "UIDL", "TOP", "STLS", "RESP-CODES"]);
const INSIDE: Option<&[&str]> = Some(&["USER", "UIDL", "TOP"]);
const NONE: &str = "does not encrypt";
const TAMPERED: &str = "tampering";
const AWAY: &str = "does not take connections";
const STRANGE: &str = "not a POP3 server";
const ALL: Option<&[&str]> = Some(&[
    "TOP",
    "USER",
    "SASL PLAIN LOGIN CRAM-MD5",
    "RESP-CODES",
    "LOGIN-DELAY 0",
    "PIPELINING",
    "EXPIRE NEVER",
    "UIDL",
    "STLS",
    "IMPLEMENTATION none of your business",
]);
const SIXTY: Option<&[&str]> = Some(&[
    "USER",
    "SASL A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17 A18 A19 A20 A21 A22 A23 A24 A25 A26 A27 A28 A29 A30 \
     A31 A32 A33 A34 A35 A36 A37 A38 A39 A40 A41 A42 A43 A44 A45 A46 A47 A48 A49 A50 A51 A52 A53 A54 A55 A56 A57 A58 A59 \
     PLAIN",
    "STLS",
]);

const fn case(name: &'static str) -> Case {
    Case {
        name,
        greeting: GOOD,
        clear: OFFERED,
        inside: INSIDE,
        stls: BEGIN,
        other: &[],
        starttls: LoggedIn,
        implicit: None,
    }
}

const fn greeted(name: &'static str, greeting: &'static str, outcome: Outcome) -> Case {
    Case {
        greeting,
        starttls: outcome,
        implicit: Some(outcome),
        ..case(name)
    }
}

const fn listed(
    name: &'static str,
    clear: Option<&'static [&'static str]>,
    outcome: Outcome,
) -> Case {
    Case {
        clear,
        stls: if matches!(outcome, LoggedIn) {
            BEGIN
        } else {
            UNKNOWN
        },
        starttls: outcome,
        ..case(name)
    }
}

const fn answered(name: &'static str, stls: Stls, outcome: Outcome) -> Case {
    Case {
        stls,
        starttls: outcome,
        ..case(name)
    }
}

const fn also(other: &'static [(&'static str, &'static str)], case: Case) -> Case {
    Case { other, ..case }
}

const NO_TLS: Outcome = Refused(Kind::Tls, NONE);
const INJECTED: Outcome = Refused(Kind::Tls, TAMPERED);
const TURNED_AWAY: Outcome = Refused(Kind::Network, AWAY);
const NO_POP3: Outcome = Refused(Kind::Protocol, STRANGE);

const CASES: [Case; 41] = [
    // Octets behind the answer to STLS.
    answered(
        "a reply behind the +OK, and TLS stays mute",
        Injects("+OK begin\r\n", b"+OK\r\nPLAIN\r\n.\r\n"),
        INJECTED,
    ),
    answered(
        "rubbish behind the +OK",
        Injects("+OK begin\r\n", b"\x00\xFFrubbish"),
        INJECTED,
    ),
    answered(
        "a reply behind the +OK, a moment later",
        InjectsLater("+OK begin\r\n", b"+OK\r\nPLAIN\r\n.\r\n"),
        Refused(Kind::Tls, ""),
    ),
    // The offer is taken away.
    listed(
        "no STLS in CAPA, and it is refused",
        Some(&["USER", "UIDL", "TOP"]),
        NO_TLS,
    ),
    answered(
        "STLS is offered and refused",
        Refuses("-ERR no TLS today\r\n"),
        NO_TLS,
    ),
    listed("CAPA is refused, and STLS", None, NO_TLS),
    Case {
        greeting: "+OK <1896.697170952@dbc.mtview.ca.us>\r\n",
        ..answered(
            "STLS is refused, and the banner tempts with APOP",
            Refuses("-ERR no\r\n"),
            NO_TLS,
        )
    },
    // Greetings.
    greeted("a plain greeting", GOOD, LoggedIn),
    greeted(
        "a greeting with [SYS/PERM]",
        "+OK [SYS/PERM] ready\r\n",
        LoggedIn,
    ),
    greeted(
        "a greeting with [SYS/TEMP]",
        "+OK [SYS/TEMP] ready\r\n",
        LoggedIn,
    ),
    greeted(
        "a greeting with a timestamp",
        "+OK ready <1.2@pop.example>\r\n",
        LoggedIn,
    ),
    greeted(
        "a greeting with escape sequences",
        "+OK \x1b[2J\x1b]0;owned\x07ready\r\n",
        LoggedIn,
    ),
    greeted("a refusal", "-ERR go away\r\n", TURNED_AWAY),
    greeted(
        "a refusal with [SYS/PERM]",
        "-ERR [SYS/PERM] go away\r\n",
        TURNED_AWAY,
    ),
    greeted(
        "a refusal with [SYS/TEMP]",
        "-ERR [SYS/TEMP] go away\r\n",
        TURNED_AWAY,
    ),
    greeted(
        "a refusal with a timestamp",
        "-ERR <1.2@pop.example>\r\n",
        TURNED_AWAY,
    ),
    greeted(
        "a refusal with escape sequences",
        "-ERR \x1b[2J\x1b]0;owned\x07go away\r\n",
        TURNED_AWAY,
    ),
    greeted(
        "a greeting of another protocol",
        "* OK IMAP4rev1 ready\r\n",
        NO_POP3,
    ),
    greeted(
        "a greeting that is none, and the client is asked whether it cares",
        "+Do you even care?\r\n",
        NO_POP3,
    ),
    // CAPA.
    listed("CAPA is refused", None, NO_TLS),
    also(
        &[("CAPA", "-ERR [SYS/PERM] no\r\n")],
        listed("CAPA is refused with a code", None, NO_TLS),
    ),
    listed("CAPA lists all there is", ALL, LoggedIn),
    listed("CAPA lists nothing", Some(&[]), NO_TLS),
    listed(
        "CAPA lists SASL and no STLS",
        Some(&["USER", "SASL PLAIN LOGIN CRAM-MD5", "UIDL"]),
        NO_TLS,
    ),
    // A bare AUTH, which lists mechanisms on some servers.
    also(
        &[("AUTH", "-ERR no\r\n")],
        listed("AUTH lists nothing and is refused", None, NO_TLS),
    ),
    also(
        &[("AUTH", "+OK\r\nPLAIN\r\nLOGIN\r\nCRAM-MD5\r\n.\r\n")],
        listed("AUTH lists mechanisms", None, NO_TLS),
    ),
    also(
        &[("AUTH", "+OK\r\n.\r\n")],
        listed("AUTH lists none", None, NO_TLS),
    ),
    also(
        &[
            ("AUTH", "+OK\r\nPLAIN\r\n.\r\n"),
            ("QUIT", "+OK [SYS/PERM] bye\r\n"),
        ],
        listed("AUTH lists one, and QUIT has a code", None, NO_TLS),
    ),
    also(
        &[
            ("AUTH", "-ERR [AUTH] no\r\n"),
            ("QUIT", "-ERR [SYS/TEMP] stay\r\n"),
        ],
        listed("AUTH is refused, and so is QUIT", None, NO_TLS),
    ),
    // STLS.
    answered("STLS starts", BEGIN, LoggedIn),
    answered(
        "STLS starts with a code",
        Starts("+OK [SYS/TEMP] begin\r\n"),
        LoggedIn,
    ),
    answered("STLS is refused", Refuses("-ERR\r\n"), NO_TLS),
    answered(
        "STLS is refused with a code",
        Refuses("-ERR [SYS/PERM] never\r\n"),
        NO_TLS,
    ),
    // QUIT.
    also(
        &[("QUIT", "+OK bye\r\n")],
        greeted(
            "QUIT is answered behind a refusal",
            "-ERR no\r\n",
            TURNED_AWAY,
        ),
    ),
    also(
        &[("QUIT", "-ERR stay\r\n")],
        greeted(
            "QUIT is refused behind a refusal",
            "-ERR no\r\n",
            TURNED_AWAY,
        ),
    ),
    also(
        &[("QUIT", "+OK bye\r\n")],
        answered(
            "QUIT is answered where STLS was refused",
            Refuses("-ERR no\r\n"),
            NO_TLS,
        ),
    ),
    also(
        &[("QUIT", "-ERR stay\r\n")],
        answered(
            "QUIT is refused where STLS was refused",
            Refuses("-ERR no\r\n"),
            NO_TLS,
        ),
    ),
    // What nobody asked for.
    Case {
        greeting: "+OK ready\r\n+OK 1 message\r\n1 120\r\n.\r\n",
        starttls: Refused(Kind::Protocol, "out of step"),
        implicit: Some(Refused(Kind::Protocol, "out of step")),
        ..case("a listing behind the greeting")
    },
    // Odds and ends.
    greeted(
        "a greeting that says [IN-USE]",
        "+OK [IN-USE] ready\r\n",
        LoggedIn,
    ),
    listed("sixty mechanisms in one line", SIXTY, LoggedIn),
    greeted(
        "a greeting as if the login were done",
        "+OK user's maildrop has 2 messages (320 octets)\r\n",
        LoggedIn,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn v6_v7_v8_nothing_said_in_clear_before_tls_brings_a_credential_out() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let identity = authority.identity(Shown::Good, folder.path());
    let mut passed = 0;
    for case in &CASES {
        let mut held = tried(case, "starttls", case.starttls, &authority, &identity).await;
        if let Some(outcome) = case.implicit {
            held &= tried(case, "implicit", outcome, &authority, &identity).await;
        }
        passed += usize::from(held);
    }
    score("NO STARTTLS POP3", passed, CASES.len(), "-");
}

#[tokio::test(flavor = "multi_thread")]
async fn v7_the_record_hears_a_credential_in_clear_where_an_account_allows_it() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let identity = authority.identity(Shown::Good, folder.path());
    let middle = Middle::open(&CASES[7], false, &identity);
    let mut client = Client::new(&Settings::clear(), middle.port);
    let _ = client.sync().await;
    let heard = middle.heard();
    assert!(
        heard.clear.iter().any(|line| is_credential(line)),
        "{heard:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn v7_the_record_hears_what_is_said_in_clear_behind_octets_of_somebody_elses() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let identity = authority.identity(Shown::Good, folder.path());
    for case in CASES
        .iter()
        .filter(|case| matches!(case.stls, Stls::Injects(..) | Stls::InjectsLater(..)))
    {
        let middle = Middle::open(case, false, &identity);
        let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", middle.port)).unwrap());
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        stream.get_mut().write_all(b"STLS\r\n").unwrap();
        stream.read_line(&mut line).unwrap();
        let careless = b"\x16\x03\x01 no handshake\r\nUSER user\r\nPASS secret\r\n";
        stream.get_mut().write_all(careless).unwrap();
        drop(stream);
        let heard = middle.heard();
        let credentials: Vec<_> = heard
            .clear
            .iter()
            .filter(|line| is_credential(line))
            .collect();
        assert_eq!(credentials, ["USER user", "PASS secret"], "{}", case.name);
    }
}

/// Tries one case with an account of this kind, and says whether all was as it should be.
async fn tried(
    case: &'static Case,
    tls: &'static str,
    wanted: Outcome,
    authority: &Authority,
    identity: &Identity,
) -> bool {
    let middle = Middle::open(case, tls == "implicit", identity);
    let mut client = Client::new(&Settings::encrypted(tls, authority.file()), middle.port);
    let result = client.sync().await.map(|_| ());
    let heard = middle.heard();
    let name = format!("{} ({tls})", case.name);
    let silent = !heard.clear.iter().any(|line| is_credential(line));
    let held = silent && is_as_wanted(&result, &heard, wanted, &name);
    if !held {
        println!("{name}: wanted {wanted:?}, got {result:?}; heard {heard:?}");
    }
    held
}

fn is_as_wanted(result: &Result<(), Problem>, heard: &Heard, wanted: Outcome, name: &str) -> bool {
    let inside = heard.inside.iter().any(|line| is_credential(line));
    match (result, wanted) {
        (Ok(()), LoggedIn) => inside,
        (Err(problem), Refused(kind, words)) => {
            assert_clear(problem, name);
            let said = format!("{} {}", problem.what, problem.why);
            !inside && problem.kind == kind && said.contains(words)
        }
        _ => false,
    }
}

fn is_credential(line: &str) -> bool {
    let verb = line
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    matches!(verb.as_str(), "USER" | "PASS" | "APOP" | "AUTH") || line.contains("secret")
}

/// Somebody between the client and its server, who says what a case says.
struct Middle {
    port: u16,
    heard: Arc<Mutex<Heard>>,
}

/// What the client said.
#[derive(Clone, Debug, Default)]
struct Heard {
    clear: Vec<String>,
    inside: Vec<String>,
    connections: usize,
    /// Those that are over: nothing more is said in them.
    ended: usize,
}

impl Middle {
    fn open(case: &'static Case, implicit: bool, identity: &Identity) -> Self {
        let identity = native_tls::Identity::from_pkcs8(
            identity.certificate_pem.as_bytes(),
            identity.key_pem.as_bytes(),
        )
        .unwrap();
        let acceptor = native_tls::TlsAcceptor::new(identity).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let record = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
                record.lock().unwrap().connections += 1;
                attend(stream, case, implicit, &acceptor, &record);
                record.lock().unwrap().ended += 1;
            }
        });
        Self { port, heard }
    }

    /// What was said, once somebody came and every connection is over.
    fn heard(&self) -> Heard {
        let heard = until(Duration::from_mins(1), || {
            let heard = self.heard.lock().unwrap();
            (heard.connections > 0 && heard.ended == heard.connections).then(|| heard.clone())
        });
        heard.expect("somebody comes and goes")
    }
}

fn attend(
    stream: TcpStream,
    case: &Case,
    implicit: bool,
    acceptor: &native_tls::TlsAcceptor,
    record: &Mutex<Heard>,
) -> Option<()> {
    if implicit {
        let mut stream = BufReader::new(acceptor.accept(stream).ok()?);
        stream.get_mut().write_all(case.greeting.as_bytes()).ok()?;
        return converse(&mut stream, case, case.inside, true, record).map(|_| ());
    }
    let mut stream = BufReader::new(stream);
    stream.get_mut().write_all(case.greeting.as_bytes()).ok()?;
    let stls = converse(&mut stream, case, case.clear, false, record)?;
    let out = stream.get_mut();
    match stls {
        Starts(answer) => {
            out.write_all(answer.as_bytes()).ok()?;
            let mut stream = BufReader::new(acceptor.accept(stream.into_inner()).ok()?);
            converse(&mut stream, case, case.inside, true, record).map(|_| ())
        }
        Injects(answer, octets) => {
            out.write_all(&[answer.as_bytes(), octets].concat()).ok()?;
            listen(&mut stream, record)
        }
        InjectsLater(answer, octets) => {
            out.write_all(answer.as_bytes()).ok()?;
            // The client's next octet is the beginning of the handshake: it has read the answer.
            stream.fill_buf().ok()?;
            stream.get_mut().write_all(octets).ok()?;
            listen(&mut stream, record)
        }
        Refuses(_) => None,
    }
}

/// Takes down what comes, line by line, and says nothing.
fn listen(stream: &mut BufReader<TcpStream>, record: &Mutex<Heard>) -> Option<()> {
    let mut octets = Vec::new();
    let _ = stream.read_to_end(&mut octets);
    let text = String::from_utf8_lossy(&octets);
    let mut heard = record.lock().ok()?;
    heard.clear.extend(text.lines().map(str::to_owned));
    Some(())
}

/// Answers as a good server with an empty mailbox does, but for what the case says. Gives the answer to STLS that is due.
fn converse<S: Read + Write>(
    stream: &mut BufReader<S>,
    case: &Case,
    capabilities: Option<&[&str]>,
    encrypted: bool,
    record: &Mutex<Heard>,
) -> Option<Stls> {
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        {
            let mut heard = record.lock().ok()?;
            let lines = if encrypted {
                &mut heard.inside
            } else {
                &mut heard.clear
            };
            lines.push(line.clone());
        }
        let verb = line
            .split(' ')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        let listed = || match capabilities {
            None => "-ERR unknown\r\n".to_owned(),
            Some(lines) => {
                let lines = lines
                    .iter()
                    .fold(String::new(), |all, line| all + line + "\r\n");
                format!("+OK\r\n{lines}.\r\n")
            }
        };
        let other = case
            .other
            .iter()
            .find(|(whose, _)| *whose == verb && !encrypted);
        let reply = match (verb.as_str(), other) {
            (_, Some((_, reply))) => (*reply).to_owned(),
            ("STLS", _) if !encrypted => match case.stls {
                Refuses(answer) => answer.to_owned(),
                stls => return Some(stls),
            },
            ("CAPA", _) => listed(),
            ("STAT", _) => "+OK 0 0\r\n".to_owned(),
            ("LIST" | "UIDL", _) => "+OK\r\n.\r\n".to_owned(),
            ("USER" | "PASS" | "NOOP" | "QUIT" | "AUTH", _) => "+OK\r\n".to_owned(),
            _ => "-ERR what?\r\n".to_owned(),
        };
        stream.get_mut().write_all(reply.as_bytes()).ok()?;
        if verb == "QUIT" {
            return None;
        }
    }
}

//! What curl tries of a POP3 client, tried again: server's words, client's lines, and what has to come of it.
//!
//! Single commands are transcripts (`tests/transcripts/curl-*.txt`); what takes a decision is played against the engine.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poppet::config::Config;
use poppet::mail::{Kind, Problem};

use crate::client::{Client, Settings, assert_clear};
use crate::replay::Transcript;
use crate::support::certificates::{Authority, Shown};
use crate::support::score::score;
use crate::support::trap::{Door, Trap};

/// A dialogue with the engine.
struct Case {
    /// curl's number, and what is tried.
    name: &'static str,
    settings: Settings,
    /// `S: ` a line of the server, `C: ` the line that the client has to say; `...` from here on an empty mailbox, whatever
    /// is asked. Without that, the client has to say nothing more.
    dialogue: String,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug)]
enum Outcome {
    LoggedIn,
    /// A problem of this kind whose words have this in them.
    Refused(Kind, &'static str),
}

use Outcome::{LoggedIn, Refused};

#[tokio::test(flavor = "multi_thread")]
async fn v6_v7_v11_v12_the_cases_of_curl_end_as_they_have_to() {
    let (mut passed, mut total) = (0, 0);
    for transcript in transcripts() {
        total += 1;
        let octets = transcript.octets();
        let whole = std::panic::catch_unwind(|| {
            transcript.replay(|_| false);
            transcript.replay(|_| true);
            for cut in 0..octets.min(3_000) {
                transcript.replay(|position| position == cut);
            }
        });
        passed += usize::from(whole.is_ok());
    }
    for case in cases() {
        total += 1;
        let outcome = played(&case).await;
        if let Err(why) = &outcome {
            println!("{}: {why}", case.name);
        }
        passed += usize::from(outcome.is_ok());
    }
    for (name, held) in [
        (
            "989 implicit TLS, and STLS is offered inside",
            stls_inside_tls().await,
        ),
        (
            "480 a line break in a password",
            line_break_in_a_password().await,
        ),
        (
            "875 a line break in a host",
            is_refused("127.0.0.1\\r\\nDELE 1", "user"),
        ),
        (
            "894 a line break in a user",
            is_refused("127.0.0.1", "user\\r\\nDELE 1"),
        ),
    ] {
        total += 1;
        if !held {
            println!("{name}: not as it has to be");
        }
        passed += usize::from(held);
    }
    assert_eq!(total, 43);
    score("curl-derived", passed, total, "-");
}

fn transcripts() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|file| {
            file.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("curl-")
        })
        .collect();
    files.sort();
    let mut all: Vec<_> = files.iter().map(|file| Transcript::read(file)).collect();
    all.push(thousand());
    all
}

/// 993: a listing of a thousand messages.
fn thousand() -> Transcript {
    let (mut lines, mut listed) = (String::new(), String::new());
    for n in 1..=1000 {
        let _ = writeln!(lines, "S: {n} {}", n * 7);
        let _ = write!(listed, " {n}:{}", n * 7);
    }
    let text = format!(
        "S: +OK\n= hello \"\"\nC: USER user\nS: +OK\n= ok \"\"\nC: PASS secret\nS: +OK\n= ok \"\"\n\
         C: LIST\nS: +OK\n{lines}S: .\n= list{listed}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("curl-993-list-thousand.txt");
    std::fs::write(&file, text).unwrap();
    Transcript::read(&file)
}

fn cases() -> Vec<Case> {
    let bearer = |port: &str| {
        STANDARD.encode(format!(
            "n,a=user,\u{1}host=127.0.0.1\u{1}port={port}\u{1}auth=Bearer secret\u{1}\u{1}"
        ))
    };
    let oauth = STANDARD.encode("user=user\u{1}auth=Bearer secret\u{1}\u{1}");
    let refused = Refused(Kind::Login, "refused the login");
    let no_way = Refused(Kind::Login, "no way to log in");
    let mut all = vec![
        clear(
            "856 a wrong password",
            "auto",
            "USER",
            "C: USER user\nS: +OK\nC: PASS secret\nS: -ERR [AUTH] no\n",
            refused,
        ),
        clear(
            "867 CRAM-MD5",
            "auto",
            "SASL CRAM-MD5 PLAIN LOGIN",
            "C: AUTH CRAM-MD5\nS: + PDE5NzIuOTg3NjU0MzIxQGN1cmw+\nC: dXNlciA3MDMxNzI1NTk5ZmRiYjVkNDEyNjg5YWEzMjNlM2UwYg==\nS: +OK\n...",
            LoggedIn,
        ),
        clear(
            "871 PLAIN at once",
            "auto",
            "SASL PLAIN",
            "C: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: +OK\n...",
            LoggedIn,
        ),
        clear(
            "872 LOGIN",
            "auto",
            "SASL LOGIN",
            "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: dXNlcg==\nS: + UGFzc3dvcmQ6\nC: c2VjcmV0\nS: +OK\n...",
            LoggedIn,
        ),
        clear(
            "874 XOAUTH2 at once",
            "xoauth2",
            "SASL XOAUTH2",
            &format!("C: AUTH XOAUTH2 {oauth}\nS: +OK\n..."),
            LoggedIn,
        ),
        clear(
            "876 a challenge of CRAM-MD5 that is none is cancelled",
            "cram-md5",
            "SASL CRAM-MD5",
            "C: AUTH CRAM-MD5\nS: + ====\nC: *\nS: -ERR cancelled\n",
            Refused(Kind::Login, ""),
        ),
        clear(
            "879 no falling back to PLAIN behind rubbish",
            "auto",
            "SASL CRAM-MD5 PLAIN",
            "C: AUTH CRAM-MD5\nS: + Rubbish\nC: *\nS: -ERR cancelled\n",
            Refused(Kind::Login, ""),
        ),
        clear(
            "883 EXTERNAL alone, with a user",
            "auto",
            "SASL EXTERNAL",
            "",
            no_way,
        ),
        clear(
            "884 EXTERNAL beside a mechanism of this client",
            "auto",
            "SASL EXTERNAL PLAIN",
            "C: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: +OK\n...",
            LoggedIn,
        ),
        clear(
            "885 EXTERNAL, and a password is not tried by another way",
            "plain",
            "SASL EXTERNAL",
            "",
            no_way,
        ),
        clear(
            "886 EXTERNAL, and no token is sent",
            "xoauth2",
            "SASL EXTERNAL",
            "",
            no_way,
        ),
        clear(
            "892 no other identity is asked for, and that is accepted",
            "plain",
            "SASL PLAIN",
            "C: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: +OK\n...",
            LoggedIn,
        ),
        clear(
            "893 no other identity is asked for, and that is refused",
            "plain",
            "SASL PLAIN",
            "C: AUTH PLAIN AHVzZXIAc2VjcmV0\nS: -ERR [AUTH] no\n",
            refused,
        ),
        Case {
            settings: Settings {
                user: "mrose",
                password: "tanstaaf",
                auth: "apop",
                ..Settings::clear()
            },
            ..greeted(
                "864 APOP",
                "+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>",
                "USER",
                "C: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: +OK\n...",
                LoggedIn,
            )
        },
        Case {
            settings: Settings {
                host: "localhost",
                tls: "starttls",
                ..Settings::clear()
            },
            ..clear(
                "982 answers behind the refusal of STLS",
                "auto",
                "STLS",
                "C: STLS\nS: -ERR no\nS: +OK\nS: +OK logged in\nS: +OK 0 0\n",
                Refused(Kind::Tls, "encrypt"),
            )
        },
        Case {
            settings: Settings {
                host: "localhost",
                tls: "starttls",
                ..Settings::clear()
            },
            dialogue: "S: +OK\nC: CAPA\nS: -ERR unknown\n".to_owned(),
            ..clear(
                "985 TLS is wanted, and CAPA is refused",
                "auto",
                "",
                "",
                Refused(Kind::Tls, "encrypt"),
            )
        },
    ];
    for (name, rest, outcome) in [
        ("888 OAUTHBEARER at once", "S: +OK\n...", LoggedIn),
        (
            "890 OAUTHBEARER at once, and the failure is explained",
            "S: + eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\nC: AQ==\nS: -ERR [AUTH] no\n",
            refused,
        ),
    ] {
        let first = format!("C: AUTH OAUTHBEARER {}\n{rest}", bearer("PORT"));
        all.push(clear(
            name,
            "oauthbearer",
            "SASL OAUTHBEARER",
            &first,
            outcome,
        ));
    }
    all
}

/// A dialogue without TLS: greeting and CAPA, then these lines.
fn clear(
    name: &'static str,
    auth: &'static str,
    capability: &str,
    lines: &str,
    outcome: Outcome,
) -> Case {
    let settings = Settings {
        auth,
        ..Settings::clear()
    };
    Case {
        settings,
        ..greeted(name, "+OK ready", capability, lines, outcome)
    }
}

fn greeted(
    name: &'static str,
    greeting: &str,
    capability: &str,
    lines: &str,
    outcome: Outcome,
) -> Case {
    let dialogue = format!("S: {greeting}\nC: CAPA\nS: +OK\nS: {capability}\nS: .\n{lines}");
    Case {
        name,
        settings: Settings::clear(),
        dialogue,
        outcome,
    }
}

/// Plays a dialogue; `Err` says what was not as it has to be.
async fn played(case: &Case) -> Result<(), String> {
    let server = Scripted::open(&case.dialogue);
    let mut client = Client::new(&case.settings, server.port);
    let result = client.sync().await.map(|_| ());
    drop(client);
    server.verdict()?;
    is_as_wanted(&result, case)
}

fn is_as_wanted(result: &Result<(), Problem>, case: &Case) -> Result<(), String> {
    match (result, case.outcome) {
        (Ok(()), LoggedIn) => Ok(()),
        (Err(problem), Refused(kind, words)) => {
            assert_clear(problem, case.name);
            let said = format!("{} {}", problem.what, problem.why);
            if problem.kind == kind && said.contains(words) {
                Ok(())
            } else {
                Err(format!("{problem:?}"))
            }
        }
        (other, wanted) => Err(format!("wanted {wanted:?}, got {other:?}")),
    }
}

async fn stls_inside_tls() -> bool {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let identity = authority.identity(Shown::Good, folder.path());
    // Inside TLS this trap lists no STLS; one that comes all the same would be among its lines.
    let trap = Trap::open(Door::Implicit, &identity);
    let mut client = Client::new(
        &Settings::encrypted("implicit", authority.file()),
        trap.port,
    );
    let refused = client.sync().await.is_err();
    let lines = trap.lines();
    refused
        && lines.iter().any(|line| line.starts_with("AUTH"))
        && !lines.iter().any(|line| line == "STLS")
}

async fn line_break_in_a_password() -> bool {
    let server = Scripted::open("S: +OK\nC: CAPA\nS: +OK\nS: USER\nS: .\n");
    let settings = Settings {
        password: "secret\r\nDELE 1",
        ..Settings::clear()
    };
    let mut client = Client::new(&settings, server.port);
    let result = client.sync().await;
    drop(client);
    let problem = result.unwrap_err();
    server.verdict().is_ok()
        && problem.kind == Kind::Login
        && problem.why.contains("cannot be sent")
}

/// Whether a configuration with this host or user is refused.
fn is_refused(host: &str, user: &str) -> bool {
    let text = format!(
        "[accounts.home]\nemail = \"sam@demo.example\"\n\n[accounts.home.pop3]\nhost = \"{host}\"\ntls = \"none\"\nuser = \"{user}\"\n"
    );
    let good = text.replace("\\r\\nDELE 1", "");
    Config::parse(&text, Path::new("config.toml")).is_err()
        && Config::parse(&good, Path::new("config.toml")).is_ok()
}

/// A server that says its lines and knows what has to be said to it.
struct Scripted {
    port: u16,
    verdict: Arc<Mutex<Option<Result<(), String>>>>,
}

impl Scripted {
    fn open(dialogue: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let dialogue = with_port(dialogue, port);
        let verdict = Arc::new(Mutex::new(None));
        let record = Arc::clone(&verdict);
        std::thread::spawn(move || {
            let Ok((stream, _)) = listener.accept() else {
                return;
            };
            let _ = stream.set_read_timeout(Some(Duration::from_secs(20)));
            let found = play(stream, &dialogue);
            *record.lock().unwrap() = Some(found);
        });
        Self { port, verdict }
    }

    /// Whether the client said what it had to, and nothing else.
    fn verdict(&self) -> Result<(), String> {
        let known = || self.verdict.lock().unwrap().clone();
        crate::support::real::until(Duration::from_secs(30), known)
            .unwrap_or_else(|| Err("the dialogue did not end".to_owned()))
    }
}

/// OAUTHBEARER names the port, which is only known now.
fn with_port(dialogue: &str, port: u16) -> String {
    let lines = dialogue.lines().map(|line| {
        let Some((start, response)) = line
            .rsplit_once(' ')
            .filter(|_| line.starts_with("C: AUTH OAUTHBEARER "))
        else {
            return line.to_owned();
        };
        let text = String::from_utf8(STANDARD.decode(response).unwrap()).unwrap();
        format!(
            "{start} {}",
            STANDARD.encode(text.replace("PORT", &port.to_string()))
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn play(stream: TcpStream, dialogue: &str) -> Result<(), String> {
    let mut stream = BufReader::new(stream);
    let mut lines = dialogue.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(wanted) = line.strip_prefix("C: ") {
            let said =
                next(&mut stream).ok_or_else(|| format!("wanted {wanted}, and it had gone"))?;
            if said != wanted {
                return Err(format!("wanted {wanted}, got {said}"));
            }
        } else if line == "..." {
            go_on(&mut stream);
            return Ok(());
        } else {
            // Lines that stand together go out together.
            let mut text = format!("{}\r\n", line.strip_prefix("S: ").unwrap());
            while let Some(more) = lines.peek().and_then(|line| line.strip_prefix("S: ")) {
                let _ = write!(text, "{more}\r\n");
                lines.next();
            }
            let _ = stream.get_mut().write_all(text.as_bytes());
        }
    }
    match next(&mut stream) {
        None => Ok(()),
        Some(line) => Err(format!("said too much: {line}")),
    }
}

fn next(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut line = Vec::new();
    match stream.read_until(b'\n', &mut line) {
        Ok(1..) => Some(
            String::from_utf8_lossy(&line)
                .trim_end_matches("\r\n")
                .to_owned(),
        ),
        _ => None,
    }
}

/// An empty mailbox.
fn go_on(stream: &mut BufReader<TcpStream>) {
    while let Some(line) = next(stream) {
        let verb = line.split(' ').next().unwrap_or_default();
        let reply: &[u8] = match verb {
            "STAT" => b"+OK 0 0\r\n",
            "LIST" | "UIDL" | "CAPA" => b"+OK\r\n.\r\n",
            "NOOP" | "QUIT" => b"+OK\r\n",
            _ => b"-ERR what?\r\n",
        };
        if stream.get_mut().write_all(reply).is_err() || verb == "QUIT" {
            return;
        }
    }
}

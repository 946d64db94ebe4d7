//! V12, V29: what a person types never becomes a command, and a password is nowhere but on its way to the server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poppet::demo::{Login, Maildrop, Mechanism, Message, Phase, Quirks, ServerOptions};

use crate::served::Served;
use crate::support::home::Home;
use crate::support::real::until;

const MECHANISMS: [&str; 9] = [
    "auto",
    "plain",
    "login",
    "cram-md5",
    "scram-sha-256",
    "apop",
    "user-pass",
    "xoauth2",
    "oauthbearer",
];

const OFFERED: [Mechanism; 6] = [
    Mechanism::Plain,
    Mechanism::Login,
    Mechanism::CramMd5,
    Mechanism::ScramSha256,
    Mechanism::XOAuth2,
    Mechanism::OAuthBearer,
];

const SECRET: &str = "demo-secret-kelp-7731";

#[test]
fn v29_no_mechanism_leaves_the_password_in_a_log_an_error_or_a_file() {
    for login in [Login::Honest, Login::Refused] {
        for auth in MECHANISMS {
            let mut options =
                ServerOptions::new(Maildrop::new(vec![Message::new("Subject: x\r\n\r\nx\r\n")]));
            options.quirks = Quirks {
                login,
                mechanisms: OFFERED.to_vec(),
                ..Quirks::default()
            };
            options.password = SECRET.to_owned();
            let server = Served::start(options);
            let home = home(&server, auth);
            let code = if login == Login::Honest { 0 } else { 4 };
            for line in [
                "check -vv",
                "account test -vv",
                "doctor -vv",
                "sync -vv --json",
            ] {
                let mut command = home.command(line.split(' '));
                command.env("POPPET_LOG", "trace");
                let run = crate::support::run::Running::start(command, "").end();
                assert_eq!(run.code, Some(code), "{auth}, {line}: {run}");
                for said in [run.text(), run.errors()] {
                    assert_none_of_it(&said, &format!("{auth}, {line}"));
                }
            }
            let said = server.maildrop().commands();
            let verb = match auth {
                "auto" => "AUTH SCRAM-SHA-256".to_owned(),
                "apop" => "APOP".to_owned(),
                "user-pass" => "PASS".to_owned(),
                other => format!("AUTH {}", other.to_ascii_uppercase()),
            };
            assert!(
                said.iter().any(|line| line.starts_with(&verb)),
                "{auth}: {said:?}"
            );
            let mut looked = 0;
            for part in ["data", "state", "cache", "run", "tmp"] {
                for file in home.left_in(part) {
                    let octets = std::fs::read(&file).unwrap();
                    assert_none_of_it(
                        &String::from_utf8_lossy(&octets),
                        &format!("{auth}, {}", file.display()),
                    );
                    looked += 1;
                }
            }
            assert!(looked > 0, "{auth}: there is a log and a store");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn v29_the_password_is_no_argument_of_the_process() {
    let mut options =
        ServerOptions::new(Maildrop::new(vec![Message::new("Subject: x\r\n\r\nx\r\n")]));
    options.password = SECRET.to_owned();
    options.latency = std::time::Duration::from_millis(150);
    let server = Served::start(options);
    let home = home(&server, "plain");
    let command = home.command(["sync"]);
    let pty = crate::pty::Pty::start(&command, 80, 24);
    let process = format!("/proc/{}", pty.pid());
    // Once the login has been heard, the password has been read.
    let heard = || {
        server
            .maildrop()
            .commands()
            .iter()
            .any(|line| line.starts_with("AUTH"))
            .then_some(())
    };
    assert!(until(std::time::Duration::from_secs(30), heard).is_some());
    for file in ["cmdline", "environ"] {
        let octets = std::fs::read(format!("{process}/{file}")).unwrap();
        let text = String::from_utf8_lossy(&octets);
        let known = if file == "cmdline" { "sync" } else { "HOME=" };
        assert!(text.contains(known), "{file}: {text}");
        assert_none_of_it(&text, file);
    }
    pty.end();
}

#[test]
fn v12_line_breaks_in_what_a_person_gives_are_refused_before_anything_is_sent() {
    let server = Served::mailbox(Maildrop::new(Vec::new()));
    let port = server.port().to_string();
    let home = Home::new();
    for (flag, value) in [
        ("--host", "127.0.0.1\r\nDELE 1"),
        ("--host", "127.0.0.1\u{1}"),
        ("--user", "demo\r\nDELE 1"),
        ("--user", "demo\nQUIT"),
        ("--user", "demo\u{7f}"),
        ("--email", "sam@demo.example\r\nDELE 1"),
        ("--account", "home\nx"),
    ] {
        let mut args = vec![
            "account",
            "add",
            "--email",
            "sam@demo.example",
            "--host",
            "127.0.0.1",
            "--port",
            &port,
        ];
        args.extend([
            "--tls",
            "none",
            "--user",
            "demo",
            "--password-command",
            "printf demo",
            "--account",
            "home",
        ]);
        let place = args.iter().position(|arg| *arg == flag).unwrap();
        args[place + 1] = value;
        let run = home.poppet(args);
        assert!(!matches!(run.code, Some(0)), "{flag} {value:?}: {run}");
        assert!(home.left_in("config").is_empty(), "{flag} {value:?}");
    }
    let commands = server.maildrop().commands();
    assert!(
        !commands
            .iter()
            .any(|line| line.starts_with("DELE") || line.starts_with("USER demo")),
        "{commands:?}"
    );
}

#[test]
fn v12_a_line_break_in_a_password_is_refused_here_and_becomes_no_command() {
    for auth in ["user-pass", "apop", "plain", "login", "cram-md5", "auto"] {
        for password in ["demo\\\\rDELE 1", "demo\\\\001x", "demo\\\\177"] {
            let server =
                Served::mailbox(Maildrop::new(vec![Message::new("Subject: x\r\n\r\nx\r\n")]));
            let home = Home::new();
            let text = server.account().toml();
            let printing = text.replace("\"%s\\\\n\", \"demo\"", &format!("\"{password}\""));
            assert_ne!(printing, text);
            home.write_config(&printing.replace("user =", &format!("auth = \"{auth}\"\nuser =")));
            let run = home.poppet(["check", "--json"]);
            run.problem();
            assert_eq!(run.code, Some(4), "{auth}, {password}: {run}");
            let gone = || {
                let sessions = server.maildrop().sessions();
                let ended = |phase| matches!(phase, Phase::Left | Phase::Cut | Phase::Updated);
                sessions.iter().all(|one| ended(one.phase)).then_some(())
            };
            assert!(until(std::time::Duration::from_secs(30), gone).is_some());
            let commands = server.maildrop().commands();
            // Where the password is a line of its own, nothing of the login is said; elsewhere it is hashed or in Base64.
            let fits = |line: &String| match auth {
                "user-pass" => line == "CAPA" || line == "QUIT",
                _ => ["CAPA", "QUIT", "AUTH ", "APOP ", "***"]
                    .iter()
                    .any(|verb| line.starts_with(verb)),
            };
            assert!(
                commands.iter().all(fits),
                "{auth}, {password}: {commands:?}"
            );
        }
    }
}

#[test]
fn v29_the_search_finds_the_password_in_each_exchange() {
    let bearer =
        format!("n,a=demo,\u{1}host=127.0.0.1\u{1}port=1\u{1}auth=Bearer {SECRET}\u{1}\u{1}");
    for exchange in [
        SECRET.to_owned(),
        STANDARD.encode(SECRET),
        STANDARD.encode(format!("\0demo\0{SECRET}")),
        STANDARD.encode(format!("user=demo\u{1}auth=Bearer {SECRET}\u{1}\u{1}")),
        STANDARD.encode(&bearer),
        STANDARD.encode(format!("x{bearer}")),
        STANDARD.encode(format!("xx{bearer}")),
    ] {
        let line = format!("C: AUTH X {exchange} and more");
        assert!(forms().iter().any(|form| line.contains(form)), "{line}");
    }
}

fn home(server: &Served, auth: &str) -> Home {
    let home = Home::new();
    // Not in the configuration either, where it would be found by the test.
    std::fs::write(home.path().join("secret"), SECRET).unwrap();
    home.write_config(&format!(
        "[accounts.home]\nemail = \"sam@example.net\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n\
         user = \"demo\"\nauth = \"{auth}\"\npassword = {{ command = [\"cat\", \"{}\"] }}\n",
        server.port(),
        home.path().join("secret").display(),
    ));
    home
}

#[track_caller]
fn assert_none_of_it(text: &str, place: &str) {
    for form in forms() {
        assert!(!text.contains(&form), "{place}: {text}");
    }
}

/// The password, and how it looks in Base64 wherever it may begin in what is encoded: behind a multiple of three octets, one
/// more, or two. What shares a letter with its neighbours is left off.
fn forms() -> Vec<String> {
    let encoded = (0..3_usize).map(|before| {
        let octets = [&[0; 2][..before], SECRET.as_bytes()].concat();
        let (from, to) = ((before * 8).div_ceil(6), octets.len() * 8 / 6);
        STANDARD.encode(octets)[from..to].to_owned()
    });
    std::iter::once(SECRET.to_owned()).chain(encoded).collect()
}

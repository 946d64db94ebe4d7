//! Sections 1G and 1H: POP2, clear text, service records, pins, and what of a server's words is shown.

use std::path::Path;
use std::process::Command;

use poppet::bridge::{Cleartext, Event};
use poppet::config::{Config, Tls, presets};
use poppet::mail::{Digest, Kind};

use crate::certificates::{Authority, Shown};
use crate::person::{PASSWORD, Person, account, draft};
use crate::script::{Say, Script, honest, is_of_login};
use crate::tls::identity;

#[tokio::test(flavor = "multi_thread")]
async fn p83_to_p87_a_pop2_server_is_called_one_and_nothing_is_said_to_it() {
    for greeting in ["+ POP2 pop.example.org mail server", "+ pop2"] {
        let script = Script::start(greeting, |_, _| Say::Lines("#000"));
        let mut person = Person::at(script.port, "tls = \"none\"");
        let problem = person.sync().await.unwrap_err();
        assert_eq!(
            (problem.kind, problem.what.as_str()),
            (Kind::Protocol, "This is a POP2 server")
        );
        assert!(problem.remedy.contains("POP3"), "{problem:?}");
        assert_eq!(script.lines().await, Vec::<String>::new());
    }
    let text = account("home", "pop.example.net", 109, "protocol = \"pop2\"");
    let error = Config::parse(&text, Path::new("config.toml")).unwrap_err();
    assert!(
        error.to_string().contains("unknown key `protocol`"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p88_p89_an_account_in_the_clear_says_what_is_open_and_one_with_tls_does_not() {
    for (host, lines, expected) in [
        (
            "pop.example.invalid",
            "tls = \"none\"\nallow_cleartext = true",
            Some(Cleartext::Exposed),
        ),
        ("127.0.0.1", "tls = \"none\"", None),
        ("pop.example.invalid", "tls = \"implicit\"", None),
        ("pop.example.invalid", "tls = \"starttls\"", None),
    ] {
        let mut person = Person::of(&account("home", host, 1, lines), false);
        let state = loop {
            if let Event::Account(state) = person.event().await {
                break state;
            }
        };
        assert_eq!(state.cleartext, expected, "{host}: {lines}");
    }
}

#[test]
fn p89_setting_an_account_up_in_the_clear_warns_of_password_and_mail() {
    let home = tempfile::tempdir().unwrap();
    let add = "account add --email sam@example.net --host pop.example.invalid --user sam --tls none --ask --no-test";
    let refused = run(home.path(), add);
    assert!(refused.contains("--allow-cleartext"), "{refused}");
    let told = run(home.path(), &format!("{add} --allow-cleartext"));
    assert!(
        told.contains("can read your password and your mail") && told.contains("is set up"),
        "{told}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p90_tls_that_appears_is_noticed_and_offered() {
    let script = Script::start("+OK", |session, line| match line {
        "CAPA" if session == 0 => Say::Lines("+OK\nUSER\nUIDL\nTOP\n."),
        "CAPA" => Say::Lines("+OK\nUSER\nUIDL\nTOP\nSTLS\n."),
        _ => honest(line),
    });
    let lines = "tls = \"none\"";
    let mut person = Person::at(script.port, lines);
    assert_eq!(person.state_after_sync().await.cleartext, None);
    let state = person.state_after_sync().await;
    assert_eq!(state.cleartext, Some(Cleartext::Needless));
    let home = home_with(&account("home", "127.0.0.1", script.port, lines));
    let told = run(home.path(), "account test home");
    assert!(
        told.contains("none, although the server has it") && told.contains("tls = \"starttls\""),
        "{told}"
    );
}

#[test]
fn p67_p91_no_service_record_is_looked_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
    for resolver in ["hickory", "trust-dns", "dns-lookup", "c-ares", "domain"] {
        let name = format!("name = \"{resolver}");
        assert!(!lock.contains(&name), "{resolver} could ask for one");
    }
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&text);
            assert!(!text.contains("_pop3s._tcp"), "{}", path.display());
            assert!(!text.contains("_pop3._tcp"), "{}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p66_p67_what_an_address_leads_to_is_encrypted_and_verified_before_a_password_is_shown() {
    for address in ["sam@example.net", "sam@gmail.com", "sam@localhost"] {
        let places = presets::guess(address);
        assert!(places.iter().all(|one| one.tls != Tls::None), "{address}");
    }
    // The trial of such a place: TLS with a certificate that is not good, or without TLS at all.
    let authority = Authority::new();
    for tls in ["implicit", "starttls"] {
        let bad = identity(&authority, Shown::SelfSigned);
        let script = Script::secured(bad, tls == "implicit", "+OK", |_, line| match line {
            "CAPA" => Say::Lines("+OK\nSTLS\nUSER\nSASL PLAIN\n."),
            "STLS" => Say::Tls("+OK"),
            _ => honest(line),
        });
        let plain = Script::start("+OK", |_, line| honest(line));
        let mut person = Person::at(script.port, "tls = \"implicit\"");
        for port in [script.port, plain.port] {
            // Over plain POP3, TLS from the first octet on waits for an answer that never comes.
            if tls == "starttls" || port == script.port {
                let (steps, ended) = person.test(draft(port, tls)).await;
                assert_eq!((steps, ended.unwrap_err().kind), (vec![], Kind::Tls));
            }
        }
        let lines = [script.lines().await, plain.lines().await].concat();
        assert!(!lines.iter().any(|line| is_of_login(line)), "{lines:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p65_p92_a_pin_is_one_accounts_own_and_taking_it_out_undoes_it() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let made = authority.identity(Shown::SelfSigned, folder.path());
    let own =
        native_tls::Identity::from_pkcs8(made.certificate_pem.as_bytes(), made.key_pem.as_bytes());
    let der = native_tls::Certificate::from_pem(made.certificate_pem.as_bytes())
        .and_then(|one| one.to_der())
        .unwrap();
    let script = Script::secured(own.unwrap(), true, "+OK", |_, line| honest(line));
    let tls = "tls = \"implicit\"";
    let pin = format!("{tls}\npin = \"sha256:{}\"", Digest::of(&der));
    let both = |lines: &str| {
        account("pinned", "127.0.0.1", script.port, lines)
            + &account("other", "127.0.0.1", script.port, tls)
    };
    let mut person = Person::of(&both(&pin), false);
    person.sync_of(Some("pinned")).await.unwrap();
    let problem = person.sync_of(Some("other")).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Tls, "{problem}");
    let mut person = person.changes(&both(tls));
    let problem = person.sync_of(Some("pinned")).await.unwrap_err();
    assert_eq!(problem.kind, Kind::Tls, "{problem}");
    // A pinned certificate is not called a good one.
    let home = home_with(&account("pinned", "127.0.0.1", script.port, &pin));
    let told = run(home.path(), "account test pinned");
    assert!(
        told.contains("the pinned one; no authority vouches for it"),
        "{told}"
    );
    assert!(!told.contains("certificate is good"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p95_a_code_is_cut_from_what_is_shown_and_stays_in_the_log() {
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("+OK\nUSER\nRESP-CODES\nAUTH-RESP-CODE\n."),
        _ if line.starts_with("PASS") => Say::Lines("-ERR [AUTH/EXPIRED-7] renew it"),
        _ => honest(line),
    });
    let home = home_with(&account("home", "127.0.0.1", script.port, "tls = \"none\""));
    let told = run(home.path(), "sync");
    assert!(
        told.contains("“renew it”") && !told.contains("EXPIRED"),
        "{told}"
    );
    let log = std::fs::read_to_string(home.path().join("state/poppet/poppet.log")).unwrap();
    assert!(log.contains("AUTH/EXPIRED-7"), "{log}");
    assert!(
        !log.contains("renew it") && !log.contains(PASSWORD),
        "{log}"
    );
}

/// A home folder with this configuration; the password comes from a command.
fn home_with(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config/poppet/config.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let password = format!("password = {{ command = [\"printf\", \"{PASSWORD}\"] }}\n");
    std::fs::write(file, text.trim_end().to_owned() + "\n" + &password).unwrap();
    home
}

/// What the program says when it is run with these words.
fn run(home: &Path, line: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poppet"));
    command
        .args(line.split_whitespace())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .current_dir(home);
    for (name, place) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, home.join(place));
    }
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&said).into_owned()
}

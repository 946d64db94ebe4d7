//! Sections 1D and 1F: capabilities, response codes and logins, as far as it takes an engine to show them.

use poppet::bridge::TestStep;
use poppet::demo::{Mechanism, Quirks};
use poppet::mail::Kind;
use poppet::pop3::sasl::Method;

use crate::house::{House, letters};
use crate::person::{Person, draft};
use crate::script::{Say, Script, honest, is_of_login};

const PLAIN: &str = "tls = \"none\"";

#[tokio::test(flavor = "multi_thread")]
async fn p41_capa_is_asked_again_behind_every_kind_of_login() {
    for mechanism in Mechanism::COMMON {
        let quirks = Quirks {
            mechanisms: vec![mechanism],
            no_user: true,
            ..Quirks::default()
        };
        let mut house = House::new(letters(1), quirks);
        house.sync().await.unwrap();
        let commands = house.server.maildrop().commands();
        let login = commands
            .iter()
            .rposition(|line| line.starts_with("AUTH") || line == "***")
            .unwrap();
        assert!(
            commands[login..].contains(&"CAPA".to_owned()),
            "{mechanism:?}: {commands:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p52_what_a_server_calls_itself_changes_nothing_that_is_said_to_it() {
    let mut said = Vec::new();
    for (greeting, implementation) in [
        ("+OK", ""),
        (
            "+OK Maillennium POP3/PROXY server",
            "IMPLEMENTATION Maillennium\r\n",
        ),
        ("+OK Dovecot ready.", "IMPLEMENTATION Dovecot\r\n"),
        (
            "+OK Qpopper (version 4.0.5)",
            "IMPLEMENTATION Qpopper-version-4.0.5\r\n",
        ),
        ("+OK Gpop ready", "IMPLEMENTATION Gpop\r\n"),
        (
            "+OK The Microsoft Exchange POP3 service",
            "IMPLEMENTATION \u{1b}[2J\r\n",
        ),
    ] {
        let script = Script::start(greeting, move |_, line| match line {
            "CAPA" => {
                let capabilities = format!("+OK\r\nUSER\r\nUIDL\r\nTOP\r\n{implementation}.\r\n");
                Say::Octets(capabilities.into_bytes())
            }
            _ => honest(line),
        });
        let mut person = Person::at(script.port, PLAIN);
        for _ in 0..2 {
            person.sync().await.unwrap();
        }
        let (steps, ended) = person.test(draft(script.port, "none")).await;
        ended.unwrap();
        let named = steps.iter().find_map(|step| match step {
            TestStep::Implementation(name) => Some(name.as_str()),
            _ => None,
        });
        let words = implementation
            .strip_prefix("IMPLEMENTATION ")
            .map(str::trim_end);
        assert_eq!(named.is_some(), words.is_some(), "{greeting}: {steps:?}");
        assert!(
            named.is_none_or(|name| !name.contains('\u{1b}')),
            "{named:?}"
        );
        said.push((greeting, script.lines().await));
    }
    let (_, bare) = &said[0];
    assert!(bare.iter().any(|line| line == "RETR 1"), "{bare:?}");
    for (greeting, lines) in &said {
        assert_eq!(lines, bare, "{greeting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p41_p78_mechanisms_that_put_a_layer_around_the_session_or_name_a_service_are_not_spoken() {
    // None of ours negotiates a layer behind which capabilities would have to be forgotten, and none names the service.
    for method in [
        Method::ScramSha256,
        Method::CramMd5,
        Method::Plain,
        Method::Login,
        Method::XOauth2,
        Method::OauthBearer,
    ] {
        let name = method.mechanism().unwrap();
        let layered = ["GSSAPI", "GSS-SPNEGO", "DIGEST-MD5", "NTLM", "KERBEROS_V4"];
        assert!(
            !layered.contains(&name) && !name.ends_with("-PLUS"),
            "{name}"
        );
    }
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("+OK\nSASL GSSAPI DIGEST-MD5 NTLM\nUIDL\n."),
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    let problem = person.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Login);
    assert_eq!(
        problem.what,
        "There is no way to log in that both sides allow"
    );
    let lines = script.lines().await;
    assert!(!lines.iter().any(|line| is_of_login(line)), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p73_an_empty_challenge_is_answered_with_and_without_its_space() {
    for challenge in [&b"+ \r\n"[..], b"+\r\n", b"+OK go on\r\n"] {
        let script = Script::start("+OK", move |_, line| match line {
            "CAPA" => Say::Lines("+OK\nSASL LOGIN\nUIDL\nTOP\n."),
            "AUTH LOGIN" => Say::Octets(challenge.to_vec()),
            "aG9tZQ==" => Say::Lines("+ UGFzc3dvcmQ6"),
            "YnJpbmUtNzczMS1rZWxw" => Say::Lines("+OK"),
            _ => honest(line),
        });
        let mut person = Person::at(script.port, &format!("{PLAIN}\nauth = \"login\""));
        let report = person.sync().await.unwrap();
        assert_eq!(report.messages, 1, "{}", challenge.escape_ascii());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p75_behind_a_refused_mechanism_nothing_weaker_is_shown_in_the_clear() {
    // Three ways to log in, and the strongest fails: in the clear, the password is not shown in the next one.
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("+OK\nSASL CRAM-MD5 PLAIN\nUSER\n."),
        "AUTH CRAM-MD5" => Say::Lines("+ PDEuMkBkZW1vLmV4YW1wbGU+"),
        _ if line.len() > 30 => Say::Lines("-ERR [AUTH] no"),
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    let problem = person.sync().await.unwrap_err();
    assert_eq!(problem.kind, Kind::Login);
    let lines = script.lines().await;
    let shown = |line: &String| {
        line.starts_with("PASS") || line.starts_with("AUTH PLAIN") || line.starts_with("USER")
    };
    assert!(!lines.iter().any(shown), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p68_no_client_certificate_is_shown_and_external_is_not_spoken() {
    let script = Script::start("+OK", |_, line| match line {
        "CAPA" => Say::Lines("+OK\nSASL EXTERNAL\nUIDL\n."),
        _ => honest(line),
    });
    let mut person = Person::at(script.port, PLAIN);
    assert_eq!(person.sync().await.unwrap_err().kind, Kind::Login);
    let lines = script.lines().await;
    assert!(!lines.iter().any(|line| is_of_login(line)), "{lines:?}");
    let refused = |lines: &str| {
        let text = crate::person::account("home", "pop.example.net", 995, lines);
        let read = poppet::config::Config::parse(&text, std::path::Path::new("config.toml"));
        read.unwrap_err().to_string()
    };
    let error = refused("auth = \"external\"");
    assert!(
        error.contains("poppet has no client certificates"),
        "{error}"
    );
    for key in ["client_certificate", "cert", "key_file"] {
        let error = refused(&format!("{key} = \"me.pem\""));
        assert!(error.contains(&format!("unknown key `{key}`")), "{error}");
    }
}

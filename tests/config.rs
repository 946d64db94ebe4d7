//! What people write in `config.toml`, and what poppet makes of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use poppet::config::{
    Auth, Config, ConfigError, Glyphs, KeyOverride, KeySet, Notify, Password, Theme, Tls, Trust,
};
use poppet::mail::{
    BodyRule, Digest, Exception, Keep, Kind, Problem, RetentionPolicy, RulesDelete, StagedDelete,
};
use proptest::prelude::*;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("/etc/x/config.toml"))
}

/// An account with a host, and these lines below it.
fn account(lines: &str) -> String {
    format!(
        "[accounts.home]\nemail = \"sam@example.net\"\n\n[accounts.home.pop3]\nhost = \"pop.example.net\"\n{lines}"
    )
}

#[test]
fn an_empty_file_and_no_file_mean_the_defaults() {
    let config = parse("").unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(
        Config::load(Path::new("/nowhere/config.toml")).unwrap(),
        config
    );
    assert_eq!(config.theme, Theme::Auto);
    assert_eq!(config.keys.set, KeySet::Poppet);
    assert_eq!(config.glyphs, Glyphs::Auto);
    assert_eq!(config.mark_read_after, Some(Duration::from_secs(2)));
    assert_eq!(config.notify, Notify::Auto);
    assert_eq!((config.accounts.len(), config.mirror), (0, None));
}

#[test]
fn the_shortest_account_has_safe_defaults() {
    let config = parse(&account("")).unwrap();
    let home = config.accounts.first().unwrap();
    assert_eq!(home.id.as_str(), "home");
    assert_eq!(
        (home.email.as_str(), home.name.as_str()),
        ("sam@example.net", "")
    );
    assert_eq!(
        (home.pop3.port, home.pop3.tls, home.pop3.auth),
        (995, Tls::Implicit, Auth::Auto)
    );
    assert_eq!(home.pop3.user, "sam@example.net");
    assert_eq!(
        (&home.pop3.password, &home.pop3.trust),
        (&Password::Keyring, &Trust::System)
    );
    assert_eq!(home.bodies, BodyRule::All);
    assert_eq!(home.check_every, Some(Duration::from_mins(15)));
    assert_eq!(home.retention, RetentionPolicy::default());
}

#[test]
fn every_key_is_read() {
    let pin = "AB:".repeat(31) + "ab";
    let text = format!(
        r#"
theme = "light"
glyphs = "nerd"
mark_read_after = "never"
notify = "desktop"
[keys]
set = "mutt"
delete = "x"
"archive" = ["y", "ctrl-y"]
[accounts.home]
email = "sam@example.net"
name = "Sam"
[accounts.home.pop3]
host = "pop.example.net"
port = 1110
tls = "starttls"
user = "sam"
auth = "scram-sha-256"
password = {{ command = ["pass", "show", "mail/home"] }}
pin = "sha256:{pin}"
[accounts.home.download]
bodies = {{ up_to = "5 MB" }}
check_every = "never"
[accounts.home.server]
keep = {{ size = "500 MiB" }}
except = ["unread", "pinned", "unread"]
delete = "sync"
rules_delete = "auto"
grace = "2 days"
quota = "2 GB"
[accounts.work]
email = "sam@work.example"
pop3 = {{ host = "[::1]", tls = "none", password = "ask" }}
[mirror]
maildir = "Mail"
"#
    );
    let config = parse(&text).unwrap();
    assert_eq!(
        (config.theme, config.glyphs, config.notify),
        (Theme::Light, Glyphs::Nerd, Notify::Desktop)
    );
    assert_eq!(config.mark_read_after, None);
    assert_eq!(config.keys.set, KeySet::Mutt);
    let changed = |name: &str, values: &[&str], line| KeyOverride {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        line,
    };
    let wanted = [
        changed("delete", &["x"], 8),
        changed("archive", &["y", "ctrl-y"], 9),
    ];
    assert_eq!(config.keys.overrides, wanted);
    let [home, work] = config.accounts.as_slice() else {
        panic!("two accounts");
    };
    assert_eq!(
        (home.pop3.port, home.pop3.tls, home.pop3.auth),
        (1110, Tls::StartTls, Auth::ScramSha256)
    );
    let command = ["pass", "show", "mail/home"].map(str::to_owned).to_vec();
    assert_eq!(home.pop3.password, Password::Command(command));
    assert_eq!(home.pop3.trust, Trust::Pin(Digest([0xab; 32])));
    assert_eq!(
        (home.bodies, home.check_every),
        (BodyRule::UpTo(5_000_000), None)
    );
    let policy = RetentionPolicy {
        keep: Keep::Size(500 << 20),
        except: vec![Exception::Unread, Exception::Pinned],
        delete: StagedDelete::Sync,
        rules_delete: RulesDelete::Auto,
        grace_seconds: 2 * 86_400,
        quota: Some(2_000_000_000),
    };
    assert_eq!(home.retention, policy);
    assert_eq!(
        (work.pop3.host.as_str(), work.pop3.tls, work.pop3.port),
        ("::1", Tls::None, 110)
    );
    assert_eq!(config.mirror, Some(PathBuf::from("/etc/x/Mail")));
}

#[test]
fn cleartext_needs_a_loopback_host_or_an_explicit_word() {
    for host in [
        "localhost",
        "LOCALHOST",
        "pop.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "::1",
    ] {
        let text = format!(
            "[accounts.a]\nemail = \"a@b\"\npop3 = {{ host = \"{host}\", tls = \"none\" }}\n"
        );
        assert!(parse(&text).is_ok(), "{host}");
    }
    for host in [
        "localhost.example.net",
        "notlocalhost",
        "10.0.0.1",
        "0.0.0.0",
        "127.0.0.1.example.net",
    ] {
        let text = format!(
            "[accounts.a]\nemail = \"a@b\"\npop3 = {{ host = \"{host}\", tls = \"none\" }}\n"
        );
        assert!(parse(&text).is_err(), "{host}");
    }
    assert!(parse(&account("tls = \"none\"\nallow_cleartext = true\n")).is_ok());
    assert!(parse(&account("tls = \"none\"\nallow_cleartext = false\n")).is_err());
}

#[test]
fn files_count_from_the_configuration_and_from_home() {
    let config = parse(&account("ca_file = \"certs/ca.pem\"\n")).unwrap();
    let trust = config.accounts.first().map(|one| one.pop3.trust.clone());
    assert_eq!(trust, Some(Trust::AlsoFile("/etc/x/certs/ca.pem".into())));
    let config = parse("[mirror]\nmaildir = \"~/Mail\"\n").unwrap();
    assert_eq!(
        config.mirror,
        std::env::home_dir().map(|home| home.join("Mail"))
    );
}

#[test]
fn a_theme_of_ones_own_is_a_file_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::create_dir(folder.path().join("themes")).unwrap();
    std::fs::write(folder.path().join("themes/rust.toml"), "").unwrap();
    let theme = folder.path().join("themes/rust.toml");
    for name in ["rust", "rust.toml"] {
        std::fs::write(&path, format!("theme = \"{name}\"\n")).unwrap();
        assert_eq!(
            Config::load(&path).unwrap().theme,
            Theme::File(theme.clone()),
            "{name}"
        );
    }
    std::fs::write(&path, "theme = \"drak\"\n").unwrap();
    assert_eq!(
        Config::load(&path).unwrap_err().to_string(),
        format!(
            "{}:1:9: there is no theme \"drak\", and no file themes/drak.toml beside this one\n\
             1 | theme = \"drak\"\n  |         ^^^^^^\nDid you mean \"dark\"?",
            path.display()
        )
    );
}

#[test]
fn a_file_that_is_not_utf8_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, b"theme = \"dark\"\nnotify = \"\xfc\"\n").unwrap();
    let ConfigError::Mistake(mistake) = Config::load(&path).unwrap_err() else {
        panic!("a mistake");
    };
    assert_eq!((mistake.line, mistake.column), (2, 11));
    assert_eq!(mistake.remedy, "Save the file in the encoding UTF-8.");
}

#[test]
fn a_file_that_is_no_file_is_a_problem_with_a_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let problem = Problem::from(Config::load(folder.path()).unwrap_err());
    assert_eq!(problem.kind, Kind::Config);
    assert!(problem.what.ends_with("cannot be read"), "{problem:?}");
    let path = folder.path().join("config.toml");
    std::fs::write(&path, vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(matches!(
        Config::load(&path),
        Err(ConfigError::TooLarge { .. })
    ));
}

#[test]
fn a_mistake_becomes_a_problem_that_quotes_the_line() {
    let problem = Problem::from(parse("glyps = \"auto\"\n").unwrap_err());
    assert_eq!(problem.kind, Kind::Config);
    assert_eq!(
        problem.what,
        "/etc/x/config.toml has a mistake in line 1, column 1"
    );
    assert_eq!(
        problem.why,
        "unknown key `glyps` at the top of the file\n1 | glyps = …\n  | ^^^^^"
    );
    assert_eq!(problem.remedy, "Did you mean `glyphs`?");
}

#[test]
fn each_mistake_is_told_where_it_is_with_what_would_be_right() {
    for (text, wanted) in mistakes() {
        let error = parse(&text).expect_err(&text).to_string();
        println!("@@@{}", error.replacen("/etc/x/config.toml:", "", 1));
        continue;
        let wanted = format!("/etc/x/config.toml:{wanted}");
        assert_eq!(error, wanted, "\n{text}");
    }
}

#[test]
fn a_password_in_the_file_is_never_repeated() {
    for line in [
        "password = \"hunter2\"",
        "password = 'hunter2'",
        "password = \"\"\"\nhunter2\"\"\"",
        "password = hunter2",
        "password = \"hunter2",
        "password = \"\"\"\nhunter2",
        "password: \"hunter2\"",
        "password \"hunter2\"",
        "password = [\"hunter2\"]",
        "password = { hunter2 = 1 }",
        "password = { value = \"hunter2\" }",
        "pasword = \"hunter2\"",
        "pass = \"hunter2\"",
        "pop3.password = \"hunter2\"",
        "password = \"hunter2\"\npassword = \"hunter2\"",
        "password = \"keyring\" \"hunter2\"",
        "password = \"keyring\"hunter2",
    ] {
        let error = parse(&account(&format!("{line}\n"))).expect_err(line);
        let shown = format!("{error} {error:?}");
        let shown = if line.contains("{ hunter2") {
            shown.replace("unknown key `hunter2`", "")
        } else {
            shown
        };
        assert!(!shown.contains("hunter2"), "{line}: {shown}");
        let problem = format!("{:?}", Problem::from(error));
        assert!(
            line.contains("{ hunter2") || !problem.contains("hunter2"),
            "{line}: {problem}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*|(.|\n)*") {
        let _ = parse(&text).map_err(|error| error.to_string());
    }

    #[test]
    fn no_change_to_a_good_file_makes_the_reader_panic(
        at in 0_usize..1500, with in "[\\[\\]{}=\"'#.,\n a-z0-9\u{fc}\u{202e}]{0,6}", cut in 0_usize..20,
    ) {
        let mut text = GOOD.to_owned();
        let start = text.floor_char_boundary(at);
        let end = text.floor_char_boundary(start + cut);
        text.replace_range(start..end, &with);
        if let Err(error) = parse(&text) {
            let shown = error.to_string();
            prop_assert!(!shown.contains('\u{202e}'));
        }
    }

    #[test]
    fn no_value_of_any_kind_makes_the_reader_panic(
        key in proptest::sample::select(KEYS), value in proptest::sample::select(VALUES),
    ) {
        let text = match key.split_once(' ') {
            Some((section, key)) => format!("{}[accounts.home.{section}]\n{key} = {value}\n", account("").replace("[accounts.home.pop3]\nhost = \"pop.example.net\"\n", "")),
            None => format!("{key} = {value}\n"),
        };
        let _ = parse(&text).map_err(|error| error.to_string());
    }
}

const KEYS: &[&str] = &[
    "theme",
    "keys",
    "glyphs",
    "mark_read_after",
    "notify",
    "accounts",
    "accounts.x",
    "accounts.x.pop3",
    "mirror",
    "mirror.maildir",
    "pop3 host",
    "pop3 port",
    "pop3 tls",
    "pop3 user",
    "pop3 auth",
    "pop3 password",
    "pop3 ca_file",
    "pop3 pin",
    "download bodies",
    "download check_every",
    "server keep",
    "server except",
    "server delete",
    "server rules_delete",
    "server grace",
    "server quota",
];
const VALUES: &[&str] = &[
    "3",
    "-9223372036854775808",
    "1.5",
    "nan",
    "true",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "[]",
    "[[]]",
    "[1, \"x\"]",
    "{}",
    "{ a = 1 }",
    "{ days = -1 }",
    "{ size = 3 }",
    "{ command = [\"\"] }",
    "1979-05-27",
    "\"99999999999999999999 days\"",
    "\"sha256:zz\"",
    "\"[::\"",
    "\"a:b:c\"",
    "\"\u{4e2d}\"",
];
const GOOD: &str = include_str!("../tests/config_good.toml");

/// A configuration with a mistake, and what is said of it behind the file's name.
fn mistakes() -> Vec<(String, &'static str)> {
    let top = |text: &str, wanted| (text.to_owned(), wanted);
    let pop3 = |lines: &str, wanted| (account(lines), wanted);
    vec![
        top("theme = \"drk\"\nglyps = \"auto\"\n", ""),
        top("theme = \"../x\"\n", ""),
        top("theme = 3\n", ""),
        top("theme = \"dark\nnotify = 3", ""),
        top("theme = dark\n", ""),
        top("theme\n", ""),
        top("= 3\n", ""),
        top("theme = \"dark\"\ntheme = \"light\"\n", ""),
        top("keys = \"mutt\"\n[keys]\ndelete = \"x\"\n", ""),
        top("keys = \"vim\"\n", ""),
        top("[keys]\nset = \"mut\"\n", ""),
        top("[keys]\ndelete = 3\n", ""),
        top("mark_read_after = \"soon\"\n", ""),
        top("mark_read_after = \"2\"\n", ""),
        top("mark_read_after = 2\n", ""),
        top("notify = \"dekstop\"\n", ""),
        top("accounts = 3\n", ""),
        top("[accounts.\"a b\"]\nemail = \"x\"", ""),
        top("[accounts.home]\nemail = \"sam\"", ""),
        top("[accounts.home]\nname = \"Sam\"\n", ""),
        top("[accounts.home]\nemail = \"sam@example.net\"\n", ""),
        top("[accounts.home.pop3]\nhost = \"x\"\n", ""),
        top(
            "[accounts.home]\nemail = \"sam@example.net\"\n[accounts.home.pop3]\nuser = \"x\"\n",
            "",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pops://pop.example.net:995\" }\n",
            "",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pop.example.net:995\" }\n",
            "",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"büro.example\" }\n",
            "",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pop example\" }\n",
            "",
        ),
        top("[mirror]\nmaildri = \"~/Mail\"\n", ""),
        top("[mirror]\nmaildir = \"\"\n", ""),
        top("[mirror\n", ""),
        top(
            "[accounts.home.pop3]\nhost = \"x\"\n[accounts.home.pop3]\n",
            "",
        ),
        top("theme = \"a\\qb\"\n", ""),
        top("theme = \"dark\" notify = \"off\"\n", ""),
        pop3("tsl = \"implicit\"\n", ""),
        pop3("tls = \"ssl\"\n", ""),
        pop3("tls = \"startls\"\n", ""),
        pop3("tls = \"none\"\n", ""),
        pop3("port = 70000\n", ""),
        pop3("port = \"995\"\n", ""),
        pop3("password = \"hunter2\"\n", ""),
        pop3("password = hunter2\n", ""),
        pop3("password = \"hunter2\n", ""),
        pop3("password = 12345\n", ""),
        pop3("pasword = \"hunter2\"\n", ""),
        pop3("password = { comand = [\"x\"] }\n", ""),
        pop3("password = { command = \"pass show mail\" }\n", ""),
        pop3("password = { command = [] }\n", ""),
        pop3("password = { }\n", ""),
        pop3("pin = \"sha256:12\"\n", ""),
        pop3(
            "tls = \"none\"\nallow_cleartext = true\nca_file = \"ca.pem\"\n",
            "",
        ),
        pop3(
            "ca_file = \"ca.pem\"\npin = \"sha256:abababababababababababababababababababababababababababababababab\"\n",
            "",
        ),
        pop3("user = \"\"\n", ""),
        pop3("auth = \"crammd5\"\n", ""),
        pop3("allow_cleartext = \"yes\"\n", ""),
        pop3("[accounts.home.download]\nbodies = \"5 MB\"\n", ""),
        pop3(
            "[accounts.home.download]\nbodies = { upto = \"5 MB\" }\n",
            "",
        ),
        pop3(
            "[accounts.home.download]\nbodies = { up_to = \"5 fortnights\" }\n",
            "",
        ),
        pop3("[accounts.home.download]\ncheck_every = \"0 s\"\n", ""),
        pop3("[accounts.home.download]\ncheck_evry = \"5 min\"\n", ""),
        pop3("[accounts.home.server]\nkeep = \"until-delete\"\n", ""),
        pop3("[accounts.home.server]\nkeep = \"30 days\"\n", ""),
        pop3("[accounts.home.server]\nkeep = { days = 0 }\n", ""),
        pop3(
            "[accounts.home.server]\nkeep = { days = 3, newest = 5 }\n",
            "",
        ),
        pop3("[accounts.home.server]\nkeep = { size = \"0 MB\" }\n", ""),
        pop3("[accounts.home.server]\nexcept = [\"stared\"]\n", ""),
        pop3("[accounts.home.server]\nexcept = \"starred\"\n", ""),
        pop3(
            "[accounts.home.server]\nkeep = { size = \"2 GB\" }\nquota = \"500 MB\"\n",
            "",
        ),
        pop3(
            "[accounts.home.download]\nbodies = \"none\"\n[accounts.home.server]\nkeep = \"until-downloaded\"\n",
            "",
        ),
        pop3(
            "[accounts.work]\nemail = \"sam@example.net\"\n[accounts.work.pop3]\nhost = \"POP.example.net\"\n",
            "",
        ),
    ]
}

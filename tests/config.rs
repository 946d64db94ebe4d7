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
fn p62_p89_the_shortest_account_has_safe_defaults() {
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
        column: 1,
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
fn the_example_of_the_guide_says_what_is_the_default_anyway() {
    let config = parse(GOOD).unwrap();
    let home = config.accounts.first().unwrap();
    assert_eq!(home.retention.quota, Some(2_000_000_000));
    let policy = RetentionPolicy {
        quota: None,
        ..home.retention.clone()
    };
    assert_eq!(policy, RetentionPolicy::default());
    assert_eq!(
        (home.name.as_str(), home.pop3.user.as_str()),
        ("Sam", "sam@example.net")
    );
    let mut rest = config.clone();
    rest.accounts.clear();
    assert_eq!(rest, Config::default());
}

#[test]
fn p88_p89_cleartext_needs_a_loopback_host_or_an_explicit_word() {
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
            prop_assert!(!shown.contains(OVERRIDE));
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
const OVERRIDE: char = '\u{202e}';
const GOOD: &str = include_str!("config_good.toml");

/// A configuration with a mistake, and what is said of it behind the file's name.
fn mistakes() -> Vec<(String, &'static str)> {
    let top = |text: &str, wanted| (text.to_owned(), wanted);
    let pop3 = |lines: &str, wanted| (account(lines), wanted);
    vec![
        top(
            "theme = \"drk\"\nglyps = \"auto\"\n",
            "2:1: unknown key `glyps` at the top of the file\n2 | glyps = …\n  | ^^^^^\nDid you mean `glyphs`?",
        ),
        top(
            "theme = \"../x\"\n",
            "1:9: \"../x\" is not the name of a theme\n1 | theme = \"../x\"\n  |         ^^^^^^\nTake auto, dark, light or ansi, or put a file into themes/.",
        ),
        top(
            "theme = 3\n",
            "1:9: `theme` wants a text in quotes, not a number\n1 | theme = 3\n  |         ^\nWrite it like this: theme = \"auto\"",
        ),
        top(
            "theme = \"dark\nnotify = 3",
            "1:14: this text has no closing quote\n1 | theme = \"dark\n  |              ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "theme = dark\n",
            "1:9: a text stands in quotes\n1 | theme = dark\n  |         ^^^^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "theme\n",
            "1:6: this key has no value\n1 | theme\n  |      ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "= 3\n",
            "1:1: there is no key before the `=`\n1 | = …\n  | ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "theme = \"dark\"\ntheme = \"light\"\n",
            "2:1: this stands in the file twice\n2 | theme = \"light\"\n  | ^^^^^\nKeep one of the two and delete the other.",
        ),
        top(
            "keys = \"mutt\"\n[keys]\ndelete = \"x\"\n",
            "2:2: `keys` stands here as a set and as a section, and TOML allows only one of them\n2 | [keys]\n  |  ^^^^\nKeep the section, and name the set in its first line: set = \"mutt\"",
        ),
        top(
            "keys = \"vim\"\n",
            "1:8: `keys` cannot be \"vim\"\n1 | keys = \"vim\"\n  |        ^^^^^\nIt may be one of: poppet, mutt, gmail, alpine.",
        ),
        top(
            "[keys]\nset = \"mut\"\n",
            "2:7: `set` cannot be \"mut\"\n2 | set = \"mut\"\n  |       ^^^^^\nDid you mean \"mutt\"? It may be one of: poppet, mutt, gmail, alpine.",
        ),
        top(
            "[keys]\ndelete = 3\n",
            "2:10: `delete` wants a text or a list of texts, not a number\n2 | delete = 3\n  |          ^\nWrite it like this: delete = \"x\"",
        ),
        top(
            "mark_read_after = \"soon\"\n",
            "1:19: `mark_read_after` is not a length of time: it starts with no number\n1 | mark_read_after = \"soon\"\n  |                   ^^^^^^\nWrite it like this: mark_read_after = \"2 s\" (ms, s, min, h, days, weeks).",
        ),
        top(
            "mark_read_after = \"2\"\n",
            "1:19: `mark_read_after` is not a length of time: it has no unit\n1 | mark_read_after = \"2\"\n  |                   ^^^\nWrite it like this: mark_read_after = \"2 s\" (ms, s, min, h, days, weeks).",
        ),
        top(
            "mark_read_after = 2\n",
            "1:19: `mark_read_after` wants a text in quotes, not a number\n1 | mark_read_after = 2\n  |                   ^\nWrite it like this: mark_read_after = \"2 s\"",
        ),
        top(
            "notify = \"dekstop\"\n",
            "1:10: `notify` cannot be \"dekstop\"\n1 | notify = \"dekstop\"\n  |          ^^^^^^^^^\nDid you mean \"desktop\"? It may be one of: auto, off, bell, terminal, desktop.",
        ),
        top(
            "accounts = 3\n",
            "1:12: `accounts` is a section, not a number\n1 | accounts = 3\n  |            ^\nWrite [accounts] on a line of its own, and its keys below.",
        ),
        top(
            "[accounts.\"a b\"]\nemail = \"x\"",
            "1:11: this cannot name an account\n1 | [accounts.\"a b\"]\n  |           ^^^^^\nA name is 1 to 64 letters, digits, '-', '_' or '.', and starts with a letter or digit.",
        ),
        top(
            "[accounts.home]\nemail = \"sam\"",
            "2:9: this is not an address\n2 | email = \"sam\"\n  |         ^^^^^\nWrite it like this: email = \"sam@example.net\"",
        ),
        top(
            "[accounts.home]\nname = \"Sam\"\n",
            "1:1: `email` is missing in [accounts.home]\n1 | [accounts.home]\n  | ^^^^^^^^^^^^^^^\nAdd your address: email = \"sam@example.net\"",
        ),
        top(
            "[accounts.home]\nemail = \"sam@example.net\"\n",
            "1:1: `pop3` is missing in [accounts.home]\n1 | [accounts.home]\n  | ^^^^^^^^^^^^^^^\nAdd a section [accounts.home.pop3] with host and user.",
        ),
        top(
            "[accounts.home.pop3]\nhost = \"x\"\n",
            "1:11: `email` is missing in [accounts.home]\n1 | [accounts.home.pop3]\n  |           ^^^^\nAdd your address: email = \"sam@example.net\"",
        ),
        top(
            "[accounts.home]\nemail = \"sam@example.net\"\n[accounts.home.pop3]\nuser = \"x\"\n",
            "3:1: `host` is missing in [accounts.home.pop3]\n3 | [accounts.home.pop3]\n  | ^^^^^^^^^^^^^^^^^^^^\nAdd the server's name: host = \"pop.example.net\"",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pops://pop.example.net:995\" }\n",
            "3:17: a host is only a name, not an address with \"://\"\n3 | pop3 = { host = \"pops://pop.example.net:995\" }\n  |                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^\nWrite host = \"pop.example.net\"",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pop.example.net:995\" }\n",
            "3:17: the port has a line of its own\n3 | pop3 = { host = \"pop.example.net:995\" }\n  |                 ^^^^^^^^^^^^^^^^^^^^^\nWrite host = \"pop.example.net\" and port = 995",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"büro.example\" }\n",
            "3:17: a host is written in ASCII\n3 | pop3 = { host = \"büro.example\" }\n  |                 ^^^^^^^^^^^^^^\nWrite the name in the form that starts with \"xn--\".",
        ),
        top(
            "[accounts.home]\nemail = \"a@b\"\npop3 = { host = \"pop example\" }\n",
            "3:17: this is not the name of a host\n3 | pop3 = { host = \"pop example\" }\n  |                 ^^^^^^^^^^^^^\nWrite it like this: host = \"pop.example.net\"",
        ),
        top(
            "[mirror]\nmaildri = \"~/Mail\"\n",
            "2:1: unknown key `maildri` in [mirror]\n2 | maildri = …\n  | ^^^^^^^\nDid you mean `maildir`?",
        ),
        top(
            "[mirror]\nmaildir = \"\"\n",
            "2:11: `maildir` names no file\n2 | maildir = \"\"\n  |           ^^\nWrite it like this: maildir = \"~/Mail\"",
        ),
        top(
            "[mirror\n",
            "1:8: a `]` is missing\n1 | [mirror\n  |        ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "[accounts.home.pop3]\nhost = \"x\"\n[accounts.home.pop3]\n",
            "3:16: this stands in the file twice\n3 | [accounts.home.pop3]\n  |                ^^^^\nKeep one of the two and delete the other.",
        ),
        top(
            "theme = \"a\\qb\"\n",
            "1:12: this is no escape sequence: write `\\\\` for a backslash\n1 | theme = \"a\\qb\"\n  |            ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        top(
            "theme = \"dark\" notify = \"off\"\n",
            "1:16: here the line should have ended\n1 | theme = \"dark\" notify = \"off\"\n  |                ^\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        pop3(
            "tsl = \"implicit\"\n",
            "6:1: unknown key `tsl` in [accounts.home.pop3]\n6 | tsl = …\n  | ^^^\nDid you mean `tls`?",
        ),
        pop3(
            "tls = \"ssl\"\n",
            "6:7: `tls` cannot be \"ssl\"\n6 | tls = \"ssl\"\n  |       ^^^^^\nWrite \"implicit\" for a connection that is encrypted from the start, as on port 995.",
        ),
        pop3(
            "tls = \"startls\"\n",
            "6:7: `tls` cannot be \"startls\"\n6 | tls = \"startls\"\n  |       ^^^^^^^^^\nDid you mean \"starttls\"? It may be one of: implicit, starttls, none.",
        ),
        pop3(
            "tls = \"none\"\n",
            "6:7: without encryption, anyone on the way to pop.example.net can read your password and your mail\n6 | tls = \"none\"\n  |       ^^^^^^\nWrite tls = \"implicit\" or \"starttls\". If you must, allow it in so many words: allow_cleartext = true",
        ),
        pop3(
            "port = 70000\n",
            "6:8: `port` is out of range: 70000\n6 | port = 70000\n  |        ^^^^^\nIt goes from 1 to 65535.",
        ),
        pop3(
            "port = \"995\"\n",
            "6:8: `port` wants a whole number, not a text\n6 | port = \"995\"\n  |        ^^^^^\nWrite it like this: port = 995",
        ),
        pop3(
            "password = \"hunter2\"\n",
            "6:12: a password does not belong in this file\n6 | password = …\nWrite password = \"keyring\" and run `poppet password set NAME`, or \"ask\", or { command = [\"pass\", \"show\", \"mail/home\"] }.",
        ),
        pop3(
            "password = hunter2\n",
            "6:12: a text stands in quotes\n6 | password = …\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        pop3(
            "password = \"hunter2\n",
            "6:20: this text has no closing quote\n6 | password = …\nA line is a [section], or key = value, where a text stands in \"quotes\".",
        ),
        pop3(
            "password = 12345\n",
            "6:12: `password` wants \"keyring\", \"ask\" or a command, not a number\n6 | password = …\nWrite it like this: password = { command = [\"pass\", \"show\", \"mail/home\"] }",
        ),
        pop3(
            "pasword = \"hunter2\"\n",
            "6:1: unknown key `pasword` in [accounts.home.pop3]\n6 | pasword = …\n  | ^^^^^^^\nDid you mean `password`?",
        ),
        pop3(
            "password = { comand = [\"x\"] }\n",
            "6:14: unknown key `comand` in [accounts.home.pop3.password]\n6 | password = …\nDid you mean `command`?",
        ),
        pop3(
            "password = { command = \"pass show mail\" }\n",
            "6:24: `command` wants a list of texts, not a text\n6 | password = …\nWrite it like this: command = [\"pass\", \"show\", \"mail/home\"]",
        ),
        pop3(
            "password = { command = [] }\n",
            "6:24: this command names no program\n6 | password = …\nWrite password = { command = [\"pass\", \"show\", \"mail/home\"] }: the program, then its arguments.",
        ),
        pop3(
            "password = { }\n",
            "6:1: `command` is missing in [accounts.home.pop3.password]\n6 | password = …\n  | ^^^^^^^^\nWrite password = { command = [\"pass\", \"show\", \"mail/home\"] }: the program, then its arguments.",
        ),
        pop3(
            "pin = \"sha256:12\"\n",
            "6:7: this is not the fingerprint of a certificate\n6 | pin = \"sha256:12\"\n  |       ^^^^^^^^^^^\nIt is \"sha256:\" and 64 hexadecimal digits: ask whoever runs the server for it.",
        ),
        pop3(
            "tls = \"none\"\nallow_cleartext = true\nca_file = \"ca.pem\"\n",
            "8:1: `ca_file` has nothing to check: tls is \"none\"\n8 | ca_file = \"ca.pem\"\n  | ^^^^^^^\nWrite tls = \"implicit\" or \"starttls\", or take this line out.",
        ),
        pop3(
            "ca_file = \"ca.pem\"\npin = \"sha256:abababababababababababababababababababababababababababababababab\"\n",
            "7:1: `pin` and `ca_file` contradict each other\n7 | pin = \"sha256:abababababababababababababababababababababababababababababababab\"\n  | ^^^\n`pin` trusts exactly one certificate, `ca_file` an authority as well as the usual ones: keep one of the two.",
        ),
        pop3(
            "user = \"\"\n",
            "6:8: this cannot be a user name\n6 | user = \"\"\n  |        ^^\nWrite the name as your provider gave it to you, often the whole address.",
        ),
        pop3(
            "auth = \"crammd5\"\n",
            "6:8: `auth` cannot be \"crammd5\"\n6 | auth = \"crammd5\"\n  |        ^^^^^^^^^\nDid you mean \"cram-md5\"? It may be one of: auto, plain, login, cram-md5, scram-sha-256, apop, user-pass, xoauth2, oauthbearer.",
        ),
        pop3(
            "allow_cleartext = \"yes\"\n",
            "6:19: `allow_cleartext` wants true or false, not a text\n6 | allow_cleartext = \"yes\"\n  |                   ^^^^^\nWrite it like this: allow_cleartext = true",
        ),
        pop3(
            "[accounts.home.download]\nbodies = \"5 MB\"\n",
            "7:10: a size stands in braces here\n7 | bodies = \"5 MB\"\n  |          ^^^^^^\nWrite bodies = { up_to = \"5 MB\" }",
        ),
        pop3(
            "[accounts.home.download]\nbodies = { upto = \"5 MB\" }\n",
            "7:12: unknown key `upto` in [accounts.home.download.bodies]\n7 | bodies = { upto = …\n  |            ^^^^\nDid you mean `up_to`?",
        ),
        pop3(
            "[accounts.home.download]\nbodies = { up_to = \"5 fortnights\" }\n",
            "7:20: `up_to` is not a size: \"fortnights\" is no unit here\n7 | bodies = { up_to = \"5 fortnights\" }\n  |                    ^^^^^^^^^^^^^^\nWrite it like this: up_to = \"5 MB\" (kB, MB, GB, or KiB, MiB, GiB).",
        ),
        pop3(
            "[accounts.home.download]\ncheck_every = \"0 s\"\n",
            "7:15: checking that often would never end\n7 | check_every = \"0 s\"\n  |               ^^^^^\nWrite \"15 min\", or \"never\" to check only when asked.",
        ),
        pop3(
            "[accounts.home.download]\ncheck_evry = \"5 min\"\n",
            "7:1: unknown key `check_evry` in [accounts.home.download]\n7 | check_evry = …\n  | ^^^^^^^^^^\nDid you mean `check_every`?",
        ),
        pop3(
            "[accounts.home.server]\nkeep = \"until-delete\"\n",
            "7:8: `keep` cannot be \"until-delete\"\n7 | keep = \"until-delete\"\n  |        ^^^^^^^^^^^^^^\nDid you mean \"until-deleted\"? It may be \"until-deleted\", \"until-downloaded\", { days = 30 }, { newest = 500 } or { size = \"500 MB\" }.",
        ),
        pop3(
            "[accounts.home.server]\nkeep = \"30 days\"\n",
            "7:8: `keep` cannot be \"30 days\"\n7 | keep = \"30 days\"\n  |        ^^^^^^^^^\nIt may be \"until-deleted\", \"until-downloaded\", { days = 30 }, { newest = 500 } or { size = \"500 MB\" }.",
        ),
        pop3(
            "[accounts.home.server]\nkeep = { days = 0 }\n",
            "7:17: `days` is out of range: 0\n7 | keep = { days = 0 }\n  |                 ^\nIt goes from 1 to 4294967295.",
        ),
        pop3(
            "[accounts.home.server]\nkeep = { days = 3, newest = 5 }\n",
            "7:8: this wants exactly one of days, newest and size\n7 | keep = { days = 3, newest = 5 }\n  |        ^^^^^^^^^^^^^^^^^^^^^^^^\nWrite it like this: keep = { days = 30 }",
        ),
        pop3(
            "[accounts.home.server]\nkeep = { size = \"0 MB\" }\n",
            "7:17: `size` cannot be nothing\n7 | keep = { size = \"0 MB\" }\n  |                 ^^^^^^\nWrite it like this: size = \"500 MB\"",
        ),
        pop3(
            "[accounts.home.server]\nexcept = [\"stared\"]\n",
            "7:11: \"stared\" is no kind of message here\n7 | except = [\"stared\"]\n  |           ^^^^^^^^\nDid you mean \"starred\"? It may be one of: pinned, starred, unread.",
        ),
        pop3(
            "[accounts.home.server]\nexcept = \"starred\"\n",
            "7:10: `except` wants a list of texts, not a text\n7 | except = \"starred\"\n  |          ^^^^^^^^^\nWrite it like this: except = [\"starred\", \"unread\"]",
        ),
        pop3(
            "[accounts.home.server]\nkeep = { size = \"2 GB\" }\nquota = \"500 MB\"\n",
            "7:8: this keeps more than the mailbox holds: the quota would be reached first\n7 | keep = { size = \"2 GB\" }\n  |        ^^^^^^^^^^^^^^^^^\nTake a size below the quota.",
        ),
        pop3(
            "[accounts.home.download]\nbodies = \"none\"\n[accounts.home.server]\nkeep = \"until-downloaded\"\n",
            "9:8: this keeps mail until it is downloaded, and bodies = \"none\" downloads nothing\n9 | keep = \"until-downloaded\"\n  |        ^^^^^^^^^^^^^^^^^^\nWrite bodies = \"all\" in the download section, or keep = \"until-deleted\".",
        ),
        pop3(
            "[accounts.work]\nemail = \"sam@example.net\"\n[accounts.work.pop3]\nhost = \"POP.example.net\"\ntls = \"starttls\"\n",
            "6:11: this is the mailbox of the account \"home\" once more\n6 | [accounts.work]\n  |           ^^^^\nRemove one of the two: two accounts on one mailbox would delete each other's mail.",
        ),
    ]
}

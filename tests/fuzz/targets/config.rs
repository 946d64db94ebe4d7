//! The configuration: what it says, where it is wrong, and what a change by the program leaves of it.

use std::fs;
use std::path::Path;

use poppet::config::edit::{self, NewAccount};
use poppet::config::{
    Auth, Config, ConfigError, Mistake, Password, Tls, duration, octets as size, presets,
};
use poppet::mail::{AccountId, Problem};

use super::Octets;
use super::letters::assert_harmless;
use super::shelf;

/// The first octet says whether a password is put in, and where; the rest is the file.
pub(super) fn run(octets: &[u8]) {
    let mut octets = Octets(octets);
    let how = octets.octet();
    let text = String::from_utf8_lossy(octets.0);
    match Config::parse(&text, Path::new(FILE)) {
        Ok(config) => {
            if how & 3 == 3 {
                changed(&text, &config);
            }
        }
        Err(error) => check_mistake(error, &text),
    }
    with_password(&text, how);
    let first = text.lines().next().unwrap_or_default();
    let _ = (duration(first), size(first), presets::provider(first));
    assert!(
        presets::guess(first)
            .iter()
            .all(|candidate| !candidate.host.is_empty())
    );
}

/// The configuration of the tests and of the guide, and pieces of them.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let good = fs::read_to_string(super::tests().join("config_good.toml")).unwrap_or_default();
    for text in TEXTS.iter().copied().chain([good.as_str()]) {
        for how in [0, 3, 30] {
            seeds.push([&[how], text.as_bytes()].concat());
        }
    }
    for section in good.split("\n\n") {
        seeds.push([b"\x47", section.as_bytes()].concat());
    }
    seeds
}

/// A mistake names a place in the file, and what stands there harms no terminal.
pub(super) fn check_mistake(error: ConfigError, text: &str) {
    let ConfigError::Mistake(mistake) = &error else {
        panic!("{error:?}");
    };
    let Mistake {
        line,
        column,
        what,
        remedy,
        quoted,
        ..
    } = &**mistake;
    let lines: Vec<&str> = text.split('\n').collect();
    let there = line.checked_sub(1).and_then(|line| lines.get(line));
    let there = there.unwrap_or_else(|| panic!("line {line} of {}", lines.len()));
    assert!(
        (1..=there.chars().count() + 1).contains(column),
        "column {column} of {there:?}"
    );
    assert!(!what.is_empty() && !remedy.is_empty());
    assert_harmless(what);
    assert_harmless(remedy);
    quoted.split('\n').for_each(assert_harmless);
    error.to_string().split('\n').for_each(assert_harmless);
    let problem = Problem::from(error);
    assert_harmless(&problem.what);
    problem.why.split('\n').for_each(assert_harmless);
    assert_harmless(&problem.remedy);
}

/// A password in the file, where none belongs, is in no error.
fn with_password(text: &str, how: u8) {
    let line = PASSWORDS[usize::from(how >> 2) % PASSWORDS.len()];
    let place = usize::from(how >> 4) % (text.matches('\n').count() + 1);
    let at = if place == 0 {
        0
    } else {
        text.match_indices('\n')
            .nth(place - 1)
            .map_or(text.len(), |(at, _)| at + 1)
    };
    let (before, behind) = text.split_at(at);
    let text = format!("{before}{line}\n{behind}");
    if before.contains("Sw0rdf1sh") || behind.contains("Sw0rdf1sh") {
        return;
    }
    if let Err(error) = Config::parse(&text, Path::new(FILE)) {
        let shown = format!("{error} {error:?}");
        let shown = format!("{shown} {:?}", Problem::from(error));
        assert!(!shown.contains("Sw0rdf1sh"), "{shown}\n{text}");
    }
}

/// What the program changes in the file is changed, and everything else says what it said.
fn changed(text: &str, config: &Config) {
    let folder = shelf::folder();
    let file = folder.path().join("config.toml");
    fs::write(&file, text).expect("a file");
    let read = || fs::read_to_string(&file).expect("the file");
    let parsed = || Config::parse(&read(), Path::new(FILE)).expect("a file that is right");
    let work = new_account();
    match edit::add_account(&file, &work) {
        Ok(()) => {
            let with = parsed();
            let others = with
                .accounts
                .iter()
                .filter(|account| account.id != work.account);
            assert!(others.eq(&config.accounts), "{}", read());
            assert_eq!(with.accounts.len(), config.accounts.len() + 1);
            edit::remove_account(&file, &work.account).expect("the account that was added");
            same(&parsed(), config);
        }
        Err(error) => refused(&error, text, &read()),
    }
    fs::write(&file, text).expect("a file");
    for account in &config.accounts {
        match edit::remove_account(&file, &account.id) {
            Ok(()) => {
                let mut wanted = config.clone();
                wanted.accounts.retain(|other| other.id != account.id);
                same(&parsed(), &wanted);
            }
            Err(error) => refused(&error, text, &read()),
        }
        fs::write(&file, text).expect("a file");
    }
    for (key, value) in KEYS {
        match edit::set_key(&file, key, value) {
            Ok(()) => {
                let after = parsed();
                assert_eq!(after.accounts.len(), config.accounts.len(), "{}", read());
            }
            Err(error) => refused(&error, text, &read()),
        }
        fs::write(&file, text).expect("a file");
    }
}

fn refused(error: &ConfigError, before: &str, after: &str) {
    assert_eq!(before, after, "changed in spite of {error}");
    error.to_string().split('\n').for_each(assert_harmless);
}

/// The same but for the lines at which keys stand.
#[track_caller]
fn same(one: &Config, other: &Config) {
    let placeless = |config: &Config| {
        let mut config = config.clone();
        config
            .keys
            .overrides
            .iter_mut()
            .for_each(|key| key.line = 0);
        config
    };
    assert_eq!(placeless(one), placeless(other));
}

fn new_account() -> NewAccount {
    NewAccount {
        account: AccountId::new("new-one").expect("a name"),
        email: "new@example.net".to_owned(),
        name: "New \"One\"".to_owned(),
        host: "pop.example.net".to_owned(),
        port: 995,
        tls: Tls::Implicit,
        allow_cleartext: false,
        user: "new".to_owned(),
        auth: Auth::Auto,
        password: Password::Keyring,
        bodies: "{ up_to = \"5 MB\" }".to_owned(),
        keep: "{ days = 30 }".to_owned(),
        quota: Some("2 GB".to_owned()),
        ca_file: None,
        pin: None,
    }
}

const FILE: &str = "/etc/x/config.toml";

const PASSWORDS: [&str; 8] = [
    "password = \"Sw0rdf1sh\"",
    "password = 'Sw0rdf1sh",
    "password = { value = \"Sw0rdf1sh\" }",
    "pasword = \"Sw0rdf1sh\"",
    "pop3.password = \"\"\"\nSw0rdf1sh",
    "password: Sw0rdf1sh",
    "password = [\n  \"x\",\n  \"Sw0rdf1sh\" 7",
    "passwd=Sw0rdf1sh",
];

const KEYS: [(&[&str], &str); 5] = [
    (&["theme"], "\"dark\""),
    (&["keys"], "\"mutt\""),
    (&["keys", "archive"], "[\"y\", \"g y\"]"),
    (&["mirror", "maildir"], "\"~/Mail\""),
    (&["accounts", "home", "server", "rules_delete"], "\"auto\""),
];

const TEXTS: [&str; 7] = [
    "theme = \"themes/dusk.toml\"\nkeys = \"mutt\"\nglyphs = \"ascii\"\nmark_read_after = \"never\"\nnotify = \"off\"\n",
    "accounts.home = { email = \"a@b.example\", pop3.host = \"h\" }\n",
    "[accounts.a]\nemail='a@b.c'\n[accounts.a.pop3]\nhost='h'\npassword={command=['pass','x']}\npin='sha256:00'\n",
    "# first\n[keys]\nset = \"alpine\"\narchive = \"y\"\nstar = [\"s\", \"ctrl-s\"]\n\n# of home\n[accounts.home]\nemail = \"\u{fc}@x.example\"\n[accounts.home.pop3]\nhost = \"::1\"\ntls = \"none\"\n[accounts.home.server]\nkeep = { newest = 500 }\nexcept = [\"unread\"]\n",
    "email = \"x\"\n[accounts]\nx = 1\n[[accounts.y]]\n",
    "a = \"\"\"\nb\n\"\"\"\nc = [1,\n2,\n",
    "1.5 GiB\n15 min\nsam@gmail.com",
];

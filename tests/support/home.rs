//! An empty home: no configuration, no keyring, no terminal; everything of poppet in one temporary folder.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::run::{Run, Running};

/// A person's home folder that goes away with the test.
pub(crate) struct Home {
    folder: TempDir,
}

/// The settings of an account, as they are written to the configuration.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `implicit`, `starttls` or `none`.
    pub(crate) tls: &'static str,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) ca_file: Option<PathBuf>,
    /// More lines of the account, with their own table headers.
    pub(crate) more: String,
}

impl Account {
    /// An account on the loopback without encryption, whose password is its user's.
    pub(crate) fn plain(name: &str, port: u16) -> Self {
        Self {
            name: name.to_owned(),
            host: "localhost".to_owned(),
            port,
            tls: "none",
            user: "sam".to_owned(),
            password: PASSWORD.to_owned(),
            ca_file: None,
            more: String::new(),
        }
    }

    /// The same over TLS.
    pub(crate) fn encrypted(
        name: &str,
        port: u16,
        tls: &'static str,
        ca_file: Option<PathBuf>,
    ) -> Self {
        Self {
            tls,
            ca_file,
            ..Self::plain(name, port)
        }
    }

    pub(crate) fn toml(&self) -> String {
        let Self {
            name,
            host,
            port,
            tls,
            user,
            password,
            ..
        } = self;
        let mut text = format!(
            "[accounts.{name}]\nemail = \"{user}@example.net\"\nname = \"Sam\"\n\n[accounts.{name}.pop3]\n\
             host = \"{host}\"\nport = {port}\ntls = \"{tls}\"\nuser = \"{user}\"\n\
             password = {{ command = [\"printf\", \"%s\\\\n\", \"{password}\"] }}\n"
        );
        if let Some(file) = &self.ca_file {
            let _ = writeln!(text, "ca_file = \"{}\"", file.display());
        }
        let _ = writeln!(text, "\n{}", self.more);
        text
    }
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for part in ["config/poppet", "data", "state", "cache", "run", "tmp"] {
            std::fs::create_dir_all(folder.path().join(part)).expect("a folder of the home");
        }
        Self { folder }
    }

    /// A home whose configuration has these accounts.
    pub(crate) fn with_accounts(accounts: &[Account]) -> Self {
        let home = Self::new();
        home.configure(accounts);
        home
    }

    /// Writes a configuration with these accounts over what was there.
    pub(crate) fn configure(&self, accounts: &[Account]) {
        let text: String = accounts.iter().map(Account::toml).collect();
        self.write_config(&format!("mark_read_after = \"never\"\n\n{text}"));
    }

    pub(crate) fn write_config(&self, text: &str) {
        std::fs::write(self.config_file(), text).expect("write the configuration");
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.path().join("config/poppet/config.toml")
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Every file that poppet left below a folder of the home, such as `data` or `tmp`.
    pub(crate) fn left_in(&self, part: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.path().join(part)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found
    }

    /// The variables of a person who has just logged in for the first time.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let inside = |part: &str| self.path().join(part).to_string_lossy().into_owned();
        let binary = Path::new(env!("CARGO_BIN_EXE_poppet"))
            .parent()
            .unwrap_or(Path::new("/"))
            .display();
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("PATH", format!("{binary}:{path}")),
            ("HOME", inside("")),
            ("XDG_CONFIG_HOME", inside("config")),
            ("XDG_DATA_HOME", inside("data")),
            ("XDG_STATE_HOME", inside("state")),
            ("XDG_CACHE_HOME", inside("cache")),
            ("XDG_RUNTIME_DIR", inside("run")),
            ("TMPDIR", inside("tmp")),
            // Nobody's real keyring is touched by a test.
            (
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={}", inside("run/no-bus")),
            ),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
        ]
    }

    /// The binary with these arguments in this home.
    pub(crate) fn command<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poppet"));
        command
            .args(args)
            .env_clear()
            .envs(self.variables())
            .current_dir(self.path());
        command
    }

    /// Starts the binary and leaves it running.
    pub(crate) fn start<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Running {
        Running::start(self.command(args), "")
    }

    /// Runs the binary to its end.
    #[track_caller]
    pub(crate) fn poppet<S: AsRef<std::ffi::OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
    ) -> Run {
        self.start(args).end()
    }

    /// Every message of a query as `list --json` gives it; none when it finds none.
    #[track_caller]
    pub(crate) fn list(&self, query: &str) -> Vec<Value> {
        let mut args = vec!["list", "--json", "--limit", "100000"];
        if !query.is_empty() {
            // A query may begin with a dash: `-from:ada`.
            args.extend(["--", query]);
        }
        let run = self.poppet(args);
        assert!(matches!(run.code, Some(0 | 1)), "{run}");
        assert_eq!(
            run.code == Some(1),
            run.stdout.is_empty(),
            "status 1 means nothing found\n{run}"
        );
        run.json()
    }

    /// The octets that the store holds of a message.
    #[track_caller]
    pub(crate) fn raw(&self, message: &Value) -> Vec<u8> {
        self.poppet(["show", &id(message), "--raw"])
            .expect_code(0)
            .stdout
    }
}

/// The number of a message in `list --json`, as it is typed.
#[track_caller]
pub(crate) fn id(message: &Value) -> String {
    message["id"]
        .as_i64()
        .unwrap_or_else(|| panic!("no id in {message}"))
        .to_string()
}

/// A field of text in an object.
#[track_caller]
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field]
        .as_str()
        .unwrap_or_else(|| panic!("no text {field} in {object}"))
}

/// A field with a count in an object.
#[track_caller]
pub(crate) fn count(object: &Value, field: &str) -> u64 {
    object[field]
        .as_u64()
        .unwrap_or_else(|| panic!("no count {field} in {object}"))
}

/// The password of every user of a test's servers: long and odd enough to be found wherever it leaks.
pub(crate) const PASSWORD: &str = "kelp-and-brine-7731";

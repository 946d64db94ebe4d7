//! A server with mail, and a home from which the program talks to it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use jiff::ZonedDateTime;
use poppet::demo::{self, Maildrop, Message, Quirks, Server, ServerOptions};
use serde_json::Value;
use tempfile::TempDir;

/// A home folder with a configuration, and the server of its account `home`.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

impl House {
    pub(crate) fn new(maildrop: Maildrop) -> Self {
        Self::with(maildrop, Quirks::default(), "")
    }

    /// With more lines at the end of the configuration.
    pub(crate) fn with(maildrop: Maildrop, quirks: Quirks, more: &str) -> Self {
        let mut options = ServerOptions::new(maildrop);
        options.quirks = quirks;
        let server = Server::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let house = Self { server, folder };
        house.configure(&(account("home", house.port(), "demo") + more));
        house
    }

    /// With `count` generated messages.
    pub(crate) fn letters(count: u32) -> Self {
        Self::new(letters(count))
    }

    pub(crate) fn port(&self) -> u16 {
        self.server.address().port()
    }

    pub(crate) fn configure(&self, text: &str) {
        let file = self.config();
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path("config/poppet/config.toml")
    }

    /// The octets of each message on the server.
    pub(crate) fn on_server(&self) -> BTreeSet<Vec<u8>> {
        let messages = self.server.maildrop().messages();
        messages.iter().map(Message::to_vec).collect()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs the program; `line` is cut at spaces.
    pub(crate) async fn run(&self, line: &str) -> Ran {
        self.run_with(line, b"").await
    }

    pub(crate) async fn run_with(&self, line: &str, input: &'static [u8]) -> Ran {
        self.run_to_its_end(program(self.folder.path(), line), input)
            .await
    }

    /// The same with one argument more, which may have spaces in it.
    pub(crate) async fn run_args(&self, line: &str, last: &str) -> Ran {
        let mut command = program(self.folder.path(), line);
        command.arg(last);
        self.run_to_its_end(command, b"").await
    }

    async fn run_to_its_end(&self, mut command: Command, input: &'static [u8]) -> Ran {
        tokio::task::spawn_blocking(move || {
            let mut child = command
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let _ = child.stdin.take().unwrap().write_all(input);
            Ran::from(child.wait_with_output().unwrap())
        })
        .await
        .unwrap()
    }

    /// The same, and it must end well.
    pub(crate) async fn well(&self, line: &str) -> Ran {
        let ran = self.run(line).await;
        assert_eq!(ran.code, 0, "{line}: {}", ran.error);
        ran
    }
}

/// What lies in the files of a folder.
pub(crate) fn contents(folder: &Path) -> BTreeSet<Vec<u8>> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect()
}

/// The program with a home in `folder` and nothing else of this computer.
pub(crate) fn program(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_poppet"));
    command
        .args(line.split_whitespace())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("HOME", folder)
        .env("TZ", "UTC")
        .current_dir(folder);
    for (name, place) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
    ] {
        command.env(name, folder.join(place));
    }
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) octets: Vec<u8>,
    pub(crate) text: String,
    pub(crate) error: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            octets: output.stdout,
            error: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The objects on standard output.
    pub(crate) fn objects(&self) -> Vec<Value> {
        self.text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The object on standard error.
    pub(crate) fn wrong(&self) -> Value {
        serde_json::from_str::<Value>(&self.error).unwrap()["error"].clone()
    }

    /// The three lines of a problem, each behind its label.
    pub(crate) fn assert_told(&self, what: &str) {
        let lines: Vec<&str> = self.error.lines().collect();
        assert!(
            lines
                .iter()
                .any(|line| line.starts_with("error: ") && line.contains(what)),
            "{}",
            self.error
        );
        assert!(
            lines.iter().any(|line| line.starts_with("  why: ")),
            "{}",
            self.error
        );
        assert!(
            lines.iter().any(|line| line.starts_with("   do: ")),
            "{}",
            self.error
        );
    }
}

pub(crate) fn letters(count: u32) -> Maildrop {
    demo::generated(count, 7, &ZonedDateTime::now())
}

/// One message of these lines.
pub(crate) fn letter(text: &str) -> Message {
    demo::expand(text.as_bytes(), &ZonedDateTime::now())
}

pub(crate) fn account(name: &str, port: u16, password: &str) -> String {
    format!(
        "[accounts.{name}]\nemail = \"{name}@demo.example\"\n\n[accounts.{name}.pop3]\nhost = \"127.0.0.1\"\nport = {port}\n\
         tls = \"none\"\nuser = \"demo\"\npassword = {{ command = [\"printf\", \"{password}\"] }}\n\n"
    )
}

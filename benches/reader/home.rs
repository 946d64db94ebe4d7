//! A person's folder for one measurement: a configuration with one account, and the store.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::ZonedDateTime;
use poppet::demo::{self, Maildrop};
use poppet::mail::{AccountId, Arrival, Local, RemoteId, Timestamp};
use poppet::mime;
use poppet::store::Store;
use portable_pty::CommandBuilder;
use tempfile::TempDir;
use vt100::Screen;

/// It goes away with the measurement.
pub(crate) struct Home {
    folder: TempDir,
}

impl Home {
    /// An account on this port of loopback. With an authority its server speaks TLS from the first octet on.
    pub(crate) fn new(port: u16, authority: Option<&Path>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tls = match authority {
            Some(file) => format!("tls = \"implicit\"\nca_file = \"{}\"", file.display()),
            None => "tls = \"none\"".to_owned(),
        };
        let config = format!(
            "mark_read_after = \"never\"\n\n[accounts.home]\nemail = \"sam@demo.example\"\nname = \"Sam\"\n\n\
             [accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\n{tls}\nuser = \"demo\"\n\
             password = {{ command = [\"echo\", \"demo\"] }}\n"
        );
        std::fs::write(folder.path().join("config.toml"), config).expect("write the configuration");
        Self { folder }
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.path().join("config.toml")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Opens the store that the binary opens, too.
    pub(crate) fn store(&self) -> Store {
        Store::open(&self.data().join("mail.db")).expect("open the store")
    }

    /// The reader, as a person starts it.
    pub(crate) fn reader(&self) -> CommandBuilder {
        let mut command = self.bare(env!("CARGO_BIN_EXE_poppet"));
        command.arg("--config");
        command.arg(self.config());
        command.arg("--data-dir");
        command.arg(self.data());
        command
    }

    /// Any program in the same surroundings. Nobody's real keyring is within reach.
    pub(crate) fn bare(&self, program: &str) -> CommandBuilder {
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        let folder = self.folder.path();
        command.cwd(folder);
        command.env("HOME", folder);
        command.env("XDG_RUNTIME_DIR", folder);
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("LANG", "C.UTF-8");
        command.env("TZ", "UTC");
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command
    }

    /// Fills the store with so many messages, as if they had been fetched. In a process of its own: the memory that it
    /// takes would make every later start of a program slower, which is measured here.
    pub(crate) fn fill(&self, messages: u32) {
        fill_in_a_process(messages, &self.data());
    }
}

/// Fills a store as [`Home::fill`] does.
pub(crate) fn fill_in_a_process(messages: u32, data: &Path) {
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program)
        .args([FILL, &messages.to_string()])
        .arg(data)
        .status()
        .expect("start this program");
    assert!(status.success(), "the store was not filled");
}

/// What the process that [`Home::fill`] starts does.
pub(crate) fn fill(messages: u32, data: &Path) {
    let maildrop = mailbox(messages);
    let store = Store::open(&data.join("mail.db")).expect("open the store");
    let now = Timestamp(ZonedDateTime::now().timestamp().as_second());
    let listed = maildrop.messages().into_iter().zip(maildrop.uidls());
    let mut arrivals = listed.map(|(message, uidl)| {
        let octets = message.to_vec();
        Arrival {
            ledger: None,
            remote: RemoteId::new(&uidl),
            listed_octets: octets.len() as u64,
            extent: Local::Full,
            extract: mime::extract(&octets, Local::Full),
            octets: octets.into(),
        }
    });
    loop {
        let batch: Vec<Arrival> = arrivals.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        store
            .store_arrivals(&account(), batch, now)
            .wait()
            .expect("store the messages");
    }
    store.close().expect("close the store");
}

/// The one account's name.
pub(crate) fn account() -> AccountId {
    AccountId::new("home").expect("a name")
}

/// A mailbox of so many messages; the same in every run, but for the dates.
pub(crate) fn mailbox(messages: u32) -> Maildrop {
    demo::generated(messages, SEED, &ZonedDateTime::now())
}

/// How many rows of the list show a message: those that say where the server's copy is.
pub(crate) fn message_rows(screen: &Screen) -> usize {
    let columns = screen.size().1.get();
    screen
        .rows(0, columns)
        .filter(|row| row.contains(" srv "))
        .count()
}

/// How many messages the list has room for: all rows but title, heading, status and hints.
pub(crate) fn list_height((_, rows): (u16, u16)) -> usize {
    usize::from(rows.saturating_sub(4))
}

/// The row of the selection bar.
pub(crate) fn cursor_row(screen: &Screen) -> Option<u16> {
    (0..screen.size().0.get()).find(|row| {
        screen
            .cell(*row, 0)
            .is_some_and(|cell| cell.contents() == "▌")
    })
}

/// The argument with which this program fills a store: how many messages, and where.
pub(crate) const FILL: &str = "--fill";
const BATCH: usize = 250;
const SEED: u64 = 1;

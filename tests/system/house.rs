//! A session to be disturbed: a home as it is before, the mail on the server, and the command.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use poppet::demo::{Maildrop, Quirks, Server, ServerOptions};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::support::faults::{Entry, Faults, report};
use crate::support::real::until;

/// What a session is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// A store is made and everything fetched; it stays on the server.
    Fetch,
    /// The same on a server that drops what was retrieved, without having said so.
    Expiring,
    /// Header blocks only.
    Peek,
    /// New mail is fetched, and what is here is deleted on the server by the account's rule.
    Rule,
    /// Two messages are deleted, of which one is kept here.
    Apply,
    /// Two messages are staged for deletion; no server is asked.
    Stage,
    /// A rule that lets mail stay for thirty days finds none that is so old.
    Aged,
    /// Two messages are in the Trash and on no server any more, for a little less than a day short of thirty.
    Trash,
}

pub(crate) const ERRANDS: [Errand; 6] = [
    Errand::Fetch,
    Errand::Expiring,
    Errand::Peek,
    Errand::Rule,
    Errand::Apply,
    Errand::Stage,
];

impl Errand {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Expiring => "fetch where RETR deletes",
            Self::Peek => "peek",
            Self::Rule => "fetch and delete by a rule",
            Self::Apply => "apply",
            Self::Stage => "stage",
            Self::Aged => "keep for thirty days",
            Self::Trash => "keep the Trash",
        }
    }

    fn settings(self) -> &'static str {
        match self {
            Self::Peek => "[accounts.home.download]\nbodies = \"none\"\n",
            Self::Rule => {
                "[accounts.home.server]\nkeep = \"until-downloaded\"\nrules_delete = \"auto\"\ngrace = \"0 days\"\n"
            }
            Self::Aged => {
                "[accounts.home.server]\nkeep = { days = 30 }\nrules_delete = \"auto\"\ngrace = \"0 days\"\n"
            }
            _ => "",
        }
    }

    pub(crate) fn quirks(self) -> Quirks {
        Quirks {
            remove_retrieved: self == Self::Expiring,
            ..Quirks::default()
        }
    }
}

/// A message on a server: its unique-id and its octets.
pub(crate) type Letter = (Vec<u8>, Vec<u8>);

/// A session to be disturbed.
pub(crate) struct Scene {
    pub(crate) errand: Errand,
    /// The home as it is before.
    home: TempDir,
    /// All mail there is, which is all on the server.
    pub(crate) mail: Vec<Letter>,
    /// Unique-ids that may be deleted on the server.
    pub(crate) may_go: Vec<Vec<u8>>,
    /// Of the mail, so many of the first are on the server no more.
    away: usize,
    pub(crate) command: String,
    pub(crate) runtime: Runtime,
}

impl Scene {
    /// Goes as far as to where the session begins.
    pub(crate) fn new(errand: Errand) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let mut scene = Self {
            errand,
            home: scratch(),
            mail: mail(),
            may_go: Vec::new(),
            away: 0,
            command: "sync".to_owned(),
            runtime,
        };
        std::fs::create_dir_all(scene.home.path().join("config/poppet")).unwrap();
        std::fs::create_dir_all(scene.home.path().join("data")).unwrap();
        let all = || scene.mail.iter().map(|(uidl, _)| uidl.clone()).collect();
        match errand {
            Errand::Fetch | Errand::Peek => {}
            Errand::Expiring => scene.may_go = all(),
            Errand::Rule => {
                // Two messages are new in the session itself.
                scene.prepare(&scene.mail[..4], &["sync", "sync"]);
                scene.may_go = all();
            }
            Errand::Aged => scene.prepare(&scene.mail, &["sync", "sync", "sync"]),
            Errand::Trash => {
                scene.prepare(&scene.mail, &["sync", "delete --local 5 6"]);
                scene.away = 2;
                scene.prepare(&scene.mail[2..], &["sync"]);
                let days = format!(
                    "UPDATE messages SET trashed = trashed - 400 * 86400 WHERE trashed IS NOT NULL;
                     UPDATE messages SET gone_from = 0 WHERE gone_from IS NOT NULL;
                     UPDATE accounts SET elapsed = 29 * 86400 - {SHORT};"
                );
                let store = rusqlite::Connection::open(scene.home.path().join(STORE)).unwrap();
                store.execute_batch(&days).unwrap();
                let gone = "SELECT count(*) FROM messages WHERE folder = 2 AND server = 4 AND gone_from = 0";
                let gone: i64 = store.query_row(gone, [], |row| row.get(0)).unwrap();
                assert_eq!(gone, 2);
            }
            Errand::Apply => {
                scene.prepare(&scene.mail, &["sync", "delete 2", "delete --server 4"]);
                "apply --yes".clone_into(&mut scene.command);
                scene.may_go = scene.uidls_of_staged();
            }
            Errand::Stage => {
                scene.prepare(&scene.mail, &["sync"]);
                "delete 2 4".clone_into(&mut scene.command);
            }
        }
        scene
    }

    fn prepare(&self, mail: &[Letter], commands: &[&str]) {
        let house = House::on(self, self.home.path().to_owned(), mail);
        for command in commands {
            let ran = house.run(command, None);
            assert_eq!(ran.code, Some(0), "{command}: {}", ran.error);
        }
    }

    fn uidls_of_staged(&self) -> Vec<Vec<u8>> {
        let store = poppet::store::Store::open(&self.home.path().join(STORE)).unwrap();
        let rows = store.pending(&[]).wait().unwrap();
        store.close().unwrap();
        assert_eq!(rows.len(), 2);
        let lines = rows.iter().flat_map(|row| &row.ledger);
        lines.map(|line| line.remote.as_bytes().to_vec()).collect()
    }

    /// The home, copied, and a server with all the mail.
    pub(crate) fn house(&self) -> House<'_> {
        let folder = scratch();
        copy(self.home.path(), folder.path());
        let mut house = House::on(self, folder.path().to_owned(), &self.mail[self.away..]);
        house.folder = Some(folder);
        house
    }

    /// A home with these files in its data folder, and a server with this mail.
    pub(crate) fn house_with(&self, fill: impl FnOnce(&Path), mail: &[Letter]) -> House<'_> {
        let folder = scratch();
        std::fs::create_dir_all(folder.path().join("config/poppet")).unwrap();
        std::fs::create_dir_all(folder.path().join("data")).unwrap();
        fill(&folder.path().join("data"));
        let mut house = House::on(self, folder.path().to_owned(), mail);
        house.folder = Some(folder);
        house
    }
}

/// A home, and the server of its account.
pub(crate) struct House<'s> {
    pub(crate) scene: &'s Scene,
    pub(crate) server: Server,
    pub(crate) path: PathBuf,
    folder: Option<TempDir>,
}

impl<'s> House<'s> {
    fn on(scene: &'s Scene, path: PathBuf, mail: &[Letter]) -> Self {
        let _inside = scene.runtime.enter();
        let mut options = ServerOptions::new(drop_with(mail));
        options.quirks = scene.errand.quirks();
        let server = Server::start(options).unwrap();
        let port = server.address().port();
        let text = format!(
            "[accounts.home]\nemail = \"home@demo.example\"\n\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {port}\n\
             tls = \"none\"\nuser = \"demo\"\npassword = {{ command = [\"printf\", \"demo\"] }}\n\n{}",
            scene.errand.settings()
        );
        std::fs::write(path.join("config/poppet/config.toml"), text).unwrap();
        Self {
            scene,
            server,
            path,
            folder: None,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(crate) fn store_file(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// Runs the program, with faults if there are any; `line` is cut at spaces.
    pub(crate) fn run(&self, line: &str, faults: Option<&Faults>) -> Ran {
        let (mut command, file) = self.command(line);
        if let Some(faults) = faults {
            assert!(faults.put_before(&mut command, &file), "there is a shim");
        }
        let output = finish(&mut command);
        Ran::new(&output, faults.map(|_| report(&file)).unwrap_or_default())
    }

    /// The program, and where a report of it goes.
    pub(crate) fn command(&self, line: &str) -> (Command, PathBuf) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_poppet"));
        command
            .args(line.split_whitespace())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.path)
            .env("TZ", "UTC")
            .current_dir(&self.path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for (name, place) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
        ] {
            command.env(name, self.path.join(place));
        }
        (command, self.path.join("report"))
    }

    /// Faults of the files of this house.
    pub(crate) fn faults(&self) -> Faults {
        Faults::watch(&self.data())
    }

    /// Waits until the server has seen every session end.
    pub(crate) fn settle(&self) {
        let idle = async {
            let idle = self.server.maildrop().idle();
            tokio::time::timeout(LIMIT, idle).await
        };
        self.scene
            .runtime
            .block_on(idle)
            .expect("no session is left open");
    }
}

/// Waits for the end of a program, which must come.
pub(crate) fn finish(command: &mut Command) -> Output {
    let child = command.spawn().unwrap();
    let pid = child.id();
    let waiting = std::thread::spawn(move || child.wait_with_output().unwrap());
    if until(LIMIT, || waiting.is_finished().then_some(())).is_none() {
        crate::support::run::signal(pid, rustix::process::Signal::KILL);
        panic!("{command:?} did not end within {LIMIT:?}");
    }
    waiting.join().unwrap()
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The exit status; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
    pub(crate) error: String,
    pub(crate) report: Vec<Entry>,
}

impl Ran {
    pub(crate) fn new(output: &Output, report: Vec<Entry>) -> Self {
        Self {
            code: output.status.code(),
            text: String::from_utf8_lossy(&output.stdout).into_owned(),
            error: String::from_utf8_lossy(&output.stderr).into_owned(),
            report,
        }
    }
}

/// Six messages: short ones, one with lines of dots, one of eight bits, and one that takes many pages.
pub(crate) fn mail() -> Vec<Letter> {
    let bodies: [Vec<u8>; 6] = [
        b"high water at nine\r\n".to_vec(),
        b".\r\n..\r\n.leading dot\r\n\r\n.\r\n".to_vec(),
        b"the lamp is lit\r\n".repeat(120),
        (0..600_u32)
            .flat_map(|line| format!("line {line}: wind from the west\r\n").into_bytes())
            .collect(),
        vec![b'J', 0xfc, b'r', b'g', b'e', b'n', b'\r', b'\n'],
        b"no more today\r\n".to_vec(),
    ];
    let letter = |(number, body): (usize, Vec<u8>)| {
        let head = format!(
            "Message-ID: <{number}.tide@lighthouse.example>\r\nDate: {} Oct 2026 09:00:00 +0000\r\n\
             From: Keeper <keeper@lighthouse.example>\r\nTo: Sam <sam@example.net>\r\nSubject: Tide table {number}\r\n\r\n",
            number + 1
        );
        (
            format!("tide-{number}").into_bytes(),
            [head.into_bytes(), body].concat(),
        )
    };
    bodies.into_iter().enumerate().map(letter).collect()
}

/// A maildrop with this mail.
fn drop_with(mail: &[Letter]) -> Maildrop {
    let maildrop = Maildrop::new(Vec::new());
    for (uidl, octets) in mail {
        maildrop.deliver_as(uidl, octets.clone());
    }
    maildrop
}

/// A folder that goes away, in memory where that can be had: what a disk loses is decided by `Disk`, not by a disk.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("poppet-system-");
    match builder.tempdir_in(memory) {
        Ok(folder) => folder,
        Err(_) => builder.tempdir().unwrap(),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// Seconds of a day that are not over.
const SHORT: u32 = 3_600;
const STORE: &str = "data/poppet/mail.db";
const LIMIT: Duration = Duration::from_mins(1);

//! Programs that fetch mail, run as a person runs them: from their start to their end, in an empty home.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use serde_json::Value;
use tempfile::TempDir;

use crate::post::USER;
use crate::process;
use crate::support::home::PASSWORD;
use crate::support::real::program;

/// How a client reaches the server.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) port: u16,
    /// With TLS from the first octet on, and who signed the certificate.
    pub(crate) authority: Option<PathBuf>,
}

/// A disk that is slower than the one here is, for every client.
#[derive(Debug)]
pub(crate) struct SlowDisk {
    library: PathBuf,
    microseconds: AtomicU64,
    _folder: TempDir,
}

static SLOW_DISK: OnceLock<SlowDisk> = OnceLock::new();

impl SlowDisk {
    /// From now on each flush takes so many milliseconds longer, for all clients alike.
    pub(crate) fn pretend(milliseconds: f64) {
        let disk = SLOW_DISK.get_or_init(Self::new);
        let microseconds = (milliseconds * 1_000.0) as u64;
        disk.microseconds.store(microseconds, Ordering::Relaxed);
    }

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let library = folder.path().join("slow_disk.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/line/slow_disk.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-O2", "-shared", "-fPIC", "-o"]);
        compiler.arg(&library).arg(source).arg("-ldl");
        assert!(compiler.status().expect("a C compiler").success());
        Self {
            library,
            microseconds: AtomicU64::new(0),
            _folder: folder,
        }
    }
}

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Took {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time, of all threads.
    pub(crate) worked: f64,
}

/// poppet with an account of its own, and a store that is kept from run to run.
pub(crate) struct Poppet {
    folder: TempDir,
}

impl Poppet {
    pub(crate) fn new(door: &Door) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tls = door.authority.as_ref().map_or_else(
            || "tls = \"none\"".to_owned(),
            |file| format!("tls = \"implicit\"\nca_file = \"{}\"", file.display()),
        );
        let config = format!(
            "[accounts.home]\nemail = \"sam@demo.example\"\n[accounts.home.pop3]\nhost = \"127.0.0.1\"\nport = {}\n{tls}\n\
             user = \"{USER}\"\npassword = {{ command = [\"echo\", \"{PASSWORD}\"] }}\n",
            door.port
        );
        fs::write(folder.path().join("config.toml"), config).expect("write the configuration");
        Self { folder }
    }

    /// `poppet sync`, with what its last line says.
    pub(crate) fn sync(&self, more: &[&str]) -> (Took, Value) {
        let mut command = bare(Path::new(env!("CARGO_BIN_EXE_poppet")), self.folder.path());
        command
            .arg("--config")
            .arg(self.folder.path().join("config.toml"));
        command
            .arg("--data-dir")
            .arg(self.folder.path().join("data"));
        command.args(["sync", "--json"]).args(more);
        let said = self.folder.path().join("said");
        command.stdout(fs::File::create(&said).expect("a file"));
        let took = run(command);
        let said = fs::read_to_string(said).expect("what it said");
        let last = said.lines().last().unwrap_or_default();
        (took, serde_json::from_str(last).expect("an object"))
    }
}

/// mpop, which delivers to a Maildir and makes every message durable; `None` where it is not installed.
pub(crate) fn mpop(door: &Door, messages: u32) -> Option<(Took, TempDir)> {
    let binary = program("mpop")?;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let home = folder.path();
    for part in ["cur", "new", "tmp"] {
        fs::create_dir_all(home.join("Maildir").join(part)).expect("a Maildir");
    }
    let tls = door.authority.as_ref().map_or_else(
        || "tls off\n".to_owned(),
        |file| {
            format!(
                "tls on\ntls_starttls off\ntls_trust_file {}\n",
                file.display()
            )
        },
    );
    let settings = format!(
        "account default\nhost localhost\nport {}\nuser {USER}\npassword {PASSWORD}\nauth user\nkeep on\n{tls}\
         delivery maildir {home}/Maildir\nuidls_file {home}/uidls\npipelining auto\nreceived_header off\n",
        door.port,
        home = home.display()
    );
    let file = home.join("mpoprc");
    fs::write(&file, settings).expect("write mpop's configuration");
    fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).expect("for us alone");
    let mut command = bare(&binary, home);
    command.arg("-C").arg(&file).arg("-q");
    let took = run(command);
    let delivered = fs::read_dir(home.join("Maildir/new"))
        .expect("a Maildir")
        .count();
    assert_eq!(delivered, messages as usize, "mpop delivers everything");
    Some((took, folder))
}

/// `mu index` of what mpop delivered; `None` where it is not installed.
pub(crate) fn mu(delivered: &TempDir) -> Option<Took> {
    let binary = program("mu")?;
    let home = delivered.path();
    let database = home.join("mu");
    let mut command = bare(&binary, home);
    command.args(["init", "--quiet"]);
    command.arg(format!("--muhome={}", database.display()));
    command.arg(format!("--maildir={}", home.join("Maildir").display()));
    run(command);
    let mut command = bare(&binary, home);
    command.args(["index", "--quiet"]);
    command.arg(format!("--muhome={}", database.display()));
    Some(run(command))
}

fn bare(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("XDG_RUNTIME_DIR", home)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    if let Some(disk) = SLOW_DISK.get() {
        let microseconds = disk.microseconds.load(Ordering::Relaxed);
        command
            .env("LD_PRELOAD", &disk.library)
            .env("POPPET_FLUSH_US", microseconds.to_string());
    }
    command
}

/// Runs it to its end, which has to be a good one.
fn run(mut command: Command) -> Took {
    let started = Instant::now();
    let mut child = command.spawn().expect("start the program");
    let pid = Pid::from_child(&child);
    // Ended and not yet reaped, it can still be asked how long it worked.
    waitid(
        WaitId::Pid(pid),
        WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
    )
    .expect("wait for it");
    let wall = started.elapsed().as_secs_f64();
    let worked = process::worked_by(child.id());
    let status = child.wait().expect("its end");
    assert!(status.success(), "{command:?} ended with {status}");
    Took { wall, worked }
}

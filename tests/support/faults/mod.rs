//! A system that fails the program: calls that do not work, a death at any step, a wall clock that is wrong, a network that
//! is a trap, and the disk as it may look after the power went.
//!
//! A small C library (`shim.c`) is compiled once and put before the binary by `LD_PRELOAD`, so that it is the real program
//! that is failed, through the calls that it really makes. Linux only.

pub(crate) mod disk;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::real::{program, skip};

/// What goes wrong. By default nothing does, and everything is written down.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults {
    /// The folder whose files are watched. What is done to them, and what is sent, are the steps.
    pub(crate) folder: PathBuf,
    /// A signal before this step.
    pub(crate) signal: Option<(u32, i32)>,
    /// ... and half of what the step writes is written before.
    pub(crate) torn: bool,
    /// Calls that fail.
    pub(crate) failing: Option<Failing>,
    /// By so many seconds the wall clock is wrong, from this step on.
    pub(crate) clock: Option<(i64, u32)>,
    /// Whether the octets that are written and sent are reported.
    pub(crate) octets: bool,
    /// Nothing may connect, nor make a socket of the Internet.
    pub(crate) trap: bool,
}

/// Calls of one class that fail.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Failing {
    pub(crate) calls: Calls,
    /// The first that fails; they are counted from 1.
    pub(crate) at: u32,
    pub(crate) error: Failure,
    /// Whether all that follow fail as well.
    pub(crate) for_good: bool,
}

/// A class of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calls {
    Write,
    Sync,
    Open,
    Truncate,
    /// `unlink`, `rename`, `mkdir`, `rmdir`.
    Names,
    Close,
    Read,
    Map,
    /// All that change anything, and opening to write.
    Changes,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NoSpace,
    Io,
    ReadOnly,
    Access,
    /// Only half of the octets are written, which is no error.
    Short,
}

impl Failure {
    fn number(self) -> i32 {
        use rustix::io::Errno;
        match self {
            Self::NoSpace => Errno::NOSPC.raw_os_error(),
            Self::Io => Errno::IO.raw_os_error(),
            Self::ReadOnly => Errno::ROFS.raw_os_error(),
            Self::Access => Errno::ACCESS.raw_os_error(),
            Self::Short => 0,
        }
    }
}

impl Faults {
    /// Nothing goes wrong with the files below a folder yet.
    pub(crate) fn watch(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            ..Self::default()
        }
    }

    /// Lets `command` run into these faults, and its report go into this file; `false` where that cannot be done, which has
    /// been said then.
    pub(crate) fn put_before(&self, command: &mut Command, report: &Path) -> bool {
        let Some(library) = library() else {
            return false;
        };
        let _ = std::fs::remove_file(report);
        command
            .env("LD_PRELOAD", library)
            .env("FAULTS_REPORT", report);
        if !self.folder.as_os_str().is_empty() {
            command.env("FAULTS_FOLDER", &self.folder);
        }
        if let Some((step, signal)) = self.signal {
            command.env("FAULTS_SIGNAL", format!("{step}:{signal}"));
        }
        if let Some(failing) = self.failing {
            let class = match failing.calls {
                Calls::Write => 'w',
                Calls::Sync => 's',
                Calls::Open => 'o',
                Calls::Truncate => 't',
                Calls::Names => 'u',
                Calls::Close => 'x',
                Calls::Read => 'r',
                Calls::Map => 'm',
                Calls::Changes => 'c',
            };
            let (at, error) = (failing.at, failing.error.number());
            let times = u32::from(!failing.for_good);
            command.env("FAULTS_FAIL", format!("{class}:{at}:{error}:{times}"));
        }
        if let Some((seconds, step)) = self.clock {
            command.env("FAULTS_CLOCK", format!("{seconds}:{step}"));
        }
        for (name, wanted) in [
            ("FAULTS_TEAR", self.torn),
            ("FAULTS_DATA", self.octets),
            ("FAULTS_TRAP", self.trap),
        ] {
            if wanted {
                command.env(name, "1");
            }
        }
        true
    }
}

/// One line of a report.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    /// The step at which it was written down.
    pub(crate) step: u32,
    pub(crate) fd: i32,
    /// Where in the file; for [`Kind::Open`], what it was opened for.
    pub(crate) offset: i64,
    /// So many octets.
    pub(crate) amount: i64,
    /// A path, two of them with a NUL between, or what was written.
    pub(crate) octets: Vec<u8>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Begun,
    Open,
    Close,
    Write,
    Sync,
    /// One that failed: the system takes what it could not write for written, and never tries again.
    SyncFailed,
    Truncate,
    Unlink,
    Rename,
    MakeFolder,
    /// To a peer, or to standard output (`fd` is 1).
    Send,
    /// An attempt to connect, or in a trap also to make a socket of the Internet; `offset` is the family.
    Connect,
    /// A name was asked for.
    Resolve,
    /// A fault that was ordered has come.
    Fault,
    /// The end of the process; `amount` calls were of the class that was to fail.
    Ended,
}

/// What a run reported, in the order in which it happened.
#[track_caller]
pub(crate) fn report(file: &Path) -> Vec<Entry> {
    let octets = std::fs::read(file).unwrap_or_default();
    let mut rest = octets.as_slice();
    let mut entries = Vec::new();
    while let Some((head, behind)) = rest.split_first_chunk::<32>() {
        let small =
            |at: usize| i32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let large =
            |at: usize| i64::from_ne_bytes(head[at..at + 8].try_into().expect("eight octets"));
        let length = small(12) as usize;
        // The last entry of a process that was killed may be cut.
        let Some((own, behind)) = behind.split_at_checked(length) else {
            break;
        };
        entries.push(Entry {
            kind: kind(head[0]),
            step: small(8).cast_unsigned(),
            fd: small(4),
            offset: large(16),
            amount: large(24),
            octets: own.to_vec(),
        });
        rest = behind;
    }
    entries
}

/// Whether a fault that was ordered has come.
pub(crate) fn has_come(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.kind == Kind::Fault)
}

/// How many steps were taken.
pub(crate) fn steps(entries: &[Entry]) -> u32 {
    entries.iter().map(|entry| entry.step).max().unwrap_or(0)
}

/// Lets `command` run where nothing may connect; the attempts are [`attempts`] of the report. `false` where that cannot be
/// had, which has been said then.
pub(crate) fn trap(command: &mut Command, report: &Path) -> bool {
    let faults = Faults {
        trap: true,
        ..Faults::default()
    };
    faults.put_before(command, report)
}

/// Each attempt of a trapped run to reach something: `connect`, a socket of the Internet, a name.
///
/// Fails when the trap was not in place.
#[track_caller]
pub(crate) fn attempts(report: &Path) -> Vec<String> {
    let entries = self::report(report);
    assert!(
        entries.iter().any(|entry| entry.kind == Kind::Begun),
        "the trap was not set"
    );
    let made = |entry: &Entry| match entry.kind {
        Kind::Connect => Some(format!("a connection or socket, family {}", entry.offset)),
        Kind::Resolve => Some(format!(
            "the name {}",
            String::from_utf8_lossy(&entry.octets)
        )),
        _ => None,
    };
    entries.iter().filter_map(made).collect()
}

fn kind(letter: u8) -> Kind {
    match letter {
        b'B' => Kind::Begun,
        b'o' => Kind::Open,
        b'c' => Kind::Close,
        b'w' => Kind::Write,
        b's' => Kind::Sync,
        b'l' => Kind::SyncFailed,
        b't' => Kind::Truncate,
        b'u' => Kind::Unlink,
        b'v' => Kind::Rename,
        b'm' => Kind::MakeFolder,
        b'n' => Kind::Send,
        b'C' => Kind::Connect,
        b'G' => Kind::Resolve,
        b'F' => Kind::Fault,
        b'E' => Kind::Ended,
        other => panic!("not an entry of a report: {other}"),
    }
}

/// The compiled library, made once for all tests of a process.
fn library() -> Option<&'static Path> {
    static LIBRARY: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = LIBRARY.get_or_init(|| match compile() {
        Ok(library) => Some(library),
        Err(why) => {
            eprintln!("no shim: {why}");
            None
        }
    });
    if made.is_none() {
        skip(
            "cc on Linux",
            "the shim between program and system cannot be built",
        );
    }
    made.as_deref()
}

fn compile() -> Result<PathBuf, String> {
    if !cfg!(all(
        target_os = "linux",
        any(target_arch = "x86_64", target_arch = "aarch64")
    )) {
        return Err("another system".to_owned());
    }
    let cc = program("cc").ok_or("there is no cc")?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/faults/shim.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults.so");
    let own = library.with_extension(std::process::id().to_string());
    let output = Command::new(cc)
        .args(["-O1", "-Wall", "-shared", "-fPIC", "-o"])
        .arg(&own)
        .arg(&source)
        .args(["-ldl", "-pthread"])
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    // Other test processes may be using the old one.
    std::fs::rename(&own, &library).map_err(|error| error.to_string())?;
    Ok(library)
}

//! The log file: what poppet did, without mail and without addresses.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::mail::{Kind, Problem};

/// Starts to log into `path`: warnings and the course of events, more with each `-v`, or what `POPPET_LOG` says.
///
/// A log that cannot be written is done without; a filter that cannot be read is a problem.
pub fn start(path: &Path, verbose: u8) -> Result<(), Problem> {
    let filter = filter(verbose, std::env::var("POPPET_LOG").ok().as_deref())?;
    let file = Mutex::new(Log::new(path.to_owned(), LIMIT));
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(file);
    let _ = tracing_subscriber::registry()
        .with(layer)
        .with(filter)
        .try_init();
    Ok(())
}

fn filter(verbose: u8, wanted: Option<&str>) -> Result<Targets, Problem> {
    if let Some(wanted) = wanted.filter(|wanted| !wanted.trim().is_empty()) {
        return wanted.parse().map_err(|_| {
            Problem::new(
                Kind::Config,
                "POPPET_LOG cannot be understood",
                "it is no list of targets and levels",
                "Write it like this: POPPET_LOG=poppet=debug or POPPET_LOG=poppet::backend=trace",
            )
        });
    }
    let level = match verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    Ok(Targets::new().with_target("poppet", level))
}

/// A file that is put aside when it has grown large. It is made when there is something to write.
struct Log {
    path: PathBuf,
    limit: u64,
    file: Option<(File, u64)>,
    failed: bool,
}

impl Log {
    fn new(path: PathBuf, limit: u64) -> Self {
        Self {
            path,
            limit,
            file: None,
            failed: false,
        }
    }

    fn open(&mut self) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            private_folder(folder)?;
        }
        if fs::metadata(&self.path).is_ok_and(|found| found.len() >= self.limit) {
            self.rotate()?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path)?;
        let length = file.metadata()?.len();
        self.file = Some((file, length));
        Ok(())
    }

    /// `poppet.log` becomes `poppet.log.1`, that becomes `poppet.log.2`, and what was that is gone.
    fn rotate(&self) -> io::Result<()> {
        let kept = |number: u8| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..KEPT).rev() {
            match fs::rename(kept(number), kept(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, kept(1))
    }

    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        if self
            .file
            .as_ref()
            .is_some_and(|(_, length)| *length >= self.limit)
        {
            self.file = None;
        }
        if self.file.is_none() {
            self.open()?;
        }
        if let Some((file, length)) = &mut self.file {
            file.write_all(octets)?;
            *length += octets.len() as u64;
        }
        Ok(())
    }
}

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        // Logging is no reason to fail, nor to try a full disk again for every line.
        if !self.failed {
            self.failed = self.append(octets).is_err();
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Octets after which a new file is begun.
const LIMIT: u64 = 1_000_000;
/// Old files that are kept.
const KEPT: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_has_grown_large_is_put_aside_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("poppet.log");
        let mut log = Log::new(path.clone(), 10);
        for number in 0..6 {
            log.write_all(format!("line number {number}\n").as_bytes())
                .unwrap();
        }
        let read = |ending: &str| {
            fs::read_to_string(
                folder
                    .path()
                    .join("state")
                    .join(format!("poppet.log{ending}")),
            )
            .ok()
        };
        assert_eq!(read("").as_deref(), Some("line number 5\n"));
        assert_eq!(read(".1").as_deref(), Some("line number 4\n"));
        assert_eq!(read(".3").as_deref(), Some("line number 2\n"));
        assert_eq!(read(".4"), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_log_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state").join("poppet.log");
        Log::new(path.clone(), 10).write_all(b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            (mode(&path), mode(&folder.path().join("state"))),
            (0o600, 0o700)
        );
    }

    #[test]
    fn a_log_that_cannot_be_written_is_done_without() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::new(folder.path().to_owned(), 10);
        assert!(log.write_all(b"x").is_ok());
    }

    #[test]
    fn the_filter_is_what_was_asked_for() {
        assert_eq!(filter(0, None).unwrap().to_string(), "poppet=info");
        assert_eq!(filter(2, Some("")).unwrap().to_string(), "poppet=trace");
        assert_eq!(
            filter(0, Some("poppet::backend=debug"))
                .unwrap()
                .to_string(),
            "poppet::backend=debug"
        );
        assert_eq!(
            filter(0, Some("poppet=loud")).unwrap_err().kind,
            Kind::Config
        );
    }
}

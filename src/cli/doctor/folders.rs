//! The places on the disk: whether they are private, and whether what is not there yet could be made.

use std::io;
use std::path::Path;

use super::Visit;
use crate::cli::mirror;
use crate::cli::stop::Stop;
use crate::config::Config;
use crate::mail::{Kind, Problem};

impl Visit<'_> {
    /// Whether there is a store, or could be one.
    pub(super) fn folders(&mut self) -> Result<bool, Stop> {
        let (folder, store) = (
            self.context.paths.data_dir.clone(),
            self.context.paths.store(),
        );
        let log = self.context.paths.log();
        let could_be = self.place("mail", &folder, |error| cannot_be_made(&folder, error))?
            // Where there can be no folder, that is all there is to tell.
            && self.place("store", &store, |error| cannot_be_made(&store, error))?;
        match (open_to_others(&log), makes(&log)) {
            (None, Err(error)) => {
                let what = format!("{} cannot be made: {error}", log.display());
                self.warn(
                    "log",
                    &what,
                    "poppet works without it. Check who owns the folder.",
                )?;
            }
            (privacy, _) => self.privacy("log", &log, privacy)?,
        }
        Ok(could_be)
    }

    /// Whether this place is there, or could be.
    fn place(
        &mut self,
        check: &str,
        path: &Path,
        problem: impl Fn(&io::Error) -> Problem,
    ) -> Result<bool, Stop> {
        let privacy = open_to_others(path);
        if privacy.is_none()
            && let Err(error) = makes(path)
        {
            self.fail(check, &problem(&error))?;
            return Ok(false);
        }
        self.privacy(check, path, privacy)?;
        Ok(true)
    }

    fn privacy(&self, check: &str, path: &Path, open: Option<bool>) -> Result<(), Stop> {
        let name = path.display().to_string();
        match open {
            None => self.well(check, &format!("{name} is not there yet")),
            Some(false) => self.well(check, &format!("{name}, yours alone")),
            Some(true) => {
                let remedy = format!("Run: chmod go-rwx {name}");
                self.warn(check, &format!("{name} can be read by others"), &remedy)
            }
        }
    }

    /// The live copy: each account's Maildir takes messages, or could be made.
    pub(super) fn mirror(&mut self, config: &Config) -> Result<(), Stop> {
        let Some(root) = &config.mirror else {
            return Ok(());
        };
        for account in &config.accounts {
            let place = root.join(account.id.as_str());
            // What is delivered is written there first.
            if let Err(error) = makes(&place.join("tmp").join("message")) {
                return self.fail("mirror", &mirror::failed(&place, &error));
            }
        }
        self.well("mirror", &format!("{} takes mail", root.display()))
    }
}

fn cannot_be_made(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Store,
        "The mail store cannot be made",
        format!("{} is not there, and {error}", path.display()),
        "Check who owns the folder and whether the disk has room, or choose another with --data-dir.",
    )
}

/// Whether this could be made: something is, in the deepest folder above it that is there, and taken away again. Rights alone
/// do not tell: there are disks that are read-only, and folders in which nobody can make anything.
fn makes(path: &Path) -> io::Result<()> {
    let path = std::path::absolute(path)?;
    let mut above = path.ancestors().skip(1);
    let folder = above
        .find(|folder| folder.symlink_metadata().is_ok())
        .unwrap_or(&path);
    let made = tempfile::Builder::new()
        .prefix(".poppet-doctor-")
        .tempdir_in(folder);
    made.and_then(tempfile::TempDir::close).map_err(|error| {
        let kind = error.kind();
        let why = format!("nothing can be made in {}: {kind}", folder.display());
        io::Error::new(kind, why)
    })
}

/// Whether a file can be read by others; `None` when there is none.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(mode & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(path: &Path) -> Option<bool> {
    std::fs::metadata(path).ok().map(|_| false)
}

//! One poppet at a time talks to an account's server.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::error::Error;
use crate::mail::{AccountId, Kind, Problem, Retry};

/// Held as long as it lives; the system releases it if the process dies.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    /// A program that is being started at this very moment shares what is open here until it runs: closing the file would
    /// leave the lock with it.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

impl Lock {
    /// Takes the account's lock, or says who has it.
    pub(super) fn take(folder: &Path, account: &AccountId) -> Result<Self, Error> {
        let path = folder.join(format!("{account}.lock"));
        let unusable = |error: &std::io::Error| {
            Error::Told(Problem::new(
                Kind::Store,
                "The lock file cannot be used",
                format!("{}: {error}", path.display()),
                "Check that the data folder can be written and the disk is not full.",
            ))
        };
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|error| unusable(&error))?;
        if std::fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
            return Err(Error::Told(linked(&path)));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // Also of a link that is put there only now.
            let flags = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
            options.mode(0o600).custom_flags(flags);
        }
        let mut file = options.open(&path).map_err(|error| unusable(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Told(held(&mut file, account))),
            Err(TryLockError::Error(error)) => return Err(unusable(&error)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()));
        written.map_err(|error| unusable(&error))?;
        Ok(Self { file })
    }
}

/// What the file holds is overwritten: it has to be ours, and not what a link leads to.
fn linked(path: &Path) -> Problem {
    Problem::new(
        Kind::Store,
        "The lock file is a link",
        format!(
            "{} leads to another file, which would be overwritten",
            path.display()
        ),
        "Remove the link. What it leads to has not been touched.",
    )
}

fn held(file: &mut File, account: &AccountId) -> Problem {
    let mut pid = String::new();
    let known = file.take(20).read_to_string(&mut pid).is_ok() && pid.trim().parse::<u32>().is_ok();
    let who = if known {
        format!("process {}", pid.trim())
    } else {
        "another process".to_owned()
    };
    Problem::new(
        Kind::Network,
        "Another poppet is talking to the server",
        format!("{who} works on the account {account}"),
        "Reading goes on meanwhile. Wait until it is done, or end it.",
    )
    .with_retry(Retry::After(std::time::Duration::from_secs(30)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f15_a_second_taker_is_told_who_has_the_lock_until_it_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let home = AccountId::new("home").unwrap();
        let first = Lock::take(folder.path(), &home).unwrap();
        let Err(Error::Told(problem)) = Lock::take(folder.path(), &home) else {
            panic!("taken twice")
        };
        assert!(
            problem.why.contains(&std::process::id().to_string()),
            "{}",
            problem.why
        );
        assert!(Lock::take(folder.path(), &AccountId::new("work").unwrap()).is_ok());
        drop(first);
        assert!(Lock::take(folder.path(), &home).is_ok());
    }

    #[cfg(unix)]
    #[test]
    fn v30_a_lock_file_that_is_a_link_is_refused_and_what_it_leads_to_is_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let home = AccountId::new("home").unwrap();
        let diary = folder.path().join("diary");
        std::fs::write(&diary, "dear diary").unwrap();
        for target in [diary.clone(), folder.path().join("missing")] {
            let path = folder.path().join("home.lock");
            std::os::unix::fs::symlink(&target, &path).unwrap();
            let Err(Error::Told(problem)) = Lock::take(folder.path(), &home) else {
                panic!("taken through a link")
            };
            assert_eq!(problem.what, "The lock file is a link");
            std::fs::remove_file(path).unwrap();
        }
        assert_eq!(std::fs::read(&diary).unwrap(), b"dear diary");
        assert!(!folder.path().join("missing").exists());
        assert!(Lock::take(folder.path(), &home).is_ok());
    }

    #[test]
    fn f15_a_lock_that_is_given_up_is_free_although_another_process_still_shares_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let home = AccountId::new("home").unwrap();
        let first = Lock::take(folder.path(), &home).unwrap();
        let _shared = first.file.try_clone().unwrap();
        drop(first);
        assert!(Lock::take(folder.path(), &home).is_ok());
    }
}

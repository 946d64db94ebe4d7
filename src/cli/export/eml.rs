//! A folder with a file for each message: `0017-re-the-engine.eml`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{private_folder, sync_folder};
use crate::mail::{MessageSummary, safe};

/// A folder for `.eml` files.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        private_folder(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// Writes the message, unless a file of its name has the same octets. A name that another message has gets a number.
    pub(super) fn add(&mut self, message: &MessageSummary, octets: &[u8]) -> io::Result<bool> {
        for attempt in 1..=MOST_NAMES {
            let path = self.0.join(name(message, attempt));
            if is_same(&path, octets)? {
                return Ok(false);
            }
            if path.symlink_metadata().is_ok() {
                continue;
            }
            let mut file = tempfile::Builder::new()
                .prefix(".poppet-")
                .tempfile_in(&self.0)?;
            file.write_all(octets)?;
            file.as_file().sync_all()?;
            // Fails when something has appeared under the name meanwhile: then that is looked at instead.
            match file.persist_noclobber(&path) {
                Ok(_) => return Ok(true),
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error.error),
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "too many files of one name",
        ))
    }

    pub(super) fn finish(self) -> io::Result<()> {
        sync_folder(&self.0)
    }
}

fn is_same(path: &Path, octets: &[u8]) -> io::Result<bool> {
    match fs::metadata(path) {
        Ok(found) if found.is_file() && found.len() == octets.len() as u64 => {
            Ok(fs::read(path)? == octets)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn name(message: &MessageSummary, attempt: u32) -> String {
    let mut slug = String::new();
    for c in message.subject.chars().flat_map(char::to_lowercase) {
        if slug.chars().count() >= LONGEST {
            break;
        }
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = match slug.trim_end_matches('-') {
        "" => "no-subject",
        slug => slug,
    };
    let number = if attempt > 1 {
        format!("-{attempt}")
    } else {
        String::new()
    };
    safe::file_name(&format!("{:04}-{slug}{number}.eml", message.id.0))
}

/// Characters of a subject in a name.
const LONGEST: usize = 40;
const MOST_NAMES: u32 = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str) -> MessageSummary {
        let mut row = crate::cli::export::testing::row();
        row.subject = subject.to_owned();
        row
    }

    #[test]
    fn names_are_made_of_number_and_subject() {
        for (subject, wanted) in [
            ("Re: The Engine / plans", "0017-re-the-engine-plans.eml"),
            ("来週の会議について", "0017-来週の会議について.eml"),
            ("../../etc/passwd", "0017-etc-passwd.eml"),
            ("", "0017-no-subject.eml"),
        ] {
            assert_eq!(name(&row(subject), 1), wanted);
        }
        assert_eq!(name(&row("a"), 2), "0017-a-2.eml");
    }

    #[test]
    fn the_same_message_is_written_once_and_another_beside_it() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::open(place.path()).unwrap();
        assert!(folder.add(&row("a"), b"one").unwrap());
        assert!(!folder.add(&row("a"), b"one").unwrap());
        assert!(folder.add(&row("a"), b"two").unwrap());
        assert!(!folder.add(&row("a"), b"two").unwrap());
        let read = |name: &str| fs::read(place.path().join(name)).unwrap();
        assert_eq!(
            (read("0017-a.eml"), read("0017-a-2.eml")),
            (b"one".to_vec(), b"two".to_vec())
        );
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 2);
    }
}

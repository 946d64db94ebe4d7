//! Attachments on their way to the disk.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::mail::{Kind, MessageId, Problem};
use crate::mime;

/// Writes MIME parts of a message into a folder, all attachments when `parts` is empty. Nothing is overwritten: a name
/// that is taken gets a number. The files are the user's alone (0600).
pub(super) fn save(
    id: MessageId,
    octets: &[u8],
    parts: &[u32],
    folder: &Path,
) -> Result<Vec<PathBuf>, Problem> {
    let wanted: Vec<u32> = if parts.is_empty() {
        mime::attachments(octets)
            .iter()
            .filter(|found| !found.inline)
            .map(|found| found.part)
            .collect()
    } else {
        parts.to_vec()
    };
    if wanted.is_empty() {
        return Err(Problem::new(
            Kind::Config,
            "There is nothing to save",
            format!("Message {id} has no attachments."),
            "`poppet show ID --raw` gives the whole message.",
        ));
    }
    let mut files = Vec::with_capacity(wanted.len());
    for part in wanted {
        let Some((attachment, content)) = mime::attachment(octets, part) else {
            return Err(Problem::new(
                Kind::Config,
                "There is no such part",
                format!("Message {id} has no part {part}."),
                "`poppet attachments ID` lists the parts that there are.",
            ));
        };
        let path = write_new(folder, &attachment.file_name, &content).map_err(|error| {
            Problem::new(
                Kind::Store,
                "The attachment could not be saved",
                format!("{}: {error}", folder.display()),
                "Choose a folder that you may write to, with room on its disk.",
            )
        })?;
        files.push(path);
    }
    Ok(files)
}

/// Makes temporary folders for their owner alone, whatever the umask is.
pub(super) fn private(prefix: &str) -> tempfile::Builder<'_, '_> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder
}

/// Creates a file that did not exist, following no link that waits under its name.
fn write_new(folder: &Path, name: &str, content: &[u8]) -> io::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for attempt in 0..MOST_NAMES {
        let path = folder.join(numbered(name, attempt));
        match options.open(&path) {
            Ok(mut file) => {
                let written = file.write_all(content).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    let _ = std::fs::remove_file(&path);
                    return Err(error);
                }
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "too many files of this name",
    ))
}

/// `report.pdf`, `report (2).pdf`, `report (3).pdf`.
fn numbered(name: &str, attempt: u32) -> String {
    if attempt == 0 {
        return name.to_owned();
    }
    let count = attempt + 1;
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => format!("{stem} ({count}).{ending}"),
        _ => format!("{name} ({count})"),
    }
}

const MOST_NAMES: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v18_a_file_that_is_there_is_never_overwritten_nor_followed() {
        let folder = tempfile::tempdir().unwrap();
        let first = write_new(folder.path(), "a.txt", b"1").unwrap();
        let second = write_new(folder.path(), "a.txt", b"2").unwrap();
        assert_eq!(second.file_name().unwrap(), "a (2).txt");
        assert_eq!(std::fs::read(first).unwrap(), b"1");
        #[cfg(unix)]
        {
            let target = folder.path().join("target");
            std::os::unix::fs::symlink(&target, folder.path().join("link")).unwrap();
            let written = write_new(folder.path(), "link", b"3").unwrap();
            assert_eq!(written.file_name().unwrap(), "link (2)");
            assert!(!target.exists());
        }
    }

    #[test]
    fn names_are_numbered_before_their_ending() {
        assert_eq!(numbered("a.tar.gz", 1), "a.tar (2).gz");
        assert_eq!(numbered("README", 2), "README (3)");
    }
}

//! Reading a Maildir: a file for each message, in `cur` and in `new`, with its flags in its name.

use std::io;
use std::path::{Path, PathBuf};

use crate::mail::Flags;

/// Whether a folder is a Maildir.
pub(super) fn is_one(folder: &Path) -> bool {
    folder.join("cur").is_dir() && folder.join("new").is_dir()
}

/// The files of its messages, and how many links there are beside them. What is in `tmp` was never finished.
pub(super) fn files(folder: &Path) -> io::Result<(Vec<PathBuf>, u64)> {
    let (mut files, mut links) = (Vec::new(), 0);
    for part in ["new", "cur"] {
        for entry in std::fs::read_dir(folder.join(part))? {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type()?;
            if !hidden && kind.is_file() {
                files.push(entry.path());
            }
            // It may lead anywhere, to what is no mail.
            links += u64::from(!hidden && kind.is_symlink());
        }
    }
    Ok((files, links))
}

/// The flags in a name such as `1700000000.M1P2.host:2,FRS`, and whether it is thrown away. Windows has `;` for `:`.
pub(super) fn flags(name: &str) -> (Flags, bool) {
    let info = name
        .rsplit_once(":2,")
        .or_else(|| name.rsplit_once(";2,"))
        .map_or("", |(_, info)| info);
    let has = |letter| info.contains(letter);
    let flags = Flags::default()
        .with(Flags::SEEN, has('S'))
        .with(Flags::STARRED, has('F'))
        .with(Flags::ANSWERED, has('R'));
    (flags, has('T'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_come_from_the_name() {
        let all = Flags::default()
            .with(Flags::SEEN, true)
            .with(Flags::STARRED, true)
            .with(Flags::ANSWERED, true);
        assert_eq!(flags("17.x.host:2,FRS"), (all, false));
        assert_eq!(flags("17.x.host;2,FRS"), (all, false));
        assert_eq!(flags("17.x.host:2,T"), (Flags::default(), true));
        for none in ["17.x.host", "17.x.host:2,", "FRST.eml", ""] {
            assert_eq!(flags(none), (Flags::default(), false), "{none}");
        }
    }

    #[test]
    fn what_is_not_finished_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        for part in ["tmp", "new", "cur"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
            std::fs::write(folder.path().join(part).join("1"), "x").unwrap();
            std::fs::write(folder.path().join(part).join(".index"), "x").unwrap();
        }
        assert!(is_one(folder.path()));
        let (found, _) = files(folder.path()).unwrap();
        assert_eq!(
            found,
            [folder.path().join("new/1"), folder.path().join("cur/1")]
        );
    }
}

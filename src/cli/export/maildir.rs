//! A Maildir: a file for each message in `cur`, written in `tmp` first.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{private_folder, sync_folder};
use crate::mail::{Digest, Flags, MessageSummary};

/// A Maildir and what is in it.
#[derive(Debug)]
pub(in crate::cli) struct Maildir {
    folder: PathBuf,
    /// The digests in the names of its files.
    present: HashSet<String>,
}

impl Maildir {
    /// Makes or opens it. A folder that holds other things is refused.
    pub(in crate::cli) fn open(folder: &Path) -> io::Result<Self> {
        let is_maildir = folder.join("cur").is_dir();
        if folder.exists() && !is_maildir && fs::read_dir(folder)?.next().is_some() {
            return Err(io::Error::other("it holds other things and is no Maildir"));
        }
        for part in ["tmp", "new", "cur"] {
            private_folder(&folder.join(part))?;
        }
        let mut present = HashSet::new();
        for part in ["new", "cur"] {
            for entry in fs::read_dir(folder.join(part))? {
                present.extend(digest_in(&entry?.file_name().to_string_lossy()));
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            present,
        })
    }

    /// Whether it has this message, wherever another program moved it and whatever flags it has there.
    pub(super) fn has(&self, message: &MessageSummary) -> bool {
        message
            .sha256
            .is_some_and(|digest| self.present.contains(&digest.to_string()))
    }

    /// Writes a message into `cur`, unless it is there. Whether it was written.
    pub(super) fn add(&mut self, message: &MessageSummary, octets: &[u8]) -> io::Result<bool> {
        let info = format!("{INFO}{}", flags(message.flags));
        self.put(message, octets, "cur", &info)
    }

    /// Delivers a message: into `new` where other programs look for new mail, or into `cur` when it has flags. Its name
    /// is durable when this returns.
    pub(in crate::cli) fn deliver(
        &mut self,
        message: &MessageSummary,
        octets: &[u8],
    ) -> io::Result<bool> {
        let flags = flags(message.flags);
        let (part, info) = if flags.is_empty() {
            ("new", String::new())
        } else {
            ("cur", format!("{INFO}{flags}"))
        };
        let written = self.put(message, octets, part, &info)?;
        if written {
            sync_folder(&self.folder.join(part))?;
        }
        Ok(written)
    }

    fn put(
        &mut self,
        message: &MessageSummary,
        octets: &[u8],
        part: &str,
        info: &str,
    ) -> io::Result<bool> {
        let digest = Digest::of(octets).to_string();
        if self.present.contains(&digest) {
            return Ok(false);
        }
        let name = format!("{}.{digest}.poppet", message.date.0.max(0));
        // What an interrupted export left under this name was never finished.
        let tmp = self.folder.join("tmp").join(&name);
        match fs::remove_file(&tmp) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&tmp)?;
        let written = file.write_all(octets).and_then(|()| file.sync_all());
        let place = self.folder.join(part).join(format!("{name}{info}"));
        if let Err(error) = written.and_then(|()| fs::rename(&tmp, place)) {
            let _ = fs::remove_file(&tmp);
            return Err(error);
        }
        self.present.insert(digest);
        Ok(true)
    }

    pub(super) fn finish(self) -> io::Result<()> {
        sync_folder(&self.folder.join("cur"))
    }
}

/// The digest in a name that poppet gave: `1764000000.DIGEST.poppet:2,S`.
fn digest_in(name: &str) -> Option<String> {
    let digest = name.split('.').nth(1)?;
    let fits = digest.len() == 64 && digest.bytes().all(|octet| octet.is_ascii_hexdigit());
    fits.then(|| digest.to_owned())
}

/// In ASCII order, as the format wants them.
fn flags(flags: Flags) -> String {
    [
        (Flags::STARRED, 'F'),
        (Flags::ANSWERED, 'R'),
        (Flags::SEEN, 'S'),
    ]
    .into_iter()
    .filter(|(flag, _)| flags.has(*flag))
    .map(|(_, letter)| letter)
    .collect()
}

/// Windows has no colon in file names; programs there take a semicolon.
const INFO: &str = if cfg!(windows) { ";2," } else { ":2," };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_gives_its_digest_back_also_when_flags_were_changed() {
        let digest = Digest::of(b"x").to_string();
        assert_eq!(
            digest_in(&format!("17.{digest}.poppet:2,FS")),
            Some(digest.clone())
        );
        assert_eq!(digest_in(&format!("17.{digest}.poppet")), Some(digest));
        for other in ["", "1700000000.M1P2.host:2,S", "x"] {
            assert_eq!(digest_in(other), None, "{other}");
        }
    }

    #[test]
    fn flags_stand_in_ascii_order() {
        let all = Flags::default()
            .with(Flags::SEEN, true)
            .with(Flags::ANSWERED, true)
            .with(Flags::STARRED, true);
        assert_eq!(flags(all), "FRS");
        assert_eq!(flags(Flags::default()), "");
    }

    #[test]
    fn a_folder_with_other_things_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thesis.txt"), "x").unwrap();
        assert!(Maildir::open(folder.path()).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

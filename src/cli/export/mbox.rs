//! An mbox file in the form that can be undone: mboxrd (RFC 4155 appendix A names the family).
//!
//! Before each message stands a line `From SENDER DATE`; a line of a message that is `From ` behind any number of `>` gets one
//! more. So every message can be read back to the octet, and that is how a second run knows what the file has. A message
//! without a line end at its end gets one: that alone cannot be undone, and is heeded when messages are compared.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::sync_folder;
use crate::mail::MessageSummary;

/// An mbox file and what is in it.
pub(super) struct Mbox {
    file: BufWriter<File>,
    path: PathBuf,
    folder: PathBuf,
    /// Whether it was not there before.
    made: bool,
    present: HashSet<[u8; 32]>,
    /// The end of what is whole.
    end: u64,
}

impl Mbox {
    /// Makes or opens it. A file that is no mbox is refused, and so are what is no file and one that another export writes to.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening a device or a FIFO may wait for ever, and reading it may never end.
        if path.metadata().is_ok_and(|meta| !meta.is_file()) {
            return Err(io::Error::other(NO_FILE));
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => ".".into(),
        };
        let (mut file, made) = make_or_open(path)?;
        file.try_lock()
            .map_err(|_| io::Error::other("another program writes to it"))?;
        if !is_at(&file, path)? {
            return Err(io::Error::other(
                "another program has just taken it away; try again",
            ));
        }
        if begins_otherwise(&mut file)? {
            return Err(io::Error::other(NO_MBOX));
        }
        let found = read(&mut BufReader::new(&mut file))?;
        let end = file.seek(SeekFrom::End(0))?;
        let mut file = BufWriter::new(file);
        // What another program wrote last may end without its empty line.
        file.write_all(found.missing)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            folder,
            made,
            present: found.present,
            end: end + found.missing.len() as u64,
        })
    }

    pub(super) fn add(&mut self, message: &MessageSummary, octets: &[u8]) -> io::Result<bool> {
        if !self.present.insert(digest(octets)) {
            return Ok(false);
        }
        let entry = entry(message, octets);
        if let Err(error) = self.file.write_all(&entry).and_then(|()| self.file.flush()) {
            // Half a message is worse than none.
            let _ = self.file.get_ref().set_len(self.end);
            return Err(error);
        }
        self.end += entry.len() as u64;
        Ok(true)
    }

    /// Makes what was written durable. A file that was made for nothing is taken away again.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        let file = self.file.get_ref();
        if self.made && file.metadata()?.len() == 0 && is_at(file, &self.path)? {
            std::fs::remove_file(&self.path)?;
        } else {
            self.file.get_ref().sync_all()?;
        }
        sync_folder(&self.folder)
    }
}

struct Found {
    present: HashSet<[u8; 32]>,
    /// What has to be written before the next message begins.
    missing: &'static [u8],
}

/// The file, and whether it was not there.
fn make_or_open(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.clone().create_new(true).open(path) {
        // A link to a file that is not there yet counts as there.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let opened = options.create(true).truncate(false).open(path)?;
            Ok((opened, false))
        }
        made => Ok((made?, true)),
    }
}

/// Whether this file is still the one of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt as _;
    let (here, there) = (file.metadata()?, path.metadata());
    Ok(there.is_ok_and(|there| (there.dev(), there.ino()) == (here.dev(), here.ino())))
}

/// Where it is open, it cannot be taken away.
#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

/// Whether a file begins as no mbox does. Its first octets tell; the first line may be as long as the file.
fn begins_otherwise(file: &mut File) -> io::Result<bool> {
    let mut begin = Vec::new();
    file.take(FROM.len() as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(!begin.is_empty() && begin != FROM)
}

/// Reads messages back and takes their digests, without ever holding one in memory, nor a line that has no end.
fn read(file: &mut impl BufRead) -> io::Result<Found> {
    let mut present = HashSet::new();
    let mut hasher: Option<Sha256> = None;
    // The empty line before the next `From ` is no part of the message.
    let mut held = false;
    let mut whole = true;
    let mut in_separator = false;
    let mut line = Vec::new();
    loop {
        line.clear();
        let begins = whole;
        if (&mut *file).take(PIECE).read_until(b'\n', &mut line)? == 0 {
            break;
        }
        whole = line.ends_with(b"\n");
        in_separator = if begins {
            line.starts_with(FROM)
        } else {
            in_separator
        };
        if in_separator && !begins {
            continue;
        }
        if in_separator {
            present.extend(
                hasher
                    .replace(Sha256::new())
                    .map(|hasher| <[u8; 32]>::from(hasher.finalize())),
            );
            held = false;
            continue;
        }
        let Some(hasher) = &mut hasher else {
            return Err(io::Error::other(NO_MBOX));
        };
        if held {
            hasher.update(b"\n");
        }
        held = begins && line == b"\n";
        if !held {
            hasher.update(if begins && is_quoted_from(&line) {
                line.get(1..).unwrap_or_default()
            } else {
                &line
            });
        }
    }
    let begun = hasher.is_some();
    present.extend(hasher.map(|hasher| <[u8; 32]>::from(hasher.finalize())));
    let missing: &[u8] = match (begun, whole, held) {
        (false, ..) | (_, _, true) => b"",
        (_, true, false) => b"\n",
        (_, false, false) => b"\n\n",
    };
    Ok(Found { present, missing })
}

/// A message as it stands in the file.
pub(in crate::cli) fn entry(message: &MessageSummary, octets: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(octets.len() + octets.len() / 64 + 128);
    entry.extend_from_slice(separator(message).as_bytes());
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        if is_quoted_from(line) || line.starts_with(b"From ") {
            entry.push(b'>');
        }
        entry.extend_from_slice(line);
    }
    if !octets.ends_with(b"\n") {
        entry.push(b'\n');
    }
    entry.push(b'\n');
    entry
}

/// `From ada@example.net Mon Nov 23 11:02:00 2026`, in UTC.
fn separator(message: &MessageSummary) -> String {
    let sender: String = message
        .from
        .address
        .chars()
        .filter(char::is_ascii_graphic)
        .collect();
    let sender = if sender.is_empty() {
        "MAILER-DAEMON"
    } else {
        &sender
    };
    let date = jiff::Timestamp::from_second(message.date.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    format!("From {sender} {}\n", date.strftime("%a %b %e %H:%M:%S %Y"))
}

/// `From ` behind at least one `>`.
pub(in crate::cli) fn is_quoted_from(line: &[u8]) -> bool {
    let quotes = line.iter().take_while(|octet| **octet == b'>').count();
    quotes > 0
        && line
            .get(quotes..)
            .is_some_and(|rest| rest.starts_with(b"From "))
}

/// The digest of a message as it can be read back: with a line end at its end.
fn digest(octets: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(octets);
    if !octets.ends_with(b"\n") {
        hasher.update(b"\n");
    }
    hasher.finalize().into()
}

const FROM: &[u8] = b"From ";
/// Octets of a line that are looked at together.
const PIECE: u64 = 1 << 16;
const NO_FILE: &str = "it is no file";
const NO_MBOX: &str = "it is no mbox: its first line is not \"From ...\"";

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages whose every octet has to come back.
    const HARD: [&[u8]; 7] = [
        b"A: 1\r\n\r\nFrom here\r\n>From there\r\n>>From\r\n",
        b"A: 1\r\n\r\n\r\n\r\n",
        b"A: 1\n\nunix\n\n\n",
        b"no end",
        b"A: 1\r\n\r\nFrom",
        b"\n",
        b"From the first line\r\n",
    ];

    fn row() -> MessageSummary {
        crate::cli::export::testing::row()
    }

    #[test]
    fn every_message_is_found_again_to_the_octet() {
        let mut file = Vec::new();
        for octets in HARD {
            file.extend(entry(&row(), octets));
        }
        let found = read(&mut file.as_slice()).unwrap();
        let wanted: HashSet<[u8; 32]> = HARD.into_iter().map(digest).collect();
        assert_eq!(found.present, wanted);
        assert_eq!(found.missing, b"");
    }

    #[test]
    fn lines_longer_than_a_piece_are_found_again_to_the_octet() {
        let mut long = vec![b'x'; 3 * usize::try_from(PIECE).unwrap() - 1];
        long.extend(b"\n>From\nFrom y\n\n");
        let piece = vec![b'y'; usize::try_from(PIECE).unwrap()];
        let behind = [piece.as_slice(), b"\n\nFrom z\n"].concat();
        let from = [piece.as_slice(), b"From z\n"].concat();
        let mut file = Vec::new();
        for octets in [&long, &behind, &from] {
            file.extend(entry(&row(), octets));
        }
        let found = read(&mut file.as_slice()).unwrap();
        assert_eq!(
            found.present,
            [&long, &behind, &from].map(|m| digest(m)).into()
        );
    }

    #[test]
    fn a_second_run_adds_nothing_and_what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.mbox");
        let run = |messages: &[&[u8]]| {
            let mut mbox = Mbox::open(&path).unwrap();
            let written = messages
                .iter()
                .filter(|octets| mbox.add(&row(), octets).unwrap())
                .count();
            mbox.finish().unwrap();
            written
        };
        assert_eq!(run(&HARD[..3]), 3);
        let before = std::fs::read(&path).unwrap();
        assert_eq!(run(&HARD[..3]), 0);
        assert_eq!(std::fs::read(&path).unwrap(), before);
        assert_eq!(run(&HARD), 4);
        assert!(std::fs::read(&path).unwrap().starts_with(&before));
    }

    #[test]
    fn a_file_that_ends_in_the_middle_of_a_message_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail.mbox");
        for cut in [
            "From a Mon\nA: 1\n\nhal",
            "From a Mon\nA: 1\n\nhal\n",
            "From a Mon\nA: 1\n\nhal\n\n",
        ] {
            std::fs::write(&path, cut).unwrap();
            let mut mbox = Mbox::open(&path).unwrap();
            assert!(mbox.add(&row(), HARD[0]).unwrap());
            mbox.finish().unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(
                text.starts_with("From a Mon\nA: 1\n\nhal\n\nFrom "),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_file_that_is_no_mbox_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("letter.txt");
        std::fs::write(&path, "Dear Ada,\n").unwrap();
        assert!(Mbox::open(&path).is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "Dear Ada,\n");
    }
}

//! The messages that are stored.

use std::path::{Path, PathBuf};

use poppet::demo;

/// A mailbox, the newest message last.
pub(crate) enum Mailbox {
    Generated(Vec<Vec<u8>>),
    Folder(Vec<(PathBuf, u64)>),
}

impl Mailbox {
    /// Messages of the demo.
    pub(crate) fn generated(messages: u32) -> Self {
        let now = jiff::ZonedDateTime::now();
        let maildrop = demo::generated(messages, 11, &now);
        let messages = maildrop.messages();
        Self::Generated(messages.iter().map(poppet::demo::Message::to_vec).collect())
    }

    /// The messages of a Maildir, by name.
    pub(crate) fn folder(folder: &Path, messages: u32) -> Self {
        let mut files: Vec<(PathBuf, u64)> = ["cur", "new"]
            .iter()
            .filter_map(|part| std::fs::read_dir(folder.join(part)).ok())
            .flatten()
            .map(|entry| {
                let entry = entry.expect("a file");
                (entry.path(), entry.metadata().expect("a file").len())
            })
            .collect();
        files.sort();
        files.truncate(messages as usize);
        Self::Folder(files)
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Generated(messages) => messages.len(),
            Self::Folder(files) => files.len(),
        }
    }

    pub(crate) fn octets(&self) -> u64 {
        (0..self.len()).map(|place| self.size(place)).sum()
    }

    pub(crate) fn size(&self, place: usize) -> u64 {
        match self {
            Self::Generated(messages) => {
                messages.get(place).map_or(0, |octets| octets.len() as u64)
            }
            Self::Folder(files) => files.get(place).map_or(0, |file| file.1),
        }
    }

    /// As a server gives it: lines end with CRLF.
    pub(crate) fn message(&self, place: usize) -> Vec<u8> {
        match self {
            Self::Generated(messages) => messages.get(place).cloned().unwrap_or_default(),
            Self::Folder(files) => {
                let octets = files.get(place).map(|file| std::fs::read(&file.0));
                crlf(&octets.expect("a message").expect("read a message"))
            }
        }
    }

    /// Its header block and the empty line.
    pub(crate) fn header(&self, place: usize) -> Vec<u8> {
        let mut message = self.message(place);
        let end = message.windows(4).position(|four| four == b"\r\n\r\n");
        message.truncate(end.map_or(message.len(), |end| end + 4));
        message
    }
}

fn crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len() + octets.len() / 32);
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

use std::io;
use std::path::Path;

use memchr::memmem;

use super::Part;
use crate::backend::spool::{LARGE, Spool};
use crate::mail::{Octets, header_block};

/// Octets of a message on their way. Some servers send all of a message, whatever TOP asks for: of one whose header block
/// alone was asked for, nothing else is kept, and what comes of it is a header block.
pub(super) struct Arriving {
    octets: Vec<u8>,
    /// For how many of them room is made at once.
    expected: usize,
    /// What has become too large for memory.
    spool: Option<Box<Spool>>,
    header_only: bool,
    /// Where the line begins that was not complete at the last look for the empty one.
    line: usize,
    /// The empty line behind the header block has come.
    has_header: bool,
    left_out: u64,
}

impl Arriving {
    /// `expected` octets are to come, by what LIST says; 0 where nobody knows.
    pub(super) fn new(part: Part, expected: u64) -> Self {
        let expected = if part == Part::Whole { expected } else { 0 };
        Self {
            octets: Vec::new(),
            expected: expected.min(LARGE as u64) as usize,
            spool: None,
            header_only: part == Part::Top(0),
            line: 0,
            has_header: false,
            left_out: 0,
        }
    }

    /// Takes what came next. `spools` is the folder for what is too large for memory, where there is one.
    pub(super) fn push(&mut self, chunk: Vec<u8>, spools: Option<&Path>) -> io::Result<()> {
        if let Some(spool) = &mut self.spool {
            return spool.push(&chunk);
        }
        if self.has_header {
            self.left_out = self.left_out.saturating_add(chunk.len() as u64);
            return Ok(());
        }
        let newline = memchr::memrchr(b'\n', &chunk).filter(|_| self.header_only);
        let before = self.octets.len();
        if self.octets.is_empty() {
            self.octets = chunk;
        } else {
            // Otherwise a message of megabytes is copied again and again as it grows.
            let room = self.expected.saturating_sub(before);
            self.octets.reserve(room.max(chunk.len()));
            self.octets.extend_from_slice(&chunk);
        }
        if let Some(newline) = newline {
            let lines = self.octets.get(self.line..).unwrap_or_default();
            self.has_header = header_block(lines).len() < lines.len();
            self.line = before + newline + 1;
        }
        if self.octets.len() > LARGE
            && !self.has_header
            && let Some(folder) = spools
        {
            let spool = Spool::begin(folder, std::mem::take(&mut self.octets))?;
            self.spool = Some(Box::new(spool));
        }
        Ok(())
    }

    /// How many are kept.
    pub(super) fn len(&self) -> u64 {
        let held = self.octets.len() as u64;
        self.spool.as_ref().map_or(held, |spool| spool.len())
    }

    /// How many came.
    pub(super) fn came(&self) -> u64 {
        self.len().saturating_add(self.left_out)
    }

    /// What it looks like when all has come. `listed`: octets of the whole message as LIST has them.
    pub(super) fn looks(&self, part: Part, listed: Option<u64>) -> Looks {
        let like_a_reply = self.begins_like_a_reply();
        match part {
            Part::Whole if listed.is_none_or(|listed| listed == self.len()) => {
                if like_a_reply && listed.is_some() {
                    Looks::Quoting
                } else if like_a_reply {
                    Looks::LikeAReply
                } else {
                    Looks::Right
                }
            }
            _ if like_a_reply => Looks::LikeAReply,
            Part::Whole if listed > Some(self.len()) => Looks::Short,
            Part::Whole => Looks::Odd,
            Part::Top(_) => {
                let octets = self.beginning();
                let rest = (octets.len() - header_block(octets).len()) as u64;
                let more = part == Part::Top(0) && rest + self.left_out > EMPTY_LINE as u64;
                if rest == 0 {
                    Looks::Short
                } else if more || holds_a_reply(octets) {
                    Looks::Odd
                } else {
                    Looks::Right
                }
            }
        }
    }

    /// Whether the first line looks like the one with which an answer begins. After an answer too many, what is taken for the first
    /// line of a message is the answer that was due, and everything is in step again.
    fn begins_like_a_reply(&self) -> bool {
        let octets = self.beginning();
        let status = STATUS
            .iter()
            .filter_map(|status| octets.strip_prefix(*status));
        status.into_iter().any(ends_a_status)
    }

    fn beginning(&self) -> &[u8] {
        match &self.spool {
            Some(spool) => spool.beginning(),
            None => &self.octets,
        }
    }

    /// What is kept, when all has come.
    pub(super) fn finish(mut self) -> Octets {
        if let Some(spool) = self.spool {
            return spool.finish();
        }
        if self.has_header {
            let header = header_block(&self.octets).len();
            let more = self.octets.len() - header;
            self.octets.truncate(header);
            // For an empty line alone it is not worth it.
            if more > EMPTY_LINE {
                self.octets.shrink_to_fit();
            }
        }
        // What LIST promised and did not come takes no memory.
        if self.octets.capacity() - self.octets.len() > SPARE.min(self.octets.len()) {
            self.octets.shrink_to_fit();
        }
        self.octets.into()
    }
}

/// What an answer looks like, beside what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// As was to be expected.
    Right,
    /// Of another size than LIST says, or with a reply in it: the beginning of one answer with another one behind it looks so.
    Odd,
    /// Less than was to be expected: what a message has behind a line with a dot alone is missing where a server stuffs none.
    Short,
    /// Its first line is a reply, and its size is the one that LIST says.
    Quoting,
    /// Its first line is a reply: behind an answer too many, that of an answer is taken for it.
    LikeAReply,
}

/// Whether a reply begins anywhere. Where an answer was cut off, the next one goes on in the middle of a line.
fn holds_a_reply(octets: &[u8]) -> bool {
    STATUS.iter().any(|status| {
        memmem::find_iter(octets, status)
            .any(|at| ends_a_status(octets.get(at + status.len()..).unwrap_or_default()))
    })
}

/// Whether the word before this is a word by itself.
fn ends_a_status(rest: &[u8]) -> bool {
    matches!(rest.first(), None | Some(b' ' | b'\r' | b'\n'))
}

const STATUS: [&[u8]; 2] = [b"+OK", b"-ERR"];
/// Room that a message may keep without filling it, in octets.
const SPARE: usize = 64 << 10;
const EMPTY_LINE: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(part: Part, octets: &[u8], chunk: usize) -> (Vec<u8>, u64) {
        let mut arriving = Arriving::new(part, 7);
        for chunk in octets.chunks(chunk) {
            arriving.push(chunk.to_vec(), None).unwrap();
        }
        let came = arriving.came();
        (arriving.finish().into_beginning(), came)
    }

    #[test]
    fn a_header_block_ends_at_the_empty_line_however_the_octets_are_cut() {
        let header = b"Subject: one\r\n two\r\nTo: sam\r\n";
        let message = [header.as_slice(), b"\r\nbody\r\n\r\nmore\r\n"].concat();
        for chunk in 1..=message.len() {
            let (octets, came) = kept(Part::Top(0), &message, chunk);
            assert_eq!(octets, header);
            assert_eq!(came, message.len() as u64);
            assert_eq!(kept(Part::Whole, &message, chunk).0, message);
            assert_eq!(kept(Part::Top(1), &message, chunk).0, message);
        }
    }

    #[test]
    fn p44_a_message_that_begins_like_a_reply_is_told_from_one_that_does_not() {
        let begins = |octets: &[u8]| {
            let mut arriving = Arriving::new(Part::Whole, u64::MAX);
            arriving.push(octets.to_vec(), None).unwrap();
            arriving.begins_like_a_reply()
        };
        for octets in [
            &b"+OK 200 octets\r\nA: 1\r\n"[..],
            b"+OK\r\n",
            b"-ERR no\r\n",
            b"+OK",
        ] {
            assert!(begins(octets));
        }
        for octets in [&b"A: +OK\r\n"[..], b"", b"+OKAY: 1\r\n", b"\r\n+OK\r\n"] {
            assert!(!begins(octets));
        }
    }

    #[test]
    fn no_header_block_at_all_is_kept_as_none_and_one_without_an_end_as_it_is() {
        for chunk in 1..4 {
            let (octets, came) = kept(Part::Top(0), b"\r\nbody\r\n", chunk);
            assert_eq!((octets.as_slice(), came), (&b""[..], 8));
            let cut = b"A: 1\r\nB: 2";
            assert_eq!(kept(Part::Top(0), cut, chunk).0, cut);
        }
    }
}

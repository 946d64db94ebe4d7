//! The octets of a message, wherever they are, and the digests by which it is known.

use std::fmt;
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::{Digest, header_digest};

/// The octets of a message: in memory, or, of a large one, its beginning in memory and all of them elsewhere.
///
/// Equal when they have the same digest.
#[derive(Clone, Debug)]
pub struct Octets {
    beginning: Vec<u8>,
    elsewhere: Option<Box<Large>>,
    /// Taken once, by whoever asks first.
    digest: OnceLock<Digest>,
}

/// What is not held in memory, to be read piece by piece.
pub trait Elsewhere: fmt::Debug + Send + Sync {
    /// Reads octets from `offset` on; how many, 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize>;
}

#[derive(Clone, Debug)]
struct Large {
    kept: Arc<dyn Elsewhere>,
    len: u64,
    digests: Digests,
}

/// What a message is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digests {
    /// Of the header block, as [`header_digest`] has it.
    pub header: Digest,
    /// Of all octets.
    pub all: Digest,
}

impl Octets {
    /// A large message: its first octets, and where all of them are, which have these digests.
    pub fn large(beginning: Vec<u8>, kept: Arc<dyn Elsewhere>, len: u64, digests: Digests) -> Self {
        let elsewhere = Some(Box::new(Large { kept, len, digests }));
        Self {
            beginning,
            elsewhere,
            digest: OnceLock::new(),
        }
    }

    /// What is in memory: all, or the beginning of a large message.
    pub fn beginning(&self) -> &[u8] {
        &self.beginning
    }

    /// [`Octets::beginning`], taken over.
    pub fn into_beginning(self) -> Vec<u8> {
        self.beginning
    }

    /// All octets, where they are in memory.
    pub fn held(&self) -> Option<&[u8]> {
        self.elsewhere.is_none().then_some(&self.beginning)
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.elsewhere
            .as_ref()
            .map_or(self.beginning.len() as u64, |large| large.len)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The digest of the header block.
    pub fn header_digest(&self) -> Digest {
        self.elsewhere.as_ref().map_or_else(
            || header_digest(&self.beginning),
            |large| large.digests.header,
        )
    }

    /// The digest of all octets, as they came.
    pub fn digest(&self) -> Digest {
        let taken = || *self.digest.get_or_init(|| Digest::of(&self.beginning));
        self.elsewhere
            .as_ref()
            .map_or_else(taken, |large| large.digests.all)
    }

    /// All octets from the first on, piece by piece.
    pub fn reader(&self) -> impl Read + '_ {
        Reader {
            octets: self,
            offset: 0,
        }
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        Self {
            beginning: octets,
            elsewhere: None,
            digest: OnceLock::new(),
        }
    }
}

impl PartialEq for Octets {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.digest() == other.digest()
    }
}

impl Eq for Octets {}

struct Reader<'a> {
    octets: &'a Octets,
    offset: u64,
}

impl Read for Reader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if let Some(large) = &self.octets.elsewhere {
            large.kept.read_at(buffer, self.offset)?
        } else {
            let start = usize::try_from(self.offset).unwrap_or(usize::MAX);
            let mut rest = self.octets.beginning.get(start..).unwrap_or_default();
            rest.read(buffer)?
        };
        self.offset += count as u64;
        Ok(count)
    }
}

/// Takes the digests of a message while its octets pass, in pieces of any size.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    all: Sha256,
    header: Header,
    len: u64,
}

/// The digest of a header block. The last line end stays out of it, so it is held back until more comes.
#[derive(Clone, Debug)]
struct Header {
    taken: Sha256,
    held: Vec<u8>,
    at: At,
}

/// Where the next octet of a header block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// At the start of a line.
    Start,
    /// Behind a CR at the start of a line.
    Return,
    /// Within a line.
    Within,
    /// Behind the empty line.
    Behind,
}

impl Passing {
    /// Takes the next octets.
    pub fn take(&mut self, octets: &[u8]) {
        self.all.update(octets);
        self.header.take(octets);
        self.len += octets.len() as u64;
    }

    /// How many have passed.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether none have.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The digests of all that has passed.
    pub fn digests(self) -> Digests {
        Digests {
            header: self.header.digest(),
            all: Digest(self.all.finalize().into()),
        }
    }
}

impl Default for Header {
    fn default() -> Self {
        Self {
            taken: Sha256::new(),
            held: Vec::new(),
            at: At::Start,
        }
    }
}

impl Header {
    fn take(&mut self, mut octets: &[u8]) {
        while let Some((first, rest)) = octets.split_first() {
            match (self.at, first) {
                (At::Behind, _) => return,
                (At::Start | At::Return, b'\n') => {
                    // An empty CR of this line is no part of the block, and what is held before it is the last line end.
                    if self.at == At::Return {
                        self.held.pop();
                    }
                    self.at = At::Behind;
                }
                (At::Start, b'\r') => {
                    self.held.push(b'\r');
                    self.at = At::Return;
                    octets = rest;
                }
                _ => octets = self.line(octets),
            }
        }
    }

    /// Takes a line up to its end, or what there is of it, and gives back what stands behind.
    fn line<'a>(&mut self, octets: &'a [u8]) -> &'a [u8] {
        // A CR that was held is the line's end after all when LF comes next.
        let goes_on = octets.first() != Some(&b'\n');
        if goes_on || self.held != b"\r" {
            self.taken.update(&self.held);
            self.held.clear();
        }
        let newline = memchr::memchr(b'\n', octets);
        let line = octets
            .get(..newline.unwrap_or(octets.len()))
            .unwrap_or_default();
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        self.taken.update(text);
        self.held
            .extend_from_slice(line.get(text.len()..).unwrap_or_default());
        let Some(newline) = newline else {
            self.at = At::Within;
            return &[];
        };
        self.held.push(b'\n');
        self.at = At::Start;
        octets.get(newline + 1..).unwrap_or_default()
    }

    fn digest(mut self) -> Digest {
        let held = self.held.strip_suffix(b"\n").unwrap_or(&self.held);
        let held = held.strip_suffix(b"\r").unwrap_or(held);
        self.taken.update(held);
        Digest(self.taken.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_digests_are_the_same_however_the_octets_are_cut(
            octets in vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'a'), any::<u8>()], 0..40),
            cuts in vec(1usize..6, 1..8),
        ) {
            let mut passing = Passing::default();
            let (mut rest, mut cuts) = (octets.as_slice(), cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, more) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                passing.take(piece);
                rest = more;
            }
            prop_assert_eq!(passing.len(), octets.len() as u64);
            let digests = passing.digests();
            prop_assert_eq!(digests.all, Digest::of(&octets));
            prop_assert_eq!(digests.header, header_digest(&octets));
        }
    }

    #[test]
    fn a_message_in_memory_reads_as_what_it_is() {
        let octets = Octets::from(b"A: 1\r\n\r\nbody\r\n".to_vec());
        let mut read = Vec::new();
        octets.reader().read_to_end(&mut read).unwrap();
        assert_eq!(octets.held(), Some(read.as_slice()));
        assert_eq!(octets.len(), read.len() as u64);
        assert_eq!(octets.digest(), Digest::of(&read));
        assert_eq!(octets.header_digest(), header_digest(&read));
    }
}

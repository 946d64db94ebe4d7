//! The MIME parts of a message (RFC 2046): found in one pass over its octets, and decoded only where one is wanted.
//!
//! An attachment of many megabytes costs a search for boundaries and no copy. Depth, number and length have limits; past
//! them the rest is left as it stands, and [`Parts::cut`] says so.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use super::{charset, encoding::Encoding, header::Header, params::Params};

/// A message's parts in the order of their octets. The first is the message itself.
#[derive(Debug)]
pub(super) struct Parts<'x> {
    octets: &'x [u8],
    all: Vec<Part<'x>>,
    /// What was too deep or too many, in words for the reader.
    pub(super) cut: Option<&'static str>,
    /// Octets of text that may still be read.
    left: Cell<usize>,
}

/// A part: a header and octets behind it.
#[derive(Debug)]
pub(super) struct Part<'x> {
    /// Its header fields.
    pub(super) header: Header<'x>,
    /// What it contains, when it is a multipart or a message: indices.
    pub(super) children: Vec<usize>,
    /// Its media type with parameters; what RFC 2045 section 5.2 assumes where there is none.
    pub(super) media: Params,
    /// Its disposition with parameters; empty where there is none.
    pub(super) disposition: Params,
    /// How its octets are wrapped up.
    pub(super) encoding: Encoding,
    body: Range<usize>,
    depth: usize,
}

impl<'x> Parts<'x> {
    /// Finds the parts of a message.
    pub(super) fn parse(octets: &'x [u8]) -> Self {
        let mut walk = Walk::new(octets);
        walk.run();
        Self {
            octets,
            all: walk.parts,
            cut: walk.cut,
            left: Cell::new(MOST_TEXT),
        }
    }

    /// The part of that index.
    pub(super) fn at(&self, index: usize) -> Option<&Part<'x>> {
        self.all.get(index)
    }

    /// The parts inside that part.
    pub(super) fn children(&self, index: usize) -> &[usize] {
        self.at(index).map_or(&[], |part| &part.children)
    }

    /// A part's octets as they stand in the message.
    pub(super) fn body(&self, part: &Part<'_>) -> &'x [u8] {
        self.octets.get(part.body.clone()).unwrap_or_default()
    }

    /// A part's decoded octets, at most `limit`, and whether there are more.
    pub(super) fn decoded(&self, part: &Part<'_>, limit: usize) -> (Cow<'x, [u8]>, bool) {
        part.encoding.decode(self.body(part), limit)
    }

    /// A part's text, of at most `limit` octets before its charset is decoded, and whether there is more.
    ///
    /// All that is read of a message in this way has a limit as well, so that many parts cost no more than a few.
    pub(super) fn text(&self, part: &Part<'_>, limit: usize) -> (String, bool) {
        let left = self.left.get();
        let (octets, cut) = self.decoded(part, limit.min(left));
        self.left.set(left - octets.len().min(left));
        let declared = part.media.get("charset");
        let label = match declared {
            None if part.is("text/html") => meta_charset(&octets),
            declared => declared.map(str::to_owned),
        };
        (charset::decode(label.as_deref(), &octets).into_owned(), cut)
    }

    /// The octets that a part decodes to, counted.
    pub(super) fn len(&self, part: &Part<'_>) -> u64 {
        part.encoding.decoded_len(self.body(part))
    }
}

impl Part<'_> {
    /// Whether its media type is this one.
    pub(super) fn is(&self, media: &str) -> bool {
        self.media.value == media
    }

    /// Its name, as it stands; empty where it has none.
    pub(super) fn name(&self) -> &str {
        let name = self
            .disposition
            .get("filename")
            .filter(|name| !name.is_empty());
        name.or_else(|| self.media.get("name")).unwrap_or_default()
    }

    /// Its `Content-ID` without angle brackets.
    pub(super) fn content_id(&self) -> Option<String> {
        let id = self.header.value("Content-ID")?;
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        (!id.is_empty()).then(|| id.to_owned())
    }
}

/// The charset that HTML names in a `<meta>` of its first kilobyte.
fn meta_charset(html: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(html.get(..1024).unwrap_or(html)).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .collect();
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

/// The pass over the octets: which multiparts are open, and where we are.
struct Walk<'x> {
    octets: &'x [u8],
    parts: Vec<Part<'x>>,
    /// Open multiparts, the innermost last: index and boundary.
    open: Vec<(usize, Vec<u8>)>,
    /// Header fields of all parts so far.
    fields: usize,
    /// The part whose octets are being passed, until its end is known; messages inside it end with it.
    current: Vec<usize>,
    cut: Option<&'static str>,
}

impl<'x> Walk<'x> {
    fn new(octets: &'x [u8]) -> Self {
        Self {
            octets,
            parts: Vec::new(),
            open: Vec::new(),
            fields: 0,
            current: Vec::new(),
            cut: None,
        }
    }

    fn run(&mut self) {
        let mut at = self.enter(0, None);
        while let Some((start, next)) = self.next_dashes(at) {
            at = next;
            let line = self.octets.get(start..next).unwrap_or_default();
            let line = line.strip_prefix(b"--").unwrap_or(line).trim_ascii_end();
            let Some((level, last)) = self.matching(line) else {
                continue;
            };
            self.close(start, level);
            if last {
                self.open.truncate(level);
            } else if self.parts.len() < MOST && self.fields < MOST_FIELDS {
                let parent = self.open.get(level).map(|(index, _)| *index);
                at = self.enter(next, parent);
            } else {
                self.cut = Some(if self.parts.len() < MOST {
                    "The parts of this message have too many header fields; only the first parts are read."
                } else {
                    "This message has too many parts; only the first 10,000 are read."
                });
                break;
            }
        }
        self.close(self.octets.len(), 0);
    }

    /// The next line that starts with two dashes, at or behind `from`: its start and the start of the line after it.
    fn next_dashes(&self, from: usize) -> Option<(usize, usize)> {
        if self.open.is_empty() {
            return None;
        }
        let rest = self.octets.get(from..)?;
        let start = if rest.starts_with(b"--") {
            from
        } else {
            from + memchr::memmem::find(rest, b"\n--")? + 1
        };
        let line = self.octets.get(start..)?;
        let next = memchr::memchr(b'\n', line).map_or(self.octets.len(), |end| start + end + 1);
        Some((start, next))
    }

    /// Which open multipart this line delimits, innermost first, and whether it closes it.
    fn matching(&self, line: &[u8]) -> Option<(usize, bool)> {
        self.open
            .iter()
            .enumerate()
            .rev()
            .find_map(
                |(level, (_, boundary))| match line.strip_prefix(boundary.as_slice())? {
                    b"" => Some((level, false)),
                    b"--" => Some((level, true)),
                    _ => None,
                },
            )
    }

    /// A part of the multipart at `level` ends at the line that starts at `end`, and all that is open inside it.
    fn close(&mut self, end: usize, level: usize) {
        // The line break before a boundary belongs to the boundary (RFC 2046 section 5.1.1).
        let before = self.octets.get(..end).unwrap_or_default();
        let trimmed = if end == self.octets.len() && level == 0 && self.open.is_empty() {
            before
        } else {
            let before = before.strip_suffix(b"\n").unwrap_or(before);
            before.strip_suffix(b"\r").unwrap_or(before)
        };
        self.open.truncate(level + 1);
        let keep = self.open.last().map(|(index, _)| *index);
        while let Some(index) = self.current.last().copied() {
            if Some(index) == keep && end < self.octets.len() {
                break;
            }
            self.current.pop();
            if let Some(part) = self.parts.get_mut(index) {
                part.body.end = trimmed.len().max(part.body.start);
            }
        }
    }

    /// A part starts here; so do those that begin where it begins. Gives the octet where its body starts.
    fn enter(&mut self, mut at: usize, mut parent: Option<usize>) -> usize {
        loop {
            let (index, body) = self.push(at, parent);
            at = body;
            let Some(part) = self.parts.get(index) else {
                return at;
            };
            let deep = part.depth >= DEEPEST;
            if part.media.kind() == "multipart" {
                let boundary = part.media.get("boundary").unwrap_or_default().trim_end();
                let usable = (1..=LONGEST_BOUNDARY).contains(&boundary.len());
                if deep {
                    self.too_deep();
                } else if usable {
                    self.open.push((index, boundary.as_bytes().to_vec()));
                }
                return at;
            }
            let message = matches!(
                part.media.value.as_str(),
                "message/rfc822" | "message/global"
            );
            if !message || part.encoding != Encoding::Identity {
                return at;
            }
            if deep {
                self.too_deep();
                return at;
            }
            parent = Some(index);
        }
    }

    fn too_deep(&mut self) {
        self.cut =
            Some("Parts of this message are nested too deeply; what lies deeper is not shown.");
    }

    fn push(&mut self, at: usize, parent: Option<usize>) -> (usize, usize) {
        let rest = self.octets.get(at..).unwrap_or_default();
        // A part whose header block swallows the next boundary has no body: the boundary wins.
        let block = self.header_extent(rest);
        let (header, body) = Header::parse(block);
        self.fields += header.fields().len();
        let digest = parent
            .and_then(|parent| self.parts.get(parent))
            .is_some_and(|parent| parent.media.value == "multipart/digest");
        let assumed = if digest {
            "message/rfc822"
        } else {
            "text/plain"
        };
        let mut media = header.params("Content-Type").unwrap_or_default();
        if !media.value.contains('/') {
            assumed.clone_into(&mut media.value);
        }
        let encoding = header.value("Content-Transfer-Encoding");
        let index = self.parts.len();
        let depth = parent
            .and_then(|parent| self.parts.get(parent))
            .map_or(0, |parent| parent.depth + 1);
        self.parts.push(Part {
            disposition: header.params("Content-Disposition").unwrap_or_default(),
            encoding: encoding.map_or(Encoding::Identity, |value| Encoding::of(&value)),
            header,
            children: Vec::new(),
            media,
            body: at + body..at + body,
            depth,
        });
        if let Some(parent) = parent.and_then(|parent| self.parts.get_mut(parent)) {
            parent.children.push(index);
        }
        self.current.push(index);
        (index, at + body)
    }

    /// The octets of this part's header block with the empty line behind it: up to the next line that delimits an open
    /// multipart, if there is one before the empty line. Looks no further, so that many parts cost no more than one.
    fn header_extent(&self, rest: &'x [u8]) -> &'x [u8] {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', rest) {
            let line = rest.get(start..end).unwrap_or_default();
            if line.is_empty() || line == b"\r" {
                return rest.get(..=end).unwrap_or(rest);
            }
            if let Some(line) = line.strip_prefix(b"--")
                && self.matching(line.trim_ascii_end()).is_some()
            {
                return rest.get(..start).unwrap_or_default();
            }
            start = end + 1;
        }
        rest
    }
}

/// Octets of text that are read of a message.
const MOST_TEXT: usize = 16 << 20;
/// Levels of nesting that are read.
const DEEPEST: usize = 64;
/// Parts that are read.
const MOST: usize = 10_000;
/// Header fields that are read in all parts together: ten for each, or many more for a few.
const MOST_FIELDS: usize = 100_000;
/// RFC 2046 allows 70 octets; some senders take more.
const LONGEST_BOUNDARY: usize = 512;

#[cfg(test)]
mod tests;

//! A message of the maildrop: ready octets, a template with gaps, or a number the generator can turn into octets.

use std::{collections::VecDeque, sync::Arc};

use super::{
    fill::Fill,
    generator::{Generator, Prose, Table},
};

/// A message. Cloning shares its octets.
#[derive(Clone, Debug)]
pub struct Message(Source);

#[derive(Clone, Debug)]
enum Source {
    Segments(Arc<[Segment]>),
    Generated(Arc<Generator>, u32),
}

/// A piece of a message.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Octets(Arc<[u8]>),
    Fill(Fill),
    Prose(Prose),
    Table(Table),
}

impl Message {
    /// A message of exactly these octets; a missing final CRLF is added, since the wire cannot do without it.
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        let octets: Vec<u8> = octets.into();
        Self::from_segments(vec![Segment::Octets(octets.into())])
    }

    pub(super) fn from_segments(mut segments: Vec<Segment>) -> Self {
        let complete = match segments.last() {
            Some(Segment::Octets(octets)) => octets.ends_with(b"\r\n"),
            Some(_) => true,
            None => false,
        };
        if !complete {
            segments.push(Segment::Octets(b"\r\n".as_slice().into()));
        }
        Self(Source::Segments(segments.into()))
    }

    pub(super) fn generated(generator: &Arc<Generator>, index: u32) -> Self {
        Self(Source::Generated(Arc::clone(generator), index))
    }

    /// The size in octets as RFC 1939 section 11 counts it: line ends as two, byte-stuffing not at all.
    ///
    /// A generated message is not made for this.
    pub fn octets(&self) -> u64 {
        match &self.0 {
            Source::Segments(segments) => segments.iter().map(Segment::octets).sum(),
            Source::Generated(generator, index) => u64::from(generator.octets(*index)),
        }
    }

    /// The octets from the beginning, piece by piece.
    pub fn chunks(&self) -> Chunks {
        let segments = match &self.0 {
            Source::Segments(segments) => segments.iter().cloned().collect(),
            Source::Generated(generator, index) => generator.message(*index).into(),
        };
        Chunks { segments, at: 0 }
    }

    /// All octets at once.
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut chunks = self.chunks();
        while chunks.write(usize::MAX, &mut out) {}
        out
    }
}

impl Segment {
    pub(super) fn octets(&self) -> u64 {
        match self {
            Self::Octets(octets) => octets.len() as u64,
            Self::Fill(fill) => fill.octets(),
            Self::Prose(prose) => prose.octets() as u64,
            Self::Table(table) => table.octets() as u64,
        }
    }
}

/// A reading of one message, from its first octet to its last.
#[derive(Debug)]
pub struct Chunks {
    segments: VecDeque<Segment>,
    at: usize,
}

impl Chunks {
    /// Appends about `most` octets (what is made on the way comes in whole lines); false when the message has ended.
    pub fn write(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let ended = match self.segments.front_mut() {
            None => return false,
            Some(Segment::Fill(fill)) => !fill.write(most, out),
            Some(Segment::Prose(prose)) => !prose.write(most, out),
            Some(Segment::Table(table)) => !table.write(most, out),
            Some(Segment::Octets(octets)) => {
                let end = self.at.saturating_add(most).min(octets.len());
                out.extend_from_slice(octets.get(self.at..end).unwrap_or_default());
                self.at = end;
                end == octets.len()
            }
        };
        if ended {
            self.segments.pop_front();
            self.at = 0;
        }
        !self.segments.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_final_line_end_gets_one() {
        assert_eq!(Message::new(*b"Subject: a").to_vec(), b"Subject: a\r\n");
        assert_eq!(Message::new(*b"Subject: a\r\n").octets(), 12);
        assert_eq!(Message::new(*b"").to_vec(), b"\r\n");
    }

    #[test]
    fn chunks_of_any_size_add_up_to_the_message() {
        let message = Message::from_segments(vec![
            Segment::Octets(b"Subject: a\r\n\r\n".as_slice().into()),
            Segment::Fill(Fill::new(1_000)),
            Segment::Octets(b"end".as_slice().into()),
        ]);
        let whole = message.to_vec();
        assert_eq!(whole.len() as u64, message.octets());
        for most in [1, 7, 78, 4_096] {
            let mut out = Vec::new();
            let mut chunks = message.chunks();
            while chunks.write(most, &mut out) {}
            assert_eq!(out, whole);
        }
    }
}

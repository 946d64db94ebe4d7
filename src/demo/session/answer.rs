//! Multi-line answers, written piece by piece so that none is ever held whole.

use std::io::Write;

use crate::demo::{
    framing::{Stuffing, Top},
    lease::Lease,
    message::Chunks,
    quirks::Quirks,
};

/// The rest of a multi-line answer.
pub(super) enum Answer {
    /// Sizes from this message number on.
    List(u64),
    /// Unique-ids from this message number on.
    Uidl(u64),
    Message {
        chunks: Chunks,
        stuffing: Stuffing,
        top: Option<Top>,
        piece: Vec<u8>,
    },
}

impl Answer {
    /// All of a message, or with `top` the header and that many lines of its body.
    pub(super) fn message(chunks: Chunks, top: Option<u64>) -> Self {
        Self::Message {
            chunks,
            stuffing: Stuffing::new(),
            top: top.map(Top::new),
            piece: Vec::new(),
        }
    }

    /// Appends the next piece; false when that was the last, with the terminating dot.
    pub(super) fn write(&mut self, lease: &Lease, quirks: &Quirks, out: &mut Vec<u8>) -> bool {
        match self {
            Self::List(next) => write_lines(next, lease, out, |number, out| {
                size(lease, number, quirks, out);
            }),
            Self::Uidl(next) => write_lines(next, lease, out, |number, out| {
                unique_id(lease, number, quirks, out);
            }),
            Self::Message {
                chunks,
                stuffing,
                top,
                piece,
            } => {
                piece.clear();
                let most = if top.is_some() { TOP_PIECE } else { PIECE };
                let more = chunks.write(most, piece);
                let (kept, cut) = match top {
                    Some(top) => top.cut(piece),
                    None => (piece.len(), false),
                };
                stuffing.write(piece.get(..kept).unwrap_or_default(), out);
                if cut || !more {
                    stuffing.finish(out);
                }
                more && !cut
            }
        }
    }
}

/// Appends `number size`.
pub(super) fn size(lease: &Lease, number: u64, quirks: &Quirks, out: &mut Vec<u8>) {
    if let Some(entry) = lease.entry_as_listed(number) {
        let said = quirks.listed_octets.iter().find(|(one, _)| *one == number);
        let octets = said.map_or_else(|| entry.message.octets(), |(_, octets)| *octets);
        // Writing to a vector cannot fail.
        let _ = write!(out, "{number} {octets}\r\n");
    }
}

/// Appends `number unique-id`.
pub(super) fn unique_id(lease: &Lease, number: u64, quirks: &Quirks, out: &mut Vec<u8>) {
    let shown = if quirks.duplicate_uidls {
        number - (number + 1) % 2
    } else {
        number
    };
    if let Some(entry) = lease.entry_as_listed(shown) {
        let _ = write!(out, "{number} ");
        out.extend_from_slice(&entry.uidl());
        out.extend_from_slice(b"\r\n");
    }
}

fn write_lines(
    next: &mut u64,
    lease: &Lease,
    out: &mut Vec<u8>,
    line: impl Fn(u64, &mut Vec<u8>),
) -> bool {
    let end = out.len() + PIECE;
    while out.len() < end {
        let Some(number) = lease.next_from(*next) else {
            out.extend_from_slice(b".\r\n");
            return false;
        };
        line(number, out);
        *next = number + 1;
    }
    true
}

/// Octets written in one go.
const PIECE: usize = 16 * 1024;
/// The same for TOP, which seldom needs more.
const TOP_PIECE: usize = 1024;

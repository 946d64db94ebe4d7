//! A large message made small enough to be looked through at once, with all of its parts.

use std::io::{self, BufRead};

/// As much of a message as [`extract`](super::extract) reads of it: every header block and every line that may be a boundary
/// (RFC 2046 section 5.1.1), and of what stands between two of these the beginning.
///
/// What comes out has at most some 32 MiB, however large the message is. Fails where `message` cannot be read.
pub fn condensed(mut message: impl BufRead) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    // Octets of this stretch that were kept.
    let mut kept = 0;
    let mut at_start = true;
    loop {
        let piece = message.fill_buf()?;
        if piece.is_empty() {
            return Ok(out);
        }
        let length = memchr::memchr(b'\n', piece).map_or(piece.len(), |newline| newline + 1);
        let line = piece.get(..length).unwrap_or_default();
        // A line that came in pieces is told by its first one, which may be too short for that: then it is kept.
        if at_start && (line.starts_with(b"--") || line == b"-") {
            kept = 0;
            // The line before it may have been cut off, and a boundary begins a line.
            if out.last().is_some_and(|last| *last != b'\n') {
                out.push(b'\n');
            }
        }
        let most = if out.len() < MUCH { STRETCH } else { SHORT };
        let room = most
            .saturating_sub(kept)
            .min(MOST.saturating_sub(out.len()));
        out.extend_from_slice(line.get(..room).unwrap_or(line));
        kept += line.len();
        at_start = line.ends_with(b"\n");
        message.consume(length);
    }
}

/// Octets kept of a stretch without a line that may be a boundary: as much as is read of one text, and more than a header
/// block may have.
const STRETCH: usize = super::texts::LONGEST + (1 << 20);
/// Octets after which less is kept.
const MUCH: usize = 24 << 20;
const SHORT: usize = 16 << 10;
const MOST: usize = 32 << 20;

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::mail::Local;
    use crate::mime::extract;

    #[test]
    fn all_parts_of_a_large_message_are_named_and_its_text_is_found() {
        let line = format!("{}\r\n", "QUJD".repeat(19));
        let body = line.repeat(STRETCH / line.len() * 2);
        let part = |name: &str| {
            format!(
                "--b1\r\nContent-Type: video/mp4\r\nContent-Disposition: attachment; filename={name}\r\n\
                 Content-Transfer-Encoding: base64\r\n\r\n{body}"
            )
        };
        let message = format!(
            "From: ada@example.org\r\nSubject: Films\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b1\r\n\r\n--b1\r\n\r\nHere they are.\r\n{}{}--b1--\r\n",
            part("one.mp4"),
            part("two.mp4")
        );
        for capacity in [7, 8 << 10] {
            let reader = BufReader::with_capacity(capacity, message.as_bytes());
            let small = condensed(reader).unwrap();
            assert!(small.len() < message.len() * 2 / 3, "{}", small.len());
            assert_eq!(
                extract(&small, Local::Full),
                extract(message.as_bytes(), Local::Full)
            );
        }
    }

    #[test]
    fn a_small_message_stays_as_it_is() {
        let message = b"A: 1\r\n\r\n--\r\n-\r\n--b\r\nbody".as_slice();
        for capacity in 1..20 {
            let reader = BufReader::with_capacity(capacity, message);
            assert_eq!(condensed(reader).unwrap(), message);
        }
    }

    #[test]
    fn what_comes_out_is_bounded_whatever_the_message_is() {
        let line = b"--\r\n".as_slice();
        let many = line.repeat(2 * MOST / line.len());
        let one = vec![b'a'; 2 * MOST];
        let stretches = [b"--\r\n".as_slice(), &vec![b'a'; STRETCH]]
            .concat()
            .repeat(16);
        for message in [many, one, stretches] {
            let small = condensed(message.as_slice()).unwrap();
            assert!(small.len() <= MOST + 1, "{}", small.len());
        }
    }
}

//! Taking the dot-stuffing off a message (RFC 1939 section 3).

use memchr::memmem;

/// Finds the end of a message and takes the stuffing off, a slice at a time.
///
/// The end is CRLF `.` CRLF and nothing else, and only a dot after CRLF is stuffing. From a server that ends every one of its
/// status lines in LF alone, LF counts as a line end here too. Otherwise a mail holding LF `.` LF could end itself early
/// and have its tail taken for replies.
#[derive(Debug)]
pub(super) struct Unstuffer {
    bare: bool,
    line_start: bool,
}

/// What [`Unstuffer::read`] did.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Progress {
    /// Octets of the input that are done with.
    pub(super) consumed: usize,
    /// The terminator was among them.
    pub(super) ended: bool,
}

impl Unstuffer {
    /// `bare`: LF alone ends lines here.
    pub(super) fn new(bare: bool) -> Self {
        Self {
            bare,
            line_start: true,
        }
    }

    /// Appends what `input` holds of the message to `into`. Octets that cannot be judged before more arrive are left
    /// unconsumed: at most two.
    pub(super) fn read(&mut self, input: &[u8], into: &mut Vec<u8>) -> Progress {
        let mut rest = input;
        let ended = loop {
            if self.line_start && rest.first() == Some(&b'.') {
                match self.dot(rest) {
                    Dot::End(length) => {
                        rest = rest.get(length..).unwrap_or_default();
                        break true;
                    }
                    Dot::Stuffing => rest = rest.get(1..).unwrap_or_default(),
                    Dot::Unknown => break false,
                }
            }
            let copied = self.copy(rest, into);
            rest = rest.get(copied..).unwrap_or_default();
            if !self.line_start || rest.is_empty() {
                break false;
            }
        };
        Progress {
            consumed: input.len() - rest.len(),
            ended,
        }
    }

    /// What the dot at the beginning of a line is.
    fn dot(&self, line: &[u8]) -> Dot {
        match line {
            [b'.', b'\r', b'\n', ..] => Dot::End(3),
            [b'.', b'\n', ..] if self.bare => Dot::End(2),
            [b'.'] | [b'.', b'\r'] => Dot::Unknown,
            _ => Dot::Stuffing,
        }
    }

    /// Copies up to the next line that begins with a dot, or everything. A CR at the very end waits, since what follows it
    /// decides whether it ends a line.
    fn copy(&mut self, rest: &[u8], into: &mut Vec<u8>) -> usize {
        if rest.is_empty() {
            return 0;
        }
        let (line_end, needle): (&[u8], &[u8]) = if self.bare {
            (b"\n", b"\n.")
        } else {
            (b"\r\n", b"\r\n.")
        };
        let length = match memmem::find(rest, needle) {
            Some(found) => found + line_end.len(),
            None if !self.bare && rest.ends_with(b"\r") => rest.len() - 1,
            None => rest.len(),
        };
        let copied = rest.get(..length).unwrap_or_default();
        into.extend_from_slice(copied);
        if length > 0 {
            self.line_start = copied.ends_with(line_end);
        } else {
            self.line_start = false;
        }
        length
    }
}

enum Dot {
    /// The terminator, with so many octets.
    End(usize),
    Stuffing,
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unstuffs `input` arriving in pieces of `size` octets: the message, and what is left after the terminator.
    fn unstuffed(input: &[u8], bare: bool, size: usize) -> (Vec<u8>, Option<Vec<u8>>) {
        let mut unstuffer = Unstuffer::new(bare);
        let (mut waiting, mut message) = (Vec::new(), Vec::new());
        let mut pieces = input.chunks(size);
        while let Some(piece) = pieces.next() {
            waiting.extend_from_slice(piece);
            let progress = unstuffer.read(&waiting, &mut message);
            waiting.drain(..progress.consumed);
            if progress.ended {
                waiting.extend(pieces.flatten());
                return (message, Some(waiting));
            }
            assert!(waiting.len() <= 2, "{waiting:?}");
        }
        (message, None)
    }

    fn assert_message(input: &[u8], bare: bool, message: &[u8], after: &[u8]) {
        for size in 1..=input.len() {
            assert_eq!(
                unstuffed(input, bare, size),
                (message.to_vec(), Some(after.to_vec())),
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn p9_the_terminator_is_not_data_and_what_follows_is_left() {
        assert_message(b"a\r\nb\r\n.\r\n+OK\r\n", false, b"a\r\nb\r\n", b"+OK\r\n");
    }

    #[test]
    fn p10_exactly_one_dot_is_taken_off() {
        assert_message(
            b"..\r\n...a\r\n.b\r\na.b\r\n....\r\n.\r\n",
            false,
            b".\r\n..a\r\nb\r\na.b\r\n...\r\n",
            b"",
        );
    }

    #[test]
    fn p11_an_empty_message_is_empty() {
        assert_message(b".\r\n", false, b"", b"");
        assert_message(b"\r\n.\r\n", false, b"\r\n", b"");
    }

    #[test]
    fn q22_bare_cr_bare_lf_and_nul_stay_as_they_are() {
        assert_message(
            b"\r\r\n\0\r.\r\n\r\r\r\n.\r\n",
            false,
            b"\r\r\n\0\r.\r\n\r\r\r\n",
            b"",
        );
        assert_message(
            b"a\n.\nb\n..c\n.\r\nd\r\n.\r\n",
            false,
            b"a\n.\nb\n..c\n.\r\nd\r\n",
            b"",
        );
        assert_message(b".\rx\r\n.\r\n", false, b"\rx\r\n", b"");
        assert_message(b"a\r\n.\nb\r\n.\r\n", false, b"a\r\n\nb\r\n", b"");
    }

    #[test]
    fn q21_from_a_bare_lf_server_lf_ends_lines() {
        assert_message(b"a\n..b\n.\n+OK\n", true, b"a\n.b\n", b"+OK\n");
        assert_message(b"a\r\n..b\r\n.\r\n", true, b"a\r\n.b\r\n", b"");
        assert_message(b".\n", true, b"", b"");
    }

    #[test]
    fn p7_a_line_of_megabytes_passes() {
        let mut input = vec![b'x'; 3_000_000];
        input.extend_from_slice(b"\r\n.\r\n");
        let (message, after) = unstuffed(&input, false, 65_536);
        assert_eq!((message.len(), after), (3_000_002, Some(Vec::new())));
    }
}

//! Multi-line replies: byte-stuffing (RFC 1939 section 3) and the cut that TOP makes (section 7).

/// Byte-stuffs a stream of octets cut anywhere.
#[derive(Debug)]
pub(super) struct Stuffing {
    line_start: bool,
    after_cr: bool,
}

impl Stuffing {
    pub(super) fn new() -> Self {
        Self {
            line_start: true,
            after_cr: false,
        }
    }

    /// Appends `octets`, with a dot doubled wherever one follows a CRLF.
    pub(super) fn write(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.line_start && piece.starts_with(b".") {
                out.push(b'.');
            }
            out.extend_from_slice(piece);
            self.line_start = match piece {
                [b'\n'] => self.after_cr,
                _ => piece.ends_with(b"\r\n"),
            };
            self.after_cr = piece.ends_with(b"\r");
        }
    }

    /// Ends the reply, on a line of its own.
    pub(super) fn finish(&self, out: &mut Vec<u8>) {
        if !self.line_start {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
    }
}

/// Cuts a stream of octets after the header, the blank line and a number of lines of the body.
#[derive(Debug)]
pub(super) struct Top {
    body: bool,
    lines_left: u64,
    line_octets: usize,
}

impl Top {
    pub(super) fn new(lines: u64) -> Self {
        Self {
            body: false,
            lines_left: lines,
            line_octets: 0,
        }
    }

    /// How many of the next octets still belong to the answer; true when the rest of the message does not.
    pub(super) fn cut(&mut self, octets: &[u8]) -> (usize, bool) {
        let mut kept = 0;
        if self.ended() {
            return (0, true);
        }
        for piece in octets.split_inclusive(|octet| *octet == b'\n') {
            kept += piece.len();
            match piece.strip_suffix(b"\n") {
                None => {
                    let cr = usize::from(piece == b"\r" && self.line_octets == 0);
                    self.line_octets += piece.len() - cr;
                }
                Some(line) => self.end_of_line(line),
            }
            if self.ended() {
                return (kept, true);
            }
        }
        (kept, false)
    }

    fn end_of_line(&mut self, line: &[u8]) {
        if self.body {
            self.lines_left -= 1;
        } else if self.line_octets == 0 && matches!(line, b"" | b"\r") {
            self.body = true;
        }
        self.line_octets = 0;
    }

    fn ended(&self) -> bool {
        self.body && self.lines_left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stuffed(pieces: &[&[u8]]) -> Vec<u8> {
        let mut stuffing = Stuffing::new();
        let mut out = Vec::new();
        for piece in pieces {
            stuffing.write(piece, &mut out);
        }
        stuffing.finish(&mut out);
        out
    }

    fn top(message: &[u8], lines: u64, chunk: usize) -> Vec<u8> {
        let mut top = Top::new(lines);
        let mut out = Vec::new();
        for piece in message.chunks(chunk) {
            let (kept, ended) = top.cut(piece);
            out.extend_from_slice(&piece[..kept]);
            if ended {
                break;
            }
        }
        out
    }

    #[test]
    fn a_dot_is_doubled_at_the_start_of_every_line_and_nowhere_else() {
        assert_eq!(
            stuffed(&[b".\r\n..\r\na.b\r\n.c\r\n"]),
            b"..\r\n...\r\na.b\r\n..c\r\n.\r\n"
        );
    }

    #[test]
    fn stuffing_is_the_same_for_every_cut() {
        let message = b".a\r\n.\r\n\n.b\r\r\n.c\r\n\r\n.\n.\r\n";
        let whole = stuffed(&[message]);
        for cut in 0..message.len() {
            assert_eq!(stuffed(&[&message[..cut], &message[cut..]]), whole);
        }
    }

    #[test]
    fn a_bare_line_feed_starts_no_line_of_the_protocol() {
        assert_eq!(stuffed(&[b"a\n.b\r\n"]), b"a\n.b\r\n.\r\n");
    }

    #[test]
    fn a_reply_that_stops_inside_a_line_still_ends_on_its_own_line() {
        assert_eq!(stuffed(&[b"a\n"]), b"a\n\r\n.\r\n");
    }

    #[test]
    fn top_keeps_the_header_the_blank_line_and_the_lines_asked_for() {
        let message = b"A: b\r\nC: d\r\n\r\n1\r\n\r\n3\r\n";
        for chunk in 1..=message.len() {
            assert_eq!(top(message, 0, chunk), b"A: b\r\nC: d\r\n\r\n");
            assert_eq!(top(message, 2, chunk), b"A: b\r\nC: d\r\n\r\n1\r\n\r\n");
            assert_eq!(top(message, 99, chunk), message);
        }
    }

    #[test]
    fn top_of_a_message_without_a_body_is_the_message() {
        assert_eq!(top(b"A: b\r\n", 0, 2), b"A: b\r\n");
    }
}

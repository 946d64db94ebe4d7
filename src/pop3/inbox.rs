//! Octets that arrived and are not understood yet.

/// A queue of octets that hands out lines and slices without copying. No octet is looked at twice, however the stream was cut.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    octets: Vec<u8>,
    /// Where the unread octets begin.
    start: usize,
    /// Up to where, from `start` on, no line feed was found.
    scanned: usize,
}

/// A line that [`Inbox::line`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// Without its line end.
    pub(super) text: &'a [u8],
    /// Octets with the line end.
    pub(super) octets: usize,
    /// It ended in LF alone.
    pub(super) bare: bool,
}

/// A line longer than allowed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Inbox {
    pub(super) fn push(&mut self, octets: &[u8]) {
        if self.start == self.octets.len() {
            self.octets.clear();
            self.start = 0;
        } else if self.start >= COMPACT && self.start * 2 >= self.octets.len() {
            self.octets.drain(..self.start);
            self.start = 0;
        }
        self.octets.extend_from_slice(octets);
    }

    /// Takes the next line, if all of it is here and it has at most `limit` octets with its line end.
    pub(super) fn line(&mut self, limit: usize) -> Result<Option<Line<'_>>, TooLong> {
        let unread = self.octets.get(self.start..).unwrap_or_default();
        let fresh = unread.get(self.scanned..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', fresh).map(|found| self.scanned + found) else {
            self.scanned = unread.len();
            return if unread.len() >= limit {
                Err(TooLong)
            } else {
                Ok(None)
            };
        };
        let octets = end + 1;
        if octets > limit {
            return Err(TooLong);
        }
        self.start += octets;
        self.scanned = 0;
        let line = unread.get(..end).unwrap_or_default();
        let text = line.strip_suffix(b"\r");
        Ok(Some(Line {
            text: text.unwrap_or(line),
            octets,
            bare: text.is_none(),
        }))
    }

    /// Forgets the first `count` unread octets.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.octets.len());
        self.scanned = 0;
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn unread(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }
}

/// Below this it is cheaper to leave read octets where they are.
const COMPACT: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_without_their_ends_and_the_rest_waits() {
        let mut inbox = Inbox::default();
        inbox.push(b"one\r\ntwo\n\r\nthr");
        assert_eq!(
            inbox.line(99),
            Ok(Some(Line {
                text: b"one",
                octets: 5,
                bare: false
            }))
        );
        assert_eq!(
            inbox.line(99),
            Ok(Some(Line {
                text: b"two",
                octets: 4,
                bare: true
            }))
        );
        assert_eq!(
            inbox.line(99),
            Ok(Some(Line {
                text: b"",
                octets: 2,
                bare: false
            }))
        );
        assert_eq!(inbox.line(99), Ok(None));
        inbox.push(b"ee\r\n");
        assert_eq!(
            inbox.line(99),
            Ok(Some(Line {
                text: b"three",
                octets: 7,
                bare: false
            }))
        );
        assert_eq!(inbox.unread(), b"");
    }

    #[test]
    fn p5_the_limit_is_the_same_for_a_line_that_is_here_and_one_that_is_not() {
        for (line, fits) in [("12345\r\n", true), ("123456\r\n", false)] {
            let mut whole = Inbox::default();
            whole.push(line.as_bytes());
            assert_eq!(whole.line(7).is_ok(), fits);
            let mut pieces = Inbox::default();
            let results: Vec<bool> = line
                .bytes()
                .map(|octet| {
                    pieces.push(&[octet]);
                    pieces.line(7).is_ok()
                })
                .collect();
            assert_eq!(results.iter().all(|ok| *ok), fits);
        }
    }

    #[test]
    fn read_octets_are_given_back() {
        let mut inbox = Inbox::default();
        for _ in 0..100_000 {
            inbox.push(b"0123456789\r\n0123");
            assert!(inbox.line(99).is_ok_and(|line| line.is_some()));
            inbox.consume(4);
        }
        assert!(inbox.octets.capacity() < 4 * COMPACT);
    }
}

//! Reading an mbox file, one message at a time (RFC 4155 appendix A names the family).
//!
//! A message begins behind a line `From SENDER DATE`, at the beginning or behind an empty line. A line of the message that
//! looks like one was given a `>` (mboxo), and one with `>` before it another (mboxrd): one `>` is taken away.

use std::io::{self, BufRead};

use jiff::fmt::strtime;

use super::Found;
use super::octets::MOST;
use crate::cli::export::mbox::is_quoted_from;
use crate::mail::{Flags, Timestamp, header_block};

/// An mbox file that is being read.
pub(super) struct Mbox<R> {
    file: R,
    /// The line `From ` of the next message, once it was read.
    next: Option<Vec<u8>>,
    begun: bool,
}

impl<R: BufRead> Mbox<R> {
    pub(super) fn new(file: R) -> Self {
        Self {
            file,
            next: None,
            begun: false,
        }
    }

    /// The next message. One that is too large is passed over, and is invalid data.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        if !self.begun {
            self.begun = true;
            self.next = self.line()?;
        }
        let Some(from) = self.next.take() else {
            return Ok(None);
        };
        let mut octets = Vec::new();
        let mut empty: Option<Vec<u8>> = None;
        let mut too_large = false;
        while let Some(line) = self.line()? {
            if empty.is_some() && is_separator(&line) {
                self.next = Some(line);
                break;
            }
            if octets.len() as u64 > MOST {
                too_large = true;
                octets.clear();
            }
            // The empty line before the next message is no part of this one.
            octets.extend(empty.take().unwrap_or_default());
            if line == b"\n" || line == b"\r\n" {
                empty = Some(line);
            } else if is_quoted_from(&line) {
                octets.extend_from_slice(line.get(1..).unwrap_or_default());
            } else {
                octets.extend_from_slice(&line);
            }
        }
        if too_large || octets.is_empty() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let (flags, trashed) = status(&octets);
        Ok(Some(Found {
            octets,
            flags,
            trashed,
            arrived: arrived(&from),
        }))
    }

    /// A line with its end; the file's last may have none.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let count = io::Read::take(&mut self.file, MOST).read_until(b'\n', &mut line)?;
        Ok((count > 0).then_some(line))
    }
}

/// `From SENDER DATE`, where the date has a time: a sentence that begins with "From " has none.
fn is_separator(line: &[u8]) -> bool {
    let time = |five: &[u8]| matches!(five, [a, b, b':', c, d] if [a, b, c, d].iter().all(|o| o.is_ascii_digit()));
    line.starts_with(b"From ") && line.windows(5).any(time)
}

/// When a message arrived, as its line `From ` says, in UTC.
fn arrived(from: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(from).ok()?;
    let mut words = text.split_whitespace().skip(2);
    let (_, month, day, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let year = words.find(|word| word.len() == 4 && word.bytes().all(|o| o.is_ascii_digit()))?;
    let date = strtime::parse("%b %d %H:%M:%S %Y", format!("{month} {day} {time} {year}")).ok()?;
    let date = date.to_datetime().ok()?;
    let time = jiff::tz::TimeZone::UTC.to_timestamp(date).ok()?;
    Some(Timestamp(time.as_second()))
}

/// What the header fields `Status` and `X-Status` say, which mbox programs add: R read; A answered, F flagged, D deleted.
fn status(octets: &[u8]) -> (Flags, bool) {
    let (mut flags, mut trashed) = (Flags::default(), false);
    for line in header_block(octets).split(|octet| *octet == b'\n') {
        let Some(colon) = line.iter().position(|octet| *octet == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let has = |letter| value.contains(&letter);
        if name.eq_ignore_ascii_case(b"status") {
            flags = flags.with(Flags::SEEN, has(b'R'));
        } else if name.eq_ignore_ascii_case(b"x-status") {
            flags = flags
                .with(Flags::ANSWERED, has(b'A'))
                .with(Flags::STARRED, has(b'F'));
            trashed = has(b'D');
        }
    }
    (flags, trashed)
}

#[cfg(test)]
mod tests {
    use super::super::octets::as_sent;
    use super::*;
    use crate::cli::export::mbox::entry;

    fn read(file: &str) -> Vec<Found> {
        let mut mbox = Mbox::new(file.as_bytes());
        std::iter::from_fn(|| mbox.next().unwrap()).collect()
    }

    fn texts(file: &str) -> Vec<String> {
        read(file)
            .into_iter()
            .map(|found| String::from_utf8(found.octets).unwrap())
            .collect()
    }

    proptest::proptest! {
        #[test]
        fn what_an_export_wrote_comes_back_to_the_octet(
            messages in proptest::collection::vec("(>{0,3}(From |from |F)?[a: \r\n]{0,6}\r\n){1,6}", 1..5)
        ) {
            let row = crate::cli::export::testing::row();
            let mut file = Vec::new();
            for message in &messages {
                file.extend(entry(&row, message.as_bytes()));
            }
            let mut mbox = Mbox::new(file.as_slice());
            let back: Vec<Vec<u8>> = std::iter::from_fn(|| mbox.next().unwrap())
                .map(|found| as_sent(found.octets))
                .collect();
            let sent: Vec<Vec<u8>> = messages.into_iter().map(String::into_bytes).collect();
            proptest::prop_assert_eq!(back, sent);
        }

        #[test]
        fn no_file_makes_it_fail(file in "(From a Mon Nov 23 11:02:00 2026\n)?[From >:0-9\r\n]{0,200}") {
            let mut mbox = Mbox::new(file.as_bytes());
            for _ in 0..300 {
                if matches!(mbox.next(), Ok(None)) {
                    break;
                }
            }
            proptest::prop_assert!(matches!(mbox.next(), Ok(None)));
        }
    }

    #[test]
    fn messages_are_cut_at_separators_only_and_lose_one_mark_of_quoting() {
        let file = "From a@x.example Mon Nov 23 11:02:00 2026\nA: 1\n\nFrom here on\n>From me\n>>From you\n> From us\n\nFrom home\n\n\
                    From b Mon Nov  3 11:02:00 2026 +0100\nB: 1\n\n\nlast";
        assert_eq!(
            texts(file),
            [
                "A: 1\n\nFrom here on\nFrom me\n>From you\n> From us\n\nFrom home\n",
                "B: 1\n\n\nlast"
            ]
        );
        assert!(texts("").is_empty());
    }

    #[test]
    fn the_empty_line_before_the_next_message_is_no_part_of_this_one() {
        for end in ["\n", "\r\n"] {
            let from = format!("From a Mon Nov 23 11:02:00 2026{end}");
            let file = format!("{from}A: 1{end}{end}x{end}{end}{end}{from}B: 2{end}{end}");
            let first = format!("A: 1{end}{end}x{end}{end}");
            assert_eq!(texts(&file), [first, format!("B: 2{end}")]);
        }
    }

    #[test]
    fn status_lines_of_the_header_become_flags() {
        let message = "Status: RO\nX-Status: AF\nA: 1\n\nStatus: D\n";
        let (flags, trashed) = status(message.as_bytes());
        let all = Flags::default()
            .with(Flags::SEEN, true)
            .with(Flags::ANSWERED, true)
            .with(Flags::STARRED, true);
        assert_eq!((flags, trashed), (all, false));
        assert_eq!(status(b"X-Status: D\r\n\r\n"), (Flags::default(), true));
        assert_eq!(status(b"A: 1\n\nStatus: R\n"), (Flags::default(), false));
    }

    #[test]
    fn the_separator_says_when_a_message_arrived() {
        for (from, wanted) in [
            ("From a@b Thu Jan  1 00:01:00 1970\n", Some(Timestamp(60))),
            (
                "From - Thu Jan 01 00:01:00 1970 +0100\r\n",
                Some(Timestamp(60)),
            ),
            ("From a@b yesterday\n", None),
            ("From \n", None),
        ] {
            assert_eq!(arrived(from.as_bytes()), wanted, "{from}");
        }
    }
}

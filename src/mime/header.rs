//! A header block cut into fields (RFC 5322 section 2.2), and the values that mail needs of it.

use std::borrow::Cow;

use mail_parser::DateTime;

use super::{params::Params, words};
use crate::mail::{Timestamp, header_block};

/// The fields of a header block, as octets, in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Header<'x> {
    fields: Vec<(&'x str, &'x [u8])>,
    /// Whether the block was larger than is read.
    pub(super) cut: bool,
}

impl<'x> Header<'x> {
    /// The header of a message or part, and the octet at which its body starts.
    pub(super) fn parse(octets: &'x [u8]) -> (Self, usize) {
        let block = header_block(octets);
        let rest = octets.get(block.len()..).unwrap_or_default();
        let body = block.len()
            + match rest {
                [b'\r', b'\n', ..] => 2,
                [b'\n', ..] => 1,
                _ => 0,
            };
        let mut header = Self {
            fields: Vec::new(),
            cut: block.len() > LONGEST,
        };
        header.read(block.get(..LONGEST).unwrap_or(block));
        (header, body)
    }

    fn read(&mut self, block: &'x [u8]) {
        let mut field = 0;
        for end in memchr::memchr_iter(b'\n', block).chain([block.len()]) {
            let folded = matches!(block.get(end + 1), Some(b' ' | b'\t'));
            if folded && end < block.len() {
                continue;
            }
            self.push(block.get(field..end).unwrap_or_default());
            field = end + 1;
            if self.fields.len() >= MOST {
                self.cut = true;
                return;
            }
        }
    }

    fn push(&mut self, field: &'x [u8]) {
        let Some(colon) = memchr::memchr(b':', field) else {
            return;
        };
        let (name, value) = field.split_at(colon);
        // RFC 5322 section 4.5 allows blanks before the colon.
        let name = name.trim_ascii_end();
        let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
        if let (true, Ok(name)) = (is_name, std::str::from_utf8(name)) {
            self.fields.push((name, value.get(1..).unwrap_or_default()));
        }
    }

    /// All fields: name and raw value.
    pub(super) fn fields(&self) -> &[(&'x str, &'x [u8])] {
        &self.fields
    }

    /// The first field of that name, as raw octets.
    pub(super) fn raw(&self, name: &str) -> Option<&'x [u8]> {
        self.fields
            .iter()
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }

    /// The first field of that name on one line, encoded words left as they are.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.raw(name).map(words::unfold)
    }

    /// The first field of that name as unstructured text, decoded.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| words::decode(&value))
    }

    /// The first field of that name as a value with parameters.
    pub(super) fn params(&self, name: &str) -> Option<Params> {
        self.value(name).map(|value| Params::parse(&value))
    }

    /// When the message says it was written, or else when the last server that it came through took it; `None` where neither
    /// is there, or possible.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let written = self.value("Date").and_then(|value| timestamp(&value));
        written.or_else(|| {
            // The date stands behind the last semicolon (RFC 5321 section 4.4), the newest field on top.
            let received = self.value("Received")?;
            timestamp(received.rsplit_once(';')?.1)
        })
    }

    /// The ids between angle brackets in all fields of that name; bare words where there are no brackets.
    pub(super) fn message_ids(&self, name: &str) -> Vec<String> {
        let Some(value) = self.value(name) else {
            return Vec::new();
        };
        let pieces: Vec<&str> = if value.contains('<') {
            value
                .split('<')
                .skip(1)
                .filter_map(|piece| piece.split('>').next())
                .collect()
        } else {
            value
                .split_whitespace()
                .filter(|word| word.contains('@'))
                .collect()
        };
        let clean = |id: &str| -> String {
            let id: Cow<'_, str> = Cow::Owned(id.split_whitespace().collect());
            crate::mail::safe::line(&id).into_owned()
        };
        let ids = pieces.into_iter().map(clean);
        ids.filter(|id| !id.is_empty() && id.len() <= 998)
            .take(1000)
            .collect()
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn timestamp(value: &str) -> Option<Timestamp> {
    let date = DateTime::parse_rfc822(value)?;
    let possible = (1..=DAYS.get(usize::from(date.month).checked_sub(1)?).copied()?)
        .contains(&date.day)
        && (date.month != 2 || date.day < 29 || is_leap(date.year))
        && date.hour < 24
        && date.minute < 60
        && date.second <= 60
        && (1970..=9999).contains(&date.year);
    possible.then(|| Timestamp(date.to_timestamp()))
}

const DAYS: [u8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/// Octets of a header block that are read.
const LONGEST: usize = 1 << 20;
/// Fields that are read.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn date(value: &str) -> Option<i64> {
        let octets = format!("Date: {value}\r\n\r\n");
        Header::parse(octets.as_bytes()).0.date().map(|date| date.0)
    }

    #[test]
    fn fields_keep_their_order_and_folds_belong_to_them() {
        let (header, body) = Header::parse(b"A: 1\r\nB : 2\r\n 3\r\nrubbish\r\nC:\r\n\r\nbody");
        let fields: Vec<_> = header.fields().iter().map(|(name, _)| *name).collect();
        assert_eq!(fields, ["A", "B", "C"]);
        assert_eq!(header.value("b").as_deref(), Some("2 3"));
        assert_eq!(header.value("C").as_deref(), Some(""));
        assert_eq!(body, 32);
    }

    #[test]
    fn dates_are_read_and_impossible_ones_refused() {
        assert_eq!(date("Mon, 23 Nov 2026 11:02:00 +0100"), Some(1_795_428_120));
        assert_eq!(date("23 Nov 2026 10:02:00 GMT"), Some(1_795_428_120));
        for bad in [
            "31 Feb 2026 10:00:00 +0000",
            "32 Jan 2026 00:00:00 +0000",
            "1 Jan 1900 00:00:00 +0000",
            "yesterday",
            "",
            "1 Jan 2026 25:00:00 +0000",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_message_without_a_date_has_the_one_at_which_a_server_took_it_last() {
        let of = |octets: &[u8]| Header::parse(octets).0.date().map(|date| date.0);
        let received = b"Received: from a.example by b.example; an id\r\n ; Mon, 23 Nov 2026 11:02:00 +0100\r\n\
            Received: from c.example by a.example; Sun, 22 Nov 2026 11:02:00 +0100\r\n";
        assert_eq!(of(received), Some(1_795_428_120));
        assert_eq!(
            of(&[b"Date: rubbish\r\n", &received[..]].concat()),
            Some(1_795_428_120)
        );
        assert_eq!(
            of(&[&received[..], b"Date: 1 Jan 1970 00:00:01 +0000\r\n"].concat()),
            Some(1)
        );
        for neither in [
            &b"Received: by b.example\r\n"[..],
            b"Received: by b.example; soon\r\n",
            b"Subject: a\r\n",
        ] {
            assert_eq!(of(neither), None);
        }
    }

    #[test]
    fn message_ids_lose_their_brackets() {
        let (header, _) = Header::parse(
            b"References: <a@x>\r\n <b@x> rubbish <c\r\n @x>\r\nIn-Reply-To: d@x\r\n",
        );
        assert_eq!(header.message_ids("references"), ["a@x", "b@x", "c@x"]);
        assert_eq!(header.message_ids("In-Reply-To"), ["d@x"]);
    }

    #[test]
    fn a_huge_header_block_is_cut() {
        let octets = "A: 1\r\n".repeat(1_000_000);
        let (header, body) = Header::parse(octets.as_bytes());
        assert!(header.cut && header.fields().len() <= 10_000);
        assert_eq!(body, octets.len());
    }
}

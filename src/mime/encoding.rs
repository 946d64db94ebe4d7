//! Content transfer encodings (RFC 2045 section 6), decoded leniently, in linear time and up to a limit.

use std::borrow::Cow;

/// How a part's octets are wrapped up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// 7bit, 8bit, binary, and anything unknown.
    #[default]
    Identity,
    /// RFC 2045 section 6.8.
    Base64,
    /// RFC 2045 section 6.7.
    QuotedPrintable,
}

impl Encoding {
    /// From the value of a `Content-Transfer-Encoding` field.
    pub(super) fn of(value: &str) -> Self {
        let value = value.trim().trim_end_matches(';').to_ascii_lowercase();
        match value.as_str() {
            "base64" => Self::Base64,
            "quoted-printable" | "quoted printable" => Self::QuotedPrintable,
            _ => Self::Identity,
        }
    }

    /// The decoded octets, at most `limit` of them, and whether there would have been more.
    pub(super) fn decode(self, octets: &[u8], limit: usize) -> (Cow<'_, [u8]>, bool) {
        match self {
            Self::Identity => {
                let cut = octets.len() > limit;
                (Cow::Borrowed(octets.get(..limit).unwrap_or(octets)), cut)
            }
            Self::Base64 => {
                let (out, cut) = base64(octets, limit);
                (Cow::Owned(out), cut)
            }
            Self::QuotedPrintable => {
                let (out, cut) = quoted_printable(octets, limit);
                (Cow::Owned(out), cut)
            }
        }
    }

    /// How many octets [`Encoding::decode`] would give without a limit.
    pub(super) fn decoded_len(self, octets: &[u8]) -> u64 {
        match self {
            Self::Identity => octets.len() as u64,
            Self::Base64 => {
                // Each run of digits up to padding is a text of its own.
                let runs = octets.split(|octet| *octet == b'=');
                runs.map(|run| run.iter().filter(|o| sextet(**o).is_some()).count() as u64 * 3 / 4)
                    .sum()
            }
            Self::QuotedPrintable => {
                let mut count = 0;
                unquote(octets, &mut |piece| {
                    count += piece.len() as u64;
                    true
                });
                count
            }
        }
    }
}

/// The octets of base64 text. What is no digit is skipped; padding in the middle, as in glued texts, starts afresh.
pub(super) fn base64(text: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity((text.len() / 4 * 3 + 3).min(limit));
    let (mut bits, mut held) = (0_u32, 0_u32);
    for octet in text {
        let Some(digit) = sextet(*octet) else {
            if *octet == b'=' {
                (bits, held) = (0, 0);
            }
            continue;
        };
        bits = (bits << 6 | u32::from(digit)) & 0xFFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            if out.len() >= limit {
                return (out, true);
            }
            out.push((bits >> held & 0xFF) as u8);
        }
    }
    (out, false)
}

/// The octets of a Q-encoded word (RFC 2047 section 4.2).
pub(super) fn q(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        match (octet, hex_pair(after)) {
            (b'_', _) => out.push(b' '),
            (b'=', Some(value)) => {
                out.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => out.push(*octet),
        }
    }
    out
}

/// The octets of percent-encoded text (RFC 2231 section 4).
pub(super) fn percent(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((octet, after)) = rest.split_first() {
        rest = after;
        if let (b'%', Some(value)) = (octet, hex_pair(after)) {
            out.push(value);
            rest = after.get(2..).unwrap_or_default();
        } else {
            out.push(*octet);
        }
    }
    out
}

fn quoted_printable(text: &[u8], limit: usize) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len().min(limit));
    let whole = unquote(text, &mut |piece| {
        let room = limit.saturating_sub(out.len());
        out.extend_from_slice(piece.get(..room).unwrap_or(piece));
        piece.len() <= room
    });
    (out, !whole)
}

/// Gives what quoted-printable stands for to `take`, piece by piece, until that has enough. Whether it took everything.
fn unquote(text: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    text.split_inclusive(|octet| *octet == b'\n').all(|line| {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        let ending = line.get(content.len()..).unwrap_or_default();
        // Blanks at the end of a line were added on the way (rule 3).
        let content = content.trim_ascii_end();
        match content.strip_suffix(b"=") {
            Some(content) => unquote_line(content, take),
            None => unquote_line(content, take) && take(ending),
        }
    })
}

fn unquote_line(line: &[u8], take: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let mut rest = line;
    while let Some(at) = memchr::memchr(b'=', rest) {
        let (before, escape) = rest.split_at(at);
        let after = escape.get(1..).unwrap_or_default();
        let (octet, after) = match hex_pair(after) {
            Some(value) => (value, after.get(2..).unwrap_or_default()),
            None => (b'=', after),
        };
        if !(take(before) && take(&[octet])) {
            return false;
        }
        rest = after;
    }
    take(rest)
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| {
        let octet = text.get(at)?;
        char::from(*octet).to_digit(16)
    };
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

fn sextet(octet: u8) -> Option<u8> {
    match octet {
        b'A'..=b'Z' => Some(octet - b'A'),
        b'a'..=b'z' => Some(octet - b'a' + 26),
        b'0'..=b'9' => Some(octet - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use proptest::prelude::*;

    #[test]
    fn quoted_printable_joins_soft_breaks_and_forgives_bad_escapes() {
        let (out, cut) = Encoding::QuotedPrintable.decode(b"a=3D=\r\nb=ZZ=e9 \t\r\n=", 100);
        assert_eq!((&*out, cut), (&b"a=b=ZZ\xE9\r\n"[..], false));
    }

    #[test]
    fn base64_skips_rubbish_and_goes_on_after_padding_in_the_middle() {
        assert_eq!(base64(b"aGVs\r\nbG8=\r\n", 100).0, b"hello");
        assert_eq!(base64(b"YQ==YQ==", 100).0, b"aa");
        assert_eq!(base64(b"a*G!V s", 100).0, b"hel");
        assert_eq!(base64(b"aGVsbG8", 100).0, b"hello");
    }

    #[test]
    fn decoding_stops_at_the_limit_and_says_so() {
        assert_eq!(base64(b"aGVsbG8=", 3), (b"hel".to_vec(), true));
        let (out, cut) = Encoding::QuotedPrintable.decode(b"hello\nworld\n", 3);
        assert_eq!((&*out, cut), (&b"hel"[..], true));
        let (out, cut) = Encoding::Identity.decode(b"hello", 5);
        assert_eq!((&*out, cut), (&b"hello"[..], false));
    }

    #[test]
    fn v26_a_line_without_end_is_decoded_no_further_than_the_limit() {
        let line = b"=41".repeat(100_000);
        let (out, cut) = Encoding::QuotedPrintable.decode(&line, 3);
        assert_eq!((&*out, cut), (&b"AAA"[..], true));
        assert_eq!(Encoding::QuotedPrintable.decoded_len(&line), 100_000);
        let soft = b"=\r\n".repeat(100_000);
        assert_eq!(Encoding::QuotedPrintable.decoded_len(&soft), 0);
    }

    proptest! {
        #[test]
        fn base64_undoes_an_encoder(octets in any::<Vec<u8>>()) {
            let text = base64::engine::general_purpose::STANDARD.encode(&octets);
            prop_assert_eq!(base64(text.as_bytes(), usize::MAX), (octets.clone(), false));
            prop_assert_eq!(Encoding::Base64.decoded_len(text.as_bytes()), octets.len() as u64);
        }

        #[test]
        fn a_length_is_that_of_what_comes_out_also_of_glued_texts(text in "[A-D=\r\n !]{0,40}") {
            for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable] {
                let (out, _) = encoding.decode(text.as_bytes(), usize::MAX);
                prop_assert_eq!(encoding.decoded_len(text.as_bytes()), out.len() as u64);
            }
        }

        #[test]
        fn no_octets_upset_a_decoder(octets in any::<Vec<u8>>(), limit in 0_usize..64) {
            for encoding in [Encoding::Identity, Encoding::Base64, Encoding::QuotedPrintable] {
                prop_assert!(encoding.decode(&octets, limit).0.len() <= limit);
            }
        }
    }
}

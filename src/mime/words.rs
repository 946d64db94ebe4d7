//! Text in header fields: unfolded, raw 8-bit octets understood, encoded words (RFC 2047) decoded.

use super::{charset, encoding};

/// A field's octets as text on one line: folds undone (RFC 5322 section 2.2.3), charset guessed, nothing else decoded.
pub(super) fn unfold(value: &[u8]) -> String {
    // Line ends go first: a decoder would take one for the rest of a character that is cut off.
    let mut octets = Vec::with_capacity(value.len());
    for line in value.split(|octet| *octet == b'\n') {
        octets.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
    }
    // Escape sequences of ISO-2022 in a raw header field are left for the sanitiser: only 8-bit octets are guessed at.
    match String::from_utf8(octets) {
        Ok(text) => text.trim().to_owned(),
        Err(error) => charset::decode(None, error.as_bytes()).trim().to_owned(),
    }
}

/// The text with its encoded words decoded.
///
/// White space between two encoded words vanishes (section 6.2). Neighbours of one charset are decoded together, since
/// many senders cut characters in two. What is not quite an encoded word stays as it is.
pub(super) fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(&str, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(at) = memchr::memmem::find(rest.as_bytes(), b"=?") {
        let (before, candidate) = rest.split_at(at);
        let Some((word, after)) = Word::parse(candidate) else {
            flush(&mut pending, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = candidate.get(2..).unwrap_or_default();
            continue;
        };
        if pending.is_none() || !before.trim().is_empty() {
            flush(&mut pending, &mut out);
            out.push_str(before);
        }
        let octets = word.octets();
        match &mut pending {
            Some((label, held)) if label.eq_ignore_ascii_case(word.charset) => held.extend(octets),
            _ => {
                flush(&mut pending, &mut out);
                pending = Some((word.charset, octets));
            }
        }
        rest = after;
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    out
}

fn flush(pending: &mut Option<(&str, Vec<u8>)>, out: &mut String) {
    if let Some((label, octets)) = pending.take() {
        out.push_str(&charset::decode_word(label, &octets));
    }
}

/// An encoded word: `=?charset?encoding?text?=`.
struct Word<'x> {
    charset: &'x str,
    base64: bool,
    text: &'x str,
}

impl<'x> Word<'x> {
    /// The word at the start of `text`, and what stands behind it.
    fn parse(text: &'x str) -> Option<(Self, &'x str)> {
        let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
        // RFC 2231 section 5: a language may stand behind the charset.
        let charset = charset.split('*').next().unwrap_or_default();
        let (encoding, rest) = rest.split_once('?')?;
        let (text, rest) = rest.split_once('?')?;
        let rest = rest.strip_prefix('=')?;
        let base64 = match encoding {
            "b" | "B" => true,
            "q" | "Q" => false,
            _ => return None,
        };
        let named = !charset.is_empty() && charset.bytes().all(|octet| octet.is_ascii_graphic());
        named.then_some((
            Self {
                charset,
                base64,
                text,
            },
            rest,
        ))
    }

    fn octets(&self) -> Vec<u8> {
        if self.base64 {
            encoding::base64(self.text.as_bytes(), usize::MAX).0
        } else {
            encoding::q(self.text.as_bytes())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_2047_section_8_decode() {
        for (text, wanted) in [
            ("(=?ISO-8859-1?Q?a?=)", "(a)"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
            ("=?US-ASCII?Q?Keith_Moore?=", "Keith Moore"),
            (
                "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=",
                "Keld Jørn Simonsen",
            ),
            (
                "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=",
                "If you can read this yo",
            ),
        ] {
            assert_eq!(decode(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_character_cut_in_two_by_the_sender_is_put_together() {
        assert_eq!(decode("=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?="), "Grüße");
        assert_eq!(decode("=?UTF-8?B?4pyT4g==?= =?utf-8?Q?=9C=93?="), "✓✓");
    }

    #[test]
    fn what_is_no_encoded_word_stays() {
        for text in [
            "=?",
            "=?utf-8?",
            "=?utf-8?x?abc?=",
            "=?utf-8?q?abc",
            "a =? b",
            "=??q?a?=",
        ] {
            assert_eq!(decode(text), text);
        }
        assert_eq!(decode("=? =?utf-8?q?a?= x"), "=? a x");
    }

    #[test]
    fn unknown_charsets_and_bad_base64_give_what_can_be_had() {
        assert_eq!(decode("=?x-klingon?q?a=20b?="), "a b");
        assert_eq!(decode("=?utf-8?b?YWJ*j?="), "abc");
        assert_eq!(decode("=?utf-8*en?q?a?="), "a");
        assert_eq!(decode("=?utf-8?q?=FF?="), "\u{FFFD}");
    }

    #[test]
    fn folds_are_undone_and_raw_octets_guessed() {
        assert_eq!(unfold(b" a\r\n b\n\tc\r\n"), "a b\tc");
        assert_eq!(unfold("Grüße".as_bytes()), "Grüße");
        assert_eq!(unfold(b"Gr\xFC\xDFe"), "Grüße");
    }

    #[test]
    fn a_character_that_is_cut_off_by_the_end_of_a_field_is_one_sign_whatever_ends_it() {
        for cut in [b"\x1b$B\x9c".as_slice(), b"\x1b$B%F\xA5", b"Gr\xC3"] {
            let alone = unfold(cut);
            assert_eq!(unfold(&[cut, b"\r"].concat()), alone);
            assert_eq!(unfold(&[cut, b"\r\n"].concat()), alone);
        }
        assert_eq!(unfold(b"\x1b$B\x9c\r"), "\u{FFFD}");
    }

    #[test]
    fn a_million_words_take_linear_time() {
        let text = "=?utf-8?q?a?= ".repeat(100_000);
        assert_eq!(decode(&text).trim_end().len(), 100_000);
        let text = "=?a?q?".repeat(100_000);
        assert_eq!(decode(&text).len(), text.len());
    }
}

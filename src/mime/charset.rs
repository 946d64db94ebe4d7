//! Octets to text. Labels are looked up in a fixed table; nothing is loaded by name.

use std::borrow::Cow;

use mail_parser::decoders::charsets::map::charset_decoder;

/// The text of these octets in the charset of that label (RFC 2978, and what the web makes of it).
///
/// Without a label, with an unknown one, or with one that says no more than ASCII: UTF-8 where it is valid,
/// ISO-2022-JP where its escape sequences stand, Windows-1252 otherwise. What has no meaning becomes U+FFFD.
pub(super) fn decode<'x>(label: Option<&str>, octets: &'x [u8]) -> Cow<'x, str> {
    let label = label.map(|label| label.trim().trim_matches(['"', '\'']).to_ascii_lowercase());
    let label = label.as_deref().unwrap_or_default();
    match label {
        "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "default" => guess(octets),
        "utf-8" | "utf8" => lossy(octets),
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => {
            with("windows-1252", octets)
        }
        "gb2312" | "gbk" | "x-gbk" => with("gb18030", octets),
        _ => with(label, octets),
    }
}

/// The same for text in a header field, where UTF-7 has no place: it can spell what no filter sees.
pub(super) fn decode_word<'x>(label: &str, octets: &'x [u8]) -> Cow<'x, str> {
    let letters = label.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    // Written `utf_7` and `csUTF7` as well.
    if letters.contains("utf7") {
        return guess(octets);
    }
    decode(Some(label), octets)
}

fn with<'x>(label: &str, octets: &'x [u8]) -> Cow<'x, str> {
    match charset_decoder(label.as_bytes()) {
        Some(decoder) => Cow::Owned(decoder(octets)),
        None => guess(octets),
    }
}

fn guess(octets: &[u8]) -> Cow<'_, str> {
    let escapes = |wanted: &[u8]| memchr::memmem::find(octets, wanted).is_some();
    if escapes(b"\x1b$B") || escapes(b"\x1b$@") {
        return with("iso-2022-jp", octets);
    }
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text.trim_start_matches('\u{FEFF}')),
        Err(_) => charset_decoder(b"windows-1252").map_or_else(
            || String::from_utf8_lossy(octets),
            |decoder| Cow::Owned(decoder(octets)),
        ),
    }
}

fn lossy(octets: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charsets_of_the_world_are_decoded() {
        for (label, octets, wanted) in [
            ("utf-8", &b"Gr\xC3\xBC\xC3\x9Fe"[..], "Grüße"),
            ("ISO-8859-1", b"Gr\xFC\xDFe \x93x\x94", "Grüße “x”"),
            ("iso-8859-15", b"5 \xA4", "5 €"),
            ("windows-1251", b"\xCF\xF0\xE8\xE2\xE5\xF2", "Привет"),
            ("koi8-r", b"\xF0\xD2\xC9\xD7\xC5\xD4", "Привет"),
            ("shift_jis", b"\x93\xFA\x96\x7B", "日本"),
            ("ISO-2022-JP", b"\x1b$BF|K\\\x1b(B!", "日本!"),
            ("euc-kr", b"\xC7\xD1\xB1\xDB", "한글"),
            ("gb18030", b"\xD6\xD0\xCE\xC4", "中文"),
            ("gb2312", b"\xD6\xD0\xCE\xC4", "中文"),
            ("big5", b"\xA4\xA4\xA4\xE5", "中文"),
            ("utf-16le", b"h\0i\0", "hi"),
        ] {
            assert_eq!(decode(Some(label), octets), wanted, "{label}");
        }
    }

    #[test]
    fn an_unknown_or_missing_label_is_guessed() {
        assert_eq!(decode(None, "Grüße".as_bytes()), "Grüße");
        assert_eq!(decode(Some("../../x"), b"Gr\xFC\xDFe"), "Grüße");
        assert_eq!(decode(Some("us-ascii"), b"\x1b$BF|K\\\x1b(B"), "日本");
        assert_eq!(decode(Some("utf-8"), b"a\xFFb"), "a\u{FFFD}b");
    }

    #[test]
    fn utf_7_is_not_decoded_in_header_fields() {
        assert_eq!(decode_word("utf-7", b"+ADw-script"), "+ADw-script");
    }
}

//! Text as mail writes it: old character sets, quoted-printable, encoded words.

use base64::{Engine, engine::general_purpose::STANDARD};

/// A character set that the generator can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    Utf8,
    /// UTF-8, with the body in quoted-printable.
    Utf8Quoted,
    Latin1,
    Koi8R,
    /// Kana only.
    Iso2022Jp,
}

impl Charset {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Quoted => "UTF-8",
            Self::Latin1 => "ISO-8859-1",
            Self::Koi8R => "KOI8-R",
            Self::Iso2022Jp => "ISO-2022-JP",
        }
    }

    pub(super) fn transfer_encoding(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Latin1 | Self::Koi8R => "8bit",
            Self::Utf8Quoted => "quoted-printable",
            Self::Iso2022Jp => "7bit",
        }
    }

    /// The text in this character set; what it lacks becomes `?`.
    pub(super) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 | Self::Utf8Quoted => text.as_bytes().to_vec(),
            Self::Latin1 => text.chars().map(latin1).collect(),
            Self::Koi8R => text.chars().map(koi8_r).collect(),
            Self::Iso2022Jp => iso_2022_jp(text),
        }
    }

    /// A line of a body, transfer encoding included.
    pub(super) fn body_line(self, text: &str) -> Vec<u8> {
        let mut line = self.encode(text);
        if self == Self::Utf8Quoted {
            line = quoted_printable(&line);
        }
        line.extend_from_slice(b"\r\n");
        line
    }

    /// An encoded word (RFC 2047); ASCII stays as it is.
    pub(super) fn header(self, text: &str) -> String {
        if text.is_ascii() {
            return text.to_owned();
        }
        format!(
            "=?{}?B?{}?=",
            self.name(),
            STANDARD.encode(self.encode(text))
        )
    }
}

fn latin1(letter: char) -> u8 {
    u8::try_from(u32::from(letter)).unwrap_or(b'?')
}

fn koi8_r(letter: char) -> u8 {
    if letter.is_ascii() {
        return letter as u8;
    }
    let position = |alphabet: &str| alphabet.chars().position(|one| one == letter);
    match (position(KOI8_R_SMALL), position(KOI8_R_CAPITAL), letter) {
        (Some(at), _, _) => 0xC0 + at as u8,
        (_, Some(at), _) => 0xE0 + at as u8,
        (_, _, 'ё') => 0xA3,
        _ => b'?',
    }
}

/// RFC 1468, with the rows of JIS X 0208 that hold hiragana (4), katakana (5) and the commonest signs (1).
fn iso_2022_jp(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut double = false;
    for letter in text.chars() {
        let code = u32::from(letter);
        let pair = match code {
            0x3041..=0x3093 => Some([0x24, 0x21 + (code - 0x3041) as u8]),
            0x30A1..=0x30F6 => Some([0x25, 0x21 + (code - 0x30A1) as u8]),
            0x3001 => Some([0x21, 0x22]),
            0x3002 => Some([0x21, 0x23]),
            0x30FC => Some([0x21, 0x3C]),
            _ => None,
        };
        if pair.is_some() != double {
            out.extend_from_slice(if double { b"\x1b(B" } else { b"\x1b$B" });
            double = !double;
        }
        match pair {
            Some(pair) => out.extend_from_slice(&pair),
            None => out.push(if letter.is_ascii() {
                letter as u8
            } else {
                b'?'
            }),
        }
    }
    if double {
        out.extend_from_slice(b"\x1b(B");
    }
    out
}

/// RFC 2045 section 6.7, with soft line breaks before column 76.
fn quoted_printable(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    for octet in line {
        let plain = matches!(octet, b' '..=b'~' if *octet != b'=');
        let width = if plain { 1 } else { 3 };
        if column + width > 75 {
            out.extend_from_slice(b"=\r\n");
            column = 0;
        }
        if plain {
            out.push(*octet);
        } else {
            out.extend_from_slice(format!("={octet:02X}").as_bytes());
        }
        column += width;
    }
    out
}

/// The letters from 0xC0 and from 0xE0 on (RFC 1489).
const KOI8_R_SMALL: &str = "юабцдефгхийклмнопярстужвьызшэщчъ";
const KOI8_R_CAPITAL: &str = "ЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_character_set_writes_its_own_octets() {
        assert_eq!(Charset::Latin1.encode("für"), b"f\xFCr");
        assert_eq!(Charset::Koi8R.encode("Привет"), b"\xF0\xD2\xC9\xD7\xC5\xD4");
        assert_eq!(Charset::Iso2022Jp.encode("かA"), b"\x1b$B$+\x1b(BA");
        assert_eq!(Charset::Utf8Quoted.body_line("é="), b"=C3=A9=3D\r\n");
    }

    #[test]
    fn a_header_is_encoded_only_where_it_has_to_be() {
        assert_eq!(Charset::Utf8.header("Lunch"), "Lunch");
        assert_eq!(Charset::Latin1.header("für"), "=?ISO-8859-1?B?Zvxy?=");
    }
}

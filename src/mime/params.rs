//! Values with parameters, such as `text/plain; charset=utf-8` (RFC 2045 section 5.1, RFC 2183, RFC 2231).

use std::collections::BTreeMap;

use super::{charset, encoding, words};

/// A value and its parameters. Names are in lower case; values are decoded, but not yet safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    /// What stands before the first semicolon, in lower case.
    pub(super) value: String,
    params: BTreeMap<String, String>,
}

impl Params {
    /// From an unfolded field value.
    pub(super) fn parse(text: &str) -> Self {
        let mut pieces = split(text).into_iter();
        let value = pieces.next().unwrap_or_default();
        let mut extended = BTreeMap::new();
        let mut params = BTreeMap::new();
        for piece in pieces {
            let Some((name, value)) = piece.split_once('=') else {
                continue;
            };
            let (name, value) = (name.trim().to_ascii_lowercase(), unquote(value.trim()));
            match Section::of(&name) {
                Some(section) => {
                    let sections: &mut BTreeMap<_, _> = extended.entry(section.name).or_default();
                    sections
                        .entry(section.number)
                        .or_insert((section.encoded, value));
                }
                // Senders put encoded words into parameters although RFC 2047 section 5 forbids it.
                None => {
                    params.entry(name).or_insert_with(|| words::decode(&value));
                }
            }
        }
        params.extend(
            extended
                .into_iter()
                .map(|(name, sections)| (name, join(&sections))),
        );
        let value = value
            .split_whitespace()
            .collect::<String>()
            .to_ascii_lowercase();
        Self { value, params }
    }

    /// The parameter of that name (lower case).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str)
    }

    /// The first half of a media type.
    pub(super) fn kind(&self) -> &str {
        self.value.split('/').next().unwrap_or_default()
    }
}

/// A piece of a parameter: `name*0*`.
struct Section {
    name: String,
    number: u32,
    encoded: bool,
}

impl Section {
    fn of(name: &str) -> Option<Self> {
        let (stem, rest) = name.split_once('*')?;
        let (number, encoded) = match rest.strip_suffix('*') {
            Some(number) => (number, true),
            None => (rest, rest.is_empty()),
        };
        let number = if number.is_empty() {
            0
        } else {
            number.parse().ok()?
        };
        Some(Self {
            name: stem.to_owned(),
            number,
            encoded,
        })
    }
}

/// Puts the pieces of a parameter together (RFC 2231 section 4.1).
fn join(sections: &BTreeMap<u32, (bool, String)>) -> String {
    let mut label = None;
    let mut octets = Vec::new();
    for (number, (encoded, value)) in sections {
        let value = if *number == 0 && *encoded {
            let mut quotes = value.splitn(3, '\'');
            match (quotes.next(), quotes.next(), quotes.next()) {
                (Some(charset), Some(_), Some(text)) => {
                    label = Some(charset);
                    text
                }
                _ => value,
            }
        } else {
            value
        };
        if *encoded {
            octets.extend(encoding::percent(value.as_bytes()));
        } else {
            octets.extend_from_slice(value.as_bytes());
        }
    }
    match label {
        Some(label) => charset::decode_word(label, &octets).into_owned(),
        None => charset::decode(None, &octets).into_owned(),
    }
}

/// The pieces between semicolons that stand in no quotes; comments are left out (RFC 822 section 3.4.3).
fn split(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut quoted, mut escaped, mut comments) = (false, false, 0_usize);
    for c in text.chars() {
        let Some(piece) = pieces.last_mut() else {
            break;
        };
        let was_escaped = std::mem::take(&mut escaped);
        match c {
            _ if was_escaped => piece.push(c),
            '\\' if quoted => {
                escaped = true;
                piece.push(c);
            }
            '"' if comments == 0 => {
                quoted = !quoted;
                piece.push(c);
            }
            '(' if !quoted => comments += 1,
            ')' if !quoted && comments > 0 => comments -= 1,
            _ if comments > 0 => {}
            ';' if !quoted => {
                if pieces.len() >= MOST {
                    break;
                }
                pieces.push(String::new());
            }
            _ => piece.push(c),
        }
    }
    pieces
}

fn unquote(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            // Windows senders write folders with single backslashes; keeping them lets the folder be cut off.
            '\\' => match chars.next() {
                Some(escaped @ ('"' | '\\')) => out.push(escaped),
                Some(other) => out.extend(['\\', other]),
                None => {}
            },
            _ => out.push(c),
        }
    }
    out
}

/// Parameters that are read.
const MOST: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        let params = Params::parse(text);
        params
            .get("filename")
            .or(params.get("name"))
            .unwrap_or_default()
            .to_owned()
    }

    #[test]
    fn values_and_parameters_are_told_apart() {
        let params =
            Params::parse("Text/Plain; Charset=\"utf-8\"; format=flowed; (a; b) delsp=yes");
        assert_eq!(params.value, "text/plain");
        assert_eq!(params.get("charset"), Some("utf-8"));
        assert_eq!(params.get("format"), Some("flowed"));
        assert_eq!(params.get("delsp"), Some("yes"));
        assert_eq!(params.kind(), "text");
    }

    #[test]
    fn the_vectors_of_rfc_2231_decode() {
        assert_eq!(
            Params::parse("message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub/moore/\"").get("url"),
            Some("ftp://cs.utk.edu/pub/moore/")
        );
        assert_eq!(
            Params::parse(
                "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"
            )
            .get("title"),
            Some("This is ***fun***")
        );
        assert_eq!(
            Params::parse("application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"").get("title"),
            Some("This is even more ***fun*** isn't it!")
        );
    }

    #[test]
    fn file_names_come_out_of_every_way_of_writing_them() {
        assert_eq!(
            name("attachment; filename*=UTF-8''na%C3%AFve.pdf; filename=naive.pdf"),
            "naïve.pdf"
        );
        assert_eq!(
            name("attachment; filename=\"=?utf-8?Q?na=C3=AFve.pdf?=\""),
            "naïve.pdf"
        );
        assert_eq!(name("attachment; filename=a b.pdf"), "a b.pdf");
        assert_eq!(name("attachment; filename=\"a;b.pdf\""), "a;b.pdf");
        assert_eq!(
            name("attachment; filename=\"C:\\dir\\a.pdf\""),
            "C:\\dir\\a.pdf"
        );
        assert_eq!(
            name("attachment; filename*0*=''a; filename*2=c; filename*1=b"),
            "abc"
        );
        assert_eq!(name("x/y; name*=iso-8859-1'de'%FC.txt"), "ü.txt");
    }

    #[test]
    fn a_flood_of_pieces_is_cut() {
        let pieces: Vec<_> = (0..100_000).map(|n| format!("; filename*{n}*=a")).collect();
        let pieces = pieces.concat();
        assert!(name(&format!("attachment{pieces}")).len() < 1000);
    }
}

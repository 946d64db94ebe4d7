//! A message as it came: its fields, and its octets made visible.

use std::fmt::Write as _;

use super::{
    addresses,
    header::Header,
    layout::{Page, Paragraph},
    words,
};
use crate::mail::{Field, Line, SpanStyle, safe};

/// Every header field, decoded.
pub(super) fn fields(header: &Header<'_>) -> Vec<Field> {
    let decode = |name: &str, value: &[u8]| {
        let value = words::unfold(value);
        if ADDRESSES
            .iter()
            .any(|field| field.eq_ignore_ascii_case(name))
        {
            return addresses::show(&addresses::parse(&value));
        }
        safe::line(&words::decode(&value)).into_owned()
    };
    let fields = header.fields().iter();
    fields
        .map(|(name, value)| Field {
            name: (*name).to_owned(),
            value: shorten(decode(name, value), LONGEST),
        })
        .collect()
}

/// The octets as lines of visible text, and whether there were more than are shown.
///
/// An octet that is no UTF-8 stands as `\xFF`, a character that is not safe as `\u{202E}`: nothing is left out.
pub(super) fn lines(octets: &[u8], width: u16) -> (Vec<Line>, bool) {
    let mut page = Page::new(width);
    let style = SpanStyle {
        code: true,
        ..SpanStyle::default()
    };
    let octets = octets.strip_suffix(b"\n").unwrap_or(octets);
    let mut left = MOST;
    for line in octets.split(|octet| *octet == b'\n') {
        if page.is_full() || left == 0 {
            page.cut = true;
            break;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let shown = line.get(..left.min(LONGEST_LINE)).unwrap_or(line);
        page.cut |= shown.len() < line.len();
        left -= shown.len();
        page.add(Paragraph::styled(visible(shown), style));
    }
    (page.lines, page.cut)
}

/// The text, cut with an ellipsis behind so many octets.
pub(super) fn shorten(mut text: String, limit: usize) -> String {
    if text.len() > limit {
        text.truncate(text.floor_char_boundary(limit));
        text.push('…');
    }
    text
}

fn visible(line: &[u8]) -> String {
    let mut out = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        let text = chunk.valid();
        if crate::mail::text::is_safe(text) {
            out.push_str(text);
        } else {
            text.chars().for_each(|c| escape(c, &mut out));
        }
        for octet in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\x{octet:02X}");
        }
    }
    // A mark whose letter was escaped, or a joiner that joins nothing any more.
    safe::text(&out).into_owned()
}

fn escape(c: char, out: &mut String) {
    if c == '\t' {
        out.push('\t');
    } else if crate::mail::text::is_safe(c.encode_utf8(&mut [0; 4])) {
        out.push(c);
    } else {
        let code = u32::from(c);
        let _ = match code {
            0..=0xFF => write!(out, "\\x{code:02X}"),
            _ => write!(out, "\\u{{{code:X}}}"),
        };
    }
}

/// Fields that hold addresses, in which encoded words are decoded in names only.
const ADDRESSES: [&str; 10] = [
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Resent-From",
    "Resent-To",
    "Resent-Cc",
    "Return-Path",
];
const LONGEST: usize = 64 << 10;
/// Octets of the source that are shown.
const MOST: usize = 8 << 20;
/// Octets of one line of it that are shown.
const LONGEST_LINE: usize = 256 << 10;

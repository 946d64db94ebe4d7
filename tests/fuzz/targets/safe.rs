//! Text that is made harmless, and how wide it is, where it is cut and where it breaks.

use std::borrow::Cow;

use poppet::mail::text::{is_safe, quote_indent, truncate, width, wrap, wrap_ranges};
use poppet::mail::{bare_subject, is_reply, safe};

use super::letters::{assert_file_name, assert_harmless, assert_line};

/// The first octet is a number of columns, the rest the text.
pub(super) fn run(octets: &[u8]) {
    let Some((columns, octets)) = octets.split_first() else {
        return;
    };
    let columns = usize::from(*columns);
    let raw = String::from_utf8_lossy(octets);
    let line = safe::line(&raw);
    assert_line(&line);
    same(&line, &safe::line(&line));
    assert_eq!(is_safe(&raw), matches!(line, Cow::Borrowed(_)));
    assert_eq!(
        matches!(line, Cow::Borrowed(_)),
        line == raw,
        "copied for nothing"
    );
    same(&safe::octets(octets), &line);

    let text = safe::text(&raw);
    text.split('\n').for_each(assert_harmless);
    assert!(!text.contains(['\r', '\t']));
    same(&text, &safe::text(&text));
    assert!(
        line.len() <= raw.len().saturating_mul(4) + 16
            && text.len() <= raw.len().saturating_mul(8) + 16
    );

    let name = safe::file_name(&raw);
    assert_file_name(&name);
    same(&name, &safe::file_name(&name));
    if let Some(warning) = safe::warning(&raw) {
        assert_line(&warning);
    }

    widths(&line, columns);
    text.split('\n').for_each(|line| widths(line, columns));

    let bare = bare_subject(&line);
    assert_eq!(bare_subject(&bare), bare, "{line:?}");
    assert!(bare.is_empty() || !is_reply(&bare), "{bare:?} of {line:?}");
}

/// What people and others put into names and subjects.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = TEXTS
        .iter()
        .map(|text| [b"\x14", text.as_bytes()].concat())
        .collect();
    seeds.push(b"\x05\x1b[2J\xff\x9b\x80a\xc3".to_vec());
    seeds
}

fn widths(line: &str, columns: usize) {
    let whole = width(line);
    assert!(whole <= 2 * line.chars().count(), "{whole} for {line:?}");
    let cut = truncate(line, columns);
    assert!(width(&cut) <= columns, "{cut:?} in {columns}");
    assert_eq!(whole <= columns, cut == line, "{cut:?} in {columns}");
    let rows = wrap(line, columns);
    assert!(!rows.is_empty());
    for row in &rows {
        // A letter that is wider than the row stands there alone.
        assert!(
            width(row) <= columns.max(1) || wrap(row, 1) == [*row],
            "{row:?} in {columns}"
        );
    }
    let kept: String = rows.concat().chars().filter(|c| *c != ' ').collect();
    let all: String = line.chars().filter(|c| *c != ' ').collect();
    assert_eq!(kept, all);
    let mut end = 0;
    for range in wrap_ranges(line, columns) {
        assert!(
            range.start >= end && range.end >= range.start && line.is_char_boundary(range.start)
        );
        end = range.end;
    }
    assert!(end <= line.len() && line.is_char_boundary(end));
    let narrow = u16::try_from(columns).unwrap_or(u16::MAX);
    assert!(quote_indent(u8::MAX, narrow) <= narrow / 2);
}

#[track_caller]
fn same(first: &str, second: &str) {
    assert_eq!(first, second);
}

const TEXTS: [&str; 12] = [
    "Re: Fwd: [list] Grüße, AW: x",
    "a\tb\r\nc\rd\u{2028}e",
    "e\u{301}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}",
    "👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫 ☎\u{fe0f} 1\u{fe0f}\u{20e3} *\u{fe0e}",
    "日本語、です。「x」 ﾊﾝｶｸ",
    "\u{202e}gnp.exe\u{202c}\u{200b}pay\u{200b}pal\u{ad}x\u{feff}",
    "نص \u{200f}عربي\u{200c}ی ക്\u{200d}",
    "\u{e0041}\u{e0042}\u{fff9}a\u{fffa}b\u{fffb}\u{e000}\u{10ffff}",
    "../../.bash_login CON.txt ~x -rf $(x) `y`",
    "x.pdf.exe  . ",
    "葛\u{e0100} 葛\u{fe00}\u{fe01}",
    "\u{1b}[31m\u{9b}2J\u{7}\u{0}\u{7f}",
];

//! How wide text is in a terminal, and how it is cut and wrapped to fit: by columns, never through a grapheme.

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns that a text on one line takes: the sum over its grapheme clusters (UAX #29), each as wide as UAX #11 has it.
pub fn width(text: &str) -> usize {
    if is_printable_ascii(text) {
        return text.len();
    }
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// The text, or as many of its first graphemes as fit into `columns` together with an ellipsis.
pub fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    let fits = if is_printable_ascii(text) {
        text.len() <= columns
    } else {
        head(text, columns) == text.len()
    };
    if fits {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let kept = text.get(..head(text, room)).unwrap_or_default();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

/// The text, or as much of its beginning and of its end as fits into `columns` with an ellipsis between them.
pub fn squeeze(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let begin = text.get(..head(text, room - room / 2)).unwrap_or_default();
    let mut left = room / 2;
    let mut from = text.len();
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        let Some(rest) = left.checked_sub(grapheme.width()) else {
            break;
        };
        (left, from) = (rest, at);
    }
    let end = text.get(from..).unwrap_or_default();
    Cow::Owned(format!("{}…{}", begin.trim_end(), end.trim_start()))
}

/// A paragraph cut into lines of at most `columns` columns.
///
/// It breaks at spaces, which then vanish, and between ideographs; a word that is wider than a line is broken between
/// graphemes. Indentation stays on the first line, as much of it as fits. Only a grapheme that is itself wider than
/// `columns` overflows.
pub fn wrap(text: &str, columns: usize) -> Vec<&str> {
    wrap_ranges(text, columns)
        .into_iter()
        .map(|range| text.get(range).unwrap_or_default())
        .collect()
}

/// The same as octet ranges of `text`, for text that carries styles beside it. Never empty.
pub fn wrap_ranges(text: &str, columns: usize) -> Vec<Range<usize>> {
    wrap_some(text, columns, usize::MAX)
}

/// The same, of no more than `most` lines, however long the text is.
pub fn wrap_some(text: &str, columns: usize, most: usize) -> Vec<Range<usize>> {
    if is_printable_ascii(text) {
        let letter = |(at, octet)| {
            let space = octet == b' ';
            (at, if space { Class::Space } else { Class::Letter }, 1)
        };
        let letters = text.bytes().enumerate().map(letter);
        return cut(text, columns.max(1), most, letters);
    }
    let graphemes = text.grapheme_indices(true);
    let classed = graphemes.map(|(at, grapheme)| (at, Class::of(grapheme), grapheme.width()));
    cut(text, columns.max(1), most, classed)
}

/// Cuts a text whose graphemes are given by start, class and width.
fn cut(
    text: &str,
    columns: usize,
    most: usize,
    graphemes: impl Iterator<Item = (usize, Class, usize)>,
) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    // The line so far, its width, and the last place in it where it may break: (end of text, start of next, width there).
    let (mut start, mut used) = (0, 0);
    let mut chance: Option<Break> = None;
    let mut before = Class::Space;
    let mut blank = true;
    for (at, class, wide) in graphemes {
        if class == Class::Space {
            if before != Class::Space && !blank {
                chance = Some(Break::new(at, at, used));
            }
        } else if !blank && before.breaks_before(class) {
            let end = chance.filter(|_| before == Class::Space);
            chance = Some(Break::new(end.map_or(at, |c| c.end), at, used));
        }
        // Spaces may hang over the edge: they are not drawn when the line ends there.
        if used + wide > columns && class != Class::Space && at > start {
            let cut = chance.take().filter(|c| c.next > start);
            let cut = cut.unwrap_or(Break::new(at, at, used));
            // An indentation that has no room for a letter behind it: as much of it as there is room for.
            let end = if blank {
                cut.end.min(start + columns)
            } else {
                cut.end
            };
            lines.push(start..end);
            if lines.len() >= most {
                return lines;
            }
            used = used.saturating_sub(cut.used);
            start = cut.next;
        }
        used += wide;
        blank &= class == Class::Space;
        before = class;
    }
    let rest = text.get(start..).unwrap_or_default().trim_end_matches(' ');
    if !rest.is_empty() || lines.is_empty() {
        lines.push(start..start + rest.len());
    }
    lines
}

/// Columns at the left of a line that its quote marks take: two for each level, never more than half of `width`.
pub fn quote_indent(quote: u8, width: u16) -> u16 {
    u16::from(quote).saturating_mul(2).min(width / 2)
}

/// Whether [`super::safe::line`] would leave this text as it is.
pub fn is_safe(text: &str) -> bool {
    is_printable_ascii(text) || matches!(super::safe::line(text), Cow::Borrowed(_))
}

/// The octet length of the longest prefix of whole graphemes that fits into `columns`.
fn head(text: &str, columns: usize) -> usize {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        used += grapheme.width();
        if used > columns {
            return at;
        }
    }
    text.len()
}

fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|octet| matches!(octet, 0x20..=0x7E))
}

/// A place where a line may end.
#[derive(Clone, Copy)]
struct Break {
    /// Octet behind the line's text.
    end: usize,
    /// Octet where the next line starts.
    next: usize,
    /// Columns of the line before `next`.
    used: usize,
}

impl Break {
    fn new(end: usize, next: usize, used: usize) -> Self {
        Self { end, next, used }
    }
}

/// What a grapheme means for breaking lines: the few classes of UAX #14 that mail needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Space,
    Letter,
    Ideograph,
    Opening,
    Closing,
}

impl Class {
    fn of(grapheme: &str) -> Self {
        if grapheme == " " {
            return Self::Space;
        }
        match grapheme.chars().next() {
            Some('「' | '『' | '（' | '《' | '〈' | '【' | '〔' | '［' | '｛') => {
                Self::Opening
            }
            Some(
                '、' | '。' | '，' | '．' | '」' | '』' | '）' | '》' | '〉' | '】' | '〕' | '］'
                | '｝' | '！' | '？' | '：' | '；' | '・' | 'ー' | '々' | 'っ' | 'ッ' | '…',
            ) => Self::Closing,
            Some(c) if is_ideograph(c) => Self::Ideograph,
            _ => Self::Letter,
        }
    }

    fn breaks_before(self, next: Self) -> bool {
        match (self, next) {
            (Self::Space, _) => true,
            (Self::Opening, _)
            | (_, Self::Closing)
            | (Self::Letter, Self::Letter | Self::Space) => false,
            (_, Self::Ideograph | Self::Opening) | (Self::Ideograph | Self::Closing, _) => true,
        }
    }
}

/// Kana, Han and fullwidth forms, which need no space between words. Hangul has spaces.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{312F}' | '\u{31A0}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF01}'..='\u{FF9F}'
        | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ideographs_and_emoji_take_two_columns_and_combining_marks_none() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(width("👩‍👩‍👧"), 2);
    }

    #[test]
    fn truncation_never_cuts_a_grapheme_and_says_that_it_cut() {
        assert_eq!(truncate("hello", 5), "hello");
        assert_eq!(truncate("hello", 4), "hel…");
        assert_eq!(truncate("日本語", 4), "日…");
        assert_eq!(truncate("日本語", 6), "日本語");
        assert_eq!(truncate("hello", 0), "");
        assert_eq!(truncate("a b c", 3), "a…");
    }

    #[test]
    fn squeezing_keeps_the_beginning_and_the_end() {
        assert_eq!(squeeze("application/pdf", 15), "application/pdf");
        assert_eq!(squeeze("application/pdf", 9), "appl…/pdf");
        assert_eq!(squeeze("日本語.pdf", 8), "日本…pdf");
        assert_eq!(squeeze("日本語.pdf", 7), "日…pdf");
        assert_eq!(squeeze("abc", 1), "…");
        assert_eq!(squeeze("abc", 0), "");
    }

    #[test]
    fn words_wrap_at_spaces_and_the_spaces_vanish() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("  indented text", 10), ["  indented", "text"]);
        assert_eq!(wrap("", 10), [""]);
        assert_eq!(wrap("   ", 2), [""]);
        assert_eq!(wrap("     a b", 3), ["   ", "a b"]);
        assert_eq!(wrap("trailing   ", 8), ["trailing"]);
    }

    #[test]
    fn a_word_wider_than_the_line_starts_on_its_own_line_and_is_broken() {
        assert_eq!(wrap("ab abcdefgh x", 4), ["ab", "abcd", "efgh", "x"]);
    }

    #[test]
    fn a_target_that_fits_on_a_line_stays_whole() {
        assert_eq!(
            wrap("see https://a.example/x-y here", 22),
            ["see", "https://a.example/x-y", "here"]
        );
    }

    #[test]
    fn ideographs_break_anywhere_but_before_closing_punctuation() {
        assert_eq!(wrap("日本語です。", 6), ["日本語", "です。"]);
        assert_eq!(wrap("日本語、です", 6), ["日本", "語、で", "す"]);
        assert_eq!(wrap("ab日本", 4), ["ab日", "本"]);
    }

    #[test]
    fn quote_marks_never_take_more_than_half_of_the_line() {
        assert_eq!(quote_indent(0, 80), 0);
        assert_eq!(quote_indent(3, 80), 6);
        assert_eq!(quote_indent(200, 80), 40);
        assert_eq!(quote_indent(4, 1), 0);
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit_and_lose_nothing_but_spaces(text in "\\PC{0,80}", columns in 2_usize..60) {
            let lines = wrap(&text, columns);
            for line in &lines {
                let lone = line.graphemes(true).count() == 1;
                prop_assert!(lone || width(line) <= columns, "{line:?} in {columns}");
            }
            let kept: String = lines.concat().chars().filter(|c| *c != ' ').collect();
            let whole: String = text.chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(kept, whole);
        }

        #[test]
        fn truncated_text_fits(text in "\\PC{0,40}", columns in 0_usize..30) {
            prop_assert!(width(&truncate(&text, columns)) <= columns);
        }
    }
}

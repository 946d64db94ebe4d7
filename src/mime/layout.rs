//! Paragraphs of styled text laid out in lines of a given width.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::mail::{
    Body, Line, Span, SpanStyle,
    text::{quote_indent, wrap_some},
};

/// A piece of text that is wrapped by itself. Its spans are safe to show and hold no line breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paragraph {
    pub(super) quote: u8,
    pub(super) signature: bool,
    /// Whether the numbers of links stand in it, as spans of their own behind the links.
    pub(super) numbered: bool,
    pub(super) spans: Vec<Span>,
}

impl Paragraph {
    /// Plain text of the sender's own.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::styled(text, SpanStyle::default())
    }

    /// Text in one style.
    pub(super) fn styled(text: impl Into<String>, style: SpanStyle) -> Self {
        Self {
            spans: vec![Span {
                text: text.into(),
                style,
                link: None,
            }],
            ..Self::default()
        }
    }

    /// Whether there is nothing to see.
    pub(super) fn is_blank(&self) -> bool {
        self.spans
            .iter()
            .all(|span| span.text.chars().all(char::is_whitespace))
    }
}

/// The lines of a body as they grow.
#[derive(Debug)]
pub(super) struct Page {
    width: u16,
    pub(super) lines: Vec<Line>,
    /// Whether lines had to be left out.
    pub(super) cut: bool,
}

impl Page {
    /// An empty page of `width` columns.
    pub(super) fn new(width: u16) -> Self {
        Self {
            width: width.max(1),
            lines: Vec::new(),
            cut: false,
        }
    }

    /// Columns that text of that quote depth has.
    pub(super) fn room(&self, quote: u8) -> usize {
        usize::from(self.width - quote_indent(quote, self.width)).max(1)
    }

    /// Whether no more lines are taken.
    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= Body::MAX_LINES
    }

    /// Wraps a paragraph.
    pub(super) fn add(&mut self, mut paragraph: Paragraph) {
        let room = self.room(paragraph.quote);
        fit_graphemes(&mut paragraph.spans, room);
        let text: String = paragraph
            .spans
            .iter()
            .map(|span| span.text.as_str())
            .collect();
        let mut spans = Pieces::new(&paragraph.spans);
        // One line more than is taken, so that it is seen that some are left out.
        let most = Body::MAX_LINES - self.lines.len().min(Body::MAX_LINES) + 1;
        for range in wrap_some(&text, room, most) {
            if self.is_full() {
                self.cut = true;
                return;
            }
            self.lines.push(Line {
                quote: paragraph.quote,
                signature: paragraph.signature,
                numbered: paragraph.numbered,
                spans: spans.slice(range),
            });
        }
    }

    /// A horizontal rule, with a title in it.
    pub(super) fn rule(&mut self, title: &str) {
        let room = self.room(0);
        let title = crate::mail::text::truncate(title, room.saturating_sub(6));
        let mut line = if title.is_empty() {
            String::new()
        } else {
            format!("── {title} ")
        };
        while crate::mail::text::width(&line) < room {
            line.push('─');
        }
        let style = SpanStyle {
            dim: true,
            ..SpanStyle::default()
        };
        self.add(Paragraph::styled(line, style));
    }

    /// An empty line, unless the page is empty or already ends with one.
    pub(super) fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.spans.is_empty()) && !self.is_full() {
            self.lines.push(Line::default());
        }
    }

    /// Removes empty lines from the end.
    pub(super) fn trim(&mut self) {
        while self
            .lines
            .last()
            .is_some_and(|line| line.spans.is_empty() && line.quote == 0)
        {
            self.lines.pop();
        }
    }
}

/// Spans from which ranges of their joined text are taken from left to right.
struct Pieces<'x> {
    spans: &'x [Span],
    /// Where the first of `spans` starts in the joined text.
    start: usize,
}

impl<'x> Pieces<'x> {
    fn new(spans: &'x [Span]) -> Self {
        Self { spans, start: 0 }
    }

    fn slice(&mut self, range: std::ops::Range<usize>) -> Vec<Span> {
        let mut out: Vec<Span> = Vec::new();
        while let Some((span, rest)) = self.spans.split_first() {
            let end = self.start + span.text.len();
            let from = range.start.max(self.start) - self.start;
            let to = range.end.min(end).saturating_sub(self.start);
            if let Some(text) = span.text.get(from..to).filter(|text| !text.is_empty()) {
                match out.last_mut() {
                    Some(last) if last.style == span.style && last.link == span.link => {
                        last.text.push_str(text);
                    }
                    _ => out.push(Span {
                        text: text.to_owned(),
                        style: span.style,
                        link: span.link,
                    }),
                }
            }
            if end > range.end {
                break;
            }
            self.spans = rest;
            self.start = end;
        }
        out
    }
}

/// Replaces what is wider than the whole line.
fn fit_graphemes(spans: &mut [Span], room: usize) {
    for span in spans {
        if span.text.is_ascii() || span.text.graphemes(true).all(|g| g.width() <= room) {
            continue;
        }
        let fits = |g| {
            if UnicodeWidthStr::width(g) <= room {
                g
            } else {
                "\u{FFFD}"
            }
        };
        span.text = span.text.graphemes(true).map(fits).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, bold: bool) -> Span {
        Span {
            text: text.to_owned(),
            style: SpanStyle {
                bold,
                ..SpanStyle::default()
            },
            link: None,
        }
    }

    #[test]
    fn styles_survive_wrapping() {
        let mut page = Page::new(7);
        page.add(Paragraph {
            quote: 1,
            spans: vec![span("one ", false), span("two three", true)],
            ..Paragraph::default()
        });
        let spans: Vec<_> = page.lines.iter().map(|line| line.spans.clone()).collect();
        assert_eq!(
            spans,
            [
                vec![span("one", false)],
                vec![span("two", true)],
                vec![span("three", true)]
            ]
        );
        assert!(page.lines.iter().all(|line| line.quote == 1));
    }

    #[test]
    fn what_is_wider_than_the_line_is_replaced() {
        let mut page = Page::new(1);
        page.add(Paragraph::plain("日a"));
        let text: Vec<_> = page
            .lines
            .iter()
            .map(|line| line.spans[0].text.clone())
            .collect();
        assert_eq!(text, ["\u{FFFD}", "a"]);
    }

    #[test]
    fn a_page_takes_no_more_than_its_lines() {
        let mut page = Page::new(1);
        page.add(Paragraph::plain("x".repeat(Body::MAX_LINES + 5)));
        assert_eq!((page.lines.len(), page.cut), (Body::MAX_LINES, true));
    }
}

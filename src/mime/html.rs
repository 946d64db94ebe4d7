//! HTML to paragraphs: laid out by `html2text` from what [`super::markup`] has left of it.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use html2text::render::{TaggedLine, TaggedLineElement, TextDecorator};
use mail_parser::decoders::html::html_to_text;

use super::{layout::Paragraph, links::Links};
use crate::mail::{Span, SpanStyle, safe};

thread_local! {
    static LAYING_OUT: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is laying out HTML, so that a panic on it is caught and needs no farewell.
///
/// A panic hook that puts the terminal back and reports asks this first, and keeps still.
pub fn contains_panics() -> bool {
    LAYING_OUT.get()
}

/// The paragraphs of reduced HTML, each no wider than `width` columns where its words allow that. `None` when it cannot be
/// laid out.
pub(super) fn paragraphs(html: &str, width: u16, links: &mut Links) -> Option<Vec<Paragraph>> {
    let laid_out = lay_out(html, usize::from(width.max(1)))?;
    let mut out: Vec<Paragraph> = Vec::new();
    for line in laid_out {
        let paragraph = read_line(&line, links);
        let follows_blank = out.last().is_none_or(Paragraph::is_blank);
        if paragraph.is_blank() {
            if !follows_blank {
                out.push(Paragraph {
                    quote: paragraph.quote,
                    ..Paragraph::default()
                });
            }
        } else {
            out.push(paragraph);
        }
    }
    if out.last().is_some_and(Paragraph::is_blank) {
        out.pop();
    }
    Some(out)
}

/// The words of reduced HTML, without layout. Not yet safe to show.
pub(super) fn words(html: &str) -> String {
    html_to_text(&html.replace("</td>", " </td>"))
}

fn lay_out(html: &str, width: usize) -> Option<Vec<TaggedLine<Vec<Mark>>>> {
    LAYING_OUT.set(true);
    let lines = catch_unwind(AssertUnwindSafe(|| {
        let config = html2text::config::with_decorator(Styles)
            .allow_width_overflow()
            .link_footnotes(false)
            .unicode_strikeout(false)
            .no_table_borders();
        config.lines_from_read(html.as_bytes(), width).ok()
    }));
    LAYING_OUT.set(false);
    lines.ok().flatten()
}

fn read_line(line: &TaggedLine<Vec<Mark>>, links: &mut Links) -> Paragraph {
    let mut out = Paragraph::default();
    let mut at_start = true;
    for element in line.iter() {
        let TaggedLineElement::Str(piece) = element else {
            continue;
        };
        let mut text = piece.s.as_str();
        // Quote marks stand before everything else, in no style.
        while at_start {
            match text.strip_prefix('>') {
                Some(rest) => {
                    out.quote = out.quote.saturating_add(1);
                    text = rest.strip_prefix(' ').unwrap_or(rest);
                }
                None => at_start = text.is_empty(),
            }
            if text.is_empty() {
                break;
            }
        }
        if let Some(span) = read_piece(text, &piece.tag, links) {
            out.spans.push(span);
        }
    }
    dot(&mut out.spans);
    out
}

/// Turns the mark of a list item into a dot.
fn dot(spans: &mut [Span]) {
    let first = spans.iter_mut().find(|span| !span.text.trim().is_empty());
    let Some(span) = first.filter(|span| span.style == SpanStyle::default()) else {
        return;
    };
    let indent = span.text.len() - span.text.trim_start().len();
    if span
        .text
        .get(indent..)
        .is_some_and(|text| text.starts_with("* "))
    {
        span.text.replace_range(indent..=indent, "•");
    }
}

fn read_piece(text: &str, marks: &[Mark], links: &mut Links) -> Option<Span> {
    if text.is_empty() {
        return None;
    }
    let mut span = Span::default();
    for mark in marks {
        match mark {
            Mark::None => {}
            Mark::Strong => span.style.bold = true,
            Mark::Emphasis => span.style.italic = true,
            Mark::Strike => span.style.strike = true,
            Mark::Code => span.style.code = true,
            Mark::Heading => span.style.heading = true,
            Mark::Image => span.style.dim = true,
            Mark::Link(target) => span.link = links.add(target, text),
        }
    }
    let blank = text.trim().is_empty();
    if blank {
        span.style = SpanStyle::default();
    }
    span.text = safe::line(text).replace('\u{A0}', " ");
    Some(span)
}

/// What `html2text` writes beside the words: nothing but list marks and the quote marks that [`read_line`] takes off again.
#[derive(Clone)]
struct Styles;

/// What a piece of text is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Mark {
    #[default]
    None,
    Link(String),
    Image,
    Emphasis,
    Strong,
    Strike,
    Code,
    Heading,
}

impl TextDecorator for Styles {
    type Annotation = Mark;

    fn decorate_link_start(&mut self, url: &str) -> (String, Mark) {
        (String::new(), Mark::Link(url.to_owned()))
    }

    fn decorate_link_end(&mut self) -> String {
        String::new()
    }

    fn decorate_em_start(&self) -> (String, Mark) {
        (String::new(), Mark::Emphasis)
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, Mark) {
        (String::new(), Mark::Strong)
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, Mark) {
        (String::new(), Mark::Strike)
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, Mark) {
        (String::new(), Mark::Code)
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) -> Mark {
        Mark::Code
    }

    fn decorate_preformat_cont(&self) -> Mark {
        Mark::Code
    }

    fn decorate_image(&mut self, _source: &str, title: &str) -> (String, Mark) {
        (title.to_owned(), Mark::Image)
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        // `html2text` takes octets for columns here, so the mark is ASCII until the line is laid out.
        "* ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self
    }

    fn decorate_superscript_start(&self) -> (String, Mark) {
        (String::new(), Mark::Heading)
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(html: &str, width: u16) -> Vec<(u8, String)> {
        let reduced = super::super::markup::reduce(html, &|_| None);
        let all = paragraphs(&reduced.html, width, &mut Links::default()).unwrap();
        let text = |p: &Paragraph| p.spans.iter().map(|s| s.text.as_str()).collect::<String>();
        all.iter()
            .map(|p| (p.quote, text(p).trim_end().to_owned()))
            .collect()
    }

    fn rows(wanted: &[(u8, &str)]) -> Vec<(u8, String)> {
        wanted
            .iter()
            .map(|(quote, text)| (*quote, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn quotes_become_depth() {
        assert_eq!(
            show(
                "<p>new</p><blockquote>one<blockquote>two</blockquote></blockquote>",
                40
            ),
            rows(&[(0, "new"), (0, ""), (1, "one"), (1, ""), (2, "two")])
        );
    }

    #[test]
    fn styles_and_links_become_spans() {
        let html = "<h2>Title</h2><p><b>bold</b> <i>it</i> <s>no</s> <code>c</code> <a href='https://a.example/?x=1&amp;y=2'>go <b>now</b></a>";
        let reduced = super::super::markup::reduce(html, &|_| None);
        let mut links = Links::default();
        let all = paragraphs(&reduced.html, 80, &mut links).unwrap();
        assert!(all[0].spans[0].style.heading && all[0].spans[0].text == "Title");
        let spans = &all[2].spans;
        assert!(spans[0].style.bold && spans.iter().any(|s| s.style.italic && s.text == "it"));
        assert!(spans.iter().any(|s| s.style.strike) && spans.iter().any(|s| s.style.code));
        assert_eq!(spans.iter().filter(|s| s.link == Some(1)).count(), 2);
        let link = links.into_list().remove(0);
        assert_eq!(
            (link.target.as_str(), link.text.as_str()),
            ("https://a.example/?x=1&y=2", "go now")
        );
    }

    #[test]
    fn lists_and_tables_keep_their_shape() {
        assert_eq!(
            show("<ul><li>a<li>b</ul><ol><li>c<li>d</ol>", 40),
            rows(&[(0, "• a"), (0, "• b"), (0, "1. c"), (0, "2. d")])
        );
        let table = show(
            "<table><tr><th>Item<th>Price<tr><td>Tea<td>3.00</table>",
            40,
        );
        assert_eq!(table.len(), 2, "{table:?}");
        assert!(table[1].1.starts_with("Tea") && table[1].1.ends_with("3.00"));
    }

    #[test]
    fn entities_cannot_bring_controls_in() {
        let all = show("a&#27;[31m&#x202e;b&#x9b;c", 80);
        assert!(
            !all[0].1.contains(['\u{1b}', '\u{202e}', '\u{9b}']),
            "{all:?}"
        );
    }

    #[test]
    fn a_panic_hook_is_told_when_to_keep_still() {
        assert!(!contains_panics());
        show("<p>x", 10);
        assert!(!contains_panics());
    }
}

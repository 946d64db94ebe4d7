//! HTML to paragraphs: laid out by `html2text` from what [`super::markup`] has left of it.

mod styles;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use html2text::render::{TaggedLine, TaggedLineElement};
use mail_parser::decoders::html::html_to_text;

use self::styles::{Mark, Styles};
use super::{layout::Paragraph, links::Links};
use crate::mail::{Link, Span, SpanStyle, safe};

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
    let laid_out = lay_out(html, usize::from(width.max(1)), links)?;
    let mut out: Vec<Paragraph> = Vec::new();
    let mut worded = HashSet::new();
    for line in laid_out {
        let paragraph = read_line(&line, links, &mut worded);
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

fn lay_out(html: &str, width: usize, links: &mut Links) -> Option<Vec<TaggedLine<Vec<Mark>>>> {
    let before = links.len();
    let shared = Rc::new(RefCell::new(std::mem::take(links)));
    let styles = Styles::new(Rc::clone(&shared));
    LAYING_OUT.set(true);
    let laid_out = catch_unwind(AssertUnwindSafe(|| {
        let config = html2text::config::with_decorator(styles)
            .allow_width_overflow()
            .link_footnotes(false)
            .unicode_strikeout(false)
            .no_table_borders();
        config.lines_from_read(html.as_bytes(), width).ok()
    }));
    LAYING_OUT.set(false);
    *links = shared.take();
    let laid_out = laid_out.ok().flatten();
    if laid_out.is_none() {
        links.truncate(before);
    }
    laid_out
}

/// Reads a line. `worded` are the links that have had words so far.
fn read_line(
    line: &TaggedLine<Vec<Mark>>,
    links: &mut Links,
    worded: &mut HashSet<usize>,
) -> Paragraph {
    let mut out = Paragraph {
        numbered: true,
        ..Paragraph::default()
    };
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
        read_piece(text, &piece.tag, links, worded, &mut out.spans);
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

fn read_piece(
    text: &str,
    marks: &[Mark],
    links: &mut Links,
    worded: &mut HashSet<usize>,
    out: &mut Vec<Span>,
) {
    if text.is_empty() {
        return;
    }
    let mut text = text;
    let mut number = None;
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
            Mark::Link(link, place) => {
                span.link = *link;
                let end = link.map(Link::mark);
                let words = end.and_then(|end| text.strip_suffix(&end));
                if let Some(words) = words.map(str::trim_end) {
                    number = text.get(words.len()..);
                    text = words;
                }
                if !text.trim().is_empty() {
                    worded.insert(*place);
                }
                // A number behind nothing would be all that is seen of its link.
                number = number.filter(|_| worded.contains(place));
                link.inspect(|link| links.name(*link, text));
            }
        }
    }
    if text.trim().is_empty() {
        span.style = SpanStyle::default();
    }
    span.text = safe::line(text).replace('\u{A0}', " ");
    if !span.text.is_empty() {
        out.push(span);
    }
    out.extend(number.map(|text| Span {
        text: text.to_owned(),
        style: SpanStyle {
            number: true,
            ..SpanStyle::default()
        },
        link: None,
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(html: &str, width: u16) -> Vec<(u8, String)> {
        let reduced = super::super::markup::reduce(html, 80, &|_| None);
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
        let reduced = super::super::markup::reduce(html, 80, &|_| None);
        let mut links = Links::default();
        let all = paragraphs(&reduced.html, 80, &mut links).unwrap();
        assert!(all[0].spans[0].style.heading && all[0].spans[0].text == "Title");
        let spans = &all[2].spans;
        assert!(spans[0].style.bold && spans.iter().any(|s| s.style.italic && s.text == "it"));
        assert!(spans.iter().any(|s| s.style.strike) && spans.iter().any(|s| s.style.code));
        assert_eq!(spans.iter().filter(|s| s.link == Some(1)).count(), 2);
        assert!(spans.last().is_some_and(|s| s.text == " [1]"));
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
    fn a_link_is_numbered_once_and_the_columns_of_a_table_still_stand() {
        let html = "<table><tr><td><a href='https://a.example/1'>A bowline, tied badly</a><td>Out of the hole, round the tree, and back <a href='https://a.example/2'>down</a><tr><td>x<td>y</table>";
        let rows = show(html, 40);
        let text: Vec<&str> = rows.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(text.concat().matches("[1]").count(), 1, "{text:?}");
        assert_eq!(text.concat().matches("[2]").count(), 1, "{text:?}");
        let second = text.first().and_then(|row| row.find("Out")).unwrap();
        for row in &text {
            assert!(row.len() <= 40, "{text:?}");
            let gap = row.get(second - 1..second);
            assert!(gap.is_none_or(|gap| gap == " "), "{text:?}");
        }
    }

    #[test]
    fn the_number_of_a_link_is_no_part_of_its_text() {
        let html = "<p>one two three <a href='https://a.example/x'>four five six</a> seven";
        let reduced = super::super::markup::reduce(html, 80, &|_| None);
        for width in 8..60 {
            let mut links = Links::default();
            let all = paragraphs(&reduced.html, width, &mut links).unwrap();
            let numbers = all
                .iter()
                .flat_map(|paragraph| &paragraph.spans)
                .filter(|span| span.link.is_none() && span.text.trim() == "[1]")
                .count();
            assert!(numbers == 1, "{width}: {all:?}");
            let link = links.into_list().remove(0);
            assert_eq!(link.text.replace(' ', ""), "fourfivesix", "{width}");
        }
    }

    #[test]
    fn only_the_number_of_a_link_is_one_whatever_the_text_looks_like() {
        let html = "<p><b>[12]</b> [3] <a href='https://a.example/'>here</a> <b>[1]</b>";
        let reduced = super::super::markup::reduce(html, 80, &|_| None);
        let all = paragraphs(&reduced.html, 80, &mut Links::default()).unwrap();
        let spans = all.iter().flat_map(|paragraph| &paragraph.spans);
        let numbers: Vec<&Span> = spans.filter(|span| span.style.number).collect();
        assert!(
            matches!(numbers[..], [number] if number.text == " [1]" && !number.style.bold),
            "{all:?}"
        );
    }

    #[test]
    fn a_link_without_words_has_no_number_in_the_text() {
        for bare in [
            "<a href=https://a.example/><table><tr><td></td></tr></table></a>",
            "<a href=https://a.example/><table><tr><td>&nbsp;</td></tr></table></a>",
            "<a href=https://a.example/><span><span></span></span></a>",
            "<a href=https://a.example/><b><i></i></b></a>",
            "<a href=https://a.example/><div><p> </p></div></a>",
            "<a href=https://a.example/>&nbsp;</a>",
            "<a href=https://a.example/><br></a>",
            "<a href=https://a.example/><hr></a>",
            "<a href=https://a.example/>&#8203;</a>",
        ] {
            let html =
                format!("<p>before</p>{bare}<p>after <a href=https://b.example/>b</a></p>{bare}");
            let text: String = show(&html, 40).into_iter().map(|(_, text)| text).collect();
            assert_eq!(text.matches('[').count(), 1, "{bare}: {text}");
            assert!(
                text.starts_with("before") && text.contains("after b ["),
                "{text}"
            );
        }
    }

    #[test]
    fn links_to_the_same_place_are_numbered_where_they_have_words() {
        let html = "<table><tr><td><a href=https://a.example/>one two three four five six</a></td>\
                    <td><a href=https://a.example/>seven</a></td></tr></table>\
                    <p><a href=https://a.example/><b><i></i></b></a></p>";
        for width in 16..60 {
            let text: String = show(html, width)
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(text.matches("[1]").count(), 2, "{width}: {text}");
        }
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

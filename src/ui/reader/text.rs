use std::ops::Range;

use crate::mail::text::{width, wrap, wrap_ranges, wrap_some};
use crate::mail::{Body, Field, View};

/// A line that the reader draws.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The body's line of this number.
    Line(usize),
    /// So many quoted lines that are not shown.
    Folded(usize),
    /// The header field of this number: its name, and as much of its value as stands beside it.
    Field(usize, Range<usize>),
    /// More of its value.
    FieldGoesOn(usize, Range<usize>),
    /// A remark on how it is shown.
    Note(String),
    /// A remark on the message that is to be read before it.
    Warning(String),
    /// Nothing.
    Empty,
}

/// What is drawn of a message: long quotations cut short unless `unfolded`, remarks at the end.
pub fn lay_out(body: &Body, unfolded: bool) -> Vec<Shown> {
    let mut lines = Vec::with_capacity(body.lines.len());
    warnings(body, &mut lines);
    if body.view == View::Headers {
        for (at, one) in body.fields.iter().enumerate() {
            field(at, one, body.width.into(), &mut lines);
        }
        lines.push(Shown::Empty);
    }
    let mut at = 0;
    while let Some(line) = body.lines.get(at) {
        let quoted = body
            .lines
            .iter()
            .skip(at)
            .take_while(|line| line.quote > 0)
            .count();
        if line.quote == 0 || unfolded || quoted <= LONGEST_QUOTE {
            lines.push(Shown::Line(at));
            at += 1;
            if line.quote > 0 {
                // The rest of a quotation that is shown needs no second look.
                lines.extend((at..at + quoted - 1).map(Shown::Line));
                at += quoted - 1;
            }
            continue;
        }
        lines.extend((at..at + KEPT_OF_QUOTE).map(Shown::Line));
        lines.push(Shown::Folded(quoted - KEPT_OF_QUOTE));
        at += quoted;
    }
    while matches!(lines.last(), Some(Shown::Line(last)) if body.lines.get(*last).is_some_and(|line| line.spans.is_empty()))
    {
        lines.pop();
    }
    notes(body, &mut lines);
    lines
}

/// A header field, folded where it is too long for a line.
fn field(at: usize, field: &Field, columns: usize, lines: &mut Vec<Shown>) {
    let beside = columns.saturating_sub(width(&field.name) + 2);
    let first = match wrap_some(&field.value, beside, 1).first() {
        Some(first) if beside >= SHORTEST_VALUE => first.clone(),
        _ => 0..0,
    };
    let rest = field.value.get(first.end..).unwrap_or_default().trim();
    let from = field.value.trim_end().len() - rest.len();
    lines.push(Shown::Field(at, first));
    if !rest.is_empty() {
        let rest = wrap_ranges(rest, columns.saturating_sub(FOLDED.into())).into_iter();
        lines.extend(rest.map(|part| Shown::FieldGoesOn(at, from + part.start..from + part.end)));
    }
}

fn warnings(body: &Body, lines: &mut Vec<Shown>) {
    for note in &body.notes {
        let wrapped = wrap(note, usize::from(body.width).saturating_sub(2).max(10));
        lines.extend(
            wrapped
                .into_iter()
                .map(|line| Shown::Warning(line.to_owned())),
        );
    }
    if !lines.is_empty() {
        lines.push(Shown::Empty);
    }
}

fn notes(body: &Body, lines: &mut Vec<Shown>) {
    let mut notes: Vec<String> = Vec::new();
    let has_text = |line: &Shown| matches!(line, Shown::Line(_) | Shown::Folded(_));
    let as_text = matches!(body.view, View::Text | View::Html);
    if as_text && !body.partial && !lines.iter().any(has_text) {
        notes.push("This message has no text.".to_owned());
    }
    if body.view == View::Text && body.has_html && body.has_text {
        notes.push("Shown as text; this mail also has HTML.   v view as…".to_owned());
    }
    if body.partial {
        notes.push("The text ends here; the rest is not downloaded.".to_owned());
    }
    if !notes.is_empty() && !lines.is_empty() {
        lines.push(Shown::Empty);
    }
    lines.extend(notes.into_iter().map(Shown::Note));
}

/// Columns by which the further lines of a header field are indented.
pub const FOLDED: u16 = 4;
/// Columns that the value of a field takes at least beside its name; where there are fewer it stands below.
const SHORTEST_VALUE: usize = 12;
const LONGEST_QUOTE: usize = 6;
const KEPT_OF_QUOTE: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Blocked, Line, MessageId, Span};

    fn body(quotes: &[u8]) -> Body {
        Body {
            id: MessageId(1),
            view: View::Text,
            width: 76,
            fields: Vec::new(),
            lines: quotes
                .iter()
                .map(|quote| Line {
                    quote: *quote,
                    signature: false,
                    numbered: false,
                    spans: vec![Span {
                        text: "x".to_owned(),
                        ..Span::default()
                    }],
                })
                .collect(),
            links: Vec::new(),
            attachments: Vec::new(),
            has_text: true,
            has_html: false,
            blocked: Blocked::default(),
            partial: false,
            notes: Vec::new(),
        }
    }

    #[test]
    fn a_long_quotation_is_cut_to_three_lines_and_says_how_many_are_missing() {
        let lines = lay_out(&body(&[0, 1, 1, 2, 2, 1, 1, 1, 0]), false);
        assert_eq!(
            lines,
            [
                Shown::Line(0),
                Shown::Line(1),
                Shown::Line(2),
                Shown::Line(3),
                Shown::Folded(4),
                Shown::Line(8)
            ]
        );
    }

    #[test]
    fn remarks_on_the_message_come_first_and_are_wrapped() {
        let mut body = body(&[0]);
        body.notes = vec!["word ".repeat(20)];
        let lines = lay_out(&body, false);
        assert!(matches!(
            &lines[..],
            [
                Shown::Warning(_),
                Shown::Warning(_),
                Shown::Empty,
                Shown::Line(0)
            ]
        ));
    }

    #[test]
    fn a_short_quotation_and_an_unfolded_one_are_shown_whole() {
        assert_eq!(lay_out(&body(&[1, 1, 0]), false).len(), 3);
        assert_eq!(lay_out(&body(&[1; 30]), true).len(), 30);
    }

    #[test]
    fn a_message_without_text_says_so_and_one_that_is_not_all_here_does_not() {
        let mut body = body(&[]);
        let none = Shown::Note("This message has no text.".to_owned());
        assert_eq!(lay_out(&body, false), [none]);
        body.partial = true;
        let cut = Shown::Note("The text ends here; the rest is not downloaded.".to_owned());
        assert_eq!(lay_out(&body, false), [cut]);
        body.partial = false;
        body.view = View::Source;
        assert_eq!(lay_out(&body, false), []);
    }

    #[test]
    fn a_header_field_is_folded_and_every_word_of_it_is_shown() {
        let mut body = body(&[]);
        body.view = View::Headers;
        body.width = 30;
        let value = "Hello Sam it is your father the man in the shop says";
        for name in ["Subject", "X-A-Name-That-Is-Longer-Than-Any-Line"] {
            body.fields = vec![Field {
                name: name.to_owned(),
                value: value.to_owned(),
            }];
            let mut words = Vec::new();
            for line in lay_out(&body, false) {
                let (part, room) = match line {
                    Shown::Field(0, part) => (part, 30 - name.len().min(28) - 2),
                    Shown::FieldGoesOn(0, part) => (part, 26),
                    Shown::Empty => continue,
                    other => panic!("{other:?}"),
                };
                assert!(part.len() <= room, "{part:?} in {room}");
                words.extend(value[part].split_whitespace());
            }
            assert_eq!(words.join(" "), value);
        }
    }
}

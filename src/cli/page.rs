//! A message as it is printed.

use std::fmt::Write as _;

use super::fitted::attachment;
use super::output::{Output, Paint};
use crate::mail::{Body, Line, SpanStyle, safe, text};

/// Columns that a message is wrapped for.
pub(super) fn columns(out: Output) -> u16 {
    u16::try_from(out.columns().min(WIDEST)).unwrap_or(80)
}

/// The message as it is printed. `beginning`: what is said of one that is not all.
pub(super) fn page(out: Output, body: &Body, beginning: &str) -> String {
    let mut page = String::new();
    let label = body
        .fields
        .iter()
        .map(|field| text::width(&field.name))
        .max()
        .unwrap_or(0)
        .min(24)
        + 2;
    for field in &body.fields {
        let name = format!("{}:", safe::line(&field.name));
        let gap = " ".repeat(label.saturating_sub(text::width(&name)).max(1));
        let _ = writeln!(
            page,
            "{}{gap}{}",
            out.paint(Paint::Cyan, &name),
            safe::line(&field.value)
        );
    }
    if !body.lines.is_empty() {
        page.push('\n');
    }
    for line in &body.lines {
        page.push_str(&styled(out, line, body.width));
        page.push('\n');
    }
    let mut notes = body.notes.clone();
    if body.blocked.images > 0 {
        notes.push(format!(
            "not loaded, so that reading stays private: {} images on other computers",
            body.blocked.images
        ));
    }
    if body.partial {
        notes.push(beginning.to_owned());
    }
    if !body.links.is_empty() {
        page.push('\n');
    }
    for (index, link) in body.links.iter().enumerate() {
        let _ = write!(page, "[{}] {}", index + 1, safe::line(&link.target));
        if let Some(warning) = &link.warning {
            let _ = write!(
                page,
                "  {}",
                out.paint(Paint::Red, &format!("! {}", safe::line(warning)))
            );
        }
        page.push('\n');
    }
    if !body.attachments.is_empty() {
        page.push('\n');
    }
    for part in &body.attachments {
        page.push_str(&attachment(out, part));
    }
    if !notes.is_empty() {
        page.push('\n');
    }
    for note in notes {
        let _ = writeln!(
            page,
            "{}",
            out.paint(Paint::Dim, &format!("({})", safe::line(&note)))
        );
    }
    page
}

fn quote(line: &Line, width: u16) -> String {
    "> ".repeat(usize::from(text::quote_indent(line.quote, width) / 2))
}

/// A line without colours.
pub(super) fn plain(line: &Line, width: u16) -> String {
    let words: String = line.spans.iter().map(|span| span.text.as_str()).collect();
    format!("{}{}", quote(line, width), safe::line(&words))
        .trim_end()
        .to_owned()
}

fn styled(out: Output, line: &Line, width: u16) -> String {
    let mut text = out.paint(Paint::Green, &quote(line, width)).into_owned();
    for span in &line.spans {
        let words = safe::line(&span.text);
        let paint = match span.style {
            SpanStyle { dim: true, .. } | SpanStyle { number: true, .. } => Paint::Dim,
            SpanStyle { bold: true, .. } | SpanStyle { heading: true, .. } => Paint::Bold,
            _ if span.link.is_some() => Paint::Cyan,
            _ if line.signature || line.quote > 0 => Paint::Dim,
            _ => Paint::Plain,
        };
        text.push_str(&out.paint(paint, &words));
    }
    text.trim_end().to_owned()
}

/// Wider lines are hard to read.
const WIDEST: usize = 100;

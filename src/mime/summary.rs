//! What a message's octets say about it: [`extract`].

use super::{
    addresses, attached,
    header::Header,
    outline::{Outline, Section},
    parts::Parts,
    texts,
};
use crate::mail::{Extract, Local, safe, text::truncate};

/// Reads what a list, a thread and the search index need of a message. Takes linear time and decodes no attachment.
///
/// Of [`Local::Headers`] only the header block is read.
pub fn extract(octets: &[u8], extent: Local) -> Extract {
    let (header, _) = Header::parse(octets);
    let mut out = read_header(&header);
    if extent == Local::Headers {
        return out;
    }
    let parts = Parts::parse(octets);
    let outline = Outline::of(&parts);
    out.attachments = u32::try_from(
        outline
            .attached
            .iter()
            .filter(|(_, inline)| !inline)
            .count(),
    )
    .unwrap_or(u32::MAX);
    out.files = files(&parts, &outline);
    let mut text = String::new();
    outline
        .sections
        .iter()
        .for_each(|section| add(&parts, section, &mut text));
    out.text = safe::text(text.trim()).into_owned();
    out.snippet = snippet(&out.text);
    out
}

fn read_header(header: &Header<'_>) -> Extract {
    let list = |name| {
        let items = addresses::parse(&header.value(name).unwrap_or_default());
        addresses::mailboxes(&items)
            .into_iter()
            .map(addresses::honest)
            .collect::<Vec<_>>()
    };
    let from = list("From").into_iter().next();
    let from = from
        .or_else(|| list("Sender").into_iter().next())
        .unwrap_or_default();
    let subject = header.text("Subject").unwrap_or_default();
    let mut references = header.message_ids("References");
    for id in header.message_ids("In-Reply-To") {
        if !references.contains(&id) {
            references.push(id);
        }
    }
    Extract {
        from,
        to: list("To"),
        cc: list("Cc"),
        subject: super::source::shorten(one_line(&subject), SUBJECT),
        date: header.date(),
        message_id: header
            .message_ids("Message-ID")
            .into_iter()
            .next()
            .unwrap_or_default(),
        references,
        ..Extract::default()
    }
}

fn files(parts: &Parts<'_>, outline: &Outline) -> String {
    let mut names = String::new();
    for (index, inline) in &outline.attached {
        let Some(part) = parts.at(*index) else {
            continue;
        };
        let name = if !part.name().is_empty() {
            safe::line(part.name()).into_owned()
        } else if !inline && let Some(nameless) = attached::describe(parts, *index, false, 0) {
            nameless.file_name
        } else {
            continue;
        };
        if !names.is_empty() {
            names.push('\n');
        }
        let left = FILES.saturating_sub(names.len());
        names.push_str(
            name.get(..name.floor_char_boundary(left))
                .unwrap_or_default(),
        );
        if names.len() >= FILES {
            break;
        }
    }
    names
}

/// Adds a section's text: its plain form, or the words of its HTML.
fn add(parts: &Parts<'_>, section: &Section, out: &mut String) {
    if out.len() >= LONGEST {
        return;
    }
    let text = match section {
        Section::Text { html, .. } if texts::prefers_html(parts, section) => {
            texts::words(parts, html)
        }
        Section::Text { plain, .. } => texts::join(parts, plain).0,
        Section::Calendar(index) | Section::Status(index) => parts
            .at(*index)
            .map(|part| parts.text(part, LONGEST).0)
            .unwrap_or_default(),
        Section::Message { root, sections } => {
            let subject = parts.at(*root).and_then(|part| part.header.text("Subject"));
            out.push_str(&subject.unwrap_or_default());
            out.push('\n');
            return sections.iter().for_each(|section| add(parts, section, out));
        }
    };
    let left = LONGEST.saturating_sub(out.len());
    out.push_str(
        text.get(..text.floor_char_boundary(left))
            .unwrap_or_default(),
    );
    out.push('\n');
}

/// The first words that the sender wrote: quotes and what introduces them come last.
fn snippet(text: &str) -> String {
    let own = |line: &&str| {
        let line = line.trim();
        let introduces = line.ends_with(':') && line.contains('@');
        let quoted = line.starts_with('>');
        line.chars().any(char::is_alphanumeric) && !quoted && !introduces
    };
    let lines = text.lines().take(500);
    let signature = |line: &&str| *line != "-- " && *line != "--";
    let mut words: Vec<&str> = lines.take_while(signature).filter(own).take(20).collect();
    if words.is_empty() {
        words = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(20)
            .collect();
    }
    let joined = words.join(" ");
    let start = joined
        .get(..joined.floor_char_boundary(2_000))
        .unwrap_or_default();
    truncate(&one_line(start), 160).into_owned()
}

fn one_line(text: &str) -> String {
    let text = safe::line(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Octets of text that are indexed.
const LONGEST: usize = 1 << 20;
/// Octets of the names of attachments.
const FILES: usize = 64 << 10;
/// Octets of a subject.
const SUBJECT: usize = 4 << 10;

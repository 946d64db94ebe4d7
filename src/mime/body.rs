//! A message made readable: [`render`].

use std::cell::OnceCell;
use std::collections::HashMap;

use super::{
    addresses, attached, calendar,
    header::Header,
    html,
    layout::{Page, Paragraph},
    links::Links,
    markup,
    outline::{Outline, Section},
    parts::Parts,
    plain::{self, Format},
    source, texts,
};
use crate::mail::{Blocked, Body, Field, Local, MessageId, SpanStyle, View, safe};

/// How a message is to be rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// What of it.
    pub view: View,
    /// Columns to wrap for.
    pub width: u16,
}

/// Makes a message readable. `octets` is what is here of it, and `extent` says how much that is.
///
/// Never fails, opens no connection, and is bounded in time and memory whatever the octets are: what a limit left out is
/// named in [`Body::notes`]. Lines of quote depth `q` leave [`crate::mail::text::quote_indent`]`(q, width)` columns free.
pub fn render(id: MessageId, octets: &[u8], extent: Local, options: RenderOptions) -> Body {
    let (header, _) = Header::parse(octets);
    let mut body = Body {
        id,
        view: options.view,
        width: options.width,
        fields: Vec::new(),
        lines: Vec::new(),
        links: Vec::new(),
        attachments: Vec::new(),
        has_text: false,
        has_html: false,
        blocked: Blocked::default(),
        partial: extent != Local::Full,
        notes: Vec::new(),
    };
    if header.cut {
        body.notes
            .push("The header is very large; only its beginning is read.".to_owned());
    }
    body.fields = match options.view {
        View::Headers => source::fields(&header),
        _ => fields(&header),
    };
    remark_sender(&header, &mut body.notes);
    if extent != Local::Headers {
        read(octets, options, &mut body);
    }
    if options.view == View::Source {
        let (lines, cut) = source::lines(octets, options.width);
        body.lines = lines;
        body.links.clear();
        body.blocked = Blocked::default();
        body.notes.extend(cut.then(|| TOO_LONG.to_owned()));
    }
    body
}

/// The fields worth showing above a message.
fn fields(header: &Header<'_>) -> Vec<Field> {
    let mut out = Vec::new();
    let senders =
        addresses::mailboxes(&addresses::parse(&header.value("From").unwrap_or_default()));
    for name in ["From", "Reply-To", "To", "Cc", "Date", "Subject"] {
        let Some(value) = header.value(name) else {
            continue;
        };
        let value = match name {
            "Date" => safe::line(&value).into_owned(),
            "Subject" => safe::line(&header.text(name).unwrap_or_default()).into_owned(),
            "Reply-To"
                if senders.len() <= FEW_SENDERS
                    && addresses::mailboxes(&addresses::parse(&value))
                        .iter()
                        .all(|to| senders.iter().any(|from| from.address == to.address)) =>
            {
                continue;
            }
            _ => addresses::show(&addresses::parse(&value)),
        };
        out.push(Field {
            name: name.to_owned(),
            value: source::shorten(value, LONGEST_VALUE),
        });
    }
    out
}

/// Says when the sender's name pretends to be another address.
fn remark_sender(header: &Header<'_>, notes: &mut Vec<String>) {
    let from = addresses::parse(&header.value("From").unwrap_or_default());
    for address in addresses::mailboxes(&from)
        .iter()
        .filter(|from| addresses::is_deceptive(from))
        .take(1)
    {
        let real = &address.address;
        notes.push(format!(
            "The sender's name looks like an address, but the message says it is from {real}."
        ));
    }
}

/// Reads what is behind the header.
fn read(octets: &[u8], options: RenderOptions, body: &mut Body) {
    let parts = Parts::parse(octets);
    let outline = Outline::of(&parts);
    body.attachments = attached::all(&parts, &outline);
    body.notes.extend(parts.cut.map(str::to_owned));
    body.notes.extend(outline.notes.iter().cloned());
    let mut reader = Reader {
        parts: &parts,
        options,
        page: Page::new(options.width),
        links: Links::default(),
        body,
        html_left: MOST_HTML,
        images: OnceCell::new(),
    };
    let shows = matches!(options.view, View::Text | View::Html);
    for section in &outline.sections {
        reader.look(section);
        if shows {
            reader.section(section);
        }
    }
    let Reader {
        mut page, links, ..
    } = reader;
    page.trim();
    body.lines = page.lines;
    if page.cut {
        body.notes.push(TOO_LONG.to_owned());
    }
    if links.cut {
        body.notes
            .push("There are too many links; only the first 5,000 have numbers.".to_owned());
    }
    body.links = links.into_list();
}

/// Writes the sections of a message on a page.
struct Reader<'x> {
    parts: &'x Parts<'x>,
    options: RenderOptions,
    page: Page,
    links: Links,
    body: &'x mut Body,
    /// Octets of HTML that may still be laid out.
    html_left: usize,
    /// The names of images in the message, by their Content-ID; found when the first one is wanted.
    images: OnceCell<HashMap<String, String>>,
}

impl Reader<'_> {
    /// Notes which forms there are.
    fn look(&mut self, section: &Section) {
        match section {
            Section::Text { plain, html } => {
                let has_words = |index: &usize| {
                    let part = self.parts.at(*index);
                    part.is_some_and(|part| !self.parts.text(part, 4096).0.trim().is_empty())
                };
                self.body.has_text |= plain.iter().any(has_words);
                self.body.has_html |= !html.is_empty();
            }
            Section::Message { .. } | Section::Calendar(_) | Section::Status(_) => {}
        }
    }

    fn section(&mut self, section: &Section) {
        if self.page.is_full() {
            self.page.cut = true;
            return;
        }
        self.page.gap();
        match section {
            Section::Text { plain, html } => {
                let as_html = match self.options.view {
                    View::Html => !html.is_empty(),
                    _ => plain.is_empty() || texts::prefers_html(self.parts, section),
                };
                if as_html {
                    self.html(html);
                } else {
                    self.plain(plain);
                    self.count_blocked(html);
                }
            }
            Section::Calendar(index) => {
                let text = self
                    .parts
                    .at(*index)
                    .map(|part| self.parts.text(part, 1 << 20).0);
                self.add(calendar::paragraphs(&text.unwrap_or_default()));
            }
            Section::Status(index) => self.status(*index),
            Section::Message { root, sections } => self.message(*root, sections),
        }
    }

    fn plain(&mut self, indices: &[usize]) {
        for index in indices {
            let Some(part) = self.parts.at(*index) else {
                continue;
            };
            let (text, cut) = self.parts.text(part, texts::LONGEST);
            if cut {
                self.note("The text is very large; only its first 4 MB are shown.");
            }
            let paragraphs = plain::paragraphs(&text, Format::of(&part.media), &mut self.links);
            self.add(paragraphs);
        }
    }

    /// Each part by itself: what one of them leaves open does not reach into the next.
    fn html(&mut self, indices: &[usize]) {
        for index in indices {
            let Some(part) = self.parts.at(*index) else {
                continue;
            };
            // All of them together have the room of one, for laying out is what costs the most.
            let (text, cut) = self.parts.text(part, self.html_left.min(texts::LONGEST));
            self.html_left -= text.len().min(self.html_left);
            self.html_part(&text, cut);
        }
    }

    fn html_part(&mut self, text: &str, cut: bool) {
        let name_of = |id: &str| self.name_of(id);
        let reduced = markup::reduce(text, self.options.width, &name_of);
        self.block(reduced.blocked);
        if let Some(note) = reduced
            .cut
            .or(cut.then_some("The HTML is very large; only its beginning is shown."))
        {
            self.note(note);
        }
        let paragraphs = html::paragraphs(&reduced.html, self.options.width, &mut self.links)
            .unwrap_or_else(|| {
                self.note("The HTML could not be laid out; only its words are shown.");
                plain::paragraphs(
                    &html::words(&reduced.html),
                    Format::default(),
                    &mut self.links,
                )
            });
        self.add(paragraphs);
    }

    /// Counts what the HTML beside a plain text would have loaded.
    fn count_blocked(&mut self, indices: &[usize]) {
        for part in indices.iter().filter_map(|index| self.parts.at(*index)) {
            let (text, _) = self.parts.text(part, texts::LONGEST);
            let reduced = markup::reduce(&text, self.options.width, &|_| None);
            self.block(reduced.blocked);
        }
    }

    fn block(&mut self, blocked: Blocked) {
        self.body.blocked.images += blocked.images;
        self.body.blocked.trackers += blocked.trackers;
    }

    fn status(&mut self, index: usize) {
        let Some(part) = self.parts.at(index) else {
            return;
        };
        let (text, _) = self.parts.text(part, 1 << 20);
        let style = SpanStyle {
            code: true,
            ..SpanStyle::default()
        };
        let text = safe::text(text.trim());
        self.add(
            text.lines()
                .map(|line| Paragraph::styled(line, style))
                .collect(),
        );
    }

    fn message(&mut self, root: usize, sections: &[Section]) {
        let Some(part) = self.parts.at(root) else {
            return;
        };
        self.page.rule("Attached message");
        let style = SpanStyle {
            dim: true,
            ..SpanStyle::default()
        };
        for field in fields(&part.header) {
            self.page.add(Paragraph::styled(
                format!("{}: {}", field.name, field.value),
                style,
            ));
        }
        for section in sections {
            self.look(section);
            self.section(section);
        }
        self.page.gap();
        self.page.rule("End of the attached message");
    }

    fn add(&mut self, paragraphs: Vec<Paragraph>) {
        for paragraph in paragraphs {
            if self.page.is_full() {
                self.page.cut = true;
                return;
            }
            self.page.add(paragraph);
        }
    }

    /// The name of an image in the message.
    fn name_of(&self, content_id: &str) -> Option<String> {
        let images = self.images.get_or_init(|| {
            let parts = (0..MOST_IMAGES).map_while(|index| self.parts.at(index));
            let named = parts.filter_map(|part| {
                let name = safe::line(part.name()).into_owned();
                Some((part.content_id().filter(|_| !name.is_empty())?, name))
            });
            // The first part of an id is the one that is meant.
            let mut images = HashMap::new();
            named.for_each(|(id, name)| {
                images.entry(id).or_insert(name);
            });
            images
        });
        images.get(content_id).cloned()
    }

    fn note(&mut self, note: &str) {
        if !self.body.notes.iter().any(|other| other == note) {
            self.body.notes.push(note.to_owned());
        }
    }
}

const TOO_LONG: &str = "The message is very long; only its first 100,000 lines are shown.";
/// Octets of a field's value that are shown.
const LONGEST_VALUE: usize = 16 << 10;
/// Octets of HTML that are laid out; of one part, no more than [`markup`] reads.
const MOST_HTML: usize = 1 << 20;
/// Parts among which the image of a Content-ID is looked for.
const MOST_IMAGES: usize = 200;
/// Senders among whom those who are answered to are looked for.
const FEW_SENDERS: usize = 10;

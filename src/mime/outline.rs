//! What of a message is text to read and what is attached: the shape that a person sees in the tree of MIME parts.

use super::parts::{Part, Parts};

/// The readable sections of a message in their order, and what is attached to it.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) sections: Vec<Section>,
    /// Indices of parts, in the order of their octets, and whether each is shown inside the message.
    pub(super) attached: Vec<(usize, bool)>,
    /// Remarks for the reader.
    pub(super) notes: Vec<String>,
}

/// A piece of a message that is read in one go.
#[derive(Debug)]
pub(super) enum Section {
    /// The same text in one or two forms: indices of parts.
    Text { plain: Vec<usize>, html: Vec<usize> },
    /// An invitation.
    Calendar(usize),
    /// Lines for machines that a person may want to read, such as a delivery status.
    Status(usize),
    /// A message in the message: the part that is its root, and its own sections.
    Message { root: usize, sections: Vec<Self> },
}

impl Outline {
    /// The outline of a whole message.
    pub(super) fn of(parts: &Parts<'_>) -> Self {
        let mut out = Self::default();
        out.visit(parts, 0, 0);
        out.attached.sort_unstable();
        out.attached.dedup_by_key(|(index, _)| *index);
        out
    }

    fn visit(&mut self, parts: &Parts<'_>, index: usize, messages: usize) {
        let Some(part) = parts.at(index) else { return };
        let children = parts.children(index);
        match part.media.value.as_str() {
            "multipart/alternative" => self.alternative(parts, children, messages),
            "multipart/related" => self.related(parts, index, messages),
            "message/rfc822" | "message/global" => self.message(parts, index, messages),
            _ if part.media.kind() == "multipart" && children.is_empty() => {
                // Its boundary never comes: what there is, is text.
                self.text(index, false);
            }
            value if part.media.kind() == "multipart" => {
                self.remark(value);
                for child in children {
                    self.visit(parts, *child, messages);
                }
            }
            _ => self.leaf(part, index),
        }
    }

    fn leaf(&mut self, part: &Part<'_>, index: usize) {
        let disposition = part.disposition.value.as_str();
        let attached = disposition == "attachment";
        let named = !part.name().is_empty();
        let shown = !attached && (!named || disposition == "inline");
        match part.media.value.as_str() {
            "text/html" if shown && !named => self.text(index, true),
            "text/calendar" => {
                self.attached.push((index, !attached));
                if !attached {
                    self.sections.push(Section::Calendar(index));
                }
            }
            "message/delivery-status"
            | "message/disposition-notification"
            | "text/rfc822-headers"
            | "message/feedback-report"
                if !attached =>
            {
                self.sections.push(Section::Status(index));
            }
            _ if part.media.kind() == "text" && shown && !part.is("text/html") => {
                self.text(index, false);
                if named || !part.is("text/plain") {
                    self.attached.push((index, true));
                }
            }
            value => {
                self.remark(value);
                let inline = !attached && (disposition == "inline" || part.content_id().is_some());
                self.attached.push((index, inline));
            }
        }
    }

    fn text(&mut self, index: usize, html: bool) {
        let (plain, html) = if html {
            (Vec::new(), vec![index])
        } else {
            (vec![index], Vec::new())
        };
        self.sections.push(Section::Text { plain, html });
    }

    /// The forms of one text; what is no text in there is attached (RFC 2046 section 5.1.4).
    fn alternative(&mut self, parts: &Parts<'_>, children: &[usize], messages: usize) {
        let (mut all_plain, mut all_html) = (Vec::new(), Vec::new());
        let mut others = Vec::new();
        for child in children {
            let mut inner = Self::default();
            inner.visit(parts, *child, messages);
            self.attached.append(&mut inner.attached);
            self.notes.append(&mut inner.notes);
            let (mut plain, mut html) = (Vec::new(), Vec::new());
            for section in inner.sections {
                match section {
                    Section::Text { plain: p, html: h } => {
                        plain.extend(p);
                        html.extend(h);
                    }
                    other => others.push(other),
                }
            }
            // The last form is the richest; the first plain one is the plainest.
            if !html.is_empty() {
                all_html = html;
            } else if all_plain.is_empty() {
                all_plain = plain;
            }
        }
        if !(all_plain.is_empty() && all_html.is_empty()) {
            let (plain, html) = (all_plain, all_html);
            self.sections.push(Section::Text { plain, html });
        }
        self.sections.append(&mut others);
    }

    /// A text and what it shows (RFC 2387).
    fn related(&mut self, parts: &Parts<'_>, index: usize, messages: usize) {
        let children = parts.children(index);
        let start = parts.at(index).and_then(|part| part.media.get("start"));
        let start = start.map(|id| id.trim().trim_start_matches('<').trim_end_matches('>'));
        let is_start = |child: &&usize| {
            let id = parts.at(**child).and_then(Part::content_id);
            start.is_some() && id.as_deref() == start
        };
        let root = children.iter().find(is_start).or(children.first()).copied();
        for child in children {
            let nested = parts
                .at(*child)
                .is_some_and(|part| part.media.kind() == "multipart");
            if nested || Some(*child) == root {
                self.visit(parts, *child, messages);
            } else {
                self.attached.push((*child, true));
            }
        }
    }

    fn message(&mut self, parts: &Parts<'_>, index: usize, messages: usize) {
        self.attached.push((index, false));
        let Some(root) = parts.children(index).first().copied() else {
            return;
        };
        if messages >= MESSAGES {
            self.notes
                .push("A message in a message is nested too deeply to be shown.".to_owned());
            return;
        }
        let mut inner = Self::default();
        inner.visit(parts, root, messages + 1);
        self.attached.append(&mut inner.attached);
        self.notes.append(&mut inner.notes);
        let sections = inner.sections;
        self.sections.push(Section::Message { root, sections });
    }

    fn remark(&mut self, media: &str) {
        let note = match media {
            "multipart/encrypted" | "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                "This message is encrypted or wrapped in a signature; poppet does not open it."
            }
            "multipart/signed" => "This message is signed; the signature is not checked.",
            _ => return,
        };
        if !self.notes.iter().any(|other| other == note) {
            self.notes.push(note.to_owned());
        }
    }
}

/// Messages in messages that are shown.
const MESSAGES: usize = 8;

use super::MessageId;

/// A message made readable for a given width: what the reader draws without further thought.
///
/// Every text in it is safe for a terminal: no control octets, no bidirectional overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Which message.
    pub id: MessageId,
    /// What of it.
    pub view: View,
    /// The width in columns that `lines` were wrapped for.
    pub width: u16,
    /// Header fields worth showing, in their order: From, To, Cc, Date, Subject; every field in [`View::Headers`].
    pub fields: Vec<Field>,
    /// The text, wrapped. At most [`Body::MAX_LINES`].
    pub lines: Vec<Line>,
    /// Links in the order of their numbers: the first is number 1.
    pub links: Vec<Link>,
    /// Attachments in the order of their MIME parts.
    pub attachments: Vec<Attachment>,
    /// Whether the message has a plain text of its own.
    pub has_text: bool,
    /// Whether the message has an HTML alternative.
    pub has_html: bool,
    /// What was left out so that reading stays private.
    pub blocked: Blocked,
    /// Whether this is only the beginning of the message.
    pub partial: bool,
    /// Remarks for the reader: a broken part, a limit that was reached.
    pub notes: Vec<String>,
}

impl Body {
    /// Past this many lines the text is cut, and a note says so.
    pub const MAX_LINES: usize = 100_000;

    /// Whether there are attachments to open or save. Of a beginning, the last one that is there has only begun.
    pub fn has_files(&self) -> bool {
        !self.partial && !self.attachments.is_empty()
    }
}

/// How a message is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum View {
    /// Its plain text; its HTML as text when there is no plain text worth reading.
    #[default]
    Text,
    /// Its HTML as text.
    Html,
    /// All header fields.
    Headers,
    /// The source as it came, made visible.
    Source,
}

/// A header field for display.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its decoded value on one line.
    pub value: String,
}

/// A line of text, no wider than the body's width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// How deeply it is quoted; 0 is the sender's own text. The quote marks are not part of the spans.
    pub quote: u8,
    /// Whether it belongs to the signature (behind `-- `).
    pub signature: bool,
    /// Whether the numbers of its links stand in it, as pieces of their own behind the links.
    pub numbered: bool,
    /// Its pieces from left to right.
    pub spans: Vec<Span>,
}

/// A piece of a line in one style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it looks.
    pub style: SpanStyle,
    /// The number of the link it belongs to: 1 for the first of [`Body::links`].
    pub link: Option<u16>,
}

/// What a span is; the theme decides what that looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanStyle {
    /// Strong.
    pub bold: bool,
    /// Emphasised.
    pub italic: bool,
    /// Struck through.
    pub strike: bool,
    /// Code or preformatted.
    pub code: bool,
    /// A heading.
    pub heading: bool,
    /// Less important: an image's description, a remark.
    pub dim: bool,
    /// The number of a link, behind it: [`Link::mark`]. Not the sender's words.
    pub number: bool,
}

/// A link of a message. It is shown before it is opened, and opened only by the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it really goes; safe for a terminal.
    pub target: String,
    /// What the message calls it; empty when it is just the target.
    pub text: String,
    /// Why it deserves a second look: its text names another host, punycode, a bare address.
    pub warning: Option<String>,
}

impl Link {
    /// Whether it may be handed to another program at all: a whole target of the web or of mail, and nothing else.
    pub fn is_openable(&self) -> bool {
        let scheme = self.target.split_once(':').map(|(scheme, _)| scheme);
        let known = |scheme: &str| {
            ["http", "https", "mailto"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known))
        };
        scheme.is_some_and(known)
            && self.target.len() < Self::LONGEST
            && super::text::is_safe(&self.target)
            && !self.target.contains(['\u{FFFD}', '<', '>', '"', ' '])
    }

    /// What stands behind a link's words for its number.
    pub fn mark(number: u16) -> String {
        format!("[{number}]")
    }

    /// Octets past which a target is cut, and not opened.
    pub const LONGEST: usize = 8_192;
}

/// A MIME part that can be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// The part's number, as `show --part` and `attachments --part` take it: 1 for the first.
    pub part: u32,
    /// Its name as the message has it, safe for a terminal; may be empty.
    pub name: String,
    /// The name it is saved under: no folders, no leading dot, no surprises.
    pub file_name: String,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// Decoded size in octets.
    pub octets: u64,
    /// Whether it is shown inside the message rather than attached.
    pub inline: bool,
    /// Why it deserves a second look: two endings, a program, a disguised name.
    pub warning: Option<String>,
}

/// What was not loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocked {
    /// Images on other computers.
    pub images: u32,
    /// Of these, those that look like trackers: invisible or one pixel large.
    pub trackers: u32,
}

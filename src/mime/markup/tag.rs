//! HTML cut into text and tags, in the manner of the HTML standard's tokenizer, in linear time.

/// A piece of HTML.
pub(super) enum Token<'x> {
    /// Text, with its entities as they stand.
    Text(&'x str),
    /// A start tag.
    Open(Tag<'x>),
    /// An end tag: its name in lower case.
    Close(String),
}

/// A start tag.
pub(super) struct Tag<'x> {
    /// Its name in lower case.
    pub(super) name: String,
    attributes: &'x str,
}

impl<'x> Tag<'x> {
    /// An attribute's value as it stands.
    pub(super) fn attribute(&self, name: &str) -> Option<&'x str> {
        Attributes(self.attributes)
            .take(ATTRIBUTES)
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Its style, without blanks and in lower case.
    pub(super) fn style(&self) -> String {
        let style = self.attribute("style").unwrap_or_default();
        style
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(STYLE)
            .collect::<String>()
            .to_ascii_lowercase()
    }

    /// Whether its style says bold.
    pub(super) fn is_bold(&self) -> bool {
        let style = self.style();
        ["bold", "600", "700", "800", "900"]
            .iter()
            .any(|weight| style.contains(&format!("font-weight:{weight}")))
    }

    /// Whether it is at most one pixel wide or high.
    pub(super) fn is_tiny(&self) -> bool {
        let small = |size: &str| matches!(size.trim().trim_end_matches("px").trim(), "0" | "1");
        let attribute = |name| self.attribute(name).is_some_and(small);
        let style = self.style();
        let styled = style.split(';').any(|rule| {
            let size = rule
                .strip_prefix("width:")
                .or_else(|| rule.strip_prefix("height:"));
            size.is_some_and(|size| small(size.trim_end_matches("!important")))
        });
        attribute("width") || attribute("height") || styled
    }
}

/// Whether a source lies on another computer.
pub(super) fn is_remote(source: &str) -> bool {
    let start = |scheme: &str| {
        source
            .get(..scheme.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
    };
    start("http:") || start("https:") || start("//") || start("ftp:")
}

/// What a `<` turned out to be.
enum Step<'x> {
    Token(Token<'x>),
    /// Something that draws nothing.
    Nothing,
    /// No more than itself.
    Text,
}

/// The tokens of a document.
pub(super) struct Tokens<'x> {
    rest: &'x str,
}

impl<'x> Tokens<'x> {
    pub(super) fn new(html: &'x str) -> Self {
        Self { rest: html }
    }

    /// What starts at a `<`.
    fn markup(&mut self) -> Step<'x> {
        let html = self.rest;
        let after = html.get(1..).unwrap_or_default();
        let mut octets = after.bytes();
        match (octets.next(), octets.next()) {
            (Some(b'!'), _) if after.starts_with("!--") => self.skip_comment(),
            (Some(b'!' | b'?'), _) => self.rest = skip_past(html, ">"),
            (Some(b'/'), Some(letter)) if letter.is_ascii_alphabetic() => {
                let (name, _) = self.tag(after.get(1..).unwrap_or_default());
                return Step::Token(Token::Close(name));
            }
            (Some(letter), _) if letter.is_ascii_alphabetic() => {
                let (name, attributes) = self.tag(after);
                if !RAW.contains(&name.as_str()) {
                    return Step::Token(Token::Open(Tag { name, attributes }));
                }
                self.skip_raw(&name);
            }
            _ => return Step::Text,
        }
        Step::Nothing
    }

    /// Skips a comment. It may end at once, and ends with the document otherwise.
    fn skip_comment(&mut self) {
        let inner = self.rest.get(4..).unwrap_or_default();
        let at_once = inner.trim_start_matches('-').strip_prefix('>');
        self.rest = at_once.unwrap_or_else(|| skip_past(inner, "-->"));
    }

    /// Takes a tag whose name starts `text`: its name and attributes. One without an end takes all that is left.
    fn tag(&mut self, text: &'x str) -> (String, &'x str) {
        let name_end = text
            .find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>')
            .unwrap_or(text.len());
        let (name, rest) = text.split_at(name_end);
        let mut quote = None;
        let mut value = false;
        let end = rest.bytes().position(|octet| {
            match (octet, quote) {
                (_, Some(open)) if octet == open => quote = None,
                (b'>', None) => return true,
                // Only a quote that starts a value is one.
                (b'"' | b'\'', None) if value => quote = Some(octet),
                (_, _) => {}
            }
            value = octet == b'=' || (value && octet.is_ascii_whitespace());
            false
        });
        let end = end.unwrap_or(rest.len());
        self.rest = rest.get(end + 1..).unwrap_or_default();
        let name = name
            .get(..name.floor_char_boundary(NAME))
            .unwrap_or_default();
        (
            name.to_ascii_lowercase(),
            rest.get(..end).unwrap_or_default(),
        )
    }

    /// Skips an element whose content is no text to read.
    fn skip_raw(&mut self, name: &str) {
        let html = self.rest.as_bytes();
        let end = memchr::memmem::find_iter(html, b"</").find(|at| {
            let found = html.get(at + 2..at + 2 + name.len());
            found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
        });
        let rest = end.and_then(|end| self.rest.get(end..)).unwrap_or_default();
        self.rest = skip_past(rest, ">");
    }
}

impl<'x> Iterator for Tokens<'x> {
    type Item = Token<'x>;

    fn next(&mut self) -> Option<Token<'x>> {
        while !self.rest.is_empty() {
            let at = memchr::memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
            if at > 0 {
                let (text, rest) = self.rest.split_at(at);
                self.rest = rest;
                return Some(Token::Text(text));
            }
            match self.markup() {
                Step::Token(token) => return Some(token),
                Step::Nothing => {}
                Step::Text => {
                    let (text, rest) = self.rest.split_at(1);
                    self.rest = rest;
                    return Some(Token::Text(text));
                }
            }
        }
        None
    }
}

/// Name and value of each attribute.
struct Attributes<'x>(&'x str);

impl<'x> Iterator for Attributes<'x> {
    type Item = (&'x str, &'x str);

    fn next(&mut self) -> Option<Self::Item> {
        let text = self
            .0
            .trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if text.is_empty() {
            return None;
        }
        let name_end = text
            .get(1..)
            .and_then(|tail| tail.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/'))
            .map_or(text.len(), |at| at + 1);
        if !text.is_char_boundary(name_end) {
            return None;
        }
        let (name, rest) = text.split_at(name_end);
        let Some(value) = rest.trim_start().strip_prefix('=') else {
            self.0 = rest;
            return Some((name, ""));
        };
        let value = value.trim_start();
        let (value, rest) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = value.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            _ => value.split_at(
                value
                    .find(|c: char| c.is_ascii_whitespace())
                    .unwrap_or(value.len()),
            ),
        };
        self.0 = rest;
        Some((name, value))
    }
}

/// What stands behind the first `mark`; nothing when there is none.
fn skip_past<'x>(text: &'x str, mark: &str) -> &'x str {
    text.split_once(mark).map_or("", |(_, rest)| rest)
}

/// Elements whose content is not text to read, or that nest by rules of their own.
const RAW: [&str; 12] = [
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "svg", "math",
    "object", "template",
];
const ATTRIBUTES: usize = 64;
const NAME: usize = 16;
const STYLE: usize = 4_096;

//! Making text harmless for a terminal and for eyes: the one place where that is done.
//!
//! Nothing that comes back from here holds a control character (C0, DEL, C1), a bidirectional control, an invisible or
//! private character, or more marks on one letter than any writing needs. What could deceive is shown as `<U+202E>`;
//! what is merely no text is shown as U+FFFD; invisible padding goes.

use std::borrow::Cow;

mod names;

pub use names::{file_name, warning};

/// Text for one line: line breaks and tabs become spaces.
///
/// An invisible character inside a word, where it can only hide what the word is, is shown as `<U+200B>`.
pub fn line(text: &str) -> Cow<'_, str> {
    clean(text, Layout::Line)
}

/// Text of several lines: line feeds stay (CR LF and a lone CR count as one), tabs become spaces up to the next column
/// that is a multiple of eight.
pub fn text(text: &str) -> Cow<'_, str> {
    clean(text, Layout::Text)
}

/// Octets of unknown making, such as a server's reply, on one line. What is not UTF-8 is shown as U+FFFD.
pub fn octets(octets: &[u8]) -> String {
    line(&String::from_utf8_lossy(octets)).into_owned()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    Line,
    Text,
}

fn clean(text: &str, layout: Layout) -> Cow<'_, str> {
    let plain =
        |octet: u8| matches!(octet, 0x20..=0x7E) || (octet == b'\n' && layout == Layout::Text);
    let Some(first) = text.bytes().position(|octet| !plain(octet)) else {
        return Cow::Borrowed(text);
    };
    // From the letter before the first odd octet on, so that the mark behind it sees what it stands on.
    let first = text.floor_char_boundary(first.saturating_sub(1));
    let (start, rest) = text.split_at(first);
    let mut out = Cleaner::new(start, layout);
    let mut rest = rest;
    while let Some(c) = rest.chars().next() {
        let run = rest
            .bytes()
            .position(|octet| !matches!(octet, 0x20..=0x7E))
            .unwrap_or(rest.len());
        let (taken, behind) = rest.split_at(run.max(c.len_utf8()));
        if run == 0 {
            out.take(c, behind.chars().next());
        } else {
            out.run(taken);
        }
        rest = behind;
    }
    if out.text == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out.text)
    }
}

/// A text on its way through, and what the next character's fate depends on.
struct Cleaner {
    text: String,
    layout: Layout,
    /// The character before, as it came in.
    before: Option<char>,
    /// The last visible base character that went out; `None` at the start of a line.
    base: Option<char>,
    /// Characters of no width that went out since `base`.
    marks: usize,
    /// Emoji glued to each other at the end of what went out.
    glued: usize,
    /// Columns since the last line feed, for tabs.
    column: usize,
}

impl Cleaner {
    fn new(start: &str, layout: Layout) -> Self {
        let column = start.rsplit('\n').next().map_or(0, str::len);
        Self {
            text: start.to_owned(),
            layout,
            before: start.chars().next_back(),
            base: start.chars().next_back().filter(|c| *c != '\n'),
            marks: 0,
            glued: 0,
            column,
        }
    }

    fn take(&mut self, c: char, next: Option<char>) {
        match c {
            '\r' if self.layout == Layout::Text && next == Some('\n') => {}
            '\n' | '\r' | '\u{2028}' | '\u{2029}' => self.line_break(),
            '\t' => self.tab(),
            '\u{20}'..='\u{7E}' => self.base(c),
            '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => self.variation(c),
            '\u{200C}' | '\u{200D}' => self.joiner(c, next),
            _ if is_bidirectional(c) => self.show(c),
            _ if is_invisible(c) => self.invisible(c, next),
            _ if is_no_text(c) => self.replace(c),
            _ if unicode_width::UnicodeWidthChar::width(c) == Some(0) => self.mark(c),
            _ => self.base(c),
        }
        self.before = Some(c);
    }

    /// Printable ASCII, of which there is most: the same as one character after the other, and quicker.
    fn run(&mut self, run: &str) {
        let Some(last) = run.chars().next_back() else {
            return;
        };
        if run.len() > 1 || !self.text.ends_with('\u{200D}') {
            self.glued = 0;
        }
        self.text.push_str(run);
        self.base = Some(last);
        self.marks = 0;
        self.column += run.len();
        self.before = Some(last);
    }

    fn base(&mut self, c: char) {
        if !self.text.ends_with('\u{200D}') {
            self.glued = 0;
        }
        self.text.push(c);
        self.base = Some(c);
        self.marks = 0;
        self.column += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
    }

    fn line_break(&mut self) {
        if self.layout == Layout::Line {
            // A fold is CR LF and a space: one space is enough.
            if !(self.before == Some('\r') && self.text.ends_with(' ')) {
                self.base(' ');
            }
            return;
        }
        self.text.push('\n');
        (self.base, self.marks, self.column) = (None, 0, 0);
    }

    fn tab(&mut self) {
        let spaces = match self.layout {
            Layout::Line => 1,
            Layout::Text => TAB - self.column % TAB,
        };
        (0..spaces).for_each(|_| self.base(' '));
    }

    /// A mark on the letter before. Where there is none it would sit on whatever we draw beside it.
    fn mark(&mut self, c: char) {
        if self.base.is_none() {
            self.base('◌');
        }
        if self.marks < MARKS {
            self.text.push(c);
            self.marks += 1;
        }
    }

    /// A variation selector means something once, behind a character that has variants.
    fn variation(&mut self, c: char) {
        let fits = self.marks == 0
            && match self.base {
                Some('0'..='9' | '#' | '*') => c == '\u{FE0F}',
                Some(base) => !base.is_ascii() && (c <= '\u{FE0F}' || is_han(base)),
                None => false,
            };
        if fits {
            self.text.push(c);
            self.marks += 1;
        }
    }

    /// Joiners are letters of some scripts and the glue of emoji; elsewhere they only hide.
    fn joiner(&mut self, c: char, next: Option<char>) {
        let glues = c == '\u{200D}'
            && self.glued < MARKS
            && self.base.is_some_and(is_pictograph)
            && next.is_some_and(is_pictograph);
        let joins = self.marks < MARKS
            && self.base.is_some_and(is_joining_script)
            && next.is_some_and(is_joining_script);
        if glues || joins {
            self.text.push(c);
            self.marks += 1;
            self.glued += usize::from(glues);
        } else {
            self.invisible(c, next);
        }
    }

    fn invisible(&mut self, c: char, next: Option<char>) {
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let hides = self.layout == Layout::Line && c != '\u{AD}' && c != '\u{34F}';
        if hides && inside(self.before) && inside(next) {
            self.show(c);
        }
    }

    fn show(&mut self, c: char) {
        if self.before == Some(c) {
            return;
        }
        let mark = format!("<U+{:04X}>", u32::from(c));
        mark.chars().for_each(|c| self.base(c));
    }

    fn replace(&mut self, c: char) {
        // A run of tag characters is one hidden text; anything else is counted.
        let tag = |c: char| matches!(c, '\u{E0000}'..='\u{E007F}');
        if !(tag(c) && self.before.is_some_and(tag)) {
            self.base(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// Explicit directional formatting (UAX #9 section 2), which reorders what stands around it.
fn is_bidirectional(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{61C}')
}

/// Characters that draw nothing, or nothing but a blank that is none.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'
        | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{1D173}'..='\u{1D17A}' | '\u{1BCA0}'..='\u{1BCA3}')
}

/// Control, interlinear, tag and private characters, noncharacters, and planes where nothing is assigned.
fn is_no_text(c: char) -> bool {
    let code = u32::from(c);
    c.is_control()
        || matches!(c, '\u{FFF0}'..='\u{FFFB}' | '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}')
        || code & 0xFFFE == 0xFFFE
        || (code >= 0x4_0000 && !matches!(c, '\u{E0100}'..='\u{E01EF}'))
}

/// Scripts in which U+200C and U+200D decide about the form of letters.
fn is_joining_script(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{DFF}' | '\u{E00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{A840}'..='\u{ABFF}'
        | '\u{FB50}'..='\u{FDCF}' | '\u{FE70}'..='\u{FEFC}' | '\u{11000}'..='\u{11FFF}')
}

/// Han, which has variants of its own (UTS #37).
fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Marks on one letter; no orthography needs as many.
const MARKS: usize = 8;
const TAB: usize = 8;

#[cfg(test)]
mod tests;

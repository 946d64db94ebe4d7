//! A line of text that a person types: shown in a window that follows the cursor, or hidden when it is a secret.

use std::fmt;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::EventHandler;
use tui_input::{Input, InputRequest};
use unicode_segmentation::UnicodeSegmentation;

use crate::mail::text::{truncate, width};
use crate::mail::{Secret, safe};
use crate::ui::glyphs::{GlyphSet, Glyphs};

/// A text field.
#[derive(Clone, Default)]
pub struct TextField {
    input: Input,
    secret: bool,
    /// Where only digits are taken: how many.
    digits: Option<usize>,
    /// Whether a secret can be read on the screen.
    pub shown: bool,
}

impl TextField {
    /// A field with this in it, the cursor at its end.
    pub fn new(text: &str) -> Self {
        Self {
            input: Input::new(text.to_owned()),
            ..Self::default()
        }
    }

    /// A field that takes so many digits and nothing else.
    pub fn digits(text: &str, most: usize) -> Self {
        Self {
            digits: Some(most),
            ..Self::new(text)
        }
    }

    /// An empty field whose text is not shown.
    pub fn secret() -> Self {
        Self {
            secret: true,
            ..Self::default()
        }
    }

    /// What is in it, without the spaces around it.
    pub fn text(&self) -> &str {
        self.input.value().trim()
    }

    /// What is in it, to the letter.
    pub fn to_secret(&self) -> Secret {
        Secret::new(self.input.value().to_owned())
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.input.value().is_empty()
    }

    /// Puts another text into it.
    pub fn set(&mut self, text: &str) {
        self.input = Input::new(text.to_owned());
    }

    /// Takes a key. Whether the text is another now.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        if let KeyCode::Char(c) = key.code
            && !key.modifiers.contains(KeyModifiers::CONTROL)
            && !self.takes(c)
        {
            return false;
        }
        self.input
            .handle_event(&Event::Key(key))
            .is_some_and(|change| change.value)
    }

    /// Whether there is room for this character.
    fn takes(&self, c: char) -> bool {
        let length = self.input.value().len();
        length < self.digits.unwrap_or(LONGEST) && (self.digits.is_none() || c.is_ascii_digit())
    }

    /// Takes the first line of a pasted text; what is no text is left out, and in a secret nothing else is changed.
    pub fn paste(&mut self, text: &str) {
        let line = text.trim_start_matches(['\r', '\n']).lines().next();
        let line = line.unwrap_or_default();
        let cleaned = if self.secret {
            line.into()
        } else {
            safe::line(line.trim())
        };
        for c in cleaned.chars().filter(|c| !c.is_control()) {
            if !self.takes(c) {
                break;
            }
            self.input.handle(InputRequest::InsertChar(c));
        }
    }

    /// What of it is seen in `columns` columns, and the column of the cursor in that.
    pub fn window(&self, columns: u16, glyphs: Glyphs) -> (String, u16) {
        let before: String = self
            .input
            .value()
            .chars()
            .take(self.input.cursor())
            .collect();
        let (text, before) = if self.secret && !self.shown {
            let dot = if glyphs.set == GlyphSet::Ascii {
                "*"
            } else {
                "•"
            };
            let all = self.input.value().graphemes(true).count();
            (dot.repeat(all), dot.repeat(before.graphemes(true).count()))
        } else {
            (self.input.value().to_owned(), before)
        };
        let room = usize::from(columns).saturating_sub(1);
        let mut cut = 0;
        let mut column = width(&before);
        for grapheme in before.graphemes(true) {
            if column <= room {
                break;
            }
            cut += grapheme.len();
            column -= width(grapheme).min(column);
        }
        let rest = text.get(cut..).unwrap_or_default();
        let shown = truncate(rest, columns.into()).into_owned();
        (shown, u16::try_from(column).unwrap_or(columns))
    }
}

impl fmt::Debug for TextField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secret {
            f.write_str("TextField(***)")
        } else {
            write!(f, "TextField({:?})", self.input.value())
        }
    }
}

/// Octets that a field takes; a name, an address or a password is never longer.
const LONGEST: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_follows_the_cursor_and_never_cuts_a_wide_character() {
        let field = TextField::new("来週の会議 0123456789");
        for columns in 1..30 {
            let (shown, cursor) = field.window(columns, Glyphs::default());
            assert!(width(&shown) <= columns.into(), "{columns}: {shown}");
            assert!(
                cursor < columns.max(1) || columns == 0,
                "{columns}: {cursor}"
            );
        }
        assert_eq!(
            field.window(40, Glyphs::default()),
            ("来週の会議 0123456789".to_owned(), 21)
        );
        assert_eq!(
            TextField::new("abcdef").window(4, Glyphs::default()),
            ("def".to_owned(), 3)
        );
    }

    #[test]
    fn a_secret_is_neither_drawn_nor_printed_until_it_is_to_be_shown() {
        let mut field = TextField::secret();
        field.paste("tr0ub4dor\nsecond line");
        assert_eq!(field.window(20, Glyphs::default()).0, "•••••••••");
        assert_eq!(
            field.window(20, Glyphs::new(GlyphSet::Ascii)).0,
            "*********"
        );
        assert!(!format!("{field:?}").contains("tr0ub"));
        field.shown = true;
        assert_eq!(field.window(20, Glyphs::default()).0, "tr0ub4dor");
        assert_eq!(field.to_secret().expose(), "tr0ub4dor");
    }

    #[test]
    fn a_pasted_text_loses_its_line_ends_and_what_controls_a_terminal() {
        let mut field = TextField::default();
        field.paste("\n  pop.example.net\u{1b}[2J \r\nrm -rf\n");
        assert!(!field.text().contains('\u{1b}'));
        assert!(field.text().starts_with("pop.example.net"));
        assert!(!field.text().contains("rm"));
    }
}

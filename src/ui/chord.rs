//! A key as a person writes it: `d`, `D`, `^r`, `Enter`, `S-Tab`, `F5`, and several in a row: `g i`.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::mail::text::is_safe;

/// One key with its modifiers, in the one form in which equal presses are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Chord {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Chord {
    /// What a terminal reported. Shift is part of a character already, and terminals disagree on whether they say it again.
    pub fn of(key: KeyEvent) -> Self {
        let known = KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT;
        Self::normal(key.code, key.modifiers & known)
    }

    /// The one form of a key.
    fn normal(mut code: KeyCode, mut modifiers: KeyModifiers) -> Self {
        match code {
            KeyCode::Char(c) => {
                modifiers.remove(KeyModifiers::SHIFT);
                if modifiers.contains(KeyModifiers::CONTROL) {
                    code = KeyCode::Char(c.to_ascii_lowercase());
                }
            }
            KeyCode::BackTab => {
                code = KeyCode::Tab;
                modifiers.insert(KeyModifiers::SHIFT);
            }
            _ => {}
        }
        Self { code, modifiers }
    }

    /// Reads one key; `None` when it names none.
    pub fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut modifiers) = (text, KeyModifiers::NONE);
        let code = loop {
            if let Some(code) = named(rest).or_else(|| single(rest)) {
                break code;
            }
            let (modifier, inner) = PREFIXES
                .iter()
                .find_map(|(prefix, modifier)| Some((*modifier, rest.strip_prefix(prefix)?)))?;
            modifiers |= modifier;
            rest = inner;
        };
        let code = match code {
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::SHIFT) => {
                KeyCode::Char(shifted(c))
            }
            code => code,
        };
        Some(Self::normal(code, modifiers))
    }

    /// Reads keys to be pressed one after the other, apart by spaces; `None` when one of them names no key.
    pub fn sequence(text: &str) -> Option<Vec<Self>> {
        let chords: Option<Vec<Self>> = text.split_whitespace().map(Self::parse).collect();
        chords.filter(|chords| !chords.is_empty())
    }

    /// The character it types, when it is one without control or alt.
    pub fn typed(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    /// Whether it is this key without modifiers.
    pub fn is(self, code: KeyCode) -> bool {
        self.code == code && self.modifiers.is_empty()
    }

    /// Whether it is this letter with control.
    pub fn is_control(self, letter: char) -> bool {
        self.code == KeyCode::Char(letter) && self.modifiers == KeyModifiers::CONTROL
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("A-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("S-")?;
        }
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("^")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(n) => write!(f, "F{n}"),
            code => f.write_str(
                NAMES
                    .iter()
                    .find(|(_, named)| *named == code)
                    .map_or("?", |(name, _)| name),
            ),
        }
    }
}

/// Keys in a row as a hint shows them: `g i`.
pub fn spell(chords: &[Chord]) -> String {
    let names: Vec<String> = chords.iter().map(ToString::to_string).collect();
    names.join(" ")
}

/// The key of a single character.
fn single(text: &str) -> Option<KeyCode> {
    let mut chars = text.chars();
    let (c, None) = (chars.next()?, chars.next()) else {
        return None;
    };
    is_safe(text).then_some(KeyCode::Char(c))
}

/// What a terminal reports for a letter with shift.
fn shifted(c: char) -> char {
    let mut upper = c.to_uppercase();
    let first = upper.next().filter(|_| upper.next().is_none());
    first.unwrap_or(c)
}

fn named(text: &str) -> Option<KeyCode> {
    if let Some(n) = text.strip_prefix('F').and_then(|n| n.parse::<u8>().ok()) {
        return (1..=24).contains(&n).then_some(KeyCode::F(n));
    }
    if text == "Space" {
        return Some(KeyCode::Char(' '));
    }
    NAMES
        .iter()
        .find(|(name, _)| *name == text)
        .map(|(_, code)| *code)
}

const PREFIXES: [(&str, KeyModifiers); 4] = [
    ("^", KeyModifiers::CONTROL),
    ("C-", KeyModifiers::CONTROL),
    ("A-", KeyModifiers::ALT),
    ("S-", KeyModifiers::SHIFT),
];

const NAMES: [(&str, KeyCode); 14] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_as_it_is_read() {
        for text in [
            "d", "D", "^r", "Enter", "S-Tab", "F5", "Space", "PgDn", "$", "A-x", "*", "^",
        ] {
            assert_eq!(Chord::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(spell(&Chord::sequence("g i").unwrap()), "g i");
        assert_eq!(Chord::parse("Entre"), None);
        assert_eq!(Chord::sequence(""), None);
    }

    #[test]
    fn modifiers_are_read_as_terminals_report_them_and_written_so_that_they_are_read_again() {
        for (text, written) in [
            ("C-S-A-F24", "A-S-^F24"),
            ("^F5", "^F5"),
            ("C-X", "^x"),
            ("S-d", "D"),
            ("A-S-d", "A-D"),
            ("S-^x", "^x"),
            ("^^", "^^"),
            ("^Enter", "^Enter"),
        ] {
            let chord = Chord::parse(text).unwrap();
            assert_eq!(chord.to_string(), written);
            assert_eq!(Chord::parse(written), Some(chord));
        }
        let pressed = KeyEvent::new(KeyCode::Char('D'), KeyModifiers::SHIFT);
        assert_eq!(Chord::parse("S-d"), Some(Chord::of(pressed)));
        let pressed = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::CONTROL);
        assert_eq!(Chord::parse("C-X"), Some(Chord::of(pressed)));
        assert_eq!(Chord::parse("\u{1b}"), None);
        assert_eq!(Chord::parse("C-"), None);
        // However many there are.
        assert!(Chord::parse(&format!("{}x", "A-".repeat(1_000_000))).is_some());
    }

    #[test]
    fn shift_that_a_terminal_says_twice_makes_no_difference() {
        let once = KeyEvent::new(KeyCode::Char('D'), KeyModifiers::NONE);
        let twice = KeyEvent::new(KeyCode::Char('D'), KeyModifiers::SHIFT);
        assert_eq!(Chord::of(once), Chord::of(twice));
        let back_tab = KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT);
        assert_eq!(Chord::of(back_tab), Chord::parse("S-Tab").unwrap());
    }
}

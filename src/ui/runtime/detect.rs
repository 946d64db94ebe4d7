//! What fits this terminal: colours from the configuration, `NO_COLOR`, the terminal's answer to OSC 11, `COLORFGBG`, or
//! else its own sixteen; shapes from the locale.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::ui::Settings;
use crate::ui::glyphs::GlyphSet;
use crate::ui::theme::ThemeKind;

/// Fills in what the configuration leaves open. The terminal is ours and raw by now, and nobody else reads it yet.
pub(super) fn complete(mut settings: Settings) -> (Settings, Stray) {
    let env = |name: &str| std::env::var(name).unwrap_or_default();
    let term = env("TERM");
    let mut stray = Stray::default();
    if settings.glyphs.is_none() {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .map(env)
            .find(|value| !value.is_empty());
        settings.glyphs = Some(glyphs(&locale.unwrap_or_default(), &term));
    }
    let no_colour = !env("NO_COLOR").is_empty() || term == "dumb";
    if settings.theme_file.is_some() {
        // A file says which colours there are, not that there must be any.
        settings.theme = Some(if no_colour {
            ThemeKind::None
        } else {
            ThemeKind::Dark
        });
    } else if settings.theme.is_some() {
        // The configuration asks for colour in so many words, which is more than a NO_COLOR for everything.
        crossterm::style::force_color_output(settings.theme != Some(ThemeKind::None));
    } else if no_colour {
        settings.theme = Some(ThemeKind::None);
    } else {
        let answer = if term == "linux" {
            None
        } else {
            ask(QUERY_WAIT)
        };
        stray.expected = answer.is_none() && term != "linux";
        settings.theme = answer
            .as_deref()
            .and_then(background)
            .or_else(|| from_colorfgbg(&env("COLORFGBG")))
            .or(Some(ThemeKind::Ansi));
        let rich = matches!(env("COLORTERM").as_str(), "truecolor" | "24bit")
            || term.contains("256color")
            || term.contains("kitty");
        if !rich {
            settings.theme = Some(ThemeKind::Ansi);
        }
    }
    (settings, stray)
}

/// An answer to the question for the background that came too late, and would look like keys.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stray {
    expected: bool,
    inside: bool,
}

impl Stray {
    /// Whether this key is a part of it.
    pub(super) fn swallows(&mut self, key: KeyEvent) -> bool {
        if !self.expected {
            return false;
        }
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if self.inside {
            let end = (alt && key.code == KeyCode::Char('\\'))
                || (key.modifiers.contains(KeyModifiers::CONTROL)
                    && key.code == KeyCode::Char('g'));
            if end {
                self.inside = false;
                self.expected = false;
                return true;
            }
            let part = matches!(key.code, KeyCode::Char(c) if c.is_ascii_hexdigit() || "rgba:;/".contains(c));
            self.inside = part;
            return part;
        }
        self.inside = alt && key.code == KeyCode::Char(']');
        self.inside
    }
}

fn glyphs(locale: &str, term: &str) -> GlyphSet {
    let locale = locale.to_ascii_lowercase();
    let utf8 = locale.contains("utf-8") || locale.contains("utf8");
    if utf8 && !matches!(term, "linux" | "dumb") {
        GlyphSet::Unicode
    } else {
        GlyphSet::Ascii
    }
}

/// Dark or light, from an answer such as `11;rgb:1616/1818/1d1d`.
fn background(answer: &[u8]) -> Option<ThemeKind> {
    let text = String::from_utf8_lossy(answer);
    let colour = text.split("rgb").nth(1)?.split_once(':')?.1;
    let parts: Vec<f64> = colour
        .split('/')
        .take(3)
        .filter_map(|part| {
            let digits: String = part
                .chars()
                .take_while(char::is_ascii_hexdigit)
                .take(4)
                .collect();
            let most = 16_u32
                .checked_pow(digits.len() as u32)?
                .checked_sub(1)
                .filter(|most| *most > 0)?;
            Some(f64::from(u32::from_str_radix(&digits, 16).ok()?) / f64::from(most))
        })
        .collect();
    let [red, green, blue] = parts.as_slice() else {
        return None;
    };
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if luminance < 0.5 {
        ThemeKind::Dark
    } else {
        ThemeKind::Light
    })
}

/// Dark or light, from `COLORFGBG` as rxvt and others set it: `15;0`.
fn from_colorfgbg(value: &str) -> Option<ThemeKind> {
    let ground: u8 = value.rsplit(';').next()?.parse().ok()?;
    match ground {
        0..=6 | 8 => Some(ThemeKind::Dark),
        7 | 9..=15 => Some(ThemeKind::Light),
        _ => None,
    }
}

/// Asks for the background, and then for the terminal's kind, which every terminal answers: so that one that does not know
/// the first question costs no waiting.
#[cfg(unix)]
fn ask(wait: Duration) -> Option<Vec<u8>> {
    use rustix::termios::{OptionalActions, SpecialCodeIndex, tcgetattr, tcsetattr};
    use std::io::{Read, Write};

    let mut tty = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/tty")
        .ok()?;
    let before = tcgetattr(&tty).ok()?;
    let mut timed = before.clone();
    timed.special_codes[SpecialCodeIndex::VMIN] = 0;
    timed.special_codes[SpecialCodeIndex::VTIME] = 1;
    tcsetattr(&tty, OptionalActions::Now, &timed).ok()?;
    let mut answer = Vec::new();
    let started = std::time::Instant::now();
    if tty.write_all(b"\x1b]11;?\x1b\\\x1b[c").is_ok() {
        let mut octets = [0; 64];
        while started.elapsed() < wait && answer.len() < 1024 {
            match tty.read(&mut octets) {
                Ok(n) if n > 0 => answer.extend_from_slice(octets.get(..n).unwrap_or_default()),
                _ => break,
            }
            if ends(&answer) {
                break;
            }
        }
    }
    let _ = tcsetattr(&tty, OptionalActions::Now, &before);
    ends(&answer).then_some(answer)
}

#[cfg(not(unix))]
fn ask(_wait: Duration) -> Option<Vec<u8>> {
    None
}

/// Whether the answer to the second question (DA1: `ESC [ ? ... c`) is complete.
fn ends(answer: &[u8]) -> bool {
    let start = answer.windows(3).position(|octets| octets == b"\x1b[?");
    start.is_some_and(|start| answer.iter().skip(start).any(|octet| *octet == b'c'))
}

const QUERY_WAIT: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_answer_tells_dark_from_light() {
        assert_eq!(
            background(b"\x1b]11;rgb:1616/1818/1d1d\x1b\\"),
            Some(ThemeKind::Dark)
        );
        assert_eq!(
            background(b"\x1b]11;rgb:ff/ff/ff\x07"),
            Some(ThemeKind::Light)
        );
        assert_eq!(
            background(b"\x1b]11;rgba:0000/0000/0000/ffff\x07"),
            Some(ThemeKind::Dark)
        );
        for bad in [
            &b""[..],
            b"\x1b[?1;2c",
            b"11;rgb:",
            b"11;rgb://",
            b"11;rgb:zz/zz/zz",
        ] {
            assert_eq!(background(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn colorfgbg_is_read_by_its_last_part() {
        assert_eq!(from_colorfgbg("15;0"), Some(ThemeKind::Dark));
        assert_eq!(from_colorfgbg("0;default;15"), Some(ThemeKind::Light));
        assert_eq!(from_colorfgbg("default"), None);
        assert_eq!(from_colorfgbg(""), None);
    }

    #[test]
    fn shapes_need_a_locale_that_has_them() {
        assert_eq!(glyphs("de_DE.UTF-8", "xterm-256color"), GlyphSet::Unicode);
        assert_eq!(glyphs("C", "xterm"), GlyphSet::Ascii);
        assert_eq!(glyphs("en_US.utf8", "linux"), GlyphSet::Ascii);
    }

    #[test]
    fn a_late_answer_is_not_taken_for_keys() {
        let mut stray = Stray {
            expected: true,
            inside: false,
        };
        let alt = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::ALT);
        let plain = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
        assert!(!stray.swallows(plain('j')));
        assert!(stray.swallows(alt(']')));
        for c in "11;rgb:dddd/0000/ffff".chars() {
            assert!(stray.swallows(plain(c)), "{c}");
        }
        assert!(stray.swallows(alt('\\')));
        assert!(!stray.swallows(plain('d')));
    }

    #[test]
    fn an_answer_is_complete_with_the_terminals_kind() {
        assert!(!ends(b"\x1b]11;rgb:0c0c/0c0c/0c0c\x1b\\"));
        assert!(ends(b"\x1b]11;rgb:0c0c/0c0c/0c0c\x1b\\\x1b[?62;22c"));
    }
}

use std::path::Path;

use toml_edit::Document;

use super::error::ConfigError;
use super::load::{read, syntax};
use super::reader::{Entry, Section, Source};

/// The colours of a file in `themes/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThemeFile {
    /// The theme that has what the file leaves out.
    pub base: ThemeBase,
    /// What the file says of each role, in the order of [`ROLES`].
    pub colours: [Option<Colour>; ROLES.len()],
}

/// The theme that a file starts from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeBase {
    /// poppet's own for a dark background.
    #[default]
    Dark,
    /// poppet's own for a light background.
    Light,
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// What the terminal has by itself.
    Default,
    /// One of the terminal's sixteen: 0 black to 7 white, 8 to 15 the same in bright.
    Ansi(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

impl ThemeFile {
    /// Reads the file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let missing = || ConfigError::Read {
            path: path.to_owned(),
            cause: std::io::ErrorKind::NotFound.into(),
        };
        let text = read(path)?.ok_or_else(missing)?;
        Self::parse(&text, path)
    }

    /// Reads a text as if it stood in the file `path`.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let source = Source { path, text };
        let document = Document::parse(text).map_err(|error| syntax(source, &error))?;
        let keys: Vec<&str> = std::iter::once("base").chain(ROLES).collect();
        let top = Section::top(source, document.as_table()).only(&keys)?;
        let mut theme = Self::default();
        if let Some(entry) = top.entry("base") {
            theme.base = entry.choice(&[("dark", ThemeBase::Dark), ("light", ThemeBase::Light)])?;
        }
        for (role, place) in ROLES.iter().zip(&mut theme.colours) {
            *place = top.entry(role).map(|entry| colour(&entry)).transpose()?;
        }
        Ok(theme)
    }
}

fn colour(entry: &Entry<'_>) -> Result<Colour, ConfigError> {
    let text = entry.text("#7cb7ff")?;
    if text == "default" {
        return Ok(Colour::Default);
    }
    if let Some(digits) = text.strip_prefix('#') {
        return rgb(digits).ok_or_else(|| {
            entry.wrong(
                &format!("\"{text}\" is not a colour: behind the # stand six digits from 0 to f, or three"),
                &format!("Write it like this: {} = \"#7cb7ff\"", entry.key),
            )
        });
    }
    let (bright, name) = match text.strip_prefix("bright-") {
        Some(name) => (8, name),
        None => (0, text),
    };
    if let Some(number) = (0..8).zip(ANSI).find(|(_, known)| *known == name) {
        return Ok(Colour::Ansi(number.0 + bright));
    }
    let near = super::nearest(text, ANSI.iter().copied().chain(["default"]));
    let near = near.map_or(String::new(), |near| format!("Did you mean \"{near}\"? "));
    Err(entry.wrong(
        &format!("\"{text}\" is not a colour"),
        &format!(
            "{near}It may be \"#7cb7ff\", one of {}, each with \"bright-\" before it, or \"default\".",
            ANSI.join(", ")
        ),
    ))
}

fn rgb(digits: &str) -> Option<Colour> {
    let values: Vec<u8> = digits
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|value| u8::try_from(value).ok())
        })
        .collect::<Option<_>>()?;
    match values.as_slice() {
        [r, g, b] => Some(Colour::Rgb(r * 17, g * 17, b * 17)),
        [r, s, g, h, b, c] => Some(Colour::Rgb(r * 16 + s, g * 16 + h, b * 16 + c)),
        _ => None,
    }
}

/// What a theme gives a colour to, by its name in the file.
pub const ROLES: [&str; 8] = [
    "background",
    "selection",
    "text",
    "muted",
    "accent",
    "ok",
    "warn",
    "danger",
];
const ANSI: [&str; 8] = [
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ThemeFile, String> {
        ThemeFile::parse(text, Path::new("themes/dusk.toml")).map_err(|error| error.to_string())
    }

    #[test]
    fn an_empty_file_is_the_dark_theme() {
        assert_eq!(parse(""), Ok(ThemeFile::default()));
    }

    #[test]
    fn each_way_to_write_a_colour() {
        let text = "base = \"light\"\nbackground = \"default\"\ntext = \"#24292F\"\nmuted = \"#abc\"\n\
                    accent = \"blue\"\ndanger = \"bright-red\"\n";
        let theme = parse(text).unwrap();
        assert_eq!(theme.base, ThemeBase::Light);
        assert_eq!(
            theme.colours,
            [
                Some(Colour::Default),
                None,
                Some(Colour::Rgb(0x24, 0x29, 0x2f)),
                Some(Colour::Rgb(0xaa, 0xbb, 0xcc)),
                Some(Colour::Ansi(4)),
                None,
                None,
                Some(Colour::Ansi(9)),
            ]
        );
    }

    #[test]
    fn a_mistake_is_named_with_its_place_and_what_would_be_right() {
        assert_eq!(
            parse("text = \"#fff\"\naccent = \"#12345\"\n").unwrap_err(),
            "themes/dusk.toml:2:10: \"#12345\" is not a colour: behind the # stand six digits from 0 to f, or three\n\
             2 | accent = \"#12345\"\n  |          ^^^^^^^^\nWrite it like this: accent = \"#7cb7ff\""
        );
        let error = parse("ok = \"gren\"\n").unwrap_err();
        assert!(
            error.starts_with("themes/dusk.toml:1:6: \"gren\" is not a colour\n"),
            "{error}"
        );
        assert!(error.contains("Did you mean \"green\"?"), "{error}");
        let error = parse("acent = \"red\"\n").unwrap_err();
        assert!(
            error.starts_with("themes/dusk.toml:1:1: unknown key `acent`"),
            "{error}"
        );
        assert!(error.contains("Did you mean `accent`?"), "{error}");
        let error = parse("base = \"drak\"\n").unwrap_err();
        assert!(error.starts_with("themes/dusk.toml:1:8: "), "{error}");
        let error = parse("text = 7\n").unwrap_err();
        assert!(error.starts_with("themes/dusk.toml:1:8: "), "{error}");
        let error = parse("text \"#fff\"\n").unwrap_err();
        assert!(error.starts_with("themes/dusk.toml:1:"), "{error}");
    }
}

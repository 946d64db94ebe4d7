//! A file of colours.

use std::path::Path;

use poppet::config::ThemeFile;
use poppet::ui::theme::{Role, Theme, ThemeKind};

use super::config::check_mistake;

pub(super) fn run(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    match ThemeFile::parse(&text, Path::new("themes/dusk.toml")) {
        Ok(file) => {
            let theme = Theme::of_file(ThemeKind::Dark, &file);
            let _ = (theme.style(Role::Text), theme.selected(Role::Quote(3)));
            assert_eq!(ThemeFile::parse(&text, Path::new("")).ok(), Some(file));
        }
        Err(error) => check_mistake(error, &text),
    }
}

/// Each way to write a colour, and some that are none.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    TEXTS.iter().map(|text| text.as_bytes().to_vec()).collect()
}

const TEXTS: [&str; 5] = [
    "base = \"light\"\nbackground = \"default\"\ntext = \"#24292F\"\nmuted = \"#abc\"\n",
    "base = 'dark'\naccent = \"blue\"\ndanger = \"bright-red\"\nok=\"green\"\nwarn=\"yellow\"\nselection=\"black\"",
    "text = \"#fff\"\naccent = \"#12345\"\n",
    "ok = \"gren\"\nacent = 7\n",
    "text \"#fff\"\n[colours]\n",
];

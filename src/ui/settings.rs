use std::time::Duration;

use jiff::tz::TimeZone;

use super::action::Preset;
use super::glyphs::GlyphSet;
use super::keymap::Override;
use super::list::resume::Whereabouts;
use super::theme::{Theme, ThemeKind};
use crate::config::ThemeFile;
use crate::mail::AccountId;

/// What the configuration says about the screen.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The colours; `None` means: find out what fits the terminal.
    pub theme: Option<ThemeKind>,
    /// The colours of a file, in the place of `theme`'s.
    pub theme_file: Option<ThemeFile>,
    /// The shapes; `None` means: ASCII unless the locale is UTF-8 and the terminal can show more.
    pub glyphs: Option<GlyphSet>,
    /// Which set of keys.
    pub keys: Preset,
    /// Keys changed one by one.
    pub overrides: Vec<Override>,
    /// Where the last reader was left.
    pub whereabouts: Option<Whereabouts>,
    /// The file that this is written to.
    pub whereabouts_file: Option<std::path::PathBuf>,
    /// What is looked for again and again.
    pub searches: Vec<String>,
    /// How long an open message is on the screen before it counts as read; `None` means never by itself.
    pub mark_read_after: Option<Duration>,
    /// How new mail is told while the terminal is not looked at.
    pub notify: Notify,
    /// Whether clicks are taken, at the price of the terminal's own selecting.
    pub mouse: bool,
    /// The time zone for dates.
    pub zone: TimeZone,
    /// Where attachments are saved.
    pub downloads: Option<std::path::PathBuf>,
    /// The accounts whose password no keyring keeps: it is asked for, or a command prints it.
    pub without_keyring: Vec<AccountId>,
    /// The file of the configuration.
    pub config_file: Option<std::path::PathBuf>,
    /// Whether the person named that file and it is not there.
    pub config_missing: bool,
    /// Whether nothing outlives the reader: mail, accounts and what was staged are gone with it.
    pub demo: bool,
    /// Whether no account is set up yet, so that setting one up comes first.
    pub first_run: bool,
}

/// How new mail is told while the terminal has not the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notify {
    /// Not at all.
    Off,
    /// By the terminal's bell.
    #[default]
    Bell,
    /// By the terminal's own notification (OSC 9), with a count and no sender.
    Terminal,
}

impl Settings {
    /// The colours, by now that it is known what fits the terminal.
    pub fn colours(&self) -> Theme {
        let kind = self.theme.unwrap_or_default();
        match &self.theme_file {
            Some(file) => Theme::of_file(kind, file),
            None => Theme::new(kind),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: None,
            theme_file: None,
            glyphs: None,
            keys: Preset::default(),
            overrides: Vec::new(),
            whereabouts: None,
            whereabouts_file: None,
            searches: Vec::new(),
            mark_read_after: Some(Duration::from_secs(2)),
            notify: Notify::default(),
            mouse: false,
            zone: TimeZone::UTC,
            downloads: None,
            without_keyring: Vec::new(),
            config_file: None,
            config_missing: false,
            demo: false,
            first_run: false,
        }
    }
}

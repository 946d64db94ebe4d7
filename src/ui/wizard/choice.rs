//! What can be chosen, and how far the trial of it is.

use crate::bridge::Ticket;
use crate::mail::Problem;
use crate::ui::action::Preset;
use crate::ui::theme::ThemeKind;

/// How long the server keeps mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Keeping {
    #[default]
    UntilDeleted,
    Days,
    UntilDownloaded,
}

/// Where the password is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Keyring,
    Ask,
    Command,
}

/// The colours that were chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Look {
    #[default]
    Auto,
    Kind(ThemeKind),
}

impl Look {
    /// As the configuration has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Kind(ThemeKind::Dark) => "dark",
            Self::Kind(ThemeKind::Light) => "light",
            Self::Kind(_) => "ansi",
        }
    }
}

/// A set of keys as the configuration has it.
pub(super) fn preset_name(keys: Preset) -> &'static str {
    match keys {
        Preset::Poppet => "poppet",
        Preset::Mutt => "mutt",
        Preset::Gmail => "gmail",
        Preset::Alpine => "alpine",
    }
}

/// How far the trial of the server is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Trial {
    /// These settings were not tried.
    #[default]
    None,
    /// It runs.
    Running(Ticket),
    /// The person went on without one that worked.
    Skipped,
    /// It worked.
    Passed {
        /// Whether the server names its messages.
        uidl: bool,
    },
    /// It did not.
    Failed(Box<Problem>),
}

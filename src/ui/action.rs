//! Everything that a person can do, in one place: name, sentence, keys, where it works.
//!
//! Keys, hint line, help, palette and command line are all read from here, so that they cannot disagree. Whether an
//! action can be done right now, and if not why not, is `availability`.

mod availability;
mod table;

pub use availability::{Unavailable, availability};
pub use table::{ACTIONS, Action, WITHIN};

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// On every screen.
    Anywhere,
    /// A list of messages.
    List,
    /// A message in full.
    Reader,
    /// The beginning of a message that is not here.
    Peek,
    /// What is staged, before it is done.
    Review,
    /// The mailbox on the server.
    Mailbox,
    /// What went wrong so far.
    Errors,
    /// The accounts.
    Accounts,
    /// Setting up an account.
    Wizard,
}

impl Scope {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anywhere => "Everywhere",
            Self::List => "List",
            Self::Reader => "Message",
            Self::Peek => "Peek",
            Self::Review => "Review",
            Self::Mailbox => "Mailbox on the server",
            Self::Errors => "Errors",
            Self::Accounts => "Accounts",
            Self::Wizard => "Set-up",
        }
    }

    /// Every scope in which a key can be pressed.
    pub const ALL: [Self; 9] = [
        Self::Anywhere,
        Self::List,
        Self::Reader,
        Self::Peek,
        Self::Review,
        Self::Mailbox,
        Self::Errors,
        Self::Accounts,
        Self::Wizard,
    ];
}

/// A set of keys that people bring along from another program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Preset {
    /// poppet's own.
    #[default]
    Poppet,
    /// As in mutt where that does no harm.
    Mutt,
    /// As in Gmail.
    Gmail,
    /// As in alpine.
    Alpine,
}

/// What the registry knows of an action.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Which action.
    pub action: Action,
    /// Its name in the configuration and on the command line: `mark-range`.
    pub id: &'static str,
    /// Its name in menus: "Mark a range".
    pub name: &'static str,
    /// What it does, in a sentence or two.
    pub sentence: &'static str,
    /// One or two words for the hint line.
    pub hint: &'static str,
    /// Where its keys work.
    pub scopes: &'static [Scope],
    /// Its keys, each one a sequence such as `g i`; the first is the one that hints show.
    pub keys: &'static [&'static str],
    /// Other keys in other presets.
    pub presets: &'static [(Preset, &'static [&'static str])],
}

impl Spec {
    /// Its keys in a preset.
    pub fn keys_in(&self, preset: Preset) -> &'static [&'static str] {
        self.presets
            .iter()
            .find(|(other, _)| *other == preset)
            .map_or(self.keys, |(_, keys)| keys)
    }
}

impl Action {
    /// What the registry knows of it.
    pub fn spec(self) -> &'static Spec {
        // The table is written in the order of the enum; a test holds it to that.
        ACTIONS.get(self as usize).unwrap_or(&table::NOTHING)
    }

    /// The action of this name.
    pub fn named(id: &str) -> Option<Self> {
        ACTIONS
            .iter()
            .find(|spec| spec.id == id)
            .map(|spec| spec.action)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_the_enum() {
        for (place, spec) in ACTIONS.iter().enumerate() {
            assert_eq!(spec.action as usize, place, "{}", spec.id);
            assert_eq!(spec.action.spec().id, spec.id);
        }
    }

    #[test]
    fn every_action_has_a_name_of_its_own_and_a_sentence() {
        let mut ids = HashSet::new();
        for spec in ACTIONS {
            assert!(ids.insert(spec.id), "{} twice", spec.id);
            assert!(spec.sentence.ends_with('.'), "{}", spec.id);
            assert!(
                !spec.name.is_empty() && !spec.hint.is_empty(),
                "{}",
                spec.id
            );
            assert!(!spec.scopes.is_empty(), "{}", spec.id);
            assert!(
                spec.id.chars().all(|c| c.is_ascii_lowercase() || c == '-'),
                "{}",
                spec.id
            );
            assert_eq!(Action::named(spec.id), Some(spec.action));
        }
    }
}

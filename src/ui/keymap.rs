//! Which keys mean what, and where. Prefixes wait without a time limit.

use std::collections::HashMap;

use super::action::{ACTIONS, Action, Preset, Scope, WITHIN};
use super::chord::{Chord, spell};

/// The keys in force.
#[derive(Clone, Debug)]
pub struct Keymap {
    bound: HashMap<Scope, HashMap<Vec<Chord>, Action>>,
    keys: HashMap<Action, Vec<Vec<Chord>>>,
}

/// What keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// This.
    Action(Action),
    /// More keys are needed.
    Prefix,
    /// Nothing.
    Nothing,
}

/// Keys that the configuration sets for an action in place of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The action's name.
    pub action: String,
    /// Its keys; none takes all away.
    pub keys: Vec<String>,
    /// Its line in the configuration, 1 for the first.
    pub line: usize,
}

/// What is wrong with an override.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeymapError {
    /// There is no action of this name.
    #[error("there is no action named {0:?}")]
    UnknownAction(String),
    /// This names no key.
    #[error("{keys:?} for {action:?} is no key: write it like d, D, ^r, Enter, S-Tab, F5, g i")]
    UnknownKey {
        /// For which action.
        action: String,
        /// What was written.
        keys: String,
    },
    /// Two actions want the same keys in the same place.
    #[error("{keys} would mean both {first} and {second} in {place}", place = scope.name())]
    Conflict {
        /// Where.
        scope: Scope,
        /// Which keys.
        keys: String,
        /// One action's name.
        first: &'static str,
        /// The other's.
        second: &'static str,
    },
    /// Keys that other keys begin with.
    #[error("{keys} means {action} in {place}, so nothing that begins with it can be reached", place = scope.name())]
    Shadowed {
        /// Where.
        scope: Scope,
        /// Which keys.
        keys: String,
        /// The action's name.
        action: &'static str,
    },
}

impl KeymapError {
    /// The line of the configuration that is not used: of two that clash, that of the one which did not get the key.
    pub fn line(&self, own: &[Override]) -> Option<usize> {
        let named = match self {
            Self::UnknownAction(action) | Self::UnknownKey { action, .. } => action,
            Self::Conflict { second, .. } => *second,
            Self::Shadowed { action, .. } => *action,
        };
        let of_it = |change: &&Override| change.action == named;
        own.iter().find(of_it).map(|change| change.line)
    }
}

impl Keymap {
    /// The keys of a preset, with the configuration's own, which take the place of the preset's silently. What is wrong comes
    /// beside it; the rest is in force.
    pub fn new(preset: Preset, overrides: &[Override]) -> (Self, Vec<KeymapError>) {
        let mut errors = Vec::new();
        let mut keys: HashMap<Action, Vec<Vec<Chord>>> = HashMap::new();
        for spec in ACTIONS {
            let chords = spec
                .keys_in(preset)
                .iter()
                .filter_map(|keys| Chord::sequence(keys));
            keys.insert(spec.action, chords.collect());
        }
        let mut own = Vec::new();
        for change in overrides {
            let Some(action) = Action::named(&change.action) else {
                errors.push(KeymapError::UnknownAction(change.action.clone()));
                continue;
            };
            let mut sequences = Vec::new();
            for text in &change.keys {
                match Chord::sequence(text) {
                    Some(sequence) => sequences.push(sequence),
                    None => errors.push(KeymapError::UnknownKey {
                        action: change.action.clone(),
                        keys: text.clone(),
                    }),
                }
            }
            own.push(action);
            keys.insert(action, sequences);
        }
        let mut map = Self {
            bound: HashMap::new(),
            keys,
        };
        map.bind(preset, &own, &mut errors);
        map.report_shadowed(&mut errors);
        (map, errors)
    }

    /// What these keys mean in a scope: its own meaning first, then that which holds everywhere.
    pub fn meaning(&self, scope: Scope, pressed: &[Chord]) -> Meaning {
        for scope in [scope, Scope::Anywhere] {
            let Some(bound) = self.bound.get(&scope) else {
                continue;
            };
            if let Some(action) = bound.get(pressed) {
                return Meaning::Action(*action);
            }
        }
        let prefix = [scope, Scope::Anywhere]
            .iter()
            .filter_map(|scope| self.bound.get(scope))
            .flat_map(HashMap::keys)
            .any(|keys| keys.len() > pressed.len() && keys.starts_with(pressed));
        if prefix {
            Meaning::Prefix
        } else {
            Meaning::Nothing
        }
    }

    /// What can follow these keys in a scope: the rest of the keys, and the action; in the order of the registry.
    pub fn continuations(&self, scope: Scope, pressed: &[Chord]) -> Vec<(String, Action)> {
        let mut found = Vec::new();
        for spec in ACTIONS {
            if !spec.scopes.contains(&scope) && !spec.scopes.contains(&Scope::Anywhere) {
                continue;
            }
            for keys in self.keys.get(&spec.action).into_iter().flatten() {
                if keys.len() > pressed.len()
                    && keys.starts_with(pressed)
                    && self.meaning(scope, keys) == Meaning::Action(spec.action)
                {
                    found.push((
                        spell(keys.get(pressed.len()..).unwrap_or_default()),
                        spec.action,
                    ));
                }
            }
        }
        found
    }

    /// The keys of an action, as they are written; the first is the one to teach.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        self.keys
            .get(&action)
            .map(|keys| keys.iter().map(|keys| spell(keys)).collect())
            .unwrap_or_default()
    }

    /// The keys of an action to show in a scope: those that lead to it there; all of them where none can.
    pub fn keys_shown(&self, scope: Scope, action: Action) -> Vec<String> {
        let all = self.keys.get(&action).into_iter().flatten();
        let here = |keys: &&Vec<Chord>| self.meaning(scope, keys) == Meaning::Action(action);
        let shown: Vec<String> = all.filter(here).map(|keys| spell(keys)).collect();
        if shown.is_empty() {
            self.keys_of(action)
        } else {
            shown
        }
    }

    /// The key to show for an action in a scope: the first that really leads to it there.
    pub fn key_for(&self, scope: Scope, action: Action) -> Option<String> {
        self.keys
            .get(&action)?
            .iter()
            .find(|keys| self.meaning(scope, keys) == Meaning::Action(action))
            .map(|keys| spell(keys))
    }

    fn bind(&mut self, preset: Preset, own: &[Action], errors: &mut Vec<KeymapError>) {
        // The configuration's keys come first: they take the place of those of the preset.
        let first = ACTIONS.iter().filter(|spec| own.contains(&spec.action));
        let rest = ACTIONS.iter().filter(|spec| !own.contains(&spec.action));
        for spec in first.chain(rest) {
            let mine = own.contains(&spec.action);
            for keys in self.keys.get(&spec.action).into_iter().flatten() {
                for scope in spec.scopes {
                    let without = !is_within(preset, &spell(keys), spec.action, *scope);
                    if !mine && (without || self.is_taken(own, *scope, keys)) {
                        continue;
                    }
                    let bound = self.bound.entry(*scope).or_default();
                    match bound.get(keys) {
                        Some(other) if *other == spec.action => {}
                        Some(other) => {
                            let (first, second) = (other.spec().id, spec.id);
                            if !is_told(errors, &spell(keys), (first, second)) {
                                errors.push(KeymapError::Conflict {
                                    scope: *scope,
                                    keys: spell(keys),
                                    first,
                                    second,
                                });
                            }
                        }
                        None => {
                            bound.insert(keys.clone(), spec.action);
                        }
                    }
                }
            }
        }
    }

    /// Whether the configuration's own keys, which are bound already, want these keys of the preset or begin with them.
    fn is_taken(&self, own: &[Action], scope: Scope, keys: &[Chord]) -> bool {
        [scope, Scope::Anywhere]
            .iter()
            .filter_map(|scope| self.bound.get(scope))
            .flatten()
            .any(|(other, action)| other.starts_with(keys) && own.contains(action))
    }

    /// Keys that hide others which begin with them, each told once.
    fn report_shadowed(&self, errors: &mut Vec<KeymapError>) {
        let mut told: Vec<(&Vec<Chord>, Action)> = Vec::new();
        for scope in Scope::ALL {
            let Some(bound) = self.bound.get(&scope) else {
                continue;
            };
            for (keys, action) in bound {
                let longer =
                    |other: &&Vec<Chord>| other.len() > keys.len() && other.starts_with(keys);
                let general = self.bound.get(&Scope::Anywhere);
                let hides = bound.keys().any(|other| longer(&other))
                    || general.is_some_and(|general| general.keys().any(|other| longer(&other)));
                if hides && !told.contains(&(keys, *action)) {
                    told.push((keys, *action));
                    errors.push(KeymapError::Shadowed {
                        scope,
                        keys: spell(keys),
                        action: action.spec().id,
                    });
                }
            }
        }
    }
}

/// Whether keys of a preset mean their action in this scope.
fn is_within(preset: Preset, keys: &str, action: Action, scope: Scope) -> bool {
    let mut narrow = WITHIN.iter();
    let limits = narrow.find(|narrow| (narrow.0, narrow.1, narrow.2) == (preset, keys, action));
    limits.is_none_or(|(.., scopes)| scopes.contains(&scope))
}

/// Whether it was told already that these two actions want these keys, in another scope.
fn is_told(errors: &[KeymapError], wanted: &str, by: (&str, &str)) -> bool {
    errors.iter().any(|error| match error {
        KeymapError::Conflict {
            keys,
            first,
            second,
            ..
        } => keys == wanted && (*first, *second) == by,
        _ => false,
    })
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(Preset::Poppet, &[]).0
    }
}

#[cfg(test)]
mod tests;

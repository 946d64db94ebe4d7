//! Which keys mean what, and where. Prefixes wait without a time limit.

use std::collections::HashMap;

use super::action::{ACTIONS, Action, Preset, Scope};
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
    /// The names of the actions that it is about.
    pub fn actions(&self) -> Vec<&str> {
        match self {
            Self::UnknownAction(action) | Self::UnknownKey { action, .. } => vec![action],
            Self::Conflict { first, second, .. } => vec![first, second],
            Self::Shadowed { action, .. } => vec![action],
        }
    }
}

impl Keymap {
    /// The keys of a preset, with the configuration's own. What is wrong comes beside it; the rest is in force.
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
        map.bind(&own, &mut errors);
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

    /// The key to show for an action in a scope: the first that really leads to it there.
    pub fn key_for(&self, scope: Scope, action: Action) -> Option<String> {
        self.keys
            .get(&action)?
            .iter()
            .find(|keys| self.meaning(scope, keys) == Meaning::Action(action))
            .map(|keys| spell(keys))
    }

    fn bind(&mut self, own: &[Action], errors: &mut Vec<KeymapError>) {
        // The configuration's keys come first, so that they win over a default they collide with.
        let first = ACTIONS.iter().filter(|spec| own.contains(&spec.action));
        let rest = ACTIONS.iter().filter(|spec| !own.contains(&spec.action));
        for spec in first.chain(rest) {
            for keys in self.keys.get(&spec.action).into_iter().flatten() {
                for scope in spec.scopes {
                    let bound = self.bound.entry(*scope).or_default();
                    match bound.get(keys) {
                        Some(other) => errors.push(KeymapError::Conflict {
                            scope: *scope,
                            keys: spell(keys),
                            first: other.spec().id,
                            second: spec.id,
                        }),
                        None => {
                            bound.insert(keys.clone(), spec.action);
                        }
                    }
                }
            }
        }
    }

    fn report_shadowed(&self, errors: &mut Vec<KeymapError>) {
        for (scope, bound) in &self.bound {
            for (keys, action) in bound {
                let longer =
                    |other: &&Vec<Chord>| other.len() > keys.len() && other.starts_with(keys);
                let general = self.bound.get(&Scope::Anywhere);
                if bound.keys().find(longer).is_some()
                    || general.is_some_and(|general| general.keys().find(longer).is_some())
                {
                    errors.push(KeymapError::Shadowed {
                        scope: *scope,
                        keys: spell(keys),
                        action: action.spec().id,
                    });
                }
            }
        }
    }
}

impl Default for Keymap {
    fn default() -> Self {
        Self::new(Preset::Poppet, &[]).0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(text: &str) -> Vec<Chord> {
        Chord::sequence(text).unwrap()
    }

    #[test]
    fn no_preset_has_two_meanings_for_a_key() {
        for preset in [Preset::Poppet, Preset::Mutt, Preset::Gmail, Preset::Alpine] {
            let (_, errors) = Keymap::new(preset, &[]);
            assert_eq!(errors, [], "{preset:?}");
        }
    }

    #[test]
    fn every_key_of_the_registry_names_a_key() {
        for spec in ACTIONS {
            for keys in spec
                .keys
                .iter()
                .chain(spec.presets.iter().flat_map(|(_, keys)| keys.iter()))
            {
                assert!(Chord::sequence(keys).is_some(), "{}: {keys}", spec.id);
            }
        }
    }

    #[test]
    fn every_action_can_be_reached_in_each_of_its_scopes_in_each_preset() {
        for preset in [Preset::Poppet, Preset::Mutt, Preset::Gmail, Preset::Alpine] {
            let (map, _) = Keymap::new(preset, &[]);
            for spec in ACTIONS {
                for scope in spec.scopes {
                    assert!(
                        map.key_for(*scope, spec.action).is_some(),
                        "{preset:?} {scope:?} {}",
                        spec.id
                    );
                }
            }
        }
    }

    #[test]
    fn a_prefix_waits_for_more() {
        let map = Keymap::default();
        assert_eq!(map.meaning(Scope::List, &pressed("g")), Meaning::Prefix);
        assert_eq!(
            map.meaning(Scope::List, &pressed("g i")),
            Meaning::Action(Action::GoInbox)
        );
        assert_eq!(map.meaning(Scope::List, &pressed("g x")), Meaning::Nothing);
        assert!(
            map.continuations(Scope::List, &pressed("g"))
                .contains(&("i".to_owned(), Action::GoInbox))
        );
    }

    #[test]
    fn the_configurations_key_wins_and_the_collision_is_told() {
        let own = Override {
            action: "archive".to_owned(),
            keys: vec!["d".to_owned()],
            line: 1,
        };
        let (map, errors) = Keymap::new(Preset::Poppet, &[own]);
        assert_eq!(
            map.meaning(Scope::List, &pressed("d")),
            Meaning::Action(Action::Archive)
        );
        assert_eq!(
            map.key_for(Scope::List, Action::Delete),
            Some("#".to_owned())
        );
        assert!(
            errors
                .iter()
                .any(|error| error.to_string() == "d would mean both archive and delete in List")
        );
    }

    #[test]
    fn what_is_no_action_or_no_key_is_told_and_the_rest_is_in_force() {
        let own = [
            Override {
                action: "archiv".to_owned(),
                keys: vec!["y".to_owned()],
                line: 1,
            },
            Override {
                action: "star".to_owned(),
                keys: vec!["Strg".to_owned(), "f".to_owned()],
                line: 1,
            },
        ];
        let (map, errors) = Keymap::new(Preset::Poppet, &own);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert_eq!(
            map.meaning(Scope::List, &pressed("f")),
            Meaning::Action(Action::Star)
        );
    }
}

//! Keys as people write them, and a table of keys made of them.

use poppet::ui::action::{ACTIONS, Preset, Scope};
use poppet::ui::chord::{Chord, spell};
use poppet::ui::keymap::{Keymap, Meaning, Override};

use super::letters::assert_line;

/// Lines: the name of an action or its number, `=`, and keys apart by commas.
pub(super) fn run(octets: &[u8]) {
    let text = String::from_utf8_lossy(octets);
    let mut overrides = Vec::new();
    for (line, text) in (1..).zip(text.lines().take(40)) {
        let (name, keys) = text.split_once('=').unwrap_or(("", text));
        let numbered = name
            .parse::<usize>()
            .ok()
            .and_then(|number| ACTIONS.get(number));
        let action = numbered.map_or(name, |spec| spec.id).to_owned();
        let keys: Vec<String> = keys.split(',').map(str::to_owned).collect();
        for keys in &keys {
            sequence(keys);
        }
        overrides.push(Override { action, keys, line });
    }
    for preset in [Preset::Poppet, Preset::Mutt, Preset::Gmail, Preset::Alpine] {
        let (keymap, errors) = Keymap::new(preset, &overrides);
        for error in &errors {
            let _ = (
                poppet::mail::safe::line(&error.to_string()),
                error.line(&overrides),
            );
        }
        for scope in Scope::ALL {
            for spec in ACTIONS {
                let Some(keys) = keymap.key_for(scope, spec.action) else {
                    continue;
                };
                let chords = Chord::sequence(&keys).unwrap_or_else(|| panic!("{keys:?} is no key"));
                assert_eq!(
                    keymap.meaning(scope, &chords),
                    Meaning::Action(spec.action),
                    "{keys:?}"
                );
            }
        }
    }
}

/// Keys of every kind.
pub(super) fn seeds() -> Vec<Vec<u8>> {
    TEXTS.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What is read is written so that it is read again.
fn sequence(text: &str) {
    let Some(chords) = Chord::sequence(text) else {
        return;
    };
    let written = spell(&chords);
    assert_eq!(
        Chord::sequence(&written).as_deref(),
        Some(chords.as_slice()),
        "{text:?}: {written:?}"
    );
    for chord in &chords {
        assert_line(&chord.to_string());
    }
}

const TEXTS: [&str; 5] = [
    "archive=d\ndelete=#,D\nstar=g s,^x,A-x",
    "0=Enter,S-Tab,F5,Space\n1=C-x,C-S-A-F24\n2=^^,A-^a,S-^x",
    "3=PgDn,PgUp,Home,End\nquit=q q q,q\n4=",
    "no-such=y\nstar=Strg,F25,F0,ü,日",
    "open=Up,Down,Left,Right,Insert,Delete,Backspace,Esc,Tab\n",
];

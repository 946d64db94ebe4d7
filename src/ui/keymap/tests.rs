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

fn own(action: &str, key: &str, line: usize) -> Override {
    Override {
        action: action.to_owned(),
        keys: vec![key.to_owned()],
        line,
    }
}

#[test]
fn the_configurations_key_takes_the_place_of_the_sets_without_a_word() {
    for preset in [Preset::Poppet, Preset::Mutt, Preset::Gmail, Preset::Alpine] {
        let (map, errors) = Keymap::new(preset, &[own("archive", "d", 3)]);
        assert_eq!(errors, [], "{preset:?}");
        for scope in [Scope::List, Scope::Reader] {
            assert_eq!(
                map.meaning(scope, &pressed("d")),
                Meaning::Action(Action::Archive)
            );
            let key = map.key_for(scope, Action::Delete);
            assert_eq!(key, Some("#".to_owned()));
        }
    }
}

#[test]
fn two_of_the_configurations_own_that_clash_are_told_once_with_the_line_of_the_one_left_out() {
    let own = [own("archive", "d", 3), own("star", "d", 4)];
    let (map, errors) = Keymap::new(Preset::Mutt, &own);
    let [clash] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert_eq!(
        clash.to_string(),
        "d would mean both archive and star in List"
    );
    assert_eq!(clash.line(&own), Some(4));
    assert_eq!(
        map.meaning(Scope::List, &pressed("d")),
        Meaning::Action(Action::Archive)
    );
}

#[test]
fn the_configurations_key_is_reached_also_where_the_set_has_a_shorter_one_or_one_of_a_screen() {
    let own = [own("archive", "d x", 3), own("review", "e", 4)];
    let (map, errors) = Keymap::new(Preset::Poppet, &own);
    assert_eq!(errors, []);
    for (keys, action) in [("d x", Action::Archive), ("e", Action::Review)] {
        let meaning = map.meaning(Scope::List, &pressed(keys));
        assert_eq!(meaning, Meaning::Action(action), "{keys}");
    }
    assert_eq!(
        map.key_for(Scope::List, Action::Delete),
        Some("#".to_owned())
    );
}

#[test]
fn a_key_that_is_written_twice_for_one_action_is_no_clash() {
    let mut twice = own("archive", "d", 3);
    twice.keys.push("d".to_owned());
    assert_eq!(Keymap::new(Preset::Poppet, &[twice]).1, []);
}

#[test]
fn a_key_that_hides_longer_ones_is_told_once() {
    let (_, errors) = Keymap::new(Preset::Poppet, &[own("star", "g", 2)]);
    let [KeymapError::Shadowed { keys, action, .. }] = errors.as_slice() else {
        panic!("{errors:?}")
    };
    assert_eq!((keys.as_str(), *action), ("g", "star"));
}

#[test]
fn in_a_message_the_keys_of_mutt_and_alpine_mean_what_they_mean_there() {
    let meaning = |preset, scope, keys| Keymap::new(preset, &[]).0.meaning(scope, &pressed(keys));
    for (preset, scope, keys, action) in [
        (Preset::Alpine, Scope::Reader, "n", Action::Next),
        (Preset::Alpine, Scope::Reader, "p", Action::Previous),
        (Preset::Alpine, Scope::Peek, "n", Action::Next),
        (Preset::Alpine, Scope::List, "n", Action::Down),
        (Preset::Alpine, Scope::List, "p", Action::Up),
        (Preset::Alpine, Scope::Review, "n", Action::Down),
        (Preset::Mutt, Scope::Reader, "h", Action::ViewHeaders),
        (Preset::Mutt, Scope::Reader, "]", Action::HalfDown),
        (Preset::Mutt, Scope::List, "[", Action::HalfUp),
    ] {
        let found = meaning(preset, scope, keys);
        assert_eq!(
            found,
            Meaning::Action(action),
            "{preset:?} {scope:?} {keys}"
        );
    }
}

#[test]
fn the_keys_that_are_shown_are_those_that_work_there() {
    let (map, _) = Keymap::new(Preset::Alpine, &[]);
    assert_eq!(map.keys_shown(Scope::Reader, Action::Down), ["j", "Down"]);
    assert_eq!(
        map.keys_shown(Scope::List, Action::Down),
        ["n", "j", "Down"]
    );
    assert_eq!(map.keys_shown(Scope::List, Action::Mark), ["t", ":"]);
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

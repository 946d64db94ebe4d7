//! What was looked for is looked for again.

use crate::fixtures::{
    commands, draw, event, list_ticket, press, reader, reader_with, settings, type_text,
};
use crate::status;
use poppet::bridge::{Command, Event};
use poppet::mail::{Kind, Problem};
use poppet::ui::{Effect, Settings};

/// What is to be kept or no longer, as the engine is told.
fn kept(effects: &[Effect]) -> Vec<(&str, bool)> {
    let commands = commands(effects).into_iter();
    let kept = commands.filter_map(|command| match command {
        Command::KeepSearch { text, on, .. } => Some((text.as_str(), *on)),
        _ => None,
    });
    kept.collect()
}

#[test]
fn a_search_is_saved_where_it_is_typed_and_looked_for_again_from_the_list_of_them() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "is:starred");
    let effects = press(&mut model, "^s");
    assert_eq!(kept(&effects), [("is:starred", true)]);
    let said = status(&model);
    assert!(
        said.contains("/ is:starred_") && said.contains("saved"),
        "{said}"
    );
    press(&mut model, "Enter ^s ^s");
    let said = status(&model);
    assert!(said.contains("Saved: is:starred; g s lists it"), "{said}");
    press(&mut model, "Esc /");
    type_text(&mut model, "from:ada");
    press(&mut model, "Enter Esc g s");
    let screen = draw(&model);
    let line_of = |word: &str| screen.lines().position(|line| line.contains(word));
    assert!(
        line_of("is:starred").unwrap() < line_of("from:ada").unwrap(),
        "{screen}"
    );
    let effects = press(&mut model, "j Enter");
    assert_eq!(model.list.find.input.value(), "from:ada");
    assert!(!model.list.find.editing);
    let asked = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Search { request, .. } => Some(request.query.source().to_owned()),
            _ => None,
        });
    assert!(asked.unwrap().starts_with("from:ada"));
    list_ticket(&effects);
    press(&mut model, "Esc");
    assert!(!model.list.find.is_on());
}

#[test]
fn a_saved_search_is_forgotten_by_the_same_key_and_stays_in_sight() {
    let searches = vec!["is:starred".to_owned(), "older:1y".to_owned()];
    let mut model = reader_with(
        80,
        24,
        Settings {
            searches,
            ..settings()
        },
    );
    let effects = press(&mut model, "g s s");
    assert_eq!(kept(&effects), [("is:starred", false)]);
    assert!(draw(&model).contains("is:starred"), "{}", draw(&model));
    // The cursor is on it still.
    let effects = press(&mut model, "s");
    assert_eq!(kept(&effects), [("is:starred", true)]);
}

#[test]
fn without_a_search_the_keys_say_what_makes_one() {
    let mut model = reader(80, 24);
    press(&mut model, "g s");
    assert!(
        status(&model).contains("no search yet: / finds"),
        "{}",
        status(&model)
    );
    let effects = press(&mut model, "^s");
    assert!(kept(&effects).is_empty());
    assert!(
        status(&model).contains("nothing is looked for"),
        "{}",
        status(&model)
    );
}

#[test]
fn many_searches_scroll_and_every_one_can_be_reached() {
    let searches: Vec<String> = (0..100).map(|n| format!("subject:part{n}.")).collect();
    let mut model = reader_with(
        40,
        8,
        Settings {
            searches,
            ..settings()
        },
    );
    press(&mut model, "g s G");
    assert!(draw(&model).contains("subject:part99."), "{}", draw(&model));
    press(&mut model, "Home");
    assert!(draw(&model).contains("subject:part0."), "{}", draw(&model));
}

#[test]
fn what_could_not_be_written_is_not_saved() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "is:starred");
    let effects = press(&mut model, "Enter ^s");
    assert!(model.looked_for.is_saved("is:starred"));
    let ticket = commands(&effects)
        .into_iter()
        .find_map(|command| match command {
            Command::KeepSearch { ticket, .. } => Some(*ticket),
            _ => None,
        });
    let failed = Event::Failed {
        ticket,
        account: None,
        problem: Problem::new(
            Kind::Config,
            "The configuration was not written",
            "no",
            "try",
        ),
    };
    event(&mut model, failed);
    assert!(!model.looked_for.is_saved("is:starred"));
    assert!(
        status(&model).contains("was not written"),
        "{}",
        status(&model)
    );
}

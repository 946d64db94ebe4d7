//! At the next start a person is where they left.

use std::path::PathBuf;

use crate::fixtures::{
    account, all_rows, draw, event, fresh, list_ticket, mailbox, paint, press, settings, type_text,
};
use poppet::bridge::{Event, Sort};
use poppet::mail::MessageId;
use poppet::ui::list::resume::Whereabouts;
use poppet::ui::{Effect, Model, Msg, Settings, Timer, update};

/// A reader that was left there, with its first rows.
fn started(whereabouts: Option<Whereabouts>, keys: &str) -> (Model, Vec<Effect>) {
    let settings = Settings {
        whereabouts,
        whereabouts_file: Some(PathBuf::from("/nowhere/cursor.json")),
        ..settings()
    };
    let (mut model, effects) = fresh(80, 15, settings);
    event(&mut model, Event::Account(Box::new(account())));
    press(&mut model, keys);
    let ticket = list_ticket(&effects);
    let mut rows = mailbox();
    if model.list.sort == Sort::Size {
        rows.sort_by_key(|row| (std::cmp::Reverse(row.octets), std::cmp::Reverse(row.id)));
    }
    let effects = event(&mut model, all_rows(ticket, rows));
    paint(&mut model);
    (model, effects)
}

/// The screen without what was said last.
fn list_of(model: &Model) -> String {
    let screen = draw(model);
    screen.lines().take(13).collect::<Vec<_>>().join("\n")
}

/// What is written down at the end of a while.
fn written(model: &mut Model) -> Option<Whereabouts> {
    let effects = update(model, Msg::Timer(Timer::Remember));
    effects.iter().find_map(|effect| match effect {
        Effect::Remember(_, text) => serde_json::from_str(text).ok(),
        _ => None,
    })
}

#[test]
fn order_cursor_and_window_are_as_they_were_however_the_reader_ended() {
    for keys in ["j j j", "G", "S z j j", "S d G k"] {
        let (mut model, _) = started(None, "Esc");
        let effects = press(&mut model, keys);
        let later = |effect: &&Effect| matches!(effect, Effect::After(_, Timer::Remember));
        assert!(effects.iter().filter(later).count() <= 1, "{keys}");
        // The order is asked for anew where it was changed.
        if let Some(ticket) = model.list.asked {
            let mut rows = mailbox();
            if model.list.sort == Sort::Size {
                rows.sort_by_key(|row| (std::cmp::Reverse(row.octets), std::cmp::Reverse(row.id)));
            } else {
                rows.reverse();
            }
            event(&mut model, all_rows(ticket, rows));
        }
        let left = written(&mut model).unwrap();
        // Nothing has moved since.
        assert_eq!(written(&mut model), None, "{keys}");
        let screen = list_of(&model);
        if model.list.reverse {
            continue;
        }
        let (model, _) = started(Some(left.clone()), "");
        assert_eq!(list_of(&model), screen, "{keys}");
        // Whoever presses a key before the rows are here is not moved.
        let (model, _) = started(Some(left), "Esc");
        assert_eq!(model.list.position(), 0, "{keys}");
    }
}

#[test]
fn a_search_is_not_what_one_comes_back_to_and_a_message_that_is_gone_leaves_the_cursor_at_the_top()
{
    let (mut model, _) = started(None, "");
    press(&mut model, "j j j");
    let before = written(&mut model).unwrap();
    press(&mut model, "/");
    type_text(&mut model, "ada");
    press(&mut model, "Enter");
    assert_eq!(written(&mut model), None);
    let gone = serde_json::to_string(&before)
        .unwrap()
        .replace("17", "4711");
    let (model, _) = started(serde_json::from_str(&gone).ok(), "");
    assert_eq!(model.list.selected(), Some(MessageId(20)));
    // What is not understood is as at the first start.
    let strange = r#"{"place":"attic","sort":"colour","message":18,"more":1}"#;
    let (model, _) = started(serde_json::from_str(strange).ok(), "");
    assert_eq!(model.list.selected(), Some(MessageId(18)));
}

#[test]
fn leaving_writes_it_down_at_once_and_without_a_file_nothing_is() {
    let (mut model, _) = started(None, "");
    for _ in mailbox() {
        press(&mut model, "j");
    }
    model.staged.clear();
    let effects = press(&mut model, "q");
    let wrote = |effect: &Effect| matches!(effect, Effect::Remember(..));
    assert!(effects.iter().any(wrote), "{effects:?}");
    let mut model = crate::fixtures::reader(80, 24);
    model.staged.clear();
    let effects = press(&mut model, "j j q");
    let later = |effect: &Effect| matches!(effect, Effect::After(_, Timer::Remember));
    assert!(!effects.iter().any(|effect| wrote(effect) || later(effect)));
}

//! A range that is drawn as marked is what the keys act on.

use crate::fixtures::{commands, draw, event, mailbox, press, reader, type_text};
use crate::{changes, status};
use poppet::bridge::{Command, Event};
use poppet::mail::{Change, DeleteScope, Flags, Folder, MessageId};

#[test]
fn a_key_acts_on_the_whole_range_and_closes_it() {
    for (key, change) in [
        ("d", Change::Delete(DeleteScope::Everywhere)),
        ("D", Change::Delete(DeleteScope::ServerOnly)),
        ("e", Change::Move(Folder::Archive)),
        ("s", Change::Starred(true)),
        ("I", Change::Seen(true)),
        ("U", Change::Seen(false)),
        ("L", Change::Pinned(true)),
    ] {
        let mut model = reader(80, 24);
        model.list.select(MessageId(9));
        press(&mut model, "V j j");
        let marked = |line: &&str| matches!(line.get(..2), Some(" x")) || line.starts_with("▌x");
        assert_eq!(draw(&model).lines().filter(marked).count(), 3);
        let effects = press(&mut model, key);
        assert_eq!(changes(&effects), [(vec![9, 8, 7], change)], "{key}");
        assert_eq!(model.list.range, None, "{key}");
    }
}

#[test]
fn what_has_no_copy_in_a_range_is_asked_about_and_fetched() {
    let mut model = reader(80, 24);
    press(&mut model, "V j j");
    let effects = press(&mut model, "d");
    assert!(changes(&effects).is_empty());
    assert!(draw(&model).contains("Delete without a copy?"));
    let mut model = reader(80, 24);
    press(&mut model, "j V k");
    let effects = press(&mut model, "+");
    assert!(
        matches!(commands(&effects)[..], [Command::Fetch { ids, .. }] if *ids == [MessageId(19)])
    );
    let mut model = reader(80, 24);
    model.list.select(MessageId(16));
    let effects = press(&mut model, "V j j u");
    assert_eq!(changes(&effects), [(vec![16, 15], Change::Undelete)]);
}

#[test]
fn a_range_that_takes_in_what_no_frame_has_shown_deletes_nothing() {
    let mut model = reader(80, 24);
    press(&mut model, "j V j j");
    let mut fresh = mailbox().remove(1);
    fresh.id = MessageId(77);
    fresh.date = mailbox()[2].date;
    fresh.date.0 += 1;
    let messages = vec![fresh];
    event(&mut model, Event::Arrived { messages });
    let effects = type_text(&mut model, "d");
    assert!(changes(&effects).is_empty());
    assert!(
        status(&model).contains("not on the screen yet"),
        "{}",
        status(&model)
    );
    assert_eq!((model.list.range, model.list.marks.len()), (None, 4));
}

#[test]
fn keys_that_only_look_leave_a_range_open_and_unmarking_ends_it() {
    let mut model = reader(80, 24);
    press(&mut model, "V j j Enter q");
    assert_eq!(model.list.range, Some((MessageId(20), 0)));
    press(&mut model, "* n");
    assert_eq!(model.list.range, None);
    assert!(model.list.marks.is_empty());
    let starred = |id| {
        let row = model.list.rows.brief(MessageId(id));
        row.is_some_and(|row| row.flags.has(Flags::STARRED))
    };
    assert!(!starred(20) && starred(18));
}

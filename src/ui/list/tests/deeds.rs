//! What holds for what is done to many messages, undone, and refused in part.

use super::answers::refused;
use super::*;
use crate::mail::{AccountId, Change, Server};

/// Which messages each change sent to the engine is for, and how many kinds of change are in it.
fn parts(asked: &[Command]) -> Vec<(Ticket, Vec<MessageId>, usize)> {
    let parts = asked.iter().filter_map(|command| match command {
        Command::Change { ticket, changes } => {
            let mut ids: Vec<MessageId> = changes.iter().flat_map(|(ids, _)| ids.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            let mut kinds: Vec<Change> = changes.iter().map(|(_, change)| *change).collect();
            kinds.dedup();
            Some((*ticket, ids, kinds.len()))
        }
        _ => None,
    });
    parts.collect()
}

fn sizes(asked: &[Command]) -> Vec<(usize, usize)> {
    let parts = parts(asked).into_iter();
    parts.map(|(_, ids, kinds)| (ids.len(), kinds)).collect()
}

#[test]
fn a_deed_on_many_is_undone_in_parts_and_a_part_that_is_refused_stays_done() {
    let mut model = reader(2_500);
    press(&mut model, "*a");
    assert_eq!(
        sizes(&press(&mut model, "d")),
        [(1_000, 1), (1_000, 1), (500, 1)]
    );
    assert_eq!((model.list.rows.len(), model.staged.len()), (0, 2_500));
    let undone = press(&mut model, "z");
    // All that becomes of a message is in one part: back to its place, and no longer staged.
    assert_eq!(sizes(&undone), [(1_000, 2), (1_000, 2), (500, 2)]);
    assert_eq!((model.list.rows.len(), model.staged.len()), (2_500, 0));
    let (ticket, still_deleted, _) = parts(&undone).swap_remove(1);
    told(&mut model, refused(ticket));
    assert_eq!((model.list.rows.len(), model.staged.len()), (1_500, 1_000));
    assert!(still_deleted.iter().all(|id| model.staged.contains_key(id)));
    // What was not undone can be; what was can be done again.
    let again = parts(&press(&mut model, "z"));
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].1, still_deleted);
    assert_eq!((model.list.rows.len(), model.staged.len()), (2_500, 0));
    press(&mut model, "ZZ");
    assert_eq!((model.list.rows.len(), model.staged.len()), (0, 2_500));
}

#[test]
fn what_was_refused_is_not_undone() {
    let mut model = reader(2_500);
    press(&mut model, "*a");
    let done = parts(&press(&mut model, "d"));
    told(&mut model, refused(done[0].0));
    assert_eq!((model.list.rows.len(), model.staged.len()), (1_000, 1_500));
    let undone = parts(&press(&mut model, "z"));
    let ids: Vec<&[MessageId]> = undone.iter().map(|part| part.1.as_slice()).collect();
    let both: Vec<MessageId> = ids.concat();
    assert_eq!(both.len(), 1_500);
    assert!(done[0].1.iter().all(|id| !both.contains(id)));
    let note = model.note.as_ref().unwrap();
    assert_eq!(note.text, "Undone: Deleted 1,500 messages");
    told(&mut model, refused(undone[0].0));
    told(&mut model, refused(undone[1].0));
    assert_eq!((model.list.rows.len(), model.staged.len()), (1_000, 1_500));
}

#[test]
fn undoing_shows_no_row_of_another_account() {
    let mut model = reader(3);
    press(&mut model, "jd");
    assert!(model.staged.contains_key(&MessageId(2)));
    let other = AccountId::new("other").unwrap();
    model.list.account = Some(other.clone());
    model.list.loaded = false;
    let asked = press(&mut model, "gi");
    let Some(Command::List { ticket, .. }) = asked.first() else {
        panic!("{asked:?}")
    };
    let mut mine = message(77);
    mine.account = other;
    let rows = vec![mine];
    told(
        &mut model,
        Event::Rows {
            ticket: *ticket,
            offset: 0,
            rows,
            complete: true,
        },
    );
    let asked = press(&mut model, "z");
    assert_eq!(parts(&asked).len(), 1);
    assert_eq!(model.list.visible(), [MessageId(77)]);
    // Neither does doing it again, nor its being refused.
    let asked = press(&mut model, "Z");
    told(&mut model, refused(parts(&asked)[0].0));
    assert_eq!(model.list.visible(), [MessageId(77)]);
    assert!(model.staged.is_empty());
}

#[test]
fn in_the_list_of_an_account_what_is_undone_is_back_at_once() {
    let mut model = reader(3);
    model.list.account = Some(message(1).account);
    press(&mut model, "jd");
    assert_eq!(model.list.visible(), [3, 1].map(MessageId));
    press(&mut model, "z");
    assert_eq!(model.list.visible(), [3, 2, 1].map(MessageId));
    assert_eq!(model.list.selected(), Some(MessageId(2)));
    let row = model.list.rows.brief(MessageId(2)).unwrap();
    assert_eq!(row.server, Server::Present);
}

#[test]
fn a_folded_thread_of_any_length_is_deleted_but_not_with_what_came_unseen() {
    let mut model = reader(5);
    press(&mut model, "St");
    let thread = (10..3_000).map(|id| in_thread(id, 10)).collect();
    told(&mut model, Event::Arrived { messages: thread });
    let filled = (2_990..3_000).map(|id| in_thread(id, 10)).collect();
    let ticket = Ticket::new();
    told(
        &mut model,
        Event::Summaries {
            ticket,
            messages: filled,
        },
    );
    press(&mut model, "gg");
    assert_eq!(model.list.targets().len(), 2_990);
    // It is older than what the row shows, so that the row is the same.
    let mut late = in_thread(9_000, 10);
    late.date = message(11).date;
    told(
        &mut model,
        Event::Arrived {
            messages: vec![late],
        },
    );
    assert!(press(&mut model, "d").is_empty() && model.staged.is_empty());
    let deleted = parts(&press(&mut model, "d"));
    assert_eq!(
        deleted.iter().map(|part| part.1.len()).sum::<usize>(),
        2_991
    );
    assert_eq!(model.list.visible().len(), 5);
}

#[test]
fn what_was_not_shown_as_a_thread_is_not_deleted_as_one() {
    let mut model = reader(100);
    let answer = vec![in_thread(101, 1)];
    told(&mut model, Event::Arrived { messages: answer });
    press(&mut model, "gg");
    // No frame has shown the thread yet.
    for key in "Std".chars() {
        drop(update(&mut model, Msg::Key(KeyCode::Char(key).into())));
    }
    assert_eq!(model.list.targets().len(), 2);
    assert!(model.staged.is_empty());
}

/// Types keys with no frame between them.
fn typed_ahead(model: &mut Model, keys: &[KeyCode]) -> Vec<Command> {
    let mut asked = Vec::new();
    for key in keys {
        let sent = update(model, Msg::Key((*key).into())).into_iter();
        asked.extend(sent.filter_map(|effect| match effect {
            Effect::Send(command @ Command::Change { .. }) => Some(command),
            _ => None,
        }));
    }
    asked
}

/// A reader by thread: sixty messages, each its own thread but for the oldest thirty, which are one.
fn with_a_long_thread() -> Model {
    let mut model = reader(60);
    let thread = (1..=30).map(|id| in_thread(id, 1)).collect();
    told(&mut model, Event::Arrived { messages: thread });
    press(&mut model, "St");
    assert_eq!(model.list.visible().len(), 31);
    model
}

#[test]
fn a_thread_that_only_the_reader_has_led_to_is_not_deleted_by_keys_typed_ahead() {
    let mut model = with_a_long_thread();
    model.list.select(MessageId(31));
    typed_ahead(&mut model, &[KeyCode::Enter]);
    press(&mut model, "J");
    assert_eq!(model.list.selected(), Some(MessageId(30)));
    let asked = typed_ahead(&mut model, &[KeyCode::Esc, KeyCode::Char('d')]);
    assert!(matches!(model.screen, crate::ui::model::Screen::List));
    assert!(asked.is_empty() && model.staged.is_empty(), "{asked:?}");
    screen(&model);
    drop(update(&mut model, Msg::Painted));
    let deleted = parts(&press(&mut model, "d"));
    assert_eq!(deleted.iter().map(|part| part.1.len()).sum::<usize>(), 30);
}

#[test]
fn a_thread_that_grew_while_a_search_hid_it_is_not_deleted_by_keys_typed_ahead() {
    let mut model = with_a_long_thread();
    press(&mut model, "G/subject");
    typed_ahead(&mut model, &[KeyCode::Enter]);
    let ticket = model.list.find.asked.unwrap();
    let ids = vec![MessageId(30)];
    told(&mut model, Event::Found { ticket, ids });
    let mut late = in_thread(500, 1);
    late.date = message(2).date;
    let messages = vec![late];
    told(&mut model, Event::Arrived { messages });
    screen(&model);
    drop(update(&mut model, Msg::Painted));
    assert_eq!(model.list.painted, [MessageId(30)]);
    let asked = typed_ahead(&mut model, &[KeyCode::Esc, KeyCode::Char('d')]);
    assert_eq!(model.list.targets().len(), 31);
    assert!(asked.is_empty() && model.staged.is_empty(), "{asked:?}");
}

#[test]
fn a_thread_that_has_just_been_folded_is_not_deleted_by_keys_typed_ahead() {
    let mut model = with_a_long_thread();
    press(&mut model, "G");
    let asked = press(&mut model, "T");
    let [Command::Thread { ticket, thread }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(*thread, MessageId(1));
    let branches = (1..=30).map(|id| branch(id, 0)).collect();
    let ticket = *ticket;
    told(&mut model, Event::Thread { ticket, branches });
    press(&mut model, "G");
    assert_eq!(model.list.targets().len(), 1);
    let asked = typed_ahead(&mut model, &[KeyCode::Char('T'), KeyCode::Char('d')]);
    assert_eq!(model.list.targets().len(), 30);
    assert!(asked.is_empty() && model.staged.is_empty(), "{asked:?}");
}

#[test]
fn mail_for_other_threads_keeps_nobody_from_deleting_a_folded_one() {
    let mut model = with_a_long_thread();
    press(&mut model, "G");
    let messages = vec![message(600), in_thread(601, 50), message(602)];
    told(&mut model, Event::Arrived { messages });
    let asked = typed_ahead(&mut model, &[KeyCode::Char('d')]);
    let deleted: usize = parts(&asked).iter().map(|part| part.1.len()).sum();
    assert_eq!(deleted, 30);
}

//! Threads in the list: one row each, unfolded into a tree, and done to as a whole.

use crate::fixtures::{commands, draw, event, mailbox, paint, press, reader};
use crate::{changes, selected, status};
use poppet::bridge::{Command, Event};
use poppet::mail::{Branch, Change, Folder, MessageId};
use poppet::ui::Model;

/// The mailbox of the mock-ups, where three messages are one thread.
fn with_a_thread() -> Model {
    let mut model = reader(80, 24);
    let mut messages = mailbox();
    messages.retain(|row| [18, 13, 9].contains(&row.id.0));
    for row in &mut messages {
        row.thread = MessageId(9);
    }
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages,
        },
    );
    paint(&mut model);
    model
}

#[test]
fn a_thread_is_one_row_with_its_number_and_a_tree_when_it_is_unfolded() {
    let mut model = with_a_thread();
    assert_eq!(model.list.visible().len(), 20);
    press(&mut model, "S t j j");
    assert_eq!((model.list.visible().len(), selected(&model)), (18, 18));
    assert!(draw(&model).contains("(3)"), "{}", draw(&model));
    assert!(status(&model).contains("18 threads; T folds and unfolds"));
    let effects = press(&mut model, "T");
    let [Command::Thread { ticket, thread }] = commands(&effects)[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(*thread, MessageId(9));
    let branch = |id, depth, last| Branch {
        id: MessageId(id),
        depth,
        last,
        rails: 0,
    };
    let branches = vec![
        branch(9, 0, true),
        branch(13, 1, false),
        branch(18, 1, true),
    ];
    event(
        &mut model,
        Event::Thread {
            ticket: *ticket,
            branches,
        },
    );
    paint(&mut model);
    let screen = draw(&model);
    assert!(!screen.contains("(3)"), "{screen}");
    assert!(screen.contains("├ ") && screen.contains("└ "), "{screen}");
    assert_eq!((model.list.visible().len(), selected(&model)), (20, 18));
    press(&mut model, "T");
    assert_eq!((model.list.visible().len(), selected(&model)), (18, 18));
    press(&mut model, "S t");
    assert_eq!((model.list.visible().len(), selected(&model)), (20, 18));
}

#[test]
fn what_is_done_to_a_folded_thread_is_done_to_all_of_it_and_undone_with_it() {
    let mut model = with_a_thread();
    press(&mut model, "S t j j");
    let effects = press(&mut model, "e");
    assert_eq!(
        changes(&effects),
        [(vec![18, 13, 9], Change::Move(Folder::Archive))]
    );
    assert_eq!(model.list.visible().len(), 17);
    press(&mut model, "z");
    assert_eq!((model.list.visible().len(), selected(&model)), (18, 18));
    press(&mut model, "x");
    assert_eq!(model.list.marks.len(), 3);
}

#[test]
fn an_answer_that_came_since_the_last_frame_is_not_deleted_with_its_thread() {
    let mut model = with_a_thread();
    press(&mut model, "S t j j");
    let mut new = mailbox().remove(0);
    new.id = MessageId(500);
    new.thread = MessageId(9);
    event(
        &mut model,
        Event::Arrived {
            messages: vec![new],
        },
    );
    assert_eq!(selected(&model), 500);
    let effects = crate::fixtures::type_text(&mut model, "d");
    assert!(changes(&effects).is_empty());
    paint(&mut model);
    let effects = crate::fixtures::type_text(&mut model, "d");
    assert_eq!(changes(&effects).len(), 1);
}

#[test]
fn threads_that_are_wanted_in_a_search_are_shown_when_it_has_ended() {
    let mut model = with_a_thread();
    press(&mut model, "/");
    crate::fixtures::type_text(&mut model, "ada");
    press(&mut model, "Enter S t");
    assert!(
        status(&model).contains("By thread when the search has ended"),
        "{}",
        status(&model)
    );
    assert_eq!(model.list.visible().len(), 2);
    press(&mut model, "Esc");
    assert_eq!(model.list.visible().len(), 18);
}

#[test]
fn folding_without_a_thread_folds_the_quotes_of_a_message_or_says_why_not() {
    let mut model = reader(80, 24);
    press(&mut model, "T");
    assert!(status(&model).contains("nothing to fold: the rows are not by thread"));
    press(&mut model, "S t T");
    assert!(status(&model).contains("this message has no thread to fold"));
}

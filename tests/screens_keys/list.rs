//! Deleting, marking, finding and sorting in the list.

use crate::fixtures::{
    NOON, commands, draw, event, fresh, list_ticket, mailbox, message, paint, press, reader,
    reader_with, settings, type_text,
};
use crate::{changes, selected, status};
use poppet::bridge::{Command, Event, Sort};
use poppet::mail::{Change, DeleteScope, Folder, Kind, MessageId, Problem, Timestamp};
use poppet::ui::{Effect, Model, Msg, Overlay, update};

#[test]
fn the_start_asks_for_the_inbox_and_for_what_is_staged() {
    let (_, effects) = fresh(80, 24, settings());
    let commands = commands(&effects);
    assert!(
        matches!(commands[0], Command::List { request, .. } if request.folder == Some(Folder::Inbox))
    );
    assert!(matches!(commands[1], Command::Pending { .. }));
}

#[test]
fn the_cursor_stays_on_its_message_and_line_when_fifty_arrive_above() {
    let mut model = reader(80, 24);
    press(&mut model, "j j j");
    let line = |model: &Model| model.list.position() - model.list.top();
    let before = (selected(&model), line(&model));
    let mut new: Vec<_> = (100..150).map(message).collect();
    for row in &mut new {
        row.date = Timestamp(NOON.0 + row.id.0);
    }
    event(&mut model, Event::Arrived { messages: new });
    assert_eq!((selected(&model), line(&model)), before);
    assert_eq!(model.list.position(), 53);
}

#[test]
fn delete_takes_the_row_away_at_once_stages_it_and_can_be_undone() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Delete(DeleteScope::Everywhere))]
    );
    assert_eq!(selected(&model), 19);
    assert!(!draw(&model).contains("retention policy delete…"));
    assert!(
        status(&model).contains("Deleted \"Re: [poppet] retention policy deletes"),
        "{}",
        status(&model)
    );
    assert!(
        status(&model).contains("z undo · 3 staged, $"),
        "{}",
        status(&model)
    );
    assert_eq!(model.staged.len(), 3);

    let effects = press(&mut model, "z");
    assert_eq!(
        changes(&effects),
        [
            (vec![20], Change::Move(Folder::Inbox)),
            (vec![20], Change::Unstage)
        ]
    );
    assert_eq!(selected(&model), 20);
    assert_eq!(model.staged.len(), 2);
    assert!(status(&model).contains("Undone: Deleted"));

    let effects = press(&mut model, "Z");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Delete(DeleteScope::Everywhere))]
    );
}

#[test]
fn a_refused_change_is_taken_back() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "e");
    let Some(Command::Change { ticket, .. }) = commands(&effects).first().copied() else {
        panic!("nothing was changed")
    };
    assert_eq!(selected(&model), 19);
    let problem = Problem::new(
        Kind::Store,
        "The change was not stored",
        "the disk is full",
        "make room",
    );
    event(
        &mut model,
        Event::Failed {
            ticket: Some(*ticket),
            account: None,
            problem,
        },
    );
    assert!(model.list.rows.row(MessageId(20)).is_some());
    assert!(status(&model).contains("The change was not stored"));
    assert!(press(&mut model, "z").is_empty());
}

#[test]
fn the_question_before_a_loss_names_a_message_without_a_subject() {
    let mut model = reader(80, 24);
    press(&mut model, "j");
    let id = MessageId(selected(&model));
    let mut row = model.list.rows.row(id).unwrap().clone();
    row.subject.clear();
    let messages = vec![row];
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages,
        },
    );
    paint(&mut model);
    press(&mut model, "d");
    let screen = draw(&model);
    assert!(screen.contains("a message without subject ("), "{screen}");
}

#[test]
fn what_has_no_copy_here_is_deleted_only_after_a_question_whose_default_is_back() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "j d");
    assert!(changes(&effects).is_empty());
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::FlushInput))
    );
    assert!(
        draw(&model).contains("There is NO copy of it here"),
        "{}",
        draw(&model)
    );
    let effects = press(&mut model, "Enter");
    assert!(changes(&effects).is_empty(), "Enter alone does no harm");
    assert!(matches!(model.overlay, Overlay::None));

    let effects = press(&mut model, "d d");
    assert_eq!(
        changes(&effects),
        [(vec![19], Change::Delete(DeleteScope::Everywhere))]
    );
    let effects = press(&mut model, "z D +");
    assert!(
        commands(&effects).iter().any(
            |command| matches!(command, Command::Fetch { ids, .. } if *ids == [MessageId(19)])
        )
    );
}

#[test]
fn mashing_enter_never_deletes() {
    let mut model = reader(80, 24);
    let mut effects = Vec::new();
    for _ in 0..50 {
        effects.extend(press(&mut model, "j d Enter Enter"));
    }
    let lost = |ids: &[i64]| ids.iter().any(|id| [19, 11].contains(id));
    assert!(changes(&effects).iter().all(|(ids, _)| !lost(ids)));
    assert!(
        !commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Apply { .. }))
    );
}

#[test]
fn a_key_typed_before_the_list_was_painted_deletes_nothing() {
    let (mut model, effects) = fresh(80, 24, settings());
    let ticket = list_ticket(&effects);
    let typed = type_text(&mut model, "ddd");
    assert!(changes(&typed).is_empty());
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: mailbox(),
            complete: true,
        },
    );
    let typed = type_text(&mut model, "dD#");
    assert!(changes(&typed).is_empty(), "{typed:?}");
    paint(&mut model);
    assert_eq!(changes(&type_text(&mut model, "d")).len(), 1);
}

#[test]
fn pasted_text_does_nothing_outside_a_text_field() {
    let mut model = reader(80, 24);
    let effects = update(&mut model, Msg::Paste("dddq\n$".to_owned()));
    assert!(commands(&effects).is_empty());
    assert_eq!(model.list.visible().len(), 20);
    press(&mut model, "/");
    let _ = update(&mut model, Msg::Paste("dinner".to_owned()));
    assert_eq!(model.list.visible().len(), 1);
}

#[test]
fn marks_are_counted_and_acted_on_but_not_those_that_are_hidden() {
    let mut model = reader(80, 24);
    press(&mut model, "x j x");
    assert_eq!(model.list.marks.len(), 2);
    assert!(
        status(&model).starts_with(" 2 marked"),
        "{}",
        status(&model)
    );
    press(&mut model, "/");
    type_text(&mut model, "résumé");
    press(&mut model, "Enter");
    assert!(
        status(&model).contains("1 marked 49K · 1 more not shown, left alone"),
        "{}",
        status(&model)
    );
    let effects = press(&mut model, "s");
    assert_eq!(changes(&effects), [(vec![18], Change::Starred(false))]);
    press(&mut model, "Esc");
    assert!(model.list.marks.is_empty());
}

#[test]
fn a_range_marks_what_lies_between() {
    let mut model = reader(80, 24);
    press(&mut model, "j V j j V");
    let mut marked: Vec<i64> = (1..=20)
        .filter(|id| model.list.marks.contains(MessageId(*id)))
        .collect();
    marked.sort_unstable();
    assert_eq!(marked, [17, 18, 19]);
    press(&mut model, "* n * u");
    assert_eq!(model.list.marks.len(), 3);
    press(&mut model, "* a");
    assert_eq!(model.list.marks.len(), 20);
}

#[test]
fn find_narrows_while_typing_and_esc_brings_cursor_and_window_back() {
    let mut model = reader(80, 24);
    press(&mut model, "G k");
    let before = (selected(&model), model.list.top());
    press(&mut model, "/");
    let effects = type_text(&mut model, "ada");
    assert_eq!(model.list.visible().len(), 2);
    assert_eq!(selected(&model), 20);
    let asked = commands(&effects);
    assert_eq!(asked.len(), 3, "once at every key");
    let Command::Search { ticket, request } = asked[2] else {
        panic!("the index was not asked")
    };
    assert_eq!(request.query.source(), "ada*");
    let rows: Vec<_> = mailbox().into_iter().filter(|row| row.id.0 == 7).collect();
    event(
        &mut model,
        Event::Rows {
            ticket: *ticket,
            offset: 0,
            rows,
            complete: true,
        },
    );
    assert_eq!(model.list.visible(), [MessageId(7)]);
    press(&mut model, "Esc");
    assert_eq!((selected(&model), model.list.top()), before);
    assert_eq!(model.list.visible().len(), 20);
}

#[test]
fn a_late_answer_to_an_older_search_is_dropped() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "ada");
    let ticket = list_ticket(&effects);
    type_text(&mut model, " zz");
    event(
        &mut model,
        Event::Rows {
            ticket,
            offset: 0,
            rows: mailbox(),
            complete: true,
        },
    );
    assert_eq!(model.list.visible().len(), 0);
}

#[test]
fn a_mistake_in_a_search_is_shown_where_it_is_and_empties_nothing() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "ada is:blu");
    // More may be typed.
    assert_eq!(model.list.find.mistake_at(), None);
    assert!(!status(&model).contains("cannot be"), "{}", status(&model));
    type_text(&mut model, " ");
    assert_eq!(model.list.find.mistake_at(), Some((7, 3)));
    assert_eq!(model.list.visible().len(), 2);
    let told = status(&model);
    // Where there is not room for all of it, what to write comes first.
    let hint = "write unread, read, starred, answered or pinned";
    assert!(told.contains(hint), "{told}");
}

#[test]
fn who_still_types_is_not_told_of_what_is_missing_and_who_has_ended_is() {
    for (typed, told) in [
        ("\"engine rep", "this quotation mark is not closed"),
        ("(ada", "this bracket is not closed"),
        ("ada or", "nothing behind \"or\""),
        ("is:star", "\"is:\" cannot be"),
        ("from:", "nothing behind \"from:\""),
        ("-", "nothing behind \"-\""),
        ("!!", "there is no word in this"),
    ] {
        let mut model = reader_with(120, 24, settings());
        press(&mut model, "/");
        for c in typed.chars() {
            let effects = type_text(&mut model, &c.to_string());
            assert_eq!(model.list.find.mistake_told(), None, "{typed}");
            let ticket = list_ticket(&effects);
            let ids = (1..=20).rev().map(MessageId).collect();
            event(&mut model, Event::Found { ticket, ids });
        }
        press(&mut model, "Enter");
        assert!(status(&model).contains(told), "{typed}: {}", status(&model));
        assert_eq!(model.list.visible().len(), 20);
    }
}

#[test]
fn a_word_behind_a_field_may_go_on_while_it_is_typed() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "from:gra");
    let Some(Command::Search { request, .. }) = commands(&effects).last() else {
        panic!("the index was not asked")
    };
    assert_eq!(request.query.source(), "from:gra*");
    assert_eq!(model.list.visible().len(), 2);
}

#[test]
fn a_search_of_which_the_rows_can_tell_nothing_waits_for_the_index_also_behind_enter() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "is:unread");
    press(&mut model, "Enter");
    assert!(status(&model).contains("/ is:unread"), "{}", status(&model));
    // Nothing is marked that was not looked for.
    press(&mut model, "* a");
    assert!(model.list.marks.is_empty());
    assert!(
        status(&model).contains("what is looked for is not found yet"),
        "{}",
        status(&model)
    );
    let Some(Command::Search { ticket, .. }) = commands(&effects).last() else {
        panic!("the index was not asked")
    };
    let ids = vec![MessageId(20), MessageId(17)];
    event(
        &mut model,
        Event::Found {
            ticket: *ticket,
            ids,
        },
    );
    assert_eq!(model.list.visible(), [20, 17].map(MessageId));
    press(&mut model, "* a");
    assert_eq!(model.list.marks.len(), 2);
}

#[test]
fn a_search_that_is_ended_before_the_index_answers_stays_ended() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = update(&mut model, Msg::Paste("is:unread".to_owned()));
    press(&mut model, "Enter");
    assert!(status(&model).contains("/ is:unread"), "{}", status(&model));
    press(&mut model, "Esc");
    let ticket = list_ticket(&effects[effects.len() - 1..]);
    let ids = vec![MessageId(20)];
    event(&mut model, Event::Found { ticket, ids });
    assert_eq!(model.list.visible().len(), 20);
    assert!(!status(&model).contains("is:unread"));
}

#[test]
fn a_field_that_only_the_index_knows_empties_no_list_before_it_answers() {
    for field in [
        "before:2026-11-20",
        "newer:1w",
        "Date:today",
        "after:2025-12-24",
    ] {
        let mut model = reader(80, 24);
        press(&mut model, "/");
        type_text(&mut model, &format!("{field} ada"));
        assert_eq!(model.list.visible().len(), 2, "{field}");
    }
}

#[test]
fn what_is_pasted_into_a_search_goes_where_the_cursor_is() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "da lace");
    press(&mut model, "Home");
    let _ = update(&mut model, Msg::Paste("a".to_owned()));
    assert_eq!(model.list.find.input.value(), "ada lace");
    assert_eq!(model.list.visible().len(), 2);
}

#[test]
fn a_range_that_a_search_narrows_begins_at_its_message_and_ends_with_it() {
    let mut model = reader(80, 24);
    // From message 18 on; the search shows it and others.
    press(&mut model, "j j V /");
    type_text(&mut model, "u");
    let first = model.list.visible().to_vec();
    assert!(first.contains(&MessageId(18)) && first.len() < 20);
    press(&mut model, "Enter Home V");
    let end = first.iter().position(|id| *id == MessageId(18)).unwrap();
    let marked: Vec<MessageId> = first[..=end].to_vec();
    assert_eq!(model.list.targets(), marked);
    // What is not shown begins no range.
    press(&mut model, "Esc Esc Home V /");
    type_text(&mut model, "dinner");
    press(&mut model, "Enter V");
    assert!(model.list.marks.is_empty());
    assert_eq!(model.list.range, Some((MessageId(13), 0)));
}

#[test]
fn the_next_match_is_found_after_a_search_for_a_state_too_and_in_a_folded_thread() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "is:starred");
    let ticket = list_ticket(&effects[effects.len() - 1..]);
    let ids = vec![MessageId(18), MessageId(3)];
    event(&mut model, Event::Found { ticket, ids });
    press(&mut model, "Enter Esc Home n");
    assert_eq!(selected(&model), 18);
    let mut messages = mailbox();
    messages.retain(|row| [3, 5].contains(&row.id.0));
    for row in &mut messages {
        row.thread = MessageId(3);
    }
    let ticket = None;
    event(&mut model, Event::Changed { ticket, messages });
    press(&mut model, "S t n");
    assert_eq!(selected(&model), 5);
    press(&mut model, "S t Home n n n");
    assert_eq!(selected(&model), 18);
}

#[test]
fn mail_that_comes_while_something_is_looked_for_asks_the_index_again() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "ada");
    let Some(Command::Search { ticket, .. }) = commands(&effects).last() else {
        panic!("the index was not asked")
    };
    let found = Event::Found {
        ticket: *ticket,
        ids: vec![MessageId(7)],
    };
    event(&mut model, found);
    assert_eq!(model.list.visible(), [MessageId(7)]);
    let mut fresh = mailbox().remove(0);
    fresh.id = MessageId(77);
    let messages = vec![fresh];
    let effects = event(&mut model, Event::Arrived { messages });
    let again = commands(&effects);
    assert!(
        matches!(again[..], [Command::Search { request, .. }] if request.query.source() == "ada*"),
        "{again:?}"
    );
    assert_eq!(model.list.visible(), [MessageId(7)]);
}

#[test]
fn next_match_goes_round() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    type_text(&mut model, "grace");
    press(&mut model, "Enter Esc Home n");
    assert_eq!(selected(&model), 19);
    press(&mut model, "n");
    assert_eq!(selected(&model), 9);
    press(&mut model, "n");
    assert_eq!(selected(&model), 19);
    press(&mut model, "N");
    assert_eq!(selected(&model), 9);
}

#[test]
fn sorting_keeps_the_cursor_on_its_message() {
    let mut model = reader(80, 24);
    press(&mut model, "j j S z");
    assert_eq!(model.list.sort, Sort::Size);
    assert_eq!(model.list.visible()[0], MessageId(11));
    assert_eq!(selected(&model), 18);
    press(&mut model, "S z");
    assert!(model.list.reverse);
    assert_eq!(model.list.visible()[19], MessageId(11));
}

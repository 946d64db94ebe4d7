//! What holds when answers come late, in parts, in another order than they were asked for, or not at all.

use super::*;
use crate::mail::{Kind, Problem};

fn sent(effects: Vec<Effect>) -> Vec<Command> {
    let commands = effects.into_iter().filter_map(|effect| match effect {
        Effect::Send(command) => Some(command),
        _ => None,
    });
    commands.collect()
}

pub(super) fn refused(ticket: Ticket) -> Event {
    Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem: Problem::new(Kind::Store, "The mail cannot be read", "Disk", "Try again"),
    }
}

#[test]
fn all_that_was_shown_is_marked_and_not_what_a_new_order_brings() {
    let (mut model, _) = half_read(1_000);
    press(&mut model, "*a");
    let asked = press(&mut model, "Sz");
    let [Command::List { ticket, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    told(&mut model, in_brief(*ticket, 1..=1_000));
    assert_eq!(
        (model.list.rows.len(), model.list.marks.len()),
        (1_000, 200)
    );
    let mut marked: Vec<i64> = model.list.targets().iter().map(|id| id.0).collect();
    marked.sort_unstable();
    assert_eq!(marked, (801..=1_000).collect::<Vec<_>>());
}

#[test]
fn a_mark_goes_with_its_row_that_a_new_order_does_not_have() {
    let mut model = reader(300);
    press(&mut model, "xx");
    let list = &mut model.list;
    list.sort_by(Sort::Size, false, Ticket::new());
    list.read_briefs(
        (1..=299).map(|id| Brief::from(&message(id))).collect(),
        Vec::new(),
        true,
    );
    list.complete();
    assert_eq!(
        (list.marks.len(), list.targets()),
        (1, vec![MessageId(299)])
    );
    assert!(!list.marks.contains(MessageId(300)));
}

#[test]
fn texts_that_could_not_be_read_are_asked_for_again_but_not_at_once() {
    let mut model = reader(10_000);
    let asked = press(&mut model, "G");
    let [Command::Summaries { ticket, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(sent(told(&mut model, refused(*ticket))).is_empty());
    let again = press(&mut model, "k");
    let [Command::Summaries { ids, .. }] = again.as_slice() else {
        panic!("{again:?}")
    };
    assert!(ids.contains(&MessageId(1)) && ids.contains(&MessageId(2)));
}

#[test]
fn a_text_that_came_before_its_row_is_asked_for_again_when_the_row_is_here() {
    let (mut model, ticket) = half_read(1_000);
    press(&mut model, "/subject");
    let search = model.list.find.asked.unwrap();
    let ids = (1..=3).map(MessageId).collect();
    let asked = sent(told(
        &mut model,
        Event::Found {
            ticket: search,
            ids,
        },
    ));
    // Its row is not here yet, so that it could not be kept either.
    assert!(asked.is_empty(), "{asked:?}");
    let asked = sent(told(&mut model, in_brief(ticket, (1..=1_000).rev())));
    let [Command::Summaries { ids, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(ids.contains(&MessageId(1)));

    let mut list = List::of(Place::Inbox, Sort::Date, false);
    assert_eq!(list.rows.texts.missing([MessageId(1)].into_iter()).len(), 1);
    list.fill_in(vec![message(1)]);
    list.take_briefs(vec![Brief::from(&message(1))]);
    list.settle(10);
    assert_eq!(list.missing(10), [MessageId(1)]);
}

#[test]
fn what_is_drawn_and_what_the_clock_says_asks_for_nothing_that_would_not_be_sent() {
    let mut model = reader(10_000);
    model.list.select_at(5_000);
    drop(update(&mut model, Msg::Painted));
    drop(update(&mut model, Msg::Tick(message(1).date)));
    let asked = sent(update(&mut model, Msg::Focus(true)));
    assert!(matches!(asked.as_slice(), [Command::Summaries { .. }]));
}

#[test]
fn a_list_that_could_not_be_read_says_so_and_is_read_anew() {
    let mut model = Model::new(Settings::default(), (80, 24), message(1).date);
    let asked = start(&mut model);
    let Some(Effect::Send(Command::List { ticket, .. })) = asked.first() else {
        panic!("{asked:?}")
    };
    told(&mut model, refused(*ticket));
    let screen = screen(&model);
    assert!(
        screen.contains("could not be read") && screen.contains("g i tries again"),
        "{screen}"
    );
    let asked = press(&mut model, "gi");
    let [Command::List { ticket, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    told(&mut model, in_brief(*ticket, 1..=3));
    assert!(!model.list.broken && model.list.rows.len() == 3);
    assert!(press(&mut model, "gi").is_empty());
}

#[test]
fn an_order_that_could_not_be_read_is_not_said_to_be_that_of_the_rows() {
    let mut model = reader(5_000);
    let asked = press(&mut model, "Ss");
    let [Command::List { ticket, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    told(&mut model, refused(*ticket));
    assert_eq!((model.list.sort, model.list.reverse), (Sort::Date, false));
    assert!(!model.list.broken && model.list.rows.len() == 5_000);
}

#[test]
fn what_is_not_read_yet_is_not_said_to_match_nowhere() {
    let (mut model, _) = half_read(1_000);
    press(&mut model, "/nowhere");
    assert!(screen(&model).contains("Searching"), "{}", screen(&model));
    let tab = KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE);
    drop(update(&mut model, Msg::Key(tab)));
    let wide = screen(&model);
    assert!(
        wide.contains("Searching") && !wide.contains("0 of"),
        "{wide}"
    );
    let ticket = model.list.find.asked.unwrap();
    told(
        &mut model,
        Event::Found {
            ticket,
            ids: Vec::new(),
        },
    );
    let wide = screen(&model);
    assert!(
        wide.contains("Nothing matches.") && !wide.contains("0 of"),
        "{wide}"
    );
    let ticket = model.list.asked.unwrap();
    told(&mut model, in_brief(ticket, 1..=1_000));
    assert!(
        screen(&model).contains("0 of 1,000 match."),
        "{}",
        screen(&model)
    );
}

/// A reader in which so many of so many rows were found, and all of the answer has come.
fn found(rows: i64, ids: impl Iterator<Item = i64>) -> Model {
    let mut model = reader(rows);
    press(&mut model, "/subject");
    drop(update(&mut model, Msg::Key(KeyCode::Enter.into())));
    let ticket = model.list.find.asked.unwrap();
    let ids = ids.map(MessageId).collect();
    told(&mut model, Event::Found { ticket, ids });
    model
}

fn searches(effects: Vec<Effect>) -> Vec<Ticket> {
    let tickets = sent(effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::Search { ticket, .. } => Some(ticket),
            _ => None,
        });
    tickets.collect()
}

#[test]
fn mail_that_comes_during_a_search_does_not_move_the_cursor() {
    let mut model = found(1_000, (1..=500).rev());
    model.list.select_at(300);
    model.list.settle(10);
    let line = model.list.position() - model.list.top();
    let arrived = |id| Event::Arrived {
        messages: vec![message(id)],
    };
    let asked = searches(told(&mut model, arrived(2_000)));
    let [ticket] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    // What came while the answer was on its way is asked for when it has come.
    assert!(searches(told(&mut model, arrived(2_001))).is_empty());
    let first = Event::Rows {
        ticket: *ticket,
        offset: 0,
        rows: [2_000]
            .into_iter()
            .chain((302..=500).rev())
            .map(message)
            .collect(),
        complete: false,
    };
    told(&mut model, first);
    assert_eq!(model.list.visible().len(), 500);
    assert_eq!(model.list.selected(), Some(MessageId(200)));
    let ids = [2_000]
        .into_iter()
        .chain((1..=500).rev())
        .map(MessageId)
        .collect();
    let ticket = *ticket;
    let asked = searches(told(&mut model, Event::Found { ticket, ids }));
    assert_eq!((asked.len(), model.list.visible().len()), (1, 501));
    assert_eq!(model.list.selected(), Some(MessageId(200)));
    assert_eq!(model.list.position() - model.list.top(), line);
    // Also where its message is no longer found: it leaves with the next answer, when the cursor has left it.
    let without = |ticket| {
        let ids = [2_000].into_iter().chain((1..=500).rev());
        let ids = ids.filter(|id| *id != 200).map(MessageId).collect();
        Event::Found { ticket, ids }
    };
    told(&mut model, without(asked[0]));
    assert_eq!(
        (model.list.position(), model.list.selected()),
        (301, Some(MessageId(200)))
    );
    assert_eq!(model.list.visible().len(), 501);
    press(&mut model, "j");
    let asked = searches(told(&mut model, arrived(2_002)));
    told(&mut model, without(asked[0]));
    assert_eq!(
        (model.list.position(), model.list.selected()),
        (301, Some(MessageId(199)))
    );
    assert_eq!(model.list.visible().len(), 500);
}

#[test]
fn what_is_taken_back_is_among_what_was_found_again() {
    let mut model = found(100, (41..=60).rev());
    press(&mut model, "jj");
    let here = model.list.selected().unwrap();
    press(&mut model, "d");
    assert_eq!(model.list.visible().len(), 19);
    // The index has answered without it in the meantime.
    let arrived = Event::Arrived {
        messages: vec![message(2_000)],
    };
    let ticket = searches(told(&mut model, arrived))[0];
    let ids = (41..=60)
        .rev()
        .map(MessageId)
        .filter(|id| *id != here)
        .collect();
    told(&mut model, Event::Found { ticket, ids });
    press(&mut model, "z");
    assert_eq!(model.list.visible().len(), 20);
    assert_eq!(
        (model.list.position(), model.list.selected()),
        (2, Some(here))
    );
    press(&mut model, "n");
    assert_ne!(model.list.selected(), Some(here));
    press(&mut model, "N");
    assert_eq!(model.list.selected(), Some(here));
}

#[test]
fn what_is_taken_back_before_an_answer_that_was_read_without_it_stays_found() {
    let mut model = found(100, (41..=60).rev());
    press(&mut model, "jj");
    let here = model.list.selected().unwrap();
    press(&mut model, "d");
    let messages = vec![message(2_000)];
    let ticket = searches(told(&mut model, Event::Arrived { messages }))[0];
    press(&mut model, "z");
    assert_eq!(model.list.visible().len(), 20);
    let ids = || (41..=60).rev().map(MessageId);
    let without = ids().filter(|id| *id != here).collect();
    let ids_now = Event::Found {
        ticket,
        ids: without,
    };
    let asked = searches(told(&mut model, ids_now));
    let [ticket] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    let (ticket, ids) = (*ticket, ids().collect());
    assert!(searches(told(&mut model, Event::Found { ticket, ids })).is_empty());
    assert_eq!(model.list.visible().len(), 20);
    assert!(model.list.find.is_hit(here));
}

#[test]
fn what_has_left_since_the_index_was_asked_is_not_found() {
    let mut model = found(1_000, (501..=1_000).rev());
    let arrived = Event::Arrived {
        messages: vec![message(2_000)],
    };
    let ticket = searches(told(&mut model, arrived))[0];
    press(&mut model, "d");
    let first = Event::Rows {
        ticket,
        offset: 0,
        rows: (801..=1_000).rev().map(message).collect(),
        complete: false,
    };
    told(&mut model, first);
    let ids = (501..=1_000).rev().map(MessageId).collect();
    told(&mut model, Event::Found { ticket, ids });
    assert_eq!(model.list.visible().len(), 499);
    assert_eq!(model.list.visible().first(), Some(&MessageId(999)));
    assert!(model.list.rows.brief(MessageId(1_000)).is_none());
}

#[test]
fn what_was_asked_before_a_search_was_widened_is_taken_by_the_list_that_was_put_aside() {
    let (mut model, ticket) = half_read(1_000);
    press(&mut model, "St");
    press(&mut model, "T/subject");
    let tab = KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE);
    let asked = sent(update(&mut model, Msg::Key(tab)));
    let Some(Command::List { ticket: wide, .. }) = asked.first() else {
        panic!("{asked:?}")
    };
    assert_eq!(model.list.place, Place::All);
    told(&mut model, in_brief(ticket, (1..=1_000).rev()));
    assert!(model.list.rows.is_empty() && !model.list.loaded);
    let esc = KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE);
    drop(update(&mut model, Msg::Key(esc)));
    assert_eq!(model.list.place, Place::Inbox);
    assert_eq!((model.list.rows.len(), model.list.asked), (1_000, None));
    // The wide one is gone, and so is what it asked for.
    told(&mut model, in_brief(*wide, (1..=2_000).rev()));
    assert_eq!(model.list.rows.len(), 1_000);
}

#[test]
fn a_list_that_was_put_aside_and_cannot_be_read_says_so_when_it_is_back() {
    let (mut model, ticket) = half_read(1_000);
    press(&mut model, "/subject");
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    drop(update(&mut model, key(KeyCode::Tab)));
    told(&mut model, refused(ticket));
    assert!(
        model.list.asked.is_some(),
        "the wide one is still waited for"
    );
    drop(update(&mut model, key(KeyCode::Esc)));
    assert_eq!((model.list.asked, model.list.broken), (None, true));
}

#[test]
fn the_tree_of_a_list_that_was_put_aside_is_unfolded_in_it() {
    let mut model = reader(3);
    let messages = (1..=3).map(|id| in_thread(id, 1)).collect();
    told(
        &mut model,
        Event::Changed {
            ticket: None,
            messages,
        },
    );
    press(&mut model, "St");
    let asked = press(&mut model, "T");
    let [Command::Thread { ticket, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    press(&mut model, "/subject");
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    drop(update(&mut model, key(KeyCode::Tab)));
    let branches = (1..=3).map(|id| branch(id, 1)).collect();
    told(
        &mut model,
        Event::Thread {
            ticket: *ticket,
            branches,
        },
    );
    drop(update(&mut model, key(KeyCode::Esc)));
    assert_eq!(shown(&model.list), [1, 2, 3]);
}

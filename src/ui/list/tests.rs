//! What holds for a list as a whole: the same cost for many rows as for few, and threads that follow whatever happens.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use super::threads::Threads;
use super::{List, Place};
use crate::bridge::{Command, Event, Sort, Ticket};
use crate::mail::{Branch, Brief, Flags, Folder, MessageId, MessageSummary};
use crate::ui::testing::message;
use crate::ui::{Effect, Model, Msg, Settings, start, update, view};

mod answers;
mod deeds;

/// A reader with so many rows as the engine sends them: the first in full, all in brief.
fn reader(rows: i64) -> Model {
    let (mut model, ticket) = half_read(rows);
    told(&mut model, in_brief(ticket, (1..=rows).rev()));
    model
}

/// The same, of which only the first rows have come.
fn half_read(rows: i64) -> (Model, Ticket) {
    let mut model = Model::new(Settings::default(), (80, 24), message(rows).date);
    let asked = start(&mut model);
    let Some(Effect::Send(Command::List { ticket, request })) = asked.first() else {
        panic!("no list was asked for")
    };
    assert!(request.full.is_some());
    let ticket = *ticket;
    let first = Event::Rows {
        ticket,
        offset: 0,
        rows: (1..=rows).rev().take(200).map(message).collect(),
        complete: false,
    };
    told(&mut model, first);
    assert_eq!(model.list.visible().len(), 200.min(rows as usize));
    (model, ticket)
}

fn in_brief(ticket: Ticket, ids: impl Iterator<Item = i64>) -> Event {
    Event::Briefs {
        ticket,
        rows: ids.map(|id| Brief::from(&message(id))).collect(),
        keys: Vec::new(),
        complete: true,
    }
}

fn told(model: &mut Model, event: Event) -> Vec<Effect> {
    update(model, Msg::Event(Box::new(event)))
}

/// Presses keys, draws, and gives what was asked of the engine.
fn press(model: &mut Model, keys: &str) -> Vec<Command> {
    let mut asked = Vec::new();
    for key in keys.chars() {
        let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        let sent = update(model, Msg::Key(key)).into_iter();
        asked.extend(sent.filter_map(|effect| match effect {
            Effect::Send(command) => Some(command),
            _ => None,
        }));
        screen(model);
        drop(update(model, Msg::Painted));
    }
    asked
}

/// Draws, and gives what is to be seen.
fn screen(model: &Model) -> String {
    let backend = ratatui::backend::TestBackend::new(80, 24);
    let mut terminal = ratatui::Terminal::new(backend).unwrap();
    terminal.draw(|frame| view(model, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_key_looks_at_as_many_rows_of_a_hundred_thousand_as_of_a_thousand() {
    let looks = |mut model: Model, rows: i64| -> Vec<usize> {
        let mut counts = Vec::new();
        for keys in ["j", "G", "gg", "*a", "j", "x", "*n", "/", "u", "b"] {
            model.list.rows.looks();
            press(&mut model, keys);
            counts.push(model.list.rows.looks());
        }
        model.list.rows.looks();
        told(
            &mut model,
            Event::Arrived {
                messages: vec![message(rows + 5)],
            },
        );
        counts.push(model.list.rows.looks());
        counts
    };
    let few = looks(reader(1_000), 1_000);
    // Also where the engine sends them all at once and in full.
    for many in [
        looks(reader(100_000), 100_000),
        looks(in_full(100_000), 100_000),
    ] {
        for (few, many) in few.iter().zip(&many) {
            // A place among a hundred times as many is found with seven looks more, and every row is looked for a few times.
            assert!(*many <= few + 300, "{few:?} {many:?}");
        }
    }
}

fn in_full(rows: i64) -> Model {
    let (mut model, ticket) = half_read(rows);
    let all = Event::Rows {
        ticket,
        offset: 0,
        rows: (1..=rows).rev().map(message).collect(),
        complete: true,
    };
    told(&mut model, all);
    screen(&model);
    drop(update(&mut model, Msg::Painted));
    model
}

#[test]
fn the_text_of_a_row_far_away_is_asked_for_once_and_shown_when_it_comes() {
    let mut model = reader(10_000);
    let asked = press(&mut model, "G");
    let [Command::Summaries { ticket, ids }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert!(ids.contains(&MessageId(1)) && ids.len() < 200);
    assert_eq!(model.list.selected(), Some(MessageId(1)));
    // Until it has come, nobody can have meant it.
    assert!(model.list.painted.is_empty() && press(&mut model, "d").is_empty());
    let messages: Vec<MessageSummary> = ids.iter().map(|id| message(id.0)).collect();
    let ticket = *ticket;
    told(&mut model, Event::Summaries { ticket, messages });
    assert!(press(&mut model, "k").is_empty());
    assert_eq!(model.list.current().map(|row| row.id), Some(MessageId(2)));
    assert!(model.list.painted.contains(&MessageId(1)));
}

#[test]
fn all_of_a_hundred_thousand_are_marked_and_changed_at_once_but_not_what_comes_then() {
    let mut model = reader(100_000);
    press(&mut model, "*a");
    told(
        &mut model,
        Event::Arrived {
            messages: vec![message(200_000)],
        },
    );
    assert_eq!(model.list.marks.len(), 100_000);
    let asked = press(&mut model, "s");
    let changed: usize = asked
        .iter()
        .filter_map(|command| match command {
            Command::Change { changes, .. } => {
                Some(changes.iter().map(|(ids, _)| ids.len()).sum::<usize>())
            }
            _ => None,
        })
        .sum();
    assert_eq!(changed, 100_000);
    let starred = |id| {
        model
            .list
            .rows
            .brief(MessageId(id))
            .is_some_and(|row| row.flags.has(Flags::STARRED))
    };
    assert!(starred(1) && starred(100_000) && !starred(200_000));
}

#[test]
fn many_rows_are_sorted_by_the_store_and_shown_when_all_have_come() {
    let mut model = reader(5_000);
    press(&mut model, "jj");
    let here = model.list.selected();
    let asked = press(&mut model, "Ss");
    let Some(Command::List { ticket, request }) = asked.first() else {
        panic!("{asked:?}")
    };
    assert_eq!(request.sort, Sort::Subject);
    let ticket = *ticket;
    assert_eq!(model.list.visible().first(), Some(&MessageId(5_000)));
    let mut sorted: Vec<(String, i64)> = (1..=5_000)
        .map(|id| (format!("subject {id}"), id))
        .collect();
    sorted.sort();
    told(
        &mut model,
        Event::Arrived {
            messages: vec![message(5_001)],
        },
    );
    let all = Event::Briefs {
        ticket,
        rows: sorted
            .iter()
            .map(|(_, id)| Brief::from(&message(*id)))
            .collect(),
        keys: sorted.iter().map(|(key, _)| key.as_str().into()).collect(),
        complete: true,
    };
    told(&mut model, all);
    sorted.push(("subject 5001".to_owned(), 5_001));
    sorted.sort();
    let ids: Vec<i64> = model.list.visible().iter().map(|id| id.0).collect();
    assert_eq!(ids, sorted.iter().map(|(_, id)| *id).collect::<Vec<_>>());
    assert_eq!(model.list.selected(), here);
}

#[test]
fn what_left_while_the_list_was_read_does_not_come_back_with_it() {
    let mut list = List::of(Place::Inbox, Sort::Date, false);
    list.asked = Some(Ticket::new());
    list.read((3..=5).rev().map(message).collect(), true);
    let mut gone = Brief::from(&message(4));
    gone.folder = Folder::Trash;
    list.take_briefs(vec![gone]);
    list.read_briefs(
        (1..=5).rev().map(|id| Brief::from(&message(id))).collect(),
        Vec::new(),
        true,
    );
    list.complete();
    assert_eq!(list.visible(), [5, 3, 2, 1].map(MessageId));
}

/// A list whose messages belong to these threads, the first message the oldest.
fn grouped(threads: &[i64]) -> List {
    let mut list = List::of(Place::Inbox, Sort::Date, false);
    list.read(
        (1..)
            .zip(threads)
            .map(|(id, thread)| in_thread(id, *thread))
            .collect(),
        true,
    );
    list.group(true);
    list.settle(10);
    list
}

fn in_thread(id: i64, thread: i64) -> MessageSummary {
    let mut summary = message(id);
    summary.thread = MessageId(thread);
    summary
}

fn shown(list: &List) -> Vec<i64> {
    list.visible().iter().map(|id| id.0).collect()
}

fn branch(id: i64, depth: usize) -> Branch {
    Branch {
        id: MessageId(id),
        depth,
        last: true,
        rails: 0,
    }
}

#[test]
fn a_thread_is_one_row_until_it_is_unfolded_and_then_a_tree() {
    let mut list = grouped(&[1, 2, 1, 4, 1]);
    assert_eq!(shown(&list), [5, 4, 2]);
    assert_eq!(list.targets(), [5, 3, 1].map(MessageId));
    assert!(list.turn_thread());
    let ticket = Ticket::new();
    let wanted = list.threads.as_mut().unwrap().wanted(ticket);
    assert_eq!(wanted, Some(MessageId(1)));
    list.unfold(
        ticket,
        &[branch(1, 0), branch(3, 1), branch(99, 1), branch(5, 1)],
    );
    assert_eq!(shown(&list), [1, 3, 5, 4, 2]);
    assert_eq!((list.position(), list.top()), (2, 0));
    assert_eq!(
        (list.selected(), list.targets().len()),
        (Some(MessageId(5)), 1)
    );
    list.step(-1);
    assert!(list.turn_thread());
    assert_eq!(
        (shown(&list), list.selected()),
        (vec![5, 4, 2], Some(MessageId(5)))
    );
    list.select(MessageId(2));
    assert!(!list.turn_thread());
}

/// Unfolds the thread under the cursor, or gives it its tree anew: each message answers the one before.
fn unfold(list: &mut List, ids: std::ops::RangeInclusive<i64>) {
    let ticket = Ticket::new();
    list.threads.as_mut().unwrap().wanted(ticket).unwrap();
    let branches: Vec<Branch> = ids.map(|id| branch(id, 1)).collect();
    list.unfold(ticket, &branches);
    list.settle(10);
}

#[test]
fn an_answer_that_comes_into_an_unfolded_thread_moves_no_window() {
    let mut list = grouped(&[1; 30]);
    assert!(list.turn_thread());
    unfold(&mut list, 1..=30);
    list.select(MessageId(26));
    list.settle(10);
    assert_eq!((list.position(), list.top()), (25, 20));
    list.take(vec![in_thread(31, 1)]);
    list.settle(10);
    unfold(&mut list, 1..=31);
    assert_eq!((list.position(), list.top()), (25, 20));
    assert_eq!(shown(&list), (1..=31).collect::<Vec<_>>());
    // What nobody asked for moves none either.
    list.unfold(Ticket::new(), &[branch(1, 0), branch(2, 1)]);
    list.settle(10);
    assert_eq!((list.position(), list.top()), (25, 20));
}

#[test]
fn a_thread_that_is_folded_while_its_new_tree_is_on_its_way_stays_folded() {
    let mut list = grouped(&[1, 1, 1]);
    assert!(list.turn_thread());
    unfold(&mut list, 1..=3);
    list.take(vec![in_thread(4, 1)]);
    let ticket = Ticket::new();
    list.threads.as_mut().unwrap().wanted(ticket).unwrap();
    assert!(list.turn_thread());
    let branches: Vec<Branch> = (1..=4).map(|id| branch(id, 1)).collect();
    list.unfold(ticket, &branches);
    assert_eq!(shown(&list), [4]);
    // Nor is it asked for again before a person wants it.
    assert_eq!(list.threads.as_mut().unwrap().wanted(Ticket::new()), None);
    assert!(list.turn_thread());
    unfold(&mut list, 1..=4);
    assert_eq!(shown(&list), [1, 2, 3, 4]);
}

#[test]
fn the_row_of_a_thread_is_its_first_message_in_the_order_of_the_rows() {
    let mut list = grouped(&[1, 2, 1]);
    assert_eq!(shown(&list), [3, 2]);
    assert!(list.sort_by(Sort::Date, true, Ticket::new()));
    assert_eq!(shown(&list), [1, 2]);
    assert_eq!(list.stands_for(MessageId(1)), [1, 3].map(MessageId));
}

#[test]
fn a_new_answer_brings_its_thread_to_the_top_and_the_cursor_stays_with_the_thread() {
    let mut list = grouped(&[1, 2, 1, 4]);
    assert_eq!(shown(&list), [4, 3, 2]);
    list.select(MessageId(3));
    list.take(vec![in_thread(9, 1), in_thread(8, 2)]);
    assert_eq!(shown(&list), [9, 8, 4]);
    assert_eq!(list.selected(), Some(MessageId(9)));
    // Two threads turn out to be one.
    list.take(vec![in_thread(8, 1), in_thread(2, 1)]);
    assert_eq!((shown(&list), list.targets().len()), (vec![9, 4], 5));
}

proptest! {
    #[test]
    fn threads_that_follow_are_those_that_are_made_anew(
        before in prop::collection::vec(1..6_i64, 0..12),
        steps in prop::collection::vec((any::<bool>(), 1..20_i64, 1..6_i64, 0..40_i64), 1..12),
    ) {
        let mut list = grouped(&before);
        for (comes, id, thread, minutes) in steps {
            if comes {
                let mut summary = in_thread(id, thread);
                summary.date.0 += minutes * 60;
                list.take(vec![summary]);
            } else {
                list.drop_rows(&[MessageId(id), MessageId(id + 1)]);
            }
            list.settle(10);
            let anew = Threads::new(&list.rows);
            prop_assert_eq!(list.visible(), anew.shown());
            for head in anew.shown() {
                let row = list.rows.brief(*head).unwrap();
                prop_assert_eq!(list.folded(*head), anew.stands_for(row));
            }
        }
    }
}

use poppet::bridge::{Command, Event, Ticket};
use poppet::mail::{Change, DeleteScope, MessageId};
use poppet::ui::{Effect, Model, Msg, update};

use super::fixtures::*;

fn on_server(columns: u16, rows: u16) -> Model {
    let mut model = reader(columns, rows);
    let effects = press(&mut model, "g m");
    let tickets: Vec<Ticket> = commands(&effects)
        .into_iter()
        .filter_map(|command| match command {
            Command::List { ticket, request } => {
                assert_eq!(request.query.source(), "on:server");
                Some(*ticket)
            }
            _ => None,
        })
        .collect();
    assert_eq!(tickets.len(), 2, "all folders, and the Trash");
    for (n, ticket) in tickets.into_iter().enumerate() {
        let rows = if n == 0 { mailbox() } else { Vec::new() };
        event(
            &mut model,
            Event::Rows {
                ticket,
                offset: 0,
                rows,
                complete: true,
            },
        );
    }
    paint(&mut model);
    model
}

fn changed(effects: &[Effect]) -> Option<Vec<(Vec<MessageId>, Change)>> {
    commands(effects)
        .into_iter()
        .find_map(|command| match command {
            Command::Change { changes, .. } => Some(changes.clone()),
            _ => None,
        })
}

#[test]
fn the_largest_comes_first_with_the_gauge_above() {
    let text = draw(&on_server(80, 24));
    assert!(
        text.contains("Mailbox on the server") && text.contains("68%  1.46G of 2.15G"),
        "{text}"
    );
    assert!(text.contains("▌   19M  Fri    Mum"), "{text}");
    assert!(
        text.contains("2 messages (21M) are not on this computer yet."),
        "{text}"
    );
    // What is gone from the server is not in it.
    assert!(!text.contains("Your statement is ready"), "{text}");
    assert!(draw(&on_server(120, 40)).contains("Biggest senders"));
}

#[test]
fn it_is_put_in_order_by_a_digit() {
    let mut model = on_server(80, 24);
    press(&mut model, "2");
    let text = draw(&model);
    let first = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(first.contains("Release v0.3.0"), "{text}");
    press(&mut model, "3");
    let text = draw(&model);
    let first = text.lines().find(|line| line.starts_with('▌')).unwrap();
    assert!(first.contains("Ada Lovelace"), "{text}");
}

#[test]
fn d_stages_what_is_under_the_cursor_and_says_when_there_is_no_copy() {
    let mut model = on_server(80, 24);
    let effects = press(&mut model, "d");
    assert_eq!(
        changed(&effects),
        Some(vec![(
            vec![MessageId(11)],
            Change::Delete(DeleteScope::ServerOnly)
        )])
    );
    assert!(draw(&model).contains("NO copy here"), "{}", draw(&model));
}

#[test]
fn staged_messages_can_be_taken_back_and_others_say_why_not() {
    let mut model = on_server(80, 24);
    let effects = press(&mut model, "u");
    assert_eq!(changed(&effects), None);
    assert!(draw(&model).contains("not staged"), "{}", draw(&model));
    let effects = press(&mut model, "j j u");
    assert_eq!(
        changed(&effects),
        Some(vec![(vec![MessageId(16)], Change::Unstage)])
    );
}

#[test]
fn the_cursor_stays_on_its_message_when_rows_change() {
    let mut model = on_server(80, 24);
    press(&mut model, "j");
    let mut large = message(99);
    large.octets = 90_000_000;
    event(
        &mut model,
        Event::Arrived {
            messages: vec![large],
        },
    );
    let effects = press(&mut model, "L");
    assert_eq!(
        changed(&effects),
        Some(vec![(vec![MessageId(19)], Change::Pinned(true))])
    );
}

#[test]
fn no_size_makes_it_fail() {
    let mut model = on_server(80, 24);
    for columns in [1, 39, 40, 60, 109, 110, 300] {
        for rows in [1, 7, 8, 12, 15, 40] {
            drop(update(&mut model, Msg::Resize(columns, rows)));
            assert!(
                draw(&model)
                    .lines()
                    .all(|line| poppet::mail::text::width(line) <= columns.into())
            );
        }
    }
}

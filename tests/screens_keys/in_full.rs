//! A message in full: its subject, its header fields and its text, also where there is little room, and what lies over it.

use std::sync::Arc;

use crate::fixtures::{
    answer, beginning, body, draw, event, mailbox, open_ticket, paint, press, reader,
};
use crate::selected;
use poppet::bridge::Event;
use poppet::mail::{Body, Field, MessageId, View};
use poppet::ui::{Model, Screen};

const LETTER: &str = "Hello Sam it is your father the man in the shop says that I should write to you here, \
    so I do: the heating is repaired and your aunt comes on Friday at half past four, please call her";

/// A message with this subject, open in full, with this body.
fn opened(columns: u16, rows: u16, subject: &str, body: impl FnOnce(Body) -> Body) -> Model {
    let mut model = reader(columns, rows);
    let mut message = mailbox().remove(0);
    subject.clone_into(&mut message.subject);
    let messages = vec![message];
    event(
        &mut model,
        Event::Changed {
            ticket: None,
            messages,
        },
    );
    let effects = press(&mut model, "Enter");
    open(&mut model, &effects, body);
    model
}

fn open(model: &mut Model, effects: &[poppet::ui::Effect], change: impl FnOnce(Body) -> Body) {
    let (ticket, width) = open_ticket(effects);
    let body = Arc::new(change(body(20, width)));
    event(model, Event::Opened { ticket, body });
    paint(model);
}

fn without_text(body: Body) -> Body {
    Body {
        lines: Vec::new(),
        attachments: Vec::new(),
        has_html: false,
        ..body
    }
}

/// All words of the screen, in order.
fn words(model: &Model) -> String {
    let screen = draw(model);
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_mail_that_is_all_in_its_subject_can_be_read() {
    for (columns, rows) in [(80, 24), (40, 24), (120, 40)] {
        let model = opened(columns, rows, LETTER, without_text);
        let screen = words(&model).replace("1 of 20 · ● new ", "");
        assert!(screen.contains(LETTER), "{}", draw(&model));
        assert!(screen.contains("This message has no text."), "{screen}");
        assert!(screen.contains("All · 1 of 1 lines"), "{screen}");
    }
}

#[test]
fn a_long_subject_leaves_half_of_the_screen_to_the_text() {
    let subject = "A subject without an end. ".repeat(200);
    let model = opened(80, 24, &subject, |body| body);
    let screen = draw(&model);
    assert!(
        screen.contains("From     Ada") && screen.contains("and quoted line 0"),
        "{screen}"
    );
    let title = screen.lines().take_while(|line| !line.starts_with('─'));
    let title: Vec<&str> = title.collect();
    assert_eq!(title.len(), 8, "{screen}");
    assert!(title[7].ends_with('…'), "{screen}");
}

#[test]
fn header_fields_are_folded_and_scrolled_with_the_text() {
    let mut model = opened(40, 12, "Hello", |body| body);
    let effects = press(&mut model, "H");
    open(&mut model, &effects, |body| Body {
        view: View::Headers,
        fields: ["Received", "Subject", "X-Last"]
            .map(|name| Field {
                name: name.to_owned(),
                value: format!("{LETTER} {name}"),
            })
            .into(),
        ..without_text(body)
    });
    let mut seen = String::new();
    for _ in 0..40 {
        let screen = draw(&model);
        let line = screen.lines().nth(6).unwrap().to_owned();
        seen += &line;
        press(&mut model, "j");
    }
    let seen: Vec<&str> = seen.split_whitespace().collect();
    let seen = seen.join(" ");
    assert!(
        seen.contains(&format!("Received: {LETTER} Received")),
        "{seen}"
    );
    let screen = words(&model);
    assert!(screen.contains("please call her X-Last"), "{screen}");
    assert!(draw(&model).contains("\n      "), "{}", draw(&model));
}

#[test]
fn on_the_smallest_terminals_an_open_message_shows_its_text() {
    for (rows, lines) in [(8, 4), (9, 4), (10, 4), (12, 4)] {
        let mut model = reader(40, rows);
        let effects = press(&mut model, "Enter");
        answer(&mut model, &effects, 20);
        let screen = draw(&model);
        assert!(screen.contains("Re: [poppet]"), "{screen}");
        assert!(screen.contains("Sam wrote on Sunday:"), "{screen}");
        assert!(
            poppet::ui::reader::page(&model) >= lines,
            "40x{rows}\n{screen}"
        );
        press(&mut model, "G");
        assert!(draw(&model).contains("Ada"), "{}", draw(&model));
    }
}

#[test]
fn on_the_smallest_terminals_a_peek_shows_text_and_what_can_become_of_it() {
    for rows in [8, 9, 10, 11, 12] {
        let mut model = reader(40, rows);
        model.list.select(MessageId(11));
        let effects = press(&mut model, "p");
        let (ticket, width) = open_ticket(&effects);
        let body = Arc::new(beginning(11, width));
        event(&mut model, Event::Opened { ticket, body });
        let screen = draw(&model);
        for text in ["Photos", "Hello love,", "Download", "Leave", "Delete"] {
            assert!(screen.contains(text), "{text} at 40x{rows}\n{screen}");
        }
    }
}

#[test]
fn the_warning_of_a_link_is_shown_to_its_end() {
    let warning = "the name hаrbourbank.example is really xn--hrbourbank-zqi.example, \
        and that is another one than harbourbank.example";
    for (columns, rows) in [(80, 24), (60, 12), (40, 12)] {
        let mut model = opened(columns, rows, "Hello", |mut body| {
            body.links[0].warning = Some(warning.to_owned());
            let more = body.links[0].clone();
            body.links.extend(vec![more; 30]);
            body
        });
        for keys in ["O", "G", "k k k"] {
            press(&mut model, keys);
            let inside = |line: &str| Some((line.find('│')?, line.rfind('│')?));
            let seen: String = draw(&model)
                .lines()
                .filter_map(|line| line.get(inside(line)?.0..inside(line)?.1))
                .flat_map(str::chars)
                .filter(|c| !c.is_whitespace() && *c != '│')
                .collect();
            let warning = warning.replace(' ', "");
            assert!(seen.contains(&warning), "{columns}x{rows} {keys}\n{seen}");
        }
    }
}

#[test]
fn what_lies_over_a_message_takes_the_keys_so_none_of_the_messages_are_shown() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let last = |model: &Model| draw(model).lines().last().unwrap_or_default().to_owned();
    assert!(last(&model).contains("d delete"));
    for keys in ["A", "Esc O", "Esc 2"] {
        press(&mut model, keys);
        assert_eq!(last(&model), "", "{keys}");
        let screen = draw(&model);
        assert!(screen.contains("Esc back"), "{screen}");
    }
    press(&mut model, "Esc");
    assert!(last(&model).contains("d delete"));
    assert!(matches!(model.screen, Screen::Reader));
    assert_eq!(selected(&model), 20);
}

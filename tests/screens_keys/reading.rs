//! Opening, peeking, links, attachments and quotations.

use std::sync::Arc;

use crate::fixtures::{
    answer, beginning, body, commands, draw, event, list_ticket, mailbox, open_ticket, paint,
    press, reader, terminal, type_text,
};
use crate::{changes, selected, status};
use poppet::bridge::{Command, Event};
use poppet::mail::{
    Attachment, Change, DeleteScope, Folder, Line, MessageId, Server, Span, SpanStyle,
};
use poppet::ui::{Effect, Msg, Overlay, Screen, Timer, update};

#[test]
fn opening_asks_for_the_message_at_the_width_there_is_and_reading_marks_it() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Reader));
    assert_eq!(open_ticket(&effects).1, 76);
    let effects = answer(&mut model, &effects, 20);
    let timer = effects.iter().find_map(|effect| match effect {
        Effect::After(after, timer @ Timer::MarkRead(_)) => Some((*after, *timer)),
        _ => None,
    });
    let (after, timer) = timer.unwrap();
    assert_eq!(after, std::time::Duration::from_secs(2));
    let effects = update(&mut model, Msg::Timer(timer));
    assert_eq!(changes(&effects), [(vec![20], Change::Seen(true))]);
    assert!(!model.history.can_undo(), "reading is no deed");
}

#[test]
fn a_message_left_before_its_time_stays_unread() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    press(&mut model, "q");
    let effects = update(&mut model, Msg::Timer(Timer::MarkRead(MessageId(20))));
    assert!(changes(&effects).is_empty());
}

#[test]
fn a_late_answer_for_another_message_is_dropped() {
    let mut model = reader(80, 24);
    let first = press(&mut model, "Enter");
    let second = press(&mut model, "J J");
    answer(&mut model, &first, 20);
    assert!(model.reader.body().is_none());
    answer(&mut model, &second, 18);
    assert!(model.reader.body().is_some());
    assert!(draw(&model).contains("Fwd: Résumé"));
}

#[test]
fn space_reads_on_and_then_goes_to_the_next_unread() {
    let mut model = reader(80, 16);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    press(&mut model, "Space");
    assert!(model.reader.scroll > 0);
    let place = model.reader.scroll;
    let mut effects = Vec::new();
    for _ in 0..9 {
        effects.extend(press(&mut model, "Space"));
        if selected(&model) != 20 {
            break;
        }
    }
    assert_eq!(selected(&model), 19);
    assert!(
        commands(&effects)
            .iter()
            .any(|command| matches!(command, Command::Open { id, .. } if id.0 == 19))
    );
    let effects = press(&mut model, "K");
    assert!(
        model.reader.scroll >= place,
        "the place in a message comes back"
    );
    assert!(commands(&effects).is_empty(), "its text is still here");
}

#[test]
fn quotations_fold_and_unfold() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    assert!(draw(&model).contains("13 more quoted lines · T shows"));
    press(&mut model, "T");
    assert!(!draw(&model).contains("more quoted lines"));
}

#[test]
fn a_link_shows_where_it_leads_before_it_is_opened() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "2");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_)))
    );
    let screen = draw(&model);
    assert!(
        screen.contains("http://192.0.2.7/login") && screen.contains("it names no host"),
        "{screen}"
    );
    let effects = press(&mut model, "Enter");
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_))),
        "the default is back"
    );
    let effects = press(&mut model, "2 o");
    assert!(effects.iter().any(
        |effect| matches!(effect, Effect::OpenLink(target) if target == "http://192.0.2.7/login")
    ));
    let effects = press(&mut model, "1 Enter");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::OpenLink(_))),
        "a harmless link opens"
    );
    press(&mut model, "7");
    assert!(
        status(&model).contains("There is no link 7 here"),
        "{}",
        status(&model)
    );
}

#[test]
fn an_attachment_is_saved_or_opened_by_the_engine() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "A j Enter");
    let Command::Save {
        ticket,
        id,
        parts,
        folder,
    } = commands(&effects)[0]
    else {
        panic!("nothing was saved")
    };
    assert_eq!(
        (id.0, parts.as_slice(), folder),
        (20, [3].as_slice(), &None)
    );
    let files = vec![std::path::PathBuf::from("/private/plan.csv")];
    let effects = event(
        &mut model,
        Event::Saved {
            ticket: *ticket,
            files,
        },
    );
    assert!(matches!(&effects[..], [Effect::OpenFile(path)] if path.ends_with("plan.csv")));
    let effects = press(&mut model, "w");
    assert!(
        matches!(commands(&effects)[0], Command::Save { parts, folder: Some(_), .. } if parts.is_empty())
    );
}

#[test]
fn a_peek_shows_text_on_a_small_screen_too_and_says_when_no_more_of_it_comes() {
    let mut model = reader(40, 12);
    model.list.select(MessageId(11));
    let mut effects = press(&mut model, "Enter");
    for _ in 0..2 {
        assert!(!draw(&model).contains("No more text"));
        let Command::Peek { ticket, width, .. } = commands(&effects)[0] else {
            panic!("nothing was asked for")
        };
        let opened = Event::Opened {
            ticket: *ticket,
            body: std::sync::Arc::new(beginning(11, *width)),
        };
        event(&mut model, opened);
        assert!(draw(&model).contains("Hello"), "{}", draw(&model));
        effects = press(&mut model, "m");
    }
    let note = model.note.map(|note| note.text).unwrap_or_default();
    assert!(
        note.starts_with("No more text in the first 40 lines"),
        "{note}"
    );
}

#[test]
fn a_message_over_the_limit_is_peeked_at_and_going_back_changes_nothing() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Peek(_)));
    let Command::Peek {
        ticket,
        lines,
        width,
        ..
    } = commands(&effects)[0]
    else {
        panic!("nothing was asked for")
    };
    assert_eq!(*lines, 20);
    let body = std::sync::Arc::new(beginning(11, *width));
    event(
        &mut model,
        Event::Opened {
            ticket: *ticket,
            body,
        },
    );
    let screen = draw(&model);
    assert!(screen.contains("the roses came out after all."), "{screen}");
    assert!(screen.contains("There is NO copy here: then it is gone"));
    assert!(matches!(
        commands(&press(&mut model, "m"))[0],
        Command::Peek { lines: 40, .. }
    ));
    assert!(commands(&press(&mut model, "Esc")).is_empty());
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn a_message_that_is_read_stays_open_when_it_is_no_longer_among_what_was_found() {
    let mut model = reader(80, 24);
    press(&mut model, "/");
    let effects = type_text(&mut model, "is:unread");
    let ticket = list_ticket(&effects[effects.len() - 1..]);
    let ids = [20, 19, 17].map(MessageId).to_vec();
    event(&mut model, Event::Found { ticket, ids });
    let effects = press(&mut model, "Enter Enter");
    answer(&mut model, &effects, 20);
    // It has been read, and then mail comes: the index is asked again, and does not have it any more.
    let _ = update(&mut model, Msg::Timer(Timer::MarkRead(MessageId(20))));
    let mut fresh = mailbox().remove(1);
    fresh.id = MessageId(77);
    let messages = vec![fresh];
    let effects = event(&mut model, Event::Arrived { messages });
    let ids = [19, 17].map(MessageId).to_vec();
    let ticket = list_ticket(&effects);
    event(&mut model, Event::Found { ticket, ids });
    paint(&mut model);
    assert!(matches!(model.screen, Screen::Reader));
    assert_eq!(
        (selected(&model), model.reader.shown()),
        (20, Some(MessageId(20)))
    );
    assert_eq!(model.list.visible(), [20, 19, 17].map(MessageId));
    // The list says so, too, when one is back in it and has left the row.
    press(&mut model, "Esc j");
    let messages = vec![mailbox().remove(1)];
    let effects = event(&mut model, Event::Arrived { messages });
    let ids = [19, 17].map(MessageId).to_vec();
    let ticket = list_ticket(&effects);
    event(&mut model, Event::Found { ticket, ids });
    assert_eq!(model.list.visible(), [19, 17].map(MessageId));
}

#[test]
fn a_peek_that_no_frame_has_shown_deletes_nothing() {
    // Farther down than the list has shown anything.
    let mut model = reader(80, 12);
    assert!(!model.list.painted.contains(&MessageId(4)));
    let effects = type_text(&mut model, &format!("{}pd", "j".repeat(16)));
    assert!(matches!(model.screen, Screen::Peek(_)));
    assert!(changes(&effects).is_empty());
    assert!(status(&model).contains("not on the screen yet"));
    paint(&mut model);
    let effects = press(&mut model, "d");
    assert_eq!(changes(&effects)[0].0, [4]);
}

#[test]
fn what_a_peek_leaves_on_the_server_is_what_it_shows_wherever_the_cursor_is() {
    let mut model = reader(80, 24);
    press(&mut model, "j");
    press(&mut model, "p");
    model.list.select(MessageId(17));
    paint(&mut model);
    let effects = press(&mut model, "L");
    assert_eq!(changes(&effects), [(vec![19], Change::Pinned(true))]);
}

#[test]
fn a_peek_ends_in_a_download_a_pin_or_a_question() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "p Enter");
    assert!(matches!(
        commands(&effects).last(),
        Some(Command::Open {
            id: MessageId(11),
            ..
        })
    ));
    press(&mut model, "q");
    let effects = press(&mut model, "p L");
    assert_eq!(changes(&effects), [(vec![11], Change::Pinned(true))]);
    assert!(matches!(model.screen, Screen::List));
    let effects = press(&mut model, "p d");
    assert!(changes(&effects).is_empty());
    assert!(matches!(model.overlay, Overlay::Confirm(_)));
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![11], Change::Delete(DeleteScope::Everywhere))]
    );
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn the_number_of_a_link_is_shown_once_whether_it_stands_in_the_text_or_not() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(20));
    let effects = press(&mut model, "Enter");
    let (ticket, width) = open_ticket(&effects);
    let mut shown = body(20, width);
    let linked = Span {
        text: "the minutes".to_owned(),
        link: Some(1),
        ..Span::default()
    };
    let number = Span {
        text: " [1]".to_owned(),
        style: SpanStyle {
            number: true,
            ..SpanStyle::default()
        },
        link: None,
    };
    let words = Span {
        text: " see [12]".to_owned(),
        ..Span::default()
    };
    let line = |numbered, spans| Line {
        numbered,
        spans,
        ..Line::default()
    };
    shown.lines = vec![
        line(false, vec![linked.clone()]),
        Line::default(),
        line(true, vec![linked, number, words]),
    ];
    let body = Arc::new(shown);
    event(&mut model, Event::Opened { ticket, body });
    paint(&mut model);
    let text = draw(&model);
    assert_eq!(text.matches("the minutes [1]").count(), 2, "{text}");
    assert_eq!(text.matches("[1]").count(), 2, "{text}");
    // What only looks like a number has the colour of the words beside it.
    let y = text.lines().position(|row| row.contains("[12]")).unwrap();
    let row = text.lines().nth(y).unwrap();
    let terminal = terminal(&model);
    let colour = |words: &str| {
        let column = row.find(words).unwrap();
        terminal.backend().buffer()[(column as u16, y as u16)].fg
    };
    assert_eq!(colour("[12]"), colour("see"));
    assert_ne!(colour("[1]"), colour("see"));
}

#[test]
fn leaving_a_message_on_the_server_takes_its_staged_deletion_back() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(18));
    let effects = press(&mut model, "D");
    assert_eq!(
        changes(&effects),
        [(vec![18], Change::Delete(DeleteScope::ServerOnly))]
    );
    for _ in 0..2 {
        model.list.select(MessageId(18));
        let effects = press(&mut model, "L");
        assert_eq!(changes(&effects), [(vec![18], Change::Pinned(true))]);
        assert!(
            status(&model).contains("Left on the server"),
            "{}",
            status(&model)
        );
        let row = model.list.rows.brief(MessageId(18)).unwrap();
        assert_eq!((row.server, row.reason), (Server::Present, None));
        press(&mut model, "D");
    }
    model.list.select(MessageId(18));
    press(&mut model, "L");
    let effects = press(&mut model, "z");
    assert_eq!(
        changes(&effects),
        [
            (vec![18], Change::Pinned(true)),
            (vec![18], Change::Delete(DeleteScope::ServerOnly))
        ]
    );
}

#[test]
fn the_preview_shows_what_is_here_and_downloads_nothing() {
    let mut model = reader(120, 40);
    let effects = update(&mut model, Msg::Timer(Timer::Preview(MessageId(20))));
    assert!(matches!(
        commands(&effects)[0],
        Command::Open {
            id: MessageId(20),
            ..
        }
    ));
    answer(&mut model, &effects, 20);
    assert!(draw(&model).contains("Agreed. Two things make it safe:"));
    press(&mut model, "j");
    let effects = update(&mut model, Msg::Timer(Timer::Preview(MessageId(19))));
    assert!(commands(&effects).is_empty());
    assert!(
        draw(&model).contains("Only the headers are here; the message (2.2M) is on the server.")
    );
}

#[test]
fn a_preview_of_which_nothing_is_here_is_not_downloaded_when_the_window_changes_its_size() {
    let mut model = reader(120, 40);
    let effects = update(&mut model, Msg::Timer(Timer::Preview(MessageId(20))));
    answer(&mut model, &effects, 20);
    press(&mut model, "j");
    assert_eq!(selected(&model), 19);
    let effects = update(&mut model, Msg::Resize(64, 40));
    assert!(model.has_preview() && commands(&effects).is_empty());
    // What is here is laid out anew.
    let effects = press(&mut model, "k");
    let (_, width) = open_ticket(&effects);
    assert!(width < 64, "{width}");
    assert_eq!(commands(&effects).len(), 1);
}

#[test]
fn deleting_in_the_reader_goes_on_to_the_next_message() {
    let mut model = reader(80, 24);
    let effects = press(&mut model, "Enter");
    answer(&mut model, &effects, 20);
    let effects = press(&mut model, "e");
    assert_eq!(
        changes(&effects),
        [(vec![20], Change::Move(Folder::Archive))]
    );
    assert_eq!(selected(&model), 19);
    assert!(matches!(
        commands(&effects).last(),
        Some(Command::Open {
            id: MessageId(19),
            ..
        })
    ));
}

/// The Files line of a message with these attachments.
fn files_line(columns: u16, files: &[(&str, u64)]) -> String {
    let mut model = reader(columns, 24);
    let effects = press(&mut model, "Enter");
    let (ticket, width) = open_ticket(&effects);
    let mut message = body(20, width);
    message.attachments = files
        .iter()
        .zip(2..)
        .map(|((name, octets), part)| Attachment {
            part,
            name: (*name).to_owned(),
            file_name: (*name).to_owned(),
            media_type: "application/octet-stream".to_owned(),
            octets: *octets,
            inline: false,
            warning: None,
        })
        .collect();
    let body = std::sync::Arc::new(message);
    event(&mut model, Event::Opened { ticket, body });
    let screen = draw(&model);
    let line = screen.lines().find(|line| line.starts_with(" Files"));
    line.unwrap_or_default().to_owned()
}

#[test]
fn the_files_line_keeps_its_keys_and_the_endings_of_names() {
    let three = [
        ("Quarterly report, final version.pdf", 2_202_009),
        ("plan.csv", 4_096),
        ("Minutes of the last meeting.docx", 88_000),
    ];
    assert_eq!(
        files_line(80, &three),
        " Files    [a1] Quarterly r….pdf   [a2] plan.csv   +1 more   A list   w save all"
    );
    let wide = files_line(120, &three);
    assert!(
        wide.contains("[a3] Minutes of the l….docx 88K   A list   w save all"),
        "{wide}"
    );
    assert_eq!(
        files_line(40, &three),
        " Files    3 files                A list"
    );
    let many = [("holiday picture number one.jpeg", 1_000_000); 9];
    let line = files_line(80, &many);
    assert!(line.contains(".jpeg") && line.contains("+7 more"), "{line}");
    for columns in (40..=200).step_by(3) {
        for files in [&three[..], &three[..1], &many[..]] {
            let line = files_line(columns, files);
            assert!(line.contains("A list"), "{columns}: {line}");
            assert!(poppet::mail::text::width(&line) <= columns.into());
        }
    }
}

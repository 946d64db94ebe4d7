//! What cannot be done to a message any more is not offered, and what is said of one stays true.

use std::sync::Arc;

use crate::fixtures::{beginning, commands, draw, event, mailbox, open_ticket, press, reader};
use crate::{changes, status};
use poppet::bridge::{Command, Event};
use poppet::mail::{Change, DeleteScope, Local, MessageId, MessageSummary, Server};
use poppet::ui::{Model, Overlay, Screen};

const GONE: &str = "it is no longer on the server, and there is no copy here";

/// The photos, of which only the headers are here, changed.
fn photos(change: impl FnOnce(&mut MessageSummary)) -> Event {
    let mut message = mailbox().remove(9);
    assert_eq!(message.id, MessageId(11));
    change(&mut message);
    Event::Changed {
        ticket: None,
        messages: vec![message],
    }
}

/// With the cursor on the photos, which were deleted on the server without a copy.
fn without_copy() -> Model {
    let mut model = reader(80, 24);
    event(&mut model, photos(|row| row.server = Server::Deleted));
    model.list.select(MessageId(11));
    crate::fixtures::paint(&mut model);
    model
}

#[test]
fn what_is_gone_for_good_can_be_neither_fetched_nor_left_nor_peeked_at() {
    for key in ["+", "L", "p"] {
        let mut model = without_copy();
        let effects = press(&mut model, key);
        assert!(commands(&effects).is_empty(), "{key}");
        assert!(status(&model).contains(GONE), "{key}: {}", status(&model));
        assert!(matches!(model.screen, Screen::List), "{key}");
    }
    // Among others it is left out.
    let mut model = without_copy();
    let effects = press(&mut model, "x x L");
    assert_eq!(changes(&effects), [(vec![10], Change::Pinned(true))]);
    // What is only here cannot be left on the server either.
    let mut model = reader(80, 24);
    let effects = press(&mut model, "G L");
    assert!(commands(&effects).is_empty());
    assert!(status(&model).contains("L: it is not on the server"));
}

#[test]
fn opening_what_is_gone_shows_what_is_here_of_it() {
    let mut model = without_copy();
    let effects = press(&mut model, "Enter");
    assert!(matches!(model.screen, Screen::Reader));
    assert!(matches!(commands(&effects)[..], [Command::Open { .. }]));
    let (ticket, width) = open_ticket(&effects);
    let body = Arc::new(beginning(11, width));
    event(&mut model, Event::Opened { ticket, body });
    let screen = draw(&model);
    assert!(
        screen.contains("deleted from the server, and there is no copy here"),
        "{screen}"
    );
    assert!(screen.contains("the roses came out after all."), "{screen}");
    assert!(!screen.contains("L leave"), "{screen}");
}

#[test]
fn a_peek_at_what_has_gone_meanwhile_offers_only_what_can_be_done() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    let effects = press(&mut model, "p");
    let (ticket, width) = open_ticket(&effects);
    let body = Arc::new(beginning(11, width));
    event(&mut model, Event::Opened { ticket, body });
    assert!(draw(&model).contains("Download"));
    event(&mut model, photos(|row| row.server = Server::Vanished));
    let screen = draw(&model);
    for word in [
        "Download",
        "Leave ",
        "on the server.",
        "more lines",
        "unknown",
    ] {
        assert!(!screen.contains(word), "{word}\n{screen}");
    }
    assert!(screen.contains("no longer on server"), "{screen}");
    for key in ["Enter", "L", "m"] {
        let effects = press(&mut model, key);
        assert!(commands(&effects).is_empty(), "{key}");
        assert!(status(&model).contains(GONE), "{key}: {}", status(&model));
    }
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![11], Change::Delete(DeleteScope::Everywhere))]
    );
    assert!(matches!(model.overlay, Overlay::None));
    assert!(matches!(model.screen, Screen::List));
}

#[test]
fn a_peek_says_of_attachments_what_the_list_says() {
    let mut model = reader(80, 24);
    model.list.select(MessageId(11));
    press(&mut model, "p");
    assert!(draw(&model).contains("has attachments; which ones shows when it is downloaded"));
    event(&mut model, photos(|row| row.attachments = 0));
    assert!(draw(&model).contains("attachments are unknown until it is downloaded"));
}

#[test]
fn the_question_before_a_loss_ends_when_nothing_would_be_lost_any_more() {
    let here = |row: &mut MessageSummary| row.local = Local::Full;
    for keys in ["d", "p d"] {
        let mut model = reader(80, 24);
        model.list.select(MessageId(11));
        press(&mut model, keys);
        assert!(draw(&model).contains("There is NO copy of it here"));
        event(&mut model, photos(|row| row.snippet = "x".to_owned()));
        assert!(matches!(model.overlay, Overlay::Confirm(_)));
        let effects = event(&mut model, photos(here));
        assert!(matches!(model.overlay, Overlay::None));
        assert!(
            effects
                .iter()
                .any(|effect| matches!(effect, poppet::ui::Effect::FlushInput))
        );
        assert!(!draw(&model).contains("NO copy"), "{}", draw(&model));
        assert!(
            status(&model).contains("Nothing would be lost any more"),
            "{}",
            status(&model)
        );
    }
}

#[test]
fn the_question_before_a_loss_counts_again_when_a_part_has_arrived() {
    let mut model = reader(80, 24);
    press(&mut model, "j x");
    model.list.select(MessageId(11));
    press(&mut model, "x d");
    assert!(draw(&model).contains("2 messages ("));
    press(&mut model, "Tab Tab");
    event(&mut model, photos(|row| row.local = Local::Full));
    let screen = draw(&model);
    assert!(
        screen.contains("\"Quarterly report attached\"")
            && !screen.contains("Photos from the garden\""),
        "{screen}"
    );
    // What was chosen was chosen for another question.
    let effects = press(&mut model, "Enter");
    assert!(changes(&effects).is_empty());
}

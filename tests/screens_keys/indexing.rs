//! What is said while the search index is being built anew.

use poppet::bridge::{Command, Event, Ticket};
use poppet::mail::MessageId;
use poppet::ui::Model;

use crate::fixtures::{commands, event, mailbox, press, reader, type_text};
use crate::status;

const PARTIAL: &str = "the index is not complete";

/// The index has found this message for what was asked last.
fn found(model: &mut Model, ticket: Ticket, id: i64) {
    let rows = mailbox().into_iter().filter(|row| row.id.0 == id);
    let rows = Event::Rows {
        ticket,
        offset: 0,
        rows: rows.collect(),
        complete: true,
    };
    event(model, rows);
}

#[test]
fn an_index_that_is_not_complete_is_told_where_words_are_looked_for() {
    let mut model = reader(80, 24);
    event(&mut model, Event::Reindexing { done: 0, total: 20 });
    let said = status(&model);
    assert!(
        said.contains("Searches find less while their index is built"),
        "{said}"
    );
    press(&mut model, "/");
    type_text(&mut model, "is:unread ");
    assert!(!status(&model).contains(PARTIAL), "{}", status(&model));
    let effects = type_text(&mut model, "ada");
    let Some(Command::Search { ticket, .. }) = commands(&effects).last() else {
        panic!("the index was not asked")
    };
    found(&mut model, *ticket, 7);
    assert!(status(&model).contains(PARTIAL), "{}", status(&model));
    assert_eq!(model.list.visible(), [MessageId(7)]);

    // Once it is complete, what is on the screen is looked for again.
    let effects = event(&mut model, Event::Reindexed);
    assert!(!status(&model).contains(PARTIAL), "{}", status(&model));
    let asks = |command: &Command| matches!(command, Command::Search { .. });
    assert!(commands(&effects).into_iter().any(asks), "{effects:?}");
    press(&mut model, "Esc");
    let said = status(&model);
    assert!(
        said.contains("The search index is complete again"),
        "{said}"
    );
}

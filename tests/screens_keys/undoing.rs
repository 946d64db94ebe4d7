//! Undo after the server has done what it was told: what cannot come back is not said to.

use crate::fixtures::{draw, event, mailbox, press, reader};
use crate::{changes, status};
use poppet::bridge::Event;
use poppet::mail::{Change, DeleteScope, Folder, MessageId, MessageSummary, Server};
use poppet::ui::Model;

/// What the engine tells of messages whose deletion was carried out, or not quite.
fn became(model: &mut Model, ids: &[i64], folder: Folder, server: Server) {
    let mut messages: Vec<MessageSummary> = mailbox();
    messages.retain(|row| ids.contains(&row.id.0));
    for row in &mut messages {
        row.folder = folder;
        row.server = server;
        row.reason = None;
    }
    let changed = Event::Changed {
        ticket: None,
        messages,
    };
    event(model, changed);
}

#[test]
fn undo_after_the_review_brings_back_what_is_here_and_says_that_the_servers_copy_is_gone() {
    let mut model = reader(80, 24);
    press(&mut model, "d");
    became(&mut model, &[20], Folder::Trash, Server::Deleted);
    let effects = press(&mut model, "z");
    assert!(changes(&effects).contains(&(vec![20], Change::Move(Folder::Inbox))));
    let said = status(&model);
    assert!(
        said.contains("The server's copy is gone; it is back from the Trash here"),
        "{said}"
    );
    assert!(!said.contains("Undone"), "{said}");
    let row = model.list.rows.brief(MessageId(20)).unwrap();
    assert_eq!(row.server, Server::Deleted);
    assert!(!model.staged.contains_key(&MessageId(20)));
    // Done again, it goes to the Trash, and nothing is staged that is not there.
    press(&mut model, "Z");
    assert!(!model.staged.contains_key(&MessageId(20)));
}

#[test]
fn undo_brings_nothing_back_of_a_message_that_was_only_on_the_server() {
    let mut model = reader(80, 24);
    press(&mut model, "j d");
    assert!(draw(&model).contains("Delete without a copy?"));
    press(&mut model, "d");
    became(&mut model, &[19], Folder::Trash, Server::Deleted);
    let effects = press(&mut model, "z");
    assert_eq!(changes(&effects), []);
    assert!(
        status(&model).contains("It was deleted on the server: nothing to undo"),
        "{}",
        status(&model)
    );
    assert!(!model.history.can_redo());
}

#[test]
fn undo_of_a_deletion_on_the_server_alone_is_over_once_it_was_carried_out() {
    let mut model = reader(80, 24);
    press(&mut model, "D");
    became(&mut model, &[20], Folder::Inbox, Server::Deleted);
    assert_eq!(changes(&press(&mut model, "z")), []);
    assert!(status(&model).contains("It was deleted on the server: nothing to undo"));
}

#[test]
fn undo_of_many_says_how_many_are_gone_and_unstages_the_others() {
    let mut model = reader(80, 24);
    press(&mut model, "x j x x d");
    let before = model.staged.len();
    became(&mut model, &[20], Folder::Trash, Server::Deleted);
    assert_eq!(model.staged.len(), before - 1);
    press(&mut model, "z");
    let said = status(&model);
    assert!(
        said.contains("Undone here: 3 messages; 1 gone on the server"),
        "{said}"
    );
}

#[test]
fn undo_while_the_outcome_is_open_says_that_the_next_check_tells() {
    let mut model = reader(80, 24);
    press(&mut model, "d");
    became(&mut model, &[20], Folder::Trash, Server::Unconfirmed);
    press(&mut model, "z");
    let said = status(&model);
    assert!(said.contains("the next check tells"), "{said}");
    // The check has told: it is there as before.
    press(&mut model, "Z");
    became(&mut model, &[20], Folder::Trash, Server::Present);
    press(&mut model, "z");
    assert!(status(&model).contains("Undone: Deleted"));
}

#[test]
fn what_is_only_staged_is_not_called_deleted() {
    let mut model = reader(80, 24);
    press(&mut model, "j D");
    assert!(draw(&model).contains("Delete without a copy?"));
    let effects = press(&mut model, "d");
    assert_eq!(
        changes(&effects),
        [(vec![19], Change::Delete(DeleteScope::ServerOnly))]
    );
    let said = status(&model);
    assert!(said.contains("Staged for deletion on the server"), "{said}");
}

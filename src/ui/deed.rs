//! What is done to messages: to those marked, or to the one under the cursor.

use super::action::Action;
use super::change::{inverse, predict};
use super::history::Deed;
use super::list::quick::ById;
use super::list::rows::set_of;
use super::model::{Model, NoteKind, Overlay, Screen, Work};
use super::{Effect, confirm, format, update};
use crate::bridge::{Command, Ticket};
use crate::mail::{
    Brief, Change, DeleteScope, Flags, Folder, Local, MessageId, MessageSummary, Server,
};

/// Does an action on messages. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let ids = targets(model);
    let all = |model: &Model, flag: Flags| {
        ids.iter()
            .filter_map(|id| model.list.rows.brief(*id))
            .all(|row| row.flags.has(flag))
    };
    match action {
        Action::Delete => delete(model, ids, DeleteScope::Everywhere, out),
        Action::DeleteServer => delete(model, ids, DeleteScope::ServerOnly, out),
        Action::Pin => {
            let staged = ids
                .iter()
                .filter_map(|id| model.list.rows.brief(*id))
                .any(|row| row.server == Server::DeleteWanted);
            let on = staged || !all(model, Flags::PINNED);
            let name = if on {
                "Left on the server:"
            } else {
                "No longer pinned:"
            };
            perform(model, name, ids, Change::Pinned(on), out);
        }
        Action::Star => {
            let on = !all(model, Flags::STARRED);
            let name = if on { "Starred" } else { "Star taken from" };
            perform(model, name, ids, Change::Starred(on), out);
        }
        Action::Read => perform(model, "Marked as read:", ids, Change::Seen(true), out),
        Action::Unread => {
            model.kept_unread.extend(ids.iter().copied());
            perform(model, "Marked as unread:", ids, Change::Seen(false), out);
        }
        Action::Archive => perform(model, "Archived", ids, Change::Move(Folder::Archive), out),
        Action::Undelete => undelete(model, ids, out),
        Action::Fetch => fetch(model, ids, out),
        Action::Undo => undo(model, out),
        Action::Redo => redo(model, out),
        _ => return false,
    }
    true
}

/// What an action is about: in the list the marked messages that are shown, or the one under the cursor; elsewhere the
/// open one.
pub fn targets(model: &Model) -> Vec<MessageId> {
    match model.screen {
        Screen::List => model.list.targets(),
        _ => model
            .current()
            .map(|message| message.id)
            .into_iter()
            .collect(),
    }
}

/// Changes messages: on the screen at once, in the store as soon as the engine has it. Can be undone.
pub fn perform(
    model: &mut Model,
    name: &str,
    ids: Vec<MessageId>,
    change: Change,
    out: &mut Vec<Effect>,
) {
    let before: Vec<Brief> = ids
        .iter()
        .filter_map(|id| model.list.rows.brief(*id))
        .copied()
        .collect();
    if before.is_empty() {
        return;
    }
    let first = before.first().and_then(|row| model.list.rows.row(row.id));
    let name = format!("{name} {}", in_words(before.len(), first));
    let inverse = inverse(&before, change);
    let tickets = apply(model, vec![(ids, change)], &before, out);
    model.say_done(name.clone());
    model.history.push(Deed {
        tickets,
        name,
        changes: vec![(before.iter().map(|row| row.id).collect(), change)],
        inverse,
        before,
    });
}

/// Changes messages without a word and without an entry in what can be undone: what reading does by itself.
pub fn quietly(model: &mut Model, id: MessageId, change: Change, out: &mut Vec<Effect>) {
    let Some(row) = model.list.rows.brief(id).copied() else {
        return;
    };
    apply(model, vec![(vec![id], change)], &[row], out);
}

/// Downloads messages.
pub fn fetch(model: &mut Model, ids: Vec<MessageId>, out: &mut Vec<Effect>) {
    let missing: Vec<MessageId> = ids
        .into_iter()
        .filter(|id| {
            model
                .list
                .rows
                .brief(*id)
                .is_some_and(|row| row.local != Local::Full)
        })
        .collect();
    let ticket = Ticket::new();
    model.under_way.insert(ticket, Work::Fetch(missing.len()));
    let text = format!(
        "Downloading {}",
        format::counted(missing.len() as u64, "message")
    );
    model.say(NoteKind::Plain, text);
    out.push(Effect::Send(Command::Fetch {
        ticket,
        ids: missing,
    }));
}

/// The engine refused a change: everything is as it was.
pub fn take_back(model: &mut Model, ticket: Ticket) {
    if let Some(before) = model.unconfirmed.remove(&ticket) {
        for row in &before {
            stage(model, row);
        }
        model.list.take_briefs(before);
        model.history.forget(ticket);
    }
}

/// A few messages in words: `"Dinner on Sunday?"`, or `3 messages`.
pub fn what(rows: &[MessageSummary]) -> String {
    in_words(rows.len(), rows.first())
}

fn in_words(n: usize, first: Option<&MessageSummary>) -> String {
    match first.filter(|_| n == 1) {
        Some(one) if one.subject.is_empty() => "a message without subject".to_owned(),
        Some(one) => format!("\"{}\"", crate::mail::text::truncate(&one.subject, 40)),
        None => format::counted(n as u64, "message"),
    }
}

fn delete(model: &mut Model, ids: Vec<MessageId>, scope: DeleteScope, out: &mut Vec<Effect>) {
    let seen = |id: &MessageId| model.list.marks.contains(*id) || model.list.painted.contains(id);
    if !ids.iter().all(seen) {
        model.refuse("That message was not on the screen yet: press again");
        return;
    }
    let lost: Vec<Brief> = ids
        .iter()
        .filter_map(|id| model.list.rows.brief(*id))
        .filter(|row| {
            row.local != Local::Full && matches!(row.server, Server::Present | Server::DeleteWanted)
        })
        .copied()
        .collect();
    if lost.is_empty() {
        stage_deletion(model, ids, scope, out);
    } else {
        let question = confirm::without_copy(model, &lost, ids, scope);
        update::open_overlay(model, Overlay::Confirm(question), out);
    }
}

/// Stages a deletion, with the word that belongs to it.
pub fn stage_deletion(
    model: &mut Model,
    ids: Vec<MessageId>,
    scope: DeleteScope,
    out: &mut Vec<Effect>,
) {
    let name = match scope {
        DeleteScope::Everywhere => "Deleted",
        DeleteScope::ServerOnly => "Staged for deletion on the server:",
        DeleteScope::LocalOnly => "Deleted here:",
    };
    perform(model, name, ids, Change::Delete(scope), out);
}

fn undelete(model: &mut Model, ids: Vec<MessageId>, out: &mut Vec<Effect>) {
    let wanted: Vec<MessageId> = ids
        .into_iter()
        .filter(|id| {
            model.list.rows.brief(*id).is_some_and(|row| {
                row.folder == Folder::Trash || row.server == Server::DeleteWanted
            })
        })
        .collect();
    perform(model, "Taken back:", wanted, Change::Undelete, out);
}

fn undo(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(deed) = model.history.undo() else {
        return;
    };
    let Deed {
        name,
        inverse,
        before,
        ..
    } = deed.clone();
    for row in &before {
        stage(model, row);
    }
    let first = before.first().map(|row| row.id);
    let rows = before
        .iter()
        .filter_map(|row| model.list.rows.brief(row.id));
    let until_now: Vec<Brief> = rows.copied().collect();
    model.list.take_briefs(before);
    send(model, inverse, &until_now, out);
    if let Some(id) = first {
        model.list.select(id);
    }
    model.say(NoteKind::Done, format!("Undone: {name}"));
    if let Some(note) = &mut model.note {
        note.hint = "Z redo";
    }
}

fn redo(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(deed) = model.history.redo() else {
        return;
    };
    let Deed {
        name,
        changes,
        before,
        ..
    } = deed.clone();
    apply(model, changes, &before, out);
    model.say_done(name);
}

fn apply(
    model: &mut Model,
    changes: Vec<(Vec<MessageId>, Change)>,
    before: &[Brief],
    out: &mut Vec<Effect>,
) -> Vec<Ticket> {
    let mut after = before.to_vec();
    for (ids, change) in &changes {
        let ids = set_of(ids);
        for row in after.iter_mut().filter(|row| ids.contains(&row.id)) {
            predict(row, *change);
        }
    }
    for row in &after {
        stage(model, row);
    }
    model.list.take_briefs(after);
    send(model, changes, before, out)
}

/// Tells the engine, of many messages in parts: each is all or nothing, and taken back by itself if it is refused.
fn send(
    model: &mut Model,
    changes: Vec<(Vec<MessageId>, Change)>,
    before: &[Brief],
    out: &mut Vec<Effect>,
) -> Vec<Ticket> {
    let few = before.len() <= AT_ONCE;
    let parts: Vec<Vec<(Vec<MessageId>, Change)>> = if few {
        vec![changes]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect()
    } else {
        let parts = changes.iter().flat_map(|(ids, change)| {
            let parts = ids.chunks(AT_ONCE);
            parts.map(|part| vec![(part.to_vec(), *change)])
        });
        parts.collect()
    };
    let rows: ById<Brief> = before.iter().map(|row| (row.id, *row)).collect();
    let mut tickets = Vec::new();
    for changes in parts {
        let ticket = Ticket::new();
        let ids = changes.iter().flat_map(|(ids, _)| ids);
        let concerned = ids.filter_map(|id| rows.get(id)).copied();
        model.unconfirmed.insert(ticket, concerned.collect());
        out.push(Effect::Send(Command::Change { ticket, changes }));
        tickets.push(ticket);
    }
    tickets
}

fn stage(model: &mut Model, row: &Brief) {
    if row.server == Server::DeleteWanted {
        model.staged.insert(row.id, row.octets);
    } else {
        model.staged.remove(&row.id);
    }
}

/// So many messages are changed in one transaction.
const AT_ONCE: usize = 1_000;

//! What is done to messages: to those marked, or to the one under the cursor.

use super::action::Action;
use super::change::{inverse, predict};
use super::history::Deed;
use super::list::quick::{ById, Ids};
use super::list::rows::set_of;
use super::model::{Model, NoteKind, Overlay, Screen, Work};
use super::{Effect, confirm, format, undo, update};
use crate::bridge::{Command, Ticket};
use crate::mail::{
    AccountId, Brief, Change, DeleteScope, Flags, Folder, Local, MessageId, MessageSummary, Server,
};

/// Does an action on messages. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let ids = targets(model);
    match action {
        Action::Delete => delete(model, ids, DeleteScope::Everywhere, out),
        Action::DeleteServer => delete(model, ids, DeleteScope::ServerOnly, out),
        Action::Pin => pin(model, &ids, out),
        Action::Star => {
            let on = !all_have(model, &ids, Flags::STARRED);
            let name = if on { "Starred" } else { "Star taken from" };
            perform(model, name, &ids, Change::Starred(on), out);
        }
        Action::Read => perform(model, "Marked as read:", &ids, Change::Seen(true), out),
        Action::Unread => {
            model.kept_unread.extend(ids.iter().copied());
            perform(model, "Marked as unread:", &ids, Change::Seen(false), out);
        }
        Action::Archive => perform(model, "Archived", &ids, Change::Move(Folder::Archive), out),
        Action::Undelete => undelete(model, ids, out),
        Action::Fetch => fetch(model, ids, out),
        Action::Undo => undo::undo(model, out),
        Action::Redo => undo::redo(model, out),
        _ => return false,
    }
    true
}

/// Whether an action is done to the messages that are marked.
fn is_deed(action: Action) -> bool {
    matches!(
        action,
        Action::Delete
            | Action::DeleteServer
            | Action::Pin
            | Action::Star
            | Action::Read
            | Action::Unread
            | Action::Archive
            | Action::Undelete
            | Action::Fetch
    )
}

/// Closes an open range before something is done: what is drawn as marked is what it is done to. Whether a person can
/// have meant all of it.
pub fn close_range(model: &mut Model, action: Action) -> bool {
    if !is_deed(action) || !matches!(model.screen, Screen::List) || model.list.range.is_none() {
        return true;
    }
    let seen = model.list.range_was_seen(model.panes().rows.height.into());
    model.list.close_range();
    model.note = None;
    seen || !matches!(action, Action::Delete | Action::DeleteServer)
}

/// Leaves messages on the server whatever the rules say, or to the rules again.
pub fn pin(model: &mut Model, ids: &[MessageId], out: &mut Vec<Effect>) {
    let rows = ids.iter().filter_map(|id| model.list.rows.brief(*id));
    let there: Vec<&Brief> = rows.filter(|row| row.on_server()).collect();
    let staged = there.iter().any(|row| row.server == Server::DeleteWanted);
    let on = staged || !there.iter().all(|row| row.flags.has(Flags::PINNED));
    let ids: Vec<MessageId> = there.iter().map(|row| row.id).collect();
    let name = if on {
        "Left on the server:"
    } else {
        "No longer pinned:"
    };
    perform(model, name, &ids, Change::Pinned(on), out);
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
    ids: &[MessageId],
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
    let what = in_words(before.len(), first);
    let account = model.list.account.clone();
    let name = carry_out(model, (name, what), (before, account), change, out);
    model.say_done(name);
}

/// The same for a message of another screen, which need not be in the list. What is said of it is for that screen to say.
pub fn perform_on(
    model: &mut Model,
    name: &str,
    row: &MessageSummary,
    change: Change,
    out: &mut Vec<Effect>,
) {
    let what = in_words(1, Some(row));
    let before = (vec![Brief::from(row)], Some(row.account.clone()));
    carry_out(model, (name, what), before, change, out);
}

fn carry_out(
    model: &mut Model,
    (word, what): (&str, String),
    (before, account): (Vec<Brief>, Option<AccountId>),
    change: Change,
    out: &mut Vec<Effect>,
) -> String {
    let mut deed = Deed {
        tickets: Vec::new(),
        word: word.to_owned(),
        what,
        changes: vec![(before.iter().map(|row| row.id).collect(), change)],
        inverse: inverse(&before, change),
        before,
        gone: Ids::default(),
        account,
    };
    deed.tickets = apply(model, &deed, out);
    let name = deed.name();
    // What cannot be taken back is not among what can be.
    if !deed.inverse.is_empty() {
        model.history.push(deed);
    }
    name
}

/// Changes messages without a word and without an entry in what can be undone: what reading does by itself.
pub fn quietly(model: &mut Model, id: MessageId, change: Change, out: &mut Vec<Effect>) {
    let Some(row) = model.list.rows.brief(id).copied() else {
        return;
    };
    let mut after = row;
    predict(&mut after, change);
    stage(model, &after);
    model.list.take_briefs(vec![after]);
    let account = model.list.account.clone();
    send(model, &[(vec![id], change)], &[row], account.as_ref(), out);
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
                .is_none_or(|row| row.local != Local::Full)
        })
        .collect();
    if missing.is_empty() {
        model.refuse("It is all here already");
        return;
    }
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
    if let Some((before, account)) = model.unconfirmed.remove(&ticket) {
        for row in &before {
            stage(model, row);
        }
        let ids = before.iter().map(|row| row.id).collect();
        model.list.take_back(before, account.as_ref());
        model.history.refused(ticket, &ids);
    }
}

/// A few messages in words: `"Dinner on Sunday?"`, or `3 messages`.
pub fn what(rows: &[MessageSummary]) -> String {
    in_words(rows.len(), rows.first())
}

pub(super) fn in_words(n: usize, first: Option<&MessageSummary>) -> String {
    match first.filter(|_| n == 1) {
        Some(one) if one.subject.is_empty() => "a message without subject".to_owned(),
        Some(one) => format!("\"{}\"", crate::mail::text::truncate(&one.subject, 40)),
        None => format::counted(n as u64, "message"),
    }
}

fn all_have(model: &Model, ids: &[MessageId], flag: Flags) -> bool {
    ids.iter()
        .filter_map(|id| model.list.rows.brief(*id))
        .all(|row| row.flags.has(flag))
}

fn delete(model: &mut Model, ids: Vec<MessageId>, scope: DeleteScope, out: &mut Vec<Effect>) {
    if !ids.iter().all(|id| model.list.was_seen(*id)) {
        model.refuse(UNSEEN);
        return;
    }
    let lost = lost(model, &ids);
    if lost.is_empty() {
        stage_deletion(model, &ids, scope, out);
    } else {
        let question = confirm::without_copy(model, &lost, ids, scope);
        update::open_overlay(model, Overlay::Confirm(question), out);
    }
}

/// Those messages of which the server has the only copy.
pub fn lost(model: &Model, ids: &[MessageId]) -> Vec<Brief> {
    ids.iter()
        .filter_map(|id| model.list.rows.brief(*id))
        .filter(|row| {
            row.local != Local::Full && matches!(row.server, Server::Present | Server::DeleteWanted)
        })
        .copied()
        .collect()
}

/// Stages a deletion, with the word that belongs to it.
pub fn stage_deletion(
    model: &mut Model,
    ids: &[MessageId],
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
                row.folder == Folder::Trash
                    || matches!(row.server, Server::DeleteWanted | Server::Unconfirmed)
            })
        })
        .collect();
    perform(model, "Taken back:", &wanted, Change::Undelete, out);
}

pub(super) fn apply(model: &mut Model, deed: &Deed, out: &mut Vec<Effect>) -> Vec<Ticket> {
    let after = after(deed);
    for row in &after {
        stage(model, row);
    }
    let account = deed.account.as_ref();
    model.list.take_back(after, account);
    send(model, &deed.changes, &deed.before, account, out)
}

/// The rows as they are once it is done.
pub(super) fn after(deed: &Deed) -> Vec<Brief> {
    let mut after = deed.before.clone();
    for (ids, change) in &deed.changes {
        let ids = set_of(ids);
        for row in after.iter_mut().filter(|row| ids.contains(&row.id)) {
            predict(row, *change);
        }
    }
    after
}

/// Tells the engine, of many messages in parts: each is all or nothing, and taken back by itself if it is refused. All that
/// becomes of a message is in one part.
pub(super) fn send(
    model: &mut Model,
    changes: &[(Vec<MessageId>, Change)],
    before: &[Brief],
    account: Option<&AccountId>,
    out: &mut Vec<Effect>,
) -> Vec<Ticket> {
    let rows = before.iter().enumerate();
    let part_of: ById<usize> = rows.map(|(n, row)| (row.id, n / AT_ONCE)).collect();
    let mut parts = vec![Vec::new(); before.len().div_ceil(AT_ONCE)];
    for (ids, change) in changes {
        for one in ids.chunk_by(|a, b| part_of.get(a) == part_of.get(b)) {
            let part = one.first().and_then(|id| part_of.get(id));
            if let Some(part) = part.and_then(|part| parts.get_mut(*part)) {
                part.push((one.to_vec(), *change));
            }
        }
    }
    let mut tickets = Vec::new();
    for (changes, concerned) in parts.into_iter().zip(before.chunks(AT_ONCE)) {
        if changes.is_empty() {
            continue;
        }
        let ticket = Ticket::new();
        let concerned = (concerned.to_vec(), account.cloned());
        model.unconfirmed.insert(ticket, concerned);
        out.push(Effect::Send(Command::Change { ticket, changes }));
        tickets.push(ticket);
    }
    tickets
}

pub(super) fn stage(model: &mut Model, row: &Brief) {
    if row.server == Server::DeleteWanted {
        model.staged.insert(row.id, row.octets);
    } else {
        model.staged.remove(&row.id);
    }
}

/// Why what came since the last frame is not deleted.
pub const UNSEEN: &str = "That message was not on the screen yet: press again";
/// So many messages are changed in one transaction.
const AT_ONCE: usize = 1_000;

//! What the engine tells, taken into the model.

use std::fmt::Write as _;

use super::model::{Model, Note, NoteKind, Overlay, Screen, Work};
use super::update::STOPPING;
use super::{Effect, confirm, deed, files, format, list, peek, reader, review, wizard};
use crate::bridge::{AccountState, Event, SyncStep, Ticket};
use crate::mail::{AccountId, MessageSummary, Problem, Server};

/// Takes in what has become true: first whoever waits for it by its ticket, then what everybody needs to know.
pub fn take(model: &mut Model, event: Event, out: &mut Vec<Effect>) {
    review::event(model, &event, out);
    // What the wizard asked for is told in the wizard, and nowhere else.
    let in_wizard = wizard::owns(model, &event);
    wizard::event(model, &event, out);
    if in_wizard {
        return;
    }
    peek::event(model, &event, out);
    reader::event(model, &event, out);
    super::mailbox::event(model, &event, out);
    know(model, event, out);
    confirm::keep_true(model, out);
}

fn know(model: &mut Model, event: Event, out: &mut Vec<Effect>) {
    match event {
        Event::Rows {
            ticket,
            rows,
            complete,
            ..
        } => {
            note_staged(model, &rows);
            list::ask::rows(model, ticket, rows, complete);
        }
        Event::Briefs {
            ticket,
            rows,
            keys,
            complete,
        } => list::ask::briefs(model, ticket, rows, keys, complete),
        Event::Summaries { messages, .. } => {
            if let Some(aside) = &mut model.aside {
                aside.fill_in(messages.clone());
            }
            model.list.fill_in(messages);
        }
        Event::Found { ticket, ids } => list::ask::found(model, ticket, ids),
        Event::Thread { ticket, branches } => list::ask::thread(model, ticket, &branches),
        Event::Arrived { messages } => arrived(model, messages, out),
        Event::Changed { ticket, messages } => {
            note_staged(model, &messages);
            if let Some(ticket) = ticket {
                model.unconfirmed.remove(&ticket);
            }
            model.history.learn(&messages);
            changed(model, messages);
        }
        Event::Merged { ids } => {
            model.list.drop_rows(&ids);
            if let Some(aside) = &mut model.aside {
                aside.drop_rows(&ids);
            }
            for id in &ids {
                model.staged.remove(id);
            }
        }
        Event::Pending { deletions, .. } => {
            model.staged = deletions
                .iter()
                .map(|deletion| (deletion.message.id, deletion.message.octets))
                .collect();
        }
        Event::Applied {
            ticket,
            deleted,
            unconfirmed,
            refused,
        } => {
            model.under_way.remove(&ticket);
            for id in &deleted {
                model.staged.remove(id);
            }
            applied(model, deleted.len(), unconfirmed.len(), refused.len());
        }
        Event::Saved { ticket, files } => files::saved(model, ticket, files, out),
        Event::Account(state) => account(model, *state),
        Event::Synced { account, step, .. } => synced(model, &account, &step),
        Event::Done { ticket } => {
            model.looked_for.answered(ticket, true);
            if let Some(Work::Fetch(n @ 1..)) = model.under_way.remove(&ticket) {
                model.say(
                    NoteKind::Done,
                    format!("Downloaded {}", format::counted(n as u64, "message")),
                );
            }
        }
        Event::Failed {
            ticket,
            account,
            problem,
        } => failed(model, ticket, account, problem, out),
        Event::Reindexing { .. } => {
            model.reindexing = true;
            model.say(
                NoteKind::Plain,
                "Searches find less while their index is built",
            );
        }
        Event::Reindexed => {
            model.reindexing = false;
            // What is on the screen may not be all.
            model.list.find.mail_changed();
            model.say(NoteKind::Done, "The search index is complete again");
        }
        Event::Opened { .. } | Event::Tested { .. } | Event::Foretold { .. } => {}
    }
}

fn arrived(model: &mut Model, messages: Vec<MessageSummary>, out: &mut Vec<Effect>) {
    let fresh = messages
        .iter()
        .filter(|message| model.list.holds(message) && list::rows::is_unread(message))
        .count();
    note_staged(model, &messages);
    take_aside(model, &messages);
    model.list.take(messages);
    model.list.find.mail_changed();
    model.new += fresh;
    if fresh > 0 && !model.focused && model.list.loaded {
        out.push(Effect::Notify(model.new));
    }
}

/// Rows that change may come into the list, leave it, or stay.
fn changed(model: &mut Model, messages: Vec<MessageSummary>) {
    take_aside(model, &messages);
    model.list.take(messages);
}

fn take_aside(model: &mut Model, messages: &[MessageSummary]) {
    if let Some(aside) = &mut model.aside {
        aside.take(messages.to_vec());
    }
}

fn note_staged(model: &mut Model, messages: &[MessageSummary]) {
    for message in messages {
        if message.server == Server::DeleteWanted {
            model.staged.insert(message.id, message.octets);
        } else {
            model.staged.remove(&message.id);
        }
    }
}

fn account(model: &mut Model, state: AccountState) {
    let before = model
        .account(&state.account)
        .and_then(|known| known.checked);
    let listed = state.problem.is_none() && state.checked != before;
    let let_in = model
        .trying
        .take_if(|(_, tried)| listed && *tried == state.account);
    if let Some((_, account)) = let_in {
        model.say(NoteKind::Done, format!("{account}: the password is right"));
    }
    match model
        .accounts
        .iter_mut()
        .find(|known| known.account == state.account)
    {
        Some(known) => *known = state,
        None => model.accounts.push(state),
    }
    // Work that nobody asked for ends without a word of its own.
    let stopping = |note: &Note| note.text == STOPPING;
    if model.note.as_ref().is_some_and(stopping) && !model.can_stop() {
        model.say(NoteKind::Plain, STOPPED);
    }
}

/// What is said when it has stopped.
const STOPPED: &str = "Stopped; what was done is kept";

fn synced(model: &mut Model, account: &AccountId, step: &SyncStep) {
    if matches!(step, SyncStep::Done(_))
        && model
            .trying
            .as_ref()
            .is_some_and(|(_, tried)| tried == account)
    {
        model.trying = None;
    }
    let text = match step {
        SyncStep::Done(report) if report.summaries == 0 && report.deleted == 0 => {
            "No new mail".to_owned()
        }
        SyncStep::Done(report) if report.deleted == 0 => {
            format!("{} new", format::count(report.summaries))
        }
        SyncStep::Done(report) => format!(
            "{} new, {} deleted on the server",
            format::count(report.summaries),
            format::count(report.deleted)
        ),
        _ => return,
    };
    let text = if model.accounts.len() > 1 {
        format!("{account}: {text}")
    } else {
        text
    };
    model.say(NoteKind::Done, text);
}

fn applied(model: &mut Model, deleted: usize, unconfirmed: usize, refused: usize) {
    let mut text = format!(
        "{} deleted on the server",
        format::counted(deleted as u64, "message")
    );
    if unconfirmed > 0 {
        let _ = write!(text, ", {unconfirmed} unconfirmed until the next check");
    }
    if refused > 0 {
        let _ = write!(text, ", {refused} not: see $");
    }
    let kind = if refused > 0 {
        NoteKind::Failed
    } else {
        NoteKind::Done
    };
    model.say(kind, text);
}

fn failed(
    model: &mut Model,
    ticket: Option<Ticket>,
    account: Option<AccountId>,
    problem: Problem,
    out: &mut Vec<Effect>,
) {
    let unkept = model
        .trying
        .take_if(|(asked, _)| Some(*asked) == ticket)
        .map(|(_, account)| account);
    let password = model
        .trying
        .take_if(|(_, tried)| Some(&*tried) == account.as_ref())
        .is_some();
    if let Some(ticket) = ticket {
        model.looked_for.answered(ticket, false);
        list::ask::failed(model, ticket);
        model.under_way.remove(&ticket);
        deed::take_back(model, ticket);
    }
    if problem.is_stopped() {
        model.say(NoteKind::Plain, STOPPED);
        return;
    }
    if let (true, Some(account)) = (problem.wants_password(), &account) {
        return super::panel::want(model, account.clone(), problem);
    }
    let what = match &account {
        Some(account) if model.accounts.len() > 1 => format!("{account}: {}", problem.what),
        _ => problem.what.clone(),
    };
    model.say(NoteKind::Failed, what);
    let first = model.log.add(account.clone(), problem.clone(), model.now);
    let quiet = is_quiet(model);
    // Whoever typed a password wants to hear of it, however often it is the wrong one.
    if let Some(account) = unkept {
        return super::panel::open_unkept(model, account, problem, out);
    }
    if quiet && (password || first && problem.kind == crate::mail::Kind::Login) {
        match account {
            Some(account) => super::panel::open_for(model, account, problem, out),
            None => super::panel::open(model, problem),
        }
    }
}

/// Whether a question may come by itself: keys that are meant for a search would be taken for answers.
pub fn is_quiet(model: &Model) -> bool {
    matches!(model.overlay, Overlay::None)
        && !model.list.find.editing
        && matches!(model.screen, Screen::List | Screen::Reader)
}

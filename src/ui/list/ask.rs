//! What a list asks of the engine, and what it does with the answers.

use super::List;
use super::rows::Rows;
use crate::bridge::{Command, Ticket};
use crate::mail::{Branch, Brief, MessageId, MessageSummary, Needles, Query};
use crate::ui::Effect;
use crate::ui::model::Model;

/// Asks for the rows of the list.
pub fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let ticket = Ticket::new();
    model.list.asked = Some(ticket);
    model.list.rows = Rows::new(model.list.sort, model.list.reverse);
    let request = model.list.request(Query::default());
    out.push(Effect::Send(Command::List { ticket, request }));
}

/// Asks the index for what is typed now. A question before this one ends with it.
pub fn search(model: &mut Model, out: &mut Vec<Effect>) {
    if model.list.find.input.value().trim().is_empty() {
        model.list.find.needles = Needles::default();
        return;
    }
    let offset = offset_seconds(model);
    let text = open_ended(model.list.find.input.value());
    let (query, mistake) = Query::parse_lenient(&text, model.now, offset);
    model.list.find.mistake = mistake;
    model.list.find.needles = query.needles();
    let ticket = Ticket::new();
    model.list.find.ask(ticket);
    let request = model.list.request(query);
    out.push(Effect::Send(Command::Search { ticket, request }));
}

/// Takes rows that were asked for, in full.
pub fn rows(model: &mut Model, ticket: Ticket, rows: Vec<MessageSummary>, complete: bool) {
    let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
    if let Some(list) = asker(model, ticket) {
        list.read(rows, list.asked == Some(ticket));
        part(list, ticket, ids, complete);
    }
}

/// The same in brief.
pub fn briefs(
    model: &mut Model,
    ticket: Ticket,
    rows: Vec<Brief>,
    keys: Vec<Box<str>>,
    complete: bool,
) {
    let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
    if let Some(list) = asker(model, ticket) {
        list.read_briefs(rows, keys, list.asked == Some(ticket));
        part(list, ticket, ids, complete);
    }
}

/// A part of a list, or of an answer of the index, has been taken in.
fn part(list: &mut List, ticket: Ticket, ids: Vec<MessageId>, complete: bool) {
    if list.asked == Some(ticket) {
        list.loaded = true;
        if complete {
            list.complete();
        }
        list.come_back(complete);
    } else if list.find.asked == Some(ticket) {
        list.found(ids, complete);
    }
}

/// Takes all that the index found.
pub fn found(model: &mut Model, ticket: Ticket, ids: Vec<MessageId>) {
    let asker = asker(model, ticket);
    if let Some(list) = asker.filter(|list| list.find.asked == Some(ticket)) {
        list.found(ids, true);
    }
}

/// Takes the tree of a thread.
pub fn thread(model: &mut Model, ticket: Ticket, branches: &[Branch]) {
    if let Some(list) = asker(model, ticket) {
        list.unfold(ticket, branches);
    }
}

/// Rows that were asked for will not come: the list shows what it has, and asks again for texts when it is next looked at.
pub fn failed(model: &mut Model, ticket: Ticket) {
    if let Some(aside) = &mut model.aside {
        aside.rows.texts.give_up();
    }
    model.list.rows.texts.give_up();
    let Some(list) = asker(model, ticket) else {
        return;
    };
    if list.asked == Some(ticket) {
        list.give_up();
    }
    if list.find.asked == Some(ticket) {
        list.find.give_up();
    }
    if let Some(threads) = &mut list.threads {
        threads.give_up(ticket);
    }
}

/// The list that waits for this answer: the one that is shown, or the one from which a search was widened to all mail.
fn asker(model: &mut Model, ticket: Ticket) -> Option<&mut List> {
    let lists = [Some(&mut model.list), model.aside.as_deref_mut()];
    let mut lists = lists.into_iter().flatten();
    lists.find(|list| list.waits_for(ticket))
}

/// Asks for what is about to be seen: the texts of rows, the trees of threads that were unfolded, and what is looked for,
/// where mail has come since.
pub fn ask_for_missing(model: &mut Model, out: &mut Vec<Effect>) {
    if model.list.find.is_stale() {
        search(model, out);
    }
    if let Some(threads) = &mut model.list.threads {
        let mut ticket = Ticket::new();
        while let Some(thread) = threads.wanted(ticket) {
            out.push(Effect::Send(Command::Thread { ticket, thread }));
            ticket = Ticket::new();
        }
    }
    let ids = model.list.missing(model.panes().rows.height.into());
    if !ids.is_empty() {
        let ticket = Ticket::new();
        out.push(Effect::Send(Command::Summaries { ticket, ids }));
    }
}

/// What is typed, with the last word open at its end: it may not be finished.
fn open_ended(text: &str) -> String {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let last = match last.split_once(':') {
        Some((field, value)) if Query::has_text_field(field) => value,
        _ => last,
    };
    let plain = last.chars().count() > 1
        && last.chars().all(char::is_alphanumeric)
        && !last.eq_ignore_ascii_case("or");
    if plain {
        format!("{text}*")
    } else {
        text.to_owned()
    }
}

fn offset_seconds(model: &Model) -> i32 {
    jiff::Timestamp::from_second(model.now.0).map_or(0, |now| model.zone().to_offset(now).seconds())
}

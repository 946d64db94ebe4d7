use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::backend::crossterm::EventHandler;

use super::rows::{Rows, is_unread};
use super::{List, Place};
use crate::bridge::{Command, Sort, Ticket};
use crate::mail::{Flags, Local, MessageId, MessageSummary, Query};
use crate::ui::action::Action;
use crate::ui::model::{Model, NoteKind, Screen};
use crate::ui::msg::Timer;
use crate::ui::{Effect, format, peek, reader};

/// Does an action of the list. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let page = isize::try_from(model.panes().rows.height.max(1)).unwrap_or(1);
    let list = &mut model.list;
    match action {
        Action::Down | Action::Next => at_edge(model, 1),
        Action::Up | Action::Previous => at_edge(model, -1),
        Action::HalfDown => at_edge(model, (page / 2).max(1)),
        Action::HalfUp => at_edge(model, -(page / 2).max(1)),
        Action::PageDown => at_edge(model, page),
        Action::PageUp => at_edge(model, -page),
        Action::First => list.select_at(0),
        Action::Last => list.select_at(usize::MAX),
        Action::NextUnread => next_unread(model, true),
        Action::PreviousUnread => next_unread(model, false),
        Action::Open => open(model, out),
        Action::PeekAt => {
            if let Some(id) = list.selected() {
                peek::open(model, id, out);
            }
        }
        Action::Mark => {
            if let Some(id) = list.selected() {
                if !list.marks.remove(&id) {
                    list.marks.insert(id);
                }
                list.step(1);
            }
        }
        Action::MarkRange => range(model),
        Action::MarkAll => mark_where(list, |_| true),
        Action::MarkNone => list.marks.clear(),
        Action::MarkRead => mark_where(list, |row| !is_unread(row)),
        Action::MarkUnread => mark_where(list, is_unread),
        Action::MarkStarred => mark_where(list, |row| row.flags.has(Flags::STARRED)),
        Action::Escape => escape(model),
        Action::Find => list.begin_find(),
        Action::NextMatch => next_match(model, true),
        Action::PreviousMatch => next_match(model, false),
        Action::SortDate => sort(model, Sort::Date),
        Action::SortSize => sort(model, Sort::Size),
        Action::SortFrom => sort(model, Sort::From),
        Action::SortSubject => sort(model, Sort::Subject),
        _ => return false,
    }
    true
}

/// Takes a key into the search field, where one is open. Whether it did.
pub fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) -> bool {
    if !model.list.find.editing {
        return false;
    }
    match (key.code, key.modifiers) {
        (KeyCode::Tab, _) => widen(model, out),
        (KeyCode::Esc, _) => end_find(model),
        (KeyCode::Enter, _) => {
            model.list.find.editing = false;
            if model.list.find.words().is_empty() && !model.list.find.answered {
                end_find(model);
            }
        }
        (KeyCode::Down, _) => {
            model.list.step(1);
        }
        (KeyCode::Up, _) => {
            model.list.step(-1);
        }
        (KeyCode::Char('c' | 'z' | 'l' | 'p' | 'r'), KeyModifiers::CONTROL)
        | (KeyCode::F(_), _) => return false,
        (KeyCode::Backspace, _) if model.list.find.input.value().is_empty() => {
            end_find(model);
        }
        _ => {
            let before = model.list.find.input.value().to_owned();
            model
                .list
                .find
                .input
                .handle_event(&crossterm::event::Event::Key(key));
            if before != model.list.find.input.value() {
                typed(model, out);
            }
        }
    }
    true
}

/// Takes pasted text into the search field, where one is open. Whether it did.
pub fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) -> bool {
    if !model.list.find.editing {
        return false;
    }
    let value = format!(
        "{}{}",
        model.list.find.input.value(),
        crate::mail::safe::line(text)
    );
    model.list.find.input = tui_input::Input::new(value);
    typed(model, out);
    true
}

/// To the next or previous match, from a message that is open. Whether that was the action.
pub fn search_on(model: &mut Model, action: Action) -> bool {
    match action {
        Action::NextMatch => next_match(model, true),
        Action::PreviousMatch => next_match(model, false),
        _ => return false,
    }
    true
}

/// Asks the index, after a pause in typing; not if there was another key since.
pub fn search(model: &mut Model, typed: u64, out: &mut Vec<Effect>) {
    if model.list.find.typed != typed || model.list.find.input.value().trim().is_empty() {
        return;
    }
    let offset = offset_seconds(model);
    let text = open_ended(model.list.find.input.value());
    let (query, mistake) = Query::parse_lenient(&text, model.now, offset);
    model.list.find.mistake = mistake.map(|mistake| mistake.to_string());
    let ticket = Ticket::new();
    model.list.find.asked = Some(ticket);
    let request = model.list.request(query);
    out.push(Effect::Send(Command::List { ticket, request }));
}

/// Takes rows that were asked for.
pub fn rows(model: &mut Model, ticket: Ticket, rows: Vec<MessageSummary>, complete: bool) {
    let list = &mut model.list;
    if list.asked == Some(ticket) {
        list.loaded = true;
        list.take(rows);
        if complete {
            list.asked = None;
        }
    } else if list.find.asked == Some(ticket) {
        let ids: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
        list.take(rows);
        list.find.collect(ids, complete);
        if complete {
            list.find.asked = None;
            list.after_find();
        }
    }
}

/// Rows that were asked for will not come: the list shows what it has.
pub fn failed(model: &mut Model, ticket: Ticket) {
    let list = &mut model.list;
    if list.asked == Some(ticket) {
        list.asked = None;
        list.loaded = true;
    }
    if list.find.asked == Some(ticket) {
        list.find.asked = None;
    }
}

/// Shows another place; the same one again is read anew.
pub fn go(model: &mut Model, place: Place, out: &mut Vec<Effect>) {
    model.home();
    if model.aside.is_some() {
        end_find(model);
    }
    if model.list.place == place && model.list.loaded {
        end_find(model);
        return;
    }
    let account = model.list.account.take();
    let (sort, reverse) = (model.list.sort, model.list.reverse);
    model.list = List::of(place);
    model.list.account = account;
    model.list.sort_by(sort, reverse);
    ask(model, out);
}

/// Asks for the rows of the list.
pub fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let ticket = Ticket::new();
    model.list.asked = Some(ticket);
    model.list.rows = Rows::new(model.list.sort, model.list.reverse);
    let request = model.list.request(Query::default());
    out.push(Effect::Send(Command::List { ticket, request }));
}

/// Opens the message under the cursor; one that is large and not here is peeked at first.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.list.current() else {
        return;
    };
    let (id, here, octets) = (row.id, row.local == Local::Full, row.octets);
    let limit = model
        .account(&row.account)
        .and_then(|account| account.ask_above);
    if !here && limit.is_some_and(|limit| octets > limit) {
        peek::open(model, id, out);
    } else {
        model.go(Screen::Reader);
        reader::open(model, id, out);
    }
}

/// To the next or previous message that is not read. Whether there was one.
pub fn to_unread(list: &mut List, forwards: bool) -> bool {
    let (here, visible) = (list.position(), list.visible());
    let unread = |id: &&MessageId| list.rows.row(**id).is_some_and(is_unread);
    let found = if forwards {
        visible
            .iter()
            .skip(here + 1)
            .find(unread)
            .or_else(|| visible.iter().take(here).find(unread))
    } else {
        let before = visible.iter().take(here).rev().find(unread);
        before.or_else(|| visible.iter().skip(here + 1).rev().find(unread))
    };
    match found.copied() {
        Some(id) => {
            list.select(id);
            true
        }
        None => false,
    }
}

/// What is typed, with the last word open at its end: it may not be finished.
fn open_ended(text: &str) -> String {
    let last = text.rsplit(char::is_whitespace).next().unwrap_or_default();
    let plain = last.chars().count() > 1 && last.chars().all(char::is_alphanumeric) && last != "or";
    if plain {
        format!("{text}*")
    } else {
        text.to_owned()
    }
}

fn offset_seconds(model: &Model) -> i32 {
    jiff::Timestamp::from_second(model.now.0).map_or(0, |now| model.zone().to_offset(now).seconds())
}

/// Ends a search: everything is as it was before it.
fn end_find(model: &mut Model) {
    if let Some(aside) = model.aside.take() {
        model.list = *aside;
    }
    model.list.end_find();
}

/// Searches all mail instead of this list, or this list again.
fn widen(model: &mut Model, out: &mut Vec<Effect>) {
    let input = model.list.find.input.clone();
    if let Some(aside) = model.aside.take() {
        model.list = *aside;
    } else if model.list.place != Place::All {
        let mut wide = List::of(Place::All);
        wide.account.clone_from(&model.list.account);
        wide.sort_by(model.list.sort, model.list.reverse);
        wide.begin_find();
        model.aside = Some(Box::new(std::mem::replace(&mut model.list, wide)));
        ask(model, out);
    }
    model.list.find.input = input;
    typed(model, out);
}

fn at_edge(model: &mut Model, rows: isize) {
    if !model.list.step(rows) && !model.list.visible().is_empty() && rows.abs() == 1 {
        let text = if rows > 0 {
            "The last message"
        } else {
            "The first message"
        };
        model.say(NoteKind::Plain, text);
    } else if rows.abs() == 1
        && model
            .note
            .as_ref()
            .is_some_and(|note| note.kind == NoteKind::Refused)
    {
        model.note = None;
    }
}

fn typed(model: &mut Model, out: &mut Vec<Effect>) {
    let List { find, rows, .. } = &mut model.list;
    find.filter(rows);
    let typed = find.typed;
    model.list.after_find();
    out.push(Effect::After(PAUSE, Timer::Search(typed)));
}

fn escape(model: &mut Model) {
    let list = &mut model.list;
    if list.range.take().is_some() {
        model.note = None;
    } else if !list.marks.is_empty() {
        list.marks.clear();
    } else if list.find.is_active() {
        end_find(model);
    } else {
        model.note = None;
    }
}

fn range(model: &mut Model) {
    let list = &mut model.list;
    let Some(here) = list.selected() else { return };
    let Some((_, from)) = list.range.take() else {
        list.range = Some((here, list.position()));
        model.say(
            NoteKind::Plain,
            "Range: move, then V marks it; Esc gives up",
        );
        return;
    };
    let visible = list.visible();
    let (low, high) = (from.min(list.position()), from.max(list.position()));
    let ids: Vec<MessageId> = visible.get(low..=high).unwrap_or_default().to_vec();
    list.marks.extend(ids);
    model.note = None;
}

fn mark_where(list: &mut List, fits: impl Fn(&MessageSummary) -> bool) {
    let ids: Vec<MessageId> = list
        .visible()
        .iter()
        .copied()
        .filter(|id| list.rows.row(*id).is_some_and(&fits))
        .collect();
    list.marks.extend(ids);
}

fn next_unread(model: &mut Model, forwards: bool) {
    if !to_unread(&mut model.list, forwards) {
        model.say(NoteKind::Plain, "Nothing unread here");
    }
}

fn next_match(model: &mut Model, forwards: bool) {
    let list = &mut model.list;
    let (here, visible, words) = (list.position(), list.visible(), &list.find.last);
    let fits = |id: &&MessageId| list.rows.matches(**id, words);
    let found = if forwards {
        visible
            .iter()
            .skip(here + 1)
            .chain(visible.iter().take(here))
            .find(fits)
            .copied()
    } else {
        let before = visible.iter().take(here).rev();
        before
            .chain(visible.iter().skip(here + 1).rev())
            .find(fits)
            .copied()
    };
    if let Some(id) = found {
        list.select(id);
    } else {
        let text = format!("No other match for {}", list.find.last.join(" "));
        model.say(NoteKind::Plain, text);
    }
}

fn sort(model: &mut Model, sort: Sort) {
    let reverse = model.list.sort == sort && !model.list.reverse;
    model.list.sort_by(sort, reverse);
    let what = match sort {
        Sort::Date => "date",
        Sort::Size => "size",
        Sort::From => "sender",
        Sort::Subject => "subject",
    };
    let how = if reverse { ", turned round" } else { "" };
    let n = format::counted(model.list.visible().len() as u64, "message");
    model.say(NoteKind::Plain, format!("{n} by {what}{how}"));
}

const PAUSE: Duration = Duration::from_millis(150);

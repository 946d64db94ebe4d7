use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::{List, Place, ask};
use crate::bridge::{Command, Sort, Ticket};
use crate::mail::{Brief, Flags, Local, MessageId, Query};
use crate::ui::action::Action;
use crate::ui::model::{Model, NoteKind, Screen};
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
                mark(list, id);
                list.step(1);
            }
        }
        Action::MarkRange => range(model),
        Action::MarkAll if !list.find.is_active() => list.marks.all(list.rows.tally()),
        Action::MarkAll => mark_where(list, |_| true),
        Action::MarkNone => {
            list.range = None;
            list.marks.clear();
        }
        Action::MarkRead => mark_where(list, |row| !row.is_unread()),
        Action::MarkUnread => mark_where(list, Brief::is_unread),
        Action::MarkStarred => mark_where(list, |row| row.flags.has(Flags::STARRED)),
        Action::Threads => threads(model, out),
        Action::Fold => return list.turn_thread(),
        Action::Escape => escape(model),
        Action::Find => list.begin_find(),
        Action::NextMatch => next_match(model, true),
        Action::PreviousMatch => next_match(model, false),
        Action::SortDate => sort(model, Sort::Date, out),
        Action::SortSize => sort(model, Sort::Size, out),
        Action::SortFrom => sort(model, Sort::From, out),
        Action::SortSubject => sort(model, Sort::Subject, out),
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
            if model.list.find.is_blank() {
                end_find(model);
            } else {
                model.looked_for.again(model.list.find.input.value());
            }
        }
        (KeyCode::Down, _) => {
            model.list.step(1);
        }
        (KeyCode::Up, _) => {
            model.list.step(-1);
        }
        (KeyCode::Char('c' | 'z' | 'l' | 'p' | 'r' | 's'), KeyModifiers::CONTROL)
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
    let text = crate::mail::safe::line(text);
    for c in text.chars().filter(|c| !c.is_control()).take(LONGEST) {
        let input = &mut model.list.find.input;
        input.handle(tui_input::InputRequest::InsertChar(c));
    }
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

/// Shows another place. The same one again ends a search in it, and is read anew only where that went wrong before.
pub fn go(model: &mut Model, place: Place, out: &mut Vec<Effect>) {
    model.home();
    if model.aside.is_some() {
        end_find(model);
    }
    if model.list.place == place && model.list.loaded && !model.list.broken {
        end_find(model);
        return;
    }
    let account = model.list.account.take();
    let (sort, reverse) = (model.list.sort, model.list.reverse);
    let grouped = model.list.threads.is_some();
    model.list = List::of(place, sort, reverse);
    model.list.account = account;
    model.list.group(grouped);
    ask::ask(model, out);
}

/// Opens the message under the cursor; one that is large and not here is peeked at first.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(row) = model.list.current_brief() else {
        return;
    };
    // Of a message that is gone, what is here of it is all there is.
    let (id, here, octets) = (
        row.id,
        row.local == Local::Full || row.is_gone(),
        row.octets,
    );
    // Until its text has come, a message may be of any account.
    let account = model.current().map(|row| &row.account);
    let limits = model
        .accounts
        .iter()
        .filter(|state| account.is_none_or(|account| state.account == *account))
        .filter_map(|state| state.ask_above);
    let limit = limits.min();
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
    if list.rows.unread() == 0 {
        return false;
    }
    let unread = |id: &&MessageId| list.is_unread(**id);
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

/// Looks for this, as if it had been typed.
pub fn look_for(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    model.home();
    if model.aside.is_some() {
        end_find(model);
    }
    // What was said last would hide what is looked for.
    model.note.take_if(|note| note.kind != NoteKind::Failed);
    model.list.begin_find();
    model.list.find.input = Input::new(text.to_owned());
    model.list.find.editing = false;
    typed(model, out);
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
        let mut wide = List::of(Place::All, model.list.sort, model.list.reverse);
        wide.account.clone_from(&model.list.account);
        wide.begin_find();
        model.aside = Some(Box::new(std::mem::replace(&mut model.list, wide)));
        ask::ask(model, out);
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
    model.list.after_find();
    ask::search(model, out);
}

fn escape(model: &mut Model) {
    let list = &mut model.list;
    if list.range.take().is_some() {
        model.note = None;
    } else if !list.marks.is_empty() {
        list.marks.clear();
    } else if list.find.is_on() {
        end_find(model);
    } else {
        model.note = None;
    }
}

fn range(model: &mut Model) {
    if model.list.close_range() {
        model.note = None;
        return;
    }
    model.list.begin_range();
    model.say(
        NoteKind::Plain,
        "Range: move, then V marks it; Esc gives up",
    );
}

/// Marks what a row stands for, or takes the mark away.
fn mark(list: &mut List, id: MessageId) {
    let marked = list.marks.contains(id);
    for id in list.stands_for(id) {
        if let Some(row) = list.rows.brief(id) {
            if marked {
                list.marks.remove(row);
            } else {
                list.marks.insert(row);
            }
        }
    }
}

fn mark_where(list: &mut List, fits: impl Fn(&Brief) -> bool) {
    let ids = list.find.matches().unwrap_or(list.rows.order());
    let rows = ids.iter().filter_map(|id| list.rows.brief(*id));
    for row in rows.filter(|row| fits(row)) {
        list.marks.insert(row);
    }
}

fn next_unread(model: &mut Model, forwards: bool) {
    if !to_unread(&mut model.list, forwards) {
        model.say(NoteKind::Plain, "Nothing unread here");
    }
}

fn next_match(model: &mut Model, forwards: bool) {
    let list = &mut model.list;
    let (here, visible) = (list.position(), list.visible());
    let hit = |id: &MessageId| list.find.is_hit(*id);
    // A folded thread stands for all its messages.
    let fits =
        |id: &&MessageId| hit(id) || list.folded(**id).is_some_and(|ids| ids.iter().any(hit));
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
        let text = format!("No other match for {}", list.find.last);
        model.say(NoteKind::Plain, text);
    }
}

/// Rows by thread, or each by itself again. Threads are by date, so that is what the rows are sorted by then.
fn threads(model: &mut Model, out: &mut Vec<Effect>) {
    let grouped = model.list.threads.is_none();
    if grouped && model.list.sort != Sort::Date {
        sort(model, Sort::Date, out);
    }
    model.list.group(grouped);
    if let Some(threads) = model.list.threads_shown() {
        let n = format::counted(threads.shown().len() as u64, "thread");
        model.say(NoteKind::Plain, format!("{n}; T folds and unfolds"));
    } else if grouped {
        model.say(NoteKind::Plain, "By thread when the search has ended");
    } else {
        model.say(NoteKind::Plain, "Each message by itself");
    }
}

fn sort(model: &mut Model, sort: Sort, out: &mut Vec<Effect>) {
    let reverse = model.list.sort == sort && !model.list.reverse;
    let ticket = Ticket::new();
    if !model.list.sort_by(sort, reverse, ticket) {
        let request = model.list.request(Query::default());
        out.push(Effect::Send(Command::List { ticket, request }));
    }
    let what = match sort {
        Sort::Date => "date",
        Sort::Size => "size",
        Sort::From => "sender",
        Sort::Subject => "subject",
    };
    let how = if reverse { ", turned round" } else { "" };
    let list = &model.list;
    let n = list.find.matches().unwrap_or(list.rows.order()).len();
    let n = format::counted(n as u64, "message");
    model.say(NoteKind::Plain, format!("{n} by {what}{how}"));
}

/// So many characters are pasted at most.
const LONGEST: usize = 1_000;

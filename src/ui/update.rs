use std::time::Duration;

use crossterm::event::KeyEvent;

use super::action::{Action, Scope, availability};
use super::chord::{Chord, spell};
use super::keymap::Meaning;
use super::list::resume::Whereabouts;
use super::model::{Model, Note, NoteKind, Overlay, Screen, Work};
use super::msg::{Msg, Timer};
use super::{
    Effect, accounts, confirm, deed, errors, event, layout, list, mailbox, peek, reader, review,
    searches, wizard,
};
use crate::bridge::{Command, Event, SyncMode, Ticket};
use crate::mail::{MessageId, Timestamp};

/// What the screen asks for first: the inbox, what is staged, and the wizard where there is no account.
pub fn start(model: &mut Model) -> Vec<Effect> {
    let mut out = Vec::new();
    if let Some(whereabouts) = &model.settings.whereabouts {
        model.list = list::List::at(whereabouts);
    }
    list::ask::ask(model, &mut out);
    out.push(Effect::Send(Command::Pending {
        ticket: Ticket::new(),
    }));
    if model.settings.first_run {
        wizard::open(model, &mut out);
    }
    out
}

/// Takes a message in. Routes only: what it means is decided where it belongs.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let mut out = Vec::new();
    let title = model.list.rows.unread();
    let refused = matches!(&msg, Msg::Event(event) if matches!(**event, Event::Failed { .. }));
    if let Msg::Key(_) | Msg::Scroll(_) | Msg::Click(..) = msg {
        // Whoever has begun to move is not moved any more.
        model.list.resume = None;
    }
    match msg {
        Msg::Key(pressed) => key(model, pressed, &mut out),
        Msg::Paste(text) => paste(model, &text, &mut out),
        Msg::Resize(columns, rows) => model.size = (columns, rows),
        Msg::Focus(focused) => focus(model, focused),
        Msg::Scroll(lines) => scroll(model, lines, &mut out),
        Msg::Click(column, row) => click(model, column, row),
        Msg::Event(event) => event::take(model, *event, &mut out),
        Msg::Progress(progress) => model.progress = progress,
        Msg::Timer(timer) => on_timer(model, timer, &mut out),
        // Neither a person nor the engine has said anything: nothing is asked for either.
        Msg::Painted => {
            painted(model);
            return out;
        }
        Msg::Tick(now) => {
            tick(model, now);
            return out;
        }
        Msg::Outcome(Ok(text)) => model.say(NoteKind::Plain, text),
        Msg::Outcome(Err(text)) => model.say(NoteKind::Refused, text),
    }
    super::panel::ask(model, &mut out);
    let height = model.panes().rows.height.into();
    model.list.settle(height);
    // Who has just been refused does not ask the same at once.
    if !refused {
        list::ask::ask_for_missing(model, &mut out);
    }
    reader::follow(model, &mut out);
    list::sight::tell(model, height, &mut out);
    if title != model.list.rows.unread() {
        out.push(Effect::SetTitle(title_of(model)));
    }
    if out.iter().any(|effect| matches!(effect, Effect::Quit)) {
        write_down(model, &mut out);
    } else if !model.remembers && moved(model).is_some() {
        model.remembers = true;
        out.push(Effect::After(A_WHILE, Timer::Remember));
    }
    out
}

/// Where the cursor is, where that is not what was written down last.
fn moved(model: &Model) -> Option<Whereabouts> {
    model.settings.whereabouts_file.as_ref()?;
    // A search over all mail is not what one comes back to.
    let list = model.aside.as_deref().unwrap_or(&model.list);
    let here = list.whereabouts();
    here.filter(|here| model.remembered.as_ref() != Some(here))
}

fn write_down(model: &mut Model, out: &mut Vec<Effect>) {
    model.remembers = false;
    let file = model.settings.whereabouts_file.clone();
    if let (Some(file), Some(here)) = (file, moved(model))
        && let Ok(text) = serde_json::to_string(&here)
    {
        model.remembered = Some(here);
        out.push(Effect::Remember(file, text));
    }
}

/// Does an action, or says why it cannot be done.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    if !deed::close_range(model, action) {
        return model.refuse(deed::UNSEEN);
    }
    if let Err(reason) = availability(model, action) {
        let scope = model.scope();
        let meant =
            |chord: &Chord| model.keymap.meaning(scope, &[*chord]) == Meaning::Action(action);
        let pressed = model.pressed.filter(meant).map(|chord| spell(&[chord]));
        let text = match pressed.or_else(|| model.keymap.key_for(scope, action)) {
            Some(key) => format!("{key}: {reason}"),
            None => reason.to_string(),
        };
        model.refuse(text);
        return;
    }
    let mine = match model.screen {
        Screen::List => list::act::act(model, action, out) || reader::act(model, action, out),
        Screen::Reader => reader::act(model, action, out) || list::act::search_on(model, action),
        Screen::Peek(_) => peek::act(model, action, out),
        Screen::Review(_) => review::act(model, action, out),
        Screen::Mailbox(_) => mailbox::act(model, action, out),
        Screen::Errors(_) => errors::act(model, action, out),
        Screen::Accounts(_) => accounts::act(model, action, out),
        Screen::Wizard(_) => wizard::act(model, action, out),
    };
    if !mine && !deed::act(model, action, out) {
        anywhere(model, action, out);
    }
}

/// What the terminal's title says.
pub fn title_of(model: &Model) -> String {
    match model.list.rows.unread() {
        0 => "poppet".to_owned(),
        n => format!("poppet {n} new"),
    }
}

/// Opens what is to take all keys, and forgets what was typed before it could be seen.
pub fn open_overlay(model: &mut Model, overlay: Overlay, out: &mut Vec<Effect>) {
    model.overlay = overlay;
    out.push(Effect::FlushInput);
}

fn key(model: &mut Model, pressed: KeyEvent, out: &mut Vec<Effect>) {
    let chord = Chord::of(pressed);
    model.pressed = Some(chord);
    if model.leaving
        && model.keymap.meaning(model.scope(), &[chord]) != Meaning::Action(Action::Cancel)
    {
        stays(model);
    }
    if !layout::fits(model.size.0, model.size.1) {
        return key_in_small_terminal(model, chord, out);
    }
    match std::mem::take(&mut model.overlay) {
        Overlay::None => {}
        Overlay::Prefix(before) => return prefix(model, before, chord, out),
        Overlay::Help(help) => return help.key(model, pressed, out),
        Overlay::Palette(palette) => return palette.key(model, pressed, out),
        Overlay::Confirm(confirm) => return confirm.key(model, pressed, out),
        Overlay::Links(links) => return links.key(model, pressed, out),
        Overlay::Files(files) => return files.key(model, pressed, out),
        Overlay::Searches(searches) => return searches.key(model, pressed, out),
        Overlay::Problem(panel) => return panel.key(model, pressed, out),
    }
    let text = match model.screen {
        Screen::List => list::act::key(model, pressed, out),
        Screen::Wizard(_) => wizard::key(model, pressed, out),
        Screen::Review(_) => review::key(model, pressed, out),
        _ => false,
    };
    if !text {
        prefix(model, Vec::new(), chord, out);
    }
}

fn prefix(model: &mut Model, mut keys: Vec<Chord>, chord: Chord, out: &mut Vec<Effect>) {
    if !keys.is_empty() && chord.is(crossterm::event::KeyCode::Esc) {
        return;
    }
    keys.push(chord);
    match model.keymap.meaning(model.scope(), &keys) {
        Meaning::Action(action) => act(model, action, out),
        Meaning::Prefix => model.overlay = Overlay::Prefix(keys),
        Meaning::Nothing => model.refuse(format!("{}: no action here", spell(&keys))),
    }
}

fn key_in_small_terminal(model: &mut Model, chord: Chord, out: &mut Vec<Effect>) {
    if let Meaning::Action(
        action @ (Action::Quit | Action::Suspend | Action::Redraw | Action::Cancel),
    ) = model.keymap.meaning(Scope::List, &[chord])
    {
        anywhere(model, action, out);
    }
}

fn anywhere(model: &mut Model, action: Action, out: &mut Vec<Effect>) {
    match action {
        Action::Back => model.back(),
        Action::GoInbox => list::act::go(model, list::Place::Inbox, out),
        Action::GoAll => list::act::go(model, list::Place::All, out),
        Action::GoArchive => list::act::go(model, list::Place::Archive, out),
        Action::GoTrash => list::act::go(model, list::Place::Trash, out),
        Action::GoMailbox => mailbox::open(model, out),
        Action::GoErrors => errors::open(model),
        Action::GoAccounts => accounts::open(model),
        Action::GoSearches => searches::open(model, out),
        Action::SaveSearch => searches::save(model, out),
        Action::AddAccount if model.settings.demo => model.say(
            NoteKind::Refused,
            "The demo keeps nothing: leave it and run poppet to set up an account",
        ),
        Action::AddAccount => wizard::open(model, out),
        Action::Review => review::open(model, out),
        Action::Sync => sync(model, out),
        Action::Cancel => cancel(model, out),
        Action::Palette => super::palette::open(model, false, out),
        Action::CommandLine => super::palette::open(model, true, out),
        Action::Help => super::help::open(model, out),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Quit => quit(model, out),
        _ => {}
    }
}

/// Asks the servers for new mail.
pub fn sync(model: &mut Model, out: &mut Vec<Effect>) {
    let ticket = Ticket::new();
    model.under_way.insert(ticket, Work::Sync);
    out.push(Effect::Send(Command::Sync {
        ticket,
        accounts: Vec::new(),
        mode: SyncMode::Full,
    }));
}

fn cancel(model: &mut Model, out: &mut Vec<Effect>) {
    if model.can_stop() {
        model.leaving = false;
        model.say(NoteKind::Plain, STOPPING);
        out.push(Effect::Send(Command::Cancel { ticket: None }));
    } else if model.leaving {
        quit(model, out);
    } else {
        model.leaving = true;
        model.say(NoteKind::Plain, ONCE_MORE);
        out.push(Effect::After(
            std::time::Duration::from_secs(3),
            Timer::CancelAgain,
        ));
    }
}

/// Whatever else is pressed: one more ^c does not leave any more, and that it would is not said any more.
fn stays(model: &mut Model) {
    model.leaving = false;
    model.note.take_if(|note| note.text == ONCE_MORE);
}

fn quit(model: &mut Model, out: &mut Vec<Effect>) {
    match confirm::before_leaving(model) {
        Some(question) => open_overlay(model, Overlay::Confirm(question), out),
        None => out.push(Effect::Quit),
    }
}

fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    let taken = match std::mem::take(&mut model.overlay) {
        Overlay::Help(help) => {
            help.paste(model, text, out);
            true
        }
        Overlay::Palette(palette) => {
            palette.paste(model, text, out);
            true
        }
        Overlay::Problem(panel) => panel.paste(model, text, out),
        other => {
            let open = !matches!(other, Overlay::None);
            model.overlay = other;
            !open
                && match model.screen {
                    Screen::List => list::act::paste(model, text, out),
                    Screen::Wizard(_) => wizard::paste(model, text, out),
                    _ => false,
                }
        }
    };
    if !taken {
        model.say(
            NoteKind::Plain,
            "Pasted text is ignored outside a text field",
        );
    }
}

fn focus(model: &mut Model, focused: bool) {
    model.focused = focused;
    if focused {
        model.new = 0;
    }
}

fn tick(model: &mut Model, now: Timestamp) {
    model.now = now;
    let old = |note: &mut Note| {
        note.kind != NoteKind::Failed && now.seconds_since(note.at) >= NOTE_SECONDS
    };
    model.note.take_if(|note| old(note));
}

fn scroll(model: &mut Model, lines: i32, out: &mut Vec<Effect>) {
    if !matches!(model.overlay, Overlay::None) {
        return;
    }
    let rows = isize::try_from(lines).unwrap_or_default();
    match model.screen {
        Screen::List => {
            let height = model.panes().rows.height.into();
            model.list.scroll(rows, height);
        }
        Screen::Reader => reader::scroll(model, rows),
        _ => {
            let action = if lines > 0 { Action::Down } else { Action::Up };
            for _ in 0..lines.unsigned_abs().min(50) {
                act(model, action, out);
            }
        }
    }
}

fn click(model: &mut Model, column: u16, row: u16) {
    let area = model.panes().rows;
    let inside = area.contains(ratatui::layout::Position::new(column, row));
    if inside && matches!(model.screen, Screen::List) && matches!(model.overlay, Overlay::None) {
        let place = model.list.top() + usize::from(row - area.y);
        if place < model.list.visible().len() {
            model.list.select_at(place);
        }
    }
}

fn on_timer(model: &mut Model, timer: Timer, out: &mut Vec<Effect>) {
    match timer {
        Timer::MarkRead(id) => reader::mark_read(model, id, out),
        Timer::Preview(id) => reader::preview(model, id, out),
        Timer::CancelAgain => stays(model),
        Timer::Remember => write_down(model, out),
    }
}

fn painted(model: &mut Model) {
    let height: usize = model.panes().rows.height.into();
    let open = match &model.screen {
        Screen::List => None,
        Screen::Peek(peek) => Some(Some(peek.id)),
        _ => Some(model.list.selected()),
    };
    let list = &mut model.list;
    if let Some(open) = open {
        list.was_hidden(open);
        return;
    }
    let top = list.top();
    // A row without its text yet cannot have been meant.
    let texts = |id: &&MessageId| list.rows.row(**id).is_some();
    let shown = list.visible().iter().skip(top).take(height).filter(texts);
    let shown = shown.copied().collect();
    list.was_painted(shown);
}

/// What is said until the engine has stopped.
pub(super) const STOPPING: &str = "Stopping; what is done is kept";

/// What is said where there is nothing to stop, until another key is pressed.
const ONCE_MORE: &str = "Nothing to stop. ^c once more leaves poppet";

/// How long a word stays in the status line when nothing takes its place.
const NOTE_SECONDS: i64 = 60;
/// A cursor on its way is written down this much later, once.
const A_WHILE: Duration = Duration::from_secs(1);

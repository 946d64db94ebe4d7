//! The message under the cursor, in the preview or in full.

mod ask;
pub mod draw;
pub mod head;
pub mod text;
pub mod top;

use std::collections::HashMap;
use std::sync::Arc;

use super::action::Action;
use super::layout;
use super::list::act::to_unread;
use super::model::{Model, NoteKind, Screen, Work};
use super::msg::Timer;
use super::{Effect, confirm, deed, files, links};
use crate::bridge::{Command, Event, Ticket};
use crate::mail::{Body, Brief, Change, Local, MessageId, Problem, View};

use ask::{ask, ask_for};
use text::Shown;

/// A message that is read.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    /// How it is shown.
    pub view: View,
    /// Whether long quotations are shown in full.
    pub unfolded: bool,
    /// Lines that are scrolled out at the top.
    pub scroll: usize,
    target: Option<MessageId>,
    asked: Option<Ticket>,
    width: u16,
    body: Option<Arc<Body>>,
    lines: Vec<Shown>,
    failed: Option<Problem>,
    places: HashMap<MessageId, usize>,
}

impl Reader {
    /// The message it is about, if there is one.
    pub fn shown(&self) -> Option<MessageId> {
        self.target
    }

    /// Its text, once it has come.
    pub fn body(&self) -> Option<&Body> {
        self.body
            .as_deref()
            .filter(|body| Some(body.id) == self.target)
    }

    /// What is drawn of it, with quotations folded or not.
    pub fn lines(&self) -> &[Shown] {
        if self.body().is_some() {
            &self.lines
        } else {
            &[]
        }
    }

    /// Why it could not be opened.
    pub fn failed(&self) -> Option<&Problem> {
        self.failed.as_ref()
    }

    /// Whether its text is on the way.
    pub fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    fn aim(&mut self, id: Option<MessageId>) {
        if let Some(before) = self.target {
            self.places.insert(before, self.scroll);
        }
        self.target = id;
        self.asked = None;
        self.failed = None;
        self.view = View::Text;
        self.scroll = id.and_then(|id| self.places.get(&id).copied()).unwrap_or(0);
    }

    fn lay_out(&mut self) {
        self.lines = self
            .body
            .as_deref()
            .map_or_else(Vec::new, |body| text::lay_out(body, self.unfolded));
    }
}

/// Keeps the reader on the message under the cursor. Called once after every message to the model.
pub fn follow(model: &mut Model, out: &mut Vec<Effect>) {
    let selected = model.list.selected();
    match model.screen {
        Screen::Reader => match selected {
            None => model.home(),
            Some(id) if model.reader.target != Some(id) => open(model, id, out),
            Some(_) => {}
        },
        Screen::List if model.has_preview() => {
            if model.reader.target != selected {
                model.reader.aim(selected);
                if let Some(id) = selected {
                    out.push(Effect::After(REST, Timer::Preview(id)));
                }
            }
        }
        _ => return,
    }
    let width = text_width(model);
    // Only what is shown: of another message, which may not be here, nothing was asked for.
    let shown = model.reader.body().is_some();
    if shown && model.reader.width != width && model.reader.asked.is_none() {
        ask(model, out);
    }
    let height = page(model);
    let last = model.reader.lines().len().saturating_sub(height);
    if model.reader.body().is_some() {
        model.reader.scroll = model.reader.scroll.min(last);
    }
}

/// Opens a message in full; it is downloaded first if it is not here.
pub fn open(model: &mut Model, id: MessageId, out: &mut Vec<Effect>) {
    if model.reader.target != Some(id) {
        model.reader.aim(Some(id));
    }
    let row = model.list.rows.brief(id);
    let more = row.is_none_or(|row| row.local != Local::Full && !row.is_gone());
    // What the preview has is only what is here of it, or what is left.
    let part = |body: &mut Arc<Body>| more && (body.partial || !body.notes.is_empty());
    if model.reader.body.take_if(part).is_some() {
        model.reader.view = View::Text;
    }
    if model.reader.body().is_none() {
        ask(model, out);
    } else {
        read_soon(model, id, out);
    }
}

/// The cursor rested on a message: what is here of it is shown. Nothing is downloaded for that.
pub fn preview(model: &mut Model, id: MessageId, out: &mut Vec<Effect>) {
    let here = model
        .list
        .rows
        .brief(id)
        .is_some_and(|row| row.local != Local::Headers);
    if here
        && model.has_preview()
        && model.reader.target == Some(id)
        && model.reader.body().is_none()
    {
        ask(model, out);
    }
}

/// The message was on the screen long enough.
pub fn mark_read(model: &mut Model, id: MessageId, out: &mut Vec<Effect>) {
    let shown = model.reader.body().is_some_and(|body| body.id == id);
    let visible = matches!(model.screen, Screen::Reader) || model.has_preview();
    let unread = model.list.rows.brief(id).is_some_and(Brief::is_unread);
    if shown && visible && unread && !model.kept_unread.contains(&id) {
        deed::quietly(model, id, Change::Seen(true), out);
    }
}

/// Takes what the reader waits for.
pub fn event(model: &mut Model, event: &Event, out: &mut Vec<Effect>) {
    match event {
        Event::Opened { ticket, body } if model.reader.asked == Some(*ticket) => {
            model.reader.asked = None;
            model.reader.failed = None;
            model.reader.body = Some(Arc::clone(body));
            model.reader.lay_out();
            let row = model.list.rows.brief(body.id);
            let whole = row.is_some_and(|row| row.local == Local::Full);
            if whole || matches!(model.screen, Screen::Reader) {
                read_soon(model, body.id, out);
            }
        }
        Event::Failed {
            ticket: Some(ticket),
            problem,
            ..
        } if model.reader.asked == Some(*ticket) => {
            model.reader.asked = None;
            model.reader.failed = Some(problem.clone());
        }
        // A preview that had nothing to show yet shows what has been downloaded since.
        Event::Changed { messages, .. } => {
            let target = model.reader.target;
            let Some(row) = messages.iter().find(|row| Some(row.id) == target) else {
                return;
            };
            // The list does not know yet what has changed.
            let before = model.list.rows.brief(row.id).map(|row| row.local);
            let came = match row.local {
                Local::Headers => false,
                Local::Peeked => model.reader.body().is_none(),
                Local::Full => before != Some(Local::Full) || model.reader.body().is_none(),
            };
            if !came || model.reader.asked.is_some() {
            } else if model.has_preview() {
                ask_for(model, Some(row.local), out);
            } else if !matches!(model.screen, Screen::Reader) {
                // Looked for again once the list is back on the screen.
                model.reader.aim(None);
            }
        }
        _ => {}
    }
}

/// Does an action of the reader, also for the preview. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let full = matches!(model.screen, Screen::Reader);
    let height = isize::try_from(page(model)).unwrap_or(1).max(1);
    match action {
        Action::Down if full => scroll(model, 1),
        Action::Up if full => scroll(model, -1),
        Action::HalfDown if full => scroll(model, (height / 2).max(1)),
        Action::HalfUp if full => scroll(model, -(height / 2).max(1)),
        Action::PageDown if full => scroll(model, height),
        Action::PageUp if full => scroll(model, -height),
        Action::First if full => model.reader.scroll = 0,
        Action::Last if full => scroll(model, isize::MAX),
        Action::Next if full => step(model, 1),
        Action::Previous if full => step(model, -1),
        Action::NextUnread if full => unread(model, true),
        Action::PreviousUnread if full => unread(model, false),
        Action::ReadOn => read_on(model, out),
        Action::ReadBack => scroll(model, -(height - 1).max(1)),
        Action::Fold => {
            model.reader.unfolded = !model.reader.unfolded;
            model.reader.lay_out();
        }
        Action::ViewText => show(model, View::Text, out),
        Action::ViewHtml => show(model, View::Html, out),
        Action::ViewHeaders if model.reader.view == View::Headers => show(model, View::Text, out),
        Action::ViewHeaders => show(model, View::Headers, out),
        Action::ViewSource => show(model, View::Source, out),
        Action::Links => links::open(model, out),
        Action::OpenLink => open_link(model, out),
        Action::Attachments => files::open(model, out),
        Action::SaveAll => save_all(model, out),
        Action::CopySubject => copy(model, |row| row.subject.clone(), out),
        Action::CopyFrom => copy(model, |row| row.from.address.clone(), out),
        Action::CopyId => copy(model, |row| format!("<{}>", row.message_id), out),
        _ => return false,
    }
    true
}

/// Scrolls the text by so many lines.
pub fn scroll(model: &mut Model, lines: isize) {
    let last = model.reader.lines().len().saturating_sub(page(model));
    model.reader.scroll = model.reader.scroll.saturating_add_signed(lines).min(last);
}

/// How many lines of text fit.
pub fn page(model: &Model) -> usize {
    draw::text_area(model).height.into()
}

fn text_width(model: &Model) -> u16 {
    let columns = match (&model.screen, model.panes().reader) {
        (Screen::List, Some(area)) => area.width,
        _ => model.size.0,
    };
    layout::text_width(columns)
}

fn read_soon(model: &Model, id: MessageId, out: &mut Vec<Effect>) {
    let unread = model.list.rows.brief(id).is_some_and(Brief::is_unread);
    if let Some(after) = model.settings.mark_read_after
        && unread
    {
        out.push(Effect::After(after, Timer::MarkRead(id)));
    }
}

fn read_on(model: &mut Model, out: &mut Vec<Effect>) {
    if matches!(model.screen, Screen::List) && !model.has_preview() {
        super::list::act::open(model, out);
        return;
    }
    let before = model.reader.scroll;
    let height = isize::try_from(page(model)).unwrap_or(1);
    scroll(model, (height - 1).max(1));
    if model.reader.scroll != before || model.reader.is_waiting() {
        return;
    }
    unread(model, true);
}

fn unread(model: &mut Model, forwards: bool) {
    if !to_unread(&mut model.list, forwards) {
        model.say(NoteKind::Plain, "Nothing else is unread here");
    }
}

fn step(model: &mut Model, rows: isize) {
    if !model.list.step(rows) {
        let text = if rows > 0 {
            "The last message"
        } else {
            "The first message"
        };
        model.say(NoteKind::Plain, text);
    }
}

fn show(model: &mut Model, view: View, out: &mut Vec<Effect>) {
    if let (View::Html, Some(false)) = (view, model.reader.body().map(|body| body.has_html)) {
        model.refuse("This message has no HTML");
        return;
    }
    model.reader.view = view;
    model.reader.scroll = 0;
    ask(model, out);
}

fn open_link(model: &mut Model, out: &mut Vec<Effect>) {
    let number = model
        .pressed
        .and_then(super::chord::Chord::typed)
        .and_then(|c| c.to_digit(10));
    let number = number.unwrap_or(1) as usize;
    let link = model
        .reader
        .body()
        .and_then(|body| body.links.get(number.saturating_sub(1)))
        .cloned();
    match link {
        Some(link) => {
            let question = confirm::open_link(&link);
            super::update::open_overlay(model, super::Overlay::Confirm(question), out);
        }
        None => model.refuse(format!("There is no link {number} here: O lists them")),
    }
}

fn save_all(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(id) = model.reader.target else {
        return;
    };
    let ticket = Ticket::new();
    model.under_way.insert(ticket, Work::Save);
    out.push(Effect::Send(Command::Save {
        ticket,
        id,
        parts: Vec::new(),
        folder: Some(files::folder(model)),
    }));
}

fn copy(
    model: &Model,
    what: impl Fn(&crate::mail::MessageSummary) -> String,
    out: &mut Vec<Effect>,
) {
    if let Some(row) = model.current() {
        out.push(Effect::Copy(
            crate::mail::safe::line(&what(row)).into_owned(),
        ));
    }
}

const REST: std::time::Duration = std::time::Duration::from_millis(60);

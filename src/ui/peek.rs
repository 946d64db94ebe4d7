//! The beginning of a message that is not here, and the three things that can become of it. Going back changes nothing.

mod choices;

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::Action;
use super::confirm;
use super::format::{self, full_date, size};
use super::layout;
use super::model::{Model, NoteKind, Overlay, Screen};
use super::paint::{self, Pen, row};
use super::reader::head;
use super::theme::Role;
use super::{Effect, deed, reader, update};
use crate::bridge::{Command, Event, Ticket};
use crate::mail::{Body, Brief, DeleteScope, Local, MessageId, MessageSummary, Problem};

use choices::{CHOICES, SMALL};

/// A message that is peeked at.
#[derive(Debug)]
pub struct Peek {
    /// Which.
    pub id: MessageId,
    asked: Option<Ticket>,
    lines: u32,
    body: Option<Arc<Body>>,
    failed: Option<Problem>,
    scroll: usize,
}

impl Peek {
    /// Whether there is no more of it than what is shown.
    pub fn is_whole(&self) -> bool {
        self.body.as_ref().is_some_and(|body| !body.partial)
    }
}

/// Peeks at a message.
pub fn open(model: &mut Model, id: MessageId, out: &mut Vec<Effect>) {
    let mut peek = Peek {
        id,
        asked: None,
        lines: FIRST,
        body: None,
        failed: None,
        scroll: 0,
    };
    ask(&mut peek, model.size.0, out);
    if matches!(model.screen, Screen::Peek(_)) {
        model.screen = Screen::Peek(peek);
    } else {
        model.go(Screen::Peek(peek));
    }
}

/// Does an action of the peek. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let height = isize::try_from(text_area(model).height.max(1)).unwrap_or(1);
    let columns = model.size.0;
    let Screen::Peek(peek) = &mut model.screen else {
        return false;
    };
    let id = peek.id;
    let last = peek
        .body
        .as_ref()
        .map_or(0, |body| body.lines.len())
        .saturating_sub(height.unsigned_abs());
    let mut scroll =
        |lines: isize| peek.scroll = peek.scroll.saturating_add_signed(lines).min(last);
    match action {
        Action::Down => scroll(1),
        Action::Up => scroll(-1),
        Action::HalfDown => scroll((height / 2).max(1)),
        Action::HalfUp => scroll(-(height / 2).max(1)),
        Action::PageDown => scroll(height),
        Action::PageUp => scroll(-height),
        Action::First => peek.scroll = 0,
        Action::Last => peek.scroll = last,
        Action::PeekMore => {
            peek.lines = peek.lines.saturating_mul(2);
            ask(peek, columns, out);
        }
        Action::PeekDownload => {
            model.list.select(id);
            model.screen = Screen::Reader;
            reader::open(model, id, out);
        }
        Action::Pin => {
            deed::pin(model, &[id], out);
            model.back();
        }
        Action::PeekDelete => delete(model, id, out),
        Action::Next => step(model, 1, out),
        Action::Previous => step(model, -1, out),
        _ => return false,
    }
    true
}

/// Takes what the peek waits for.
pub fn event(model: &mut Model, event: &Event, _out: &mut Vec<Effect>) {
    let Screen::Peek(peek) = &mut model.screen else {
        return;
    };
    match event {
        Event::Opened { ticket, body } if peek.asked == Some(*ticket) => {
            peek.asked = None;
            let before = peek.body.replace(Arc::clone(body));
            let as_before = before.is_some_and(|before| before.lines.len() == body.lines.len());
            if as_before && body.partial {
                let lines = peek.lines;
                let text = format!(
                    "No more text in the first {lines} lines; attachments show only when downloaded"
                );
                model.say(NoteKind::Plain, text);
            }
        }
        Event::Failed {
            ticket: Some(ticket),
            problem,
            ..
        } if peek.asked == Some(*ticket) => {
            peek.asked = None;
            peek.failed = Some(problem.clone());
        }
        _ => {}
    }
}

/// Draws it.
pub fn draw(peek: &Peek, model: &Model, frame: &mut Frame<'_>) {
    let page = layout::page(model.size.0, model.size.1).body;
    let Some(message) = model.list.rows.row(peek.id) else {
        return;
    };
    title(model, frame, row(page, 0), message);
    paint::rule(
        frame.buffer_mut(),
        row(page, 1),
        "",
        model.theme,
        model.glyphs,
    );
    let shown = facts_shown(page.height).into();
    for (y, (name, text)) in facts(model, message).into_iter().take(shown).enumerate() {
        let (muted, plain) = (
            model.theme.style(Role::Muted),
            model.theme.style(Role::Text),
        );
        let mut pen = Pen::new(frame.buffer_mut(), row(page, y as u16 + 2), model.glyphs);
        let room = page.width.saturating_sub(11);
        pen.gap(1, muted)
            .cell(name, 9, muted)
            .cell(&text, room, plain);
    }
    let area = text_area(model);
    if area.height > 0 {
        let above = Rect {
            y: area.y - 1,
            height: 1,
            ..area
        };
        let word = match &peek.body {
            Some(body) if !body.partial => "the whole message".to_owned(),
            Some(_) => format!("first {} lines", peek.lines),
            None => format!("asking for the first {} lines", peek.lines),
        };
        paint::rule(frame.buffer_mut(), above, &word, model.theme, model.glyphs);
        text(peek, model, frame, area, message);
    }
    choices::draw(model, frame, page, message);
}

/// Whether what is not here of it can not be had any more.
fn is_gone(message: &MessageSummary) -> bool {
    Brief::from(message).is_gone()
}

fn ask(peek: &mut Peek, columns: u16, out: &mut Vec<Effect>) {
    let ticket = Ticket::new();
    peek.asked = Some(ticket);
    peek.failed = None;
    out.push(Effect::Send(Command::Peek {
        ticket,
        id: peek.id,
        lines: peek.lines,
        width: layout::text_width(columns),
    }));
}

fn delete(model: &mut Model, id: MessageId, out: &mut Vec<Effect>) {
    if !model.list.was_seen(id) {
        return model.refuse(deed::UNSEEN);
    }
    let lost = deed::lost(model, &[id]);
    if lost.is_empty() {
        deed::stage_deletion(model, &[id], DeleteScope::Everywhere, out);
        model.back();
    } else {
        let question = confirm::without_copy(model, &lost, vec![id], DeleteScope::Everywhere);
        update::open_overlay(model, Overlay::Confirm(question), out);
    }
}

fn step(model: &mut Model, rows: isize, out: &mut Vec<Effect>) {
    if !model.list.step(rows) {
        model.say(NoteKind::Plain, "No other message that way");
        return;
    }
    if let Some(id) = model.list.selected() {
        open(model, id, out);
    }
}

fn title(model: &Model, frame: &mut Frame<'_>, area: Rect, message: &MessageSummary) {
    let place = match message.local {
        Local::Full => "here in full",
        _ if is_gone(message) => "no longer on server",
        _ => "on server only",
    };
    let right = format!("{place} {} {}", model.glyphs.dot, size(message.octets));
    let (style, muted) = (
        model.theme.style(Role::Title),
        model.theme.style(Role::Muted),
    );
    let columns = paint::columns_of(&right) + 1;
    let title = format!(
        "Peek {} {}",
        model.glyphs.dot,
        format::subject(&message.subject)
    );
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, style)
        .cell(&title, area.width.saturating_sub(columns + 3), style);
    pen.to_right(columns, muted).text(&right, muted).rest(muted);
}

fn facts(model: &Model, message: &MessageSummary) -> Vec<(&'static str, String)> {
    let to: Vec<&str> = message.to.iter().map(crate::mail::Address::short).collect();
    let unknown = match message.attachments {
        _ if message.local == Local::Full || is_gone(message) => None,
        0 => Some("attachments are unknown until it is downloaded"),
        _ => Some("has attachments; which ones shows when it is downloaded"),
    };
    let size = match unknown {
        Some(unknown) => format!("{} {} {unknown}", size(message.octets), model.glyphs.dot),
        None => size(message.octets),
    };
    vec![
        ("From", message.from.to_string()),
        ("To", to.join(", ")),
        ("Date", full_date(message.date, model.zone())),
        ("Size", size),
        ("Server", head::server_sentence(model, message)),
    ]
}

/// On a small screen the message itself comes before all that is known about it but who it is from, and on the smallest
/// before that too.
fn facts_shown(height: u16) -> u16 {
    if height < SMALL {
        0
    } else if height < FACTS + CHOICES + 8 {
        1
    } else {
        FACTS
    }
}

fn text_area(model: &Model) -> Rect {
    let page = layout::page(model.size.0, model.size.1).body;
    let (above, below) = if page.height < SMALL {
        (2, 1)
    } else {
        (facts_shown(page.height) + 3, CHOICES + 1)
    };
    Rect {
        y: page.y + above.min(page.height),
        height: page.height.saturating_sub(above + below),
        ..page
    }
}

fn text(peek: &Peek, model: &Model, frame: &mut Frame<'_>, area: Rect, message: &MessageSummary) {
    let muted = model.theme.style(Role::Muted);
    if let (None, Some(problem)) = (&peek.body, &peek.failed) {
        for (y, (role, words)) in [
            (Role::Danger, &problem.what),
            (Role::Text, &problem.why),
            (Role::Muted, &problem.remedy),
        ]
        .into_iter()
        .enumerate()
        {
            let style = model.theme.style(role);
            let mut pen = Pen::new(frame.buffer_mut(), row(area, y as u16), model.glyphs);
            pen.gap(2, style)
                .cell(words, area.width.saturating_sub(3), style);
        }
        return;
    }
    let Some(body) = &peek.body else { return };
    let shown = body.lines.iter().skip(peek.scroll).take(area.height.into());
    let mut y = 0;
    for line in shown {
        let mut pen = Pen::new(frame.buffer_mut(), row(area, y), model.glyphs);
        pen.gap(2, model.theme.style(Role::Text));
        reader::draw::text_line(model, &mut pen, body, line, None);
        y += 1;
    }
    if body.partial && y < area.height {
        let rest = if is_gone(message) {
            "is gone"
        } else {
            "is not fetched"
        };
        let words = format!(
            "the text ends here; the rest ({}) {rest}",
            size(message.octets)
        );
        let mut pen = Pen::new(frame.buffer_mut(), row(area, y), model.glyphs);
        pen.gap(2, muted)
            .text(model.glyphs.fold, muted)
            .text(" ", muted)
            .cell(&words, area.width.saturating_sub(5), muted);
    }
}

const FIRST: u32 = 20;
const FACTS: u16 = 5;

//! What each key does, here first. It filters while one types, and does what is under the cursor.

mod card;

use card::Card;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::{ACTIONS, Action, Scope, Spec, availability};
use super::chord::Chord;
use super::format::count;
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, columns_of, row};
use super::theme::Role;
use super::wizard::field::TextField;
use super::{Effect, Overlay, update};
use crate::mail::text::wrap;

/// The list of keys.
#[derive(Clone, Debug, Default)]
pub struct Help {
    filter: TextField,
    chosen: usize,
    /// Whether keys of other screens are shown too.
    all: bool,
    /// Shown first where keys are text.
    card: Option<Card>,
}

/// Shows it.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    let help = Help {
        card: Card::of(model),
        ..Help::default()
    };
    update::open_overlay(model, Overlay::Help(help), out);
}

/// Why an action does nothing where we are now; `None` when it can be done.
pub fn why_off(model: &Model, action: Action) -> Option<String> {
    let spec = action.spec();
    let here = model.scope();
    if !spec.scopes.contains(&here) && !spec.scopes.contains(&Scope::Anywhere) {
        let names: Vec<String> = spec
            .scopes
            .iter()
            .map(|scope| scope.name().to_lowercase())
            .collect();
        return Some(format!("only in: {}", names.join(", ")));
    }
    availability(model, action)
        .err()
        .map(std::borrow::Cow::into_owned)
}

impl Help {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        if self.card.is_some() {
            match key.code {
                KeyCode::Esc | KeyCode::F(1) | KeyCode::Enter => return,
                KeyCode::Tab => self.card = None,
                _ => {}
            }
            model.overlay = Overlay::Help(self);
            return;
        }
        let page = usize::from(model.size.1 / 2).max(1);
        let last = self.found(model).len().saturating_sub(1);
        let chord = Chord::of(key);
        match key.code {
            KeyCode::Esc | KeyCode::F(1) => return,
            KeyCode::Char('?') if self.filter.is_empty() => return,
            KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::PageDown => self.chosen = (self.chosen + page).min(last),
            KeyCode::PageUp => self.chosen = self.chosen.saturating_sub(page),
            KeyCode::Tab | KeyCode::BackTab => {
                let under = self.under(model).map(|spec| spec.action);
                self.all = !self.all;
                self.put_on(model, under);
            }
            KeyCode::Enter => {
                let action = self.under(model).map(|spec| spec.action);
                if let Some(action) = action.filter(|action| why_off(model, *action).is_none()) {
                    return update::act(model, action, out);
                }
            }
            _ if chord.is_control('n') => self.chosen = (self.chosen + 1).min(last),
            _ if chord.is_control('p') => self.chosen = self.chosen.saturating_sub(1),
            _ => {
                if self.filter.key(key) {
                    self.chosen = 0;
                }
            }
        }
        model.overlay = Overlay::Help(self);
    }

    /// Takes pasted text.
    pub fn paste(mut self, model: &mut Model, text: &str, _out: &mut Vec<Effect>) {
        if self.card.is_none() {
            self.filter.paste(text);
            self.chosen = 0;
        }
        model.overlay = Overlay::Help(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let area = centred(
            screen,
            screen.width.saturating_sub(2).min(96),
            screen.height.saturating_sub(2),
        );
        if let Some(card) = self.card {
            let inside = card::boxed(card, model, frame, area);
            return card.draw(model, frame, inside);
        }
        let title = format!("Keys: {}", model.scope().name());
        let tab = if self.all {
            "Tab here only"
        } else {
            "Tab all screens"
        };
        let hint = if area.width < 60 {
            "Enter do it  Esc close".to_owned()
        } else {
            format!("Enter do it   {tab}   Esc close")
        };
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &title,
            &hint,
            model.theme,
            model.glyphs,
        );
        let found = self.found(model);
        self.draw_filter(found.len(), model, frame, row(inside, 0));
        let about = if inside.height > 9 {
            4
        } else {
            u16::from(inside.height > 5)
        };
        let list = Rect {
            y: inside.y + 1,
            height: inside.height.saturating_sub(1 + about),
            ..inside
        };
        self.draw_list(&found, model, frame, list);
        let about = Rect {
            y: list.bottom(),
            height: about,
            ..inside
        };
        if let Some(spec) = found.get(self.chosen) {
            draw_about(spec, model, frame, about);
        }
    }

    fn draw_filter(&self, found: usize, model: &Model, frame: &mut Frame<'_>, area: Rect) {
        let style = |role| model.theme.style(role);
        let right = format!(
            "{} of {} ",
            count(found as u64),
            count(ACTIONS.len() as u64)
        );
        let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
        pen.gap(1, style(Role::Text))
            .text("type to filter: ", style(Role::Muted));
        let room = pen.room().saturating_sub(columns_of(&right) + 1).min(30);
        let (shown, column) = self.filter.window(room, model.glyphs);
        let x = area.right() - pen.room() + column;
        pen.cell(&shown, room, style(Role::Input));
        pen.to_right(columns_of(&right), style(Role::Muted))
            .text(&right, style(Role::Muted));
        frame.set_cursor_position((x, area.y));
    }

    /// The keys, with a heading before those of each screen.
    fn draw_list(&self, found: &[&'static Spec], model: &Model, frame: &mut Frame<'_>, area: Rect) {
        let style = |role| model.theme.style(role);
        let mut lines: Vec<(Option<usize>, String)> = Vec::new();
        let mut group = None;
        for (n, spec) in found.iter().enumerate() {
            let here = (self.is_described(spec, model), Group::of(spec, model));
            let heading = if here.0 {
                "In what they do".to_owned()
            } else {
                here.1.name(model)
            };
            if group.as_ref() != Some(&heading) {
                group = Some(heading.clone());
                lines.push((None, heading));
            }
            lines.push((Some(n), String::new()));
        }
        if found.is_empty() {
            let text = " Nothing is called so. Tab looks on all screens.";
            return paint::line(
                frame.buffer_mut(),
                row(area, 0),
                text,
                style(Role::Muted),
                model.glyphs,
            );
        }
        let chosen = lines
            .iter()
            .position(|(n, _)| *n == Some(self.chosen))
            .unwrap_or_default();
        let height = usize::from(area.height);
        let first = (chosen + 1).saturating_sub(height);
        for (y, (n, heading)) in lines.iter().skip(first).take(height).enumerate() {
            let area = row(area, y as u16);
            match n.and_then(|n| found.get(n)) {
                Some(spec) => draw_entry(spec, *n == Some(self.chosen), model, frame, area),
                None => paint::line(
                    frame.buffer_mut(),
                    area,
                    &format!(" {heading}"),
                    style(Role::Heading),
                    model.glyphs,
                ),
            }
        }
    }

    /// What matches, that which can be pressed here first.
    fn found(&self, model: &Model) -> Vec<&'static Spec> {
        let wanted = self.filter.text().to_lowercase();
        let words: Vec<&str> = wanted.split_whitespace().collect();
        let everywhere = self.all || !words.is_empty();
        let mut found: Vec<&Spec> = ACTIONS
            .iter()
            .filter(|spec| everywhere || Group::of(spec, model) != Group::Elsewhere)
            .filter(|spec| {
                let text = format!("{} {} {}", spec.name, spec.id, spec.sentence).to_lowercase();
                let keys = model.keymap.keys_of(spec.action);
                words.iter().all(|word| text.contains(word))
                    || keys.iter().any(|key| key == self.filter.text())
            })
            .collect();
        found.sort_by_key(|spec| (self.is_described(spec, model), Group::of(spec, model)));
        found
    }

    /// Whether only its sentence has what is typed, neither its name nor its keys.
    fn is_described(&self, spec: &Spec, model: &Model) -> bool {
        let wanted = self.filter.text().to_lowercase();
        let name = format!("{} {}", spec.name, spec.id).to_lowercase();
        let keys = model.keymap.keys_of(spec.action);
        let named = wanted.split_whitespace().all(|word| name.contains(word));
        !named && !keys.iter().any(|key| key == self.filter.text())
    }

    fn under(&self, model: &Model) -> Option<&'static Spec> {
        self.found(model).get(self.chosen).copied()
    }

    fn put_on(&mut self, model: &Model, action: Option<Action>) {
        let found = self.found(model);
        let place = found.iter().position(|spec| Some(spec.action) == action);
        self.chosen = place.unwrap_or_default();
    }
}

/// Where an action's keys work, as seen from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Here,
    Anywhere,
    Elsewhere,
}

impl Group {
    fn of(spec: &Spec, model: &Model) -> Self {
        if spec.scopes.contains(&model.scope()) {
            Self::Here
        } else if spec.scopes.contains(&Scope::Anywhere) {
            Self::Anywhere
        } else {
            Self::Elsewhere
        }
    }

    fn name(self, model: &Model) -> String {
        match self {
            Self::Here => format!("{} (here)", model.scope().name()),
            Self::Anywhere => "Everywhere".to_owned(),
            Self::Elsewhere => "Not here".to_owned(),
        }
    }
}

fn keys_of(spec: &Spec, model: &Model) -> String {
    let keys = model.keymap.keys_shown(model.scope(), spec.action);
    if keys.is_empty() {
        "unbound".to_owned()
    } else {
        keys.join(" ")
    }
}

fn draw_entry(spec: &Spec, here: bool, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let off = why_off(model, spec.action);
    let style = |role| model.theme.on_row(role, here);
    let (keys, text) = if off.is_some() {
        (Role::Muted, Role::Muted)
    } else {
        (Role::Key, Role::Text)
    };
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.text(
        if here { model.glyphs.cursor } else { " " },
        style(Role::Accent),
    );
    let narrow = area.width < 60;
    let shown = match model.keymap.key_for(model.scope(), spec.action) {
        Some(key) if narrow => key,
        _ => keys_of(spec, model),
    };
    pen.gap(1, style(text))
        .cell(&shown, if narrow { 7 } else { 18 }, style(keys))
        .gap(1, style(text));
    let columns = columns_of(spec.name);
    pen.cell(spec.name, columns, style(text));
    if let Some(off) = off.filter(|off| columns_of(off) + 4 <= pen.room()) {
        pen.to_right(columns_of(&off) + 1, style(text))
            .text(&off, style(Role::Muted));
    }
    pen.rest(style(text));
}

/// A sentence about what is under the cursor, and why it is off.
fn draw_about(spec: &Spec, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    if area.height == 0 {
        return;
    }
    let style = |role| model.theme.style(role);
    let mut lines: Vec<(Role, String)> = Vec::new();
    if let Some(off) = why_off(model, spec.action) {
        lines.push((Role::Warn, format!("Off now: {off}")));
    }
    let text = format!("{} Command: {}", spec.sentence, spec.id);
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    lines.extend(
        wrap(&text, room)
            .into_iter()
            .map(|line| (Role::Text, line.to_owned())),
    );
    let below = if area.height > 1 {
        paint::rule(
            frame.buffer_mut(),
            row(area, 0),
            "",
            model.theme,
            model.glyphs,
        );
        1
    } else {
        0
    };
    for (y, (role, line)) in lines
        .iter()
        .take(usize::from(area.height - below))
        .enumerate()
    {
        let mut pen = Pen::new(
            frame.buffer_mut(),
            row(area, y as u16 + below),
            model.glyphs,
        );
        pen.gap(1, style(*role)).text(line, style(*role));
    }
}

//! What was looked for, to be looked for again: what is saved, and what was looked for since the start.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::chord::Chord;
use super::layout::centred;
use super::list::act::look_for;
use super::model::{Model, NoteKind};
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, update};
use crate::bridge::{Command, Ticket};

/// The texts of searches.
#[derive(Clone, Debug, Default)]
pub struct LookedFor {
    saved: Vec<String>,
    /// The last one first.
    recent: Vec<String>,
    /// What is being written into the configuration.
    asked: Vec<(Ticket, String)>,
}

impl LookedFor {
    /// With those that are saved.
    pub fn new(saved: &[String]) -> Self {
        Self {
            saved: saved.to_vec(),
            ..Self::default()
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.saved.is_empty() && self.recent.is_empty()
    }

    /// Whether it is saved.
    pub fn is_saved(&self, text: &str) -> bool {
        self.saved.iter().any(|other| other == text.trim())
    }

    /// This was looked for.
    pub fn again(&mut self, text: &str) {
        let text = text.trim();
        self.recent.retain(|other| other != text);
        self.recent.insert(0, text.to_owned());
        self.recent.truncate(RECENT);
    }

    /// The engine has answered this ticket: what could not be written is as it was.
    pub fn answered(&mut self, ticket: Ticket, written: bool) {
        let asked = self.asked.extract_if(.., |(asked, _)| *asked == ticket);
        let asked: Vec<(Ticket, String)> = asked.collect();
        for (_, text) in asked.into_iter().filter(|_| !written) {
            self.toggle(&text);
        }
    }

    /// The saved ones in their order, and then the others, each with whether it is saved.
    fn all(&self) -> Vec<(&str, bool)> {
        let saved = self.saved.iter().map(|text| (text.as_str(), true));
        let others = self.recent.iter().filter(|text| !self.saved.contains(text));
        saved
            .chain(others.map(|text| (text.as_str(), false)))
            .collect()
    }

    /// Saves it, or no longer. Whether it is saved now.
    fn toggle(&mut self, text: &str) -> bool {
        let before = self.saved.len();
        self.saved.retain(|other| other != text);
        let saved = self.saved.len() == before;
        if saved {
            self.saved.push(text.to_owned());
        } else {
            // Not out of sight at once: it may have been a slip.
            self.again(text);
        }
        saved
    }
}

/// The list of them.
#[derive(Clone, Debug, Default)]
pub struct Searches {
    chosen: usize,
}

/// Shows them.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    update::open_overlay(model, Overlay::Searches(Searches::default()), out);
}

/// Saves what is looked for in the list, or forgets it.
pub fn save(model: &mut Model, out: &mut Vec<Effect>) {
    let text = model.list.find.input.value().trim().to_owned();
    model.looked_for.again(&text);
    toggle(model, &text, out);
}

fn toggle(model: &mut Model, text: &str, out: &mut Vec<Effect>) {
    let saved = model.looked_for.toggle(text);
    let said = if saved {
        let key = model.key(super::action::Action::GoSearches);
        format!("Saved: {text}; {key} lists it")
    } else {
        format!("No longer saved: {text}")
    };
    // While it is typed, the line it stands in says so.
    if !model.list.find.editing {
        model.say(NoteKind::Done, said);
    }
    let ticket = Ticket::new();
    model.looked_for.asked.push((ticket, text.to_owned()));
    out.push(Effect::Send(Command::KeepSearch {
        ticket,
        text: text.to_owned(),
        on: saved,
    }));
}

impl Searches {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let all = model.looked_for.all();
        let last = all.len().saturating_sub(1);
        let chosen = all.get(self.chosen).map(|(text, _)| (*text).to_owned());
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | 'h') | KeyCode::Left => return,
            KeyCode::Char('j') | KeyCode::Down => self.chosen = (self.chosen + 1).min(last),
            KeyCode::Char('k') | KeyCode::Up => self.chosen = self.chosen.saturating_sub(1),
            KeyCode::Home => self.chosen = 0,
            KeyCode::Char('G') | KeyCode::End => self.chosen = last,
            KeyCode::Enter | KeyCode::Char('o' | 'l') | KeyCode::Right => {
                if let Some(text) = chosen {
                    model.looked_for.again(&text);
                    look_for(model, &text, out);
                }
                return;
            }
            _ if key.code == KeyCode::Char('s') || Chord::of(key).is_control('s') => {
                if let Some(text) = chosen {
                    toggle(model, &text, out);
                    let all = model.looked_for.all();
                    let place = all.iter().position(|(other, _)| *other == text);
                    self.chosen = place.unwrap_or(0);
                }
            }
            _ => {}
        }
        model.overlay = Overlay::Searches(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let all = model.looked_for.all();
        let screen = frame.area();
        let height = u16::try_from(all.len()).unwrap_or(u16::MAX);
        let most = screen.height.saturating_sub(2).max(3);
        let area = centred(
            screen,
            screen.width.saturating_sub(2).min(74),
            height.saturating_add(2).clamp(3, most),
        );
        let hint = "Enter look  s save or forget  Esc back";
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            "Searches",
            hint,
            model.theme,
            model.glyphs,
        );
        let rows = usize::from(inside.height);
        let first = (self.chosen + 1).saturating_sub(rows);
        let shown = all.iter().enumerate().skip(first).take(rows);
        for (y, (n, (text, saved))) in shown.enumerate() {
            let here = n == self.chosen;
            let style = |role| model.theme.on_row(role, here);
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16), model.glyphs);
            let mark = if here { model.glyphs.cursor } else { " " };
            pen.text(mark, style(Role::Accent))
                .gap(1, style(Role::Text));
            let word = if *saved { "saved" } else { "" };
            let room = pen.room().saturating_sub(8);
            pen.cell(text, room, style(Role::Text))
                .gap(1, style(Role::Text))
                .cell(word, 5, style(Role::Muted))
                .rest(style(Role::Text));
        }
    }
}

/// So many are remembered beside those that are saved.
const RECENT: usize = 50;

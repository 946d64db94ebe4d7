//! What each key does, here first.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::action::{ACTIONS, Scope};
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, update};

/// The list of keys.
#[derive(Clone, Debug, Default)]
pub struct Help {
    scroll: usize,
}

/// Shows it.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    update::open_overlay(model, Overlay::Help(Help::default()), out);
}

impl Help {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, _out: &mut Vec<Effect>) {
        match key.code {
            KeyCode::Esc | KeyCode::Char('q' | '?') => return,
            KeyCode::Down | KeyCode::Char('j') => {
                self.scroll = (self.scroll + 1).min(ACTIONS.len());
            }
            KeyCode::Up | KeyCode::Char('k') => self.scroll = self.scroll.saturating_sub(1),
            _ => {}
        }
        model.overlay = Overlay::Help(self);
    }

    /// Takes pasted text.
    pub fn paste(self, model: &mut Model, _text: &str, _out: &mut Vec<Effect>) {
        model.overlay = Overlay::Help(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let area = centred(
            screen,
            screen.width.saturating_sub(2).min(78),
            screen.height.saturating_sub(2),
        );
        let title = format!("Keys: {}", model.scope().name());
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &title,
            "Esc close",
            model.theme,
            model.glyphs,
        );
        let here = ACTIONS.iter().filter(|spec| {
            spec.scopes.contains(&model.scope()) || spec.scopes.contains(&Scope::Anywhere)
        });
        for (y, spec) in here
            .skip(self.scroll)
            .take(inside.height.into())
            .enumerate()
        {
            let key = model
                .keymap
                .key_for(model.scope(), spec.action)
                .unwrap_or_default();
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16), model.glyphs);
            pen.gap(1, model.theme.style(Role::Text))
                .cell(&key, 8, model.theme.style(Role::Key));
            let room = pen.room();
            pen.cell(spec.name, room, model.theme.style(Role::Text));
        }
    }
}

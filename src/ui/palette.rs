//! Any command by its name, with the key that would have been faster.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::action::{ACTIONS, Action};
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, Overlay, update};

/// The palette, or the command line.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    input: Input,
    line: bool,
}

/// Opens it; as a command line when `line`.
pub fn open(model: &mut Model, line: bool, out: &mut Vec<Effect>) {
    let palette = Palette {
        line,
        ..Palette::default()
    };
    update::open_overlay(model, Overlay::Palette(palette), out);
}

impl Palette {
    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        match key.code {
            KeyCode::Esc => return,
            KeyCode::Enter => {
                if let Some(action) = self.found().first() {
                    update::act(model, *action, out);
                }
                return;
            }
            _ => {
                self.input.handle_event(&crossterm::event::Event::Key(key));
            }
        }
        model.overlay = Overlay::Palette(self);
    }

    /// Takes pasted text.
    pub fn paste(self, model: &mut Model, _text: &str, _out: &mut Vec<Effect>) {
        model.overlay = Overlay::Palette(self);
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let area = centred(
            screen,
            screen.width.saturating_sub(4).min(70),
            screen.height.saturating_sub(4).min(14),
        );
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            "Commands",
            "Enter run  Esc close",
            model.theme,
            model.glyphs,
        );
        let sign = if self.line { ":" } else { ">" };
        let text = format!(" {sign} {}_", self.input.value());
        paint::line(
            frame.buffer_mut(),
            row(inside, 0),
            &text,
            model.theme.style(Role::Input),
            model.glyphs,
        );
        for (y, action) in self
            .found()
            .into_iter()
            .take(inside.height.saturating_sub(1).into())
            .enumerate()
        {
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16 + 1), model.glyphs);
            let room = inside.width.saturating_sub(10);
            pen.gap(2, model.theme.style(Role::Text)).cell(
                action.spec().name,
                room,
                model.theme.style(Role::Text),
            );
            let key = model
                .keymap
                .keys_of(action)
                .into_iter()
                .next()
                .unwrap_or_default();
            pen.cell(&key, 8, model.theme.style(Role::Key));
        }
    }

    fn found(&self) -> Vec<Action> {
        let wanted = self.input.value().to_lowercase();
        let fits = |text: &str| text.to_lowercase().contains(&wanted);
        ACTIONS
            .iter()
            .filter(|spec| fits(spec.name) || fits(spec.id))
            .map(|spec| spec.action)
            .collect()
    }
}

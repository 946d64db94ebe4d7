//! A problem, in full: what happened, why, what to do.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;

use super::Effect;
use super::Overlay;
use super::layout::centred;
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;
use crate::mail::Problem;
use crate::mail::text::wrap;

/// A problem on the screen.
#[derive(Clone, Debug)]
pub struct Panel {
    problem: Problem,
}

/// Shows it.
pub fn open(model: &mut Model, problem: Problem) {
    model.overlay = Overlay::Problem(Panel { problem });
}

impl Panel {
    /// Takes a key.
    pub fn key(self, model: &mut Model, key: KeyEvent, _out: &mut Vec<Effect>) {
        if !matches!(key.code, KeyCode::Esc | KeyCode::Char('q')) {
            model.overlay = Overlay::Problem(self);
        }
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let columns = screen.width.saturating_sub(2).min(78);
        let lines: Vec<&str> = [&self.problem.why, &self.problem.remedy]
            .into_iter()
            .flat_map(|text| wrap(text, columns.saturating_sub(4).into()))
            .collect();
        let area = centred(screen, columns, lines.len() as u16 + 2);
        let hint = "Esc close";
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &self.problem.what,
            hint,
            model.theme,
            model.glyphs,
        );
        for (y, text) in lines.into_iter().enumerate() {
            let style = model.theme.style(Role::Text);
            let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16), model.glyphs);
            pen.gap(1, style).text(text, style);
        }
    }
}

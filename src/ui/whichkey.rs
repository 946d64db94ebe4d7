//! What can follow the keys pressed so far. It appears at once and waits for ever.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::chord::{Chord, spell};
use super::model::Model;
use super::paint::{self, Pen, row};
use super::theme::Role;

/// Draws it.
pub fn draw(keys: &[Chord], model: &Model, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let next = model.keymap.continuations(model.scope(), keys);
    let across = usize::from(screen.width / 26).max(1);
    let lines = next.len().div_ceil(across) as u16;
    let height = (lines + 2).min(screen.height);
    let area = Rect {
        y: screen.bottom().saturating_sub(height + 2),
        height,
        ..screen
    };
    let title = format!("{}…", spell(keys));
    let inside = paint::boxed(
        frame.buffer_mut(),
        area,
        &title,
        "Esc",
        model.theme,
        model.glyphs,
    );
    for (y, entries) in next.chunks(across).enumerate() {
        let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16), model.glyphs);
        for (key, action) in entries {
            pen.gap(1, model.theme.style(Role::Text))
                .cell(key, 3, model.theme.style(Role::Key));
            pen.cell(action.spec().hint, 22, model.theme.style(Role::Text));
        }
    }
}

//! What can follow the keys pressed so far. It appears at once and waits for ever.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::action::{Action, availability};
use super::chord::{Chord, spell};
use super::model::Model;
use super::paint::{self, Pen, columns_of, row};
use super::theme::Role;

/// Draws it.
pub fn draw(keys: &[Chord], model: &Model, frame: &mut Frame<'_>) {
    let screen = frame.area();
    let next = model.keymap.continuations(model.scope(), keys);
    let key = next
        .iter()
        .map(|(key, _)| columns_of(key))
        .max()
        .unwrap_or(1);
    let words = next
        .iter()
        .map(|(_, action)| columns_of(action.spec().hint))
        .max()
        .unwrap_or(1);
    let inner = screen.width.saturating_sub(2).max(1);
    let mut cell = (key + words + 5).min(inner);
    let mut across = usize::from(inner / cell).max(1);
    let most = usize::from(screen.height.saturating_sub(4)).max(1);
    if next.len().div_ceil(across) > most {
        // Every key is to be seen: the words give way.
        across = next.len().div_ceil(most);
        cell = inner / u16::try_from(across).unwrap_or(u16::MAX);
        cell = cell.max(key + 4);
    }
    let lines = u16::try_from(next.len().div_ceil(across)).unwrap_or(u16::MAX);
    let height = lines.saturating_add(2).min(screen.height.saturating_sub(2));
    let area = Rect {
        y: screen.bottom().saturating_sub(height + 2),
        height,
        ..screen
    };
    let title = format!("{}{}", spell(keys), model.glyphs.ellipsis);
    let inside = paint::boxed(
        frame.buffer_mut(),
        area,
        &title,
        "Esc",
        model.theme,
        model.glyphs,
    );
    // Down each column, so that the eye goes through the registry's order.
    let rows = next.len().div_ceil(across).max(1);
    for y in 0..rows.min(inside.height.into()) {
        let mut pen = Pen::new(frame.buffer_mut(), row(inside, y as u16), model.glyphs);
        for (name, action) in next.iter().skip(y).step_by(rows) {
            draw_entry(&mut pen, name, *action, (key, cell), model);
        }
    }
}

/// What cannot be done now is there, but does not draw the eye.
fn draw_entry(
    pen: &mut Pen<'_>,
    name: &str,
    action: Action,
    (key, cell): (u16, u16),
    model: &Model,
) {
    let possible = availability(model, action).is_ok();
    let (keys, words) = if possible {
        (Role::Key, Role::Text)
    } else {
        (Role::Muted, Role::Muted)
    };
    let style = |role| model.theme.style(role);
    pen.gap(1, style(Role::Text))
        .cell(name, key, style(keys))
        .gap(2, style(words));
    pen.cell(
        action.spec().hint,
        cell.saturating_sub(key + 3),
        style(words),
    );
}

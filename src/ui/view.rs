use ratatui::Frame;
use ratatui::layout::Rect;

use super::glyphs::GlyphSet;
use super::layout::{self, LEAST};
use super::model::{Model, Overlay, Screen};
use super::theme::Role;
use super::{
    accounts, errors, header, hints, list, mailbox, paint, peek, reader, review, status, whichkey,
    wizard,
};

/// Draws the model. Changes nothing.
pub fn view(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let ground = model.theme.style(Role::Text);
    frame.buffer_mut().set_style(area, ground);
    if area.is_empty() {
        return;
    }
    if !layout::fits(area.width, area.height) {
        return too_small(model, frame, area);
    }
    match &model.screen {
        Screen::List => {
            header::draw(model, frame);
            list::draw::draw(model, frame);
        }
        Screen::Reader => reader::draw::draw(model, frame),
        Screen::Peek(peek) => peek::draw(peek, model, frame),
        Screen::Review(review) => review::draw(review, model, frame),
        Screen::Mailbox(mailbox) => mailbox::draw(mailbox, model, frame),
        Screen::Errors(errors) => errors::draw(errors, model, frame),
        Screen::Accounts(accounts) => accounts::draw(accounts, model, frame),
        Screen::Wizard(wizard) => wizard::draw(wizard, model, frame),
    }
    if !matches!(model.screen, Screen::Wizard(_)) {
        status::draw(model, frame);
        hints::draw(model, frame);
    }
    match &model.overlay {
        Overlay::None => {}
        Overlay::Prefix(keys) => whichkey::draw(keys, model, frame),
        Overlay::Help(help) => help.draw(model, frame),
        Overlay::Palette(palette) => palette.draw(model, frame),
        Overlay::Confirm(confirm) => confirm.draw(model, frame),
        Overlay::Links(links) => links.draw(model, frame),
        Overlay::Files(files) => files.draw(model, frame),
        Overlay::Searches(searches) => searches.draw(model, frame),
        Overlay::Problem(panel) => panel.draw(model, frame),
    }
    plain(model, frame);
}

/// Puts shapes that the terminal has in the place of those that it has not.
fn plain(model: &Model, frame: &mut Frame<'_>) {
    if model.glyphs.set != GlyphSet::Ascii {
        return;
    }
    for cell in &mut frame.buffer_mut().content {
        if let Some(shape) = model.glyphs.stands_for(cell.symbol()) {
            cell.set_symbol(shape);
        }
    }
}

fn too_small(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let text = format!(
        "need {}x{}, have {}x{}",
        LEAST.0, LEAST.1, area.width, area.height
    );
    let middle = Rect {
        y: area.y + area.height / 2,
        height: 1,
        ..area
    };
    let style = model.theme.style(Role::Text);
    paint::line(frame.buffer_mut(), middle, &text, style, model.glyphs);
    let below = Rect {
        y: middle.y + 1,
        ..middle
    };
    paint::line(
        frame.buffer_mut(),
        below,
        "q quits, ^z suspends",
        model.theme.style(Role::Muted),
        model.glyphs,
    );
}

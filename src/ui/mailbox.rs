//! What lies on a server.

use crossterm::event::KeyEvent;
use ratatui::Frame;

use super::Effect;
use super::action::Action;
use super::layout;
use super::model::{Model, Screen};
use super::paint::{self, row};
use super::theme::Role;
use crate::bridge::Event;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {}

/// Shows it.
pub fn open(model: &mut Model, _out: &mut Vec<Effect>) {
    if !matches!(model.screen, Screen::Mailbox(_)) {
        model.go(Screen::Mailbox(Mailbox::default()));
    }
}

/// Does an action of its own. Whether it was one.
pub fn act(_model: &mut Model, _action: Action, _out: &mut Vec<Effect>) -> bool {
    false
}

/// Takes a key before the keymap does. Whether it did.
pub fn key(_model: &mut Model, _key: KeyEvent, _out: &mut Vec<Effect>) -> bool {
    false
}

/// Takes what it waits for.
pub fn event(_model: &mut Model, _event: &Event, _out: &mut Vec<Effect>) {}

/// Draws it.
pub fn draw(_state: &Mailbox, model: &Model, frame: &mut Frame<'_>) {
    let page = layout::page(model.size.0, model.size.1).body;
    let style = model.theme.style(Role::Title);
    paint::line(
        frame.buffer_mut(),
        row(page, 0),
        model.scope().name(),
        style,
        model.glyphs,
    );
}

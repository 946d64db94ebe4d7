use ratatui::Frame;
use ratatui::layout::Rect;

use super::is_gone;
use crate::mail::{Local, MessageSummary};
use crate::ui::action::{Action, availability};
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, row};
use crate::ui::theme::Role;

/// Draws what can become of the message: only what can really be done to it now.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, page: Rect, message: &MessageSummary) {
    let (here, gone) = (message.local == Local::Full, is_gone(message));
    let lines = [
        (
            Action::PeekDownload,
            if here { "Open" } else { "Download" },
            if here {
                "it is on this computer already"
            } else {
                "keep it here; the server's copy follows the rules"
            },
        ),
        (
            Action::Pin,
            "Leave",
            "on the server, whatever the rules say",
        ),
        (
            Action::PeekDelete,
            "Delete",
            if gone {
                "what is here of it, into the Trash"
            } else if here {
                "here and on the server"
            } else {
                "on the server. There is NO copy here: then it is gone"
            },
        ),
    ];
    let possible = |action| availability(model, action).is_ok();
    let lines = lines.into_iter().filter(|(action, ..)| possible(*action));
    let key = |action| model.keymap.key_for(model.scope(), action);
    let style = |action| {
        let danger = action == Action::PeekDelete && !here && !gone;
        model
            .theme
            .style(if danger { Role::Danger } else { Role::Text })
    };
    if page.height < SMALL {
        let last = row(page, page.height.saturating_sub(1));
        let mut pen = Pen::new(frame.buffer_mut(), last, model.glyphs);
        for (action, word, _) in lines {
            let key = key(action).unwrap_or_default();
            pen.gap(1, style(action))
                .text(&key, model.theme.style(Role::Key))
                .gap(1, style(action))
                .text(word, style(action))
                .gap(1, style(action));
        }
        return;
    }
    let top = page.height.saturating_sub(CHOICES + 1);
    paint::rule(
        frame.buffer_mut(),
        row(page, top),
        "What shall happen to it?",
        model.theme,
        model.glyphs,
    );
    for (y, (action, word, what)) in lines.enumerate() {
        let (key, style) = (key(action).unwrap_or_default(), style(action));
        let mut pen = Pen::new(
            frame.buffer_mut(),
            row(page, top + 1 + y as u16),
            model.glyphs,
        );
        pen.gap(3, style)
            .cell(&key, 6, model.theme.style(Role::Key))
            .cell(word, 10, style);
        let room = pen.room().saturating_sub(1);
        pen.cell(what, room, style);
    }
}

/// How many there are.
pub(super) const CHOICES: u16 = 3;
/// With fewer rows they stand in one, without a word about each.
pub(super) const SMALL: u16 = 10;

//! What the reader asks for: a message, or what is here of it.

use crate::bridge::{Command, Ticket};
use crate::mail::Local;
use crate::ui::Effect;
use crate::ui::model::{Model, Screen};

/// Asks for the message that it is about.
pub(super) fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    let row = model.reader.target.and_then(|id| model.list.rows.brief(id));
    let local = row.map(|row| row.local);
    ask_for(model, local, out);
}

/// `local`: what is here of it, as far as that is known.
pub(super) fn ask_for(model: &mut Model, local: Option<Local>, out: &mut Vec<Effect>) {
    let Some(id) = model.reader.target else {
        return;
    };
    let ticket = Ticket::new();
    let (width, view) = (super::text_width(model), model.reader.view);
    model.reader.asked = Some(ticket);
    model.reader.width = width;
    // Nothing is fetched for a preview.
    let only_here = matches!(model.screen, Screen::List) && local != Some(Local::Full);
    out.push(Effect::Send(if only_here {
        Command::Preview {
            ticket,
            id,
            view,
            width,
        }
    } else {
        Command::Open {
            ticket,
            id,
            view,
            width,
        }
    }));
}

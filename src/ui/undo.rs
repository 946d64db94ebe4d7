//! Taking back what was done last, and doing it again.

use super::history::Deed;
use super::model::{Model, NoteKind, Screen};
use super::{Effect, deed, format};
use crate::mail::{Brief, Local, Server};

/// Takes back the last deed: on the screen at once, in the store as soon as the engine has it.
pub(super) fn undo(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(mut deed) = model.history.undo() else {
        return;
    };
    let lost = deed.part_with_lost();
    if deed.before.is_empty() {
        let what = if lost == 1 { "It was" } else { "They were" };
        model.refuse(format!("{what} deleted on the server: nothing to undo"));
        return;
    }
    for row in &deed.before {
        deed::stage(model, row);
    }
    let known = |after: Brief| model.list.rows.brief(after.id).copied().unwrap_or(after);
    let until_now: Vec<Brief> = deed::after(&deed).into_iter().map(known).collect();
    let account = deed.account.as_ref();
    model.list.take_back(deed.before.clone(), account);
    deed.tickets = deed::send(model, &deed.inverse, &until_now, account, out);
    // Where a message is open, another one would be opened with it, and fetched for that.
    let in_list = matches!(model.screen, Screen::List);
    if let Some(first) = deed.before.first()
        && (in_list || first.local == Local::Full)
    {
        model.list.select(first.id);
    }
    let here_alone = told_here_alone(&deed, lost);
    let whole = here_alone.is_none();
    let said = here_alone.unwrap_or_else(|| format!("Undone: {}", deed.name()));
    model.say(NoteKind::Done, said);
    if let Some(note) = model.note.as_mut().filter(|_| whole) {
        note.hint = "Z redo";
    }
    model.history.undone(deed);
}

/// What is said of an undo that does not reach the server, where something was carried out already; `lost`: of so many
/// messages that do not come back at all.
fn told_here_alone(deed: &Deed, lost: usize) -> Option<String> {
    let (all, gone) = (deed.before.len(), deed.gone.len());
    if !deed.stages() {
        return None;
    }
    if lost == 0 && gone == 0 {
        let mut rows = deed.before.iter();
        let unsure = rows.any(|row| row.server == Server::Unconfirmed);
        return unsure.then(|| "Undone here; the next check tells what the server has".to_owned());
    }
    Some(match (all, lost) {
        (1, 0) => "The server's copy is gone; it is back from the Trash here".to_owned(),
        (all, 0) if gone == all => {
            "The server's copies are gone; they are back from the Trash here".to_owned()
        }
        _ => format!(
            "Undone here: {}; {} gone on the server",
            deed.what,
            format::count((gone + lost) as u64)
        ),
    })
}

/// Does again what was taken back last.
pub(super) fn redo(model: &mut Model, out: &mut Vec<Effect>) {
    let Some(mut deed) = model.history.redo() else {
        return;
    };
    deed.tickets = deed::apply(model, &deed, out);
    model.say_done(deed.name());
    model.history.redone(deed);
}

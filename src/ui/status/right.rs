//! What stands at the right of the status line: what one can do about what is said, and always what is staged.

use super::{busiest, is_asking};
use crate::ui::action::Action;
use crate::ui::format::{self, count, size};
use crate::ui::model::{Model, NoteKind, Screen};
use crate::ui::theme::Role;

/// The right side: what one can do, and what is staged. Either may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Right {
    pub(super) aside: String,
    pub(super) role: Role,
    pub(super) staged: String,
}

impl Right {
    pub(super) fn nothing() -> Self {
        Self {
            aside: String::new(),
            role: Role::Muted,
            staged: String::new(),
        }
    }
}

/// The right side in forms of all lengths, the longest first; never none. What is staged is in every one of them, if anything is:
/// it is the last to go.
pub(super) fn forms(model: &Model) -> Vec<Right> {
    let (role, asides) = asides(model);
    let mut staged = staged(model);
    if staged.is_empty() {
        staged.push(String::new());
    }
    let mut forms = Vec::new();
    for aside in &asides {
        forms.extend(staged.iter().map(|staged| Right {
            aside: aside.clone(),
            role,
            staged: staged.clone(),
        }));
    }
    forms.extend(staged.into_iter().map(|staged| Right {
        aside: String::new(),
        role,
        staged,
    }));
    forms
}

/// The shortest of them.
pub(super) fn least(model: &Model) -> Right {
    Right {
        staged: staged(model).pop().unwrap_or_default(),
        ..Right::nothing()
    }
}

/// What one can do about what is said at the left, or what else there is to know; the longest form first.
fn asides(model: &Model) -> (Role, Vec<String>) {
    let muted = |text: String| (Role::Muted, vec![text]);
    let plain = |kind| kind == NoteKind::Plain;
    if busiest(model).is_some() && model.note.as_ref().is_none_or(|note| plain(note.kind)) {
        return muted(format!("{} stop", model.key(Action::Cancel)));
    }
    // Undo is about the messages of the list.
    let in_mail = matches!(model.screen, Screen::List | Screen::Reader);
    if let Some(note) = model.note.as_ref().filter(|note| !note.hint.is_empty())
        && in_mail
    {
        return muted(note.hint.to_owned());
    }
    if matches!(model.screen, Screen::List) && !model.list.marks.is_empty() {
        return muted("Esc unmark all".to_owned());
    }
    if matches!(model.screen, Screen::Reader)
        && let Some(blocked) = blocked(model)
    {
        return (Role::Muted, blocked);
    }
    if matches!(model.screen, Screen::List) && model.list.find.editing && model.list.find.is_blank()
    {
        return (Role::Muted, TO_TYPE.map(str::to_owned).to_vec());
    }
    match model.log.unread() {
        0 if is_asking(model) => muted(format!("{} stop", model.key(Action::Cancel))),
        0 => (Role::Muted, Vec::new()),
        n => {
            let errors = format::counted(n as u64, "error");
            let key = model.key(Action::GoErrors);
            (Role::Danger, vec![format!("{key}: {errors}")])
        }
    }
}

/// What waits for the review, the longest form first; nothing on the review itself, which lists it.
fn staged(model: &Model) -> Vec<String> {
    let n = model.staged.len();
    if n == 0 || matches!(model.screen, Screen::Review(_)) {
        return Vec::new();
    }
    let review = model.key(Action::Review);
    let (glyphs, octets, n) = (model.glyphs, size(model.staged_octets()), n as u64);
    let (minus, dot) = (glyphs.minus, glyphs.dot);
    let mut forms = Vec::new();
    if model.size.0 >= 100 {
        let what = format::counted(n, "staged deletion");
        forms.push(format!("{what} {minus}{octets} {dot} {review} review"));
    }
    let n = count(n);
    forms.push(format!("{n} staged {minus}{octets} {dot} {review} review"));
    forms.push(format!("{n} staged, {review} review"));
    forms.push(format!("{n} staged, {review}"));
    forms
}

/// What was not loaded, in a long and a short form.
fn blocked(model: &Model) -> Option<Vec<String>> {
    let blocked = model.reader.body()?.blocked;
    if blocked.images == 0 {
        return None;
    }
    let images = format::counted(blocked.images.into(), "remote image");
    let short = format!("blocked: {images}");
    if blocked.trackers == 0 {
        return Some(vec![short]);
    }
    let verb = if blocked.trackers == 1 {
        "looks like a tracker"
    } else {
        "look like trackers"
    };
    let long = format!("{short} ({} {verb})", blocked.trackers);
    Some(vec![long, short])
}

/// Words of the search language, as reminders; F1 shows all.
const TO_TYPE: [&str; 3] = [
    "from:  subject:  has:file  is:unread  larger:5M  older:30d",
    "from:  has:file  is:unread  older:30d",
    "from:  has:file",
];

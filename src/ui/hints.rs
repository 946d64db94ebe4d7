//! The line at the bottom: which keys do what here, read from the keys in force. Help is always its last word.

use ratatui::Frame;

use super::action::{Action, Scope, availability};
use super::list::Place;
use super::model::{Model, Overlay, Screen};
use super::paint::{Pen, columns_of};
use super::theme::Role;

/// A hint: keys and a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The key, as it is pressed.
    pub keys: String,
    /// What it does.
    pub word: String,
    /// The actions behind it.
    pub actions: Vec<Action>,
}

/// What can be done here, the most useful first; only what can really be done now and has a key.
pub fn hints(model: &Model) -> Vec<Hint> {
    let scope = model.scope();
    let mut hints = Vec::new();
    for entry in order(model) {
        let possible = entry
            .0
            .iter()
            .all(|action| availability(model, *action).is_ok());
        let keys: Option<Vec<String>> = entry
            .0
            .iter()
            .map(|action| key(model, scope, *action))
            .collect();
        let (true, Some(keys)) = (possible, keys) else {
            continue;
        };
        let word = match (entry.1, entry.0.first()) {
            ("", Some(action)) => action.spec().hint,
            (word, _) => word,
        };
        hints.push(Hint {
            keys: keys.join("/"),
            word: word.to_owned(),
            actions: entry.0.to_vec(),
        });
    }
    hints
}

/// The key that a hint shows: Esc for the way back, the first and the last where a row of keys does the same.
fn key(model: &Model, scope: Scope, action: Action) -> Option<String> {
    let first = model.keymap.key_for(scope, action)?;
    match action {
        Action::Back if model.keymap.keys_of(action).iter().any(|key| key == "Esc") => {
            Some("Esc".to_owned())
        }
        Action::OpenLink => {
            let links = model.reader.body().map_or(0, |body| body.links.len());
            let keys = model.keymap.keys_of(action);
            let last = keys.get(links.clamp(1, keys.len().max(1)) - 1)?;
            Some(if links > 1 {
                format!("{first}-{last}")
            } else {
                first
            })
        }
        _ => Some(first),
    }
}

/// Draws them. What lies over the screen takes all keys, and says itself which do something.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    if !matches!(model.overlay, Overlay::None | Overlay::Prefix(_)) {
        return;
    }
    let area = model.panes().hints;
    let (key, text) = (model.theme.style(Role::Key), model.theme.style(Role::Muted));
    let help = model.key(Action::Help);
    let last = columns_of(&help) + 6;
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text);
    if model.list.find.editing && matches!(model.screen, Screen::List) {
        // Typing lets this key through, and no other that it may have been given.
        let saves = model.key(Action::SaveSearch) == "^s";
        for (keys, word) in [
            ("Enter", "to the results"),
            ("Esc", "back"),
            (
                "Tab",
                if model.aside.is_some() {
                    "back to one place"
                } else {
                    "all mail"
                },
            ),
            ("^s", if saves { "save" } else { "" }),
            ("Up/Down", "move"),
        ] {
            if word.is_empty() || columns_of(keys) + columns_of(word) + 3 + 8 > pen.room() {
                continue;
            }
            pen.text(keys, key)
                .text(" ", text)
                .text(word, text)
                .gap(2, text);
        }
        pen.to_right(8, text)
            .text("F1", key)
            .text(" help", text)
            .rest(text);
        return;
    }
    for hint in hints(model) {
        let columns = columns_of(&hint.keys) + 1 + columns_of(&hint.word) + 2;
        if columns + last > pen.room() {
            continue;
        }
        pen.text(&hint.keys, key)
            .text(" ", text)
            .text(&hint.word, text)
            .gap(2, text);
    }
    pen.to_right(last, text)
        .text(&help, key)
        .text(" help", text)
        .rest(text);
}

/// The hints of a scope: actions that share a hint, and its word where it is not the action's own.
fn order(model: &Model) -> &'static [(&'static [Action], &'static str)] {
    use Action as A;
    match model.scope() {
        Scope::List if !model.list.marks.is_empty() => &[
            (&[A::Delete], ""),
            (&[A::Archive], ""),
            (&[A::Pin], ""),
            (&[A::Fetch], ""),
            (&[A::Star], ""),
            (&[A::DeleteServer], ""),
            (&[A::Escape], "unmark all"),
            (&[A::Undelete], ""),
        ],
        Scope::List if model.list.place == Place::Trash => &[
            (&[A::Down, A::Up], "move"),
            (&[A::Open], ""),
            (&[A::Undelete], ""),
            (&[A::Mark], "mark"),
            (&[A::Find], ""),
            (&[A::Palette], ""),
            (&[A::Sync], ""),
        ],
        Scope::List if model.size.0 < 60 => &[
            (&[A::Open], ""),
            (&[A::Delete], "del"),
            (&[A::Mark], "mark"),
            (&[A::PeekAt], "peek"),
        ],
        Scope::List if model.has_preview() => &[
            (&[A::ReadOn], ""),
            (&[A::Open], "full"),
            (&[A::Delete], ""),
            (&[A::Archive], ""),
            (&[A::Pin], ""),
            (&[A::Mark], "mark"),
            (&[A::Find], ""),
            (&[A::Palette], ""),
            (&[A::OpenLink], "link"),
            (&[A::Attachments], ""),
            (&[A::DeleteServer], ""),
            (&[A::Undelete], ""),
        ],
        Scope::List => &[
            (&[A::Down, A::Up], "move"),
            (&[A::Open], ""),
            (&[A::Delete], ""),
            (&[A::Pin], ""),
            (&[A::Mark], "mark"),
            (&[A::Find], ""),
            (&[A::Palette], ""),
            (&[A::Sync], ""),
            (&[A::Quit], ""),
        ],
        Scope::Reader => &[
            (&[A::ReadOn], ""),
            (&[A::Next, A::Previous], "next/prev"),
            (&[A::Delete], ""),
            (&[A::Archive], ""),
            (&[A::OpenLink], "link"),
            (&[A::Attachments], ""),
            (&[A::Back], ""),
            (&[A::ViewHeaders], ""),
            (&[A::Star], ""),
        ],
        Scope::Peek => &[
            (&[A::PeekMore], ""),
            (&[A::Back], "back: nothing changes"),
            (&[A::Next, A::Previous], "next/prev message"),
        ],
        Scope::Accounts => &[
            (&[A::Down, A::Up], "move"),
            (&[A::Open], "show its mail"),
            (&[A::AddAccount], ""),
            (&[A::Sync], ""),
            (&[A::Back], ""),
        ],
        Scope::Errors => &[
            (&[A::Down, A::Up], "move"),
            (&[A::Open], ""),
            (&[A::Back], ""),
        ],
        Scope::Review => &[
            (&[A::NextButton], ""),
            (&[A::Press], ""),
            (&[A::Undelete], "take off"),
            (&[A::Back], ""),
            (&[A::Fetch], "download first"),
            (&[A::Down, A::Up], "move"),
        ],
        Scope::Mailbox => &[
            (&[A::Down, A::Up], "move"),
            (&[A::Stage], ""),
            (&[A::Undelete], "take back"),
            (&[A::Pin], ""),
            (&[A::Fetch], ""),
            (&[A::Calendar], ""),
            (&[A::Back], ""),
            (&[A::Review], ""),
        ],
        Scope::Wizard | Scope::Anywhere => &[],
    }
}

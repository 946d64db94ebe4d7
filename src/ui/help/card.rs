//! What can be typed where keys are text: the words of the search, and the keys of the set-up.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::ui::model::{Model, Screen};
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::Role;

/// What a text field wants to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Card {
    Find,
    SetUp,
}

impl Card {
    /// The one of the text field that has the keys now.
    pub(super) fn of(model: &Model) -> Option<Self> {
        match model.screen {
            Screen::List if model.list.find.editing => Some(Self::Find),
            Screen::Wizard(_) => Some(Self::SetUp),
            _ => None,
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Find => "What can be looked for",
            Self::SetUp => "Keys: Set-up",
        }
    }

    fn lines(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Find => &FIND,
            Self::SetUp => &SET_UP,
        }
    }

    pub(super) fn draw(self, model: &Model, frame: &mut Frame<'_>, area: Rect) {
        let lines = self.lines();
        let (key, text) = (model.theme.style(Role::Key), model.theme.style(Role::Text));
        let widest = lines.iter().map(|(typed, _)| columns_of(typed)).max();
        let columns = widest.unwrap_or_default().min(area.width / 2);
        for (y, (typed, meaning)) in lines.iter().take(area.height.into()).enumerate() {
            let mut pen = Pen::new(frame.buffer_mut(), row(area, y as u16), model.glyphs);
            pen.gap(1, text).cell(typed, columns, key).gap(2, text);
            let room = pen.room();
            pen.cell(meaning, room, text);
        }
    }
}

/// The hint at the lower edge of a card.
pub(super) fn hint(area: Rect) -> &'static str {
    if area.width < 60 {
        "Esc close"
    } else {
        "Tab all keys   Esc close"
    }
}

/// The box for a card on this screen.
pub(super) fn boxed(card: Card, model: &Model, frame: &mut Frame<'_>, area: Rect) -> Rect {
    paint::boxed(
        frame.buffer_mut(),
        area,
        card.title(),
        hint(area),
        model.theme,
        model.glyphs,
    )
}

const FIND: [(&str, &str); 18] = [
    ("tide table", "both words, anywhere"),
    ("\"tide table\"", "one behind the other"),
    ("tid*", "words that begin so"),
    ("-draft", "not this"),
    ("ada or grace", "one of them; ( ) group"),
    ("from: to: cc:", "a name or address there: from:mum"),
    ("subject: body:", "there only"),
    ("file:", "the name of an attachment"),
    ("is:unread", "also read, starred, answered, pinned"),
    ("has:file", "with attachments"),
    ("on:server no:copy", "a copy there; not all of it here"),
    ("larger:5M", "or smaller:10k"),
    ("older:30d newer:1w", "age in h, d, w, m (months), y"),
    (
        "before: after:",
        "a day: before:2026-01-31, after:yesterday",
    ),
    ("date:2026-11", "that day, month or year"),
    ("folder:archive", "also inbox, trash"),
    ("account:home", "of that account"),
    ("id:17", "a number, or a Message-ID"),
];

const SET_UP: [(&str, &str); 8] = [
    ("Tab Down", "to the next field"),
    ("S-Tab Up", "to the one before"),
    ("Enter", "on; behind the last field it tests, or saves"),
    ("Space", "changes a choice, presses a button"),
    ("^T", "shows the password, or hides it"),
    ("Esc", "a step back; stops a test"),
    ("^C", "leaves the set-up, nothing is saved"),
    ("F1", "closes this"),
];

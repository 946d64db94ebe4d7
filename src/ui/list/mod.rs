//! The list of messages: rows, cursor, marks, filter. The cursor is tied to a message, never to a place.

pub mod act;
pub mod columns;
pub mod draw;
pub mod find;
pub mod rows;
pub mod sight;

use std::collections::HashSet;

use crate::bridge::{ListRequest, Sort, Ticket};
use crate::mail::{AccountId, Folder, MessageId, MessageSummary, Query};

use find::Find;
use rows::Rows;

/// Which messages a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where mail arrives.
    #[default]
    Inbox,
    /// All but the Trash.
    All,
    /// What was put away.
    Archive,
    /// What was deleted here.
    Trash,
}

impl Place {
    /// What a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inbox => "Inbox",
            Self::All => "All mail",
            Self::Archive => "Archive",
            Self::Trash => "Trash",
        }
    }

    /// The folder it is, if it is one.
    pub fn folder(self) -> Option<Folder> {
        match self {
            Self::Inbox => Some(Folder::Inbox),
            Self::All => None,
            Self::Archive => Some(Folder::Archive),
            Self::Trash => Some(Folder::Trash),
        }
    }

    /// Whether a message belongs into it.
    pub fn holds(self, message: &MessageSummary) -> bool {
        match self.folder() {
            Some(folder) => message.folder == folder,
            None => message.folder != Folder::Trash,
        }
    }
}

/// A list of messages, with everything that is to come back when one returns to it.
#[derive(Clone, Debug, Default)]
pub struct List {
    /// Which messages.
    pub place: Place,
    /// Of which account; `None` means all.
    pub account: Option<AccountId>,
    /// Their order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// The rows.
    pub rows: Rows,
    /// What is looked for.
    pub find: Find,
    /// Marked messages.
    pub marks: HashSet<MessageId>,
    /// Where a range of marks began: the message, and its place.
    pub range: Option<(MessageId, usize)>,
    /// Who asked for the rows; `None` once all have come.
    pub asked: Option<Ticket>,
    /// Whether the first rows have come, so that none means none.
    pub loaded: bool,
    /// What the last frame showed: what a person can have meant.
    pub painted: Vec<MessageId>,
    /// What the engine was last told to be on the screen and not all here.
    pub told: Vec<MessageId>,
    selected: Option<MessageId>,
    position: usize,
    top: usize,
}

impl List {
    /// The same list for another place, empty until its rows come.
    pub fn of(place: Place) -> Self {
        Self {
            place,
            ..Self::default()
        }
    }

    /// The question that fills it.
    pub fn request(&self, query: Query) -> ListRequest {
        ListRequest {
            query,
            folder: self.place.folder(),
            account: self.account.clone(),
            sort: self.sort,
            reverse: self.reverse,
            limit: None,
        }
    }

    /// Whether a message belongs into it.
    pub fn holds(&self, message: &MessageSummary) -> bool {
        let mine = self.account.as_ref();
        self.place.holds(message) && mine.is_none_or(|account| *account == message.account)
    }

    /// Takes rows from the engine: those that belong here are merged, the others leave. The cursor stays on its message
    /// and its message on its line.
    pub fn take(&mut self, messages: Vec<MessageSummary>) {
        let line = self.position.saturating_sub(self.top);
        let (here, gone): (Vec<_>, Vec<_>) = messages
            .into_iter()
            .partition(|message| self.holds(message));
        let gone: Vec<MessageId> = gone.into_iter().map(|message| message.id).collect();
        let fresh: Vec<MessageId> = if self.find.is_active() {
            here.iter()
                .map(|message| message.id)
                .filter(|id| self.rows.row(*id).is_none())
                .collect()
        } else {
            Vec::new()
        };
        self.rows.merge(here);
        self.find.admit(&self.rows, &fresh);
        self.drop_rows(&gone);
        self.follow(line);
    }

    /// Takes rows away; the cursor goes to the row that takes its place.
    pub fn drop_rows(&mut self, ids: &[MessageId]) {
        if ids.is_empty() {
            return;
        }
        let line = self.position.saturating_sub(self.top);
        let gone: HashSet<MessageId> = ids.iter().copied().collect();
        let visible = self.visible();
        if self.selected.is_some_and(|id| gone.contains(&id)) {
            let behind = visible
                .iter()
                .skip(self.position)
                .find(|id| !gone.contains(id));
            let before = visible
                .iter()
                .take(self.position)
                .rev()
                .find(|id| !gone.contains(id));
            self.selected = behind.or(before).copied();
        }
        self.rows.remove(ids);
        self.find.forget(&gone);
        for id in ids {
            self.marks.remove(id);
        }
        self.follow(line);
    }

    /// Puts the cursor on a message, if it is there.
    pub fn select(&mut self, id: MessageId) {
        if let Some(position) = self.visible().iter().position(|other| *other == id) {
            self.selected = Some(id);
            self.position = position;
        }
    }

    /// Puts the cursor on the row at this place, or the nearest there is.
    pub fn select_at(&mut self, position: usize) {
        let last = self.visible().len().saturating_sub(1);
        self.position = position.min(last);
        self.selected = self.visible().get(self.position).copied();
    }

    /// Moves the cursor by so many rows. Whether it moved.
    pub fn step(&mut self, rows: isize) -> bool {
        let before = self.position;
        self.select_at(self.position.saturating_add_signed(rows));
        self.position != before
    }

    /// Moves what is shown by so many rows, and the cursor only as far as it must to stay in sight.
    pub fn scroll(&mut self, rows: isize, height: usize) {
        let last_top = self.visible().len().saturating_sub(height);
        self.top = self.top.saturating_add_signed(rows).min(last_top);
        let wanted = self
            .position
            .clamp(self.top, self.top + height.saturating_sub(1));
        self.select_at(wanted);
    }

    /// Makes cursor and window fit `height` rows. Called once after every message to the model.
    pub fn settle(&mut self, height: usize) {
        if self.selected.is_none() && !self.visible().is_empty() {
            self.select_at(0);
        }
        if self.position < self.top {
            self.top = self.position;
        } else if height > 0 && self.position >= self.top + height {
            self.top = self.position + 1 - height;
        }
        self.top = self.top.min(self.visible().len().saturating_sub(height));
    }

    /// Puts the rows into another order; the cursor stays on its message.
    pub fn sort_by(&mut self, sort: Sort, reverse: bool) {
        let line = self.position.saturating_sub(self.top);
        self.sort = sort;
        self.reverse = reverse;
        self.rows.sort_by(sort, reverse);
        self.find.refresh(&self.rows);
        self.follow(line);
    }

    /// Shows all rows again, with cursor and window where they were before the search.
    pub fn end_find(&mut self) {
        if let Some((selected, top)) = self.find.end() {
            self.selected = selected
                .filter(|id| self.rows.row(*id).is_some())
                .or(self.selected);
            self.top = top;
            let line = None;
            self.locate(line);
        }
    }

    /// Remembers where the cursor is, so that the end of a search can bring it back.
    pub fn begin_find(&mut self) {
        self.find.begin(self.selected, self.top);
    }

    /// Puts the cursor on the first match while the person types.
    pub fn after_find(&mut self) {
        let here = self.selected.filter(|id| self.visible().contains(id));
        if here.is_some() {
            self.locate(None);
        } else {
            self.top = 0;
            self.select_at(0);
        }
    }

    /// The ids in the order in which they are shown.
    pub fn visible(&self) -> &[MessageId] {
        self.find.matches().unwrap_or(self.rows.order())
    }

    /// The message under the cursor.
    pub fn selected(&self) -> Option<MessageId> {
        self.selected
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&MessageSummary> {
        self.rows.row(self.selected?)
    }

    /// The place of the cursor, 0 for the first row.
    pub fn position(&self) -> usize {
        self.position
    }

    /// The first row in the window.
    pub fn top(&self) -> usize {
        self.top
    }

    /// What a change is for: the marked messages that are shown, else the one under the cursor.
    pub fn targets(&self) -> Vec<MessageId> {
        if self.marks.is_empty() {
            return self.selected.into_iter().collect();
        }
        self.visible()
            .iter()
            .copied()
            .filter(|id| self.marks.contains(id))
            .collect()
    }

    /// The marked messages that are shown, in no order. Without a filter that costs no look at the other rows.
    pub fn shown_marks(&self) -> Box<dyn Iterator<Item = MessageId> + '_> {
        if self.find.is_active() {
            let shown = self.visible().iter().copied();
            Box::new(shown.filter(|id| self.marks.contains(id)))
        } else {
            Box::new(self.marks.iter().copied())
        }
    }

    /// Finds the cursor's message again and keeps it on the `line`th line of the window.
    fn follow(&mut self, line: usize) {
        self.locate(Some(line));
        if let Some((start, _)) = self.range {
            self.range = self
                .visible()
                .iter()
                .position(|id| *id == start)
                .map(|place| (start, place));
        }
    }

    fn locate(&mut self, line: Option<usize>) {
        let place = self.selected.and_then(|id| {
            let visible = self.visible();
            // The cursor's message is nearly always where it was.
            if visible.get(self.position) == Some(&id) {
                return Some(self.position);
            }
            visible.iter().position(|other| *other == id)
        });
        match place {
            Some(position) => self.position = position,
            None => self.select_at(self.position),
        }
        if let Some(line) = line {
            self.top = self.position.saturating_sub(line);
        }
    }
}

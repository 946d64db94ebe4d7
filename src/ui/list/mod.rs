//! The list of messages: rows, cursor, marks, filter. The cursor is tied to a message, never to a place.
//!
//! All rows are here in brief, and some screens around the cursor in full, so that a key, a frame and a new message cost
//! the same with a hundred rows and with a hundred thousand. `rows` keeps them in `order`, `texts` what is here in full,
//! `marks` and `tally` what can be said of many without looking at them.

pub mod act;
pub mod ask;
mod bricks;
pub mod columns;
pub mod draw;
mod empty;
pub mod find;
mod load;
pub mod marks;
mod order;
mod place;
pub mod quick;
mod range;
pub mod resume;
pub mod rows;
pub mod sight;
pub mod tally;
pub mod texts;
pub mod threads;
mod tree;

use crate::bridge::{ListRequest, Sort, Ticket};
use crate::mail::{AccountId, Brief, MessageId, MessageSummary, Query};

use find::Find;
use marks::Marks;
use quick::Ids;
use rows::Rows;
use tally::Tally;
use threads::Threads;

pub use place::Place;

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
    pub marks: Marks,
    /// Where a range of marks began: the message, and its place.
    pub range: Option<(MessageId, usize)>,
    /// Who asked for the rows; `None` once all have come.
    pub asked: Option<Ticket>,
    /// Whether the first rows have come, so that none means none.
    pub loaded: bool,
    /// Whether they could not be read, so that rows are missing.
    pub broken: bool,
    /// The rows by thread, where a person wants them so.
    pub threads: Option<Box<Threads>>,
    /// The message under the cursor at the last start and the rows above it, until it is here or a key is pressed.
    pub resume: Option<(MessageId, usize)>,
    /// What the last frame showed: what a person can have meant.
    pub painted: Vec<MessageId>,
    /// Whether it showed threads, and which grouping of the rows.
    pub painted_threads: Option<u64>,
    /// What the engine was last told to be on the screen and not all here.
    pub told: Vec<MessageId>,
    /// The same rows in the order that was asked for last, until all have come.
    next: Option<Box<Rows>>,
    /// Whether all rows have come once.
    whole: bool,
    /// What has left since the rows were asked for: an answer that was read before does not bring it back.
    departed: Ids,
    shown: Shown,
    /// How often the rows were grouped by thread, or each by itself again, or a thread was folded or unfolded.
    groupings: u64,
    selected: Option<MessageId>,
    position: usize,
    top: usize,
}

/// What can be said of the marked rows that are shown, and of which state of rows, marks and matches that holds.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    of: (u64, u64, u64),
    tally: Tally,
}

impl List {
    /// The question that fills it.
    pub fn request(&self, query: Query) -> ListRequest {
        ListRequest {
            query,
            folder: self.place.folder(),
            account: self.account.clone(),
            sort: self.sort,
            reverse: self.reverse,
            limit: None,
            full: Some(texts::KEPT),
        }
    }

    /// Whether a message belongs into it.
    pub fn holds(&self, message: &MessageSummary) -> bool {
        let mine = self.account.as_ref();
        self.place.holds(message.folder) && mine.is_none_or(|account| *account == message.account)
    }

    /// Puts the cursor on a message, if it is there.
    pub fn select(&mut self, id: MessageId) {
        if let Some(position) = self.place_of(id) {
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
        self.count_shown_marks();
    }

    /// Rows around the window that are neither here in full nor asked for; from now on they are asked for. Some screens at
    /// once, so that scrolling does not ask with every key.
    pub fn missing(&mut self, height: usize) -> Vec<MessageId> {
        let near = |list: &Self, before: usize, rows: usize| -> Vec<MessageId> {
            let from = list.top.saturating_sub(before);
            let shown = list.visible().iter().skip(from).take(rows);
            let shown = shown.chain(list.selected.as_ref()).copied();
            // What came before its row could not be kept.
            let known = |id: &MessageId| list.rows.brief(*id).is_some();
            shown.filter(known).collect()
        };
        let texts = &self.rows.texts;
        let lacks = |id: &MessageId| !texts.has(*id) && !texts.is_awaited(*id);
        if !near(self, height / 2, height * 2).iter().any(lacks) {
            return Vec::new();
        }
        let wanted = near(self, height * 2, height * 5);
        self.rows.texts.missing(wanted.into_iter())
    }

    /// Shows all rows again, with cursor and window where they were before the search.
    pub fn end_find(&mut self) {
        if let Some((selected, top)) = self.find.end() {
            self.selected = selected
                .filter(|id| self.rows.brief(*id).is_some())
                .or(self.selected);
            self.top = top;
            let line = None;
            self.locate(line);
            self.locate_range();
        }
    }

    /// Remembers where the cursor is, so that the end of a search can bring it back.
    pub fn begin_find(&mut self) {
        self.find.begin(self.selected, self.top);
    }

    /// Puts the cursor on the first match while the person types.
    pub fn after_find(&mut self) {
        let here = self.selected.and_then(|id| self.place_of(id));
        if let Some(position) = here {
            self.position = position;
        } else {
            self.top = 0;
            self.select_at(0);
        }
        self.locate_range();
    }

    /// The threads, where the rows are shown by thread: as a person wants them, unless what was found is shown.
    pub fn threads_shown(&self) -> Option<&Threads> {
        self.threads.as_deref().filter(|_| !self.find.is_active())
    }

    /// The ids in the order in which they are shown: what was found, else the threads, else all rows.
    pub fn visible(&self) -> &[MessageId] {
        let threads = || self.threads_shown().map(Threads::shown);
        let found = self.find.matches().or_else(threads);
        found.unwrap_or(self.rows.order())
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

    /// The row under the cursor, in brief.
    pub fn current_brief(&self) -> Option<&Brief> {
        self.rows.brief(self.selected?)
    }

    /// What a change is for: the marked messages, but not those that a search hides, else what the row under the cursor
    /// stands for.
    pub fn targets(&self) -> Vec<MessageId> {
        if self.marks.is_empty() {
            return self
                .selected
                .map(|id| self.stands_for(id))
                .unwrap_or_default();
        }
        let marked = |id: &MessageId| self.marks.contains(*id);
        let shown = self.find.matches().unwrap_or(self.rows.order());
        shown.iter().copied().filter(marked).collect()
    }

    /// What a row that is shown stands for: a folded thread for all its messages, any other for itself.
    pub fn stands_for(&self, id: MessageId) -> Vec<MessageId> {
        self.folded(id)
            .map_or_else(|| vec![id], <[MessageId]>::to_vec)
    }

    /// All messages of the folded thread that a row stands for.
    pub fn folded(&self, id: MessageId) -> Option<&[MessageId]> {
        self.threads_shown()?.stands_for(self.rows.brief(id)?)
    }

    /// Whether a person can have meant a message: it is marked, or the last frame showed it, or showed the row of its folded
    /// thread and nothing has come into that since.
    pub fn was_seen(&self, id: MessageId) -> bool {
        let by_its_thread = || {
            let row = self.rows.brief(id)?;
            let threads = self.threads_shown()?;
            let head = threads.head(row.thread)?;
            let seen =
                self.painted_threads == Some(self.groupings) && !threads.has_grown(row.thread);
            Some(seen && self.painted.contains(&head) && self.folded(head).is_some())
        };
        self.marks.contains(id) || self.painted.contains(&id) || by_its_thread().unwrap_or_default()
    }

    /// A frame has shown these rows, of the list or of what was found in it.
    pub fn was_painted(&mut self, ids: Vec<MessageId>) {
        self.painted = ids;
        let shown = self.threads_shown().is_some();
        let threads = self.threads.as_deref_mut().filter(|_| shown);
        self.painted_threads = threads.map(|threads| {
            threads.was_painted();
            self.groupings
        });
    }

    /// A frame has shown one message instead of the list, or something else.
    pub fn was_hidden(&mut self, by: Option<MessageId>) {
        self.painted = by.into_iter().collect();
        self.painted_threads = None;
    }

    /// Whether what a row stands for is not all read; of a very long thread, what comes first in it.
    pub fn is_unread(&self, id: MessageId) -> bool {
        let unread = |id: MessageId| self.rows.brief(id).is_some_and(Brief::is_unread);
        unread(id)
            || self
                .folded(id)
                .is_some_and(|ids| ids.iter().take(LONG).any(|id| unread(*id)))
    }

    /// What can be said of the marked messages that are shown. No row is looked at for that.
    pub fn shown_marks(&self) -> Tally {
        self.shown.tally
    }

    fn count_shown_marks(&mut self) {
        if !self.find.is_active() {
            self.shown = Shown::default();
            self.shown.tally = self.marks.tally();
            return;
        }
        let of = (
            self.rows.version(),
            self.marks.version(),
            self.find.version(),
        );
        if self.shown.of != of {
            let mut tally = Tally::default();
            let marked = self.visible().iter().filter(|id| self.marks.contains(**id));
            if !self.marks.is_empty() {
                for row in marked.filter_map(|id| self.rows.brief(*id)) {
                    tally.add(row);
                }
            }
            self.shown = Shown { of, tally };
        }
    }

    /// Where a row is shown.
    fn place_of(&self, id: MessageId) -> Option<usize> {
        let visible = self.visible();
        // The cursor's message is nearly always where it was.
        if visible.get(self.position) == Some(&id) {
            return Some(self.position);
        }
        order::find(visible, id, |a, b| self.rows.compare_ids(a, b))
    }

    /// Finds the cursor's message again and keeps it on the `line`th line of the window.
    fn follow(&mut self, line: usize) {
        self.locate(Some(line));
        self.locate_range();
    }

    fn locate(&mut self, line: Option<usize>) {
        let mut place = self.selected.and_then(|id| self.place_of(id));
        if place.is_none()
            && let Some(threads) = self.threads_shown()
            && let Some(row) = self.current_brief()
            && let Some(head) = threads.head(row.thread)
        {
            // Folded away: its thread stands for it.
            place = self.place_of(head);
            self.selected = Some(head);
        }
        match place {
            Some(position) => self.position = position,
            None => self.select_at(self.position),
        }
        if let Some(line) = line {
            self.top = self.position.saturating_sub(line);
        }
    }
}

/// So many messages of a thread are looked at in a frame.
const LONG: usize = 100;

#[cfg(test)]
mod tests;

//! How rows come into a list, change and leave it.

use super::marks::Marks;
use super::rows::Rows;
use super::texts::KEPT;
use super::threads::Threads;
use super::{List, Place, Shown};
use crate::bridge::{Sort, Ticket};
use crate::mail::{AccountId, Branch, Brief, MessageId, MessageSummary};

impl List {
    /// The same list for another place, empty until its rows come.
    pub fn of(place: Place, sort: Sort, reverse: bool) -> Self {
        Self {
            place,
            sort,
            reverse,
            rows: Rows::new(sort, reverse),
            ..Self::default()
        }
    }

    /// What has come, or is not as it was: rows that belong here are merged, the others leave. The cursor stays on its
    /// message and its message on its line.
    pub fn take(&mut self, mut messages: Vec<MessageSummary>) {
        let others = messages.extract_if(.., |message| {
            let mine = self.account.as_ref();
            mine.is_some_and(|account| *account != message.account)
        });
        let others: Vec<MessageId> = others.map(|message| message.id).collect();
        self.drop_rows(&others);
        let briefs: Vec<Brief> = messages.iter().map(Brief::from).collect();
        let few = messages.len() <= FEW;
        for message in messages {
            if (few && self.place.holds(message.folder)) || self.rows.texts.has(message.id) {
                if let Some(next) = &mut self.next {
                    next.keep(message.clone());
                }
                self.rows.keep(message);
            }
        }
        self.take_briefs(briefs);
    }

    /// The same of rows in brief.
    pub fn take_briefs(&mut self, briefs: Vec<Brief>) {
        let line = self.line();
        let (here, gone): (Vec<_>, Vec<_>) = briefs
            .into_iter()
            .partition(|brief| self.place.holds(brief.folder));
        for brief in &here {
            self.departed.remove(&brief.id);
        }
        if let Some(next) = &mut self.next {
            next.merge(here.iter().copied(), &mut Marks::default());
        }
        let moved = self.moving(&here);
        let fresh = self.regroup(&moved, |list| list.rows.merge(here, &mut list.marks));
        self.find.admit(&self.rows, &fresh);
        let gone: Vec<MessageId> = gone.into_iter().map(|brief| brief.id).collect();
        self.drop_rows(&gone);
        self.trim();
        self.follow(line);
    }

    /// Rows as a change makes or leaves them that was begun in a list of this account's messages. Those that are not of the
    /// account shown here are left out: of them, this list has none.
    pub fn take_back(&mut self, mut briefs: Vec<Brief>, of: Option<&AccountId>) {
        if self.account.is_some() && self.account.as_ref() != of {
            briefs.retain(|row| self.rows.brief(row.id).is_some());
        }
        self.take_briefs(briefs);
    }

    /// Takes rows away; the cursor goes to the row that takes its place.
    pub fn drop_rows(&mut self, ids: &[MessageId]) {
        if ids.is_empty() {
            return;
        }
        if self.asked.is_some() || self.find.asked.is_some() {
            self.departed.extend(ids);
        }
        if let Some(next) = &mut self.next {
            next.remove(ids, &mut Marks::default());
        }
        let gone: Vec<MessageId> = ids
            .iter()
            .copied()
            .filter(|id| self.rows.brief(*id).is_some())
            .collect();
        let line = self.line();
        self.leave(&gone);
        self.find.forget(&self.rows, &gone);
        let old: Vec<Brief> = match self.threads {
            Some(_) => gone
                .iter()
                .filter_map(|id| self.rows.brief(*id))
                .copied()
                .collect(),
            None => Vec::new(),
        };
        self.regroup(&old, |list| {
            list.rows.remove(&gone, &mut list.marks);
            Vec::new()
        });
        self.follow(line);
    }

    /// Rows in full that were asked for. What is known of them may be newer than what was read.
    pub fn fill_in(&mut self, messages: Vec<MessageSummary>) {
        for mut message in messages {
            self.rows.texts.has_come(message.id);
            if let Some(brief) = self.rows.brief(message.id) {
                brief.apply(&mut message);
                self.rows.keep(message);
            }
        }
        self.trim();
    }

    /// Takes a part of what was asked for, in full: of the whole list, or of what the index found in it.
    pub fn read(&mut self, messages: Vec<MessageSummary>, all: bool) {
        let briefs: Vec<Brief> = messages.iter().map(Brief::from).collect();
        let coming = self.coming(all);
        for mut message in messages {
            if coming.texts.has(message.id) || coming.texts.ids().len() < KEPT {
                if let Some(brief) = coming.brief(message.id) {
                    brief.apply(&mut message);
                }
                coming.keep(message);
            }
        }
        self.read_briefs(briefs, Vec::new(), all);
    }

    /// The same in brief, with what the rows are sorted by if that is a text. What is known already may be newer than
    /// what was read.
    pub fn read_briefs(&mut self, briefs: Vec<Brief>, keys: Vec<Box<str>>, all: bool) {
        let line = self.line();
        let departed = std::mem::take(&mut self.departed);
        let coming = self.coming(all);
        coming.learn_keys(&briefs, keys);
        let unknown: Vec<Brief> = briefs
            .into_iter()
            .filter(|row| coming.brief(row.id).is_none() && !departed.contains(&row.id))
            .collect();
        self.departed = departed;
        if let Some(next) = self.next.as_mut().filter(|_| all) {
            next.merge(unknown, &mut Marks::default());
            return;
        }
        let fresh = self.regroup(&[], |list| list.rows.merge(unknown, &mut list.marks));
        self.find.admit(&self.rows, &fresh);
        self.follow(line);
    }

    /// Takes a part of what the index found. What has left the list since it was asked is not found.
    pub fn found(&mut self, mut ids: Vec<MessageId>, complete: bool) {
        let line = self.line();
        let whole = self.asked.is_none();
        ids.retain(|id| match self.rows.brief(*id) {
            Some(_) => true,
            None => !whole && !self.departed.contains(id),
        });
        // What somebody reads is not taken from under the cursor because it is read now; the next answer may.
        let under = self.selected.filter(|id| self.find.is_hit(*id));
        let under = under.filter(|id| self.find.is_again() && self.rows.brief(*id).is_some());
        self.find.collect(ids, complete);
        if complete {
            if let Some(id) = under {
                self.find.keep(&self.rows, id);
            }
            self.forget_departed();
        }
        if self.find.is_again() {
            self.follow(line);
        } else {
            self.after_find();
        }
    }

    /// All rows that were asked for have come.
    pub fn complete(&mut self) {
        self.asked = None;
        self.whole = true;
        self.forget_departed();
        if let Some(next) = self.next.take() {
            let line = self.line();
            self.carry_marks(&next);
            let old = std::mem::replace(&mut self.rows, *next);
            for message in old.texts.into_summaries() {
                if !self.rows.texts.has(message.id) && self.rows.brief(message.id).is_some() {
                    self.rows.keep(message);
                }
            }
            self.shown = Shown::default();
            self.find.refresh(&self.rows);
            self.group_anew();
            self.trim();
            self.follow(line);
        }
    }

    /// What has left matters until every answer that was read before has come.
    fn forget_departed(&mut self) {
        if self.asked.is_none() && self.find.asked.is_none() {
            self.departed.clear();
        }
    }

    /// Makes the marks those of the rows that are about to take the place of these: what is new among them is not marked.
    fn carry_marks(&mut self, next: &Rows) {
        for row in next.order().iter().filter_map(|id| next.brief(*id)) {
            match self.rows.brief(row.id) {
                Some(old) if old == row => {}
                Some(old) => self.marks.changed(old, row),
                None => self.marks.came(row.id),
            }
        }
        let lost = |id: &&MessageId| next.brief(**id).is_none();
        let lost: Vec<MessageId> = self.rows.order().iter().filter(lost).copied().collect();
        self.leave(&lost);
        self.find.forget(&self.rows, &lost);
        for old in lost.iter().filter_map(|id| self.rows.brief(*id)) {
            self.marks.left(old);
        }
    }

    /// Rows that were asked for will not come: the list shows what it has, in the order in which it has it.
    pub fn give_up(&mut self) {
        self.asked = None;
        self.loaded = true;
        self.broken = !self.whole;
        self.forget_departed();
        if self.next.take().is_some() {
            (self.sort, self.reverse) = self.rows.sorting();
            let line = self.line();
            self.group_anew();
            self.follow(line);
        }
    }

    /// Puts the rows into another order; the cursor stays on its message. `false` when they are so many that the store
    /// has to be asked for it: they stay as they are until all have come.
    pub fn sort_by(&mut self, sort: Sort, reverse: bool, ticket: Ticket) -> bool {
        let line = self.line();
        self.sort = sort;
        self.reverse = reverse;
        let here = self.asked.is_none() && self.rows.is_in_full();
        if here {
            self.rows.sort_by(sort, reverse);
            self.find.refresh(&self.rows);
            self.group_anew();
            self.follow(line);
        } else {
            self.next = Some(Box::new(Rows::new(sort, reverse)));
            self.asked = Some(ticket);
        }
        here
    }

    /// Where rows that were asked for go.
    fn coming(&mut self, all: bool) -> &mut Rows {
        match &mut self.next {
            Some(next) if all => next,
            _ => &mut self.rows,
        }
    }

    /// Shows rows by thread, or each by itself. The cursor stays on its message, or goes to its thread.
    pub fn group(&mut self, by_thread: bool) {
        let line = self.line();
        self.groupings += 1;
        self.threads = by_thread.then(|| Box::new(Threads::new(&self.rows)));
        self.follow(line);
    }

    /// Folds or unfolds the thread of the row under the cursor. Whether it has one of more than one message.
    pub fn turn_thread(&mut self) -> bool {
        let line = self.line();
        let Some(thread) = self.current_brief().map(|row| row.thread) else {
            return false;
        };
        let shown = self.threads_shown().is_some();
        let threads = self.threads.as_mut().filter(|_| shown);
        let turned = threads.is_some_and(|threads| threads.turn(thread, &self.rows));
        // What a row stands for is another before a frame has shown it.
        self.groupings += u64::from(turned);
        self.follow(line);
        turned
    }

    /// Takes the tree of a thread: of one that is to be unfolded, or that is and has changed.
    pub fn unfold(&mut self, ticket: Ticket, branches: &[Branch]) {
        let line = self.line();
        let threads = self.threads.as_mut();
        let newly = threads.is_some_and(|threads| threads.unfold(ticket, branches, &self.rows));
        self.follow(line);
        if newly && self.threads_shown().is_some() {
            // What begins the thread is to be seen, too.
            let first = branches.iter().find_map(|branch| self.place_of(branch.id));
            self.top = first.map_or(self.top, |first| self.top.min(first));
        }
    }

    /// Whether it has asked for something under this ticket and waits for the answer.
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        let tree = || {
            self.threads
                .as_ref()
                .is_some_and(|threads| threads.asked(ticket))
        };
        self.asked == Some(ticket) || self.find.asked == Some(ticket) || tree()
    }

    /// Rows as they are, of those that are about to change their place or thread.
    fn moving(&self, here: &[Brief]) -> Vec<Brief> {
        let old = |new: &Brief| {
            let old = self.rows.brief(new.id)?;
            ((old.thread, old.date) != (new.thread, new.date)).then_some(*old)
        };
        match self.threads {
            Some(_) => here.iter().filter_map(old).collect(),
            None => Vec::new(),
        }
    }

    /// Changes the rows, and the threads with them. `moving` are rows as they were; gives those that are new.
    fn regroup(
        &mut self,
        moving: &[Brief],
        change: impl FnOnce(&mut Self) -> Vec<MessageId>,
    ) -> Vec<MessageId> {
        let threads = self.threads.as_mut();
        let touched = threads.map(|threads| threads.take_out(moving.iter(), &self.rows));
        let fresh = change(self);
        if let (Some(threads), Some(touched)) = (&mut self.threads, touched) {
            let mut come = fresh.clone();
            come.extend(moving.iter().map(|row| row.id));
            threads.put_in(&come, touched, &self.rows);
        }
        fresh
    }

    /// Threads are shown by date only.
    fn group_anew(&mut self) {
        self.groupings += 1;
        if self.threads.take().is_some() && self.sort == Sort::Date {
            self.threads = Some(Box::new(Threads::new(&self.rows)));
        }
    }

    fn trim(&mut self) {
        let mut spared = self.painted.clone();
        spared.extend(self.selected);
        self.rows.texts.trim(&spared);
    }

    /// Chooses who takes the cursor when its row goes.
    fn leave(&mut self, gone: &[MessageId]) {
        if !self.selected.is_some_and(|id| gone.contains(&id)) {
            return;
        }
        let gone = super::rows::set_of(gone);
        let visible = self.visible();
        let stays = |id: &&MessageId| !gone.contains(id);
        let behind = visible.iter().skip(self.position).find(stays);
        let before = visible.iter().take(self.position).rev().find(stays);
        self.selected = behind.or(before).copied();
    }

    /// On which line of the window the cursor is.
    fn line(&self) -> usize {
        self.position.saturating_sub(self.top)
    }
}

/// So many at once are worth keeping in full: more than a screen shows, fewer than would push out what is there.
const FEW: usize = 300;

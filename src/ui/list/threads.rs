//! Rows by thread: one row for each, which is the first of its messages in the order of the rows (the newest, or the oldest
//! where that order is turned round), or all of them as a tree where a person unfolded it. What comes and goes is put in
//! its place; the other threads are not looked at.

use super::order;
use super::quick::{ById, Ids};
use super::rows::Rows;
use crate::bridge::Ticket;
use crate::mail::{Branch, Brief, MessageId};

/// The rows of a list by thread.
#[derive(Clone, Debug, Default)]
pub struct Threads {
    /// The message that stands for each thread, in the order of the rows.
    heads: Vec<MessageId>,
    /// The same by thread.
    head_of: ById<MessageId>,
    /// All messages by thread, in the order of the rows; only for threads of more than one.
    members: ById<Vec<MessageId>>,
    /// The trees that are unfolded, by thread.
    open: ById<Vec<Branch>>,
    /// Who asked for a tree that has not come, by thread.
    asked: ById<Option<Ticket>>,
    /// What is shown, where a thread is unfolded; else the heads are.
    unfolded: Vec<MessageId>,
    branches: ById<Branch>,
    /// The threads into which something has come since a frame showed them.
    grown: Ids,
}

impl Threads {
    /// All threads of these rows, folded.
    pub fn new(rows: &Rows) -> Self {
        let mut threads = Self::default();
        for id in rows.order() {
            let Some(brief) = rows.brief(*id) else {
                continue;
            };
            if let Some(head) = threads.head_of.get(&brief.thread) {
                let head = *head;
                let members = threads.members.entry(brief.thread);
                members.or_insert_with(|| vec![head]).push(*id);
            } else {
                threads.head_of.insert(brief.thread, *id);
                threads.heads.push(*id);
            }
        }
        threads
    }

    /// What is shown, in order.
    pub fn shown(&self) -> &[MessageId] {
        if self.open.is_empty() {
            &self.heads
        } else {
            &self.unfolded
        }
    }

    /// The row that stands for a message of this thread, when it does not stand for itself.
    pub fn head(&self, thread: MessageId) -> Option<MessageId> {
        self.head_of.get(&thread).copied()
    }

    /// All messages that a row stands for: those of its thread while that is folded.
    pub fn stands_for(&self, row: &Brief) -> Option<&[MessageId]> {
        let folded = !self.open.contains_key(&row.thread);
        let members = self.members.get(&row.thread).filter(|_| folded)?;
        (self.head(row.thread) == Some(row.id)).then_some(members)
    }

    /// Whether something has come into a thread since a frame showed it, or threads have turned into this one.
    pub fn has_grown(&self, thread: MessageId) -> bool {
        self.grown.contains(&thread)
    }

    /// A frame has shown the threads as they are.
    pub fn was_painted(&mut self) {
        self.grown.clear();
    }

    /// Whether a thread has more than one message here.
    pub fn is_long(&self, thread: MessageId) -> bool {
        self.members.contains_key(&thread)
    }

    /// Where a row stands in its tree, if that is unfolded.
    pub fn branch(&self, id: MessageId) -> Option<&Branch> {
        self.branches.get(&id)
    }

    /// Folds a thread, or wants it unfolded: that happens when its tree has come. A tree that is on its way to a thread that
    /// is folded meanwhile is not taken. Whether there is anything to fold.
    pub fn turn(&mut self, thread: MessageId, rows: &Rows) -> bool {
        if !self.members.contains_key(&thread) {
            return false;
        }
        let asked = self.asked.remove(&thread).is_some();
        if self.open.remove(&thread).is_some() {
            self.lay_out(rows);
        } else if !asked {
            self.asked.insert(thread, None);
        }
        true
    }

    /// A thread whose tree has to be asked for; it counts as asked from now on.
    pub fn wanted(&mut self, ticket: Ticket) -> Option<MessageId> {
        let (thread, asked) = self.asked.iter_mut().find(|(_, asked)| asked.is_none())?;
        *asked = Some(ticket);
        Some(*thread)
    }

    /// Whether the tree of one of these threads was asked for under this ticket, and has not come.
    pub fn asked(&self, ticket: Ticket) -> bool {
        self.asked.values().any(|asked| *asked == Some(ticket))
    }

    /// Takes the tree of a thread that was asked for. Messages that are not in this list are left out. Whether the thread
    /// was folded and is not any more.
    pub fn unfold(&mut self, ticket: Ticket, branches: &[Branch], rows: &Rows) -> bool {
        let asked = self.asked.iter().find(|(_, asked)| **asked == Some(ticket));
        let Some(thread) = asked.map(|(thread, _)| *thread) else {
            return false;
        };
        self.asked.remove(&thread);
        let here = |branch: &&Branch| {
            rows.brief(branch.id)
                .is_some_and(|row| row.thread == thread)
        };
        let branches: Vec<Branch> = branches.iter().filter(here).copied().collect();
        if branches.len() < 2 {
            return false;
        }
        let newly = self.open.insert(thread, branches).is_none();
        self.lay_out(rows);
        newly
    }

    /// A tree that was asked for will not come.
    pub fn give_up(&mut self, ticket: Ticket) {
        self.asked.retain(|_, asked| *asked != Some(ticket));
    }

    /// Before rows change: takes them out of their threads. Gives the threads, to be put in again by [`Self::put_in`].
    pub fn take_out<'r>(&mut self, gone: impl Iterator<Item = &'r Brief>, rows: &Rows) -> Ids {
        let mut touched = Ids::default();
        let mut old_heads = Vec::new();
        for row in gone {
            if touched.insert(row.thread) {
                old_heads.extend(self.head_of.remove(&row.thread));
            }
            let rest = match self.members.get_mut(&row.thread) {
                Some(members) => {
                    order::remove(members, &[row.id], |a, b| rows.compare_ids(a, b));
                    members.len()
                }
                None => 0,
            };
            if self.head_of.get(&row.thread) == Some(&row.id) {
                self.head_of.remove(&row.thread);
            }
            if rest == 1 {
                // The one that is left waits under its own name until it is put in again.
                let last = self.members.get(&row.thread).and_then(|rest| rest.first());
                self.head_of.extend(last.map(|last| (row.thread, *last)));
                self.members.remove(&row.thread);
            }
        }
        order::remove(&mut self.heads, &old_heads, |a, b| rows.compare_ids(a, b));
        touched
    }

    /// After rows have changed: puts these in, and the heads of threads that others were taken from.
    pub fn put_in(&mut self, come: &[MessageId], mut touched: Ids, rows: &Rows) {
        if come.is_empty() && touched.is_empty() {
            return;
        }
        let compare = |a: MessageId, b: MessageId| rows.compare_ids(a, b);
        let come: Vec<&Brief> = come.iter().filter_map(|id| rows.brief(*id)).collect();
        let untouched: Ids = come.iter().map(|row| row.thread).collect();
        let standing = untouched.iter().filter(|one| !touched.contains(one));
        let old: Vec<MessageId> = standing.filter_map(|one| self.head(*one)).collect();
        order::remove(&mut self.heads, &old, compare);
        touched.extend(untouched);
        for row in come {
            if let Some(members) = self.members.get_mut(&row.thread) {
                order::merge(members, &[row.id], compare);
                self.grown.insert(row.thread);
            } else if let Some(head) = self
                .head_of
                .get(&row.thread)
                .filter(|head| **head != row.id)
            {
                let both = rows.sorted(vec![*head, row.id]);
                self.members.insert(row.thread, both);
                self.grown.insert(row.thread);
            } else {
                self.head_of.insert(row.thread, row.id);
            }
        }
        let mut heads = Vec::new();
        for thread in touched {
            let first = self
                .members
                .get(&thread)
                .and_then(|members| members.first());
            let head = first.copied().or_else(|| self.head(thread));
            if let Some(head) = head.filter(|head| rows.brief(*head).is_some()) {
                self.head_of.insert(thread, head);
                heads.push(head);
            }
            if self.open.contains_key(&thread) {
                if self.members.contains_key(&thread) {
                    self.asked.insert(thread, None);
                } else {
                    self.open.remove(&thread);
                }
            }
        }
        order::merge(&mut self.heads, &rows.sorted(heads), compare);
        self.lay_out(rows);
    }

    /// Spells out what is shown where threads are unfolded. A message that its tree does not know yet stands at its end.
    fn lay_out(&mut self, rows: &Rows) {
        self.unfolded.clear();
        self.branches.clear();
        if self.open.is_empty() {
            return;
        }
        let mut places: Vec<(usize, MessageId)> = self
            .open
            .keys()
            .filter_map(|thread| {
                let head = self.head(*thread)?;
                let compare = |a, b| rows.compare_ids(a, b);
                Some((order::find(&self.heads, head, compare)?, *thread))
            })
            .collect();
        places.sort_unstable();
        let mut from = 0;
        for (place, thread) in places {
            let folded = self.heads.get(from..place).unwrap_or_default();
            self.unfolded.extend_from_slice(folded);
            from = place + 1;
            let members = self.members.get(&thread).map_or(&[][..], Vec::as_slice);
            let tree = self.open.get(&thread).map_or(&[][..], Vec::as_slice);
            let mut fresh: Ids = members.iter().copied().collect();
            for branch in tree {
                if fresh.remove(&branch.id) {
                    self.unfolded.push(branch.id);
                    self.branches.insert(branch.id, *branch);
                }
            }
            let unknown = members.iter().filter(|id| fresh.contains(id));
            self.unfolded.extend(unknown);
        }
        let rest = self.heads.get(from..).unwrap_or_default();
        self.unfolded.extend_from_slice(rest);
    }
}

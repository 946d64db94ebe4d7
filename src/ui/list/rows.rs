use std::cmp::Ordering;
use std::collections::HashMap;

use crate::bridge::Sort;
use crate::mail::{Flags, MessageId, MessageSummary};

/// The rows of a list, sorted. Nothing here is done for all rows on a key or a frame.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    known: HashMap<MessageId, Row>,
    order: Vec<MessageId>,
    unread: usize,
    sort: Sort,
    reverse: bool,
}

/// A row, and what a search on it looks through.
#[derive(Clone, Debug)]
struct Row {
    summary: MessageSummary,
    text: Box<str>,
}

impl Rows {
    /// No rows, to be kept in this order.
    pub fn new(sort: Sort, reverse: bool) -> Self {
        Self {
            sort,
            reverse,
            ..Self::default()
        }
    }

    /// Adds rows or puts them in place of what they were.
    pub fn merge(&mut self, messages: Vec<MessageSummary>) {
        let mut fresh = Vec::new();
        for summary in messages {
            let id = summary.id;
            self.unread += usize::from(is_unread(&summary));
            let row = Row {
                text: searchable(&summary),
                summary,
            };
            match self.known.insert(id, row) {
                Some(old) => {
                    self.unread -= usize::from(is_unread(&old.summary));
                    if self.known.get(&id).is_some_and(|new| {
                        self.compare(&old.summary, &new.summary) != Ordering::Equal
                    }) {
                        self.order.retain(|other| *other != id);
                        fresh.push(id);
                    }
                }
                None => fresh.push(id),
            }
        }
        self.place(fresh);
    }

    /// Takes rows away.
    pub fn remove(&mut self, ids: &[MessageId]) {
        let mut any = false;
        for id in ids {
            if let Some(old) = self.known.remove(id) {
                self.unread -= usize::from(is_unread(&old.summary));
                any = true;
            }
        }
        if any {
            self.order.retain(|id| self.known.contains_key(id));
        }
    }

    /// Changes a row in place; its sorting must not depend on what is changed.
    pub fn edit(&mut self, id: MessageId, change: impl FnOnce(&mut MessageSummary)) {
        if let Some(row) = self.known.get_mut(&id) {
            self.unread -= usize::from(is_unread(&row.summary));
            change(&mut row.summary);
            self.unread += usize::from(is_unread(&row.summary));
        }
    }

    /// Puts the rows into another order.
    pub fn sort_by(&mut self, sort: Sort, reverse: bool) {
        self.sort = sort;
        self.reverse = reverse;
        let mut order = std::mem::take(&mut self.order);
        order.sort_by(|a, b| self.compare_ids(*a, *b));
        self.order = order;
    }

    /// Their order.
    pub fn order(&self) -> &[MessageId] {
        &self.order
    }

    /// A row.
    pub fn row(&self, id: MessageId) -> Option<&MessageSummary> {
        self.known.get(&id).map(|row| &row.summary)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// How many are not read.
    pub fn unread(&self) -> usize {
        self.unread
    }

    /// Whether every word occurs in sender, subject or first words. `words` are lower case.
    pub fn matches(&self, id: MessageId, words: &[String]) -> bool {
        self.known
            .get(&id)
            .is_some_and(|row| words.iter().all(|word| row.text.contains(word.as_str())))
    }

    fn place(&mut self, mut fresh: Vec<MessageId>) {
        if fresh.is_empty() {
            return;
        }
        fresh.sort_by(|a, b| self.compare_ids(*a, *b));
        let after_all = match (self.order.last(), fresh.first()) {
            (Some(last), Some(first)) => self.compare_ids(*last, *first) != Ordering::Greater,
            _ => true,
        };
        if after_all {
            self.order.append(&mut fresh);
            return;
        }
        let old = std::mem::take(&mut self.order);
        let mut order = Vec::with_capacity(old.len() + fresh.len());
        let mut old = old.into_iter().peekable();
        for id in fresh {
            while let Some(next) =
                old.next_if(|next| self.compare_ids(*next, id) != Ordering::Greater)
            {
                order.push(next);
            }
            order.push(id);
        }
        order.extend(old);
        self.order = order;
    }

    fn compare_ids(&self, a: MessageId, b: MessageId) -> Ordering {
        match (self.known.get(&a), self.known.get(&b)) {
            (Some(a), Some(b)) => self.compare(&a.summary, &b.summary),
            _ => a.cmp(&b),
        }
    }

    fn compare(&self, a: &MessageSummary, b: &MessageSummary) -> Ordering {
        let newest = || b.date.cmp(&a.date).then(b.id.cmp(&a.id));
        let order = match self.sort {
            Sort::Date => newest(),
            Sort::Size => b.octets.cmp(&a.octets).then_with(newest),
            Sort::From => folded(a.from.short())
                .cmp(folded(b.from.short()))
                .then_with(newest),
            Sort::Subject => folded(bare(&a.subject))
                .cmp(folded(bare(&b.subject)))
                .then_with(newest),
        };
        if self.reverse { order.reverse() } else { order }
    }
}

/// Whether it counts as new.
pub fn is_unread(summary: &MessageSummary) -> bool {
    !summary.flags.has(Flags::SEEN)
}

/// A subject without its `Re:` and `Fwd:`.
pub fn bare(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    loop {
        let prefix = ["re:", "fwd:", "fw:", "aw:", "wg:"]
            .into_iter()
            .find(|prefix| {
                rest.get(..prefix.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(prefix))
            });
        match prefix.and_then(|prefix| rest.get(prefix.len()..)) {
            Some(shorter) => rest = shorter.trim_start(),
            None => return rest,
        }
    }
}

fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

fn searchable(summary: &MessageSummary) -> Box<str> {
    let parts = [
        summary.from.name.as_str(),
        summary.from.address.as_str(),
        summary.subject.as_str(),
        summary.snippet.as_str(),
    ];
    parts.join("\n").to_lowercase().into_boxed_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    fn ids(rows: &Rows) -> Vec<i64> {
        rows.order().iter().map(|id| id.0).collect()
    }

    #[test]
    fn rows_stay_sorted_however_they_come() {
        let mut rows = Rows::default();
        rows.merge(vec![message(1), message(5), message(3)]);
        rows.merge(vec![message(4), message(9), message(2)]);
        assert_eq!(ids(&rows), [9, 5, 4, 3, 2, 1]);
        rows.sort_by(Sort::Date, true);
        assert_eq!(ids(&rows), [1, 2, 3, 4, 5, 9]);
        rows.remove(&[MessageId(4), MessageId(77)]);
        assert_eq!(ids(&rows), [1, 2, 3, 5, 9]);
    }

    #[test]
    fn a_row_that_changes_its_date_moves_to_its_place() {
        let mut rows = Rows::default();
        rows.merge(vec![message(1), message(2), message(3)]);
        let mut late = message(1);
        late.date.0 += 1_000_000;
        rows.merge(vec![late]);
        assert_eq!(ids(&rows), [1, 3, 2]);
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn the_count_of_unread_follows_every_change() {
        let mut rows = Rows::default();
        rows.merge(vec![message(1), message(2)]);
        assert_eq!(rows.unread(), 2);
        rows.edit(MessageId(1), |row| {
            row.flags = row.flags.with(Flags::SEEN, true);
        });
        assert_eq!(rows.unread(), 1);
        rows.merge(vec![message(1)]);
        assert_eq!(rows.unread(), 2);
        rows.remove(&[MessageId(2)]);
        assert_eq!(rows.unread(), 1);
    }

    #[test]
    fn subjects_are_sorted_without_their_prefixes() {
        assert_eq!(bare("Re: AW: re: Dinner"), "Dinner");
        assert_eq!(bare("Rest"), "Rest");
        assert_eq!(bare("Rë: x"), "Rë: x");
    }
}

use std::cmp::Ordering;

use super::bricks::Bricks;
use super::marks::Marks;
use super::order;
use super::quick::{ById, Ids};
use super::tally::Tally;
use super::texts::{KEPT, Texts};
use crate::bridge::Sort;
use crate::mail::{Brief, Flags, MessageId, MessageSummary, bare_subject};

/// The rows of a list, sorted: all in brief, those near the cursor in full. Nothing here is done for all rows on a key or
/// a frame.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Those that are here in full.
    pub texts: Texts,
    known: Bricks,
    order: Vec<MessageId>,
    /// What the rows are sorted by, where that is a text; stays when a row leaves, for the case that it comes back.
    keys: ById<Box<str>>,
    tally: Tally,
    sort: Sort,
    reverse: bool,
    version: u64,
    #[cfg(test)]
    looks: std::cell::Cell<usize>,
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

    /// Adds rows or puts them in place of what they were. Those that were not here before.
    pub fn merge(
        &mut self,
        briefs: impl IntoIterator<Item = Brief>,
        marks: &mut Marks,
    ) -> Vec<MessageId> {
        let mut fresh = Vec::new();
        let mut moved = Vec::new();
        for brief in briefs {
            self.texts.correct(&brief);
            match self.known.get(brief.id).copied() {
                Some(old) if old == brief => {}
                Some(old) => {
                    marks.changed(&old, &brief);
                    self.tally.remove(&old);
                    self.tally.add(&brief);
                    if self.compare(&old, &brief) != Ordering::Equal {
                        self.take_out(&[brief.id]);
                        moved.push(brief.id);
                    }
                    self.known.insert(brief);
                }
                None => {
                    self.tally.add(&brief);
                    self.known.insert(brief);
                    marks.came(brief.id);
                    fresh.push(brief.id);
                }
            }
        }
        self.version += 1;
        let placed = if moved.is_empty() {
            self.sorted(fresh.clone())
        } else {
            self.sorted([fresh.as_slice(), &moved].concat())
        };
        self.put_in(&placed);
        fresh
    }

    /// Takes rows away.
    pub fn remove(&mut self, ids: &[MessageId], marks: &mut Marks) {
        let mut known: Vec<MessageId> = ids
            .iter()
            .copied()
            .filter(|id| self.known.contains(*id))
            .collect();
        known.sort_unstable();
        known.dedup();
        self.take_out(&known);
        for id in known {
            if let Some(old) = self.known.remove(id) {
                self.tally.remove(&old);
                marks.left(&old);
            }
        }
        self.version += 1;
    }

    /// What rows are sorted by, where that is a text. To be told before the rows come.
    pub fn learn_keys(&mut self, rows: &[Brief], keys: Vec<Box<str>>) {
        let ids = rows.iter().map(|row| row.id);
        self.keys.extend(ids.zip(keys));
    }

    /// Takes in rows in full: their texts, and what they are sorted by.
    pub fn keep(&mut self, summary: MessageSummary) {
        if let Some(key) = key(&summary, self.sort) {
            self.keys.insert(summary.id, key);
        }
        self.texts.keep(summary);
    }

    /// Whether every row is here in full.
    pub fn is_in_full(&self) -> bool {
        self.order.len() <= KEPT && self.order.iter().all(|id| self.texts.has(*id))
    }

    /// Puts rows that are all here in full into another order.
    pub fn sort_by(&mut self, sort: Sort, reverse: bool) {
        self.sort = sort;
        self.reverse = reverse;
        self.keys.clear();
        let keys = self
            .texts
            .summaries()
            .filter_map(|row| Some((row.id, key(row, sort)?)));
        self.keys.extend(keys);
        let order = std::mem::take(&mut self.order);
        self.order = self.sorted(order);
        self.version += 1;
    }

    /// What they are sorted by, and whether that is turned round.
    pub fn sorting(&self) -> (Sort, bool) {
        (self.sort, self.reverse)
    }

    /// Their order.
    pub fn order(&self) -> &[MessageId] {
        &self.order
    }

    /// Puts ids of rows into their order.
    pub fn sorted(&self, mut ids: Vec<MessageId>) -> Vec<MessageId> {
        let less = |a: &MessageId, b: &MessageId| self.compare_ids(*a, *b) != Ordering::Greater;
        if !ids.is_sorted_by(less) {
            ids.sort_by(|a, b| self.compare_ids(*a, *b));
        }
        ids
    }

    /// A row in full, if it is here in full.
    pub fn row(&self, id: MessageId) -> Option<&MessageSummary> {
        self.brief(id).and_then(|_| self.texts.get(id))
    }

    /// A row in brief.
    pub fn brief(&self, id: MessageId) -> Option<&Brief> {
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1);
        self.known.get(id)
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
        self.tally.unread
    }

    /// What can be said of all of them.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Whether every word occurs in sender, subject or first words; no, if the row is not here in full.
    pub fn matches(&self, id: MessageId, words: &[String]) -> bool {
        self.texts.matches(id, words)
    }

    /// The rows that are here in full and in which every word occurs, in their order.
    pub fn matching(&self, words: &[String]) -> Vec<MessageId> {
        let known = |id: &MessageId| self.brief(*id).is_some() && self.matches(*id, words);
        self.sorted(self.texts.ids().filter(known).collect())
    }

    /// Which of two rows comes first.
    pub fn compare_ids(&self, a: MessageId, b: MessageId) -> Ordering {
        match (self.brief(a), self.brief(b)) {
            (Some(a), Some(b)) => self.compare(a, b),
            _ => a.cmp(&b),
        }
    }

    /// Goes up with every change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// How often a row was looked at since this was last asked.
    #[cfg(test)]
    pub(crate) fn looks(&self) -> usize {
        self.looks.take()
    }

    fn take_out(&mut self, ids: &[MessageId]) {
        let mut rows = std::mem::take(&mut self.order);
        order::remove(&mut rows, ids, |a, b| self.compare_ids(a, b));
        self.order = rows;
    }

    fn put_in(&mut self, ids: &[MessageId]) {
        let mut rows = std::mem::take(&mut self.order);
        order::merge(&mut rows, ids, |a, b| self.compare_ids(a, b));
        self.order = rows;
    }

    /// As the store sorts: `order_sql` there says the same.
    fn compare(&self, a: &Brief, b: &Brief) -> Ordering {
        let newest = || (b.date, b.id).cmp(&(a.date, a.id));
        let order = match self.sort {
            Sort::Date => newest(),
            Sort::Size => (b.octets, b.id).cmp(&(a.octets, a.id)),
            Sort::From | Sort::Subject => {
                let key = |row: &Brief| self.keys.get(&row.id).map_or("", AsRef::as_ref);
                key(a).cmp(key(b)).then_with(newest)
            }
        };
        if self.reverse { order.reverse() } else { order }
    }
}

/// Whether it counts as new.
pub fn is_unread(summary: &MessageSummary) -> bool {
    !summary.flags.has(Flags::SEEN)
}

/// What a row is sorted by, where that is a text; as the store keeps it.
fn key(summary: &MessageSummary, sort: Sort) -> Option<Box<str>> {
    match sort {
        Sort::From => Some(summary.from.short().to_lowercase().into()),
        Sort::Subject => Some(bare_subject(&summary.subject).into()),
        Sort::Date | Sort::Size => None,
    }
}

/// Messages as a set.
pub fn set_of(ids: &[MessageId]) -> Ids {
    ids.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    fn brief(id: i64) -> Brief {
        Brief::from(&message(id))
    }

    fn ids(rows: &Rows) -> Vec<i64> {
        rows.order().iter().map(|id| id.0).collect()
    }

    fn with(sort: Sort, numbers: &[i64]) -> Rows {
        let mut rows = Rows::new(sort, false);
        rows.merge(numbers.iter().map(|id| brief(*id)), &mut Marks::default());
        rows
    }

    #[test]
    fn rows_stay_sorted_however_they_come() {
        let mut rows = with(Sort::Date, &[1, 5, 3]);
        let mut marks = Marks::default();
        assert_eq!(
            rows.merge([brief(4), brief(9), brief(5), brief(2)], &mut marks)
                .len(),
            3
        );
        assert_eq!(ids(&rows), [9, 5, 4, 3, 2, 1]);
        rows.remove(&[MessageId(4), MessageId(77)], &mut marks);
        assert_eq!(ids(&rows), [9, 5, 3, 2, 1]);
    }

    #[test]
    fn a_row_that_changes_its_date_moves_to_its_place() {
        let mut rows = with(Sort::Date, &[1, 2, 3]);
        let mut late = brief(1);
        late.date.0 += 1_000_000;
        assert!(rows.merge([late], &mut Marks::default()).is_empty());
        assert_eq!(ids(&rows), [1, 3, 2]);
        assert_eq!(rows.len(), 3);
    }

    #[test]
    fn the_count_of_unread_follows_every_change() {
        let mut rows = with(Sort::Date, &[1, 2]);
        let mut marks = Marks::default();
        assert_eq!(rows.unread(), 2);
        let mut read = brief(1);
        read.flags = read.flags.with(Flags::SEEN, true);
        rows.merge([read], &mut marks);
        assert_eq!(rows.unread(), 1);
        rows.merge([brief(1)], &mut marks);
        assert_eq!(rows.unread(), 2);
        rows.remove(&[MessageId(2)], &mut marks);
        assert_eq!(rows.unread(), 1);
    }

    #[test]
    fn what_arrives_is_sorted_by_its_text_between_rows_whose_text_is_not_here() {
        let mut rows = Rows::new(Sort::Subject, false);
        let known = [brief(1), brief(2)];
        rows.learn_keys(&known, vec!["alpha".into(), "gamma".into()]);
        rows.merge(known, &mut Marks::default());
        let mut beta = message(3);
        beta.subject = "Re: BETA".to_owned();
        let brief = Brief::from(&beta);
        rows.keep(beta);
        rows.merge([brief], &mut Marks::default());
        assert_eq!(ids(&rows), [1, 3, 2]);
    }

    #[test]
    fn what_comes_and_goes_among_a_hundred_thousand_looks_at_few() {
        let mut rows = with(Sort::Date, &(0..100_000).collect::<Vec<_>>());
        let mut marks = Marks::default();
        let mut between = brief(200_000);
        between.date = brief(50_000).date;
        rows.looks();
        rows.merge([brief(100_001), between], &mut marks);
        rows.remove(&[MessageId(100_001), MessageId(3)], &mut marks);
        let looks = rows.looks();
        assert!(looks < 300, "{looks}");
        assert_eq!(rows.len(), 100_000);
    }
}

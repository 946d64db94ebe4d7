use super::quick::Ids;
use super::tally::Tally;
use crate::mail::{Brief, MessageId};

/// Marked messages: a set that is as quick to be made of all rows as of one. Rows that come later are not in it.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// Whether `ids` are those that are not marked.
    all_but: bool,
    ids: Ids,
    tally: Tally,
    version: u64,
}

impl Marks {
    /// Marks a row that is in the list.
    pub fn insert(&mut self, row: &Brief) {
        if !self.contains(row.id) {
            self.flip(row.id);
            self.tally.add(row);
        }
    }

    /// Takes the mark from a row that is in the list.
    pub fn remove(&mut self, row: &Brief) {
        if self.contains(row.id) {
            self.flip(row.id);
            self.tally.remove(row);
        }
    }

    /// Marks every row of a list of which this is the tally.
    pub fn all(&mut self, tally: Tally) {
        self.clear();
        self.all_but = true;
        self.tally = tally;
    }

    /// Takes all marks away.
    pub fn clear(&mut self) {
        self.version += 1;
        self.all_but = false;
        self.ids.clear();
        self.tally = Tally::default();
    }

    /// A row has come into the list.
    pub fn came(&mut self, id: MessageId) {
        if self.all_but {
            self.ids.insert(id);
        }
    }

    /// A row is no longer as it was.
    pub fn changed(&mut self, old: &Brief, new: &Brief) {
        if self.contains(new.id) {
            self.version += 1;
            self.tally.remove(old);
            self.tally.add(new);
        }
    }

    /// A row has left the list.
    pub fn left(&mut self, old: &Brief) {
        self.remove(old);
        self.ids.remove(&old.id);
    }

    /// Whether a row of the list is marked.
    pub fn contains(&self, id: MessageId) -> bool {
        self.ids.contains(&id) != self.all_but
    }

    /// What can be said of them.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.tally.messages
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.tally.messages == 0
    }

    /// Goes up with every change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    fn flip(&mut self, id: MessageId) {
        self.version += 1;
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    fn brief(id: i64) -> Brief {
        Brief::from(&message(id))
    }

    #[test]
    fn all_are_marked_but_not_those_that_come_later() {
        let rows: Vec<Brief> = (1..=3).map(brief).collect();
        let mut tally = Tally::default();
        for row in &rows {
            tally.add(row);
        }
        let mut marks = Marks::default();
        marks.all(tally);
        marks.came(MessageId(4));
        assert_eq!((marks.len(), marks.contains(MessageId(4))), (3, false));
        marks.insert(&brief(4));
        marks.remove(&brief(2));
        assert_eq!((marks.len(), marks.tally().octets), (3, 3 * 6_700));
        marks.left(&brief(2));
        marks.left(&brief(1));
        assert_eq!(marks.len(), 2);
        marks.clear();
        assert!(marks.is_empty() && !marks.contains(MessageId(3)));
    }

    #[test]
    fn what_is_said_of_marked_rows_follows_their_changes() {
        let mut marks = Marks::default();
        let old = brief(1);
        marks.insert(&old);
        marks.insert(&old);
        let new = Brief { octets: 1, ..old };
        marks.changed(&old, &new);
        assert_eq!((marks.len(), marks.tally().octets), (1, 1));
        marks.remove(&new);
        assert_eq!(marks.tally(), Tally::default());
    }
}

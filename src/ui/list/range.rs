use super::List;
use crate::mail::MessageId;

/// A range of rows, from where it was begun to the cursor: drawn as marked, and marked when it is closed.
impl List {
    /// Begins a range at the cursor.
    pub fn begin_range(&mut self) {
        self.range = self.selected.map(|here| (here, self.position));
    }

    /// Whether the row at this place lies in the range.
    pub fn in_range(&self, place: usize) -> bool {
        self.range.is_some_and(|(_, start)| {
            (start.min(self.position)..=start.max(self.position)).contains(&place)
        })
    }

    /// Closes the range: what its rows stand for is marked. Whether there was one.
    pub fn close_range(&mut self) -> bool {
        let Some((_, start)) = self.range.take() else {
            return false;
        };
        let (low, high) = (start.min(self.position), start.max(self.position));
        let rows: Vec<MessageId> = self
            .visible()
            .get(low..=high)
            .unwrap_or_default()
            .iter()
            .flat_map(|id| self.stands_for(*id))
            .collect();
        for row in rows.iter().filter_map(|id| self.rows.brief(*id)) {
            self.marks.insert(row);
        }
        self.count_shown_marks();
        true
    }

    /// Whether the last frame showed what the range takes in of the rows that are in sight.
    pub fn range_was_seen(&self, height: usize) -> bool {
        let in_sight = self
            .visible()
            .iter()
            .enumerate()
            .skip(self.top)
            .take(height);
        in_sight
            .filter(|(place, _)| self.in_range(*place))
            .all(|(_, id)| self.was_seen(*id))
    }

    /// Finds the beginning of a range again. Where it is not shown any more, there is no range.
    pub(super) fn locate_range(&mut self) {
        self.range = self
            .range
            .and_then(|(start, _)| Some((start, self.place_of(start)?)));
    }
}

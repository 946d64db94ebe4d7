use super::quick::ById;
use crate::mail::{Brief, MessageId};

/// Rows in brief by their number. They lie in bricks that are never moved, and only their places in a table: a table that
/// grows is copied, and what it was before stays with the allocator.
#[derive(Clone, Debug, Default)]
pub(super) struct Bricks {
    places: ById<u32>,
    rows: Vec<Vec<Brief>>,
    free: Vec<u32>,
}

impl Bricks {
    pub(super) fn get(&self, id: MessageId) -> Option<&Brief> {
        let (brick, place) = split(*self.places.get(&id)?);
        self.rows.get(brick)?.get(place)
    }

    pub(super) fn contains(&self, id: MessageId) -> bool {
        self.places.contains_key(&id)
    }

    /// Puts a row in, or in the place of what it was.
    pub(super) fn insert(&mut self, row: Brief) {
        let known = self.places.get(&row.id).copied();
        if let Some(at) = known.or_else(|| self.free.pop()) {
            let (brick, place) = split(at);
            let old = self
                .rows
                .get_mut(brick)
                .and_then(|brick| brick.get_mut(place));
            if let Some(old) = old {
                *old = row;
            }
            self.places.insert(row.id, at);
            return;
        }
        if self.rows.last().is_none_or(|brick| brick.len() == BRICK) {
            self.rows.push(Vec::with_capacity(BRICK));
        }
        let before = self.rows.len().saturating_sub(1) * BRICK;
        if let Some(brick) = self.rows.last_mut() {
            // A list of four thousand million rows would not fit into memory.
            self.places.insert(row.id, (before + brick.len()) as u32);
            brick.push(row);
        }
    }

    pub(super) fn remove(&mut self, id: MessageId) -> Option<Brief> {
        let at = self.places.remove(&id)?;
        self.free.push(at);
        let (brick, place) = split(at);
        self.rows.get(brick)?.get(place).copied()
    }
}

fn split(at: u32) -> (usize, usize) {
    (at as usize / BRICK, at as usize % BRICK)
}

/// Rows in a brick: 24 kB.
const BRICK: usize = 512;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::ui::testing::message;

    #[test]
    fn a_hundred_rows_take_one_brick_also_after_all_have_been_replaced() {
        let mut bricks = Bricks::default();
        let brief = Brief::from(&message(0));
        for id in 0..100 {
            bricks.insert(Brief {
                id: MessageId(id),
                ..brief
            });
        }
        for id in 0..10_000 {
            assert!(bricks.remove(MessageId(id)).is_some());
            bricks.insert(Brief {
                id: MessageId(id + 100),
                ..brief
            });
        }
        assert_eq!(bricks.rows.len(), 1);
        assert_eq!(bricks.rows.iter().map(Vec::len).sum::<usize>(), 100);
    }

    proptest! {
        #[test]
        fn rows_come_and_go_as_in_a_table(
            deeds in prop::collection::vec((0..700_i64, any::<u64>(), any::<bool>()), 0..2_000)
        ) {
            let mut bricks = Bricks::default();
            let mut table = HashMap::new();
            let brief = Brief::from(&message(0));
            for (id, octets, comes) in deeds {
                let id = MessageId(id);
                if comes {
                    let row = Brief { id, octets, ..brief };
                    bricks.insert(row);
                    table.insert(id, row);
                } else {
                    prop_assert_eq!(bricks.remove(id), table.remove(&id));
                }
            }
            for id in (0..700).map(MessageId) {
                prop_assert_eq!(bricks.get(id), table.get(&id));
                prop_assert_eq!(bricks.contains(id), table.contains_key(&id));
            }
        }
    }
}

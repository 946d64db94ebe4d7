use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::Error;
use super::rows::ids_text;

/// Messages that the index knows for some words: a bit for each id.
///
/// Asking the index again for every row of a list, or sorting what it found, costs far more than looking up a bit.
#[derive(Debug, Default)]
pub(super) struct Hits {
    bits: Vec<u8>,
    /// The first of them, and one more than counts as few.
    first: Vec<i64>,
}

impl Hits {
    /// Adds a message. Ids are given out one after the other, so one beyond all reason is damage.
    pub(super) fn add(&mut self, id: i64) -> Result<(), Error> {
        let place = usize::try_from(id).ok().filter(|place| *place < LARGEST);
        let place =
            place.ok_or_else(|| Error::Damaged(format!("the search index names message {id}")))?;
        let octet = place / 8;
        if octet >= self.bits.len() {
            self.bits.resize(octet + 1, 0);
        }
        if let Some(bits) = self.bits.get_mut(octet) {
            *bits |= 1 << (place % 8);
        }
        if self.first.len() <= FEW {
            self.first.push(id);
        }
        Ok(())
    }

    /// All of them as a list in JSON, when they are few enough to be looked up one by one.
    pub(super) fn few(&self) -> Option<String> {
        if self.first.len() > FEW {
            return None;
        }
        Some(ids_text(self.first.iter().copied()))
    }

    pub(super) fn into_bits(self) -> Vec<u8> {
        self.bits
    }
}

/// Teaches a connection the function [`HIT`]: its first value are the bits, its second the id of a message.
pub(super) fn install(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(HIT, 2, flags, |context| {
        let bits = context.get_raw(0).as_blob()?;
        let place = usize::try_from(context.get_raw(1).as_i64()?).unwrap_or(usize::MAX);
        Ok(bits
            .get(place / 8)
            .is_some_and(|octet| octet & (1 << (place % 8)) != 0))
    })?;
    Ok(())
}

/// The name of the function.
pub(super) const HIT: &str = "is_hit";
/// Looking one message up costs as much as walking past some fifty.
const FEW: usize = 1_000;
/// Bits for so many ids take 128 MiB.
const LARGEST: usize = 1 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_hit_when_it_was_added() {
        let connection = Connection::open_in_memory().unwrap();
        install(&connection).unwrap();
        let mut hits = Hits::default();
        for id in [1, 8, 9, 4_000] {
            hits.add(id).unwrap();
        }
        assert_eq!(hits.few().as_deref(), Some("[1,8,9,4000]"));
        let bits = hits.into_bits();
        let found: Vec<i64> = (-1..5_000)
            .filter(|id| {
                connection
                    .query_row("SELECT is_hit(?1, ?2)", (&bits, id), |row| row.get(0))
                    .unwrap()
            })
            .collect();
        assert_eq!(found, [1, 8, 9, 4_000]);
    }

    #[test]
    fn many_hits_are_not_listed_and_an_absurd_id_is_damage() {
        let mut hits = Hits::default();
        assert_eq!(hits.few().as_deref(), Some("[]"));
        for id in 0..=FEW as i64 {
            hits.add(id).unwrap();
        }
        assert_eq!(hits.few(), None);
        for id in [-1, i64::MIN, i64::MAX] {
            assert!(matches!(hits.add(id), Err(Error::Damaged(_))));
        }
    }
}

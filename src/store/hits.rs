use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use super::Error;
use super::rows::ids_text;

/// Messages that the index knows for some words: a bit for each id.
///
/// Asking the index again for every row of a list, or sorting what it found, costs far more than looking up a bit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hits {
    bits: Vec<u8>,
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
        Ok(())
    }

    pub(super) fn has(&self, id: i64) -> bool {
        has(&self.bits, id)
    }

    /// Adds all of these.
    pub(super) fn join(&mut self, other: Self) {
        let mut other = other;
        if other.bits.len() > self.bits.len() {
            std::mem::swap(self, &mut other);
        }
        for (bits, more) in self.bits.iter_mut().zip(other.bits) {
            *bits |= more;
        }
    }

    /// Those that are among these as well; all where none are given.
    pub(super) fn among(mut self, others: Option<&Self>) -> Self {
        if let Some(others) = others {
            self.bits.truncate(others.bits.len());
            for (bits, others) in self.bits.iter_mut().zip(&others.bits) {
                *bits &= others;
            }
        }
        self
    }

    /// Their ids, ascending.
    pub(super) fn ids(&self) -> impl DoubleEndedIterator<Item = i64> {
        let each = self.bits.iter().enumerate();
        each.flat_map(|(octet, bits)| {
            (0..8)
                .filter(move |bit| bits & (1 << bit) != 0)
                .map(move |bit| (octet * 8 + bit) as i64)
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.iter().all(|bits| *bits == 0)
    }

    /// All of them as a list in JSON, when they are few enough to be looked up one by one.
    pub(super) fn few(&self) -> Option<String> {
        let count: usize = self
            .bits
            .iter()
            .map(|bits| bits.count_ones() as usize)
            .sum();
        (count <= FEW).then(|| ids_text(self.ids()))
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
        Ok(has(bits, context.get_raw(1).as_i64()?))
    })?;
    Ok(())
}

fn has(bits: &[u8], id: i64) -> bool {
    let place = usize::try_from(id).unwrap_or(usize::MAX);
    let octet = bits.get(place / 8);
    octet.is_some_and(|octet| octet & (1 << (place % 8)) != 0)
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

    fn hits(ids: impl IntoIterator<Item = i64>) -> Hits {
        let mut hits = Hits::default();
        for id in ids {
            hits.add(id).unwrap();
        }
        hits
    }

    #[test]
    fn an_id_is_a_hit_when_it_was_added() {
        let connection = Connection::open_in_memory().unwrap();
        install(&connection).unwrap();
        let hits = hits([1, 8, 9, 4_000]);
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

    #[test]
    fn hits_are_joined_and_narrowed_whichever_has_more() {
        for (one, other) in [(&[3, 9, 70][..], &[9, 3_000][..]), (&[5], &[])] {
            for (one, other) in [(one, other), (other, one)] {
                let [one, other] = [one, other].map(|ids| hits(ids.iter().copied()));
                let all: std::collections::BTreeSet<i64> = one.ids().chain(other.ids()).collect();
                let both: Vec<i64> = one
                    .ids()
                    .filter(|id| other.ids().any(|o| o == *id))
                    .collect();
                assert_eq!(
                    one.clone().among(Some(&other)).ids().collect::<Vec<_>>(),
                    both
                );
                assert_eq!(one.clone().among(None), one);
                let mut joined = one;
                joined.join(other);
                assert!(joined.ids().eq(all));
            }
        }
        assert!(hits([]).is_empty() && !hits([8]).is_empty());
        assert!(hits([8]).among(Some(&hits([9]))).is_empty());
    }
}

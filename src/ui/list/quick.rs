use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use crate::mail::MessageId;

/// What is known by a message's number.
pub type ById<T> = HashMap<MessageId, T, BuildHasherDefault<Spread>>;

/// Messages, in no order.
pub type Ids = HashSet<MessageId, BuildHasherDefault<Spread>>;

/// Spreads the numbers of this store. They are counted up here, so that nobody outside can choose them to collide.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64(u64::from(*octet));
        }
    }

    fn write_i64(&mut self, number: i64) {
        self.write_u64(number as u64);
    }

    fn write_u64(&mut self, number: u64) {
        // Fibonacci hashing; the rotation brings the well mixed upper bits down to where tables look.
        self.0 = (self.0 ^ number)
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .rotate_left(32);
    }
}

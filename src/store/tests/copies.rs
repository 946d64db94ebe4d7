//! Large messages that are read back from a file before they are stored (I1, I7, F5).

use std::io;
use std::sync::Arc;

use super::*;
use crate::mail::{Elsewhere, Octets, Passing};

/// A file that does not give back what was put into it.
#[derive(Debug)]
struct Failing {
    octets: Vec<u8>,
    /// Where an octet is another than it was.
    spoilt: Option<usize>,
    /// Octets behind which there is nothing.
    end: usize,
}

impl Elsewhere for Failing {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let (start, mut octets) = (offset as usize, self.octets.clone());
        if let Some(place) = self.spoilt {
            octets[place] ^= 1;
        }
        let rest = &octets[start.min(self.end)..self.end];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[test]
fn i1_f5_a_large_message_that_is_read_back_otherwise_than_it_came_is_not_stored() {
    let shelf = Shelf::new();
    let small = letter("a").full("u1");
    let mut octets = small.octets.beginning().to_vec();
    octets.extend_from_slice("and so on\r\n".repeat(60_000).as_bytes());
    let arrival = |spoilt, end| {
        let mut passing = Passing::default();
        passing.take(&octets);
        let kept = Failing {
            octets: octets.clone(),
            spoilt,
            end,
        };
        let beginning = octets[..4_096].to_vec();
        let len = octets.len() as u64;
        Arrival {
            octets: Octets::large(beginning, Arc::new(kept), len, passing.digests()),
            ..small.clone()
        }
    };
    let len = octets.len();
    let middle = len / 2;
    for (spoilt, end) in [
        (Some(0), len),
        (Some(middle), len),
        (Some(len - 1), len),
        (None, len - 1),
    ] {
        let arrivals = vec![arrival(spoilt, end)];
        let stored = shelf.store.store_arrivals(&shelf.account, arrivals, NOW);
        let error = stored.wait().unwrap_err();
        assert!(matches!(error, Error::Copy(_)), "{error}");
        assert_eq!(shelf.everything(), [0_i64; 0]);
        assert_eq!(shelf.store.ledger(&shelf.account).wait().unwrap(), []);
    }
    let stored = shelf.arrive_one(arrival(None, len));
    let held = shelf.store.octets(stored.message).wait().unwrap();
    assert!(held == Some((Local::Full, octets)));
}

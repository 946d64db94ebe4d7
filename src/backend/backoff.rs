//! How long to wait before trying again.

use std::time::Duration;

/// Waits that double: 30 seconds up to 10 minutes, which is as long as servers keep a lock after a lost session.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    /// Nothing has failed since the last success.
    pub(super) fn is_fresh(self) -> bool {
        self.tries == 0
    }

    /// The next wait.
    pub(super) fn next(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        wait
    }
}

const FIRST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let mut backoff = Backoff::default();
        let waits: Vec<u64> = (0..7).map(|_| backoff.next().as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 600, 600]);
    }
}

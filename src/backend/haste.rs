//! How much less patient than usual the engine is with a server.

use std::num::NonZeroU32;
use std::time::Duration;

/// By how much every wait for a server is divided: those for its answers, and those before it is asked again.
///
/// Nobody who reads mail wants it. It is for tests of what silence brings about, since a server has minutes to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Haste(NonZeroU32);

impl Haste {
    /// So many times less patient; 0 counts as 1.
    pub fn times(times: u32) -> Self {
        Self(NonZeroU32::new(times).unwrap_or(NonZeroU32::MIN))
    }

    /// What is left of a wait.
    pub(super) fn of(self, wait: Duration) -> Duration {
        wait / self.0.get()
    }
}

impl Default for Haste {
    /// None: the usual patience.
    fn default() -> Self {
        Self(NonZeroU32::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_haste_a_wait_is_as_long_as_it_is() {
        let wait = Duration::from_mins(1);
        assert_eq!(Haste::default().of(wait), wait);
        assert_eq!(Haste::times(0).of(wait), wait);
        assert_eq!(Haste::times(1_000).of(wait), Duration::from_millis(60));
    }
}

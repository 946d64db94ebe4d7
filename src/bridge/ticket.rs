use std::sync::atomic::{AtomicU64, Ordering};

/// Who asked. A late answer to an old question is dropped by whoever no longer waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(u64);

impl Ticket {
    /// A ticket that was never used before in this process.
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for Ticket {
    fn default() -> Self {
        Self::new()
    }
}

//! How long something takes.

use std::time::{Duration, Instant};

/// Does the work and panics when it takes longer than anybody would wait for it, in time of this thread on a processor.
pub(super) fn in_time<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let begun = Watch::start();
    let done = work();
    let took = begun.elapsed();
    assert!(took < crate::LONGEST, "{what} took {took:?}");
    done
}

/// A watch that stands still while others have the processor, where the system tells.
struct Watch {
    begun: Instant,
    on_processor: Option<Duration>,
}

impl Watch {
    fn start() -> Self {
        Self {
            begun: Instant::now(),
            on_processor: on_processor(),
        }
    }

    fn elapsed(&self) -> Duration {
        match (self.on_processor, on_processor()) {
            (Some(before), Some(now)) => now.saturating_sub(before),
            _ => self.begun.elapsed(),
        }
    }
}

fn on_processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = text.split_ascii_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

//! The clock, and when it shows another minute.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::mail::Timestamp;

/// The time, in whole seconds.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// The time until the clock shows another minute than it did then. A clock that was set back is looked at all the same.
pub(super) fn until_another_minute(then: Timestamp, now: SystemTime) -> Duration {
    let next = u64::try_from(then.0 / 60 + 1).unwrap_or_default();
    let next = UNIX_EPOCH + MINUTE.saturating_mul(u32::try_from(next).unwrap_or(u32::MAX));
    next.duration_since(now).unwrap_or_default().min(MINUTE)
}

const MINUTE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_wakes_the_loop_when_it_shows_another_minute_and_not_before() {
        let wait = |then: i64, now: f64| {
            let now = UNIX_EPOCH + Duration::from_secs_f64(now);
            until_another_minute(Timestamp(then), now)
        };
        assert_eq!(wait(600, 600.0), Duration::from_mins(1));
        assert_eq!(wait(601, 601.25), Duration::from_millis(58_750));
        assert_eq!(wait(659, 659.5), Duration::from_millis(500));
        assert_eq!(wait(659, 660.5), Duration::ZERO, "it was missed");
        assert_eq!(wait(7_000, 60.0), Duration::from_mins(1), "it was set back");
    }
}

//! The wall clock, asked in one place and handed on as a value.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::mail::Timestamp;

/// Now.
pub fn now() -> Timestamp {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

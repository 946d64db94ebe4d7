//! Numbers, sizes and times in words.

use jiff::Timestamp as Instant;
use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use crate::mail::Timestamp;

/// A size in at most five columns: `812`, `6.6K`, `48K`, `2.1M`, `1.46G`. Steps of 1000, as the configuration has them.
pub(super) fn size(octets: u64) -> String {
    if octets < 1000 {
        return octets.to_string();
    }
    let mut value = octets as f64 / 1000.0;
    for unit in ["K", "M", "G"] {
        if value < 9.95 && unit == "G" {
            let text = format!("{value:.2}");
            return format!("{}{unit}", text.strip_suffix('0').unwrap_or(&text));
        }
        if value < 9.95 {
            return format!("{value:.1}{unit}");
        }
        if value < 999.5 {
            return format!("{value:.0}{unit}");
        }
        value /= 1000.0;
    }
    format!("{value:.1}T")
}

/// A size in a sentence: `812 octets`, `6.6 KB`.
pub(super) fn amount(octets: u64) -> String {
    match size(octets).split_at_checked(size(octets).len().saturating_sub(1)) {
        Some((number, unit)) if octets >= 1000 => format!("{number} {unit}B"),
        _ => count(octets, "octet"),
    }
}

/// `1 message`, `3 messages`.
pub(super) fn count(number: u64, one: &str) -> String {
    if number == 1 {
        return format!("1 {one}");
    }
    format!("{number} {one}s")
}

/// `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// As JSON has it: UTC, with an offset.
pub(super) fn iso(time: Timestamp) -> String {
    instant(time)
        .strftime("%Y-%m-%dT%H:%M:%S+00:00")
        .to_string()
}

/// As a list shows it: the time today, the day this week, the date this year, the month before that.
pub(super) fn short_date(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (then, today) = (zoned(time, zone), zoned(now, zone));
    let days = then
        .date()
        .until(today.date())
        .map_or(i32::MAX, |span| span.get_days());
    let format = match days {
        0 => "%H:%M",
        1..=6 => "%a",
        _ if then.year() == today.year() => "%-d %b",
        _ => "%b %Y",
    };
    then.strftime(format).to_string()
}

/// Seconds that local time is ahead of UTC.
pub(super) fn utc_offset(now: Timestamp, zone: &TimeZone) -> i32 {
    zoned(now, zone).offset().seconds()
}

fn zoned(time: Timestamp, zone: &TimeZone) -> ZonedDateTime {
    instant(time).to_zoned_datetime(zone.clone())
}

/// A time that no calendar has becomes 1970.
fn instant(time: Timestamp) -> Instant {
    Instant::from_second(time.0).unwrap_or(Instant::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_two_digits_that_matter_and_fit_five_columns() {
        for (octets, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1.0K"),
            (6_600, "6.6K"),
            (9_960, "10K"),
            (48_200, "48K"),
            (999_900, "1.0M"),
            (2_100_000, "2.1M"),
            (1_428_000_000, "1.43G"),
            (2_000_000_000, "2.0G"),
            (u64::MAX, "18446744.1T"),
        ] {
            assert_eq!(size(octets), text);
        }
        assert_eq!(
            [0, 1, 6_600, 2_100_000].map(amount),
            ["0 octets", "1 octet", "6.6 KB", "2.1 MB"]
        );
    }

    #[test]
    fn dates_are_as_short_as_they_can_be() {
        let at = |text: &str| Timestamp(text.parse::<Instant>().unwrap().as_second());
        let now = at("2026-11-23T12:00:00Z");
        for (then, text) in [
            ("2026-11-23T11:02:00Z", "11:02"),
            ("2026-11-22T23:59:00Z", "Sun"),
            ("2026-11-16T11:02:00Z", "16 Nov"),
            ("2025-12-31T11:02:00Z", "Dec 2025"),
            ("2026-11-24T11:02:00Z", "24 Nov"),
        ] {
            assert_eq!(short_date(at(then), now, &TimeZone::UTC), text);
        }
        assert_eq!(iso(at("2026-11-23T11:02:00Z")), "2026-11-23T11:02:00+00:00");
        assert_eq!(iso(Timestamp(i64::MAX)), "1970-01-01T00:00:00+00:00");
    }
}

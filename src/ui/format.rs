//! Numbers and dates as a person reads them. Every function is pure: `now` and the time zone come in as arguments.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::mail::Timestamp;

/// Octets in at most five columns: `812`, `6.8K`, `49K`, `2.2M`, `1.46G`. Steps of 1,000, as the configuration has them.
pub fn size(octets: u64) -> String {
    if octets < 1000 {
        return octets.to_string();
    }
    let mut value = octets as f64 / 1000.0;
    let mut unit = 'K';
    for next in ['M', 'G', 'T', 'P', 'E'] {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    if value < 9.95 && matches!(unit, 'G' | 'T' | 'P' | 'E') {
        let text = format!("{value:.2}");
        format!("{}{unit}", text.strip_suffix('0').unwrap_or(&text))
    } else if value < 9.95 {
        format!("{value:.1}{unit}")
    } else {
        format!("{value:.0}{unit}")
    }
}

/// A count with its thousands apart: `1,204`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 message`, `27 messages`.
pub fn counted(n: u64, one: &str) -> String {
    format!("{} {one}{}", count(n), if n == 1 { "" } else { "s" })
}

/// A subject, or what stands for an empty one.
pub fn subject(subject: &str) -> &str {
    if subject.trim().is_empty() {
        "(no subject)"
    } else {
        subject
    }
}

/// A date in at most six columns: `11:02` today, `Sun` in the week before, `16 Nov` in the eleven months before, else
/// `Nov'25`.
pub fn list_date(date: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (Some(date), Some(now)) = (zoned(date, zone), zoned(now, zone)) else {
        return String::new();
    };
    let days = now
        .date()
        .since(date.date())
        .map_or(i32::MAX, |span| span.get_days());
    let format = match days {
        0 => "%H:%M",
        -1 | 1..=6 => "%a",
        -330..=-2 | 7..=330 => "%-d %b",
        _ if date.year() > 999 => "%b'%y",
        _ => "%Y",
    };
    date.strftime(format).to_string()
}

/// A date in full: `Mon 23 Nov 2026 11:02`.
pub fn full_date(date: Timestamp, zone: &TimeZone) -> String {
    zoned(date, zone).map_or_else(String::new, |date| {
        date.strftime("%a %-d %b %Y %H:%M").to_string()
    })
}

/// The time of day: `11:02`.
pub fn clock(date: Timestamp, zone: &TimeZone) -> String {
    zoned(date, zone).map_or_else(String::new, |date| date.strftime("%H:%M").to_string())
}

/// The days until then, in at most four columns, and whether that is soon: `30d`, `3d!`, and `0d!` when it is time.
pub fn countdown(at: Timestamp, now: Timestamp) -> (bool, String) {
    let seconds = at.seconds_since(now).max(0);
    let days = seconds / 86_400 + i64::from(seconds % 86_400 > 0);
    match days {
        0..=3 => (true, format!("{days}d!")),
        4..=999 => (false, format!("{days}d")),
        _ => (false, format!("{}y", (days / 365).min(999))),
    }
}

/// The day of the month: `23 Dec`, with the year where it is another: `3 Jan 2028`.
pub fn day(date: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (Some(date), Some(now)) = (zoned(date, zone), zoned(now, zone)) else {
        return String::new();
    };
    let format = if date.date().year() == now.date().year() {
        "%-d %b"
    } else {
        "%-d %b %Y"
    };
    date.strftime(format).to_string()
}

/// The day of the month where the year is plain: `23 Dec`.
pub fn short_day(date: Timestamp, zone: &TimeZone) -> String {
    zoned(date, zone).map_or_else(String::new, |date| date.strftime("%-d %b").to_string())
}

/// A day of the next weeks: `Tue 24 Nov`.
pub fn weekday(date: Timestamp, zone: &TimeZone) -> String {
    zoned(date, zone).map_or_else(String::new, |date| date.strftime("%a %-d %b").to_string())
}

/// When today and the days after it begin, so many of them.
pub fn day_starts(now: Timestamp, zone: &TimeZone, days: usize) -> Vec<Timestamp> {
    let mut day = zoned(now, zone).map(|now| now.date());
    let mut starts = Vec::with_capacity(days);
    for _ in 0..days {
        let start = day.and_then(|day| day.to_zoned_datetime(zone.clone()).ok());
        let far = Timestamp(i64::MAX);
        starts.push(start.map_or(far, |start| Timestamp(start.timestamp().as_second())));
        day = day.and_then(|day| day.tomorrow().ok());
    }
    starts
}

/// How long ago, or how long until: `now`, `2 min`, `3 h`, `5 d`.
pub fn span(seconds: i64) -> String {
    match seconds.unsigned_abs() {
        0..=29 => "now".to_owned(),
        s @ 30..=3_569 => format!("{} min", (s + 30) / 60),
        s @ 3_570..=86_399 => format!("{} h", (s + 1_800) / 3_600),
        s => format!("{} d", (s + 43_200) / 86_400),
    }
}

/// Time left, roughly: `40 s left`, `1 min left`, `2 h left`.
pub fn time_left(left: Duration) -> String {
    match left.as_secs() {
        s @ 0..=89 => format!("{} s left", s.max(1)),
        s @ 90..=5_399 => format!("{} min left", (s + 30) / 60),
        s => format!("{} h left", (s + 1_800) / 3_600),
    }
}

fn zoned(date: Timestamp, zone: &TimeZone) -> Option<jiff::ZonedDateTime> {
    let date = jiff::Timestamp::from_second(date.0).ok()?;
    Some(date.to_zoned_datetime(zone.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    /// Monday 23 November 2026, 12:00 UTC.
    const NOON: Timestamp = Timestamp(1_795_435_200);

    #[test]
    fn sizes_read_like_a_person_writes_them() {
        for (octets, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.0K"),
            (6_758, "6.8K"),
            (49_152, "49K"),
            (999_499, "999K"),
            (999_999, "1.0M"),
            (2_202_009, "2.2M"),
            (30_000_000, "30M"),
            (1_460_288_880, "1.46G"),
            (2_000_000_000, "2.0G"),
        ] {
            assert_eq!(size(octets), text);
        }
    }

    #[test]
    fn no_size_is_wider_than_five_columns() {
        for shift in 0..64 {
            for octets in [
                1_u64 << shift,
                (1_u64 << shift).wrapping_sub(1),
                (1_u64 << shift) + 1,
                u64::MAX,
            ] {
                assert!(size(octets).width() <= 5, "{octets}: {}", size(octets));
            }
        }
    }

    #[test]
    fn counts_have_their_thousands_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(1_000_000), "1,000,000");
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(1_204, "message"), "1,204 messages");
    }

    #[test]
    fn a_list_date_says_only_what_is_needed() {
        let at = |seconds: i64| list_date(Timestamp(NOON.0 - seconds), NOON, &TimeZone::UTC);
        assert_eq!(at(58 * 60), "11:02");
        assert_eq!(at(86_400), "Sun");
        assert_eq!(at(6 * 86_400), "Tue");
        assert_eq!(at(7 * 86_400), "16 Nov");
        assert_eq!(at(14 * 86_400), "9 Nov");
        assert_eq!(at(400 * 86_400), "Oct'25");
        assert_eq!(at(-86_400), "Tue");
        assert_eq!(at(-900 * 86_400), "May'29");
    }

    #[test]
    fn a_list_date_is_at_most_six_columns_wide_for_any_time() {
        for date in [i64::MIN, -1, 0, NOON.0, 253_402_300_799, i64::MAX] {
            assert!(
                list_date(Timestamp(date), NOON, &TimeZone::UTC).width() <= 6,
                "{date}"
            );
        }
    }

    #[test]
    fn a_countdown_takes_four_columns_and_warns_three_days_before() {
        let until = |seconds: i64| countdown(Timestamp(NOON.0 + seconds), NOON);
        assert_eq!(until(30 * 86_400), (false, "30d".to_owned()));
        assert_eq!(until(30 * 86_400 - 60), (false, "30d".to_owned()));
        assert_eq!(until(3 * 86_400 + 1), (false, "4d".to_owned()));
        assert_eq!(until(3 * 86_400), (true, "3d!".to_owned()));
        assert_eq!(until(60), (true, "1d!".to_owned()));
        assert_eq!(until(-60), (true, "0d!".to_owned()));
        for at in [i64::MIN, 0, 999 * 86_400, 1_000 * 86_400, i64::MAX] {
            assert!(countdown(Timestamp(at), Timestamp(0)).1.width() <= 4);
        }
    }

    #[test]
    fn spans_are_rounded_to_what_matters() {
        for (seconds, text) in [
            (5, "now"),
            (120, "2 min"),
            (-780, "13 min"),
            (3_600, "1 h"),
            (86_400 * 3, "3 d"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }
}

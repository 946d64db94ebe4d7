use super::super::Timestamp;

/// What time it is, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) now: Timestamp,
    pub(super) utc_offset_seconds: i32,
}

impl Clock {
    /// So many seconds ago.
    pub(super) fn ago(self, seconds: i64) -> Timestamp {
        Timestamp(self.now.0.saturating_sub(seconds))
    }

    /// So many months ago at this time of day; the day moves back where that month is too short.
    pub(super) fn months_ago(self, months: i64) -> Timestamp {
        let local = self
            .now
            .0
            .saturating_add(i64::from(self.utc_offset_seconds));
        let (year, month, day) = civil(local.div_euclid(DAY));
        let index = (year * 12 + i64::from(month) - 1).saturating_sub(months);
        let (year, month) = (index.div_euclid(12), (index.rem_euclid(12) + 1) as u8);
        let day = day.min(days_in_month(year, month));
        let midnight = days(year, month, day).saturating_mul(DAY);
        Timestamp(
            midnight
                .saturating_add(local.rem_euclid(DAY))
                .saturating_sub(i64::from(self.utc_offset_seconds)),
        )
    }

    /// The beginning of a day here.
    pub(super) fn start_of(self, day: i64) -> Timestamp {
        Timestamp(
            day.saturating_mul(DAY)
                .saturating_sub(i64::from(self.utc_offset_seconds)),
        )
    }

    /// The day it is here, counted from 1970-01-01.
    pub(super) fn today(self) -> i64 {
        self.now
            .0
            .saturating_add(i64::from(self.utc_offset_seconds))
            .div_euclid(DAY)
    }
}

/// The first day of `2026`, `2026-11` or `2026-11-23`, and the first day behind it.
pub(super) fn period(text: &str) -> Option<(i64, i64)> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4, 1, 9999)?;
    let Some(month) = parts.next() else {
        return Some((days(year, 1, 1), days(year + 1, 1, 1)));
    };
    let month = u8::try_from(number(month, 2, 1, 12)?).ok()?;
    let Some(day) = parts.next() else {
        let first = days(year, month, 1);
        return Some((first, first + i64::from(days_in_month(year, month))));
    };
    let last = i64::from(days_in_month(year, month));
    let day = u8::try_from(number(day, 2, 1, last)?).ok()?;
    let day = days(year, month, day);
    parts.next().is_none().then_some((day, day + 1))
}

fn number(text: &str, digits: usize, least: i64, most: i64) -> Option<i64> {
    let fits = !text.is_empty()
        && text.len() <= digits
        && (digits < 4 || text.len() == digits)
        && text.bytes().all(|octet| octet.is_ascii_digit());
    let number = fits.then(|| text.parse().ok()).flatten()?;
    (least..=most).contains(&number).then_some(number)
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days from 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day is the last.
fn days(year: i64, month: u8, day: u8) -> i64 {
    let (year, month) = if month > 2 {
        (year, i64::from(month) - 3)
    } else {
        (year - 1, i64::from(month) + 9)
    };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (month * 153 + 2) / 5 + i64::from(day) - 1 - 719_468
}

/// The reverse of [`days`], by narrowing down; exact within some hundred thousand years.
fn civil(day: i64) -> (i64, u8, u8) {
    let day = day.clamp(-100_000_000, 100_000_000);
    let mut year = 1969 + day.div_euclid(366).min(day.div_euclid(365));
    while days(year + 1, 1, 1) <= day {
        year += ((day - days(year + 1, 1, 1)) / 366).max(1);
    }
    let month = (1..=12_u8)
        .rev()
        .find(|month| days(year, *month, 1) <= day)
        .unwrap_or(1);
    (year, month, (day - days(year, month, 1) + 1) as u8)
}

pub(super) const DAY: i64 = 86_400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_turn_into_each_other() {
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2000, 3, 1), 11_017);
        assert_eq!(days(2026, 11, 23), 20_780);
        for day in (-800_000..800_000).step_by(997) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day, "{year}-{month}-{date}");
        }
    }

    #[test]
    fn a_month_before_the_31st_of_march_is_the_end_of_february() {
        let clock = Clock {
            now: Timestamp(days(2026, 3, 31) * DAY + 3600),
            utc_offset_seconds: 0,
        };
        assert_eq!(
            clock.months_ago(1),
            Timestamp(days(2026, 2, 28) * DAY + 3600)
        );
        assert_eq!(
            clock.months_ago(12),
            Timestamp(days(2025, 3, 31) * DAY + 3600)
        );
    }
}

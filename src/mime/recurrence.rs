//! How often an event takes place (RFC 5545 section 3.3.10), in words.

use super::calendar::date;

/// `FREQ=MONTHLY;BYDAY=1TH` as `every month on the first Thursday`. A rule with parts that have no short words is
/// `yes`, or has its frequency alone where that is known: rather vague than wrong.
pub(super) fn words(rule: &str) -> String {
    let mut parts = Parts::default();
    for (name, value) in rule
        .trim()
        .split(';')
        .filter_map(|part| part.split_once('='))
    {
        parts.take(&name.trim().to_ascii_uppercase(), value.trim());
    }
    parts.words().unwrap_or_else(|| "yes".to_owned())
}

#[derive(Default)]
struct Parts {
    every: Option<&'static str>,
    interval: Option<u32>,
    /// How often it is cannot be read.
    unclear: bool,
    days: Vec<String>,
    month_days: Vec<String>,
    /// When it ends, in words.
    end: String,
    /// There is a part that has no short words, so that no days can be named.
    more: bool,
}

impl Parts {
    fn take(&mut self, name: &str, value: &str) {
        let value = value.to_ascii_uppercase();
        match name {
            "FREQ" => {
                self.every = match value.as_str() {
                    "DAILY" => Some("day"),
                    "WEEKLY" => Some("week"),
                    "MONTHLY" => Some("month"),
                    "YEARLY" => Some("year"),
                    _ => None,
                }
            }
            "INTERVAL" => {
                self.interval = value.parse().ok();
                self.unclear = self.interval.is_none();
            }
            "COUNT" => {
                self.end = match value.parse::<u32>() {
                    Ok(1) => ", once".to_owned(),
                    Ok(count) if count > 0 => format!(", {count} times"),
                    _ => ", a number of times".to_owned(),
                }
            }
            "UNTIL" => {
                let day = date(&value);
                self.end = format!(", until {}", day.as_deref().unwrap_or("a certain day"));
            }
            "BYDAY" => {
                let days: Option<Vec<String>> = value.split(',').take(MOST).map(day).collect();
                match days {
                    Some(days) => self.days = days,
                    None => self.more = true,
                }
            }
            "BYMONTHDAY" => {
                let days: Option<Vec<String>> =
                    value.split(',').take(MOST).map(month_day).collect();
                match days {
                    Some(days) => self.month_days = days,
                    None => self.more = true,
                }
            }
            // The week's first day only matters to rules with intervals, and changes no word.
            "WKST" => {}
            _ => self.more = true,
        }
    }

    fn words(self) -> Option<String> {
        let unit = self.every.filter(|_| !self.unclear)?;
        let mut words = match self.interval.unwrap_or(1) {
            0 | 1 => format!("every {unit}"),
            2 => format!("every second {unit}"),
            many => format!("every {many} {unit}s"),
        };
        // Neither have days that must be both, such as a Friday that is the 13th, nor those of every week or month of a year.
        let both = !self.days.is_empty() && !self.month_days.is_empty();
        let each =
            !self.month_days.is_empty() || self.days.iter().any(|day| !day.starts_with("the "));
        if self.more || both || unit == "year" && each {
            words.push_str(" on certain days");
        } else if !self.days.is_empty() {
            words.push_str(" on ");
            words.push_str(&listed(&self.days));
        } else if !self.month_days.is_empty() {
            words.push_str(" on ");
            words.push_str(&listed(&self.month_days));
        }
        Some(words + &self.end)
    }
}

/// `1TH` as `the first Thursday`, `MO` as `Monday`.
fn day(text: &str) -> Option<String> {
    let text = text.trim();
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let name = match name {
        "MO" => "Monday",
        "TU" => "Tuesday",
        "WE" => "Wednesday",
        "TH" => "Thursday",
        "FR" => "Friday",
        "SA" => "Saturday",
        "SU" => "Sunday",
        _ => return None,
    };
    let which = match number {
        "" => return Some(name.to_owned()),
        "1" | "+1" => "first",
        "2" | "+2" => "second",
        "3" | "+3" => "third",
        "4" | "+4" => "fourth",
        "5" | "+5" => "fifth",
        "-1" => "last",
        "-2" => "last but one",
        _ => return None,
    };
    Some(format!("the {which} {name}"))
}

fn month_day(text: &str) -> Option<String> {
    match text.trim().parse().ok()? {
        -1 => Some("the last day".to_owned()),
        day @ 1..=31 => Some(format!("day {day}")),
        _ => None,
    }
}

fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Days that a rule may name: more than a month has.
const MOST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_said_in_words() {
        for (rule, expected) in [
            ("FREQ=DAILY", "every day"),
            (
                "FREQ=MONTHLY;BYDAY=1TH",
                "every month on the first Thursday",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR",
                "every second week on Monday, Wednesday and Friday",
            ),
            ("FREQ=WEEKLY;COUNT=10;WKST=SU", "every week, 10 times"),
            ("FREQ=WEEKLY;COUNT=1", "every week, once"),
            (
                "FREQ=YEARLY;UNTIL=20301224T000000Z",
                "every year, until Tue 2030-12-24",
            ),
            (
                "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1,-1",
                "every 3 months on day 1 and the last day",
            ),
            ("freq=monthly;byday=-1su", "every month on the last Sunday"),
        ] {
            assert_eq!(words(rule), expected);
        }
    }

    #[test]
    fn rules_that_are_not_understood_are_vague_and_never_wrong() {
        for (rule, expected) in [
            ("", "yes"),
            ("FREQ=HOURLY", "yes"),
            ("FREQ=YEARLY;BYWEEKNO=20", "every year on certain days"),
            ("FREQ=MONTHLY;BYDAY=99XX,é", "every month on certain days"),
            ("FREQ=MONTHLY;BYMONTHDAY=x", "every month on certain days"),
            ("FREQ=DAILY;INTERVAL=0", "every day"),
            // A Friday that is the 13th.
            (
                "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
                "every month on certain days",
            ),
            ("FREQ=MONTHLY;BYMONTHDAY=-2", "every month on certain days"),
            (
                "FREQ=MONTHLY;BYMONTHDAY=0,99",
                "every month on certain days",
            ),
            // The first of every month, and every Monday.
            ("FREQ=YEARLY;BYMONTHDAY=1", "every year on certain days"),
            ("FREQ=YEARLY;BYDAY=MO", "every year on certain days"),
            // It ends, whenever that is.
            ("FREQ=DAILY;UNTIL=soon", "every day, until a certain day"),
            (
                "FREQ=DAILY;UNTIL=20260231",
                "every day, until a certain day",
            ),
            ("FREQ=DAILY;COUNT=many", "every day, a number of times"),
            ("FREQ=DAILY;COUNT=0", "every day, a number of times"),
            ("FREQ=DAILY;INTERVAL=often", "yes"),
        ] {
            assert_eq!(words(rule), expected);
        }
    }
}

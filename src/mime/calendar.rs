//! Invitations (RFC 5545) in words: what, when, where.

use mail_parser::DateTime;

use super::layout::Paragraph;
use super::recurrence;
use crate::mail::{SpanStyle, safe};

/// What the events of a calendar part say, as paragraphs. Empty when there is no event in it.
pub(super) fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut out = Vec::new();
    let mut method = String::new();
    let mut event: Option<Event> = None;
    // Components inside the event, such as alarms, have fields of the same names.
    let mut inside = 0_usize;
    for line in unfold(text).lines().take(LINES) {
        let Some((name, parameters, value)) = cut(line) else {
            continue;
        };
        match (name.as_str(), value.trim().to_ascii_uppercase().as_str()) {
            ("BEGIN", "VEVENT") if event.is_none() => event = Some(Event::default()),
            ("END", "VEVENT") => {
                if let Some(event) = event.take() {
                    out.extend(event.paragraphs(&method));
                }
                if out.len() >= LINES {
                    break;
                }
            }
            ("BEGIN", _) if event.is_some() => inside += 1,
            ("END", _) if inside > 0 => inside -= 1,
            ("METHOD", value) => value.clone_into(&mut method),
            _ if inside == 0 => {
                if let Some(event) = &mut event {
                    event.take(&name, parameters, value);
                }
            }
            _ => {}
        }
    }
    out
}

#[derive(Default)]
struct Event {
    what: String,
    start: Option<Time>,
    end: Option<Time>,
    place: String,
    organizer: String,
    often: String,
    cancelled: bool,
}

impl Event {
    fn take(&mut self, name: &str, parameters: &str, value: &str) {
        match name {
            "SUMMARY" => self.what = unescape(value),
            "LOCATION" => self.place = unescape(value),
            "DTSTART" => self.start = Some(Time::read(parameters, value)),
            "DTEND" => self.end = Some(Time::read(parameters, value)),
            "ORGANIZER" => self.organizer = person(parameters, value),
            "RRULE" => self.often = recurrence::words(value),
            "STATUS" => self.cancelled = value.trim().eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }

    fn paragraphs(self, method: &str) -> Vec<Paragraph> {
        let kind = match method {
            "CANCEL" => "Cancelled",
            "REPLY" => "Answer to an invitation",
            "REQUEST" => "Invitation",
            _ if self.cancelled => "Cancelled",
            _ => "Event",
        };
        let style = SpanStyle {
            bold: true,
            ..SpanStyle::default()
        };
        let mut out = vec![Paragraph::styled(
            safe::line(&format!("{kind}: {}", self.what)),
            style,
        )];
        for (label, value) in [
            ("When", span(self.start, self.end)),
            ("Repeats", self.often),
            ("Where", self.place),
            ("From", self.organizer),
        ] {
            if !value.trim().is_empty() {
                out.push(Paragraph::plain(safe::line(&format!("{label}: {value}"))));
            }
        }
        out
    }
}

/// A point in time as a calendar writes it. What cannot be read stays as it is written, in `day`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Time {
    /// `Mon 2026-11-23`.
    day: String,
    /// `11:00`, unless it is a whole day.
    clock: Option<String>,
    /// Where it is a whole day: when that begins, in seconds, as if in UTC.
    midnight: Option<i64>,
    /// As the calendar names it. None where the time is that of the clock on the wall, wherever one is.
    zone: Option<String>,
}

impl Time {
    fn read(parameters: &str, value: &str) -> Self {
        let value = value.trim();
        let Some(day) = date(value) else {
            return Self {
                day: value.to_owned(),
                ..Self::default()
            };
        };
        let (Some(hour), Some(minute)) = (digits(value, 9..11), digits(value, 11..13)) else {
            let whole = self::day(value).filter(|_| value.len() == 8);
            return Self {
                day,
                midnight: whole.map(|day| day.to_timestamp()),
                ..Self::default()
            };
        };
        let zone = if value.ends_with('Z') {
            Some("UTC")
        } else {
            parameter(parameters, "TZID")
        };
        Self {
            day,
            clock: Some(format!("{hour}:{minute}")),
            zone: zone.map(str::to_owned),
            midnight: None,
        }
    }

    /// The last day of an event of whole days that ends with this one left out (RFC 5545 section 3.6.1).
    fn last_day(self, start: &Self) -> Self {
        let days = start.midnight.zip(self.midnight);
        match days.filter(|(first, end)| end > first) {
            Some((_, end)) => Self {
                day: named(DateTime::from_timestamp(end - SECONDS)),
                midnight: Some(end - SECONDS),
                ..Self::default()
            },
            None => self,
        }
    }

    /// Its parts with blanks between them, without what is said already.
    fn words(&self, without_day: bool, without_zone: bool) -> String {
        let day = Some(&self.day).filter(|_| !without_day);
        let zone = self.zone.as_ref().filter(|_| !without_zone);
        let parts: Vec<&str> = [day, self.clock.as_ref(), zone]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        parts.join(" ")
    }
}

/// From when till when; the day once if it is the same, and the zone once.
fn span(start: Option<Time>, end: Option<Time>) -> String {
    let start = start.unwrap_or_default();
    let end = end.map(|end| end.last_day(&start));
    let Some(end) = end.filter(|end| *end != start) else {
        return start.words(false, false);
    };
    let one_day = end.day == start.day && end.clock.is_some();
    let one_zone = end.zone == start.zone;
    format!(
        "{} – {}",
        start.words(false, one_zone),
        end.words(one_day, false)
    )
}

/// Folded lines put together (RFC 5545 section 3.1).
fn unfold(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace("\n ", "")
        .replace("\n\t", "")
}

/// Name in upper case, parameters and value of a content line. A colon in quotes does not end the parameters.
fn cut(line: &str) -> Option<(String, &str, &str)> {
    let mut quoted = false;
    let colon = line.char_indices().find(|(_, c)| {
        quoted ^= *c == '"';
        *c == ':' && !quoted
    });
    let (head, value) = line.split_at(colon?.0);
    let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
    Some((
        name.trim().to_ascii_uppercase(),
        parameters,
        value.get(1..)?,
    ))
}

fn parameter<'x>(parameters: &'x str, name: &str) -> Option<&'x str> {
    let mut pairs = parameters
        .split(';')
        .filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim_matches('"'))
}

fn person(parameters: &str, value: &str) -> String {
    let address = value.trim();
    let address = match address.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("mailto") => rest,
        _ => address,
    };
    match parameter(parameters, "CN") {
        Some(name) if name != address => format!("{name} <{address}>"),
        _ => address.to_owned(),
    }
}

/// `20261123` and what begins so as `Mon 2026-11-23`.
pub(super) fn date(value: &str) -> Option<String> {
    Some(named(day(value)?))
}

fn day(value: &str) -> Option<DateTime> {
    let when = DateTime {
        year: digits(value, 0..4)?.parse().ok()?,
        month: digits(value, 4..6)?.parse().ok()?,
        day: digits(value, 6..8)?.parse().ok()?,
        hour: 0,
        minute: 0,
        second: 0,
        tz_before_gmt: false,
        tz_hour: 0,
        tz_minute: 0,
    };
    let exists = when.is_valid() && DateTime::from_timestamp(when.to_timestamp()) == when;
    exists.then_some(when)
}

fn named(day: DateTime) -> String {
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let weekday = names.get(usize::from(day.day_of_week())).unwrap_or(&"");
    format!("{weekday} {:04}-{:02}-{:02}", day.year, day.month, day.day)
}

fn digits(value: &str, range: std::ops::Range<usize>) -> Option<&str> {
    value
        .get(range)
        .filter(|piece| piece.bytes().all(|octet| octet.is_ascii_digit()))
}

fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n' | 'N')) => out.push(' '),
            ('\\', Some(escaped)) => out.push(escaped),
            ('\\', None) => {}
            _ => out.push(c),
        }
    }
    out
}

/// Seconds of a day.
const SECONDS: i64 = 86_400;
/// Lines of a calendar that are read.
const LINES: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_says_what_when_where_and_from_whom() {
        let text = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Tea\\, and\r\n  cake\r\nDTSTART;TZID=Europe/Berlin:20261123T110000\r\nDTEND;TZID=Europe/Berlin:20261123T120000\r\nLOCATION:Garden\\nhouse\r\nORGANIZER;CN=\"Ada: L\":mailto:ada@x.example\r\nBEGIN:VALARM\r\nSUMMARY:alarm\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let lines: Vec<_> = paragraphs(text)
            .into_iter()
            .map(|p| p.spans[0].text.clone())
            .collect();
        assert_eq!(
            lines,
            [
                "Invitation: Tea, and cake",
                "When: Mon 2026-11-23 11:00 – 12:00 Europe/Berlin",
                "Where: Garden house",
                "From: Ada: L <ada@x.example>",
            ]
        );
    }

    #[test]
    fn odd_calendars_give_what_they_have() {
        assert_eq!(paragraphs("no calendar"), []);
        let lines = paragraphs("BEGIN:VEVENT\nSUMMARY:x\u{1b}\nDTSTART:2026\nEND:VEVENT");
        assert_eq!(lines[0].spans[0].text, "Event: x\u{FFFD}");
        assert_eq!(lines[1].spans[0].text, "When: 2026");
        let lines = paragraphs("BEGIN:VEVENT\nDTSTART:20260231\nDTEND:20261123T1\nEND:VEVENT");
        assert_eq!(lines[1].spans[0].text, "When: 20260231 – Mon 2026-11-23");
    }

    #[test]
    fn when_it_is_says_the_zone_once_and_the_day_once_and_leaves_out_neither() {
        for (start, end, when) in [
            // The clock on the wall, wherever one is.
            (
                ":20261123T110000",
                ":20261123T120000",
                "Mon 2026-11-23 11:00 – 12:00",
            ),
            (
                ":20261123T110000",
                ":20261124T110000",
                "Mon 2026-11-23 11:00 – Tue 2026-11-24 11:00",
            ),
            (
                ";TZID=W. Europe Standard Time:20261123T110000",
                ";TZID=W. Europe Standard Time:20261123T120000",
                "Mon 2026-11-23 11:00 – 12:00 W. Europe Standard Time",
            ),
            (
                ";TZID=W. Europe Standard Time:20261123T110000",
                ";TZID=\"E. Europe Standard Time\":20261123T130000",
                "Mon 2026-11-23 11:00 W. Europe Standard Time – 13:00 E. Europe Standard Time",
            ),
            (
                ";TZID=Europe/Berlin:20261123T110000",
                ":20261123T110000Z",
                "Mon 2026-11-23 11:00 Europe/Berlin – 11:00 UTC",
            ),
            (
                ":20261123T110000Z",
                ":20261123T110000Z",
                "Mon 2026-11-23 11:00 UTC",
            ),
        ] {
            assert_eq!(span_of(start, end), format!("When: {when}"));
        }
    }

    #[test]
    fn the_end_of_whole_days_is_the_last_of_them() {
        let date = |day: &str| format!(";VALUE=DATE:{day}");
        for (start, end, when) in [
            ("20261123", "20261124", "Mon 2026-11-23"),
            ("20261123", "20261126", "Mon 2026-11-23 – Wed 2026-11-25"),
            ("20261230", "20270101", "Wed 2026-12-30 – Thu 2026-12-31"),
            ("20261123", "20261123", "Mon 2026-11-23"),
        ] {
            assert_eq!(span_of(&date(start), &date(end)), format!("When: {when}"));
        }
    }

    fn span_of(start: &str, end: &str) -> String {
        let text = format!("BEGIN:VEVENT\nDTSTART{start}\nDTEND{end}\nEND:VEVENT");
        paragraphs(&text)[1].spans[0].text.clone()
    }

    #[test]
    fn an_event_over_days_and_one_that_repeats_say_so() {
        let text = "BEGIN:VEVENT\nSUMMARY:Watch\nDTSTART:20261123T220000Z\nDTEND:20261124T060000Z\nRRULE:FREQ=WEEKLY;COUNT=4\nEND:VEVENT";
        let lines: Vec<_> = paragraphs(text)
            .into_iter()
            .map(|p| p.spans[0].text.clone())
            .collect();
        assert_eq!(
            lines,
            [
                "Event: Watch",
                "When: Mon 2026-11-23 22:00 – Tue 2026-11-24 06:00 UTC",
                "Repeats: every week, 4 times",
            ]
        );
    }
}

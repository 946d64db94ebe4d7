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
    start: String,
    end: String,
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
            "DTSTART" => self.start = time(parameters, value),
            "DTEND" => self.end = time(parameters, value),
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
            ("When", span(&self.start, &self.end)),
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

/// From when till when; the day once if it is the same, and the zone once.
fn span(start: &str, end: &str) -> String {
    if end.is_empty() || end == start {
        return start.to_owned();
    }
    let end = end
        .get(..DAY)
        .filter(|day| start.starts_with(day))
        .and(end.get(DAY + 1..))
        .unwrap_or(end);
    let zone = |time: &str| time.rsplit_once(' ').map(|(_, zone)| zone.to_owned());
    match start.rsplit_once(' ') {
        Some((before, named)) if zone(end).as_deref() == Some(named) => {
            format!("{before} – {end}")
        }
        _ => format!("{start} – {end}"),
    }
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

/// `20261123T110000` as `Mon 2026-11-23 11:00`, with its time zone where it names one. Anything else stays.
fn time(parameters: &str, value: &str) -> String {
    let value = value.trim();
    let Some(date) = date(value) else {
        return value.to_owned();
    };
    let digits = |range: std::ops::Range<usize>| digits(value, range);
    let (Some(hour), Some(minute)) = (digits(9..11), digits(11..13)) else {
        return date;
    };
    let zone = if value.ends_with('Z') {
        Some("UTC")
    } else {
        parameter(parameters, "TZID")
    };
    let zone = zone.map(|zone| format!(" {zone}")).unwrap_or_default();
    format!("{date} {hour}:{minute}{zone}")
}

/// `20261123` and what begins so as `Mon 2026-11-23`.
pub(super) fn date(value: &str) -> Option<String> {
    let (year, month, day) = (
        digits(value, 0..4)?,
        digits(value, 4..6)?,
        digits(value, 6..8)?,
    );
    let when = DateTime {
        year: year.parse().ok()?,
        month: month.parse().ok()?,
        day: day.parse().ok()?,
        hour: 0,
        minute: 0,
        second: 0,
        tz_before_gmt: false,
        tz_hour: 0,
        tz_minute: 0,
    };
    let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    let weekday = names
        .get(usize::from(when.day_of_week()))
        .filter(|_| when.is_valid() && DateTime::from_timestamp(when.to_timestamp()) == when)?;
    Some(format!("{weekday} {year}-{month}-{day}"))
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

/// Columns of a day: `Mon 2026-11-23`.
const DAY: usize = 14;
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

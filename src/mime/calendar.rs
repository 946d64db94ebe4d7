//! Invitations (RFC 5545) in words: what, when, where.

use super::layout::Paragraph;
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
    repeats: bool,
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
            "RRULE" => self.repeats = true,
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
        let mut when = self.start;
        if !self.end.is_empty() {
            let same_day = self.end.get(..10).filter(|day| when.starts_with(day));
            let end = same_day.and(self.end.get(11..)).unwrap_or(&self.end);
            when = format!("{when} – {end}");
        }
        if self.repeats {
            when.push_str(", repeats");
        }
        for (label, value) in [
            ("When", when),
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

/// `20261123T110000` as `2026-11-23 11:00`, with its time zone where it names one. Anything else stays.
fn time(parameters: &str, value: &str) -> String {
    let value = value.trim();
    let digits = |range: std::ops::Range<usize>| {
        value
            .get(range)
            .filter(|piece| piece.bytes().all(|octet| octet.is_ascii_digit()))
    };
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(4..6), digits(6..8)) else {
        return value.to_owned();
    };
    let date = format!("{year}-{month}-{day}");
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
                "When: 2026-11-23 11:00 Europe/Berlin – 12:00 Europe/Berlin",
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
    }
}

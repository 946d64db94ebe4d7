//! Placeholders of the sample messages: dates relative to now, and stretches of filling.

use jiff::{Span, ZonedDateTime, civil::Time};

use super::{fill::Fill, message::Segment};

/// What stands between two `@`.
enum Placeholder {
    Date(String),
    Fill(u64),
}

/// Cuts a template into pieces, with line ends made CRLF and placeholders replaced.
pub(super) fn segments(template: &[u8], now: &ZonedDateTime) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut octets = Vec::with_capacity(template.len());
    for line in template.split_inclusive(|octet| *octet == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if let Some(fill) = whole_line(text, now) {
            segments.push(Segment::Octets(std::mem::take(&mut octets).into()));
            segments.push(Segment::Fill(fill));
            continue;
        }
        replace_dates(text, now, &mut octets);
        if line.ends_with(b"\n") {
            octets.extend_from_slice(b"\r\n");
        }
    }
    if !octets.is_empty() {
        segments.push(Segment::Octets(octets.into()));
    }
    segments
}

/// The date as RFC 5322 section 3.3 writes it.
pub(super) fn rfc5322(date: &ZonedDateTime) -> String {
    date.strftime("%a, %d %b %Y %H:%M:%S %z").to_string()
}

fn whole_line(line: &[u8], now: &ZonedDateTime) -> Option<Fill> {
    let inner = line.strip_prefix(b"@")?.strip_suffix(b"@")?;
    match parse(inner, now)? {
        Placeholder::Fill(octets) => Some(Fill::new(octets)),
        Placeholder::Date(_) => None,
    }
}

fn replace_dates(line: &[u8], now: &ZonedDateTime, out: &mut Vec<u8>) {
    let mut rest = line;
    while let Some(at) = memchr::memchr(b'@', rest) {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let after = from.get(1..).unwrap_or_default();
        let end = memchr::memchr(b'@', after);
        let inner = end.and_then(|end| after.get(..end)).unwrap_or_default();
        if let Some(Placeholder::Date(date)) = parse(inner, now) {
            out.extend_from_slice(date.as_bytes());
            rest = after.get(inner.len() + 1..).unwrap_or_default();
        } else {
            out.push(b'@');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
}

fn parse(inner: &[u8], now: &ZonedDateTime) -> Option<Placeholder> {
    let text = std::str::from_utf8(inner).ok()?;
    if let Some(fill) = text.strip_prefix("fill ") {
        let octets = fill.strip_suffix(" base64")?.parse().ok()?;
        return Some(Placeholder::Fill(octets));
    }
    let moment = text.strip_prefix('-')?;
    let digits = moment.find(|letter: char| !letter.is_ascii_digit())?;
    let (amount, unit) = moment.split_at(digits);
    let amount: i32 = amount.parse().ok()?;
    let span = match unit {
        "h" => Span::new().try_hours(amount),
        "m" => Span::new().try_minutes(amount),
        _ => Span::new().try_days(amount),
    };
    let mut date = now.checked_sub(span.ok()?).ok()?;
    if !matches!(unit, "h" | "m") {
        let (hour, minute) = unit.strip_prefix("d ")?.split_once(':')?;
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()?;
        date = date.with().time(time).build().ok()?;
    }
    Some(Placeholder::Date(rfc5322(&date)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::Message;

    fn expanded(template: &str) -> String {
        let now: ZonedDateTime = "2026-11-23T11:02:03+01:00[+01:00]".parse().unwrap();
        let octets = Message::from_segments(segments(template.as_bytes(), &now)).to_vec();
        String::from_utf8(octets).unwrap()
    }

    #[test]
    fn dates_are_counted_back_from_now_in_its_time_zone() {
        assert_eq!(
            expanded("Date: @-3d 09:15@\r\nX: @-2h@ @-25m@\r\n"),
            "Date: Fri, 20 Nov 2026 09:15:00 +0100\r\n\
             X: Mon, 23 Nov 2026 09:02:03 +0100 Mon, 23 Nov 2026 10:37:03 +0100\r\n"
        );
    }

    #[test]
    fn an_address_is_not_a_placeholder() {
        let text = "To: a@b.example, c@d.example; e@-2h\r\n";
        assert_eq!(expanded(text), text);
    }

    #[test]
    fn an_address_before_a_placeholder_does_not_hide_it() {
        assert_eq!(
            expanded("by a@b.example; @-0d 08:00@\r\n"),
            "by a@b.example; Mon, 23 Nov 2026 08:00:00 +0100\r\n"
        );
    }

    #[test]
    fn a_fill_takes_the_place_of_its_line() {
        let text = expanded("a\r\n@fill 164 base64@\r\n--end--\r\n");
        let lines: Vec<usize> = text.split("\r\n").map(str::len).collect();
        assert_eq!(lines, [1, 76, 76, 7, 0]);
    }

    #[test]
    fn every_line_ends_with_crlf_whatever_the_file_has() {
        assert_eq!(expanded("a\nb\r\nc"), "a\r\nb\r\nc\r\n");
    }
}

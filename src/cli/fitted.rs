//! Lines that give way on a terminal, so that each stays one line of it. In a pipe they are complete.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::output::{Output, Paint, terminal_columns};
use super::table::cell;
use super::words::size;
use crate::mail::{Attachment, safe, text};

/// An attachment on a line, with its line end. On a terminal a warning that has no room there stands below it.
pub(super) fn attachment(out: Output, part: &Attachment) -> String {
    let columns = out.terminal.then(terminal_columns);
    let name = if part.name.is_empty() {
        &part.file_name
    } else {
        &part.name
    };
    let (name, media_type) = (safe::line(name), safe::line(&part.media_type));
    let (name, media_type) = match columns {
        Some(columns) => both(&name, &media_type, columns.saturating_sub(INDENT)),
        None => (name, media_type),
    };
    let used = INDENT + text::width(&name) + 2 + text::width(&media_type);
    let mut line = format!(
        "{:>3}  {:>5}  {name}  {}",
        part.part,
        size(part.octets),
        out.paint(Paint::Dim, &media_type)
    );
    if let Some(warning) = &part.warning {
        let warning = format!("! {}", safe::line(warning));
        for (piece, below) in pieces(&warning, used + 2, columns) {
            if below {
                line.push('\n');
            }
            let indent = if below { INDENT } else { 2 };
            let piece = out.paint(Paint::Red, piece);
            let _ = write!(line, "{:indent$}{piece}", "");
        }
    }
    line + "\n"
}

/// What stands behind an account's name on a terminal: address, server and what lies there.
pub(super) fn account(email: &str, place: &str, there: &str, columns: usize) -> String {
    let each = columns.saturating_sub(text::width(there) + 2) / 2;
    let each = each.clamp(LEAST, MOST);
    let place = text::squeeze(place, each);
    let line = format!("{} {} {there}", cell(email, each), cell(&place, each));
    text::truncate(&line, columns).into_owned()
}

/// A name and a media type with two blanks between them in so many columns. Of both the end says most after the beginning.
fn both<'a>(name: &'a str, media_type: &'a str, columns: usize) -> (Cow<'a, str>, Cow<'a, str>) {
    let room = columns.saturating_sub(2);
    let rest = room.saturating_sub(text::width(name));
    let media_type = text::squeeze(media_type, rest.max(MOST.min(room / 2)));
    let name = text::squeeze(name, room.saturating_sub(text::width(&media_type)));
    (name, media_type)
}

/// A warning in pieces, and whether each begins a line of its own.
fn pieces(warning: &str, used: usize, columns: Option<usize>) -> Vec<(&str, bool)> {
    match columns {
        Some(columns) if used + text::width(warning) > columns => {
            let room = columns.saturating_sub(INDENT).max(LEAST);
            let lines = text::wrap(warning, room).into_iter();
            lines.map(|line| (line, true)).collect()
        }
        _ => vec![(warning, false)],
    }
}

/// Columns in front of an attachment's name.
const INDENT: usize = 12;
/// Columns of an address or a server that are always shown, and that are shown where there is room.
const LEAST: usize = 8;
const MOST: usize = 28;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_media_type_loses_its_middle_and_the_name_stays() {
        let long = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        let (name, media_type) = both("report.docx", long, 68);
        assert_eq!(name, "report.docx");
        assert_eq!(text::width(&media_type), 55);
        assert!(media_type.starts_with("application/vnd") && media_type.ends_with(".document"));
    }

    #[test]
    fn whatever_the_lengths_are_it_fits() {
        for (name, media_type) in [(3, 90), (90, 3), (90, 90), (200, 24), (30, 30)] {
            let (name, media_type) = ("n".repeat(name), "m".repeat(media_type));
            for columns in [20, 28, 68, 108] {
                let (name, media_type) = both(&name, &media_type, columns);
                let used = text::width(&name) + 2 + text::width(&media_type);
                assert!(used <= columns, "{name} {media_type}");
            }
        }
    }

    #[test]
    fn an_account_fits_beside_its_name_and_keeps_the_port() {
        let email = "somebody.with.a.long.name@mail.example.net";
        let there = "12,345 messages, 1.4 GB";
        for columns in [30, 67, 107] {
            let line = account(email, "pop.mail.example.net:995", there, columns);
            assert!(text::width(&line) <= columns, "{line}");
        }
        let line = account(email, "pop.mail.example.net:995", there, 67);
        assert!(line.contains(":995 ") && line.ends_with(there), "{line}");
    }

    #[test]
    fn a_warning_without_room_stands_below_and_in_a_pipe_behind() {
        let warning = "one two three four five six seven eight";
        assert_eq!(pieces(warning, 70, None), [(warning, false)]);
        assert_eq!(pieces(warning, 20, Some(80)), [(warning, false)]);
        let below = pieces(warning, 20, Some(40));
        assert!(below.len() > 1 && below.iter().all(|(_, below)| *below));
        assert!(
            below.iter().all(|(line, _)| text::width(line) <= 28),
            "{below:?}"
        );
    }
}

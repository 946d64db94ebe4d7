//! A list of messages as people read it.

use std::borrow::Cow;
use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::output::{Output, Paint};
use super::words::{iso, short_date, size};
use crate::mail::{Flags, Local, MessageSummary, Server, Timestamp, safe, text};

/// How a list is laid out.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) out: Output,
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
    /// Whether messages of several accounts are in it.
    pub(super) accounts: bool,
    pub(super) unicode: bool,
}

/// The widths of columns, of which only the subject gives way.
struct Widths {
    id: usize,
    account: usize,
    from: usize,
    subject: usize,
    date: usize,
}

impl Table<'_> {
    /// The rows with their line ends: in columns for a terminal, complete and with tabs between the fields otherwise.
    pub(super) fn render(&self, rows: &[MessageSummary]) -> String {
        if !self.out.terminal {
            return rows.iter().map(plain).collect();
        }
        let widths = self.widths(rows);
        let mut lines = self.out.paint(Paint::Dim, &heading(&widths)).into_owned() + "\n";
        for row in rows {
            lines.push_str(&self.row(row, &widths));
            lines.push('\n');
        }
        lines
    }

    fn widths(&self, rows: &[MessageSummary]) -> Widths {
        let widest =
            |width: &dyn Fn(&MessageSummary) -> usize| rows.iter().map(width).max().unwrap_or(0);
        let id = widest(&|row| row.id.to_string().len()).max(2);
        let account = if self.accounts {
            widest(&|row| text::width(row.account.as_str())).clamp(7, 12) + 1
        } else {
            0
        };
        let date = widest(&|row| short_date(row.date, self.now, self.zone).len()).max(4);
        let columns = self.out.columns();
        let from = match columns {
            ..60 => 10,
            60..100 => 17,
            _ => 24,
        };
        let fixed = id + 1 + FLAGS + 1 + account + from + 1 + 1 + SIZE + 1 + SERVER + 1 + date;
        Widths {
            id,
            account,
            from,
            subject: columns.saturating_sub(fixed + 1).max(10),
            date,
        }
    }

    fn row(&self, row: &MessageSummary, widths: &Widths) -> String {
        let out = self.out;
        let unread = !row.flags.has(Flags::SEEN);
        let weight = if unread { Paint::Bold } else { Paint::Plain };
        let subject = safe::line(&row.subject);
        let subject = if subject.is_empty() {
            Cow::Borrowed("(no subject)")
        } else {
            subject
        };
        let (server, server_paint) = server(row);
        let mut line = out
            .paint(Paint::Dim, &format!("{:>id$}", row.id, id = widths.id))
            .into_owned();
        let _ = write!(line, " {} ", out.paint(Paint::Yellow, &self.flags(row)));
        if widths.account > 0 {
            line.push_str(&out.paint(Paint::Cyan, &cell(row.account.as_str(), widths.account)));
        }
        let _ = write!(
            line,
            "{} {} {} {} {}",
            out.paint(weight, &cell(&safe::line(row.from.short()), widths.from)),
            out.paint(weight, &cell(&subject, widths.subject)),
            out.paint(Paint::Dim, &format!("{:>SIZE$}", self.size(row))),
            out.paint(server_paint, &format!("{server:SERVER$}")),
            out.paint(
                Paint::Dim,
                &format!(
                    "{:>date$}",
                    short_date(row.date, self.now, self.zone),
                    date = widths.date
                )
            ),
        );
        line
    }

    /// Unread or answered, starred, with attachments.
    fn flags(&self, row: &MessageSummary) -> String {
        let first = if !row.flags.has(Flags::SEEN) {
            if self.unicode { '●' } else { 'N' }
        } else if row.flags.has(Flags::ANSWERED) {
            'r'
        } else {
            ' '
        };
        let star = match (row.flags.has(Flags::STARRED), self.unicode) {
            (true, true) => '★',
            (true, false) => '*',
            (false, _) => ' ',
        };
        let file = if row.attachments > 0 { '@' } else { ' ' };
        [first, star, file].iter().collect()
    }

    /// With an arrow where not every octet is here.
    fn size(&self, row: &MessageSummary) -> String {
        let size = size(row.octets);
        match (row.local, self.unicode) {
            (Local::Full, _) => size,
            (_, true) => format!("↓{size}"),
            (_, false) => format!("v{size}"),
        }
    }
}

fn heading(widths: &Widths) -> String {
    let mut line = format!("{:>id$} {:FLAGS$} ", "ID", "", id = widths.id);
    if widths.account > 0 {
        line.push_str(&cell("Account", widths.account));
    }
    let _ = write!(
        line,
        "{} {} {:>SIZE$} {:SERVER$} {:>date$}",
        cell("From", widths.from),
        cell("Subject", widths.subject),
        "Size",
        "Srv",
        "Date",
        date = widths.date
    );
    line
}

/// What is known of the server's copy, in four letters at most.
pub(super) fn server(row: &MessageSummary) -> (&'static str, Paint) {
    match row.server {
        Server::DeleteWanted => ("del", Paint::Red),
        Server::Unconfirmed => ("del?", Paint::Yellow),
        Server::Present if row.is_to_stage_again() => ("del!", Paint::Yellow),
        Server::Present if row.flags.has(Flags::PINNED) => ("pin", Paint::Green),
        Server::Present if row.is_left_out() => ("big", Paint::Yellow),
        Server::Present => ("srv", Paint::Plain),
        Server::Deleted | Server::Vanished => ("-", Paint::Dim),
    }
}

/// A text made exactly so wide.
pub(super) fn cell(words: &str, columns: usize) -> String {
    let cut = text::truncate(words, columns);
    let missing = columns.saturating_sub(text::width(&cut));
    format!("{cut}{}", " ".repeat(missing))
}

/// All of a row, with tabs between its fields.
fn plain(row: &MessageSummary) -> String {
    let flags = row.flags.names().join(",");
    let fields = [
        row.id.to_string(),
        row.account.to_string(),
        iso(row.date),
        safe::line(&row.from.to_string()).into_owned(),
        safe::line(&row.subject).into_owned(),
        row.octets.to_string(),
        server(row).0.to_owned(),
        match row.local {
            _ if row.is_damaged() => "damaged",
            Local::Headers => "headers",
            Local::Peeked => "peeked",
            Local::Full => "full",
        }
        .to_owned(),
        flags,
    ];
    fields.join("\t") + "\n"
}

const FLAGS: usize = 3;
const SIZE: usize = 6;
const SERVER: usize = 4;

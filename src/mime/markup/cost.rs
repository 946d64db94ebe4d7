//! What a document will cost to lay out, about, found out while it is reduced: lines, and what has to be copied of them in
//! each table, list and quote around them. Past a limit, the rest of the document is shown without those.

use super::{MOST, TOO_MANY, Tag, Writer, open::Element};
use crate::mail::Body;

/// The costs so far.
pub(super) struct Cost {
    /// Octets of text that make about a line in a column of a table.
    octets_of_a_line: usize,
    /// Octets that have not made a line yet.
    rest: usize,
    lines: usize,
    /// Pieces of lines, counted again in each element that copies them.
    pieces: usize,
}

impl Cost {
    pub(super) fn new(width: u16) -> Self {
        Self {
            octets_of_a_line: usize::from(width / 4).clamp(1, 20),
            rest: 0,
            lines: 0,
            pieces: 0,
        }
    }

    /// Whether there may be no more tables, lists and quotes.
    pub(super) fn is_high(&self) -> bool {
        self.pieces > PIECES
    }
}

impl Writer<'_> {
    /// Text is to be written. Gives as much of it as there is room for.
    pub(super) fn spend_text<'t>(&mut self, text: &'t str) -> &'t str {
        // A line more than there is room for shows that there was not.
        let room = (Body::MAX_LINES + 1).saturating_sub(self.cost.lines);
        let most = room.saturating_mul(self.cost.octets_of_a_line);
        let mut text = text.get(..text.floor_char_boundary(most)).unwrap_or(text);
        let mut lines = 0;
        if self.pres > 0 {
            let mut ends = memchr::memchr_iter(b'\n', text.as_bytes());
            let last = ends.by_ref().inspect(|_| lines += 1).nth(room);
            text = last.and_then(|end| text.get(..end)).unwrap_or(text);
        }
        let octets = self.cost.rest + text.len();
        self.cost.rest = octets % self.cost.octets_of_a_line;
        self.spend_lines(lines + octets / self.cost.octets_of_a_line);
        text
    }

    /// About so many lines were written.
    pub(super) fn spend_lines(&mut self, lines: usize) {
        if lines == 0 {
            return;
        }
        self.cost.lines += lines;
        self.cost.pieces += lines.saturating_mul(1 + self.tables + self.nests);
        if let Some(cell) = self.open.find_mut(&["td", "th"]) {
            cell.lines += lines;
        }
        self.leave_what_is_too_large();
    }

    /// Closes what lines are copied in, for good, once that costs too much or there are too many elements.
    pub(super) fn leave_what_is_too_large(&mut self) {
        if self.tables + self.nests == 0 {
            return;
        }
        if self.cost.is_high() {
            self.out.cut = Some(
                "The HTML has too large tables or lists; the rest is shown without its layout.",
            );
        } else if self.elements > MOST {
            self.out.cut = Some(TOO_MANY);
        } else {
            return;
        }
        while self.tables + self.nests > 0 {
            self.pop();
        }
    }

    /// An element was closed: a row has as many lines as the cell that has the most.
    pub(super) fn settle(&mut self, closed: &Element) {
        let is_cell = match closed.close {
            "</td>" | "</b></td>" => true,
            "</tr>" => false,
            _ => return,
        };
        if is_cell {
            let Some(row) = self.open.find_mut(&["tr"]) else {
                return;
            };
            row.lines = row.lines.max(closed.lines);
            row.columns += closed.columns;
            return;
        }
        // Few words make no line by themselves, but a row is one.
        if closed.lines == 0 {
            self.cost.pieces += 1 + self.tables + self.nests;
        }
        let lines = closed.lines.max(1);
        let copies = closed.columns.saturating_sub(1);
        self.cost.pieces += lines.saturating_mul(copies as usize);
        if let Some(cell) = self.open.find_mut(&["td", "th"]) {
            cell.lines += lines;
        }
    }

    /// Whether the row that is open has no room for a cell of so many columns, which then begins the next row.
    pub(super) fn row_is_full(&self, columns: u32) -> bool {
        let row = self.open.find(&["tr", "table"]);
        let Some(row) = row.filter(|row| row.name == "tr") else {
            return false;
        };
        // The last cell is still open, and not yet settled.
        let last = self.open.find(&["td", "th", "tr"]);
        let last = last.filter(|last| last.name != "tr");
        let taken = row.columns + last.map_or(0, |last| last.columns);
        let lines = row.lines.max(last.map_or(0, |last| last.lines));
        let wanted = taken + columns;
        taken > 0 && (wanted > COLUMNS || lines.saturating_mul(wanted as usize) > PIECES)
    }

    /// Whether there is more than will be shown.
    pub(super) fn is_long(&mut self) -> bool {
        let long = self.cost.lines > Body::MAX_LINES;
        if long {
            self.out.cut = Some("The HTML is very long; only its beginning is shown.");
        }
        long
    }
}

/// How many columns a cell takes.
pub(super) fn columns(tag: &Tag<'_>) -> u32 {
    let span = tag
        .attribute("colspan")
        .and_then(|span| span.trim().parse::<u32>().ok());
    span.unwrap_or(1).clamp(1, COLUMNS)
}

const COLUMNS: u32 = 40;
const PIECES: usize = 150_000;

//! Putting text into cells: never outside its area, never through a grapheme, cut with an ellipsis.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::{Clear, Widget as _};

use super::glyphs::{GlyphSet, Glyphs};
use super::theme::{Role, Theme};
use crate::mail::text::{truncate, width};

/// A pen that writes a line from left to right and cannot leave it.
#[derive(Debug)]
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    at: u16,
    glyphs: Glyphs,
}

impl<'a> Pen<'a> {
    /// A pen at the left end of the first line of `area`.
    pub fn new(buffer: &'a mut Buffer, area: Rect, glyphs: Glyphs) -> Self {
        let area = area.intersection(buffer.area);
        Self {
            at: area.x,
            buffer,
            area: Rect {
                height: area.height.min(1),
                ..area
            },
            glyphs,
        }
    }

    /// Writes text as far as there is room.
    pub fn text(&mut self, text: &str, style: Style) -> &mut Self {
        let room = self.room();
        if room > 0 {
            let (x, _) = self
                .buffer
                .set_stringn(self.at, self.area.y, text, room.into(), style);
            self.at = x;
        }
        self
    }

    /// Writes text in which these octets are what a search has found.
    pub fn found(
        &mut self,
        text: &str,
        spans: &[Range<usize>],
        style: Style,
        found: Style,
    ) -> &mut Self {
        let mut from = 0;
        for span in spans {
            self.text(text.get(from..span.start).unwrap_or_default(), style);
            self.text(text.get(span.clone()).unwrap_or_default(), found);
            from = span.end;
        }
        self.text(text.get(from..).unwrap_or_default(), style)
    }

    /// Writes text into a cell of so many columns, at its left; cuts it with an ellipsis.
    pub fn cell(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let columns = columns.min(self.room());
        let end = self.at + columns;
        let text = fit(text, columns, self.glyphs);
        self.text(&text, style);
        self.pad_to(end, style)
    }

    /// Writes text into a cell of so many columns, at its right; cuts it with an ellipsis.
    pub fn cell_right(&mut self, text: &str, columns: u16, style: Style) -> &mut Self {
        let columns = columns.min(self.room());
        let end = self.at + columns;
        let text = fit(text, columns, self.glyphs);
        let blank = columns.saturating_sub(columns_of(&text));
        self.pad_to(self.at + blank, style).text(&text, style);
        self.pad_to(end, style)
    }

    /// Leaves so many columns blank.
    pub fn gap(&mut self, columns: u16, style: Style) -> &mut Self {
        self.pad_to(self.at.saturating_add(columns), style)
    }

    /// Moves to so many columns before the right end.
    pub fn to_right(&mut self, columns: u16, style: Style) -> &mut Self {
        let target = self.area.right().saturating_sub(columns).max(self.at);
        self.pad_to(target, style)
    }

    /// Leaves the rest of the line blank.
    pub fn rest(&mut self, style: Style) {
        self.pad_to(self.area.right(), style);
    }

    /// Columns that are left.
    pub fn room(&self) -> u16 {
        if self.area.height == 0 {
            return 0;
        }
        self.area.right().saturating_sub(self.at)
    }

    fn pad_to(&mut self, x: u16, style: Style) -> &mut Self {
        let x = x.min(self.area.right());
        if self.area.height > 0 {
            while self.at < x {
                self.buffer.set_stringn(self.at, self.area.y, " ", 1, style);
                self.at += 1;
            }
        }
        self
    }
}

/// A line of text over the whole width of `area`.
pub fn line(buffer: &mut Buffer, area: Rect, text: &str, style: Style, glyphs: Glyphs) {
    let columns = area.width;
    Pen::new(buffer, area, glyphs).cell(text, columns, style);
}

/// The line at this place of `area`, counted from its top.
pub fn row(area: Rect, y: u16) -> Rect {
    if y >= area.height {
        return Rect { height: 0, ..area };
    }
    Rect {
        y: area.y + y,
        height: 1,
        ..area
    }
}

/// A ruler over the whole width, with a word in it.
pub fn rule(buffer: &mut Buffer, area: Rect, word: &str, theme: Theme, glyphs: Glyphs) {
    let style = theme.style(Role::Rule);
    let mut pen = Pen::new(buffer, area, glyphs);
    if !word.is_empty() {
        pen.text(glyphs.rule, style)
            .text(&format!(" {word} "), theme.style(Role::Muted));
    }
    let rest = glyphs.rule.repeat(pen.room().into());
    pen.text(&rest, style);
}

/// An empty box with a title in its upper edge and a hint in its lower one; gives its inside.
pub fn boxed(
    buffer: &mut Buffer,
    area: Rect,
    title: &str,
    hint: &str,
    theme: Theme,
    glyphs: Glyphs,
) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 4 || area.height < 2 {
        return Rect { height: 0, ..area };
    }
    // What lies behind must not shine through: a style only adds to the bold and the underline of what is there.
    Clear.render(area, buffer);
    let style = theme.style(Role::Rule);
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    let inner = area.width - 2;
    let mut pen = Pen::new(buffer, area, glyphs);
    pen.text(top_left, style);
    if !title.is_empty() {
        let title = fit(title, inner.saturating_sub(2), glyphs);
        pen.text(" ", style)
            .text(&title, theme.style(Role::Title))
            .text(" ", style);
    }
    let edge = glyphs.rule.repeat(pen.room().saturating_sub(1).into());
    pen.text(&edge, style).text(top_right, style);
    for y in 1..area.height - 1 {
        let mut pen = Pen::new(buffer, row(area, y), glyphs);
        pen.text(glyphs.column, style)
            .gap(inner, theme.style(Role::Text))
            .text(glyphs.column, style);
    }
    let hint = fit(hint, inner.saturating_sub(2), glyphs);
    let mut pen = Pen::new(buffer, row(area, area.height - 1), glyphs);
    let used = if hint.is_empty() {
        0
    } else {
        columns_of(&hint) + 2
    };
    let edge = glyphs.rule.repeat(inner.saturating_sub(used).into());
    pen.text(bottom_left, style).text(&edge, style);
    if used > 0 {
        pen.text(" ", style)
            .text(&hint, theme.style(Role::Muted))
            .text(" ", style);
    }
    pen.text(bottom_right, style);
    Rect::new(area.x + 1, area.y + 1, inner, area.height - 2)
}

/// Text that takes at most so many columns, cut with the set's own ellipsis.
pub fn fit(text: &str, columns: u16, glyphs: Glyphs) -> Cow<'_, str> {
    match truncate(text, columns.into()) {
        Cow::Owned(cut) if glyphs.set == GlyphSet::Ascii => Cow::Owned(
            cut.strip_suffix('…')
                .map_or_else(|| cut.clone(), |cut| format!("{cut}{}", glyphs.ellipsis)),
        ),
        fitting => fitting,
    }
}

/// Columns that a text takes.
pub fn columns_of(text: &str) -> u16 {
    u16::try_from(width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_character_never_reaches_over_the_edge_of_its_cell() {
        let area = Rect::new(0, 0, 10, 1);
        for columns in 0..12 {
            let mut buffer = Buffer::empty(area);
            let mut pen = Pen::new(&mut buffer, area, Glyphs::default());
            pen.cell("来週の会議", columns, Style::new());
            assert_eq!(pen.room(), 10 - columns.min(10));
        }
    }

    #[test]
    fn an_area_outside_of_the_buffer_draws_nothing() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        line(
            &mut buffer,
            Rect::new(9, 9, 5, 1),
            "x",
            Style::new(),
            Glyphs::default(),
        );
        boxed(
            &mut buffer,
            Rect::new(2, 0, 90, 9),
            "t",
            "h",
            Theme::default(),
            Glyphs::default(),
        );
        assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, 4, 1)));
    }
}

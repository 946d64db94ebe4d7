//! Where things are on a terminal of a given size. Pure, and used by `update` (how far is a page?) and `view` alike.

use ratatui::layout::Rect;

/// The parts of the list's screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panes {
    /// The bar at the top.
    pub header: Rect,
    /// The heading of the columns; absent where there is no room for it.
    pub heading: Option<Rect>,
    /// The rows.
    pub rows: Rect,
    /// What parts list and preview.
    pub rule: Option<Rect>,
    /// The preview.
    pub reader: Option<Rect>,
    /// The status line.
    pub status: Rect,
    /// The hint line.
    pub hints: Rect,
}

/// The parts of a screen that shows one thing: everything but status and hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The thing.
    pub body: Rect,
    /// The status line.
    pub status: Rect,
    /// The hint line.
    pub hints: Rect,
}

/// Whether the terminal is large enough for anything but saying that it is not.
pub fn fits(columns: u16, rows: u16) -> bool {
    columns >= LEAST.0 && rows >= LEAST.1
}

/// The list's screen on a terminal of this size; the preview only where there is room for it.
pub fn panes(columns: u16, rows: u16) -> Panes {
    let row = |y: u16, height: u16| {
        Rect::new(0, y.min(rows), columns, height.min(rows.saturating_sub(y)))
    };
    let header = row(0, 1);
    let heading = (columns >= 60).then(|| row(1, 1));
    let top = if heading.is_some() { 2 } else { 1 };
    let middle = rows.saturating_sub(top + 2);
    let (status, hints) = (
        row(rows.saturating_sub(2), 1),
        row(rows.saturating_sub(1), 1),
    );
    let body = row(top, middle);
    if columns >= 160 && rows >= 16 {
        let list = Rect {
            width: LIST_BESIDE,
            ..body
        };
        let above = 1;
        let rule = Rect::new(LIST_BESIDE, header.bottom(), 1, middle + above);
        let reader = Rect::new(
            LIST_BESIDE + 1,
            header.bottom(),
            columns - LIST_BESIDE - 1,
            middle + above,
        );
        return Panes {
            header,
            heading: heading.map(|area| Rect {
                width: LIST_BESIDE,
                ..area
            }),
            rows: list,
            rule: Some(rule),
            reader: Some(reader),
            status,
            hints,
        };
    }
    let preview = (columns >= 100 && rows >= 30) || (columns >= 60 && rows >= 36);
    if !preview {
        return Panes {
            header,
            heading,
            rows: body,
            rule: None,
            reader: None,
            status,
            hints,
        };
    }
    let list = middle.saturating_sub(1) * 2 / 5;
    Panes {
        header,
        heading,
        rows: row(top, list),
        rule: Some(row(top + list, 1)),
        reader: Some(row(top + list + 1, middle.saturating_sub(list + 1))),
        status,
        hints,
    }
}

/// A screen of one thing on a terminal of this size.
pub fn page(columns: u16, rows: u16) -> Page {
    let panes = panes(columns, rows);
    Page {
        body: Rect::new(0, 0, columns, rows.saturating_sub(2)),
        status: panes.status,
        hints: panes.hints,
    }
}

/// A box of at most this size in the middle of `area`, leaving a margin where there is room for one.
pub fn centred(area: Rect, columns: u16, rows: u16) -> Rect {
    let width = columns.min(area.width);
    let height = rows.min(area.height);
    Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    )
}

/// Columns to wrap a message's text for in a pane this wide.
pub fn text_width(columns: u16) -> u16 {
    columns.saturating_sub(4).clamp(10, WIDEST_TEXT)
}

/// The smallest terminal that shows mail: columns and rows.
pub const LEAST: (u16, u16) = (40, 8);

const LIST_BESIDE: u16 = 104;
const WIDEST_TEXT: u16 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sizes_that_were_promised() {
        let rows = |columns, rows| panes(columns, rows).rows.height;
        assert_eq!(rows(80, 24), 20);
        assert_eq!(rows(120, 40), 14);
        assert_eq!(rows(40, 12), 9);
        assert_eq!(panes(80, 24).reader, None);
        assert_eq!(panes(120, 40).reader.map(|area| area.height), Some(21));
        assert_eq!(panes(200, 50).rows.width, 104);
    }

    #[test]
    fn no_part_reaches_over_the_edge() {
        for columns in 1..260 {
            for rows in 1..100 {
                let panes = panes(columns, rows);
                let screen = Rect::new(0, 0, columns, rows);
                for part in [
                    Some(panes.header),
                    panes.heading,
                    Some(panes.rows),
                    panes.rule,
                    panes.reader,
                    Some(panes.status),
                    Some(panes.hints),
                ]
                .into_iter()
                .flatten()
                {
                    assert!(
                        part.is_empty() || screen.intersection(part) == part,
                        "{columns}x{rows}: {part:?}"
                    );
                }
            }
        }
    }
}

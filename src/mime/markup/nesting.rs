//! What an element's start says about those around it: what it opens and closes without saying so.

use super::{Writer, open::Element};

impl Writer<'_> {
    /// Text and most elements do not belong between a table's cells; an HTML parser would move them in front of it.
    pub(super) fn enter_cell(&mut self) {
        self.leave_what_is_too_large();
        if self.tables == 0 {
            return;
        }
        if self.top_is(&["table"]) {
            self.enter_row();
        }
        if self.top_is(&["tr"]) {
            if self.row_is_full(1) {
                self.close_implied("tr");
                self.enter_row();
            }
            self.elements += 1;
            self.out.html.push_str("<td>");
            self.open.push(Element {
                name: "td".to_owned(),
                close: "</td>",
                columns: 1,
                ..Element::default()
            });
        }
    }

    pub(super) fn enter_row(&mut self) {
        self.elements += 1;
        self.out.html.push_str("<tr>");
        self.open.push(Element {
            name: "tr".to_owned(),
            close: "</tr>",
            ..Element::default()
        });
    }

    /// Closes the cell, row, item or paragraph that this element's start ends without saying so.
    pub(super) fn close_implied(&mut self, name: &str) {
        let (ends, until): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu", "dir", "table", "td"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl", "table", "td"]),
            "option" => (&["option"], &["select", "table", "td"]),
            "tr" | "tbody" | "thead" | "tfoot" => (&["tr"], &["table"]),
            "td" | "th" => (&["td", "th"], &["table", "tr"]),
            "p" | "div" | "table" | "ul" | "ol" | "dl" | "blockquote" | "pre" | "h1" | "h2"
            | "h3" | "h4" | "h5" | "h6" | "hr" | "center" | "form" => (
                &["p"],
                &[
                    "table",
                    "td",
                    "th",
                    "li",
                    "dd",
                    "blockquote",
                    "div",
                    "center",
                ],
            ),
            "a" => (&["a"], &["table", "td", "th"]),
            _ => return,
        };
        let Some(at) = self.open.place(ends) else {
            return;
        };
        if self.open.place(until).is_none_or(|until| until < at) {
            self.pop_to(at);
        }
    }

    /// Whether the innermost element that was written is one of these.
    pub(super) fn top_is(&self, names: &[&str]) -> bool {
        let top = self.open.last_written();
        top.is_some_and(|element| names.contains(&element.name.as_str()))
    }

    /// Whether one of these is open in this table cell.
    pub(super) fn within(&self, names: &[&str]) -> bool {
        self.open.is_within(names, &["td", "th"])
    }
}

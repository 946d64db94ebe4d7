//! HTML made small and harmless before anything lays it out: one linear pass that keeps a few dozen elements without their
//! styling, closes what was left open, leaves out what is hidden, and counts what would be loaded from elsewhere.
//!
//! What comes out is well nested, has bounded depth and a bounded number of elements: the costs of an HTML parser that
//! grow with the square of something cannot be provoked any more.

use crate::mail::Blocked;

mod hidden;
mod images;
mod tag;

use hidden::Hidden;
use tag::{Tag, Token, Tokens};

/// HTML that is safe to lay out.
#[derive(Debug, Default)]
pub(super) struct Markup {
    /// The reduced HTML.
    pub(super) html: String,
    /// What was not loaded.
    pub(super) blocked: Blocked,
    /// Why something was left out, in words for the reader.
    pub(super) cut: Option<&'static str>,
}

/// Reduces HTML. `name_of` gives the name of an image that is part of the message, by its `Content-ID`.
pub(super) fn reduce(html: &str, name_of: &dyn Fn(&str) -> Option<String>) -> Markup {
    let kept = html
        .get(..html.floor_char_boundary(LARGEST))
        .unwrap_or_default();
    let mut writer = Writer {
        out: Markup::default(),
        open: Vec::new(),
        skipped: 0,
        elements: 0,
        tables: 0,
        nests: 0,
        hidden: Hidden::of(kept),
        name_of,
    };
    if kept.len() < html.len() {
        writer.out.cut = Some("The HTML is very large; only its first megabyte is shown.");
    }
    for token in Tokens::new(kept) {
        match token {
            Token::Text(text) => writer.text(text),
            Token::Open(tag) => writer.open(&tag),
            Token::Close(name) => writer.close(&name),
        }
    }
    while !writer.open.is_empty() {
        writer.pop();
    }
    writer.out
}

/// An element that is open.
struct Element {
    name: String,
    /// What closes what was written for it.
    close: &'static str,
    hidden: bool,
}

struct Writer<'x> {
    out: Markup,
    open: Vec<Element>,
    /// Elements that were too deep to be opened.
    skipped: usize,
    elements: usize,
    tables: usize,
    /// Open lists and quotes.
    nests: usize,
    hidden: Hidden,
    name_of: &'x dyn Fn(&str) -> Option<String>,
}

impl Writer<'_> {
    fn text(&mut self, text: &str) {
        if self.is_hidden() {
            return;
        }
        if !text.trim().is_empty() {
            self.enter_cell();
        }
        for (n, piece) in text.split('<').enumerate() {
            if n > 0 {
                self.out.html.push_str("&lt;");
            }
            self.out.html.push_str(piece);
        }
    }

    fn open(&mut self, tag: &Tag<'_>) {
        let name = tag.name.as_str();
        self.count_background(tag);
        match name {
            "img" | "image" => return self.image(tag),
            "br" | "hr" if !self.is_hidden() => {
                self.enter_cell();
                let void = if name == "br" { "<br>" } else { "<hr>" };
                return self.out.html.push_str(void);
            }
            _ if VOID.contains(&name) => return,
            _ => {}
        }
        self.close_implied(name);
        if self.open.len() >= DEEPEST {
            self.out.cut = Some("The HTML is nested too deeply; its inner layout is lost.");
            self.skipped += 1;
            return;
        }
        self.elements += 1;
        let hidden = self.is_hidden() || self.hidden.hides(tag);
        let close = if hidden { "" } else { self.write_open(tag) };
        self.open.push(Element {
            name: tag.name.clone(),
            close,
            hidden,
        });
    }

    /// Writes what stands for an element's start, and gives what stands for its end.
    fn write_open(&mut self, tag: &Tag<'_>) -> &'static str {
        if self.elements > MOST {
            self.out.cut =
                Some("The HTML has too many elements; the rest is shown without its layout.");
            return "";
        }
        let in_table = self.tables > 0;
        match tag.name.as_str() {
            "table" if self.tables < TABLES => {
                self.enter_cell();
                self.tables += 1;
                self.put("<table>", "</table>")
            }
            "tr" if in_table && self.top_is(&["table"]) => self.put("<tr>", "</tr>"),
            "td" | "th" if in_table && self.top_is(&["tr"]) => self.cell(tag),
            "td" | "th" if in_table && self.top_is(&["table"]) => {
                self.enter_row();
                self.cell(tag)
            }
            "tr" | "tbody" | "thead" | "tfoot" | "td" | "th" => "",
            "blockquote" | "ul" | "ol" | "dl" if self.nests >= NESTS => "",
            name => {
                self.enter_cell();
                self.flow(name, tag)
            }
        }
    }

    /// Elements that may stand anywhere in text.
    fn flow(&mut self, name: &str, tag: &Tag<'_>) -> &'static str {
        match name {
            "p" => self.put("<p>", "</p>"),
            "div" | "center" | "section" | "article" | "header" | "footer" | "main" | "nav"
            | "aside" | "figure" | "figcaption" | "form" | "fieldset" | "address" | "details"
            | "summary" | "caption" | "option" | "legend" => self.put("<div>", "</div>"),
            // A heading travels as <sup>, for which nothing else is left: see `Styles`.
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.put("<p><sup>", "</sup></p>"),
            "b" | "strong" => self.put("<strong>", "</strong>"),
            "i" | "em" | "cite" | "dfn" => self.put("<em>", "</em>"),
            "s" | "strike" | "del" => self.put("<s>", "</s>"),
            "code" | "tt" | "kbd" | "samp" => self.put("<code>", "</code>"),
            "pre" | "listing" => self.put("<pre>", "</pre>"),
            "blockquote" => self.nest("<blockquote>", "</blockquote>"),
            "ul" | "menu" | "dir" => self.nest("<ul>", "</ul>"),
            "ol" => self.nest("<ol>", "</ol>"),
            "dl" => self.nest("<dl>", "</dl>"),
            "li" if self.within(&["ul", "ol", "menu", "dir"]) => self.put("<li>", "</li>"),
            "dt" if self.within(&["dl"]) => self.put("<dt>", "</dt>"),
            "dd" if self.within(&["dl"]) => self.put("<dd>", "</dd>"),
            "a" => self.anchor(tag),
            _ if tag.is_bold() => self.put("<strong>", "</strong>"),
            _ => "",
        }
    }

    fn put(&mut self, open: &'static str, close: &'static str) -> &'static str {
        self.out.html.push_str(open);
        close
    }

    fn nest(&mut self, open: &'static str, close: &'static str) -> &'static str {
        self.nests += 1;
        self.put(open, close)
    }

    fn cell(&mut self, tag: &Tag<'_>) -> &'static str {
        let span = tag
            .attribute("colspan")
            .and_then(|span| span.trim().parse::<u32>().ok());
        let span = span.unwrap_or(1).clamp(1, COLUMNS);
        if span > 1 {
            self.out
                .html
                .extend(["<td colspan=", &span.to_string(), ">"]);
        } else {
            self.out.html.push_str("<td>");
        }
        if tag.name == "th" {
            self.put("<b>", "</b></td>")
        } else {
            "</td>"
        }
    }

    fn anchor(&mut self, tag: &Tag<'_>) -> &'static str {
        let Some(href) = tag.attribute("href").filter(|href| !href.trim().is_empty()) else {
            return "";
        };
        let href = href
            .get(..href.floor_char_boundary(LONGEST_TARGET))
            .unwrap_or_default();
        self.out.html.push_str("<a href=\"");
        self.attribute(href);
        self.put("\">", "</a>")
    }

    fn attribute(&mut self, value: &str) {
        for c in value.chars() {
            match c {
                '"' => self.out.html.push_str("&quot;"),
                '<' => self.out.html.push_str("&lt;"),
                '>' => self.out.html.push_str("&gt;"),
                _ => self.out.html.push(c),
            }
        }
    }

    /// Text and most elements do not belong between a table's cells; an HTML parser would move them in front of it.
    fn enter_cell(&mut self) {
        if self.tables == 0 {
            return;
        }
        if self.top_is(&["table"]) {
            self.enter_row();
        }
        if self.top_is(&["tr"]) {
            self.out.html.push_str("<td>");
            self.open.push(Element {
                name: "td".to_owned(),
                close: "</td>",
                hidden: false,
            });
        }
    }

    fn enter_row(&mut self) {
        self.out.html.push_str("<tr>");
        self.open.push(Element {
            name: "tr".to_owned(),
            close: "</tr>",
            hidden: false,
        });
    }

    /// Closes the cell, row, item or paragraph that this element's start ends without saying so.
    fn close_implied(&mut self, name: &str) {
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
        let found = self.open.iter().rposition(|element| {
            let name = element.name.as_str();
            ends.contains(&name) || until.contains(&name)
        });
        let Some(at) = found else { return };
        let is_end = self
            .open
            .get(at)
            .is_some_and(|element| ends.contains(&element.name.as_str()));
        if is_end {
            while self.open.len() > at {
                self.pop();
            }
        }
    }

    fn close(&mut self, name: &str) {
        if VOID.contains(&name) {
            return;
        }
        if self.skipped > 0 {
            self.skipped -= 1;
            return;
        }
        // What is inside a cell cannot close what is around it, except the table itself.
        let fence: &[&str] = match name {
            "table" => &[],
            "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" => &["table"],
            _ => &["td", "th", "table"],
        };
        for at in (0..self.open.len()).rev() {
            let Some(element) = self.open.get(at) else {
                return;
            };
            if element.name == name {
                while self.open.len() > at {
                    self.pop();
                }
                return;
            }
            if fence.contains(&element.name.as_str()) {
                return;
            }
        }
    }

    fn pop(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        self.out.html.push_str(element.close);
        match element.close {
            "</table>" => self.tables -= 1,
            "</blockquote>" | "</ul>" | "</ol>" | "</dl>" => self.nests -= 1,
            _ => {}
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|element| element.hidden)
    }

    /// Whether the innermost element that was written is one of these.
    fn top_is(&self, names: &[&str]) -> bool {
        let top = self
            .open
            .iter()
            .rev()
            .find(|element| !element.close.is_empty());
        top.is_some_and(|element| names.contains(&element.name.as_str()))
    }

    /// Whether one of these is open in this table cell.
    fn within(&self, names: &[&str]) -> bool {
        let mut inner = self
            .open
            .iter()
            .rev()
            .take_while(|element| !matches!(element.name.as_str(), "td" | "th"));
        inner.any(|element| names.contains(&element.name.as_str()) && !element.close.is_empty())
    }
}

const VOID: [&str; 16] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "input", "link",
    "meta", "param", "source", "track", "wbr",
];
/// Octets of HTML that are read.
const LARGEST: usize = 1 << 20;
const DEEPEST: usize = 256;
const MOST: usize = 50_000;
const TABLES: usize = 12;
const NESTS: usize = 30;
const COLUMNS: u32 = 40;
const LONGEST_TARGET: usize = 8_192;

#[cfg(test)]
mod tests;

//! HTML made small and harmless before anything lays it out: one linear pass that keeps a few dozen elements without their
//! styling, closes what was left open, leaves out what is hidden, and counts what would be loaded from elsewhere.
//!
//! What comes out is well nested, has bounded depth, a bounded number of elements and a bounded area once it is laid out
//! ([`cost`]): what costs of an HTML parser and of a layout grow with the square of something cannot be provoked any more.

use crate::mail::Blocked;

mod cost;
mod hidden;
mod images;
mod nesting;
mod open;
mod tag;

use cost::{Cost, columns};
use hidden::Hidden;
use open::{Element, Open};
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

/// Reduces HTML that is to be laid out in `width` columns. `name_of` gives the name of an image that is part of the message,
/// by its `Content-ID`.
pub(super) fn reduce(html: &str, width: u16, name_of: &dyn Fn(&str) -> Option<String>) -> Markup {
    let kept = html
        .get(..html.floor_char_boundary(LARGEST))
        .unwrap_or_default();
    let mut writer = Writer {
        out: Markup::default(),
        open: Open::default(),
        skipped: 0,
        elements: 0,
        tables: 0,
        nests: 0,
        pres: 0,
        styles: 0,
        cost: Cost::new(width),
        hidden: Hidden::of(kept),
        name_of,
    };
    if kept.len() < html.len() {
        writer.out.cut = Some("The HTML is very large; only its first megabyte is shown.");
    }
    for token in Tokens::new(kept) {
        if writer.is_long() {
            break;
        }
        match token {
            Token::Text(text) => writer.text(text),
            Token::Open(tag) => writer.open(tag),
            Token::Close(name) => writer.close(&name),
        }
    }
    writer.pop_to(0);
    writer.out
}

struct Writer<'x> {
    out: Markup,
    open: Open,
    /// Elements that were too deep to be opened.
    skipped: usize,
    elements: usize,
    tables: usize,
    /// Open lists and quotes.
    nests: usize,
    /// Open elements whose text keeps its line ends.
    pres: usize,
    /// Open elements that style text.
    styles: usize,
    cost: Cost,
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
        let text = self.spend_text(text);
        for (n, piece) in text.split('<').enumerate() {
            if n > 0 {
                self.out.html.push_str("&lt;");
            }
            self.out.html.push_str(piece);
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        let name = tag.name.as_str();
        self.count_background(&tag);
        match name {
            "img" | "image" => return self.image(&tag),
            "br" | "hr" if !self.is_hidden() => return self.line_break(name),
            _ if VOID.contains(&name) => return,
            _ => {}
        }
        if matches!(name, "td" | "th") && self.row_is_full(columns(&tag)) {
            self.close_implied("tr");
        }
        self.close_implied(name);
        self.leave_what_is_too_large();
        if self.open.len() >= DEEPEST {
            self.out.cut = Some("The HTML is nested too deeply; its inner layout is lost.");
            self.skipped += 1;
            return;
        }
        self.elements += 1;
        let hidden = self.is_hidden() || self.hidden.hides(&tag);
        let close = if hidden { "" } else { self.write_open(&tag) };
        self.styles += usize::from(STYLING.contains(&close));
        let columns = match close {
            "</td>" | "</b></td>" => columns(&tag),
            _ => 0,
        };
        self.open.push(Element {
            name: tag.name,
            close,
            hidden,
            columns,
            ..Element::default()
        });
        if matches!(
            close,
            "</div>" | "</p>" | "</li>" | "</pre>" | "</dt>" | "</dd>"
        ) {
            self.spend_lines(1);
        }
    }

    fn line_break(&mut self, name: &str) {
        self.elements += 1;
        if self.elements > MOST {
            return self.out.html.push(' ');
        }
        self.enter_cell();
        self.spend_lines(1);
        self.out
            .html
            .push_str(if name == "br" { "<br>" } else { "<hr>" });
    }

    /// Writes what stands for an element's start, and gives what stands for its end.
    fn write_open(&mut self, tag: &Tag<'_>) -> &'static str {
        if self.elements > MOST {
            self.out.cut = Some(TOO_MANY);
            return "";
        }
        let in_table = self.tables > 0;
        match tag.name.as_str() {
            "table" if self.tables < TABLES && !self.cost.is_high() => {
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
            "blockquote" | "ul" | "ol" | "dl" if self.nests >= NESTS || self.cost.is_high() => "",
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
            "b" | "strong" | "i" | "em" | "cite" | "dfn" | "s" | "strike" | "del" | "code"
            | "tt" | "kbd" | "samp"
                if self.styles >= STYLES =>
            {
                ""
            }
            "b" | "strong" => self.put("<strong>", "</strong>"),
            "i" | "em" | "cite" | "dfn" => self.put("<em>", "</em>"),
            "s" | "strike" | "del" => self.put("<s>", "</s>"),
            "code" | "tt" | "kbd" | "samp" => self.put("<code>", "</code>"),
            "pre" | "listing" => {
                self.pres += 1;
                self.put("<pre>", "</pre>")
            }
            "blockquote" => self.nest("<blockquote>", "</blockquote>"),
            "ul" | "menu" | "dir" => self.nest("<ul>", "</ul>"),
            "ol" => self.nest("<ol>", "</ol>"),
            "dl" => self.nest("<dl>", "</dl>"),
            "li" if self.within(&["ul", "ol", "menu", "dir"]) => self.put("<li>", "</li>"),
            "dt" if self.within(&["dl"]) => self.put("<dt>", "</dt>"),
            "dd" if self.within(&["dl"]) => self.put("<dd>", "</dd>"),
            "a" => self.anchor(tag),
            _ if self.styles < STYLES && tag.is_bold() => self.put("<strong>", "</strong>"),
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
        let span = columns(tag);
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
        let Some(at) = self.open.place(&[name]) else {
            return;
        };
        if self.open.place(fence).is_none_or(|fence| fence <= at) {
            self.pop_to(at);
        }
    }

    /// Closes all but the outermost so many.
    fn pop_to(&mut self, left: usize) {
        while self.open.len() > left {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        self.out.html.push_str(element.close);
        self.styles -= usize::from(STYLING.contains(&element.close));
        self.settle(&element);
        match element.close {
            "</table>" => self.tables -= 1,
            "</blockquote>" | "</ul>" | "</ol>" | "</dl>" => self.nests -= 1,
            "</pre>" => self.pres -= 1,
            _ => {}
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|element| element.hidden)
    }
}

const VOID: [&str; 16] = [
    "area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "input", "link",
    "meta", "param", "source", "track", "wbr",
];
/// Octets of HTML that are read.
const LARGEST: usize = 1 << 20;
const DEEPEST: usize = 256;
const MOST: usize = 30_000;
const TOO_MANY: &str = "The HTML has too many elements; the rest is shown without its layout.";
const TABLES: usize = 12;
const NESTS: usize = 30;
/// Styles that are open at once; no text has more that could be seen.
const STYLES: usize = 8;
/// What closes an element that styles the text in it.
const STYLING: [&str; 7] = [
    "</strong>",
    "</em>",
    "</s>",
    "</code>",
    "</a>",
    "</b></td>",
    "</sup></p>",
];
const LONGEST_TARGET: usize = 8_192;

#[cfg(test)]
mod tests;

//! Plain text to paragraphs: quote marks, format=flowed (RFC 3676), signatures, links.

use linkify::{LinkFinder, LinkKind};

use super::{layout::Paragraph, links::Links, params::Params};
use crate::mail::{Body, Span, safe};

/// How a text part wants to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Format {
    /// A line that ends with a space goes on in the next.
    flowed: bool,
    /// That space is not part of the text.
    delete_space: bool,
}

impl Format {
    /// From the parameters of a `text/plain`.
    pub(super) fn of(media: &Params) -> Self {
        let is = |name, wanted: &str| {
            media
                .get(name)
                .is_some_and(|value| value.trim().eq_ignore_ascii_case(wanted))
        };
        Self {
            flowed: is("format", "flowed"),
            delete_space: is("delsp", "yes"),
        }
    }
}

/// The paragraphs of a text. Lines that the sender broke stay broken, so that code, patches and tables stay whole.
pub(super) fn paragraphs(text: &str, format: Format, links: &mut Links) -> Vec<Paragraph> {
    let text = safe::text(text);
    let text = text.trim_end();
    let parsed = text.lines().map(|line| Row::parse(line, format));
    // One row more than is shown, so that it is seen that some are left out.
    let mut rows: Vec<Row> = if format.flowed {
        join(parsed, format)
    } else {
        parsed.take(Body::MAX_LINES + 1).collect()
    };
    sign(&mut rows);
    forward(&mut rows);
    rows.into_iter().map(|row| row.linked(links)).collect()
}

/// A line without its quote marks.
struct Row {
    quote: u8,
    signature: bool,
    text: String,
}

impl Row {
    fn parse(line: &str, format: Format) -> Self {
        let (quote, text) = if format.flowed {
            let text = line.trim_start_matches('>');
            let depth = line.len() - text.len();
            (depth, text.strip_prefix(' ').unwrap_or(text))
        } else {
            unquote(line)
        };
        Self {
            quote: u8::try_from(quote).unwrap_or(u8::MAX),
            signature: false,
            text: text.to_owned(),
        }
    }

    fn is_separator(&self) -> bool {
        self.text == "-- "
    }

    fn linked(mut self, links: &mut Links) -> Paragraph {
        let kept = self.text.trim_end_matches(' ').len();
        if !self.is_separator() {
            self.text.truncate(kept);
        }
        Paragraph {
            quote: self.quote,
            signature: self.signature,
            numbered: false,
            spans: spans(&self.text, self.quote == 0, links),
        }
    }
}

/// The quote depth of a line that is not flowed, and what is quoted. Marks may have a space between them.
fn unquote(line: &str) -> (usize, &str) {
    // A mailbox file of the server wrote `>From ` for a line that starts with `From `.
    if line.starts_with(">From ") {
        return (0, line.get(1..).unwrap_or_default());
    }
    let (mut depth, mut rest) = (0, line);
    loop {
        let inner = if depth == 0 {
            rest
        } else {
            rest.strip_prefix(' ').unwrap_or(rest)
        };
        let Some(after) = inner.strip_prefix('>') else {
            break;
        };
        depth += 1;
        rest = after;
    }
    let text = if depth > 0 {
        rest.strip_prefix(' ').unwrap_or(rest)
    } else {
        rest
    };
    (depth, text)
}

/// Joins flowed lines of one quote depth (RFC 3676 section 4.1).
fn join(lines: impl Iterator<Item = Row>, format: Format) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut open = false;
    for row in lines {
        if rows.len() > Body::MAX_LINES {
            break;
        }
        let flows = row.text.ends_with(' ') && !row.is_separator();
        let mut text = row.text;
        if flows && format.delete_space {
            text.pop();
        }
        match rows.last_mut() {
            Some(last) if open && last.quote == row.quote && text != "-- " => {
                last.text.push_str(&text);
            }
            _ => rows.push(Row { text, ..row }),
        }
        open = flows;
    }
    rows
}

/// Marks the signature: from the last `-- ` of the sender's own text to its end (RFC 3676 section 4.3).
fn sign(rows: &mut [Row]) {
    let own = |row: &Row| row.quote == 0;
    let last = rows.iter().rposition(|row| own(row) && row.is_separator());
    // Servers and lists cut the space off: a short end behind `--` is a signature all the same.
    let bare = rows.iter().rposition(|row| own(row) && row.text == "--");
    let start = last.or(bare.filter(|at| rows.len() - at <= SIGNATURE));
    for row in rows
        .iter_mut()
        .skip(start.unwrap_or(usize::MAX))
        .take_while(|row| own(row))
    {
        row.signature = true;
    }
}

/// Outlook quotes by a line and a header, without marks: what follows is one level deeper.
fn forward(rows: &mut [Row]) {
    let is_rule = |row: &Row| {
        let text = row.text.trim();
        let title = text.trim_matches('-').trim();
        text.starts_with("-----")
            && text.ends_with("-----")
            && ORIGINAL.iter().any(|o| o.eq_ignore_ascii_case(title))
    };
    let Some(at) = rows.iter().position(|row| row.quote == 0 && is_rule(row)) else {
        return;
    };
    let heads = rows
        .iter()
        .skip(at + 1)
        .take(3)
        .any(|row| row.text.contains(": "));
    if heads {
        for row in rows.iter_mut().skip(at + 1) {
            row.quote = row.quote.saturating_add(1);
            row.signature = false;
        }
    }
}

/// A line's text with its links numbered.
fn spans(text: &str, addresses: bool, links: &mut Links) -> Vec<Span> {
    let plain = |text: &str| Span {
        text: text.to_owned(),
        ..Span::default()
    };
    if text.is_empty() {
        return Vec::new();
    }
    if !text.contains(['@', ':', '.']) {
        return vec![plain(text)];
    }
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    let mut out = Vec::new();
    let mut done = 0;
    for link in finder.links(text) {
        let shown = link.as_str();
        let target = match link.kind() {
            LinkKind::Email if addresses => format!("mailto:{shown}"),
            LinkKind::Url if shown.contains("://") => shown.to_owned(),
            LinkKind::Url
                if shown
                    .get(..4)
                    .is_some_and(|www| www.eq_ignore_ascii_case("www.")) =>
            {
                format!("https://{shown}")
            }
            _ => continue,
        };
        let Some(number) = links.add(&target, "") else {
            continue;
        };
        let before = text.get(done..link.start()).unwrap_or_default();
        out.extend((!before.is_empty()).then(|| plain(before)));
        out.push(Span {
            link: Some(number),
            ..plain(shown)
        });
        done = link.end();
    }
    let rest = text.get(done..).unwrap_or_default();
    out.extend((!rest.is_empty()).then(|| plain(rest)));
    out
}

/// Lines of a signature whose separator lost its space.
const SIGNATURE: usize = 12;
const ORIGINAL: [&str; 6] = [
    "Original Message",
    "Original message",
    "Ursprüngliche Nachricht",
    "Message d'origine",
    "Mensaje original",
    "Messaggio originale",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: Format) -> Vec<(u8, String)> {
        let show = |p: Paragraph| {
            let text: String = p.spans.iter().map(|span| span.text.as_str()).collect();
            (p.quote, text)
        };
        paragraphs(text, format, &mut Links::default())
            .into_iter()
            .map(show)
            .collect()
    }

    const FIXED: Format = Format {
        flowed: false,
        delete_space: false,
    };
    const FLOWED: Format = Format {
        flowed: true,
        delete_space: false,
    };

    fn rows(wanted: &[(u8, &str)]) -> Vec<(u8, String)> {
        wanted
            .iter()
            .map(|(quote, text)| (*quote, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn quote_marks_become_depth_with_and_without_spaces() {
        assert_eq!(
            read(
                "Ada wrote:\n> one\n>> two\n> > two\n>three\n>From us\n",
                FIXED
            ),
            rows(&[
                (0, "Ada wrote:"),
                (1, "one"),
                (2, "two"),
                (2, "two"),
                (1, "three"),
                (0, "From us")
            ])
        );
    }

    #[test]
    fn flowed_lines_are_joined_within_their_depth() {
        assert_eq!(
            read(
                "one \ntwo\n> quoted \n> on\n>> deep \n> back\n  stuffed\n-- \nAda",
                FLOWED
            ),
            rows(&[
                (0, "one two"),
                (1, "quoted on"),
                (2, "deep"),
                (1, "back"),
                (0, " stuffed"),
                (0, "-- "),
                (0, "Ada")
            ])
        );
        let delete = Format {
            delete_space: true,
            ..FLOWED
        };
        assert_eq!(read("日本 \n語", delete), rows(&[(0, "日本語")]));
    }

    #[test]
    fn patches_and_tables_keep_their_lines() {
        let patch = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new";
        assert_eq!(read(patch, FIXED).len(), 5);
        assert_eq!(read("a \nb", FIXED), rows(&[(0, "a"), (0, "b")]));
    }

    #[test]
    fn the_signature_is_marked_but_not_what_is_quoted_behind_it() {
        let all = paragraphs(
            "text\n-- \nAda\nEngine Ltd\n> quoted",
            FIXED,
            &mut Links::default(),
        );
        let marks: Vec<_> = all.iter().map(|p| p.signature).collect();
        assert_eq!(marks, [false, true, true, true, false]);
        let all = paragraphs("text\n--\nAda", FIXED, &mut Links::default());
        assert!(all[2].signature);
    }

    #[test]
    fn a_message_quoted_by_a_rule_is_one_level_deep() {
        assert_eq!(
            read("ok\n-----Original Message-----\nFrom: Ada\nhello", FIXED),
            rows(&[
                (0, "ok"),
                (0, "-----Original Message-----"),
                (1, "From: Ada"),
                (1, "hello")
            ])
        );
    }

    #[test]
    fn links_are_found_numbered_and_counted_once() {
        let mut links = Links::default();
        let text = "see https://a.example/x, www.b.example and https://a.example/x.\nmail ada@c.example not x.y";
        let all = paragraphs(text, FIXED, &mut links);
        let numbers: Vec<_> = all
            .iter()
            .flat_map(|p| &p.spans)
            .filter_map(|s| s.link)
            .collect();
        assert_eq!(numbers, [1, 2, 1, 3]);
        let targets: Vec<_> = links
            .into_list()
            .into_iter()
            .map(|link| link.target)
            .collect();
        assert_eq!(
            targets,
            [
                "https://a.example/x",
                "https://www.b.example",
                "mailto:ada@c.example"
            ]
        );
    }
}

//! Which form of a text is worth reading.

use super::{html, markup, outline::Section, parts::Parts};

/// Octets of one text part that are read.
pub(super) const LONGEST: usize = 4 << 20;

/// Whether a section is better read in its HTML form.
pub(super) fn prefers_html(parts: &Parts<'_>, section: &Section) -> bool {
    let Section::Text {
        plain: texts,
        html: htmls,
    } = section
    else {
        return false;
    };
    if htmls.is_empty() {
        return false;
    }
    let (text, _) = join(parts, texts);
    if text.trim().is_empty() {
        return true;
    }
    if text.len() > STUB {
        return false;
    }
    is_stub(&text, &words(parts, htmls))
}

/// The words of these parts of HTML, each read by itself.
pub(super) fn words(parts: &Parts<'_>, htmls: &[usize]) -> String {
    let words = htmls
        .iter()
        .filter_map(|index| parts.at(*index))
        .map(|part| {
            let (text, _) = parts.text(part, LONGEST);
            html::words(&markup::reduce(&text, WIDTH, &|_| None).html)
        });
    words.collect::<Vec<_>>().join("\n")
}

/// Whether a plain text only stands in for the HTML beside it.
fn is_stub(text: &str, html: &str) -> bool {
    let words = |text: &str| {
        text.split_whitespace()
            .filter(|word| !word.contains("://") && word.chars().any(char::is_alphanumeric))
            .count()
    };
    let lower = text.to_lowercase();
    if EXCUSES.iter().any(|excuse| lower.contains(excuse)) && words(html) > 3 {
        return true;
    }
    let (text, html) = (words(text), words(html));
    text < FEW && html > text.saturating_mul(4).max(FEW)
}

/// The text of these parts, one after the other, and whether it is cut.
pub(super) fn join(parts: &Parts<'_>, indices: &[usize]) -> (String, bool) {
    let mut out = String::new();
    let mut cut = false;
    for part in indices.iter().filter_map(|index| parts.at(*index)) {
        let left = LONGEST.saturating_sub(out.len());
        let (text, more) = parts.text(part, left);
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out.push_str(&text);
        cut |= more;
    }
    (out, cut)
}

/// Columns of a layout that is never made.
const WIDTH: u16 = 80;
/// Octets above which a text is never a stub.
const STUB: usize = 600;
/// Words below which a text may be one.
const FEW: usize = 12;
/// What senders write who have no plain text to offer.
const EXCUSES: [&str; 12] = [
    "not support html",
    "html-capable",
    "html capable",
    "html-enabled",
    "html version of this",
    "unterstützt kein html",
    "keine html",
    "html-fähig",
    "ne supporte pas",
    "no admite html",
    "view this email in your browser",
    "html email client",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_beside_long_html_are_a_stub() {
        let html = "word ".repeat(100);
        assert!(is_stub("Please see https://x.example/", &html));
        assert!(is_stub(
            "Your e-mail client does not support HTML messages. Sorry.",
            "hello dear reader there"
        ));
        assert!(!is_stub("Yes, let us do that.", "Yes, let us do that."));
        assert!(!is_stub(&"word ".repeat(20), &html));
    }
}

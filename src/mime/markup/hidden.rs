//! Which elements a mail hides: preheaders, and text meant for filters rather than for people.

use std::collections::HashSet;

use super::tag::Tag;

/// The classes and ids that a document's style sheets hide on every screen.
#[derive(Debug, Default)]
pub(super) struct Hidden {
    names: HashSet<String>,
}

impl Hidden {
    /// Reads the style sheets of a document.
    pub(super) fn of(html: &str) -> Self {
        let mut names = HashSet::new();
        let mut rest = html;
        let mut sheets = 0;
        while let Some(at) = find_style(rest) {
            let sheet = rest.get(at..).unwrap_or_default();
            let sheet = sheet.split_once('>').map_or("", |(_, sheet)| sheet);
            let (sheet, after) = sheet.split_once("</").unwrap_or((sheet, ""));
            read_sheet(sheet, &mut names);
            rest = after;
            sheets += 1;
            if sheets >= SHEETS {
                break;
            }
        }
        Self { names }
    }

    /// Whether an element is not to be seen.
    pub(super) fn hides(&self, tag: &Tag<'_>) -> bool {
        if tag.attribute("hidden").is_some() || hides(&tag.style()) {
            return true;
        }
        if self.names.is_empty() {
            return false;
        }
        let class = tag.attribute("class").unwrap_or_default();
        let mut classes = class.split_ascii_whitespace();
        classes.any(|class| self.names.contains(&format!(".{class}")))
            || tag
                .attribute("id")
                .is_some_and(|id| self.names.contains(&format!("#{}", id.trim())))
    }
}

/// Whether these declarations, without blanks and in lower case, leave nothing to see.
fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        let rule = rule.trim_end_matches("!important");
        let zero = |value: &str| {
            let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
            number.parse::<f32>().is_ok_and(|number| number == 0.0)
        };
        match rule.split_once(':') {
            Some(("display", value)) => value == "none",
            Some(("visibility", value)) => value == "hidden",
            Some(("mso-hide", value)) => value == "all",
            Some(("max-height" | "opacity", value)) => zero(value),
            Some(("font-size", value)) => zero(value) || value == "1px",
            _ => false,
        }
    })
}

/// Where the next style sheet starts.
fn find_style(html: &str) -> Option<usize> {
    memchr::memchr_iter(b'<', html.as_bytes()).find(|at| {
        html.get(*at..at + 6)
            .is_some_and(|start| start.eq_ignore_ascii_case("<style"))
    })
}

/// Rules outside `@media` whose selector is one class or id, with or without an element's name in front.
fn read_sheet(sheet: &str, names: &mut HashSet<String>) {
    let (mut depth, mut selector, mut start) = (0_usize, "", 0);
    for (at, octet) in sheet.bytes().enumerate() {
        match octet {
            b'{' => {
                if depth == 0 {
                    selector = sheet.get(start..at).unwrap_or_default();
                }
                depth += 1;
                start = at + 1;
            }
            b'}' => {
                let rule = sheet.get(start..at).unwrap_or_default();
                if depth == 1 && names.len() < NAMES {
                    read_rule(selector, rule, names);
                }
                depth = depth.saturating_sub(1);
                start = at + 1;
            }
            _ => {}
        }
    }
}

fn read_rule(selector: &str, rule: &str, names: &mut HashSet<String>) {
    let rule: String = rule.chars().filter(|c| !c.is_whitespace()).collect();
    if selector.contains('@') || !hides(&rule.to_ascii_lowercase()) {
        return;
    }
    for selector in selector.rsplit("*/").next().unwrap_or_default().split(',') {
        let selector = selector.trim();
        let Some(mark) = selector.find(['.', '#']) else {
            continue;
        };
        let (element, name) = selector.split_at(mark);
        let simple = element.chars().all(|c| c.is_ascii_alphanumeric())
            && name
                .chars()
                .skip(1)
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        if simple && name.len() > 1 {
            names.insert(name.to_owned());
        }
    }
}

const SHEETS: usize = 50;
const NAMES: usize = 1_000;

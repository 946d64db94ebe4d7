//! A message's links: numbered in their order, each target once, and what speaks against opening it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::punycode;
use crate::mail::{Link, safe};

/// The links found so far.
#[derive(Debug, Default)]
pub(super) struct Links {
    list: Vec<Link>,
    numbers: HashMap<String, u16>,
    /// Whether there were more than are numbered.
    pub(super) cut: bool,
}

impl Links {
    /// The number of a target; `text` is what the message calls it, possibly only a piece of that.
    ///
    /// `None` for an empty target, for one inside the message itself, and past the last number.
    pub(super) fn add(&mut self, target: &str, text: &str) -> Option<u16> {
        let number = self.number(target)?;
        self.name(number, text);
        Some(number)
    }

    /// The number of a target, as [`Links::add`] gives it, before it is known what the message calls it.
    pub(super) fn number(&mut self, target: &str) -> Option<u16> {
        let target: String = target
            .trim()
            .chars()
            .filter(|c| !matches!(c, '\n' | '\r' | '\t'))
            .collect();
        if target.is_empty() || target.starts_with('#') {
            return None;
        }
        if let Some(number) = self.numbers.get(&target) {
            return Some(*number);
        }
        if self.list.len() >= MOST {
            self.cut = true;
            return None;
        }
        let number = u16::try_from(self.list.len() + 1).ok()?;
        self.list.push(Link {
            target: shorten(&safe::line(&target), Link::LONGEST),
            text: String::new(),
            warning: None,
        });
        self.numbers.insert(target, number);
        Some(number)
    }

    /// Adds to what the message calls a link: whole, or a piece of that.
    pub(super) fn name(&mut self, number: u16, text: &str) {
        let Some(link) = self.list.get_mut(usize::from(number).saturating_sub(1)) else {
            return;
        };
        let text = safe::line(text);
        let text = text.trim();
        if link.text.len() + text.len() <= LONGEST_TEXT && !link.text.contains(text) {
            if !link.text.is_empty() {
                link.text.push(' ');
            }
            link.text.push_str(text);
        }
    }

    /// How many targets have a number.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Takes the numbers back that were given after there were `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        self.list.truncate(len);
        self.numbers.retain(|_, number| usize::from(*number) <= len);
    }

    /// All links, with their warnings.
    pub(super) fn into_list(self) -> Vec<Link> {
        let mut list = self.list;
        for link in &mut list {
            let text = link.text.split_whitespace().collect::<Vec<_>>().join(" ");
            link.warning = warning(&link.target, &text);
            link.text = if same_words(&text, &link.target) {
                String::new()
            } else {
                text
            };
        }
        list
    }
}

/// Why a link deserves a second look before it is opened.
fn warning(target: &str, text: &str) -> Option<String> {
    let scheme = scheme(target);
    match scheme.as_deref() {
        Some("mailto") => return other_address(target, text),
        Some("http" | "https") => {}
        Some(other) => {
            return Some(format!(
                "{other}: is not opened, only http, https and mailto are"
            ));
        }
        None => return Some("this is no complete web address and is not opened".to_owned()),
    }
    if target.len() >= Link::LONGEST {
        return Some("this link is too long to be shown whole".to_owned());
    }
    let authority = authority(target);
    let host = host(authority);
    if let Some((user, _)) = authority.rsplit_once('@') {
        return Some(format!("leads to {host}; {user} is only a user name in it"));
    }
    if let Some(shown) = host_in(text).filter(|shown| !is_within(&host, shown)) {
        return Some(format!("the text says {shown}, but it leads to {host}"));
    }
    if let Some(warning) = disguise(&host) {
        return Some(warning);
    }
    let bare = host.trim_matches(['[', ']']);
    let number =
        bare.parse::<Ipv4Addr>().is_ok() || bare.parse::<Ipv6Addr>().is_ok() || is_number(bare);
    number.then(|| format!("leads to a bare address, {host}, instead of a name"))
}

/// The scheme, in lower case.
fn scheme(target: &str) -> Option<String> {
    let (scheme, _) = target.split_once(':')?;
    let named = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    named.then(|| scheme.to_ascii_lowercase())
}

/// What stands between the scheme's slashes and the path. Browsers take a backslash for a slash.
fn authority(target: &str) -> &str {
    let rest = target.split_once(':').map_or(target, |(_, rest)| rest);
    let rest = rest.trim_start_matches(['/', '\\']);
    rest.split(['/', '\\', '?', '#']).next().unwrap_or_default()
}

fn host(authority: &str) -> String {
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    host.trim_end_matches('.').to_lowercase()
}

/// The host that a text claims to lead to, when it looks like a web address.
fn host_in(text: &str) -> Option<String> {
    let word = text
        .trim()
        .trim_matches(['<', '>', '(', ')', '"', '\'', '.', ',']);
    if word.is_empty() || word.contains(char::is_whitespace) {
        return None;
    }
    let named = word.contains("://");
    let claimed = host(authority(if named {
        word
    } else {
        word.split('@').next_back()?
    }));
    let claimed = if named {
        claimed
    } else {
        host(word.split(['/', '?', '#', '\\']).next()?)
    };
    let last = claimed.rsplit('.').next().unwrap_or_default();
    let looks = claimed.contains('.')
        && !claimed.contains('@')
        && claimed.split('.').all(|label| {
            !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        })
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && (named || !FILES.contains(&last));
    looks.then_some(claimed)
}

/// Whether one host lies in the other's domain.
fn is_within(host: &str, shown: &str) -> bool {
    let plain = |host: &str| punycode::ascii_host(host.strip_prefix("www.").unwrap_or(host));
    let (host, shown) = (plain(host), plain(shown));
    host == shown || host.ends_with(&format!(".{shown}")) || shown.ends_with(&format!(".{host}"))
}

/// A name in other letters than it seems, shown both ways.
fn disguise(host: &str) -> Option<String> {
    if host.contains("xn--") {
        let shown = punycode::unicode_host(host);
        return Some(format!("the name {host} reads {}", safe::line(&shown)));
    }
    if host.is_ascii() {
        return None;
    }
    let mixed = if host.split('.').any(is_mixed) {
        ", and mixes alphabets"
    } else {
        ""
    };
    Some(format!(
        "the name {host} is really {}{mixed}",
        punycode::ascii_host(host)
    ))
}

/// Whether Latin letters stand beside Greek or Cyrillic ones that look like them.
fn is_mixed(label: &str) -> bool {
    let latin = label
        .chars()
        .any(|c| matches!(c, 'a'..='z' | '\u{C0}'..='\u{24F}'));
    latin && label.chars().any(|c| matches!(c, '\u{370}'..='\u{58F}'))
}

/// Numbers that browsers read as an IPv4 address: decimal, octal, hexadecimal.
fn is_number(host: &str) -> bool {
    let digits = |piece: &str| {
        !piece.is_empty()
            && (piece.chars().all(|c| c.is_ascii_digit())
                || piece.strip_prefix("0x").is_some_and(|hex| {
                    !hex.is_empty() && hex.chars().all(|c| c.is_ascii_hexdigit())
                }))
    };
    host.split('.').all(digits)
}

/// A `mailto:` whose text names another address.
fn other_address(target: &str, text: &str) -> Option<String> {
    let (_, rest) = target.split_once(':')?;
    let real = rest.split('?').next().unwrap_or_default().to_lowercase();
    let text = text.trim().to_lowercase();
    let is_address = text.contains('@') && !text.contains(char::is_whitespace);
    (is_address && text != real).then(|| format!("the text says {text}, but it writes to {real}"))
}

fn same_words(text: &str, target: &str) -> bool {
    let plain = |text: &str| {
        let text = text
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        text.trim_start_matches("mailto:")
            .trim_end_matches('/')
            .to_lowercase()
    };
    plain(text) == plain(target)
}

fn shorten(text: &str, limit: usize) -> String {
    text.get(..text.floor_char_boundary(limit))
        .unwrap_or_default()
        .to_owned()
}

/// Links that get a number.
const MOST: usize = 5_000;
const LONGEST_TEXT: usize = 300;
/// Endings of files that a text may name without meaning a host.
const FILES: [&str; 24] = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "txt", "csv", "jpg", "jpeg", "png",
    "gif", "htm", "html", "md", "rs", "py", "js", "json", "xml", "eml", "ics",
];

#[cfg(test)]
mod tests;

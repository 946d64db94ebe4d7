//! Lists of addresses (RFC 5322 section 3.4), read as leniently as senders write them.
//!
//! Encoded words are decoded in display names and comments only: an addr-spec is always shown as it stands, whatever it
//! pretends to be.

use super::words;
use crate::mail::{Address, safe};

/// An item of an address list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A mailbox.
    Mailbox(Address),
    /// A group opens: its name. Its members follow.
    Group(String),
    /// The group ends.
    End,
}

/// The items of an unfolded field value. Everything in them is safe to show.
pub(super) fn parse(text: &str) -> Vec<Item> {
    let mut list = List::default();
    for c in text.chars() {
        if list.items.len() >= MOST {
            return list.items;
        }
        list.take(c);
    }
    list.flush();
    if list.in_group {
        list.items.push(Item::End);
    }
    list.items
}

/// Only the mailboxes. A group without members stands for itself, so that `undisclosed-recipients` is seen.
pub(super) fn mailboxes(items: &[Item]) -> Vec<Address> {
    let mut out = Vec::new();
    let mut group = None;
    for item in items {
        match item {
            Item::Mailbox(address) => {
                group = None;
                out.push(address.clone());
            }
            Item::Group(name) => group = Some(name),
            Item::End => out.extend(group.take().map(|name| Address::new(name, ""))),
        }
    }
    out
}

/// The items on one line.
pub(super) fn show(items: &[Item]) -> String {
    let mut out = String::new();
    let mut first = true;
    for item in items {
        if !first && *item != Item::End {
            out.push_str(", ");
        }
        match item {
            Item::Mailbox(address) => out.push_str(&address.to_string()),
            Item::Group(name) => {
                out.push_str(name);
                out.push_str(": ");
            }
            Item::End => out.push(';'),
        }
        first = matches!(item, Item::Group(_));
    }
    out.replace(": ;", ":;")
}

/// Whether a display name is made to look like an address that it is not.
pub(super) fn is_deceptive(address: &Address) -> bool {
    let real = address.address.to_lowercase();
    !real.is_empty()
        && address
            .name
            .to_lowercase()
            .split(|c: char| c.is_whitespace() || "<>()[]\"',;".contains(c))
            .any(|word| is_addr_spec(word) && word != real)
}

/// The address as a list shows it: a name that is the address again, or that pretends to be another, is left out.
pub(super) fn honest(mut address: Address) -> Address {
    if address.name.eq_ignore_ascii_case(&address.address) || is_deceptive(&address) {
        address.name.clear();
    }
    address
}

fn is_addr_spec(word: &str) -> bool {
    word.split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.'))
}

#[derive(Default)]
struct List {
    items: Vec<Item>,
    /// What stood before the angle bracket, quotes removed.
    phrase: String,
    /// The phrase without its quoted pieces, in which an addr-spec may stand.
    bare: String,
    angle: Option<String>,
    comment: String,
    state: State,
    escaped: bool,
    comments: usize,
    in_group: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Phrase,
    Quote,
    Angle,
    /// A quoted local part in angle brackets.
    AngleQuote,
}

impl List {
    fn take(&mut self, c: char) {
        let escaped = std::mem::take(&mut self.escaped);
        if self.comments > 0 {
            return self.comment(c, escaped);
        }
        match (self.state, c) {
            (State::Quote | State::AngleQuote, '\\') if !escaped => self.escaped = true,
            (State::Quote, '"') if !escaped => self.state = State::Phrase,
            (State::Quote, _) => self.phrase.push(c),
            (State::AngleQuote, '"') if !escaped => self.angle('"', State::Angle),
            (State::AngleQuote, _) => self.angle(c, State::AngleQuote),
            (State::Angle, '"') => self.angle('"', State::AngleQuote),
            (State::Angle, '>') => self.state = State::Phrase,
            (State::Angle, _) => self.angle(c, State::Angle),
            (State::Phrase, _) => self.outside(c),
        }
    }

    fn outside(&mut self, c: char) {
        match c {
            '"' => self.state = State::Quote,
            '(' => {
                self.comments = 1;
                if !self.comment.is_empty() {
                    self.comment.push(' ');
                }
            }
            // A second bracket belongs to nobody: the first address is the one that counts.
            '<' if self.angle.is_none() => {
                self.angle = Some(String::new());
                self.state = State::Angle;
            }
            ',' => self.flush(),
            ';' => {
                self.flush();
                if std::mem::take(&mut self.in_group) {
                    self.items.push(Item::End);
                }
            }
            ':' if !self.in_group && self.angle.is_none() && !self.bare.contains('@') => {
                let name = shown(&std::mem::take(&mut self.phrase));
                self.bare.clear();
                self.items.push(Item::Group(name));
                self.in_group = true;
            }
            _ => {
                self.phrase.push(c);
                self.bare.push(c);
            }
        }
    }

    fn angle(&mut self, c: char, state: State) {
        self.state = state;
        if let Some(angle) = &mut self.angle {
            angle.push(c);
        }
    }

    fn comment(&mut self, c: char, escaped: bool) {
        match c {
            '\\' if !escaped => self.escaped = true,
            '(' if !escaped => self.comments += 1,
            ')' if !escaped => self.comments -= 1,
            _ => self.comment.push(c),
        }
    }

    fn flush(&mut self) {
        let phrase = std::mem::take(&mut self.phrase);
        let bare = std::mem::take(&mut self.bare);
        let comment = std::mem::take(&mut self.comment);
        self.state = State::Phrase;
        let (name, spec) = match self.angle.take() {
            Some(angle) => (phrase, angle),
            None if bare.contains('@') => split_spec(&phrase),
            None => (phrase, String::new()),
        };
        let name = if name.trim().is_empty() {
            comment
        } else {
            name
        };
        let address = Address::new(shown(&name), spec_shown(&spec));
        if !(address.name.is_empty() && address.address.is_empty()) {
            self.items.push(Item::Mailbox(address));
        }
    }
}

/// `Ada ada@example.org`, as some senders write, is a name and an address.
fn split_spec(phrase: &str) -> (String, String) {
    let mut words: Vec<&str> = phrase.split_whitespace().collect();
    if words.iter().filter(|word| word.contains('@')).count() == 1
        && let Some(at) = words.iter().position(|word| is_addr_spec(word))
    {
        let spec = words.remove(at).to_owned();
        return (words.join(" "), spec);
    }
    (String::new(), words.concat())
}

/// A display name: decoded and on one line.
fn shown(name: &str) -> String {
    let name = words::decode(name.trim());
    let name = safe::line(&name);
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An addr-spec without the route of RFC 822 in front of it. Not decoded.
fn spec_shown(spec: &str) -> String {
    let spec = spec.trim();
    let spec = match spec.split_once(':') {
        Some((route, spec)) if route.starts_with('@') => spec,
        _ => spec,
    };
    safe::line(spec.trim()).into_owned()
}

/// Items that are read.
const MOST: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let addresses = mailboxes(&parse(text));
        addresses.into_iter().map(|a| (a.name, a.address)).collect()
    }

    fn one(text: &str) -> (String, String) {
        let all = read(text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        all.into_iter().next().unwrap()
    }

    #[test]
    fn every_way_of_writing_one_mailbox_is_read() {
        for (text, name, address) in [
            ("ada@example.org", "", "ada@example.org"),
            (
                "Ada Lovelace <ada@example.org>",
                "Ada Lovelace",
                "ada@example.org",
            ),
            (
                "\"Lovelace, Ada\" <ada@example.org>",
                "Lovelace, Ada",
                "ada@example.org",
            ),
            ("ada@example.org (Ada)", "Ada", "ada@example.org"),
            ("Ada ada@example.org", "Ada", "ada@example.org"),
            (
                "=?utf-8?q?J=C3=BCrgen?= <j@example.org>",
                "Jürgen",
                "j@example.org",
            ),
            (
                "\"=?utf-8?q?J=C3=BCrgen?=\" <j@example.org>",
                "Jürgen",
                "j@example.org",
            ),
            ("<@a.example,@b.example:c@d.example>", "", "c@d.example"),
            (
                "\"a \\\"b\\\" c\" <x@example.org>",
                "a \"b\" c",
                "x@example.org",
            ),
            (
                "<\"odd, > local\"@example.org>",
                "",
                "\"odd, > local\"@example.org",
            ),
            ("Nobody", "Nobody", ""),
            ("Ada <ada@example.org", "Ada", "ada@example.org"),
        ] {
            assert_eq!(one(text), (name.to_owned(), address.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_encoded_word_in_an_addr_spec_stays_as_it_is() {
        let spoof = "=?utf-8?b?cG90dXNAd2hpdGVob3VzZS5nb3Y=?==?utf-8?Q?=00?=@evil.example";
        assert_eq!(one(spoof), (String::new(), spoof.to_owned()));
        let bracketed = format!("Potus <{spoof}>");
        assert_eq!(one(&bracketed), ("Potus".to_owned(), spoof.to_owned()));
    }

    #[test]
    fn nul_and_line_breaks_in_an_encoded_name_cannot_hide_the_address() {
        let (name, address) = one("=?utf-8?q?a=40good.example=00=0A=0A?= <b@evil.example>");
        assert_eq!(name, "a@good.example\u{FFFD}");
        assert_eq!(address, "b@evil.example");
        let shown = honest(Address::new("a@good.example", "b@evil.example"));
        assert_eq!(shown.short(), "b@evil.example");
    }

    #[test]
    fn lists_and_groups_are_read() {
        assert_eq!(read("a@x.example, , B <b@x.example>,").len(), 2);
        assert_eq!(
            read("undisclosed-recipients:;"),
            [("undisclosed-recipients".to_owned(), String::new())]
        );
        let items = parse("Team: A <a@x.example>, b@x.example;, c@x.example");
        assert_eq!(
            show(&items),
            "Team: A <a@x.example>, b@x.example;, c@x.example"
        );
        assert_eq!(mailboxes(&items).len(), 3);
        assert_eq!(
            show(&parse("undisclosed-recipients:;")),
            "undisclosed-recipients:;"
        );
    }

    #[test]
    fn nested_comments_and_endless_lists_end() {
        assert_eq!(read(&"(".repeat(1_000_000)), []);
        assert_eq!(read(&"a@x.example,".repeat(1_000_000)).len(), 5_000);
    }

    #[test]
    fn honest_names_stay() {
        for (name, address) in [("Ada", "ada@x.example"), ("ada at x", "a@x.example")] {
            assert_eq!(honest(Address::new(name, address)).name, name);
        }
        assert!(
            honest(Address::new("Ada@x.example", "ada@x.example"))
                .name
                .is_empty()
        );
    }
}

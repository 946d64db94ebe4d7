use super::super::{Flags, Folder, MessageId};
use super::calendar::{Clock, DAY, period};
use super::fold::words;
use super::{SearchField, Term};

/// What is wrong with a field, before anyone knows where it stands.
pub(super) struct Mistake {
    pub(super) in_name: bool,
    pub(super) what: String,
    pub(super) hint: String,
}

impl Mistake {
    fn value(what: String, hint: &str) -> Self {
        Self {
            in_name: false,
            what,
            hint: hint.to_owned(),
        }
    }
}

/// Words to look for; `None` when the text holds none, such as a dash.
pub(super) fn text_term(field: SearchField, text: &str, quoted: bool) -> Option<Term> {
    let prefix = !quoted && text.ends_with('*');
    let text = if prefix {
        text.trim_end_matches('*')
    } else {
        text
    };
    (!words(text).is_empty()).then(|| Term::Text {
        field,
        text: text.to_owned(),
        prefix,
    })
}

/// Whether a star stands within a word: only at its end it means something.
pub(super) fn has_star_within(text: &str) -> bool {
    let text = text.trim_end_matches('*');
    let letters = |part: Option<&str>| part.is_some_and(|part| !words(part).is_empty());
    text.match_indices('*')
        .any(|(at, star)| letters(text.get(..at)) && letters(text.get(at + star.len()..)))
}

/// The meaning of `name:value`; `Ok(None)` when it is a word that says nothing.
pub(super) fn field(
    name: &str,
    value: &str,
    quoted: bool,
    clock: Clock,
) -> Result<Option<Term>, Mistake> {
    if !is_field(name) {
        return unknown(name, value, quoted);
    }
    if value.is_empty() {
        let what = format!("nothing behind \"{name}:\"");
        return Err(Mistake::value(what, example(name)));
    }
    if let Some(field) = text_field(name) {
        return text(field, name, value, quoted).map(Some);
    }
    let known = |term: Option<Term>| match term {
        Some(term) => Ok(Some(term)),
        None => Err(Mistake::value(
            format!("\"{name}:\" cannot be {value:?}"),
            example(name),
        )),
    };
    let lower = value.to_ascii_lowercase();
    match name {
        "id" => known(id(value)),
        "account" => Ok(Some(Term::Account(value.to_owned()))),
        "folder" => known(folder(&lower)),
        "is" => known(state(&lower)),
        "has" => known(
            matches!(
                lower.as_str(),
                "file" | "files" | "attachment" | "attachments"
            )
            .then_some(Term::HasFile),
        ),
        "on" => known((lower == "server").then_some(Term::OnServer)),
        "no" => known((lower == "copy").then_some(Term::NoCopy)),
        "larger" => known(size(&lower).map(Term::Larger)),
        "smaller" => known(size(&lower).map(Term::Smaller)),
        "older" => known(age(&lower, clock).map(Term::Before)),
        "newer" => known(age(&lower, clock).map(Term::Since)),
        "before" => known(day(&lower, clock).map(|(first, _)| Term::Before(clock.start_of(first)))),
        "after" => known(day(&lower, clock).map(|(first, _)| Term::Since(clock.start_of(first)))),
        _ => known(day(&lower, clock).map(|(first, behind)| {
            Term::All(vec![
                Term::Since(clock.start_of(first)),
                Term::Before(clock.start_of(behind)),
            ])
        })),
    }
}

/// Where words are looked for under this name.
pub(super) fn text_field(name: &str) -> Option<SearchField> {
    Some(match name {
        "from" => SearchField::From,
        "to" => SearchField::To,
        "cc" => SearchField::Cc,
        "subject" => SearchField::Subject,
        "body" => SearchField::Body,
        "file" => SearchField::File,
        _ => return None,
    })
}

fn text(field: SearchField, name: &str, value: &str, quoted: bool) -> Result<Term, Mistake> {
    if !quoted && value.starts_with('(') {
        let what = format!("no bracket can stand behind \"{name}:\"");
        return Err(Mistake::value(what, example(name)));
    }
    let what = || format!("there is no word behind \"{name}:\"");
    text_term(field, value, quoted).ok_or_else(|| Mistake::value(what(), example(name)))
}

/// Whether it is the name of a field, in whatever case.
pub(super) fn is_field(name: &str) -> bool {
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// `Re:` and `https://...` are words; anything else with a colon is a field that does not exist.
fn unknown(name: &str, value: &str, quoted: bool) -> Result<Option<Term>, Mistake> {
    if (value.is_empty() && !quoted) || value.starts_with("//") {
        let text = format!("{name} {value}");
        return Ok(text_term(SearchField::Anywhere, text.trim_end(), quoted));
    }
    let nearest = FIELDS
        .iter()
        .map(|field| (distance(name, field), *field))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    Err(Mistake {
        in_name: true,
        what: format!("there is no \"{name}:\""),
        hint: match nearest {
            Some((_, field)) => format!("did you mean \"{field}:\"?"),
            None => "put it in quotation marks to look for it as text".to_owned(),
        },
    })
}

fn id(value: &str) -> Option<Term> {
    if let Ok(number) = value.parse() {
        return Some(Term::Id(MessageId(number)));
    }
    let value = value.trim_start_matches('<').trim_end_matches('>');
    value
        .contains('@')
        .then(|| Term::HeaderId(value.to_owned()))
}

fn folder(value: &str) -> Option<Term> {
    let folder = match value {
        "inbox" => Folder::Inbox,
        "archive" => Folder::Archive,
        "trash" => Folder::Trash,
        _ => return None,
    };
    Some(Term::Folder(folder))
}

fn state(value: &str) -> Option<Term> {
    Some(match value {
        "unread" => Term::Not(Box::new(Term::Flag(Flags::SEEN))),
        "read" => Term::Flag(Flags::SEEN),
        "starred" => Term::Flag(Flags::STARRED),
        "answered" => Term::Flag(Flags::ANSWERED),
        "pinned" => Term::Flag(Flags::PINNED),
        _ => return None,
    })
}

/// `5M`, `1.5MB`, `10k`, `800`: octets in powers of 1000.
fn size(value: &str) -> Option<u64> {
    let (number, unit) = split_unit(value)?;
    let scale: u64 = match unit {
        "" | "b" => 1,
        "k" | "kb" => 1_000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return None;
    }
    let places = u32::try_from(part.len())
        .ok()
        .filter(|places| *places <= 9)?;
    let part = part.parse::<u64>().ok()?.checked_mul(scale)? / 10_u64.checked_pow(places)?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(scale)?
        .checked_add(part)
}

/// `12h`, `30d`, `1w`, `6m`, `2y`: that long before now.
fn age(value: &str, clock: Clock) -> Option<super::super::Timestamp> {
    let (number, unit) = split_unit(value)?;
    let number: i64 = number.parse::<u32>().ok()?.into();
    Some(match unit {
        "h" => clock.ago(number * 3_600),
        "d" => clock.ago(number * DAY),
        "w" => clock.ago(number * 7 * DAY),
        "m" => clock.months_ago(number),
        "y" => clock.months_ago(number * 12),
        _ => return None,
    })
}

fn day(value: &str, clock: Clock) -> Option<(i64, i64)> {
    match value {
        "today" => Some((clock.today(), clock.today() + 1)),
        "yesterday" => Some((clock.today() - 1, clock.today())),
        _ => period(value),
    }
}

fn split_unit(value: &str) -> Option<(&str, &str)> {
    value.split_at_checked(
        value
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(value.len()),
    )
}

/// How many letters differ between two short words (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, c) in one.chars().take(64).enumerate() {
        let mut diagonal = place;
        let mut left = place + 1;
        let mut next = vec![left];
        for (d, above) in other.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(c != *d))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn example(field: &str) -> &'static str {
    match field {
        "id" => "write a message's number, or its Message-ID",
        "folder" => "write inbox, archive or trash",
        "is" => "write unread, read, starred, answered or pinned",
        "has" => "write has:file",
        "on" => "write on:server",
        "no" => "write no:copy",
        "larger" | "smaller" => "write a size: 10k, 5M or 1G",
        "older" | "newer" => "write 12h, 30d, 1w, 6m or 2y",
        "before" | "after" | "date" => "write 2026-01-31, 2026-01, 2026 or today",
        "account" => "write an account's name",
        _ => "write a word, or several in quotation marks",
    }
}

const FIELDS: [&str; 20] = [
    "from", "to", "cc", "subject", "body", "file", "id", "account", "folder", "is", "has", "on",
    "no", "larger", "smaller", "older", "newer", "before", "after", "date",
];

use super::super::{Address, Local, MessageSummary};
use super::fold::words;
use super::{Query, SearchField, Term};

impl Query {
    /// Whether a message matches, as far as its summary can tell: `None` when only its text could.
    pub fn matches(&self, message: &MessageSummary) -> Option<bool> {
        self.term.matches(message)
    }
}

impl Term {
    fn matches(&self, message: &MessageSummary) -> Option<bool> {
        Some(match self {
            Self::All(terms) => {
                return decide(terms.iter().map(|term| term.matches(message)), false);
            }
            Self::Any(terms) => {
                return decide(terms.iter().map(|term| term.matches(message)), true);
            }
            Self::Not(term) => !term.matches(message)?,
            Self::Text {
                field,
                text,
                prefix,
            } => return text_matches(*field, text, *prefix, message),
            Self::Flag(flag) => message.flags.has(*flag),
            Self::HasFile => message.attachments > 0,
            Self::OnServer => message.server.is_there(),
            Self::NoCopy => message.local != Local::Full,
            Self::Id(id) => message.id == *id,
            Self::HeaderId(id) => message.message_id == *id,
            Self::Account(name) => message.account.as_str() == name,
            Self::Folder(folder) => message.folder == *folder,
            Self::Larger(octets) => message.octets > *octets,
            Self::Smaller(octets) => message.octets < *octets,
            Self::Before(time) => message.date < *time,
            Self::Since(time) => message.date >= *time,
        })
    }
}

/// `or` when one `true` settles it, `and` when one `false` does.
fn decide(answers: impl Iterator<Item = Option<bool>>, settles: bool) -> Option<bool> {
    let mut result = Some(!settles);
    for answer in answers {
        match answer {
            Some(answer) if answer == settles => return Some(settles),
            Some(_) => {}
            None => result = None,
        }
    }
    result
}

fn text_matches(
    field: SearchField,
    text: &str,
    prefix: bool,
    message: &MessageSummary,
) -> Option<bool> {
    let wanted = words(text);
    let found = |place: &str| contains(&words(place), &wanted, prefix);
    let people = |addresses: &[Address]| {
        let text = addresses
            .iter()
            .map(|who| format!("{} {}", who.name, who.address));
        found(&text.collect::<Vec<_>>().join(" "))
    };
    // The first words stand for more than there is of them.
    let in_text = || snippet_contains(&message.snippet, &wanted, prefix).then_some(true);
    match field {
        SearchField::From => Some(people(std::slice::from_ref(&message.from))),
        SearchField::To => Some(people(&message.to)),
        SearchField::Cc => Some(people(&message.cc)),
        SearchField::Subject => Some(found(&message.subject)),
        SearchField::Body => in_text(),
        SearchField::File if message.attachments == 0 && message.local == Local::Full => {
            Some(false)
        }
        SearchField::File => None,
        SearchField::Anywhere => {
            let outside = found(&message.subject)
                || people(std::slice::from_ref(&message.from))
                || people(&message.to)
                || people(&message.cc);
            if outside { Some(true) } else { in_text() }
        }
    }
}

/// Whether the first words of a text say that a word is in it. They leave out lines between others, so that words beside
/// each other may not be so in the text, and their last word may be cut.
fn snippet_contains(snippet: &str, wanted: &[String], prefix: bool) -> bool {
    let mut words = words(snippet);
    if snippet.ends_with('…') {
        words.pop();
    }
    wanted.len() <= 1 && contains(&words, wanted, prefix)
}

fn contains(words: &[String], wanted: &[String], prefix: bool) -> bool {
    let Some((last, before)) = wanted.split_last() else {
        return true;
    };
    words.windows(wanted.len()).any(|window| {
        window.split_last().is_some_and(|(end, start)| {
            start == before
                && if prefix {
                    end.starts_with(last.as_str())
                } else {
                    end == last
                }
        })
    })
}

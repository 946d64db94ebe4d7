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
    let (wanted, certain) = words(text);
    let found = |places: &[String]| {
        let mut sure = certain;
        for place in places {
            let (words, known) = words(place);
            if contains(&words, &wanted, prefix) {
                return Some(true);
            }
            sure &= known;
        }
        sure.then_some(false)
    };
    let people = |addresses: &[Address]| -> Vec<String> {
        let text = addresses
            .iter()
            .map(|who| format!("{} {}", who.name, who.address));
        vec![text.collect::<Vec<_>>().join(" ")]
    };
    match field {
        SearchField::From => found(&people(std::slice::from_ref(&message.from))),
        SearchField::To => found(&people(&message.to)),
        SearchField::Cc => found(&people(&message.cc)),
        SearchField::Subject => found(std::slice::from_ref(&message.subject)),
        SearchField::Body => found(std::slice::from_ref(&message.snippet)).filter(|found| *found),
        SearchField::File if message.attachments == 0 && message.local == Local::Full => {
            Some(false)
        }
        SearchField::File => None,
        SearchField::Anywhere => {
            let mut places = vec![message.subject.clone(), message.snippet.clone()];
            places.extend(people(std::slice::from_ref(&message.from)));
            places.extend(people(&message.to));
            places.extend(people(&message.cc));
            found(&places).filter(|found| *found)
        }
    }
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

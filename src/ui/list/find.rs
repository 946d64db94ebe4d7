use std::collections::HashSet;

use tui_input::Input;

use super::rows::Rows;
use crate::bridge::Ticket;
use crate::mail::MessageId;

/// What is looked for in a list, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// What is typed.
    pub input: Input,
    /// Whether keys go into the text field.
    pub editing: bool,
    /// Who asked the index; a late answer to an older question is dropped.
    pub asked: Option<Ticket>,
    /// Counts the keys typed, so that an old pause does not ask.
    pub typed: u64,
    /// Whether the index has answered for what is typed now.
    pub answered: bool,
    /// What the search language does not understand in what is typed.
    pub mistake: Option<String>,
    /// What was looked for last, for the next and the previous match.
    pub last: Vec<String>,
    found: Option<Vec<MessageId>>,
    answers: Vec<MessageId>,
    words: Vec<String>,
    before: Option<(Option<MessageId>, usize)>,
}

impl Find {
    /// Starts a search from this cursor and window.
    pub fn begin(&mut self, selected: Option<MessageId>, top: usize) {
        self.editing = true;
        if self.before.is_none() {
            self.before = Some((selected, top));
        }
    }

    /// Ends it, and says where cursor and window were before.
    pub fn end(&mut self) -> Option<(Option<MessageId>, usize)> {
        self.editing = false;
        self.asked = None;
        self.answered = false;
        self.mistake = None;
        self.found = None;
        self.words.clear();
        self.input.reset();
        self.before.take()
    }

    /// Filters the rows by what is typed. What was found before is looked through again only where that is enough.
    pub fn filter(&mut self, rows: &Rows) {
        let words = words(self.input.value());
        self.answered = false;
        self.asked = None;
        self.answers.clear();
        self.mistake = None;
        self.typed += 1;
        if words.is_empty() {
            self.found = None;
        } else {
            let narrower = !self.words.is_empty() && narrows(&self.words, &words);
            let from = match &self.found {
                Some(found) if narrower => found.as_slice(),
                _ => rows.order(),
            };
            let found = from
                .iter()
                .copied()
                .filter(|id| rows.matches(*id, &words))
                .collect();
            self.found = Some(found);
            self.last.clone_from(&words);
        }
        self.words = words;
    }

    /// Takes a part of the index's answer; with its last part it takes the place of what the rows alone could tell.
    pub fn collect(&mut self, mut found: Vec<MessageId>, complete: bool) {
        self.answers.append(&mut found);
        if complete {
            self.answered = true;
            self.found = Some(std::mem::take(&mut self.answers));
        }
    }

    /// Looks through all rows again, after their order has changed.
    pub fn refresh(&mut self, rows: &Rows) {
        if let Some(found) = &mut self.found {
            let known: HashSet<MessageId> = found.iter().copied().collect();
            *found = rows
                .order()
                .iter()
                .copied()
                .filter(|id| known.contains(id))
                .collect();
        }
    }

    /// Lets rows that have just come into what is found, where they match.
    pub fn admit(&mut self, rows: &Rows, fresh: &[MessageId]) {
        if fresh.is_empty() || self.words.is_empty() || self.answered {
            return;
        }
        let matching: Vec<MessageId> = fresh
            .iter()
            .copied()
            .filter(|id| rows.matches(*id, &self.words))
            .collect();
        if let Some(found) = &mut self.found
            && !matching.is_empty()
        {
            found.extend(matching);
            self.refresh(rows);
        }
    }

    /// Forgets messages that are gone.
    pub fn forget(&mut self, gone: &HashSet<MessageId>) {
        if let Some(found) = &mut self.found {
            found.retain(|id| !gone.contains(id));
        }
    }

    /// What was found; `None` when nothing is looked for.
    pub fn matches(&self) -> Option<&[MessageId]> {
        self.found.as_deref()
    }

    /// Whether the list shows only what was found.
    pub fn is_active(&self) -> bool {
        self.found.is_some()
    }

    /// The words that a text of the list is looked through for, lower case.
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// The plain words of a search, lower case. Fields such as `from:ada` are for the index: on the rows, only what they name
/// counts, where it is text.
pub fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .filter(|word| !word.starts_with('-') && *word != "or")
        .filter_map(|word| match word.split_once(':') {
            Some(("from" | "subject", rest)) => Some(rest),
            Some((field, _)) if FIELDS.contains(&field) => None,
            _ => Some(word),
        })
        .map(|word| word.trim_matches(|c| c == '"' || c == '*').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Whether everything that the new words match, the old ones match too.
fn narrows(old: &[String], new: &[String]) -> bool {
    old.iter()
        .all(|old| new.iter().any(|new| new.contains(old.as_str())))
}

const FIELDS: [&str; 14] = [
    "to", "cc", "body", "file", "id", "account", "folder", "is", "has", "on", "no", "larger",
    "smaller", "older",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    fn typed(find: &mut Find, rows: &Rows, text: &str) -> usize {
        find.input = Input::new(text.to_owned());
        find.filter(rows);
        find.matches().map_or(rows.len(), <[MessageId]>::len)
    }

    #[test]
    fn what_is_typed_narrows_and_widens() {
        let mut rows = Rows::default();
        let mut other = message(2);
        other.subject = "Dinner on Sunday?".to_owned();
        rows.merge(vec![message(1), other, message(3)]);
        let mut find = Find::default();
        assert_eq!(typed(&mut find, &rows, "din"), 1);
        assert_eq!(typed(&mut find, &rows, "DINNER sun"), 1);
        assert_eq!(typed(&mut find, &rows, "dinner ada"), 1);
        assert_eq!(typed(&mut find, &rows, "ada"), 3);
        assert_eq!(typed(&mut find, &rows, ""), 3);
        assert!(!find.is_active());
    }

    #[test]
    fn only_text_counts_on_the_rows() {
        assert_eq!(
            words("from:Ada has:file is:unread \"report\" -spam repor*"),
            ["ada", "report", "repor"]
        );
    }
}

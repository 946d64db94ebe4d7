use tui_input::Input;

use super::order;
use super::quick::Ids;
use super::rows::{Rows, set_of};
use crate::bridge::Ticket;
use crate::mail::{MessageId, Needles, Query, QueryError};
use crate::ui::paint::columns_of;

/// What is looked for in a list, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// What is typed.
    pub input: Input,
    /// Whether keys go into the text field.
    pub editing: bool,
    /// Who asked the index; a late answer to an older question is dropped.
    pub asked: Option<Ticket>,
    /// Whether the index has answered for what is typed now.
    pub answered: bool,
    /// What the search language does not understand in what is typed.
    pub mistake: Option<QueryError>,
    /// What is shown where it stands.
    pub needles: Needles,
    /// What was looked for last, as it was typed; for the next and the previous match.
    pub last: String,
    found: Option<Vec<MessageId>>,
    /// What was looked for last, also when it is no longer shown.
    hits: Ids,
    /// What was found and has left the list since: where it comes back, it is among what was found.
    left: Ids,
    version: u64,
    /// The parts of the index's answer that have come, of one that is not complete.
    coming: Option<(Vec<MessageId>, Ids)>,
    /// Whether what was found is what the rows themselves could tell of what is typed now.
    guessed: bool,
    /// Whether what is shown is an answer to the same question: it stays until the new one is complete.
    again: bool,
    /// Whether the mail has changed since the index was asked.
    stale: bool,
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
        self.coming = None;
        self.version += 1;
        self.words.clear();
        self.needles = Needles::default();
        self.input.reset();
        self.before.take()
    }

    /// What is typed is not what it was. Where all rows are here in full they are filtered at once; elsewhere what was found
    /// before stays until the index has answered, which is asked at the same time.
    pub fn filter(&mut self, rows: &Rows) {
        let words = words(self.input.value());
        self.answered = false;
        self.asked = None;
        self.coming = None;
        self.left.clear();
        self.mistake = None;
        self.version += 1;
        self.guessed = false;
        if self.is_blank() {
            self.found = None;
        } else if rows.is_in_full() && !words.is_empty() {
            self.guessed = true;
            let found = rows.matching(&words);
            self.hits = set_of(&found);
            self.found = Some(found);
        }
        if !self.is_blank() {
            self.input.value().trim().clone_into(&mut self.last);
        }
        self.words = words;
    }

    /// What is looked for is asked under this ticket. To the same question again, what was found before stays until all of
    /// the answer has come.
    pub(super) fn ask(&mut self, ticket: Ticket) {
        self.asked = Some(ticket);
        self.again = self.answered;
        self.coming = None;
        self.stale = false;
    }

    /// The mail has changed: what is looked for is to be asked for again.
    pub fn mail_changed(&mut self) {
        self.stale |= self.answered || self.asked.is_some();
    }

    /// Whether to ask again, no answer being on its way.
    pub(super) fn is_stale(&self) -> bool {
        self.stale && self.answered && self.asked.is_none()
    }

    /// Whether it is the same question again that was asked.
    pub(super) fn is_again(&self) -> bool {
        self.again
    }

    /// Takes a part of the index's answer; it takes the place of what the rows alone could tell.
    pub fn collect(&mut self, part: Vec<MessageId>, complete: bool) {
        let (found, hits) = self.coming.get_or_insert_default();
        // What came in full comes once more in brief.
        found.extend(part.into_iter().filter(|id| hits.insert(*id)));
        if complete {
            let (found, hits) = self.coming.take().unwrap_or_default();
            (self.found, self.hits) = (Some(found), hits);
            self.asked = None;
            self.answered = true;
        } else if !self.again {
            self.found = Some(found.clone());
            self.hits.clone_from(hits);
        }
        self.version += 1;
    }

    /// Lets a row of the list be among what was found, whatever the index says: the one under the cursor.
    pub(super) fn keep(&mut self, rows: &Rows, id: MessageId) {
        if let Some(found) = self.found.as_mut().filter(|_| self.hits.insert(id)) {
            order::merge(found, &[id], |a, b| rows.compare_ids(a, b));
            self.version += 1;
        }
    }

    /// The index does not answer: what was found before stays.
    pub(super) fn give_up(&mut self) {
        self.asked = None;
        self.coming = None;
    }

    /// Puts what was found into order again, after the order of the rows has changed.
    pub fn refresh(&mut self, rows: &Rows) {
        if let Some(found) = self.found.take() {
            self.found = Some(rows.sorted(found));
            self.version += 1;
        }
    }

    /// Lets rows that have just come into what is found: those that were in it before they left, and until the index has
    /// answered those that match.
    pub fn admit(&mut self, rows: &Rows, fresh: &[MessageId]) {
        let looks = self.is_active() && !self.answered && !self.words.is_empty();
        let mut come = Vec::new();
        for id in fresh {
            let back = self.left.remove(id);
            // The answer that is on its way may have been read while it was gone.
            self.stale |= back && self.asked.is_some();
            let fits = back || looks && rows.matches(*id, &self.words);
            if fits && self.hits.insert(*id) {
                come.push(*id);
            }
        }
        if let Some(found) = self.found.as_mut().filter(|_| !come.is_empty()) {
            let come = rows.sorted(come);
            order::merge(found, &come, |a, b| rows.compare_ids(a, b));
            self.version += 1;
        }
    }

    /// Forgets messages that are about to go, until they come back.
    pub fn forget(&mut self, rows: &Rows, gone: &[MessageId]) {
        if let Some(found) = &mut self.found {
            let shown: Vec<MessageId> = gone
                .iter()
                .copied()
                .filter(|id| self.hits.remove(id))
                .collect();
            order::remove(found, &shown, |a, b| rows.compare_ids(a, b));
            self.left.extend(shown);
            self.version += 1;
        }
    }

    /// Whether a message is among what was looked for last.
    pub fn is_hit(&self, id: MessageId) -> bool {
        self.hits.contains(&id)
    }

    /// Goes up with every change to what is found.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// The mistake that is told: while somebody types, not one in what they may not have finished.
    pub fn mistake_told(&self) -> Option<&QueryError> {
        let told = |mistake: &&QueryError| !(self.editing && mistake.unfinished);
        self.mistake.as_ref().filter(told)
    }

    /// The columns of what is typed at which the mistake stands: the first, and how many. What is missing at the end is
    /// where the cursor is.
    pub fn mistake_at(&self) -> Option<(u16, u16)> {
        let mistake = self.mistake_told()?;
        let typed = self.input.value();
        let columns = |from: usize, to: usize| columns_of(typed.get(from..to).unwrap_or_default());
        let at = mistake.at.min(typed.len());
        let end = at.saturating_add(mistake.length).min(typed.len());
        Some((columns(0, at), columns(at, end).max(1)))
    }

    /// What was found; `None` when nothing is looked for.
    pub fn matches(&self) -> Option<&[MessageId]> {
        self.found.as_deref()
    }

    /// Whether nothing is typed.
    pub fn is_blank(&self) -> bool {
        self.input.value().trim().is_empty()
    }

    /// Whether something is looked for: what was found is shown, or an answer is on its way.
    pub fn is_on(&self) -> bool {
        self.is_active() || self.asked.is_some()
    }

    /// Whether what is shown has nothing to do yet with what is typed: none of the answer has come.
    pub fn is_awaited(&self) -> bool {
        self.asked.is_some() && !self.again && !self.guessed && self.coming.is_none()
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

/// The plain words of a search, lower case, all of which a row must have. Fields such as `from:ada` are for the index: on the
/// rows, only what they name counts, where it is text. Of a search with alternatives, or with more turned round than a word,
/// there are none.
pub fn words(text: &str) -> Vec<String> {
    let open = |word: &str| {
        word.eq_ignore_ascii_case("or") || word.starts_with("-(") || word.starts_with("-\"")
    };
    if text.split_whitespace().any(open) {
        return Vec::new();
    }
    let in_a_text = |field: &str| {
        ["from", "subject"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(field))
    };
    text.split_whitespace()
        .filter(|word| !word.starts_with('-'))
        .filter_map(|word| match word.split_once(':') {
            Some((field, rest)) if in_a_text(field) => Some(rest),
            Some((field, _)) if Query::has_field(field) => None,
            _ => Some(word),
        })
        .map(|word| word.trim_matches(['"', '*', '(', ')']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Brief;
    use crate::ui::list::marks::Marks;
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
        for message in [message(1), other, message(3)] {
            rows.merge([Brief::from(&message)], &mut Marks::default());
            rows.keep(message);
        }
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
        assert_eq!(
            words("(ada before:2026-01-01) newer:1w Is:unread FROM:Bob"),
            ["ada", "bob"]
        );
    }

    #[test]
    fn what_the_rows_cannot_tell_is_left_to_the_index() {
        for text in ["ada or bob", "ada OR", "ada -(bob eve)", "-\"a b\" c"] {
            assert_eq!(words(text), [""; 0], "{text}");
        }
    }
}

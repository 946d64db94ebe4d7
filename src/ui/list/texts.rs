use std::collections::VecDeque;

use super::quick::{ById, Ids};
use crate::mail::{Brief, MessageId, MessageSummary};

/// The rows that are here in full: some screens around the cursor and what was seen before, never more than [`KEPT`].
#[derive(Clone, Debug, Default)]
pub struct Texts {
    rows: ById<Box<Text>>,
    /// In the order in which they came, the oldest first.
    queue: VecDeque<MessageId>,
    awaited: Ids,
}

/// A row in full, and what a search on it looks through.
#[derive(Clone, Debug)]
struct Text {
    summary: MessageSummary,
    searched: Box<str>,
}

impl Texts {
    /// Keeps a row in full.
    pub fn keep(&mut self, summary: MessageSummary) {
        let id = summary.id;
        self.awaited.remove(&id);
        let text = Text {
            searched: searchable(&summary),
            summary,
        };
        if self.rows.insert(id, Box::new(text)).is_none() {
            self.queue.push_back(id);
        }
    }

    /// Makes a row say what is known of it in brief.
    pub fn correct(&mut self, brief: &Brief) {
        if let Some(text) = self.rows.get_mut(&brief.id) {
            brief.apply(&mut text.summary);
        }
    }

    /// Forgets the oldest that are too many, but for these.
    pub fn trim(&mut self, but: &[MessageId]) {
        let mut spared = 0;
        while self.rows.len() > KEPT && spared <= but.len() {
            let Some(oldest) = self.queue.pop_front() else {
                return;
            };
            if but.contains(&oldest) {
                self.queue.push_back(oldest);
                spared += 1;
            } else {
                self.rows.remove(&oldest);
            }
        }
    }

    /// A row, if it is here in full.
    pub fn get(&self, id: MessageId) -> Option<&MessageSummary> {
        self.rows.get(&id).map(|text| &text.summary)
    }

    /// Whether a row is here in full.
    pub fn has(&self, id: MessageId) -> bool {
        self.rows.contains_key(&id)
    }

    /// Those of these rows that are neither here nor asked for; from now on they are.
    pub fn missing(&mut self, wanted: impl Iterator<Item = MessageId>) -> Vec<MessageId> {
        wanted
            .filter(|id| !self.rows.contains_key(id) && self.awaited.insert(*id))
            .collect()
    }

    /// Whether a row was asked for and has not come.
    pub fn is_awaited(&self, id: MessageId) -> bool {
        self.awaited.contains(&id)
    }

    /// An answer names a row, whether or not it is kept.
    pub fn has_come(&mut self, id: MessageId) {
        self.awaited.remove(&id);
    }

    /// What was asked for will not come: it may be asked for again.
    pub fn give_up(&mut self) {
        self.awaited.clear();
    }

    /// All that are here, in no order.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = MessageId> + '_ {
        self.rows.keys().copied()
    }

    /// All that are here in full, in no order.
    pub fn summaries(&self) -> impl Iterator<Item = &MessageSummary> {
        self.rows.values().map(|text| &text.summary)
    }

    /// All that are here, the oldest first.
    pub fn into_summaries(mut self) -> impl Iterator<Item = MessageSummary> {
        let queue = std::mem::take(&mut self.queue);
        queue
            .into_iter()
            .filter_map(move |id| self.rows.remove(&id))
            .map(|text| text.summary)
    }

    /// Whether every word occurs in sender, subject or first words; no, if the row is not here. `words` are lower case.
    pub fn matches(&self, id: MessageId, words: &[String]) -> bool {
        let fits = |text: &Text| -> bool {
            words
                .iter()
                .all(|word| text.searched.contains(word.as_str()))
        };
        self.rows.get(&id).is_some_and(|text| fits(text))
    }
}

fn searchable(summary: &MessageSummary) -> Box<str> {
    let parts = [
        summary.from.name.as_str(),
        summary.from.address.as_str(),
        summary.subject.as_str(),
        summary.snippet.as_str(),
    ];
    parts.join("\n").to_lowercase().into_boxed_str()
}

/// So many rows in full are kept, a kilobyte or two each.
pub const KEPT: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    #[test]
    fn the_oldest_go_but_not_those_on_the_screen() {
        let mut texts = Texts::default();
        let most = i64::try_from(KEPT).unwrap();
        (1..=most + 10).for_each(|id| texts.keep(message(id)));
        texts.trim(&[MessageId(1), MessageId(3)]);
        assert_eq!(texts.ids().count(), KEPT);
        let here: Vec<i64> = (1..=14).filter(|id| texts.has(MessageId(*id))).collect();
        assert_eq!(here, [1, 3, 13, 14]);
    }

    #[test]
    fn nothing_is_asked_for_twice() {
        let mut texts = Texts::default();
        texts.keep(message(1));
        let ids = || (1..=3).map(MessageId);
        assert_eq!(texts.missing(ids()), [MessageId(2), MessageId(3)]);
        assert!(texts.missing(ids()).is_empty());
        texts.give_up();
        assert_eq!(texts.missing(ids()).len(), 2);
    }
}

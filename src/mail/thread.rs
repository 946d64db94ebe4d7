//! The tree of a thread: RFC 5256, section 3, `THREAD=REFERENCES`, steps 1 to 4, and of step 5 what a reply whose
//! `References` are lost needs. The same messages give the same tree, in whatever order they came.

use std::collections::HashMap;

use super::{MessageId, Timestamp};

/// A message, as far as its place in a thread depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Which.
    pub id: MessageId,
    /// Its `Message-ID` without angle brackets; may be empty.
    pub message_id: String,
    /// What it answers, the oldest first.
    pub references: Vec<String>,
    /// When it was sent.
    pub date: Timestamp,
    /// Its subject in lower case, without what replying puts in front of it.
    pub subject: String,
    /// Whether its subject says that it is a reply.
    pub is_reply: bool,
}

/// A message in the tree of its thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Which.
    pub id: MessageId,
    /// How many of its ancestors are here: 0 for one that begins the thread.
    pub depth: usize,
    /// Whether no other answer to the same message follows.
    pub last: bool,
    /// For the levels 1 to 31: whether an answer follows to the ancestor on the level above.
    pub rails: u32,
}

/// The messages of a thread as a tree, each behind what it answers, answers by their date.
pub fn tree(mut messages: Vec<Reply>) -> Vec<Branch> {
    messages.sort_by(|a, b| (a.date, &a.message_id, a.id).cmp(&(b.date, &b.message_id, b.id)));
    let mut forest = Forest::new(&messages);
    for (node, message) in messages.iter().enumerate() {
        forest.link(node, &message.references);
    }
    forest.adopt_by_subject(&messages);
    forest.branches(&messages)
}

/// Messages, and behind them the ids that are only known from references, each with what it answers.
struct Forest<'m> {
    known: HashMap<&'m str, usize>,
    parents: Vec<Option<usize>>,
    /// Whether anything answers a node: what nothing answers cannot be made a circle of.
    answered: Vec<bool>,
    messages: usize,
}

impl<'m> Forest<'m> {
    fn new(messages: &'m [Reply]) -> Self {
        let mut known = HashMap::new();
        for (node, message) in messages.iter().enumerate() {
            // Of two messages with the same id the first is the one that is answered.
            if !message.message_id.is_empty() {
                known.entry(message.message_id.as_str()).or_insert(node);
            }
        }
        Self {
            known,
            parents: vec![None; messages.len()],
            answered: vec![false; messages.len()],
            messages: messages.len(),
        }
    }

    /// What a message says of itself counts; what it says of those before it counts while nobody knows better.
    fn link(&mut self, node: usize, references: &'m [String]) {
        let mut before = None;
        for id in references {
            let next = self.parents.len();
            let referred = *self.known.entry(id.as_str()).or_insert(next);
            if referred == next {
                self.parents.push(None);
                self.answered.push(false);
            }
            if let Some(parent) = before
                && self.parent(referred).is_none()
            {
                self.answer(referred, parent);
            }
            before = Some(referred);
        }
        if let Some(parent) = before {
            self.answer(node, parent);
        }
    }

    fn answer(&mut self, child: usize, parent: usize) {
        let answered = self.answered.get(child) == Some(&true);
        let mut above = Some(parent);
        while let Some(node) = above {
            if node == child {
                return;
            }
            above = self.parent(node).filter(|_| answered);
        }
        if let Some(place) = self.parents.get_mut(child) {
            *place = Some(parent);
        }
        if let Some(answered) = self.answered.get_mut(parent) {
            *answered = true;
        }
    }

    fn parent(&self, node: usize) -> Option<usize> {
        self.parents.get(node).copied().flatten()
    }

    /// The nearest ancestor that is here. One that is missing has its answers stand in its place.
    fn parent_here(&self, node: usize) -> Option<usize> {
        let mut above = self.parent(node);
        while let Some(node) = above.filter(|node| *node >= self.messages) {
            above = self.parent(node);
        }
        above
    }

    /// A reply that names nothing answers the last message before it with its subject that is no such reply.
    fn adopt_by_subject(&mut self, messages: &[Reply]) {
        let lost = |message: &Reply| message.is_reply && message.references.is_empty();
        for (node, message) in messages.iter().enumerate().filter(|(_, one)| lost(one)) {
            let answered = messages
                .iter()
                .enumerate()
                .take(node)
                .rev()
                .take(FAR)
                .find(|(_, other)| other.subject == message.subject && !lost(other));
            if let Some((parent, _)) = answered {
                self.answer(node, parent);
            }
        }
    }

    fn branches(&self, messages: &[Reply]) -> Vec<Branch> {
        let mut roots = Vec::new();
        let mut answers: Vec<Vec<usize>> = vec![Vec::new(); messages.len()];
        for node in 0..messages.len() {
            match self
                .parent_here(node)
                .and_then(|parent| answers.get_mut(parent))
            {
                Some(answers) => answers.push(node),
                None => roots.push(node),
            }
        }
        // They are by date already. The last comes off the stack first.
        let begin = roots.iter().rev().map(|node| (*node, 0, true, 0));
        let mut stack: Vec<(usize, usize, bool, u32)> = begin.collect();
        let mut branches = Vec::with_capacity(messages.len());
        while let Some((node, depth, last, rails)) = stack.pop() {
            if let Some(message) = messages.get(node) {
                branches.push(Branch {
                    id: message.id,
                    depth,
                    last,
                    rails,
                });
            }
            let below = if depth > 0 && !last && depth < 32 {
                rails | 1 << depth
            } else {
                rails
            };
            let nodes = answers.get(node).map_or(&[][..], Vec::as_slice);
            for (n, answer) in nodes.iter().rev().enumerate() {
                stack.push((*answer, depth + 1, n == 0, below));
            }
        }
        branches
    }
}

/// So many messages of its thread are looked through for what a reply without references answers.
const FAR: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reply(id: i64, references: &[&str]) -> Reply {
        Reply {
            id: MessageId(id),
            message_id: id.to_string(),
            references: references.iter().map(|id| (*id).to_owned()).collect(),
            date: Timestamp(id),
            subject: "plan".to_owned(),
            is_reply: !references.is_empty(),
        }
    }

    fn shape(messages: Vec<Reply>) -> Vec<(i64, usize)> {
        let branches = tree(messages).into_iter();
        branches.map(|branch| (branch.id.0, branch.depth)).collect()
    }

    #[test]
    fn answers_stand_behind_what_they_answer_by_their_date() {
        let messages = vec![
            reply(1, &[]),
            reply(5, &["1", "2"]),
            reply(2, &["1"]),
            reply(3, &["1"]),
            reply(4, &["1", "2"]),
        ];
        assert_eq!(shape(messages), [(1, 0), (2, 1), (4, 2), (5, 2), (3, 1)]);
    }

    #[test]
    fn what_is_missing_leaves_its_place_to_its_answers() {
        let messages = vec![
            reply(2, &["1"]),
            reply(3, &["1"]),
            reply(4, &["1", "3", "gone", "lost"]),
        ];
        assert_eq!(shape(messages), [(2, 0), (3, 0), (4, 1)]);
    }

    #[test]
    fn what_a_message_says_of_itself_counts_more_than_what_others_say() {
        let messages = vec![
            reply(1, &[]),
            reply(2, &["1"]),
            reply(3, &["2"]),
            reply(4, &["1", "3"]),
        ];
        assert_eq!(shape(messages), [(1, 0), (2, 1), (3, 2), (4, 3)]);
    }

    #[test]
    fn a_circle_is_cut_and_nobody_is_lost() {
        let messages = vec![
            reply(1, &["3"]),
            reply(2, &["1"]),
            reply(3, &["2"]),
            reply(4, &["4"]),
        ];
        assert_eq!(shape(messages), [(3, 0), (1, 1), (2, 2), (4, 0)]);
    }

    #[test]
    fn a_reply_without_references_answers_the_last_message_of_its_subject() {
        let mut lost = reply(4, &[]);
        lost.is_reply = true;
        let mut other = reply(3, &["1"]);
        other.subject = "something else".to_owned();
        let messages = vec![reply(1, &[]), reply(2, &["1"]), other, lost];
        assert_eq!(shape(messages), [(1, 0), (2, 1), (4, 2), (3, 1)]);
    }

    #[test]
    fn rails_run_past_answers_that_are_not_the_last() {
        let messages = vec![
            reply(1, &[]),
            reply(2, &["1"]),
            reply(3, &["1", "2"]),
            reply(4, &["1"]),
        ];
        let rails: Vec<_> = tree(messages)
            .iter()
            .map(|one| (one.last, one.rails))
            .collect();
        assert_eq!(rails, [(true, 0), (false, 0), (true, 2), (true, 0)]);
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_needs_no_stack() {
        let messages: Vec<_> = (0..100_000)
            .map(|id: i64| reply(id, &[&(id - 1).to_string()]))
            .collect();
        assert_eq!(tree(messages).last().map(|one| one.depth), Some(99_999));
    }

    proptest! {
        #[test]
        fn the_same_messages_give_the_same_tree_in_whatever_order(
            links in prop::collection::vec(prop::collection::vec(0..12_i64, 0..4), 1..10),
            seed in any::<u64>(),
        ) {
            let messages: Vec<Reply> = links
                .iter()
                .enumerate()
                .map(|(id, links)| {
                    let links: Vec<String> = links.iter().map(ToString::to_string).collect();
                    reply(id as i64, &links.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            let mut shuffled = messages.clone();
            shuffled.sort_by_key(|one| (one.id.0 as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let branches = tree(messages);
            prop_assert_eq!(branches.len(), links.len());
            prop_assert_eq!(branches, tree(shuffled));
        }
    }
}

//! The order in which what has come goes into the store.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::{Decoded, Note, Raw};
use crate::mail::MessageId;

/// Messages that a person began to wait for when they were on their way into the store already.
#[derive(Clone, Debug, Default)]
pub(super) struct Hurried(Arc<Mutex<HashSet<MessageId>>>);

impl Hurried {
    pub(super) fn all(&self) -> MutexGuard<'_, HashSet<MessageId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These are about to be stored.
    pub(super) fn forget(&self, notes: &[Note]) {
        let mut hurried = self.all();
        if !hurried.is_empty() {
            for id in notes.iter().filter_map(|note| note.expected) {
                hurried.remove(&id);
            }
        }
    }
}

/// What knows which message it is expected to be.
pub(super) trait Expected {
    fn expected(&self) -> Option<MessageId>;
}

impl Expected for Raw {
    fn expected(&self) -> Option<MessageId> {
        self.expected
    }
}

impl Expected for Decoded {
    fn expected(&self) -> Option<MessageId> {
        self.1.expected
    }
}

/// Two queues: what a person waits for, and the rest behind it.
pub(super) struct Lanes<T> {
    first: mpsc::UnboundedReceiver<T>,
    ordinary: mpsc::UnboundedReceiver<T>,
    /// The front of the ordinary queue.
    waiting: VecDeque<T>,
    pub(super) hurried: Hurried,
}

impl<T: Expected> Lanes<T> {
    pub(super) fn new(
        first: mpsc::UnboundedReceiver<T>,
        ordinary: mpsc::UnboundedReceiver<T>,
        hurried: &Hurried,
    ) -> Self {
        Self {
            first,
            ordinary,
            waiting: VecDeque::new(),
            hurried: hurried.clone(),
        }
    }

    /// What is there already, and whether a person waits for it.
    fn at_once(&mut self) -> Option<(T, bool)> {
        if let Ok(next) = self.first.try_recv() {
            return Some((next, true));
        }
        if let Some(next) = self.overtaking() {
            return Some((next, true));
        }
        self.more().map(|next| (next, false))
    }

    /// What else is there already; nothing when something has come that a person waits for.
    pub(super) fn more(&mut self) -> Option<T> {
        if !self.first.is_empty() {
            return None;
        }
        let next = self.waiting.pop_front();
        next.or_else(|| self.ordinary.try_recv().ok())
    }

    /// What a person has begun to wait for since it was queued.
    fn overtaking(&mut self) -> Option<T> {
        let hurried = self.hurried.all();
        if hurried.is_empty() {
            return None;
        }
        while let Ok(next) = self.ordinary.try_recv() {
            self.waiting.push_back(next);
        }
        let is_hurried = |next: &T| next.expected().is_some_and(|id| hurried.contains(&id));
        let place = self.waiting.iter().position(is_hurried)?;
        drop(hurried);
        self.waiting.remove(place)
    }

    pub(super) async fn recv(&mut self) -> Option<(T, bool)> {
        if let Some(next) = self.at_once() {
            return Some(next);
        }
        tokio::select! {
            biased;
            Some(next) = self.first.recv() => Some((next, true)),
            Some(next) = self.ordinary.recv() => Some((next, false)),
            else => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Local, RemoteId};
    use crate::pop3::MessageNumber;

    fn raw(id: i64) -> Raw {
        Raw {
            ledger: None,
            remote: RemoteId::default(),
            listed_octets: 0,
            octets: Vec::new().into(),
            extent: Local::Full,
            number: MessageNumber::new(1).unwrap(),
            expected: Some(MessageId(id)),
        }
    }

    fn lanes() -> (
        mpsc::UnboundedSender<Raw>,
        mpsc::UnboundedSender<Raw>,
        Lanes<Raw>,
    ) {
        let (urgent, first) = mpsc::unbounded_channel();
        let (queue, ordinary) = mpsc::unbounded_channel();
        let lanes = Lanes::new(first, ordinary, &Hurried::default());
        (urgent, queue, lanes)
    }

    fn taken(next: Option<(Raw, bool)>) -> Option<(i64, bool)> {
        let (raw, person) = next?;
        Some((raw.expected?.0, person))
    }

    #[tokio::test]
    async fn what_a_person_begins_to_wait_for_overtakes_what_was_queued_before_it() {
        let (_urgent, queue, mut lanes) = lanes();
        for id in 1..=4 {
            queue.send(raw(id)).unwrap();
        }
        assert_eq!(taken(lanes.recv().await), Some((1, false)));
        lanes.hurried.all().insert(MessageId(3));
        assert_eq!(taken(lanes.recv().await), Some((3, true)));
        assert_eq!(taken(lanes.recv().await), Some((2, false)));
        assert_eq!(taken(lanes.recv().await), Some((4, false)));
        drop(queue);
    }

    #[tokio::test]
    async fn nothing_more_is_gathered_once_something_has_come_that_a_person_waits_for() {
        let (urgent, queue, mut lanes) = lanes();
        for id in 1..=3 {
            queue.send(raw(id)).unwrap();
        }
        assert_eq!(taken(lanes.recv().await), Some((1, false)));
        assert!(lanes.more().is_some());
        urgent.send(raw(9)).unwrap();
        assert!(lanes.more().is_none());
        assert_eq!(taken(lanes.recv().await), Some((9, true)));
        assert_eq!(taken(lanes.recv().await), Some((3, false)));
    }
}

use crate::bridge::Ticket;
use crate::mail::{Brief, Change, MessageId};

/// Something that was done to messages and can be undone.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Under which tickets the engine was told first; a refusal names one.
    pub tickets: Vec<Ticket>,
    /// What it was, for a person: `Deleted "Dinner on Sunday?"`.
    pub name: String,
    /// What was done.
    pub changes: Vec<(Vec<MessageId>, Change)>,
    /// What brings it back.
    pub inverse: Vec<(Vec<MessageId>, Change)>,
    /// The rows as they were before.
    pub before: Vec<Brief>,
}

/// What was done, and what was undone: without a limit and without a timer.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Deed>,
    undone: Vec<Deed>,
}

impl History {
    /// Remembers a new deed; what was undone before it can no longer be done again.
    pub fn push(&mut self, deed: Deed) {
        self.undone.clear();
        self.done.push(deed);
    }

    /// The last deed, to be taken back.
    pub fn undo(&mut self) -> Option<&Deed> {
        let deed = self.done.pop()?;
        self.undone.push(deed);
        self.undone.last()
    }

    /// The last deed taken back, to be done again.
    pub fn redo(&mut self) -> Option<&Deed> {
        let deed = self.undone.pop()?;
        self.done.push(deed);
        self.done.last()
    }

    /// Forgets the deed that the engine refused under this ticket. One of which only a part was refused can still be undone.
    pub fn forget(&mut self, ticket: Ticket) {
        self.done.retain(|deed| deed.tickets != [ticket]);
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

//! What an account's task is asked to do, and what of it is still to be done.

use std::collections::{HashSet, VecDeque};

use super::apply::Agreed;
use crate::bridge::{SyncMode, Ticket};
use crate::mail::{MessageId, View};

/// What an account's task is asked to do.
#[derive(Debug)]
pub(super) enum Request {
    /// Fetch what is new.
    Sync {
        ticket: Option<Ticket>,
        mode: SyncMode,
    },
    /// A person waits for a message.
    Want(Want),
    /// Delete on the server.
    Apply {
        ticket: Ticket,
        ids: Vec<MessageId>,
        lose: Vec<MessageId>,
    },
    /// Stop what this ticket began, or everything.
    Cancel(Option<Ticket>),
    /// The person has looked at what put the brake on.
    ReleaseBrake(Ticket),
}

/// A message that a person waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) ticket: Ticket,
    pub(super) message: MessageId,
    pub(super) how: How,
}

/// What the person wants of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// To read it.
    Open { view: View, width: u16 },
    /// To see its beginning.
    Peek { lines: u32, width: u16 },
    /// To have it here.
    Fetch,
}

/// What is still to be done.
#[derive(Debug, Default)]
pub(super) struct Errands {
    /// Syncs that wait for a session of their own: one that listed before they were asked for cannot answer them.
    pub(super) syncs: Vec<(Option<Ticket>, SyncMode)>,
    /// Syncs that the session under way answers.
    pub(super) serving: Vec<(Option<Ticket>, SyncMode)>,
    /// Messages that a person waits for.
    pub(super) wants: VecDeque<Want>,
    /// Deletions that were agreed to.
    pub(super) applies: VecDeque<(Ticket, Agreed)>,
    /// Tickets of fetches, each with the messages that are missing.
    pub(super) fetches: Vec<(Ticket, HashSet<MessageId>)>,
}

impl Errands {
    pub(super) fn is_empty(&self) -> bool {
        self.syncs.is_empty()
            && self.serving.is_empty()
            && self.wants.is_empty()
            && self.applies.is_empty()
    }

    /// Nothing is left for the session under way.
    pub(super) fn is_idle(&self) -> bool {
        self.serving.is_empty() && self.wants.is_empty()
    }

    /// The session under way is about to list: it answers every sync that was asked for until now.
    pub(super) fn serve(&mut self) {
        self.serving.append(&mut self.syncs);
    }

    /// The most that any of the syncs wants that this session answers; `None` when it answers none.
    pub(super) fn mode(&self) -> Option<SyncMode> {
        let rank = |mode: &SyncMode| match mode {
            SyncMode::Check => 0,
            SyncMode::DryRun => 1,
            SyncMode::Headers => 2,
            SyncMode::Full => 3,
        };
        self.serving.iter().map(|(_, mode)| *mode).max_by_key(rank)
    }
}

impl How {
    pub(super) fn is_fetch(self) -> bool {
        matches!(self, Self::Fetch)
    }
}

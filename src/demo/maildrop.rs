//! The maildrop: messages that outlive sessions, and the window through which tests look and meddle.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;

use super::{
    lease::Visit,
    message::Message,
    records::{Phase, Removal, Removed, SessionRecord},
};

/// A mailbox that sessions share. Cloning gives another handle to the same mailbox; every method may be called
/// while it is being served, and takes effect for sessions that log in afterwards.
#[derive(Clone, Debug)]
pub struct Maildrop {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    open: watch::Sender<usize>,
}

/// What is in the maildrop and what happened to it.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Sorted by id. Sessions hold clones of the `Arc`, so that their numbers never move.
    pub(super) entries: Arc<Vec<Entry>>,
    /// Sessions in TRANSACTION.
    pub(super) holders: usize,
    pub(super) removed: Vec<Removed>,
    sessions: Vec<SessionRecord>,
    commands: VecDeque<String>,
    violations: Vec<String>,
    next_id: u32,
    epoch: u32,
}

/// A message in the maildrop.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Grows with every delivery, never given twice.
    pub(super) id: u32,
    epoch: u32,
    given: Option<Box<[u8]>>,
    pub(super) message: Message,
}

impl Maildrop {
    /// A maildrop with these messages, the first as number 1.
    pub fn new(messages: Vec<Message>) -> Self {
        Self::with_epoch(messages, 1)
    }

    /// The same with the part of the unique-ids that all messages share.
    pub(super) fn with_epoch(messages: Vec<Message>, epoch: u32) -> Self {
        let mut state = State {
            epoch,
            entries: Arc::new(Vec::with_capacity(messages.len())),
            ..State::default()
        };
        for message in messages {
            state.append(message, None);
        }
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                open: watch::Sender::new(0),
            }),
        }
    }

    /// Adds a message at the end and returns its unique-id.
    pub fn deliver(&self, octets: impl Into<Vec<u8>>) -> Vec<u8> {
        self.state().append(Message::new(octets), None)
    }

    /// Adds a message at the end under a unique-id of your choice, used before, used twice or malformed.
    pub fn deliver_as(&self, uidl: &[u8], octets: impl Into<Vec<u8>>) {
        self.state().append(Message::new(octets), Some(uidl.into()));
    }

    /// Takes every message with this unique-id out, as another program would; false when there was none.
    pub fn remove(&self, uidl: &[u8]) -> bool {
        let mut state = self.state();
        let ids: Vec<u32> = state
            .entries
            .iter()
            .filter(|entry| *entry.uidl() == *uidl)
            .map(|entry| entry.id)
            .collect();
        state.take_out(&ids, Removal::Elsewhere);
        !ids.is_empty()
    }

    /// Gives every message another unique-id, as a server does after its index was rebuilt.
    pub fn replace_uidls(&self) {
        let mut state = self.state();
        state.epoch = state.epoch.wrapping_add(1);
        let epoch = state.epoch;
        for entry in Arc::make_mut(&mut state.entries) {
            entry.epoch = epoch;
            entry.given = None;
        }
    }

    /// The unique-ids of all messages, in the order of their numbers.
    pub fn uidls(&self) -> Vec<Vec<u8>> {
        let entries = Arc::clone(&self.state().entries);
        entries
            .iter()
            .map(|entry| entry.uidl().into_owned())
            .collect()
    }

    /// All messages, in the order of their numbers.
    pub fn messages(&self) -> Vec<Message> {
        let entries = Arc::clone(&self.state().entries);
        entries.iter().map(|entry| entry.message.clone()).collect()
    }

    /// What was removed, by whom, in the order it happened.
    pub fn removed(&self) -> Vec<Removed> {
        self.state().removed.clone()
    }

    /// Every session so far.
    pub fn sessions(&self) -> Vec<SessionRecord> {
        self.state().sessions.clone()
    }

    /// The command lines of all sessions in the order of their arrival, passwords and SASL responses as `***`.
    /// Only the latest 65,536 are kept.
    pub fn commands(&self) -> Vec<String> {
        self.state().commands.iter().cloned().collect()
    }

    /// What clients did that the protocol forbids: a command of another state, a line over 255 octets, arguments
    /// that are none. A client of good manners leaves this empty.
    pub fn violations(&self) -> Vec<String> {
        self.state().violations.clone()
    }

    /// Waits until no session is open.
    pub async fn idle(&self) {
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = self
            .shared
            .open
            .subscribe()
            .wait_for(|open| *open == 0)
            .await;
    }

    /// Lets a session in, in the AUTHORIZATION state.
    pub(super) fn admit(&self) -> Visit {
        let mut state = self.state();
        let id = state.sessions.len() as u64 + 1;
        state.sessions.push(SessionRecord {
            id,
            phase: Phase::Authorization,
        });
        drop(state);
        self.shared.open.send_modify(|open| *open += 1);
        Visit::new(self.clone(), id)
    }

    pub(super) fn see_out(&self) {
        self.shared
            .open
            .send_modify(|open| *open = open.saturating_sub(1));
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while it holds the lock, and the data would still be whole if one did.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Removes the messages with these ids, which are in ascending order.
    pub(super) fn take_out(&mut self, ids: &[u32], by: Removal) {
        if ids.is_empty() {
            return;
        }
        let removed = &mut self.removed;
        Arc::make_mut(&mut self.entries).retain(|entry| {
            let gone = ids.binary_search(&entry.id).is_ok();
            if gone {
                removed.push(Removed {
                    uidl: entry.uidl().into_owned(),
                    by,
                });
            }
            !gone
        });
    }

    pub(super) fn set_phase(&mut self, session: u64, phase: Phase) {
        if let Some(record) = self
            .sessions
            .iter_mut()
            .rfind(|record| record.id == session)
        {
            record.phase = phase;
        }
    }

    pub(super) fn phase(&self, session: u64) -> Option<Phase> {
        let mut newest_first = self.sessions.iter().rev();
        newest_first
            .find(|record| record.id == session)
            .map(|record| record.phase)
    }

    pub(super) fn log(&mut self, command: String) {
        if self.commands.len() == MOST_COMMANDS {
            self.commands.pop_front();
        }
        self.commands.push_back(command);
    }

    pub(super) fn complain(&mut self, violation: String) {
        if self.violations.len() < MOST_VIOLATIONS {
            self.violations.push(violation);
        }
    }

    pub(super) fn holds(&self, id: u32) -> bool {
        self.entries
            .binary_search_by_key(&id, |entry| entry.id)
            .is_ok()
    }

    fn append(&mut self, message: Message, given: Option<Box<[u8]>>) -> Vec<u8> {
        self.next_id += 1;
        let entry = Entry {
            id: self.next_id,
            epoch: self.epoch,
            given,
            message,
        };
        let uidl = entry.uidl().into_owned();
        Arc::make_mut(&mut self.entries).push(entry);
        uidl
    }
}

impl Entry {
    pub(super) fn uidl(&self) -> Cow<'_, [u8]> {
        match &self.given {
            Some(given) => Cow::Borrowed(given),
            None => Cow::Owned(format!("{:08x}{:08x}", self.id, self.epoch).into_bytes()),
        }
    }
}

const MOST_COMMANDS: usize = 65_536;
const MOST_VIOLATIONS: usize = 1_024;

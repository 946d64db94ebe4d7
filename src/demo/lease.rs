//! A session's stay in the maildrop: before the login a [`Visit`], after it also a [`Lease`].

use std::{collections::BTreeSet, sync::Arc};

use super::{
    maildrop::{Entry, Maildrop},
    quirks::Quirks,
    records::{Phase, Removal},
};

/// A session that is open. Dropping it ends the session; without QUIT a good server removes nothing.
#[derive(Debug)]
pub(super) struct Visit {
    maildrop: Maildrop,
    id: u64,
}

/// Another session holds the maildrop.
#[derive(Debug)]
pub(super) struct InUse;

/// Why a message number names no message.
#[derive(Debug)]
pub(super) enum Missing {
    /// There never was such a number in this session.
    NoSuch,
    /// Marked as deleted in this session.
    Marked,
    /// Removed by somebody else meanwhile.
    Expunged,
}

/// The maildrop as one session sees it: numbers that do not move, and its own deletion marks.
#[derive(Debug)]
pub(super) struct Lease {
    maildrop: Maildrop,
    session: u64,
    entries: Arc<Vec<Entry>>,
    /// Positions from 0.
    marked: BTreeSet<usize>,
    retrieved: BTreeSet<usize>,
    updates_without_quit: bool,
}

impl Visit {
    pub(super) fn new(maildrop: Maildrop, id: u64) -> Self {
        Self { maildrop, id }
    }

    pub(super) fn log(&self, command: String) {
        self.maildrop.state().log(command);
    }

    pub(super) fn complain(&self, violation: String) {
        self.maildrop.state().complain(violation);
    }

    /// Enters TRANSACTION. Other sessions may be there already only where the server lets several in.
    pub(super) fn open(&self, quirks: &Quirks) -> Result<Lease, InUse> {
        let mut state = self.maildrop.state();
        if state.holders > 0 && !quirks.several_sessions {
            return Err(InUse);
        }
        state.holders += 1;
        state.set_phase(self.id, Phase::Transaction);
        Ok(Lease {
            maildrop: self.maildrop.clone(),
            session: self.id,
            entries: Arc::clone(&state.entries),
            marked: BTreeSet::new(),
            retrieved: BTreeSet::new(),
            updates_without_quit: quirks.updates_without_quit,
        })
    }

    /// QUIT in AUTHORIZATION.
    pub(super) fn leave(&self) {
        self.maildrop.state().set_phase(self.id, Phase::Left);
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut state = self.maildrop.state();
        if let Some(Phase::Authorization | Phase::Transaction) = state.phase(self.id) {
            state.set_phase(self.id, Phase::Cut);
        }
        drop(state);
        self.maildrop.see_out();
    }
}

impl Lease {
    /// Marks a message as deleted.
    pub(super) fn mark(&mut self, number: u64) -> Result<(), Missing> {
        let index = self.find(number)?;
        self.marked.insert(index);
        Ok(())
    }

    /// Takes all marks back.
    pub(super) fn unmark_all(&mut self) {
        self.marked.clear();
    }

    /// The message with this number, for sending all of it.
    pub(super) fn retrieve(&mut self, number: u64) -> Result<&Entry, Missing> {
        let index = self.find(number)?;
        self.retrieved.insert(index);
        self.entries.get(index).ok_or(Missing::NoSuch)
    }

    /// The message with this number.
    pub(super) fn entry(&self, number: u64) -> Result<&Entry, Missing> {
        let index = self.find(number)?;
        self.entries.get(index).ok_or(Missing::NoSuch)
    }

    /// The message with this number as the session first saw it, marked or removed or not.
    pub(super) fn entry_as_listed(&self, number: u64) -> Option<&Entry> {
        let index = usize::try_from(number).ok()?.checked_sub(1)?;
        self.entries.get(index)
    }

    /// The number of the first unmarked message at this number or after it.
    pub(super) fn next_from(&self, number: u64) -> Option<u64> {
        let first = usize::try_from(number.checked_sub(1)?).ok()?;
        let index = (first..self.entries.len()).find(|index| !self.marked.contains(index))?;
        Some(index as u64 + 1)
    }

    /// Unmarked messages and the sum of their octets.
    pub(super) fn totals(&self) -> (usize, u64) {
        let octets = self
            .entries
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.marked.contains(index))
            .map(|(_, entry)| entry.message.octets())
            .sum();
        (self.entries.len() - self.marked.len(), octets)
    }

    /// The UPDATE state: removes what is marked and, on a server that does not keep mail, what was retrieved.
    pub(super) fn update(self, expire_retrieved: bool) {
        let mut state = self.maildrop.state();
        let marked = self.ids(&self.marked);
        state.take_out(&marked, Removal::Deleted(self.session));
        if expire_retrieved {
            let retrieved = self.ids(&self.retrieved);
            state.take_out(&retrieved, Removal::Expired(self.session));
        }
        state.set_phase(self.session, Phase::Updated);
    }

    fn ids(&self, indexes: &BTreeSet<usize>) -> Vec<u32> {
        indexes
            .iter()
            .filter_map(|index| Some(self.entries.get(*index)?.id))
            .collect()
    }

    fn find(&self, number: u64) -> Result<usize, Missing> {
        let index = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1))
            .ok_or(Missing::NoSuch)?;
        let entry = self.entries.get(index).ok_or(Missing::NoSuch)?;
        if self.marked.contains(&index) {
            return Err(Missing::Marked);
        }
        if !self.maildrop.state().holds(entry.id) {
            return Err(Missing::Expunged);
        }
        Ok(index)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut state = self.maildrop.state();
        if self.updates_without_quit {
            // Behind QUIT, nothing of it is left.
            state.take_out(&self.ids(&self.marked), Removal::Deleted(self.session));
        }
        state.holders = state.holders.saturating_sub(1);
    }
}

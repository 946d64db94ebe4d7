//! Octets that wait to be sent.

use secrecy::zeroize::{Zeroize, Zeroizing};

/// Encoded commands, wiped once they are sent or dropped, since a password may be among them.
#[derive(Default)]
pub(super) struct Outbox {
    octets: Zeroizing<Vec<u8>>,
    start: usize,
}

impl Outbox {
    /// Appends a command. Growing moves the octets, so room is made here and the old place is wiped.
    pub(super) fn push(&mut self, command: &[u8]) {
        let needed = self.octets.len().saturating_add(command.len());
        if needed > self.octets.capacity() {
            let mut roomy = Zeroizing::new(Vec::with_capacity(needed.saturating_mul(2).max(ROOM)));
            roomy.extend_from_slice(&self.octets);
            self.octets = roomy;
        }
        self.octets.extend_from_slice(command);
    }

    pub(super) fn unsent(&self) -> &[u8] {
        self.octets.get(self.start..).unwrap_or_default()
    }

    /// The first `count` unsent octets are sent.
    pub(super) fn advance(&mut self, count: usize) {
        let end = self.start.saturating_add(count).min(self.octets.len());
        if let Some(sent) = self.octets.get_mut(self.start..end) {
            sent.zeroize();
        }
        self.start = end;
        if self.start == self.octets.len() {
            self.octets.clear();
            self.start = 0;
        }
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        let octets = self.unsent().to_vec();
        self.clear();
        octets
    }

    pub(super) fn clear(&mut self) {
        self.octets.zeroize();
        self.start = 0;
    }
}

/// Enough for a pipeline of many commands.
const ROOM: usize = 4096;

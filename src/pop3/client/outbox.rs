//! Octets that wait to be sent.

use secrecy::zeroize::{Zeroize, Zeroizing};

/// Encoded commands, wiped once they are sent or dropped, since a password may be among them.
#[derive(Default)]
pub(super) struct Outbox {
    octets: Zeroizing<Vec<u8>>,
    start: usize,
}

impl Outbox {
    /// Where to append a command.
    pub(super) fn octets(&mut self) -> &mut Vec<u8> {
        &mut self.octets
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

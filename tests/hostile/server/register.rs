//! What all connections of a server share: who is there, what was asked, and what was wrong with it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::behaviour::Sharing;

/// What all connections of a server share.
#[derive(Debug, Default)]
pub(crate) struct Register {
    ended: AtomicU64,
    commands: Mutex<Vec<String>>,
    violations: Mutex<Vec<String>>,
    wires: Mutex<Vec<Count>>,
}

/// The octets of one connection, within TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) sent: u64,
    pub(crate) heard: u64,
}

/// One session's place in it.
#[derive(Debug)]
pub(crate) struct Guest {
    register: Arc<Register>,
    /// How many had ended when it came.
    before: u64,
    here: bool,
}

impl Register {
    pub(crate) fn enter(self: &Arc<Self>) -> Guest {
        Guest {
            register: Arc::clone(self),
            before: self.ended.load(Ordering::SeqCst),
            here: true,
        }
    }

    /// Remembers a command line.
    pub(crate) fn log(&self, line: &str) {
        let mut commands = self.commands.lock().expect("the commands");
        if commands.len() < MOST_COMMANDS {
            commands.push(line.to_owned());
        }
    }

    pub(crate) fn complain(&self, violations: Vec<String>) {
        let mut all = self.violations.lock().expect("the violations");
        all.extend(violations);
    }

    pub(crate) fn carried(&self, count: Count) {
        self.wires.lock().expect("the wires").push(count);
    }

    /// The command lines of all sessions so far.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.commands.lock().expect("the commands").clone()
    }

    /// What clients did that they should not.
    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.lock().expect("the violations").clone()
    }

    /// The octets of the connections that have ended, in the order of their ends.
    pub(crate) fn wires(&self) -> Vec<Count> {
        self.wires.lock().expect("the wires").clone()
    }
}

impl Guest {
    pub(crate) fn is_cut(&self, sharing: Sharing, verb: &str) -> bool {
        let ended = self.register.ended.load(Ordering::SeqCst) - self.before;
        sharing.cuts(ended, verb)
    }

    pub(crate) fn leaves(&mut self) {
        if std::mem::take(&mut self.here) {
            self.register.ended.fetch_add(1, Ordering::SeqCst);
        }
    }
}

const MOST_COMMANDS: usize = 65_536;

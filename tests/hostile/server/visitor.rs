//! A client in memory: another program that is in the maildrop, without a socket and at once.

use std::sync::Arc;

use poppet::demo::{Maildrop, Step, Tls};

use super::behaviour::Behaviour;
use super::dialogue::Dialogue;
use super::register::Register;

/// Somebody who speaks with the server line by line.
pub(crate) struct Visitor {
    dialogue: Dialogue,
    out: Vec<u8>,
}

impl Visitor {
    /// Comes, and hears the greeting.
    pub(crate) fn new(
        maildrop: &Maildrop,
        behaviour: &Arc<Behaviour>,
        register: &Arc<Register>,
    ) -> Self {
        let (behaviour, register) = (Arc::clone(behaviour), Arc::clone(register));
        let nonce = "visitor".to_owned();
        let mut dialogue = Dialogue::new(maildrop, behaviour, register, nonce, Tls::Unavailable);
        let mut out = Vec::new();
        dialogue.greet(&mut out);
        Self { dialogue, out }
    }

    /// Comes to a server that is as it is by default, and logs in.
    pub(crate) fn logged_in(maildrop: &Maildrop, behaviour: Behaviour) -> Self {
        let mut visitor = Self::new(maildrop, &Arc::new(behaviour), &Arc::default());
        visitor.say("USER demo");
        visitor.say("PASS demo");
        visitor
    }

    /// Sends a line, and gives everything that the server says then.
    pub(crate) fn say(&mut self, line: &str) -> String {
        String::from_utf8_lossy(self.octets(line)).into_owned()
    }

    /// The same as it comes.
    pub(crate) fn octets(&mut self, line: &str) -> &[u8] {
        self.out.clear();
        self.dialogue.written();
        self.dialogue.feed(format!("{line}\r\n").as_bytes());
        while self.dialogue.step(&mut self.out) == Step::Onward {}
        &self.out
    }
}

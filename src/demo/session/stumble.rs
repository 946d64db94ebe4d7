//! Servers that lose count of commands and answers, above all of commands that arrive together.

use std::time::Duration;

use super::super::quirks::Pipelined;
use super::{Session, State, ok};

impl Session {
    /// Loses a command where too many wait.
    pub(super) fn lose(&mut self) {
        let rest = self.input.get(self.done..).unwrap_or_default();
        if let Pipelined::LostBeyond(most) = self.quirks.pipelined
            && self.waiting() > most
            && let Some(next) = memchr::memchr(b'\n', rest)
        {
            self.done += next + 1;
        }
    }

    /// Commands that have arrived and were not looked at.
    fn waiting(&self) -> usize {
        let rest = self.input.get(self.done..).unwrap_or_default();
        memchr::memchr_iter(b'\n', rest).count()
    }

    /// How much later than at once the answer under way comes.
    pub(in crate::demo) fn late(&self) -> Duration {
        self.late
    }

    /// For how long the maildrop stays in use when the connection is lost now.
    pub(in crate::demo) fn lets_go_after(&self) -> Duration {
        match self.state {
            State::Transaction(_) => self.quirks.lets_go_after,
            _ => Duration::ZERO,
        }
    }

    /// Says something that nobody asked for, if it is time, before the next command is looked at.
    pub(super) fn stray(&mut self, out: &mut Vec<u8>) -> bool {
        let rest = self.input.get(self.done..).unwrap_or_default();
        let verb = self.quirks.stray.filter(|verb| {
            rest.starts_with(verb.as_bytes()) && memchr::memchr(b'\n', rest).is_some()
        });
        let Some(verb) = verb.filter(|verb| !self.counts.contains_key(*verb)) else {
            return false;
        };
        // So that it is said once.
        self.counts.insert(verb.to_owned(), 0);
        self.late = Duration::ZERO;
        ok(out, "");
        true
    }

    /// What a server does that does not expect commands to arrive together. `before`: where in `out` the answer begins.
    pub(super) fn stumble(&mut self, line: &[u8], before: usize, out: &mut Vec<u8>) {
        if self.waiting() == 0 {
            return;
        }
        match self.quirks.pipelined {
            Pipelined::Honest | Pipelined::LostBeyond(_) => {}
            Pipelined::HungUp => self.state = State::Over,
            Pipelined::Garbled => out.extend_from_slice(b"? one at a time\r\n"),
            Pipelined::AnsweredTwice(verb) => {
                if line.starts_with(verb.as_bytes()) && self.counts.get(verb) == Some(&1) {
                    out.extend_from_within(before..);
                }
            }
        }
    }
}

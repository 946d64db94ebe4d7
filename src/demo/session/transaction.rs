//! The TRANSACTION state: STAT, LIST, RETR, DELE, NOOP, RSET, TOP and UIDL.

use super::{
    Command, Session, State,
    answer::{Answer, size, unique_id},
    err, ok,
};
use crate::demo::lease::{Lease, Missing};

impl Session {
    pub(super) fn transact(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        match command.verb.as_str() {
            "STAT" | "NOOP" | "RSET" => self.without_argument(command, out),
            "LIST" => self.listing(command, Answer::List(1), out),
            "UIDL" if !self.quirks.no_uidl => self.listing(command, Answer::Uidl(1), out),
            "RETR" => self.retr(command, out),
            "TOP" if !self.quirks.no_top => self.top(command, out),
            "DELE" => self.dele(command, out),
            _ => self.fault(command, "unknown command in TRANSACTION", out),
        }
    }

    fn without_argument(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        if command.argument.is_some() {
            return self.fault(command, "this command takes no argument", out);
        }
        let Some(lease) = self.lease() else { return };
        match command.verb.as_str() {
            "STAT" => {
                let (messages, octets) = lease.totals();
                ok(out, &format!("{messages} {octets}"));
            }
            "RSET" => {
                lease.unmark_all();
                ok(out, "");
            }
            _ => ok(out, ""),
        }
    }

    /// LIST and UIDL, of one message or of all.
    fn listing(&mut self, command: &Command<'_>, all: Answer, out: &mut Vec<u8>) {
        if command.argument.is_none() {
            ok(out, "");
            self.answer = Some(all);
            return;
        }
        let Some(number) = only_number(command) else {
            return self.fault(command, "not a message number", out);
        };
        let Some(lease) = self.lease() else { return };
        if let Err(missing) = lease.entry(number) {
            return self.missing(command, &missing, out);
        }
        let quirks = std::sync::Arc::clone(&self.quirks);
        let Some(lease) = self.lease() else { return };
        out.extend_from_slice(b"+OK ");
        match all {
            Answer::Uidl(_) => unique_id(lease, number, &quirks, out),
            _ => size(lease, number, &quirks, out),
        }
    }

    fn retr(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let Some(number) = only_number(command) else {
            return self.fault(command, "not a message number", out);
        };
        if self.quirks.refuse_retr.contains(&number) {
            return err(out, "this message cannot be read");
        }
        if self.needs_utf8(number) {
            return err(out, "[UTF8] this message needs UTF8");
        }
        let Some(lease) = self.lease() else { return };
        match lease.retrieve(number) {
            Ok(entry) => {
                let chunks = entry.message.chunks();
                ok(out, &format!("{} octets", entry.message.octets()));
                self.answer = Some(Answer::message(chunks, None));
            }
            Err(missing) => self.missing(command, &missing, out),
        }
    }

    fn top(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let numbers: Vec<_> = command.words().into_iter().map(number).collect();
        let [Some(number), Some(lines)] = numbers.as_slice() else {
            return self.fault(command, "TOP needs a message number and a line count", out);
        };
        if self.needs_utf8(*number) {
            return err(out, "[UTF8] this message needs UTF8");
        }
        let lines = (!self.quirks.top_returns_everything).then_some(*lines);
        let Some(lease) = self.lease() else { return };
        match lease.entry(*number) {
            Ok(entry) => {
                let chunks = entry.message.chunks();
                ok(out, "");
                self.answer = Some(Answer::message(chunks, lines));
            }
            Err(missing) => self.missing(command, &missing, out),
        }
    }

    fn dele(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        let Some(number) = only_number(command) else {
            return self.fault(command, "not a message number", out);
        };
        let Some(lease) = self.lease() else { return };
        match lease.mark(number) {
            Ok(()) => ok(out, &format!("message {number} will be removed")),
            Err(missing) => self.missing(command, &missing, out),
        }
    }

    fn needs_utf8(&self, number: u64) -> bool {
        !self.utf8 && self.quirks.needs_utf8.contains(&number)
    }

    fn missing(&mut self, command: &Command<'_>, missing: &Missing, out: &mut Vec<u8>) {
        match missing {
            Missing::NoSuch => self.fault(command, "no such message", out),
            Missing::Marked => self.fault(command, "this message is marked as deleted", out),
            // Not the client's fault: it could not know.
            Missing::Expunged => err(out, "this message was removed meanwhile"),
        }
    }

    fn lease(&mut self) -> Option<&mut Lease> {
        match &mut self.state {
            State::Transaction(lease) => Some(lease),
            _ => None,
        }
    }
}

fn only_number(command: &Command<'_>) -> Option<u64> {
    match command.words().as_slice() {
        [word] => number(word),
        _ => None,
    }
}

/// An unsigned decimal number; no sign, no blank.
fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() || !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

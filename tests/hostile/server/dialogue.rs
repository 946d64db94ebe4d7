//! One connection without I/O: the embedded server's session, with what is done to its answers, and the checker.

use std::collections::HashMap;
use std::sync::Arc;

use poppet::demo::{Maildrop, Session, Step, Tls};

use super::behaviour::{Act, Behaviour, Sharing};
use super::checker::Checker;
use super::register::{Guest, Register};

/// A session of the embedded server as a client meets it.
pub(crate) struct Dialogue {
    session: Session,
    behaviour: Arc<Behaviour>,
    checker: Checker,
    register: Arc<Register>,
    guest: Guest,
    /// What has come and was not given to the session. Where commands are looked at together, nothing.
    input: Vec<u8>,
    input_ended: bool,
    /// Commands so far.
    count: u32,
    counts: HashMap<String, u32>,
    /// The command that is being answered.
    verb: String,
    words: String,
    begun: bool,
    /// An answer that is held back until it is complete, because it becomes another one.
    held: Option<(Act, Vec<u8>)>,
    /// The next line is a response of SASL.
    responding: bool,
    silent: bool,
    over: bool,
}

impl Dialogue {
    /// A session that begins now. `nonce`: what the server would draw by lot.
    pub(crate) fn new(
        maildrop: &Maildrop,
        behaviour: Arc<Behaviour>,
        register: Arc<Register>,
        nonce: String,
        tls: Tls,
    ) -> Self {
        let quirks = behaviour.quirks();
        let session = Session::begin(maildrop, ("demo", "demo"), quirks, nonce, tls);
        Self {
            session,
            behaviour,
            checker: Checker::new(),
            guest: register.enter(),
            register,
            input: Vec::new(),
            input_ended: false,
            count: 0,
            counts: HashMap::new(),
            verb: String::new(),
            words: String::new(),
            begun: false,
            held: None,
            responding: false,
            silent: false,
            over: false,
        }
    }

    /// Appends the greeting.
    pub(crate) fn greet(&mut self, out: &mut Vec<u8>) {
        let mut greeting = Vec::new();
        self.session.greet(&mut greeting);
        match self.behaviour.act(0, 0, "", "").cloned() {
            None => out.extend_from_slice(&greeting),
            Some(act) => self.finish(act, greeting, out),
        }
    }

    /// Takes octets from the client, those of one read.
    pub(crate) fn feed(&mut self, octets: &[u8]) {
        if self.behaviour.wire.whole_commands && !octets.ends_with(b"\n") {
            self.over = true;
        }
        if self.together() {
            // Which answer is whose is not known then, and nothing can be said of the client.
            self.session.feed(octets);
        } else {
            self.checker.heard(octets);
            self.input.extend_from_slice(octets);
        }
    }

    /// The client will send nothing more.
    pub(crate) fn end_input(&mut self) {
        self.input_ended = true;
        if !self.input.contains(&b'\n') {
            self.session.feed(&self.input);
            self.input.clear();
            self.session.end_input();
        }
    }

    /// Everything was written.
    pub(crate) fn written(&mut self) {
        self.checker.answered();
    }

    /// TLS is in place.
    pub(crate) fn secured(&mut self) {
        self.checker.secured(self.input.len());
        self.input.clear();
        self.session.secured();
    }

    /// Appends the next piece of what the client gets.
    pub(crate) fn step(&mut self, out: &mut Vec<u8>) -> Step {
        if self.over {
            return Step::Finished;
        }
        let mut piece = Vec::new();
        let step = self.session.step(&mut piece);
        self.pass_on(&piece, out);
        if step == Step::Input {
            self.answer_ends(out);
            if self.over {
                return Step::Finished;
            }
            return self.next_command(out);
        }
        if matches!(step, Step::Finished | Step::StartTls) {
            self.answer_ends(out);
        }
        step
    }

    fn pass_on(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        if let Some((_, held)) = &mut self.held {
            return held.extend_from_slice(piece);
        }
        self.say(piece, out);
    }

    /// Octets that the client gets, unless nothing is said any more.
    fn say(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.silent {
            return;
        }
        if !self.begun && (self.verb == "AUTH" || self.responding) {
            self.responding = piece.starts_with(b"+ ");
        }
        let (verb, words) = (&self.verb, &self.words);
        self.checker.said(verb, words, piece, !self.begun);
        self.begun = true;
        out.extend_from_slice(piece);
    }

    fn answer_ends(&mut self, out: &mut Vec<u8>) {
        if let Some((act, answer)) = self.held.take() {
            self.finish(act, answer, out);
        }
    }

    /// Says what an answer becomes.
    fn finish(&mut self, act: Act, answer: Vec<u8>, out: &mut Vec<u8>) {
        // A status line before that of a message is, to a client that asked for nothing else, the message's first line (Q3).
        let hidden = matches!(&act, Act::Before(said) if said.starts_with(b"+OK"))
            && matches!(self.verb.as_str(), "TOP" | "RETR");
        if act.spoils(&answer) && !hidden {
            self.checker.spoil();
        }
        match act {
            Act::Refuse(said) | Act::Say(said) => self.say(&said, out),
            Act::Before(said) => self.say(&[said, answer].concat(), out),
            Act::Behind(said) => self.say(&[answer, said].concat(), out),
            Act::Map(change) => self.say(&change(&answer), out),
            Act::Meanwhile(_) => self.say(&answer, out),
            Act::Close { .. } => self.over = true,
            Act::Silence { .. } => self.silent = true,
        }
    }

    /// Gives the session the next line, if there is one.
    fn next_command(&mut self, out: &mut Vec<u8>) -> Step {
        let Some(end) = self.input.iter().position(|octet| *octet == b'\n') else {
            if self.input_ended {
                self.end_input();
                let mut piece = Vec::new();
                while self.session.step(&mut piece) == Step::Onward {}
                self.say(&piece, out);
                return Step::Finished;
            }
            return Step::Input;
        };
        let line: Vec<u8> = self.input.drain(..=end).collect();
        if self.responding {
            self.begun = false;
            self.checker.response(line.trim_ascii_end());
            self.session.feed(&line);
            return Step::Onward;
        }
        self.parse(&line);
        self.checker.command(&line, &self.verb, &self.words);
        if self.guest.is_cut(self.behaviour.sharing, &self.verb) {
            return Step::Finished;
        }
        let nth = self.counts[&self.verb];
        let act = self.behaviour.act(self.count, nth, &self.verb, &self.words);
        match act.cloned() {
            Some(
                act @ (Act::Refuse(_) | Act::Close { done: false } | Act::Silence { done: false }),
            ) => {
                self.finish(act, Vec::new(), out);
            }
            Some(Act::Meanwhile(happens)) => {
                happens();
                self.session.feed(&line);
            }
            Some(act) => {
                self.held = Some((act, Vec::new()));
                self.session.feed(&line);
            }
            None => self.session.feed(&line),
        }
        if self.verb == "QUIT" {
            self.guest.leaves();
        }
        Step::Onward
    }

    fn parse(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line).trim_end().to_owned();
        let (verb, words) = text.split_once(' ').unwrap_or((&text, ""));
        self.verb = verb.to_ascii_uppercase();
        words.clone_into(&mut self.words);
        self.begun = false;
        self.count += 1;
        *self.counts.entry(self.verb.clone()).or_default() += 1;
        self.register.log(&text);
    }

    /// Whether the session gets to see commands that come together.
    fn together(&self) -> bool {
        let quirks = &self.behaviour.quirks;
        quirks.discard_pipelined || quirks.pipelined != poppet::demo::Pipelined::Honest
    }
}

impl Drop for Dialogue {
    fn drop(&mut self) {
        self.register.complain(self.checker.violations());
        self.guest.leaves();
    }
}

impl Sharing {
    /// Whether a guest is cut off at this command, after so many others have ended since it came.
    pub(crate) fn cuts(self, ended: u64, verb: &str) -> bool {
        match self {
            Self::One | Self::Several => false,
            Self::CutAtRetr => ended > 0 && verb == "RETR",
            Self::CutAtEnd => ended > 0,
        }
    }
}

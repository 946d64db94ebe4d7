//! One POP3 session without I/O: octets of commands in, octets of answers out.

mod answer;
mod authorization;
mod begin;
mod stumble;
mod transaction;

use std::{collections::HashMap, sync::Arc, time::Duration};

use answer::Answer;

use super::{
    auth::{Credentials, Exchange},
    lease::{Lease, Visit},
    quirks::{Quirks, Quit, Silence, Stls, Utf8},
};

/// A session in one of the states of RFC 1939 section 3: octets in, octets out, whatever wire carries them.
pub struct Session {
    credentials: Arc<Credentials>,
    quirks: Arc<Quirks>,
    visit: Visit,
    state: State,
    /// New for every session: the APOP timestamp and the challenges are made of it.
    nonce: String,
    /// SASL exchanges so far, so that no two share a challenge.
    exchanges: u32,
    tls: Tls,
    /// UTF8 was agreed on.
    utf8: bool,
    /// How often each verb came.
    counts: HashMap<String, u32>,
    input: Vec<u8>,
    /// What of the input has been dealt with.
    done: usize,
    input_ended: bool,
    answer: Option<Answer>,
    silent: bool,
    /// How much later than at once the answer comes.
    late: Duration,
}

enum State {
    Authorization { user: Option<Vec<u8>> },
    Sasl(Exchange),
    Transaction(Lease),
    Over,
}

/// Where the connection stands with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// There is no certificate.
    Unavailable,
    Available,
    Active,
}

/// What the session needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It may have more to say: call again.
    Onward,
    /// Octets from the client.
    Input,
    /// TLS, once everything written so far has left.
    StartTls,
    /// Nothing: it is over once everything written so far has left.
    Finished,
}

impl Session {
    pub(super) fn new(
        visit: Visit,
        credentials: Arc<Credentials>,
        quirks: Arc<Quirks>,
        nonce: String,
        tls: Tls,
    ) -> Self {
        Self {
            silent: quirks.silence == Silence::Always,
            credentials,
            quirks,
            visit,
            state: State::Authorization { user: None },
            nonce,
            exchanges: 0,
            tls,
            utf8: false,
            counts: HashMap::new(),
            input: Vec::new(),
            done: 0,
            input_ended: false,
            answer: None,
            late: Duration::ZERO,
        }
    }

    /// Appends the greeting.
    pub fn greet(&mut self, out: &mut Vec<u8>) {
        if self.silent {
            return;
        }
        match &self.quirks.greeting {
            Some(greeting) => out.extend_from_slice(greeting),
            None if self.quirks.no_apop => out.extend_from_slice(b"+OK poppet demo ready"),
            None => {
                out.extend_from_slice(b"+OK poppet demo ready ");
                out.extend_from_slice(self.timestamp().as_bytes());
            }
        }
        out.extend_from_slice(b"\r\n");
        if self.quirks.hang_up_after_greeting {
            self.state = State::Over;
        }
    }

    /// Takes octets from the client.
    pub fn feed(&mut self, octets: &[u8]) {
        self.input.drain(..self.done);
        self.done = 0;
        self.input.extend_from_slice(octets);
    }

    /// The client will send nothing more.
    pub fn end_input(&mut self) {
        self.input_ended = true;
    }

    /// TLS is in place. Whatever the client had sent before it is forgotten (RFC 2595 section 4).
    pub fn secured(&mut self) {
        self.tls = Tls::Active;
        self.input.clear();
        self.done = 0;
    }

    /// Whether more input may be queued; past a megabyte the client has to wait for its answers.
    pub fn has_room(&self) -> bool {
        !self.input_ended && self.input.len() - self.done < MOST_INPUT
    }

    /// Appends the next piece of answer, or says what is missing for it.
    pub fn step(&mut self, out: &mut Vec<u8>) -> Step {
        if let Some(answer) = &mut self.answer {
            let more = match &self.state {
                State::Transaction(lease) => answer.write(lease, &self.quirks, out),
                _ => false,
            };
            if !more {
                self.answer = None;
            }
            return Step::Onward;
        }
        if matches!(self.state, State::Over) {
            return Step::Finished;
        }
        if self.stray(out) {
            return Step::Onward;
        }
        let Some(line) = self.line() else {
            return self.without_line(out);
        };
        let before = out.len();
        let step = self.obey(&line, out);
        self.stumble(&line, before, out);
        if self.silent {
            out.truncate(before);
            self.answer = None;
        }
        step
    }

    fn without_line(&mut self, out: &mut Vec<u8>) -> Step {
        let rest = self.input.get(self.done..).unwrap_or_default();
        if self.input_ended {
            if self.quirks.quit_without_crlf && rest.eq_ignore_ascii_case(b"QUIT") {
                self.quit(out);
            }
            return Step::Finished;
        }
        if rest.len() > MOST_LINE {
            err(out, "[SYS/PERM] line too long");
            self.visit
                .complain(format!("a line of more than {MOST_LINE} octets"));
            self.state = State::Over;
            return Step::Onward;
        }
        Step::Input
    }

    /// The next complete line, without its line end.
    fn line(&mut self) -> Option<Vec<u8>> {
        let rest = self.input.get(self.done..)?;
        let end = memchr::memchr(b'\n', rest)?;
        let line = rest.get(..end)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.done += end + 1;
        if self.quirks.discard_pipelined {
            self.done = self.input.len();
        }
        self.lose();
        Some(line)
    }

    fn obey(&mut self, line: &[u8], out: &mut Vec<u8>) -> Step {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Sasl(exchange) => {
                self.state = State::Authorization { user: None };
                self.visit.log("***".to_owned());
                self.sasl_response(exchange, line, out);
                return Step::Onward;
            }
            state => self.state = state,
        }
        let command = Command::parse(line);
        self.visit.log(command.masked());
        if self.quirks.silence == Silence::From(command.verb.clone()) {
            self.silent = true;
        }
        self.late = self.quirks.lateness(&command.verb);
        let count = self.count(&command.verb);
        if self.quirks.hangs_up(&command.verb, count) {
            self.state = State::Over;
            return Step::Onward;
        }
        if self.quirks.refuses(&command.verb, count) {
            err(out, "[SYS/TEMP] not now");
            return Step::Onward;
        }
        if line.len() + 2 > MOST_COMMAND {
            self.fault(&command, "line too long", out);
            return Step::Onward;
        }
        match (command.verb.as_str(), &self.state) {
            ("CAPA", _) if !self.quirks.no_capa => self.capa(&command, out),
            ("QUIT", _) if command.argument.is_none() => self.quit(out),
            ("STLS", State::Authorization { .. }) => return self.stls(&command, out),
            (_, State::Authorization { .. }) => self.authorize(&command, out),
            _ => self.transact(&command, out),
        }
        Step::Onward
    }

    /// The so-manieth command with this verb.
    fn count(&mut self, verb: &str) -> u32 {
        let count = self.counts.entry(verb.to_owned()).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// RFC 2449 section 5, in both states.
    fn capa(&mut self, command: &Command<'_>, out: &mut Vec<u8>) {
        if command.argument.is_some() {
            return self.fault(command, "CAPA takes no argument", out);
        }
        let quirks = &self.quirks;
        let authorizing = matches!(self.state, State::Authorization { .. });
        if !authorizing && let Some(lines) = &quirks.capa_after_login {
            if lines.is_empty() {
                return err(out, "not after the login");
            }
            return capabilities(lines, out);
        }
        let mut lines = vec!["RESP-CODES".to_owned()];
        let switches = [
            (!quirks.no_auth_resp_code, "AUTH-RESP-CODE"),
            (!quirks.no_top, "TOP"),
            (!quirks.no_uidl, "UIDL"),
            (!quirks.no_user, "USER"),
            (!quirks.no_pipelining, "PIPELINING"),
            (self.offers_stls() && authorizing, "STLS"),
            (quirks.utf8 != Utf8::Missing, "UTF8 USER"),
        ];
        let tags = switches.into_iter().filter(|(on, _)| *on);
        lines.extend(tags.map(|(_, tag)| tag.to_owned()));
        if !quirks.mechanisms.is_empty() {
            let names: Vec<_> = quirks.mechanisms.iter().map(|one| one.name()).collect();
            lines.push(format!("SASL {}", names.join(" ")));
        }
        lines.push(match quirks.expire {
            None => "EXPIRE NEVER".to_owned(),
            Some(days) => format!("EXPIRE {days}"),
        });
        lines.extend(
            quirks
                .login_delay
                .map(|delay| format!("LOGIN-DELAY {delay}")),
        );
        lines.push(concat!("IMPLEMENTATION poppet-demo-", env!("CARGO_PKG_VERSION")).to_owned());
        capabilities(&lines, out);
    }

    /// Ends the session. The maildrop is free again before the answer leaves.
    fn quit(&mut self, out: &mut Vec<u8>) {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Transaction(lease) => match self.quirks.quit {
                Quit::Honest => lease.update(self.quirks.remove_retrieved),
                Quit::Unanswered => return lease.update(self.quirks.remove_retrieved),
                Quit::Refused => return err(out, "some deleted messages not removed"),
            },
            _ => self.visit.leave(),
        }
        ok(out, "bye");
    }

    /// Refuses a command that a careful client would not have sent, and remembers it.
    fn fault(&mut self, command: &Command<'_>, text: &str, out: &mut Vec<u8>) {
        if let State::Authorization { user } = &mut self.state {
            *user = None;
        }
        self.visit.complain(format!("{}: {text}", command.masked()));
        err(out, text);
    }

    fn offers_stls(&self) -> bool {
        self.tls == Tls::Available && self.quirks.stls != Stls::Missing
    }

    fn timestamp(&self) -> String {
        format!("<{}@demo.example>", self.nonce)
    }
}

/// A command line cut into its keyword, in capitals, and the rest.
struct Command<'a> {
    verb: String,
    argument: Option<&'a [u8]>,
}

impl<'a> Command<'a> {
    fn parse(line: &'a [u8]) -> Self {
        let (verb, argument) = match memchr::memchr(b' ', line) {
            Some(space) => (line.get(..space), line.get(space + 1..)),
            None => (Some(line), None),
        };
        Self {
            verb: String::from_utf8_lossy(verb.unwrap_or_default()).to_ascii_uppercase(),
            argument,
        }
    }

    /// The arguments, separated by single spaces.
    fn words(&self) -> Vec<&'a [u8]> {
        match self.argument {
            None => Vec::new(),
            Some(argument) => argument.split(|octet| *octet == b' ').collect(),
        }
    }

    /// For the log: nothing that could be a secret, not even by mistake.
    fn masked(&self) -> String {
        let words = self.words();
        let shown = match (self.verb.as_str(), words.as_slice()) {
            ("PASS", _) => "***".to_owned(),
            ("APOP" | "AUTH", [first, _, ..]) => format!("{} ***", first.escape_ascii()),
            (verb, _) if KNOWN.contains(&verb) => {
                self.argument.unwrap_or_default().escape_ascii().to_string()
            }
            (verb, _) => return format!("(unknown, {} octets)", verb.len()),
        };
        format!("{} {shown}", self.verb).trim_end().to_owned()
    }
}

fn capabilities(lines: &[String], out: &mut Vec<u8>) {
    ok(out, "capabilities follow");
    for line in lines {
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
}

fn ok(out: &mut Vec<u8>, text: &str) {
    reply(out, "+OK", text);
}

fn err(out: &mut Vec<u8>, text: &str) {
    reply(out, "-ERR", text);
}

fn reply(out: &mut Vec<u8>, status: &str, text: &str) {
    out.extend_from_slice(status.as_bytes());
    if !text.is_empty() {
        out.push(b' ');
        out.extend_from_slice(text.as_bytes());
    }
    out.extend_from_slice(b"\r\n");
}

/// The longest command with its CRLF (RFC 2449 section 4).
const MOST_COMMAND: usize = 255;
/// The longest line of any kind; a SASL response may be longer than a command.
const MOST_LINE: usize = 64 * 1024;
const MOST_INPUT: usize = 1024 * 1024;
const KNOWN: [&str; 16] = [
    "APOP", "AUTH", "CAPA", "DELE", "LANG", "LIST", "NOOP", "QUIT", "RETR", "RSET", "STAT", "STLS",
    "TOP", "UIDL", "USER", "UTF8",
];

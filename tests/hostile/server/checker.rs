//! Watches what a client sends, and what it was told before that.

use std::collections::{BTreeSet, HashMap, HashSet};

/// One connection as a strict reader of the RFCs sees it. Knows what the server said, not what it meant.
#[derive(Debug)]
pub(crate) struct Checker {
    state: State,
    /// Complete lines that have not been answered in full.
    unanswered: u32,
    /// PIPELINING stood in an answer to CAPA.
    pipelining: bool,
    /// What the server said does not fit the protocol: nothing may follow that changes anything.
    spoiled: bool,
    /// The client could know of it before it sent what is looked at now.
    known: bool,
    /// UIDL gave names: what was retrieved is known by its own.
    named: bool,
    /// STLS was agreed on, and TLS is not there yet.
    starting_tls: bool,
    /// STAT's count, and the numbers in LIST and UIDL.
    counted: u64,
    listed: BTreeSet<u64>,
    deleted: HashSet<u64>,
    retrieved: HashMap<u64, u32>,
    /// The beginning of a message that is on its way, and those that were seen to begin like a reply.
    beginning: Vec<u8>,
    quoting: HashSet<u64>,
    violations: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Authorization,
    Transaction,
    /// QUIT was sent.
    Quit,
}

impl Checker {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Authorization,
            unanswered: 0,
            pipelining: false,
            spoiled: false,
            known: false,
            named: false,
            starting_tls: false,
            counted: 0,
            listed: BTreeSet::new(),
            deleted: HashSet::new(),
            retrieved: HashMap::new(),
            beginning: Vec::new(),
            quoting: HashSet::new(),
            violations: Vec::new(),
        }
    }

    pub(crate) fn violations(&mut self) -> Vec<String> {
        std::mem::take(&mut self.violations)
    }

    fn complain(&mut self, what: impl Into<String>) {
        self.violations.push(what.into());
    }

    /// Octets have come, in one read.
    pub(crate) fn heard(&mut self, octets: &[u8]) {
        if self.starting_tls && !octets.is_empty() {
            self.complain("octets between STLS and TLS");
        }
        self.known = self.spoiled;
        if self.state == State::Quit {
            self.complain(format!("{} octets after QUIT", octets.len()));
        }
        for _ in octets.iter().filter(|octet| **octet == b'\n') {
            if self.unanswered > 0 && !self.pipelining {
                self.complain("a command ahead of an answer, and no PIPELINING");
            }
            self.unanswered += 1;
        }
    }

    /// Everything that was asked is answered, and every octet of it has been written.
    pub(crate) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// A response of SASL, without its line end.
    pub(crate) fn response(&mut self, line: &[u8]) {
        if line != b"*" && line.iter().any(|octet| !is_base64(*octet)) {
            self.complain("a response that is not base64");
        }
    }

    /// A command line with its line end, before it is obeyed.
    pub(crate) fn command(&mut self, line: &[u8], verb: &str, words: &str) {
        if line.len() > MOST {
            self.complain(format!("{verb}: {} octets", line.len()));
        }
        if !line.ends_with(b"\r\n") {
            self.complain(format!("{verb}: no CRLF"));
        }
        let text = line.strip_suffix(b"\r\n").unwrap_or(line);
        if text.iter().any(|octet| *octet < 0x20 || *octet == 0x7f) {
            self.complain(format!("{verb}: a control octet"));
        }
        let keyword = text.get(..verb.len()).unwrap_or_default();
        if keyword.iter().any(u8::is_ascii_lowercase) || (verb != "PASS" && text.ends_with(b" ")) {
            self.complain(format!("{verb}: not as a careful client writes it"));
        }
        match self.state {
            State::Quit => self.complain(format!("{verb} after QUIT")),
            State::Authorization if !AUTHORIZATION.contains(&verb) => {
                self.complain(format!("{verb} in AUTHORIZATION"));
            }
            State::Transaction if !TRANSACTION.contains(&verb) => {
                self.complain(format!("{verb} in TRANSACTION"));
            }
            _ => {}
        }
        self.numbers(verb, words);
        if verb == "QUIT" {
            if self.spoiled && self.state == State::Transaction {
                self.complain("QUIT after an error");
            }
            self.state = State::Quit;
        }
    }

    fn numbers(&mut self, verb: &str, words: &str) {
        let number = words.split(' ').next().and_then(|word| word.parse().ok());
        let Some(number) = number.filter(|_| NUMBERED.contains(&verb)) else {
            if matches!(verb, "RETR" | "DELE" | "TOP") {
                self.complain(format!("{verb} {words}: no message number"));
            }
            return;
        };
        let listed = self.listed.contains(&number);
        if verb == "DELE" && self.known {
            self.complain(format!("DELE {number} after an error"));
        }
        if !listed && (matches!(verb, "DELE" | "RETR") || number > self.counted) {
            self.complain(format!("{verb} {number}: not listed"));
        }
        if self.deleted.contains(&number) {
            self.complain(format!("{verb} {number}: deleted already"));
        }
        if verb == "DELE" {
            // That it may be refused changes nothing: it was asked for.
            self.deleted.insert(number);
        }
        if verb == "RETR" {
            let times = self.retrieved.entry(number).or_default();
            *times += 1;
            if *times > 1 && self.named {
                self.complain(format!("RETR {number} for the second time"));
            }
        }
    }

    /// A piece of the answer to this command, as the client gets it; `begins` with its first.
    pub(crate) fn said(&mut self, verb: &str, words: &str, piece: &[u8], begins: bool) {
        let ok = piece.starts_with(b"+OK");
        match verb {
            "PASS" | "APOP" | "AUTH" if begins && ok => self.state = State::Transaction,
            "STLS" if begins && ok => self.starting_tls = true,
            "CAPA" => {
                self.pipelining |=
                    lines(piece).any(|line| line.eq_ignore_ascii_case(b"PIPELINING"));
            }
            "STAT" if begins && ok => {
                let count = piece.split(|octet| *octet == b' ').nth(1);
                self.counted = count.and_then(decimal).unwrap_or(self.counted);
            }
            "LIST" | "UIDL" if words.is_empty() => {
                let numbers = lines(piece).filter_map(|line| {
                    let mut words = line.split(|octet| *octet == b' ');
                    let first = words.next()?;
                    // Some servers say `+OK` before every line.
                    decimal(if first == b"+OK" {
                        words.next()?
                    } else {
                        first
                    })
                });
                self.listed.extend(numbers);
                self.named |= verb == "UIDL" && ok;
            }
            "RSET" if begins && ok => self.deleted.clear(),
            "RETR" => self.retrieving(words, piece, begins),
            _ => {}
        }
    }

    /// What begins like a reply may be asked for once more.
    fn retrieving(&mut self, words: &str, piece: &[u8], begins: bool) {
        if begins {
            self.beginning.clear();
        }
        let room = MOST.saturating_sub(self.beginning.len());
        self.beginning.extend(piece.iter().take(room));
        let first = lines(&self.beginning).nth(1).unwrap_or_default();
        if (first.starts_with(b"+OK") || first.starts_with(b"-ERR"))
            && let Ok(number) = words.parse()
            && self.quoting.insert(number)
        {
            self.retrieved.remove(&number);
        }
    }

    /// What the server has said, or is about to, cannot be believed.
    pub(crate) fn spoil(&mut self) {
        self.spoiled = true;
    }

    /// TLS is in place. `ahead`: octets that came before it.
    pub(crate) fn secured(&mut self, ahead: usize) {
        if ahead > 0 {
            self.complain(format!("{ahead} octets between STLS and TLS"));
        }
        let violations = std::mem::take(&mut self.violations);
        *self = Self {
            violations,
            ..Self::new()
        };
    }
}

fn lines(octets: &[u8]) -> impl Iterator<Item = &[u8]> {
    octets
        .split(|octet| *octet == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn decimal(word: &[u8]) -> Option<u64> {
    std::str::from_utf8(word).ok()?.parse().ok()
}

fn is_base64(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=')
}

/// Octets of a command with its CRLF (RFC 2449 section 4).
const MOST: usize = 255;
const AUTHORIZATION: [&str; 9] = [
    "CAPA", "USER", "PASS", "APOP", "AUTH", "STLS", "UTF8", "LANG", "QUIT",
];
const TRANSACTION: [&str; 11] = [
    "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET", "TOP", "UIDL", "CAPA", "LANG", "QUIT",
];
const NUMBERED: [&str; 5] = ["LIST", "UIDL", "RETR", "DELE", "TOP"];

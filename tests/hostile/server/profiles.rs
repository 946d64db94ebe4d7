//! Servers that were measured, as far as a client can tell them from a good one: what they say, lack and do.

use poppet::demo::{Login, Mechanism, Quirks};

use super::behaviour::{Act, At, Behaviour, Sharing, Twist};
use super::identity::Naming;

/// A server that was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Dovecot,
    Courier,
    Cyrus,
    Mailutils,
    Popa3d,
    SolidPop3d,
    Mpopd,
    Gmail,
}

impl Profile {
    pub(crate) const ALL: [Self; 8] = [
        Self::Dovecot,
        Self::Courier,
        Self::Cyrus,
        Self::Mailutils,
        Self::Popa3d,
        Self::SolidPop3d,
        Self::Mpopd,
        Self::Gmail,
    ];

    /// Where its unique-ids come from.
    pub(crate) fn naming(self) -> Naming {
        match self {
            Self::Dovecot | Self::Courier => Naming::Clock,
            Self::Popa3d | Self::SolidPop3d => Naming::HeaderHash,
            Self::Mpopd => Naming::FileName,
            Self::Cyrus | Self::Mailutils | Self::Gmail => Naming::Counter,
        }
    }

    /// Whether messages stay on it that were retrieved.
    pub(crate) fn keeps(self) -> bool {
        self != Self::Gmail
    }

    pub(crate) fn server(self) -> Behaviour {
        Behaviour {
            quirks: self.quirks(),
            twists: self.twists(),
            sharing: self.sharing(),
            ..Behaviour::default()
        }
    }

    fn sharing(self) -> Sharing {
        match self {
            Self::Dovecot | Self::Courier | Self::Cyrus => Sharing::Several,
            Self::Popa3d => Sharing::CutAtRetr,
            Self::SolidPop3d => Sharing::CutAtEnd,
            Self::Mailutils | Self::Mpopd | Self::Gmail => Sharing::One,
        }
    }

    fn quirks(self) -> Quirks {
        let plain = vec![Mechanism::Plain];
        let good = Quirks {
            mechanisms: plain,
            ..Quirks::default()
        };
        // Without CAPA there is nothing but USER and PASS.
        let bare = Quirks {
            no_capa: true,
            no_apop: true,
            mechanisms: Vec::new(),
            ..Quirks::default()
        };
        let after_login = |tags: &[&str]| Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
        match self {
            Self::Dovecot => Quirks {
                capa_after_login: after_login(&[
                    "CAPA",
                    "TOP",
                    "UIDL",
                    "RESP-CODES",
                    "PIPELINING",
                    "AUTH-RESP-CODE",
                ]),
                no_apop: true,
                ..good
            },
            Self::Courier => Quirks {
                login_delay: Some(10),
                no_apop: true,
                no_auth_resp_code: true,
                quit_without_crlf: true,
                ..good
            },
            Self::Cyrus => Quirks {
                capa_after_login: after_login(&[
                    "TOP",
                    "UIDL",
                    "PIPELINING",
                    "RESP-CODES",
                    "AUTH-RESP-CODE",
                    "LOGIN-DELAY 0",
                ]),
                quit_without_crlf: true,
                ..good
            },
            Self::Mailutils => Quirks {
                no_pipelining: true,
                ..good
            },
            Self::Popa3d => Quirks {
                quit_without_crlf: true,
                ..bare
            },
            Self::SolidPop3d => bare,
            Self::Mpopd => Quirks {
                no_top: true,
                no_pipelining: true,
                no_apop: true,
                mechanisms: Vec::new(),
                ..good
            },
            Self::Gmail => Quirks {
                expire: Some(0),
                login_delay: Some(300),
                remove_retrieved: true,
                no_apop: true,
                ..good
            },
        }
    }

    fn twists(self) -> Vec<Twist> {
        let twist = |at, act| Twist { at, act };
        let say = |text: &str| Act::Say(format!("{text}\r\n").into_bytes());
        match self {
            Self::Courier => vec![twist(At::Of("LIST", ""), Act::Map(blames_old_clients))],
            Self::Mailutils => vec![
                twist(At::Every("TOP"), Act::Map(another_blank_line)),
                twist(At::Every("LIST"), Act::Map(fifty_five_too_few)),
                twist(At::Every("CAPA"), Act::Map(expire_never_in_one_word)),
            ],
            Self::Popa3d => vec![
                twist(At::Command(0), say("+OK")),
                twist(At::Every("USER"), Act::Map(without_words)),
                twist(At::Every("PASS"), Act::Map(without_words)),
            ],
            Self::Mpopd => vec![
                twist(At::Every("STAT"), Act::Map(fewer_by_one)),
                twist(At::Every("LIST"), Act::Map(fewer_by_one)),
            ],
            Self::Dovecot | Self::Cyrus | Self::SolidPop3d | Self::Gmail => Vec::new(),
        }
    }

    /// What it says to a second session, where it lets none in.
    pub(crate) fn in_use(self) -> Login {
        match self {
            Self::Mpopd => Login::Says("cannot access mailbox"),
            _ => Login::InUse,
        }
    }
}

fn blames_old_clients(answer: &[u8]) -> Vec<u8> {
    let rest = answer.strip_prefix(b"+OK\r\n").unwrap_or(answer);
    let status = b"+OK POP3 clients that break here, they violate STD53.\r\n";
    [status, rest].concat()
}

fn another_blank_line(answer: &[u8]) -> Vec<u8> {
    match answer.strip_suffix(b".\r\n") {
        Some(most) => [most, b"\r\n.\r\n"].concat(),
        None => answer.to_vec(),
    }
}

/// Changes the last number of each line.
fn numbers(answer: &[u8], change: impl Fn(u64) -> u64) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let changed = text.lines().map(|line| {
        let last = line.rsplit_once(' ');
        match last.and_then(|(head, number)| Some((head, number.parse().ok()?))) {
            Some((head, number)) => format!("{head} {}\r\n", change(number)),
            None => format!("{line}\r\n"),
        }
    });
    changed.collect::<String>().into_bytes()
}

fn fifty_five_too_few(answer: &[u8]) -> Vec<u8> {
    numbers(answer, |octets| octets.saturating_sub(55))
}

/// As a server counts that counts a line end once; some lines are enough for the client to see it.
fn fewer_by_one(answer: &[u8]) -> Vec<u8> {
    numbers(answer, |octets| octets.saturating_sub(1 + octets / 30))
}

fn expire_never_in_one_word(answer: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(answer).into_owned();
    text.replace("EXPIRE NEVER", "EXPIRENEVER").into_bytes()
}

fn without_words(answer: &[u8]) -> Vec<u8> {
    let status = answer.split(|octet| *octet == b' ').next();
    let status = status.unwrap_or(answer).trim_ascii_end();
    [status, b"\r\n"].concat()
}

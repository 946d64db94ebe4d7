//! Commands and their encoding.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;

use super::argument::{Password, SecretOctets, Word};
use super::error::Refusal;
use super::uidl::MessageNumber;

/// A command of the client (RFC 1939, 2449, 2595, 5034). Its `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum Command {
    /// What can the server do?
    Capa,
    /// Begin TLS on this connection.
    Stls,
    /// Give messages as they are, with UTF-8 in their header fields (RFC 6856 section 2.1).
    Utf8,
    /// The mailbox's name.
    User(Word),
    /// The mailbox's password.
    Pass(Password),
    /// Name and digest in one.
    Apop {
        /// The mailbox's name.
        user: Word,
        /// MD5 over the greeting's timestamp and the password, 32 lower-case hex digits.
        digest: Word,
    },
    /// Begin a SASL exchange.
    Auth {
        /// The mechanism's name.
        mechanism: Word,
        /// The initial response, not yet in base64; `Some` of nothing goes out as `=`.
        initial: Option<SecretOctets>,
    },
    /// Answer a challenge; base64 is put on here.
    AuthResponse(SecretOctets),
    /// Give the SASL exchange up.
    AuthCancel,
    /// How many messages, how many octets?
    Stat,
    /// Sizes, of one message or all.
    List(Option<MessageNumber>),
    /// Unique-ids, of one message or all.
    Uidl(Option<MessageNumber>),
    /// Header and so many lines of the body.
    Top(MessageNumber, u32),
    /// The whole message.
    Retr(MessageNumber),
    /// Mark a message; it is removed at QUIT.
    Dele(MessageNumber),
    /// Take all marks back.
    Rset,
    /// Nothing, but the server hears from us.
    Noop,
    /// End the session; in TRANSACTION this is what removes marked messages.
    Quit,
}

/// A command's keyword: what error texts and logs may say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Not a command: the server's first line.
    Greeting,
    /// CAPA
    Capa,
    /// STLS
    Stls,
    /// UTF8
    Utf8,
    /// USER
    User,
    /// PASS
    Pass,
    /// APOP
    Apop,
    /// AUTH, and every line of the exchange it begins.
    Auth,
    /// STAT
    Stat,
    /// LIST
    List,
    /// UIDL
    Uidl,
    /// TOP
    Top,
    /// RETR
    Retr,
    /// DELE
    Dele,
    /// RSET
    Rset,
    /// NOOP
    Noop,
    /// QUIT
    Quit,
}

impl Verb {
    /// The keyword as it is written; for the greeting, words that read well in a sentence.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "the connection",
            Self::Capa => "CAPA",
            Self::Stls => "STLS",
            Self::Utf8 => "UTF8",
            Self::User => "USER",
            Self::Pass => "PASS",
            Self::Apop => "APOP",
            Self::Auth => "AUTH",
            Self::Stat => "STAT",
            Self::List => "LIST",
            Self::Uidl => "UIDL",
            Self::Top => "TOP",
            Self::Retr => "RETR",
            Self::Dele => "DELE",
            Self::Rset => "RSET",
            Self::Noop => "NOOP",
            Self::Quit => "QUIT",
        }
    }

    /// Whether the server's answer may repeat a secret.
    pub(super) fn is_login(self) -> bool {
        matches!(self, Self::User | Self::Pass | Self::Apop | Self::Auth)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Command {
    /// The keyword.
    pub fn verb(&self) -> Verb {
        match self {
            Self::Capa => Verb::Capa,
            Self::Stls => Verb::Stls,
            Self::Utf8 => Verb::Utf8,
            Self::User(_) => Verb::User,
            Self::Pass(_) => Verb::Pass,
            Self::Apop { .. } => Verb::Apop,
            Self::Auth { .. } | Self::AuthResponse(_) | Self::AuthCancel => Verb::Auth,
            Self::Stat => Verb::Stat,
            Self::List(_) => Verb::List,
            Self::Uidl(_) => Verb::Uidl,
            Self::Top(..) => Verb::Top,
            Self::Retr(_) => Verb::Retr,
            Self::Dele(_) => Verb::Dele,
            Self::Rset => Verb::Rset,
            Self::Noop => Verb::Noop,
            Self::Quit => Verb::Quit,
        }
    }

    /// The message the command is about, if it is about one.
    pub fn number(&self) -> Option<MessageNumber> {
        match self {
            Self::List(number) | Self::Uidl(number) => *number,
            Self::Top(number, _) | Self::Retr(number) | Self::Dele(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether an AUTH line with this initial response stays within 255 octets (RFC 5034 section 4 forbids longer ones).
    pub fn initial_response_fits(mechanism: &Word, initial: &SecretOctets) -> bool {
        let encoded = initial.expose().len().div_ceil(3).saturating_mul(4).max(1);
        "AUTH ".len() + mechanism.as_str().len() + 1 + encoded + 2 <= LONGEST
    }

    /// Appends the command with its line end.
    ///
    /// # Errors
    /// [`Refusal::TooLong`] past 255 octets; nothing is appended then. An answer to a challenge has no such limit.
    pub(super) fn encode(&self, into: &mut Vec<u8>) -> Result<(), Refusal> {
        let start = into.len();
        match self {
            Self::User(user) => push(into, &["USER", user.as_str()]),
            Self::Pass(password) => push(into, &["PASS", password.expose()]),
            Self::Apop { user, digest } => push(into, &["APOP", user.as_str(), digest.as_str()]),
            Self::Auth {
                mechanism,
                initial: None,
            } => push(into, &["AUTH", mechanism.as_str()]),
            Self::Auth {
                mechanism,
                initial: Some(initial),
            } if initial.expose().is_empty() => {
                push(into, &["AUTH", mechanism.as_str(), "="]);
            }
            Self::Auth {
                mechanism,
                initial: Some(initial),
            } => {
                push(
                    into,
                    &[
                        "AUTH",
                        mechanism.as_str(),
                        &Zeroizing::new(STANDARD.encode(initial.expose())),
                    ],
                );
            }
            Self::AuthResponse(response) => {
                push(into, &[&Zeroizing::new(STANDARD.encode(response.expose()))]);
                return Ok(());
            }
            Self::AuthCancel => push(into, &["*"]),
            Self::List(Some(number))
            | Self::Uidl(Some(number))
            | Self::Retr(number)
            | Self::Dele(number) => {
                push(into, &[self.verb().as_str(), &number.to_string()]);
            }
            Self::Top(number, lines) => {
                push(into, &["TOP", &number.to_string(), &lines.to_string()]);
            }
            _ => push(into, &[self.verb().as_str()]),
        }
        if into.len().saturating_sub(start) > LONGEST {
            into.truncate(start);
            return Err(Refusal::TooLong);
        }
        Ok(())
    }
}

fn push(into: &mut Vec<u8>, words: &[&str]) {
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            into.push(b' ');
        }
        into.extend_from_slice(word.as_bytes());
    }
    into.extend_from_slice(b"\r\n");
}

/// RFC 2449 section 4, line end included.
const LONGEST: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(command: &Command) -> Result<String, Refusal> {
        let mut octets = Vec::new();
        command
            .encode(&mut octets)
            .map(|()| String::from_utf8_lossy(&octets).into_owned())
    }

    fn word(text: &str) -> Word {
        Word::new(text).unwrap()
    }

    #[test]
    fn p1_every_command_is_keyword_and_arguments_with_single_spaces_and_a_line_end() {
        let seven = MessageNumber::new(7).unwrap();
        let commands = [
            (Command::Capa, "CAPA\r\n"),
            (Command::Stls, "STLS\r\n"),
            (Command::Utf8, "UTF8\r\n"),
            (Command::User(word("ann")), "USER ann\r\n"),
            (
                Command::Apop {
                    user: word("ann"),
                    digest: word("c4c9"),
                },
                "APOP ann c4c9\r\n",
            ),
            (
                Command::Auth {
                    mechanism: word("PLAIN"),
                    initial: None,
                },
                "AUTH PLAIN\r\n",
            ),
            (Command::AuthCancel, "*\r\n"),
            (Command::Stat, "STAT\r\n"),
            (Command::List(None), "LIST\r\n"),
            (Command::List(Some(seven)), "LIST 7\r\n"),
            (Command::Uidl(None), "UIDL\r\n"),
            (Command::Uidl(Some(seven)), "UIDL 7\r\n"),
            (Command::Top(seven, 0), "TOP 7 0\r\n"),
            (Command::Retr(seven), "RETR 7\r\n"),
            (Command::Dele(seven), "DELE 7\r\n"),
            (Command::Rset, "RSET\r\n"),
            (Command::Noop, "NOOP\r\n"),
            (Command::Quit, "QUIT\r\n"),
        ];
        for (command, line) in commands {
            assert_eq!(encoded(&command).as_deref(), Ok(line));
        }
    }

    #[test]
    fn p3_pass_sends_the_password_verbatim() {
        let command = Command::Pass(Password::new(" a  \"b\\ ").unwrap());
        assert_eq!(encoded(&command).as_deref(), Ok("PASS  a  \"b\\ \r\n"));
    }

    #[test]
    fn p72_an_initial_response_is_base64_or_an_equals_sign() {
        let auth = |octets: &[u8]| Command::Auth {
            mechanism: word("PLAIN"),
            initial: Some(SecretOctets::new(octets.to_vec())),
        };
        assert_eq!(
            encoded(&auth(b"\0tim\0tanstaaftanstaaf")).as_deref(),
            Ok("AUTH PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n")
        );
        assert_eq!(encoded(&auth(b"")).as_deref(), Ok("AUTH PLAIN =\r\n"));
    }

    #[test]
    fn p72_an_auth_line_past_255_octets_is_refused_and_leaves_nothing_behind() {
        let mechanism = word("XOAUTH2");
        for length in 170..190 {
            let initial = SecretOctets::new(vec![b'x'; length]);
            let fits = Command::initial_response_fits(&mechanism, &initial);
            let mut octets = b"NOOP\r\n".to_vec();
            let result = Command::Auth {
                mechanism: mechanism.clone(),
                initial: Some(initial),
            }
            .encode(&mut octets);
            assert_eq!(fits, result.is_ok(), "{length}");
            assert_eq!(fits, octets.len() > 6, "{length}");
        }
    }

    #[test]
    fn an_answer_to_a_challenge_may_be_long() {
        let line = encoded(&Command::AuthResponse(SecretOctets::new(vec![b'x'; 3000])));
        assert_eq!(line.map(|line| line.len()), Ok(4002));
    }

    #[test]
    fn v29_debug_of_a_command_shows_no_secret() {
        let pass = Command::Pass(Password::new("hunter2").unwrap());
        let auth = Command::Auth {
            mechanism: word("PLAIN"),
            initial: Some(SecretOctets::new(b"hunter2".to_vec())),
        };
        let response = Command::AuthResponse(SecretOctets::new(b"hunter2".to_vec()));
        for command in [pass, auth, response] {
            assert!(!format!("{command:?}").contains("hunter2"));
        }
    }
}

//! The misbehaviour of real servers, as switches.

use std::time::Duration;

use super::auth::Mechanism;

/// What this server does differently from a good one. The default is a good server.
#[derive(Clone, Debug)]
pub struct Quirks {
    /// Sent in place of the greeting, followed by CRLF.
    pub greeting: Option<Vec<u8>>,
    /// Closes the connection once the greeting is sent.
    pub hang_up_after_greeting: bool,
    /// Closes the connection once this many octets are sent, greeting included.
    pub hang_up_after: Option<u64>,
    /// Stops answering.
    pub silence: Silence,
    /// Answers to commands with this verb, in capitals, come so much later, and everything behind them with them.
    pub late: Option<(&'static str, Duration)>,
    /// CAPA is unknown.
    pub no_capa: bool,
    /// TOP is unknown and not advertised.
    pub no_top: bool,
    /// UIDL is unknown and not advertised.
    pub no_uidl: bool,
    /// USER and PASS are unknown and not advertised.
    pub no_user: bool,
    /// The greeting carries no APOP timestamp.
    pub no_apop: bool,
    /// PIPELINING is not advertised.
    pub no_pipelining: bool,
    /// Whatever arrived together with a command and after it is thrown away, advertised or not.
    pub discard_pipelined: bool,
    /// An answer too many, `+OK`, comes before the one to the first command with this verb, in capitals, and at once.
    pub stray: Option<&'static str>,
    /// For so long after a connection was lost, the maildrop is in use.
    pub lets_go_after: Duration,
    /// What becomes of commands that arrive together, advertised or not.
    pub pipelined: Pipelined,
    /// What CAPA lists after the login, in place of what it lists before; when that is nothing, CAPA is refused there.
    pub capa_after_login: Option<Vec<String>>,
    /// AUTH-RESP-CODE is not advertised.
    pub no_auth_resp_code: bool,
    /// What UTF8 (RFC 6856) does.
    pub utf8: Utf8,
    /// TOP and RETR of these numbers are refused with `[UTF8]` unless UTF8 was agreed on.
    pub needs_utf8: Vec<u64>,
    /// Commands with this verb, in capitals, are refused so many times in each session.
    pub refuse: Option<(String, u32)>,
    /// Closes the connection, in place of an answer, at the so-manieth command with this verb of each session.
    pub hang_up_at: Option<(String, u32)>,
    /// What QUIT does after the login.
    pub quit: Quit,
    /// A connection that ends without QUIT removes what is marked all the same, as Dovecot did before 2.3.4.
    pub updates_without_quit: bool,
    /// LIST gives these messages these sizes.
    pub listed_octets: Vec<(u64, u64)>,
    /// Offered by CAPA and AUTH, strongest last by custom only.
    pub mechanisms: Vec<Mechanism>,
    /// What a login with the right password gets.
    pub login: Login,
    /// Sessions may share the maildrop, each with stable numbers.
    pub several_sessions: bool,
    /// What STLS does.
    pub stls: Stls,
    /// Messages 1 and 2 show the same unique-id, so do 3 and 4, and so on.
    pub duplicate_uidls: bool,
    /// TOP sends the whole message, whatever was asked for.
    pub top_returns_everything: bool,
    /// RETR of these numbers is refused.
    pub refuse_retr: Vec<u64>,
    /// Days until read mail expires, as `EXPIRE n`; without it `EXPIRE NEVER` is announced.
    pub expire: Option<u32>,
    /// Retrieved messages are removed at QUIT, whether the announcement says so or not.
    pub remove_retrieved: bool,
    /// Seconds between logins, as `LOGIN-DELAY n`. Announced, not enforced: see [`Login::Delay`].
    pub login_delay: Option<u32>,
    /// `QUIT` without CRLF, then the end of the stream, counts as QUIT.
    pub quit_without_crlf: bool,
}

/// What becomes of commands that arrive together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pipelined {
    /// Each is answered.
    #[default]
    Honest,
    /// The connection is closed behind the first answer.
    HungUp,
    /// Behind the first answer comes a line that is none.
    Garbled,
    /// While more than so many wait, every second one is lost.
    LostBeyond(usize),
    /// The first command with this verb is answered twice.
    AnsweredTwice(&'static str),
}

/// When the server stops answering. It keeps reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Silence {
    /// Never.
    #[default]
    Never,
    /// Not even a greeting is sent.
    Always,
    /// From the first command with this verb on, in capitals.
    From(String),
}

/// What a login with the right password gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Login {
    /// The mailbox.
    #[default]
    Honest,
    /// `-ERR [AUTH]`
    Refused,
    /// `-ERR` without a code.
    RefusedWithoutCode,
    /// `-ERR [IN-USE]`
    InUse,
    /// `-ERR [LOGIN-DELAY]`
    Delay,
    /// `-ERR [SYS/TEMP]`
    Trouble,
    /// `-ERR [SYS/PERM]`
    Broken,
    /// `-ERR` and these words.
    Says(&'static str),
}

/// What the command UTF8 does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Utf8 {
    /// Not advertised, and unknown.
    #[default]
    Missing,
    /// Messages come as they are from then on.
    Honest,
    /// Advertised, and answered with `-ERR`.
    Refused,
}

/// What QUIT does after the login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quit {
    /// Removes what is marked, and says so.
    #[default]
    Honest,
    /// Removes what is marked, and closes the connection without a word.
    Unanswered,
    /// Removes nothing and answers `-ERR`.
    Refused,
}

/// What STLS does on a server that has a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Stls {
    /// Starts TLS.
    #[default]
    Honest,
    /// Not advertised, and unknown.
    Missing,
    /// Advertised, and answered with `-ERR`.
    Refused,
    /// These octets follow the `+OK` in the same write, before TLS starts.
    Injected(Vec<u8>),
}

impl Quirks {
    /// Whether the so-manieth command with this verb ends the session.
    pub(super) fn hangs_up(&self, verb: &str, count: u32) -> bool {
        self.hang_up_at
            .as_ref()
            .is_some_and(|(whose, at)| whose == verb && count == *at)
    }

    /// How much later the answer to a command with this verb comes.
    pub(super) fn lateness(&self, verb: &str) -> Duration {
        let late = self.late.filter(|(whose, _)| *whose == verb);
        late.map_or(Duration::ZERO, |(_, by)| by)
    }

    /// Whether the so-manieth command with this verb is refused.
    pub(super) fn refuses(&self, verb: &str, count: u32) -> bool {
        self.refuse
            .as_ref()
            .is_some_and(|(whose, times)| whose == verb && count <= *times)
    }
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            greeting: None,
            hang_up_after_greeting: false,
            hang_up_after: None,
            silence: Silence::default(),
            late: None,
            no_capa: false,
            no_top: false,
            no_uidl: false,
            no_user: false,
            no_apop: false,
            no_pipelining: false,
            discard_pipelined: false,
            stray: None,
            lets_go_after: Duration::ZERO,
            pipelined: Pipelined::default(),
            capa_after_login: None,
            no_auth_resp_code: false,
            utf8: Utf8::default(),
            needs_utf8: Vec::new(),
            refuse: None,
            hang_up_at: None,
            quit: Quit::default(),
            updates_without_quit: false,
            listed_octets: Vec::new(),
            mechanisms: Mechanism::COMMON.to_vec(),
            login: Login::default(),
            several_sessions: false,
            stls: Stls::default(),
            duplicate_uidls: false,
            top_returns_everything: false,
            refuse_retr: Vec::new(),
            expire: None,
            remove_retrieved: false,
            login_delay: None,
            quit_without_crlf: false,
        }
    }
}

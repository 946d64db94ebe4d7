//! What a server does that it should not: at which answer, and after which octet.

use std::sync::Arc;

use poppet::demo::Quirks;

/// How the server behaves towards a connection. The default is a good server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behaviour {
    /// What the embedded server can do by itself.
    pub(crate) quirks: Quirks,
    /// What becomes of single answers; the first that fits counts.
    pub(crate) twists: Vec<Twist>,
    /// What becomes of the octets.
    pub(crate) wire: Wire,
    /// Who may be in the maildrop at the same time.
    pub(crate) sharing: Sharing,
}

/// What becomes of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Twist {
    /// Which one.
    pub(crate) at: At,
    /// What becomes of it.
    pub(crate) act: Act,
}

/// Which answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    /// The greeting is 0, and the first command 1.
    Command(u32),
    /// Every one, and the greeting.
    Any,
    /// Every command with this verb.
    Every(&'static str),
    /// The so-manieth command with this verb.
    Nth(&'static str, u32),
    /// The command with this verb and these words behind it.
    Of(&'static str, &'static str),
}

/// What becomes of an answer. Unless it says otherwise, the server does what it was asked.
#[derive(Clone)]
pub(crate) enum Act {
    /// This comes in its place, and nothing is done.
    Refuse(Vec<u8>),
    /// This comes in its place, and it is done.
    Say(Vec<u8>),
    /// This comes before it.
    Before(Vec<u8>),
    /// This comes behind it.
    Behind(Vec<u8>),
    /// It becomes another one.
    Map(fn(&[u8]) -> Vec<u8>),
    /// Before the command is looked at, something happens elsewhere; the answer is as it comes.
    Meanwhile(Arc<dyn Fn() + Send + Sync>),
    /// The connection is closed in its place; done or not.
    Close { done: bool },
    /// From here on the server says nothing any more; done or not.
    Silence { done: bool },
}

impl Act {
    /// Whether a client that has heard it can still believe the server, so that QUIT may follow.
    pub(crate) fn spoils(&self, answer: &[u8]) -> bool {
        let is_reply = |octets: &[u8]| octets.starts_with(b"+OK") || octets.starts_with(b"-ERR");
        match self {
            Self::Refuse(octets) | Self::Say(octets) => !is_reply(octets),
            Self::Before(octets) | Self::Behind(octets) => !octets.is_empty(),
            Self::Map(change) => !is_reply(&change(answer)),
            Self::Meanwhile(_) => false,
            Self::Close { .. } | Self::Silence { .. } => true,
        }
    }
}

impl std::fmt::Debug for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refuse(octets) => write!(f, "Refuse({})", octets.escape_ascii()),
            Self::Say(octets) => write!(f, "Say({})", octets.escape_ascii()),
            Self::Before(octets) => write!(f, "Before({})", octets.escape_ascii()),
            Self::Behind(octets) => write!(f, "Behind({})", octets.escape_ascii()),
            Self::Map(change) => {
                let example = change(b"+OK 1 23\r\n1 23\r\n.\r\n");
                write!(f, "Map({})", example.escape_ascii())
            }
            Self::Meanwhile(_) => f.write_str("Meanwhile"),
            Self::Close { done } => write!(f, "Close({done})"),
            Self::Silence { done } => write!(f, "Silence({done})"),
        }
    }
}

/// What becomes of the octets of a connection. Over TLS those within it are counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wire {
    /// After so many octets of the server's, this happens.
    pub(crate) sent: Option<(u64, End)>,
    /// After so many octets of the client's, this happens; no more of them is read.
    pub(crate) heard: Option<(u64, End)>,
    /// No write has more octets than this.
    pub(crate) split: Option<usize>,
    /// Each read must bring whole commands, or the connection is closed.
    pub(crate) whole_commands: bool,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In order, behind what was said: with `close_notify` where there is TLS.
    Fin,
    /// TCP ends in order and TLS does not: no `close_notify`.
    Torn,
    /// At once, with RST; what was said and has not arrived is lost.
    Reset,
    /// Not at all: nobody reads or writes any more.
    Stall,
}

/// Who may be in the maildrop at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Sharing {
    /// One: the second is told `[IN-USE]`, or whatever the quirks say.
    #[default]
    One,
    /// Several, with numbers that stay.
    Several,
    /// Several, until one of them has changed the maildrop: the others are cut off at their next RETR.
    CutAtRetr,
    /// Several, until one of them ends: the others are cut off.
    CutAtEnd,
}

impl Behaviour {
    /// A server with these quirks of the embedded one.
    pub(crate) fn quirky(quirks: Quirks) -> Self {
        Self {
            quirks,
            ..Self::default()
        }
    }

    /// The same, with this done at that answer.
    #[must_use]
    pub(crate) fn with(mut self, at: At, act: Act) -> Self {
        self.twists.push(Twist { at, act });
        self
    }

    pub(crate) fn quirks(&self) -> Arc<Quirks> {
        let several = self.sharing != Sharing::One;
        Arc::new(Quirks {
            several_sessions: self.quirks.several_sessions || several,
            ..self.quirks.clone()
        })
    }

    /// What becomes of the answer to this command, the so-manieth at all and the so-manieth with its verb.
    pub(crate) fn act(&self, count: u32, nth: u32, verb: &str, words: &str) -> Option<&Act> {
        let fits = |twist: &&Twist| match twist.at {
            At::Command(at) => at == count,
            At::Any => true,
            At::Every(whose) => whose == verb,
            At::Nth(whose, at) => whose == verb && at == nth,
            At::Of(whose, which) => whose == verb && which == words,
        };
        self.twists.iter().find(fits).map(|twist| &twist.act)
    }
}

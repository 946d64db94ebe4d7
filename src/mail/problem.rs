use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What [`Problem::what`] says of a server whose name cannot be looked up.
pub const UNKNOWN_NAME: &str = "The mail server's name is not known";

/// The only error a person ever sees: what happened, why, what to do, and whether poppet tries again by itself.
///
/// Every text in it has been made safe for a terminal, and holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {why}")]
pub struct Problem {
    /// Which part failed; decides the exit status.
    pub kind: Kind,
    /// What happened, as one short sentence without a full stop.
    pub what: String,
    /// Why, in words that name the cause; may quote the server.
    pub why: String,
    /// What the person can do about it.
    pub remedy: String,
    /// Whether it is tried again without being asked.
    pub retry: Retry,
}

impl Problem {
    /// A problem that is not tried again by itself.
    pub fn new(
        kind: Kind,
        what: impl Into<String>,
        why: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            what: what.into(),
            why: why.into(),
            remedy: remedy.into(),
            retry: Retry::Asked,
        }
    }

    /// A person stopped the work: no mistake, but an end that whoever waits for it has to be told.
    pub fn stopped() -> Self {
        Self::new(
            Kind::Network,
            "Stopped",
            "You stopped it.",
            "What was done is kept; start it again when you like.",
        )
    }

    /// Whether it is merely that.
    pub fn is_stopped(&self) -> bool {
        *self == Self::stopped()
    }

    /// The same, tried again as `retry` says.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Whether nothing but the person's password is wanted.
    pub fn wants_password(&self) -> bool {
        self.retry == Retry::WithPassword
    }
}

/// What failed: the `kind` of an error in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// No connection, a lost one, a silent server.
    Network,
    /// The server refused the credentials, or there are none.
    Login,
    /// No trustworthy encryption.
    Tls,
    /// The server said something that POP3 does not allow, or refused a command.
    Protocol,
    /// The store on this computer cannot be used.
    Store,
    /// Wrong usage or configuration.
    Config,
}

/// Whether and when a failed piece of work is done again by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Only when the person asks for it.
    Asked,
    /// At the next regular check.
    NextCheck,
    /// After this long.
    After(Duration),
    /// As soon as the person has given the password, which is kept nowhere: nothing went wrong, something is asked for.
    WithPassword,
}

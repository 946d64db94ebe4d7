//! Authentication without input or output: each mechanism is a machine from challenges to responses.
//!
//! A driver asks [`offered`] what there is and [`choose`] what to take, opens an [`Exchange`], sends [`Exchange::begin`],
//! hands every challenge to [`Exchange::answer`] and, when the server says `+OK`, asks [`Exchange::finish`] whether
//! that is believable. Randomness comes from outside: a nonce is a parameter.
//!
//! Sources: RFC 4616 (PLAIN), 2195 (CRAM-MD5), 5802 and 7677 (SCRAM-SHA-256), 7628 (OAUTHBEARER), 1939 section 7 (APOP).

mod choice;
mod digest;
mod exchange;
mod scram;

use std::fmt;

pub use choice::{Channel, ChoiceError, Wanted, choose, offered};
pub use digest::apop;
pub use exchange::{Credentials, Exchange};

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// AUTH SCRAM-SHA-256: the server proves that it knows the password too.
    ScramSha256,
    /// AUTH CRAM-MD5
    CramMd5,
    /// AUTH PLAIN
    Plain,
    /// AUTH LOGIN
    Login,
    /// AUTH XOAUTH2: a token instead of a password.
    XOauth2,
    /// AUTH OAUTHBEARER: a token instead of a password.
    OauthBearer,
    /// APOP
    Apop,
    /// USER and PASS
    UserPass,
}

/// Why an exchange cannot go on. Cancel it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name is empty, or empty once prepared (RFC 4013).
    #[error("the user name is empty")]
    NoUser,
    /// The name, password or token cannot be used with this mechanism.
    #[error("the name or password holds characters this login method cannot carry")]
    Unfit,
    /// The nonce is empty or holds something else than visible ASCII without commas.
    #[error("the nonce is not usable")]
    Nonce,
    /// The server's challenge is not what the mechanism prescribes.
    #[error("the server's challenge makes no sense")]
    Challenge,
    /// The server wants a count of hash rounds below 4,096 or past 1,000,000.
    #[error("the server asks for {0} hash rounds")]
    Iterations(u64),
    /// The server's proof is wrong: it does not know the password.
    #[error("the server could not prove that it knows the password")]
    ServerProof,
    /// The server refused, in the mechanism's own words.
    #[error("the server refused the credentials")]
    Rejected,
    /// The server said `+OK` before the exchange was complete.
    #[error("the server ended the login before it was complete")]
    TooEarly,
    /// The method is no SASL mechanism.
    #[error("this login method has no exchange")]
    NoExchange,
}

impl Method {
    /// As the configuration and people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "scram-sha-256",
            Self::CramMd5 => "cram-md5",
            Self::Plain => "plain",
            Self::Login => "login",
            Self::XOauth2 => "xoauth2",
            Self::OauthBearer => "oauthbearer",
            Self::Apop => "apop",
            Self::UserPass => "user-pass",
        }
    }

    /// The mechanism's name on the wire; `None` for APOP and USER with PASS.
    pub fn mechanism(self) -> Option<&'static str> {
        match self {
            Self::ScramSha256 => Some("SCRAM-SHA-256"),
            Self::CramMd5 => Some("CRAM-MD5"),
            Self::Plain => Some("PLAIN"),
            Self::Login => Some("LOGIN"),
            Self::XOauth2 => Some("XOAUTH2"),
            Self::OauthBearer => Some("OAUTHBEARER"),
            Self::Apop | Self::UserPass => None,
        }
    }

    /// Whether an eavesdropper on an unencrypted connection learns what it takes to log in.
    pub fn is_plaintext(self) -> bool {
        !matches!(self, Self::ScramSha256 | Self::CramMd5 | Self::Apop)
    }

    /// Whether it takes a token and not a password.
    pub fn takes_token(self) -> bool {
        matches!(self, Self::XOauth2 | Self::OauthBearer)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

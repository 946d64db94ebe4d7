use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The name of an account: what stands behind `accounts.` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(Arc<str>);

/// Why a text cannot name an account.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an account's name is 1 to 64 letters, digits, '-', '_' or '.', and starts with a letter or digit: {0:?} is not"
)]
pub struct AccountIdError(String);

impl AccountId {
    /// Checks and takes a name: 1 to 64 of letters, digits, `-`, `_`, `.`, the first a letter or digit.
    pub fn new(name: &str) -> Result<Self, AccountIdError> {
        let fits = (1..=64).contains(&name.chars().count())
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
            && name.chars().next().is_some_and(char::is_alphanumeric);
        if fits {
            Ok(Self(name.into()))
        } else {
            Err(AccountIdError(name.to_owned()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number that `list` prints: a message in this store, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub i64);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A line of the ledger: one copy on one server, of which a message may have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LedgerId(pub i64);

/// What a server calls a message: for POP3 its UIDL, as octets. Empty when the server has no UIDL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RemoteId(Box<[u8]>);

impl RemoteId {
    /// Takes the octets as they are.
    pub fn new(octets: &[u8]) -> Self {
        Self(octets.into())
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the server gave no id.
    pub fn is_missing(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for RemoteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

/// A point in time, in seconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds from `earlier` to this, negative when the clock went backwards.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A SHA-256 (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of these octets.
    pub fn of(octets: &[u8]) -> Self {
        Self(Sha256::digest(octets).into())
    }

    /// A stored digest; `None` unless it is 32 octets long.
    pub fn from_slice(octets: &[u8]) -> Option<Self> {
        octets.try_into().ok().map(Self)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The header block of a message: everything before the first empty line, without that line (RFC 5322 section 2.1).
///
/// The same octets come out of a TOP and of a RETR of one message, also from servers that leave out, or double, the
/// empty line behind a message without a body.
pub fn header_block(octets: &[u8]) -> &[u8] {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', octets) {
        let line = octets.get(start..end).unwrap_or_default();
        if line.is_empty() || line == b"\r" {
            return octets.get(..start).unwrap_or_default();
        }
        start = end + 1;
    }
    octets
}

/// The digest by which a message is recognised before its body is here.
pub fn header_digest(octets: &[u8]) -> Digest {
    let block = header_block(octets);
    let block = block.strip_suffix(b"\n").unwrap_or(block);
    Digest::of(block.strip_suffix(b"\r").unwrap_or(block))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_digest_is_the_same_with_body_without_body_and_without_empty_line() {
        let whole = header_digest(b"A: 1\r\nB: 2\r\n\r\nbody\r\n");
        assert_eq!(whole, header_digest(b"A: 1\r\nB: 2\r\n\r\n"));
        assert_eq!(whole, header_digest(b"A: 1\r\nB: 2\r\n\r\n\r\n"));
        assert_eq!(whole, header_digest(b"A: 1\r\nB: 2\r\n"));
        assert_ne!(whole, header_digest(b"A: 1\r\nB: 3\r\n"));
    }

    #[test]
    fn a_message_that_starts_with_an_empty_line_has_an_empty_header_block() {
        assert_eq!(header_block(b"\r\nbody"), b"");
        assert_eq!(header_block(b""), b"");
    }

    #[test]
    fn account_names_are_checked_when_made() {
        assert!(AccountId::new("home").is_ok());
        assert!(AccountId::new("büro-2").is_ok());
        for bad in ["", "-x", "a b", "a/b", "a\n"] {
            assert!(AccountId::new(bad).is_err(), "{bad:?}");
        }
    }
}

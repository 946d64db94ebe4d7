//! Unique-ids and message numbers: both name a message, only one of them outlives the session.

use std::fmt;
use std::num::NonZeroU32;

/// What UIDL calls a message: opaque octets, compared as they are.
///
/// RFC 1939 section 7 allows 1 to 70 octets of `0x21..=0x7E`. Real servers send longer ones and others, so up to 1024 octets
/// of anything but CR, LF and NUL are taken. Never a path, never a shell word; [`fmt::Display`] escapes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uidl(Box<[u8]>);

/// Why octets cannot be a unique-id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UidlError {
    /// No octets at all.
    #[error("the unique-id is empty")]
    Empty,
    /// More than 1024 octets.
    #[error("the unique-id is longer than 1024 octets")]
    TooLong,
    /// CR, LF or NUL.
    #[error("the unique-id holds a line end or a NUL")]
    Forbidden,
}

impl Uidl {
    /// Takes the octets as they are.
    pub fn new(octets: &[u8]) -> Result<Self, UidlError> {
        if octets.is_empty() {
            return Err(UidlError::Empty);
        }
        if octets.len() > LONGEST {
            return Err(UidlError::TooLong);
        }
        if memchr::memchr3(b'\r', b'\n', 0, octets).is_some() {
            return Err(UidlError::Forbidden);
        }
        Ok(Self(octets.into()))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the unique-id is as RFC 1939 section 7 wants it.
    pub fn is_conforming(&self) -> bool {
        self.0.len() <= CONFORMING && self.0.iter().all(u8::is_ascii_graphic)
    }
}

impl fmt::Display for Uidl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

impl fmt::Debug for Uidl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Uidl({self})")
    }
}

/// A message's number in this session. It means nothing in another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageNumber(NonZeroU32);

impl MessageNumber {
    /// `None` for 0: the first message is number 1.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self)
    }

    /// The number itself.
    pub fn value(self) -> u32 {
        self.0.get()
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

const LONGEST: usize = 1024;
const CONFORMING: usize = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p16_a_conforming_unique_id_has_1_to_70_visible_octets() {
        assert!(Uidl::new(b"whqtswO00WBw418f9t5JxYwZ").is_ok_and(|id| id.is_conforming()));
        assert!(Uidl::new(&[b'x'; 70]).is_ok_and(|id| id.is_conforming()));
        assert!(Uidl::new(&[b'x'; 71]).is_ok_and(|id| !id.is_conforming()));
        assert!(Uidl::new(b"two words").is_ok_and(|id| !id.is_conforming()));
    }

    #[test]
    fn q6_v3_up_to_1024_octets_are_taken_and_no_more() {
        assert!(Uidl::new(&[b'x'; 1024]).is_ok());
        assert_eq!(Uidl::new(&[b'x'; 1025]), Err(UidlError::TooLong));
        assert_eq!(Uidl::new(b""), Err(UidlError::Empty));
    }

    #[test]
    fn v1_line_ends_and_nul_are_refused_and_paths_stay_octets() {
        assert_eq!(Uidl::new(b"a\0b"), Err(UidlError::Forbidden));
        assert_eq!(Uidl::new(b"a\rb"), Err(UidlError::Forbidden));
        assert_eq!(Uidl::new(b"a\nb"), Err(UidlError::Forbidden));
        assert_eq!(
            Uidl::new(b"../../.bashrc")
                .map(|id| id.to_string())
                .as_deref(),
            Ok("../../.bashrc")
        );
    }

    #[test]
    fn v4_ids_that_look_alike_stay_different() {
        assert_ne!(Uidl::new(b"a/b"), Uidl::new(b"a_b"));
        assert_ne!(Uidl::new(b"A"), Uidl::new(b"a"));
    }

    #[test]
    fn q7_display_is_safe_ascii() {
        assert_eq!(
            Uidl::new(b"\x1b[2J\xe2\x80\xae")
                .map(|id| id.to_string())
                .as_deref(),
            Ok(r"\x1b[2J\xe2\x80\xae")
        );
    }

    #[test]
    fn a_message_number_is_never_zero() {
        assert_eq!(MessageNumber::new(0), None);
        assert_eq!(MessageNumber::new(7).map(MessageNumber::value), Some(7));
    }
}

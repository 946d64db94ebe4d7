//! Arguments of commands: checked when they are made, so that no octet of them can end a line or start another command.

use std::fmt;

use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// One word of a command: visible octets, no space, 1 to 248 octets. Octets outside ASCII are allowed here and judged
/// when the command is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word(Box<str>);

/// Why a text cannot be an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// A command line has 255 octets at most (RFC 2449 section 4).
    #[error("it is too long for a POP3 command")]
    TooLong,
    /// CR, LF, NUL, another control character or DEL.
    #[error("it holds a control character")]
    Control,
    /// A space where only one word can stand.
    #[error("it holds a space")]
    Space,
}

impl Word {
    /// Checks the word.
    pub fn new(word: &str) -> Result<Self, ArgumentError> {
        check(word)?;
        if word.contains(' ') {
            return Err(ArgumentError::Space);
        }
        Ok(Self(word.into()))
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password as PASS takes it: spaces are part of it (RFC 1939 section 7). Never shown.
#[derive(Clone)]
pub struct Password(SecretString);

impl Password {
    /// Checks the password.
    pub fn new(password: &str) -> Result<Self, ArgumentError> {
        check(password)?;
        Ok(Self(SecretString::from(password)))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(***)")
    }
}

/// Octets of an authentication exchange, not yet in base64. Any octets, any length. Never shown.
#[derive(Clone)]
pub struct SecretOctets(SecretSlice<u8>);

impl SecretOctets {
    /// Takes the octets over.
    pub fn new(octets: Vec<u8>) -> Self {
        Self(SecretSlice::from(octets))
    }

    /// The octets in the clear: for encoding them and for tests.
    pub fn expose(&self) -> &[u8] {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretOctets(***)")
    }
}

/// What no argument may hold: nothing, control characters, more than fits a command.
fn check(text: &str) -> Result<(), ArgumentError> {
    if text.is_empty() {
        return Err(ArgumentError::Empty);
    }
    if text.bytes().any(|octet| octet.is_ascii_control()) {
        return Err(ArgumentError::Control);
    }
    if text.len() > LONGEST {
        return Err(ArgumentError::TooLong);
    }
    Ok(())
}

/// 255 octets less `USER `, `PASS ` and the line end.
const LONGEST: usize = 255 - 5 - 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p2_v12_no_control_octet_becomes_part_of_an_argument() {
        for octet in (0_u8..0x20).chain([0x7f]) {
            let text = format!("a{}b", char::from(octet));
            assert_eq!(
                Word::new(&text),
                Err(ArgumentError::Control),
                "{octet:#04x}"
            );
            assert_eq!(
                Password::new(&text).err(),
                Some(ArgumentError::Control),
                "{octet:#04x}"
            );
        }
    }

    #[test]
    fn p1_an_argument_that_cannot_fit_is_refused() {
        assert!(Word::new(&"u".repeat(248)).is_ok());
        assert_eq!(Word::new(&"u".repeat(249)), Err(ArgumentError::TooLong));
        assert_eq!(
            Password::new(&"p".repeat(249)).err(),
            Some(ArgumentError::TooLong)
        );
    }

    #[test]
    fn a_word_has_no_space_and_is_not_empty() {
        assert_eq!(Word::new("two words"), Err(ArgumentError::Space));
        assert_eq!(Word::new(""), Err(ArgumentError::Empty));
    }

    #[test]
    fn p3_a_password_keeps_its_spaces() {
        let password = Password::new("  two  words ");
        assert_eq!(
            password.map(|password| password.expose().to_owned()),
            Ok("  two  words ".to_owned())
        );
    }

    #[test]
    fn v29_secrets_do_not_show_in_debug() {
        assert_eq!(
            format!("{:?}", Password::new("hunter2")),
            "Ok(Password(***))"
        );
        assert_eq!(
            format!("{:?}", SecretOctets::new(b"hunter2".to_vec())),
            "SecretOctets(***)"
        );
    }
}

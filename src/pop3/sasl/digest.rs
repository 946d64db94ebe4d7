//! The MD5 mechanisms: CRAM-MD5 and APOP.

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};

use super::super::argument::Word;
use super::super::command::Command;
use super::Error;

/// The APOP command for a greeting's timestamp (RFC 1939 section 7). A name or password outside ASCII is prepared first
/// (RFC 6856 section 2.3).
///
/// # Errors
/// [`Error::Unfit`] when the name cannot stand in a command or the password cannot be prepared.
pub fn apop(timestamp: &str, user: &str, password: &SecretString) -> Result<Command, Error> {
    let user = prepared(user)?;
    let password = SecretString::from(prepared(password.expose_secret())?);
    let mut digest = Md5::new();
    digest.update(timestamp.as_bytes());
    digest.update(password.expose_secret().as_bytes());
    let digest = Word::new(&hex(&digest.finalize())).map_err(|_| Error::Unfit)?;
    Ok(Command::Apop {
        user: Word::new(&user).map_err(|_| Error::Unfit)?,
        digest,
    })
}

/// The answer to a CRAM-MD5 challenge: the name and a keyed digest of the challenge (RFC 2195 section 2).
pub(super) fn cram_md5(
    user: &str,
    password: &SecretString,
    challenge: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut mac = Hmac::<Md5>::new_from_slice(password.expose_secret().as_bytes())
        .map_err(|_| Error::Unfit)?;
    mac.update(challenge);
    Ok(format!("{user} {}", hex(&mac.finalize().into_bytes())).into_bytes())
}

fn prepared(text: &str) -> Result<String, Error> {
    if text.is_ascii() {
        return Ok(text.to_owned());
    }
    stringprep::saslprep(text)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::Unfit)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(
        String::with_capacity(octets.len() * 2),
        |mut text, octet| {
            let _ = write!(text, "{octet:02x}");
            text
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest_of(timestamp: &str, user: &str, password: &str) -> Option<String> {
        match apop(timestamp, user, &SecretString::from(password)) {
            Ok(Command::Apop { digest, .. }) => Some(digest.as_str().to_owned()),
            _ => None,
        }
    }

    #[test]
    fn p79_apop_gives_the_digest_of_rfc_1939() {
        let digest = digest_of("<1896.697170952@dbc.mtview.ca.us>", "mrose", "tanstaaf");
        assert_eq!(digest.as_deref(), Some("c4c9334bac560ecc979e58001b3e22fb"));
    }

    #[test]
    fn v11_cram_md5_gives_the_response_of_rfc_2195() {
        let challenge = b"<1896.697170952@postoffice.reston.mci.net>";
        let response = cram_md5("tim", &SecretString::from("tanstaaftanstaaf"), challenge);
        assert_eq!(
            response,
            Ok(b"tim b913a602c7eda7a495b4e6e7334d3890".to_vec())
        );
    }

    #[test]
    fn v11_cram_md5_takes_keys_of_every_length() {
        // Around MD5's block of 64 octets, computed with another implementation of RFC 2104.
        let vectors = [
            (63, "u ee06cb8d7ea26500b64bc545b7120763"),
            (64, "u daa4bd04b384e7564e604eecd85f31dd"),
            (65, "u f3792fd669d7d1dd27d9af48c264e5a2"),
            (130, "u 2f91d4ec315ab12b91a683edc7db9803"),
        ];
        for (length, expected) in vectors {
            let response = cram_md5("u", &SecretString::from("k".repeat(length)), b"<c@d>");
            assert_eq!(response, Ok(expected.as_bytes().to_vec()), "{length}");
        }
    }

    #[test]
    fn p80_apop_prepares_what_is_outside_ascii() {
        let composed = digest_of("<a@b>", "ann", "caf\u{e9}");
        assert_eq!(composed, digest_of("<a@b>", "ann", "cafe\u{301}"));
        assert!(composed.is_some());
        assert_eq!(digest_of("<a@b>", "ann", "\u{e000}"), None);
        assert_eq!(digest_of("<a@b>", "an n", "x"), None);
    }
}

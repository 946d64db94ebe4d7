//! The server's side of authentication: SASL mechanisms (RFC 5034) and APOP (RFC 1939 section 7).

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha2::{Digest, Sha256};

/// A SASL mechanism that the server can offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// draft-murchison-sasl-login.
    Login,
    /// RFC 2195.
    CramMd5,
    /// RFC 7677, without channel binding.
    ScramSha256,
    /// Google's; the token is the server's password.
    XOAuth2,
    /// RFC 7628; the token is the server's password.
    OAuthBearer,
}

impl Mechanism {
    /// What a good server offers to passwords.
    pub const COMMON: [Self; 4] = [Self::Plain, Self::Login, Self::CramMd5, Self::ScramSha256];

    /// The name in CAPA and AUTH.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::XOAuth2 => "XOAUTH2",
            Self::OAuthBearer => "OAUTHBEARER",
        }
    }
}

/// Who may log in. Never shown.
pub(super) struct Credentials {
    pub(super) user: Vec<u8>,
    pub(super) password: Vec<u8>,
}

/// An exchange that waits for the client's next response.
pub(super) enum Exchange {
    Plain,
    LoginUser,
    LoginPassword(Vec<u8>),
    CramMd5(Vec<u8>),
    ScramFirst {
        nonce: String,
    },
    ScramFinal(Box<Scram>),
    ScramDone,
    XOAuth2,
    OAuthBearer,
    /// The client acknowledges that its token was refused (RFC 7628 section 3.2.3).
    TokenRefused,
}

/// What the two sides of SCRAM have said so far.
pub(super) struct Scram {
    gs2_header: Vec<u8>,
    client_first_bare: Vec<u8>,
    server_first: Vec<u8>,
    nonce: Vec<u8>,
}

/// What a response led to.
pub(super) enum Verdict {
    /// Send this challenge, decoded, and go on.
    Challenge(Vec<u8>, Exchange),
    Accepted,
    Refused,
    /// Not what the mechanism allows.
    Malformed,
}

impl Credentials {
    fn password_is(&self, user: &[u8], password: &[u8]) -> bool {
        self.user == user && self.password == password
    }

    /// USER and PASS.
    pub(super) fn accept_password(&self, user: &[u8], password: &[u8]) -> bool {
        self.password_is(user, password)
    }

    /// APOP: the MD5 of timestamp and password in lower-case hexadecimal.
    pub(super) fn accept_apop(&self, user: &[u8], timestamp: &str, digest: &[u8]) -> bool {
        let mut hash = Md5::new();
        hash.update(timestamp.as_bytes());
        hash.update(&self.password);
        self.user == user && hex(&hash.finalize()).as_bytes() == digest
    }
}

impl Exchange {
    /// Starts an exchange; `nonce` must be new for every one. The challenge is for clients without initial response.
    pub(super) fn start(mechanism: Mechanism, nonce: &str) -> (Self, Vec<u8>) {
        match mechanism {
            Mechanism::Plain => (Self::Plain, Vec::new()),
            Mechanism::Login => (Self::LoginUser, b"Username:".to_vec()),
            Mechanism::CramMd5 => {
                let challenge = format!("<{nonce}@demo.example>").into_bytes();
                (Self::CramMd5(challenge.clone()), challenge)
            }
            Mechanism::ScramSha256 => (
                Self::ScramFirst {
                    nonce: nonce.to_owned(),
                },
                Vec::new(),
            ),
            Mechanism::XOAuth2 => (Self::XOAuth2, Vec::new()),
            Mechanism::OAuthBearer => (Self::OAuthBearer, Vec::new()),
        }
    }

    /// Whether the client may speak first.
    pub(super) fn takes_initial_response(&self) -> bool {
        !matches!(self, Self::CramMd5(_))
    }

    /// Judges the client's next response, already decoded.
    pub(super) fn respond(self, response: &[u8], credentials: &Credentials) -> Verdict {
        match self {
            Self::Plain => plain(response, credentials),
            Self::LoginUser => Verdict::Challenge(
                b"Password:".to_vec(),
                Self::LoginPassword(response.to_vec()),
            ),
            Self::LoginPassword(user) => verdict(credentials.password_is(&user, response)),
            Self::CramMd5(challenge) => cram_md5(&challenge, response, credentials),
            Self::ScramFirst { nonce } => {
                scram_first(response, &nonce, credentials).unwrap_or(Verdict::Malformed)
            }
            Self::ScramFinal(scram) => {
                scram_final(&scram, response, credentials).unwrap_or(Verdict::Malformed)
            }
            Self::ScramDone if response.is_empty() => Verdict::Accepted,
            Self::ScramDone => Verdict::Malformed,
            Self::XOAuth2 => xoauth2(response, credentials),
            Self::OAuthBearer => oauth_bearer(response, credentials),
            Self::TokenRefused => Verdict::Refused,
        }
    }
}

fn verdict(accepted: bool) -> Verdict {
    if accepted {
        Verdict::Accepted
    } else {
        Verdict::Refused
    }
}

fn plain(response: &[u8], credentials: &Credentials) -> Verdict {
    let parts: Vec<&[u8]> = response.split(|octet| *octet == 0).collect();
    let [identity, user, password] = parts.as_slice() else {
        return Verdict::Malformed;
    };
    let own = identity.is_empty() || identity == user;
    verdict(own && credentials.password_is(user, password))
}

fn cram_md5(challenge: &[u8], response: &[u8], credentials: &Credentials) -> Verdict {
    let Some(space) = response.iter().rposition(|octet| *octet == b' ') else {
        return Verdict::Malformed;
    };
    let (user, digest) = response.split_at(space);
    let Ok(mut mac) = Hmac::<Md5>::new_from_slice(&credentials.password) else {
        return Verdict::Refused;
    };
    mac.update(challenge);
    let expected = format!(" {}", hex(&mac.finalize().into_bytes()));
    verdict(user == credentials.user && digest == expected.as_bytes())
}

/// `user=USER^Aauth=Bearer TOKEN^A^A`
fn xoauth2(response: &[u8], credentials: &Credentials) -> Verdict {
    let mut expected = b"user=".to_vec();
    expected.extend_from_slice(&credentials.user);
    expected.extend_from_slice(b"\x01auth=Bearer ");
    expected.extend_from_slice(&credentials.password);
    expected.extend_from_slice(b"\x01\x01");
    token(
        response == expected,
        br#"{"status":"400","schemes":"bearer"}"#,
    )
}

/// `n,a=USER,^A...auth=Bearer TOKEN^A^A`
fn oauth_bearer(response: &[u8], credentials: &Credentials) -> Verdict {
    let mut fields = response.split(|octet| *octet == 1);
    let mut header = b"n,a=".to_vec();
    header.extend_from_slice(&credentials.user);
    header.push(b',');
    let mut bearer = b"auth=Bearer ".to_vec();
    bearer.extend_from_slice(&credentials.password);
    let accepted = fields.next() == Some(header.as_slice())
        && fields.any(|field| field == bearer)
        && response.ends_with(b"\x01\x01");
    token(accepted, br#"{"status":"invalid_token"}"#)
}

fn token(accepted: bool, complaint: &[u8]) -> Verdict {
    if accepted {
        Verdict::Accepted
    } else {
        Verdict::Challenge(complaint.to_vec(), Exchange::TokenRefused)
    }
}

/// RFC 5802 section 7, client-first-message.
fn scram_first(response: &[u8], nonce: &str, credentials: &Credentials) -> Option<Verdict> {
    let text = std::str::from_utf8(response).ok()?;
    let mut fields = text.splitn(3, ',');
    let (flag, identity, bare) = (fields.next()?, fields.next()?, fields.next()?);
    if !matches!(flag, "n" | "y") || !(identity.is_empty() || identity.starts_with("a=")) {
        return None;
    }
    let mut fields = bare.split(',');
    let user = fields.next()?.strip_prefix("n=")?;
    let client_nonce = fields.next()?.strip_prefix("r=")?;
    if client_nonce.is_empty() {
        return None;
    }
    let user = user.replace("=2C", ",").replace("=3D", "=");
    if user.as_bytes() != credentials.user {
        return Some(Verdict::Refused);
    }
    let nonce = format!("{client_nonce}{nonce}");
    let salt = STANDARD.encode(salt(credentials));
    let server_first = format!("r={nonce},s={salt},i={ITERATIONS}").into_bytes();
    let scram = Scram {
        gs2_header: format!("{flag},{identity},").into_bytes(),
        client_first_bare: bare.as_bytes().to_vec(),
        server_first: server_first.clone(),
        nonce: nonce.into_bytes(),
    };
    Some(Verdict::Challenge(
        server_first,
        Exchange::ScramFinal(Box::new(scram)),
    ))
}

/// RFC 5802 section 3: the client's proof, and the server's signature in return.
fn scram_final(scram: &Scram, response: &[u8], credentials: &Credentials) -> Option<Verdict> {
    let text = std::str::from_utf8(response).ok()?;
    let (without_proof, proof) = text.rsplit_once(",p=")?;
    let mut fields = without_proof.split(',');
    let binding = STANDARD.decode(fields.next()?.strip_prefix("c=")?).ok()?;
    let nonce = fields.next()?.strip_prefix("r=")?;
    if binding != scram.gs2_header || nonce.as_bytes() != scram.nonce {
        return None;
    }
    let proof = STANDARD.decode(proof).ok()?;

    let mut said = scram.client_first_bare.clone();
    said.push(b',');
    said.extend_from_slice(&scram.server_first);
    said.push(b',');
    said.extend_from_slice(without_proof.as_bytes());

    let salted = salted_password(credentials)?;
    let stored_key: [u8; 32] = Sha256::digest(hmac_sha256(&salted, b"Client Key")?).into();
    let client_signature = hmac_sha256(&stored_key, &said)?;
    let client_key = xor(&proof, &client_signature)?;
    if Sha256::digest(client_key)[..] != stored_key {
        return Some(Verdict::Refused);
    }
    let server_key = hmac_sha256(&salted, b"Server Key")?;
    let signature = STANDARD.encode(hmac_sha256(&server_key, &said)?);
    Some(Verdict::Challenge(
        format!("v={signature}").into_bytes(),
        Exchange::ScramDone,
    ))
}

/// `Hi` of RFC 5802 section 2.2, which is PBKDF2 with one block of output.
fn salted_password(credentials: &Credentials) -> Option<[u8; 32]> {
    let mut salted = salt(credentials).to_vec();
    salted.extend_from_slice(&1u32.to_be_bytes());
    let mut round = hmac_sha256(&credentials.password, &salted)?;
    let mut result = round;
    for _ in 1..ITERATIONS {
        round = hmac_sha256(&credentials.password, &round)?;
        result = xor(&result, &round)?;
    }
    Some(result)
}

fn salt(credentials: &Credentials) -> [u8; 16] {
    let mut salt = [0; 16];
    let hash = Sha256::digest([b"salt of ", credentials.user.as_slice()].concat());
    for (octet, from) in salt.iter_mut().zip(hash) {
        *octet = from;
    }
    salt
}

fn hmac_sha256(key: &[u8], octets: &[u8]) -> Option<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(octets);
    Some(mac.finalize().into_bytes().into())
}

fn xor(left: &[u8], right: &[u8; 32]) -> Option<[u8; 32]> {
    let mut result: [u8; 32] = left.try_into().ok()?;
    for (octet, other) in result.iter_mut().zip(right) {
        *octet ^= other;
    }
    Some(result)
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// The least that RFC 7677 section 4 allows.
const ITERATIONS: u32 = 4096;

//! SCRAM-SHA-256 without channel binding (RFC 5802, RFC 7677).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::Error;

/// The client's side of one exchange.
pub(super) struct Scram {
    nonce: String,
    /// `n=name,r=nonce`: the part of the first message that is signed.
    first_bare: String,
    password: SecretString,
    stage: Stage,
}

enum Stage {
    /// The first message is, or will be, under way.
    First,
    /// The proof is under way; the server must sign this message with this key.
    Final {
        server_key: Zeroizing<[u8; 32]>,
        message: String,
    },
    /// The server has proved that it knows the password.
    Proved,
}

impl Scram {
    /// # Errors
    /// [`Error::NoUser`], [`Error::Unfit`] for a name that cannot be prepared, [`Error::Nonce`].
    pub(super) fn new(user: &str, password: &SecretString, nonce: &str) -> Result<Self, Error> {
        if nonce.is_empty()
            || !nonce
                .bytes()
                .all(|octet| octet.is_ascii_graphic() && octet != b',')
        {
            return Err(Error::Nonce);
        }
        let user = stringprep::saslprep(user).map_err(|_| Error::Unfit)?;
        if user.is_empty() {
            return Err(Error::NoUser);
        }
        let name = user.replace('=', "=3D").replace(',', "=2C");
        // Passwords outside the tables of SASLprep exist; servers that accepted them took them as they are.
        let prepared =
            stringprep::saslprep(password.expose_secret()).map(std::borrow::Cow::into_owned);
        let password = prepared.map_or_else(|_| password.clone(), SecretString::from);
        Ok(Self {
            nonce: nonce.to_owned(),
            first_bare: format!("n={name},r={nonce}"),
            password,
            stage: Stage::First,
        })
    }

    /// The first message.
    pub(super) fn first(&self) -> Vec<u8> {
        format!("{NO_BINDING}{}", self.first_bare).into_bytes()
    }

    /// The answer to what the server sent.
    pub(super) fn answer(&mut self, challenge: &[u8]) -> Result<Vec<u8>, Error> {
        let challenge = std::str::from_utf8(challenge).map_err(|_| Error::Challenge)?;
        match &self.stage {
            Stage::First => self.prove(challenge),
            Stage::Final {
                server_key,
                message,
            } => {
                verify(server_key.as_slice(), message, challenge)?;
                self.stage = Stage::Proved;
                Ok(Vec::new())
            }
            Stage::Proved => Err(Error::Challenge),
        }
    }

    /// Whether the server has proved that it knows the password.
    pub(super) fn is_proved(&self) -> bool {
        matches!(self.stage, Stage::Proved)
    }

    fn prove(&mut self, server_first: &str) -> Result<Vec<u8>, Error> {
        let challenge = Challenge::parse(server_first, &self.nonce)?;
        let salted = salted_password(
            self.password.expose_secret(),
            &challenge.salt,
            challenge.iterations,
        )?;
        let client_key = Zeroizing::new(hmac(salted.as_slice(), b"Client Key")?);
        let server_key = Zeroizing::new(hmac(salted.as_slice(), b"Server Key")?);
        let stored_key: [u8; 32] = Sha256::digest(client_key.as_slice()).into();
        let without_proof = format!("c={},r={}", STANDARD.encode(NO_BINDING), challenge.nonce);
        let message = format!("{},{server_first},{without_proof}", self.first_bare);
        let signature = hmac(&stored_key, message.as_bytes())?;
        let proof: Vec<u8> = client_key
            .iter()
            .zip(signature)
            .map(|(key, sign)| key ^ sign)
            .collect();
        self.stage = Stage::Final {
            server_key,
            message,
        };
        Ok(format!("{without_proof},p={}", STANDARD.encode(proof)).into_bytes())
    }
}

/// The server's first message.
struct Challenge<'a> {
    nonce: &'a str,
    salt: Vec<u8>,
    iterations: u32,
}

impl<'a> Challenge<'a> {
    /// `r=nonce,s=salt,i=rounds`, in this order; what follows is for extensions. A mandatory extension (`m=`) is not understood.
    fn parse(text: &'a str, ours: &str) -> Result<Self, Error> {
        let mut parts = text.split(',');
        let mut part = |key: &str| {
            parts
                .next()
                .and_then(|part| part.strip_prefix(key))
                .ok_or(Error::Challenge)
        };
        let nonce = part("r=")?;
        let salt = STANDARD.decode(part("s=")?).map_err(|_| Error::Challenge)?;
        let rounds = part("i=")?;
        let theirs = nonce.strip_prefix(ours).ok_or(Error::Challenge)?;
        if theirs.is_empty()
            || !theirs.bytes().all(|octet| octet.is_ascii_graphic())
            || salt.is_empty()
        {
            return Err(Error::Challenge);
        }
        if !rounds.bytes().all(|octet| octet.is_ascii_digit()) {
            return Err(Error::Challenge);
        }
        let rounds: u64 = rounds.parse().map_err(|_| Error::Challenge)?;
        let iterations = u32::try_from(rounds)
            .ok()
            .filter(|rounds| (FEWEST..=MOST).contains(rounds));
        Ok(Self {
            nonce,
            salt,
            iterations: iterations.ok_or(Error::Iterations(rounds))?,
        })
    }
}

/// The server's last message: `v=signature`, or `e=reason`.
fn verify(server_key: &[u8], message: &str, challenge: &str) -> Result<(), Error> {
    let first = challenge.split(',').next().unwrap_or_default();
    if first.starts_with("e=") {
        return Err(Error::Rejected);
    }
    let signature = first
        .strip_prefix("v=")
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or(Error::Challenge)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(server_key).map_err(|_| Error::Unfit)?;
    mac.update(message.as_bytes());
    mac.verify_slice(&signature).map_err(|_| Error::ServerProof)
}

/// PBKDF2 with HMAC-SHA-256 and one block (RFC 5802 section 2.2, `Hi`).
fn salted_password(
    password: &str,
    salt: &[u8],
    iterations: u32,
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let keyed = Hmac::<Sha256>::new_from_slice(password.as_bytes()).map_err(|_| Error::Unfit)?;
    let round = |octets: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        for octets in octets {
            mac.update(octets);
        }
        mac.finalize().into_bytes().into()
    };
    let mut block = Zeroizing::new(round(&[salt, &1_u32.to_be_bytes()]));
    let mut sum = block.clone();
    for _ in 1..iterations {
        *block = round(&[block.as_slice()]);
        sum.iter_mut()
            .zip(block.iter())
            .for_each(|(sum, octet)| *sum ^= octet);
    }
    Ok(sum)
}

fn hmac(key: &[u8], message: &[u8]) -> Result<[u8; 32], Error> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Error::Unfit)?;
    mac.update(message);
    Ok(mac.finalize().into_bytes().into())
}

/// No channel binding, no authorization identity.
const NO_BINDING: &str = "n,,";
/// RFC 7677 section 4.
const FEWEST: u32 = 4096;
/// More would only keep us busy.
const MOST: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO";
    const SERVER_FIRST: &str =
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

    fn scram() -> Scram {
        Scram::new("user", &SecretString::from("pencil"), NONCE).unwrap()
    }

    fn proved() -> Scram {
        let mut scram = scram();
        scram.answer(SERVER_FIRST.as_bytes()).unwrap();
        scram
    }

    #[test]
    fn the_exchange_of_rfc_7677_is_reproduced() {
        let mut scram = scram();
        assert_eq!(scram.first(), b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let last = scram.answer(SERVER_FIRST.as_bytes()).unwrap();
        let expected = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        assert_eq!(String::from_utf8_lossy(&last), expected);
        assert!(!scram.is_proved());
        assert_eq!(
            scram.answer(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="),
            Ok(Vec::new())
        );
        assert!(scram.is_proved());
    }

    #[test]
    fn a_server_that_does_not_know_the_password_is_found_out() {
        let wrong = b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";
        assert_eq!(proved().answer(wrong), Err(Error::ServerProof));
        assert_eq!(proved().answer(b"v="), Err(Error::ServerProof));
        assert_eq!(proved().answer(b"v=*"), Err(Error::Challenge));
        assert_eq!(proved().answer(b""), Err(Error::Challenge));
        assert_eq!(proved().answer(b"e=other-error"), Err(Error::Rejected));
    }

    #[test]
    fn a_first_message_that_breaks_the_rules_is_refused() {
        let cases: [&str; 9] = [
            "",
            "r=other%nonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "m=x,r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "r=rOprNGfwEbeRWgbNEkqO%x,s=,i=4096",
            "r=rOprNGfwEbeRWgbNEkqO%x,s=???,i=4096",
            "r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=+4096",
            "r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=",
            "r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==",
        ];
        for case in cases {
            assert_eq!(
                scram().answer(case.as_bytes()),
                Err(Error::Challenge),
                "{case}"
            );
        }
    }

    #[test]
    fn the_count_of_rounds_has_a_floor_and_a_ceiling() {
        for rounds in [0, 1, 4095, 1_000_001, 4_294_967_296_u64, u64::MAX] {
            let case = format!("r=rOprNGfwEbeRWgbNEkqO%x,s=W22ZaJ0SNY7soEsUEjb6gQ==,i={rounds}");
            assert_eq!(
                scram().answer(case.as_bytes()),
                Err(Error::Iterations(rounds))
            );
        }
    }

    #[test]
    fn p94_names_are_prepared_and_escaped() {
        let first =
            |user: &str| Scram::new(user, &SecretString::from("x"), "n").map(|scram| scram.first());
        assert_eq!(first("a=b,c"), Ok(b"n,,n=a=3Db=2Cc,r=n".to_vec()));
        assert_eq!(first("I\u{ad}X"), Ok(b"n,,n=IX,r=n".to_vec()));
        assert_eq!(first("\u{ad}"), Err(Error::NoUser));
        assert_eq!(first("a\u{7}"), Err(Error::Unfit));
    }

    #[test]
    fn a_nonce_is_visible_and_has_no_comma() {
        for nonce in ["", "a,b", "a b", "é"] {
            assert_eq!(
                Scram::new("u", &SecretString::from("x"), nonce).err(),
                Some(Error::Nonce)
            );
        }
    }
}

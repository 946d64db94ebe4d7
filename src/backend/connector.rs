//! What TLS is begun with: whom to believe, and from which version on.
//!
//! It takes the better part of a tenth of a second to read all the authorities of a system, at each connection anew and in the way
//! of everything else. So what was made once is used again for a while.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use native_tls::{Certificate, Protocol};
use tokio_native_tls::TlsConnector;

use super::dial::reason;
use crate::mail::Digest;

/// Why there is none.
#[derive(Debug)]
pub(super) enum Unusable {
    /// There is no certificate where one was to be.
    Certificates(String),
    Library(native_tls::Error),
}

/// One that was made.
struct Made {
    /// Of the additional certificates.
    authorities: Option<Digest>,
    pinned: bool,
    when: Instant,
    connector: TlsConnector,
}

/// A connector that believes the system's authorities and those of a file, PEM or DER, with these octets; or, `pinned`, anybody,
/// because the certificate itself is looked at before anything is sent.
pub(super) async fn of(
    authorities: Option<Vec<u8>>,
    pinned: bool,
) -> Result<TlsConnector, Unusable> {
    let digest = authorities.as_deref().map(Digest::of);
    if let Some(connector) = made(digest, pinned) {
        return Ok(connector);
    }
    let making = tokio::task::spawn_blocking(move || make(authorities.as_deref(), pinned));
    let connector = match making.await {
        Ok(connector) => connector?,
        Err(error) => return Err(Unusable::Certificates(error.to_string())),
    };
    let mut all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|made| (made.authorities, made.pinned) != (digest, pinned));
    if all.len() >= MOST {
        all.remove(0);
    }
    all.push(Made {
        authorities: digest,
        pinned,
        when: Instant::now(),
        connector: connector.clone(),
    });
    Ok(connector)
}

fn made(authorities: Option<Digest>, pinned: bool) -> Option<TlsConnector> {
    let all = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let fits = |made: &&Made| {
        (made.authorities, made.pinned) == (authorities, pinned) && made.when.elapsed() < LASTS
    };
    all.iter().find(fits).map(|made| made.connector.clone())
}

fn make(authorities: Option<&[u8]>, pinned: bool) -> Result<TlsConnector, Unusable> {
    let mut builder = native_tls::TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv12));
    for certificate in authorities
        .map(certificates)
        .transpose()?
        .unwrap_or_default()
    {
        builder.add_root_certificate(certificate);
    }
    if pinned {
        builder
            .danger_accept_invalid_certs(true)
            .danger_accept_invalid_hostnames(true);
    }
    let built = builder.build().map_err(Unusable::Library)?;
    Ok(built.into())
}

fn certificates(octets: &[u8]) -> Result<Vec<Certificate>, Unusable> {
    let pem = String::from_utf8_lossy(octets);
    let blocks: Vec<&str> = pem
        .split_inclusive(PEM_END)
        .filter(|block| block.contains(PEM_BEGIN))
        .collect();
    if blocks.is_empty() {
        return match Certificate::from_der(octets) {
            Ok(certificate) => Ok(vec![certificate]),
            Err(_) => Err(Unusable::Certificates(
                "there is no certificate in it".to_owned(),
            )),
        };
    }
    blocks
        .into_iter()
        .map(|block| Certificate::from_pem(block.as_bytes()))
        .collect::<Result<_, _>>()
        .map_err(|error| Unusable::Certificates(reason(&error.to_string())))
}

static MADE: Mutex<Vec<Made>> = Mutex::new(Vec::new());
/// One for each way that accounts are reached.
const MOST: usize = 8;
/// So that the system's authorities may change while poppet runs.
const LASTS: Duration = Duration::from_hours(1);
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connector_serves_those_alone_that_believe_the_same() {
        let der = |name: &str| {
            let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
            made.cert.pem().into_bytes()
        };
        let (one, other) = (der("one.example"), der("other.example"));
        let digest = |octets: &Vec<u8>| Some(Digest::of(octets));
        of(Some(one.clone()), false).await.unwrap();
        assert!(made(digest(&one), false).is_some());
        assert!(made(digest(&one), true).is_none());
        assert!(made(digest(&other), false).is_none());
        let wrong = of(Some(b"nothing".to_vec()), false).await;
        assert!(matches!(wrong, Err(Unusable::Certificates(_))));
    }
}

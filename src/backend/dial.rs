//! Reaching a server: name, TCP, TLS.

mod names;

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_native_tls::TlsStream;

use super::connector;
use crate::mail::{Digest, Kind, Problem, Retry, UNKNOWN_NAME, safe};

/// A connection, encrypted or not.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Whom to believe besides the system's authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trust {
    /// A file of PEM or DER certificates to trust as well.
    pub(super) ca_file: Option<PathBuf>,
    /// The SHA-256 of the one certificate to trust.
    pub(super) pin: Option<Digest>,
}

/// Why a server was not reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("the name {host} could not be looked up: {source}")]
    Lookup { host: String, source: io::Error },
    #[error("no answer from {host} port {port} within {} seconds", CONNECT.as_secs())]
    NoAnswer { host: String, port: u16 },
    #[error("{host} port {port} cannot be reached: {source}")]
    Connect {
        host: String,
        port: u16,
        source: io::Error,
    },
    #[error("the certificate file {path} cannot be used: {why}")]
    CaFile { path: String, why: String },
    #[error("no trustworthy encryption with {host}: {reason}")]
    Tls { host: String, reason: String },
    #[error("the certificate of {host} is not the pinned one; its fingerprint is sha256:{found}")]
    Pin { host: String, found: Digest },
}

impl Stream {
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tls(_))
    }
}

/// Opens a TCP connection, trying each address of the name in turn.
pub(super) async fn connect(host: &str, port: u16) -> Result<TcpStream, DialError> {
    let addresses = match timeout(CONNECT, tokio::net::lookup_host((host, port))).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        Ok(Err(source)) => {
            return Err(DialError::Lookup {
                host: host.to_owned(),
                source,
            });
        }
        Err(_) => {
            return Err(DialError::NoAnswer {
                host: host.to_owned(),
                port,
            });
        }
    };
    let mut last = DialError::Lookup {
        host: host.to_owned(),
        source: io::Error::new(io::ErrorKind::NotFound, "it has no address"),
    };
    for address in addresses {
        match timeout(CONNECT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Commands are written whole; waiting for more of them would only cost time.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(source)) => {
                last = DialError::Connect {
                    host: host.to_owned(),
                    port,
                    source,
                }
            }
            Err(_) => {
                last = DialError::NoAnswer {
                    host: host.to_owned(),
                    port,
                }
            }
        }
    }
    Err(last)
}

/// Encrypts a connection: TLS 1.2 at least, certificate and name checked (RFC 8997, RFC 7817).
///
/// With a pin, exactly the pinned certificate is believed, and the check is made before anything is sent over it.
pub(super) async fn encrypt(
    tcp: TcpStream,
    host: &str,
    trust: &Trust,
) -> Result<Stream, DialError> {
    let failed = |error: &native_tls::Error| DialError::Tls {
        host: host.to_owned(),
        reason: reason(&error.to_string()),
    };
    let authorities = match &trust.ca_file {
        Some(path) => Some(read(path).await?),
        None => None,
    };
    let made = connector::of(authorities, trust.pin.is_some()).await;
    let connector = made.map_err(|error| match (error, &trust.ca_file) {
        (connector::Unusable::Certificates(why), Some(path)) => unusable(path, why),
        (connector::Unusable::Certificates(reason), None) => DialError::Tls {
            host: host.to_owned(),
            reason,
        },
        (connector::Unusable::Library(error), _) => failed(&error),
    })?;
    let stream = match timeout(CONNECT, connector.connect(host, tcp)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(failed(&error)),
        Err(_) => {
            let reason = "the server did not finish the handshake".to_owned();
            return Err(DialError::Tls {
                host: host.to_owned(),
                reason,
            });
        }
    };
    let certificate = stream.get_ref().peer_certificate();
    let der = certificate
        .and_then(|certificate| certificate.map(|found| found.to_der()).transpose())
        .map_err(|error| failed(&error))?
        .unwrap_or_default();
    if let Some(pin) = trust.pin {
        let found = Digest::of(&der);
        if found != pin {
            return Err(DialError::Pin {
                host: host.to_owned(),
                found,
            });
        }
    } else if host.parse::<IpAddr>().is_err() && !names::has_host(&der) {
        return Err(DialError::Tls {
            host: host.to_owned(),
            reason: NAMELESS.to_owned(),
        });
    }
    Ok(Stream::Tls(Box::new(stream)))
}

async fn read(path: &Path) -> Result<Vec<u8>, DialError> {
    let read = tokio::fs::read(path).await;
    read.map_err(|error| unusable(path, error.to_string()))
}

fn unusable(path: &Path, why: String) -> DialError {
    DialError::CaFile {
        path: path.display().to_string(),
        why,
    }
}

/// The part of a TLS library's message that a person can use: what stands in the last brackets, or the reason among the
/// fields of OpenSSL, `error:CODE:LIBRARY:FUNCTION:REASON:FILE:LINE:DATA`.
pub(super) fn reason(message: &str) -> String {
    let inner = message
        .rfind('(')
        .and_then(|start| message.get(start + 1..))
        .and_then(|rest| rest.split_once(')').map(|(inner, _)| inner))
        .filter(|inner| !inner.is_empty());
    let field = message
        .split_once("error:")
        .and_then(|(_, fields)| fields.split(':').nth(3))
        .filter(|reason| !reason.trim().is_empty());
    let text = inner.or(field).unwrap_or_else(|| {
        message
            .rsplit(':')
            .find(|part| !part.trim().is_empty())
            .unwrap_or(message)
    });
    safe::line(text.trim()).into_owned()
}

impl From<DialError> for Problem {
    fn from(error: DialError) -> Self {
        let why = error.to_string();
        match &error {
            DialError::Lookup { .. } => Self::new(
                Kind::Network,
                UNKNOWN_NAME,
                why,
                "Check the host name in the configuration, and whether this computer is online.",
            )
            .with_retry(Retry::NextCheck),
            DialError::NoAnswer { .. } => Self::new(
                Kind::Network,
                "The mail server does not answer",
                why,
                "Check the port, and whether a firewall is in the way; an open reader tries again by itself.",
            )
            .with_retry(Retry::NextCheck),
            DialError::Connect { .. } => Self::new(
                Kind::Network,
                "The mail server cannot be reached",
                why,
                "Check host and port, and whether this computer is online; an open reader tries again by itself.",
            )
            .with_retry(Retry::NextCheck),
            DialError::CaFile { .. } => Self::new(
                Kind::Config,
                "The file of trusted certificates cannot be used",
                why,
                "Set `ca_file` to a readable file in PEM or DER format.",
            ),
            DialError::Tls { reason, .. } => {
                let remedy = tls_remedy(reason);
                Self::new(Kind::Tls, "The connection cannot be trusted, so nothing was sent", why, remedy)
            }
            DialError::Pin { .. } => Self::new(
                Kind::Tls,
                "The server shows another certificate than the pinned one, so nothing was sent",
                why,
                "If the provider has renewed it, ask them for the new fingerprint and change `pin`; otherwise somebody may be listening.",
            ),
        }
    }
}

fn tls_remedy(reason: &str) -> &'static str {
    let reason = reason.to_ascii_lowercase();
    if reason.contains("wrong version number")
        || reason.contains("packet length")
        || reason.contains("http request")
    {
        "This port does not start with TLS. Set `tls = \"starttls\"`, or use port 995 for `tls = \"implicit\"`."
    } else if reason.contains("protocol version") || reason.contains("unsupported protocol") {
        "The server only speaks versions of TLS that are not safe any more. Ask the provider for a server with TLS 1.2."
    } else if reason.contains("subjectaltname") {
        "The provider has to renew the certificate with the host's name in its subjectAltName."
    } else if reason.contains("mismatch") {
        "The certificate is for another name. Set `host` to the name that the provider gives for its mail server."
    } else if reason.contains("expired") || reason.contains("not yet valid") {
        "Check this computer's clock; if it is right, the provider has to renew the certificate."
    } else if reason.contains("self-signed")
        || reason.contains("self signed")
        || reason.contains("issuer")
    {
        "If this server is your own, set `ca_file` to its certificate or its authority's; otherwise do not go on."
    } else {
        "Nothing was sent. Check host, port and `tls` in the configuration."
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, octets),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(cx, octets),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
        }
    }
}

/// Some TLS libraries take the common name where nothing else names a host; RFC 9525 does not.
const NAMELESS: &str =
    "the certificate names no host in its subjectAltName, and its common name does not count";
const CONNECT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_reason_of_a_failed_handshake_is_shown() {
        let openssl = "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:\
                       ../ssl/statem/statem_clnt.c:1889: (self-signed certificate)";
        assert_eq!(reason(openssl), "self-signed certificate");
        assert_eq!(reason("plain words"), "plain words");
        assert_eq!(reason("a (b) c ()"), "a (b) c ()");
        let plain = "error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../ssl/record/ssl3_record.c:350:";
        assert_eq!(reason(plain), "wrong version number");
        assert!(tls_remedy(&reason(plain)).starts_with("This port does not start with TLS."));
    }

    #[tokio::test]
    async fn a_refused_connection_names_host_and_port() {
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .unwrap();
        let error = connect("127.0.0.1", free.port()).await.unwrap_err();
        let problem = Problem::from(error);
        assert_eq!(problem.kind, Kind::Network);
        assert!(
            problem.why.contains(&free.port().to_string()),
            "{}",
            problem.why
        );
    }
}

#[cfg(test)]
#[path = "dial_tests.rs"]
mod certificate_tests;

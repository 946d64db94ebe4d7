//! A server as an account of the configuration describes it.

use super::dial::Trust;
use super::haste::Haste;
use crate::bridge::Cleartext;
use crate::config;
use crate::pop3::sasl::Method;

/// Where mail comes from and how it is reached.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Tls,
    pub(super) trust: Trust,
    /// The account says that the password may go unencrypted, or the server is on this computer.
    pub(super) cleartext: bool,
    /// There is no TLS, and others are on the way to the server.
    pub(super) exposed: bool,
    pub(super) user: String,
    /// This way to log in and no other.
    pub(super) method: Option<Method>,
    /// Octets of the largest message that is downloaded.
    pub(super) largest: u64,
    /// Whether it is asked what it can do; not where it was found not to answer that. STLS depends on it.
    pub(super) asks_capa: bool,
    /// How much less than usual it is waited for.
    pub(super) haste: Haste,
}

/// When encryption begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// With the first octet.
    Implicit,
    /// By STLS, before anything else.
    Stls,
    /// Never.
    None,
}

impl Server {
    /// What is to be told about a connection without TLS; `offered`: the server has STLS.
    pub(super) fn openness(&self, offered: bool) -> Option<Cleartext> {
        match self.tls {
            Tls::None if offered => Some(Cleartext::Needless),
            Tls::None if self.exposed => Some(Cleartext::Exposed),
            _ => None,
        }
    }

    /// The server of an account in the configuration, which allows cleartext only on loopback or when told to.
    pub(super) fn new(pop3: &config::Pop3) -> Self {
        Self {
            host: pop3.host.clone(),
            port: pop3.port,
            tls: match pop3.tls {
                config::Tls::Implicit => Tls::Implicit,
                config::Tls::StartTls => Tls::Stls,
                config::Tls::None => Tls::None,
            },
            trust: match &pop3.trust {
                config::Trust::System => Trust::default(),
                config::Trust::AlsoFile(path) => Trust {
                    ca_file: Some(path.clone()),
                    pin: None,
                },
                config::Trust::Pin(digest) => Trust {
                    ca_file: None,
                    pin: Some(*digest),
                },
            },
            cleartext: pop3.tls == config::Tls::None,
            exposed: pop3.tls == config::Tls::None && !config::is_loopback(&pop3.host),
            user: pop3.user.clone(),
            method: match pop3.auth {
                config::Auth::Auto => None,
                config::Auth::Plain => Some(Method::Plain),
                config::Auth::Login => Some(Method::Login),
                config::Auth::CramMd5 => Some(Method::CramMd5),
                config::Auth::ScramSha256 => Some(Method::ScramSha256),
                config::Auth::Apop => Some(Method::Apop),
                config::Auth::UserPass => Some(Method::UserPass),
                config::Auth::XOAuth2 => Some(Method::XOauth2),
                config::Auth::OAuthBearer => Some(Method::OauthBearer),
            },
            largest: LARGEST,
            asks_capa: true,
            haste: Haste::default(),
        }
    }
}

/// A message is held while it is on its way to the store, a large one on the disk: no server fills that by sending on and on.
const LARGEST: u64 = 256 * 1024 * 1024;

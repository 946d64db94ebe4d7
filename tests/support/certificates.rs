//! A certificate authority that lives as long as a test, and what a server may show instead of a good certificate.

use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use tempfile::TempDir;

/// What a server shows to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Signed by the test's authority, for `localhost` and 127.0.0.1, valid now.
    Good,
    /// Signed by the test's authority, for another name.
    WrongName,
    /// Signed by the test's authority, for the right name, until 2020.
    Expired,
    /// For the right name, signed by itself.
    SelfSigned,
    /// For the right name, signed by an authority that nobody knows.
    UnknownAuthority,
}

/// The authority, with its certificate in a file for `ca_file`.
pub(crate) struct Authority {
    folder: TempDir,
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate chain and its key, in PEM and in files.
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) certificate_pem: String,
    pub(crate) key_pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (issuer, pem) = authority("poppet test authority");
        std::fs::write(folder.path().join("ca.pem"), &pem).expect("write the authority");
        Self {
            folder,
            issuer,
            pem,
        }
    }

    /// The file that a client has to trust.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A new certificate of this kind, in files of `folder`.
    pub(crate) fn identity(&self, shown: Shown, folder: &Path) -> Identity {
        let name = if shown == Shown::WrongName {
            "elsewhere.example"
        } else {
            "localhost"
        };
        let mut names = vec![name.to_owned()];
        if shown != Shown::WrongName {
            names.push("127.0.0.1".to_owned());
        }
        let mut wanted = CertificateParams::new(names).expect("names of a certificate");
        wanted.distinguished_name.push(DnType::CommonName, name);
        wanted.use_authority_key_identifier_extension = shown != Shown::SelfSigned;
        wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.not_before = date_time_ymd(2019, 1, 1);
        wanted.not_after = if shown == Shown::Expired {
            date_time_ymd(2020, 1, 1)
        } else {
            date_time_ymd(2100, 1, 1)
        };
        let key = KeyPair::generate().expect("a key");
        let certificate = match shown {
            Shown::SelfSigned => wanted.self_signed(&key),
            Shown::UnknownAuthority => wanted.signed_by(&key, &authority("somebody else").0),
            Shown::Good | Shown::WrongName | Shown::Expired => wanted.signed_by(&key, &self.issuer),
        }
        .expect("a certificate");
        let identity = Identity {
            certificate: folder.join("server.pem"),
            key: folder.join("server.key"),
            certificate_pem: certificate.pem(),
            key_pem: key.serialize_pem(),
        };
        std::fs::write(&identity.certificate, &identity.certificate_pem)
            .expect("write the certificate");
        std::fs::write(&identity.key, &identity.key_pem).expect("write the key");
        identity
    }
}

impl Shown {
    /// Every kind that no client may accept.
    pub(crate) const REFUSED: [Self; 4] = [
        Self::WrongName,
        Self::Expired,
        Self::SelfSigned,
        Self::UnknownAuthority,
    ];
}

fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let mut wanted = CertificateParams::new(Vec::new()).expect("an authority has no names");
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    wanted.not_before = date_time_ymd(2019, 1, 1);
    wanted.not_after = date_time_ymd(2100, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let pem = wanted.self_signed(&key).expect("a certificate").pem();
    (Issuer::new(wanted, key), pem)
}

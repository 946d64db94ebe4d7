//! Which certificates stand for a host (RFC 7817, RFC 9525). The host is only a name here, so no name has to lead anywhere.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use tokio::net::TcpListener;

use super::*;

/// An authority, with its certificate in a file.
struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        wanted.not_after = date_time_ymd(2100, 1, 1);
        let key = KeyPair::generate().unwrap();
        let pem = wanted.self_signed(&key).unwrap().pem();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        let issuer = Issuer::new(wanted, key);
        Self { folder, issuer }
    }

    fn trust(&self) -> Trust {
        Trust {
            ca_file: Some(self.folder.path().join("ca.pem")),
            pin: None,
        }
    }

    /// What becomes of a handshake with a server that shows a certificate with these names, dialled as `host`.
    async fn dialled(&self, common: &str, names: Vec<SanType>, host: &str) -> Result<(), String> {
        let mut wanted = CertificateParams::new(Vec::new()).unwrap();
        wanted.distinguished_name.push(DnType::CommonName, common);
        wanted.subject_alt_names = names;
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        wanted.not_after = date_time_ymd(2100, 1, 1);
        let key = KeyPair::generate().unwrap();
        let shown = wanted.signed_by(&key, &self.issuer).unwrap().pem();
        let own =
            native_tls::Identity::from_pkcs8(shown.as_bytes(), key.serialize_pem().as_bytes());
        let acceptor = native_tls::TlsAcceptor::new(own.unwrap()).unwrap();
        let acceptor = tokio_native_tls::TlsAcceptor::from(acceptor);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            acceptor.accept(stream).await.is_ok()
        });
        let tcp = connect("127.0.0.1", port).await.unwrap();
        let dialled = encrypt(tcp, host, &self.trust()).await;
        let refused = dialled.map(drop).map_err(|error| error.to_string());
        let _ = served.await;
        refused
    }
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.to_owned().try_into().unwrap())
}

fn uri(name: &str) -> SanType {
    SanType::URI(name.to_owned().try_into().unwrap())
}

#[tokio::test]
async fn p60_names_of_hosts_count_and_uris_and_other_names_do_not() {
    let authority = Authority::new();
    let host = "pop.example.net";
    let cases = [
        (vec![dns(host)], true),
        (vec![dns("mail.example.net"), dns(host)], true),
        (vec![dns("POP.Example.NET")], true),
        (vec![dns("mail.example.net")], false),
        (vec![dns("example.net")], false),
        (vec![dns("pop.example.net.evil.example")], false),
        (
            vec![uri("pop://pop.example.net/"), dns("mail.example.net")],
            false,
        ),
        (vec![uri("https://pop.example.net")], false),
        (
            vec![SanType::Rfc822Name(
                "postmaster@pop.example.net".to_owned().try_into().unwrap(),
            )],
            false,
        ),
    ];
    for (names, good) in cases {
        let shown = format!("{names:?}");
        let dialled = authority.dialled("somebody", names, host).await;
        assert_eq!(dialled.is_ok(), good, "{shown}: {dialled:?}");
    }
    // Where a name of a host is there, the common name counts for nothing.
    let other = vec![dns("mail.example.net")];
    assert!(authority.dialled(host, other, host).await.is_err());
}

#[tokio::test]
async fn p60_a_right_name_helps_no_certificate_whose_path_is_wrong() {
    let (known, unknown) = (Authority::new(), Authority::new());
    let host = "pop.example.net";
    let stranger = Authority {
        folder: known.folder,
        issuer: unknown.issuer,
    };
    let why = stranger.dialled("x", vec![dns(host)], host).await;
    assert!(why.is_err_and(|why| !why.contains("mismatch")));
    let elsewhere = vec![dns("elsewhere.example")];
    assert!(stranger.dialled("x", elsewhere, host).await.is_err());
}

#[tokio::test]
async fn p61_a_star_stands_for_the_whole_first_label_and_nothing_else() {
    let authority = Authority::new();
    for (pattern, host, good) in [
        ("*.example.net", "pop.example.net", true),
        ("*.example.net", "POP.example.net", true),
        ("*.example.net", "example.net", false),
        ("*.example.net", "a.pop.example.net", false),
        ("p*.example.net", "pop.example.net", false),
        ("*p.example.net", "pop.example.net", false),
        ("p*p.example.net", "pop.example.net", false),
        ("pop.*.net", "pop.example.net", false),
        ("*.*.net", "pop.example.net", false),
        ("*", "pop", false),
    ] {
        let dialled = authority.dialled("x", vec![dns(pattern)], host).await;
        assert_eq!(dialled.is_ok(), good, "{pattern} for {host}: {dialled:?}");
    }
}

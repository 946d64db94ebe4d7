//! V9: certificates that no client may accept, each from the first octet and behind STLS. Not one octet of a credential goes
//! out, the error says what is wrong with the certificate, and nobody is offered to trust it all the same.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use tempfile::TempDir;

use crate::shim::{shim, watch};
use crate::support::certificates::Identity;
use crate::support::home::{Home, PASSWORD, text};
use crate::support::real::{free_ports, program, skip, until};
use crate::support::score::score;
use crate::support::trap::{Door, Trap};

/// A certificate to be refused.
struct Kind {
    name: &'static str,
    /// What the account trusts: lines of its configuration.
    trust: Trust,
    /// What the error has to say, one of these.
    reasons: &'static [&'static str],
    /// The hosts that are tried, and what the server shows to each.
    shown: fn(&Authorities) -> Vec<(&'static str, Shown)>,
}

#[derive(Clone, Copy)]
enum Trust {
    Authority,
    OtherPin,
}

enum Shown {
    Chain(Identity),
    /// A good certificate over a version of TLS that is not safe any more: the option of `openssl s_server`.
    Old(Identity, &'static str),
}

const HOST: &str = "mail.poppet.example";
const NAME: &[&str] = &[
    "hostname mismatch",
    "Hostname mismatch",
    "host name mismatch",
];

const KINDS: [Kind; 12] = [
    Kind {
        name: "expired",
        trust: Trust::Authority,
        reasons: &["expired"],
        shown: |by| {
            one(by.leaf(&[HOST], |wanted| {
                wanted.not_before = date_time_ymd(2019, 1, 1);
                wanted.not_after = date_time_ymd(2020, 1, 1);
            }))
        },
    },
    Kind {
        name: "not yet valid",
        trust: Trust::Authority,
        reasons: &["not yet valid"],
        shown: |by| {
            one(by.leaf(&[HOST], |wanted| {
                wanted.not_before = date_time_ymd(2090, 1, 1);
            }))
        },
    },
    Kind {
        name: "for another name",
        trust: Trust::Authority,
        reasons: NAME,
        shown: |by| one(by.leaf(&["elsewhere.poppet.example", "poppet.example"], |_| {})),
    },
    Kind {
        name: "self-signed",
        trust: Trust::Authority,
        reasons: &["self-signed certificate", "self signed certificate"],
        shown: |_| {
            let key = KeyPair::generate().unwrap();
            let pem = wanted(&[HOST]).self_signed(&key).unwrap().pem();
            one(identity(pem, &key))
        },
    },
    Kind {
        name: "a NUL behind the right name",
        trust: Trust::Authority,
        reasons: NAME,
        shown: |by| one(by.leaf(&["mail.poppet.example\0.evil.example"], |_| {})),
    },
    Kind {
        name: "the right name as common name only",
        trust: Trust::Authority,
        reasons: &["subjectAltName"],
        shown: |by| {
            one(by.leaf(&[], |wanted| {
                wanted.distinguished_name.push(DnType::CommonName, HOST);
            }))
        },
    },
    Kind {
        name: "a wildcard that does not cover the name",
        trust: Trust::Authority,
        reasons: NAME,
        shown: |by| {
            [
                ("foo.poppet.example", "f*o.poppet.example"),
                ("foo.poppet.example", "*oo.poppet.example"),
                ("foo.poppet.example", "fo*.poppet.example"),
                ("poppet.example", "*.poppet.example"),
                ("a.b.poppet.example", "*.poppet.example"),
                ("a.b.poppet.example", "a.*.poppet.example"),
                ("a.b.poppet.example", "*.*.poppet.example"),
                ("poppet.example", "*.example"),
            ]
            .into_iter()
            .map(|(host, named)| (host, Shown::Chain(by.leaf(&[named], |_| {}))))
            .collect()
        },
    },
    Kind {
        name: "of another authority with the same name",
        trust: Trust::Authority,
        reasons: &["issuer", "signature failure"],
        shown: |_| one(Authorities::new().leaf(&[HOST], |_| {})),
    },
    Kind {
        name: "of an intermediate authority that is not shown",
        trust: Trust::Authority,
        reasons: &["issuer"],
        shown: |by| one(by.leaf_of_intermediate(&[HOST], false)),
    },
    Kind {
        name: "TLS 1.0",
        trust: Trust::Authority,
        reasons: &["protocol version", "unsupported protocol"],
        shown: |by| vec![(HOST, Shown::Old(by.leaf(&[HOST], |_| {}), "-tls1"))],
    },
    Kind {
        name: "TLS 1.1",
        trust: Trust::Authority,
        reasons: &["protocol version", "unsupported protocol"],
        shown: |by| vec![(HOST, Shown::Old(by.leaf(&[HOST], |_| {}), "-tls1_1"))],
    },
    Kind {
        name: "not the pinned one",
        trust: Trust::OtherPin,
        reasons: &["is not the pinned one"],
        shown: |by| one(by.leaf(&[HOST], |_| {})),
    },
];

#[test]
fn v9_no_bad_certificate_is_accepted_over_either_kind_of_tls() {
    let (Some(shim), Some(openssl)) = (shim(), program("openssl")) else {
        return skip("openssl", "it serves old versions of TLS");
    };
    let authorities = Authorities::new();
    let (mut passed, mut total) = (0, 0);
    for kind in &KINDS {
        for tls in ["implicit", "starttls"] {
            total += 1;
            let shown = (kind.shown)(&authorities);
            let refused = shown.iter().all(|(host, shown)| {
                let outcome = outcome(kind, host, shown, tls, &authorities, shim, &openssl);
                if let Err(why) = &outcome {
                    println!("{} as {host}, {tls}: {why}", kind.name);
                }
                outcome.is_ok()
            });
            passed += usize::from(refused);
        }
    }
    score(
        "TLS refusals",
        passed,
        total,
        "no octet of a credential sent",
    );
}

#[test]
fn v9_good_certificates_are_accepted_and_the_credentials_are_heard() {
    let Some(shim) = shim() else { return };
    let by = Authorities::new();
    let good = [
        (HOST, by.leaf(&[HOST], |_| {})),
        (HOST, by.leaf(&["*.poppet.example"], |_| {})),
        (HOST, by.leaf(&["MAIL.Poppet.Example"], |_| {})),
        (HOST, by.leaf_of_intermediate(&[HOST], true)),
        ("127.0.0.1", by.leaf(&["127.0.0.1"], |_| {})),
    ];
    for (host, identity) in &good {
        for (door, tls) in [(Door::Implicit, "implicit"), (Door::Starttls, "starttls")] {
            let trap = Trap::open(door, identity);
            let home = home(host, trap.port, tls, Trust::Authority, &by);
            let mut command = home.command(["sync", "--json"]);
            watch(&mut command, shim, &home.path().join("record"));
            let run = crate::support::run::Running::start(command, "").end();
            run.expect_code(4);
            let lines = trap.lines();
            assert!(
                lines.iter().any(|line| is_credential(line)),
                "{host} {tls}: {lines:?}"
            );
        }
    }
}

#[test]
fn v9_the_old_server_of_the_test_does_speak_old_tls() {
    let Some(openssl) = program("openssl") else {
        return skip("openssl", "it serves old versions of TLS");
    };
    let by = Authorities::new();
    for version in ["-tls1", "-tls1_1"] {
        let server = OldServer::start(
            &openssl,
            &by.leaf(&[HOST], |_| {}),
            version,
            by.folder.path(),
        );
        let mut client = Command::new(&openssl)
            .args([
                "s_client",
                version,
                "-cipher",
                "ALL:@SECLEVEL=0",
                "-connect",
            ])
            .arg(format!("127.0.0.1:{}", server.port))
            .env("OPENSSL_CONF", by.folder.path().join("openssl.cnf"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ended = until(Duration::from_secs(20), || client.try_wait().unwrap());
        assert!(ended.is_some());
        let said = client.wait_with_output().unwrap().stdout;
        let said = String::from_utf8_lossy(&said);
        let wanted = if version == "-tls1" {
            "TLSv1\n"
        } else {
            "TLSv1.1\n"
        };
        assert!(said.contains("Protocol") && said.contains(wanted), "{said}");
    }
}

/// Tries one host of a kind; `Err` says what was not as it should be.
fn outcome(
    kind: &Kind,
    host: &str,
    shown: &Shown,
    tls: &'static str,
    by: &Authorities,
    shim: &Path,
    openssl: &Path,
) -> Result<(), String> {
    let door = if tls == "implicit" {
        Door::Implicit
    } else {
        Door::Starttls
    };
    let (mut old, mut trap, mut passage) = (None, None, None);
    let port = match shown {
        Shown::Chain(identity) => trap.insert(Trap::open(door, identity)).port,
        Shown::Old(identity, version) => {
            let server = old.insert(OldServer::start(
                openssl,
                identity,
                version,
                by.folder.path(),
            ));
            passage
                .insert(Passage::open(server.port, tls == "starttls"))
                .port
        }
    };
    let home = home(host, port, tls, kind.trust, by);
    let mut command = home.command(["sync", "--json"]);
    watch(&mut command, shim, &home.path().join("record"));
    // The system's own floor is taken away: what is refused is refused by poppet.
    command.env("OPENSSL_CONF", by.folder.path().join("openssl.cnf"));
    let run = crate::support::run::Running::start(command, "").end();
    let said = run.errors();
    if run.code != Some(3) {
        return Err(format!("ended with {:?}: {said}", run.code));
    }
    let problem = run.problem();
    let why = text(&problem, "why");
    if text(&problem, "kind") != "tls" || !kind.reasons.iter().any(|reason| why.contains(reason)) {
        return Err(format!("the error does not say why: {problem}"));
    }
    let remedy = text(&problem, "remedy");
    let offered = remedy.contains("pin") && !matches!(kind.trust, Trust::OtherPin);
    if offered || said.contains("[y") {
        return Err(format!(
            "it is offered to trust the certificate all the same: {said}"
        ));
    }
    if trap.as_ref().is_some_and(|trap| trap.connections() == 0) {
        return Err("nobody came".to_owned());
    }
    let mut lines = trap.map(|trap| trap.lines()).unwrap_or_default();
    // What the old server was told has reached it when all that went through the passage is over.
    lines.extend(passage.iter().flat_map(Passage::lines));
    lines.extend(old.iter().flat_map(OldServer::lines));
    match lines.iter().find(|line| is_credential(line)) {
        Some(line) => Err(format!("a credential went out: {line}")),
        None => Ok(()),
    }
}

fn is_credential(line: &str) -> bool {
    let verb = line
        .split(' ')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    matches!(verb.as_str(), "USER" | "PASS" | "APOP" | "AUTH") || line.contains(PASSWORD)
}

fn home(host: &str, port: u16, tls: &str, trust: Trust, by: &Authorities) -> Home {
    let trust = match trust {
        Trust::Authority => format!("ca_file = \"{}\"", by.file().display()),
        Trust::OtherPin => format!("pin = \"sha256:{}\"", "5a".repeat(32)),
    };
    let home = Home::new();
    home.write_config(&format!(
        "[accounts.home]\nemail = \"sam@example.net\"\n\n[accounts.home.pop3]\nhost = \"{host}\"\nport = {port}\n\
         tls = \"{tls}\"\nuser = \"sam\"\npassword = {{ command = [\"printf\", \"{PASSWORD}\"] }}\n{trust}\n"
    ));
    home
}

/// A root, an intermediate of it, and the file that a client trusts.
struct Authorities {
    folder: TempDir,
    root: Issuer<'static, KeyPair>,
    intermediate: Issuer<'static, KeyPair>,
    intermediate_pem: String,
}

impl Authorities {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let params = authority("poppet test authority");
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        std::fs::write(folder.path().join("ca.pem"), pem).unwrap();
        std::fs::write(folder.path().join("openssl.cnf"), NO_FLOOR).unwrap();
        let root = Issuer::new(params, key);
        let params = authority("poppet test intermediate");
        let key = KeyPair::generate().unwrap();
        let intermediate_pem = params.signed_by(&key, &root).unwrap().pem();
        Self {
            folder,
            root,
            intermediate: Issuer::new(params, key),
            intermediate_pem,
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A certificate of the root for these names.
    fn leaf(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Identity {
        let mut wanted = wanted(names);
        change(&mut wanted);
        let key = KeyPair::generate().unwrap();
        identity(wanted.signed_by(&key, &self.root).unwrap().pem(), &key)
    }

    /// A certificate of the intermediate, which is shown along with it or not.
    fn leaf_of_intermediate(&self, names: &[&str], shown: bool) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut pem = wanted(names)
            .signed_by(&key, &self.intermediate)
            .unwrap()
            .pem();
        if shown {
            pem += &self.intermediate_pem;
        }
        identity(pem, &key)
    }
}

fn authority(name: &str) -> CertificateParams {
    let mut wanted = CertificateParams::new(Vec::new()).unwrap();
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    wanted.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    wanted.not_before = date_time_ymd(2019, 1, 1);
    wanted.not_after = date_time_ymd(2100, 1, 1);
    wanted
}

fn wanted(names: &[&str]) -> CertificateParams {
    let mut wanted = CertificateParams::new(Vec::new()).unwrap();
    wanted.subject_alt_names = names
        .iter()
        .map(|name| match name.parse() {
            Ok(address) => SanType::IpAddress(address),
            Err(_) => SanType::DnsName((*name).try_into().unwrap()),
        })
        .collect();
    wanted.use_authority_key_identifier_extension = true;
    wanted.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    wanted.not_before = date_time_ymd(2019, 1, 1);
    wanted.not_after = date_time_ymd(2100, 1, 1);
    wanted
}

fn identity(certificate_pem: String, key: &KeyPair) -> Identity {
    Identity {
        certificate: PathBuf::new(),
        key: PathBuf::new(),
        certificate_pem,
        key_pem: key.serialize_pem(),
    }
}

fn one(identity: Identity) -> Vec<(&'static str, Shown)> {
    vec![(HOST, Shown::Chain(identity))]
}

/// `openssl s_server`, which knows versions of TLS that are not safe any more.
struct OldServer {
    port: u16,
    child: Child,
    folder: TempDir,
}

impl OldServer {
    fn start(openssl: &Path, identity: &Identity, version: &str, settings: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (certificate, key) = (
            folder.path().join("cert.pem"),
            folder.path().join("key.pem"),
        );
        std::fs::write(&certificate, &identity.certificate_pem).unwrap();
        std::fs::write(&key, &identity.key_pem).unwrap();
        let [port] = free_ports();
        let child = Command::new(openssl)
            .args([
                "s_server",
                version,
                "-cipher",
                "ALL:@SECLEVEL=0",
                "-quiet",
                "-accept",
            ])
            .arg(port.to_string())
            .arg("-cert")
            .arg(certificate)
            .arg("-key")
            .arg(key)
            .env("OPENSSL_CONF", settings.join("openssl.cnf"))
            .stdin(Stdio::piped())
            .stdout(std::fs::File::create(folder.path().join("decrypted")).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
        assert!(
            until(Duration::from_secs(20), listens).is_some(),
            "openssl s_server does not listen"
        );
        Self {
            port,
            child,
            folder,
        }
    }

    /// What was said to it inside TLS.
    fn lines(&self) -> Vec<String> {
        let octets = std::fs::read(self.folder.path().join("decrypted")).unwrap_or_default();
        String::from_utf8_lossy(&octets)
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for OldServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A way to an [`OldServer`], behind STLS if that is wanted, that takes down what is said in clear.
struct Passage {
    port: u16,
    said: std::sync::Arc<std::sync::Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    lines: Vec<String>,
    connections: usize,
    /// Those that are over, with all that went through them.
    ended: usize,
}

impl Passage {
    fn open(to: u16, stls: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = std::sync::Arc::<std::sync::Mutex<Said>>::default();
        let record = std::sync::Arc::clone(&said);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                record.lock().unwrap().connections += 1;
                let _ = pass(stream, to, stls, &record);
                record.lock().unwrap().ended += 1;
            }
        });
        Self { port, said }
    }

    /// What was said in clear, once somebody came and every connection is over.
    fn lines(&self) -> Vec<String> {
        let lines = until(Duration::from_mins(1), || {
            let said = self.said.lock().unwrap();
            (said.connections > 0 && said.ended == said.connections).then(|| said.lines.clone())
        });
        lines.expect("somebody comes and goes")
    }
}

fn pass(
    mut near: TcpStream,
    to: u16,
    stls: bool,
    record: &std::sync::Mutex<Said>,
) -> std::io::Result<()> {
    if stls {
        near.write_all(b"+OK ready\r\n")?;
        let mut lines = BufReader::new(near.try_clone()?);
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line)? == 0 {
                return Ok(());
            }
            record.lock().unwrap().lines.push(line.clone());
            match line.trim_end() {
                "CAPA" => near.write_all(b"+OK\r\nUSER\r\nUIDL\r\nTOP\r\nSTLS\r\n.\r\n")?,
                "STLS" => break near.write_all(b"+OK begin\r\n")?,
                _ => near.write_all(b"+OK\r\n")?,
            }
        }
    }
    let far = TcpStream::connect(("127.0.0.1", to))?;
    let (mut from, mut into) = (near.try_clone()?, far.try_clone()?);
    let forth = std::thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut into);
        let _ = into.shutdown(std::net::Shutdown::Write);
    });
    let mut far = far;
    let _ = std::io::copy(&mut far, &mut near);
    let _ = near.shutdown(std::net::Shutdown::Both);
    let _ = forth.join();
    Ok(())
}

/// Settings of OpenSSL without a lowest version of TLS.
const NO_FLOOR: &str = "openssl_conf = settings\n[settings]\nssl_conf = ssl\n[ssl]\nsystem_default = all\n\
                        [all]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n";

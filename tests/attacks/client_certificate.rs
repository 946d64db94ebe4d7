//! A server that asks who the client is: it is shown no certificate, because there is none.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::certificates::{Authority, Shown};
use crate::support::home::{Account, Home, PASSWORD};
use crate::support::real::{free_ports, program, skip, until};

/// How `openssl s_server` asks: for any certificate, or for one without which it goes no further.
const ASKS: [&str; 2] = ["-verify", "-Verify"];

#[test]
fn p68_a_server_that_asks_for_a_client_certificate_is_shown_none() {
    let Some(openssl) = program("openssl") else {
        return skip("openssl", "it serves TLS that asks for certificates");
    };
    let authority = Authority::new();
    for version in ["-tls1_2", "-tls1_3"] {
        for asks in ASKS {
            let folder = tempfile::tempdir().unwrap();
            let identity = authority.identity(Shown::Good, folder.path());
            let [port] = free_ports();
            let seen = folder.path().join("seen");
            let record = std::fs::File::create(&seen).unwrap();
            let mut server = Command::new(&openssl)
                .args(["s_server", version, asks, "1", "-msg", "-accept"])
                .arg(port.to_string())
                .arg("-cert")
                .arg(&identity.certificate)
                .arg("-key")
                .arg(&identity.key)
                .stdin(Stdio::piped())
                .stdout(record.try_clone().unwrap())
                .stderr(record)
                .spawn()
                .unwrap();
            let listens = || TcpStream::connect(("127.0.0.1", port)).ok();
            assert!(until(Duration::from_secs(20), listens).is_some());
            let home = Home::with_accounts(&[Account::encrypted(
                "home",
                port,
                "implicit",
                Some(authority.file()),
            )]);
            // The server says nothing of POP3: what counts is what was said to it before.
            let running = home.start(["check", "--json"]);
            let answered = until(Duration::from_secs(30), || {
                let said = std::fs::read_to_string(&seen).unwrap();
                answer(&said)
            });
            drop(running);
            server.kill().unwrap();
            server.wait().unwrap();
            let said = std::fs::read_to_string(&seen).unwrap();
            // Kind 11, three octets of length, in TLS 1.3 an empty context, and an empty list (RFC 8446 section 4.4.2).
            let empty = if version == "-tls1_3" {
                "0b 00 00 04 00 00 00 00"
            } else {
                "0b 00 00 03 00 00 00"
            };
            assert_eq!(answered.as_deref(), Some(empty), "{version} {asks}: {said}");
            assert!(said.contains("CertificateRequest"), "{version}: {said}");
            assert!(!said.contains(PASSWORD), "{version} {asks}");
        }
    }
}

/// The octets of the client's `Certificate`, as the server has taken them down.
fn answer(said: &str) -> Option<String> {
    let mut lines = said.lines();
    lines.find(|line| line.starts_with("<<<") && line.ends_with(", Certificate"))?;
    let octets = lines.next()?.trim();
    // The next message shows that the line is whole.
    lines.next()?;
    Some(octets.to_owned())
}

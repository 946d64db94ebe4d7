//! Courier: its listener's work is done by the test, its login, its TLS and its server are its own.

use std::process::Command;

use super::cage::{Cage, give};
use super::inetd::Inetd;
use super::{Mail, Part, Ports, chain_and_key, maildir_in, spawn};
use crate::support::certificates::Identity;

/// Starts the daemon that checks passwords, and listens with and without TLS.
pub(crate) fn start(cage: &Cage, ports: &Ports, identity: &Identity) -> (Vec<Part>, Mail) {
    let run = cage.path("run/courier/authdaemon");
    std::fs::create_dir_all(&run).expect("a folder");
    for folder in ["run/courier", "run/courier/authdaemon"] {
        give(&cage.path(folder), COURIER);
    }
    cage.write("etc/courier/pop3d.pem", &chain_and_key(identity), 0o600);
    give(&cage.path("etc/courier/pop3d.pem"), COURIER);

    let mut daemon = cage.command("/usr/lib/courier/courier-authlib/authdaemond");
    daemon
        .env("authmodulelist", "authpam")
        .env("daemons", "2")
        .env("authdaemonvar", "/run/courier/authdaemon");
    let daemon = spawn(&mut daemon, &cage.path("tmp/authdaemond.log"));

    let mut plain = cage.command(LOGIN);
    plain
        .env("POP3_STARTTLS", "YES")
        .env("COURIERTLS", "/usr/bin/couriertls")
        .args([SERVER, "Maildir"]);
    let mut encrypted = cage.command("/usr/bin/couriertls");
    encrypted
        .env("POP3_STARTTLS", "NO")
        .env("POP3_TLS", "1")
        .args([
            "-server",
            "-tcpd",
            "-user=courier",
            LOGIN,
            SERVER,
            "Maildir",
        ]);
    let listeners = [(ports.plain, plain), (ports.tls, encrypted)].map(|(port, mut serve)| {
        with_tls(&mut serve);
        Part::Inetd(Inetd::listen(port, serve))
    });
    let running = std::iter::once(daemon).chain(listeners).collect();
    (running, maildir_in(cage))
}

fn with_tls(serve: &mut Command) {
    serve
        .env("POP3AUTH", "")
        .env("POP3AUTH_TLS", "PLAIN")
        .env("TLS_CERTFILE", "/etc/courier/pop3d.pem")
        .env("TLS_VERIFYPEER", "NONE");
}

const COURIER: u32 = 993;
const LOGIN: &str = "/usr/lib/courier/courier/courierpop3login";
const SERVER: &str = "/usr/lib/courier/courier/courierpop3d";

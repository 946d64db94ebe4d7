//! Cyrus: a master with its services, a mail store of its own, and delivery by LMTP (RFC 2033).

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use super::cage::{Cage, give};
use super::{Mail, Part, Ports, spawn};
use crate::support::certificates::Identity;
use crate::support::home::PASSWORD;
use crate::support::real::until;

/// Makes an empty store with one user, and starts the master.
pub(crate) fn start(cage: &Cage, ports: &Ports, identity: &Identity) -> (Vec<Part>, Mail) {
    let world = cage.path("var/cyrus");
    let _ = std::fs::remove_dir_all(&world);
    for folder in ["conf", "spool", "run", "sock"] {
        std::fs::create_dir_all(world.join(folder)).expect("a folder");
        give(&world.join(folder), CYRUS);
    }
    give(&world, CYRUS);
    for (file, text) in [
        ("etc/server.pem", &identity.certificate_pem),
        ("etc/server.key", &identity.key_pem),
    ] {
        cage.write(file, text, 0o600);
        give(&cage.path(file), CYRUS);
    }
    cage.write("etc/imapd.conf", SETTINGS, 0o644);
    let services = format!(
        "START {{\n  recover cmd=\"{BIN}/ctl_cyrusdb -r -C /etc/imapd.conf\"\n}}\nSERVICES {{\n\
         \x20 pop3 cmd=\"{BIN}/pop3d -C /etc/imapd.conf\" listen=\"127.0.0.1:{}\" prefork=0\n\
         \x20 pop3s cmd=\"{BIN}/pop3d -s -C /etc/imapd.conf\" listen=\"127.0.0.1:{}\" prefork=0\n\
         \x20 lmtpunix cmd=\"{BIN}/lmtpd -a -C /etc/imapd.conf\" listen=\"/var/cyrus/sock/lmtp\" prefork=0\n\
         }}\nEVENTS {{\n}}\n",
        ports.plain, ports.tls
    );
    cage.write("etc/cyrus.conf", &services, 0o644);
    set_password(cage);

    let mut master = cage.command(&format!("{BIN}/master"));
    master.args([
        "-C",
        "/etc/imapd.conf",
        "-M",
        "/etc/cyrus.conf",
        "-p",
        "/var/cyrus/master.pid",
    ]);
    let part = spawn(&mut master, &cage.path("tmp/master.log"));
    (vec![part], Mail::Lmtp(world.join("sock/lmtp")))
}

/// Delivers over LMTP. Gives the places of messages that were refused.
pub(crate) fn hand_over(socket: &Path, messages: &[Vec<u8>]) -> Vec<usize> {
    let mut session = Lmtp::connect(socket);
    let mut refused = Vec::new();
    for (place, message) in messages.iter().enumerate() {
        session.expect(b"MAIL FROM:<keeper@lighthouse.example>\r\n", b"250");
        session.expect(b"RCPT TO:<sam>\r\n", b"250");
        session.expect(b"DATA\r\n", b"354");
        if !session.ask(&stuffed(message)).starts_with(b"250") {
            refused.push(place);
        }
    }
    session.expect(b"QUIT\r\n", b"221");
    refused
}

/// The file of passwords, written by the program that Cyrus has for it.
fn set_password(cage: &Cage) {
    let mut set = cage.command("/usr/sbin/saslpasswd2");
    set.args([
        "-p",
        "-c",
        "-f",
        "/var/cyrus/passwords",
        "-u",
        "localhost",
        "sam",
    ]);
    let mut set = set
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("start saslpasswd2");
    let mut input = set.stdin.take().expect("its input");
    writeln!(input, "{PASSWORD}").expect("say the password");
    drop(input);
    assert!(
        set.wait().expect("its end").success(),
        "no password was set"
    );
    give(&cage.path("var/cyrus/passwords"), CYRUS);
}

struct Lmtp(BufReader<UnixStream>);

impl Lmtp {
    fn connect(socket: &Path) -> Self {
        let stream = until(LIMIT, || UnixStream::connect(socket).ok()).expect("LMTP answers");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        let mut session = Self(BufReader::new(stream));
        assert!(session.reply().starts_with(b"220"), "an LMTP greeting");
        session.expect(b"LHLO lighthouse.example\r\n", b"250");
        session
    }

    fn ask(&mut self, octets: &[u8]) -> Vec<u8> {
        self.0.get_mut().write_all(octets).expect("speak LMTP");
        self.reply()
    }

    fn expect(&mut self, command: &[u8], code: &[u8]) {
        let reply = self.ask(command);
        assert!(
            reply.starts_with(code),
            "{}: {}",
            String::from_utf8_lossy(command).trim_end(),
            String::from_utf8_lossy(&reply)
        );
    }

    /// The last line of a reply.
    fn reply(&mut self) -> Vec<u8> {
        loop {
            let mut line = Vec::new();
            self.0.read_until(b'\n', &mut line).expect("an LMTP reply");
            if line.get(3) != Some(&b'-') {
                return line;
            }
        }
    }
}

/// The message as DATA carries it: CRLF at the end of every line, dots doubled, and the dot that ends it.
fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(message.len() + message.len() / 16 + 8);
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        data.extend_from_slice(b"\r\n");
    }
    data.extend_from_slice(b".\r\n");
    data
}

const SETTINGS: &str = "configdirectory: /var/cyrus/conf
partition-default: /var/cyrus/spool
defaultpartition: default
admins: cyrus
allowplaintext: yes
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: /var/cyrus/passwords
sasl_mech_list: PLAIN
servername: localhost
altnamespace: yes
unixhierarchysep: no
proc_path: /var/cyrus/run/proc
mboxname_lockpath: /var/cyrus/run/lock
lmtpsocket: /var/cyrus/sock/lmtp
idlesocket: /var/cyrus/sock/idle
notifysocket: /var/cyrus/sock/notify
duplicatesuppression: no
autocreate_quota: 0
autocreate_post: yes
tls_server_cert: /etc/server.pem
tls_server_key: /etc/server.key
sievedir: /var/cyrus/sieve
";

const BIN: &str = "/usr/lib/cyrus/bin";
const CYRUS: u32 = 992;
const LIMIT: Duration = Duration::from_secs(30);

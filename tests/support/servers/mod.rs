//! Seven POP3 servers that people run, each with one mailbox of the user `sam`, started by hand on free ports.
//!
//! Dovecot and mpopd are taken from the system. The packages of the others exclude one another, so they are never
//! installed: `.ci/real-servers` unpacks each into a folder of its own, names the folder above them in `POPPET_SERVERS`,
//! and the server runs with its folder as its root.

pub(crate) mod cage;
pub(crate) mod courier;
pub(crate) mod cutter;
pub(crate) mod cyrus;
pub(crate) mod hostile;
pub(crate) mod inetd;
pub(crate) mod mailutils;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::support::certificates::{Authority, Identity, Shown};
use crate::support::dovecot::Dovecot;
use crate::support::home::{Account, PASSWORD};
use crate::support::raw_pop3::RawPop3;
use crate::support::real::{free_ports, program, until};
use crate::support::run::signal;
use cage::Cage;
use inetd::Inetd;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Dovecot,
    Courier,
    Cyrus,
    Mailutils,
    Popa3d,
    SolidPop3d,
    Mpopd,
}

/// How a client reaches a server: the three values of `tls` in an account.
pub(crate) type Transport = &'static str;

/// A running server with an empty mailbox to begin with; it ends with the value.
pub(crate) struct RealServer {
    pub(crate) kind: Kind,
    /// The port of plain POP3, and of STLS where there is that.
    pub(crate) port: u16,
    tls_port: Option<u16>,
    authority: Authority,
    mail: Mail,
    delivered: usize,
    running: Vec<Part>,
    /// Kept for as long as the server runs.
    _folder: TempDir,
    _cage: Option<Cage>,
}

/// Where mail is put for the server.
pub(crate) enum Mail {
    /// Into Dovecot's own Maildir.
    Dovecot(Box<Dovecot>),
    /// A Maildir, and whose it is.
    Maildir(PathBuf, u32),
    /// An mbox, and whose it is.
    Mbox(PathBuf, u32),
    /// By LMTP over this socket.
    Lmtp(PathBuf),
}

/// A part of a running server.
pub(crate) enum Part {
    /// A process, ended by SIGTERM.
    Process(Child),
    /// A listener that starts a process for each connection.
    Inetd(#[expect(dead_code, reason = "it listens for as long as it is kept")] Inetd),
}

/// What starting a server takes.
pub(crate) struct Ports {
    pub(crate) plain: u16,
    pub(crate) tls: u16,
}

impl Kind {
    pub(crate) const ALL: [Self; 7] = [
        Self::Dovecot,
        Self::Courier,
        Self::Cyrus,
        Self::Mailutils,
        Self::Popa3d,
        Self::SolidPop3d,
        Self::Mpopd,
    ];

    /// As it is written in the scoreboard, and as the folder of an unpacked one is called.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dovecot => "dovecot",
            Self::Courier => "courier",
            Self::Cyrus => "cyrus",
            Self::Mailutils => "mailutils",
            Self::Popa3d => "popa3d",
            Self::SolidPop3d => "solid-pop3d",
            Self::Mpopd => "mpopd",
        }
    }

    /// Every way in that this server has.
    pub(crate) fn transports(self) -> &'static [Transport] {
        match self {
            Self::Dovecot | Self::Courier | Self::Cyrus | Self::Mailutils => {
                &["none", "starttls", "implicit"]
            }
            Self::Popa3d | Self::SolidPop3d | Self::Mpopd => &["none"],
        }
    }

    /// Whether the server can be started here. Where `POPPET_SERVERS` promises all seven, each must be there.
    pub(crate) fn is_here(self) -> bool {
        let (here, why) = match self {
            Self::Dovecot => (program("dovecot").is_some(), "dovecot is not installed"),
            Self::Mpopd => (program("mpopd").is_some(), "mpopd is not installed"),
            _ => (
                cage::folder(self).is_some(),
                "it is not unpacked: see .ci/real-servers",
            ),
        };
        assert!(
            here || std::env::var_os(cage::SERVERS).is_none(),
            "{}: {why}, though {} is set",
            self.name(),
            cage::SERVERS
        );
        if !here {
            let line = format!("SKIPPED real server {}: {why}\n", self.name());
            // Written past the harness. No machine has them all installed, so none is required but by the script.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
        here
    }
}

impl RealServer {
    /// Starts one that is here.
    pub(crate) fn start(kind: Kind) -> Self {
        let [plain, tls] = free_ports();
        let ports = Ports { plain, tls };
        let authority = Authority::new();
        let folder = tempfile::Builder::new()
            .prefix("poppet-server-")
            .tempdir()
            .expect("a temporary folder");
        let identity = authority.identity(Shown::Good, folder.path());
        let caged = !matches!(kind, Kind::Dovecot | Kind::Mpopd);
        let cage = caged.then(|| Cage::open(kind));
        let (running, mail) = match (kind, &cage) {
            (Kind::Mpopd, _) => mpopd(folder.path(), &ports),
            (Kind::Courier, Some(cage)) => courier::start(cage, &ports, &identity),
            (Kind::Cyrus, Some(cage)) => cyrus::start(cage, &ports, &identity),
            (Kind::Mailutils, Some(cage)) => mailutils::start(cage, &ports, &identity),
            (Kind::Popa3d, Some(cage)) => popa3d(cage, &ports),
            (Kind::SolidPop3d, Some(cage)) => solid_pop3d(cage, &ports),
            _ => return Self::dovecot(folder),
        };
        let server = Self {
            kind,
            port: ports.plain,
            tls_port: kind.transports().contains(&"implicit").then_some(tls),
            authority,
            mail,
            delivered: 0,
            running,
            _folder: folder,
            _cage: cage,
        };
        let ready = until(LIMIT, || RawPop3::connect(server.port).ok());
        assert!(ready.is_some(), "{} does not answer", kind.name());
        server
    }

    fn dovecot(folder: TempDir) -> Self {
        let mut server = Dovecot::start().expect("dovecot is here");
        let authority = std::mem::replace(&mut server.authority, Authority::new());
        Self {
            kind: Kind::Dovecot,
            port: server.port,
            tls_port: Some(server.tls_port),
            authority,
            mail: Mail::Dovecot(Box::new(server)),
            delivered: 0,
            running: Vec::new(),
            _folder: folder,
            _cage: None,
        }
    }

    /// Puts messages into the mailbox, in this order, as an honest delivery agent does. Gives the places of those that
    /// the server's own door turned away.
    pub(crate) fn deliver(&mut self, messages: &[Vec<u8>]) -> Vec<usize> {
        let first = self.delivered;
        self.delivered += messages.len();
        match &mut self.mail {
            Mail::Dovecot(server) => server.deliver("sam", messages),
            Mail::Maildir(maildir, owner) => into_maildir(maildir, *owner, first, messages),
            Mail::Mbox(file, owner) => into_mbox(file, *owner, messages),
            Mail::Lmtp(socket) => return cyrus::hand_over(socket, messages),
        }
        Vec::new()
    }

    /// Takes all mail out of a Maildir, as nobody does while people use it.
    pub(crate) fn empty(&self) {
        match &self.mail {
            Mail::Maildir(maildir, owner) => make_maildir(maildir, *owner),
            _ => panic!("{} keeps its mail to itself", self.kind.name()),
        }
    }

    /// The port of a way in.
    pub(crate) fn port_of(&self, transport: Transport) -> u16 {
        if transport == "implicit" {
            self.tls_port.expect("a port with TLS")
        } else {
            self.port
        }
    }

    /// The settings of an account that reaches the server this way, at a port that leads to it.
    pub(crate) fn account(&self, transport: Transport, port: u16) -> Account {
        let authority = (transport != "none").then(|| self.authority.file());
        Account::encrypted("home", port, transport, authority)
    }

    /// The file with the authority that signed the server's certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.authority.file()
    }

    /// A plain client's session, logged in. A mailbox that an ended session still holds is tried again.
    pub(crate) fn plain_client(&self) -> RawPop3 {
        let mut last = None;
        let session = until(LIMIT, || match RawPop3::login(self.port, "sam", PASSWORD) {
            Ok(session) => Some(session),
            Err(error) => {
                last = Some(error);
                None
            }
        });
        let mut session =
            session.unwrap_or_else(|| panic!("no plain login at {}: {last:?}", self.kind.name()));
        if self.kind == Kind::Courier {
            // Without it, Courier wraps a message with an 8-bit header into one that says so (RFC 6856).
            session.ask("UTF8").expect("agree on UTF-8");
        }
        session
    }

    /// Everything that the server holds, asked without poppet: unique-id and SHA-256 of what RETR gives, in the order of
    /// these, because some servers number their messages anew from one session to the next.
    pub(crate) fn holds(&self) -> Vec<(String, String)> {
        let mut session = self.plain_client();
        let read = (|| {
            let mut messages = Vec::new();
            for (number, uidl) in session.uidls()? {
                let octets = session.ask_many(&format!("RETR {number}"))?.concat();
                messages.push((uidl, sha256(&octets)));
            }
            session.ask("QUIT")?;
            std::io::Result::Ok(messages)
        })();
        let mut messages =
            read.unwrap_or_else(|error| panic!("{} cannot be read: {error}", self.kind.name()));
        messages.sort();
        messages
    }
}

/// In hexadecimal, as `list --json` has it.
pub(crate) fn sha256(octets: &[u8]) -> String {
    let digest = Sha256::digest(octets);
    let pairs: Vec<String> = digest.iter().map(|octet| format!("{octet:02x}")).collect();
    pairs.concat()
}

impl Drop for RealServer {
    fn drop(&mut self) {
        for part in self.running.drain(..) {
            if let Part::Process(mut child) = part {
                signal(child.id(), rustix::process::Signal::TERM);
                let ended = until(Duration::from_secs(5), || child.try_wait().ok().flatten());
                if ended.is_none() {
                    let _ = child.kill();
                    let _ = child.wait();
                }
            }
        }
    }
}

/// Starts a program that stays in the foreground, silent but for its log.
pub(crate) fn spawn(command: &mut Command, log: &Path) -> Part {
    let log = std::fs::File::create(log).expect("a log");
    let errors = log.try_clone().expect("a log");
    command.stdin(Stdio::null()).stdout(log).stderr(errors);
    Part::Process(command.spawn().expect("start a server"))
}

fn mpopd(folder: &Path, ports: &Ports) -> (Vec<Part>, Mail) {
    let maildir = folder.join("Maildir");
    let owner = rustix::process::getuid().as_raw();
    make_maildir(&maildir, owner);
    let mut command = Command::new(program("mpopd").expect("mpopd is here"));
    command
        .arg("--interface=127.0.0.1")
        .arg(format!("--port={}", ports.plain))
        .arg(format!("--auth=sam,printf '%s\\n' {PASSWORD}"))
        .arg(format!("--maildir={}", maildir.display()));
    let part = spawn(&mut command, &folder.join("log"));
    (vec![part], Mail::Maildir(maildir, owner))
}

fn popa3d(cage: &Cage, ports: &Ports) -> (Vec<Part>, Mail) {
    let file = cage.path("var/mail/sam");
    std::fs::create_dir_all(cage.path("var/mail")).expect("a folder of mail");
    cage::open_to_all(&cage.path("var/mail"));
    into_mbox(&file, cage::OWNER, &[]);
    let serve = cage.command("/usr/sbin/popa3d");
    let part = Part::Inetd(Inetd::listen(ports.plain, serve));
    (vec![part], Mail::Mbox(file, cage::OWNER))
}

fn solid_pop3d(cage: &Cage, ports: &Ports) -> (Vec<Part>, Mail) {
    let maildir = cage.path("home/sam/Maildir");
    make_maildir(&maildir, cage::OWNER);
    std::fs::create_dir_all(cage.path("var/lib/solid-pop3d/bulletins")).expect("a folder");
    let mut serve = cage.command("/usr/sbin/solid-pop3d");
    serve.args(["-f", "/dev/null", "-t", "maildir", "-n", "Maildir"]);
    let part = Part::Inetd(Inetd::listen(ports.plain, serve));
    (vec![part], Mail::Maildir(maildir, cage::OWNER))
}

/// A Maildir inside a cage, for a server that reads one.
pub(crate) fn maildir_in(cage: &Cage) -> Mail {
    let maildir = cage.path("home/sam/Maildir");
    make_maildir(&maildir, cage::OWNER);
    Mail::Maildir(maildir, cage::OWNER)
}

/// Makes an empty Maildir in the place of what is there.
fn make_maildir(maildir: &Path, owner: u32) {
    let _ = std::fs::remove_dir_all(maildir);
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part)).expect("a Maildir");
        cage::give(&maildir.join(part), owner);
    }
    cage::give(maildir, owner);
}

fn into_maildir(maildir: &Path, owner: u32, first: usize, messages: &[Vec<u8>]) {
    for (i, message) in (first..).zip(messages) {
        // Servers number new mail by file name; the seconds in it are the time of arrival.
        let name = format!("{}.M{i:06}P1.test", 1_760_000_000 + i);
        let tmp = maildir.join("tmp").join(&name);
        std::fs::write(&tmp, message).expect("write a message");
        cage::give(&tmp, owner);
        std::fs::rename(&tmp, maildir.join("new").join(&name)).expect("deliver it");
    }
}

/// Appends to an mbox: a separator, the message with each `From ` at the start of a line behind a `>`, an empty line.
fn into_mbox(file: &Path, owner: u32, messages: &[Vec<u8>]) {
    let mut text = Vec::new();
    for message in messages {
        text.extend_from_slice(b"From keeper@lighthouse.example Mon Nov 23 11:02:00 2026\n");
        for line in message.split_inclusive(|octet| *octet == b'\n') {
            if line.starts_with(b"From ") {
                text.push(b'>');
            }
            text.extend_from_slice(line);
        }
        if !message.ends_with(b"\n") {
            text.push(b'\n');
        }
        text.push(b'\n');
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true);
    if messages.is_empty() {
        options.write(true).truncate(true);
    } else {
        options.append(true);
    }
    let mut mbox = options.open(file).expect("open the mbox");
    mbox.write_all(&text).expect("append to the mbox");
    cage::give(file, owner);
}

/// The chain and the key of an identity in one text, as some servers want it.
pub(crate) fn chain_and_key(identity: &Identity) -> String {
    format!("{}{}", identity.key_pem, identity.certificate_pem)
}

const LIMIT: Duration = Duration::from_secs(30);

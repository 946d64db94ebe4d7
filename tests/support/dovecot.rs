//! A Dovecot of the test's own: its configuration, mail and ports in a temporary folder, ended with the test.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::certificates::{Authority, Shown};
use super::home::{Account, PASSWORD};
use super::raw_pop3::RawPop3;
use super::real::{free_ports, program, skip, until};
use super::run::signal;

/// A running Dovecot with POP3 on a plain port (with STLS) and on one with implicit TLS.
pub(crate) struct Dovecot {
    /// The port of plain POP3 and of STLS.
    pub(crate) port: u16,
    /// The port of implicit TLS.
    pub(crate) tls_port: u16,
    /// Who signed its certificate, if it is a good one.
    pub(crate) authority: Authority,
    folder: TempDir,
    child: Option<Child>,
    delivered: BTreeMap<String, usize>,
}

impl Dovecot {
    /// A Dovecot with a good certificate and the user `sam`; none, said aloud, where it is not installed.
    pub(crate) fn start() -> Option<Self> {
        Self::with(Shown::Good, "")
    }

    /// The same with another certificate, and with more lines of configuration.
    pub(crate) fn with(shown: Shown, settings: &str) -> Option<Self> {
        let Some(binary) = program("dovecot") else {
            skip(
                "Dovecot",
                "the program dovecot is not installed (Debian: dovecot-pop3d)",
            );
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("poppet-dovecot-")
            .tempdir()
            .expect("a temporary folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755))
            .expect("open the folder");
        let authority = Authority::new();
        authority.identity(shown, folder.path());
        let [port, tls_port] = free_ports();
        let mut server = Self {
            port,
            tls_port,
            authority,
            folder,
            child: None,
            delivered: BTreeMap::new(),
        };
        server.write_configuration(&binary, settings);
        server.set_users(&["sam", "kim"]);
        server.run();
        Some(server)
    }

    /// Puts messages into a user's Maildir in this order, octet for octet.
    pub(crate) fn deliver(&mut self, user: &str, messages: &[Vec<u8>]) {
        let maildir = self.folder.path().join("mail").join(user).join("Maildir");
        for part in ["cur", "new", "tmp"] {
            std::fs::create_dir_all(maildir.join(part)).expect("a Maildir");
        }
        let delivered = self.delivered.entry(user.to_owned()).or_default();
        for message in messages {
            // Dovecot numbers new mail by file name; the seconds in it are the time of arrival.
            let name = format!("{}.M{:06}P1.test", 1_760_000_000 + *delivered, *delivered);
            std::fs::write(maildir.join("tmp").join(&name), message).expect("write a message");
            std::fs::rename(
                maildir.join("tmp").join(&name),
                maildir.join("new").join(&name),
            )
            .expect("deliver it");
            *delivered += 1;
        }
        self.give_mail_to_its_user();
    }

    /// What the server holds: the octets of every message by UIDL, as RETR sends them.
    #[track_caller]
    pub(crate) fn holds(&self, user: &str) -> BTreeMap<String, Vec<u8>> {
        RawPop3::login(self.port, user, PASSWORD)
            .and_then(RawPop3::everything)
            .expect("read the mailbox from the server")
    }

    /// An account of the user `sam` without encryption.
    pub(crate) fn account(&self) -> Account {
        Account::plain("home", self.port)
    }

    /// An account of the user `sam` over `implicit` or `starttls`, which trusts the test's authority.
    pub(crate) fn encrypted(&self, tls: &'static str) -> Account {
        let port = if tls == "implicit" {
            self.tls_port
        } else {
            self.port
        };
        Account::encrypted("home", port, tls, Some(self.authority.file()))
    }

    /// What Dovecot wrote to its log.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("dovecot.log")).unwrap_or_default()
    }

    /// Waits until the log has `count` lines with all of these words, and gives those lines.
    #[track_caller]
    pub(crate) fn logged(&self, words: &[&str], count: usize) -> Vec<String> {
        let lines = || {
            let log = self.log();
            let found: Vec<String> = log
                .lines()
                .filter(|line| words.iter().all(|word| line.contains(word)))
                .map(str::to_owned)
                .collect();
            (found.len() >= count).then_some(found)
        };
        until(LIMIT, lines)
            .unwrap_or_else(|| panic!("not {count} times {words:?} in the log:\n{}", self.log()))
    }

    /// Ends the server; its mail stays.
    pub(crate) fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        signal(child.id(), rustix::process::Signal::TERM);
        if until(Duration::from_secs(5), || child.try_wait().ok().flatten()).is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts the server, again on the same ports.
    pub(crate) fn run(&mut self) {
        let binary = program("dovecot").expect("dovecot was there");
        let mut command = Command::new(binary);
        command.arg("-F").arg("-c").arg(self.configuration());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("start dovecot");
        let ready = || {
            if let Ok(Some(status)) = child.try_wait() {
                return Some(Err(status));
            }
            RawPop3::connect(self.port).ok().map(Ok)
        };
        match until(LIMIT, ready) {
            Some(Ok(_)) => self.child = Some(child),
            Some(Err(status)) => panic!(
                "dovecot ended ({status}): {}\n{}",
                said(&mut child),
                self.log()
            ),
            None => {
                let _ = child.kill();
                panic!(
                    "dovecot does not answer on port {}: {}\n{}",
                    self.port,
                    said(&mut child),
                    self.log()
                );
            }
        }
    }

    fn configuration(&self) -> PathBuf {
        self.folder.path().join("dovecot.conf")
    }

    fn set_users(&self, users: &[&str]) {
        let mut table = String::new();
        for user in users {
            let _ = writeln!(table, "{user}:{{PLAIN}}{PASSWORD}::::::");
            let maildir = self.folder.path().join("mail").join(user).join("Maildir");
            for part in ["cur", "new", "tmp"] {
                std::fs::create_dir_all(maildir.join(part)).expect("a Maildir");
            }
        }
        std::fs::write(self.folder.path().join("users"), table).expect("write the users");
        self.give_mail_to_its_user();
    }

    fn write_configuration(&self, binary: &Path, settings: &str) {
        let version = Command::new(binary)
            .arg("--version")
            .output()
            .expect("ask for the version of dovecot");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let place = Place {
            folder: self.folder.path().display().to_string(),
            port: self.port,
            tls_port: self.tls_port,
            mail: mail_user(),
        };
        let newer = !version.starts_with("2.3") && !version.starts_with("2.2");
        let mut text = if newer {
            place.settings_2_4(&version)
        } else {
            place.settings_2_3()
        };
        if mail_user().root {
            text.push_str("default_internal_user = dovecot\ndefault_login_user = dovenull\n");
        } else {
            let Mailer { name, group, .. } = &place.mail;
            let _ = writeln!(
                text,
                "default_internal_user = {name}\ndefault_login_user = {name}\ndefault_internal_group = {group}"
            );
        }
        text.push_str(settings);
        std::fs::write(self.configuration(), text).expect("write dovecot.conf");
    }

    /// As root, mail belongs to a user of its own: Dovecot reads none for root.
    fn give_mail_to_its_user(&self) {
        let mail = mail_user();
        if mail.root {
            own(&self.folder.path().join("mail"), mail.uid, mail.gid);
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Who the mail belongs to.
struct Mailer {
    root: bool,
    uid: u32,
    gid: u32,
    name: String,
    group: String,
}

struct Place {
    folder: String,
    port: u16,
    tls_port: u16,
    mail: Mailer,
}

impl Place {
    fn common(&self) -> String {
        let Self {
            folder,
            port,
            tls_port,
            ..
        } = self;
        format!(
            "base_dir = {folder}/run\nstate_dir = {folder}/state\nlog_path = {folder}/dovecot.log\n\
             instance_name = poppet-test\nprotocols = pop3\nlisten = 127.0.0.1\nssl = yes\n\
             first_valid_uid = 1\nfirst_valid_gid = 1\nauth_mechanisms = plain login\nauth_failure_delay = 0\n\
             pop3_no_flag_updates = yes\nmail_max_userip_connections = 100\n\
             service pop3-login {{\n  chroot =\n  service_count = 0\n  process_min_avail = 1\n\
             \x20 inet_listener pop3 {{\n    port = {port}\n  }}\n\
             \x20 inet_listener pop3s {{\n    port = {tls_port}\n    ssl = yes\n  }}\n}}\n\
             service anvil {{\n  chroot =\n}}\n"
        )
    }

    fn settings_2_3(&self) -> String {
        let (Self { folder, mail, .. }, common) = (self, self.common());
        format!(
            "{common}mail_location = maildir:~/Maildir\nmail_uid = {uid}\nmail_gid = {gid}\n\
             disable_plaintext_auth = no\nssl_cert = <{folder}/server.pem\nssl_key = <{folder}/server.key\n\
             ssl_min_protocol = TLSv1.2\nssl_dh =\n\
             passdb {{\n  driver = passwd-file\n  args = scheme=PLAIN username_format=%u {folder}/users\n}}\n\
             userdb {{\n  driver = static\n  args = uid={uid} gid={gid} home={folder}/mail/%u\n}}\n",
            uid = mail.uid,
            gid = mail.gid,
        )
    }

    /// Dovecot 2.4 renamed what 2.3 calls locations, certificates and databases.
    fn settings_2_4(&self, version: &str) -> String {
        let (Self { folder, mail, .. }, common) = (self, self.common());
        let number = version.split([' ', '-', '\n']).next().unwrap_or("2.4.0");
        format!(
            "dovecot_config_version = {number}\ndovecot_storage_version = {number}\n{common}\
             mail_driver = maildir\nmail_path = ~/Maildir\nmail_uid = {uid}\nmail_gid = {gid}\nmail_home = {folder}/mail/%{{user}}\n\
             auth_allow_cleartext = yes\nssl_server_cert_file = {folder}/server.pem\n\
             ssl_server_key_file = {folder}/server.key\n\
             passdb passwd-file {{\n  passwd_file_path = {folder}/users\n}}\n\
             userdb static {{\n  fields {{\n    uid = {uid}\n    gid = {gid}\n    home = {folder}/mail/%{{user}}\n  }}\n}}\n",
            uid = mail.uid,
            gid = mail.gid,
        )
    }
}

fn mail_user() -> Mailer {
    let (uid, gid) = (
        rustix::process::getuid().as_raw(),
        rustix::process::getgid().as_raw(),
    );
    let root = uid == 0;
    let named = |flag: &str| {
        let output = Command::new("id")
            .arg(flag)
            .output()
            .map(|o| o.stdout)
            .unwrap_or_default();
        String::from_utf8_lossy(&output).trim().to_owned()
    };
    Mailer {
        root,
        // 65534 is nobody's: it owns nothing else that matters here.
        uid: if root { 65534 } else { uid },
        gid: if root { 65534 } else { gid },
        name: named("-un"),
        group: named("-gn"),
    }
}

fn own(path: &Path, uid: u32, gid: u32) {
    chown(path, Some(uid), Some(gid)).expect("give the mail to its user");
    if path.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder of mail") {
            own(&entry.expect("an entry of a folder").path(), uid, gid);
        }
    }
}

fn said(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = std::io::Read::read_to_string(&mut stderr, &mut text);
    }
    text
}

const LIMIT: Duration = Duration::from_secs(20);

//! GNU Mailutils: one daemon, two ports, passwords by PAM.

use super::cage::Cage;
use super::{Mail, Part, Ports, maildir_in, spawn};
use crate::support::certificates::Identity;

/// Starts the daemon.
pub(crate) fn start(cage: &Cage, ports: &Ports, identity: &Identity) -> (Vec<Part>, Mail) {
    cage.write("etc/server.pem", &identity.certificate_pem, 0o644);
    cage.write("etc/server.key", &identity.key_pem, 0o600);
    let settings = format!(
        "mode daemon;\nmax-children 40;\npidfile /run/pop3d.pid;\nlogging {{ syslog no; }};\n\
         auth {{ authentication generic:system:pam; authorization system; }};\npam {{ service pop3d; }};\n\
         mailbox {{ mailbox-pattern \"maildir:///home/${{user}}/Maildir\"; }};\n\
         tls {{ ssl-certificate-file /etc/server.pem; ssl-key-file /etc/server.key; }};\n\
         server 127.0.0.1:{} {{ tls-mode ondemand; }};\nserver 127.0.0.1:{} {{ tls-mode connection; }};\n\
         tcp-wrappers {{ enable no; }};\nmandatory-locking {{ enable no; }};\n",
        ports.plain, ports.tls
    );
    cage.write("etc/pop3d.conf", &settings, 0o644);
    let mail = maildir_in(cage);
    let mut daemon = cage.command("/usr/sbin/pop3d");
    daemon.args(["--config-file=/etc/pop3d.conf", "--foreground", "--daemon"]);
    let part = spawn(&mut daemon, &cage.path("tmp/pop3d.log"));
    (vec![part], mail)
}

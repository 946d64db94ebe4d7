//! The post office: a Dovecot with one full mailbox, and the doors to it.

use std::path::PathBuf;
use std::process::Command;

use jiff::ZonedDateTime;
use poppet::demo;

use crate::plain::Plain;
use crate::support::dovecot::Dovecot;
use crate::support::home::PASSWORD;
use crate::support::real::program;

/// Dovecot and what is in its mailbox.
pub(crate) struct Office {
    pub(crate) dovecot: Dovecot,
    pub(crate) messages: u32,
    /// Octets of all messages together.
    pub(crate) octets: u64,
}

impl Office {
    /// Starts Dovecot on a mailbox of so many generated messages; `None` where there is no Dovecot, and says so.
    pub(crate) fn open(messages: u32) -> Option<Self> {
        let mut dovecot = Dovecot::start()?;
        let maildrop = demo::generated(messages, SEED, &ZonedDateTime::now());
        let mail: Vec<Vec<u8>> = maildrop
            .messages()
            .iter()
            .map(demo::Message::to_vec)
            .collect();
        let octets = mail.iter().map(|message| message.len() as u64).sum();
        dovecot.deliver(USER, &mail);
        let office = Self {
            dovecot,
            messages,
            octets,
        };
        // The first session of all makes Dovecot's own index, which is nobody's to pay for.
        let mut first = Plain::connect(office.dovecot.port, None);
        assert_eq!(first.log_in(USER, PASSWORD), messages);
        first.listing();
        first.retrieve(messages, 100, &mut std::io::sink());
        first.quit();
        Some(office)
    }

    /// The file that a client has to trust.
    pub(crate) fn authority(&self) -> PathBuf {
        self.dovecot.authority.file()
    }

    /// What Dovecot calls itself.
    pub(crate) fn version() -> String {
        let binary = program("dovecot").expect("it runs");
        let output = Command::new(binary).arg("--version").output();
        let output = output.expect("ask for the version");
        format!("Dovecot {}", String::from_utf8_lossy(&output.stdout).trim())
    }
}

/// Whose mailbox it is.
pub(crate) const USER: &str = "sam";
const SEED: u64 = 1;

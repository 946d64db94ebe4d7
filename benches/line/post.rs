//! The post office: a Dovecot with one full mailbox, and the doors to it.

use std::path::{Path, PathBuf};
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
    /// Starts Dovecot on a mailbox of so many generated messages, or of those that are in a Maildir; `None` where there is
    /// no Dovecot, and says so.
    pub(crate) fn open(messages: u32, maildir: Option<&Path>) -> Option<Self> {
        let mut dovecot = Dovecot::start()?;
        let mail = match maildir {
            Some(folder) => {
                let mail = of_maildir(folder, messages);
                let place = folder.display();
                assert!(!mail.is_empty(), "no mail in cur and new of {place}");
                mail
            }
            None => demo::generated(messages, SEED, &ZonedDateTime::now())
                .messages()
                .iter()
                .map(demo::Message::to_vec)
                .collect(),
        };
        let messages = u32::try_from(mail.len()).expect("a mailbox");
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

/// The first messages of a Maildir, in the order of their names.
fn of_maildir(folder: &Path, most: u32) -> Vec<Vec<u8>> {
    let mut files: Vec<PathBuf> = ["cur", "new"]
        .iter()
        .filter_map(|part| std::fs::read_dir(folder.join(part)).ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .collect();
    files.sort();
    files
        .iter()
        .take(most as usize)
        .map(|file| std::fs::read(file).expect("read a message"))
        .collect()
}

/// Whose mailbox it is.
pub(crate) const USER: &str = "sam";
const SEED: u64 = 1;

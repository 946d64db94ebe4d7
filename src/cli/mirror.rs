//! `[mirror] maildir`: a live copy of the mail for other programs, one Maildir per account.
//!
//! Each message is delivered once, when all of it is here and it is not in the Trash: written to `tmp`, synced, moved to
//! `new`, or to `cur` when it has flags. Whatever another program then does with it there, it does not come back: what
//! was delivered is remembered in a file of poppet's own, one digest a line. That line is written after the message is in
//! its place; between the two, the digest in the file's name keeps a restart from delivering it twice.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::export::maildir::Maildir;
use super::export::private_folder;
use crate::config::{Config, Paths};
use crate::mail::{AccountId, Kind, Local, MessageId, MessageSummary, Problem};
use crate::store::{Listing, Order, Store};

/// The live copies of all accounts. Its work waits for the disk.
#[derive(Debug)]
pub struct Mirror {
    root: PathBuf,
    /// Where it is remembered what was delivered.
    journals: PathBuf,
    store: Store,
    boxes: BTreeMap<AccountId, Mailbox>,
}

/// The live copy of one account.
#[derive(Debug)]
struct Mailbox {
    maildir: Maildir,
    delivered: HashSet<String>,
    journal: File,
    /// So many octets of the journal were read.
    read: u64,
    /// Its last line was cut off while it was written.
    torn: bool,
}

impl Mirror {
    /// The mirror that the configuration asks for, if it does. Nothing is made yet.
    pub fn new(config: &Config, paths: &Paths, store: &Store) -> Option<Self> {
        Some(Self {
            root: config.mirror.clone()?,
            journals: paths.data_dir.join("mirror"),
            store: store.clone(),
            boxes: BTreeMap::new(),
        })
    }

    /// Delivers everything of these accounts that was not delivered yet, the oldest first, until `go_on` says no: it is
    /// told how many were looked at, and of how many. How many were delivered.
    pub fn catch_up(
        &mut self,
        accounts: &[AccountId],
        mut go_on: impl FnMut(usize, usize) -> bool,
    ) -> Result<u64, Problem> {
        let mut count = 0;
        for account in accounts {
            let listing = Listing {
                account: Some(account.clone()),
                order: Order::Date,
                ..Listing::default()
            };
            let rows = self.store.list(listing).wait()?.rows;
            for (n, row) in rows.iter().rev().enumerate() {
                if !go_on(n, rows.len()) {
                    return Ok(count);
                }
                count += u64::from(self.deliver(row)?);
            }
        }
        Ok(count)
    }

    /// Delivers those of these messages that are here in full, as the store has them now.
    pub fn deliver_all(&mut self, ids: Vec<MessageId>) -> Result<(), Problem> {
        for row in self.store.summaries(ids).wait()? {
            self.deliver(&row)?;
        }
        Ok(())
    }

    /// Whether it was delivered now.
    fn deliver(&mut self, row: &MessageSummary) -> Result<bool, Problem> {
        let Some(digest) = row.sha256.filter(|_| row.local == Local::Full) else {
            return Ok(false);
        };
        if row.folder == crate::mail::Folder::Trash {
            return Ok(false);
        }
        let place = self.root.join(row.account.as_str());
        let failed = |error: &io::Error| failed(&place, error);
        let mailbox = match self.boxes.entry(row.account.clone()) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                let mailbox = Mailbox::open(&self.root, &self.journals, &row.account);
                free.insert(mailbox.map_err(|error| failed(&error))?)
            }
        };
        let digest = digest.to_string();
        if mailbox.delivered.contains(&digest) {
            return Ok(false);
        }
        let Some((Local::Full, octets)) = self.store.octets(row.id).wait()? else {
            return Ok(false);
        };
        mailbox
            .take(row, &octets, digest)
            .map_err(|error| failed(&error))
    }
}

impl Mailbox {
    fn open(root: &Path, journals: &Path, account: &AccountId) -> io::Result<Self> {
        let maildir = Maildir::open(&root.join(account.as_str()))?;
        private_folder(journals)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut journal = options.open(journals.join(format!("{account}.delivered")))?;
        journal.lock()?;
        // Another folder is another mirror: it gets everything.
        let heading = format!("{}\n", std::path::absolute(root)?.display());
        let mut first = String::new();
        BufReader::new(&journal).read_line(&mut first)?;
        if first != heading {
            journal.set_len(0)?;
            journal.write_all(heading.as_bytes())?;
        }
        let mut mailbox = Self {
            maildir,
            delivered: HashSet::new(),
            journal,
            read: heading.len() as u64,
            torn: false,
        };
        mailbox.read_on()?;
        mailbox.journal.unlock()?;
        Ok(mailbox)
    }

    /// Whether it was delivered now. Other processes deliver to the same place: only one at a time does, and what they wrote
    /// down meanwhile counts.
    fn take(&mut self, row: &MessageSummary, octets: &[u8], digest: String) -> io::Result<bool> {
        self.journal.lock()?;
        let taken = self.take_alone(row, octets, digest);
        self.journal.unlock()?;
        taken
    }

    fn take_alone(
        &mut self,
        row: &MessageSummary,
        octets: &[u8],
        digest: String,
    ) -> io::Result<bool> {
        self.read_on()?;
        if self.delivered.contains(&digest) {
            return Ok(false);
        }
        let new = self.maildir.deliver(row, octets)?;
        let end = if self.torn { "\n" } else { "" };
        self.journal
            .write_all(format!("{end}{digest}\n").as_bytes())?;
        self.journal.sync_data()?;
        self.delivered.insert(digest);
        Ok(new)
    }

    /// Reads what has been written into the journal since.
    fn read_on(&mut self) -> io::Result<()> {
        let mut lines = String::new();
        self.journal.seek(SeekFrom::Start(self.read))?;
        self.journal.read_to_string(&mut lines)?;
        self.torn = !lines.is_empty() && !lines.ends_with('\n');
        for line in lines.split_inclusive('\n') {
            if let Some(digest) = line.strip_suffix('\n') {
                self.delivered.insert(digest.to_owned());
                self.read += line.len() as u64;
            }
        }
        Ok(())
    }
}

fn failed(place: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Store,
        "The live copy of the mail is not complete",
        format!("{}: {error}", place.display()),
        "Set `maildir` under [mirror] to a place that you may write to, with room on its disk. The mail itself is safe; the next sync delivers the rest.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(octets: &[u8]) -> MessageSummary {
        let mut row = crate::cli::export::testing::row();
        row.sha256 = Some(crate::mail::Digest::of(octets));
        row
    }

    fn files(folder: &Path) -> usize {
        ["new", "cur"]
            .map(|part| {
                std::fs::read_dir(folder.join("home").join(part))
                    .unwrap()
                    .count()
            })
            .iter()
            .sum()
    }

    fn take(root: &Path, journals: &Path, octets: &[u8]) -> bool {
        let row = row(octets);
        let mut mailbox = Mailbox::open(root, journals, &row.account).unwrap();
        let digest = row.sha256.unwrap().to_string();
        !mailbox.delivered.contains(&digest) && mailbox.take(&row, octets, digest).unwrap()
    }

    #[test]
    fn a_message_is_delivered_once_also_when_it_was_deleted_there() {
        let folder = tempfile::tempdir().unwrap();
        let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
        assert!(take(&root, &journals, b"one"));
        assert!(!take(&root, &journals, b"one"));
        assert!(take(&root, &journals, b"two"));
        assert_eq!(files(&root), 2);
        std::fs::remove_dir_all(root.join("home/new")).unwrap();
        assert!(!take(&root, &journals, b"one"));
        assert_eq!(files(&root), 0);
    }

    #[test]
    fn a_cut_between_the_message_and_the_journal_delivers_nothing_twice() {
        let folder = tempfile::tempdir().unwrap();
        let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
        assert!(take(&root, &journals, b"one"));
        std::fs::remove_dir_all(&journals).unwrap();
        assert!(!take(&root, &journals, b"one"));
        assert_eq!(files(&root), 1);
    }

    #[test]
    fn what_another_process_delivered_meanwhile_is_not_delivered_again() {
        let folder = tempfile::tempdir().unwrap();
        let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
        let account = row(b"one").account;
        let open = || Mailbox::open(&root, &journals, &account).unwrap();
        let (mut reader, mut sync) = (open(), open());
        let take = |mailbox: &mut Mailbox, octets: &[u8]| {
            let row = row(octets);
            let digest = row.sha256.unwrap().to_string();
            mailbox.take(&row, octets, digest).unwrap()
        };
        assert!(take(&mut sync, b"one"));
        assert!(take(&mut reader, b"two"));
        std::fs::remove_dir_all(root.join("home/new")).unwrap();
        std::fs::create_dir(root.join("home/new")).unwrap();
        assert!(!take(&mut reader, b"one"));
        assert!(!take(&mut sync, b"two"));
        assert_eq!(files(&root), 0);
    }

    #[test]
    fn a_torn_line_of_the_journal_spoils_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let (root, journals) = (folder.path().join("mail"), folder.path().join("journals"));
        assert!(take(&root, &journals, b"one"));
        let journal = journals.join("home.delivered");
        let mut text = std::fs::read_to_string(&journal).unwrap();
        text.truncate(text.len() - 9);
        std::fs::write(&journal, text).unwrap();
        assert!(take(&root, &journals, b"two"));
        std::fs::remove_dir_all(root.join("home/new")).unwrap();
        assert!(!take(&root, &journals, b"two"));
    }

    #[test]
    fn another_folder_gets_everything() {
        let folder = tempfile::tempdir().unwrap();
        let journals = folder.path().join("journals");
        for root in ["a", "b"] {
            assert!(take(&folder.path().join(root), &journals, b"one"));
            assert_eq!(files(&folder.path().join(root)), 1);
        }
    }
}

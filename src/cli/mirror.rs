//! `[mirror] maildir`: a live copy of the mail for other programs, one Maildir per account.
//!
//! Each message is delivered once, when all of it is here and it is not in the Trash: written to `tmp`, synced, moved to
//! `new`, or to `cur` when it has flags. Whatever another program then does with it there, it does not come back: what
//! was delivered is remembered in a file of poppet's own, one digest a line. That line is written after the message is in
//! its place; between the two, the digest in the file's name keeps a restart from delivering it twice.

use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::export::maildir::Maildir;
use super::export::private_folder;
use crate::config::{Config, Paths};
use crate::mail::{AccountId, Brief, Kind, Local, MessageId, MessageSummary, Problem};
use crate::store::{self, Listing, Order, Store};

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

/// How long another process is waited for that delivers to the same place.
struct Wait<'a> {
    /// Asked again and again: whether to go on.
    go_on: &'a mut dyn FnMut() -> bool,
    /// So long while the other one delivers nothing.
    patience: Duration,
}

/// Why nothing was delivered.
#[derive(Debug)]
enum Cut {
    Failed(io::Error),
    /// The one who asked wants no more of it.
    Stopped,
    /// Another process holds the place, and does nothing with it.
    Held,
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
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
    /// told how many were looked at, and of how many at most. How many were delivered. Nobody waits for it: what people ask
    /// of the store goes between its pages.
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
                reverse: true,
                limit: Some(PAGE),
                ..Listing::default()
            };
            let all = usize::try_from(self.store.count(account).wait()?).unwrap_or(usize::MAX);
            let (mut done, mut last) = (0, None);
            loop {
                let page = self.store.next_rows(listing.clone(), last).wait()?;
                for row in &page {
                    if !go_on(done, all) {
                        return Ok(count);
                    }
                    count += u64::from(self.deliver(row, &mut || go_on(done, all))?);
                    done += 1;
                }
                last = page.last().map(Brief::from);
                if page.len() < PAGE {
                    break;
                }
            }
        }
        Ok(count)
    }

    /// Delivers those of these messages that are here in full, as the store has them now, until `go_on` says no.
    pub fn deliver_all(
        &mut self,
        ids: Vec<MessageId>,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<(), Problem> {
        for row in self.store.summaries(ids).wait()? {
            if !go_on() {
                break;
            }
            self.deliver(&row, &mut go_on)?;
        }
        Ok(())
    }

    /// Whether it was delivered now. `go_on` is asked while another process has to be waited for.
    fn deliver(
        &mut self,
        row: &MessageSummary,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<bool, Problem> {
        let Some(digest) = row.sha256.filter(|_| row.local == Local::Full) else {
            return Ok(false);
        };
        if row.folder == crate::mail::Folder::Trash {
            return Ok(false);
        }
        let place = self.root.join(row.account.as_str());
        let mut wait = Wait {
            go_on,
            patience: PATIENCE,
        };
        let mailbox = match self.boxes.entry(row.account.clone()) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                match Mailbox::open(&self.root, &self.journals, &row.account, &mut wait) {
                    Ok(mailbox) => free.insert(mailbox),
                    Err(cut) => return cut.told(&place),
                }
            }
        };
        let name = digest.to_string();
        if mailbox.delivered.contains(&name) {
            return Ok(false);
        }
        let octets = match self.store.octets(row.id).wait() {
            Ok(Some((Local::Full, octets))) => octets,
            Ok(_) => return Ok(false),
            // What is damaged is not passed on. It has its turn once it has been fetched again.
            Err(store::Error::Spoilt(_)) => {
                self.store.mark_damaged(vec![row.id]).wait()?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        mailbox
            .take(row, &octets, name, &mut wait)
            .or_else(|cut| cut.told(&place))
    }
}

impl Cut {
    /// To be stopped is no problem, and nothing was delivered then.
    fn told(self, place: &Path) -> Result<bool, Problem> {
        match self {
            Self::Stopped => Ok(false),
            Self::Failed(error) => Err(failed(place, &error)),
            Self::Held => Err(held(place)),
        }
    }
}

impl Wait<'_> {
    /// Waits for the journal. The lock has no time limit of its own, and its holder may be suspended; one that writes lines
    /// into the journal is at work.
    fn lock(&mut self, journal: &File) -> Result<(), Cut> {
        let mut length = None;
        let mut since = Instant::now();
        loop {
            match journal.try_lock() {
                Ok(()) => return Ok(()),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error.into()),
            }
            let now = Some(journal.metadata()?.len());
            if std::mem::replace(&mut length, now) != now {
                since = Instant::now();
            }
            if !(self.go_on)() {
                return Err(Cut::Stopped);
            }
            if since.elapsed() >= self.patience {
                return Err(Cut::Held);
            }
            sleep(PAUSE);
        }
    }
}

impl Mailbox {
    fn open(
        root: &Path,
        journals: &Path,
        account: &AccountId,
        wait: &mut Wait<'_>,
    ) -> Result<Self, Cut> {
        let maildir = Maildir::open(&root.join(account.as_str()))?;
        private_folder(journals)?;
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut journal = options.open(journals.join(format!("{account}.delivered")))?;
        wait.lock(&journal)?;
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
    fn take(
        &mut self,
        row: &MessageSummary,
        octets: &[u8],
        digest: String,
        wait: &mut Wait<'_>,
    ) -> Result<bool, Cut> {
        wait.lock(&self.journal)?;
        let taken = self.take_alone(row, octets, digest);
        self.journal.unlock()?;
        Ok(taken?)
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

pub(super) fn failed(place: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Store,
        "The live copy of the mail is not complete",
        format!("{}: {error}", place.display()),
        "Set `maildir` under [mirror] to a place that you may write to, with room on its disk. The mail itself is safe; the next sync delivers the rest.",
    )
}

fn held(place: &Path) -> Problem {
    Problem::new(
        Kind::Store,
        "Another poppet is delivering to this Maildir",
        format!(
            "{}: it has held the place for {} seconds and delivered nothing; it may be suspended",
            place.display(),
            PATIENCE.as_secs()
        ),
        "Let it go on (`fg` in its terminal), or end it. The mail itself is safe; the next sync delivers the rest.",
    )
}

/// How long another process may hold a place without delivering anything. Its slowest step is a sync of the disk.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many rows are read at once.
const PAGE: usize = 256;
const PAUSE: Duration = Duration::from_millis(20);

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;

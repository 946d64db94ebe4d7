//! `poppet import`: messages from files that other mail programs keep. The files are only read.
//!
//! What the account has already is left out: a message is known by the digest of its octets. They are taken over as they
//! would have come from a server, with CRLF at the end of each line, so that a message of a Unix program's file is the same
//! as the one that was fetched.

mod maildir;
mod mbox;
mod octets;

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::args::Import;
use super::complaint::mention;
use super::context::{Context, known};
use super::desk::Interrupt;
use super::exit::Exit;
use super::json::Imports;
use super::list::all;
use super::progress::Meter;
use super::stop::Stop;
use super::words::count;
use crate::backend::now;
use crate::mail::{
    AccountId, Change, DeleteScope, Digest, Flags, Folder, Kind, Local, MessageId, Problem,
    Timestamp,
};
use crate::mime;
use crate::store::{Imported, Listing, Store};
use mbox::Mbox;

/// A message as a file has it.
#[derive(Debug)]
struct Found {
    octets: Vec<u8>,
    flags: Flags,
    /// Whether it is marked as thrown away.
    trashed: bool,
    /// When it arrived there, for messages that have no date.
    arrived: Option<Timestamp>,
}

/// Where messages are read from.
enum Source {
    /// Files with a message each, the last one first.
    Files(Vec<PathBuf>),
    Mbox(Mbox<BufReader<File>>),
}

pub(super) async fn import(context: &Context, wanted: &Import) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    known(&config, &wanted.account)?;
    let (mut source, links) =
        Source::open(&wanted.path).map_err(|error| refused(&wanted.path, &error))?;
    let store = context.store()?;
    let mut work = Work {
        have: present(&store, &wanted.account).await?,
        account: wanted.account.clone(),
        batch: Vec::new(),
        octets: 0,
        trashed: Vec::new(),
        done: Imports {
            account: wanted.account.to_string(),
            left_out: links,
            ..Imports::default()
        },
    };
    let interrupt = Interrupt::listen();
    let meter = Meter::new(&context.global);
    let mut result: Result<(), Stop> = Ok(());
    while interrupt.times() == 0 {
        match source.next() {
            Ok(None) => break,
            Ok(Some(found)) => work.take(found),
            // Another program may move or close a file of a Maildir meanwhile.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidData
                        | io::ErrorKind::NotFound
                        | io::ErrorKind::PermissionDenied
                ) =>
            {
                work.done.left_out += 1;
            }
            Err(error) => {
                result = Err(broken(&wanted.path, &error).into());
                break;
            }
        }
        if work.octets >= BATCH_OCTETS || work.batch.len() >= BATCH {
            work.store(&store).await?;
            let done = &work.done;
            meter.show(&format!("importing: {} read", done.imported + done.present));
        }
    }
    work.store(&store).await?;
    meter.clear();
    store.close()?;
    tell(context, &work.done)?;
    result?;
    if interrupt.times() > 0 {
        return Err(Stop::Interrupted);
    }
    Ok(if work.done.imported + work.done.present == 0 {
        Exit::No
    } else {
        Exit::Done
    })
}

impl Source {
    /// Also how many links of a folder are left out.
    fn open(path: &Path) -> io::Result<(Self, u64)> {
        if path.is_dir() {
            let (mut files, links) = if maildir::is_one(path) {
                maildir::files(path)?
            } else {
                letters(path)?
            };
            files.sort();
            files.reverse();
            return Ok((Self::Files(files), links));
        }
        // Opening a FIFO waits until somebody writes to it, and a device may have no end.
        if !path.metadata()?.is_file() {
            return Err(io::Error::other("it is neither a file nor a folder"));
        }
        let mut begin = Vec::new();
        File::open(path)?.take(LOOK).read_to_end(&mut begin)?;
        let alone = |source| Ok((source, 0));
        if begin.starts_with(b"From ") {
            return alone(Self::Mbox(Mbox::new(BufReader::new(File::open(path)?))));
        }
        if begin.is_empty() {
            return alone(Self::Files(Vec::new()));
        }
        if octets::is_letter(&begin) {
            return alone(Self::Files(vec![path.to_owned()]));
        }
        Err(io::Error::other(
            "it is no Maildir and no mbox, and does not begin with the header of a message",
        ))
    }

    /// The next message. A file that is none, or too large, is invalid data; the ones behind it can still be read.
    fn next(&mut self) -> io::Result<Option<Found>> {
        match self {
            Self::Mbox(mbox) => mbox.next(),
            Self::Files(files) => files.pop().map(|file| one(&file)).transpose(),
        }
    }
}

/// The message of a file.
fn one(path: &Path) -> io::Result<Found> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    let mut octets = Vec::new();
    file.take(octets::MOST + 1).read_to_end(&mut octets)?;
    if octets.is_empty() || octets.len() as u64 > octets::MOST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (flags, trashed) = maildir::flags(&name);
    let arrived = meta
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .map(Timestamp);
    Ok(Found {
        octets,
        flags,
        trashed,
        arrived,
    })
}

/// The `.eml` files of a folder, and how many links by such a name there are beside them.
fn letters(folder: &Path) -> io::Result<(Vec<PathBuf>, u64)> {
    let (mut files, mut links) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let is_letter = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("eml"));
        let kind = entry.file_type()?;
        if is_letter && kind.is_file() {
            files.push(path);
        }
        links += u64::from(is_letter && kind.is_symlink());
    }
    if files.is_empty() && links == 0 {
        return Err(io::Error::other("it is no Maildir and has no .eml files"));
    }
    Ok((files, links))
}

/// The digests of everything that an account has in full, also in the Trash.
async fn present(store: &Store, account: &AccountId) -> Result<HashSet<Digest>, Stop> {
    let mut have = HashSet::new();
    for folder in [None, Some(Folder::Trash)] {
        let listing = Listing {
            folder,
            account: Some(account.clone()),
            ..Listing::default()
        };
        let rows = all(store, listing, None).await?;
        let whole = rows.iter().filter(|row| row.local == Local::Full);
        have.extend(whole.filter_map(|row| row.sha256));
    }
    Ok(have)
}

/// What is under way.
struct Work {
    account: AccountId,
    have: HashSet<Digest>,
    batch: Vec<Imported>,
    /// Octets in the batch.
    octets: usize,
    /// Digests of the batch's messages that go to the Trash.
    trashed: Vec<bool>,
    done: Imports,
}

impl Work {
    /// Puts a message into the batch, unless it is here.
    fn take(&mut self, found: Found) {
        let octets = octets::as_sent(found.octets);
        if !self.have.insert(Digest::of(&octets)) {
            self.done.present += 1;
            return;
        }
        let mut extract = mime::extract(&octets, Local::Full);
        extract.date = extract.date.or(found.arrived);
        self.octets = self.octets.saturating_add(octets.len());
        self.trashed.push(found.trashed);
        self.batch.push(Imported {
            octets,
            extract: extract.indexed(),
            flags: found.flags,
        });
    }

    /// Stores the batch, in one transaction.
    async fn store(&mut self, store: &Store) -> Result<(), Stop> {
        self.octets = 0;
        let (batch, trashed) = (
            std::mem::take(&mut self.batch),
            std::mem::take(&mut self.trashed),
        );
        if batch.is_empty() {
            return Ok(());
        }
        let stored = store.import(&self.account, batch, now()).await?;
        let new = stored.iter().filter(|(_, new)| *new).count() as u64;
        self.done.imported += new;
        self.done.present += stored.len() as u64 - new;
        let gone: Vec<MessageId> = stored
            .iter()
            .zip(trashed)
            .filter(|((_, new), trashed)| *new && *trashed)
            .map(|((id, _), _)| *id)
            .collect();
        if !gone.is_empty() {
            let change = Change::Delete(DeleteScope::LocalOnly);
            store.change(vec![(gone, change)], now()).await?;
        }
        Ok(())
    }
}

fn tell(context: &Context, done: &Imports) -> Result<(), Stop> {
    if context.out.json {
        return context.out.object(done);
    }
    context.out.line(&format!(
        "{} imported, {} here already",
        count(done.imported, "message"),
        done.present
    ))?;
    if done.left_out > 0 {
        let files = count(done.left_out, "file");
        mention(
            &context.global,
            &format!(
                "{files} left out: empty, a link, not readable, or too large to be a message."
            ),
        );
    }
    Ok(())
}

fn refused(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Config,
        "Nothing is imported",
        format!("{}: {error}", path.display()),
        "Name a Maildir (a folder with cur and new), an mbox file, an .eml file, or a folder of .eml files.",
    )
}

fn broken(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Store,
        "The import is not complete",
        format!("{}: {error}", path.display()),
        "What was imported stays. Look whether all files can be read, then run it again: it goes on with what is missing.",
    )
}

/// Octets of a file that tell what it is.
const LOOK: u64 = 4096;
/// Messages and octets in a transaction.
const BATCH: usize = 256;
const BATCH_OCTETS: usize = 8 << 20;

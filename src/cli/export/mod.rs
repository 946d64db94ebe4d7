//! `poppet export`: messages into files that every mail program reads, octet for octet.
//!
//! A second run writes only what is new. Each format knows by itself what it has, from the content: a Maildir by the digest
//! in a file's name, an mbox by reading its messages back, `.eml` files by comparing them. Nothing is overwritten.

mod eml;
pub(super) mod maildir;
pub(super) mod mbox;

use std::io;
use std::path::Path;

use super::args::Export;
use super::complaint::mention;
use super::context::Context;
use super::damaged;
use super::desk::Interrupt;
use super::exit::Exit;
use super::json::Exported;
use super::list;
use super::progress::Meter;
use super::reindex;
use super::show::missing;
use super::stop::Stop;
use super::words::count;
use super::zone;
use crate::mail::{Kind, Local, MessageSummary, Problem};
use crate::store::{self, Listing, Store};

/// A place that messages are exported to.
enum Target {
    Maildir(maildir::Maildir),
    Mbox(mbox::Mbox),
    Eml(eml::Folder),
}

impl Target {
    fn open(wanted: &super::args::Target) -> io::Result<Self> {
        match (&wanted.maildir, &wanted.mbox, &wanted.eml) {
            (Some(folder), _, _) => maildir::Maildir::open(folder).map(Self::Maildir),
            (_, Some(file), _) => mbox::Mbox::open(file).map(Self::Mbox),
            (_, _, Some(folder)) => eml::Folder::open(folder).map(Self::Eml),
            // The command line insists on one of them.
            (None, None, None) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    /// Whether it can be told without the octets that the message is there.
    fn has(&self, message: &MessageSummary) -> bool {
        match self {
            Self::Maildir(maildir) => maildir.has(message),
            Self::Mbox(_) | Self::Eml(_) => false,
        }
    }

    /// Writes a message unless it is there. Whether it was written.
    fn add(&mut self, message: &MessageSummary, octets: &[u8]) -> io::Result<bool> {
        match self {
            Self::Maildir(maildir) => maildir.add(message, octets),
            Self::Mbox(mbox) => mbox.add(message, octets),
            Self::Eml(folder) => folder.add(message, octets),
        }
    }

    /// Makes everything that was written durable.
    fn finish(self) -> io::Result<()> {
        match self {
            Self::Maildir(maildir) => maildir.finish(),
            Self::Mbox(mbox) => mbox.finish(),
            Self::Eml(folder) => folder.finish(),
        }
    }
}

pub(super) async fn export(context: &Context, wanted: &Export) -> Result<Exit, Stop> {
    let query = list::query(&wanted.query, &zone::system())?;
    let (config, store) = context.stored()?;
    list::known_accounts(&config, &store, None, &query).await?;
    let partial = reindex::partial(&store, &query).await;
    let mut rows = list::all(
        &store,
        Listing {
            query,
            ..Listing::default()
        },
        None,
    )
    .await?;
    // Oldest first: that is how mbox files grow.
    rows.reverse();
    let interrupt = Interrupt::listen();
    let place = wanted
        .target
        .maildir
        .as_ref()
        .or(wanted.target.mbox.as_ref())
        .or(wanted.target.eml.as_ref());
    let place = place.map_or(Path::new(""), |path| path);
    let failed = |error: &io::Error| failed(place, error);
    let mut target = Target::open(&wanted.target).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => failed(&error),
        _ => misplaced(place, &error),
    })?;
    let mut done = Exported {
        written: 0,
        present: 0,
        not_downloaded: 0,
        damaged: 0,
    };
    let meter = Meter::new(&context.global);
    let mut result = Ok(());
    for (index, row) in rows.iter().enumerate() {
        if interrupt.times() > 0 {
            break;
        }
        if index % 64 == 0 {
            meter.show(&format!("exporting {index}/{}", rows.len()));
        }
        result = one(&mut target, &store, row, &mut done, &failed).await;
        if result.is_err() {
            break;
        }
    }
    meter.clear();
    let finished = target.finish().map_err(|error| failed(&error).into());
    result.and(finished)?;
    store.close()?;
    tell(context, &done)?;
    if let Some(remark) = partial {
        mention(&context.global, &remark);
    }
    if interrupt.times() > 0 {
        return Err(Stop::Interrupted);
    }
    if done.damaged > 0 {
        return Err(damaged::left_out(done.damaged).into());
    }
    Ok(if done.written + done.present == 0 {
        Exit::No
    } else {
        Exit::Done
    })
}

async fn one(
    target: &mut Target,
    store: &Store,
    row: &MessageSummary,
    done: &mut Exported,
    failed: &impl Fn(&io::Error) -> Problem,
) -> Result<(), Stop> {
    if row.local != Local::Full {
        if row.is_damaged() {
            done.damaged += 1;
        } else {
            done.not_downloaded += 1;
        }
        return Ok(());
    }
    if target.has(row) {
        done.present += 1;
        return Ok(());
    }
    let octets = match store.octets(row.id).await {
        Err(store::Error::Spoilt(_)) => {
            if store.view_only().is_none() {
                store.mark_damaged(vec![row.id]).await?;
            }
            done.damaged += 1;
            return Ok(());
        }
        stored => stored?.ok_or_else(|| missing(&[row.id]))?.1,
    };
    if target.add(row, &octets).map_err(|error| failed(&error))? {
        done.written += 1;
    } else {
        done.present += 1;
    }
    Ok(())
}

fn tell(context: &Context, done: &Exported) -> Result<(), Stop> {
    if context.out.json {
        return context.out.object(done);
    }
    let mut line = format!("{} written", count(done.written, "message"));
    if done.present > 0 {
        let were = if done.present == 1 { "was" } else { "were" };
        line = format!("{line}, {} {were} there already", done.present);
    }
    context.out.line(&line)?;
    if done.not_downloaded > 0 {
        mention(
            &context.global,
            &format!(
                "{} left out: not downloaded yet. `poppet sync` does that.",
                count(done.not_downloaded, "message")
            ),
        );
    }
    if done.damaged > 0 {
        mention(
            &context.global,
            &format!(
                "{} left out: damaged here. `poppet doctor` names them; what their server still has is fetched again when they are opened.",
                count(done.damaged, "message")
            ),
        );
    }
    Ok(())
}

/// Nothing is wrong with the store, nor with the disk: the command line names the wrong place.
fn misplaced(place: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Config,
        "Nothing can be exported to this place",
        format!("{}: {error}", place.display()),
        "Name a place in a folder that is there and that you may write to: a folder for --maildir and --eml, an mbox file or a new \
         one for --mbox. Nothing was written.",
    )
}

fn failed(place: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Kind::Store,
        "The export is not complete",
        format!("{}: {error}", place.display()),
        "Choose a place that you may write to, with room on its disk. What was written is whole; run it again for the rest.",
    )
}

/// Makes a folder for its owner only, if it is not there.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes the names in a folder durable, where the system can do that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod testing {
    use crate::mail::*;

    /// A message to export.
    pub(in crate::cli) fn row() -> MessageSummary {
        let id = MessageId(17);
        MessageSummary {
            id,
            account: AccountId::new("home").unwrap(),
            remote: RemoteId::default(),
            message_id: String::new(),
            from: Address::new("Ada", "ada@example.net"),
            to: Vec::new(),
            cc: Vec::new(),
            subject: "Hello".to_owned(),
            date: Timestamp(1_700_000_000),
            octets: 0,
            flags: Flags::default(),
            attachments: 0,
            snippet: String::new(),
            thread: id,
            folder: Folder::Inbox,
            local: Local::Full,
            server: Server::Present,
            reason: None,
            sha256: None,
            stored: StoredAt::default(),
        }
    }
}

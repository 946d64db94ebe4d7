//! Deleting on the server: in a session of its own, each message by proof, real only after QUIT's `+OK`.

mod mark;
mod named;
mod shared;

use std::collections::{HashMap, HashSet};

use self::mark::mark;
use self::named::vouch_for_named;
use self::shared::{Shared, candidates, to_verify};
use super::error::Error;
use super::line::{Line, SILENCE};
use super::look::{Wish, look};
use super::maildrop::Maildrop;
use super::wire::{Clean, Kept};
use crate::mail::{Digest, LedgerEntry, LedgerId, Local, MessageId, Server, StoredCopy};
use crate::pop3::{Capabilities, MessageNumber};
use crate::store::Store;

/// A deletion that may be sent. Only [`approve`] makes one, and only from proof.
#[derive(Debug)]
pub(super) struct Approved {
    ledger: LedgerId,
    message: MessageId,
    number: MessageNumber,
}

impl Approved {
    /// The message's number in this session.
    pub(super) fn number(&self) -> MessageNumber {
        self.number
    }
}

/// What the server has under a number, as this session has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The header block's digest, by TOP.
    Header(Digest),
    /// Digests of the header block and of all octets, by RETR.
    Whole { header: Digest, all: Digest },
    /// No message: what the server keeps in the mailbox file for itself.
    FolderData,
    /// Only all of it would tell, and that is too much.
    TooLarge,
}

/// Why a deletion is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Why {
    #[error("it is not staged any more")]
    NotStaged,
    #[error("the server does not list it any more")]
    NotListed,
    #[error(
        "the server lists other messages under its UIDL too, and none of them is this one to the octet; poppet does not guess"
    )]
    Ambiguous,
    #[error(
        "only all of it tells whether it is the one that is here, and it is too large to be retrieved for that"
    )]
    TooLarge,
    #[error("there is no whole copy here, and losing it was not agreed to")]
    NoCopy,
    #[error("the copy here is damaged; download it again first")]
    Damaged,
    #[error("under its UIDL the server now has another message; the deletion was taken back")]
    AnotherMessage,
    #[error(
        "it is no message: the server keeps its own data about the mailbox in it; the deletion was taken back"
    )]
    FolderData,
}

impl Why {
    /// Whether the wish itself is withdrawn: it no longer means what the person saw.
    fn withdraws(self) -> bool {
        matches!(self, Self::AnotherMessage | Self::FolderData)
    }
}

/// Decides whether this copy may be deleted, now, in this session.
///
/// It may when the octets stored here were just read again and are whole, and the server shows exactly these octets, or
/// the same header block under the same size, which is that of the copy; or when the person agreed to lose a message that
/// was never downloaded, and the server shows the header block that they saw, under the size that it had.
pub(super) fn approve(
    entry: &LedgerEntry,
    copy: Option<&StoredCopy>,
    agreed_to_lose: bool,
    listed: (MessageNumber, u64),
    seen: Seen,
) -> Result<Approved, Why> {
    if entry.server != Server::DeleteWanted {
        return Err(Why::NotStaged);
    }
    let (number, octets) = listed;
    let same = |header: Digest| entry.header == Some(header) && entry.octets == octets;
    match (copy, seen) {
        (_, Seen::FolderData) => Err(Why::FolderData),
        (_, Seen::TooLarge) => Err(Why::TooLarge),
        (Some(copy), _) if copy.message() != entry.message => Err(Why::AnotherMessage),
        (Some(copy), Seen::Whole { all, .. }) if all == copy.digest() => Ok(()),
        (Some(copy), Seen::Header(header))
            if same(header) && copy.header() == header && is_as_long(copy, octets) =>
        {
            Ok(())
        }
        (Some(_), _) => Err(Why::AnotherMessage),
        (None, _) if entry.local == Local::Full => Err(Why::Damaged),
        (None, Seen::Header(header) | Seen::Whole { header, .. }) if !same(header) => {
            Err(Why::AnotherMessage)
        }
        (None, _) if agreed_to_lose && entry.without_copy => Ok(()),
        (None, _) => Err(Why::NoCopy),
    }?;
    Ok(Approved {
        ledger: entry.id,
        message: entry.message,
        number,
    })
}

/// Whether a copy is as long as a message of which LIST says that it has so many octets. Servers that count a line end as one
/// octet, or leave a few out, say less than they send; a copy with less than is listed may have been cut.
pub(super) fn is_as_long(copy: &StoredCopy, listed: u64) -> bool {
    let most = listed.saturating_add(listed / 8).saturating_add(64);
    (listed..=most).contains(&copy.octets())
}

/// What an application of deletions came to.
#[derive(Debug, Default)]
pub(super) struct Applied {
    pub(super) deleted: Vec<MessageId>,
    pub(super) unconfirmed: Vec<MessageId>,
    pub(super) refused: Vec<(MessageId, String)>,
    /// Messages whose rows have changed.
    pub(super) touched: HashSet<MessageId>,
}

/// What the person agreed to.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    /// To delete these.
    pub(super) messages: HashSet<MessageId>,
    /// To lose these, which have no copy here.
    pub(super) lose: HashSet<MessageId>,
}

/// Deletions that the server has taken, up to the QUIT that makes them real.
pub(super) struct Marked {
    /// The session, if it may end with QUIT.
    line: Option<Line<usize>>,
    /// The same, once it is proven that it may.
    clean: Option<Clean>,
    pub(super) ledger: Vec<LedgerId>,
    messages: Vec<MessageId>,
    pub(super) applied: Applied,
}

/// Marks for deletion what was agreed to and can be proven. Up to here, and until [`Marked::commit`], nothing has happened:
/// when this is dropped, or anything goes wrong, the socket is closed without QUIT and the server keeps everything.
///
/// `known`: where this session lists the copies of the ledger, as the plan found them. `largest`: octets of the largest message
/// that is retrieved to be compared.
pub(super) async fn prepare(
    mut line: Line<usize>,
    capabilities: Option<&Capabilities>,
    store: &Store,
    maildrop: &Maildrop,
    ledger: &[LedgerEntry],
    known: &[(LedgerId, usize)],
    (agreed, largest): (&Agreed, u64),
) -> Result<Marked, Error> {
    let mut applied = Applied::default();
    let wanted = wanted(ledger, known, maildrop, agreed, &mut applied);
    let messages = to_verify(ledger, &wanted);
    // Every octet is read again, which may take long.
    let copies = line.awake(SILENCE, store.verify(messages)).await??;
    let copies: HashMap<MessageId, Option<StoredCopy>> = copies.into_iter().collect();

    let lines = wanted.iter().map(|wish| wish.entry.id);
    // A name that is made of the header block is that of every message with the same one.
    let unproven = if maildrop.has_uidl {
        store.unproven(lines.collect()).await?
    } else {
        lines.collect()
    };
    let seen = look(&mut line, &wanted, &copies, &unproven, largest).await?;
    let mut approved = Vec::new();
    let mut withdrawn = Vec::new();
    let mut mistaken = Vec::new();
    vouch_for_named(&mut line, store, maildrop, ledger).await?;
    let shared = Shared::decide(&wanted, &seen, &copies);
    shared.vouch(&mut line.wire, &wanted, &seen, &copies);
    approved.extend(shared.approved);
    let ambiguous = Why::Ambiguous.to_string();
    let undecided = shared.undecided.into_iter();
    applied
        .refused
        .extend(undecided.map(|message| (message, ambiguous.clone())));
    for (wish, seen) in wanted.iter().zip(seen).filter(|(wish, _)| !wish.shared) {
        let entry = wish.entry;
        let copy = copies.get(&entry.message).and_then(Option::as_ref);
        let listed = (wish.number, wish.octets);
        let verdict = match seen {
            Ok(seen) => {
                let verdict = approve(
                    entry,
                    copy,
                    agreed.lose.contains(&entry.message),
                    listed,
                    seen,
                );
                match &verdict {
                    Ok(deletion) => line.wire.kept(wish.number, &Kept::Deleted(deletion)),
                    Err(why)
                        if matches!(seen, Seen::Whole { .. }) || *why == Why::AnotherMessage =>
                    {
                        mistaken.push(entry.id);
                    }
                    Err(_) => {}
                }
                verdict.map_err(|why| (why.to_string(), why.withdraws()))
            }
            Err(says) => Err((format!("the server does not show it: {says}"), false)),
        };
        match verdict {
            Ok(deletion) => approved.push(deletion),
            Err((why, withdraw)) => {
                if withdraw {
                    withdrawn.push((entry.id, why.clone()));
                }
                applied.refused.push((entry.message, why));
            }
        }
    }
    if !withdrawn.is_empty() {
        store.cancel_deletions(withdrawn).await?;
    }
    // The next visit will look at what these UIDLs name now.
    store.mistaken(mistaken).await?;
    applied
        .touched
        .extend(applied.refused.iter().map(|(message, _)| *message));

    // What was retrieved only to look at it must not be ended by QUIT: neither what is not stored here, nor what nobody wants
    // deleted where the server says that it does so.
    let named_by_whole = !maildrop.looked.is_empty();
    if line.wire.owes() || (named_by_whole && capabilities.is_some_and(Capabilities::keeps_nothing))
    {
        let why =
            "another message was in the way, so nothing was deleted; check for mail and try again";
        let why = why.to_owned();
        applied.refused.extend(
            approved
                .into_iter()
                .map(|deletion| (deletion.message, why.clone())),
        );
        return Ok(Marked {
            line: None,
            clean: None,
            ledger: Vec::new(),
            messages: Vec::new(),
            applied,
        });
    }
    let marked = mark(&mut line, approved, &mut applied).await?;
    let messages: Vec<MessageId> = marked.iter().map(|deletion| deletion.message).collect();
    applied.touched.extend(&messages);
    Ok(Marked {
        line: Some(line),
        clean: None,
        ledger: marked.iter().map(|deletion| deletion.ledger).collect(),
        messages,
        applied,
    })
}

impl Marked {
    /// Deletions in a session that is over already.
    #[cfg(test)]
    pub(super) fn without_session(ledger: Vec<LedgerId>) -> Self {
        Self {
            line: None,
            clean: None,
            ledger,
            messages: Vec::new(),
            applied: Applied::default(),
        }
    }

    /// Writes down that from the first octet of QUIT the outcome is unknown. Whether QUIT may follow: not when the person has
    /// taken one of the deletions back while the session was under way.
    pub(super) async fn announce(&mut self, store: &Store) -> Result<bool, Error> {
        let taken_back = store.mark_unconfirmed(self.ledger.clone()).await?;
        if taken_back.is_empty() {
            return Ok(true);
        }
        self.line = None;
        let why = "one of the deletions was taken back meanwhile, so none was sent".to_owned();
        let messages = std::mem::take(&mut self.messages);
        self.applied
            .refused
            .extend(messages.into_iter().map(|message| (message, why.clone())));
        Ok(false)
    }

    /// Proves that QUIT may follow: not when the server has said something unasked, or has gone.
    pub(super) async fn prove(&mut self) -> Result<(), Error> {
        if let Some(line) = self.line.take() {
            self.clean = Some(line.clean().await?);
        }
        Ok(())
    }

    /// Ends the session with QUIT, if it was proven that it may: from here on nothing is taken back.
    pub(super) async fn commit(mut self, store: &Store) -> Result<Applied, Error> {
        let Some(clean) = self.clean else {
            return Ok(self.applied);
        };
        let ended = match clean.quit().await {
            Ok(wire) => wire.ended().await,
            Err(error) => Err(error),
        };
        match ended {
            Ok(()) => {
                store.settle(self.ledger, Vec::new()).await?;
                self.applied.deleted = self.messages;
            }
            Err(_) => self.applied.unconfirmed = self.messages,
        }
        Ok(self.applied)
    }
}

/// The lines of the ledger that are to be deleted and where this session has them.
fn wanted<'a>(
    ledger: &'a [LedgerEntry],
    known: &[(LedgerId, usize)],
    maildrop: &Maildrop,
    agreed: &Agreed,
    applied: &mut Applied,
) -> Vec<Wish<'a>> {
    let places: HashMap<LedgerId, usize> = known.iter().copied().collect();
    let mut wanted = Vec::new();
    let mut found = HashSet::new();
    for entry in ledger
        .iter()
        .filter(|entry| agreed.messages.contains(&entry.message))
    {
        if entry.server != Server::DeleteWanted {
            continue;
        }
        found.insert(entry.message);
        let place = places.get(&entry.id).copied();
        let listed = place.and_then(|place| {
            Some((
                *maildrop.numbers.get(place)?,
                maildrop.listing.get(place)?.octets,
            ))
        });
        if let Some((number, octets)) = listed {
            wanted.push(Wish {
                entry,
                number,
                octets,
                shared: false,
            });
            continue;
        }
        match candidates(entry, maildrop) {
            Ok(candidates) => wanted.extend(candidates),
            Err(why) => applied.refused.push((entry.message, why.to_string())),
        }
    }
    let missing = agreed
        .messages
        .iter()
        .filter(|message| !found.contains(message));
    applied
        .refused
        .extend(missing.map(|message| (*message, Why::NotStaged.to_string())));
    wanted
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;

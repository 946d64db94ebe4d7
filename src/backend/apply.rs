//! Deleting on the server: in a session of its own, each message by proof, real only after QUIT's `+OK`.

use std::collections::{HashMap, HashSet};

use super::arrivals::names_itself;
use super::error::{Error, Says};
use super::line::{Job, Landed, Line, Part};
use super::maildrop::Maildrop;
use super::session::Session;
use crate::mail::{
    Digest, LedgerEntry, LedgerId, Local, MessageId, Server, StoredCopy, header_digest,
};
use crate::pop3::{Capabilities, Command, Event, Expire, MessageNumber, Verb};
use crate::store::Store;

/// A deletion that may be sent. Only [`approve`] makes one, and only from proof.
#[derive(Debug)]
pub(super) struct Approved {
    ledger: LedgerId,
    message: MessageId,
    number: MessageNumber,
}

/// What the server has under a number, as this session has seen it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The header block's digest, by TOP.
    Header(Digest),
    /// Digests of the header block and of all octets, by RETR.
    Whole { header: Digest, all: Digest },
}

/// Why a deletion is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Why {
    #[error("it is not staged any more")]
    NotStaged,
    #[error("the server does not list it any more")]
    NotListed,
    #[error(
        "the server lists more than one message under its UIDL; poppet does not guess which one is meant"
    )]
    Ambiguous,
    #[error("there is no whole copy here, and losing it was not agreed to")]
    NoCopy,
    #[error("the copy here is damaged; download it again first")]
    Damaged,
    #[error("under its UIDL the server now has another message; the deletion was taken back")]
    AnotherMessage,
}

impl Why {
    /// Whether the wish itself is withdrawn: it no longer means what the person saw.
    fn withdraws(self) -> bool {
        self == Self::AnotherMessage
    }
}

/// Decides whether this copy may be deleted, now, in this session.
///
/// It may when the octets stored here were just read again and are whole, and the server shows exactly these octets, or
/// the same header block under the same size; or when the person agreed to lose a message that was never downloaded, and
/// the server shows the header block that they saw, under the size that it had.
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
        (Some(copy), _) if copy.message() != entry.message => Err(Why::AnotherMessage),
        (Some(copy), Seen::Whole { all, .. }) if all == copy.digest() => Ok(()),
        (Some(copy), Seen::Header(header)) if same(header) && copy.header() == header => Ok(()),
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

/// Deletes what was agreed to and can be proven, then ends the session with QUIT.
///
/// `known`: where this session lists the copies of the ledger, as the plan found them. When anything goes wrong before
/// QUIT, the socket is closed without it and the server keeps everything.
pub(super) async fn apply(
    mut line: Line<usize>,
    capabilities: Option<&Capabilities>,
    store: &Store,
    maildrop: &Maildrop,
    ledger: &[LedgerEntry],
    known: &[(LedgerId, usize)],
    agreed: &Agreed,
) -> Result<Applied, Error> {
    let mut applied = Applied::default();
    let wanted = wanted(ledger, known, maildrop, agreed, &mut applied);
    let messages: Vec<MessageId> = wanted.iter().map(|wish| wish.entry.message).collect();
    let copies: HashMap<MessageId, Option<StoredCopy>> =
        store.verify(messages).await?.into_iter().collect();

    let seen = look(&mut line, &wanted, &copies).await?;
    let mut approved = Vec::new();
    let mut withdrawn = Vec::new();
    let mut mistaken = Vec::new();
    // A message that was retrieved only to look at it, and is not the one that is stored here, must not be ended by QUIT.
    let mut looked_at_another = maildrop.looked && capabilities.is_some_and(keeps_nothing);
    for (wish, seen) in wanted.iter().zip(seen) {
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
                if verdict.is_err() && matches!(seen, Seen::Whole { .. }) {
                    looked_at_another = true;
                    mistaken.push(entry.id);
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
    store.vanish(mistaken).await?;
    applied
        .touched
        .extend(applied.refused.iter().map(|(message, _)| *message));

    if looked_at_another {
        let why = "another message was in the way, so nothing was deleted; try again".to_owned();
        applied.refused.extend(
            approved
                .into_iter()
                .map(|deletion| (deletion.message, why.clone())),
        );
        return Ok(applied);
    }
    let marked = mark(&mut line, approved, &mut applied).await?;
    let ledger: Vec<LedgerId> = marked.iter().map(|deletion| deletion.ledger).collect();
    let ids: Vec<MessageId> = marked.iter().map(|deletion| deletion.message).collect();
    applied.touched.extend(&ids);
    // From the first octet of QUIT the outcome is unknown, so that is what the ledger says first.
    let taken_back = store.mark_unconfirmed(ledger.clone()).await?;
    if !taken_back.is_empty() {
        // The person changed their mind while the session was under way: without QUIT nothing happens.
        let why = "one of the deletions was taken back meanwhile, so none was sent".to_owned();
        applied
            .refused
            .extend(ids.into_iter().map(|message| (message, why.clone())));
        return Ok(applied);
    }
    match Session::quit(line.wire).await {
        Ok(()) => {
            store.settle(ledger, Vec::new()).await?;
            applied.deleted = ids;
        }
        Err(_) => applied.unconfirmed = ids,
    }
    Ok(applied)
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
            });
        } else {
            let listed = maildrop
                .listing
                .iter()
                .any(|listed| listed.remote == entry.remote);
            let why = if listed {
                Why::Ambiguous
            } else {
                Why::NotListed
            };
            applied.refused.push((entry.message, why.to_string()));
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

/// A deletion that is wanted, and what the listing says of its copy.
struct Wish<'a> {
    entry: &'a LedgerEntry,
    number: MessageNumber,
    octets: u64,
}

/// Whether the server may delete at QUIT what was retrieved (RFC 2449 section 6.7).
fn keeps_nothing(capabilities: &Capabilities) -> bool {
    capabilities.expire() == Some(Expire::Days(0))
}

/// Looks at what the server really has under each number: by TOP; by RETR where it has no TOP, and where a header block alone
/// does not tell: without a Message-ID, under another size, or when it is not the one that is known.
async fn look(
    line: &mut Line<usize>,
    wanted: &[Wish<'_>],
    copies: &HashMap<MessageId, Option<StoredCopy>>,
) -> Result<Vec<Result<Seen, Says>>, Error> {
    let job = |line: &Line<usize>, index: usize, part: Part| {
        let wish = wanted.get(index)?;
        Some(Job {
            number: wish.number,
            part,
            expect: line.expect(part, wish.octets),
            tag: index,
        })
    };
    let tops = (0..wanted.len())
        .filter_map(|index| job(line, index, Part::Top(0)))
        .collect();
    let digest = |landed: Landed<usize>| {
        (
            landed.tag,
            landed
                .octets
                .map(|octets| (header_digest(&octets), names_itself(&octets))),
        )
    };
    let mut seen: Vec<Option<Result<Seen, Says>>> = vec![None; wanted.len()];
    let mut again = Vec::new();
    for (index, result) in line.fetch_each(tops, digest).await? {
        let Some(wish) = wanted.get(index) else {
            continue;
        };
        let has_copy = copies.get(&wish.entry.message).is_some_and(Option::is_some);
        match result {
            Ok((header, named)) => {
                let plain =
                    named && wish.entry.header == Some(header) && wish.entry.octets == wish.octets;
                if has_copy && !plain {
                    again.push(index);
                }
                set(&mut seen, index, Ok(Seen::Header(header)));
            }
            Err(_) => again.push(index),
        }
    }
    let whole = again
        .into_iter()
        .filter_map(|index| job(line, index, Part::Whole))
        .collect();
    let digest = |landed: Landed<usize>| {
        let whole = |octets: Vec<u8>| Seen::Whole {
            header: header_digest(&octets),
            all: Digest::of(&octets),
        };
        (landed.tag, landed.octets.map(whole))
    };
    for (index, result) in line.fetch_each(whole, digest).await? {
        set(&mut seen, index, result);
    }
    let unseen = || {
        Err(Says {
            code: None,
            text: String::new(),
        })
    };
    Ok(seen
        .into_iter()
        .map(|seen| seen.unwrap_or_else(unseen))
        .collect())
}

fn set<T>(into: &mut [Option<T>], index: usize, value: T) {
    if let Some(slot) = into.get_mut(index) {
        *slot = Some(value);
    }
}

/// Sends DELE for each and keeps those that the server took.
async fn mark(
    line: &mut Line<usize>,
    approved: Vec<Approved>,
    applied: &mut Applied,
) -> Result<Vec<Approved>, Error> {
    let mut marked = Vec::with_capacity(approved.len());
    let ahead = if line.ahead() { MOST_DELES } else { 1 };
    let mut waiting = approved.into_iter();
    loop {
        let batch: Vec<Approved> = waiting.by_ref().take(ahead).collect();
        if batch.is_empty() {
            return Ok(marked);
        }
        for deletion in &batch {
            line.wire.send(&Command::Dele(deletion.number))?;
        }
        for deletion in batch {
            match line.wire.next().await? {
                Event::Reply(reply) if reply.ok => marked.push(deletion),
                Event::Reply(reply) => {
                    let why = format!("the server refused: {}", Says::from(&reply));
                    applied.refused.push((deletion.message, why));
                }
                _ => return Err(Error::Unexpected(Verb::Dele)),
            }
        }
    }
}

const MOST_DELES: usize = 500;

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;

//! Deleting one of several messages that have one UIDL: the one that is here to the octet, or none.

use std::collections::{HashMap, HashSet};

use super::super::error::Says;
use super::super::look::Wish;
use super::super::maildrop::Maildrop;
use super::super::wire::{Kept, Wire};
use super::{Approved, Seen, Why, approve};
use crate::mail::{LedgerEntry, LedgerId, Local, MessageId, RemoteId, StoredCopy};
use crate::pop3::MessageNumber;

/// What was decided of the messages whose UIDL does not tell which they are.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub(super) approved: Vec<Approved>,
    /// Those of which nothing on the server is the copy.
    pub(super) undecided: Vec<MessageId>,
}

/// Where the copy of this line may be: everywhere where the listing has its UIDL. Only a message that is here in full can be
/// told from the others.
pub(super) fn candidates<'a>(
    entry: &'a LedgerEntry,
    maildrop: &Maildrop,
) -> Result<Vec<Wish<'a>>, Why> {
    let listed = maildrop.listing.iter().zip(&maildrop.numbers);
    let found: Vec<Wish<'a>> = listed
        .filter(|(listed, _)| listed.remote == entry.remote)
        .map(|(listed, number)| Wish {
            entry,
            number: *number,
            octets: listed.octets,
            shared: true,
        })
        .collect();
    match found.len() {
        0 => Err(Why::NotListed),
        1..=MOST if entry.local == Local::Full => Ok(found),
        _ => Err(Why::Ambiguous),
    }
}

/// The messages whose stored octets are to be read again: those to be deleted, and all that are known under a shared UIDL.
pub(super) fn to_verify(ledger: &[LedgerEntry], wanted: &[Wish<'_>]) -> Vec<MessageId> {
    let shared: HashSet<&RemoteId> = wanted
        .iter()
        .filter(|wish| wish.shared)
        .map(|wish| &wish.entry.remote)
        .collect();
    let others = ledger
        .iter()
        .filter(|entry| entry.local == Local::Full && shared.contains(&entry.remote))
        .map(|entry| entry.message);
    let mut messages: Vec<MessageId> = wanted
        .iter()
        .map(|wish| wish.entry.message)
        .chain(others)
        .collect();
    messages.sort_unstable();
    messages.dedup();
    messages
}

impl Shared {
    /// Each message goes with the first number that shows exactly its octets, and each number with one message.
    pub(super) fn decide(
        wanted: &[Wish<'_>],
        seen: &[Result<Seen, Says>],
        copies: &HashMap<MessageId, Option<StoredCopy>>,
    ) -> Self {
        let mut decided = Self::default();
        let mut settled: HashSet<LedgerId> = HashSet::new();
        let mut taken: HashSet<MessageNumber> = HashSet::new();
        let shared = || wanted.iter().zip(seen).filter(|(wish, _)| wish.shared);
        for (wish, seen) in shared() {
            let Ok(seen @ Seen::Whole { .. }) = seen else {
                continue;
            };
            if settled.contains(&wish.entry.id) || taken.contains(&wish.number) {
                continue;
            }
            let copy = copies.get(&wish.entry.message).and_then(Option::as_ref);
            let listed = (wish.number, wish.octets);
            if let Ok(deletion) = approve(wish.entry, copy, false, listed, *seen) {
                settled.insert(wish.entry.id);
                taken.insert(wish.number);
                decided.approved.push(deletion);
            }
        }
        for (wish, _) in shared() {
            if settled.insert(wish.entry.id) {
                decided.undecided.push(wish.entry.message);
            }
        }
        decided
    }

    /// Each of them was retrieved to tell it apart, and QUIT may end what of it is neither here nor to be deleted.
    pub(super) fn vouch(
        &self,
        wire: &mut Wire,
        wanted: &[Wish<'_>],
        seen: &[Result<Seen, Says>],
        copies: &HashMap<MessageId, Option<StoredCopy>>,
    ) {
        for deletion in &self.approved {
            wire.kept(deletion.number(), &Kept::Deleted(deletion));
        }
        for (wish, seen) in wanted.iter().zip(seen).filter(|(wish, _)| wish.shared) {
            if let Ok(Seen::Whole { all, .. }) = seen
                && let Some(copy) = copies.values().flatten().find(|copy| copy.digest() == *all)
            {
                wire.kept(wish.number, &Kept::Same(*all, copy));
            }
        }
    }
}

/// With more messages under one UIDL than this, it tells nothing at all, and each would be retrieved for each.
const MOST: usize = 32;

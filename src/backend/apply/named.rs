//! What was retrieved only to give a message a name, on servers that have neither UIDL nor TOP.

use std::collections::{HashMap, HashSet};

use crate::backend::error::Error;
use crate::backend::line::{Line, SILENCE};
use crate::backend::maildrop::Maildrop;
use crate::backend::wire::Kept;
use crate::mail::{Digest, LedgerEntry, Local, MessageId, StoredCopy};
use crate::store::Store;

/// Messages that were retrieved to name them are safe where exactly their octets are stored here.
pub(super) async fn vouch_for_named(
    line: &mut Line<usize>,
    store: &Store,
    maildrop: &Maildrop,
    ledger: &[LedgerEntry],
) -> Result<(), Error> {
    if maildrop.looked.is_empty() {
        return Ok(());
    }
    let there = ledger
        .iter()
        .filter(|entry| entry.local == Local::Full && entry.server.is_there());
    let messages: HashSet<MessageId> = there.map(|entry| entry.message).collect();
    let reading = store.verify(messages.into_iter().collect());
    let copies = line.awake(SILENCE, reading).await??;
    let copies: HashMap<Digest, StoredCopy> = copies
        .into_iter()
        .filter_map(|(_, copy)| copy.map(|copy| (copy.digest(), copy)))
        .collect();
    for (place, all) in &maildrop.looked {
        if let (Some(number), Some(copy)) = (maildrop.numbers.get(*place), copies.get(all)) {
            line.wire.kept(*number, &Kept::Same(*all, copy));
        }
    }
    Ok(())
}

//! Looking at what a server has under the numbers that are to be deleted.

use std::collections::{HashMap, HashSet};

use super::apply::Seen;
use super::error::{Error, Says};
use super::line::{Job, Landed, Line, Part};
use super::recheck::names_itself;
use crate::mail::{Digest, LedgerEntry, LedgerId, MessageId, StoredCopy, header_digest};
use crate::pop3::MessageNumber;

/// A deletion that is wanted, and what the listing says of its copy.
pub(super) struct Wish<'a> {
    pub(super) entry: &'a LedgerEntry,
    pub(super) number: MessageNumber,
    pub(super) octets: u64,
}

/// Looks at what the server really has under each number: by TOP; by RETR where it has no TOP, and where a header block alone
/// does not tell: without a Message-ID, under another size, when it is not the one that is known, and when it is `unproven`.
pub(super) async fn look(
    line: &mut Line<usize>,
    wanted: &[Wish<'_>],
    copies: &HashMap<MessageId, Option<StoredCopy>>,
    unproven: &HashSet<LedgerId>,
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
                let plain = named
                    && wish.entry.header == Some(header)
                    && wish.entry.octets == wish.octets
                    && !unproven.contains(&wish.entry.id);
                if has_copy && !plain {
                    again.push(index);
                } else {
                    set(&mut seen, index, Ok(Seen::Header(header)));
                }
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

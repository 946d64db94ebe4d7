//! Looking at what a server has under the numbers that are to be deleted.

use std::collections::{HashMap, HashSet};

use super::apply::{Seen, is_as_long};
use super::error::{Error, Says};
use super::line::{Job, Landed, Line, Part};
use super::recheck::names_itself;
use crate::mail::{LedgerEntry, LedgerId, MessageId, Octets, StoredCopy};
use crate::pop3::MessageNumber;

/// A deletion that is wanted, and what the listing says of its copy, or of one that may be its copy.
pub(super) struct Wish<'a> {
    pub(super) entry: &'a LedgerEntry,
    pub(super) number: MessageNumber,
    pub(super) octets: u64,
    /// Other messages have this UIDL too: only all octets tell which of them is meant.
    pub(super) shared: bool,
}

/// Looks at what the server really has under each number: by TOP; by RETR where it has no TOP, and where a header block alone
/// does not tell: without a Message-ID, under another size or one that is not the copy's, under a UIDL that others have too, when it is not the one that is
/// known, and when it is `unproven`. More than `largest` octets are not retrieved for that.
pub(super) async fn look(
    line: &mut Line<usize>,
    wanted: &[Wish<'_>],
    copies: &HashMap<MessageId, Option<StoredCopy>>,
    unproven: &HashSet<LedgerId>,
    largest: u64,
) -> Result<Vec<Result<Seen, Says>>, Error> {
    let job = |line: &Line<usize>, index: usize, part: Part| {
        let wish = wanted.get(index)?;
        Some(Job {
            number: wish.number,
            part,
            expect: line.expect(part, wish.octets),
            listed: Some(wish.octets),
            tag: index,
        })
    };
    let (mut again, alone): (Vec<usize>, Vec<usize>) =
        (0..wanted.len()).partition(|index| wanted.get(*index).is_some_and(|wish| wish.shared));
    let tops = alone
        .into_iter()
        .filter_map(|index| job(line, index, Part::Top(0)))
        .collect();
    let digest = |landed: Landed<usize>| {
        (
            landed.tag,
            landed
                .octets
                .map(|octets| (seen_of(&octets), names_itself(octets.beginning()))),
        )
    };
    let mut seen: Vec<Option<Result<Seen, Says>>> = vec![None; wanted.len()];
    for (index, result) in line.fetch_each(tops, digest).await? {
        let Some(wish) = wanted.get(index) else {
            continue;
        };
        let copy = copies.get(&wish.entry.message).and_then(Option::as_ref);
        match result {
            Ok((Seen::Header(header), named)) => {
                let plain = named
                    && wish.entry.header == Some(header)
                    && wish.entry.octets == wish.octets
                    && !unproven.contains(&wish.entry.id)
                    && copy.is_some_and(|copy| is_as_long(copy, wish.octets));
                if copy.is_some() && !plain {
                    again.push(index);
                } else {
                    set(&mut seen, index, Ok(Seen::Header(header)));
                }
            }
            Ok((other, _)) => set(&mut seen, index, Ok(other)),
            Err(_) => again.push(index),
        }
    }
    let (again, too_large): (Vec<usize>, Vec<usize>) = again.into_iter().partition(|index| {
        wanted
            .get(*index)
            .is_some_and(|wish| wish.octets <= largest)
    });
    for index in too_large {
        set(&mut seen, index, Ok(Seen::TooLarge));
    }
    let whole = again
        .into_iter()
        .filter_map(|index| job(line, index, Part::Whole))
        .collect();
    let digest = |landed: Landed<usize>| {
        let whole = |octets: Octets| match seen_of(&octets) {
            Seen::Header(header) => Seen::Whole {
                header,
                all: octets.digest(),
            },
            other => other,
        };
        (landed.tag, landed.octets.map(whole))
    };
    for (index, result) in line.fetch_each(whole, digest).await? {
        set(&mut seen, index, result);
    }
    let unseen = || Err(Says::nothing());
    Ok(seen
        .into_iter()
        .map(|seen| seen.unwrap_or_else(unseen))
        .collect())
}

/// What a message is by its header block.
fn seen_of(octets: &Octets) -> Seen {
    if is_folder_data(octets.beginning()) {
        Seen::FolderData
    } else {
        Seen::Header(octets.header_digest())
    }
}

/// Whether this is what some servers keep in a mailbox file for themselves and show as if it were its first message.
fn is_folder_data(octets: &[u8]) -> bool {
    let header = octets
        .split(|octet| *octet == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .take_while(|line| !line.is_empty());
    let (mut named, mut marked) = (false, false);
    for line in header {
        let colon = line.iter().position(|octet| *octet == b':');
        let (name, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        named |= name.eq_ignore_ascii_case(b"Subject") && value == FOLDER_DATA;
        marked |= name.eq_ignore_ascii_case(b"X-IMAP");
    }
    named && marked
}

fn set<T>(into: &mut [Option<T>], index: usize, value: T) {
    if let Some(slot) = into.get_mut(index) {
        *slot = Some(value);
    }
}

const FOLDER_DATA: &[u8] = b"DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA";

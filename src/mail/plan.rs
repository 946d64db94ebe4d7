use std::collections::{HashMap, HashSet};

use super::fate::Room;
use super::{
    BodyRule, Fate, Flags, Held, Keep, LedgerEntry, LedgerId, Listed, Local, Reason, RemoteId,
    RetentionPolicy, Server, Timestamp, fate,
};

/// What a sync is to do with what a server has listed. Places are indices into the listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a plan does nothing until it is carried out"]
pub struct SyncPlan {
    /// Lines of the ledger and where the listing has them.
    pub known: Vec<(LedgerId, usize)>,
    /// Places whose header block is to be fetched, newest first.
    pub summaries: Vec<usize>,
    /// Those of these places whose UIDL others have too: their header blocks may be the same as well, and only all their octets
    /// tell which message they are.
    pub shared: HashSet<usize>,
    /// Places whose UIDL others have too, under which nothing has changed since all of them were fetched.
    pub settled: Vec<usize>,
    /// Known copies whose body is to be fetched, newest first.
    pub bodies: Vec<(LedgerId, usize)>,
    /// Copies that a rule stages for deletion now.
    pub stage: Vec<LedgerId>,
    /// Copies that the listing no longer has and that poppet did not delete.
    pub vanished: Vec<LedgerId>,
    /// Copies whose UIDL the listing has more than once, so that it does not say which of them is meant. Neither known nor
    /// gone: their header blocks tell.
    pub ambiguous: Vec<LedgerId>,
    /// Copies whose deletion was unconfirmed, or wanted again after it was confirmed, and that are gone: deleted.
    pub deleted: Vec<LedgerId>,
    /// Copies whose deletion was confirmed, and of which the listing shows that; or all of these, where it has others that were
    /// gone before: then the server is at an earlier state, and has not left undone what it was told.
    pub carried_out: Vec<LedgerId>,
    /// Copies whose deletion was unconfirmed and that are still there: wanted again.
    pub wanted_again: Vec<LedgerId>,
    /// Known copies whose header block is to be fetched and compared: thought gone and listed again, or of another
    /// size. The same header block means the same message; another means that the server used the UIDL again.
    pub recheck: Vec<(LedgerId, usize)>,
    /// The clock is so far from where it was at the last listing that nothing goes for its age before the next one.
    pub ages_doubtful: bool,
    /// Set when something is so unusual that nothing may be deleted before the person has looked.
    pub brake: Option<Brake>,
}

/// Why nothing is deleted until the person has looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Brake {
    /// So many of so many known copies are no longer listed.
    Vanished {
        /// No longer listed.
        gone: usize,
        /// Known to be on the server before.
        of: usize,
    },
    /// A rule would delete so many of so many at once.
    RuleDeletes {
        /// To be deleted.
        count: usize,
        /// Listed.
        of: usize,
    },
    /// The clock is so far from where it was that ages mean nothing.
    Clock,
}

/// Compares a listing with the ledger and decides what to do. Pure: no clock, no network, no disk.
///
/// - A copy is known only when its UIDL is in the listing exactly once and in the ledger exactly once among the copies
///   that may still be on the server; everything else is fetched (its header block first) and told apart by content.
/// - Where several copies have one UIDL and are all here, they are left as they are for as long as it is listed as often,
///   under the same sizes.
/// - Nothing listed is forgotten, and nothing not listed is touched: it is only marked.
/// - A rule stages only what is stored in full, was listed in two sessions since, is not excepted, and only after the
///   grace period. `now` must not lie before `last_sync`; a clock that jumped puts the brake on.
pub fn plan(input: &PlanInput<'_>) -> SyncPlan {
    let mut plan = SyncPlan::default();
    let by_remote = known_by_remote(input.ledger);
    let listed_once = names_listed_once(input.listing);
    let settled = settled(input, &by_remote, &listed_once);
    let mut matched: HashSet<LedgerId> = HashSet::with_capacity(input.ledger.len());
    let mut restored = false;

    for (place, listed) in input.listing.iter().enumerate().rev() {
        let once = listed_once.get(&listed.remote) == Some(&true);
        let entry = once.then(|| by_remote.get(&listed.remote)).flatten();
        let Some(entry) = entry.copied().flatten() else {
            if settled.contains(&listed.remote) {
                plan.settled.push(place);
                continue;
            }
            if is_shared(&listed.remote, &by_remote, &listed_once) {
                plan.shared.insert(place);
            }
            plan.summaries.push(place);
            continue;
        };
        matched.insert(entry.id);
        plan.known.push((entry.id, place));
        match entry.server {
            Server::Unconfirmed => {
                plan.wanted_again.push(entry.id);
                if entry.octets != listed.octets {
                    plan.recheck.push((entry.id, place));
                }
            }
            Server::Deleted | Server::Vanished => {
                restored |= !entry.is_to_be_shown_gone();
                plan.recheck.push((entry.id, place));
            }
            Server::Present | Server::DeleteWanted if entry.octets != listed.octets => {
                plan.recheck.push((entry.id, place));
            }
            Server::Present | Server::DeleteWanted => {}
        }
        let leaving = matches!(entry.server, Server::DeleteWanted | Server::Unconfirmed)
            && entry.without_copy;
        // What turned out to be too large on its way is not tried again, unless LIST now says another size.
        let too_large = entry.flags.has(Flags::TOO_LARGE) && entry.octets == listed.octets;
        let wanted = input.bodies.wants(listed.octets) && !leaving && !too_large;
        if entry.local != Local::Full && wanted {
            plan.bodies.push((entry.id, place));
        }
    }

    let mut on_server = 0;
    let mut expected: HashSet<LedgerId> = HashSet::new();
    for entry in input.ledger {
        if entry.server.is_there() {
            on_server += 1;
        }
        let shows_it = !listed_once.contains_key(&entry.remote) || settled.contains(&entry.remote);
        if entry.is_to_be_shown_gone() && (restored || shows_it) {
            plan.carried_out.push(entry.id);
        }
        if matched.contains(&entry.id) || entry.server.is_there() && settled.contains(&entry.remote)
        {
            continue;
        }
        let listed_somewhere = listed_once.contains_key(&entry.remote);
        match entry.server {
            Server::Unconfirmed if !listed_somewhere => plan.deleted.push(entry.id),
            // It was asked for once more, after an old listing, and was done before that.
            Server::DeleteWanted if !listed_somewhere && entry.confirmed > 0 => {
                plan.deleted.push(entry.id);
            }
            Server::Unconfirmed | Server::Present | Server::DeleteWanted if listed_somewhere => {
                plan.ambiguous.push(entry.id);
            }
            Server::Present | Server::DeleteWanted => {
                plan.vanished.push(entry.id);
                if input.keeps_nothing && entry.local == Local::Full {
                    expected.insert(entry.id);
                }
            }
            Server::Deleted | Server::Vanished | Server::Unconfirmed => {}
        }
    }
    let gone = plan.vanished.iter().filter(|id| !expected.contains(*id));
    plan.brake = brake_for_vanished(gone.count(), on_server);
    let since = input.last_sync.map(|last| input.now.seconds_since(last));
    if since.is_some_and(|since| since < -CLOCK_SLACK) {
        plan.brake = Some(Brake::Clock);
    }
    plan.ages_doubtful =
        since.is_some_and(|since| !(-CLOCK_SLACK..=LONGEST_PAUSE).contains(&since));
    stage_by_rule(input, &mut plan);
    plan
}

/// What [`plan()`] decides from.
#[derive(Clone, Copy, Debug)]
pub struct PlanInput<'a> {
    /// The listing, in the server's order: oldest first.
    pub listing: &'a [Listed],
    /// Every line of the account's ledger, also of copies that are gone.
    pub ledger: &'a [LedgerEntry],
    /// What may stay on the server.
    pub policy: &'a RetentionPolicy,
    /// Which bodies are downloaded unasked.
    pub bodies: BodyRule,
    /// The server says that it removes what it gave (EXPIRE 0): then what is here in full may be gone without a question.
    pub keeps_nothing: bool,
    /// Now.
    pub now: Timestamp,
    /// When the last complete listing was made, if one was.
    pub last_sync: Option<Timestamp>,
    /// When the account was set up.
    pub set_up: Timestamp,
}

/// Seconds since the last listing that surely have gone by, as far as one can tell from a clock that may have jumped: a day at
/// most, and none where the clock is in doubt.
pub fn certain_seconds(last_sync: Option<Timestamp>, now: Timestamp) -> i64 {
    let since = last_sync.map_or(0, |last| now.seconds_since(last));
    if (0..=LONGEST_PAUSE).contains(&since) {
        since.min(DAY)
    } else {
        0
    }
}

/// The lines by their UIDL; `None` for one that several lines have.
pub(super) fn known_by_remote(ledger: &[LedgerEntry]) -> HashMap<&RemoteId, Option<&LedgerEntry>> {
    let mut known: HashMap<&RemoteId, Option<&LedgerEntry>> = HashMap::with_capacity(ledger.len());
    for entry in ledger
        .iter()
        .filter(|entry| !entry.remote.is_missing() && entry.header.is_some())
    {
        known
            .entry(&entry.remote)
            .and_modify(|twice| *twice = None)
            .or_insert(Some(entry));
    }
    known
}

/// The UIDLs that are listed, and whether each is listed only once.
pub(super) fn names_listed_once(listing: &[Listed]) -> HashMap<&RemoteId, bool> {
    let mut names = HashMap::with_capacity(listing.len());
    for listed in listing.iter().filter(|listed| !listed.remote.is_missing()) {
        names
            .entry(&listed.remote)
            .and_modify(|once| *once = false)
            .or_insert(true);
    }
    names
}

/// Whether a UIDL does not say which message it names: it is listed more than once, or several lines have it.
fn is_shared(
    remote: &RemoteId,
    by_remote: &HashMap<&RemoteId, Option<&LedgerEntry>>,
    listed_once: &HashMap<&RemoteId, bool>,
) -> bool {
    listed_once.get(remote) == Some(&false) || by_remote.get(remote) == Some(&None)
}

/// The shared UIDLs under which nothing has changed: as many are listed, under the same sizes, as are known to be there, and all
/// of these are here.
fn settled<'a>(
    input: &PlanInput<'a>,
    by_remote: &HashMap<&RemoteId, Option<&LedgerEntry>>,
    listed_once: &HashMap<&RemoteId, bool>,
) -> HashSet<&'a RemoteId> {
    let mut sizes: HashMap<&RemoteId, (Vec<u64>, Vec<u64>)> = HashMap::new();
    for listed in input.listing {
        if is_shared(&listed.remote, by_remote, listed_once) {
            sizes
                .entry(&listed.remote)
                .or_default()
                .0
                .push(listed.octets);
        }
    }
    let there = input.ledger.iter().filter(|entry| entry.server.is_there());
    for entry in there {
        if let Some((_, known)) = sizes.get_mut(&entry.remote) {
            let certain = matches!(entry.server, Server::Present | Server::DeleteWanted);
            let here = certain && entry.local == Local::Full;
            // No size that is listed, so that the UIDL does not count as settled.
            known.push(if here { entry.octets } else { u64::MAX });
        }
    }
    sizes
        .into_iter()
        .filter_map(|(remote, (mut listed, mut known))| {
            listed.sort_unstable();
            known.sort_unstable();
            (listed == known).then_some(remote)
        })
        .collect()
}

/// The brake, when so many of so many copies vanished: more than 20, and more than a tenth of what was there.
pub fn brake_for_vanished(gone: usize, of: usize) -> Option<Brake> {
    (gone > BRAKE_COUNT.max(of / 10)).then_some(Brake::Vanished { gone, of })
}

/// The brake, when a rule would delete so many of so many at once: more than 20, and more than a tenth of what is there.
pub fn brake_for_rule(count: usize, of: usize) -> Option<Brake> {
    (count > BRAKE_COUNT.max(of / 10)).then_some(Brake::RuleDeletes { count, of })
}

fn stage_by_rule(input: &PlanInput<'_>, plan: &mut SyncPlan) {
    if plan.brake.is_some() || plan.ages_doubtful || input.policy.keep == Keep::UntilDeleted {
        return;
    }
    let entries: HashMap<LedgerId, &LedgerEntry> =
        input.ledger.iter().map(|entry| (entry.id, entry)).collect();
    let mut room = Room::of(&input.policy.keep);
    // `known` runs from the newest to the oldest, which is the order in which "the newest N" fill up.
    for (id, place) in &plan.known {
        let (Some(entry), Some(listed)) = (entries.get(id), input.listing.get(*place)) else {
            continue;
        };
        let over = !room.takes(listed.octets);
        let fate = fate(Held::from(*entry), over, input.policy, input.set_up);
        let due = matches!(fate, Fate::Goes(from) if from <= input.now);
        if due && entry.sessions_since_stored >= SETTLED {
            plan.stage.push(*id);
        }
    }
    plan.brake = brake_for_rule(plan.stage.len(), input.listing.len());
}

/// Whether the server's copy may be deleted for this reason without being asked about at all.
pub fn applies_unasked(reason: Reason, policy: &RetentionPolicy, leaving: bool) -> bool {
    use super::{RulesDelete, StagedDelete};
    match reason {
        Reason::Rule => policy.rules_delete == RulesDelete::Auto,
        Reason::You => match policy.delete {
            StagedDelete::Ask => false,
            StagedDelete::Quit => leaving,
            StagedDelete::Sync => true,
        },
    }
}

const BRAKE_COUNT: usize = 20;
const DAY: i64 = 86_400;
/// Listings that a copy must have been in since its body was stored, before a rule touches it.
pub(super) const SETTLED: u32 = 2;
/// Seconds between two sessions after which the clock is not trusted for a rule.
const LONGEST_PAUSE: i64 = 60 * DAY;
/// Seconds by which a clock may run backwards without a word.
const CLOCK_SLACK: i64 = 300;

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

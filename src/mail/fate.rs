use std::collections::{HashMap, HashSet};

use super::plan::{SETTLED, known_by_remote, names_listed_once};
use super::{
    Exception, Flags, Keep, LedgerEntry, LedgerId, Listed, Local, MessageId, MessageSummary,
    Reason, RetentionPolicy, Server, Timestamp,
};

/// What an account's rule does with a copy on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// It is not there any more.
    Gone,
    /// Its deletion is staged already, or went out and is not confirmed.
    Staged,
    /// The rule stages it at the first check from then on, once the copy here has been through two checks.
    Goes(Timestamp),
    /// It stays, and why.
    Stays(Stays),
}

/// Why a rule leaves a copy on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stays {
    /// The rule keeps it, as things stand.
    Kept,
    /// There is no whole copy of it here.
    NoCopy,
    /// The person pinned it.
    Pinned,
    /// It was deleted on the server and came back there: somebody may want it.
    CameBack,
    /// It is starred, and the account excepts what is starred.
    Starred,
    /// It is not read, and the account excepts what is not read.
    Unread,
}

impl Stays {
    /// What people are told.
    pub fn word(self) -> &'static str {
        self.names().0
    }

    /// What scripts are told: the same in one word.
    pub fn name(self) -> &'static str {
        self.names().1
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Kept => ("kept", "kept"),
            Self::NoCopy => ("no copy", "no-copy"),
            Self::Pinned => ("pinned", "pinned"),
            Self::CameBack => ("came back", "came-back"),
            Self::Starred => ("starred", "starred"),
            Self::Unread => ("unread", "unread"),
        }
    }
}

/// What of a copy a rule looks at.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// What is known of it.
    pub server: Server,
    /// What of its message is here.
    pub local: Local,
    /// The message's flags.
    pub flags: Flags,
    /// When its body was stored, if it was.
    pub stored: Option<Timestamp>,
}

impl From<&LedgerEntry> for Held {
    fn from(entry: &LedgerEntry) -> Self {
        Self {
            server: entry.server,
            local: entry.local,
            flags: entry.flags,
            stored: entry.stored,
        }
    }
}

impl From<&MessageSummary> for Held {
    fn from(summary: &MessageSummary) -> Self {
        Self {
            server: summary.server,
            local: summary.local,
            flags: summary.flags,
            stored: summary.stored.time(),
        }
    }
}

/// What the rule does with a copy, and from when on. The one place that decides it: the plan that stages, the list's
/// countdown and the calendar all ask here.
///
/// `over`: whether the mailbox holds more than the rule allows without this copy; only [`Keep::Newest`] and
/// [`Keep::Size`] look at it. `set_up` is when the account was: nothing goes before its grace is over.
pub fn fate(held: Held, over: bool, policy: &RetentionPolicy, set_up: Timestamp) -> Fate {
    match held.server {
        Server::Deleted | Server::Vanished => return Fate::Gone,
        Server::DeleteWanted | Server::Unconfirmed => return Fate::Staged,
        Server::Present => {}
    }
    if let Some(reason) = excepted(held.flags, policy) {
        return Fate::Stays(reason);
    }
    if policy.keep == Keep::UntilDeleted {
        return Fate::Stays(Stays::Kept);
    }
    if held.local != Local::Full {
        return Fate::Stays(Stays::NoCopy);
    }
    let due = match policy.keep {
        Keep::UntilDeleted => None,
        Keep::UntilDownloaded => Some(i64::MIN),
        Keep::Days(days) => held
            .stored
            .map(|stored| stored.0.saturating_add(i64::from(days) * DAY)),
        Keep::Newest(_) | Keep::Size(_) => over.then_some(i64::MIN),
    };
    let grace = set_up.0.saturating_add(policy.grace_seconds);
    match due {
        Some(due) => Fate::Goes(Timestamp(due.max(grace))),
        None => Fate::Stays(Stays::Kept),
    }
}

/// What becomes of one copy on a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The line of the ledger.
    pub line: LedgerId,
    /// The message it is a copy of.
    pub message: MessageId,
    /// Its size in octets, as LIST has it.
    pub octets: u64,
    /// What the rule does with it.
    pub fate: Fate,
}

/// What the rule does with every copy that is on the server, as far as can be told today: mail that is yet to come may
/// push others out.
///
/// `listing` is the last one, if one is known. Without it a rule that counts from the newest cannot be foretold: `None`.
pub fn forecast(
    ledger: &[LedgerEntry],
    listing: Option<&[Listed]>,
    policy: &RetentionPolicy,
    set_up: Timestamp,
) -> Option<Vec<Forecast>> {
    let mut over = HashMap::new();
    if matches!(policy.keep, Keep::Newest(_) | Keep::Size(_)) {
        let listing = listing?;
        let (known, once) = (known_by_remote(ledger), names_listed_once(listing));
        let mut room = Room::of(&policy.keep);
        for listed in listing.iter().rev() {
            let entry = known
                .get(&listed.remote)
                .copied()
                .flatten()
                .filter(|_| once.get(&listed.remote) == Some(&true))
                // What was deleted since the last listing will not be in the next.
                .filter(|entry| entry.server.is_there());
            if let Some(entry) = entry {
                over.insert(entry.id, !room.takes(listed.octets));
            }
        }
    }
    let all = ledger.iter().map(|entry| Forecast {
        line: entry.id,
        message: entry.message,
        octets: entry.octets,
        fate: fate(
            Held::from(entry),
            over.get(&entry.id).copied().unwrap_or(false),
            policy,
            set_up,
        ),
    });
    Some(all.filter(|one| one.fate != Fate::Gone).collect())
}

/// Lines whose deletion a rule staged, and that it would not stage as things are now.
///
/// `listing` is the last one; without it nothing is due by a rule that counts from the newest.
pub fn not_due(
    ledger: &[LedgerEntry],
    listing: Option<&[Listed]>,
    policy: &RetentionPolicy,
    set_up: Timestamp,
    now: Timestamp,
) -> Vec<LedgerId> {
    let by_rule = |entry: &&LedgerEntry| {
        entry.server == Server::DeleteWanted && entry.reason == Some(Reason::Rule)
    };
    let staged: HashMap<LedgerId, u32> = ledger
        .iter()
        .filter(by_rule)
        .map(|entry| (entry.id, entry.sessions_since_stored))
        .collect();
    if staged.is_empty() {
        return Vec::new();
    }
    let unstaged = |entry: &LedgerEntry| LedgerEntry {
        server: if staged.contains_key(&entry.id) {
            Server::Present
        } else {
            entry.server
        },
        ..entry.clone()
    };
    let before: Vec<LedgerEntry> = ledger.iter().map(unstaged).collect();
    let due: HashSet<LedgerId> = forecast(&before, listing, policy, set_up)
        .unwrap_or_default()
        .into_iter()
        .filter(|one| matches!(one.fate, Fate::Goes(from) if from <= now))
        .map(|one| one.line)
        .collect();
    let mut not_due: Vec<LedgerId> = staged
        .into_iter()
        .filter(|(line, sessions)| *sessions < SETTLED || !due.contains(line))
        .map(|(line, _)| line)
        .collect();
    not_due.sort_unstable();
    not_due
}

fn excepted(flags: Flags, policy: &RetentionPolicy) -> Option<Stays> {
    if flags.has(Flags::PINNED) {
        return Some(Stays::Pinned);
    }
    if flags.has(Flags::CAME_BACK) {
        return Some(Stays::CameBack);
    }
    policy.except.iter().find_map(|exception| match exception {
        Exception::Pinned => None,
        Exception::Starred => flags.has(Flags::STARRED).then_some(Stays::Starred),
        Exception::Unread => (!flags.has(Flags::SEEN)).then_some(Stays::Unread),
    })
}

/// What "the newest so many" and "the newest in so many octets" still have room for.
pub(super) struct Room {
    messages: u64,
    octets: u64,
}

impl Room {
    pub(super) fn of(keep: &Keep) -> Self {
        let (messages, octets) = match keep {
            Keep::Newest(count) => (u64::from(*count), u64::MAX),
            Keep::Size(octets) => (u64::MAX, *octets),
            _ => (u64::MAX, u64::MAX),
        };
        Self { messages, octets }
    }

    pub(super) fn takes(&mut self, octets: u64) -> bool {
        let fits = self.messages > 0 && octets <= self.octets;
        self.messages = self.messages.saturating_sub(1);
        self.octets = self.octets.saturating_sub(octets);
        fits
    }
}

const DAY: i64 = 86_400;

#[cfg(test)]
#[path = "fate_tests.rs"]
mod tests;

use std::collections::{BTreeMap, HashMap};

use super::{Address, Fate, Forecast, Local, MessageSummary, Server, Stays, Timestamp};

/// So many messages, and their octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Messages.
    pub messages: u64,
    /// Octets.
    pub octets: u64,
}

impl Amount {
    /// One more message of so many octets.
    pub fn add(&mut self, octets: u64) {
        self.messages = self.messages.saturating_add(1);
        self.octets = self.octets.saturating_add(octets);
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, one| Self {
            messages: sum.messages.saturating_add(one.messages),
            octets: sum.octets.saturating_add(one.octets),
        })
    }
}

/// What lies on a server, as far as the last listing knows: the sums over its messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Everything.
    pub all: Amount,
    /// What was sent in the last 30 days.
    pub fresh: Amount,
    /// What is not here in full.
    pub missing: Amount,
    /// What is staged for deletion, or whose deletion is not confirmed.
    pub staged: Amount,
}

impl Holdings {
    /// Sums up the messages that are on the server, in any order.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a MessageSummary>, now: Timestamp) -> Self {
        let month = now.0.saturating_sub(MONTH * DAY);
        let mut holdings = Self::default();
        for row in rows {
            holdings.all.add(row.octets);
            if row.date.0 >= month {
                holdings.fresh.add(row.octets);
            }
            if row.local != Local::Full {
                holdings.missing.add(row.octets);
            }
            if matches!(row.server, Server::DeleteWanted | Server::Unconfirmed) {
                holdings.staged.add(row.octets);
            }
        }
        holdings
    }

    /// Octets that came on a day, on average over the last 30 days.
    pub fn daily(&self) -> u64 {
        self.fresh.octets / MONTH.unsigned_abs()
    }

    /// Days until a mailbox with `octets` in it is full at that pace; `None` when it hardly grows: not within ten years.
    pub fn full_in(&self, octets: u64, quota: u64) -> Option<u64> {
        let daily = self.daily();
        let days = quota.saturating_sub(octets).checked_div(daily)?;
        (days < 3_650).then_some(days)
    }
}

/// Who sent these messages, the largest amount first.
pub fn senders<'a>(
    rows: impl IntoIterator<Item = &'a MessageSummary>,
) -> Vec<(&'a Address, Amount)> {
    let mut sums: HashMap<&str, (&Address, Amount)> = HashMap::new();
    for row in rows {
        let (_, amount) = sums
            .entry(&row.from.address)
            .or_insert((&row.from, Amount::default()));
        amount.add(row.octets);
    }
    let mut senders: Vec<(&Address, Amount)> = sums.into_values().collect();
    senders.sort_by(|(a, of_a), (b, of_b)| {
        let most = of_b.octets.cmp(&of_a.octets);
        most.then_with(|| a.address.cmp(&b.address))
    });
    senders
}

/// What an account's rule is going to delete, and when, in the spans that people plan in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// What it stages at the next check.
    pub next: Amount,
    /// What it stages by the day, later than now: whole days of UTC since 1970.
    pub days: BTreeMap<i64, Amount>,
    /// What is staged already.
    pub staged: Amount,
    /// What stays, and why.
    pub stays: BTreeMap<Stays, Amount>,
}

impl Schedule {
    /// Sums up a forecast.
    pub fn of(copies: &[Forecast], now: Timestamp) -> Self {
        let mut schedule = Self::default();
        for copy in copies {
            let amount = match copy.fate {
                Fate::Gone => continue,
                Fate::Staged => &mut schedule.staged,
                Fate::Goes(at) if at <= now => &mut schedule.next,
                Fate::Goes(at) => schedule.days.entry(at.0.div_euclid(DAY)).or_default(),
                Fate::Stays(why) => schedule.stays.entry(why).or_default(),
            };
            amount.add(copy.octets);
        }
        schedule
    }

    /// What goes after now and within so many days.
    pub fn within(&self, days: i64, now: Timestamp) -> Amount {
        let last = now.0.div_euclid(DAY).saturating_add(days);
        let days = self.days.range(..=last);
        days.map(|(_, amount)| *amount).sum()
    }

    /// What goes later than that.
    pub fn after(&self, days: i64, now: Timestamp) -> Amount {
        let last = now.0.div_euclid(DAY).saturating_add(days);
        let days = self.days.range(last.saturating_add(1)..);
        days.map(|(_, amount)| *amount).sum()
    }
}

/// Seconds.
const DAY: i64 = 86_400;
/// Days.
const MONTH: i64 = 30;

#[cfg(test)]
#[path = "holdings_tests.rs"]
mod tests;

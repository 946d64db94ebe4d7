//! What the account's rule is going to delete, and when.

use std::collections::{BTreeMap, HashSet};

use jiff::tz::TimeZone;

use crate::bridge::{AccountState, Command, Event, Phase, Ticket};
use crate::mail::{
    AccountId, Amount, Fate, Forecast, Keep, MessageId, MessageSummary, RetentionPolicy,
    RulesDelete, Stays, Timestamp, fate,
};
use crate::ui::Effect;
use crate::ui::format::{counted, day_starts, short_day, size};

/// What is known of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlook {
    account: Option<AccountId>,
    policy: RetentionPolicy,
    set_up: Timestamp,
    asked: Option<Ticket>,
    /// Whether something changed since it was asked.
    stale: bool,
    told: Told,
}

/// What the engine said.
#[derive(Clone, Debug, Default)]
pub(super) enum Told {
    /// Nothing yet.
    #[default]
    NotYet,
    /// It cannot be told before the next check.
    Unknown,
    /// This.
    Known(Box<Calendar>),
}

/// What goes on which day, and what stays.
#[derive(Clone, Debug, Default)]
pub(super) struct Calendar {
    /// When each of the days begins, today first, and the day after the last.
    starts: Vec<Timestamp>,
    days: Vec<Amount>,
    later: Amount,
    pub(super) staged: Amount,
    pub(super) stays: BTreeMap<Stays, Amount>,
    /// Messages that a rule which counts from the newest has no room for.
    over: HashSet<MessageId>,
}

impl Outlook {
    /// That of this account, not asked for yet.
    pub(super) fn of(state: &AccountState) -> Self {
        Self {
            account: Some(state.account.clone()),
            policy: state.retention.clone(),
            set_up: state.set_up,
            ..Self::default()
        }
    }

    /// Asks, once at a time.
    pub(super) fn ask(&mut self, out: &mut Vec<Effect>) {
        let Some(account) = self.account.clone().filter(|_| self.has_rule()) else {
            return;
        };
        self.stale = self.asked.is_some();
        if !self.stale {
            let ticket = Ticket::new();
            self.asked = Some(ticket);
            out.push(Effect::Send(Command::Foretell { ticket, account }));
        }
    }

    /// Takes the answer, and asks anew when something has changed.
    pub(super) fn hear(
        &mut self,
        event: &Event,
        now: Timestamp,
        zone: &TimeZone,
        out: &mut Vec<Effect>,
    ) {
        match event {
            Event::Foretold { ticket, copies } if self.asked == Some(*ticket) => {
                self.told = match copies {
                    Some(copies) => Told::Known(Box::new(Calendar::new(copies, now, zone))),
                    None => Told::Unknown,
                };
                self.answered(out);
            }
            Event::Failed {
                ticket: Some(ticket),
                ..
            } if self.asked == Some(*ticket) => self.answered(out),
            Event::Account(state) if Some(&state.account) == self.account.as_ref() => {
                let checked = matches!(state.phase, Phase::Idle | Phase::Lingering);
                if checked || state.retention != self.policy {
                    self.policy = state.retention.clone();
                    self.set_up = state.set_up;
                    self.ask(out);
                }
            }
            Event::Changed {
                ticket: Some(_), ..
            }
            | Event::Applied { .. } => self.ask(out),
            _ => {}
        }
    }

    fn answered(&mut self, out: &mut Vec<Effect>) {
        self.asked = None;
        if self.stale {
            self.ask(out);
        }
    }

    /// Whether the account has a rule at all.
    pub(super) fn has_rule(&self) -> bool {
        self.policy.keep != Keep::UntilDeleted
    }

    /// What the rule does with a message.
    pub(super) fn fate(&self, row: &MessageSummary) -> Fate {
        let over = match &self.told {
            Told::Known(calendar) => calendar.over.contains(&row.id),
            Told::NotYet | Told::Unknown => false,
        };
        fate(row.into(), over, &self.policy, self.set_up)
    }

    /// In which order messages go: what is staged, then what goes first; what stays is last.
    pub(super) fn turn(&self, row: &MessageSummary) -> (u8, i64) {
        match self.fate(row) {
            Fate::Staged => (0, 0),
            Fate::Goes(at) => (1, at.0),
            Fate::Stays(_) => (2, 0),
            Fate::Gone => (3, 0),
        }
    }

    pub(super) fn told(&self) -> &Told {
        &self.told
    }

    /// The rule in words.
    pub(super) fn rule(&self) -> String {
        match self.policy.keep {
            Keep::UntilDeleted => "none: the server keeps all until you delete it".to_owned(),
            Keep::UntilDownloaded => "delete what is downloaded".to_owned(),
            Keep::Days(days) => format!("delete {} after download", counted(days.into(), "day")),
            Keep::Newest(newest) => format!("keep the newest {newest}"),
            Keep::Size(octets) => format!("keep the newest {}", size(octets)),
        }
    }

    /// What becomes of that which the rule stages.
    pub(super) fn then(&self) -> &'static str {
        match self.policy.rules_delete {
            RulesDelete::Review => "you review it first",
            RulesDelete::Auto => "it goes by itself",
        }
    }

    /// The end of the grace, while it lasts.
    pub(super) fn grace(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.set_up.0.saturating_add(self.policy.grace_seconds);
        (end > now.0).then_some(Timestamp(end))
    }
}

impl Calendar {
    fn new(copies: &[Forecast], now: Timestamp, zone: &TimeZone) -> Self {
        let starts = day_starts(now, zone, DAYS + 1);
        let mut calendar = Self {
            days: vec![Amount::default(); DAYS],
            ..Self::default()
        };
        for copy in copies {
            let sum = match copy.fate {
                Fate::Gone => continue,
                Fate::Staged => &mut calendar.staged,
                Fate::Stays(why) => calendar.stays.entry(why).or_default(),
                Fate::Goes(at) => {
                    calendar.over.insert(copy.message);
                    // What is due already goes today.
                    let day = starts.partition_point(|start| *start <= at).max(1) - 1;
                    calendar.days.get_mut(day).unwrap_or(&mut calendar.later)
                }
            };
            sum.add(copy.octets);
        }
        calendar.starts = starts;
        calendar
    }

    /// What goes today.
    pub(super) fn today(&self) -> Amount {
        self.days.first().copied().unwrap_or_default()
    }

    /// All that is on the server.
    pub(super) fn total(&self) -> Amount {
        let goes = self.days.iter().chain([&self.later, &self.staged]);
        goes.chain(self.stays.values()).copied().sum()
    }

    /// A line for each of the next seven days and the four weeks behind them on which something goes.
    pub(super) fn fine(&self, zone: &TimeZone) -> Vec<(String, Amount)> {
        let mut lines = vec![("today".to_owned(), self.today())];
        for n in 1..7 {
            let named = crate::ui::format::weekday(self.start(n), zone);
            lines.push((named, self.between(n, n + 1)));
        }
        for n in (7..DAYS).step_by(7) {
            let last = short_day(self.start(n + 6), zone);
            let named = format!("week to {last}");
            lines.push((named, self.between(n, n + 7)));
        }
        lines.push(("later".to_owned(), self.later));
        lines.retain(|(_, sum)| sum.messages > 0);
        lines
    }

    /// Four lines: today, to the end of seven days, of thirty, and later.
    pub(super) fn coarse(&self, zone: &TimeZone) -> Vec<(String, Amount)> {
        let to = |day: usize| format!("to {}", short_day(self.start(day - 1), zone));
        let later = [self.between(30, DAYS), self.later];
        vec![
            ("today".to_owned(), self.today()),
            (to(7), self.between(1, 7)),
            (to(30), self.between(7, 30)),
            ("later".to_owned(), later.into_iter().sum()),
        ]
    }

    fn between(&self, from: usize, to: usize) -> Amount {
        let days = self.days.get(from..to).unwrap_or_default();
        days.iter().copied().sum()
    }

    fn start(&self, n: usize) -> Timestamp {
        self.starts.get(n).copied().unwrap_or_default()
    }
}

/// Days that are told apart: five weeks.
const DAYS: usize = 35;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::LedgerId;

    /// Monday 23 November 2026, 12:00 UTC.
    const NOON: Timestamp = Timestamp(1_795_435_200);

    fn copy(id: i64, fate: Fate) -> Forecast {
        Forecast {
            line: LedgerId(id),
            message: MessageId(id),
            octets: 10,
            fate,
        }
    }

    fn goes(id: i64, hours: i64) -> Forecast {
        copy(id, Fate::Goes(Timestamp(NOON.0 + hours * 3_600)))
    }

    fn messages(lines: &[(String, Amount)]) -> Vec<(&str, u64)> {
        lines
            .iter()
            .map(|(name, sum)| (name.as_str(), sum.messages))
            .collect()
    }

    #[test]
    fn every_copy_is_on_exactly_one_line() {
        let copies = [
            goes(1, -900),
            goes(2, 11),
            goes(3, 12),
            goes(4, 7 * 24 - 13),
            goes(5, 7 * 24),
            goes(6, 29 * 24),
            goes(7, 30 * 24),
            goes(8, 400 * 24),
            copy(9, Fate::Staged),
            copy(10, Fate::Stays(Stays::Pinned)),
            copy(11, Fate::Gone),
        ];
        let calendar = Calendar::new(&copies, NOON, &TimeZone::UTC);
        assert_eq!(
            messages(&calendar.fine(&TimeZone::UTC)),
            [
                ("today", 2),
                ("Tue 24 Nov", 1),
                ("Sun 29 Nov", 1),
                ("week to 6 Dec", 1),
                ("week to 27 Dec", 2),
                ("later", 1)
            ]
        );
        assert_eq!(
            messages(&calendar.coarse(&TimeZone::UTC)),
            [
                ("today", 2),
                ("to 29 Nov", 2),
                ("to 22 Dec", 2),
                ("later", 2)
            ]
        );
        let all = Amount {
            messages: 10,
            octets: 100,
        };
        assert_eq!(calendar.total(), all);
        assert_eq!(calendar.staged.messages, 1);
    }

    #[test]
    fn a_day_is_that_of_the_persons_own_clock() {
        let zone = TimeZone::fixed(jiff::tz::offset(11));
        // 23:00 there; an hour later it is tomorrow.
        let copies = [goes(1, 0), goes(2, 1)];
        let calendar = Calendar::new(&copies, NOON, &zone);
        assert_eq!(
            messages(&calendar.fine(&zone)),
            [("today", 1), ("Tue 24 Nov", 1)]
        );
    }
}

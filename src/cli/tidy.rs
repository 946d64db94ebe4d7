//! `poppet tidy`: what lies on the server, and what the rules delete when.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use super::context::{Context, chosen};
use super::exit::Exit;
use super::json::Fact;
use super::list::all;
use super::output::Paint;
use super::stop::Stop;
use super::table::cell;
use super::words::{amount, count, iso, short_date, size};
use super::zone;
use crate::backend::now;
use crate::config::Account;
use crate::mail::{
    AccountId, Address, Amount, Folder, Holdings, Keep, Local, MessageSummary, Query, RulesDelete,
    Schedule, Timestamp, forecast, safe, senders,
};
use crate::store::{AccountRecord, Listing, Order, Store};

pub(super) async fn tidy(context: &Context, name: Option<AccountId>) -> Result<Exit, Stop> {
    let config = context.accounts()?;
    let names: Vec<AccountId> = name.into_iter().collect();
    let accounts = chosen(&config, &names)?;
    let store = context.store_or_view()?;
    let records = store.accounts().await?;
    let mut found = false;
    for account in &accounts {
        let record = records.iter().find(|record| record.account == account.id);
        let view = View {
            context,
            account,
            now: now(),
            zone: zone::system(),
        };
        found |= view.tell(&store, record).await?;
    }
    store.close()?;
    Ok(if found { Exit::Done } else { Exit::No })
}

/// One account, and how it is told.
struct View<'a> {
    context: &'a Context,
    account: &'a Account,
    now: Timestamp,
    zone: TimeZone,
}

impl View<'_> {
    /// Whether there is something on its server.
    async fn tell(&self, store: &Store, record: Option<&AccountRecord>) -> Result<bool, Stop> {
        let checked = record.and_then(|record| record.last_sync.map(|when| (record, when)));
        let Some((record, when)) = checked else {
            self.context.out.remark(&format!(
                "{}: never checked. `poppet sync` finds out what is there.",
                self.account.id
            ))?;
            return Ok(false);
        };
        let mut rows = self.rows(store).await?;
        let holdings = Holdings::of(&rows, self.now);
        self.mailbox(&holdings, record, when)?;
        let ledger = store.ledger(&self.account.id).await?;
        // The order of the last listing is not stored: what counts from the newest cannot be told without one.
        let copies = forecast(&ledger, None, &self.account.retention, record.set_up);
        self.rule(
            copies
                .map(|copies| Schedule::of(&copies, self.now))
                .as_ref(),
        )?;
        self.messages("largest", rows.iter().take(MOST))?;
        rows.sort_by_key(|row| (row.date, row.id));
        self.messages("oldest", rows.iter().take(MOST))?;
        self.senders(&rows)?;
        if self.context.out.terminal && !self.context.out.json {
            self.context.out.line("")?;
        }
        Ok(!rows.is_empty())
    }

    /// The messages on the server, the largest first.
    async fn rows(&self, store: &Store) -> Result<Vec<MessageSummary>, Stop> {
        let query = Query::parse("on:server", self.now, 0).unwrap_or_default();
        let mut rows = Vec::new();
        // A list of all folders leaves the Trash out, and what is staged mostly lies there.
        for folder in [None, Some(Folder::Trash)] {
            let listing = Listing {
                query: query.clone(),
                folder,
                account: Some(self.account.id.clone()),
                order: Order::Size,
                ..Listing::default()
            };
            rows.extend(all(store, listing, None).await?);
        }
        rows.sort_by(|a, b| b.octets.cmp(&a.octets).then(b.id.cmp(&a.id)));
        Ok(rows)
    }

    fn mailbox(
        &self,
        holdings: &Holdings,
        record: &AccountRecord,
        when: Timestamp,
    ) -> Result<(), Stop> {
        let out = self.context.out;
        let quota = self.account.retention.quota;
        let full_in = quota.and_then(|quota| holdings.full_in(record.octets, quota));
        let name = self.account.id.as_str();
        if out.json {
            let mut about = Fact::new(name, "mailbox").of(Amount {
                messages: record.messages,
                octets: record.octets,
            });
            about.quota = quota;
            about.daily = Some(holdings.daily());
            about.full_in_days = full_in;
            about.checked = Some(iso(when));
            about.missing = Some(holdings.missing.messages);
            about.missing_octets = Some(holdings.missing.octets);
            return out.object(&about);
        }
        if !out.terminal {
            let number = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
            return out.line(&format!(
                "{name}\tmailbox\t{}\t{}\t{}\t{}\t{}\t{}",
                record.messages,
                record.octets,
                number(quota),
                holdings.daily(),
                number(full_in),
                iso(when),
            ));
        }
        let mut line = format!(
            "{}, {}",
            count(record.messages, "message"),
            amount(record.octets)
        );
        if let Some(quota) = quota.filter(|quota| *quota > 0) {
            let percent = record.octets as f64 / quota as f64 * 100.0;
            let _ = write!(line, ": {percent:.0}% of {}", amount(quota));
        }
        let place = format!("{}:{}", self.account.pop3.host, self.account.pop3.port);
        out.line(&format!("{}  {place}", out.paint(Paint::Bold, name)))?;
        out.line(&format!(
            "  {line}, at the check of {}",
            short_date(when, self.now, &self.zone)
        ))?;
        if holdings.daily() > 0 {
            let mut line = format!(
                "  grew by {} a day in the last 30 days",
                amount(holdings.daily())
            );
            if let Some(days) = full_in {
                let _ = write!(line, ": full in about {}", count(days, "day"));
            }
            out.line(&line)?;
        }
        if holdings.missing.messages > 0 {
            let missing = holdings.missing;
            let many = count(missing.messages, "message");
            out.line(&format!(
                "  {many} ({}) not here in full",
                amount(missing.octets)
            ))?;
        }
        Ok(())
    }

    fn rule(&self, schedule: Option<&Schedule>) -> Result<(), Stop> {
        let out = self.context.out;
        let policy = &self.account.retention;
        let Some(rule) = rule_words(&policy.keep) else {
            return match schedule {
                Some(schedule) if schedule.staged.messages > 0 => {
                    self.goes("staged", None, schedule.staged)
                }
                _ => Ok(()),
            };
        };
        if out.terminal && !out.json {
            let then = match policy.rules_delete {
                RulesDelete::Review => "what it stages waits for your review",
                RulesDelete::Auto => "it deletes after each sync",
            };
            let sentence = format!("the server keeps {rule}; {then}");
            out.hanging("  rule: ", 8, None, &sentence)?;
        }
        let Some(schedule) = schedule else {
            return match (out.json, out.terminal) {
                (true, _) => {
                    out.object(&Fact::new(self.account.id.as_str(), "rule").when("unknown", None))
                }
                (_, true) => out.line(
                    "    what goes is told by `poppet sync --dry-run`: it counts from the newest",
                ),
                _ => self.goes("unknown", None, Amount::default()),
            };
        };
        self.goes("next-check", None, schedule.next)?;
        if out.json || !out.terminal {
            for (day, amount) in &schedule.days {
                let date = iso(Timestamp(day.saturating_mul(86_400)));
                let date = date.get(..10).unwrap_or_default();
                self.goes("day", Some(date), *amount)?;
            }
        } else {
            self.goes("within 7 days", None, schedule.within(7, self.now))?;
            let (week, month) = (schedule.within(7, self.now), schedule.within(30, self.now));
            let rest = Amount {
                messages: month.messages.saturating_sub(week.messages),
                octets: month.octets.saturating_sub(week.octets),
            };
            self.goes("within 30 days", None, rest)?;
            self.goes("later", None, schedule.after(30, self.now))?;
        }
        self.goes("staged", None, schedule.staged)?;
        for (why, amount) in &schedule.stays {
            let scripts = out.json || !out.terminal;
            let why = if scripts { why.name() } else { why.word() };
            self.goes("stays", Some(why), *amount)?;
        }
        Ok(())
    }

    /// A line of the rule: what goes when, or stays and why. Nothing where there is none.
    fn goes(&self, when: &'static str, detail: Option<&str>, what: Amount) -> Result<(), Stop> {
        let (out, name) = (self.context.out, self.account.id.as_str());
        if what.messages == 0 && when != "unknown" {
            return Ok(());
        }
        if out.json {
            return out.object(&Fact::new(name, "rule").when(when, detail).of(what));
        }
        let detail = detail.unwrap_or_default();
        if !out.terminal {
            return out.line(&format!(
                "{name}\trule\t{when}\t{detail}\t{}\t{}",
                what.messages, what.octets
            ));
        }
        let words = match when {
            "next-check" => "at the next check".to_owned(),
            "staged" => "staged".to_owned(),
            "stays" => format!("stays: {detail}"),
            when => when.to_owned(),
        };
        out.line(&format!(
            "    {} {:>7}  {:>6}",
            cell(&words, 20),
            what.messages,
            size(what.octets)
        ))
    }

    fn messages<'r>(
        &self,
        about: &'static str,
        rows: impl Iterator<Item = &'r MessageSummary>,
    ) -> Result<(), Stop> {
        let (out, name) = (self.context.out, self.account.id.as_str());
        for (n, row) in rows.enumerate() {
            if out.json {
                out.object(&Fact::new(name, about).message(row))?;
                continue;
            }
            let (from, subject) = (safe::line(row.from.short()), safe::line(&row.subject));
            if !out.terminal {
                out.line(&format!(
                    "{name}\t{about}\t{}\t{}\t{}\t{from}\t{subject}",
                    row.id,
                    row.octets,
                    iso(row.date)
                ))?;
                continue;
            }
            if n == 0 {
                out.line(&format!("  {}", out.paint(Paint::Bold, about)))?;
            }
            let here = if row.local == Local::Full {
                "copy here"
            } else {
                "no copy"
            };
            let room = out.columns().saturating_sub(57).max(10);
            out.line(&format!(
                "    {:>5}  {:>5}  {}  {} {}  {here}",
                row.id,
                size(row.octets),
                cell(&short_date(row.date, self.now, &self.zone), 8),
                cell(&from, 17),
                cell(&subject, room),
            ))?;
        }
        Ok(())
    }

    fn senders(&self, rows: &[MessageSummary]) -> Result<(), Stop> {
        let (out, name) = (self.context.out, self.account.id.as_str());
        for (n, (from, what)) in senders(rows).iter().take(MOST).enumerate() {
            if out.json {
                out.object(&Fact::new(name, "sender").from(from).of(*what))?;
                continue;
            }
            let who = sender(from);
            if !out.terminal {
                out.line(&format!(
                    "{name}\tsender\t{who}\t{}\t{}",
                    what.messages, what.octets
                ))?;
                continue;
            }
            if n == 0 {
                out.line(&format!("  {}", out.paint(Paint::Bold, "by sender")))?;
            }
            out.line(&format!(
                "    {} {:>7}  {:>6}",
                cell(&who, 44),
                what.messages,
                size(what.octets)
            ))?;
        }
        Ok(())
    }
}

fn sender(from: &Address) -> String {
    match safe::line(&from.address) {
        address if address.is_empty() => "(no sender)".to_owned(),
        address => address.into_owned(),
    }
}

/// What the server keeps; `None` where there is no rule.
fn rule_words(keep: &Keep) -> Option<String> {
    Some(match keep {
        Keep::UntilDeleted => return None,
        Keep::UntilDownloaded => "what is not downloaded yet".to_owned(),
        Keep::Days(days) => format!(
            "a message for {} after the download",
            count((*days).into(), "day")
        ),
        Keep::Newest(number) => format!("the newest {}", count((*number).into(), "message")),
        Keep::Size(octets) => format!("the newest {}", amount(*octets)),
    })
}

/// Lines of each kind.
const MOST: usize = 10;

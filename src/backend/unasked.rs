//! What a rule staged, looked at again before it goes, and foretold by a dry run.

use std::collections::HashSet;

use super::account::Account;
use super::clock;
use super::error::Error;
use super::maildrop::Maildrop;
use crate::bridge::SyncStep;
use crate::mail::{
    Brake, LedgerEntry, LedgerId, Local, Reason, RulesDelete, Server, SyncPlan, applies_unasked,
    brake_for_rule, not_due,
};
use crate::store::AccountUpdate;

impl Account {
    /// Takes back what the rule staged and would not stage any more: the rule is another, or the message is starred, or somebody
    /// else deleted what it counted. Puts the brake on when more was staged since the person last looked than may go at once, and
    /// releases it when it was put on for a rule of which nothing is left to go.
    pub(super) async fn look_at_staged(&mut self) -> Result<(), Error> {
        if self.store.staged_by_rule(&self.settings.id).await?.0 == 0 {
            return self.release_for_nothing().await;
        }
        let ledger = self.store.ledger(&self.settings.id).await?;
        let not_due = self.not_due(&ledger);
        if !not_due.is_empty() {
            let rows = self.store.unstage_by_rule(not_due).await?;
            self.tell_changed(rows).await;
        }
        let (all, unseen) = self.store.staged_by_rule(&self.settings.id).await?;
        if all == 0 {
            return self.release_for_nothing().await;
        }
        if self.record.brake.is_some() {
            return Ok(());
        }
        match self.brake_for_staged(unseen, self.state.messages) {
            None => Ok(()),
            brake => self.brake(brake).await,
        }
    }

    /// What a full sync would do with this plan. Of what is staged, and of the brake, it asks what the sync itself asks.
    pub(super) async fn would(
        &self,
        maildrop: &Maildrop,
        plan: &SyncPlan,
        ledger: &[LedgerEntry],
    ) -> Result<SyncStep, Error> {
        let places = plan
            .summaries
            .iter()
            .chain(plan.bodies.iter().map(|(_, place)| place));
        let sizes: Vec<u64> = places
            .filter_map(|place| maildrop.listing.get(*place))
            .map(|listed| listed.octets)
            .filter(|octets| self.settings.bodies.wants(*octets))
            .collect();
        let policy = &self.settings.policy;
        let still = self.still_wanted(plan, ledger);
        let unasked = |by: Reason| {
            let here = still
                .iter()
                .filter(|entry| entry.local == Local::Full && entry.reason == Some(by));
            let due = applies_unasked(by, policy, false);
            if due { here.count() as u64 } else { 0 }
        };
        let staged = plan.stage.len() as u64;
        let brake = self.brake_after(plan, &still, maildrop).await?;
        let by_itself = brake.is_none() && applies_unasked(Reason::Rule, policy, false);
        let by_rule = if by_itself {
            unasked(Reason::Rule) + staged
        } else {
            0
        };
        let by_person = match brake {
            None => unasked(Reason::You),
            Some(_) => 0,
        };
        Ok(SyncStep::Would {
            summaries: plan.summaries.len() as u64,
            bodies: sizes.len() as u64,
            octets: sizes.iter().sum(),
            deletions: by_rule + by_person,
            by_rule,
            staged: if by_itself { 0 } else { staged },
            brake,
        })
    }

    /// Lines whose deletion is staged, and is once the plan is carried out: what is gone is not, nor what a rule takes back; what
    /// was unconfirmed and is still listed is staged again.
    fn still_wanted<'l>(&self, plan: &SyncPlan, ledger: &'l [LedgerEntry]) -> Vec<&'l LedgerEntry> {
        let not_due = self.not_due(ledger);
        let lists = [&plan.vanished, &plan.deleted, &plan.ambiguous, &not_due];
        let left: HashSet<LedgerId> = lists.into_iter().flatten().copied().collect();
        let again: HashSet<LedgerId> = plan.wanted_again.iter().copied().collect();
        let wanted = |entry: &&LedgerEntry| {
            let staged = entry.server == Server::DeleteWanted && !left.contains(&entry.id);
            staged || again.contains(&entry.id)
        };
        ledger.iter().filter(wanted).collect()
    }

    /// The brake as it would be once the plan is carried out, with these lines staged before its own.
    async fn brake_after(
        &self,
        plan: &SyncPlan,
        still: &[&LedgerEntry],
        maildrop: &Maildrop,
    ) -> Result<Option<Brake>, Error> {
        let (_, unseen) = self.store.staged_by_rule(&self.settings.id).await?;
        let rule = still
            .iter()
            .filter(|entry| entry.reason == Some(Reason::Rule));
        let all = rule.clone().count() as u64;
        let before = rule.filter(|entry| entry.server == Server::DeleteWanted);
        let before = before.count() as u64;
        let again = all - before;
        let staged = plan.stage.len() as u64;
        Ok(match self.record.brake.or(plan.brake) {
            Some(Brake::RuleDeletes { .. }) if before + again + staged == 0 => None,
            None => {
                let unseen = unseen.min(before) + again + staged;
                self.brake_for_staged(unseen, maildrop.listing.len() as u64)
            }
            brake => brake,
        })
    }

    /// Lines whose deletion a rule staged, and that it would not stage any more.
    fn not_due(&self, ledger: &[LedgerEntry]) -> Vec<LedgerId> {
        let listing = self.last_listing.as_deref();
        let policy = &self.settings.policy;
        not_due(ledger, listing, policy, self.record.set_up, clock::now())
    }

    /// The brake, when more than may go at once would go by itself.
    fn brake_for_staged(&self, unseen: u64, of: u64) -> Option<Brake> {
        if self.settings.policy.rules_delete != RulesDelete::Auto {
            return None;
        }
        let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
        brake_for_rule(number(unseen), number(of))
    }

    /// Whoever mended the rule has looked.
    async fn release_for_nothing(&mut self) -> Result<(), Error> {
        match self.record.brake {
            Some(Brake::RuleDeletes { .. }) => self.brake(None).await,
            _ => Ok(()),
        }
    }

    async fn brake(&mut self, brake: Option<Brake>) -> Result<(), Error> {
        let update = AccountUpdate {
            brake: Some(brake),
            ..AccountUpdate::default()
        };
        self.store.record_account(&self.settings.id, update).await?;
        self.record.brake = brake;
        self.state.brake = brake;
        self.tell_state().await;
        Ok(())
    }
}

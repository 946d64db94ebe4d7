//! What a rule staged, looked at again before it goes.

use super::account::Account;
use super::clock;
use super::error::Error;
use crate::mail::{Brake, RulesDelete, brake_for_rule, not_due};
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
        let listing = self.last_listing.as_deref();
        let policy = &self.settings.policy;
        let not_due = not_due(&ledger, listing, policy, self.record.set_up, clock::now());
        if !not_due.is_empty() {
            let rows = self.store.unstage_by_rule(not_due).await?;
            self.tell_changed(rows).await;
        }
        let (all, unseen) = self.store.staged_by_rule(&self.settings.id).await?;
        if all == 0 {
            return self.release_for_nothing().await;
        }
        if self.record.brake.is_some() || self.settings.policy.rules_delete != RulesDelete::Auto {
            return Ok(());
        }
        let count = usize::try_from(unseen).unwrap_or(usize::MAX);
        let of = usize::try_from(self.state.messages).unwrap_or(usize::MAX);
        match brake_for_rule(count, of) {
            None => Ok(()),
            brake => self.brake(brake).await,
        }
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

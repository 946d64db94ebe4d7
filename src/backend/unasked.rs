//! What a rule staged, looked at again before it goes.

use super::account::Account;
use super::clock;
use super::error::Error;
use crate::mail::{RulesDelete, brake_for_rule, not_due};
use crate::store::AccountUpdate;

impl Account {
    /// Takes back what the rule staged and would not stage any more: the rule is another, or the message is starred, or somebody
    /// else deleted what it counted. Puts the brake on when more was staged since the person last looked than may go at once.
    pub(super) async fn look_at_staged(&mut self) -> Result<(), Error> {
        let id = &self.settings.id;
        if self.store.staged_by_rule(id).await?.0 == 0 {
            return Ok(());
        }
        let ledger = self.store.ledger(id).await?;
        let listing = self.last_listing.as_deref();
        let policy = &self.settings.policy;
        let not_due = not_due(&ledger, listing, policy, self.record.set_up, clock::now());
        if !not_due.is_empty() {
            let rows = self.store.unstage_by_rule(not_due).await?;
            self.tell_changed(rows).await;
        }
        if self.record.brake.is_some() || self.settings.policy.rules_delete != RulesDelete::Auto {
            return Ok(());
        }
        let (_, unseen) = self.store.staged_by_rule(&self.settings.id).await?;
        let count = usize::try_from(unseen).unwrap_or(usize::MAX);
        let of = usize::try_from(self.state.messages).unwrap_or(usize::MAX);
        if let Some(brake) = brake_for_rule(count, of) {
            let update = AccountUpdate {
                brake: Some(Some(brake)),
                ..AccountUpdate::default()
            };
            self.store.record_account(&self.settings.id, update).await?;
            self.record.brake = Some(brake);
            self.state.brake = Some(brake);
            self.tell_state().await;
        }
        Ok(())
    }
}

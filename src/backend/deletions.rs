//! When deletions go out, and what is told about them.

use std::collections::HashSet;

use super::account::Account;
use super::apply::{Agreed, Applied, Marked, prepare};
use super::error::Error;
use super::line::Line;
use super::listing::list_named;
use super::maildrop::Maildrop;
use super::opening::Purpose;
use crate::bridge::{Event, Phase, Ticket};
use crate::mail::{Brake, Kind, MessageId, Problem, applies_unasked};
use crate::pop3::{self, Capabilities};
use crate::store::AccountUpdate;

impl Account {
    /// Deletes what a person agreed to, in a session of its own, and tells what became of it.
    pub(super) async fn apply_agreed(
        &mut self,
        ticket: Option<Ticket>,
        agreed: &Agreed,
    ) -> Result<Applied, Error> {
        if let Some(brake) = self.record.brake {
            return Err(Error::Told(braked(brake, &self.settings.server.host)));
        }
        // That the person agreed to lose these is durable before anything is sent.
        self.store
            .allow_loss(agreed.lose.iter().copied().collect(), true)
            .await?;
        let applied = self.apply_in_session(agreed).await?;
        let touched: Vec<MessageId> = applied.touched.iter().copied().collect();
        let rows = self.store.summaries(touched).await?;
        self.tell_changed(rows).await;
        if let Some(ticket) = ticket {
            self.tell(Event::Applied {
                ticket,
                deleted: once(&applied.deleted),
                unconfirmed: once(&applied.unconfirmed),
                refused: applied.refused.clone(),
            })
            .await;
        }
        Ok(applied)
    }

    /// A session, and what lies in the maildrop.
    async fn list_to_delete(
        &mut self,
    ) -> Result<(Line<usize>, Maildrop, Option<Capabilities>), Error> {
        let session = self.open(Purpose::Delete, || ()).await?;
        let ahead = self.ahead(&session);
        let listed = Box::pin(list_named(session, ahead, self.nameable()));
        self.meanwhile(Purpose::Delete, listed).await
    }

    async fn apply_in_session(&mut self, agreed: &Agreed) -> Result<Applied, Error> {
        let (line, maildrop, capabilities) = match self.list_to_delete().await {
            Err(Error::Protocol(pop3::Error::MessageTooLarge { .. })) if !self.looks_late => {
                self.looks_late = true;
                self.let_go(Purpose::Delete).await?;
                self.list_to_delete().await?
            }
            listed => listed?,
        };
        self.heed(capabilities.as_ref());
        self.show(Phase::Deleting).await;
        let ledger = self.store.ledger(&self.settings.id).await?;
        let plan = self.plan(&maildrop, &ledger);
        if let Some(mut recording) = self.listed(&maildrop, &plan, &ledger, None).await? {
            let changed = recording.changed().await?;
            self.written_down(recording, changed).await;
        }
        if let Some(brake) = self.record.brake {
            return Err(Error::Told(braked(brake, &self.settings.server.host)));
        }
        // What the listing just settled is what counts, not what was thought before it.
        let ledger = self.store.ledger(&self.settings.id).await?;
        let applied = {
            let (store, ledger) = (self.store.clone(), &ledger);
            let prepared = async move {
                let capabilities = capabilities.as_ref();
                prepare(
                    line,
                    capabilities,
                    &store,
                    &maildrop,
                    ledger,
                    &plan.known,
                    agreed,
                )
                .await
            };
            let marked = self.meanwhile(Purpose::Delete, Box::pin(prepared)).await?;
            self.commit(marked).await?
        };
        self.state.messages = self
            .state
            .messages
            .saturating_sub(applied.deleted.len() as u64);
        let gone = ledger
            .iter()
            .filter(|entry| applied.deleted.contains(&entry.message))
            .fold(0_u64, |sum, entry| sum.saturating_add(entry.octets));
        self.state.octets = self.state.octets.saturating_sub(gone);
        let update = AccountUpdate {
            on_server: Some((self.state.messages, self.state.octets)),
            ..AccountUpdate::default()
        };
        self.store.record_account(&self.settings.id, update).await?;
        self.tell_state().await;
        Ok(applied)
    }

    /// Sends QUIT, unless the deletions were taken back or stopped until now, or the server has said something unasked. From then
    /// on they cannot be: what is asked for while the server answers is taken in afterwards.
    async fn commit(&mut self, mut marked: Marked) -> Result<Applied, Error> {
        let wanted = self.errands.wants_deletions();
        if marked.announce(&self.store).await? {
            while let Ok(request) = self.requests.try_recv() {
                self.accept(request).await;
            }
            let may_quit = if wanted && !self.errands.wants_deletions() {
                Err(Error::Cancelled)
            } else {
                marked.prove().await
            };
            if let Err(error) = may_quit {
                let rows = self.store.still_wanted(marked.ledger).await?;
                self.tell_changed(rows).await;
                return Err(error);
            }
        }
        marked.commit(&self.store).await
    }

    /// Deletes what needs no question: what the account's rules say, and only what is stored here in full. How many were
    /// deleted.
    pub(super) async fn apply_unasked(&mut self) -> Result<u64, Error> {
        self.look_at_staged().await?;
        if self.record.brake.is_some() {
            return Ok(0);
        }
        let pending = self
            .store
            .pending(std::slice::from_ref(&self.settings.id))
            .await?;
        let messages: HashSet<MessageId> = pending
            .into_iter()
            .filter(|row| row.message.local == crate::mail::Local::Full)
            .filter(|row| applies_unasked(row.reason, &self.settings.policy, false))
            .map(|row| row.message.id)
            .collect();
        if messages.is_empty() {
            return Ok(0);
        }
        let agreed = Agreed {
            messages,
            ..Agreed::default()
        };
        Ok(self.apply_agreed(None, &agreed).await?.deleted.len() as u64)
    }
}

fn once(ids: &[MessageId]) -> Vec<MessageId> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The brake's words.
fn braked(brake: Brake, host: &str) -> Problem {
    let why = match brake {
        Brake::Vanished { gone, of } => {
            format!("{gone} of {of} messages that were on {host} are no longer listed there")
        }
        Brake::RuleDeletes { count, of } => {
            format!("a rule would delete {count} of the {of} messages on {host} at once")
        }
        Brake::Clock => "this computer's clock stands before the last check".to_owned(),
    };
    Problem::new(
        Kind::Protocol,
        "Nothing is deleted until you have looked",
        why,
        "Look whether this is right. `poppet apply` asks whether to go on.",
    )
}

#[cfg(test)]
#[path = "deletions_tests.rs"]
mod tests;

//! When deletions go out, and what is told about them.

use std::collections::HashSet;
use std::sync::Arc;

use super::account::Account;
use super::apply::{Agreed, Applied, Marked, prepare};
use super::error::Error;
use super::line::Line;
use super::listing::list_named;
use super::maildrop::Maildrop;
use super::opening::Purpose;
use super::visit::Visit;
use crate::bridge::{Event, Phase, SyncMode, Ticket};
use crate::mail::{Brake, Kind, MessageId, Problem, applies_unasked};
use crate::pop3::{self, Capabilities};
use crate::store::AccountUpdate;

/// A session in which nothing is under way, what lies in its maildrop, and what the server can do.
type Listed = (Line<usize>, Arc<Maildrop>, Option<Capabilities>);

impl Account {
    /// Deletes what a person or a rule agreed to, in a session of its own unless one is `here`, and tells what became of it.
    pub(super) async fn apply_agreed(
        &mut self,
        ticket: Option<Ticket>,
        agreed: &Agreed,
        here: Option<Listed>,
    ) -> Result<Applied, Error> {
        if let Some(brake) = self.record.brake {
            return Err(Error::Told(braked(brake, &self.settings.server.host)));
        }
        // That the person agreed to lose these is durable before anything is sent.
        self.store
            .allow_loss(agreed.lose.iter().copied().collect(), true)
            .await?;
        let listed = match here {
            Some(listed) => listed,
            None => self.list_to_delete().await?,
        };
        let applied = self.apply_in_session(listed, agreed).await?;
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

    /// Opens a session for deletions and lists. One in which the beginning of a message turned out to be too large for it is
    /// followed by another that does not look there.
    async fn list_to_delete(&mut self) -> Result<Listed, Error> {
        match self.list_once().await {
            Err(Error::Protocol(pop3::Error::MessageTooLarge { .. })) if !self.looks_late => {
                self.looks_late = true;
                self.let_go(Purpose::Delete).await?;
                self.list_once().await
            }
            listed => listed,
        }
    }

    async fn list_once(&mut self) -> Result<Listed, Error> {
        let session = self.open(Purpose::Delete, || ()).await?;
        let ahead = self.ahead(&session);
        let (store, nameable) = (self.store.clone(), self.nameable());
        let listed =
            Box::pin(async move { list_named(session, ahead, nameable, store.path()).await });
        let (line, maildrop, capabilities) = self.meanwhile(Purpose::Delete, listed).await?;
        self.heed(capabilities.as_ref());
        Ok((line, Arc::new(maildrop), capabilities))
    }

    async fn apply_in_session(
        &mut self,
        (line, maildrop, capabilities): Listed,
        agreed: &Agreed,
    ) -> Result<Applied, Error> {
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
            let largest = self.settings.server.largest;
            let prepared = async move {
                let capabilities = capabilities.as_ref();
                prepare(
                    line,
                    capabilities,
                    &store,
                    &maildrop,
                    ledger,
                    &plan.known,
                    (agreed, largest),
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
    ///
    /// Where the server wants a long pause between logins, nothing: that was done before the session was left.
    pub(super) async fn apply_unasked(&mut self) -> Result<u64, Error> {
        if self.pauses_long_between_logins() {
            return Ok(0);
        }
        match self.unasked().await? {
            Some(agreed) => Ok(self.apply_agreed(None, &agreed, None).await?.deleted.len() as u64),
            None => Ok(0),
        }
    }

    /// The same at the end of a session that fetched, where the server wants so long a pause between logins that a session for
    /// deletions alone would never have its turn.
    pub(super) async fn delete_before_leaving(&mut self, visit: &mut Visit) -> Result<(), Error> {
        if self.errands.mode() != Some(SyncMode::Full)
            || visit.dead
            || !self.pauses_long_between_logins()
        {
            return Ok(());
        }
        let Some(agreed) = self.unasked().await? else {
            return Ok(());
        };
        if let Some(mut line) = visit.line.take() {
            line.settle().await?;
            let maildrop = Arc::clone(&visit.maildrop);
            let here = (line.for_other_jobs(), maildrop, visit.capabilities.clone());
            let applied = Box::pin(self.apply_agreed(None, &agreed, Some(here))).await?;
            visit.report.deleted = applied.deleted.len() as u64;
        }
        Ok(())
    }

    /// What needs no question, if there is something.
    async fn unasked(&mut self) -> Result<Option<Agreed>, Error> {
        self.look_at_staged().await?;
        if self.record.brake.is_some() {
            return Ok(None);
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
        let agreed = Agreed {
            messages,
            ..Agreed::default()
        };
        Ok(Some(agreed).filter(|agreed| !agreed.messages.is_empty()))
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

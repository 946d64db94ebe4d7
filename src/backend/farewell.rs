//! The end of a session: lingering while a person is busy with it, and what is told and done when it went well.

use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::clock;
use super::error::Error;
use super::line::SILENCE;
use super::refusals::{left_out, not_carried_out, to_stage_again, too_large, unseen};
use super::visit::{Tag, Visit};
use crate::bridge::{Event, Phase, SyncMode, SyncStep};
use crate::mail::{Kind, MessageId, MessageSummary, Problem, Retry};
use crate::pop3::{self, MessageNumber};

impl Account {
    /// Keeps the session for a moment after a person used it. Whether there is more to do on it.
    pub(super) async fn linger(&mut self, visit: &mut Visit) -> bool {
        let busy = !self.errands.syncs.is_empty()
            || !self.errands.applies.is_empty()
            || !self.errands.serving.is_empty();
        let last = visit
            .person
            .map(|last| last + LINGER)
            .filter(|_| !busy && !visit.dead);
        let Some(until) = last
            .map(|until| until.min(visit.begun + LONGEST_VISIT))
            .filter(|until| *until > Instant::now())
        else {
            return false;
        };
        visit.lingered = true;
        self.show(Phase::Lingering).await;
        let Some(line) = visit.line.as_mut() else {
            return false;
        };
        tokio::select! {
            request = self.requests.recv() => match request {
                Some(request) => {
                    self.accept(request).await;
                    self.errands.person_waits()
                }
                None => false,
            },
            // Nothing is due, so whatever the server says ends the session, which has done its work.
            said = line.wire.next() => {
                visit.dead = true;
                if let Some(error) = said.err().filter(Error::is_out_of_step) {
                    self.fail(None, error.problem(&self.settings.server.host)).await;
                }
                false
            }
            () = tokio::time::sleep_until(until) => false,
        }
    }

    /// Whether a session that ended early is followed by another one at once: when it served a person alone, and had done so
    /// before it died; and when a message turned out to be too large on its way, which is then left out. `arriving`: what was on
    /// its way.
    pub(super) async fn is_worth_another(
        &mut self,
        visit: &mut Visit,
        error: &Error,
        arriving: Option<Tag>,
    ) -> Result<bool, Error> {
        let Error::Protocol(pop3::Error::MessageTooLarge { number, .. }) = error else {
            let served = visit.lingered || visit.report.bodies > 0;
            return Ok(served && self.errands.serving.is_empty() && error.is_passing());
        };
        if visit.maildrop.numbers.is_empty() {
            // It has no name yet: it is left out once it does.
            return Ok(!std::mem::replace(&mut self.looks_late, true));
        }
        let number = MessageNumber::new(*number);
        let place = number.and_then(|number| visit.maildrop.place(number));
        let message = visit
            .places
            .iter()
            .find(|(_, (_, known))| Some(*known) == place)
            .map(|(message, _)| *message);
        let Some(message) = message else {
            let Some(remote) = place.map(|place| visit.remote(place)) else {
                return Ok(false);
            };
            // There is no row to mark: it was retrieved without a look at its beginning, or the server shows none of it.
            let left = if matches!(arriving, Some(Tag::Whole { .. })) {
                &mut self.apart
            } else {
                &mut self.unseen
            };
            return Ok(left.insert(remote));
        };
        self.leave_out(vec![message]).await?;
        self.body_refused(message, &too_large(visit.largest)).await;
        Ok(true)
    }

    /// Marks messages as too large to download, and tells of those that were not marked before.
    async fn leave_out(&mut self, messages: Vec<MessageId>) -> Result<(), Error> {
        if messages.is_empty() {
            return Ok(());
        }
        let marked = self.store.mark_too_large(messages).await?;
        if !marked.is_empty() {
            let problem = left_out(&marked, self.settings.server.largest);
            self.tell_changed(marked).await;
            self.fail(None, problem).await;
        }
        Ok(())
    }

    /// The end of a session that went well: deletions that need no question follow in a session of their own.
    pub(super) async fn finish(&mut self, visit: &mut Visit) -> Result<(), Error> {
        let mut report = std::mem::take(&mut visit.report);
        let (failures, begun) = (std::mem::take(&mut visit.failures), visit.begun);
        if report.summaries > 0 {
            self.step(&SyncStep::Summaries(report.summaries)).await;
        }
        self.brought |= report.bodies > 0;
        if report.bodies > 0 {
            self.step(&SyncStep::Bodies {
                messages: report.bodies,
                octets: report.octets,
            })
            .await;
        }
        if self.errands.mode() == Some(SyncMode::Full) {
            report.deleted += self.apply_unasked().await?;
            if report.deleted > 0 {
                self.step(&SyncStep::Deleted(report.deleted)).await;
            }
            if !visit.ages_doubtful && self.record.brake.is_none() {
                self.purge_trash().await?;
            }
            // What has gone by now waits for nobody.
            let (waiting, _) = self.store.staged_by_rule(&self.settings.id).await?;
            report.staged = std::mem::take(&mut self.staged).min(waiting);
        }
        let too_large = std::mem::take(&mut visit.too_large);
        self.leave_out(too_large).await?;
        let taken_back = std::mem::take(&mut visit.taken_back);
        self.tell_to_stage_again(taken_back, to_stage_again).await?;
        let not_deleted = std::mem::take(&mut visit.not_deleted);
        self.tell_to_stage_again(not_deleted, not_carried_out)
            .await?;
        report.brake = self.record.brake;
        report.elapsed = begun.elapsed();
        if visit.unseen > 0 {
            self.fail(None, unseen(visit.unseen, visit.largest)).await;
        }
        if let Some((remote, says)) = failures.first() {
            let problem = Problem::new(
                Kind::Protocol,
                "Some messages could not be fetched",
                format!(
                    "the server refused {} of them; of {remote} it said {says}",
                    failures.len()
                ),
                "They stay on the server, and every check tries again.",
            )
            .with_retry(Retry::NextCheck);
            self.fail(None, problem).await;
        }
        self.syncs_done(&report).await;
        Ok(())
    }

    /// Tells about those of these messages that are to be staged again, if there are any.
    async fn tell_to_stage_again(
        &mut self,
        messages: Vec<MessageId>,
        problem: fn(&[MessageSummary]) -> Problem,
    ) -> Result<(), Error> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut rows = self.store.summaries(messages).await?;
        rows.retain(MessageSummary::is_to_stage_again);
        if !rows.is_empty() {
            self.fail(None, problem(&rows)).await;
        }
        Ok(())
    }

    async fn purge_trash(&self) -> Result<(), Error> {
        let purged = self
            .store
            .purge_trash(&self.settings.id, clock::now(), TRASH_DAYS * 86_400)
            .await?;
        if !purged.is_empty() {
            self.tell(Event::Merged { ids: purged }).await;
        }
        Ok(())
    }
}

/// How long the Trash here keeps what is on no server any more, in days on which the account was checked.
const TRASH_DAYS: i64 = 30;
/// Shorter than the silence that servers bear, so that nothing has to be said meanwhile.
const LINGER: Duration = Duration::from_secs(10);
const _: () = assert!(LINGER.as_secs() < SILENCE.as_secs());
/// After this long the mailbox is given back, however busy the person is with it.
const LONGEST_VISIT: Duration = Duration::from_mins(2);

#[cfg(test)]
#[path = "too_large_tests.rs"]
mod tests;

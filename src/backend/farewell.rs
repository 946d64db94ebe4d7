//! The end of a session: lingering while a person is busy with it, and what is told and done when it went well.

use std::time::Duration;

use tokio::time::Instant;

use super::account::Account;
use super::clock;
use super::error::Error;
use super::visit::Visit;
use crate::bridge::{Event, Phase, SyncMode, SyncStep};
use crate::mail::{Kind, Problem, Retry, Timestamp};

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
            _ = line.wire.next() => {
                visit.dead = true;
                false
            }
            () = tokio::time::sleep_until(until) => false,
        }
    }

    /// The end of a session that went well: deletions that need no question follow in a session of their own.
    pub(super) async fn finish(&mut self, visit: &mut Visit) -> Result<(), Error> {
        let mut report = std::mem::take(&mut visit.report);
        let (failures, begun) = (std::mem::take(&mut visit.failures), visit.begun);
        if report.summaries > 0 {
            self.step(&SyncStep::Summaries(report.summaries)).await;
        }
        if report.bodies > 0 {
            self.step(&SyncStep::Bodies {
                messages: report.bodies,
                octets: report.octets,
            })
            .await;
        }
        if self.errands.mode() == Some(SyncMode::Full) {
            report.deleted = self.apply_unasked().await?;
            if report.deleted > 0 {
                self.step(&SyncStep::Deleted(report.deleted)).await;
            }
            let month_ago = Timestamp(clock::now().0.saturating_sub(TRASH_DAYS * 86_400));
            let purged = self.store.purge_trash(month_ago).await?;
            if !purged.is_empty() {
                self.tell(Event::Merged { ids: purged }).await;
            }
        }
        report.elapsed = begun.elapsed();
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
}

/// How long the Trash here keeps what is on no server any more, in days.
const TRASH_DAYS: i64 = 30;
const LINGER: Duration = Duration::from_secs(10);
/// After this long the mailbox is given back, however busy the person is with it.
const LONGEST_VISIT: Duration = Duration::from_mins(2);

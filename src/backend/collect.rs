//! One end for every ticket, also where several accounts have a part in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use crate::bridge::{Event, Ticket};
use crate::mail::{MessageId, Problem};

/// Counts the parts of a ticket, and lets its end through when the last of them has ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Collector(Arc<Mutex<HashMap<Ticket, Parts>>>);

#[derive(Debug, Default)]
struct Parts {
    left: usize,
    done: bool,
    applied: Option<Ends>,
    problem: Option<Problem>,
}

#[derive(Debug, Default)]
struct Ends {
    deleted: Vec<MessageId>,
    unconfirmed: Vec<MessageId>,
    refused: Vec<(MessageId, String)>,
}

impl Collector {
    /// Several accounts are about to be asked with this ticket.
    pub(super) fn expect(&self, ticket: Ticket, parts: usize) {
        if parts > 1 {
            self.parts().insert(
                ticket,
                Parts {
                    left: parts,
                    ..Parts::default()
                },
            );
        }
    }

    /// Hands events on. The end of one account's part comes as what it is when it is the last, and is held back before;
    /// a failure is told at once, with its account and without the ticket.
    pub(super) async fn run(self, mut parts: mpsc::Receiver<Event>, events: mpsc::Sender<Event>) {
        while let Some(event) = parts.recv().await {
            for event in self.pass(event) {
                let _ = events.send(event).await;
            }
        }
    }

    fn pass(&self, event: Event) -> Vec<Event> {
        let ticket = match &event {
            Event::Done { ticket }
            | Event::Applied { ticket, .. }
            | Event::Failed {
                ticket: Some(ticket),
                ..
            } => *ticket,
            _ => return vec![event],
        };
        let mut all = self.parts();
        let Some(parts) = all.get_mut(&ticket) else {
            return vec![event];
        };
        let mut told = Vec::new();
        match event {
            Event::Applied {
                deleted,
                unconfirmed,
                refused,
                ..
            } => {
                let ends = parts.applied.get_or_insert_default();
                ends.deleted.extend(deleted);
                ends.unconfirmed.extend(unconfirmed);
                ends.refused.extend(refused);
            }
            Event::Failed {
                account, problem, ..
            } => {
                if parts.left > 1 || parts.done || parts.applied.is_some() {
                    told.push(Event::Failed {
                        ticket: None,
                        account,
                        problem: problem.clone(),
                    });
                }
                parts.problem.get_or_insert(problem);
            }
            _ => parts.done = true,
        }
        parts.left = parts.left.saturating_sub(1);
        if parts.left == 0
            && let Some(parts) = all.remove(&ticket)
        {
            told.push(parts.end(ticket));
        }
        told
    }

    fn parts(&self) -> MutexGuard<'_, HashMap<Ticket, Parts>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Parts {
    fn end(self, ticket: Ticket) -> Event {
        match (self.applied, self.problem) {
            (Some(ends), _) => Event::Applied {
                ticket,
                deleted: ends.deleted,
                unconfirmed: ends.unconfirmed,
                refused: ends.refused,
            },
            (None, Some(problem)) if !self.done => Event::Failed {
                ticket: Some(ticket),
                account: None,
                problem,
            },
            _ => Event::Done { ticket },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::Kind;

    fn problem() -> Problem {
        Problem::new(Kind::Network, "no", "because", "wait")
    }

    #[test]
    fn a_ticket_of_two_accounts_ends_once_with_the_second() {
        let collector = Collector::default();
        let ticket = Ticket::new();
        collector.expect(ticket, 2);
        assert!(collector.pass(Event::Done { ticket }).is_empty());
        let told = collector.pass(Event::Done { ticket });
        assert!(matches!(told.as_slice(), [Event::Done { .. }]));
        assert!(matches!(
            collector.pass(Event::Done { ticket }).as_slice(),
            [Event::Done { .. }]
        ));
    }

    #[test]
    fn what_was_applied_is_put_together_and_a_failure_of_one_account_is_told() {
        let collector = Collector::default();
        let ticket = Ticket::new();
        collector.expect(ticket, 3);
        let applied = |id| Event::Applied {
            ticket,
            deleted: vec![MessageId(id)],
            unconfirmed: Vec::new(),
            refused: Vec::new(),
        };
        assert!(collector.pass(applied(1)).is_empty());
        let failed = Event::Failed {
            ticket: Some(ticket),
            account: None,
            problem: problem(),
        };
        assert!(matches!(
            collector.pass(failed).as_slice(),
            [Event::Failed { ticket: None, .. }]
        ));
        let told = collector.pass(applied(2));
        let [Event::Applied { deleted, .. }] = told.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(deleted, &[MessageId(1), MessageId(2)]);
    }

    #[test]
    fn a_ticket_of_which_every_part_failed_has_failed() {
        let collector = Collector::default();
        let ticket = Ticket::new();
        collector.expect(ticket, 2);
        let failed = || Event::Failed {
            ticket: Some(ticket),
            account: None,
            problem: problem(),
        };
        assert_eq!(collector.pass(failed()).len(), 1);
        let told = collector.pass(failed());
        assert!(matches!(
            told.as_slice(),
            [Event::Failed {
                ticket: Some(_),
                ..
            }]
        ));
    }
}

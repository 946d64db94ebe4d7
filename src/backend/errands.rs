//! What an account's task is asked to do, and what of it is still to be done.

use std::collections::{HashSet, VecDeque};

use super::account::Account;
use super::apply::Agreed;
use super::error::Error;
use crate::bridge::{Event, SyncMode, Ticket};
use crate::mail::{MessageId, View};
use crate::store::AccountUpdate;

/// What an account's task is asked to do.
#[derive(Debug)]
pub(super) enum Request {
    /// Fetch what is new.
    Sync {
        ticket: Option<Ticket>,
        mode: SyncMode,
    },
    /// A person waits for a message.
    Want(Want),
    /// Delete on the server.
    Apply {
        ticket: Ticket,
        ids: Vec<MessageId>,
        lose: Vec<MessageId>,
    },
    /// Stop what this ticket began, or everything.
    Cancel(Option<Ticket>),
    /// The person has looked at what put the brake on.
    ReleaseBrake(Ticket),
}

/// A message that a person waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    pub(super) ticket: Ticket,
    pub(super) message: MessageId,
    pub(super) how: How,
}

/// What the person wants of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum How {
    /// To read it.
    Open { view: View, width: u16 },
    /// To see its beginning.
    Peek { lines: u32, width: u16 },
    /// To have it here.
    Fetch,
}

/// What is still to be done.
#[derive(Debug, Default)]
pub(super) struct Errands {
    /// Syncs that wait for a session of their own: one that listed before they were asked for cannot answer them.
    pub(super) syncs: Vec<(Option<Ticket>, SyncMode)>,
    /// Syncs that the session under way answers.
    pub(super) serving: Vec<(Option<Ticket>, SyncMode)>,
    /// Messages that a person waits for.
    pub(super) wants: VecDeque<Want>,
    /// Deletions that were agreed to.
    pub(super) applies: VecDeque<(Ticket, Agreed)>,
    /// Tickets of fetches, each with the messages that are missing.
    pub(super) fetches: Vec<(Ticket, HashSet<MessageId>)>,
}

impl Errands {
    pub(super) fn is_empty(&self) -> bool {
        self.syncs.is_empty()
            && self.serving.is_empty()
            && self.wants.is_empty()
            && self.applies.is_empty()
    }

    /// Nothing is left for the session under way.
    pub(super) fn is_idle(&self) -> bool {
        self.serving.is_empty() && self.wants.is_empty()
    }

    /// The session under way is about to list: it answers every sync that was asked for until now.
    pub(super) fn serve(&mut self) {
        self.serving.append(&mut self.syncs);
    }

    /// The most that any of the syncs wants that this session answers; `None` when it answers none.
    pub(super) fn mode(&self) -> Option<SyncMode> {
        let rank = |mode: &SyncMode| match mode {
            SyncMode::Check => 0,
            SyncMode::DryRun => 1,
            SyncMode::Headers => 2,
            SyncMode::Full => 3,
        };
        self.serving.iter().map(|(_, mode)| *mode).max_by_key(rank)
    }
}

impl How {
    pub(super) fn is_fetch(self) -> bool {
        matches!(self, Self::Fetch)
    }
}

impl Account {
    /// Takes a request into the errands, or answers it at once.
    pub(super) async fn accept(&mut self, request: Request) {
        match request {
            Request::Sync { ticket, mode } => self.errands.syncs.push((ticket, mode)),
            Request::Want(want) => {
                if matches!(want.how, How::Fetch) {
                    match self
                        .errands
                        .fetches
                        .iter_mut()
                        .find(|(ticket, _)| *ticket == want.ticket)
                    {
                        Some((_, missing)) => {
                            missing.insert(want.message);
                        }
                        None => self
                            .errands
                            .fetches
                            .push((want.ticket, HashSet::from([want.message]))),
                    }
                }
                self.errands.wants.push_back(want);
            }
            Request::Apply { ticket, ids, lose } => {
                let agreed = Agreed {
                    messages: ids.into_iter().collect(),
                    lose: lose.into_iter().collect(),
                };
                self.errands.applies.push_back((ticket, agreed));
            }
            Request::Cancel(ticket) => self.cancel(ticket).await,
            Request::ReleaseBrake(ticket) => {
                self.record.brake = None;
                self.state.brake = None;
                let update = AccountUpdate {
                    brake: Some(None),
                    ..AccountUpdate::default()
                };
                let released = self.store.record_account(&self.settings.id, update).await;
                match released {
                    Ok(()) => self.tell(Event::Done { ticket }).await,
                    Err(error) => self.fail(Some(ticket), error.into()).await,
                }
                self.tell_state().await;
            }
        }
    }

    /// Gives up what a ticket, or anybody, still wants; each ticket gets its end.
    async fn cancel(&mut self, ticket: Option<Ticket>) {
        let meant = |other: Option<Ticket>| ticket.is_none() || other == ticket;
        let mut syncs = Vec::new();
        for queue in [&mut self.errands.syncs, &mut self.errands.serving] {
            let (given_up, kept): (Vec<_>, Vec<_>) = std::mem::take(queue)
                .into_iter()
                .partition(|(other, _)| meant(*other));
            *queue = kept;
            syncs.extend(given_up);
        }
        let (wants, kept): (Vec<Want>, Vec<Want>) = std::mem::take(&mut self.errands.wants)
            .into_iter()
            .partition(|want| meant(Some(want.ticket)));
        self.errands.wants = kept.into();
        self.errands
            .fetches
            .retain(|(other, _)| !meant(Some(*other)));
        let ended: HashSet<Ticket> = syncs
            .into_iter()
            .filter_map(|(ticket, _)| ticket)
            .chain(wants.into_iter().map(|want| want.ticket))
            .collect();
        for ticket in ended {
            self.fail(
                Some(ticket),
                Error::Cancelled.problem(&self.settings.server.host),
            )
            .await;
        }
    }
}

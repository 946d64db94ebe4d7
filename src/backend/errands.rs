//! What an account's task is asked to do, and what of it is still to be done.

use std::collections::{HashSet, VecDeque};

use super::account::Account;
use super::apply::Agreed;
use super::error::Error;
use crate::bridge::{Event, SyncMode, Ticket};
use crate::mail::{MessageId, Problem, View};

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
    /// A person wants messages to be here.
    Fetch { ticket: Ticket, ids: Vec<MessageId> },
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
    /// These messages are on the screen now.
    Look(Vec<MessageId>),
    /// What is the rule going to delete?
    Foretell(Ticket),
    /// What the rule stages goes by itself from now on.
    LetRulesRun(Ticket),
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
    /// Whose deletions are under way, as long as they can be stopped.
    pub(super) applying: Option<Ticket>,
    /// People who wait for a body that is under way.
    pub(super) waiting: Vec<Want>,
    /// People who wait for a beginning that is under way.
    pub(super) peeking: Vec<Want>,
    /// Messages that are to be here, behind those that somebody waits to read.
    pub(super) to_fetch: VecDeque<MessageId>,
    /// Fetches that are not complete.
    pub(super) fetches: Vec<Fetch>,
    /// Messages that have come onto the screen since a session last asked.
    pub(super) looked_at: Option<Vec<MessageId>>,
}

/// Messages that were asked for together.
#[derive(Debug)]
pub(super) struct Fetch {
    pub(super) ticket: Ticket,
    pub(super) missing: HashSet<MessageId>,
    /// Why the first of those that cannot be had cannot be had.
    pub(super) problem: Option<Problem>,
}

impl Errands {
    pub(super) fn is_empty(&self) -> bool {
        self.syncs.is_empty()
            && self.serving.is_empty()
            && self.applies.is_empty()
            && self.applying.is_none()
            && self.is_idle()
    }

    /// Somebody still wants the deletions that are under way: who agreed to them, or whose sync they are part of.
    pub(super) fn wants_deletions(&self) -> bool {
        self.applying.is_some() || !self.serving.is_empty()
    }

    /// Nothing is left for the session under way.
    pub(super) fn is_idle(&self) -> bool {
        self.serving.is_empty()
            && !self.person_waits()
            && self.waiting.is_empty()
            && self.peeking.is_empty()
    }

    /// A person waits for something that was not asked for yet.
    pub(super) fn person_waits(&self) -> bool {
        !self.wants.is_empty() || !self.to_fetch.is_empty()
    }

    /// A person waits for something that was asked for already.
    pub(super) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty() || !self.peeking.is_empty()
    }

    /// Somebody waits for this message, to read it or to have it here.
    pub(super) fn waits_for(&self, message: MessageId) -> bool {
        let fetched = |fetch: &Fetch| fetch.missing.contains(&message);
        self.waiting.iter().any(|want| want.message == message) || self.fetches.iter().any(fetched)
    }

    /// The session under way has ended early and another one follows: what was under way is wanted again.
    pub(super) fn ask_again(&mut self) {
        let under_way = self.waiting.drain(..).chain(self.peeking.drain(..));
        self.wants.extend(under_way);
        let missing = self.fetches.iter().flat_map(|fetch| &fetch.missing);
        self.to_fetch = missing.copied().collect();
    }

    /// Messages that were put off are to be fetched, if somebody still wants them to be here.
    pub(super) fn fetch_later(&mut self, messages: impl IntoIterator<Item = MessageId>) {
        let fetches = &self.fetches;
        let wanted =
            |message: &MessageId| fetches.iter().any(|fetch| fetch.missing.contains(message));
        self.to_fetch.extend(messages.into_iter().filter(wanted));
    }

    /// Everybody who waits for something of the session under way.
    pub(super) fn tickets(&self) -> HashSet<Ticket> {
        let syncs = self
            .syncs
            .iter()
            .chain(&self.serving)
            .filter_map(|(ticket, _)| *ticket);
        let wants = self
            .wants
            .iter()
            .chain(&self.waiting)
            .chain(&self.peeking)
            .map(|want| want.ticket);
        let fetches = self.fetches.iter().map(|fetch| fetch.ticket);
        let applies = self.applies.iter().map(|(ticket, _)| *ticket);
        let applies = applies.chain(self.applying);
        syncs.chain(wants).chain(fetches).chain(applies).collect()
    }

    /// Takes out what a ticket, or anybody, still wants. The tickets that were taken out.
    fn give_up(&mut self, ticket: Option<Ticket>) -> HashSet<Ticket> {
        let before = self.tickets();
        let kept = |other: Ticket| ticket.is_some_and(|ticket| other != ticket);
        self.syncs
            .retain(|(other, _)| other.is_some_and(kept) || (other.is_none() && ticket.is_some()));
        self.serving
            .retain(|(other, _)| other.is_some_and(kept) || (other.is_none() && ticket.is_some()));
        self.wants.retain(|want| kept(want.ticket));
        self.waiting.retain(|want| kept(want.ticket));
        self.peeking.retain(|want| kept(want.ticket));
        self.applies.retain(|(other, _)| kept(*other));
        self.applying = self.applying.filter(|other| kept(*other));
        self.fetches.retain(|fetch| kept(fetch.ticket));
        let fetches = &self.fetches;
        self.to_fetch
            .retain(|message| fetches.iter().any(|fetch| fetch.missing.contains(message)));
        let after = self.tickets();
        before.difference(&after).copied().collect()
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

impl Account {
    /// Takes a request into the errands, or answers it at once.
    pub(super) async fn accept(&mut self, request: Request) {
        match request {
            Request::Sync { ticket, mode } => self.errands.syncs.push((ticket, mode)),
            Request::Want(want) => self.errands.wants.push_back(want),
            Request::Fetch { ticket, ids } => {
                self.errands.to_fetch.extend(&ids);
                let missing = ids.into_iter().collect();
                self.errands.fetches.push(Fetch {
                    ticket,
                    missing,
                    problem: None,
                });
            }
            Request::Apply { ticket, ids, lose } => {
                let agreed = Agreed {
                    messages: ids.into_iter().collect(),
                    lose: lose.into_iter().collect(),
                };
                self.errands.applies.push_back((ticket, agreed));
            }
            Request::Look(messages) => self.errands.looked_at = Some(messages),
            Request::Cancel(ticket) => self.cancel(ticket).await,
            Request::Foretell(ticket) => self.foretell(ticket),
            Request::LetRulesRun(ticket) => self.let_rules_run(ticket).await,
            Request::ReleaseBrake(ticket) => {
                self.record.brake = None;
                self.state.brake = None;
                match self.store.release_brake(&self.settings.id).await {
                    Ok(()) => self.tell(Event::Done { ticket }).await,
                    Err(error) => self.fail(Some(ticket), error.into()).await,
                }
                self.tell_state().await;
            }
        }
    }

    /// Nobody can ask any more: of what was asked for, only deletions are still done.
    pub(super) async fn keep_deletions(&mut self) {
        let applies = std::mem::take(&mut self.errands.applies);
        self.cancel(None).await;
        self.errands.applies = applies;
    }

    /// Gives up what a ticket, or anybody, still wants; each ticket gets its end.
    async fn cancel(&mut self, ticket: Option<Ticket>) {
        for ticket in self.errands.give_up(ticket) {
            let problem = Error::Cancelled.problem(&self.settings.server.host);
            self.fail(Some(ticket), problem).await;
        }
    }
}

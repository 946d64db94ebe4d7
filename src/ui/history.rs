use super::list::quick::{ById, Ids};
use crate::bridge::Ticket;
use crate::mail::{
    AccountId, Brief, Change, DeleteScope, Local, MessageId, MessageSummary, Server,
};

/// Changes of messages, in the order in which they are made.
type Changes = Vec<(Vec<MessageId>, Change)>;

/// Something that was done to messages and can be undone.
#[derive(Clone, Debug)]
pub struct Deed {
    /// Under which tickets the engine was told last, be it to do or to undo it; a refusal names one.
    pub tickets: Vec<Ticket>,
    /// What it was, without what it was done to: `Deleted`.
    pub word: String,
    /// What it was done to, for a person: `"Dinner on Sunday?"`.
    pub what: String,
    /// What was done.
    pub changes: Vec<(Vec<MessageId>, Change)>,
    /// What brings it back.
    pub inverse: Vec<(Vec<MessageId>, Change)>,
    /// The rows as they were before, but for what became of them by itself: a copy that left the server stays away.
    pub before: Vec<Brief>,
    /// Those whose copy on the server is gone since.
    pub gone: Ids,
    /// The account whose messages all of them are; `None` if they may be of several.
    pub account: Option<AccountId>,
}

impl Deed {
    /// What it was, for a person.
    pub fn name(&self) -> String {
        format!("{} {}", self.word, self.what)
    }

    /// Whether it asked for deletions on the server.
    pub fn stages(&self) -> bool {
        let stages = |change: &Change| matches!(change, Change::Delete(scope) if *scope != DeleteScope::LocalOnly);
        self.changes.iter().any(|(_, change)| stages(change))
    }

    /// Takes out what was carried out on the server and has nothing here that could be brought back. How many messages.
    pub fn part_with_lost(&mut self) -> usize {
        if !self.stages() {
            return 0;
        }
        let moved: Ids = self
            .inverse
            .iter()
            .filter(|(_, change)| matches!(change, Change::Move(_)))
            .flat_map(|(ids, _)| ids.iter().copied())
            .collect();
        let back = |row: &Brief| row.local == Local::Full && moved.contains(&row.id);
        let lost: Ids = self
            .before
            .iter()
            .filter(|row| self.gone.contains(&row.id) && !back(row))
            .map(|row| row.id)
            .collect();
        if !lost.is_empty() {
            self.part(&lost);
        }
        lost.len()
    }

    /// Takes in what became of messages since.
    fn learn(&mut self, messages: &ById<&MessageSummary>) {
        for row in &mut self.before {
            let Some(message) = messages.get(&row.id) else {
                continue;
            };
            row.local = message.local;
            let away = |server| matches!(server, Server::Deleted | Server::Vanished);
            let open = |server| server == Server::Unconfirmed;
            let was_there = !away(row.server);
            if away(message.server) || open(message.server) {
                row.server = message.server;
                row.reason = None;
            } else if message.server == Server::Present
                && (open(row.server) || self.gone.contains(&row.id))
            {
                row.server = Server::Present;
            }
            if away(row.server) && was_there {
                self.gone.insert(row.id);
            } else if !away(row.server) {
                self.gone.remove(&row.id);
            }
        }
    }

    /// Takes out what it did to these messages, as a deed of its own.
    fn part(&mut self, ids: &Ids) -> Self {
        let split = |changes: &mut Changes| -> Changes {
            let parts = changes.iter_mut().map(|(all, change)| {
                let part: Vec<MessageId> = all.extract_if(.., |id| ids.contains(id)).collect();
                (part, *change)
            });
            let parts = parts.filter(|(ids, _)| !ids.is_empty()).collect();
            changes.retain(|(ids, _)| !ids.is_empty());
            parts
        };
        let mut part = Self {
            tickets: Vec::new(),
            word: self.word.clone(),
            what: self.what.clone(),
            changes: split(&mut self.changes),
            inverse: split(&mut self.inverse),
            before: self
                .before
                .extract_if(.., |row| ids.contains(&row.id))
                .collect(),
            gone: self.gone.extract_if(|id| ids.contains(id)).collect(),
            account: self.account.clone(),
        };
        if !self.before.is_empty() {
            part.count();
            self.count();
        }
        part
    }

    fn count(&mut self) {
        self.what = super::format::counted(self.before.len() as u64, "message");
    }
}

/// What was done, and what was undone: without a limit and without a timer.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Deed>,
    undone: Vec<Deed>,
}

impl History {
    /// Remembers a new deed; what was undone before it can no longer be done again.
    pub fn push(&mut self, deed: Deed) {
        self.undone.clear();
        self.done.push(deed);
    }

    /// The last deed, to be taken back and handed to [`Self::undone`].
    pub fn undo(&mut self) -> Option<Deed> {
        self.done.pop()
    }

    /// A deed has been taken back.
    pub fn undone(&mut self, deed: Deed) {
        self.undone.push(deed);
    }

    /// The last deed taken back, to be done again and handed to [`Self::redone`].
    pub fn redo(&mut self) -> Option<Deed> {
        self.undone.pop()
    }

    /// A deed has been done again.
    pub fn redone(&mut self, deed: Deed) {
        self.done.push(deed);
    }

    /// The engine refused what it was told of these messages under this ticket: what was not done cannot be undone, and
    /// what was not undone still can be.
    pub fn refused(&mut self, ticket: Ticket, ids: &Ids) {
        part_of(&mut self.done, ticket, ids);
        if let Some(part) = part_of(&mut self.undone, ticket, ids) {
            self.done.push(part);
        }
    }

    /// Takes in what became of messages since: what was carried out on the server is not undone.
    pub fn learn(&mut self, messages: &[MessageSummary]) {
        let messages: ById<&MessageSummary> = messages.iter().map(|row| (row.id, row)).collect();
        for deed in self.done.iter_mut().chain(&mut self.undone) {
            deed.learn(&messages);
        }
    }

    /// Whether there is something to take back.
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether there is something to do again.
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }
}

/// Takes out what one of these deeds did to these messages under this ticket.
fn part_of(deeds: &mut Vec<Deed>, ticket: Ticket, ids: &Ids) -> Option<Deed> {
    let at = deeds
        .iter()
        .position(|deed| deed.tickets.contains(&ticket))?;
    let deed = deeds.get_mut(at)?;
    let part = deed.part(ids);
    if deed.before.is_empty() {
        deeds.remove(at);
    }
    Some(part)
}

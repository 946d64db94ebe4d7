//! What is staged, before it is done: every deletion with its reason and whether there is a copy here. The only place from
//! which anything leaves a server, and nothing leaves it by Enter alone.

mod draw;
mod keys;
mod words;

use std::collections::HashSet;

use super::Effect;
use super::action::Action;
use super::model::{Model, Screen};
use crate::bridge::{Command, Event, PendingDeletion, Ticket};
use crate::mail::{
    AccountId, Brake, Keep, MessageId, MessageSummary, Problem, Reason, RulesDelete,
};

pub use draw::draw;
pub use keys::key;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Review {
    asked: Option<Ticket>,
    /// What is staged; `None` until it is known.
    rows: Option<Vec<PendingDeletion>>,
    chosen: usize,
    button: Button,
    /// What was typed into the field for a number.
    typed: String,
    fetching: Option<Ticket>,
    applying: Option<Ticket>,
    releasing: Option<Ticket>,
    /// Accounts whose rule is being let run by itself.
    switching: Vec<Ticket>,
    /// Whether that was wanted here.
    let_run: bool,
    outcome: Option<Outcome>,
    problem: Option<Problem>,
    complaint: Option<String>,
}

/// What can be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Button {
    /// Changes nothing.
    #[default]
    Back,
    /// Deletes what has a copy here.
    Safe,
    /// Deletes all of it.
    All,
    /// Lets deletions go on.
    Release,
    /// Lets what a rule stages go by itself from now on.
    Auto,
}

/// What became of it.
#[derive(Clone, Debug, Default)]
struct Outcome {
    deleted: Vec<MessageSummary>,
    unconfirmed: Vec<MessageSummary>,
    refused: Vec<(MessageSummary, String)>,
}

/// Shows it.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if !matches!(model.screen, Screen::Review(_)) {
        model.go(Screen::Review(Review::default()));
    }
    if let Screen::Review(review) = &mut model.screen {
        *review = Review::default();
        review.ask(out);
    }
    out.push(Effect::FlushInput);
}

/// Does an action of its own. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let page = usize::from(model.size.1 / 2).max(1);
    let Screen::Review(review) = &mut model.screen else {
        return false;
    };
    let (far, rows) = match action {
        Action::Down => (false, 1),
        Action::Up => (true, 1),
        Action::HalfDown => (false, page / 2),
        Action::HalfUp => (true, page / 2),
        Action::PageDown => (false, page),
        Action::PageUp => (true, page),
        Action::First => (true, usize::MAX),
        Action::Last => (false, usize::MAX),
        Action::Review => {
            open(model, out);
            return true;
        }
        _ => return keys::act(model, action, out),
    };
    let last = review.rows().len().saturating_sub(1);
    review.chosen = if far {
        review.chosen.saturating_sub(rows)
    } else {
        review.chosen.saturating_add(rows).min(last)
    };
    true
}

/// Takes what it waits for.
pub fn event(model: &mut Model, event: &Event, out: &mut Vec<Effect>) {
    let Model { screen, behind, .. } = model;
    let review = std::iter::once(screen)
        .chain(behind)
        .find_map(|screen| match screen {
            Screen::Review(review) => Some(review),
            _ => None,
        });
    if let Some(review) = review {
        review.hear(event, out);
    }
}

/// The number that lets deletions of this account go on: what put the brake on, counted.
fn brake_number(brake: &Brake, staged: usize) -> usize {
    match brake {
        Brake::Vanished { gone, .. } => *gone,
        Brake::RuleDeletes { count, .. } => *count,
        Brake::Clock => staged,
    }
}

impl Review {
    fn rows(&self) -> &[PendingDeletion] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Those with a copy here that was read again and found to be good.
    fn safe(&self) -> Vec<MessageId> {
        let stored = self.rows().iter().filter(|row| row.stored);
        stored.map(|row| row.message.id).collect()
    }

    /// Those that would be gone for good.
    fn lost(&self) -> Vec<MessageId> {
        let lost = self.rows().iter().filter(|row| !row.stored);
        lost.map(|row| row.message.id).collect()
    }

    fn ids(&self) -> Vec<MessageId> {
        self.rows().iter().map(|row| row.message.id).collect()
    }

    fn busy(&self) -> bool {
        self.applying.is_some() || self.releasing.is_some() || !self.switching.is_empty()
    }

    /// Accounts whose rule staged what was deleted just now, and could do that by itself from now on.
    fn could_run<'a>(&self, model: &'a Model) -> Vec<&'a AccountId> {
        let deleted = self.outcome.as_ref().map(|outcome| &outcome.deleted);
        let deleted = deleted.map(Vec::as_slice).unwrap_or_default();
        let asks = |account: &&AccountId| {
            deleted
                .iter()
                .any(|row| row.account == **account && row.reason == Some(Reason::Rule))
        };
        model
            .accounts
            .iter()
            .filter(|state| state.retention.rules_delete == RulesDelete::Review)
            .filter(|state| state.retention.keep != Keep::UntilDeleted)
            .map(|state| &state.account)
            .filter(asks)
            .collect()
    }

    fn typed_number(&self) -> Option<usize> {
        self.typed.parse().ok()
    }

    fn ask(&mut self, out: &mut Vec<Effect>) {
        let ticket = Ticket::new();
        self.asked = Some(ticket);
        out.push(Effect::Send(Command::Pending { ticket }));
    }

    /// The account whose brake is on and that has something to say here; its reason, and the number to type.
    fn brake<'a>(&self, model: &'a Model) -> Option<(&'a AccountId, &'a Brake, usize)> {
        model.accounts.iter().find_map(|state| {
            let brake = state.brake.as_ref()?;
            let here = self
                .rows()
                .iter()
                .filter(|row| row.message.account == state.account);
            Some((&state.account, brake, brake_number(brake, here.count())))
        })
    }

    /// Why a button does nothing now.
    fn off(&self, button: Button, model: &Model) -> Option<String> {
        let lost = self.lost().len();
        match button {
            Button::Back => None,
            _ if self.busy() => Some("the server is being asked".to_owned()),
            Button::Auto => None,
            Button::Release => match self.brake(model) {
                Some((_, _, number)) if self.typed_number() != Some(number) => {
                    Some(format!("type {number} first"))
                }
                _ => None,
            },
            _ if self.brake(model).is_some() => Some("the brake is on".to_owned()),
            _ if self.rows().is_empty() => Some("nothing is staged".to_owned()),
            Button::Safe if self.safe().is_empty() => Some("none has a copy here".to_owned()),
            Button::All if lost > 0 && self.typed_number() != Some(lost) => {
                Some(format!("{lost} without a copy"))
            }
            Button::Safe | Button::All => None,
        }
    }

    /// The buttons, the safe one first.
    fn buttons(&self, model: &Model) -> Vec<Button> {
        if self.outcome.is_some() && !self.could_run(model).is_empty() {
            return vec![Button::Back, Button::Auto];
        }
        if self.outcome.is_some() || self.rows().is_empty() && self.brake(model).is_none() {
            return vec![Button::Back];
        }
        if self.brake(model).is_some() {
            return vec![Button::Back, Button::Release];
        }
        if self.lost().is_empty() {
            return vec![Button::Back, Button::All];
        }
        if self.safe().is_empty() {
            return vec![Button::Back, Button::All];
        }
        vec![Button::Back, Button::Safe, Button::All]
    }

    fn hear(&mut self, event: &Event, out: &mut Vec<Effect>) {
        match event {
            Event::Pending { ticket, deletions } if self.asked == Some(*ticket) => {
                self.asked = None;
                self.take(deletions.clone(), out);
            }
            Event::Applied {
                ticket,
                deleted,
                unconfirmed,
                refused,
            } if self.applying == Some(*ticket) => {
                self.applying = None;
                let find = |id: &MessageId| {
                    let row = self.rows().iter().find(|row| row.message.id == *id);
                    row.map(|row| row.message.clone())
                };
                self.outcome = Some(Outcome {
                    deleted: deleted.iter().filter_map(find).collect(),
                    unconfirmed: unconfirmed.iter().filter_map(find).collect(),
                    refused: refused
                        .iter()
                        .filter_map(|(id, why)| Some((find(id)?, why.clone())))
                        .collect(),
                });
                self.button = Button::Back;
                self.chosen = 0;
                out.push(Effect::FlushInput);
            }
            Event::Failed {
                ticket: Some(ticket),
                problem,
                ..
            } if self.is_mine(*ticket) => {
                self.end(*ticket);
                self.problem = Some(problem.clone());
                self.button = Button::Back;
                self.ask(out);
            }
            Event::Done { ticket } if self.is_mine(*ticket) => {
                self.end(*ticket);
                self.typed.clear();
                self.ask(out);
            }
            Event::Merged { ids } if ids.iter().any(|id| self.ids().contains(id)) => self.ask(out),
            Event::Changed { messages, .. } if self.outcome.is_none() && !self.busy() => {
                let known: HashSet<MessageId> = self.ids().into_iter().collect();
                let mine = |message: &MessageSummary| {
                    known.contains(&message.id) || message.reason.is_some()
                };
                if self.asked.is_none() && messages.iter().any(mine) {
                    self.ask(out);
                }
            }
            _ => {}
        }
    }

    /// A list that is another than the one on the screen takes back what was chosen and typed for that one.
    fn take(&mut self, rows: Vec<PendingDeletion>, out: &mut Vec<Effect>) {
        if self.busy() || self.outcome.is_some() {
            return;
        }
        let key = |rows: &[PendingDeletion]| -> Vec<(MessageId, bool)> {
            rows.iter()
                .map(|row| (row.message.id, row.stored))
                .collect()
        };
        if key(self.rows()) != key(&rows) || self.rows.is_none() {
            self.button = Button::Back;
            self.typed.clear();
            out.push(Effect::FlushInput);
        }
        let under = self.rows().get(self.chosen).map(|row| row.message.id);
        let place = under.and_then(|id| rows.iter().position(|row| row.message.id == id));
        let last = rows.len().saturating_sub(1);
        self.chosen = place.unwrap_or(self.chosen).min(last);
        self.rows = Some(rows);
    }

    fn is_mine(&self, ticket: Ticket) -> bool {
        [self.fetching, self.applying, self.releasing, self.asked].contains(&Some(ticket))
            || self.switching.contains(&ticket)
    }

    fn end(&mut self, ticket: Ticket) {
        self.switching.retain(|mine| *mine != ticket);
        for mine in [
            &mut self.fetching,
            &mut self.applying,
            &mut self.releasing,
            &mut self.asked,
        ] {
            if *mine == Some(ticket) {
                *mine = None;
            }
        }
    }
}

//! What keys do in the review.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Button, Review};
use crate::bridge::{Command, Ticket};
use crate::mail::{Change, Folder, MessageId};
use crate::ui::Effect;
use crate::ui::action::Action;
use crate::ui::chord::Chord;
use crate::ui::deed::{perform_on, what};
use crate::ui::format::counted;
use crate::ui::model::{Model, NoteKind, Screen, Work};

/// Takes a key into the field for a number, where there is one. Whether it did.
pub fn key(model: &mut Model, key: KeyEvent, _out: &mut Vec<Effect>) -> bool {
    let typed = Chord::of(key).typed();
    let wanted = match &model.screen {
        Screen::Review(review) => review.wants_number(model),
        _ => false,
    };
    let Screen::Review(review) = &mut model.screen else {
        return false;
    };
    review.complaint = None;
    match (key.code, typed) {
        (KeyCode::Backspace, _) => {
            review.typed.pop();
        }
        (_, Some(c)) if c.is_ascii_digit() && wanted => {
            if review.typed.len() < 9 {
                review.typed.push(c);
            }
        }
        _ => return false,
    }
    true
}

/// Does an action of the review that is more than moving. Whether it was one.
pub(super) fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let Screen::Review(review) = &model.screen else {
        return false;
    };
    let mut review = review.clone();
    match action {
        Action::NextButton => review.turn(model, true),
        Action::PreviousButton => review.turn(model, false),
        Action::Press => return press(model, review, out),
        Action::Undelete => review.unstage(model, out),
        Action::Fetch => review.fetch(model, out),
        _ => return false,
    }
    model.screen = Screen::Review(review);
    true
}

fn press(model: &mut Model, mut review: Review, out: &mut Vec<Effect>) -> bool {
    if let Some(reason) = review.off(review.button, model) {
        review.complaint = Some(format!("That is off: {reason}"));
        model.screen = Screen::Review(review);
        return true;
    }
    let ticket = Ticket::new();
    match review.button {
        Button::Back => {
            model.back();
            return true;
        }
        Button::Safe => {
            let ids = review.safe();
            review.apply(ticket, ids, Vec::new(), model, out);
        }
        Button::All => {
            let (ids, lost) = (review.ids(), review.lost());
            review.apply(ticket, ids, lost, model, out);
        }
        Button::Auto => {
            let accounts: Vec<_> = review.could_run(model).into_iter().cloned().collect();
            for account in accounts {
                let ticket = Ticket::new();
                review.switching.push(ticket);
                out.push(Effect::Send(Command::LetRulesRun { ticket, account }));
            }
            review.let_run = true;
            review.problem = None;
            review.button = Button::Back;
        }
        Button::Release => {
            if let Some((account, _, _)) = review.brake(model) {
                let account = account.clone();
                review.releasing = Some(ticket);
                review.button = Button::Back;
                out.push(Effect::Send(Command::ReleaseBrake { ticket, account }));
            }
        }
    }
    model.screen = Screen::Review(review);
    true
}

impl Review {
    /// Whether an action can be done here, where it means something else than in the list.
    pub(in crate::ui) fn available(
        &self,
        model: &Model,
        action: Action,
    ) -> Option<Result<(), String>> {
        let off = |reason: &str| Some(Err(reason.to_owned()));
        let over = self.busy() || self.outcome.is_some();
        match action {
            Action::Undelete | Action::Fetch if over => off("it is being done, or was"),
            Action::Undelete | Action::Fetch if self.rows().is_empty() => off("nothing is staged"),
            Action::Fetch if self.fetching.is_some() => off("they are on their way already"),
            Action::Fetch if self.lost().is_empty() => off("every message here has a copy already"),
            Action::Undo | Action::Redo => off("not here: go back first, then undo"),
            Action::NextButton | Action::PreviousButton if self.buttons(model).len() < 2 => {
                off("there is only one button")
            }
            Action::Undelete | Action::Fetch => Some(Ok(())),
            _ => None,
        }
    }

    /// Exactly what is on the screen, and nothing that came since.
    fn apply(
        &mut self,
        ticket: Ticket,
        ids: Vec<MessageId>,
        without_copy: Vec<MessageId>,
        model: &mut Model,
        out: &mut Vec<Effect>,
    ) {
        self.applying = Some(ticket);
        self.problem = None;
        self.button = Button::Back;
        model.under_way.insert(ticket, Work::Apply);
        out.push(Effect::Send(Command::Apply {
            ticket,
            ids,
            without_copy,
        }));
    }

    fn turn(&mut self, model: &Model, forwards: bool) {
        let buttons = self.buttons(model);
        let n = buttons.len().max(1);
        let here = buttons
            .iter()
            .position(|button| *button == self.button)
            .unwrap_or_default();
        let next = if forwards { here + 1 } else { here + n - 1 } % n;
        self.button = buttons.get(next).copied().unwrap_or_default();
    }

    /// Whether there is a number to type: that of what would be lost, or that of the brake.
    pub(super) fn wants_number(&self, model: &Model) -> bool {
        self.outcome.is_none()
            && !self.busy()
            && (!self.lost().is_empty() || self.brake(model).is_some())
    }

    fn unstage(&mut self, model: &mut Model, out: &mut Vec<Effect>) {
        let Some(row) = self.rows().get(self.chosen) else {
            return;
        };
        let message = row.message.clone();
        let id = message.id;
        let here = if message.folder == Folder::Trash {
            "; here it is in the Trash"
        } else {
            ""
        };
        let text = format!(
            "It stays on the server{here}: {}",
            what(std::slice::from_ref(&message))
        );
        perform_on(
            model,
            "Taken off the review:",
            &message,
            Change::Unstage,
            out,
        );
        if let Some(rows) = &mut self.rows {
            rows.retain(|row| row.message.id != id);
            self.chosen = self.chosen.min(rows.len().saturating_sub(1));
        }
        self.typed.clear();
        self.button = Button::Back;
        model.say(NoteKind::Done, text);
    }

    fn fetch(&mut self, model: &mut Model, out: &mut Vec<Effect>) {
        let lost = self.lost();
        let ticket = Ticket::new();
        self.fetching = Some(ticket);
        model.under_way.insert(ticket, Work::Fetch(lost.len()));
        model.say(
            NoteKind::Plain,
            format!("Downloading {}", counted(lost.len() as u64, "message")),
        );
        out.push(Effect::Send(Command::Fetch { ticket, ids: lost }));
    }
}

//! What keys do in the review.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Button, Review};
use crate::bridge::{Command, Ticket};
use crate::mail::{Change, MessageId};
use crate::ui::Effect;
use crate::ui::action::Action;
use crate::ui::chord::Chord;
use crate::ui::format::counted;
use crate::ui::keymap::Meaning;
use crate::ui::model::{Model, NoteKind, Screen, Work};

/// Takes a key before the keymap does. Whether it did.
pub fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) -> bool {
    let chord = Chord::of(key);
    let back = model.keymap.meaning(model.scope(), &[chord]) == Meaning::Action(Action::Back);
    let Screen::Review(review) = &model.screen else {
        return false;
    };
    let mut review = review.clone();
    review.complaint = None;
    match (key.code, chord.typed()) {
        (KeyCode::Tab, _) => review.turn(model, true),
        (KeyCode::BackTab, _) => review.turn(model, false),
        (KeyCode::Enter, _) => return press(model, review, out),
        (KeyCode::Backspace, _) => {
            review.typed.pop();
        }
        (_, Some(c)) if c.is_ascii_digit() && review.wants_number(model) => {
            if review.typed.len() < 9 {
                review.typed.push(c);
            }
        }
        (_, Some('u')) if !back => review.unstage(model, out),
        (_, Some('+')) => review.fetch(model, out),
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
        if self.busy() || self.outcome.is_some() {
            self.complaint = Some("That is off: it is being done, or was".to_owned());
            return;
        }
        let Some(row) = self.rows().get(self.chosen) else {
            self.complaint = Some("Nothing is staged".to_owned());
            return;
        };
        let id = row.message.id;
        let text = format!(
            "Taken off the list: {}; it stays on the server",
            crate::ui::deed::what(std::slice::from_ref(&row.message))
        );
        out.push(Effect::Send(Command::Change {
            ticket: Ticket::new(),
            changes: vec![(vec![id], Change::Unstage)],
        }));
        model.staged.remove(&id);
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
        if lost.is_empty() {
            self.complaint = Some("Every message here has a copy already".to_owned());
            return;
        }
        if self.busy() || self.fetching.is_some() {
            self.complaint = Some("They are on their way already".to_owned());
            return;
        }
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

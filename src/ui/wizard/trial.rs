//! The live test of the server, and the search for it.

use super::{Field, Keeping, Step, Trial, Wizard, advice};
use crate::bridge::{Command, Event, TestStep, Ticket};
use crate::mail::{Kind, Problem, UNKNOWN_NAME};
use crate::ui::Effect;
use crate::ui::model::Model;

impl Wizard {
    /// Tries the server. The password goes along, so only what [`Wizard::check_server`] lets through is tried.
    pub(super) fn start_trial(&mut self, model: &Model, out: &mut Vec<Effect>) {
        if let Err((field, text)) = self.check_server() {
            self.focus = field;
            self.complaint = Some(text);
            return;
        }
        let Some(draft) = self.draft_for_trial(model) else {
            return;
        };
        let ticket = Ticket::new();
        self.found.clear();
        self.complaint = None;
        self.trial = Trial::Running(ticket);
        out.push(Effect::Send(Command::Test { ticket, draft }));
    }

    /// Stops a running trial, or the password command. Whether one ran.
    pub(super) fn stop_trial(&mut self, out: &mut Vec<Effect>) -> bool {
        let ticket = match (self.proving.take(), &self.trial) {
            (Some(ticket), _) => ticket,
            (None, Trial::Running(ticket)) => {
                let ticket = *ticket;
                self.forget_trial();
                ticket
            }
            _ => return false,
        };
        out.push(Effect::Send(Command::Cancel {
            ticket: Some(ticket),
        }));
        true
    }

    /// Whether one may go on although the server did not let us in: when it is there, but not now.
    pub(super) fn can_skip(&self) -> bool {
        matches!(&self.trial, Trial::Failed(problem) if matches!(problem.kind, Kind::Network | Kind::Protocol))
    }

    /// Takes an event that it waits for. Whether something is to follow: an account is saved or to be saved, or a trial to be
    /// started.
    pub(super) fn hear(&mut self, event: &Event) -> bool {
        let running = match self.trial {
            Trial::Running(ticket) => Some(ticket),
            _ => None,
        };
        let saving = self.saving.as_ref().map(|(ticket, _)| *ticket);
        match event {
            Event::Tested { ticket, step } if running == Some(*ticket) => {
                self.found.push(step.clone());
                false
            }
            Event::Done { ticket } if running == Some(*ticket) => {
                self.passed();
                false
            }
            Event::Done { ticket } if self.proving == Some(*ticket) => {
                self.proving = None;
                self.proved = self.command().unwrap_or_default();
                true
            }
            Event::Failed {
                ticket: Some(ticket),
                problem,
                ..
            } if self.proving == Some(*ticket) => {
                self.proving = None;
                self.unsaved = Some(advice::of_command(problem.clone()));
                self.focus = Field::Command;
                false
            }
            Event::Done { ticket } => saving == Some(*ticket),
            Event::Failed {
                ticket: Some(ticket),
                problem,
                ..
            } if running == Some(*ticket) => self.failed(problem),
            Event::Failed {
                ticket: Some(ticket),
                problem,
                ..
            } if saving == Some(*ticket) => {
                self.saving = None;
                self.unsaved = Some(problem.clone());
                self.focus = Field::Secret;
                false
            }
            _ => false,
        }
    }

    fn passed(&mut self) {
        let uidl = self
            .found
            .iter()
            .any(|step| matches!(step, TestStep::Commands { uidl: true, .. }));
        self.trial = Trial::Passed { uidl };
        if !uidl {
            self.keep = Keeping::UntilDeleted;
        }
        if self.step == Step::Server {
            self.focus = Field::Next;
        }
    }

    /// Whether the next place is to be tried: only when this one was never reached, so nothing was said to it.
    fn failed(&mut self, problem: &Problem) -> bool {
        let reached = !self.found.is_empty();
        let mut problem = advice::for_the_form(problem.clone());
        if problem.kind == Kind::Network && !reached && self.is_guess() {
            let became = if problem.what == UNKNOWN_NAME {
                format!("the name {} is not known", self.host.text())
            } else {
                let (host, port) = (self.host.text(), self.port.text());
                format!("{host}:{port} does not answer")
            };
            if !self.silent.contains(&became) {
                self.silent.push(became);
            }
            if self.candidate + 1 < self.candidates.len() {
                self.candidate += 1;
                self.take_candidate();
                return true;
            }
            if self.candidate > 0 {
                // The likeliest is the best secured as well.
                self.candidate = 0;
                self.take_candidate();
                problem = advice::nowhere();
            }
        }
        if problem.kind == Kind::Tls && problem.remedy.contains("`ca_file`") {
            self.ca_file.get_or_insert_default();
            OWN_SERVER.clone_into(&mut problem.remedy);
        }
        let kind = problem.kind;
        self.trial = Trial::Failed(Box::new(problem));
        if self.step == Step::Server {
            self.focus = match kind {
                Kind::Login => Field::Password,
                Kind::Tls if self.ca_file.is_some() => Field::CaFile,
                Kind::Network if !reached => Field::Host,
                _ => Field::Next,
            };
        }
        false
    }

    /// Whether the form stands as it was guessed.
    fn is_guess(&self) -> bool {
        let guess = self.candidates.get(self.candidate);
        !self.by_hand
            && guess.is_some_and(|guess| {
                guess.host == self.host.text()
                    && Some(guess.port) == self.port_number()
                    && guess.tls == self.tls
            })
    }

    fn draft_for_trial(&self, model: &Model) -> Option<Box<crate::bridge::Draft>> {
        self.draft(model).map(Box::new)
    }
}

const OWN_SERVER: &str = "If this server is your own, name its certificate's file, or its authority's, above; otherwise do not go on.";

//! Passwords that are kept nowhere: each is asked for once the screen is quiet, and nothing went wrong.

use super::{Panel, open_for};
use crate::mail::{AccountId, Problem};
use crate::ui::model::{Model, NoteKind, Overlay};
use crate::ui::{Effect, event};

/// Asks for the password of an account as soon as no other question and no text is in the way.
pub fn want(model: &mut Model, account: AccountId, problem: Problem) {
    let asking = match &model.overlay {
        Overlay::Problem(panel) => panel.is_prompt() && panel.account.as_ref() == Some(&account),
        _ => false,
    };
    if !asking && !model.wanted.iter().any(|(other, _)| *other == account) {
        model.wanted.push((account, problem));
    }
}

/// Asks for the first password that is wanted, if nothing is in the way.
pub fn ask(model: &mut Model, out: &mut Vec<Effect>) {
    if !model.wanted.is_empty() && event::is_quiet(model) {
        let (account, problem) = model.wanted.remove(0);
        open_for(model, account, problem, out);
    }
}

/// The person does not give it now.
pub(super) fn declined(model: &mut Model) {
    model.say(NoteKind::Plain, "Offline; ^r asks for the password again");
}

impl Panel {
    /// Whether it does nothing but ask for a password that is kept nowhere.
    pub(super) fn is_prompt(&self) -> bool {
        self.problem.wants_password() && self.account.is_some() && !self.unkept
    }

    pub(super) fn title(&self) -> String {
        match &self.account {
            Some(account) if self.is_prompt() => format!("Password for {account}"),
            _ => self.problem.what.clone(),
        }
    }

    /// What is said above the field, in one paragraph.
    pub(super) fn plea(&self) -> String {
        format!(
            "{}. Until poppet has it, it stays offline: all that was downloaded can be read.",
            self.problem.what
        )
    }
}

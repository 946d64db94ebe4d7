//! Setting up an account, in four steps. Nothing is saved before the last.

mod advice;
mod choice;
mod draft;
mod draw;
pub mod field;
mod findings;
mod keys;
mod page;
mod trial;

use super::Effect;
use super::action::{Action, Preset};
use super::model::{Model, Screen};
use super::theme::Theme;
use crate::bridge::{Event, TestStep, Ticket};
use crate::config::Tls;
use crate::config::presets::{Candidate, guess, provider};
use crate::mail::{AccountId, Problem};

use choice::{Keeping, Look, Place, Trial, preset_name};
pub use draw::draw;
use field::TextField;
pub use keys::{key, paste};

/// Its state.
#[derive(Clone, Debug)]
pub struct Wizard {
    step: Step,
    focus: Field,
    name: TextField,
    email: TextField,
    host: TextField,
    port: TextField,
    tls: Tls,
    user: TextField,
    /// The user name as it was guessed from the address; it follows the address while nothing else was typed.
    guessed_user: String,
    password: TextField,
    /// The certificate of a server of the person's own; asked for once the server's could not be trusted.
    ca_file: Option<TextField>,
    keep: Keeping,
    days: TextField,
    quota: TextField,
    ask_above: TextField,
    look: Look,
    keys: Preset,
    secret: Place,
    command: TextField,
    /// Where the mailbox may be, as guessed from the address; those before `candidate` were tried.
    candidates: Vec<Candidate>,
    candidate: usize,
    /// Whether the person wrote the server's name, so that no guess takes its place.
    by_hand: bool,
    /// What the provider wants to be known.
    provider_note: Option<String>,
    trial: Trial,
    /// What the trial has found so far.
    found: Vec<TestStep>,
    /// What became of the places that were no mail server.
    silent: Vec<String>,
    saving: Option<(Ticket, AccountId)>,
    /// The run of the password command that is waited for.
    proving: Option<Ticket>,
    /// The password command that has printed a password.
    proved: Vec<String>,
    /// Why the account could not be saved.
    unsaved: Option<Problem>,
    complaint: Option<String>,
    /// What held before, to be put back when nothing is saved.
    before: (Theme, Preset),
}

/// The steps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    #[default]
    Person,
    Server,
    Keeping,
    Look,
}

/// What can have the focus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Email,
    Host,
    Port,
    Tls,
    User,
    Password,
    CaFile,
    Keep,
    Days,
    Quota,
    AskAbove,
    Theme,
    Keys,
    Secret,
    Command,
    Back,
    Anyway,
    Next,
}

/// Shows it.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if !matches!(model.screen, Screen::Wizard(_)) {
        let wizard = Wizard::new(model);
        model.go(Screen::Wizard(Box::new(wizard)));
        out.push(Effect::FlushInput);
    }
}

/// Does an action of its own. Whether it was one.
pub fn act(_model: &mut Model, action: Action, _out: &mut Vec<Effect>) -> bool {
    // The way back is a key of the wizard's own; here it would throw away what was typed.
    action == Action::Back
}

/// Takes what it waits for.
pub fn event(model: &mut Model, event: &Event, out: &mut Vec<Effect>) {
    let wizard = match &mut model.screen {
        Screen::Wizard(wizard) => wizard,
        _ => match model.behind.iter_mut().find_map(|screen| match screen {
            Screen::Wizard(wizard) => Some(wizard),
            _ => None,
        }) {
            Some(wizard) => wizard,
            None => return,
        },
    };
    if !wizard.hear(event) {
        return;
    }
    if let (Event::Done { .. }, Some((_, account))) = (event, wizard.saving.take()) {
        let in_keyring = wizard.secret == Place::Keyring;
        return keys::saved(model, account, in_keyring, out);
    }
    let mut wizard = wizard.clone();
    if wizard.trial == Trial::None {
        // The place did not answer, and there is another to try.
        wizard.start_trial(model, out);
    } else {
        // The command has printed a password: nothing is in the way of saving.
        wizard.save(model, out);
    }
    put(model, wizard);
}

/// Whether this event answers what a wizard asked for.
pub fn owns(model: &Model, event: &Event) -> bool {
    let (Event::Failed {
        ticket: Some(ticket),
        ..
    }
    | Event::Done { ticket }
    | Event::Tested { ticket, .. }) = event
    else {
        return false;
    };
    let screens = std::iter::once(&model.screen).chain(&model.behind);
    let mut wizards = screens.filter_map(|screen| match screen {
        Screen::Wizard(wizard) => Some(wizard),
        _ => None,
    });
    wizards.any(|wizard| wizard.waits_for(*ticket))
}

/// Puts the changed wizard where it was.
fn put(model: &mut Model, wizard: Box<Wizard>) {
    let screens = std::iter::once(&mut model.screen).chain(&mut model.behind);
    for screen in screens {
        if let Screen::Wizard(old) = screen {
            *old = wizard;
            return;
        }
    }
}

impl Wizard {
    fn new(model: &Model) -> Self {
        Self {
            step: Step::Person,
            focus: Field::Name,
            name: TextField::default(),
            email: TextField::default(),
            host: TextField::default(),
            port: TextField::digits("995", 5),
            tls: Tls::Implicit,
            user: TextField::default(),
            guessed_user: String::new(),
            password: TextField::secret(),
            keep: Keeping::default(),
            days: TextField::new("30"),
            quota: TextField::default(),
            ask_above: TextField::new("5"),
            look: Look::default(),
            keys: model.settings.keys,
            secret: Place::default(),
            ca_file: None,
            command: TextField::default(),
            candidates: Vec::new(),
            candidate: 0,
            by_hand: false,
            provider_note: None,
            trial: Trial::None,
            found: Vec::new(),
            silent: Vec::new(),
            saving: None,
            proving: None,
            proved: Vec::new(),
            unsaved: None,
            complaint: None,
            before: (model.theme, model.settings.keys),
        }
    }

    fn waits_for(&self, ticket: Ticket) -> bool {
        let saving = self
            .saving
            .as_ref()
            .is_some_and(|(mine, _)| *mine == ticket);
        saving || self.proving == Some(ticket) || self.trial == Trial::Running(ticket)
    }

    /// What can have the focus in this step, in order.
    fn fields(&self) -> Vec<Field> {
        use Field as F;
        match self.step {
            Step::Person => vec![F::Name, F::Email, F::Next],
            Step::Server => {
                let mut all = vec![F::Host, F::Port, F::Tls, F::User, F::Password];
                all.extend(self.ca_file.is_some().then_some(F::CaFile));
                all.push(F::Back);
                if self.can_skip() {
                    all.push(F::Anyway);
                }
                all.push(F::Next);
                all
            }
            Step::Keeping => {
                let mut all = vec![F::Keep];
                if self.keep == Keeping::Days {
                    all.push(F::Days);
                }
                all.extend([F::Quota, F::AskAbove, F::Back, F::Next]);
                all
            }
            Step::Look => {
                let mut all = vec![F::Theme, F::Keys, F::Secret];
                if self.secret == Place::Command {
                    all.push(F::Command);
                }
                all.extend([F::Back, F::Next]);
                all
            }
        }
    }

    fn field(&mut self, field: Field) -> Option<&mut TextField> {
        Some(match field {
            Field::Name => &mut self.name,
            Field::Email => &mut self.email,
            Field::Host => &mut self.host,
            Field::Port => &mut self.port,
            Field::User => &mut self.user,
            Field::Password => &mut self.password,
            Field::CaFile => self.ca_file.as_mut()?,
            Field::Days => &mut self.days,
            Field::Quota => &mut self.quota,
            Field::AskAbove => &mut self.ask_above,
            Field::Command => &mut self.command,
            _ => return None,
        })
    }

    fn move_focus(&mut self, forwards: bool) {
        let fields = self.fields();
        let here = fields
            .iter()
            .position(|field| *field == self.focus)
            .unwrap_or_default();
        let n = fields.len().max(1);
        let next = if forwards { here + 1 } else { here + n - 1 } % n;
        if let Some(field) = fields.get(next) {
            self.focus = *field;
        }
        self.complaint = None;
    }

    fn go_to(&mut self, step: Step) {
        self.step = step;
        self.complaint = None;
        self.password.shown = false;
        self.focus = match step {
            Step::Person => Field::Name,
            Step::Server if self.host.is_empty() => Field::Host,
            Step::Server if self.password.is_empty() => Field::Password,
            Step::Server => Field::Next,
            Step::Keeping => Field::Keep,
            Step::Look => Field::Theme,
        };
    }

    /// Fills in what the address tells, unless the person wrote it already.
    fn guess_server(&mut self) {
        let email = self.email.text().to_owned();
        if self.user.is_empty() || self.user.text() == self.guessed_user {
            if self.user.text() != email {
                self.user.set(&email);
                self.forget_trial();
            }
            self.guessed_user.clone_from(&email);
        }
        self.provider_note = provider(&email).and_then(|found| found.note.clone());
        if self.by_hand {
            return;
        }
        let candidates = guess(&email);
        if candidates != self.candidates {
            self.candidates = candidates;
            self.candidate = 0;
            self.silent.clear();
            self.take_candidate();
        }
    }

    fn take_candidate(&mut self) {
        self.forget_trial();
        if let Some(candidate) = self.candidates.get(self.candidate).cloned() {
            self.host.set(&candidate.host);
            self.port.set(&candidate.port.to_string());
            self.tls = candidate.tls;
        } else if !self.by_hand {
            self.host.set("");
        }
    }

    /// The settings are others now: what was found does not hold for them.
    fn forget_trial(&mut self) {
        self.trial = Trial::None;
        self.found.clear();
    }
}

//! What keys and pasted text do in the wizard.

use crossterm::event::{KeyCode, KeyEvent};

use super::{Field, Keeping, Look, Place, Step, Trial, Wizard, put};
use crate::bridge::{Command, KeepPassword, SyncMode, Ticket};
use crate::config::Tls;
use crate::mail::{AccountId, safe};
use crate::ui::Effect;
use crate::ui::action::Preset;
use crate::ui::chord::Chord;
use crate::ui::keymap::Keymap;
use crate::ui::list::{self, Place as Folder};
use crate::ui::model::{Model, NoteKind, Screen, Work};
use crate::ui::theme::{Theme, ThemeKind};

/// Takes a key before the keymap does. Whether it did.
pub fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) -> bool {
    let Screen::Wizard(wizard) = &model.screen else {
        return false;
    };
    let chord = Chord::of(key);
    if chord.is_control('c') {
        leave(model, out);
        return true;
    }
    if chord.is(KeyCode::F(1)) || chord.is_control('z') || chord.is_control('l') {
        return false;
    }
    let mut wizard = wizard.clone();
    match key.code {
        _ if wizard.saving.is_some() => {}
        // It runs for a moment; what is typed meanwhile would be another command.
        code if wizard.proving.is_some() && code != KeyCode::Esc => {}
        KeyCode::Tab | KeyCode::Down => wizard.move_focus(true),
        KeyCode::BackTab | KeyCode::Up => wizard.move_focus(false),
        KeyCode::Esc => {
            if !wizard.stop_trial(out) {
                wizard.step_back();
            }
        }
        KeyCode::Enter => wizard.enter(model, out),
        KeyCode::F(2) => {
            wizard.complaint = Some(by_hand(model));
        }
        _ if chord.is_control('t') => wizard.password.shown = !wizard.password.shown,
        _ if wizard.choose(chord, out) => wizard.show_choice(model),
        _ => wizard.type_in(key, out),
    }
    put(model, wizard);
    true
}

/// Takes pasted text into the field that has the focus. Whether it did.
pub fn paste(model: &mut Model, text: &str, out: &mut Vec<Effect>) -> bool {
    let Screen::Wizard(wizard) = &mut model.screen else {
        return false;
    };
    let focus = wizard.focus;
    if wizard.saving.is_some() || wizard.proving.is_some() {
        return false;
    }
    let Some(field) = wizard.field(focus) else {
        return false;
    };
    field.paste(text);
    wizard.edited(focus, out);
    true
}

/// The account is there: its inbox appears, and its first check begins.
pub(super) fn saved(
    model: &mut Model,
    account: AccountId,
    in_keyring: bool,
    out: &mut Vec<Effect>,
) {
    model.settings.first_run = false;
    if !in_keyring {
        model.settings.without_keyring.push(account.clone());
    }
    list::act::go(model, Folder::Inbox, out);
    let ticket = Ticket::new();
    model.under_way.insert(ticket, Work::Sync);
    model.say(
        NoteKind::Done,
        format!("Account {account} is set up; fetching its mail"),
    );
    out.push(Effect::Send(Command::Sync {
        ticket,
        accounts: vec![account],
        mode: SyncMode::Full,
    }));
}

fn leave(model: &mut Model, out: &mut Vec<Effect>) {
    let Screen::Wizard(wizard) = &mut model.screen else {
        return;
    };
    wizard.stop_trial(out);
    let (theme, keys) = wizard.before;
    let saving = wizard.saving.is_some();
    model.theme = theme;
    set_keys(model, keys);
    model.back();
    let text = if saving {
        "Set-up left while the account was being saved: g A shows whether it is there"
    } else {
        "Set-up left; nothing was saved. g A, then a, sets up an account"
    };
    model.say(NoteKind::Plain, text);
}

/// Where all of this can be written without the set-up.
fn by_hand(model: &Model) -> String {
    match &model.settings.config_file {
        Some(file) => format!(
            "All of this, and more, can be written by hand into {}: ^C leaves, and poppet reads it at its next start.",
            safe::line(&file.to_string_lossy())
        ),
        None => "All of this, and more, can be written by hand into config.toml, which `poppet doctor` finds for you."
            .to_owned(),
    }
}

fn set_keys(model: &mut Model, keys: Preset) {
    if model.settings.keys != keys {
        model.settings.keys = keys;
        model.keymap = Keymap::new(keys, &model.settings.overrides).0;
    }
}

impl Wizard {
    fn step_back(&mut self) {
        match self.step {
            Step::Person => {
                self.complaint =
                    Some("^C leaves the set-up; nothing is saved before its end.".to_owned());
            }
            Step::Server => self.go_to(Step::Person),
            Step::Keeping => self.go_to(Step::Server),
            Step::Look => self.go_to(Step::Keeping),
        }
    }

    fn enter(&mut self, model: &mut Model, out: &mut Vec<Effect>) {
        match self.focus {
            Field::Back => {
                self.stop_trial(out);
                self.step_back();
            }
            Field::Anyway => {
                self.trial = Trial::Skipped;
                self.go_to(Step::Keeping);
            }
            Field::Next => self.next(model, out),
            last if self.is_last(last) => self.next(model, out),
            _ => self.move_focus(true),
        }
    }

    /// Whether this is the field before the buttons.
    fn is_last(&self, field: Field) -> bool {
        self.fields()
            .iter()
            .rfind(|field| !matches!(field, Field::Back | Field::Anyway | Field::Next))
            == Some(&field)
    }

    fn next(&mut self, model: &mut Model, out: &mut Vec<Effect>) {
        let checked = match self.step {
            Step::Person => self.check_person(),
            Step::Server => self.check_server(),
            Step::Keeping => self.check_keeping(),
            Step::Look => self.check_look(),
        };
        if let Err((field, text)) = checked {
            self.focus = field;
            self.complaint = Some(text);
            return;
        }
        match self.step {
            Step::Person => {
                self.guess_server();
                self.go_to(Step::Server);
            }
            Step::Server => match self.trial {
                Trial::Passed { .. } | Trial::Skipped => self.go_to(Step::Keeping),
                Trial::Running(_) => {}
                Trial::None | Trial::Failed(_) => {
                    self.silent.clear();
                    self.start_trial(model, out);
                }
            },
            Step::Keeping => self.go_to(Step::Look),
            Step::Look => self.save(model, out),
        }
    }

    pub(super) fn save(&mut self, model: &Model, out: &mut Vec<Effect>) {
        // A step that was changed after it was checked is checked again.
        let steps = [
            (Step::Person, self.check_person()),
            (Step::Server, self.check_server()),
            (Step::Keeping, self.check_keeping()),
        ];
        for (step, checked) in steps {
            if let Err((field, text)) = checked {
                self.go_to(step);
                self.focus = field;
                self.complaint = Some(text);
                return;
            }
        }
        if !matches!(self.trial, Trial::Passed { .. } | Trial::Skipped) {
            self.go_to(Step::Server);
            self.complaint =
                Some("The server has changed since it was tried: Next tries it again.".to_owned());
            return;
        }
        let Some(draft) = self.draft(model) else {
            return;
        };
        let ticket = Ticket::new();
        self.unsaved = None;
        if let KeepPassword::Command(words) = &draft.keep_password
            && *words != self.proved
        {
            self.proving = Some(ticket);
            out.push(Effect::Send(Command::TryPasswordCommand {
                ticket,
                account: draft.account,
                words: words.clone(),
            }));
            return;
        }
        self.saving = Some((ticket, draft.account.clone()));
        out.push(Effect::Send(Command::AddAccount {
            ticket,
            draft: Box::new(draft),
        }));
    }

    /// Changes the choice that has the focus. Whether it is one.
    fn choose(&mut self, chord: Chord, out: &mut Vec<Effect>) -> bool {
        let forwards = if chord.is(KeyCode::Right) || chord.is(KeyCode::Char(' ')) {
            true
        } else if chord.is(KeyCode::Left) {
            false
        } else {
            return false;
        };
        match self.focus {
            Field::Tls => {
                let usual = self.port_number() == Some(self.tls.default_port());
                self.tls = turned(
                    &[Tls::Implicit, Tls::StartTls, Tls::None],
                    self.tls,
                    forwards,
                );
                if usual || self.port.is_empty() {
                    self.port.set(&self.tls.default_port().to_string());
                }
                self.edited(Field::Tls, out);
            }
            Field::Keep if !self.rules_work() => {
                self.complaint = Some(NO_RULES.to_owned());
            }
            Field::Keep => {
                let all = [
                    Keeping::UntilDeleted,
                    Keeping::Days,
                    Keeping::UntilDownloaded,
                ];
                self.keep = turned(&all, self.keep, forwards);
            }
            Field::Theme => {
                let kinds = [ThemeKind::Dark, ThemeKind::Light, ThemeKind::Ansi].map(Look::Kind);
                let all: Vec<Look> = std::iter::once(Look::Auto).chain(kinds).collect();
                self.look = turned(&all, self.look, forwards);
            }
            Field::Keys => {
                let all = [Preset::Poppet, Preset::Mutt, Preset::Gmail, Preset::Alpine];
                self.keys = turned(&all, self.keys, forwards);
            }
            Field::Secret => {
                self.secret = turned(
                    &[Place::Keyring, Place::Ask, Place::Command],
                    self.secret,
                    forwards,
                );
            }
            Field::Back | Field::Anyway | Field::Next => self.move_focus(forwards),
            _ => return false,
        }
        true
    }

    /// What was chosen for the eyes and the hands holds at once.
    fn show_choice(&self, model: &mut Model) {
        model.theme = match self.look {
            Look::Auto => self.before.0,
            Look::Kind(kind) => Theme::new(kind),
        };
        set_keys(model, self.keys);
    }

    fn type_in(&mut self, key: KeyEvent, out: &mut Vec<Effect>) {
        let focus = self.focus;
        let changed = self.field(focus).is_some_and(|field| field.key(key));
        if changed {
            self.edited(focus, out);
        }
    }

    /// A field of the server is another now.
    fn edited(&mut self, field: Field, out: &mut Vec<Effect>) {
        self.complaint = None;
        match field {
            Field::Host => {
                self.by_hand = true;
                self.silent.clear();
            }
            Field::Port | Field::Tls => self.silent.clear(),
            Field::User | Field::Password | Field::CaFile => {}
            _ => return,
        }
        self.stop_trial(out);
        self.forget_trial();
    }
}

fn turned<T: Copy + PartialEq>(all: &[T], here: T, forwards: bool) -> T {
    let n = all.len().max(1);
    let place = all.iter().position(|one| *one == here).unwrap_or_default();
    let next = if forwards { place + 1 } else { place + n - 1 } % n;
    all.get(next).copied().unwrap_or(here)
}

/// Why no rule can be chosen.
pub(super) const NO_RULES: &str = "This server gives its messages no names (no UIDL), so that no rule could be sure which message it \
     deletes. You can delete them yourself.";

//! A problem, in full: what happened, what still works, what to do about it; and the way to do it.

mod wanted;

use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::chord::Chord;
use super::format::{full_date, span};
use super::layout::centred;
use super::model::{Model, NoteKind, Overlay};
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::wizard::field::TextField;
use super::{Effect, errors, update};
use crate::bridge::{Command, Ticket};
use crate::mail::text::wrap;
use crate::mail::{AccountId, Kind, Problem, Retry};

pub use wanted::{ask, want};

/// A problem on the screen.
#[derive(Clone, Debug)]
pub struct Panel {
    problem: Problem,
    account: Option<AccountId>,
    /// The password that is being typed.
    password: Option<TextField>,
    /// Whether it goes to the keyring.
    keep: bool,
    /// Whether a password was typed that could not be kept.
    unkept: bool,
    note: Option<&'static str>,
}

/// Shows it, for the account that has it.
pub fn open(model: &mut Model, problem: Problem) {
    let owner = model
        .accounts
        .iter()
        .find(|state| state.problem.as_ref() == Some(&problem));
    let only = match &model.accounts[..] {
        [one] => Some(one),
        _ => None,
    };
    let account = owner.or(only).map(|state| state.account.clone());
    model.overlay = Overlay::Problem(Panel::new(problem, account, model));
}

/// Shows the problem of an account, and forgets what was typed ahead.
pub fn open_for(model: &mut Model, account: AccountId, problem: Problem, out: &mut Vec<Effect>) {
    let panel = Panel::new(problem, Some(account), model);
    update::open_overlay(model, Overlay::Problem(panel), out);
}

/// Shows why a password that was typed could not be kept; it can be typed again, for this time only.
pub fn open_unkept(model: &mut Model, account: AccountId, problem: Problem, out: &mut Vec<Effect>) {
    let mut panel = Panel::new(problem, Some(account), model);
    panel.keep = false;
    panel.unkept = true;
    update::open_overlay(model, Overlay::Problem(panel), out);
}

impl Panel {
    fn new(problem: Problem, account: Option<AccountId>, model: &Model) -> Self {
        // What the keyring would keep for these accounts, nobody would read.
        let without = &model.settings.without_keyring;
        let elsewhere = account.as_ref().is_some_and(|id| without.contains(id));
        let mut panel = Self {
            keep: !elsewhere,
            unkept: false,
            problem,
            account,
            password: None,
            note: None,
        };
        if panel.is_prompt() {
            panel.keep = false;
            panel.password = Some(TextField::secret());
        }
        panel
    }

    /// Takes a key.
    pub fn key(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let chord = Chord::of(key);
        if self.password.is_some() {
            return self.key_in_password(model, key, out);
        }
        self.note = None;
        match (key.code, chord.typed()) {
            (KeyCode::Esc, _) | (_, Some('q')) => return,
            (_, Some('p')) if self.takes_password() => self.password = Some(TextField::secret()),
            (_, Some('o')) => return offline(model, out),
            (_, Some('l' | 'E')) => return errors::open(model),
            (_, Some('y')) => {
                out.push(Effect::Copy(self.report(model)));
                self.note = Some("Copied, without password and addresses");
            }
            _ if chord.is_control('r') && model.scope() != super::action::Scope::Wizard => {
                return update::sync(model, out);
            }
            _ => {}
        }
        model.overlay = Overlay::Problem(self);
    }

    /// Takes pasted text into the password, when one is asked for. Whether it did.
    pub fn paste(mut self, model: &mut Model, text: &str, _out: &mut Vec<Effect>) -> bool {
        let taken = self.password.is_some();
        if let Some(field) = &mut self.password {
            field.paste(text);
        }
        model.overlay = Overlay::Problem(self);
        taken
    }

    fn key_in_password(mut self, model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) {
        let chord = Chord::of(key);
        let Some(mut field) = self.password.take() else {
            return;
        };
        match (key.code, &self.account) {
            (KeyCode::Esc, _) if self.is_prompt() => return wanted::declined(model),
            (KeyCode::Esc, _) => {}
            (KeyCode::Enter, Some(account)) if !field.is_empty() => {
                let ticket = Ticket::new();
                model.trying = Some((ticket, account.clone()));
                out.push(Effect::Send(Command::Password {
                    ticket,
                    account: account.clone(),
                    password: field.to_secret(),
                    keep: self.keep,
                }));
                let text = if self.is_prompt() {
                    "Trying the password"
                } else {
                    "Trying the new password"
                };
                model.say(NoteKind::Plain, text);
                return;
            }
            (KeyCode::Tab | KeyCode::BackTab, _) => {
                // Nobody would read what the keyring keeps for it.
                self.keep = !self.keep && !self.is_prompt();
                self.password = Some(field);
            }
            _ => {
                if chord.is_control('t') {
                    field.shown = !field.shown;
                } else if key.code != KeyCode::Enter {
                    field.key(key);
                }
                self.password = Some(field);
            }
        }
        model.overlay = Overlay::Problem(self);
    }

    /// Whether another password may help.
    fn takes_password(&self) -> bool {
        (self.problem.kind == Kind::Login || self.unkept) && self.account.is_some()
    }

    /// What can be handed to somebody who helps: nothing in it is a secret or names a person.
    fn report(&self, model: &Model) -> String {
        let problem = &self.problem;
        let mut text = format!("poppet {}\n", env!("CARGO_PKG_VERSION"));
        let _ = writeln!(text, "when: {}", full_date(model.now, model.zone()));
        let _ = writeln!(text, "kind: {:?}", problem.kind);
        let parts = [
            ("what", &problem.what),
            ("why", &problem.why),
            ("to do", &problem.remedy),
        ];
        for (name, part) in parts {
            let _ = writeln!(text, "{name}: {}", without_addresses(part, model));
        }
        text
    }

    /// Draws it.
    pub fn draw(&self, model: &Model, frame: &mut Frame<'_>) {
        let screen = frame.area();
        let columns = screen.width.saturating_sub(2).min(78);
        let lines = self.lines(model, columns.saturating_sub(2));
        let height = u16::try_from(lines.len())
            .unwrap_or(u16::MAX)
            .saturating_add(2);
        let area = centred(screen, columns, height.min(screen.height.saturating_sub(1)));
        let hint = match (&self.password, columns < 60) {
            (Some(_), true) if self.is_prompt() => "Enter try  Esc offline",
            (Some(_), false) if self.is_prompt() => "Enter try  ^T show  Esc stay offline",
            (Some(_), true) => "Enter try  Esc back",
            (Some(_), false) => "Enter try  Tab keyring yes/no  ^T show  Esc back",
            (None, true) => "Esc close",
            (None, false) => "Esc close   it stays in E errors",
        };
        let inside = paint::boxed(
            frame.buffer_mut(),
            area,
            &self.title(),
            hint,
            model.theme,
            model.glyphs,
        );
        // Where it does not fit, the end is what can be acted on.
        let skip = lines.len().saturating_sub(inside.height.into());
        for (y, line) in lines.iter().skip(skip).enumerate() {
            self.draw_line(line, model, frame, row(inside, y as u16));
        }
    }

    fn draw_line(&self, line: &Line, model: &Model, frame: &mut Frame<'_>, area: Rect) {
        let style = |role| model.theme.style(role);
        let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
        pen.gap(1, style(Role::Text));
        match line {
            Line::Words(label, text, role) => {
                let narrow = area.width < 58 || self.is_prompt();
                let columns = if narrow { 0 } else { LABEL };
                pen.cell(label, columns, style(Role::Muted))
                    .text(text, style(*role));
            }
            Line::Key(key, text) => {
                pen.gap(2, style(Role::Text))
                    .cell(key, 3, style(Role::Key))
                    .text(text, style(Role::Text));
            }
            Line::Password => {
                let Some(field) = &self.password else { return };
                pen.text("Password ", style(Role::Muted));
                let room = pen.room().saturating_sub(1);
                let (shown, column) = field.window(room, model.glyphs);
                let x = area.right() - pen.room() + column;
                pen.cell(&shown, room, style(Role::Input));
                frame.set_cursor_position(Position::new(x, area.y));
            }
        }
    }

    fn lines(&self, model: &Model, columns: u16) -> Vec<Line> {
        let narrow = columns < 58;
        let mut lines = Vec::new();
        let mut say = |label: &'static str, text: &str, role: Role| {
            let room = columns
                .saturating_sub(2)
                .saturating_sub(if narrow { 0 } else { LABEL });
            if narrow {
                lines.push(Line::Words("", label.to_owned(), Role::Muted));
            }
            for (n, part) in wrap(text, room.into()).into_iter().enumerate() {
                let label = if n == 0 { label } else { "" };
                lines.push(Line::Words(label, part.to_owned(), role));
            }
        };
        if self.is_prompt() {
            for part in wrap(&self.plea(), columns.saturating_sub(2).into()) {
                lines.push(Line::Words("", part.to_owned(), Role::Text));
            }
            lines.push(Line::Password);
            return lines;
        }
        say("What happened", &self.problem.why, Role::Text);
        if model.size.1 > 14 {
            say("What still works", works(self.problem.kind), Role::Text);
        }
        let next = if self.unkept {
            "what you typed is used until poppet ends; ask for a check (^r).".to_owned()
        } else {
            next(self.problem.retry)
        };
        say("What comes next", &next, Role::Text);
        say("What you can do", &self.problem.remedy, Role::Title);
        if let Some(note) = self.note {
            say("", note, Role::Ok);
        }
        if self.password.is_some() {
            lines.push(Line::Password);
            let kept = if self.keep {
                "yes"
            } else {
                "no, forget it on leaving"
            };
            lines.push(Line::Key("Tab", format!(" keep it in the keyring: {kept}")));
            return lines;
        }
        if self.takes_password() {
            let text = if self.unkept {
                "enter another, for this time only"
            } else {
                "enter the password"
            };
            lines.push(Line::Key("p", text.to_owned()));
        }
        lines.push(Line::Key("o", "work offline for now".to_owned()));
        lines.push(Line::Key("l", "show all errors so far".to_owned()));
        lines.push(Line::Key(
            "y",
            "copy this report (no password, no addresses)".to_owned(),
        ));
        lines
    }
}

/// A line of the panel.
enum Line {
    /// A label, and words behind it.
    Words(&'static str, String, Role),
    /// A key, and what it does.
    Key(&'static str, String),
    /// Where the password is typed.
    Password,
}

fn offline(model: &mut Model, out: &mut Vec<Effect>) {
    out.push(Effect::Send(Command::Cancel { ticket: None }));
    model.say(
        NoteKind::Plain,
        "Working with what is here; ^r asks the server again",
    );
}

fn works(kind: Kind) -> &'static str {
    match kind {
        Kind::Store => "what is on the screen; nothing new can be kept until this is mended.",
        _ => {
            "reading, searching and sorting: all that was downloaded is here. What you delete stays staged."
        }
    }
}

fn next(retry: Retry) -> String {
    match retry {
        Retry::Asked => "nothing by itself: it is tried again when you ask for it (^r).".to_owned(),
        Retry::WithPassword => "it is tried again once you give the password.".to_owned(),
        Retry::NextCheck => "it is tried again at the next check.".to_owned(),
        Retry::After(wait) => match wait.as_secs() {
            seconds @ 0..=89 => format!("it is tried again in {seconds} s."),
            seconds => format!(
                "it is tried again in {}.",
                span(i64::try_from(seconds).unwrap_or(i64::MAX))
            ),
        },
    }
}

/// The text with every address, and every name that stands before the @ of one's own, taken out.
fn without_addresses(text: &str, model: &Model) -> String {
    let words = text.split_inclusive(|c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | '"' | '\'' | ',' | ';' | '(' | ')')
    });
    let own: Vec<&str> = model
        .accounts
        .iter()
        .filter_map(|state| state.email.split_once('@').map(|(local, _)| local))
        .filter(|local| !local.is_empty())
        .collect();
    let mut safe = String::with_capacity(text.len());
    for word in words {
        let bare = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        if word.contains('@') || own.contains(&bare) {
            safe.push_str("[address]");
            safe.extend(word.chars().last().filter(|c| !c.is_alphanumeric()));
        } else {
            safe.push_str(word);
        }
    }
    safe
}

const LABEL: u16 = 18;

//! What went wrong since the start. It stays until poppet is left, and is counted until it is looked at.

use ratatui::Frame;

use super::action::Action;
use super::format::clock;
use super::keymap::KeymapError;
use super::layout;
use super::model::{Model, Screen};
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, panel};
use crate::mail::{AccountId, Kind, Problem, Timestamp};

/// Everything that went wrong, the oldest first.
#[derive(Clone, Debug, Default)]
pub struct Log {
    entries: Vec<Entry>,
    seen: usize,
}

/// Something that went wrong, perhaps several times.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When, the last time.
    pub at: Timestamp,
    /// Whose account.
    pub account: Option<AccountId>,
    /// What.
    pub problem: Problem,
    /// How often in a row.
    pub times: u32,
}

/// The list of errors on the screen.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    chosen: usize,
}

impl Log {
    /// Keeps a problem. Whether it is another than the last one.
    pub fn add(&mut self, account: Option<AccountId>, problem: Problem, at: Timestamp) -> bool {
        if let Some(last) = self.entries.last_mut()
            && last.problem == problem
            && last.account == account
        {
            last.times = last.times.saturating_add(1);
            last.at = at;
            return false;
        }
        if self.entries.len() >= KEPT {
            self.entries.remove(0);
            self.seen = self.seen.saturating_sub(1);
        }
        self.entries.push(Entry {
            at,
            account,
            problem,
            times: 1,
        });
        true
    }

    /// Keeps a mistake in the configuration's keys.
    pub fn keys(&mut self, mistake: &KeymapError, line: Option<usize>, at: Timestamp) {
        let what = match line {
            Some(line) => format!("Line {line} of the configuration is not used as it stands"),
            None => "A key of the configuration is not used".to_owned(),
        };
        let problem = Problem::new(
            Kind::Config,
            what,
            mistake.to_string(),
            "Correct it under [keys]; the other keys are in force",
        );
        self.add(None, problem, at);
    }

    /// All entries, the oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The last one.
    pub fn last(&self) -> Option<&Entry> {
        self.entries.last()
    }

    /// How many were not looked at.
    pub fn unread(&self) -> usize {
        self.entries.len() - self.seen
    }

    /// All have been looked at.
    pub fn read(&mut self) {
        self.seen = self.entries.len();
    }
}

/// Shows them.
pub fn open(model: &mut Model) {
    if matches!(model.screen, Screen::Errors(_)) {
        return;
    }
    model.log.read();
    if model
        .note
        .as_ref()
        .is_some_and(|note| note.kind == super::model::NoteKind::Failed)
    {
        model.note = None;
    }
    model.go(Screen::Errors(Errors::default()));
}

/// Does an action of the list of errors. Whether it was one.
pub fn act(model: &mut Model, action: Action, _out: &mut Vec<Effect>) -> bool {
    let last = model.log.entries().len().saturating_sub(1);
    let page = usize::from(model.size.1 / 2).max(1);
    let Screen::Errors(errors) = &mut model.screen else {
        return false;
    };
    match action {
        Action::Down => errors.chosen = (errors.chosen + 1).min(last),
        Action::Up => errors.chosen = errors.chosen.saturating_sub(1),
        Action::HalfDown | Action::PageDown => errors.chosen = (errors.chosen + page).min(last),
        Action::HalfUp | Action::PageUp => errors.chosen = errors.chosen.saturating_sub(page),
        Action::First => errors.chosen = 0,
        Action::Last => errors.chosen = last,
        Action::Open => {
            if let Some(entry) = model.log.entries().iter().rev().nth(errors.chosen) {
                let problem = entry.problem.clone();
                panel::open(model, problem);
            }
        }
        _ => return false,
    }
    true
}

/// Draws them, the newest first.
pub fn draw(errors: &Errors, model: &Model, frame: &mut Frame<'_>) {
    let page = layout::page(model.size.0, model.size.1).body;
    let style = model.theme.style(Role::Title);
    paint::line(
        frame.buffer_mut(),
        row(page, 0),
        " Errors since the start, the newest first",
        style,
        model.glyphs,
    );
    paint::rule(
        frame.buffer_mut(),
        row(page, 1),
        "",
        model.theme,
        model.glyphs,
    );
    if model.log.entries().is_empty() {
        let muted = model.theme.style(Role::Muted);
        paint::line(
            frame.buffer_mut(),
            row(page, 3),
            "   Nothing went wrong.",
            muted,
            model.glyphs,
        );
        return;
    }
    let fit = usize::from((page.height.saturating_sub(2) / 4).max(1));
    let first = (errors.chosen + 1).saturating_sub(fit);
    for (y, (n, entry)) in model
        .log
        .entries()
        .iter()
        .rev()
        .enumerate()
        .skip(first)
        .take(fit)
        .enumerate()
    {
        let here = n == errors.chosen;
        let top = 2 + (y * 4) as u16;
        let times = if entry.times > 1 {
            format!(" ({} times)", entry.times)
        } else {
            String::new()
        };
        let whose = entry
            .account
            .as_ref()
            .map(|account| format!("{account}: "))
            .unwrap_or_default();
        let head = format!(
            "{} {whose}{}{times}",
            clock(entry.at, model.zone()),
            entry.problem.what
        );
        let lines = [
            (Role::Danger, head),
            (Role::Text, entry.problem.why.clone()),
            (Role::Muted, entry.problem.remedy.clone()),
        ];
        for (n, (role, text)) in lines.into_iter().enumerate() {
            let style = model.theme.on_row(role, here);
            let mut pen = Pen::new(frame.buffer_mut(), row(page, top + n as u16), model.glyphs);
            pen.text(
                if here { model.glyphs.cursor } else { " " },
                model.theme.on_row(Role::Accent, here),
            );
            pen.gap(if n == 0 { 1 } else { 7 }, style);
            let room = pen.room();
            pen.cell(&text, room, style);
        }
    }
}

const KEPT: usize = 500;

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
use crate::mail::text::wrap;
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
    let room = page.height.saturating_sub(2);
    let mut area = row(page, 2);
    let entries: Vec<&Entry> = model.log.entries().iter().rev().collect();
    let blocks = entries
        .iter()
        .take(errors.chosen + 1 + usize::from(room))
        .map(|entry| lines_of(entry, model, page.width))
        .collect::<Vec<_>>();
    // As few as possible are left out above the chosen one.
    let mut taken = 0;
    let first = blocks
        .iter()
        .enumerate()
        .take(errors.chosen + 1)
        .rev()
        .take_while(|(_, lines)| {
            taken += lines.len();
            let fits = taken <= usize::from(room);
            taken += 1;
            fits
        })
        .last()
        .map_or(errors.chosen, |(n, _)| n);
    for (n, lines) in blocks.iter().enumerate().skip(first) {
        let here = n == errors.chosen;
        // Half a problem below the others would look like a whole one.
        let fits = usize::from(page.bottom().saturating_sub(area.y)) >= lines.len();
        if !fits && n != first {
            break;
        }
        for (indent, role, text) in lines {
            if area.y >= page.bottom() {
                break;
            }
            let style = model.theme.on_row(*role, here);
            let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
            pen.text(
                if here { model.glyphs.cursor } else { " " },
                model.theme.on_row(Role::Accent, here),
            );
            pen.gap(*indent, style);
            let room = pen.room();
            pen.cell(text, room, style);
            area.y += 1;
        }
        area.y += 1;
    }
}

/// A problem in lines of this width: how far each is from the left, its role, its text.
fn lines_of(entry: &Entry, model: &Model, width: u16) -> Vec<(u16, Role, String)> {
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
    let clock = clock(entry.at, model.zone());
    let head = format!("{whose}{}{times}", entry.problem.what);
    let room = usize::from(width.saturating_sub(INDENT + 2)).max(1);
    let mut lines = Vec::new();
    for (role, text) in [
        (Role::Danger, head.as_str()),
        (Role::Text, &entry.problem.why),
        (Role::Muted, &entry.problem.remedy),
    ] {
        for line in wrap(text, room) {
            lines.push((INDENT, role, line.to_owned()));
        }
    }
    if let Some((indent, _, text)) = lines.first_mut() {
        *indent = 1;
        *text = format!("{clock} {text}");
    }
    lines
}

/// Columns before each line, where the first has the time.
const INDENT: u16 = 7;

const KEPT: usize = 500;

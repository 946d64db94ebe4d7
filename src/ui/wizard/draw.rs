//! Drawing the wizard: what is done in a line each, what is asked for in full, what comes in a word.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};

use super::page::Page;
use super::{Field, Step, Trial, Wizard};
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let head = u16::from(area.height > 12) + 1;
    draw_head(wizard, model, frame, area, head);
    let body = Rect {
        y: area.y + head,
        height: area.height.saturating_sub(head + 2),
        ..area
    };
    let mut page = Page {
        model,
        width: area.width,
        lines: Vec::new(),
    };
    page.steps(wizard);
    let focus = page
        .lines
        .iter()
        .rposition(|line| line.focus)
        .unwrap_or_default();
    // What a field has to say follows it, and is to be seen with it.
    let end = page
        .lines
        .iter()
        .rposition(|line| line.wanted)
        .unwrap_or(focus)
        .max(focus);
    let height = usize::from(body.height);
    let first = (end + 1).saturating_sub(height).min(focus);
    let mut cursor = None;
    for (y, line) in page.lines.iter().skip(first).take(height).enumerate() {
        let place = line.draw(wizard, model, frame, row(body, y as u16));
        cursor = cursor.or(place);
    }
    let buttons = row(area, area.height.saturating_sub(2));
    draw_buttons(wizard, model, frame, buttons);
    draw_hints(model, frame, row(area, area.height.saturating_sub(1)));
    if let Some(cursor) = cursor {
        frame.set_cursor_position(cursor);
    }
}

fn draw_head(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>, area: Rect, head: u16) {
    let (title, muted) = (
        model.theme.style(Role::Title),
        model.theme.style(Role::Muted),
    );
    let step = format!("step {} of 4", wizard.step as u8 + 1);
    let leave = if area.width < 60 {
        "^C leave"
    } else {
        "^C leave, nothing is saved"
    };
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    let name = if area.width < 60 {
        "Set-up"
    } else {
        "Welcome to poppet"
    };
    pen.gap(1, title).text(name, title);
    let right = format!("{step}   {leave} ");
    pen.to_right(columns_of(&right), muted)
        .text(&right, muted)
        .rest(muted);
    if head > 1 {
        paint::rule(
            frame.buffer_mut(),
            row(area, 1),
            "",
            model.theme,
            model.glyphs,
        );
    }
}

fn draw_buttons(wizard: &Wizard, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let muted = model.theme.style(Role::Muted);
    let next = match (wizard.step, &wizard.trial) {
        _ if wizard.saving.is_some() => "Saving",
        _ if wizard.proving.is_some() => "Trying",
        (Step::Server, Trial::Running(_)) => "Testing",
        (Step::Server, Trial::Failed(_)) => "Try again",
        (Step::Server, Trial::None) => "Test",
        (Step::Look, _) => "Save and start",
        _ => "Next",
    };
    let mut buttons = Vec::new();
    for field in wizard.fields() {
        match field {
            Field::Back => buttons.push((field, "[ Back ]".to_owned())),
            Field::Anyway => buttons.push((field, "[ Go on anyway ]".to_owned())),
            Field::Next => buttons.push((field, format!("[ {next} {} ]", model.glyphs.chosen))),
            _ => {}
        }
    }
    let columns = buttons
        .iter()
        .map(|(_, label)| columns_of(label) + 1)
        .sum::<u16>();
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, muted);
    let remark = pen.room().saturating_sub(columns + 1);
    if remark > 20 {
        pen.cell("Nothing is deleted during the first 7 days", remark, muted);
    }
    pen.to_right(columns, muted);
    for (field, label) in &buttons {
        let style = if *field == wizard.focus {
            model.theme.chosen()
        } else {
            model.theme.style(Role::Text)
        };
        pen.text(label, style).gap(1, muted);
    }
    pen.rest(muted);
}

fn draw_hints(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (key, text) = (model.theme.style(Role::Key), model.theme.style(Role::Muted));
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text);
    for (keys, word) in [
        ("Tab", "next field"),
        ("S-Tab", "back"),
        ("Enter", "next"),
        ("F2", "by hand (config.toml)"),
        ("Space", "choose"),
        ("^T", "show"),
    ] {
        let columns = columns_of(keys) + columns_of(word) + 3;
        if columns + 8 < pen.room() {
            pen.text(keys, key)
                .gap(1, text)
                .text(word, text)
                .gap(2, text);
        }
    }
    pen.to_right(8, text)
        .text("F1", key)
        .text(" help", text)
        .rest(text);
}

/// A line of the wizard.
#[derive(Default)]
pub(super) struct Line {
    /// Columns that are left blank.
    pub(super) indent: u16,
    pub(super) spans: Vec<(String, Role)>,
    /// A text field behind the spans, and how wide it is.
    pub(super) field: Option<(Field, u16)>,
    /// A remark behind that, in the right half where there is room.
    pub(super) remark: Option<(String, Role)>,
    pub(super) focus: bool,
    /// Whether it should be seen together with the focus.
    pub(super) wanted: bool,
}

impl Line {
    fn draw(
        &self,
        wizard: &Wizard,
        model: &Model,
        frame: &mut Frame<'_>,
        area: Rect,
    ) -> Option<Position> {
        let (theme, glyphs) = (model.theme, model.glyphs);
        let style = |role| theme.on_row(role, self.focus);
        let mut cursor = None;
        let mut pen = Pen::new(frame.buffer_mut(), area, glyphs);
        pen.text(
            if self.focus { glyphs.cursor } else { " " },
            style(Role::Accent),
        );
        pen.gap(self.indent.saturating_sub(1), style(Role::Text));
        for (text, role) in &self.spans {
            let room = pen.room();
            pen.text(&paint::fit(text, room, glyphs), style(*role));
        }
        if let Some((field, columns)) = self.field {
            let columns = columns.min(pen.room().saturating_sub(1));
            if let Some(text) = wizard.text_field(field) {
                let (shown, column) = text.window(columns, glyphs);
                if self.focus {
                    let x = area.right() - pen.room();
                    cursor = Some(Position::new(
                        x + column.min(columns.saturating_sub(1)),
                        area.y,
                    ));
                }
                pen.cell(&shown, columns, style(Role::Input));
            }
        }
        if let Some((text, role)) = &self.remark {
            let columns = columns_of(text);
            if columns + 2 <= pen.room() {
                let half = (area.width / 2 + 4).min(area.width.saturating_sub(columns + 1));
                let used = area.width - pen.room();
                pen.gap(half.max(used + 2) - used, style(Role::Text))
                    .text(text, style(*role));
            }
        }
        pen.rest(style(Role::Text));
        cursor
    }
}

impl Wizard {
    fn text_field(&self, field: Field) -> Option<&super::TextField> {
        Some(match field {
            Field::Name => &self.name,
            Field::Email => &self.email,
            Field::Host => &self.host,
            Field::Port => &self.port,
            Field::User => &self.user,
            Field::Password => &self.password,
            Field::CaFile => self.ca_file.as_ref()?,
            Field::Days => &self.days,
            Field::Quota => &self.quota,
            Field::AskAbove => &self.ask_above,
            Field::Command => &self.command,
            _ => return None,
        })
    }
}

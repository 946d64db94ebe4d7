//! Drawing the review.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::words::below;
use super::{Button, Review};
use crate::bridge::PendingDeletion;
use crate::mail::Reason;
use crate::ui::format::{self, count, counted, size};
use crate::ui::layout;
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(review: &Review, model: &Model, frame: &mut Frame<'_>) {
    let area = layout::page(model.size.0, model.size.1).body;
    draw_head(review, model, frame, area);
    let tall = area.height > 10;
    let top = if tall { 2 } else { 1 };
    if tall {
        paint::rule(
            frame.buffer_mut(),
            row(area, 1),
            "",
            model.theme,
            model.glyphs,
        );
    }
    let below = below(review, model, area.width);
    let space = area.height.saturating_sub(top + 1);
    let (above, reserved) = if review.outcome.is_some() {
        (0, space)
    } else {
        // The rows come first; what is said about them gets the rest, but never less than half when it is needed.
        let wanted = u16::try_from(review.rows().len())
            .unwrap_or(u16::MAX)
            .saturating_add(1);
        let text = u16::try_from(below.len()).unwrap_or(u16::MAX);
        let least = text.min(space / 2);
        let above = wanted.min(space.saturating_sub(least));
        // An empty line between the two, where there is room for one.
        let gap = u16::from(above + text < space);
        ((above + gap).min(space), space.saturating_sub(above + gap))
    };
    let list = Rect {
        y: area.y + top,
        height: above,
        ..area
    };
    if above > 0 {
        draw_rows(review, model, frame, list);
    }
    let text = Rect {
        y: list.bottom(),
        height: reserved,
        ..area
    };
    for (y, (role, line)) in below.iter().take(reserved.into()).enumerate() {
        let style = model.theme.style(*role);
        let mut pen = Pen::new(frame.buffer_mut(), row(text, y as u16), model.glyphs);
        pen.gap(1, style).text(line, style).rest(style);
    }
    draw_buttons(
        review,
        model,
        frame,
        row(area, area.height.saturating_sub(1)),
    );
}

fn draw_head(review: &Review, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (title, muted) = (
        model.theme.style(Role::Title),
        model.theme.style(Role::Muted),
    );
    let n = review.rows().len() as u64;
    let (left, right) = match (&review.rows, &review.outcome) {
        (_, Some(_)) => ("Review: done".to_owned(), ""),
        _ if review.applying.is_some() => ("Review: the server is deleting".to_owned(), "^c stops"),
        (None, _) => ("Review".to_owned(), "reading what is staged"),
        (Some(_), _) if n == 0 => ("Review: nothing is staged".to_owned(), ""),
        (Some(_), _) if n == 1 => (
            "Review: 1 deletion waits for your word".to_owned(),
            "nothing has happened yet",
        ),
        _ => (
            format!("Review: {} deletions wait for your word", count(n)),
            "nothing has happened yet",
        ),
    };
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    pen.gap(1, title).text(&left, title);
    let columns = columns_of(right) + 1;
    if columns + 2 < pen.room() {
        pen.to_right(columns, muted).text(right, muted);
    }
    pen.rest(muted);
}

fn draw_rows(review: &Review, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (title, muted) = (
        model.theme.style(Role::Heading),
        model.theme.style(Role::Muted),
    );
    let octets = review
        .rows()
        .iter()
        .fold(0_u64, |sum, row| sum.saturating_add(row.message.octets));
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    pen.gap(1, title).text("Delete on the server", title);
    let right = format!(
        "{}  {} ",
        counted(review.rows().len() as u64, "message"),
        size(octets)
    );
    pen.to_right(columns_of(&right), muted)
        .text(&right, muted)
        .rest(muted);
    let height = usize::from(area.height.saturating_sub(1));
    let first = (review.chosen + 1).saturating_sub(height);
    for (y, (n, entry)) in review
        .rows()
        .iter()
        .enumerate()
        .skip(first)
        .take(height)
        .enumerate()
    {
        draw_row(
            entry,
            n == review.chosen,
            model,
            frame,
            row(area, y as u16 + 1),
        );
    }
}

fn draw_row(entry: &PendingDeletion, here: bool, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let glyphs = model.glyphs;
    let style = |role| model.theme.on_row(role, here);
    let (mark, role, copy) = match (entry.stored, area.width >= 60) {
        (true, true) => (glyphs.ok, Role::Ok, "copy here, checked"),
        (true, false) => (glyphs.ok, Role::Ok, "copy"),
        (false, true) => (glyphs.warning, Role::Danger, "NO COPY HERE"),
        (false, false) => (glyphs.warning, Role::Danger, "NO COPY"),
    };
    let why = match entry.reason {
        Reason::You => "you",
        Reason::Rule => "rule",
    };
    let (from, copy_columns) = if area.width >= 60 { (17, 18) } else { (0, 7) };
    let mut pen = Pen::new(frame.buffer_mut(), area, glyphs);
    pen.text(if here { glyphs.cursor } else { " " }, style(Role::Accent))
        .gap(1, style(Role::Text));
    pen.text(mark, style(role)).gap(1, style(Role::Text));
    if from > 0 {
        pen.cell(entry.message.from.short(), from, style(Role::Text))
            .gap(2, style(Role::Text));
    }
    let subject = pen
        .room()
        .saturating_sub(copy_columns + 2 + 5 + 2 + 4 + 2 + 1);
    pen.cell(
        format::subject(&entry.message.subject),
        subject,
        style(Role::Text),
    )
    .gap(1, style(Role::Text));
    pen.cell_right(&size(entry.message.octets), 5, style(Role::Muted))
        .gap(2, style(Role::Text));
    pen.cell(why, 4, style(Role::Muted))
        .gap(2, style(Role::Text));
    pen.cell(copy, copy_columns, style(role))
        .rest(style(Role::Text));
}

fn draw_buttons(review: &Review, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (safe, all) = (review.safe().len(), review.rows().len());
    let narrow = area.width < 60;
    let label = |button: Button| match button {
        Button::Back => "[ Back ]".to_owned(),
        Button::Safe if narrow => format!("[ Do {safe} safe ]"),
        Button::Safe if safe == 1 => "[ Do the safe one ]".to_owned(),
        Button::Safe => format!("[ Do the {safe} safe ones ]"),
        Button::All if all == 1 => "[ Delete it ]".to_owned(),
        Button::All if narrow => format!("[ All {all} ]"),
        Button::All => format!("[ Do all {all} ]"),
        Button::Release => "[ Release the brake ]".to_owned(),
        Button::Auto if narrow => "[ Never ask ]".to_owned(),
        Button::Auto => "[ From now on without asking ]".to_owned(),
    };
    let buttons: Vec<(Button, String)> = review
        .buttons(model)
        .into_iter()
        .map(|b| (b, label(b)))
        .collect();
    let off = buttons.iter().find_map(|(button, label)| {
        let reason = review.off(*button, model)?;
        Some(format!("{label} is off: {reason}"))
    });
    let columns = buttons
        .iter()
        .map(|(_, label)| columns_of(label) + 2)
        .sum::<u16>();
    let muted = model.theme.style(Role::Muted);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, muted);
    let fits = |text: &String| columns_of(text) + columns + 1 < area.width;
    if let Some(text) = off.filter(fits) {
        pen.text(&text, muted);
    }
    pen.to_right(columns, muted);
    for (button, label) in &buttons {
        let style = if *button == review.button {
            model.theme.chosen()
        } else if review.off(*button, model).is_some() {
            muted
        } else {
            model.theme.style(Role::Text)
        };
        pen.text(label, style).gap(2, muted);
    }
    pen.rest(muted);
}

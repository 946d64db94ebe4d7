//! The line above the hints: what goes on, what was done, what failed; at its right what waits.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::format::{self, count, size, span, time_left};
use super::model::{Model, NoteKind, Screen};
use super::paint::{Pen, columns_of};
use super::theme::Role;
use crate::bridge::{AccountState, Phase, Progress};

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = model.panes().status;
    let text = model.theme.style(Role::Text);
    let (role, left) = left(model);
    let (right_role, mut right) = right(model);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    let room = area.width.saturating_sub(1);
    if columns_of(&left) + columns_of(&right) + 4 > room && right_role == Role::Warn {
        right = short(model);
    }
    // What waits gives way to what goes on, but never to nothing.
    let right_columns = columns_of(&right).min(room);
    let left_room = room.saturating_sub(if right.is_empty() {
        1
    } else {
        right_columns + 3
    });
    if columns_of(&left) > left_room && left_room < 24 {
        pen.gap(1, text)
            .cell(&left, room.saturating_sub(1), model.theme.style(role));
        pen.rest(text);
        return;
    }
    pen.gap(1, text)
        .cell(&left, left_room, model.theme.style(role));
    pen.to_right(right_columns + 1, text)
        .text(&right, model.theme.style(right_role))
        .rest(text);
    let find = &model.list.find;
    if let (true, Some((at, columns))) = (find.editing, find.mistake_at()) {
        // Behind the blank, the slash and another blank.
        let wrong = Rect::new(area.x + 3 + at, area.y, columns, 1);
        let style = model.theme.style(Role::Danger);
        frame
            .buffer_mut()
            .set_style(wrong.intersection(area), style);
    }
}

/// What the left says: the search, the work, the marks, the last word, or how things stand.
pub fn left(model: &Model) -> (Role, String) {
    let in_list = matches!(model.screen, Screen::List);
    if in_list && model.list.find.editing {
        return (Role::Text, find(model));
    }
    if let Some(note) = &model.note
        && matches!(note.kind, NoteKind::Refused | NoteKind::Failed)
    {
        return spoken(model);
    }
    if in_list && !model.list.marks.is_empty() {
        return (Role::Marked, marked(model));
    }
    if let Some(progress) = busiest(model) {
        return (Role::Text, work(model, progress));
    }
    if model.note.is_some() {
        return spoken(model);
    }
    if in_list && model.list.find.is_active() {
        return (Role::Text, find(model));
    }
    if matches!(model.screen, Screen::Reader) {
        return (Role::Muted, place(model));
    }
    (Role::Muted, standing(model))
}

fn right(model: &Model) -> (Role, String) {
    if busiest(model).is_some()
        && model
            .note
            .as_ref()
            .is_none_or(|note| note.kind == NoteKind::Plain)
    {
        return (
            Role::Muted,
            format!("{} stop", key(model, super::action::Action::Cancel)),
        );
    }
    if let Some(hint) = said_hint(model) {
        return hint;
    }
    if matches!(model.screen, Screen::List) && !model.list.marks.is_empty() {
        return (Role::Muted, "Esc unmark all".to_owned());
    }
    if matches!(model.screen, Screen::Reader)
        && let Some(blocked) = blocked(model)
    {
        return (Role::Muted, blocked);
    }
    if let Some(text) = staged(model) {
        return (Role::Warn, text);
    }
    match model.log.unread() {
        0 => (Role::Muted, String::new()),
        n => {
            let key = key(model, super::action::Action::GoErrors);
            (
                Role::Danger,
                format!("{key}: {}", format::counted(n as u64, "error")),
            )
        }
    }
}

/// What one can do about the last word; and what waits for the review, where there is room for both.
fn said_hint(model: &Model) -> Option<(Role, String)> {
    let note = model.note.as_ref().filter(|note| !note.hint.is_empty())?;
    // Undo is about the messages of the list.
    if !matches!(model.screen, Screen::List | Screen::Reader) {
        return None;
    }
    let (word, dot) = (note.hint, model.glyphs.dot);
    let review = key(model, super::action::Action::Review);
    let n = model.staged.len();
    let both = match n {
        0 => return Some((Role::Muted, word.to_owned())),
        _ if model.size.0 >= 60 => {
            format!("{word} {dot} {} staged, {review} review", count(n as u64))
        }
        _ => format!("{word} {dot} {n} {review}"),
    };
    let (_, left) = left(model);
    let fits = columns_of(&left).min(MOST_SAID) + columns_of(&both) + 5 <= model.size.0;
    // What was done stands at the left; that it waits matters more than its last words.
    Some(if fits {
        (Role::Text, both)
    } else {
        (Role::Muted, word.to_owned())
    })
}

/// What waits for the review, where what was said needs the room.
fn short(model: &Model) -> String {
    let review = key(model, super::action::Action::Review);
    format!("{} staged, {review}", count(model.staged.len() as u64))
}

/// What waits for the review.
fn staged(model: &Model) -> Option<String> {
    let n = model.staged.len();
    let glyphs = model.glyphs;
    let on_review = matches!(model.screen, Screen::Review(_));
    if n == 0 || on_review {
        return None;
    }
    let review = key(model, super::action::Action::Review);
    let what = if model.size.0 >= 100 {
        format::counted(n as u64, "staged deletion")
    } else {
        format!("{} staged", count(n as u64))
    };
    Some(format!(
        "{what} {}{} {} {review} review",
        glyphs.minus,
        size(model.staged_octets()),
        glyphs.dot
    ))
}

fn spoken(model: &Model) -> (Role, String) {
    let Some(note) = &model.note else {
        return (Role::Text, String::new());
    };
    match note.kind {
        NoteKind::Done => (Role::Ok, format!("{} {}", model.glyphs.ok, note.text)),
        NoteKind::Refused => (Role::Warn, note.text.clone()),
        NoteKind::Plain => (Role::Text, note.text.clone()),
        NoteKind::Failed => {
            let clock = model
                .log
                .last()
                .map(|entry| format::clock(entry.at, model.zone()));
            (
                Role::Danger,
                format!(
                    "{} {} {}",
                    model.glyphs.failed,
                    clock.unwrap_or_default(),
                    note.text
                ),
            )
        }
    }
}

fn find(model: &Model) -> String {
    let list = &model.list;
    let (found, all) = (
        count(list.visible().len() as u64),
        count(list.rows.len() as u64),
    );
    let cursor = if list.find.editing { "_" } else { "" };
    let state = if list.find.asked.is_some() {
        format!(" {}", model.glyphs.ellipsis)
    } else {
        String::new()
    };
    let mistake = list.find.mistake.as_ref();
    let mistake = mistake.map(|mistake| format!(" {} {mistake}", model.glyphs.dot));
    format!(
        "/ {}{cursor}   {found} of {all}{state}{}",
        list.find.input.value(),
        mistake.unwrap_or_default()
    )
}

fn marked(model: &Model) -> String {
    let list = &model.list;
    let shown = list.shown_marks();
    let (n, octets) = (shown.messages, shown.octets);
    let hidden = list.marks.len().saturating_sub(n);
    let mut text = format!("{} marked {}", count(n as u64), size(octets));
    if hidden > 0 {
        let _ = write!(
            text,
            " {} {hidden} more not shown, left alone",
            model.glyphs.dot
        );
    }
    text
}

fn busiest(model: &Model) -> Option<&Progress> {
    model
        .progress
        .iter()
        .filter(|progress| !matches!(progress.phase, Phase::Idle | Phase::Lingering))
        .max_by_key(|progress| (progress.total, progress.octets_total))
}

fn work(model: &Model, progress: &Progress) -> String {
    let what = match progress.phase {
        Phase::Connecting => return format!("Connecting to {}", host(model, progress)),
        Phase::Listing => return format!("Asking {} what is there", host(model, progress)),
        Phase::Summaries => "Headers",
        Phase::Bodies => "Downloading",
        Phase::Deleting => "Deleting on the server",
        Phase::Idle | Phase::Lingering => return String::new(),
    };
    let seconds = progress.elapsed.as_secs_f64().max(0.001);
    let mut text = format!("{what} {}", count(progress.done));
    if progress.total > 0 {
        let _ = write!(text, "/{}", count(progress.total));
    }
    let by_octets = progress.octets_total > 0;
    let part = if by_octets {
        Some(progress.octets as f64 / progress.octets_total as f64)
    } else if progress.total > 0 {
        Some(progress.done as f64 / progress.total as f64)
    } else {
        None
    };
    if let Some(part) = part {
        if by_octets {
            let _ = write!(
                text,
                " {} {} of {}",
                model.glyphs.dot,
                size(progress.octets),
                size(progress.octets_total)
            );
        } else if model.size.0 >= 60 {
            let _ = write!(
                text,
                " {} {:.0}%",
                model.glyphs.gauge(10, part),
                part.min(1.0) * 100.0
            );
        }
        if progress.elapsed.as_secs() >= 2 {
            let rate = if by_octets {
                format!(
                    " {} {}/s",
                    model.glyphs.dot,
                    size((progress.octets as f64 / seconds) as u64)
                )
            } else {
                format!(" {:.0}/s", progress.done as f64 / seconds)
            };
            text += &rate;
            if part > 0.01 && part < 1.0 {
                let left = seconds * (1.0 - part) / part;
                let _ = write!(
                    text,
                    " {}",
                    time_left(std::time::Duration::from_secs(left as u64))
                );
            }
        }
    }
    text
}

fn host<'a>(model: &'a Model, progress: &Progress) -> &'a str {
    model
        .account(&progress.account)
        .map_or("the server", |account| account.host.as_str())
}

fn standing(model: &Model) -> String {
    let Some(account) = model.account_in_view() else {
        return String::new();
    };
    if account.brake.is_some() {
        let review = key(model, super::action::Action::Review);
        return format!(
            "{} Nothing is deleted until you have looked: {review}",
            model.glyphs.warning
        );
    }
    match (&account.problem, account.checked) {
        (Some(problem), _) => format!("{} {}", model.glyphs.failed, problem.what),
        (None, None) => format!(
            "Not checked yet {} {} checks",
            model.glyphs.dot,
            key(model, super::action::Action::Sync)
        ),
        (None, Some(checked)) => checked_text(model, account, checked),
    }
}

fn checked_text(model: &Model, account: &AccountState, checked: crate::mail::Timestamp) -> String {
    let ago = model.now.seconds_since(checked);
    let when = match span(ago).as_str() {
        "now" => "checked just now".to_owned(),
        text => format!("checked {text} ago"),
    };
    let mut text = format!("{} {when}", model.glyphs.ok);
    if let Some(next) = account.next_check.filter(|_| model.size.0 >= 60) {
        let _ = write!(
            text,
            ", next in {}",
            span(next.seconds_since(model.now).max(30))
        );
    }
    text
}

fn place(model: &Model) -> String {
    let lines = model.reader.lines().len();
    let height = super::reader::page(model);
    let last = (model.reader.scroll + height).min(lines);
    let word = if lines <= height {
        "All"
    } else if model.reader.scroll == 0 {
        "Top"
    } else if last == lines {
        "End"
    } else {
        return format!("{last} of {lines} lines");
    };
    format!("{word} {} {last} of {lines} lines", model.glyphs.dot)
}

fn blocked(model: &Model) -> Option<String> {
    let blocked = model.reader.body()?.blocked;
    if blocked.images == 0 {
        return None;
    }
    let mut text = format!(
        "blocked: {}",
        format::counted(blocked.images.into(), "remote image")
    );
    if blocked.trackers > 0 {
        let verb = if blocked.trackers == 1 {
            "looks like a tracker"
        } else {
            "look like trackers"
        };
        let _ = write!(text, " ({} {verb})", blocked.trackers);
    }
    Some(text)
}

fn key(model: &Model, action: super::action::Action) -> String {
    model
        .keymap
        .key_for(model.scope(), action)
        .unwrap_or_default()
}

/// Columns of the last word that must stay in sight; the rest may be cut for what waits.
const MOST_SAID: u16 = 34;

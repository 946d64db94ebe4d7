//! The line above the hints: what goes on, what was done, what failed; at its right what waits.

mod right;

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::format::{self, count, size, span, time_left};
use super::model::{Model, NoteKind, Screen};
use super::paint::{Pen, columns_of};
use super::theme::Role;
use crate::bridge::{AccountState, Phase, Progress};
use right::Right;

/// Draws it. What is staged stands in it whatever else does.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = model.panes().status;
    let text = model.theme.style(Role::Text);
    let (role, left) = left(model);
    let finding = matches!(model.screen, Screen::List) && left == find(model);
    let room = area.width.saturating_sub(1);
    let right = fitting(model, &left, room);
    let columns = right_columns(&right, model);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text)
        .cell(&left, left_room(room, columns), model.theme.style(role));
    pen.to_right(columns + 1, text);
    pen.text(&right.aside, model.theme.style(right.role));
    if !right.aside.is_empty() && !right.staged.is_empty() {
        let dot = format!(" {} ", model.glyphs.dot);
        pen.text(&dot, model.theme.style(Role::Muted));
    }
    pen.text(&right.staged, model.theme.style(Role::Warn))
        .rest(text);
    if let (true, Some((at, columns))) = (finding, model.list.find.mistake_at()) {
        // Behind the blank, the slash and another blank.
        let wrong = Rect::new(area.x + 3 + at, area.y, columns, 1);
        let style = model.theme.style(Role::Danger);
        frame
            .buffer_mut()
            .set_style(wrong.intersection(area), style);
    }
}

/// The longest form of the right side that leaves what is said whole, or at least its beginning.
fn fitting(model: &Model, left: &str, room: u16) -> Right {
    let said = columns_of(left);
    let forms = right::forms(model);
    let leaves = |with_aside: bool, columns: u16| {
        forms
            .iter()
            .filter(|form| form.aside.is_empty() != with_aside)
            .find(|form| left_room(room, right_columns(form, model)) >= columns)
    };
    // What one can do matters more than the last words of what is said, but not than how long the work will take.
    let mut chosen = leaves(true, said);
    if busiest(model).is_some() {
        chosen = chosen.or_else(|| leaves(false, said));
    }
    for with_aside in [true, false] {
        for columns in [said, said.min(MUCH_SAID), said.min(MOST_SAID).min(room / 2)] {
            chosen = chosen.or_else(|| leaves(with_aside, columns));
        }
    }
    chosen
        .or(forms.last())
        .cloned()
        .unwrap_or_else(Right::nothing)
}

fn right_columns(right: &Right, model: &Model) -> u16 {
    let (aside, staged) = (columns_of(&right.aside), columns_of(&right.staged));
    let between = if aside > 0 && staged > 0 {
        columns_of(model.glyphs.dot) + 2
    } else {
        0
    };
    aside + between + staged
}

/// Columns that are left for what is said.
fn left_room(room: u16, right: u16) -> u16 {
    room.saturating_sub(if right == 0 { 1 } else { right + 3 })
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
    if in_list && model.list.find.is_on() {
        return (Role::Text, find(model));
    }
    if matches!(model.screen, Screen::Reader) {
        return (Role::Muted, place(model));
    }
    (Role::Muted, standing(model))
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
    let so_far = match (list.find.asked, list.asked) {
        (None, None) => format!("{found} of {all}"),
        (Some(_), _) if !list.find.is_active() => model.glyphs.ellipsis.to_owned(),
        _ if list.rows.is_empty() => model.glyphs.ellipsis.to_owned(),
        _ => format!("{found} of {all} {}", model.glyphs.ellipsis),
    };
    let typed = format!("/ {}{cursor}", list.find.input.value());
    let dot = model.glyphs.dot;
    let so_far = if model.looked_for.is_saved(list.find.input.value()) {
        format!("{so_far} {dot} saved")
    } else {
        so_far
    };
    let (mut forms, briefest) = match list.find.mistake_told() {
        // What to write matters more than how many there are, and than what is marked as wrong anyway.
        Some(mistake) => (
            vec![
                format!("{typed}   {so_far} {dot} {mistake}"),
                format!("{typed} {dot} {mistake}"),
            ],
            format!("{typed} {dot} {}", mistake.hint),
        ),
        None if model.reindexing && !list.find.needles.is_empty() => (
            vec![format!(
                "{typed}   {so_far} {dot} the index is not complete"
            )],
            format!("{typed}   {so_far}"),
        ),
        None => {
            let missing = list.rows.tally().fetchable;
            if missing == 0 || !list.find.answered || list.find.needles.is_empty() {
                return format!("{typed}   {so_far}");
            }
            let missing = count(missing as u64);
            (
                vec![
                    format!("{typed}   {so_far} {dot} {missing} not downloaded: headers only"),
                    format!("{typed}   {so_far} {dot} {missing} headers only"),
                ],
                format!("{typed}   {so_far}"),
            )
        }
    };
    let shortest = right_columns(&right::least(model), model);
    let room = left_room(model.size.0.saturating_sub(1), shortest);
    forms.retain(|form| columns_of(form) <= room);
    forms.into_iter().next().unwrap_or(briefest)
}

fn marked(model: &Model) -> String {
    let list = &model.list;
    let shown = list.shown_marks();
    let (n, octets) = (shown.messages, shown.octets);
    let hidden = list.marks.len().saturating_sub(n);
    if n == 0 {
        return format!("{} marked, none of them shown", count(hidden as u64));
    }
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
        let review = model.key(super::action::Action::Review);
        return format!(
            "{} Nothing is deleted until you have looked: {review}",
            model.glyphs.warning
        );
    }
    if let Some(text) = asking(account) {
        return text;
    }
    match (&account.problem, account.checked) {
        (Some(problem), _) if problem.wants_password() => format!(
            "Offline until the password is given {} {} asks for it",
            model.glyphs.dot,
            model.key(super::action::Action::Sync)
        ),
        (Some(problem), _) => format!("{} {}", model.glyphs.failed, problem.what),
        (None, None) => format!(
            "Not checked yet {} {} checks",
            model.glyphs.dot,
            model.key(super::action::Action::Sync)
        ),
        (None, Some(checked)) => checked_text(model, account, checked),
    }
}

/// What a check does before there is anything to count.
fn asking(account: &AccountState) -> Option<String> {
    let what = match account.phase {
        Phase::Connecting => "connecting and logging in",
        Phase::Listing => "listing what is there",
        _ => return None,
    };
    Some(format!("Checking {}: {what}", account.host))
}

/// Whether that is what stands at the left.
fn is_asking(model: &Model) -> bool {
    let text = model.account_in_view().and_then(asking);
    text.is_some_and(|text| left(model).1 == text)
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

/// Columns of the last word that stay in sight where that costs only words at the right.
const MUCH_SAID: u16 = 48;
/// Columns of the last word that must stay in sight; the rest may be cut for what waits.
const MOST_SAID: u16 = 34;

//! Drawing what the account's rule deletes, and when.

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::layout::Rect;

use super::Mailbox;
use super::outlook::{Calendar, Told};
use crate::mail::text::wrap;
use crate::mail::{Amount, Fate, MessageSummary, Server, brake_for_rule};
use crate::ui::action::{Action, Scope};
use crate::ui::format::{clock, count, day, size};
use crate::ui::list::draw::server_word;
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::Role;

/// The rule in a line, for the ruler above the messages; empty where there is none.
pub(super) fn rule_line(mailbox: &Mailbox, model: &Model, width: u16) -> String {
    let outlook = &mailbox.outlook;
    if !outlook.has_rule() {
        return String::new();
    }
    let dot = model.glyphs.dot;
    let rule = format!("rule: {}", outlook.rule());
    let mut line = format!("{rule} {dot} {}", then(mailbox, model));
    if let Some(next) = next_check(mailbox, model) {
        let longer = format!("{line} {dot} next check {next}");
        if columns_of(&longer) + 6 <= width {
            line = longer;
        }
    }
    if columns_of(&line) + 4 <= width {
        line
    } else {
        rule
    }
}

/// What becomes of that which the rule stages; or until when it stages nothing.
fn then(mailbox: &Mailbox, model: &Model) -> String {
    match mailbox.outlook.grace(model.now) {
        Some(end) => format!("nothing before {}", day(end, model.now, model.zone())),
        None => mailbox.outlook.then().to_owned(),
    }
}

/// What goes soon, in one line, and the key that shows the rest.
pub(super) fn summary(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (text, muted) = (
        model.theme.style(Role::Text),
        model.theme.style(Role::Muted),
    );
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text);
    let calendar = match mailbox.outlook.told() {
        Told::Known(calendar) => calendar,
        Told::Unknown => {
            return pen.text(UNKNOWN, muted).rest(muted);
        }
        Told::NotYet => return pen.text(READING, muted).rest(muted),
    };
    let key = model.keymap.key_for(Scope::Mailbox, Action::Calendar);
    let hint = format!(" {} calendar ", key.unwrap_or_default());
    let spans = calendar.coarse(model.zone());
    for (n, (name, sum)) in spans.iter().enumerate() {
        let span = words(name, *sum);
        let gap = if n == 0 { 0 } else { 3 };
        if columns_of(&span) + gap + columns_of(&hint) > pen.room() {
            break;
        }
        if n > 0 {
            pen.gap(1, muted)
                .text(model.glyphs.column, model.theme.style(Role::Rule))
                .gap(1, muted);
        }
        let style = if sum.messages > 0 { text } else { muted };
        pen.text(&span, style);
    }
    pen.to_right(columns_of(&hint), muted)
        .text(&hint, muted)
        .rest(muted);
}

/// The calendar: a line for each day or week on which something goes, and for each reason to stay. Gives the lines it took.
pub(super) fn draw(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) -> u16 {
    let style = |role| model.theme.style(role);
    let mut y = 0;
    let mut say = |frame: &mut Frame<'_>, role, text: &str| {
        let buffer = frame.buffer_mut();
        paint::line(buffer, row(area, y), text, style(role), model.glyphs);
        y += 1;
    };
    say(frame, Role::Heading, "What the rule deletes, and when");
    let calendar = match mailbox.outlook.told() {
        Told::Known(calendar) => calendar,
        Told::Unknown | Told::NotYet => {
            let unknown = matches!(mailbox.outlook.told(), Told::Unknown);
            let text = if unknown { UNKNOWN } else { READING };
            for line in wrap(text, area.width.into()) {
                say(frame, Role::Muted, line);
            }
            return y;
        }
    };
    for (role, text) in remarks(mailbox, calendar, model) {
        for line in wrap(&text, area.width.into()) {
            say(frame, role, line);
        }
    }
    let lines = lines(calendar, model, area.height.saturating_sub(y + 3).into());
    let most = lines.iter().map(|line| line.sum.octets).max();
    for line in &lines {
        bar(line, most.unwrap_or_default(), model, frame, row(area, y));
        y += 1;
    }
    let total = Line {
        name: "on the server".to_owned(),
        role: Role::Muted,
        sum: calendar.total(),
    };
    bar(&total, u64::MAX, model, frame, row(area, y));
    y + 1
}

/// The word of a message's row: on which day its copy goes, or why it stays.
pub(super) fn goes(
    mailbox: &Mailbox,
    model: &Model,
    message: &MessageSummary,
) -> (Role, Cow<'static, str>) {
    match mailbox.outlook.fate(message) {
        Fate::Goes(at) => {
            let (now, zone) = (model.now, model.zone());
            let date = day(at, now, zone);
            if at <= now || date == day(now, now, zone) {
                (Role::Warn, "today".into())
            } else {
                (Role::Text, date.into())
            }
        }
        Fate::Staged if message.server == Server::DeleteWanted => (Role::Danger, "staged".into()),
        Fate::Staged => (Role::Warn, "sent".into()),
        Fate::Stays(why) => (Role::Muted, why.word().into()),
        Fate::Gone => server_word(model, message),
    }
}

/// A line of the calendar.
struct Line {
    name: String,
    role: Role,
    sum: Amount,
}

/// As fine as there is room for.
fn lines(calendar: &Calendar, model: &Model, room: usize) -> Vec<Line> {
    let fine = calendar.fine(model.zone());
    let staying = calendar.stays.len() + usize::from(calendar.staged.messages > 0);
    let goes = if fine.len() + staying <= room {
        fine
    } else {
        calendar.coarse(model.zone())
    };
    let mut lines: Vec<Line> = goes
        .into_iter()
        .map(|(name, sum)| Line {
            role: if name == "today" {
                Role::Warn
            } else {
                Role::Accent
            },
            name,
            sum,
        })
        .collect();
    if calendar.staged.messages > 0 {
        lines.push(Line {
            name: "staged".to_owned(),
            role: Role::Danger,
            sum: calendar.staged,
        });
    }
    lines.extend(calendar.stays.iter().map(|(why, sum)| Line {
        name: format!("stays: {}", why.word()),
        role: Role::Muted,
        sum: *sum,
    }));
    lines
}

/// What there is to say before the figures.
fn remarks(mailbox: &Mailbox, calendar: &Calendar, model: &Model) -> Vec<(Role, String)> {
    let (outlook, dot) = (&mailbox.outlook, model.glyphs.dot);
    let mut remarks = Vec::new();
    if !super::draw::has_ruler(model) {
        let rule = format!("{} {dot} {}", outlook.rule(), then(mailbox, model));
        remarks.push((Role::Muted, rule));
    }
    let state = mailbox.account.as_ref().and_then(|id| model.account(id));
    let key = |action| model.keymap.key_for(Scope::Mailbox, action);
    if state.is_some_and(|state| state.brake.is_some()) {
        let key = key(Action::Review).unwrap_or_default();
        let text = format!("The brake is on: nothing goes before you let it ({key}).");
        remarks.push((Role::Danger, text));
    } else {
        let (today, all) = (calendar.today().messages, calendar.total().messages);
        let (today, all) = (usize::try_from(today), usize::try_from(all));
        if brake_for_rule(today.unwrap_or(usize::MAX), all.unwrap_or(usize::MAX)).is_some() {
            let text = "So many go today that the brake asks you first.";
            remarks.push((Role::Warn, text.to_owned()));
        }
    }
    remarks
}

fn bar(line: &Line, most: u64, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let style = |role| model.theme.style(role);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.cell(&line.name, NAMES, style(Role::Text))
        .gap(1, style(Role::Text));
    let room = pen.room().saturating_sub(FIGURES);
    let part = line.sum.octets as f64 / most.max(1) as f64;
    let full = (part * f64::from(room)).round() as u16;
    let least = u16::from(line.sum.messages > 0 && most < u64::MAX);
    let full = full.clamp(least, room.max(least));
    let text = model.glyphs.bar_full.repeat(full.into());
    pen.cell(&text, room, style(line.role));
    pen.cell_right(&count(line.sum.messages), 7, style(Role::Text));
    pen.cell_right(&size(line.sum.octets), 6, style(Role::Muted))
        .rest(style(Role::Text));
}

fn words(name: &str, sum: Amount) -> String {
    match sum.messages {
        0 => format!("{name} none"),
        n => format!("{name} {} {}", count(n), size(sum.octets)),
    }
}

/// When the next check is, which is when a rule acts.
fn next_check(mailbox: &Mailbox, model: &Model) -> Option<String> {
    let state = model.account(mailbox.account.as_ref()?)?;
    let next = state.next_check.filter(|_| state.brake.is_none())?;
    Some(clock(next, model.zone()))
}

const UNKNOWN: &str = "It counts from the newest: what goes can be told after the next check.";
const READING: &str = "Reading what the rule is going to delete";
/// Columns of the names, and of the figures behind the bars.
const NAMES: u16 = 14;
const FIGURES: u16 = 13;

//! Drawing the mailbox on the server.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{Mailbox, Order, calendar};
use crate::bridge::AccountState;
use crate::mail::text::wrap;
use crate::mail::{Holdings, Local, MessageSummary, senders};
use crate::ui::action::{Action, Scope};
use crate::ui::format::{self, counted, list_date, size};
use crate::ui::layout;
use crate::ui::list::draw::server_word;
use crate::ui::model::Model;
use crate::ui::paint::{self, Pen, columns_of, row};
use crate::ui::theme::Role;

/// Draws it.
pub fn draw(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>) {
    let area = layout::page(model.size.0, model.size.1).body;
    let style = |role| model.theme.style(role);
    let account = mailbox.account.as_ref().and_then(|id| model.account(id));
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    pen.gap(1, style(Role::Title))
        .text("Mailbox on the server", style(Role::Title));
    if let Some(state) = account {
        let right = format!("{} {} {} ", state.email, model.glyphs.dot, state.host);
        if columns_of(&right) + 2 <= pen.room() {
            pen.to_right(columns_of(&right), style(Role::Muted))
                .text(&right, style(Role::Muted));
        }
    }
    pen.rest(style(Role::Text));
    let short = !has_ruler(model);
    let mut top = 1;
    if let Some(state) = account {
        top += draw_gauge(state, model, frame, row(area, 1));
        let text = facts(mailbox, state, model);
        let lines = wrap(&text, usize::from(area.width.saturating_sub(2)).max(1));
        let most = if short { 1 } else { 4 };
        for y in 0..lines.len().min(most) {
            // What there is no line for is cut where it can be seen to be.
            let rest = lines.get(y..).unwrap_or_default();
            let line = match rest {
                [line, _, ..] if y + 1 < most => (*line).to_owned(),
                rest => rest.join(" "),
            };
            let mut pen = Pen::new(frame.buffer_mut(), row(area, top), model.glyphs);
            let columns = area.width.saturating_sub(2);
            pen.gap(1, style(Role::Muted))
                .cell(&line, columns, style(Role::Muted));
            top += 1;
        }
    }
    if !short {
        let rule = calendar::rule_line(mailbox, model, area.width);
        paint::rule(
            frame.buffer_mut(),
            row(area, top),
            &rule,
            model.theme,
            model.glyphs,
        );
        top += 1;
    }
    let body = Rect {
        y: area.y + top.min(area.height),
        height: area.height.saturating_sub(top + 1),
        ..area
    };
    let beside = beside(area.width);
    let mut list = Rect {
        width: area.width - beside,
        ..body
    };
    if beside > 0 {
        let pane = Rect {
            x: list.right() + 2,
            width: beside - 3,
            ..body
        };
        draw_pane(mailbox, model, frame, pane);
    } else if mailbox.calendar {
        let inside = Rect {
            x: body.x + 1,
            width: body.width.saturating_sub(2),
            ..body
        };
        calendar::draw(mailbox, model, frame, inside);
        let keys = row(area, area.height.saturating_sub(1));
        return draw_keys(mailbox, model, frame, keys);
    } else if mailbox.outlook.has_rule() && body.height > 6 {
        calendar::summary(mailbox, model, frame, row(body, 0));
        list.y += 1;
        list.height -= 1;
    }
    draw_list(mailbox, model, frame, list);
    draw_keys(
        mailbox,
        model,
        frame,
        row(area, area.height.saturating_sub(1)),
    );
}

/// Whether there is room for the ruler that names the rule.
pub(super) fn has_ruler(model: &Model) -> bool {
    layout::page(model.size.0, model.size.1).body.height >= 14
}

/// Columns of the pane at the right, where there is room for one.
pub(super) fn beside(width: u16) -> u16 {
    if width >= 110 { 43 } else { 0 }
}

/// The calendar, where there is a rule, and who takes the most room.
fn draw_pane(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let mut used = 0;
    if mailbox.outlook.has_rule() {
        used = calendar::draw(mailbox, model, frame, area) + 1;
    }
    let senders = Rect {
        y: area.y + used.min(area.height),
        height: area.height.saturating_sub(used),
        ..area
    };
    if senders.height > 2 {
        draw_senders(mailbox, model, frame, senders);
    }
}

/// How full it is; only where the person knows the limit. Gives the lines it took.
fn draw_gauge(state: &AccountState, model: &Model, frame: &mut Frame<'_>, area: Rect) -> u16 {
    let Some(quota) = state.quota.filter(|quota| *quota > 0) else {
        return 0;
    };
    let fill = state.octets as f64 / quota as f64;
    let role = if fill >= 0.95 {
        Role::Danger
    } else if fill >= 0.8 {
        Role::Warn
    } else {
        Role::Ok
    };
    let text = format!(
        "  {:.0}%  {} of {}",
        fill * 100.0,
        size(state.octets),
        size(quota)
    );
    let bar = area.width.saturating_sub(columns_of(&text) + 2);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, model.theme.style(Role::Text));
    pen.text(
        &model.glyphs.gauge(bar.into(), fill),
        model.theme.style(role),
    );
    pen.text(&text, model.theme.style(Role::Text));
    1
}

fn facts(mailbox: &Mailbox, state: &AccountState, model: &Model) -> String {
    let holdings = Holdings::of(&mailbox.rows, model.now);
    let mut text = format!(
        "{}, {}.",
        counted(state.messages, "message"),
        size(state.octets)
    );
    let daily = holdings.daily();
    if daily > 0 {
        let grown = if daily < 1000 {
            counted(daily, "octet")
        } else {
            size(daily)
        };
        text += &["  +", &grown, " a day in the last 30 days"].concat();
        let left = state
            .quota
            .and_then(|quota| holdings.full_in(state.octets, quota));
        if let Some(days) = left {
            text += &[": full in about ", &counted(days, "day")].concat();
        }
        text.push('.');
    }
    let missing = holdings.missing;
    if missing.messages > 0 {
        let verb = if missing.messages == 1 { "is" } else { "are" };
        text += &[
            "  ",
            &counted(missing.messages, "message"),
            " (",
            &size(missing.octets),
            ") ",
            verb,
            " not on this computer yet.",
        ]
        .concat();
    }
    if state.quota.is_some() {
        text.push_str("  The limit is your own setting: POP3 does not tell it.");
    }
    text
}

fn draw_list(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let style = |role| model.theme.style(role);
    if mailbox.rows.is_empty() {
        let text = if mailbox.asked.is_empty() {
            " Nothing on the server, as far as the last check knows."
        } else {
            " Reading what is known of the server"
        };
        return paint::line(
            frame.buffer_mut(),
            row(area, 0),
            text,
            style(Role::Muted),
            model.glyphs,
        );
    }
    let from = if area.width < 60 { 0 } else { 18 };
    let heading = if from > 0 { "From" } else { "" };
    let mut pen = Pen::new(frame.buffer_mut(), row(area, 0), model.glyphs);
    pen.gap(2, style(Role::Heading))
        .cell_right("Size", 5, style(Role::Heading))
        .gap(2, style(Role::Heading));
    pen.cell("Date", 6, style(Role::Heading))
        .gap(1, style(Role::Heading))
        .cell(heading, from, style(Role::Heading));
    let (places, heading) = if mailbox.outlook.has_rule() {
        (PLACES, "Copy Goes")
    } else {
        (PLACES_WITHOUT_RULE, "Copy Srv")
    };
    let subject = pen.room().saturating_sub(places + 2);
    pen.cell("Subject", subject, style(Role::Heading))
        .gap(1, style(Role::Heading));
    pen.cell(heading, places, style(Role::Heading))
        .rest(style(Role::Heading));
    let height = usize::from(area.height.saturating_sub(1));
    let first = (mailbox.chosen + 1).saturating_sub(height);
    for (y, (n, message)) in mailbox
        .rows
        .iter()
        .enumerate()
        .skip(first)
        .take(height)
        .enumerate()
    {
        draw_row(
            mailbox,
            message,
            (n == mailbox.chosen, from, places),
            model,
            frame,
            row(area, y as u16 + 1),
        );
    }
}

fn draw_row(
    mailbox: &Mailbox,
    message: &MessageSummary,
    (here, from, places): (bool, u16, u16),
    model: &Model,
    frame: &mut Frame<'_>,
    area: Rect,
) {
    let style = |role| model.theme.on_row(role, here);
    let (copy, copy_role) = match message.local {
        Local::Full => ("full", Role::Ok),
        _ => ("none", Role::Warn),
    };
    let (role, place) = if mailbox.outlook.has_rule() {
        calendar::goes(mailbox, model, message)
    } else {
        server_word(model, message)
    };
    let date = list_date(message.date, model.now, model.zone());
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.text(
        if here { model.glyphs.cursor } else { " " },
        style(Role::Accent),
    )
    .gap(1, style(Role::Text));
    pen.cell_right(&size(message.octets), 5, style(Role::Text))
        .gap(2, style(Role::Text));
    pen.cell(&date, 6, style(Role::Muted))
        .gap(1, style(Role::Text));
    pen.cell(
        message.from.short(),
        from.saturating_sub(1),
        style(Role::Text),
    )
    .gap(u16::from(from > 0), style(Role::Text));
    let subject = pen.room().saturating_sub(places + 2);
    pen.cell(
        format::subject(&message.subject),
        subject,
        style(Role::Text),
    )
    .gap(1, style(Role::Text));
    pen.cell(copy, 5, style(copy_role))
        .cell(&place, places - 5, style(role))
        .rest(style(Role::Text));
}

/// Who takes the most room.
fn draw_senders(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let style = |role| model.theme.style(role);
    paint::line(
        frame.buffer_mut(),
        row(area, 0),
        "Biggest senders",
        style(Role::Heading),
        model.glyphs,
    );
    let senders = senders(&mailbox.rows);
    let most = senders.first().map_or(1, |(_, sum)| sum.octets.max(1));
    for (y, (name, octets)) in senders
        .iter()
        .map(|(from, sum)| (from.short(), sum.octets))
        .take(usize::from(area.height.saturating_sub(1)).min(10))
        .enumerate()
    {
        let part = octets as f64 / most as f64;
        let bar = ((part * 12.0).round() as usize).clamp(1, 12);
        let mut pen = Pen::new(frame.buffer_mut(), row(area, y as u16 + 1), model.glyphs);
        pen.cell(name, 19, style(Role::Text))
            .gap(1, style(Role::Text));
        pen.cell(&model.glyphs.bar_full.repeat(bar), 13, style(Role::Accent));
        pen.cell_right(&size(octets), 6, style(Role::Muted));
    }
}

fn draw_keys(mailbox: &Mailbox, model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let (key, text, on) = (
        model.theme.style(Role::Key),
        model.theme.style(Role::Muted),
        model.theme.style(Role::Title),
    );
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, text);
    pen.text("Order ", text);
    for (action, order) in [
        (Action::BySize, Order::Size),
        (Action::ByAge, Order::Age),
        (Action::BySender, Order::Sender),
        (Action::ByMissing, Order::Missing),
        (Action::ByRule, Order::Rule),
    ] {
        if order == Order::Rule && !mailbox.outlook.has_rule() {
            continue;
        }
        let style = if order == mailbox.order { on } else { text };
        let word = action.spec().hint;
        let Some(name) = model.keymap.key_for(Scope::Mailbox, action) else {
            continue;
        };
        if columns_of(word) + columns_of(&name) + 4 <= pen.room() {
            pen.text(&name, key)
                .gap(1, text)
                .text(word, style)
                .gap(2, text);
        }
    }
    let shown = counted(mailbox.rows.len() as u64, "message") + " ";
    if columns_of(&shown) < pen.room() {
        pen.to_right(columns_of(&shown), text).text(&shown, text);
    }
    pen.rest(text);
}

/// Columns that say where the copies are, and when the server's goes.
const PLACES: u16 = 12;
const PLACES_WITHOUT_RULE: u16 = 10;

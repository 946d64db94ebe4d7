//! The bar at the top: whose mail, how much of it is new, how full the server is.

use std::fmt::Write as _;

use ratatui::Frame;

use super::format::{count, size};
use super::list::Place;
use super::model::Model;
use super::paint::{Pen, columns_of};
use super::theme::Role;
use crate::bridge::AccountState;

/// Draws it.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = model.panes().header;
    let bar = model.theme.style(Role::Bar);
    let right = right(model, area.width);
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    let keep = columns_of(&right) + 1;
    let room = area.width.saturating_sub(keep);
    if area.width < 60 {
        pen.gap(1, bar)
            .cell(&counts(model, true), room.saturating_sub(1), bar);
    } else {
        let who = model
            .account_in_view()
            .map_or("", |account| account.email.as_str());
        let left = counts(model, false);
        pen.gap(1, bar)
            .text("poppet", model.theme.style(Role::Accent))
            .gap(2, bar);
        let rest = room.saturating_sub(9 + columns_of(&left) + 3);
        if rest >= 8 && !who.is_empty() {
            let who = super::paint::fit(who, rest, model.glyphs).into_owned();
            pen.text(&who, model.theme.style(Role::Muted)).gap(3, bar);
        }
        let room = pen.room().saturating_sub(keep);
        pen.cell(&left, room, bar);
    }
    pen.to_right(keep, bar)
        .text(&right, gauge_style(model))
        .rest(bar);
}

fn counts(model: &Model, short: bool) -> String {
    let list = &model.list;
    let (unread, all) = (
        count(list.rows.unread() as u64),
        count(list.rows.len() as u64),
    );
    let name = list.place.name();
    if !list.loaded {
        return name.to_owned();
    }
    match (short, list.place) {
        (true, _) => format!("{name} {}/{}", list.rows.unread(), list.rows.len()),
        (false, Place::Trash) => format!("{name} {all}"),
        (false, _) if list.rows.unread() == 0 => format!("{name} {all}"),
        (false, _) => format!("{name} {unread} new / {all}"),
    }
}

fn right(model: &Model, width: u16) -> String {
    let Some(account) = model.account_in_view() else {
        return String::new();
    };
    let staged = match model.staged.len() {
        0 => String::new(),
        n => format!(" {n} staged"),
    };
    if account.problem.is_some() {
        let since = account.checked.map(|checked| {
            format!(
                " {} {}",
                model.glyphs.dot,
                super::format::clock(checked, model.zone())
            )
        });
        return match (width < 60, since) {
            (true, _) => format!("NOT CHECKING{staged}"),
            (false, Some(since)) => format!("NOT CHECKING{since}"),
            (false, None) => "NOT CHECKING".to_owned(),
        };
    }
    if account.checked.is_none() {
        return if width < 60 {
            staged
        } else {
            "server not checked yet".to_owned()
        };
    }
    let fill = fill(account);
    match (fill, account.quota) {
        (Some(fill), _) if width < 60 => format!("{:.0}%{staged}", fill * 100.0),
        (None, _) | (_, None) if width < 60 => staged.trim_start().to_owned(),
        (Some(fill), Some(quota)) => {
            let bar = if width >= 160 {
                20
            } else if width >= 100 {
                16
            } else {
                10
            };
            let mut text = format!(
                "server {} {:.0}% of {}",
                model.glyphs.gauge(bar, fill),
                fill * 100.0,
                size(quota)
            );
            if width >= 100 {
                let _ = write!(
                    text,
                    " {} {} msgs",
                    model.glyphs.dot,
                    count(account.messages)
                );
            }
            text
        }
        _ => format!(
            "server {} {} {} msgs",
            size(account.octets),
            model.glyphs.dot,
            count(account.messages)
        ),
    }
}

fn fill(account: &AccountState) -> Option<f64> {
    let quota = account.quota.filter(|quota| *quota > 0)?;
    Some(account.octets as f64 / quota as f64)
}

fn gauge_style(model: &Model) -> ratatui::style::Style {
    let account = model.account_in_view();
    let role = match account {
        Some(account) if account.problem.is_some() => Role::Danger,
        Some(account) => match fill(account) {
            Some(fill) if fill >= 0.95 => Role::Danger,
            Some(fill) if fill >= 0.8 => Role::Warn,
            _ => Role::Muted,
        },
        None => Role::Muted,
    };
    model.theme.style(role)
}

//! The bar at the top: whose mail, how much of it is new, how full the server is.

use ratatui::Frame;

use super::format::{count, size};
use super::list::Place;
use super::model::Model;
use super::paint::{Pen, columns_of};
use super::theme::Role;
use crate::bridge::{AccountState, Phase};
use crate::mail::Problem;

/// Draws it. Where it is tight the address goes first, then the gauge, then the program's name.
pub fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = model.panes().header;
    let bar = model.theme.style(Role::Bar);
    let narrow = area.width < 60;
    let left = counts(model, narrow);
    let (name, between) = if narrow {
        (0, 1)
    } else {
        (columns_of(NAME) + 2, 2)
    };
    let fits =
        |right: &String| 1 + name + columns_of(&left) + between + columns_of(right) < area.width;
    let right = right(model, area.width);
    let right = right.into_iter().find(fits).unwrap_or_default();
    let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
    pen.gap(1, bar);
    if !narrow {
        pen.text(NAME, model.theme.style(Role::Accent)).gap(2, bar);
        let taken = columns_of(&left) + 2 + between + columns_of(&right) + 1;
        let rest = pen.room().saturating_sub(taken);
        if let Some(who) = who(model).filter(|_| rest >= 10) {
            let who = super::paint::fit(who, rest, model.glyphs).into_owned();
            pen.text(&who, model.theme.style(Role::Muted)).gap(2, bar);
        }
    }
    let keep = columns_of(&right) + 1;
    let room = pen.room().saturating_sub(keep);
    pen.cell(&left, room, bar);
    pen.to_right(keep, bar)
        .text(&right, gauge_style(model))
        .rest(bar);
}

/// Whose mail it is: with several accounts, that of the message under the cursor.
fn who(model: &Model) -> Option<&str> {
    let account = model.account_in_view()?;
    Some(account.email.as_str()).filter(|email| !email.is_empty())
}

fn counts(model: &Model, short: bool) -> String {
    let list = &model.list;
    let (unread, all) = (
        count(list.rows.unread() as u64),
        count(list.rows.len() as u64),
    );
    let place = list.place.name();
    let name = match &list.account {
        Some(account) => format!("{place} {} {account}", model.glyphs.dot),
        None => place.to_owned(),
    };
    if !list.loaded {
        return name;
    }
    match (short, list.place) {
        (true, _) => format!("{name} {}/{}", list.rows.unread(), list.rows.len()),
        (false, Place::Trash) => format!("{name} {all}"),
        (false, _) if list.rows.unread() == 0 => format!("{name} {all}"),
        (false, _) => format!("{name} {unread} new / {all}"),
    }
}

/// What the right says, in words of all lengths, the longest first.
fn right(model: &Model, width: u16) -> Vec<String> {
    let Some(account) = model.account_in_view() else {
        return Vec::new();
    };
    let dot = model.glyphs.dot;
    let narrow = width < 60;
    let staged = match model.staged.len() {
        0 => String::new(),
        n => format!(" {n} staged"),
    };
    if waits_for_password(account) {
        let bare = "offline".to_owned();
        return if narrow {
            vec![format!("{bare}{staged}"), bare]
        } else {
            vec![format!("{bare}: no password yet"), bare]
        };
    }
    if account.problem.is_some() {
        let bare = "NOT CHECKING".to_owned();
        return match account.checked {
            _ if narrow => vec![format!("{bare}{staged}"), bare],
            Some(checked) => {
                let since = super::format::clock(checked, model.zone());
                vec![format!("{bare} {dot} {since}"), bare]
            }
            None => vec![bare],
        };
    }
    if account.checked.is_none() {
        return if narrow {
            vec![staged.trim_start().to_owned()]
        } else if account.phase != Phase::Idle {
            vec!["checking the server".to_owned(), "checking".to_owned()]
        } else {
            vec![
                "server not checked yet".to_owned(),
                "not checked".to_owned(),
            ]
        };
    }
    let messages = format!("{} msgs", count(account.messages));
    let octets = size(account.octets);
    match (fill(account), account.quota) {
        (Some(fill), Some(quota)) => {
            let percent = format!("{:.0}%", fill * 100.0);
            if narrow {
                return vec![format!("{percent}{staged}"), percent];
            }
            let bar = match width {
                160.. => 20,
                100.. => 16,
                _ => 10,
            };
            let of = format!("{percent} of {}", size(quota));
            let gauge = format!("server {} {of}", model.glyphs.gauge(bar, fill));
            let mut all = vec![gauge, format!("server {of}"), percent];
            if let Some(gauge) = all.first().filter(|_| width >= 100) {
                let with_count = format!("{gauge} {dot} {messages}");
                all.insert(0, with_count);
            }
            all
        }
        _ if narrow => vec![staged.trim_start().to_owned()],
        _ => vec![
            format!("server {octets} {dot} {messages}"),
            format!("server {octets}"),
        ],
    }
}

fn waits_for_password(account: &AccountState) -> bool {
    account
        .problem
        .as_ref()
        .is_some_and(Problem::wants_password)
}

fn fill(account: &AccountState) -> Option<f64> {
    let quota = account.quota.filter(|quota| *quota > 0)?;
    Some(account.octets as f64 / quota as f64)
}

fn gauge_style(model: &Model) -> ratatui::style::Style {
    let account = model.account_in_view();
    let role = match account {
        Some(account) if waits_for_password(account) => Role::Warn,
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

const NAME: &str = "poppet";

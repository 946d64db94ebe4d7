//! The accounts and how each stands.

use std::fmt::Write as _;

use ratatui::Frame;

use super::Effect;
use super::action::Action;
use super::format::{clock, counted, size};
use super::layout;
use super::model::{Model, Screen};
use super::paint::{self, Pen, row};
use super::theme::Role;
use crate::bridge::{AccountState, Phase};
use crate::mail::expiry;

/// The list of accounts on the screen.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    chosen: usize,
}

/// Shows them.
pub fn open(model: &mut Model) {
    if !matches!(model.screen, Screen::Accounts(_)) {
        model.go(Screen::Accounts(Accounts::default()));
    }
}

/// Does an action of the list of accounts. Whether it was one.
pub fn act(model: &mut Model, action: Action, _out: &mut Vec<Effect>) -> bool {
    let last = model.accounts.len().saturating_sub(1);
    let Screen::Accounts(accounts) = &mut model.screen else {
        return false;
    };
    match action {
        Action::Down => accounts.chosen = (accounts.chosen + 1).min(last),
        Action::Up => accounts.chosen = accounts.chosen.saturating_sub(1),
        _ => return false,
    }
    true
}

/// Draws them.
pub fn draw(accounts: &Accounts, model: &Model, frame: &mut Frame<'_>) {
    let page = layout::page(model.size.0, model.size.1).body;
    let style = model.theme.style(Role::Title);
    paint::line(
        frame.buffer_mut(),
        row(page, 0),
        " Accounts",
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
    if model.accounts.is_empty() {
        let key = model
            .keymap
            .key_for(model.scope(), Action::AddAccount)
            .unwrap_or_default();
        let muted = model.theme.style(Role::Muted);
        paint::line(
            frame.buffer_mut(),
            row(page, 3),
            &format!("   No account yet. {key} adds one."),
            muted,
            model.glyphs,
        );
    }
    let fit = usize::from((page.height.saturating_sub(2) / 4).max(1));
    let first = (accounts.chosen + 1).saturating_sub(fit);
    for (y, (n, account)) in model
        .accounts
        .iter()
        .enumerate()
        .skip(first)
        .take(fit)
        .enumerate()
    {
        let here = n == accounts.chosen;
        let title = format!("{}  {}", account.account, account.email);
        let lines = [
            (Role::Title, title),
            (
                Role::Muted,
                format!("{} {} {}", account.host, model.glyphs.dot, holds(account)),
            ),
            stands(model, account),
        ];
        for (n, (role, text)) in lines.into_iter().enumerate() {
            let style = model.theme.on_row(role, here);
            let mut pen = Pen::new(
                frame.buffer_mut(),
                row(page, 2 + (y * 4 + n) as u16),
                model.glyphs,
            );
            pen.text(
                if here { model.glyphs.cursor } else { " " },
                model.theme.on_row(Role::Accent, here),
            );
            pen.gap(if n == 0 { 1 } else { 3 }, style);
            let room = pen.room();
            pen.cell(&text, room, style);
        }
    }
}

fn holds(account: &AccountState) -> String {
    let mut text = format!(
        "{}, {}",
        counted(account.messages, "message"),
        size(account.octets)
    );
    if let Some(quota) = account.quota {
        let _ = write!(text, " of {}", size(quota));
    }
    text
}

fn stands(model: &Model, account: &AccountState) -> (Role, String) {
    if let Some(problem) = &account.problem {
        return (
            Role::Danger,
            format!("{}. {}", problem.what, problem.remedy),
        );
    }
    if account.brake.is_some() {
        return (
            Role::Warn,
            "The brake is on: nothing is deleted until you have looked ($)".to_owned(),
        );
    }
    if let Some(days) = account.expires {
        return (Role::Warn, format!("The server says: {}", expiry(days)));
    }
    match (account.phase, account.checked) {
        (Phase::Idle | Phase::Lingering, Some(checked)) => (
            Role::Ok,
            format!("checked at {}", clock(checked, model.zone())),
        ),
        (Phase::Idle | Phase::Lingering, None) => (Role::Muted, "not checked yet".to_owned()),
        _ => (Role::Text, "at work now".to_owned()),
    }
}

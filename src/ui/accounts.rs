//! The accounts and how each stands.

use std::fmt::Write as _;

use ratatui::Frame;

use super::action::{Action, Scope};
use super::format::{clock, counted, size};
use super::model::{Model, NoteKind, Screen};
use super::paint::{self, Pen, row};
use super::theme::Role;
use super::{Effect, layout, list};
use crate::bridge::{AccountState, Cleartext, Phase};
use crate::mail::{AccountId, expiry};

/// The list of accounts on the screen.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    chosen: usize,
}

/// Shows them, with the cursor on the one whose mail is shown.
pub fn open(model: &mut Model) {
    if !matches!(model.screen, Screen::Accounts(_)) {
        let shown = model.list.account.as_ref();
        let rows = rows(model);
        let place = rows.iter().position(|row| match row {
            Row::All => shown.is_none(),
            Row::One(state) => Some(&state.account) == shown,
        });
        let chosen = place.unwrap_or_default();
        model.go(Screen::Accounts(Accounts { chosen }));
    }
}

/// Does an action of the list of accounts. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let rows = rows(model);
    let last = rows.len().saturating_sub(1);
    let Screen::Accounts(accounts) = &model.screen else {
        return false;
    };
    let chosen = match action {
        Action::Down => (accounts.chosen + 1).min(last),
        Action::Up => accounts.chosen.saturating_sub(1),
        Action::First => 0,
        Action::Last => last,
        Action::Open => {
            let account = match rows.get(accounts.chosen) {
                // Of a single account there is nothing to leave out.
                Some(Row::One(state)) if last > 0 => Some(state.account.clone()),
                _ => None,
            };
            show(model, account, out);
            return true;
        }
        _ => return false,
    };
    model.screen = Screen::Accounts(Accounts { chosen });
    true
}

/// Shows the mail of an account, or of all.
fn show(model: &mut Model, account: Option<AccountId>, out: &mut Vec<Effect>) {
    let key = model.keymap.key_for(Scope::List, Action::GoAccounts);
    let text = match &account {
        Some(account) => format!(
            "Only mail of {account}; {} shows the others",
            key.unwrap_or_default()
        ),
        None => "Mail of all accounts".to_owned(),
    };
    if let Some(narrow) = model.aside.take() {
        model.list = *narrow;
    }
    let place = model.list.place;
    if model.list.account != account {
        model.list.account = account;
        model.list.loaded = false;
    }
    list::act::go(model, place, out);
    model.say(NoteKind::Plain, text);
}

/// A row of the screen.
enum Row<'a> {
    All,
    One(&'a AccountState),
}

/// All of them where there are several, then each.
fn rows(model: &Model) -> Vec<Row<'_>> {
    let all = (model.accounts.len() > 1).then_some(Row::All);
    all.into_iter()
        .chain(model.accounts.iter().map(Row::One))
        .collect()
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
        let key = model.key(Action::AddAccount);
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
    let rows = rows(model);
    for (y, (n, account)) in rows.iter().enumerate().skip(first).take(fit).enumerate() {
        let here = n == accounts.chosen;
        let lines = match account {
            Row::All => all(model),
            Row::One(account) => one(model, account),
        };
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

fn one(model: &Model, account: &AccountState) -> Vec<(Role, String)> {
    let title = format!("{}  {}", account.account, account.email);
    let mut there = format!("{} {} {}", account.host, model.glyphs.dot, holds(account));
    let role = match account.cleartext {
        None => Role::Muted,
        Some(open) => {
            let _ = write!(there, " {} {}", model.glyphs.dot, openness(open));
            Role::Warn
        }
    };
    vec![(Role::Title, title), (role, there), stands(model, account)]
}

/// What an account without TLS leaves open, and what to do about it.
fn openness(cleartext: Cleartext) -> &'static str {
    match cleartext {
        Cleartext::Exposed => "no TLS: others can read password and mail",
        Cleartext::Needless => "no TLS, but offered: tls = \"starttls\"",
    }
}

/// All accounts together.
fn all(model: &Model) -> Vec<(Role, String)> {
    let sum = |of: fn(&AccountState) -> u64| {
        model
            .accounts
            .iter()
            .fold(0_u64, |sum, account| sum.saturating_add(of(account)))
    };
    let messages = counted(sum(|account| account.messages), "message");
    let octets = size(sum(|account| account.octets));
    vec![
        (Role::Title, "All accounts".to_owned()),
        (Role::Muted, format!("{messages}, {octets}")),
    ]
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
        let role = if problem.wants_password() {
            Role::Warn
        } else {
            Role::Danger
        };
        return (role, format!("{}. {}", problem.what, problem.remedy));
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

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{List, Place};
use crate::bridge::Phase;
use crate::ui::action::Action;
use crate::ui::format::{count, counted};
use crate::ui::model::Model;
use crate::ui::paint::{Pen, row};
use crate::ui::theme::Role;

/// An empty list says why it is empty, and which key leads on.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>, area: Rect) {
    let lines = why_empty(model);
    for (y, (role, text)) in lines.into_iter().enumerate() {
        let area = row(area, (area.height / 4).saturating_add(y as u16));
        let mut pen = Pen::new(frame.buffer_mut(), area, model.glyphs);
        let style = model.theme.style(role);
        let columns = area.width.saturating_sub(4);
        pen.gap(3, style).cell(&text, columns, style);
    }
}

fn why_empty(model: &Model) -> Vec<(Role, String)> {
    let list = &model.list;
    let key = |action: Action| model.key(action);
    let account = model.account_in_view();
    let checks = key(Action::Sync);
    if list.find.is_active() {
        return vec![
            (Role::Text, nothing_found(list)),
            (Role::Muted, "Esc shows all again.".to_owned()),
            (Role::Muted, String::new()),
            (
                Role::Muted,
                "Also: from:  subject:  has:file  is:unread  larger:5M  older:30d  -not  \"exact\""
                    .to_owned(),
            ),
        ];
    }
    if !list.loaded {
        return vec![(Role::Muted, "Reading what is on this computer…".to_owned())];
    }
    if list.broken {
        return broken(list.place, key);
    }
    if list.place != Place::Inbox {
        let text = match list.place {
            Place::Trash => "The Trash is empty.",
            Place::Archive => "Nothing is archived yet.",
            _ => "There is no mail on this computer yet.",
        };
        return vec![
            (Role::Text, text.to_owned()),
            (
                Role::Muted,
                format!("{} goes to the inbox.", key(Action::GoInbox)),
            ),
        ];
    }
    match account {
        None => vec![
            (Role::Text, "No account is set up yet.".to_owned()),
            (
                Role::Muted,
                format!(
                    "{} shows the accounts; a adds one.",
                    key(Action::GoAccounts)
                ),
            ),
        ],
        Some(account) if account.problem.is_some() => {
            let problem = account.problem.as_ref();
            let role = match problem {
                Some(problem) if problem.wants_password() => Role::Text,
                _ => Role::Danger,
            };
            vec![
                (
                    role,
                    problem.map_or_else(String::new, |problem| format!("{}.", problem.what)),
                ),
                (
                    Role::Text,
                    problem.map_or_else(String::new, |problem| problem.why.clone()),
                ),
                (
                    Role::Muted,
                    problem.map_or_else(String::new, |problem| problem.remedy.clone()),
                ),
            ]
        }
        Some(account) if !model.progress.is_empty() || account.phase != Phase::Idle => {
            vec![(Role::Text, format!("Asking {} for mail…", account.host))]
        }
        Some(account) if account.checked.is_none() => {
            vec![(
                Role::Text,
                format!("No mail here yet. {checks} checks {}.", account.host),
            )]
        }
        Some(account) => vec![
            (Role::Text, "Nothing in the inbox.".to_owned()),
            (
                Role::Muted,
                format!(
                    "{} on the server. {} shows them; {} shows all mail here.",
                    counted(account.messages, "message"),
                    key(Action::GoMailbox),
                    key(Action::GoAll)
                ),
            ),
        ],
    }
}

fn nothing_found(list: &List) -> String {
    if list.find.asked.is_some() {
        return "Searching…".to_owned();
    }
    // Of how many is not known before all rows are here.
    match list.asked {
        Some(_) => "Nothing matches.".to_owned(),
        None => format!("0 of {} match.", count(list.rows.len() as u64)),
    }
}

fn broken(place: Place, key: impl Fn(Action) -> String) -> Vec<(Role, String)> {
    let again = match place {
        Place::Inbox => Action::GoInbox,
        Place::All => Action::GoAll,
        Place::Archive => Action::GoArchive,
        Place::Trash => Action::GoTrash,
    };
    let (why, again) = (key(Action::GoErrors), key(again));
    vec![
        (
            Role::Danger,
            "The mail on this computer could not be read.".to_owned(),
        ),
        (Role::Muted, format!("{why} says why; {again} tries again.")),
    ]
}

//! What lies on a server: how full it is, what is large, what is old, and what of it is not here.

mod calendar;
mod draw;
mod outlook;

use super::Effect;
use super::action::Action;
use super::deed::{self, what};
use super::model::{Model, NoteKind, Screen, Work};
use crate::bridge::{Command, Event, ListRequest, Sort, Ticket};
use crate::mail::{
    AccountId, Change, DeleteScope, Flags, Folder, Local, MessageId, MessageSummary, Query, Server,
};

use outlook::Outlook;

pub use draw::draw;

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Mailbox {
    account: Option<AccountId>,
    /// Questions that are not answered to the end.
    asked: Vec<Ticket>,
    rows: Vec<MessageSummary>,
    order: Order,
    chosen: usize,
    outlook: Outlook,
    /// Whether the calendar is shown in the place of the messages.
    calendar: bool,
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Size,
    Age,
    Sender,
    Missing,
    Rule,
}

/// Shows it, for the account of the message under the cursor.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if matches!(model.screen, Screen::Mailbox(_)) {
        return;
    }
    let state = model.account_in_view();
    let account = state.map(|state| state.account.clone());
    let mut mailbox = Mailbox {
        account: account.clone(),
        outlook: state.map(Outlook::of).unwrap_or_default(),
        ..Mailbox::default()
    };
    mailbox.outlook.ask(out);
    let query = Query::parse("on:server", model.now, 0).unwrap_or_default();
    // A list of all folders leaves the Trash out, and what is staged mostly lies there.
    for folder in [None, Some(Folder::Trash)] {
        let ticket = Ticket::new();
        mailbox.asked.push(ticket);
        let request = ListRequest {
            query: query.clone(),
            folder,
            account: account.clone(),
            sort: Sort::Size,
            reverse: false,
            limit: None,
            full: None,
        };
        out.push(Effect::Send(Command::List { ticket, request }));
    }
    model.go(Screen::Mailbox(mailbox));
}

/// Does an action of its own. Whether it was one.
pub fn act(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let page = usize::from(model.size.1 / 2).max(1);
    let Screen::Mailbox(mailbox) = &mut model.screen else {
        return false;
    };
    if mailbox.covered(model.size.0) && matches!(action, Action::Back | Action::Calendar) {
        mailbox.calendar = false;
        return true;
    }
    let (back, rows) = match action {
        Action::Down => (false, 1),
        Action::Up => (true, 1),
        Action::HalfDown => (false, page / 2),
        Action::HalfUp => (true, page / 2),
        Action::PageDown => (false, page),
        Action::PageUp => (true, page),
        Action::First => (true, usize::MAX),
        Action::Last => (false, usize::MAX),
        _ => return more(model, action, out),
    };
    let last = mailbox.rows.len().saturating_sub(1);
    mailbox.chosen = if back {
        mailbox.chosen.saturating_sub(rows)
    } else {
        mailbox.chosen.saturating_add(rows).min(last)
    };
    true
}

/// Takes what it waits for.
pub fn event(model: &mut Model, event: &Event, out: &mut Vec<Effect>) {
    let Model {
        screen,
        behind,
        settings,
        now,
        ..
    } = model;
    let mailbox = std::iter::once(screen)
        .chain(behind)
        .find_map(|screen| match screen {
            Screen::Mailbox(mailbox) => Some(mailbox),
            _ => None,
        });
    let Some(mailbox) = mailbox else { return };
    mailbox.outlook.hear(event, *now, &settings.zone, out);
    match event {
        Event::Rows {
            ticket,
            rows,
            complete,
            ..
        } if mailbox.asked.contains(ticket) => {
            mailbox.take(rows);
            if *complete {
                mailbox.asked.retain(|asked| asked != ticket);
            }
        }
        Event::Failed {
            ticket: Some(ticket),
            ..
        } => mailbox.asked.retain(|asked| asked != ticket),
        Event::Changed { messages, .. } | Event::Arrived { messages } => mailbox.take(messages),
        Event::Merged { ids } => mailbox.drop_rows(ids),
        Event::Applied { deleted, .. } => mailbox.drop_rows(deleted),
        _ => {}
    }
}

/// Does an action that is more than moving. Whether it was one.
fn more(model: &mut Model, action: Action, out: &mut Vec<Effect>) -> bool {
    let Screen::Mailbox(mailbox) = &mut model.screen else {
        return false;
    };
    let order = match action {
        Action::BySize => Order::Size,
        Action::ByAge => Order::Age,
        Action::BySender => Order::Sender,
        Action::ByMissing => Order::Missing,
        Action::ByRule => Order::Rule,
        Action::Calendar => {
            mailbox.calendar = true;
            return true;
        }
        Action::Stage | Action::Undelete | Action::Pin | Action::Fetch => {
            if let Some(row) = mailbox.rows.get(mailbox.chosen).cloned() {
                change(model, action, &row, out);
            }
            return true;
        }
        _ => return false,
    };
    mailbox.calendar = false;
    mailbox.sort(order);
    true
}

fn change(model: &mut Model, action: Action, row: &MessageSummary, out: &mut Vec<Effect>) {
    let named = what(std::slice::from_ref(row));
    let change = match action {
        Action::Stage => Change::Delete(DeleteScope::ServerOnly),
        Action::Undelete => Change::Unstage,
        Action::Pin => {
            Change::Pinned(row.server == Server::DeleteWanted || !row.flags.has(Flags::PINNED))
        }
        _ => {
            let ticket = Ticket::new();
            model.under_way.insert(ticket, Work::Fetch(1));
            model.say(NoteKind::Plain, format!("Downloading {named}"));
            out.push(Effect::Send(Command::Fetch {
                ticket,
                ids: vec![row.id],
            }));
            return;
        }
    };
    let (name, text) = match change {
        Change::Delete(_) if row.local != Local::Full => (
            STAGED,
            format!(
                "NO copy here: staged {named}; {} asks first",
                model.key(Action::Review)
            ),
        ),
        Change::Delete(_) => (
            STAGED,
            format!("Staged on the server: {named}; the copy here stays"),
        ),
        Change::Unstage => ("Taken back:", format!("Taken back: {named}")),
        Change::Pinned(true) => (
            "Left on the server:",
            format!("Left on the server: {named}"),
        ),
        _ => ("No longer pinned:", format!("No longer pinned: {named}")),
    };
    deed::perform_on(model, name, row, change, out);
    model.say(NoteKind::Done, text);
}

/// How the list names what is staged here, in what can be undone.
const STAGED: &str = "Staged for deletion on the server:";

impl Mailbox {
    /// Whether an action can be done to the message under the cursor, which is not that of the list.
    pub(super) fn available(&self, action: Action, width: u16) -> Option<Result<(), &'static str>> {
        let row = self.rows.get(self.chosen);
        let staged = row.is_some_and(|row| row.server == Server::DeleteWanted);
        let why = match action {
            Action::Stage | Action::Undelete | Action::Pin | Action::Fetch
                if self.covered(width) =>
            {
                "Esc goes back to the messages"
            }
            Action::Undo | Action::Redo => "not here: go back first, then undo",
            Action::Stage | Action::Undelete | Action::Pin | Action::Fetch if row.is_none() => {
                "there is no message here"
            }
            Action::Stage if staged => "it is staged already; its deletion can be taken back",
            Action::Undelete
                if !staged && row.is_none_or(|row| row.server != Server::Unconfirmed) =>
            {
                "its deletion is not staged"
            }
            Action::Fetch if row.is_some_and(|row| row.local == Local::Full) => {
                "it is here already"
            }
            Action::Stage | Action::Undelete | Action::Pin | Action::Fetch => return Some(Ok(())),
            Action::ByRule | Action::Calendar if !self.outlook.has_rule() => {
                "this account has no rule: nothing goes before you delete it"
            }
            Action::Calendar if draw::beside(width) > 0 => "it stands at the right",
            _ => return None,
        };
        Some(Err(why))
    }

    /// Whether the calendar is where the messages would be: on a wide terminal it stands beside them.
    fn covered(&self, width: u16) -> bool {
        self.calendar && draw::beside(width) == 0
    }

    fn take(&mut self, rows: &[MessageSummary]) {
        let under = self.rows.get(self.chosen).map(|row| row.id);
        let ids: std::collections::HashSet<MessageId> = rows.iter().map(|row| row.id).collect();
        self.rows.retain(|row| !ids.contains(&row.id));
        let mine = rows.iter().filter(|row| {
            row.server.is_there()
                && self
                    .account
                    .as_ref()
                    .is_none_or(|account| *account == row.account)
        });
        self.rows.extend(mine.cloned());
        self.arrange(under);
    }

    fn drop_rows(&mut self, ids: &[MessageId]) {
        let under = self.rows.get(self.chosen).map(|row| row.id);
        self.rows.retain(|row| !ids.contains(&row.id));
        self.arrange(under);
    }

    fn sort(&mut self, order: Order) {
        self.order = order;
        self.arrange(None);
        self.chosen = 0;
    }

    /// Puts the rows in order; the cursor stays on its message.
    fn arrange(&mut self, under: Option<MessageId>) {
        let (order, outlook) = (self.order, &self.outlook);
        self.rows.sort_by(|a, b| {
            let first = match order {
                Order::Size => std::cmp::Ordering::Equal,
                Order::Age => a.date.cmp(&b.date),
                Order::Sender => a
                    .from
                    .short()
                    .to_lowercase()
                    .cmp(&b.from.short().to_lowercase()),
                Order::Missing => (a.local == Local::Full).cmp(&(b.local == Local::Full)),
                Order::Rule => outlook.turn(a).cmp(&outlook.turn(b)),
            };
            first.then(b.octets.cmp(&a.octets)).then(b.id.cmp(&a.id))
        });
        let place = under.and_then(|id| self.rows.iter().position(|row| row.id == id));
        self.chosen = place
            .unwrap_or(self.chosen)
            .min(self.rows.len().saturating_sub(1));
    }
}

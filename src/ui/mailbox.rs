//! What lies on a server: how full it is, what is large, what is old, and what of it is not here.

mod draw;

use crossterm::event::KeyEvent;

use super::Effect;
use super::action::Action;
use super::chord::Chord;
use super::deed::what;
use super::model::{Model, NoteKind, Screen, Work};
use crate::bridge::{Command, Event, ListRequest, Sort, Ticket};
use crate::mail::{
    AccountId, Change, DeleteScope, Flags, Folder, Local, MessageId, MessageSummary, Query, Server,
};

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
}

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    Size,
    Age,
    Sender,
    Missing,
}

/// Shows it, for the account of the message under the cursor.
pub fn open(model: &mut Model, out: &mut Vec<Effect>) {
    if matches!(model.screen, Screen::Mailbox(_)) {
        return;
    }
    let account = model.account_in_view().map(|state| state.account.clone());
    let mut mailbox = Mailbox {
        account: account.clone(),
        ..Mailbox::default()
    };
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
        };
        out.push(Effect::Send(Command::List { ticket, request }));
    }
    model.go(Screen::Mailbox(mailbox));
}

/// Does an action of its own. Whether it was one.
pub fn act(model: &mut Model, action: Action, _out: &mut Vec<Effect>) -> bool {
    let page = usize::from(model.size.1 / 2).max(1);
    let Screen::Mailbox(mailbox) = &mut model.screen else {
        return false;
    };
    let (back, rows) = match action {
        Action::Down => (false, 1),
        Action::Up => (true, 1),
        Action::HalfDown => (false, page / 2),
        Action::HalfUp => (true, page / 2),
        Action::PageDown => (false, page),
        Action::PageUp => (true, page),
        Action::First => (true, usize::MAX),
        Action::Last => (false, usize::MAX),
        // It was done to a message of the list, which is not on the screen.
        Action::Undo | Action::Redo => {
            model.refuse("Not here: go back first, then undo");
            return true;
        }
        _ => return false,
    };
    let last = mailbox.rows.len().saturating_sub(1);
    mailbox.chosen = if back {
        mailbox.chosen.saturating_sub(rows)
    } else {
        mailbox.chosen.saturating_add(rows).min(last)
    };
    true
}

/// Takes a key before the keymap does. Whether it did.
pub fn key(model: &mut Model, key: KeyEvent, out: &mut Vec<Effect>) -> bool {
    let Some(typed) = Chord::of(key).typed() else {
        return false;
    };
    let Screen::Mailbox(mailbox) = &mut model.screen else {
        return false;
    };
    let order = match typed {
        '1' => Order::Size,
        '2' => Order::Age,
        '3' => Order::Sender,
        '4' => Order::Missing,
        'd' | 'D' | 'L' | 'u' | '+' => {
            let row = mailbox.rows.get(mailbox.chosen).cloned();
            match row {
                Some(row) => change(model, typed, &row, out),
                None => model.refuse("There is no message here"),
            }
            return true;
        }
        _ => return false,
    };
    mailbox.sort(order);
    true
}

/// Takes what it waits for.
pub fn event(model: &mut Model, event: &Event, _out: &mut Vec<Effect>) {
    let Model { screen, behind, .. } = model;
    let mailbox = std::iter::once(screen)
        .chain(behind)
        .find_map(|screen| match screen {
            Screen::Mailbox(mailbox) => Some(mailbox),
            _ => None,
        });
    let Some(mailbox) = mailbox else { return };
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

fn change(model: &mut Model, key: char, row: &MessageSummary, out: &mut Vec<Effect>) {
    let staged = row.server == Server::DeleteWanted;
    let named = what(std::slice::from_ref(row));
    let pinned = row.flags.has(Flags::PINNED);
    let change = match key {
        'd' | 'D' if staged => return model.refuse("It is staged already; u takes it back"),
        'd' | 'D' => Change::Delete(DeleteScope::ServerOnly),
        'u' if !staged => return model.refuse("Its deletion is not staged"),
        'u' => Change::Unstage,
        'L' => Change::Pinned(!pinned),
        _ if row.local == Local::Full => return model.refuse("It is here already"),
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
    let text = match change {
        Change::Delete(_) if row.local != Local::Full => {
            format!("NO copy here: staged {named}; $ asks first")
        }
        Change::Delete(_) => format!("Staged on the server: {named}; the copy here stays"),
        Change::Unstage => format!("Taken back: {named}"),
        Change::Pinned(true) => format!("Left on the server: {named}"),
        _ => format!("No longer pinned: {named}"),
    };
    model.say(NoteKind::Done, text);
    out.push(Effect::Send(Command::Change {
        ticket: Ticket::new(),
        changes: vec![(vec![row.id], change)],
    }));
}

impl Mailbox {
    fn take(&mut self, rows: &[MessageSummary]) {
        let under = self.rows.get(self.chosen).map(|row| row.id);
        let ids: std::collections::HashSet<MessageId> = rows.iter().map(|row| row.id).collect();
        self.rows.retain(|row| !ids.contains(&row.id));
        let mine = rows.iter().filter(|row| {
            let there = matches!(
                row.server,
                Server::Present | Server::DeleteWanted | Server::Unconfirmed
            );
            there
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
        let order = self.order;
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
            };
            first.then(b.octets.cmp(&a.octets)).then(b.id.cmp(&a.id))
        });
        let place = under.and_then(|id| self.rows.iter().position(|row| row.id == id));
        self.chosen = place
            .unwrap_or(self.chosen)
            .min(self.rows.len().saturating_sub(1));
    }
}

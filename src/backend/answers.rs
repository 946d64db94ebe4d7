//! Answers from the store, and the way to an account's task for what is not in it.

use std::collections::HashMap;
use std::path::PathBuf;

use super::engine::{Dispatcher, no_account};
use super::errands::{How, Request, Want};
use super::files;
use super::open::{failed, nothing_stored, show};
use crate::bridge::{Event, ListRequest, PendingDeletion, Sort, SyncMode, Ticket};
use crate::mail::{AccountId, Kind, Local, MessageId, MessageSummary, Problem, Server, View};
use crate::store::{Listing, Order};

impl Dispatcher {
    /// Answers with the rows of a list: a screenful first, the rest behind it.
    pub(super) fn list(&self, ticket: Ticket, request: ListRequest) {
        let (store, events) = (self.options.store.clone(), self.events.clone());
        tokio::spawn(async move {
            let mut offset = 0;
            let limit = request.limit.unwrap_or(usize::MAX);
            loop {
                let count = if offset == 0 { FIRST_ROWS } else { MORE_ROWS }
                    .min(limit.saturating_sub(offset));
                let page = match store.list(listing(&request, offset, count)).await {
                    Ok(page) => page,
                    Err(error) => {
                        let _ = events.send(failed(ticket, error.into())).await;
                        return;
                    }
                };
                let end = offset + page.rows.len();
                let complete = page.rows.len() < count || end >= page.total || end >= limit;
                let rows = Event::Rows {
                    ticket,
                    offset,
                    rows: page.rows,
                    total: page.total,
                    complete,
                };
                if events.send(rows).await.is_err() || complete {
                    return;
                }
                offset = end;
            }
        });
    }

    /// Messages to read, to look into or to have: from the store when they are in it, through their account otherwise.
    pub(super) async fn want(&self, ticket: Ticket, ids: Vec<MessageId>, how: How) {
        let rows = match self.options.store.summaries(ids).await {
            Ok(rows) if rows.is_empty() => {
                return self.tell(failed(ticket, nothing_stored())).await;
            }
            Ok(rows) => rows,
            Err(error) => return self.tell(failed(ticket, error.into())).await,
        };
        let mut asked = false;
        for row in rows {
            if self.answered_from_store(ticket, &row, how) {
                continue;
            }
            asked = true;
            let want = Want {
                ticket,
                message: row.id,
                how,
            };
            self.request(ticket, &row.account, Request::Want(want))
                .await;
        }
        if how.is_fetch() && !asked {
            self.tell(Event::Done { ticket }).await;
        }
    }

    /// Whether nothing has to be fetched for this.
    fn answered_from_store(&self, ticket: Ticket, row: &MessageSummary, how: How) -> bool {
        let gone = matches!(row.server, Server::Deleted | Server::Vanished);
        match how {
            How::Fetch => row.local == Local::Full,
            How::Open { view, width } => {
                // Header fields are here from the start; a message that is gone from the server shows what there is.
                let enough = row.local == Local::Full || view == View::Headers || gone;
                if enough {
                    show(
                        &self.options.store,
                        &self.events,
                        ticket,
                        row.id,
                        view,
                        width,
                    );
                }
                enough
            }
            How::Peek { width, .. } => {
                let enough = row.local == Local::Full || gone;
                if enough {
                    show(
                        &self.options.store,
                        &self.events,
                        ticket,
                        row.id,
                        View::Text,
                        width,
                    );
                }
                enough
            }
        }
    }

    pub(super) async fn sync(&self, ticket: Ticket, accounts: &[AccountId], mode: SyncMode) {
        let all: Vec<AccountId> = self.accounts.keys().cloned().collect();
        let accounts = if accounts.is_empty() { &all } else { accounts };
        if accounts.is_empty() {
            self.tell(failed(ticket, no_account("no account is set up")))
                .await;
        }
        for account in accounts {
            self.request(
                ticket,
                account,
                Request::Sync {
                    ticket: Some(ticket),
                    mode,
                },
            )
            .await;
        }
    }

    pub(super) fn pending(&self, ticket: Ticket) {
        let store = self.options.store.clone();
        self.answer(ticket, async move {
            let rows = store.pending(&[]).await?;
            let verified = store
                .verify(rows.iter().map(|row| row.message.id).collect())
                .await?;
            let whole: HashMap<MessageId, bool> = verified
                .into_iter()
                .map(|(id, copy)| (id, copy.is_some()))
                .collect();
            let deletions = rows
                .into_iter()
                .map(|row| PendingDeletion {
                    stored: whole.get(&row.message.id).copied().unwrap_or(false),
                    message: row.message,
                    reason: row.reason,
                    failure: row.failure,
                })
                .collect();
            Ok(Event::Pending { ticket, deletions })
        });
    }

    pub(super) async fn apply(
        &self,
        ticket: Ticket,
        ids: Vec<MessageId>,
        without_copy: Vec<MessageId>,
    ) {
        let rows = match self.options.store.summaries(ids).await {
            Ok(rows) => rows,
            Err(error) => return self.tell(failed(ticket, error.into())).await,
        };
        let mut by_account: HashMap<AccountId, Vec<MessageId>> = HashMap::new();
        for row in rows {
            by_account.entry(row.account).or_default().push(row.id);
        }
        if by_account.is_empty() {
            let nothing = Event::Applied {
                ticket,
                deleted: Vec::new(),
                unconfirmed: Vec::new(),
                refused: Vec::new(),
            };
            self.tell(nothing).await;
        }
        for (account, ids) in by_account {
            let lose = without_copy
                .iter()
                .copied()
                .filter(|id| ids.contains(id))
                .collect();
            self.request(ticket, &account, Request::Apply { ticket, ids, lose })
                .await;
        }
    }

    pub(super) fn save(
        &mut self,
        ticket: Ticket,
        id: MessageId,
        parts: Vec<u32>,
        folder: Option<PathBuf>,
    ) {
        let folder = match folder {
            Some(folder) => Ok(folder),
            None => self.private_folder(),
        };
        let store = self.options.store.clone();
        self.answer(ticket, async move {
            let folder = folder?;
            let (extent, octets) = store.octets(id).await?.ok_or_else(nothing_stored)?;
            if extent != Local::Full {
                return Err(Problem::new(
                    Kind::Config,
                    "The attachment is not here yet",
                    "Only the beginning of the message has been downloaded.",
                    "Download it first: press + on it, or run `poppet sync`.",
                ));
            }
            let saved =
                tokio::task::spawn_blocking(move || files::save(id, &octets, &parts, &folder))
                    .await;
            let files = saved.map_err(|_| {
                Problem::new(
                    Kind::Protocol,
                    "The attachment cannot be read",
                    "Its message is broken.",
                    "Save the source: `poppet show ID --raw`.",
                )
            })??;
            Ok(Event::Saved { ticket, files })
        });
    }
}

fn listing(request: &ListRequest, offset: usize, limit: usize) -> Listing {
    Listing {
        query: request.query.clone(),
        folder: request.folder,
        account: request.account.clone(),
        order: match request.sort {
            Sort::Date => Order::Date,
            Sort::Size => Order::Size,
            Sort::From => Order::From,
            Sort::Subject => Order::Subject,
        },
        reverse: request.reverse,
        offset,
        limit: Some(limit),
    }
}

/// More than any screen shows.
const FIRST_ROWS: usize = 200;
const MORE_ROWS: usize = 5_000;

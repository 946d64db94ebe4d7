//! Answers from the store, and the way to an account's task for what is not in it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use super::engine::{COMMANDS, Dispatcher, no_account};
use super::errands::{How, Request, Want};
use super::files;
use super::open::{failed, note_damage, nothing_stored, show};
use super::rows::{listing, send_list};
use crate::bridge::{Event, ListRequest, PendingDeletion, SyncMode, Ticket};
use crate::mail::{AccountId, Kind, Local, MessageId, MessageSummary, Problem, Server, View};
use crate::store;

impl Dispatcher {
    /// Answers with the rows of a list: a screenful first, the rest behind it, in full or in brief.
    pub(super) fn list(&self, ticket: Ticket, request: ListRequest) {
        let (store, events) = (self.options.store.clone(), self.events.clone());
        tokio::spawn(async move {
            if let Err(error) = send_list(&store, &events, ticket, &request).await {
                let _ = events.send(failed(ticket, error.into())).await;
            }
        });
    }

    /// Answers with the first rows that were found, then with all that was. A newer search ends an older one.
    pub(super) fn search(&self, ticket: Ticket, request: &ListRequest) {
        let search = self.options.store.search(listing(request, 0, FIRST_FOUND));
        let events = self.events.clone();
        tokio::spawn(async move {
            let found = async {
                let rows = search.page.await?;
                let complete = rows.len() < FIRST_FOUND;
                let rows = Event::Rows {
                    ticket,
                    offset: 0,
                    rows,
                    complete,
                };
                if events.send(rows).await.is_err() || complete {
                    return Ok(None);
                }
                let ids = search.all.await?;
                Ok(Some(Event::Found { ticket, ids }))
            };
            let event = match found.await {
                Ok(event) => event,
                // Whoever asked asks for something else by now, and needs only the end.
                Err(store::Error::Superseded) => Some(Event::Done { ticket }),
                Err(error) => Some(failed(ticket, error.into())),
            };
            if let Some(event) = event {
                let _ = events.send(event).await;
            }
        });
    }

    /// Rows in full, for those that a list knows in brief.
    pub(super) fn summaries(&self, ticket: Ticket, ids: Vec<MessageId>) {
        let store = self.options.store.clone();
        self.answer(ticket, async move {
            let messages = store.summaries(ids).await?;
            Ok(Event::Summaries { ticket, messages })
        });
    }

    /// The tree of a thread.
    pub(super) fn thread(&self, ticket: Ticket, thread: MessageId) {
        let store = self.options.store.clone();
        self.answer(ticket, async move {
            let branches = store.thread(thread).await?;
            Ok(Event::Thread { ticket, branches })
        });
    }

    /// A message to read or to look into: from the store when it is in it, through its account otherwise.
    pub(super) async fn want(&self, ticket: Ticket, id: MessageId, how: How) {
        let row = match self.options.store.summaries(vec![id]).await {
            Ok(rows) => rows.into_iter().next(),
            Err(error) => return self.tell(failed(ticket, error.into())).await,
        };
        let Some(row) = row else {
            return self.tell(failed(ticket, nothing_stored())).await;
        };
        let want = Want {
            ticket,
            message: row.id,
            how,
        };
        if !self.answered_from_store(&row, want) {
            self.request(ticket, &row.account, Request::Want(want))
                .await;
        }
    }

    /// Messages to have: those that are not here, or not as they were received, each through its account.
    pub(super) async fn fetch(&self, ticket: Ticket, ids: Vec<MessageId>) {
        let rows = match self.options.store.summaries(ids).await {
            Ok(rows) => rows,
            Err(error) => return self.tell(failed(ticket, error.into())).await,
        };
        let full = rows.iter().filter(|row| row.local == Local::Full);
        let whole = match self
            .options
            .store
            .verify(full.map(|row| row.id).collect())
            .await
        {
            Ok(verified) => verified.into_iter().filter(|(_, copy)| copy.is_some()),
            Err(error) => return self.tell(failed(ticket, error.into())).await,
        };
        let whole: HashSet<MessageId> = whole.map(|(message, _)| message).collect();
        let missing: Vec<MessageSummary> = rows
            .into_iter()
            .filter(|row| !whole.contains(&row.id))
            .collect();
        let damaged = missing.iter().filter(|row| row.local == Local::Full);
        let damaged: Vec<MessageId> = damaged.map(|row| row.id).collect();
        let noted = note_damage(&self.options.store, &self.events, damaged).await;
        if let Err(error) = noted {
            return self.tell(failed(ticket, error.into())).await;
        }
        let by_account = by_account(missing.into_iter());
        if by_account.is_empty() {
            return self.tell(Event::Done { ticket }).await;
        }
        self.collector.expect(ticket, by_account.len());
        for (account, ids) in by_account {
            self.request(ticket, &account, Request::Fetch { ticket, ids })
                .await;
        }
    }

    /// Shows what is here of a message, and has nobody fetch the rest.
    pub(super) fn preview(&self, ticket: Ticket, message: MessageId, how: How) {
        let want = Want {
            ticket,
            message,
            how,
        };
        show(&self.options.store, &self.events, want, None);
    }

    /// Whether nothing has to be fetched for this.
    fn answered_from_store(&self, row: &MessageSummary, want: Want) -> bool {
        let gone = matches!(row.server, Server::Deleted | Server::Vanished);
        // Header fields are here from the start; a message that is gone from the server shows what there is.
        let headers = matches!(want.how, How::Open { view, .. } if view == View::Headers);
        let enough = row.local == Local::Full || headers || gone;
        if enough {
            let account = self.accounts.get(&row.account).filter(|_| !gone).cloned();
            show(&self.options.store, &self.events, want, account);
        }
        enough
    }

    pub(super) async fn sync(&self, ticket: Ticket, accounts: &[AccountId], mode: SyncMode) {
        let known = self.accounts.keys().chain(self.unstarted.keys());
        let all: Vec<AccountId> = known.cloned().collect();
        let accounts = if accounts.is_empty() { &all } else { accounts };
        if accounts.is_empty() {
            return self
                .tell(failed(ticket, no_account("no account is set up")))
                .await;
        }
        self.collector.expect(ticket, accounts.len());
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
        let by_account = by_account(rows.into_iter());
        if by_account.is_empty() {
            let nothing = Event::Applied {
                ticket,
                deleted: Vec::new(),
                unconfirmed: Vec::new(),
                refused: Vec::new(),
            };
            return self.tell(nothing).await;
        }
        self.collector.expect(ticket, by_account.len());
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

    pub(super) async fn request(&self, ticket: Ticket, account: &AccountId, request: Request) {
        let Some(requests) = self.accounts.get(account) else {
            let problem = self.unstarted.get(account).cloned().unwrap_or_else(|| {
                no_account(&format!(
                    "the account {account} is not in the configuration"
                ))
            });
            return self
                .tell(Event::Failed {
                    ticket: Some(ticket),
                    account: Some(account.clone()),
                    problem,
                })
                .await;
        };
        if requests.try_send(request).is_err() {
            let problem = Problem::new(
                Kind::Network,
                "Too much waits for the server already",
                format!("the account {account} has {COMMANDS} requests in its queue"),
                "Wait until some of it is done, or stop it with ^C.",
            );
            self.tell(Event::Failed {
                ticket: Some(ticket),
                account: Some(account.clone()),
                problem,
            })
            .await;
        }
    }
}

fn by_account(rows: impl Iterator<Item = MessageSummary>) -> HashMap<AccountId, Vec<MessageId>> {
    let mut by_account: HashMap<AccountId, Vec<MessageId>> = HashMap::new();
    for row in rows {
        by_account.entry(row.account).or_default().push(row.id);
    }
    by_account
}

/// More than most screens show.
const FIRST_FOUND: usize = 100;

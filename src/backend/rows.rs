//! How the rows of a list are told: a screenful first, then all of them, in full or in brief.

use tokio::sync::mpsc;

use crate::bridge::{Event, ListRequest, Sort, Ticket};
use crate::mail::Brief;
use crate::store::{self, Listing, Order, Store};

/// Answers with the rows of a list. Whoever asked may be gone; then nothing more is read.
pub(super) async fn send_list(
    store: &Store,
    events: &mpsc::Sender<Event>,
    ticket: Ticket,
    request: &ListRequest,
) -> Result<(), store::Error> {
    let limit = request.limit.unwrap_or(usize::MAX);
    let full = request.full.unwrap_or(usize::MAX).min(limit);
    let mut offset = 0;
    while offset < full {
        let count = if offset == 0 { FIRST_ROWS } else { MORE_ROWS }.min(full - offset);
        let rows = store.rows(listing(request, offset, count)).await?;
        let end = offset + rows.len();
        let complete = rows.len() < count || end >= limit;
        let event = Event::Rows {
            ticket,
            offset,
            rows,
            complete,
        };
        if events.send(event).await.is_err() || complete {
            return Ok(());
        }
        let first = offset == 0;
        offset = end;
        // Of a list that does not fit in full, no more than a screenful comes so: the others are asked for when they are seen.
        if first && full < limit && !store.rows(listing(request, full, 1)).await?.is_empty() {
            break;
        }
    }
    // From the beginning: what came or went meanwhile has moved the others.
    if request.sort == Sort::Date && request.query.is_everything() {
        send_by_date(store, events, ticket, request, limit).await
    } else {
        send_briefs(store, events, ticket, listing(request, 0, limit)).await
    }
}

/// Rows in brief, each part read when the one before is on its way, so that no more than a few parts are in memory.
async fn send_by_date(
    store: &Store,
    events: &mpsc::Sender<Event>,
    ticket: Ticket,
    request: &ListRequest,
    limit: usize,
) -> Result<(), store::Error> {
    let mut left = limit;
    let mut last: Option<Brief> = None;
    loop {
        let count = MORE_BRIEFS.min(left);
        let rows = store.next_briefs(listing(request, 0, count), last).await?;
        left -= rows.len();
        last = rows.last().copied();
        let complete = rows.len() < count || left == 0;
        let event = Event::Briefs {
            ticket,
            rows,
            keys: Vec::new(),
            complete,
        };
        if events.send(event).await.is_err() || complete {
            return Ok(());
        }
    }
}

/// Rows in brief that are sorted by something else, or filtered: they are read at once.
async fn send_briefs(
    store: &Store,
    events: &mpsc::Sender<Event>,
    ticket: Ticket,
    listing: Listing,
) -> Result<(), store::Error> {
    let briefs = store.briefs(listing).await?;
    let (mut rows, mut keys) = (briefs.rows.into_iter(), briefs.keys.into_iter());
    loop {
        let part: Vec<Brief> = rows.by_ref().take(MORE_BRIEFS).collect();
        let complete = rows.len() == 0;
        let event = Event::Briefs {
            ticket,
            rows: part,
            keys: keys.by_ref().take(MORE_BRIEFS).collect(),
            complete,
        };
        if events.send(event).await.is_err() || complete {
            return Ok(());
        }
    }
}

/// What the store is asked for a part of it.
pub(super) fn listing(request: &ListRequest, offset: usize, limit: usize) -> Listing {
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
        limit: (limit < usize::MAX).then_some(limit),
    }
}

/// More than any screen shows.
const FIRST_ROWS: usize = 200;
const MORE_ROWS: usize = 5_000;
/// So many are taken in between two frames.
const MORE_BRIEFS: usize = 5_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{AccountId, Arrival, Extract, Local, MessageId, RemoteId, Timestamp};

    fn filled(folder: &std::path::Path, messages: i64) -> Store {
        let store = Store::open(&folder.join("mail.db")).unwrap();
        let arrival = |number: i64| {
            let octets = format!("Subject: {number}\r\n").into_bytes();
            Arrival {
                ledger: None,
                remote: RemoteId::new(format!("u{number}").as_bytes()),
                listed_octets: octets.len() as u64,
                extent: Local::Headers,
                // Three messages of each second, so that parts end in the midst of one.
                extract: Extract {
                    date: Some(Timestamp(1_000_000 + number / 3)),
                    ..Extract::default()
                },
                octets: octets.into(),
            }
        };
        let home = AccountId::new("home").unwrap();
        let arrivals = (0..messages).map(arrival).collect();
        let stored = store.store_arrivals(&home, arrivals, Timestamp(2_000_000));
        stored.wait().unwrap();
        store
    }

    /// The ids that come in full, those that come in brief, and in how many parts these came.
    fn sent(store: &Store, request: &ListRequest) -> (Vec<MessageId>, Vec<MessageId>, usize) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let (events, mut told) = mpsc::channel(100);
        let answer = send_list(store, &events, Ticket::new(), request);
        runtime.block_on(answer).unwrap();
        drop(events);
        let (mut full, mut brief, mut parts, mut ends) = (Vec::new(), Vec::new(), 0, 0);
        while let Ok(event) = told.try_recv() {
            match event {
                Event::Rows { rows, complete, .. } => {
                    full.extend(rows.iter().map(|row| row.id));
                    ends += usize::from(complete);
                }
                Event::Briefs { rows, complete, .. } => {
                    brief.extend(rows.iter().map(|row| row.id));
                    parts += 1;
                    ends += usize::from(complete);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(ends, 1);
        (full, brief, parts)
    }

    #[test]
    fn a_long_list_comes_as_a_screenful_in_full_and_all_of_it_in_brief_part_by_part() {
        let folder = tempfile::tempdir().unwrap();
        let messages = MORE_BRIEFS as i64 + 700;
        let store = filled(folder.path(), messages);
        for reverse in [false, true] {
            let request = ListRequest {
                full: Some(2_000),
                reverse,
                ..ListRequest::default()
            };
            let (full, brief, parts) = sent(&store, &request);
            let mut all: Vec<MessageId> = (1..=messages).map(MessageId).collect();
            if !reverse {
                all.reverse();
            }
            assert_eq!(parts, 2);
            assert_eq!(brief, all);
            assert_eq!(full, all[..FIRST_ROWS]);
        }
        let by_size = ListRequest {
            full: Some(2_000),
            sort: Sort::Size,
            ..ListRequest::default()
        };
        let (full, brief, _) = sent(&store, &by_size);
        assert_eq!((full.len(), brief.len() as i64), (FIRST_ROWS, messages));
        assert_eq!(full, brief[..FIRST_ROWS]);
    }

    #[test]
    fn a_list_that_fits_comes_in_full_and_one_that_is_cut_ends_where_it_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let store = filled(folder.path(), 900);
        let request = ListRequest {
            full: Some(900),
            ..ListRequest::default()
        };
        let (full, brief, _) = sent(&store, &request);
        assert_eq!((full.len(), brief), (900, full));
        let cut = ListRequest {
            limit: Some(650),
            full: Some(300),
            ..ListRequest::default()
        };
        let (full, brief, parts) = sent(&store, &cut);
        assert_eq!((full.len(), brief.len(), parts), (FIRST_ROWS, 650, 1));
    }
}

use tokio::sync::mpsc;

use super::super::errands::Request;
use super::super::testing::account;
use super::*;
use crate::mail::{
    AccountId, Arrival, Change, DeleteScope, Extract, LedgerId, Local, RemoteId, Server, Timestamp,
};
use crate::store::Store;

/// An account at work on a staged deletion, its requests, and what it tells.
struct Place {
    account: Account,
    requests: mpsc::Sender<Request>,
    events: mpsc::Receiver<Event>,
    store: Store,
    message: MessageId,
    line: LedgerId,
    ticket: Ticket,
    _folder: tempfile::TempDir,
}

async fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    let (mut account, requests, events) = account(folder.path(), &store, 110, |_| {}).await;
    let arrival = Arrival {
        ledger: None,
        remote: RemoteId::new(b"u1"),
        listed_octets: 20,
        octets: b"Subject: a\r\n\r\nhello\r\n".to_vec().into(),
        extent: Local::Full,
        extract: Extract::default(),
    };
    let home = AccountId::new("home").unwrap();
    let arrived = store.store_arrivals(&home, vec![arrival], Timestamp(0));
    let stored = arrived.await.unwrap().stored.remove(0);
    let change = Change::Delete(DeleteScope::Everywhere);
    let changes = vec![(vec![stored.message], change)];
    store.change(changes, Timestamp(0)).await.unwrap();
    let ticket = Ticket::new();
    account.errands.applying = Some(ticket);
    Place {
        account,
        requests,
        events,
        store,
        message: stored.message,
        line: stored.ledger,
        ticket,
        _folder: folder,
    }
}

impl Place {
    async fn server(&self) -> Server {
        let rows = self.store.summaries(vec![self.message]).await;
        rows.unwrap()[0].server
    }
}

#[tokio::test]
async fn a_stop_that_comes_when_only_quit_is_missing_leaves_the_wish_as_it_was() {
    let mut place = place().await;
    let cancel = Request::Cancel(Some(place.ticket));
    place.requests.send(cancel).await.unwrap();
    let marked = Marked::without_session(vec![place.line]);
    let ended = place.account.commit(marked).await;
    assert!(matches!(ended, Err(Error::Cancelled)), "{ended:?}");
    assert_eq!(place.server().await, Server::DeleteWanted);
    let told = std::iter::from_fn(|| place.events.try_recv().ok());
    let ends = told.filter(|event| {
        matches!(event, Event::Failed { ticket, problem, .. }
            if *ticket == Some(place.ticket) && problem.what == "Stopped")
    });
    assert_eq!(ends.count(), 1);
}

#[tokio::test]
async fn a_stop_of_something_else_changes_nothing() {
    let mut place = place().await;
    let cancel = Request::Cancel(Some(Ticket::new()));
    place.requests.send(cancel).await.unwrap();
    let marked = Marked::without_session(vec![place.line]);
    assert!(place.account.commit(marked).await.is_ok());
    assert_eq!(place.server().await, Server::Unconfirmed);
    assert_eq!(place.account.errands.applying, Some(place.ticket));
}

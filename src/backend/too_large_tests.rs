//! Messages that are larger than what is downloaded, against the embedded server.

use std::time::Duration;

use tokio::sync::mpsc;

use super::super::errands::{How, Request, Want};
use super::super::testing::account;
use crate::bridge::{Event, SyncMode, SyncReport, SyncStep, Ticket};
use crate::demo::{Maildrop, Message, Quirks, Server, ServerOptions};
use crate::mail::{Change, DeleteScope, Local, MessageSummary, Problem, View};
use crate::store::{Listing, Store};

/// An account that takes no message above [`LARGEST`] octets, and the server that it talks to.
struct Place {
    server: Server,
    store: Store,
    requests: mpsc::Sender<Request>,
    events: mpsc::Receiver<Event>,
    folder: tempfile::TempDir,
}

impl Place {
    async fn new(quirks: Quirks) -> Self {
        Self::with(quirks, true).await
    }

    async fn with(quirks: Quirks, watched: bool) -> Self {
        let letter = |number: u32, body: &str| {
            let text = format!(
                "From: ann@example.org\r\nSubject: letter {number}\r\nMessage-ID: <{number}@example.org>\r\n\r\n{body}\r\n"
            );
            Message::new(text)
        };
        let large = "all work and no play\r\n".repeat(LARGEST as usize / 10);
        let letters = (1..6).map(|number| letter(number, if number == 3 { &large } else { "hi" }));
        let mut options = ServerOptions::new(Maildrop::new(letters.collect()));
        options.quirks = quirks;
        let server = Server::start(options).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("mail.db")).unwrap();
        let (requests, events) = begin(&server, &store, &folder, watched).await;
        Self {
            server,
            store,
            requests,
            events,
            folder,
        }
    }

    /// As after a restart of the program.
    async fn restart(&mut self) {
        (self.requests, self.events) = begin(&self.server, &self.store, &self.folder, true).await;
    }

    /// Asks with a ticket, and gives its end, and what was told about troubles on the way.
    async fn end(
        &mut self,
        ticket: Ticket,
        request: Request,
    ) -> (Result<SyncReport, Problem>, Vec<Problem>) {
        self.requests.send(request).await.unwrap();
        let (mut report, mut told) = (SyncReport::default(), Vec::new());
        loop {
            let event = tokio::time::timeout(Duration::from_mins(1), self.events.recv()).await;
            match event.expect("it ends").expect("it runs") {
                Event::Synced {
                    step: SyncStep::Done(done),
                    ..
                } => report = done,
                Event::Failed {
                    ticket: None,
                    problem,
                    ..
                } => told.push(problem),
                Event::Done { ticket: whose } | Event::Applied { ticket: whose, .. }
                    if whose == ticket =>
                {
                    return (Ok(report), told);
                }
                Event::Failed {
                    ticket: Some(whose),
                    problem,
                    ..
                } if whose == ticket => return (Err(problem), told),
                _ => {}
            }
        }
    }

    async fn sync(&mut self) -> (SyncReport, Vec<Problem>) {
        let ticket = Ticket::new();
        let request = Request::Sync {
            ticket: Some(ticket),
            mode: SyncMode::Full,
        };
        let (report, told) = self.end(ticket, request).await;
        (report.unwrap(), told)
    }

    async fn large(&self) -> Option<MessageSummary> {
        let rows = self.store.list(Listing::default()).await.unwrap().rows;
        assert!(
            rows.iter()
                .all(|row| row.local == Local::Full || row.subject == "letter 3"),
            "the others are here"
        );
        rows.into_iter().find(|row| row.subject == "letter 3")
    }

    fn retrieved(&self) -> usize {
        let commands = self.server.maildrop().commands();
        commands
            .iter()
            .filter(|command| *command == "RETR 3")
            .count()
    }
}

/// An account that was just started.
async fn begin(
    server: &Server,
    store: &Store,
    folder: &tempfile::TempDir,
    watched: bool,
) -> (mpsc::Sender<Request>, mpsc::Receiver<Event>) {
    let (account, requests, events) =
        account(folder.path(), store, server.address().port(), |settings| {
            settings.watched = watched;
            settings.server.largest = LARGEST;
        })
        .await;
    tokio::spawn(account.run());
    (requests, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_listed_as_too_large_is_marked_and_told_once() {
    let mut place = Place::new(Quirks::default()).await;
    let (report, told) = place.sync().await;
    assert_eq!((report.messages, report.bodies), (5, 4));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "A message is too large to download");
    assert!(
        told[0].why.contains("“letter 3” from ann"),
        "{}",
        told[0].why
    );
    let row = place.large().await.unwrap();
    assert!(row.is_left_out() && row.local == Local::Headers);
    assert_eq!(place.sync().await.1, []);
    assert_eq!(place.retrieved(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_grows_too_large_on_its_way_is_retrieved_once_and_the_others_arrive() {
    let quirks = Quirks {
        listed_octets: vec![(3, 100)],
        ..Quirks::default()
    };
    let mut place = Place::new(quirks).await;
    let (report, told) = place.sync().await;
    assert_eq!(report.messages, 5);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "A message is too large to download");
    let row = place.large().await.unwrap();
    assert!(row.is_left_out() && row.local == Local::Headers);
    assert_eq!(place.retrieved(), 1);
    assert_eq!(place.sync().await.1, []);
    assert_eq!(place.retrieved(), 1, "not again at the next sync");
    // Whoever asks for it nevertheless is told, once.
    let ticket = Ticket::new();
    let how = How::Open {
        view: View::Text,
        width: 80,
    };
    let message = row.id;
    let want = Want {
        ticket,
        message,
        how,
    };
    let problem = place.end(ticket, Request::Want(want)).await.0.unwrap_err();
    assert_eq!(problem.what, "The message is too large to download");
    assert_eq!(place.retrieved(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_grows_too_large_while_nobody_looks_is_marked_and_the_others_arrive() {
    let quirks = Quirks {
        listed_octets: vec![(3, 100)],
        ..Quirks::default()
    };
    let mut place = Place::with(quirks, false).await;
    let (report, told) = place.sync().await;
    assert_eq!(report.messages, 5);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "A message is too large to download");
    let row = place.large().await.unwrap();
    assert!(row.is_left_out() && row.local == Local::Headers);
    assert_eq!(place.retrieved(), 1);
    assert_eq!(place.sync().await.1, []);
    assert_eq!(place.retrieved(), 1, "not again at the next sync");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_top_a_message_that_is_too_large_keeps_no_other_from_coming() {
    for listed_octets in [Vec::new(), vec![(3, 100)]] {
        let lies = !listed_octets.is_empty();
        let quirks = Quirks {
            no_top: true,
            listed_octets,
            ..Quirks::default()
        };
        let mut place = Place::new(quirks).await;
        let (_, told) = place.sync().await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].what, "Some messages are too large to be had");
        assert_eq!(place.large().await, None);
        let rows = place.store.list(Listing::default()).await.unwrap().rows;
        assert_eq!(rows.len(), 4);
        place.sync().await;
        assert_eq!(place.retrieved(), usize::from(lies));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_top_shows_too_large_keeps_no_other_from_coming() {
    let quirks = Quirks {
        top_returns_everything: true,
        ..Quirks::default()
    };
    let mut place = Place::new(quirks).await;
    let (_, told) = place.sync().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "Some messages are too large to be had");
    assert_eq!(place.large().await, None);
    let rows = place.store.list(Listing::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 4);
    place.sync().await;
    let commands = place.server.maildrop().commands();
    let shown = commands.iter().filter(|command| *command == "TOP 3 0");
    // Before the listing, and once it had a name.
    assert_eq!(shown.count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_top_shows_too_large_while_nobody_looks_is_shown_once() {
    let quirks = Quirks {
        lets_go_after: LETS_GO_AFTER,
        top_returns_everything: true,
        ..Quirks::default()
    };
    let mut place = Place::with(quirks, false).await;
    let (_, told) = place.sync().await;
    assert_eq!(told[0].what, "Some messages are too large to be had");
    place.sync().await;
    let commands = place.server.maildrop().commands();
    let shown = commands.iter().filter(|command| *command == "TOP 3 0");
    assert_eq!((shown.count(), place.retrieved()), (1, 0));
    let rows = place.store.list(Listing::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_uidl_and_top_a_message_that_is_too_large_keeps_no_other_from_coming() {
    let quirks = Quirks {
        no_uidl: true,
        no_top: true,
        ..Quirks::default()
    };
    let mut place = Place::new(quirks).await;
    let (_, told) = place.sync().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "Some messages are too large to be had");
    let rows = place.store.list(Listing::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.local == Local::Full));
    assert_eq!(place.retrieved(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_uidl_a_message_that_top_shows_too_large_keeps_no_other_from_coming_or_going() {
    let quirks = Quirks {
        no_uidl: true,
        top_returns_everything: true,
        lets_go_after: LETS_GO_AFTER,
        ..Quirks::default()
    };
    let mut place = Place::new(quirks).await;
    let (_, told) = place.sync().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].what, "Some messages are too large to be had");
    let rows = place.store.list(Listing::default()).await.unwrap().rows;
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row.local == Local::Full));
    // One that has never synced and deletes.
    place.restart().await;
    let doomed = vec![rows[0].id];
    let change = Change::Delete(DeleteScope::ServerOnly);
    let staged = vec![(doomed.clone(), change)];
    place
        .store
        .change(staged, crate::backend::now())
        .await
        .unwrap();
    let (ticket, ids) = (Ticket::new(), doomed);
    let request = Request::Apply {
        ticket,
        ids,
        lose: Vec::new(),
    };
    place.end(ticket, request).await.0.unwrap();
    assert_eq!(place.server.maildrop().messages().len(), 4);
}

const LARGEST: u64 = 64 * 1024;
/// A server holds the mailbox a little longer than the connection.
const LETS_GO_AFTER: Duration = Duration::from_millis(100);

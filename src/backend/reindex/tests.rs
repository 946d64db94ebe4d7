use std::sync::Arc;

use super::*;
use crate::backend::keyring::Keyring;
use crate::backend::secrets::Secrets;
use crate::backend::{Engine, Options};
use crate::config::Config;
use crate::mail::{AccountId, Arrival, RemoteId, Timestamp};

/// A store with so many messages, of which the index knows none.
async fn emptied(folder: &tempfile::TempDir, count: usize) -> Store {
    let store = Store::open(&folder.path().join("mail.db")).unwrap();
    let arrivals = (0..count).map(|number| {
        let octets = format!("Subject: {number}\r\n\r\nAll is well.\r\n").into_bytes();
        Arrival {
            ledger: None,
            remote: RemoteId::new(number.to_string().as_bytes()),
            listed_octets: octets.len() as u64,
            extract: mime::extract(&octets, Local::Full),
            octets: octets.into(),
            extent: Local::Full,
        }
    });
    let account = AccountId::new("home").unwrap();
    let stored = store.store_arrivals(&account, arrivals.collect(), Timestamp(1_795_435_200));
    assert_eq!(stored.await.unwrap().stored.len(), count);
    store.reindex(true).await.unwrap();
    store
}

/// Breaks on one of them.
fn extract(octets: &[u8], extent: Local) -> Extract {
    assert!(!octets.starts_with(b"Subject: 1"), "this one breaks it");
    mime::extract(octets, extent)
}

#[tokio::test]
async fn a_message_that_breaks_the_reading_of_messages_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = emptied(&folder, 3).await;
    let batch = store.unindexed(MessageId(0), 9).await.unwrap();
    let words = words_of(batch, || true, extract).await;
    let Ok(words) = words else {
        panic!("it stopped");
    };
    let read = words.iter().map(|message| message.extract.is_some());
    assert_eq!(read.collect::<Vec<_>>(), [true, false, true]);
    let recorded = store.record_reindexed(MessageId(0), words).await;
    assert_eq!(recorded.unwrap(), Some(MessageId(3)));
    assert!(store.end_reindex().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_view_of_a_store_the_reader_tells_that_the_index_is_not_complete_and_when_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = emptied(&folder, 3).await;
    let config_file = folder.path().join("config.toml");
    let mut engine = Engine::start(Options {
        config: Config::parse("", &config_file).unwrap(),
        config_file,
        store: Store::view(&folder.path().join("mail.db")),
        locks: folder.path().join("locks"),
        secrets: Arc::new(Secrets::new(Keyring::new())),
        asker: None,
        automatic: true,
        watched: true,
    });
    let mut next = async || {
        let event = tokio::time::timeout(Duration::from_mins(1), engine.events.recv()).await;
        event.expect("it is told").expect("the engine runs")
    };
    let begun = next().await;
    assert!(
        matches!(begun, Event::Reindexing { done: 0, total: 3 }),
        "{begun:?}"
    );
    let done = finish_reindex(&store, Pace::Beside, |_| (), || true);
    let done = tokio::time::timeout(Duration::from_mins(1), done).await;
    let done = done
        .expect("it ends")
        .unwrap()
        .expect("the view has left it to others");
    assert!(done.complete && !done.continued, "{done:?}");
    let ended = next().await;
    assert!(matches!(ended, Event::Reindexed), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_of_a_store_that_is_left_asks_no_more() {
    let folder = tempfile::tempdir().unwrap();
    emptied(&folder, 3).await;
    let store = Store::view(&folder.path().join("mail.db"));
    let (events, mut told) = mpsc::channel(9);
    let (open, until_left) = watch::channel(());
    let work = tokio::spawn(beside(store, events, until_left));
    assert!(matches!(told.recv().await, Some(Event::Reindexing { .. })));
    drop(open);
    let ended = tokio::time::timeout(Duration::from_mins(1), work).await;
    ended.expect("it ends").unwrap();
    assert!(told.recv().await.is_none());
}

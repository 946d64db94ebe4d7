//! A search index whose building was stopped is completed beside everything else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp as Instant;
use poppet::backend::{Pace, ReindexStep, finish_reindex};
use poppet::bridge::Event;
use poppet::demo::ServerOptions;
use poppet::mail::{Query, Timestamp};
use poppet::store::{Listing, ReindexState, Store};

use crate::house::{House, ended, letters, until};

/// A word of every message that is generated.
const WORD: &str = "to:sam";

/// A house whose mail is here, and whose index is empty.
async fn house(count: u32) -> House {
    let mut house = House::unwatched(ServerOptions::new(letters(count)), "");
    house.sync().await.unwrap();
    assert_eq!(found(&house).await, count as usize);
    house.store.reindex(true).await.unwrap();
    assert_eq!(found(&house).await, 0);
    house
}

async fn found(house: &House) -> usize {
    let now = Timestamp(Instant::now().as_second());
    let query = Query::parse(WORD, now, 0).unwrap();
    let listing = Listing {
        query,
        ..Listing::default()
    };
    house.store.list(listing).await.unwrap().rows.len()
}

async fn unfinished(house: &House) -> Option<ReindexState> {
    house.store.reindexing().await.unwrap()
}

/// Waits until the index is complete, and gives what was told at its beginning.
async fn completed(house: &mut House) -> Vec<(u64, u64)> {
    let mut begun = Vec::new();
    loop {
        match house.event().await {
            Event::Reindexing { done, total } => begun.push((done, total)),
            Event::Reindexed => return begun,
            Event::Failed { problem, .. } => panic!("{problem:?}"),
            _ => {}
        }
    }
}

/// Goes on for as many messages as that.
fn at_most(messages: u64) -> impl Fn() -> bool + Clone + Send + 'static {
    let left = Arc::new(AtomicU64::new(messages));
    move || {
        let less = |left: u64| left.checked_sub(1);
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_starts_completes_the_index_and_tells_it_once() {
    let mut house = house(150).await;
    house.reopen().await;
    assert_eq!(completed(&mut house).await, [(0, 150)]);
    assert_eq!(unfinished(&house).await, None);
    assert_eq!(found(&house).await, 150);
    // Nothing is to be done any more, and nothing is told.
    house.reopen().await;
    house.sync().await.unwrap();
    let engine = house.engine;
    drop(engine.commands);
    let mut events = engine.events;
    while let Some(event) = events.recv().await {
        let about_it = matches!(event, Event::Reindexing { .. } | Event::Reindexed);
        assert!(!about_it, "{event:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_of_a_command_leaves_the_index_alone() {
    let mut house = house(5).await;
    house.reconfigure("").await;
    house.sync().await.unwrap();
    assert!(unfinished(&house).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_stops_the_building_of_the_index_and_the_next_start_goes_on() {
    let mut house = house(600).await;
    // Behind its first batch another program takes it back every time: it does not come to an end by itself.
    let other = rusqlite::Connection::open(house.store.path()).unwrap();
    let taken_back = "CREATE TRIGGER taken_back AFTER UPDATE ON reindexing WHEN NEW.behind > 64
         BEGIN UPDATE reindexing SET behind = 64; END";
    other.execute_batch(taken_back).unwrap();
    house.reopen().await;
    while !matches!(house.event().await, Event::Reindexing { done: 0, .. }) {}
    let sql = "SELECT EXISTS (SELECT 1 FROM reindexing WHERE behind > 0)";
    until(|| other.query_row(sql, [], |row| row.get(0)).unwrap()).await;
    // Waits until nothing of the engine is at work any more.
    house.reconfigure("").await;
    other.execute_batch("DROP TRIGGER taken_back").unwrap();
    let state = unfinished(&house).await.expect("it was stopped");
    assert_eq!((state.done, state.total), (64, 600));

    let stopped = finish_reindex(&house.store, Pace::Beside, |_| (), at_most(100)).await;
    let stopped = stopped.unwrap().unwrap();
    assert!(!stopped.complete, "{stopped:?}");
    let state = unfinished(&house).await.unwrap();
    assert_eq!((state.done, state.total), (stopped.done, 600));
    assert!((65..600).contains(&state.done), "{state:?}");

    house.reopen().await;
    assert_eq!(completed(&mut house).await, [(state.done, 600)]);
    assert_eq!(found(&house).await, 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_is_completed_in_either_pace_and_each_batch_is_told() {
    for pace in [Pace::Hurried, Pace::Beside] {
        let house = house(150).await;
        let mut told = Vec::new();
        let done = finish_reindex(&house.store, pace, |step| told.push(step), || true).await;
        let done = done.unwrap().unwrap();
        assert!(done.complete && !done.continued, "{done:?}");
        assert_eq!((done.done, done.messages), (150, 150));
        assert!(done.text > 150);
        let expected: &[u64] = match pace {
            Pace::Hurried => &[150],
            Pace::Beside => &[64, 128, 150],
        };
        let mut steps: Vec<ReindexStep> = expected
            .iter()
            .map(|done| ReindexStep::Messages(*done, 150))
            .collect();
        steps.push(ReindexStep::Order);
        assert_eq!(told, steps);
        assert_eq!(found(&house).await, 150);
        let again = finish_reindex(&house.store, pace, |_| (), || true).await;
        assert_eq!(again.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_complete_the_index_at_once_leave_nothing_out() {
    let house = house(400).await;
    let one = finish_reindex(&house.store, Pace::Beside, |_| (), || true);
    let other = finish_reindex(&house.store, Pace::Hurried, |_| (), || true);
    let (one, other) = tokio::join!(one, other);
    for done in [one, other] {
        assert!(done.unwrap().is_none_or(|done| done.complete));
    }
    assert_eq!(unfinished(&house).await, None);
    assert_eq!(found(&house).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_not_end_the_building_of_the_index_does_not_put_it_in_order() {
    for pace in [Pace::Hurried, Pace::Beside] {
        // Another program ends it behind the first batch, or behind the last.
        for behind in [1, 300] {
            let house = house(300).await;
            let other = rusqlite::Connection::open(house.store.path()).unwrap();
            let mut ordered = false;
            let told = |step| match step {
                ReindexStep::Messages(done, _) if done >= behind => {
                    other.execute_batch("DELETE FROM reindexing").unwrap();
                }
                ReindexStep::Messages(..) => {}
                ReindexStep::Order => ordered = true,
            };
            let done = finish_reindex(&house.store, pace, told, || true).await;
            let done = done.unwrap().unwrap();
            assert!(done.complete && done.text == 0, "{done:?}");
            assert!(!ordered, "{pace:?} {behind}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f18_damaged_octets_stop_the_building_of_the_index_in_neither_pace() {
    for pace in [Pace::Hurried, Pace::Beside] {
        let mut house = house(150).await;
        house.store.close().unwrap();
        let path = house.store.path().to_owned();
        let other = rusqlite::Connection::open(&path).unwrap();
        let sql = "SELECT pageno FROM dbstat WHERE name = 'octets' AND pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET 3";
        let page: u32 = other.query_row(sql, [], |row| row.get(0)).unwrap();
        drop(other);
        let mut file = std::fs::read(&path).unwrap();
        let size = usize::from(u16::from_be_bytes([file[16], file[17]]));
        let begin = (page as usize - 1) * size;
        file[begin..begin + size].fill(0xff);
        std::fs::write(&path, file).unwrap();
        house.store = Store::open(&path).unwrap();
        let done = finish_reindex(&house.store, pace, |_| (), || true).await;
        let done = done.unwrap().unwrap();
        assert!(done.complete && !done.continued, "{done:?}");
        assert_eq!(unfinished(&house).await, None);
        // By their recipients also those are found whose octets are damaged.
        assert_eq!(found(&house).await, 150);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_index_is_emptied_and_built_from_nothing() {
    let mut house = house(150).await;
    let stopped = finish_reindex(&house.store, Pace::Beside, |_| (), at_most(80)).await;
    assert!(!stopped.unwrap().unwrap().complete);
    let other = rusqlite::Connection::open(house.store.path()).unwrap();
    other.execute_batch("DROP TABLE search").unwrap();
    house.reopen().await;
    let begun = completed(&mut house).await;
    assert!(begun[0].0 > 0, "{begun:?}");
    assert_eq!(found(&house).await, 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_cannot_be_read_is_no_reason_to_empty_the_index() {
    let house = house(150).await;
    let stopped = finish_reindex(&house.store, Pace::Beside, |_| (), at_most(80)).await;
    assert!(!stopped.unwrap().unwrap().complete);
    let before = unfinished(&house).await;
    let other = rusqlite::Connection::open(house.store.path()).unwrap();
    other
        .execute_batch("ALTER TABLE octets RENAME TO elsewhere")
        .unwrap();
    let failed = finish_reindex(&house.store, Pace::Beside, |_| (), || true).await;
    assert!(failed.unwrap_err().is_damage());
    other
        .execute_batch("ALTER TABLE elsewhere RENAME TO octets")
        .unwrap();
    assert_eq!(unfinished(&house).await, before);
    let done = finish_reindex(&house.store, Pace::Beside, |_| (), || true).await;
    assert!(done.unwrap().unwrap().continued);
    assert_eq!(found(&house).await, 150);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_that_cannot_be_completed_is_told_and_stops_nothing() {
    let mut house = house(5).await;
    let other = rusqlite::Connection::open(house.store.path()).unwrap();
    other
        .execute_batch("ALTER TABLE octets RENAME TO elsewhere")
        .unwrap();
    house.reopen().await;
    let mut told = 0;
    while told == 0 {
        if let Event::Failed {
            ticket, problem, ..
        } = house.event().await
        {
            assert_eq!(ticket, None);
            told += usize::from(problem.what == "The search index could not be completed");
        }
    }
    other
        .execute_batch("ALTER TABLE elsewhere RENAME TO octets")
        .unwrap();
    house.sync().await.unwrap();
    ended(house.engine).await;
}

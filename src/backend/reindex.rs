//! The search index, built anew from the octets that are stored; where that was stopped, it goes on.

#[cfg(test)]
mod tests;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::bridge::Event;
use crate::mail::{Extract, Local, MessageId, Problem};
use crate::mime;
use crate::store::{Error, Pending, ReindexState, Reindexed, Store, Unindexed};

/// How much of this computer the work takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Somebody waits for its end: while one batch is being indexed, the words of the next are taken.
    Hurried,
    /// Nobody does: one small batch behind the other, so that what a person writes never waits for long.
    Beside,
}

impl Pace {
    /// Messages of one batch.
    fn batch(self) -> usize {
        match self {
            Self::Hurried => 256,
            Self::Beside => 64,
        }
    }
}

/// How far the work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReindexStep {
    /// So many messages of so many are in the index.
    Messages(u64, u64),
    /// All are, and the index is put in order.
    Order,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReindexReport {
    /// All messages.
    pub messages: u64,
    /// Those that are in the index.
    pub done: u64,
    /// Whether it went on where it had been stopped.
    pub continued: bool,
    /// Whether the index is complete; if not, the work was stopped and can go on.
    pub complete: bool,
    /// Octets of the text that was indexed; 0 until it is complete, or when another program completed it.
    pub text: u64,
}

/// Builds the index anew, or goes on where that was stopped, until `goes_on` says no. An index that is damaged is emptied first.
pub async fn reindex(
    store: &Store,
    told: impl FnMut(ReindexStep),
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<ReindexReport, Error> {
    let begun = store.reindex(false).await;
    work(store, Pace::Hurried, begun, told, goes_on).await
}

/// Goes on where the building was stopped, until `goes_on` says no. `None` when there is nothing to go on with.
pub async fn finish_reindex(
    store: &Store,
    pace: Pace,
    told: impl FnMut(ReindexStep),
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<Option<ReindexReport>, Error> {
    let Some(state) = store.reindexing().await? else {
        return Ok(None);
    };
    let done = work(store, pace, Ok(state), told, goes_on).await;
    done.map(Some)
}

/// The failure as a person sees it.
pub fn reindex_failed(error: &Error) -> Problem {
    let Problem {
        kind, why, remedy, ..
    } = error.problem();
    let more = "Until then searches find less; the next start of poppet goes on with it, and so does `poppet doctor --reindex`.";
    Problem::new(
        kind,
        "The search index could not be completed",
        why,
        format!("{remedy} {more}"),
    )
}

/// Goes on while a screen is open, as long as the sender behind `open` is there, and tells it the beginning and the end. In a
/// view of a store, where others may go on with it, it only tells.
pub(super) async fn beside(store: Store, events: mpsc::Sender<Event>, open: watch::Receiver<()>) {
    let until_left = open.clone();
    let goes_on = move || open.has_changed().is_ok();
    let done = match store.reindexing().await {
        Ok(None) => return,
        Ok(Some(state)) => {
            let (done, total) = (state.done, state.total);
            tracing::info!(done, total, "the search index is being built anew");
            let _ = events.send(Event::Reindexing { done, total }).await;
            if store.view_only().is_some() {
                return elsewhere(&store, &events, until_left).await;
            }
            work(&store, Pace::Beside, Ok(state), |_| (), goes_on.clone()).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(report) if report.complete => {
            let messages = report.messages;
            tracing::info!(messages, "the search index is complete");
            let _ = events.send(Event::Reindexed).await;
        }
        Ok(report) => {
            let (done, total) = (report.done, report.messages);
            tracing::info!(done, total, "the building of the search index was stopped");
        }
        // Whoever leaves closes the store as well.
        Err(Error::Closed) if !goes_on() => {}
        Err(error) => {
            tracing::warn!(%error, "the search index could not be completed");
            let failed = Event::Failed {
                ticket: None,
                account: None,
                problem: reindex_failed(&error),
            };
            let _ = events.send(failed).await;
        }
    }
}

/// Waits for another program to complete the index, and tells it. Asks less and less often: perhaps there is none.
async fn elsewhere(store: &Store, events: &mpsc::Sender<Event>, mut open: watch::Receiver<()>) {
    let mut pause = LOOK;
    loop {
        tokio::select! {
            _ = open.changed() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(LONGEST_LOOK);
        match store.reindexing().await {
            Ok(Some(_)) => {}
            Ok(None) => {
                let _ = events.send(Event::Reindexed).await;
                return;
            }
            Err(error) => {
                tracing::warn!(%error, "whether the search index is complete cannot be asked");
            }
        }
    }
}

/// How soon a view of a store asks whether the index is complete, and how long it waits between two questions later.
const LOOK: Duration = Duration::from_secs(2);
const LONGEST_LOOK: Duration = Duration::from_mins(10);

/// Why it cannot go on.
enum Trouble {
    /// The index cannot be changed.
    Index(Error),
    /// The mail cannot be read, which no new index would change.
    Mail(Error),
}

async fn work(
    store: &Store,
    pace: Pace,
    begun: Result<ReindexState, Error>,
    mut told: impl FnMut(ReindexStep),
    goes_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<ReindexReport, Error> {
    let built = match begun {
        Ok(state) => build(store, pace, state, &mut told, &goes_on).await,
        Err(error) => Err(Trouble::Index(error)),
    };
    let again = match built {
        // A damaged index cannot be changed, only made from nothing.
        Err(Trouble::Index(error)) if error.is_damage() => {
            tracing::warn!(%error, "the search index is damaged, and begun from nothing");
            let state = store.reindex(true).await?;
            build(store, pace, state, &mut told, &goes_on).await
        }
        built => built,
    };
    again.map_err(|trouble| match trouble {
        Trouble::Index(error) | Trouble::Mail(error) => error,
    })
}

async fn build(
    store: &Store,
    pace: Pace,
    mut state: ReindexState,
    told: &mut impl FnMut(ReindexStep),
    goes_on: &(impl Fn() -> bool + Clone + Send + 'static),
) -> Result<ReindexReport, Trouble> {
    let continued = state.done > 0;
    let report = |state: &ReindexState| ReindexReport {
        messages: state.total.max(state.done),
        done: state.done,
        continued,
        ..ReindexReport::default()
    };
    let text = loop {
        match batches(store, pace, &mut state, told, goes_on).await? {
            End::Stopped => return Ok(report(&state)),
            End::Elsewhere => break None,
            End::All => {}
        }
        if let Some(text) = store.end_reindex().await.map_err(Trouble::Index)? {
            break Some(text);
        }
        // Another program has begun from nothing meanwhile, or ended it, or more mail has come.
        match store.reindexing().await.map_err(Trouble::Index)? {
            Some(now) => state = now,
            None => break None,
        }
    };
    let all = report(&state);
    let complete = ReindexReport {
        done: all.messages,
        complete: true,
        text: text.unwrap_or_default(),
        ..all
    };
    if text.is_none() {
        // Whoever ended it puts it in order.
        return Ok(complete);
    }
    told(ReindexStep::Order);
    let mut more = store.tidy_index(true).await.map_err(Trouble::Index)?;
    while more && goes_on() {
        more = store.tidy_index(false).await.map_err(Trouble::Index)?;
    }
    Ok(complete)
}

/// How the batches came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// There was no message left.
    All,
    /// It was not to go on.
    Stopped,
    /// Another program completed the index.
    Elsewhere,
}

async fn batches(
    store: &Store,
    pace: Pace,
    state: &mut ReindexState,
    told: &mut impl FnMut(ReindexStep),
    goes_on: &(impl Fn() -> bool + Clone + Send + 'static),
) -> Result<End, Trouble> {
    let mut under_way = None;
    loop {
        if pace == Pace::Beside
            && settle(store, &mut under_way, state, told).await? == Settled::Ended
        {
            return Ok(End::Elsewhere);
        }
        let words = if goes_on() {
            let batch = store.unindexed(state.behind, pace.batch()).await;
            let batch = batch.map_err(Trouble::Mail)?;
            words_of(batch, goes_on.clone(), mime::extract).await?
        } else {
            Vec::new()
        };
        match settle(store, &mut under_way, state, told).await? {
            Settled::AsMeant => {}
            Settled::Otherwise => continue,
            Settled::Ended => return Ok(End::Elsewhere),
        }
        let Some(last) = words.last().map(|message| message.id) else {
            return Ok(if goes_on() { End::All } else { End::Stopped });
        };
        let from = std::mem::replace(&mut state.behind, last);
        state.done += words.len() as u64;
        under_way = Some(store.record_reindexed(from, words));
    }
}

/// What came of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Settled {
    /// It is in the index, and the next one follows; or none was under way.
    AsMeant,
    /// Another program is at it too: it is further, or has begun from nothing, and this one goes on there.
    Otherwise,
    /// Another program completed the index.
    Ended,
}

/// Waits for the batch that is under way, if one is.
async fn settle(
    store: &Store,
    under_way: &mut Option<Pending<Option<MessageId>>>,
    state: &mut ReindexState,
    told: &mut impl FnMut(ReindexStep),
) -> Result<Settled, Trouble> {
    let Some(recording) = under_way.take() else {
        return Ok(Settled::AsMeant);
    };
    let Some(behind) = recording.await.map_err(Trouble::Index)? else {
        return Ok(Settled::Ended);
    };
    let as_meant = behind == state.behind;
    if !as_meant {
        match store.reindexing().await.map_err(Trouble::Index)? {
            Some(now) => *state = now,
            None => return Ok(Settled::Ended),
        }
    }
    told(ReindexStep::Messages(
        state.done,
        state.total.max(state.done),
    ));
    Ok(if as_meant {
        Settled::AsMeant
    } else {
        Settled::Otherwise
    })
}

/// What these messages say, as far as it is to go on. Taken beside everything else, because HTML and attachments take their
/// time. One that breaks the reading of messages does not stop the others.
async fn words_of(
    batch: Vec<Unindexed>,
    goes_on: impl Fn() -> bool + Send + 'static,
    extract: fn(&[u8], Local) -> Extract,
) -> Result<Vec<Reindexed>, Trouble> {
    let words = move |message: Unindexed| {
        let Unindexed { id, extent, octets } = message;
        let reading = |octets: &Vec<u8>| {
            let reading = AssertUnwindSafe(|| extract(octets, extent).indexed());
            std::panic::catch_unwind(reading).ok()
        };
        let extract = octets.as_ref().and_then(reading);
        if extract.is_none() {
            tracing::warn!(id = id.0, "a message cannot be read for the search index");
        }
        Reindexed {
            id,
            extent,
            octets: octets.map_or(0, |octets| octets.len() as u64),
            extract,
        }
    };
    let all = tokio::task::spawn_blocking(move || {
        let wanted = batch.into_iter().take_while(|_| goes_on());
        wanted.map(words).collect()
    });
    all.await.map_err(|error| {
        Trouble::Mail(Error::Damaged(format!("a message cannot be read: {error}")))
    })
}

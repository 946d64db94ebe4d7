//! `poppet doctor --reindex`: the search index, built anew from the octets that are stored.

use super::context::Context;
use super::desk::Interrupt;
use super::exit::Exit;
use super::json::Reindex;
use super::progress::Meter;
use super::stop::Stop;
use super::words::{amount, count};
use crate::mime;
use crate::store::{self, Reindexed, Store, Unindexed};

pub(super) async fn reindex(context: &Context) -> Result<Exit, Stop> {
    let store = context.store()?;
    let meter = Meter::new(&context.global);
    let interrupt = Interrupt::listen();
    let result = match build(&store, meter, &interrupt, false).await {
        // A damaged index cannot be changed, only made from nothing.
        Err(error) if error.is_damage() => build(&store, meter, &interrupt, true).await,
        other => other,
    };
    meter.clear();
    let report = result?;
    if context.out.json {
        context.out.object(&report)?;
    } else if report.complete {
        context.out.line(&format!(
            "{} indexed; {} of text, {} of index ({:.0} % of the text)",
            count(report.messages, "message"),
            amount(report.text),
            amount(report.index),
            report.percent()
        ))?;
    }
    store.close()?;
    if report.complete {
        return Ok(Exit::Done);
    }
    context.out.remark(&format!(
        "The search index is not complete: it was stopped after {} of {}. Run `poppet doctor --reindex` again, and it goes on there.",
        report.done,
        count(report.messages, "message")
    ))?;
    Err(Stop::Interrupted)
}

async fn build(
    store: &Store,
    meter: Meter,
    interrupt: &Interrupt,
    afresh: bool,
) -> Result<Reindex, store::Error> {
    let state = store.reindex(afresh).await?;
    let mut report = Reindex {
        messages: state.total,
        done: state.done,
        continued: state.done > 0,
        ..Reindex::default()
    };
    let mut behind = state.behind;
    // While one batch is being indexed, the words of the next are taken.
    let mut under_way: Option<store::Pending<()>> = None;
    loop {
        let batch = if interrupt.times() > 0 {
            Vec::new()
        } else {
            store.unindexed(behind, BATCH).await?
        };
        let last = batch.last().map(|message| message.id);
        let words = words_of(batch).await?;
        if let Some(pending) = under_way.take() {
            pending.await?;
            meter.show(&format!(
                "indexing messages {}/{}",
                report.done, report.messages
            ));
        }
        let Some(last) = last else { break };
        behind = last;
        report.done += words.len() as u64;
        under_way = Some(store.record_reindexed(words));
    }
    if interrupt.times() > 0 {
        return Ok(report);
    }
    report.text = store.end_reindex().await?;
    meter.show("putting the index in order");
    let mut more = store.tidy_index(true).await?;
    while more && interrupt.times() == 0 {
        more = store.tidy_index(false).await?;
    }
    report.complete = true;
    report.index = store.index_size().await?;
    Ok(report)
}

/// What these messages say. Taken beside everything else, because HTML and attachments take their time.
async fn words_of(batch: Vec<Unindexed>) -> Result<Vec<Reindexed>, store::Error> {
    let words = |message: Unindexed| Reindexed {
        id: message.id,
        extent: message.extent,
        octets: message.octets.len() as u64,
        extract: mime::extract(&message.octets, message.extent),
    };
    let all = tokio::task::spawn_blocking(move || batch.into_iter().map(words).collect());
    all.await
        .map_err(|error| store::Error::Damaged(format!("a message cannot be read: {error}")))
}

const BATCH: usize = 256;

//! The search index, built anew: by `poppet doctor --reindex`, and what other commands do and say about one that is not complete.

use super::complaint::{complain, mention};
use super::context::Context;
use super::desk::Interrupt;
use super::exit::Exit;
use super::json::Reindex;
use super::progress::Meter;
use super::stop::Stop;
use super::words::{amount, count, thousands};
use crate::backend::{self, Pace, ReindexReport, ReindexStep};
use crate::mail::Query;
use crate::store::{ReindexState, Store};

pub(super) async fn reindex(context: &Context) -> Result<Exit, Stop> {
    let store = context.store()?;
    let meter = Meter::new(&context.global);
    let interrupt = Interrupt::listen();
    let result = backend::reindex(&store, shown(meter), going_on(&interrupt)).await;
    meter.clear();
    let done = result?;
    let report = Reindex {
        messages: done.messages,
        done: done.done,
        continued: done.continued,
        complete: done.complete,
        text: done.text,
        index: if done.complete {
            store.index_size().await?
        } else {
            0
        },
    };
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

/// Completes an index whose building was stopped, behind what a command is for: neither its failure nor Ctrl-C is that
/// command's, and the next one goes on.
pub(super) async fn finish(context: &Context, store: &Store, interrupt: Interrupt) {
    if interrupt.times() > 0 {
        return;
    }
    let meter = Meter::new(&context.global);
    let (told, goes_on) = (shown(meter), going_on(&interrupt));
    let done = backend::finish_reindex(store, Pace::Hurried, told, goes_on).await;
    meter.clear();
    match done {
        Ok(None) => {}
        Ok(Some(ReindexReport { complete: true, .. })) => {
            mention(&context.global, "The search index is complete again.");
        }
        Ok(Some(report)) => {
            let (done, messages) = (thousands(report.done), thousands(report.messages));
            let remark = format!(
                "The search index is not complete yet ({done} of {messages} messages): the next sync goes on there."
            );
            mention(&context.global, &remark);
        }
        Err(error) => {
            tracing::warn!(%error, "the search index could not be completed");
            complain(&context.global, None, &backend::reindex_failed(&error));
        }
    }
}

/// What is to be said of what this query finds while the index is not complete. To be asked before the query: it may become
/// complete meanwhile.
pub(super) async fn partial(store: &Store, query: &Query) -> Option<String> {
    if !query.has_words() {
        return None;
    }
    // What is wrong with the store is told by whoever reads the messages themselves.
    let state = store.reindexing().await.ok().flatten()?;
    Some(format!(
        "The search index is being built anew ({}): this may not be all. `poppet doctor --reindex` finishes it.",
        so_far(&state)
    ))
}

/// `1,234 of 100,000 messages`.
pub(super) fn so_far(state: &ReindexState) -> String {
    let messages = if state.total == 1 {
        "message"
    } else {
        "messages"
    };
    let (done, total) = (thousands(state.done), thousands(state.total));
    format!("{done} of {total} {messages}")
}

fn shown(meter: Meter) -> impl FnMut(ReindexStep) {
    move |step| match step {
        ReindexStep::Messages(done, of) => meter.show(&format!("indexing messages {done}/{of}")),
        ReindexStep::Order => meter.show("putting the index in order"),
    }
}

fn going_on(interrupt: &Interrupt) -> impl Fn() -> bool + Clone + Send + 'static {
    let interrupt = interrupt.clone();
    move || interrupt.times() == 0
}

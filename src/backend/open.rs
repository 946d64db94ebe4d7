//! Making a stored message readable, away from the network and the screen.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::errands::{How, Request, Want};
use crate::bridge::{Event, Ticket};
use crate::mail::{Kind, Local, MessageId, MessageSummary, Problem, View};
use crate::mime::{self, RenderOptions};
use crate::store::{self, Store};

/// Reads a stored message, renders it on another thread, and answers the ticket. One that turns out to be damaged is marked
/// so and asked for again where there is somebody to ask; where there is not, what is left of it is shown.
pub(super) fn show(
    store: &Store,
    events: &mpsc::Sender<Event>,
    want: Want,
    account: Option<mpsc::Sender<Request>>,
) {
    let (store, events) = (store.clone(), events.clone());
    tokio::spawn(async move {
        let event = match store.octets(want.message).await {
            Err(store::Error::Spoilt(_)) => {
                match note_damage(&store, &events, vec![want.message]).await {
                    // What was not marked came anew meanwhile, or nothing can be stored: nobody is asked.
                    Ok(marked)
                        if !marked.is_empty()
                            && account
                                .is_some_and(|it| it.try_send(Request::Want(want)).is_ok()) =>
                    {
                        return;
                    }
                    Ok(_) => left(&store, want, None).await,
                    Err(error) => failed(want.ticket, error.into()),
                }
            }
            Ok(found) => as_found(&store, want, found, false, None).await,
            Err(error) => failed(want.ticket, error.into()),
        };
        let _ = events.send(event).await;
    });
}

/// What is left of a damaged message that cannot be fetched again, and why it cannot. Whether it is one.
pub(super) async fn show_left(
    store: &Store,
    events: &mpsc::Sender<Event>,
    want: Want,
    why: &Problem,
) -> Result<bool, store::Error> {
    let rows = store.summaries(vec![want.message]).await?;
    let damaged = rows.iter().any(MessageSummary::is_damaged);
    if damaged {
        let _ = events.send(left(store, want, Some(why)).await).await;
    }
    Ok(damaged)
}

/// What is here of a message, be it its beginning or what is left of it.
async fn left(store: &Store, want: Want, why: Option<&Problem>) -> Event {
    let here = async {
        Ok::<_, store::Error>(match store.octets(want.message).await {
            Err(store::Error::Spoilt(id)) => (store.octets_as_they_are(id).await?, true),
            found => (found?, false),
        })
    };
    match here.await {
        Ok((found, spoilt)) => as_found(store, want, found, spoilt, why).await,
        Err(error) => failed(want.ticket, error.into()),
    }
}

/// Renders what was found of a message. `spoilt`: it is not what was received; that may be known already of what is not whole.
async fn as_found(
    store: &Store,
    want: Want,
    found: Option<(Local, Vec<u8>)>,
    spoilt: bool,
    why: Option<&Problem>,
) -> Event {
    let Some((extent, octets)) = found else {
        return failed(want.ticket, nothing_stored());
    };
    let mut damaged = spoilt;
    if extent != Local::Full {
        match store.summaries(vec![want.message]).await {
            Ok(rows) => damaged |= rows.iter().any(MessageSummary::is_damaged),
            Err(error) => return failed(want.ticket, error.into()),
        }
    }
    let mut notes = Vec::new();
    if damaged {
        notes.push(DAMAGED.to_owned());
        notes.extend(why.map(|why| format!("It was not fetched again: {}", why.what)));
    }
    rendered(want, (extent, octets), notes).await
}

/// Has the store and the screen know that these are damaged, where they are. Those that were marked.
pub(super) async fn note_damage(
    store: &Store,
    events: &mpsc::Sender<Event>,
    ids: Vec<MessageId>,
) -> Result<Vec<MessageSummary>, store::Error> {
    // A store that can only be read cannot remember it, and shows what it has.
    if ids.is_empty() || store.view_only().is_some() {
        return Ok(Vec::new());
    }
    let messages = store.mark_damaged(ids).await?;
    if !messages.is_empty() {
        let messages = messages.clone();
        let changed = Event::Changed {
            ticket: None,
            messages,
        };
        let _ = events.send(changed).await;
    }
    Ok(messages)
}

/// Renders what the server has shown of a message that a person peeks at; `extent`: whether that is all of it.
pub(super) fn show_beginning(
    events: &mpsc::Sender<Event>,
    want: Want,
    extent: Local,
    octets: Vec<u8>,
) {
    let events = events.clone();
    tokio::spawn(async move {
        let event = rendered(want, (extent, octets), Vec::new()).await;
        let _ = events.send(event).await;
    });
}

async fn rendered(want: Want, (extent, octets): (Local, Vec<u8>), notes: Vec<String>) -> Event {
    let Want {
        ticket,
        message: id,
        how,
    } = want;
    let (view, width) = match how {
        How::Open { view, width } => (view, width),
        How::Peek { width, .. } => (View::Text, width),
    };
    let options = RenderOptions { view, width };
    let rendering = tokio::task::spawn_blocking(move || mime::render(id, &octets, extent, options));
    match rendering.await {
        Ok(mut body) => {
            // Of a damaged message all that is left is shown, not a beginning.
            body.partial &= notes.is_empty();
            body.notes.splice(0..0, notes);
            Event::Opened {
                ticket,
                body: Arc::new(body),
            }
        }
        Err(_) => failed(
            ticket,
            Problem::new(
                Kind::Protocol,
                "This message cannot be shown",
                "It broke the part of poppet that makes it readable.",
                "Its source can still be read: `poppet show ID --raw`. Please report it.",
            ),
        ),
    }
}

pub(super) fn failed(ticket: Ticket, problem: Problem) -> Event {
    Event::Failed {
        ticket: Some(ticket),
        account: None,
        problem,
    }
}

pub(super) fn nothing_stored() -> Problem {
    Problem::new(
        Kind::Store,
        "There is no such message here",
        "The store has nothing under this number.",
        "`poppet list` prints the numbers that there are.",
    )
}

const DAMAGED: &str = "What is here of this message is damaged: it is not what was received.";

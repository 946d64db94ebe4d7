//! Making a stored message readable, away from the network and the screen.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::errands::{How, Request, Want};
use crate::bridge::{Event, Ticket};
use crate::mail::{Kind, Local, MessageId, MessageSummary, Problem, View};
use crate::mime::{self, RenderOptions};
use crate::store::{self, Store};

/// Reads a stored message, renders it on another thread, and answers the ticket. One that is damaged is asked for again
/// where there is somebody to ask.
pub(super) fn show(
    store: &Store,
    events: &mpsc::Sender<Event>,
    ticket: Ticket,
    id: MessageId,
    (view, width): (View, u16),
    account: Option<mpsc::Sender<Request>>,
) {
    let (store, events) = (store.clone(), events.clone());
    tokio::spawn(async move {
        let how = How::Open { view, width };
        let message = id;
        let want = Request::Want(Want {
            ticket,
            message,
            how,
        });
        let event = match read(&store, id).await {
            Err(store::Error::Spoilt(_)) if account.is_some_and(|it| it.try_send(want).is_ok()) => {
                return;
            }
            Ok(Some((extent, octets, damaged))) => {
                let notes = if damaged {
                    vec![DAMAGED.to_owned()]
                } else {
                    Vec::new()
                };
                rendered(ticket, id, (octets, extent), notes, view, width).await
            }
            Ok(None) => failed(ticket, nothing_stored()),
            Err(error) => failed(ticket, error.into()),
        };
        let _ = events.send(event).await;
    });
}

/// What is here of a message, and whether it is known to be something else than what was received.
async fn read(
    store: &Store,
    id: MessageId,
) -> Result<Option<(Local, Vec<u8>, bool)>, store::Error> {
    let Some((extent, octets)) = store.octets(id).await? else {
        return Ok(None);
    };
    if extent == Local::Full {
        return Ok(Some((extent, octets, false)));
    }
    let rows = store.summaries(vec![id]).await?;
    let damaged = rows.iter().any(MessageSummary::is_damaged);
    Ok(Some((extent, octets, damaged)))
}

/// Renders the beginning of a message that a person peeks at.
pub(super) fn show_beginning(
    events: &mpsc::Sender<Event>,
    want: Want,
    octets: Vec<u8>,
    width: u16,
) {
    let events = events.clone();
    tokio::spawn(async move {
        let event = rendered(
            want.ticket,
            want.message,
            (octets, Local::Peeked),
            Vec::new(),
            View::Text,
            width,
        )
        .await;
        let _ = events.send(event).await;
    });
}

async fn rendered(
    ticket: Ticket,
    id: MessageId,
    (octets, extent): (Vec<u8>, Local),
    notes: Vec<String>,
    view: View,
    width: u16,
) -> Event {
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

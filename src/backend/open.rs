//! Making a stored message readable, away from the network and the screen.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::errands::{How, Request, Want};
use crate::bridge::{Event, Ticket};
use crate::mail::{Kind, Local, MessageId, Problem, View};
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
        let event = match store.octets(id).await {
            Err(store::Error::Spoilt(_)) if account.is_some_and(|it| it.try_send(want).is_ok()) => {
                return;
            }
            Ok(Some((extent, octets))) => rendered(ticket, id, octets, extent, view, width).await,
            Ok(None) => failed(ticket, nothing_stored()),
            Err(error) => failed(ticket, error.into()),
        };
        let _ = events.send(event).await;
    });
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
            octets,
            Local::Peeked,
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
    octets: Vec<u8>,
    extent: Local,
    view: View,
    width: u16,
) -> Event {
    let options = RenderOptions { view, width };
    let rendering = tokio::task::spawn_blocking(move || mime::render(id, &octets, extent, options));
    match rendering.await {
        Ok(body) => Event::Opened {
            ticket,
            body: Arc::new(body),
        },
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

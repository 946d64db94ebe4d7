//! `poppet demo --serve`: the embedded server alone.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use jiff::ZonedDateTime;

use super::args::Demo;
use super::exit::Exit;
use super::output;
use super::stop::Stop;
use crate::demo::{Server, ServerOptions, generated, sample};
use crate::mail::{Kind, Problem};

/// The server that a demo talks to. It runs until it is dropped.
pub fn server(demo: &Demo) -> Result<Server, Problem> {
    let now = ZonedDateTime::now();
    let maildrop = match demo.messages {
        Some(count) => generated(count, demo.seed, &now),
        None => sample(&now),
    };
    let mut options = ServerOptions::new(maildrop);
    options.latency = Duration::from_millis(demo.latency);
    Server::start(options).map_err(|error| {
        Problem::new(
            Kind::Network,
            "The demo's server cannot start",
            error.to_string(),
            "It needs a free port on 127.0.0.1: look whether something forbids that.",
        )
    })
}

pub(super) async fn serve(demo: &Demo) -> Result<Exit, Stop> {
    let server = server(demo)?;
    let mut told = pin!(tokio::signal::ctrl_c());
    // Whoever reads the line may end the server at once, and Ctrl-C may have been ignored when this program was started.
    let ended = poll_fn(|context| Poll::Ready(told.as_mut().poll(context).is_ready())).await;
    output::octets(format!("{}\n", server.url()).as_bytes())?;
    if !ended {
        let _ = told.await;
    }
    server.stop().await;
    Ok(Exit::Done)
}

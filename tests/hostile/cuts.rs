//! Connections that end after every octet, of the server's and of the client's.

use poppet::backend::Haste;

use crate::count::count;
use crate::house::Transport;
use crate::server::behaviour::{Behaviour, End, Wire};
use crate::session::{Mode, Outcome, case};
use crate::support::score::stride;

/// Octets that a whole session carries: those of the server, and those of the client.
async fn length(mode: Mode, transport: Transport) -> (u64, u64) {
    let clean = case(mode, transport, mode.server(), Haste::default()).await;
    assert!(clean.wrongs.is_empty(), "{mode:?}: {:?}", clean.wrongs);
    clean.carried
}

async fn cut_at_every_octet(transport: Transport, mode: Mode, share: usize, end: &[End]) {
    let (sent, _) = length(mode, transport).await;
    let name = format!(
        "server stream cut at every octet, {transport:?}, {}",
        mode.name()
    );
    let cases = (0..=sent).step_by(stride(share)).enumerate();
    count(&name, cases, |(index, octet)| {
        let how = end[index % end.len()];
        let wire = Wire {
            sent: Some((octet, how)),
            ..Wire::default()
        };
        one(mode, transport, wire)
    })
    .await;
}

async fn client_cut_at_every_octet(transport: Transport, mode: Mode, share: usize) {
    let (_, heard) = length(mode, transport).await;
    let name = format!(
        "client stream cut at every octet, {transport:?}, {}",
        mode.name()
    );
    let ends = [End::Fin, End::Reset];
    let octets = (0..=heard).step_by(stride(share));
    let cases = octets.flat_map(|octet| ends.map(|end| (octet, end)));
    count(&name, cases, |(octet, end)| {
        let wire = Wire {
            heard: Some((octet, end)),
            ..Wire::default()
        };
        one(mode, transport, wire)
    })
    .await;
}

async fn one(mode: Mode, transport: Transport, wire: Wire) -> (String, Outcome) {
    let behaviour = Behaviour {
        wire,
        ..mode.server()
    };
    let outcome = case(mode, transport, behaviour, Haste::times(50)).await;
    (format!("{wire:?}"), outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn f6_the_servers_stream_cut_at_every_octet_loses_nothing_and_shows_nothing_twice() {
    for mode in Mode::ALL {
        cut_at_every_octet(Transport::Plain, mode, PLAIN_SHARE, &[End::Fin, End::Reset]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_tls_cut_at_every_octet_in_order_torn_or_reset_is_never_taken_for_an_end() {
    for mode in Mode::ALL {
        let ends = [End::Torn, End::Fin, End::Reset];
        cut_at_every_octet(Transport::Tls, mode, TLS_SHARE, &ends).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f7_the_clients_stream_cut_at_every_octet_deletes_nothing_else() {
    for mode in Mode::ALL {
        client_cut_at_every_octet(Transport::Plain, mode, CLIENT_SHARE).await;
        client_cut_at_every_octet(Transport::Tls, mode, CLIENT_SHARE).await;
    }
}

/// Every so-manieth octet is tried unless all are asked for; no multiple of a line's length.
const PLAIN_SHARE: usize = 53;
const TLS_SHARE: usize = 97;
const CLIENT_SHARE: usize = 13;

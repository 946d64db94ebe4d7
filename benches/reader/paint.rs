//! From the start of the program to the first screen with a message on it.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use poppet::mail::Folder;
use poppet::store::Listing;

use crate::figure::{Figure, Of};
use crate::home::{Home, account, message_rows};
use crate::terminal::Terminal;

pub(crate) fn measure(messages: u32, rounds: usize) -> Vec<Figure> {
    let home = Home::new(closed_port(), None);
    home.fill(messages);
    let mut first = Vec::new();
    let mut screen = String::new();
    for _ in 0..rounds {
        let terminal = Terminal::open(home.reader(), SIZE, |screen, _| message_rows(screen) > 0);
        let met = terminal.met(PATIENCE).expect("a message on the screen");
        first.push(milliseconds(met - terminal.started()));
        // A second later it would have told that the server is not there.
        screen = terminal.look(vt100::Screen::contents_formatted);
    }
    let picture = home.data().join("screen");
    std::fs::write(&picture, screen).expect("write the screen");
    let cat: Vec<f64> = (0..rounds)
        .map(|_| {
            let mut command = home.bare("cat");
            command.arg(&picture);
            let terminal = Terminal::open(command, SIZE, |screen, _| message_rows(screen) > 0);
            let met = terminal.met(PATIENCE).expect("the screen");
            milliseconds(met - terminal.started())
        })
        .collect();
    let rows: Vec<f64> = (0..rounds)
        .map(|_| milliseconds(read_rows(&home)))
        .collect();
    vec![
        Figure::new(
            "first-paint",
            "start to a message on the screen",
            "ms",
            first,
        )
        .at_most(Of::P95, 50.0),
        Figure::new("first-paint/cat", "baseline: cat on that screen", "ms", cat),
        Figure::new(
            "first-paint/rows",
            "baseline: open the store, read 200 rows",
            "ms",
            rows,
        ),
    ]
}

fn read_rows(home: &Home) -> Duration {
    let started = Instant::now();
    let store = home.store();
    let listing = Listing {
        folder: Some(Folder::Inbox),
        account: Some(account()),
        limit: Some(200),
        ..Listing::default()
    };
    let page = store.list(listing).wait().expect("read the rows");
    let took = started.elapsed();
    assert_eq!(page.rows.len(), 200);
    took
}

/// A port of loopback at which nobody listens.
pub(crate) fn closed_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("its address").port()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

const SIZE: (u16, u16) = (80, 24);
const PATIENCE: Duration = Duration::from_secs(10);

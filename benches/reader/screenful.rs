//! From connecting to a mailbox that was never seen to a screen full of summaries.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::figure::{Figure, Of};
use crate::home::{Home, list_height, mailbox, message_rows};
use crate::paint::milliseconds;
use crate::plain::Plain;
use crate::proxy::Proxy;
use crate::server::Running;
use crate::terminal::Terminal;

pub(crate) fn measure(messages: u32, rounds: usize, verbose: bool) -> Vec<Figure> {
    let server = Running::encrypted(mailbox(messages));
    let authority = server.authority();
    let mut full = Vec::new();
    let mut some = Vec::new();
    let mut plain = Vec::new();
    let mut listed = Vec::new();
    for _ in 0..rounds {
        let proxy = Proxy::start(server.address(), ROUND_TRIP);
        let home = Home::new(proxy.port(), authority.as_deref());
        let counts = Arc::new(Mutex::new(Vec::<(Instant, usize)>::new()));
        let noted = Arc::clone(&counts);
        let terminal = Terminal::open(home.reader(), SIZE, move |screen, now| {
            let rows = message_rows(screen);
            let mut noted = noted.lock().expect("no panic");
            if noted.last().map_or(0, |(_, last)| *last) != rows {
                noted.push((now, rows));
            }
            rows == list_height(SIZE)
        });
        let met = terminal.met(PATIENCE).expect("a full screen of summaries");
        let asked = proxy.asked().expect("a connection");
        full.push(milliseconds(met - asked));
        let counts = counts.lock().expect("no panic");
        some.extend(counts.first().map(|(at, _)| milliseconds(*at - asked)));
        if verbose {
            eprintln!(
                "  connecting {:.0} ms after the start",
                milliseconds(asked - terminal.started())
            );
            for (at, rows) in counts.iter() {
                eprintln!(
                    "  {rows:3} rows {:6.0} ms after connecting",
                    milliseconds(*at - asked)
                );
            }
        }
        drop(terminal);

        let asked = Instant::now();
        let mut session = Plain::connect(proxy.port(), authority.as_deref());
        let messages = session.log_in("demo", "demo");
        session.newest(messages, list_height(SIZE) as u32, || {
            plain.push(milliseconds(asked.elapsed()));
        });
        listed.push(milliseconds(asked.elapsed()));
        session.quit();
    }
    vec![
        Figure::new(
            "screenful",
            "connecting to a full screen, 100 ms away, TLS",
            "ms",
            full,
        )
        .at_most(Of::P95, 1800.0),
        Figure::new(
            "screenful/one",
            "connecting to the first summary",
            "ms",
            some,
        ),
        Figure::new(
            "screenful/loop",
            "baseline: plain loop to the 38 newest",
            "ms",
            plain,
        ),
        Figure::new(
            "screenful/listed",
            "baseline: plain loop to LIST and UIDL as well",
            "ms",
            listed,
        ),
    ]
}

/// With a list of 38 rows.
const SIZE: (u16, u16) = (160, 42);
const ROUND_TRIP: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(1);

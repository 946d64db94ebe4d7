//! From opening a message that is not here to its text on the screen, while the mailbox is being fetched.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use poppet::demo;

use crate::figure::{Figure, Of};
use crate::home::{Home, list_height, mailbox, message_rows};
use crate::paint::milliseconds;
use crate::plain::Plain;
use crate::proxy::Proxy;
use crate::server::Running;
use crate::terminal::Terminal;

pub(crate) fn measure(messages: u32, opened: usize, verbose: bool) -> Vec<Figure> {
    let maildrop = mailbox(messages);
    let octets: u64 = maildrop.messages().iter().map(demo::Message::octets).sum();
    let server = Running::encrypted(maildrop);
    let authority = server.authority();
    let mut all = Vec::new();
    for _ in 0..ROUNDS {
        let proxy = Proxy::start(server.address(), ROUND_TRIP);
        let home = Home::new(proxy.port(), authority.as_deref());
        all.extend(open_some(&home, &proxy, octets));
        if all.len() >= opened {
            break;
        }
    }
    if verbose {
        for one in &all {
            eprintln!(
                "  {:6.1} ms, with {} octets under way, at {:.0} octets a millisecond",
                one.took, one.under_way, one.rate
            );
        }
    }
    let windows: Vec<f64> = all.iter().map(Opened::window).collect();
    let round_trip = milliseconds(ROUND_TRIP);
    let trips = all
        .iter()
        .map(|one| (one.took - one.window()) / round_trip)
        .collect();
    vec![
        Figure::new(
            "open",
            "opening a message while fetching, 100 ms away, TLS",
            "ms",
            all.iter().map(|one| one.took).collect(),
        ),
        Figure::new(
            "open/window",
            "what was under way then, at the line's rate",
            "ms",
            windows,
        ),
        Figure::new("open/trips", "round trips beyond that", "", trips).at_most(Of::P95, 3.0),
        Figure::new(
            "open/loop",
            "baseline: plain loop, one RETR, nothing else",
            "ms",
            retrieve_some(&server, messages, opened),
        ),
    ]
}

/// A message that was opened.
struct Opened {
    /// From the key to the text, in milliseconds.
    took: f64,
    /// Octets of other messages that had been asked for before it.
    under_way: u64,
    /// Octets that came in a millisecond meanwhile.
    rate: f64,
}

impl Opened {
    /// Milliseconds for what was under way.
    fn window(&self) -> f64 {
        self.under_way as f64 / self.rate.max(1.0)
    }
}

/// Opens messages from the oldest on, whose turn comes last, until most is here.
fn open_some(home: &Home, proxy: &Proxy, octets: u64) -> Vec<Opened> {
    let mut command = home.reader();
    command.env("POPPET_LOG", "poppet::backend::launch=debug");
    let terminal = Terminal::open(command, SIZE, |screen, _| {
        message_rows(screen) == list_height(SIZE)
    });
    terminal.met(PATIENCE).expect("a full list");
    while proxy.received() < octets / 5 {
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut opened = Vec::new();
    let mut keys = "G\r";
    while proxy.received() < octets / 10 * 7 {
        let (before, asked) = (proxy.received(), told(home).len());
        let waited = Arc::new(AtomicBool::new(false));
        let waiting = Arc::clone(&waited);
        let at = terminal.press(keys, move |screen, _| {
            if text(screen).contains("Downloading") {
                waiting.store(true, Ordering::Relaxed);
            }
            shows_text(screen)
        });
        let met = terminal.met(PATIENCE).expect("the text of a message");
        let took = milliseconds(met - at);
        let rate = (proxy.received() - before) as f64 / took;
        if let Some(under_way) = told(home).get(asked)
            && waited.load(Ordering::Relaxed)
        {
            opened.push(Opened {
                took,
                under_way: *under_way,
                rate,
            });
        }
        // Back to the list, and a few pages up.
        terminal.press("q", |screen, _| message_rows(screen) == list_height(SIZE));
        terminal.met(PATIENCE).expect("the list");
        std::thread::sleep(BETWEEN);
        keys = "\u{2}\u{2}\u{2}\r";
    }
    opened
}

/// What the log has of the octets that were under way, each time that something went ahead of them.
fn told(home: &Home) -> Vec<u64> {
    let log = std::fs::read_to_string(home.data().join("poppet.log")).unwrap_or_default();
    let of = |line: &str| {
        let field = line.split_once("under_way=")?.1;
        field.split_whitespace().next()?.parse().ok()
    };
    log.lines().filter_map(of).collect()
}

/// The rows in which the text of a message stands.
fn text(screen: &vt100::Screen) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let rows: Vec<String> = screen
        .rows(0, columns)
        .take(usize::from(rows) - 2)
        .skip(6)
        .collect();
    rows.join("\n")
}

fn shows_text(screen: &vt100::Screen) -> bool {
    let text = text(screen);
    let blank = text.trim().is_empty();
    message_rows(screen) == 0
        && !blank
        && !["Downloading", "Opening", "Only the headers"]
            .iter()
            .any(|instead| text.contains(instead))
}

/// The same messages, one at a time, by a loop that does nothing else.
fn retrieve_some(server: &Running, messages: u32, count: usize) -> Vec<f64> {
    let proxy = Proxy::start(server.address(), ROUND_TRIP);
    let mut session = Plain::connect(proxy.port(), server.authority().as_deref());
    session.log_in("demo", "demo");
    let numbers = (1..=messages).step_by(60).take(count);
    let took = numbers
        .map(|number| {
            let asked = Instant::now();
            session.one(number);
            milliseconds(asked.elapsed())
        })
        .collect();
    session.quit();
    took
}

const SIZE: (u16, u16) = (80, 24);
const ROUND_TRIP: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN: Duration = Duration::from_millis(100);
const ROUNDS: usize = 8;

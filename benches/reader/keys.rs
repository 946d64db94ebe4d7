//! From a key to the frame that answers it, while the mailbox is being fetched, and the memory that this takes.

use std::time::{Duration, Instant};

use poppet::demo;

use crate::figure::{Figure, Of};
use crate::home::{Home, cursor_row, list_height, mailbox, message_rows};
use crate::paint::{closed_port, milliseconds};
use crate::process::{self, peak_memory};
use crate::proxy::Proxy;
use crate::server::Running;
use crate::terminal::Terminal;

pub(crate) fn measure(messages: u32, keys: usize, verbose: bool) -> Vec<Figure> {
    let maildrop = mailbox(messages);
    let octets: u64 = maildrop.messages().iter().map(demo::Message::octets).sum();
    let server = Running::encrypted(maildrop);
    let mut busy = Vec::new();
    let mut memory = Vec::new();
    let mut took = Vec::new();
    // Fetching may be over before enough keys are pressed: then it starts again, with an empty store.
    while busy.len() < keys && memory.len() < ROUNDS {
        let proxy = Proxy::start(server.address(), ROUND_TRIP);
        let home = Home::new(proxy.port(), server.authority().as_deref());
        let terminal = Terminal::open(home.reader(), SIZE, |screen, _| is_full(screen));
        terminal.met(PATIENCE).expect("a full list");
        let asked = proxy.asked().expect("a connection");
        let mut quiet = Quiet::new(octets);
        let pressed = press(&terminal, usize::MAX, || quiet.is_over(&proxy));
        assert!(
            proxy.received() >= octets,
            "fetched {} of {octets} octets",
            proxy.received()
        );
        took.push((quiet.since - asked).as_secs_f64());
        memory.extend(peak_memory(terminal.pid()));
        if verbose {
            process::tell(terminal.pid());
            tell_slowest(&pressed, asked);
        }
        busy.extend(pressed.into_iter().map(|press| press.took));
    }
    let home = Home::new(closed_port(), None);
    home.fill(messages.min(IDLE));
    let terminal = Terminal::open(home.reader(), SIZE, |screen, _| is_full(screen));
    terminal.met(PATIENCE).expect("a full list");
    let idle = press(&terminal, keys, || false);
    let idle_memory = peak_memory(terminal.pid());
    vec![
        Figure::new(
            "keys",
            "key to frame while fetching, 100 ms away",
            "ms",
            busy,
        )
        .at_most(Of::P95, 8.0)
        .at_most(Of::P99, 16.0),
        Figure::new(
            "keys/idle",
            "baseline: the same keys, nothing to fetch",
            "ms",
            idle.into_iter().map(|press| press.took).collect(),
        ),
        Figure::new(
            "memory",
            "peak resident memory while fetching",
            "MB",
            memory,
        )
        .at_most(
            Of::Max,
            80.0 + f64::from(messages.saturating_sub(10_000)) * LISTED,
        ),
        Figure::new(
            "memory/idle",
            "baseline: the same with nothing to fetch",
            "MB",
            idle_memory.into_iter().collect(),
        ),
        Figure::new("keys/fetch", "how long the fetching took", "s", took),
    ]
}

/// A key that was pressed.
struct Press {
    at: Instant,
    /// Until the selection had moved, in milliseconds.
    took: f64,
}

/// Presses `j` and `k` at random gaps, so often or until it is over.
fn press(terminal: &Terminal, keys: usize, mut over: impl FnMut() -> bool) -> Vec<Press> {
    let mut dice = Dice(0x5EED);
    let mut pressed = Vec::new();
    while pressed.len() < keys && !over() {
        let Some(row) = terminal.look(cursor_row) else {
            panic!("no selection on the screen");
        };
        // The list begins in the third row; it is never scrolled, so that the bar moves with every key.
        let key = match usize::from(row) {
            ..4 => "j",
            row if row > list_height(SIZE) - 2 => "k",
            _ if dice.below(2) == 0 => "j",
            _ => "k",
        };
        let at = terminal.press(key, move |screen, _| {
            cursor_row(screen).is_some_and(|now| now != row)
        });
        let moved = terminal.met(PATIENCE).expect("an answer to a key");
        let took = milliseconds(moved - at);
        pressed.push(Press { at, took });
        std::thread::sleep(Duration::from_millis(20 + dice.below(100)));
    }
    pressed
}

/// Notices when nothing more comes from the server.
struct Quiet {
    all: u64,
    received: u64,
    since: Instant,
}

impl Quiet {
    fn new(all: u64) -> Self {
        Self {
            all,
            received: 0,
            since: Instant::now(),
        }
    }

    fn is_over(&mut self, proxy: &Proxy) -> bool {
        let received = proxy.received();
        if received != self.received {
            self.received = received;
            self.since = Instant::now();
        }
        // The disk may take a while before more is asked for.
        let still = if received < self.all { STUCK } else { STILL };
        self.since.elapsed() > still
    }
}

/// A few numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn tell_slowest(pressed: &[Press], asked: Instant) {
    let mut slowest: Vec<&Press> = pressed.iter().collect();
    slowest.sort_by(|a, b| b.took.total_cmp(&a.took));
    for press in slowest.iter().take(12) {
        let since = (press.at - asked).as_secs_f64();
        eprintln!(
            "  {:7.1} ms for the key {since:6.2} s after connecting",
            press.took
        );
    }
}

fn is_full(screen: &vt100::Screen) -> bool {
    message_rows(screen) == list_height(SIZE)
}

const SIZE: (u16, u16) = (80, 24);
/// So many megabytes each message more may take: its row in the list, and what the session and the listing know of it.
const LISTED: f64 = 0.3e-3;
const ROUND_TRIP: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(30);
const STILL: Duration = Duration::from_secs(1);
const STUCK: Duration = Duration::from_secs(15);
const ROUNDS: usize = 5;
/// Filling a store with more would take minutes, and `list` shows that the length of a list costs its keys nothing.
const IDLE: u32 = 10_000;

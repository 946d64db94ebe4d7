//! A line with a round trip: every octet arrives half of it later, and so does the connection itself.
//!
//! Loopback accepts a connection at once. A far server would have it a round trip and a half later, and the client would
//! not have sent before the first round trip was over: what a client sends meanwhile is held back until then. Bandwidth is
//! limited where a rate is given, nothing is lost, and TCP's slow start is not imitated.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::stand_back;

/// The near end of the line. Its threads end with the process.
pub(crate) struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: SocketAddr,
    one_way: Duration,
    /// Octets a second from the server.
    rate: Option<f64>,
    /// When each connection was asked for.
    asked: Mutex<Vec<Instant>>,
    /// Octets that have come from the server.
    received: AtomicU64,
}

impl Proxy {
    pub(crate) fn start(server: SocketAddr, round_trip: Duration) -> Self {
        Self::carrying(server, round_trip, None)
    }

    /// A line that carries no more than `rate` octets a second from the server.
    pub(crate) fn carrying(server: SocketAddr, round_trip: Duration, rate: Option<f64>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared {
            server,
            one_way: round_trip / 2,
            rate,
            asked: Mutex::new(Vec::new()),
            received: AtomicU64::new(0),
        });
        let line = Arc::clone(&shared);
        thread::spawn(move || {
            stand_back();
            for client in listener.incoming().flatten() {
                let asked = Instant::now();
                line.asked.lock().expect("no panic").push(asked);
                let line = Arc::clone(&line);
                thread::spawn(move || line.connect(&client, asked));
            }
        });
        Self { port, shared }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// When the last connection was asked for.
    pub(crate) fn asked(&self) -> Option<Instant> {
        self.shared.asked.lock().expect("no panic").last().copied()
    }

    /// Octets that have come from the server so far.
    pub(crate) fn received(&self) -> u64 {
        self.shared.received.load(Ordering::Relaxed)
    }
}

impl Shared {
    fn connect(&self, client: &TcpStream, asked: Instant) {
        // SYN, SYN-ACK, ACK: only with the third is the connection the server's.
        let established = asked + self.one_way * 3;
        sleep_until(established);
        let Ok(server) = TcpStream::connect(self.server) else {
            let _ = client.shutdown(Shutdown::Both);
            return;
        };
        for end in [client, &server] {
            end.set_nodelay(true).expect("a socket without delay");
        }
        let sent = AtomicU64::new(0);
        let near = Way {
            late: self.one_way,
            earliest: established,
            rate: None,
        };
        let far = Way {
            rate: self.rate,
            ..near
        };
        thread::scope(|scope| {
            scope.spawn(|| carry(client, &server, near, &sent));
            carry(&server, client, far, &self.received);
        });
    }
}

/// One direction: each octet comes `late` later but not before `earliest`, and no more than `rate` a second.
#[derive(Clone, Copy)]
struct Way {
    late: Duration,
    earliest: Instant,
    rate: Option<f64>,
}

/// Carries octets one way until their end.
fn carry(from: &TcpStream, to: &TcpStream, way: Way, count: &AtomicU64) {
    let (sender, receiver) = sync_channel(ON_THE_WAY);
    thread::scope(|scope| {
        scope.spawn(move || deliver(to, &receiver));
        receive(from, way, count, &sender);
        drop(sender);
    });
}

fn receive(
    mut from: &TcpStream,
    way: Way,
    count: &AtomicU64,
    sender: &SyncSender<(Instant, Vec<u8>)>,
) {
    let mut octets = vec![0; PIECE];
    let mut free = Instant::now();
    while let Ok(read) = from.read(&mut octets) {
        count.fetch_add(read as u64, Ordering::Relaxed);
        let mut carried = Instant::now();
        if let Some(rate) = way.rate {
            // What is behind it waits with the server until the line is free again. A line does not sleep too long: what this
            // thread was late by is made up for.
            let late = carried.checked_sub(LATENESS).unwrap_or(carried);
            free = free.max(late) + Duration::from_secs_f64(read as f64 / rate);
            sleep_until(free);
            carried = free;
        }
        let due = (carried + way.late).max(way.earliest);
        if read == 0 || sender.send((due, octets[..read].to_vec())).is_err() {
            return;
        }
    }
}

fn deliver(mut to: &TcpStream, receiver: &Receiver<(Instant, Vec<u8>)>) {
    for (due, octets) in receiver {
        sleep_until(due);
        if to.write_all(&octets).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn sleep_until(due: Instant) {
    thread::sleep(due.saturating_duration_since(Instant::now()));
}

const PIECE: usize = 16 * 1024;
/// More than a thread that stands back waits for a core, as a rule.
const LATENESS: Duration = Duration::from_millis(10);
/// Pieces on their way in one direction: 16 MiB, more than anybody asks for ahead.
const ON_THE_WAY: usize = 1024;

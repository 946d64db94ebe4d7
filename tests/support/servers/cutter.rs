//! A way to a server that is cut: after so many octets of its answers both ends lose the connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A forwarder on the loopback. What it lets through is counted over all its connections.
pub(crate) struct Cutter {
    pub(crate) port: u16,
    passed: Arc<AtomicU64>,
}

impl Cutter {
    /// A way to the loopback's `port` that ends after `limit` octets; what comes later is not even let in.
    pub(crate) fn before(port: u16, limit: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("its address").port();
        let passed = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&passed);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if count.load(Ordering::SeqCst) >= limit {
                    continue;
                }
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    forward(client, server, &count, limit);
                }
            }
        });
        Self { port: own, passed }
    }

    /// Octets of answers that came through.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::SeqCst)
    }
}

fn forward(client: TcpStream, server: TcpStream, passed: &Arc<AtomicU64>, limit: u64) {
    let (Ok(mut commands), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut commands, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let passed = Arc::clone(passed);
    std::thread::spawn(move || {
        let (mut server, mut client) = (server, client);
        let mut octets = [0_u8; 4096];
        while let Ok(read @ 1..) = server.read(&mut octets) {
            let before = passed.fetch_add(read as u64, Ordering::SeqCst);
            let room = usize::try_from(limit.saturating_sub(before)).unwrap_or(usize::MAX);
            let now = &octets[..read.min(room)];
            if client.write_all(now).is_err() || now.len() < read {
                break;
            }
        }
        let _ = client.shutdown(Shutdown::Both);
        let _ = server.shutdown(Shutdown::Both);
    });
}

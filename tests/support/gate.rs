//! A gate on the way to a server: lets so many octets of its answers through, then holds the rest until opened.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// A forwarder on the loopback. Commands pass at once; answers pass up to the limit, which all connections share.
pub(crate) struct Gate {
    pub(crate) port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Debug, Default)]
struct State {
    passed: u64,
    limit: u64,
}

impl Gate {
    /// A gate before the loopback's `port` that holds after `limit` octets.
    pub(crate) fn before(port: u16, limit: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let own = listener.local_addr().expect("its address").port();
        let state = Arc::new((Mutex::new(State { passed: 0, limit }), Condvar::new()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                forward(client, server, &shared);
            }
        });
        Self { port: own, state }
    }

    /// Waits until the gate holds octets back.
    #[track_caller]
    pub(crate) fn wait_until_it_holds(&self) {
        let (state, changed) = &*self.state;
        let guard = state.lock().expect("the gate");
        let (guard, waited) = changed
            .wait_timeout_while(guard, Duration::from_mins(1), |s| s.passed < s.limit)
            .expect("the gate");
        assert!(
            !waited.timed_out(),
            "only {guard:?} came through in a minute"
        );
    }

    /// Lets everything through from now on.
    pub(crate) fn open(&self) {
        let (state, changed) = &*self.state;
        state.lock().expect("the gate").limit = u64::MAX;
        changed.notify_all();
    }
}

fn forward(client: TcpStream, server: TcpStream, shared: &Arc<(Mutex<State>, Condvar)>) {
    let (Ok(mut commands), Ok(mut to_server)) = (client.try_clone(), server.try_clone()) else {
        return;
    };
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut commands, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Both);
    });
    let shared = Arc::clone(shared);
    std::thread::spawn(move || answers(server, client, &shared));
}

fn answers(mut server: TcpStream, mut client: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut octets = [0_u8; 4096];
    while let Ok(read @ 1..) = server.read(&mut octets) {
        let mut rest = &octets[..read];
        while !rest.is_empty() {
            let Ok(guard) = shared.0.lock() else { return };
            let Ok(mut guard) = shared.1.wait_while(guard, |s| s.passed >= s.limit) else {
                return;
            };
            let room = usize::try_from(guard.limit - guard.passed)
                .unwrap_or(usize::MAX)
                .min(rest.len());
            guard.passed += room as u64;
            shared.1.notify_all();
            drop(guard);
            let (now, later) = rest.split_at(room);
            if client.write_all(now).is_err() {
                return;
            }
            rest = later;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}

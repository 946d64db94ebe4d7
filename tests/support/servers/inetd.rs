//! A listener that starts a program for each connection, with the connection as its input and output.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crate::support::real::until;
use crate::support::run::signal;

/// It listens until it is dropped; then its programs are ended.
pub(crate) struct Inetd {
    port: u16,
    closed: Arc<AtomicBool>,
    children: Arc<Mutex<Vec<Child>>>,
    thread: Option<JoinHandle<()>>,
}

impl Inetd {
    /// Listens on this port of the loopback.
    pub(crate) fn listen(port: u16, mut serve: Command) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("listen");
        let closed = Arc::new(AtomicBool::new(false));
        let children: Arc<Mutex<Vec<Child>>> = Arc::default();
        let (end, started) = (Arc::clone(&closed), Arc::clone(&children));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if end.load(Ordering::SeqCst) {
                    return;
                }
                let child = attend(&mut serve, port, stream);
                if let (Ok(child), Ok(mut children)) = (child, started.lock()) {
                    children.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_))));
                    children.push(child);
                }
            }
        });
        Self {
            port,
            closed,
            children,
            thread: Some(thread),
        }
    }
}

/// The variables are those that Courier's own listener gives.
fn attend(serve: &mut Command, port: u16, stream: TcpStream) -> std::io::Result<Child> {
    let peer = stream.peer_addr()?;
    let output = stream.try_clone()?;
    let child = serve
        .env("TCPREMOTEIP", "127.0.0.1")
        .env("TCPREMOTEPORT", peer.port().to_string())
        .env("TCPLOCALIP", "127.0.0.1")
        .env("TCPLOCALPORT", port.to_string())
        .stdin(Stdio::from(OwnedFd::from(stream)))
        .stdout(Stdio::from(OwnedFd::from(output)))
        .stderr(Stdio::null())
        .spawn();
    // The command holds its own ends of the connection until it is given others.
    serve.stdin(Stdio::null()).stdout(Stdio::null());
    child
}

impl Drop for Inetd {
    fn drop(&mut self) {
        self.closed.store(true, Ordering::SeqCst);
        // Wakes the listener up.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let Ok(mut children) = self.children.lock() else {
            return;
        };
        for mut child in children.drain(..) {
            if !matches!(child.try_wait(), Ok(Some(_))) {
                signal(child.id(), rustix::process::Signal::TERM);
                if until(LIMIT, || child.try_wait().ok().flatten()).is_none() {
                    let _ = child.kill();
                    let _ = child.wait();
                }
            }
        }
    }
}

const LIMIT: std::time::Duration = std::time::Duration::from_secs(2);

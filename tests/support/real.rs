//! Real parts that a machine may not have: the test is skipped aloud, or fails where they are required.

use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Says that a test is skipped because `part` is missing; with `POPPET_REQUIRE_REAL=1` it fails instead.
pub(crate) fn skip(part: &str, why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    assert!(
        std::env::var_os("POPPET_REQUIRE_REAL").is_none_or(|value| value != "1"),
        "{test} needs {part}: {why}"
    );
    // Written past the harness, which hides what a passing test prints, and in one piece.
    let line = format!("SKIPPED {test}: needs {part}: {why}\n");
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Where a program is: on `PATH`, or in the folders of the system's servers.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(system)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Two or more ports of the loopback that nobody listens on at this moment, all different.
pub(crate) fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("its address").port())
}

/// Asks `ready` again and again until it has an answer, or gives up after `limit`.
pub(crate) fn until<T>(limit: Duration, mut ready: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + limit;
    loop {
        if let Some(answer) = ready() {
            return Some(answer);
        }
        if Instant::now() >= end {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

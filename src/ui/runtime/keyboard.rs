//! Keys, on a thread of their own.
//!
//! crossterm's event stream shares its reader with a thread that waits on it, and polling it contends for that lock at
//! every turn of the loop. A thread that only reads, and hands on what it read, costs the loop nothing.

use std::io;
use std::thread;

use crossterm::event::{Event, read};
use tokio::sync::mpsc;

/// Starts to listen. The thread ends with the first error, which comes out last, or when nobody listens any more.
pub(super) fn listen() -> io::Result<mpsc::Receiver<io::Result<Event>>> {
    let (heard, input) = mpsc::channel(KEYS);
    thread::Builder::new()
        .name("keyboard".to_owned())
        .spawn(move || {
            loop {
                let event = read();
                let last = event.is_err();
                if heard.blocking_send(event).is_err() || last {
                    return;
                }
            }
        })?;
    Ok(input)
}

/// Keys that may wait while the screen is being drawn.
const KEYS: usize = 1024;

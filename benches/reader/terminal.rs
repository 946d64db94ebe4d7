//! A terminal of our own around a program: what it draws is read at once, and the first moment is noted at which the screen
//! is as somebody waits for it.

use std::io::{Read, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Parser, Screen};

/// A program in a terminal. Ended when dropped.
pub(crate) struct Terminal {
    started: Instant,
    keys: Keys,
    child: Box<dyn Child + Send + Sync>,
    shared: Arc<Shared>,
    _master: Box<dyn MasterPty + Send>,
}

type Keys = Arc<Mutex<Box<dyn Write + Send>>>;

struct Shared {
    state: Mutex<State>,
    seen: Condvar,
}

struct State {
    parser: Parser,
    watch: Option<Watch>,
    met: Option<Instant>,
}

/// Looks at every change of the screen, with the moment at which it was read; true when it has seen enough.
pub(crate) type Watch = Box<dyn FnMut(&Screen, Instant) -> bool + Send>;

impl Terminal {
    /// Starts a program and watches from its first octet on.
    pub(crate) fn open(
        command: CommandBuilder,
        (columns, rows): (u16, u16),
        watch: impl FnMut(&Screen, Instant) -> bool + Send + 'static,
    ) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize {
                rows,
                cols: columns,
                pixel_width: 0,
                pixel_height: 0,
            })
            .expect("a pseudo-terminal");
        let size = |n: u16| n.try_into().expect("a size above 0");
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                parser: Parser::new(size(rows), size(columns), 0),
                watch: Some(Box::new(watch)),
                met: None,
            }),
            seen: Condvar::new(),
        });
        let output = pair.master.try_clone_reader().expect("its output");
        let keys = pair.master.take_writer().expect("its keys");
        let keys: Keys = Arc::new(Mutex::new(keys));
        let (reader, answers) = (Arc::clone(&shared), Arc::clone(&keys));
        thread::spawn(move || reader.read(output, &answers));
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program");
        // Held open, it would keep the output from ending.
        drop(pair.slave);
        Self {
            started,
            keys,
            child,
            shared,
            _master: pair.master,
        }
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.process_id().expect("a process that runs")
    }

    /// Waits until the watch has seen enough; the moment at which that was read.
    pub(crate) fn met(&self, patience: Duration) -> Option<Instant> {
        let state = self.shared.state.lock().expect("no panic");
        let (mut state, _) = self
            .shared
            .seen
            .wait_timeout_while(state, patience, |state| state.met.is_none())
            .expect("no panic");
        state.watch = None;
        state.met
    }

    /// Presses a key and watches what comes of it. The moment just before it was pressed.
    pub(crate) fn press(
        &self,
        key: &str,
        watch: impl FnMut(&Screen, Instant) -> bool + Send + 'static,
    ) -> Instant {
        let mut state = self.shared.state.lock().expect("no panic");
        state.met = None;
        state.watch = Some(Box::new(watch));
        drop(state);
        let pressed = Instant::now();
        self.write(key);
        pressed
    }

    /// Looks at the screen as it is.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        look(self.shared.state.lock().expect("no panic").parser.screen())
    }

    fn write(&self, octets: &str) {
        let mut keys = self.keys.lock().expect("no panic");
        keys.write_all(octets.as_bytes()).expect("the keys arrive");
        keys.flush().expect("the keys arrive");
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shared {
    /// Reads until the program is gone. Answers the two questions that poppet asks every terminal, as a dark one would.
    fn read(&self, mut output: Box<dyn Read + Send>, keys: &Keys) {
        let mut octets = vec![0; 64 * 1024];
        let mut beginning = Some(Vec::new());
        while let Ok(read @ 1..) = output.read(&mut octets) {
            let now = Instant::now();
            let octets = &octets[..read];
            if let Some(so_far) = &mut beginning {
                so_far.extend_from_slice(octets);
                if so_far.windows(KIND.len()).any(|octets| octets == KIND) {
                    let mut keys = keys.lock().expect("no panic");
                    let _ = keys.write_all(DARK).and_then(|()| keys.flush());
                    beginning = None;
                }
            }
            let mut guard = self.state.lock().expect("no panic");
            let state = &mut *guard;
            state.parser.process(octets);
            if let Some(watch) = &mut state.watch
                && watch(state.parser.screen(), now)
            {
                state.watch = None;
                state.met = Some(now);
            }
            drop(guard);
            self.seen.notify_all();
        }
    }
}

const KIND: &[u8] = b"\x1b[c";
const DARK: &[u8] = b"\x1b]11;rgb:1010/1010/1010\x1b\\\x1b[?62;22c";

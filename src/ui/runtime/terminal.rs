use std::io::{self, Stdout, Write, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Once};

use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::CrosstermBackend;
use ratatui::{Frame, Terminal};

/// The terminal while it is ours. It is given back on every way out: leaving, errors, panics, signals, suspension.
pub(super) struct Tty {
    terminal: Terminal<CrosstermBackend<Page>>,
    page: Page,
    mouse: bool,
}

/// The octets of a frame, written to the terminal in one go.
#[derive(Clone, Default)]
pub(super) struct Page(Arc<Mutex<Vec<u8>>>);

impl Tty {
    /// Takes the terminal over.
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
        restore_on_panic();
        let page = Page::default();
        take_over(mouse)?;
        let terminal = match Terminal::new(CrosstermBackend::new(page.clone())) {
            Ok(terminal) => terminal,
            Err(error) => {
                give_back();
                return Err(error);
            }
        };
        Ok(Self {
            terminal,
            page,
            mouse,
        })
    }

    /// Draws a frame, between the marks of a synchronized update (DEC private mode 2026), in one write.
    pub(super) fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        queue!(self.page, BeginSynchronizedUpdate)?;
        self.terminal.draw(render)?;
        queue!(self.page, EndSynchronizedUpdate)?;
        self.page.send()
    }

    /// Forgets what is on the screen, so that the next frame is drawn as a whole.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        // `Terminal::clear` asks the terminal where its cursor is, and would wait for an answer that the loop reads.
        let size = self.terminal.size()?;
        self.terminal.resize(ratatui::layout::Rect::from((
            ratatui::layout::Position::ORIGIN,
            size,
        )))
    }

    /// Writes octets that are no part of the picture.
    pub(super) fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        self.page.write_all(octets)?;
        self.page.send()
    }

    /// Sets the window's title.
    pub(super) fn set_title(&mut self, title: &str) -> io::Result<()> {
        queue!(self.page, SetTitle(title))?;
        self.page.send()
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Gives the terminal to the shell until it continues us.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop();
        take_over(self.mouse)?;
        self.clear()
    }

    /// Gives the terminal back for good.
    pub(super) fn leave(self) {
        drop(self);
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        give_back();
    }
}

impl Page {
    fn send(&self) -> io::Result<()> {
        let Ok(mut octets) = self.0.lock() else {
            return Err(io::Error::other("a frame was left half drawn"));
        };
        let mut out: Stdout = stdout();
        out.write_all(&octets)?;
        octets.clear();
        out.flush()
    }
}

impl Write for Page {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if let Ok(mut page) = self.0.lock() {
            page.extend_from_slice(octets);
        }
        Ok(octets.len())
    }

    /// Does nothing: a frame goes out as a whole.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// To leave: SIGTERM, SIGHUP, SIGINT.
    Leave,
    /// To stop: SIGTSTP.
    Stop,
    /// To go on: SIGCONT.
    Continue,
}

/// The signals that matter to a terminal program.
pub(super) struct Signals {
    #[cfg(unix)]
    leave: [tokio::signal::unix::Signal; 3],
    #[cfg(unix)]
    stop: tokio::signal::unix::Signal,
    #[cfg(unix)]
    go_on: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let number = |signal: rustix::process::Signal| SignalKind::from_raw(signal.as_raw());
        Ok(Self {
            leave: [
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
                signal(SignalKind::interrupt())?,
            ],
            stop: signal(number(rustix::process::Signal::TSTP))?,
            go_on: signal(number(rustix::process::Signal::CONT))?,
        })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Signal {
        let [terminate, hangup, interrupt] = &mut self.leave;
        tokio::select! {
            _ = terminate.recv() => Signal::Leave,
            _ = hangup.recv() => Signal::Leave,
            _ = interrupt.recv() => Signal::Leave,
            _ = self.stop.recv() => Signal::Stop,
            _ = self.go_on.recv() => Signal::Continue,
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::Leave
    }
}

/// Whether the terminal still answers. Asks the kernel, and writes nothing.
#[cfg(unix)]
pub(super) fn is_alive() -> bool {
    // Standard input may be a pipe, which is no terminal, and not a dead one either.
    !matches!(
        rustix::termios::tcgetattr(rustix::stdio::stdout()),
        Err(rustix::io::Errno::IO)
    )
}

/// Whether the terminal still answers.
#[cfg(not(unix))]
pub(super) fn is_alive() -> bool {
    true
}

fn take_over(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    OURS.store(true, Ordering::SeqCst);
    let mut out = stdout();
    out.write_all(PUSH_TITLE)?;
    execute!(
        out,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    if mouse {
        execute!(out, EnableMouseCapture)?;
    }
    out.write_all(WHEEL_AS_ARROWS)?;
    out.flush()
}

/// Undoes everything, as far as the terminal still takes it; a second time does nothing.
fn give_back() {
    if !OURS.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste
    );
    let _ = out.write_all(WHEEL_AS_ARROWS_OFF);
    let _ = execute!(out, Show, LeaveAlternateScreen);
    let _ = out.write_all(POP_TITLE);
    let _ = out.flush();
    let _ = disable_raw_mode();
}

fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        let screen = std::thread::current().id();
        std::panic::set_hook(Box::new(move |info| {
            // A panic elsewhere ends a piece of work, not the reader: it belongs in the log, not across the screen.
            if std::thread::current().id() == screen {
                give_back();
                before(info);
            } else {
                let place = info.location().map(ToString::to_string);
                // Where, and not what: the words of a panic may hold what a message or a server said.
                tracing::error!("a piece of work broke off at {}", place.unwrap_or_default());
            }
        }));
    });
}

#[cfg(unix)]
fn stop() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

#[cfg(not(unix))]
fn stop() {}

static OURS: AtomicBool = AtomicBool::new(false);

/// XTPUSHTITLE and XTPOPTITLE: the title that was there comes back.
const PUSH_TITLE: &[u8] = b"\x1b[22;0t";
const POP_TITLE: &[u8] = b"\x1b[23;0t";
/// Alternate scroll: the wheel sends arrow keys while the terminal keeps its own selecting.
const WHEEL_AS_ARROWS: &[u8] = b"\x1b[?1007h";
const WHEEL_AS_ARROWS_OFF: &[u8] = b"\x1b[?1007l";

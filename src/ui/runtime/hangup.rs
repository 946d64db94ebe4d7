//! Tells when the terminal is gone, also where no signal does: whoever reads from it then may spin and never yield.

use tokio::sync::oneshot;

/// Waits for the other end of the terminal to close, on a thread of its own that nothing else wakes.
pub(super) struct Hangup(Option<oneshot::Receiver<()>>);

impl Hangup {
    pub(super) fn listen() -> Self {
        let (tell, heard) = oneshot::channel();
        // Without the thread the clock's minute finds it out.
        let _ = std::thread::Builder::new()
            .name("hangup".to_owned())
            .spawn(move || wait(tell));
        Self(Some(heard))
    }

    /// Returns when the terminal is gone. Safe to drop.
    pub(super) async fn heard(&mut self) {
        if let Some(heard) = &mut self.0 {
            let gone = heard.await.is_ok();
            self.0 = None;
            if gone {
                return;
            }
        }
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
fn wait(tell: oneshot::Sender<()>) {
    use rustix::event::{PollFd, PollFlags, poll};
    let terminal = rustix::stdio::stdout();
    // Neither keys nor room for output are asked for; that the other end has closed is told in any case (poll(2)).
    let mut ends = [PollFd::new(&terminal, PollFlags::empty())];
    while poll(&mut ends, None) == Err(rustix::io::Errno::INTR) {}
    if !super::terminal::is_alive() {
        let _ = tell.send(());
    }
}

#[cfg(not(unix))]
fn wait(_tell: oneshot::Sender<()>) {}

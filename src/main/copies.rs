//! The live copy of the mail while the reader is open: on a thread of its own, which waits for the disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use poppet::bridge::Event;
use poppet::cli::mirror::Mirror;
use poppet::mail::{AccountId, Local, MessageId, MessageSummary, Problem};
use tokio::sync::mpsc::{Sender, UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

/// The thread, and how to stop it.
pub(crate) struct Copies {
    arrivals: UnboundedSender<Vec<MessageId>>,
    stop: Arc<AtomicBool>,
    done: JoinHandle<()>,
}

/// Tells the thread what has arrived.
pub(crate) struct Arrivals(UnboundedSender<Vec<MessageId>>);

impl Arrivals {
    pub(crate) fn tell(&self, messages: &[MessageSummary]) {
        let full = messages.iter().filter(|row| row.local == Local::Full);
        let ids: Vec<MessageId> = full.map(|row| row.id).collect();
        if !ids.is_empty() {
            let _ = self.0.send(ids);
        }
    }
}

impl Copies {
    /// Delivers what these accounts have and was not delivered, then what arrives. The first failure is told, and ends it.
    pub(crate) fn start(mirror: Mirror, accounts: Vec<AccountId>, screen: Sender<Event>) -> Self {
        let (arrivals, ids) = unbounded_channel();
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let done = tokio::task::spawn_blocking(move || {
            if let Err(problem) = run(mirror, &accounts, ids, &seen) {
                let failed = Event::Failed {
                    ticket: None,
                    account: None,
                    problem,
                };
                let _ = screen.blocking_send(failed);
            }
        });
        Self {
            arrivals,
            stop,
            done,
        }
    }

    pub(crate) fn arrivals(&self) -> Arrivals {
        Arrivals(self.arrivals.clone())
    }

    /// Ends it after the message under way; the next start, or sync, goes on.
    pub(crate) async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(self.arrivals);
        let _ = tokio::time::timeout(PATIENCE, self.done).await;
    }
}

fn run(
    mut mirror: Mirror,
    accounts: &[AccountId],
    mut ids: UnboundedReceiver<Vec<MessageId>>,
    stop: &AtomicBool,
) -> Result<(), Problem> {
    mirror.catch_up(accounts, |_, _| !stop.load(Ordering::Relaxed))?;
    while let Some(ids) = ids.blocking_recv() {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        mirror.deliver_all(ids, || !stop.load(Ordering::Relaxed))?;
    }
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(2);

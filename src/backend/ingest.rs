//! From octets off the wire to rows in the store, beside the network.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::mail::{AccountId, Arrival, LedgerId, Local, MessageId, RemoteId, Timestamp};
use crate::mime;
use crate::store::{self, Outcome, Store};

/// Octets of a message as they came, on their way into the store.
pub(super) struct Raw {
    pub(super) ledger: Option<LedgerId>,
    pub(super) remote: RemoteId,
    pub(super) listed_octets: u64,
    pub(super) octets: Vec<u8>,
    pub(super) extent: Local,
    /// The place in the session's listing.
    pub(super) place: usize,
    /// The message that somebody expects it to be.
    pub(super) expected: Option<MessageId>,
}

/// A batch that is durably stored, or is not.
pub(super) struct Batch {
    /// What each arrival was, in the order of the outcome's `stored`.
    pub(super) notes: Vec<Note>,
    pub(super) outcome: Result<Outcome, store::Error>,
}

/// What is remembered of an arrival while it is being stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note {
    pub(super) place: usize,
    pub(super) extent: Local,
    pub(super) expected: Option<MessageId>,
    pub(super) octets: u64,
}

/// Decodes and stores what a session fetches, on other threads. At most [`IN_MEMORY`] octets wait in it; after that the
/// network waits.
pub(super) struct Ingest {
    raw: mpsc::Sender<(Raw, OwnedSemaphorePermit)>,
    batches: mpsc::Receiver<Batch>,
    room: Arc<Semaphore>,
    under_way: usize,
}

impl Ingest {
    pub(super) fn start(store: Store, account: AccountId, now: fn() -> Timestamp) -> Self {
        let (raw, incoming) = mpsc::channel(BATCH_MESSAGES * 2);
        let (finished, batches) = mpsc::channel(16);
        tokio::spawn(work(store, account, now, incoming, finished));
        Self {
            raw,
            batches,
            room: Arc::new(Semaphore::new(IN_MEMORY)),
            under_way: 0,
        }
    }

    /// Takes a message over. Waits while too much is under way. `false` when the work has ended, which is an error that
    /// [`Ingest::next`] tells.
    pub(super) async fn take(&mut self, raw: Raw) -> bool {
        let weight = u32::try_from(raw.octets.len().clamp(1, IN_MEMORY)).unwrap_or(u32::MAX);
        let Ok(permit) = Arc::clone(&self.room).acquire_many_owned(weight).await else {
            return false;
        };
        let taken = self.raw.send((raw, permit)).await.is_ok();
        self.under_way += usize::from(taken);
        taken
    }

    /// The next batch that is stored; waits for ever when nothing is under way. Safe to drop.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        if self.under_way == 0 {
            return std::future::pending().await;
        }
        let batch = self.batches.recv().await?;
        self.under_way = self.under_way.saturating_sub(batch.notes.len());
        Some(batch)
    }

    /// Everything that was taken is stored, or has failed.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way == 0
    }
}

async fn work(
    store: Store,
    account: AccountId,
    now: fn() -> Timestamp,
    mut incoming: mpsc::Receiver<(Raw, OwnedSemaphorePermit)>,
    finished: mpsc::Sender<Batch>,
) {
    let mut committing: Option<Committing> = None;
    loop {
        // What arrives while a batch is being committed makes up the next one: large under load, small otherwise.
        let next = if let Ok(first) = incoming.try_recv() {
            Some(first)
        } else {
            if let Some(batch) = committing.take()
                && finished.send(batch.finish().await).await.is_err()
            {
                return;
            }
            incoming.recv().await
        };
        let Some(first) = next else { return };
        let batch = gather(first, &mut incoming);
        let Ok((arrivals, notes, permits)) = tokio::task::spawn_blocking(move || read(batch)).await
        else {
            return;
        };
        if let Some(batch) = committing.take()
            && finished.send(batch.finish().await).await.is_err()
        {
            return;
        }
        let pending = store.store_arrivals(&account, arrivals, now());
        committing = Some(Committing {
            notes,
            pending,
            permits,
        });
    }
}

fn gather(
    first: (Raw, OwnedSemaphorePermit),
    incoming: &mut mpsc::Receiver<(Raw, OwnedSemaphorePermit)>,
) -> Vec<(Raw, OwnedSemaphorePermit)> {
    let mut octets = first.0.octets.len();
    let mut batch = vec![first];
    while batch.len() < BATCH_MESSAGES && octets < BATCH_OCTETS {
        let Ok(next) = incoming.try_recv() else { break };
        octets += next.0.octets.len();
        batch.push(next);
    }
    batch
}

type Read = (Vec<Arrival>, Vec<Note>, Vec<OwnedSemaphorePermit>);

fn read(batch: Vec<(Raw, OwnedSemaphorePermit)>) -> Read {
    let mut read = (
        Vec::with_capacity(batch.len()),
        Vec::with_capacity(batch.len()),
        Vec::with_capacity(batch.len()),
    );
    for (raw, permit) in batch {
        // One message that breaks the reading of messages is stored all the same, and does not stop the others.
        let extract =
            std::panic::catch_unwind(|| mime::extract(&raw.octets, raw.extent)).unwrap_or_default();
        read.1.push(Note {
            place: raw.place,
            extent: raw.extent,
            expected: raw.expected,
            octets: raw.octets.len() as u64,
        });
        read.2.push(permit);
        read.0.push(Arrival {
            ledger: raw.ledger,
            remote: raw.remote,
            listed_octets: raw.listed_octets,
            octets: raw.octets,
            extent: raw.extent,
            extract,
        });
    }
    read
}

struct Committing {
    notes: Vec<Note>,
    pending: store::Pending<Outcome>,
    permits: Vec<OwnedSemaphorePermit>,
}

impl Committing {
    async fn finish(self) -> Batch {
        let outcome = self.pending.await;
        drop(self.permits);
        Batch {
            notes: self.notes,
            outcome,
        }
    }
}

const BATCH_MESSAGES: usize = 256;
const BATCH_OCTETS: usize = 1024 * 1024;
/// Octets of messages between the network and the disk.
const IN_MEMORY: usize = 4 * 1024 * 1024;

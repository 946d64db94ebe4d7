//! From octets off the wire to rows in the store, beside the network.

mod lanes;

use std::io::BufReader;
use std::panic::AssertUnwindSafe;

use tokio::sync::mpsc;

use self::lanes::{Hurried, Lanes};
use crate::mail::{
    AccountId, Arrival, Extract, LedgerId, Local, MessageId, Octets, RemoteId, Timestamp,
};
use crate::mime;
use crate::pop3::MessageNumber;
use crate::store::{self, Outcome, Store};

/// Octets of a message as they came, on their way into the store.
pub(super) struct Raw {
    pub(super) ledger: Option<LedgerId>,
    pub(super) remote: RemoteId,
    pub(super) listed_octets: u64,
    pub(super) octets: Octets,
    pub(super) extent: Local,
    /// Its number in this session.
    pub(super) number: MessageNumber,
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
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub(super) number: MessageNumber,
    pub(super) remote: RemoteId,
    pub(super) listed_octets: u64,
    pub(super) extent: Local,
    pub(super) expected: Option<MessageId>,
    pub(super) octets: u64,
    /// Those of them that are held in memory.
    held: u64,
}

/// Decodes and stores what a session fetches, on other threads. What a person waits for goes ahead of the rest.
pub(super) struct Ingest {
    raw: mpsc::UnboundedSender<Raw>,
    urgent: mpsc::UnboundedSender<Raw>,
    hurried: Hurried,
    batches: mpsc::Receiver<Batch>,
    portions: Portions,
    under_way: usize,
    octets: u64,
}

/// How much is stored at once, and how much may wait for that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Portions {
    batch_messages: usize,
    batch_octets: u64,
    in_memory: u64,
    /// The same for messages that are small.
    messages_in_memory: usize,
}

impl Portions {
    /// `watched`: whether somebody looks at a list meanwhile.
    pub(super) fn new(watched: bool) -> Self {
        if watched {
            Self::WATCHED
        } else {
            Self::UNWATCHED
        }
    }

    /// Where somebody looks: what a person asks for waits for one batch at most, and memory is kept for the list.
    const WATCHED: Self = Self {
        batch_messages: 256,
        batch_octets: 1024 * 1024,
        in_memory: 4 * 1024 * 1024,
        messages_in_memory: 2_048,
    };
    /// Where nobody does: fewer flushes to the disk, and larger pieces of the index, so that less of it is merged later.
    const UNWATCHED: Self = Self {
        batch_messages: 1024,
        batch_octets: 4 * 1024 * 1024,
        in_memory: 12 * 1024 * 1024,
        messages_in_memory: 8_192,
    };
}

impl Ingest {
    pub(super) fn start(
        store: Store,
        account: AccountId,
        now: fn() -> Timestamp,
        portions: Portions,
    ) -> Self {
        let (raw, ordinary) = mpsc::unbounded_channel();
        let (urgent, first) = mpsc::unbounded_channel();
        let (decoded_first, first_decoded) = mpsc::unbounded_channel();
        let (decoded, ordinary_decoded) = mpsc::unbounded_channel();
        let (finished, batches) = mpsc::channel(16);
        let hurried = Hurried::default();
        let incoming = Lanes::new(first, ordinary, &hurried);
        tokio::spawn(decode(incoming, decoded_first, decoded));
        let incoming = Lanes::new(first_decoded, ordinary_decoded, &hurried);
        let commits = Commits {
            store,
            account,
            now,
            portions,
        };
        tokio::spawn(commits.run(incoming, finished));
        Self {
            raw,
            urgent,
            hurried,
            batches,
            portions,
            under_way: 0,
            octets: 0,
        }
    }

    /// Takes a message over. It is for the caller to stop when there is no more room. When the work has ended, which
    /// [`Ingest::next`] tells, the message is dropped.
    pub(super) fn take(&mut self, raw: Raw, urgent: bool) {
        let octets = raw.octets.beginning().len() as u64;
        let lane = if urgent { &self.urgent } else { &self.raw };
        if lane.send(raw).is_ok() {
            self.octets += octets;
        }
        // Counted in any case: then `next` waits for the work, and finds that it has ended.
        self.under_way += 1;
    }

    /// A person waits for this message: should it be here already, it goes ahead of the rest.
    pub(super) fn hurry(&self, message: MessageId) {
        self.hurried.all().insert(message);
    }

    /// Whether more may be taken. Otherwise the network waits for the disk; for a person, less than usual.
    pub(super) fn has_room(&self, person: bool) -> bool {
        let most = self.portions.in_memory;
        let octets = if person { most * 2 } else { most };
        self.octets < octets && (person || self.under_way < self.portions.messages_in_memory)
    }

    /// The next batch that is stored; waits for ever when nothing is under way. Safe to drop.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        if self.under_way == 0 {
            return std::future::pending().await;
        }
        let batch = self.batches.recv().await?;
        self.under_way = self.under_way.saturating_sub(batch.notes.len());
        let octets: u64 = batch.notes.iter().map(|note| note.held).sum();
        self.octets = self.octets.saturating_sub(octets);
        Some(batch)
    }

    /// Everything that was taken is stored, or has failed.
    pub(super) fn is_idle(&self) -> bool {
        self.under_way == 0
    }
}

/// Decodes messages, some at a time, on a thread that may block.
async fn decode(
    mut incoming: Lanes<Raw>,
    urgent: mpsc::UnboundedSender<Decoded>,
    ordinary: mpsc::UnboundedSender<Decoded>,
) {
    while let Some((first, person)) = incoming.recv().await {
        let mut octets = first.octets.beginning().len();
        let mut some = vec![first];
        while !person
            && some.len() < DECODED_AT_ONCE
            && octets < DECODED_OCTETS
            && let Some(next) = incoming.more()
        {
            octets += next.octets.beginning().len();
            some.push(next);
        }
        let read = |some: Vec<Raw>| some.into_iter().map(read).collect::<Vec<Decoded>>();
        let Ok(decoded) = tokio::task::spawn_blocking(move || read(some)).await else {
            return;
        };
        let lane = if person { &urgent } else { &ordinary };
        for one in decoded {
            if lane.send(one).is_err() {
                return;
            }
        }
    }
}

/// Where batches go.
struct Commits {
    store: Store,
    account: AccountId,
    now: fn() -> Timestamp,
    portions: Portions,
}

impl Commits {
    /// Stores what is decoded, a batch after the other. What is decoded while a batch is being committed makes up the next
    /// one: large under load, small otherwise.
    async fn run(self, mut incoming: Lanes<Decoded>, finished: mpsc::Sender<Batch>) {
        while let Some((first, person)) = incoming.recv().await {
            let mut octets = first.1.held;
            let (mut arrivals, mut notes) = (vec![first.0], vec![first.1]);
            while !person
                && arrivals.len() < self.portions.batch_messages
                && octets < self.portions.batch_octets
                && let Some(next) = incoming.more()
            {
                octets += next.1.held;
                arrivals.push(next.0);
                notes.push(next.1);
            }
            incoming.hurried.forget(&notes);
            let stored = self
                .store
                .store_arrivals(&self.account, arrivals, (self.now)());
            let outcome = stored.await;
            if finished.send(Batch { notes, outcome }).await.is_err() {
                return;
            }
        }
    }
}

type Decoded = (Arrival, Note);

fn read(raw: Raw) -> Decoded {
    // One message that breaks the reading of messages is stored all the same, and does not stop the others.
    let reading = AssertUnwindSafe(|| extract(&raw.octets, raw.extent).indexed());
    let extract = std::panic::catch_unwind(reading).unwrap_or_default();
    if raw.extent == Local::Full {
        // Here, and not on the one thread that writes.
        raw.octets.digest();
    }
    let note = Note {
        number: raw.number,
        remote: raw.remote.clone(),
        listed_octets: raw.listed_octets,
        extent: raw.extent,
        expected: raw.expected,
        octets: raw.octets.len(),
        held: raw.octets.beginning().len() as u64,
    };
    let arrival = Arrival {
        ledger: raw.ledger,
        remote: raw.remote,
        listed_octets: raw.listed_octets,
        octets: raw.octets,
        extent: raw.extent,
        extract,
    };
    (arrival, note)
}

fn extract(octets: &Octets, extent: Local) -> Extract {
    if let Some(held) = octets.held() {
        return mime::extract(held, extent);
    }
    let condensed = mime::condensed(BufReader::with_capacity(PIECE, octets.reader()));
    // Where its octets cannot be read, it cannot be stored either, and that is told.
    condensed.map_or_else(
        |_| mime::extract(octets.beginning(), extent),
        |condensed| mime::extract(&condensed, extent),
    )
}

const PIECE: usize = 64 * 1024;
const DECODED_AT_ONCE: usize = 64;
const DECODED_OCTETS: usize = 1024 * 1024;

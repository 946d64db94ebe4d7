//! A store with some of everything in it, in a folder that goes when it is not needed any more.

use std::path::{Path, PathBuf};

use poppet::mail::{
    AccountId, Arrival, Change, DeleteScope, Folder, Local, MessageId, RemoteId, Timestamp,
};
use poppet::mime;
use poppet::store::{ListingOutcome, Store};
use tempfile::TempDir;

/// When the store was filled.
pub(super) const NOW: Timestamp = Timestamp(1_795_435_200);

/// A folder in memory, where there is such a thing and nobody asked for another place.
pub(super) fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if std::env::var_os("TMPDIR").is_none() && memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder")
}

/// The store's file in a folder.
pub(super) fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("mail.db")
}

/// The account whose mail it is.
pub(super) fn account() -> AccountId {
    AccountId::new("home").expect("a name")
}

/// What arrives: a message of some extent.
pub(super) fn arrival(remote: &str, octets: &[u8], extent: Local) -> Arrival {
    Arrival {
        ledger: None,
        remote: RemoteId::new(remote.as_bytes()),
        listed_octets: octets.len() as u64 + 2,
        octets: octets.to_vec().into(),
        extent,
        extract: mime::extract(octets, extent),
    }
}

/// Puts these messages into a store, and does to them what people do.
pub(super) fn fill(store: &Store, messages: &[(String, Vec<u8>)]) -> Vec<MessageId> {
    let arrivals = messages.iter().zip(0..).map(|((name, octets), place)| {
        let head = octets.windows(4).position(|four| four == b"\r\n\r\n");
        let head = head.map_or(octets.len(), |at| at + 4);
        match place % 4 {
            0 => arrival(name, &octets[..head], Local::Headers),
            1 => arrival(name, &octets[..octets.len().min(head + 40)], Local::Peeked),
            _ => arrival(name, octets, Local::Full),
        }
    });
    let outcome = store
        .store_arrivals(&account(), arrivals.collect(), NOW)
        .wait()
        .expect("room for the messages");
    let ids: Vec<MessageId> = outcome.stored.iter().map(|stored| stored.message).collect();
    let changes = [
        Change::Seen(true),
        Change::Starred(true),
        Change::Move(Folder::Archive),
        Change::Pinned(true),
        Change::Delete(DeleteScope::Everywhere),
        Change::Answered(true),
        Change::Delete(DeleteScope::ServerOnly),
        Change::Move(Folder::Trash),
    ];
    let changes = ids.iter().zip(changes.iter().cycle());
    let changes: Vec<_> = changes.map(|(id, change)| (vec![*id], *change)).collect();
    store.change(changes, NOW).wait().expect("changes");
    let listing = ListingOutcome {
        messages: ids.len() as u64,
        octets: 10_000,
        vanished: outcome
            .stored
            .last()
            .map(|stored| stored.ledger)
            .into_iter()
            .collect(),
        ..ListingOutcome::default()
    };
    store
        .record_listing(&account(), listing, NOW)
        .wait()
        .expect("a listing");
    ids
}

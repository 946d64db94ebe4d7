use std::path::Path;

use rusqlite::Connection;

use super::view::Access;
use super::{Error, Pending, Store, blob, open};
use crate::mail::{Digest, MessageId};

/// What a full check of the store found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// What SQLite finds wrong with its own structure; empty when nothing is.
    pub structure: Vec<String>,
    /// Messages that are shown.
    pub messages: u64,
    /// Those stored in full.
    pub full: u64,
    /// The octets of these.
    pub octets: u64,
    /// Messages whose stored octets are not what was received: to be fetched again, and never deleted on a server.
    pub damaged: Vec<MessageId>,
    /// Size of the store's file in octets.
    pub file: u64,
}

impl CheckReport {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.structure.is_empty() && self.damaged.is_empty()
    }
}

impl Store {
    /// Checks the whole store on a thread of its own. `progress` gets messages done, and messages altogether.
    pub fn check(&self, progress: impl Fn(u64, u64) + Send + 'static) -> Pending<CheckReport> {
        let (sender, pending) = Pending::new();
        let (path, access) = (self.inner.path.clone(), self.inner.access);
        // Should no thread be had, dropping the sender answers.
        let _ = std::thread::Builder::new()
            .name("store-check".to_owned())
            .spawn(move || sender.send(check(&path, access, &progress)));
        pending
    }
}

/// Checks everything there is, on a connection of its own so that nobody waits for it. `progress` gets messages done
/// and messages altogether.
pub(super) fn check(
    path: &Path,
    access: Access,
    progress: &(dyn Fn(u64, u64) + Send),
) -> Result<CheckReport, Error> {
    let connection = open::reader(path, access)?;
    let mut report = CheckReport {
        file: std::fs::metadata(path)
            .map_err(|error| Error::file(path, error))?
            .len(),
        structure: structure(&connection)?,
        ..CheckReport::default()
    };
    report.messages = count(
        &connection,
        "SELECT count(*) FROM messages WHERE folder < 3",
    )?;
    let total = count(&connection, "SELECT count(*) FROM messages WHERE local = 2")?;
    // The digest of what was found damaged before is still there, though the message counts as one that is not here.
    let mut ids = connection.prepare(
        "SELECT id, sha256, local FROM messages WHERE local = 2 OR sha256 IS NOT NULL ORDER BY id",
    )?;
    let mut rows = ids.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if row.get::<_, i64>(2)? != 2 {
            report.damaged.push(MessageId(id));
            continue;
        }
        let recorded: Option<Vec<u8>> = row.get(1)?;
        let recorded = recorded.as_deref().and_then(Digest::from_slice);
        let found = recorded.and_then(|recorded| {
            let stored = blob::verify(&connection, MessageId(id), recorded);
            stored.ok().flatten()
        });
        match found {
            Some(copy) => report.octets += copy.octets(),
            None => report.damaged.push(MessageId(id)),
        }
        report.full += 1;
        progress(report.full, total);
    }
    Ok(report)
}

fn structure(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut found: Vec<String> = connection
        .prepare("PRAGMA integrity_check(20)")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    // Pages that nobody has are no danger: a damaged index of before leaves some.
    found.retain(|line| line != "ok" && !line.ends_with(": never used"));
    let orphans = connection
        .prepare("PRAGMA foreign_key_check")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    found.extend(
        orphans
            .into_iter()
            .map(|table| format!("a row of {table} refers to nothing")),
    );
    Ok(found)
}

fn count(connection: &Connection, sql: &str) -> Result<u64, Error> {
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0).map(super::rows::octets))?)
}

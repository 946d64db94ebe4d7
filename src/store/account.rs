use rusqlite::{Connection, OptionalExtension as _, params};

use super::rows::{account_id, octets, octets_code};
use super::worker::Urgency;
use super::{Error, Pending, Store};
use crate::mail::{AccountId, Brake, Timestamp, certain_seconds};

/// What the store remembers of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// Which.
    pub account: AccountId,
    /// When it was first used here.
    pub set_up: Timestamp,
    /// When its last complete listing was made.
    pub last_sync: Option<Timestamp>,
    /// Messages on the server at that listing.
    pub messages: u64,
    /// Their octets.
    pub octets: u64,
    /// Why no deletion goes out, if the brake is on.
    pub brake: Option<Brake>,
    /// What the engine has learned of the server, in a form of its own.
    pub quirks: String,
}

/// What changes in an [`AccountRecord`]; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountUpdate {
    /// When the last complete listing was made.
    pub last_sync: Option<Timestamp>,
    /// Messages on the server, and their octets.
    pub on_server: Option<(u64, u64)>,
    /// The brake: `Some(None)` releases it.
    pub brake: Option<Option<Brake>>,
    /// What the engine has learned.
    pub quirks: Option<String>,
}

impl Store {
    /// What is remembered of an account; begins its record on first use.
    pub fn account(&self, account: &AccountId, now: Timestamp) -> Pending<AccountRecord> {
        let account = account.clone();
        self.write(Urgency::Person, move |connection| {
            let row = row(connection, &account, now)?;
            record(connection, row)
        })
    }

    /// All accounts that have a record here, by name; also some that the configuration no longer has.
    pub fn accounts(&self) -> Pending<Vec<AccountRecord>> {
        self.read(all)
    }

    /// Changes an account's record, which must be there.
    pub fn record_account(&self, account: &AccountId, changes: AccountUpdate) -> Pending<()> {
        let account = account.clone();
        self.write(Urgency::Person, move |connection| {
            update(connection, known(connection, &account)?, &changes)
        })
    }

    /// Forgets an account and all its mail on this computer. How many messages that were.
    pub fn remove_account(&self, account: &AccountId) -> Pending<u64> {
        let account = account.clone();
        self.write(Urgency::Person, move |connection| {
            remove(connection, &account)
        })
    }
}

/// The account's row, made if there is none.
pub(super) fn row(
    connection: &Connection,
    account: &AccountId,
    now: Timestamp,
) -> Result<i64, Error> {
    connection
        .prepare_cached(
            "INSERT INTO accounts (name, set_up) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
        )?
        .execute(params![account.as_str(), now.0])?;
    known(connection, account)
}

/// The account's row, which must be there.
pub(super) fn known(connection: &Connection, account: &AccountId) -> Result<i64, Error> {
    find(connection, account)?.ok_or_else(|| Error::Unknown(format!("account {account}")))
}

pub(super) fn find(connection: &Connection, account: &AccountId) -> Result<Option<i64>, Error> {
    Ok(connection
        .prepare_cached("SELECT id FROM accounts WHERE name = ?1")?
        .query_row([account.as_str()], |row| row.get(0))
        .optional()?)
}

pub(super) fn record(connection: &Connection, row: i64) -> Result<AccountRecord, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name, set_up, last_sync, messages, octets, brake, quirks FROM accounts WHERE id = ?1",
    )?;
    let mut rows = statement.query([row])?;
    let row = rows
        .next()?
        .ok_or_else(|| Error::Unknown("that account".to_owned()))?;
    let brake: Option<String> = row.get(5)?;
    Ok(AccountRecord {
        account: account_id(&row.get::<_, String>(0)?)?,
        set_up: Timestamp(row.get(1)?),
        last_sync: row.get::<_, Option<i64>>(2)?.map(Timestamp),
        messages: octets(row.get(3)?),
        octets: octets(row.get(4)?),
        brake: brake.as_deref().map(brake_from),
        quirks: row.get(6)?,
    })
}

/// Reads an index only.
pub(super) fn count(connection: &Connection, account: &AccountId) -> Result<u64, Error> {
    let Some(row) = find(connection, account)? else {
        return Ok(0);
    };
    Ok(connection
        .prepare_cached("SELECT count(*) FROM messages WHERE account = ?1")?
        .query_row([row], |row| row.get(0).map(octets))?)
}

pub(super) fn all(connection: &Connection) -> Result<Vec<AccountRecord>, Error> {
    let rows: Vec<i64> = connection
        .prepare_cached("SELECT id FROM accounts ORDER BY name")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|row| record(connection, row))
        .collect()
}

pub(super) fn update(
    connection: &Connection,
    row: i64,
    update: &AccountUpdate,
) -> Result<(), Error> {
    if let Some(time) = update.last_sync {
        connection.execute(
            "UPDATE accounts SET last_sync = ?2 WHERE id = ?1",
            params![row, time.0],
        )?;
    }
    if let Some((messages, size)) = update.on_server {
        connection.execute(
            "UPDATE accounts SET messages = ?2, octets = ?3 WHERE id = ?1",
            params![row, octets_code(messages), octets_code(size)],
        )?;
    }
    if let Some(brake) = update.brake {
        connection.execute(
            "UPDATE accounts SET brake = ?2 WHERE id = ?1",
            params![row, brake.map(brake_text)],
        )?;
    }
    if let Some(quirks) = &update.quirks {
        connection.execute(
            "UPDATE accounts SET quirks = ?2 WHERE id = ?1",
            params![row, quirks],
        )?;
    }
    Ok(())
}

/// Counts the time since the last listing, before another one is written down.
pub(super) fn elapse(connection: &Connection, row: i64, now: Timestamp) -> Result<(), Error> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT last_sync FROM accounts WHERE id = ?1")?
        .query_row([row], |row| row.get(0))?;
    let seconds = certain_seconds(last.map(Timestamp), now);
    connection
        .prepare_cached("UPDATE accounts SET elapsed = elapsed + ?2 WHERE id = ?1")?
        .execute(params![row, seconds])?;
    Ok(())
}

/// Forgets an account and all its mail here. How many messages that were.
pub(super) fn remove(connection: &Connection, account: &AccountId) -> Result<u64, Error> {
    let Some(row) = find(connection, account)? else {
        return Ok(0);
    };
    connection.execute(
        "DELETE FROM search WHERE rowid IN (SELECT id FROM messages WHERE account = ?1)",
        [row],
    )?;
    connection.execute("DELETE FROM ledger WHERE account = ?1", [row])?;
    connection.execute("DELETE FROM threads WHERE account = ?1", [row])?;
    connection.execute(
        "DELETE FROM replies WHERE message IN (SELECT id FROM messages WHERE account = ?1)",
        [row],
    )?;
    connection.execute("DELETE FROM lost_replies WHERE account = ?1", [row])?;
    let shown: i64 = connection.query_row(
        "SELECT count(*) FROM messages WHERE account = ?1 AND folder < 3",
        [row],
        |row| row.get(0),
    )?;
    connection.execute("DELETE FROM messages WHERE account = ?1", [row])?;
    connection.execute("DELETE FROM accounts WHERE id = ?1", [row])?;
    Ok(octets(shown))
}

fn brake_text(brake: Brake) -> String {
    match brake {
        Brake::Vanished { gone, of } => format!("vanished {gone} {of}"),
        Brake::RuleDeletes { count, of } => format!("rule {count} {of}"),
        Brake::Clock => "clock".to_owned(),
    }
}

/// A text that nobody can read any more still brakes.
fn brake_from(text: &str) -> Brake {
    let mut words = text.split(' ');
    let name = words.next();
    let mut number = || {
        words
            .next()
            .and_then(|word| word.parse().ok())
            .unwrap_or_default()
    };
    match name {
        Some("vanished") => Brake::Vanished {
            gone: number(),
            of: number(),
        },
        Some("rule") => Brake::RuleDeletes {
            count: number(),
            of: number(),
        },
        _ => Brake::Clock,
    }
}

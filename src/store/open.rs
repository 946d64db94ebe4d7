use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::folder::{claim, only_owner, private_folder};
use super::schema::{APPLICATION_ID, MIGRATIONS, VERSION, WORDS_ALONE};
use super::view::{self, Access};
use super::{Error, hits, index};

/// Makes or opens the file, brings it to this program's version, and gives a connection that writes.
///
/// What is not ours, or newer than us, is recognised by the file's first octets and not opened at all.
pub(super) fn writer(path: &Path) -> Result<Connection, Error> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        private_folder(folder)?;
    }
    let new = inspect(path)?;
    if new {
        claim(path);
    } else {
        inspect_log(path)?;
    }
    private_file(path)?;
    if new {
        // Before anything is in it: a folder that a power cut takes away takes the store along.
        keep_names(path)?;
    }
    let connection = connect(path)?;
    configure(&connection)?;
    // A death while the first page was being written leaves one that is taken back only now.
    if new || connection.pragma_query_value(None, "page_count", |row| row.get::<_, u32>(0))? == 0 {
        create(&connection)?;
    }
    // Only now: a store that is being made must be known as ours from its first octet.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    migrate(&connection, path)?;
    Ok(connection)
}

/// A connection that reads, if the file is there, may be written, is of this program's version, and needs no mending: then
/// whoever only reads needs no other. `None` where [`writer`] has to see what is to be done, or what is wrong.
pub(super) fn ready(path: &Path) -> Option<Connection> {
    if inspect(path).ok()? || fs::metadata(beside(path, "-journal")).is_ok() {
        return None;
    }
    inspect_log(path).ok()?;
    private_file(path).ok()?;
    let connection = reader(path, Access::Full).ok()?;
    // Another program may have taken it further meanwhile, and a copy that somebody made has no log: to give it one is writing.
    let ready = version(&connection).ok()? == VERSION && has_log(&connection).ok()?;
    ready.then_some(connection)
}

/// A connection that writes a store which [`ready`] has found in order. What lies there now is asked through the connection:
/// reading the file otherwise would, at its end, take away the locks that this program has on it.
pub(super) fn late_writer(path: &Path) -> Result<Connection, Error> {
    let connection = connect(path)?;
    configure(&connection)?;
    let id: i64 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let found = version(&connection)?;
    if id != i64::from(APPLICATION_ID) {
        return Err(Error::Foreign(path.to_owned()));
    }
    known(path, found)?;
    if found != VERSION || !has_log(&connection)? {
        // An older one was put in its place.
        return Err(Error::Foreign(path.to_owned()));
    }
    Ok(connection)
}

/// Opens a file that is there.
fn connect(path: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

fn has_log(connection: &Connection) -> Result<bool, Error> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(mode == "wal")
}

/// A connection that only reads.
pub(super) fn reader(path: &Path, access: Access) -> Result<Connection, Error> {
    let connection = match access {
        Access::Full => connect(path)?,
        Access::View | Access::Frozen => view::connection(path, access)?,
    };
    configure(&connection)?;
    hits::install(&connection)?;
    index::install(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The file that SQLite keeps beside this one: where a link leads to, and not beside the link.
pub(super) fn beside(path: &Path, what: &str) -> PathBuf {
    let file = if is_link(path) {
        fs::canonicalize(path).ok()
    } else {
        None
    };
    let mut name = file.unwrap_or_else(|| path.to_owned()).into_os_string();
    name.push(what);
    PathBuf::from(name)
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Halves what a connection keeps of the file in memory. Lists read through an index once, and then a few rows here and
/// there; what they come back for, the system has.
pub(super) fn keep_little(connection: &Connection) -> Result<(), Error> {
    connection.pragma_update(None, "cache_size", -2048)?;
    Ok(())
}

fn configure(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    // Without it, SQLite plans a statement anew for each value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA synchronous = EXTRA;
         PRAGMA fullfsync = ON;
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -4096;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    Ok(())
}

/// Reads the header of a SQLite file. `true` when there is none yet.
///
/// The power may have gone while the first page was being written: then its octets are not there, and the journal beside it
/// takes back the rest.
pub(super) fn inspect(path: &Path) -> Result<bool, Error> {
    let mut header = [0; 72];
    let read = File::open(path).and_then(|mut file| read_up_to(&mut file, &mut header));
    let length = match read {
        Ok(length) => length,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(Error::file(path, error)),
    };
    let beside = |what| fs::metadata(beside(path, what)).is_ok_and(|file| file.len() > 0);
    if length == 0 {
        // SQLite would throw the log away, and with it everything that is only there.
        return if beside("-wal") {
            Err(Error::OnlyLog(path.to_owned()))
        } else {
            Ok(true)
        };
    }
    if header.iter().all(|octet| *octet == 0) && beside("-journal") {
        return Ok(true);
    }
    let number = |at: usize| {
        let octets = header
            .get(at..at + 4)
            .and_then(|octets| octets.try_into().ok());
        octets.map(u32::from_be_bytes).unwrap_or_default()
    };
    if length < header.len()
        || !header.starts_with(b"SQLite format 3\0")
        || number(68) != APPLICATION_ID
    {
        return Err(Error::Foreign(path.to_owned()));
    }
    known(path, number(60)).map(|()| false)
}

/// A newer program that was killed may have left its version in the log alone. Looked up without folding the log into the
/// file, so that a refusal leaves both as they are. What else may be wrong is found when the store is opened.
fn inspect_log(path: &Path) -> Result<(), Error> {
    if fs::metadata(beside(path, "-wal")).map_or(0, |log| log.len()) == 0 {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let version = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    });
    known(path, version.unwrap_or_default())
}

fn read_up_to(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    loop {
        match file.read(buffer.get_mut(length..).unwrap_or_default()) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn known(path: &Path, found: u32) -> Result<(), Error> {
    if found > VERSION {
        return Err(Error::Newer {
            path: path.to_owned(),
            found,
            known: VERSION,
        });
    }
    Ok(())
}

/// Writes the first page: from here on the file is ours. Two programs may do it at once.
///
/// Most of a store are messages of many pages each: with pages of 8 KiB the writer does a sixth less for them.
fn create(connection: &Connection) -> Result<(), Error> {
    connection.execute_batch(&format!(
        "PRAGMA page_size = 8192; BEGIN EXCLUSIVE; PRAGMA application_id = {APPLICATION_ID}; COMMIT;"
    ))?;
    Ok(())
}

fn migrate(connection: &Connection, path: &Path) -> Result<(), Error> {
    if version(connection)? == VERSION {
        return Ok(());
    }
    match steps(connection, path, index::drop_all) {
        // Damage that is met once ends all writing of a transaction. In another one, nothing of the index is looked at.
        Err(error) if error.is_damage() => steps(connection, path, index::forget),
        done => done,
    }
}

/// Takes the store to this version, in one transaction. `without_index` takes a search index of before away.
fn steps(
    connection: &Connection,
    path: &Path,
    without_index: impl Fn(&Connection) -> Result<(), Error>,
) -> Result<(), Error> {
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    let result = (|| {
        // Asked again, because another program may have done the work meanwhile.
        let found = version(connection)?;
        known(path, found)?;
        if (1..WORDS_ALONE).contains(&found) {
            // One that is damaged must not keep anybody from the mail.
            without_index(connection)?;
        }
        for step in MIGRATIONS.iter().skip(found as usize) {
            connection.execute_batch(step)?;
        }
        connection.pragma_update(None, "user_version", VERSION)?;
        connection.execute_batch("COMMIT")?;
        Ok(())
    })();
    if result.is_err() && !connection.is_autocommit() {
        connection.execute_batch("ROLLBACK")?;
    }
    result
}

fn version(connection: &Connection) -> Result<u32, Error> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Makes the names of the folders down to the file durable. SQLite does that for its own files only.
#[cfg(unix)]
fn keep_names(path: &Path) -> Result<(), Error> {
    for folder in path.ancestors().skip(1) {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        match File::open(folder).and_then(|folder| folder.sync_all()) {
            Ok(()) => {}
            // A folder that we may not read was not made by us, and some file systems sync no folders.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput
                ) => {}
            Err(error) => return Err(Error::file(folder, error)),
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_names(_path: &Path) -> Result<(), Error> {
    Ok(())
}

/// Makes the file, or takes the one that is there, for its owner only. A link may lead to a store on another disk; but nothing
/// is made where it leads to: that disk may be away, and its store with it.
fn private_file(path: &Path) -> Result<(), Error> {
    let linked = is_link(path);
    let mut options = OpenOptions::new();
    options.write(true).create(!linked).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
        if !linked {
            options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
        }
    }
    match options.open(path) {
        Ok(_) => only_owner(path, 0o600),
        Err(error) if linked && error.kind() == io::ErrorKind::NotFound => {
            Err(Error::Dangling(path.to_owned()))
        }
        Err(error) => Err(Error::file(path, error)),
    }
}

/// How long one program waits while another writes.
const BUSY: Duration = Duration::from_secs(10);

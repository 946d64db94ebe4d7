use std::fmt::Write as _;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::schema::VERSION;
use super::worker::Worker;
use super::{Error, Store, open};

/// What may be done with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everything.
    Full,
    /// It can only be read; others may write it.
    View,
    /// It can only be read, and there is no log: nobody is writing, and everything is in the file.
    Frozen,
}

impl Store {
    /// Opens like [`Store::open`]; but a store that is there and cannot be written can still be read. Whatever would write is
    /// then refused with [`Error::ViewOnly`], so that nothing is fetched or deleted either.
    pub fn open_or_view(path: &Path) -> Result<Self, Error> {
        match Self::open(path) {
            Err(error) if error.forbids_writing() => match access(path) {
                Some(access) => {
                    let why = Error::ViewOnly(Box::new(error));
                    let reader = open::reader(path, access)?;
                    Self::with(
                        path,
                        Worker::refusing(why.clone())?,
                        reader,
                        access,
                        Some(why),
                    )
                }
                None => Err(error),
            },
            opened => opened,
        }
    }

    /// Why this store can only be read, if so.
    pub fn view_only(&self) -> Option<&Error> {
        self.inner.view.as_ref()
    }
}

/// How the file, which cannot be written, can be read as it is: it is ours, and needs no step to this version.
fn access(path: &Path) -> Option<Access> {
    if !matches!(open::inspect(path), Ok(false)) {
        return None;
    }
    let absent =
        |what| std::fs::metadata(open::beside(path, what)).map_or(0, |file| file.len()) == 0;
    let complete = absent("-wal") && absent("-journal");
    let readable = |access: &Access| {
        let version = connection(path, *access).and_then(|connection| {
            Ok(connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?)
        });
        version.is_ok_and(|found| found == VERSION)
    };
    [Access::View, Access::Frozen]
        .into_iter()
        .filter(|access| complete || *access == Access::View)
        .find(readable)
}

/// Opens a file that cannot be written.
pub(super) fn connection(path: &Path, access: Access) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access != Access::Frozen {
        return Ok(Connection::open_with_flags(path, flags)?);
    }
    let mut address = String::from("file:");
    for octet in path.as_os_str().as_encoded_bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                address.push(char::from(*octet));
            }
            _ => {
                let _ = write!(address, "%{octet:02x}");
            }
        }
    }
    address.push_str("?immutable=1");
    let flags = flags | OpenFlags::SQLITE_OPEN_URI;
    Ok(Connection::open_with_flags(address, flags)?)
}

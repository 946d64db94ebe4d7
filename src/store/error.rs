use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::mail::{Kind, MessageId, Problem};

/// Why the store could not do something.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The folder or the file cannot be made or read.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Arc<io::Error>,
    },
    /// The file is something else than a store of poppet.
    #[error("{0} is not a store of poppet")]
    Foreign(PathBuf),
    /// The file was written by a newer poppet.
    #[error("{path} has version {found}, and this poppet knows versions up to {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The file has nothing in it, but the log of what was written last is there.
    #[error("{0} is missing or empty, but the log beside it is not")]
    OnlyLog(PathBuf),
    /// The file is a link, and where it leads to there is nothing.
    #[error("{0} is a link to a file that is not there")]
    Dangling(PathBuf),
    /// The file cannot be written, and is only looked at.
    #[error("{0}")]
    ViewOnly(Box<Self>),
    /// A message's octets are not those that were received.
    #[error("the stored octets of message {0} are not those that were received")]
    Spoilt(MessageId),
    /// SQLite reported an error.
    #[error("{0}")]
    Database(Arc<rusqlite::Error>),
    /// The octets of a large message could not be copied.
    #[error("the octets of a message cannot be copied: {0}")]
    Copy(Arc<io::Error>),
    /// What lies in the store makes no sense.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The account, message or line of the ledger is not in the store.
    #[error("{0} is not in the store")]
    Unknown(String),
    /// Another search was begun, and this one is not wanted any more.
    #[error("a newer search has taken its place")]
    Superseded,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
}

impl Error {
    pub(super) fn file(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::File {
            path: path.into(),
            source: Arc::new(source),
        }
    }

    /// Whether the file itself is at fault: not the disk, its rights, or another program.
    pub fn is_damage(&self) -> bool {
        use rusqlite::ErrorCode as Code;
        let Self::Database(error) = self else {
            return matches!(self, Self::Damaged(_));
        };
        // A table of the index that is missing is an error of no code of its own, and what an index no longer finds is a
        // constraint that does not hold.
        matches!(
            error.sqlite_error_code(),
            Some(
                Code::DatabaseCorrupt
                    | Code::NotADatabase
                    | Code::ConstraintViolation
                    | Code::Unknown
            )
        )
    }

    /// Whether the file may still be readable, although it cannot be opened for writing.
    pub(super) fn forbids_writing(&self) -> bool {
        use io::ErrorKind as Kind;
        use rusqlite::ErrorCode as Code;
        match self {
            Self::File { source, .. } => matches!(
                source.kind(),
                Kind::PermissionDenied
                    | Kind::ReadOnlyFilesystem
                    | Kind::StorageFull
                    | Kind::QuotaExceeded
            ),
            Self::Database(error) => matches!(
                error.sqlite_error_code(),
                Some(
                    Code::ReadOnly
                        | Code::PermissionDenied
                        | Code::CannotOpen
                        | Code::DiskFull
                        | Code::SystemIoFailure
                )
            ),
            _ => false,
        }
    }

    /// The error as a person sees it.
    pub fn problem(&self) -> Problem {
        let (what, remedy) = match self {
            Self::Copy(_) => (
                "A message cannot be stored",
                "Check whether the disk has room and is sound. The message is still on the server, and comes with the next check.",
            ),
            Self::File { .. } => (
                "The mail store cannot be opened",
                "Check who owns the folder and whether the disk has room, or choose another with --data-dir.",
            ),
            Self::Foreign(_) => (
                "The mail store cannot be opened",
                "Move that file away, or choose another folder with --data-dir. It has not been touched.",
            ),
            Self::Newer { .. } => (
                "The mail store cannot be opened",
                "Install the newest poppet. The store has not been touched.",
            ),
            Self::OnlyLog(_) => (
                "The mail store is not complete",
                "Put the file back from a backup, without the log; or move the log away to begin with an empty store. Nothing \
                 has been touched.",
            ),
            Self::Dangling(_) => (
                "The mail store is not there",
                "Bring back the disk or the file that the link leads to; or remove the link to begin with an empty store. \
                 Nothing has been made.",
            ),
            Self::ViewOnly(_) => (
                "The mail store can only be read",
                "Nothing is fetched, changed or deleted meanwhile. Check who owns the store's folder and whether its disk has \
                 room or is read-only, then start poppet again.",
            ),
            Self::Spoilt(_) => (
                "This message is damaged",
                "Open it while its server has it: it is fetched again, and never deleted there before. What is left of it: \
                 \"poppet show ID --raw\".",
            ),
            Self::Database(error) => return database(error),
            Self::Damaged(_) => (
                "The mail store is damaged",
                "Run \"poppet doctor\", which names the damaged messages. Nothing is deleted on a server meanwhile.",
            ),
            Self::Unknown(_) => ("That is not in the mail store", "List the messages again."),
            Self::Superseded => ("That search was given up", "Search again."),
            Self::Closed => ("The mail store is closed", "Start poppet again."),
        };
        Problem::new(Kind::Store, what, self.to_string(), remedy)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        error.problem()
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

fn database(error: &rusqlite::Error) -> Problem {
    use rusqlite::ErrorCode as Code;
    let (what, remedy) = match error.sqlite_error_code() {
        Some(Code::DiskFull) => (
            "The disk is full",
            "Make room on the disk. What was stored before is safe, and the rest is fetched again.",
        ),
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => (
            "The mail store is in use",
            "Wait until the other program that uses it is done, then try again.",
        ),
        Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => (
            "The mail store cannot be written",
            "Check who owns the store's folder, and that its disk is not read-only.",
        ),
        Some(Code::DatabaseCorrupt | Code::NotADatabase | Code::ConstraintViolation) => (
            "The mail store is damaged",
            "Run \"poppet doctor\". Nothing is deleted on a server meanwhile.",
        ),
        _ => (
            "The mail store reported an error",
            "Run \"poppet doctor\" to check the store.",
        ),
    };
    Problem::new(Kind::Store, what, error.to_string(), remedy)
}

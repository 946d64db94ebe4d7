use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::{AccountId, Address, Digest, MessageId, RemoteId, Timestamp};

/// A message as a list shows it. All text is decoded and safe for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageSummary {
    /// Its number in this store.
    pub id: MessageId,
    /// The account it came through.
    pub account: AccountId,
    /// What the server calls it; empty for imported mail and servers without UIDL.
    pub remote: RemoteId,
    /// The `Message-ID` without its angle brackets; may be empty, and is not unique.
    pub message_id: String,
    /// The first sender.
    pub from: Address,
    /// Recipients in `To`.
    pub to: Vec<Address>,
    /// Recipients in `Cc`.
    pub cc: Vec<Address>,
    /// The subject, decoded.
    pub subject: String,
    /// The `Date` field, or else that of the newest `Received`, or else when poppet first saw the message.
    pub date: Timestamp,
    /// The size in octets: of the stored copy when it is full, otherwise as LIST announces it.
    pub octets: u64,
    /// Read, starred and so on.
    pub flags: Flags,
    /// How many attachments; 0 while only headers are here.
    pub attachments: u32,
    /// The first words of the body; empty while only headers are here.
    pub snippet: String,
    /// The thread it belongs to: the id of that thread's first message here.
    pub thread: MessageId,
    /// Where it lies on this computer.
    pub folder: Folder,
    /// What of it is on this computer.
    pub local: Local,
    /// What is known of the server's copy.
    pub server: Server,
    /// Why the server's copy is to be deleted; `None` unless `server` is [`Server::DeleteWanted`].
    pub reason: Option<Reason>,
    /// Digest of the stored octets when `local` is [`Local::Full`]; otherwise of those that were here before they were damaged.
    pub sha256: Option<Digest>,
    /// When its body was stored, which is what the days of a rule count from.
    pub stored: StoredAt,
}

impl MessageSummary {
    /// Whether it was here in full, and what is here now is not what was received.
    pub fn is_damaged(&self) -> bool {
        self.local != Local::Full && self.sha256.is_some()
    }

    /// Whether it was too large to be downloaded: only its beginning can be seen.
    pub fn is_left_out(&self) -> bool {
        self.flags.has(Flags::TOO_LARGE) && self.local != Local::Full
    }

    /// Whether its deletion was taken back, because the server shows its copy otherwise than when a person staged it, or has said
    /// that it deleted it and has it still: it is deleted only when it is staged again.
    pub fn is_to_stage_again(&self) -> bool {
        self.flags.has(Flags::TAKEN_BACK) && self.server == Server::Present
    }
}

/// When a body was stored, to the second, in four octets: a list holds a hundred thousand of them. Nothing before 1970 and
/// after 2106.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StoredAt(Option<NonZeroU32>);

impl StoredAt {
    /// At this time, if at any.
    pub fn new(time: Option<Timestamp>) -> Self {
        let seconds = time.and_then(|time| u32::try_from(time.0).ok());
        Self(seconds.and_then(NonZeroU32::new))
    }

    /// When.
    pub fn time(self) -> Option<Timestamp> {
        self.0.map(|seconds| Timestamp(i64::from(seconds.get())))
    }
}

/// Marks that a person, or reading, puts on a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Flags(u32);

impl Flags {
    /// Read.
    pub const SEEN: Self = Self(1);
    /// Starred.
    pub const STARRED: Self = Self(2);
    /// Answered.
    pub const ANSWERED: Self = Self(4);
    /// Stays on the server whatever the rules say.
    pub const PINNED: Self = Self(8);
    /// Larger than what is downloaded. A mark of the engine's, which no person sets.
    pub const TOO_LARGE: Self = Self(16);
    /// Its deletion was staged, and what the server did since took that back. A mark of the store's.
    pub const TAKEN_BACK: Self = Self(32);
    /// It was deleted on the server and came back there, so that no rule deletes it again before a person wants it. A mark of the
    /// engine's, which no person sets.
    pub const CAME_BACK: Self = Self(64);

    /// Flags as they are stored; unknown bits are kept.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// For storing.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether all of `flag` is set.
    pub fn has(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }

    /// The same with `flag` set or cleared.
    #[must_use]
    pub fn with(self, flag: Self, on: bool) -> Self {
        Self(if on {
            self.0 | flag.0
        } else {
            self.0 & !flag.0
        })
    }

    /// Their names in JSON.
    pub fn names(self) -> Vec<&'static str> {
        [
            (Self::SEEN, "seen"),
            (Self::STARRED, "starred"),
            (Self::ANSWERED, "answered"),
        ]
        .into_iter()
        .filter(|(flag, _)| self.has(*flag))
        .map(|(_, name)| name)
        .collect()
    }
}

/// Where a message lies on this computer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Folder {
    /// Where mail arrives.
    #[default]
    Inbox,
    /// Put away.
    Archive,
    /// Deleted here; kept for a while.
    Trash,
}

/// What of a message is on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Local {
    /// The header block.
    Headers,
    /// The header block and some lines.
    Peeked,
    /// Every octet.
    Full,
}

/// What is known of the copy on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Server {
    /// The last listing had it.
    Present,
    /// It is there, and its deletion is staged.
    DeleteWanted,
    /// A deletion was sent and its outcome is unknown; the next listing decides.
    Unconfirmed,
    /// Deleted by poppet: the server said so, or a listing no longer had it.
    Deleted,
    /// A listing no longer had it and poppet did not delete it; or it never was on a server.
    Vanished,
}

impl Server {
    /// Whether the last listing had it, or may have had it.
    pub fn is_there(self) -> bool {
        matches!(self, Self::Present | Self::DeleteWanted | Self::Unconfirmed)
    }
}

/// Who wants a server's copy deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// The person.
    You,
    /// A retention rule.
    Rule,
}

/// What `delete` removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeleteScope {
    /// Moves it to the Trash here and stages its deletion on the server.
    Everywhere,
    /// Stages its deletion on the server and keeps it where it is here.
    ServerOnly,
    /// Moves it to the Trash here and leaves the server's copy.
    LocalOnly,
}

/// A change to messages that needs no network. Each is idempotent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Read or unread.
    Seen(bool),
    /// Starred or not.
    Starred(bool),
    /// Answered or not.
    Answered(bool),
    /// Pinned to the server or not. Pinning takes a rule's staged deletion back.
    Pinned(bool),
    /// To another folder of this computer.
    Move(Folder),
    /// Staged for deletion.
    Delete(DeleteScope),
    /// Out of the Trash, to where it was, and a staged deletion taken back.
    Undelete,
    /// The staged deletion on the server taken back; the folder stays.
    Unstage,
}

use std::io::{self, Read};

use super::{
    Address, Digest, Digests, Flags, Folder, IndexEntry, LedgerId, Local, MessageId, Octets,
    Passing, Reason, RemoteId, Server, Timestamp,
};

/// One line of a session's listing: LIST and UIDL put together. Its place in the listing is its number in that session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The UIDL; missing when the server has none or left this one out.
    pub remote: RemoteId,
    /// The size that LIST announces, in octets. It frames nothing and proves nothing.
    pub octets: u64,
}

/// A line of the ledger: what is known of one copy on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The line.
    pub id: LedgerId,
    /// The message it is a copy of.
    pub message: MessageId,
    /// The UIDL it was last seen under.
    pub remote: RemoteId,
    /// The size LIST gave, in octets.
    pub octets: u64,
    /// The digest of its header block, which every pending deletion is bound to.
    pub header: Option<Digest>,
    /// What is known of it.
    pub server: Server,
    /// Why it is to be deleted, if it is.
    pub reason: Option<Reason>,
    /// Whether the person agreed, in words that said so, to lose it without a copy here.
    pub without_copy: bool,
    /// What of the message is here.
    pub local: Local,
    /// Where the message lies here.
    pub folder: Folder,
    /// The message's flags.
    pub flags: Flags,
    /// When it was first listed.
    pub first_seen: Timestamp,
    /// When its body was stored, if it was.
    pub stored: Option<Timestamp>,
    /// How many complete listings it has been in since its body was stored.
    pub sessions_since_stored: u32,
    /// Why its last download failed, if it did.
    pub failure: Option<String>,
    /// How often the server has said that it deleted the copy since a listing was last without it.
    pub confirmed: u32,
}

impl LedgerEntry {
    /// Whether the server has said that it deleted the copy, and no listing has shown it so far.
    pub fn is_to_be_shown_gone(&self) -> bool {
        self.server == Server::Deleted && self.confirmed > 0
    }
}

/// What a message's octets say about it, as `mime` reads them. All text is safe for a terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extract {
    /// The first sender.
    pub from: Address,
    /// Recipients in `To`.
    pub to: Vec<Address>,
    /// Recipients in `Cc`.
    pub cc: Vec<Address>,
    /// The decoded subject.
    pub subject: String,
    /// The `Date` field, or else that of the newest `Received`, when there is a possible one.
    pub date: Option<Timestamp>,
    /// `Message-ID` without angle brackets; may be empty.
    pub message_id: String,
    /// `References`, and `In-Reply-To` behind them, without angle brackets, oldest first.
    pub references: Vec<String>,
    /// How many attachments; 0 when only headers were given.
    pub attachments: u32,
    /// The first words of the body, at most 160 columns on one line.
    pub snippet: String,
    /// The text to search in: plain text, or the text of the HTML.
    pub text: String,
    /// The attachments' names, one a line, to search in.
    pub files: String,
    /// What goes into the search index, when it was made beforehand.
    pub entry: Option<IndexEntry>,
}

/// What came from the server, to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The line of the ledger it belongs to; `None` for one that was never listed before.
    pub ledger: Option<LedgerId>,
    /// The UIDL it was listed under.
    pub remote: RemoteId,
    /// The size LIST gave, in octets.
    pub listed_octets: u64,
    /// The octets after dot-unstuffing, exactly as they came.
    pub octets: Octets,
    /// How much of the message `octets` are: [`Local::Full`] only when the terminator was seen.
    pub extent: Local,
    /// What they say.
    pub extract: Extract,
}

/// What became of an [`Arrival`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its line of the ledger.
    pub ledger: LedgerId,
    /// The message it belongs to now.
    pub message: MessageId,
    /// Whether this message was not known here before.
    pub new: bool,
    /// Whether its header block alone says that it is this message, and its size does not: the octets are to be compared.
    pub doubtful: bool,
}

/// Proof that every octet of a message is stored: the store has read them again and their digest is the recorded one.
///
/// Only the store makes one. With it, and with nothing else but a waiver, a `DELE` can be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCopy {
    message: MessageId,
    digest: Digest,
    header: Digest,
    octets: u64,
}

impl StoredCopy {
    /// Reads stored octets again; `None` unless they are what was recorded. Fails where they cannot be read.
    pub fn verify(
        message: MessageId,
        mut stored: impl Read,
        recorded: Digest,
    ) -> io::Result<Option<Self>> {
        let mut passing = Passing::default();
        let mut piece = vec![0; PIECE];
        loop {
            match stored.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => passing.take(piece.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let octets = passing.len();
        let Digests { header, all } = passing.digests();
        Ok((all == recorded).then_some(Self {
            message,
            digest: all,
            header,
            octets,
        }))
    }

    /// Which message.
    pub fn message(&self) -> MessageId {
        self.message
    }

    /// The digest of all its octets.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The digest of its header block.
    pub fn header(&self) -> Digest {
        self.header
    }

    /// Its length in octets.
    pub fn octets(&self) -> u64 {
        self.octets
    }
}

/// Octets that are read at once.
const PIECE: usize = 64 * 1024;

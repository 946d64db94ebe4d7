use super::{Flags, Folder, Local, MessageId, MessageSummary, Reason, Server, Timestamp};

/// A message in brief: what a list has to know of every row, without its texts. 48 octets, whatever the message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its number in this store.
    pub id: MessageId,
    /// When it was sent.
    pub date: Timestamp,
    /// Its size in octets.
    pub octets: u64,
    /// The thread it belongs to.
    pub thread: MessageId,
    /// Read, starred and so on.
    pub flags: Flags,
    /// Where it lies on this computer.
    pub folder: Folder,
    /// What of it is on this computer.
    pub local: Local,
    /// What is known of the server's copy.
    pub server: Server,
    /// Why the server's copy is to be deleted.
    pub reason: Option<Reason>,
    /// Whether it has attachments.
    pub files: bool,
}

impl Brief {
    /// Whether it counts as new.
    pub fn is_unread(&self) -> bool {
        !self.flags.has(Flags::SEEN)
    }

    /// Whether the last listing had it, or may have had it.
    pub fn on_server(&self) -> bool {
        self.server.is_there()
    }

    /// Whether it is neither on the server nor here in full: what is not here of it can not be had any more.
    pub fn is_gone(&self) -> bool {
        self.local != Local::Full && !self.on_server()
    }

    /// Makes a summary say what this says; its texts stay.
    pub fn apply(&self, summary: &mut MessageSummary) {
        summary.date = self.date;
        summary.octets = self.octets;
        summary.thread = self.thread;
        summary.flags = self.flags;
        summary.folder = self.folder;
        summary.local = self.local;
        summary.server = self.server;
        summary.reason = self.reason;
    }
}

impl From<&MessageSummary> for Brief {
    fn from(summary: &MessageSummary) -> Self {
        Self {
            id: summary.id,
            date: summary.date,
            octets: summary.octets,
            thread: summary.thread,
            flags: summary.flags,
            folder: summary.folder,
            local: summary.local,
            server: summary.server,
            reason: summary.reason,
            files: summary.attachments > 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_in_brief_takes_48_octets_at_most() {
        assert!(size_of::<Brief>() <= 48, "{}", size_of::<Brief>());
    }
}

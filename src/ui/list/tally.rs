use crate::mail::{Brief, Flags, Folder, Local, Server};

/// What can be said of a number of messages without looking at them again: kept up as they come, change and go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many.
    pub messages: usize,
    /// Their octets.
    pub octets: u64,
    /// Not read.
    pub unread: usize,
    /// That a deletion would change: not in the Trash, or on the server.
    pub deletable: usize,
    /// On the server, and not staged.
    pub present: usize,
    /// On the server, staged or not.
    pub there: usize,
    /// Neither on the server nor here in full.
    pub gone: usize,
    /// In the Trash, staged, or sent and not confirmed.
    pub revocable: usize,
    /// On the server, and not here in full.
    pub fetchable: usize,
}

impl Tally {
    /// Of a single message.
    pub fn of(brief: &Brief) -> Self {
        let is = usize::from;
        let present = brief.server == Server::Present;
        let trashed = brief.folder == Folder::Trash;
        Self {
            messages: 1,
            octets: brief.octets,
            unread: is(!brief.flags.has(Flags::SEEN)),
            deletable: is(!trashed || present),
            present: is(present),
            there: is(brief.on_server()),
            gone: is(brief.is_gone()),
            revocable: is(
                trashed || matches!(brief.server, Server::DeleteWanted | Server::Unconfirmed)
            ),
            fetchable: is(brief.local != Local::Full && brief.on_server()),
        }
    }

    /// One more.
    pub fn add(&mut self, brief: &Brief) {
        let one = Self::of(brief);
        self.messages += 1;
        self.octets = self.octets.wrapping_add(one.octets);
        self.unread += one.unread;
        self.deletable += one.deletable;
        self.present += one.present;
        self.there += one.there;
        self.gone += one.gone;
        self.revocable += one.revocable;
        self.fetchable += one.fetchable;
    }

    /// One less, which was added as it is given here. Octets wrap on the way in, so that they come out right again.
    pub fn remove(&mut self, brief: &Brief) {
        let one = Self::of(brief);
        self.messages = self.messages.saturating_sub(1);
        self.octets = self.octets.wrapping_sub(one.octets);
        self.unread = self.unread.saturating_sub(one.unread);
        self.deletable = self.deletable.saturating_sub(one.deletable);
        self.present = self.present.saturating_sub(one.present);
        self.there = self.there.saturating_sub(one.there);
        self.gone = self.gone.saturating_sub(one.gone);
        self.revocable = self.revocable.saturating_sub(one.revocable);
        self.fetchable = self.fetchable.saturating_sub(one.fetchable);
    }
}

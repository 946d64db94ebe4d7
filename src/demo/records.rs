//! What the maildrop remembers of its visitors, for tests to look at.

/// One session, from its greeting to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Counts from 1 in the order of arrival.
    pub id: u64,
    /// Where the session is, or how it ended.
    pub phase: Phase,
}

/// The states of RFC 1939 section 3, and the ways out of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not logged in yet.
    Authorization,
    /// Logged in.
    Transaction,
    /// Ended by QUIT in TRANSACTION: marked messages were removed.
    Updated,
    /// Ended by QUIT in AUTHORIZATION.
    Left,
    /// Ended without QUIT: nothing was removed.
    Cut,
}

/// A message that is no longer in the maildrop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// Its unique-id while it was there.
    pub uidl: Vec<u8>,
    /// Who removed it.
    pub by: Removal,
}

/// How a message left the maildrop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// DELE, then QUIT, in the session with this id.
    Deleted(u64),
    /// RETR, then QUIT, in the session with this id, on a server that does not keep mail.
    Expired(u64),
    /// Taken out from outside of any session.
    Elsewhere,
}

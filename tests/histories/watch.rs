//! What the oracle knows of one client.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use rusqlite::{Connection, OpenFlags};

use crate::mailbox::Numbered;
use crate::mails::Mail;

/// A client's rule for what stays on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    All,
    UntilDownloaded,
    Days(i64),
    Newest(usize),
    Octets(u64),
}

/// What a client's configuration says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) keep: Keep,
    /// What a rule stages goes by itself.
    pub(crate) rules_by_themselves: bool,
    /// What the person staged goes at the next sync.
    pub(crate) wishes_at_sync: bool,
    /// Which bodies a sync fetches.
    pub(crate) bodies: Bodies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bodies {
    All,
    None,
    UpTo(u64),
}

/// A message, as a person who saw its row knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Whole(Mail),
    /// Its header block, and what LIST said of it.
    Header(Vec<u8>, Vec<u64>),
}

/// A row of a store, read past poppet.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: i64,
    pub(crate) known: Known,
    pub(crate) folder: i64,
    /// 0 present, 1 wanted, 2 unconfirmed, 3 deleted, 4 vanished.
    pub(crate) server: i64,
}

/// What a client is doing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doing {
    /// A full sync: deletions that need no question may follow.
    pub(crate) syncs: bool,
    /// What the person agreed to delete, and what of it to lose.
    pub(crate) agreed: Vec<(i64, Known)>,
    pub(crate) lose: Vec<i64>,
    /// Sessions so far.
    pub(crate) sessions: u32,
}

/// What is known of a client.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) file: PathBuf,
    pub(crate) policy: Policy,
    pub(crate) db: Option<Connection>,
    /// Messages that are whole in its store, and their rows.
    pub(crate) whole: HashMap<Mail, i64>,
    /// Messages that were whole in its store at any time.
    pub(crate) ever: HashSet<Mail>,
    /// When each was first there: how many listings there had been, and the time.
    pub(crate) since: HashMap<Mail, (u32, i64)>,
    pub(crate) listings: u32,
    /// Messages that a listing had beyond what the rule allows.
    pub(crate) over: HashSet<Mail>,
    /// What the person staged.
    pub(crate) wishes: Vec<(i64, Known)>,
    /// Deleted by this client; whether it knows depends on the answer to QUIT.
    pub(crate) unsettled: HashSet<Mail>,
    /// What its last complete session listed.
    pub(crate) last: Vec<Numbered>,
    /// Put into the Trash by the person, and when.
    pub(crate) trashed: HashMap<i64, i64>,
    /// When a full check that went well had each in its listing, the last time.
    pub(crate) last_listed: HashMap<Mail, i64>,
    /// Deleted by this client, who knows it, and not wanted deleted again by the person since.
    pub(crate) deleted: HashSet<Mail>,
    /// What it sends DELE for in this session.
    pub(crate) asked: HashSet<Mail>,
    /// Deleted by this client, who knows it and has had no listing without it since: what is still listed may be asked for again.
    pub(crate) owed: HashSet<Mail>,
    pub(crate) doing: Doing,
    /// All names have changed, and nothing else that would be new.
    pub(crate) expects_nothing_new: bool,
    pub(crate) retrieved: u32,
    /// Rows whose octets were spoiled, and what they were.
    pub(crate) damaged: HashMap<i64, Mail>,
    /// Every session of what it does was answered in full.
    pub(crate) honest: bool,
    /// What the first of them listed.
    pub(crate) listed_now: HashSet<Mail>,
    /// What was ever listed under a name.
    pub(crate) names: HashMap<Vec<u8>, HashSet<Mail>>,
    /// Messages that were ever listed under a name that was there twice.
    pub(crate) shared: HashSet<Mail>,
}

impl Watch {
    pub(crate) fn new(file: PathBuf, policy: Policy) -> Self {
        Self {
            file,
            policy,
            db: None,
            whole: HashMap::new(),
            ever: HashSet::new(),
            since: HashMap::new(),
            listings: 0,
            over: HashSet::new(),
            wishes: Vec::new(),
            unsettled: HashSet::new(),
            last: Vec::new(),
            trashed: HashMap::new(),
            last_listed: HashMap::new(),
            deleted: HashSet::new(),
            asked: HashSet::new(),
            owed: HashSet::new(),
            doing: Doing::default(),
            expects_nothing_new: false,
            retrieved: 0,
            damaged: HashMap::new(),
            honest: true,
            listed_now: HashSet::new(),
            names: HashMap::new(),
            shared: HashSet::new(),
        }
    }

    pub(crate) fn db(&mut self) -> &Connection {
        let file = &self.file;
        self.db.get_or_insert_with(|| {
            let db = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
            db.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
            db
        })
    }

    /// The store is going to be closed.
    pub(crate) fn let_go(&mut self) {
        self.db = None;
    }
}

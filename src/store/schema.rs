//! What the file looks like. Steps are only ever added at the end; the number of steps is the version.

/// `popt`, in `PRAGMA application_id`.
pub(super) const APPLICATION_ID: u32 = 0x706f_7074;

/// The version this program writes.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// The first version with the search index as it is now.
pub(super) const WORDS_ALONE: u32 = 7;

/// Each step takes a store from the version of its place to the next. For a while two lines of work each had a version 2, and
/// the first step was mended where it stood: so the later ones ask what is there.
pub(super) const MIGRATIONS: [&str; 7] = [
    FIRST,
    FEWER_WRITES,
    LISTS_FROM_AN_INDEX,
    ASSUMED_COPIES,
    TIME_OF_CHECKS,
    CONFIRMED_DELETIONS,
    WORDS_WITHOUT_PLACES,
];

/// - `accounts.listings` counts complete listings, so that a line knows in how many it has been without being rewritten.
/// - `messages.folder` is 0 Inbox, 1 Archive, 2 Trash, 3 removed from the Trash: known, and never shown.
/// - `messages.server`, `reason` and `remote` sum up the message's ledger lines, and so do its `octets` until it is here in full;
///   `rows::refresh` writes them, and `listing::changed_rows` those of many at once.
/// - `ledger.reason` outlives a copy that vanished while its deletion was wanted, in case it comes back. On a line whose
///   deletion is unconfirmed it is NULL once the wish was taken back. It also outlives a deletion that was confirmed, until a
///   listing is without the copy.
/// - `octets` stands apart so that no list ever reads past a message's body.
const FIRST: &str = "
CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    set_up INTEGER NOT NULL,
    last_sync INTEGER,
    listings INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    octets INTEGER NOT NULL DEFAULT 0,
    brake TEXT,
    quirks TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id),
    folder INTEGER NOT NULL DEFAULT 0,
    date INTEGER NOT NULL,
    octets INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    attachments INTEGER NOT NULL DEFAULT 0,
    thread INTEGER NOT NULL,
    local INTEGER NOT NULL,
    server INTEGER NOT NULL,
    reason INTEGER,
    remote BLOB NOT NULL,
    message_id TEXT NOT NULL,
    from_name TEXT NOT NULL,
    from_address TEXT NOT NULL,
    recipients TEXT NOT NULL,
    copies TEXT NOT NULL,
    subject TEXT NOT NULL,
    snippet TEXT NOT NULL,
    header BLOB NOT NULL,
    sha256 BLOB,
    first_seen INTEGER NOT NULL,
    stored INTEGER,
    folder_before INTEGER,
    trashed INTEGER,
    by_from TEXT NOT NULL,
    by_subject TEXT NOT NULL
) STRICT;
CREATE INDEX messages_by_date ON messages (folder, date, id, account, flags);
CREATE INDEX messages_by_size ON messages (folder, octets, id);
CREATE INDEX messages_by_from ON messages (folder, by_from, date DESC, id DESC);
CREATE INDEX messages_by_subject ON messages (folder, by_subject, date DESC, id DESC);
CREATE INDEX messages_all_by_date ON messages (date, id, folder, account, flags);
CREATE INDEX messages_by_header ON messages (account, header);
CREATE INDEX messages_by_sha256 ON messages (account, sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX messages_by_thread ON messages (thread);

CREATE TABLE octets (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    octets BLOB NOT NULL
) STRICT;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account INTEGER NOT NULL REFERENCES accounts (id),
    message INTEGER NOT NULL REFERENCES messages (id),
    remote BLOB NOT NULL,
    octets INTEGER NOT NULL,
    header BLOB,
    server INTEGER NOT NULL,
    reason INTEGER,
    without_copy INTEGER NOT NULL DEFAULT 0,
    first_seen INTEGER NOT NULL,
    counted_from INTEGER NOT NULL,
    failure TEXT,
    trouble TEXT
) STRICT;
CREATE INDEX ledger_by_message ON ledger (message);
CREATE INDEX ledger_by_remote ON ledger (account, remote);
CREATE INDEX ledger_wanted ON ledger (account) WHERE server = 1;

CREATE TABLE threads (
    account INTEGER NOT NULL REFERENCES accounts (id),
    message_id TEXT NOT NULL,
    thread INTEGER NOT NULL,
    PRIMARY KEY (account, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX threads_by_thread ON threads (thread);

CREATE VIRTUAL TABLE search USING fts5 (
    body, subject, sender, recipients, copies, files,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
";

/// Messages with the same octets have the same header block, by which they are found as well.
const FEWER_WRITES: &str = "
DROP INDEX IF EXISTS messages_by_sha256;
";

/// - All that a list has to know of every row lies in the index by date, so that no list reads the rows themselves.
/// - `replies.names` are the ids that a message answers, for the tree of its thread; `lost_replies` are replies that name
///   none, found again by their subject.
const LISTS_FROM_AN_INDEX: &str = "
DROP INDEX IF EXISTS messages_by_sha256;
DROP INDEX IF EXISTS messages_by_from;
CREATE INDEX messages_by_from ON messages (folder, by_from, date DESC, id DESC);
DROP INDEX IF EXISTS messages_by_subject;
CREATE INDEX messages_by_subject ON messages (folder, by_subject, date DESC, id DESC);
DROP INDEX IF EXISTS messages_all_by_date;
CREATE INDEX messages_all_by_date ON messages (date, id, folder, account, flags);
DROP INDEX IF EXISTS messages_by_date;
CREATE INDEX messages_by_date ON messages
    (folder, date, id, account, flags, octets, thread, local, server, reason, attachments);

CREATE TABLE IF NOT EXISTS replies (
    message INTEGER PRIMARY KEY,
    names TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS lost_replies (
    account INTEGER NOT NULL,
    subject TEXT NOT NULL,
    date INTEGER NOT NULL,
    message INTEGER NOT NULL,
    PRIMARY KEY (account, subject, date, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lost_replies_by_message ON lost_replies (message);
";

/// - `ledger.assumed` is 1 where a copy was taken for a message by its header block alone: its octets never came under this
///   line.
/// - What was removed from the Trash keeps its `messages.sha256`, so that another message with the same header block is not
///   taken for it.
const ASSUMED_COPIES: &str = "
ALTER TABLE ledger ADD COLUMN assumed INTEGER NOT NULL DEFAULT 0;
";

/// - `accounts.elapsed` is the time in seconds over which the account was checked: what lies between two listings, with a limit
///   to each, so that no jump of a clock makes much of it.
/// - `ledger.let_go` is 1 where a rule had staged the copy when the person let deletions by rules go on.
/// - `messages.gone_from` is where that stood when the message was found in the Trash here and on no server; NULL while it is
///   not both.
const TIME_OF_CHECKS: &str = "
ALTER TABLE accounts ADD COLUMN elapsed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN gone_from INTEGER;
ALTER TABLE ledger ADD COLUMN let_go INTEGER NOT NULL DEFAULT 0;
";

/// `ledger.confirmed` is how often the server has said that it deleted the copy since a listing was last without it.
const CONFIRMED_DELETIONS: &str = "
ALTER TABLE ledger ADD COLUMN confirmed INTEGER NOT NULL DEFAULT 0;
";

/// The search index as it is now, for one that is made anew. `mail::IndexEntry` makes its words, and nothing in them is for a
/// tokenizer to decide.
pub(super) const SEARCH: &str = "
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
";
/// What lies beside it.
pub(super) const PLACES: &str = "
CREATE TABLE places (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    places BLOB NOT NULL
) STRICT;
";

/// - The index knows which words a message has, and `places` in which order those of its text stand.
/// - `reindexing` has a row while the index is being built anew, as it has to be here: `behind` is the last message that is
///   done, `text` the size in octets of the text of all that are.
const WORDS_WITHOUT_PLACES: &str = "
DROP TABLE IF EXISTS search;
CREATE VIRTUAL TABLE search USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);
CREATE TABLE places (
    message INTEGER PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    places BLOB NOT NULL
) STRICT;
DROP TABLE IF EXISTS reindexing;
CREATE TABLE reindexing (behind INTEGER NOT NULL, text INTEGER NOT NULL) STRICT;
INSERT INTO reindexing SELECT 0, 0 WHERE EXISTS (SELECT 1 FROM messages);
";

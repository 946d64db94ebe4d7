//! The matrix of faults and states: for every live cell what has to hold there, and the tests that hold it.
//!
//! A cell is live unless the fault cannot come in that state, or nothing can be asked of it there. A test is named as
//! `cargo test` names it, behind the name of its binary; `poppet` is the library's own. Each was read: it compares with what has
//! to hold, and would fail otherwise.

#[allow(
    clippy::wildcard_imports,
    reason = "a hundred names, all of which are used here and nowhere else"
)]
use crate::named::*;

/// A fault, and what has to hold in each of [`STATES`].
pub(crate) struct Row {
    pub(crate) fault: u32,
    pub(crate) name: &'static str,
    pub(crate) cells: [Cell; 5],
}

pub(crate) enum Cell {
    /// Nothing can happen there, or nothing can be asked of it.
    Dead,
    Live {
        /// What has to hold.
        what: &'static str,
        /// The tests that hold it.
        by: &'static [&'static str],
    },
}

pub(crate) const STATES: [&str; 5] = ["peeking", "fetching", "storing", "deleting", "expunging"];

const DEAD: Cell = Cell::Dead;

const fn held(what: &'static str, by: &'static [&'static str]) -> Cell {
    Cell::Live { what, by }
}

const fn row(fault: u32, name: &'static str, cells: [Cell; 5]) -> Row {
    Row { fault, name, cells }
}

pub(crate) const MATRIX: [Row; 27] = [
    row(
        1,
        "kill -9 at every step",
        [
            held(
                "nothing half done is left; header blocks come again",
                &[KILL],
            ),
            held(
                "what was cut is nowhere; all of it comes in the next session",
                &[KILL],
            ),
            held(
                "what was answered is there, a batch as a whole or not at all",
                &[KILL, CRASH],
            ),
            held(
                "the server keeps all; what was wanted is wanted and done later",
                &[KILL, ENDED],
            ),
            held(
                "noted before QUIT; the next listing decides",
                &[KILL, ENDED, SIGNAL_AT_QUIT],
            ),
        ],
    ),
    row(
        2,
        "power loss",
        [
            held(
                "the list is sound; an index can be made anew",
                &[POWER, REINDEX],
            ),
            held("what was not synced comes again", &[POWER]),
            held(
                "no row without its octets; a torn first page is made anew",
                &[POWER, FIRST_PAGE],
            ),
            held("what DELE was sent for is on the disk", &[POWER]),
            held(
                "what may have gone is here; nothing stays in doubt after a session",
                &[POWER],
            ),
        ],
    ),
    row(
        3,
        "disk full at write k",
        [
            held(
                "mail can be read, and it is said that nothing can be written",
                &[READ_ONLY],
            ),
            held(
                "no QUIT behind what was retrieved and not stored",
                &[WRITES, UNWRITTEN, CLEAN],
            ),
            held(
                "what failed leaves no row and harms no other",
                &[WRITES, BATCH],
            ),
            held(
                "a wish that cannot be written down sends no DELE",
                &[WRITES, WISH, UNWRITTEN],
            ),
            held(
                "noted before QUIT, told, and settled by the next session",
                &[WRITES, UNWRITTEN],
            ),
        ],
    ),
    row(
        4,
        "store read-only, or no permission",
        [
            held(
                "what is here is shown, also in the reader",
                &[READ_ONLY, READER],
            ),
            held(
                "nothing is retrieved; no session is opened",
                &[READ_ONLY, NOT_FETCHED],
            ),
            held("the error is shown", &[READ_ONLY, OPENS]),
            held("no DELE: no session is opened", &[READ_ONLY]),
            held("none is reached: no session is opened", &[READ_ONLY]),
        ],
    ),
    row(
        5,
        "fsync, rename or close fail with EIO",
        [
            DEAD,
            held(
                "no QUIT behind what was retrieved and not stored",
                &[SYNCS, NAMES, CLOSES, UNWRITTEN],
            ),
            held("taken for not stored", &[SYNCS, NAMES, CLOSES]),
            held(
                "a wish that did not reach the disk is not said to be staged",
                &[SYNCS, WISH, UNWRITTEN],
            ),
            held(
                "noted before QUIT; settled by the next session",
                &[SYNCS, UNWRITTEN],
            ),
        ],
    ),
    row(
        6,
        "server's stream cut at every octet",
        [
            held("a part of a header block is dropped", &[CUTS, CLOSED]),
            held(
                "what is not complete is not here as a whole",
                &[CUTS, CLOSED, PARTIAL],
            ),
            DEAD,
            held(
                "each deletion is decided by the next listing",
                &[CUTS, CLOSED],
            ),
            held("unconfirmed until the next listing", &[CUTS, CLOSED, QUITS]),
        ],
    ),
    row(
        7,
        "client's stream cut at every octet",
        [
            held("nothing is lost or twice", &[CLIENT_CUTS]),
            held("nothing is lost or twice", &[CLIENT_CUTS]),
            DEAD,
            held(
                "`DELE 1` of `DELE 12` deletes neither; no QUIT follows",
                &[CLIENT_CUTS, DELE_CUT],
            ),
            held(
                "`QUI` keeps; `QUIT` is decided by the next listing",
                &[CLIENT_CUTS, QUITS],
            ),
        ],
    ),
    row(
        8,
        "-ERR to each command",
        [
            held(
                "header blocks are had another way",
                &[ERRORS, TOP_REFUSED, NO_TOP],
            ),
            held(
                "that one is marked with the reason, the others come",
                &[ERRORS, MARKED, NOT_GIVEN],
            ),
            DEAD,
            held(
                "it stays wanted, with the reason; the others go",
                &[ERRORS, DELE_REFUSED],
            ),
            held("unconfirmed until the next listing", &[ERRORS, QUITS]),
        ],
    ),
    row(
        9,
        "garbage, answers out of step or too many",
        [
            held(
                "closed without QUIT; nothing of it is a row",
                &[RUBBISH, SILENCE, NO_STUFFING],
            ),
            held(
                "closed without QUIT; nothing of it is a message",
                &[RUBBISH, SILENCE, OK_TWICE],
            ),
            DEAD,
            held(
                "closed without QUIT, nothing is removed",
                &[RUBBISH, DELE_TWICE, TOO_MANY],
            ),
            held(
                "unconfirmed until the next listing",
                &[RUBBISH, NOT_FOR_QUIT, QUITS],
            ),
        ],
    ),
    row(
        10,
        "-ERR that nobody asked for, server shuts down",
        [
            held("closed; the next session has all", &[UNASKED]),
            held(
                "closed without QUIT; the next session has all",
                &[UNASKED, SHUTDOWN],
            ),
            DEAD,
            held(
                "closed without QUIT, nothing is removed",
                &[UNASKED, HEARD_BEFORE_QUIT],
            ),
            held("unconfirmed until the next listing", &[UNASKED]),
        ],
    ),
    row(
        11,
        "QUIT lost on the way",
        [
            held(
                "all header blocks are here, none comes again",
                &[FETCH_QUIT],
            ),
            held(
                "what was retrieved is stored and not retrieved again",
                &[FETCH_QUIT],
            ),
            held("what is stored is as it was there", &[FETCH_QUIT]),
            held(
                "the server keeps all; wanted as before, not new",
                &[QUITS, BREAKS_AT_QUIT],
            ),
            held(
                "unconfirmed until the next listing",
                &[QUITS, BREAKS_AT_QUIT],
            ),
        ],
    ),
    row(
        12,
        "answer to QUIT lost",
        [
            held(
                "all header blocks are here, none comes again",
                &[FETCH_QUIT],
            ),
            held(
                "what was retrieved is stored and not retrieved again",
                &[FETCH_QUIT],
            ),
            held("what is stored is as it was there", &[FETCH_QUIT]),
            DEAD,
            held(
                "deleted by the next listing; nothing is fetched again, no complaint",
                &[QUITS],
            ),
        ],
    ),
    row(
        13,
        "SIGTERM, hang-up, suspended and resumed",
        [
            held("nothing is lost, all comes later", &[ENDINGS, PAUSES]),
            held(
                "ends; what may be gone by its QUIT is stored",
                &[ENDINGS, PAUSES, SIGNALS],
            ),
            held(
                "what was being stored is whole or not there",
                &[ENDINGS, PAUSES],
            ),
            held(
                "closed without QUIT, the server keeps all",
                &[SIGNALS, SUSPENDED, ENDED],
            ),
            held(
                "not waited for; unconfirmed until the next listing",
                &[SIGNAL_AT_QUIT, ENDED],
            ),
        ],
    ),
    row(
        14,
        "another client deletes meanwhile",
        [
            held(
                "told; that one is gone, the others are there",
                &[TAKEN_PEEK],
            ),
            held(
                "gone on the server; the others come",
                &[TAKEN_FETCH, TWO_CLIENTS],
            ),
            held("what is stored stays", &[UNLISTED, TWO_CLIENTS]),
            held("never another message", &[TAKEN_DELETE, HISTORIES]),
            held("never another message", &[TAKEN_DELETE, HISTORIES]),
        ],
    ),
    row(
        15,
        "a second poppet on one store",
        [
            held("the second one reads what is here", &[SECOND, BESIDE]),
            held(
                "one asks the server; nothing is fetched twice",
                &[SECOND, TOGETHER, BESIDE],
            ),
            held(
                "both write one store, which stays sound",
                &[TOGETHER, BESIDE, OPENERS],
            ),
            held(
                "one deletes, the other sends nothing",
                &[SECOND, TOGETHER, BESIDE],
            ),
            held("one deletes, once", &[SECOND, TOGETHER, LOCK]),
        ],
    ),
    row(
        16,
        "[IN-USE], or words that mean it",
        [
            held("tried again later; the password is kept", &[IN_USE, WAITS]),
            DEAD,
            DEAD,
            held("deletions wait; the password is kept", &[LOCKED]),
            DEAD,
        ],
    ),
    row(
        17,
        "the clock is wrong or jumps",
        [
            held("the order of the list stays", &[CLOCK, ORDER]),
            held("no wait ends or lasts for it", &[CLOCK]),
            held("what is stored is the same", &[CLOCK]),
            held("no age is reached by it", &[AGES, CLOCK_ALONE]),
            held(
                "with the brake on nothing goes",
                &[CLOCK, AGES, CLOCK_ALONE],
            ),
        ],
    ),
    row(
        18,
        "a store that is damaged",
        [
            held(
                "found by its hash, shown as damaged, offered again",
                &[TOLD, OPENED, ON_NO_SERVER],
            ),
            held("it comes again", &[TOLD, OPENED, SYNCED]),
            held(
                "never made anew in silence",
                &[FLIPPED, TRUNCATED, LOG_ALONE, NO_LOG],
            ),
            held(
                "no DELE for what is damaged",
                &[TOLD, FLIPPED, TRUNCATED, NO_COPY],
            ),
            held(
                "what goes is whole here",
                &[FLIPPED, TRUNCATED, DAMAGED_KEEPS],
            ),
        ],
    ),
    row(
        19,
        "a UIDL is used for another message",
        [
            held("it is a new message", &[REUSED, REUSED_STORE]),
            held("it comes", &[REUSED, REUSED_SIZE]),
            held("both are here", &[REUSED, REUSED_SIZE]),
            held(
                "not deleted in the place of the other",
                &[REUSED_DELETE, REUSED_PLACE, REUSED],
            ),
            DEAD,
        ],
    ),
    row(
        20,
        "one UIDL for several messages",
        [
            held("each header block is asked for", &[SHARED_PEEK]),
            held("each is retrieved", &[SHARED_ALL, SHARED_LATER]),
            held("each is stored as itself", &[SHARED_STORE, SHARED_LATER]),
            held(
                "only what was compared octet by octet",
                &[SHARED_ONE, SHARED_NOT_HERE],
            ),
            DEAD,
        ],
    ),
    row(
        21,
        "every UIDL is another one",
        [
            held("nothing is shown as new", &[RENAMED, RENAMED_Q8]),
            held(
                "only what is new is retrieved",
                &[RENAMED_STAGED, RENAMED_Q8],
            ),
            held("no message is here twice", &[RENAMED, RENAMED_STORE]),
            held(
                "nothing is deleted under a new name before it was compared",
                &[RENAMED_STAGED, RENAMED_DELETE],
            ),
            DEAD,
        ],
    ),
    row(
        22,
        "the server is restored from a backup",
        [
            held("what was seen is not new", &[RESTORED]),
            held("nothing is retrieved again", &[RESTORED]),
            DEAD,
            held("nothing is deleted again unasked", &[RESTORED]),
            DEAD,
        ],
    ),
    row(
        23,
        "another mailbox behind the same name",
        [
            held("the brake goes on", &[REPLACED]),
            held("its mail comes", &[REPLACED]),
            held("and is kept apart from what was here", &[REPLACED]),
            held("nothing is deleted", &[REPLACED]),
            DEAD,
        ],
    ),
    row(
        24,
        "an empty mailbox for a while",
        [
            held("nothing is forgotten", &[EMPTY]),
            DEAD,
            DEAD,
            held("what is wanted waits", &[EMPTY]),
            DEAD,
        ],
    ),
    row(
        25,
        "a server that deletes what was retrieved",
        [
            held(
                "what is retrieved for a header block is stored",
                &[EXPIRING_PEEK, EXPIRING_COMPARED],
            ),
            held("stored before QUIT", &[EXPIRING, EXPIRING_ALL]),
            held(
                "no QUIT before it is on the disk",
                &[EXPIRING, CLEAN, POWER],
            ),
            held("looking counts as deleting: no QUIT then", &[EXPIRING_LOOK]),
            held("that it is gone is expected", &[EXPIRING_GONE, HIDING]),
        ],
    ),
    row(
        26,
        "TLS ends without close_notify",
        [
            held("a part of a header block is dropped", &[TORN]),
            held(
                "what is not complete is not here as a whole",
                &[TORN, FAREWELL],
            ),
            DEAD,
            held("each deletion is decided by the next listing", &[TORN]),
            held("unconfirmed until the next listing", &[TORN]),
        ],
    ),
    row(
        27,
        "an old listing again, or a DELE that was not carried out",
        [
            held("shown again as pending", &[LIED, REPLAYED]),
            held("nothing is retrieved again", &[LIED, REPLAYED]),
            DEAD,
            held(
                "asked for three times more at most, then told",
                &[LIED, LIED_UNASKED, LIED_TO_A_RULE, LIED_TAKEN_BACK],
            ),
            DEAD,
        ],
    ),
];

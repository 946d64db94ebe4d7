//! What a person is told when a message cannot be had.

use super::error::Says;
use crate::mail::{Kind, MessageSummary, Problem, Retry};

pub(super) fn gone() -> Problem {
    Problem::new(
        Kind::Protocol,
        "The message is not on the server any more",
        "The server does not list it, or lists another one under its name.",
        "What is on this computer stays here.",
    )
}

pub(super) fn no_beginning(says: &Says) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server does not show the beginning of this message",
        format!("It refused TOP: {says}"),
        "Download the whole message to read it; it stays on the server.",
    )
}

pub(super) fn not_given(says: &Says) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The server does not give this message",
        format!("It refused RETR: {says}"),
        "It stays listed, and the next check tries again.",
    )
    .with_retry(Retry::NextCheck)
}

pub(super) fn too_large(largest: u64) -> Problem {
    Problem::new(
        Kind::Protocol,
        "The message is too large to download",
        format!("It has more than {}.", megabytes(largest)),
        "It stays on the server. Its beginning can be seen: press p, or run `poppet peek ID`.",
    )
}

/// What is told once about messages that a sync leaves out for their size.
pub(super) fn left_out(rows: &[MessageSummary], largest: u64) -> Problem {
    let what = match rows {
        [_] => "A message is too large to download".to_owned(),
        rows => format!("{} messages are too large to download", rows.len()),
    };
    Problem::new(
        Kind::Protocol,
        what,
        format!("{}: more than {}", named(rows), megabytes(largest)),
        "They stay on the server, marked `big` in the list. What they begin with can be seen: press p, or run `poppet peek ID`.",
    )
}

/// What is told once about messages whose staged deletion a listing took back.
pub(super) fn to_stage_again(rows: &[MessageSummary]) -> Problem {
    let what = match rows {
        [_] => "A staged deletion was taken back".to_owned(),
        rows => format!("{} staged deletions were taken back", rows.len()),
    };
    Problem::new(
        Kind::Protocol,
        what,
        format!(
            "{}: the server now has other messages under the same name (UIDL)",
            named(rows)
        ),
        "Nothing was deleted. They are marked `del!` in the list, where they still lie on the server; what shall go is to be staged again.",
    )
}

/// What is told once about messages that a server says to have deleted, and lists, and that it is not asked for again.
pub(super) fn not_carried_out(rows: &[MessageSummary]) -> Problem {
    let what = match rows {
        [_] => "The server does not delete a message".to_owned(),
        rows => format!("The server does not delete {} messages", rows.len()),
    };
    Problem::new(
        Kind::Protocol,
        what,
        format!(
            "{}: it has said that it did, and still lists what was deleted",
            named(rows)
        ),
        "They stay on the server, marked `del!` in the list. Delete them with the provider's web mail; or stage them again, and it is asked again.",
    )
}

fn named(rows: &[MessageSummary]) -> String {
    let named: Vec<String> = rows
        .iter()
        .take(MOST_NAMED)
        .map(|row| format!("{} “{}” from {}", row.id, row.subject, row.from.short()))
        .collect();
    let more = if rows.len() > MOST_NAMED {
        " and others"
    } else {
        ""
    };
    named.join(", ") + more
}

/// What is told about messages that are too large, and of which the server shows no beginning either.
pub(super) fn unseen(count: u64, largest: u64) -> Problem {
    Problem::new(
        Kind::Protocol,
        "Some messages are too large to be had",
        format!(
            "{count} of them: more than {}, and the server does not show how they begin (TOP)",
            megabytes(largest)
        ),
        "They stay on the server. Read them with the provider's web mail, or delete them there.",
    )
}

fn megabytes(octets: u64) -> String {
    match octets / (1024 * 1024) {
        0 => format!("{octets} octets"),
        megabytes => format!("{megabytes} megabytes"),
    }
}

const MOST_NAMED: usize = 3;

pub(super) fn reading_broke() -> Problem {
    Problem::new(
        Kind::Store,
        "What arrived could not be stored",
        "The part of poppet that stores messages has ended.",
        "Start poppet again. Nothing was deleted anywhere.",
    )
}

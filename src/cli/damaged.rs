//! What commands say of messages whose octets here are not those that were received.

use super::exit::Exit;
use super::stop::Stop;
use super::words::count;
use crate::mail::{Kind, MessageSummary, Problem};

/// What is left of a damaged message is printed all the same; whoever reads only the exit status has to know as well.
pub(super) fn told(row: &MessageSummary) -> Result<Exit, Stop> {
    if !row.is_damaged() {
        return Ok(Exit::Done);
    }
    let remedy = if row.server.is_there() {
        "`poppet sync` downloads it again."
    } else {
        "Its server no longer has it: import it from a backup or an export."
    };
    Err(Problem::new(
        Kind::Store,
        format!("Message {} is damaged", row.id),
        "what is here of it is not what was received",
        remedy,
    )
    .into())
}

/// So many messages were not exported because they are damaged.
pub(super) fn left_out(messages: u64) -> Problem {
    let which = count(messages, "message");
    Problem::new(
        Kind::Store,
        format!("{which} left out: damaged"),
        "what is here is not what was received",
        "`poppet sync` downloads again what the servers still have; then export again. `poppet doctor` names them.",
    )
}

//! What commands say of messages that left their server before they were downloaded.

use super::stop::Stop;
use crate::mail::{Kind, Local, MessageSummary, Problem, Server};

/// What is here of such a message is printed all the same; whoever reads only the exit status has to know that the rest is
/// nowhere.
pub(super) fn told(row: &MessageSummary) -> Result<(), Stop> {
    // A damaged one was here in full, and is told of as damaged.
    if row.local == Local::Full || row.server.is_there() || row.is_damaged() {
        return Ok(());
    }
    let here = match row.local {
        Local::Headers => "only its header is here",
        Local::Peeked | Local::Full => "only its beginning is here",
    };
    let left = match row.server {
        Server::Deleted => "it was deleted there before it was downloaded",
        _ => "it was not downloaded before, and the server does not list it",
    };
    Err(Problem::new(
        Kind::Protocol,
        format!(
            "The rest of message {} is not on the server any more",
            row.id
        ),
        format!("{left}; {here}"),
        "Where there is a backup or an export that has it, import it from there.",
    )
    .into())
}

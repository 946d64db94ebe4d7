//! What a person is told when a message cannot be had.

use super::error::Says;
use super::visit::LARGEST;
use crate::mail::{Kind, Problem, Retry};

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

pub(super) fn too_large() -> Problem {
    Problem::new(
        Kind::Protocol,
        "The message is too large to download",
        format!("It has more than {} megabytes.", LARGEST / (1024 * 1024)),
        "It stays on the server. Its beginning can be seen: press p, or run `poppet peek ID`.",
    )
}

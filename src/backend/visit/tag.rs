use crate::backend::errands::Want;
use crate::mail::{LedgerId, MessageId};
use crate::pop3::MessageNumber;

/// What a job on the line is for.
#[derive(Clone, Copy, Debug)]
pub(in crate::backend) enum Tag {
    /// The header block of a message that may be new: it was asked for before that was known.
    Glance {
        number: MessageNumber,
    },
    Summary {
        place: usize,
    },
    Whole {
        place: usize,
    },
    Recheck {
        ledger: LedgerId,
        place: usize,
    },
    Body {
        ledger: LedgerId,
        message: MessageId,
        place: usize,
    },
    Peek {
        want: Want,
        ledger: LedgerId,
        place: usize,
    },
}

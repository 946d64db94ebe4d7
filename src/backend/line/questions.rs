//! Questions whose answers are known from the listing: which one is asked nobody can foresee who wrote a message before.

use crate::backend::maildrop::Maildrop;
use crate::pop3::{Command, Event, MessageNumber, Uidl, Verb};

/// Some questions, of which one is drawn by lot.
#[derive(Debug, Default)]
pub(super) struct Questions {
    some: Vec<Question>,
    refused: usize,
}

/// UIDL or LIST of one message, and what is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Question {
    Name(MessageNumber, Uidl),
    Size(MessageNumber, u64),
}

impl Questions {
    /// Some of what a listing says.
    pub(super) fn of(maildrop: &Maildrop) -> Self {
        let lines = maildrop.listing.len();
        let places =
            (0..MOST.min(lines)).map(|nth| if lines <= MOST { nth } else { by_lot(lines) });
        let question = |place: usize| {
            let number = *maildrop.numbers.get(place)?;
            let listed = maildrop.listing.get(place)?;
            if maildrop.has_uidl {
                let uidl = Uidl::new(listed.remote.as_bytes()).ok()?;
                Some(Question::Name(number, uidl))
            } else {
                Some(Question::Size(number, listed.octets))
            }
        };
        Self {
            some: places.filter_map(question).collect(),
            refused: 0,
        }
    }

    /// One of them; none where none is left.
    pub(super) fn draw(&self) -> Option<Question> {
        self.some.get(by_lot(self.some.len())).cloned()
    }

    /// The server refuses it: the message may be gone, or it answers no such question at all.
    pub(super) fn refused(&mut self, question: &Question) {
        self.forget(question.number());
        self.refused += 1;
        if self.refused >= MOST_REFUSED {
            self.some.clear();
        }
    }

    /// Nothing is asked about this message any more.
    pub(super) fn forget(&mut self, number: MessageNumber) {
        self.some.retain(|question| question.number() != number);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.some.is_empty()
    }
}

impl Question {
    pub(super) fn command(&self) -> Command {
        match self {
            Self::Name(number, _) => Command::Uidl(Some(*number)),
            Self::Size(number, _) => Command::List(Some(*number)),
        }
    }

    pub(super) fn verb(&self) -> Verb {
        match self {
            Self::Name(..) => Verb::Uidl,
            Self::Size(..) => Verb::List,
        }
    }

    /// Whether this is the answer.
    pub(super) fn is_answered_by(&self, event: &Event) -> bool {
        match (self, event) {
            (Self::Name(number, uidl), Event::Uidls(said)) => {
                matches!(said.as_slice(), [(other, Some(name))] if other == number && name == uidl)
            }
            (Self::Size(number, octets), Event::Listing(said)) => {
                said.as_slice() == [(*number, *octets)]
            }
            _ => false,
        }
    }

    fn number(&self) -> MessageNumber {
        match self {
            Self::Name(number, _) | Self::Size(number, _) => *number,
        }
    }
}

/// A number below `count`, or 0.
fn by_lot(count: usize) -> usize {
    let lot = getrandom::u64().unwrap_or_default();
    usize::try_from(lot.checked_rem(count as u64).unwrap_or_default()).unwrap_or_default()
}

const MOST: usize = 64;
/// A server that refused so many is not asked any more.
const MOST_REFUSED: usize = 3;

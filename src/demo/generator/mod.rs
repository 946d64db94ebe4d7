//! A mailbox of any size, made on demand: message i follows from the seed and i alone.
//!
//! This file decides what a message is (its kind, size, date, sender, and what it replies to), cheaply enough to be
//! asked for every message of a listing. [`compose`] writes it.

mod compose;
mod prose;
mod table;

pub(super) use prose::Prose;
pub(super) use table::Table;

use jiff::{Timestamp, ToSpan, ZonedDateTime, tz::TimeZone};

use super::{
    fill::mix,
    message::Segment,
    words::{LETTERS, NEWSLETTERS, NOTICES, PEOPLE, SUBJECTS},
};

/// A word that occurs in three messages of every generated mailbox, or in fewer when it is smaller than that.
pub const RARE_WORD: &str = "zephyrquill";

/// A word that occurs in every fifth message of a generated mailbox, and in no other.
pub const COMMON_WORD: &str = "meadowlark";

/// Two words that stand side by side in every hundredth message of a generated mailbox, and apart in nine others of a
/// hundred.
pub const PHRASE: &str = "quarterly ledger";

/// The recipe for a mailbox.
#[derive(Debug)]
pub(super) struct Generator {
    count: u32,
    seed: u64,
    now: Timestamp,
    zone: TimeZone,
}

/// What a message is about and how it is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Plain text from a person.
    Note,
    /// Plain text from a person in another language and often an old character set.
    Letter,
    /// A person sends a table.
    Attachment,
    /// Text and HTML alternatives, with pictures elsewhere.
    Newsletter,
    /// A few lines from a machine.
    Notice,
    /// A person sends something big.
    Large,
}

impl Kind {
    fn is_from_a_correspondent(self) -> bool {
        matches!(self, Self::Note | Self::Attachment | Self::Large)
    }
}

impl Generator {
    pub(super) fn new(count: u32, seed: u64, now: &ZonedDateTime) -> Self {
        Self {
            count,
            seed,
            now: now.timestamp(),
            zone: now.time_zone().clone(),
        }
    }

    /// The part of the unique-ids that all messages of this mailbox share.
    pub(super) fn epoch(&self) -> u32 {
        mix(self.seed) as u32
    }

    /// The size of message `index` (from 0) in octets.
    pub(super) fn octets(&self, index: u32) -> u32 {
        let mut dice = self.dice(index, Stream::Size);
        let (least, most) = match self.kind(index) {
            Kind::Note => (1_500, 6_000),
            Kind::Letter => (1_600, 5_000),
            Kind::Attachment => (8_000, 60_000),
            Kind::Newsletter => (6_000, 45_000),
            Kind::Notice => (1_024, 2_600),
            Kind::Large => (200_000, 2_000_000),
        };
        // The smallest of three throws: small messages are common, big ones rare.
        let throw = (0..3).map(|_| dice.below(most - least)).min();
        (least + throw.unwrap_or_default()) as u32
    }

    /// Message `index` (from 0), of exactly the announced size, with everything but its head still to be made.
    pub(super) fn message(&self, index: u32) -> Vec<Segment> {
        compose::message(self, index)
    }

    fn kind(&self, index: u32) -> Kind {
        match self.dice(index, Stream::Kind).below(1_000) {
            0..430 => Kind::Note,
            430..500 => Kind::Letter,
            500..590 => Kind::Attachment,
            590..790 => Kind::Newsletter,
            790..998 => Kind::Notice,
            _ => Kind::Large,
        }
    }

    /// About forty minutes lie between two messages.
    fn date(&self, index: u32) -> ZonedDateTime {
        let jitter = self.dice(index, Stream::Date).below(SPACING);
        let newer = u64::from(self.count.saturating_sub(index + 1));
        let seconds = i64::try_from(newer * SPACING + jitter).unwrap_or(i64::MAX);
        self.now
            .saturating_sub(seconds.seconds())
            .unwrap_or(self.now)
            .to_zoned_datetime(self.zone.clone())
    }

    /// The message that this one replies to: one of the few before it.
    fn parent(&self, index: u32) -> Option<u32> {
        let mut dice = self.dice(index, Stream::Thread);
        if !self.kind(index).is_from_a_correspondent() || dice.below(100) >= 45 {
            return None;
        }
        let nearest = index.checked_sub(1 + dice.below(6) as u32)?;
        (nearest.saturating_sub(8)..=nearest)
            .rev()
            .find(|one| self.kind(*one).is_from_a_correspondent())
    }

    /// The messages of the thread before this one, the first first.
    fn ancestors(&self, index: u32) -> Vec<u32> {
        let mut chain = Vec::new();
        let mut at = index;
        while let Some(parent) = self.parent(at) {
            chain.push(parent);
            at = parent;
        }
        chain.reverse();
        chain
    }

    /// Display name and address.
    fn sender(&self, index: u32) -> (String, String) {
        let mut dice = self.dice(index, Stream::Sender);
        match self.kind(index) {
            Kind::Note | Kind::Attachment | Kind::Large => {
                let (given, family, domain) = dice.pick(&PEOPLE);
                let address = format!(
                    "{}.{}@{domain}",
                    given.to_lowercase(),
                    family.to_lowercase()
                );
                (format!("{given} {family}"), address)
            }
            Kind::Letter => {
                let (charset, name, address, ..) = dice.pick(&LETTERS);
                (charset.header(name), address.to_owned())
            }
            Kind::Newsletter => {
                let (name, address) = dice.pick(&NEWSLETTERS);
                (name.to_owned(), address.to_owned())
            }
            Kind::Notice => {
                let (name, address, _) = dice.pick(&NOTICES);
                (name.to_owned(), address.to_owned())
            }
        }
    }

    /// What a thread that starts with this message is called.
    fn topic(&self, index: u32) -> &'static str {
        self.dice(index, Stream::Topic).pick(&SUBJECTS)
    }

    fn message_id(&self, index: u32) -> String {
        let (_, address) = self.sender(index);
        let domain = address.rsplit('@').next().unwrap_or_default();
        format!(
            "<{:08x}.{index}@{domain}>",
            self.dice(index, Stream::Id).0 as u32
        )
    }

    fn has_the_rare_word(&self, index: u32) -> bool {
        let late = self.count.saturating_sub(1 + self.count / 10);
        [self.count / 5, self.count / 2, late].contains(&index)
    }

    /// A line with the words that this message is known by in a search.
    fn planted(&self, index: u32) -> String {
        let mut line = String::new();
        if self.has_the_rare_word(index) {
            line.extend(["Remember the ", RARE_WORD, ".\r\n"]);
        }
        if index % 5 == 2 {
            line.extend(["The ", COMMON_WORD, " sang.\r\n"]);
        }
        match index % 100 {
            7 => line.extend(["Here is the ", PHRASE, ".\r\n"]),
            place if place % 11 == 4 => line.push_str("The ledger is quarterly.\r\n"),
            _ => {}
        }
        let reference = self.dice(index, Stream::Reference).0 as u32;
        line + &format!("Ref. {reference:08x}\r\n\r\n")
    }

    fn dice(&self, index: u32, stream: Stream) -> Dice {
        Dice(mix(
            mix(self.seed ^ ((stream as u64) << 40)) ^ u64::from(index)
        ))
    }
}

/// Throws that follow from the seed, the message and the question, so that no question disturbs another.
#[derive(Clone, Copy)]
enum Stream {
    Kind = 1,
    Size,
    Date,
    Thread,
    Sender,
    Topic,
    Id,
    Prose,
    Reference,
}

#[derive(Clone, Debug)]
struct Dice(u64);

impl Dice {
    /// From 0 to `limit - 1`; 0 for a limit of 0.
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = mix(self.0);
        (self.0 >> 11) % limit.max(1)
    }

    fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        // `below(N)` is less than N, and no list is empty.
        from[self.below(N as u64) as usize]
    }
}

/// Seconds between two messages.
const SPACING: u64 = 37 * 60;

#[cfg(test)]
mod tests;

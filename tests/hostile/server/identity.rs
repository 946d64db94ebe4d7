//! How a server names its messages, and how that goes wrong: ids that are used again, shared, renumbered and restored.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use poppet::demo::{Maildrop, Message};

/// Where a server takes its unique-ids from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// A counter that never goes back.
    Counter,
    /// A hash of the header block: messages that share it share the id.
    HeaderHash,
    /// The smallest number that no file has: that of a message that is gone is used again.
    FileName,
    /// A counter and the second in which the mailbox was made: made again in the same second, it gives the same ids.
    Clock,
    /// A hash of the header block, with -2, -3 and so on for those that share it: these move when one of them goes.
    Renamed,
}

/// A mailbox behind a maildrop, whose owner does more to it than POP3 can.
pub(crate) struct Mailbox {
    maildrop: Maildrop,
    naming: Naming,
    /// The second in which it was made.
    made: u32,
    next: u32,
}

/// A mailbox as it was at some time.
#[derive(Clone)]
pub(crate) struct Backup {
    messages: Vec<(Vec<u8>, Vec<u8>)>,
    next: u32,
}

impl Mailbox {
    pub(crate) fn new(naming: Naming) -> Self {
        Self {
            maildrop: Maildrop::new(Vec::new()),
            naming,
            made: 1_800_000_000,
            next: 1,
        }
    }

    pub(crate) fn maildrop(&self) -> &Maildrop {
        &self.maildrop
    }

    /// Mail comes.
    pub(crate) fn deliver(&mut self, octets: &[u8]) {
        let mut messages = self.messages();
        let uidl = self.name(octets, &messages);
        self.next += 1;
        self.maildrop.deliver_as(&uidl, octets);
        messages.push((uidl, octets.to_vec()));
        self.rename(messages);
    }

    /// Another program takes a message out.
    pub(crate) fn take_out(&mut self, octets: &[u8]) {
        let mut messages = self.messages();
        messages.retain(|(_, held)| held != octets);
        self.put(&messages);
        self.settle();
    }

    /// What a server does before it lets somebody in: where names depend on others', they are made anew.
    pub(crate) fn settle(&mut self) {
        let messages = self.messages();
        self.rename(messages);
    }

    /// The mailbox as it is now.
    pub(crate) fn backup(&self) -> Backup {
        Backup {
            messages: self.messages(),
            next: self.next,
        }
    }

    /// An older state of it comes back.
    pub(crate) fn restore(&mut self, backup: &Backup) {
        self.put(&backup.messages);
        self.next = backup.next;
    }

    /// Nothing is there for now.
    pub(crate) fn empty(&mut self) {
        self.put(&[]);
    }

    /// It is made anew from the same files, so many seconds after it was made first.
    pub(crate) fn rebuild(&mut self, seconds: u32) {
        let messages = self.messages();
        self.replace(messages.into_iter().map(|(_, octets)| octets), seconds);
    }

    /// Another mailbox stands behind the same name, made so many seconds after this one.
    pub(crate) fn replace(&mut self, messages: impl IntoIterator<Item = Vec<u8>>, seconds: u32) {
        self.put(&[]);
        self.made += seconds;
        if self.naming != Naming::Counter {
            self.next = 1;
        }
        for octets in messages {
            self.deliver(&octets);
        }
    }

    fn messages(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let octets = self
            .maildrop
            .messages()
            .into_iter()
            .map(|message: Message| message.to_vec());
        self.maildrop.uidls().into_iter().zip(octets).collect()
    }

    /// Makes the maildrop hold exactly these.
    fn put(&self, messages: &[(Vec<u8>, Vec<u8>)]) {
        for uidl in self.maildrop.uidls() {
            self.maildrop.remove(&uidl);
        }
        for (uidl, octets) in messages {
            self.maildrop.deliver_as(uidl, octets.clone());
        }
    }

    fn name(&self, octets: &[u8], others: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
        let name = match self.naming {
            Naming::Counter => format!("{:08x}", self.next),
            Naming::HeaderHash | Naming::Renamed => header_hash(octets),
            Naming::FileName => {
                let free = |number: &u32| !others.iter().any(|(uidl, _)| *uidl == file(*number));
                return file((1..=u32::MAX).find(free).unwrap_or_default());
            }
            Naming::Clock => format!("UID{}-{}", self.next, self.made),
        };
        name.into_bytes()
    }

    fn rename(&self, messages: Vec<(Vec<u8>, Vec<u8>)>) {
        if self.naming != Naming::Renamed {
            return;
        }
        let mut seen: HashMap<String, u32> = HashMap::new();
        let named: Vec<(Vec<u8>, Vec<u8>)> = messages
            .into_iter()
            .map(|(_, octets)| {
                let hash = header_hash(&octets);
                let times = seen.entry(hash.clone()).or_default();
                *times += 1;
                let name = match *times {
                    1 => hash,
                    times => format!("{hash}-{times}"),
                };
                (name.into_bytes(), octets)
            })
            .collect();
        self.put(&named);
    }
}

fn file(number: u32) -> Vec<u8> {
    format!("file.{number}").into_bytes()
}

fn header_hash(octets: &[u8]) -> String {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n");
    let mut hasher = DefaultHasher::new();
    octets[..end.unwrap_or(octets.len())].hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

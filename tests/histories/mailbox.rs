//! What a server has, and what others do to it.

use std::collections::{BTreeSet, HashMap};

use crate::chance::Chance;
use crate::mails::{Mail, Mails, compose};

/// How the server names its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// A number that is given once, and an epoch.
    Counter,
    /// The digest of the header block: those that are alike share a name.
    Header,
    /// The same, with -2, -3 behind the second and the third: they shift when one goes.
    Renamed,
    /// The lowest file name that is free: names are used again.
    Lowest,
    /// A counter that begins anew with each mailbox, and an epoch in seconds of a clock that stands.
    Clock,
    /// There is no UIDL.
    Missing,
}

/// How the server is, for all of a history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    pub(crate) naming: Naming,
    pub(crate) top: bool,
    pub(crate) capa: bool,
    pub(crate) pipelining: bool,
    /// QUIT removes what was retrieved.
    pub(crate) removes_retrieved: bool,
    /// And CAPA says so.
    pub(crate) expire_0: bool,
    /// Marked messages go when the connection is lost.
    pub(crate) updates_without_quit: bool,
    /// LIST counts the lines' ends as one octet.
    pub(crate) counts_lf: bool,
    /// What was removed by others can still be read in the session under way.
    pub(crate) reads_expunged: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Grows with every delivery, never given twice.
    pub(crate) serial: u64,
    pub(crate) mail: Mail,
    given: Vec<u8>,
}

/// A message in a session's listing.
#[derive(Clone, Debug)]
pub(crate) struct Numbered {
    pub(crate) serial: u64,
    pub(crate) mail: Mail,
    pub(crate) uidl: Vec<u8>,
}

/// What others do to the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meddling {
    /// New mail.
    Deliver,
    /// Mail with the header block of another message.
    DeliverAlike,
    /// A message once more, to the octet.
    DeliverAgain,
    /// A message under a name that another one had.
    DeliverUnderUsedName,
    /// Another client deletes one.
    Delete,
    /// Another client deletes several.
    DeleteSome,
    /// All names change.
    Rename,
    /// The mailbox is as it was in a backup.
    Restore,
    /// A backup is made.
    Image,
    /// Another mailbox stands behind the same name.
    Replace,
    /// Nothing is there for a while; the next time it is there again.
    Empty,
}

#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) manners: Manners,
    pub(crate) entries: Vec<Entry>,
    images: Vec<Vec<Entry>>,
    put_away: Vec<Entry>,
    used: Vec<Vec<u8>>,
    next_serial: u64,
    next_family: u32,
    next_even: u32,
    bodies: HashMap<u32, u32>,
    families: Vec<(u32, bool, bool)>,
    counter: u64,
    epoch: u32,
    most: usize,
}

impl Mailbox {
    pub(crate) fn new(manners: Manners, most: usize) -> Self {
        Self {
            manners,
            entries: Vec::new(),
            images: Vec::new(),
            put_away: Vec::new(),
            used: Vec::new(),
            next_serial: 1,
            next_family: 0,
            next_even: 0,
            bodies: HashMap::new(),
            families: Vec::new(),
            counter: 0,
            epoch: 1,
            most,
        }
    }

    /// What a session that begins now is shown.
    pub(crate) fn listing(&self, mails: &Mails) -> Vec<Numbered> {
        let mut before: HashMap<u64, u32> = HashMap::new();
        self.entries
            .iter()
            .map(|entry| {
                let digest = || {
                    let header = mails.header(entry.mail);
                    header.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, octet| {
                        (sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01b3)
                    })
                };
                let uidl = match self.manners.naming {
                    Naming::Header => format!("{:016x}", digest()).into_bytes(),
                    Naming::Renamed => {
                        let digest = digest();
                        let count = before.entry(digest).or_default();
                        *count += 1;
                        if *count == 1 {
                            format!("{digest:016x}").into_bytes()
                        } else {
                            format!("{digest:016x}-{count}").into_bytes()
                        }
                    }
                    Naming::Missing => Vec::new(),
                    Naming::Counter | Naming::Lowest | Naming::Clock => entry.given.clone(),
                };
                Numbered {
                    serial: entry.serial,
                    mail: entry.mail,
                    uidl,
                }
            })
            .collect()
    }

    pub(crate) fn listed_octets(&self, mails: &Mails, mail: Mail) -> u64 {
        let octets = mails.octets(mail);
        let ends = if self.manners.counts_lf {
            octets.split(|octet| *octet == b'\n').count() - 1
        } else {
            0
        };
        (octets.len() - ends) as u64
    }

    pub(crate) fn holds(&self, serial: u64) -> bool {
        self.entries.iter().any(|entry| entry.serial == serial)
    }

    pub(crate) fn has(&self, mail: Mail) -> bool {
        self.entries.iter().any(|entry| entry.mail == mail)
    }

    pub(crate) fn remove(&mut self, serials: &BTreeSet<u64>) {
        self.entries
            .retain(|entry| !serials.contains(&entry.serial));
    }

    /// Does it; `false` when there was nothing to do it to.
    pub(crate) fn meddle(
        &mut self,
        meddling: Meddling,
        mails: &mut Mails,
        chance: &mut Chance,
    ) -> bool {
        match meddling {
            Meddling::Deliver => {
                let mail = self.fresh(mails, chance);
                self.deliver(mail, None);
            }
            Meddling::DeliverAlike => {
                let mail = self.alike(mails, chance);
                self.deliver(mail, None);
            }
            Meddling::DeliverAgain => {
                let Some(mail) = self.any_mail(chance) else {
                    return false;
                };
                self.deliver(mail, None);
            }
            Meddling::DeliverUnderUsedName => {
                let used = self.used.len();
                if used == 0 || !self.names_are_given() {
                    return false;
                }
                let name = self.used[chance.below(used)].clone();
                let mail = if chance.percent(50) {
                    self.fresh(mails, chance)
                } else {
                    self.alike(mails, chance)
                };
                self.deliver(mail, Some(name));
            }
            Meddling::Delete => {
                if self.entries.is_empty() {
                    return false;
                }
                self.entries.remove(chance.below(self.entries.len()));
            }
            Meddling::DeleteSome => {
                let before = self.entries.len();
                self.entries.retain(|_| !chance.percent(40));
                return self.entries.len() < before;
            }
            Meddling::Rename => {
                self.epoch += 1;
                let (epoch, from) = (self.epoch, self.counter);
                for (entry, number) in self.entries.iter_mut().zip(from..) {
                    entry.given = format!("{epoch}.{number}").into_bytes();
                }
                self.counter += self.entries.len() as u64;
                return self.names_are_given() && !self.entries.is_empty();
            }
            Meddling::Image => {
                self.images.push(self.entries.clone());
                if self.images.len() > 3 {
                    self.images.remove(0);
                }
            }
            Meddling::Restore => {
                let images = self.images.len();
                if images == 0 {
                    return false;
                }
                self.entries = self.images[chance.below(images)].clone();
            }
            Meddling::Replace => {
                self.entries.clear();
                if self.manners.naming == Naming::Clock && chance.percent(50) {
                    // In the same second.
                    self.counter = 0;
                }
                for _ in 0..=chance.below(self.most) {
                    let mail = match chance.below(3) {
                        0 => self.any_mail_of(mails, chance),
                        1 => self.alike(mails, chance),
                        _ => self.fresh(mails, chance),
                    };
                    self.deliver(mail, None);
                }
            }
            Meddling::Empty => {
                if self.put_away.is_empty() {
                    self.put_away = std::mem::take(&mut self.entries);
                } else {
                    let mut entries = std::mem::take(&mut self.put_away);
                    entries.append(&mut self.entries);
                    self.entries = entries;
                }
            }
        }
        true
    }

    fn names_are_given(&self) -> bool {
        matches!(
            self.manners.naming,
            Naming::Counter | Naming::Lowest | Naming::Clock
        )
    }

    fn any_mail(&self, chance: &mut Chance) -> Option<Mail> {
        let mails: Vec<Mail> = self.entries.iter().map(|entry| entry.mail).collect();
        chance.one_of(&mails)
    }

    fn any_mail_of(&mut self, mails: &mut Mails, chance: &mut Chance) -> Mail {
        if mails.count() == 0 {
            return self.fresh(mails, chance);
        }
        chance.below(mails.count())
    }

    fn fresh(&mut self, mails: &mut Mails, chance: &mut Chance) -> Mail {
        self.next_family += 1;
        let named = chance.percent(85);
        // Where a name may come to stand for another message with the same header block, one of the same length could not be
        // told apart by anything that TOP, LIST and UIDL say.
        let even = named && self.manners.naming == Naming::Counter && chance.percent(40);
        let family = (self.next_family, named, even);
        self.families.push(family);
        self.body_of(family, mails)
    }

    fn alike(&mut self, mails: &mut Mails, chance: &mut Chance) -> Mail {
        match chance.one_of(&self.families) {
            Some(family) if self.bodies.get(&family.0).is_none_or(|body| *body < 9) => {
                self.body_of(family, mails)
            }
            _ => self.fresh(mails, chance),
        }
    }

    fn body_of(&mut self, (family, named, even): (u32, bool, bool), mails: &mut Mails) -> Mail {
        let body = self.bodies.entry(family).or_default();
        *body += 1;
        self.next_even += 1;
        let body = if even { self.next_even } else { *body - 1 };
        mails.add(compose(family, named, even, body))
    }

    fn deliver(&mut self, mail: Mail, name: Option<Vec<u8>>) {
        let given = name.unwrap_or_else(|| match self.manners.naming {
            Naming::Lowest => {
                let taken: BTreeSet<&[u8]> = self
                    .entries
                    .iter()
                    .map(|entry| entry.given.as_slice())
                    .collect();
                (0..=taken.len())
                    .map(|number| format!("m{number}/../%s").into_bytes())
                    .find(|name| !taken.contains(name.as_slice()))
                    .unwrap()
            }
            Naming::Clock => {
                self.counter += 1;
                format!("UID{}-{}", self.counter, self.epoch).into_bytes()
            }
            _ => {
                self.counter += 1;
                format!("{:08x}{:08x}", self.counter, self.epoch).into_bytes()
            }
        });
        // In a Counter mailbox a name means one message for ever, but where it is used again on purpose.
        if self.manners.naming != Naming::Counter && !self.used.contains(&given) {
            self.used.push(given.clone());
        }
        self.entries.push(Entry {
            serial: self.next_serial,
            mail,
            given,
        });
        self.next_serial += 1;
        if self.entries.len() > self.most {
            // Somebody keeps it from growing without end.
            self.entries.remove(0);
        }
    }
}

//! What lies on the server: STAT, LIST and UIDL, and a look at the newest messages without waiting for them.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::error::{Error, Says};
use super::line::{Came, Job, Landed, Line, Part};
use super::session::{Session, and_later};
use crate::mail::{Digest, Listed, Octets, RemoteId};
use crate::pop3::{Capabilities, Command, Event, MessageNumber, Uidl, Verb};

/// What a server lists: the maildrop as it is for the rest of the session.
#[derive(Clone, Debug, Default)]
pub(super) struct Maildrop {
    /// What STAT says, in octets; a server's own count, not to be relied on.
    pub(super) octets: u64,
    /// One line per message, oldest first.
    pub(super) listing: Vec<Listed>,
    /// The number of each line in this session, ascending.
    pub(super) numbers: Vec<MessageNumber>,
    /// Whether the server has UIDL.
    pub(super) has_uidl: bool,
    /// Places of messages that were retrieved whole only to name them, and the digests of all their octets.
    pub(super) looked: Vec<(usize, Digest)>,
}

impl Maildrop {
    /// Where a message is in the listing.
    pub(super) fn place(&self, number: MessageNumber) -> Option<usize> {
        self.numbers.binary_search(&number).ok()
    }

    /// What LIST says of the message at this place, in octets.
    pub(super) fn octets_at(&self, place: usize) -> u64 {
        self.listing.get(place).map_or(0, |listed| listed.octets)
    }
}

/// How the newest messages are looked at while the listing is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Not at all.
    No,
    /// Nothing of this mailbox is known here: a screenful of the newest messages, each by its own LIST, UIDL and TOP, goes
    /// ahead of the listing, however long that is.
    First,
    /// So many messages are known: what STAT counts beyond them is probably new, and its TOP goes behind the listing.
    Beyond(u64),
}

/// A message that was looked at before the listing was there, by the names that the server gave it when asked for it alone.
#[derive(Clone, Debug)]
pub(super) struct Glimpse {
    pub(super) number: MessageNumber,
    pub(super) listed: Listed,
    pub(super) octets: Octets,
}

/// A listing that is being asked for.
pub(super) struct Listing<T> {
    look: Look,
    tag: fn(MessageNumber) -> T,
    /// What the server says that it can do; from before the login until it was asked again.
    pub(super) capabilities: Option<Capabilities>,
    asked: VecDeque<Asked>,
    octets: Option<u64>,
    sizes: Option<Vec<(MessageNumber, u64)>>,
    /// Nothing but empty from a server without UIDL.
    uidls: Option<Uidls>,
    has_uidl: bool,
    glances: HashMap<MessageNumber, Glance>,
    /// Messages whose TOP is under way, or came before the listing did.
    pub(super) under_way: Vec<MessageNumber>,
    /// What came of those that came before the listing did and have no name yet.
    pub(super) nameless: Vec<Landed<T>>,
    nameless_octets: usize,
}

type Uidls = Vec<(MessageNumber, Option<Uidl>)>;

/// A question that waits for its answer.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Stat,
    List,
    Uidl,
    Capa,
    Size(MessageNumber),
    Name(MessageNumber),
}

#[derive(Debug, Default)]
struct Glance {
    size: Option<u64>,
    name: Option<RemoteId>,
}

impl<T> Listing<T> {
    /// Sends STAT, LIST and UIDL in one write where the server takes commands ahead; STAT first when a look at the newest
    /// messages is to go ahead of the others.
    pub(super) fn begin(
        line: &mut Line<T>,
        capabilities: Option<Capabilities>,
        look: Look,
        tag: fn(MessageNumber) -> T,
    ) -> Result<Self, Error> {
        let has_top = capabilities.as_ref().is_some_and(Capabilities::top);
        let has_uidl = capabilities.as_ref().is_some_and(Capabilities::uidl);
        let look = match look {
            look if has_top && has_uidl && line.ahead() => look,
            _ => Look::No,
        };
        let mut listing = Self {
            look,
            tag,
            capabilities,
            asked: VecDeque::new(),
            octets: None,
            sizes: None,
            uidls: None,
            has_uidl: true,
            glances: HashMap::new(),
            under_way: Vec::new(),
            nameless: Vec::new(),
            nameless_octets: 0,
        };
        listing.ask(line, Asked::Stat)?;
        if line.ahead() && look != Look::First {
            listing.ask_for_all(line)?;
        }
        Ok(listing)
    }

    /// LIST, UIDL, and along with them CAPA: what it says may be another thing after the login.
    fn ask_for_all(&mut self, line: &mut Line<T>) -> Result<(), Error> {
        self.ask(line, Asked::List)?;
        self.ask(line, Asked::Uidl)?;
        self.ask(line, Asked::Capa)
    }

    fn ask(&mut self, line: &mut Line<T>, asked: Asked) -> Result<(), Error> {
        line.ask(&match asked {
            Asked::Stat => Command::Stat,
            Asked::List => Command::List(None),
            Asked::Uidl => Command::Uidl(None),
            Asked::Capa => Command::Capa,
            Asked::Size(number) => Command::List(Some(number)),
            Asked::Name(number) => Command::Uidl(Some(number)),
        })?;
        self.asked.push_back(asked);
        Ok(())
    }

    /// Takes what came on the line. Gives a message that was looked at, once it has a name.
    pub(super) fn take(
        &mut self,
        line: &mut Line<T>,
        came: Came<T>,
        number_of: fn(&T) -> Option<MessageNumber>,
    ) -> Result<Option<Glimpse>, Error> {
        match came {
            Came::Landed(landed) => {
                let number = number_of(&landed.tag);
                Ok(number.and_then(|number| self.landed(number, landed)))
            }
            Came::Answer(event) => self.answered(line, event).map(|()| None),
        }
    }

    fn landed(&mut self, number: MessageNumber, landed: Landed<T>) -> Option<Glimpse> {
        let glance = self.glances.remove(&number).unwrap_or_default();
        if let (Some(octets), Some(remote), Ok(header)) =
            (glance.size, glance.name, landed.octets.as_ref())
        {
            self.under_way.retain(|other| *other != number);
            return Some(Glimpse {
                number,
                listed: Listed { remote, octets },
                octets: header.clone(),
            });
        }
        self.nameless_octets += landed
            .octets
            .as_ref()
            .map_or(0, |octets| octets.beginning().len());
        if self.nameless_octets <= MOST_NAMELESS {
            self.nameless.push(landed);
        } else {
            // It is asked for again when it has a name.
            self.under_way.retain(|other| *other != number);
        }
        None
    }

    fn answered(&mut self, line: &mut Line<T>, event: Event) -> Result<(), Error> {
        let asked = self
            .asked
            .pop_front()
            .ok_or(Error::Unexpected(Verb::Noop))?;
        match (asked, event) {
            (Asked::Stat, Event::Drop { messages, octets }) => {
                self.octets = octets;
                self.look(line, messages)?;
            }
            // STAT is only a count; a server that refuses it can still list.
            (Asked::Stat, Event::Reply(reply)) if !reply.ok => self.look(line, 0)?,
            (Asked::List, Event::Listing(sizes)) => self.sizes = Some(sizes),
            (Asked::Uidl, Event::Uidls(uidls)) => self.uidls = Some(uidls),
            // A server that says it has UIDL is in trouble, not without it.
            (Asked::Uidl, Event::Reply(reply)) if !reply.ok && !self.promises_uidl() => {
                self.uidls = Some(Uidls::new());
                self.has_uidl = false;
            }
            (Asked::Size(number), Event::Listing(sizes)) => {
                let size = sizes.first().map(|(_, octets)| *octets);
                self.glances.entry(number).or_default().size = size;
            }
            (Asked::Name(number), Event::Uidls(uidls)) => {
                let name = uidls.into_iter().next().and_then(|(_, uidl)| uidl);
                let name = name.map(|uidl| RemoteId::new(uidl.as_bytes()));
                self.glances.entry(number).or_default().name = name;
            }
            (Asked::Capa, Event::Capabilities(later)) => {
                let before = self.capabilities.take();
                self.capabilities = before.map(|before| and_later(before, Some(&later)));
            }
            (Asked::Capa, Event::Reply(reply)) if !reply.ok => {}
            // What one of them would not say, the listing will.
            (Asked::Size(_) | Asked::Name(_), Event::Reply(reply)) if !reply.ok => {}
            (asked, Event::Reply(reply)) if !reply.ok => {
                return Err(Error::Refused {
                    verb: asked.verb(),
                    says: Says::from(&reply),
                });
            }
            (asked, _) => return Err(Error::Unexpected(asked.verb())),
        }
        if !line.ahead() {
            match asked {
                Asked::Stat => self.ask(line, Asked::List)?,
                Asked::List => self.ask(line, Asked::Uidl)?,
                // A server that says it takes commands ahead was not asked again before the listing.
                Asked::Uidl if self.promises_pipelining() => self.ask(line, Asked::Capa)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn promises_uidl(&self) -> bool {
        self.capabilities.as_ref().is_some_and(Capabilities::uidl)
    }

    fn promises_pipelining(&self) -> bool {
        let can = self.capabilities.as_ref();
        can.is_some_and(Capabilities::pipelining)
    }

    /// STAT has told how many messages there are: the newest of them are looked at.
    fn look(&mut self, line: &mut Line<T>, messages: u32) -> Result<(), Error> {
        let newest = |count: u32| {
            (messages.saturating_sub(count).saturating_add(1)..=messages)
                .rev()
                .filter_map(MessageNumber::new)
        };
        match self.look {
            Look::No => {}
            Look::Beyond(known) => {
                let more = u64::from(messages).saturating_sub(known);
                let more = u32::try_from(more).unwrap_or(u32::MAX).min(AHEAD);
                for number in newest(more) {
                    self.top(line, number)?;
                }
            }
            Look::First => {
                for number in newest(SCREENFUL) {
                    self.ask(line, Asked::Name(number))?;
                    self.ask(line, Asked::Size(number))?;
                    self.top(line, number)?;
                }
                // What stands on the first screen is believed without waiting for the rest.
                line.fence()?;
                self.ask_for_all(line)?;
                for number in newest(AHEAD).skip(SCREENFUL as usize) {
                    self.top(line, number)?;
                }
            }
        }
        Ok(())
    }

    fn top(&mut self, line: &mut Line<T>, number: MessageNumber) -> Result<(), Error> {
        self.under_way.push(number);
        line.launch(Job {
            number,
            part: Part::Top(0),
            expect: line.expect(Part::Top(0), u64::MAX),
            listed: None,
            tag: (self.tag)(number),
        })
    }

    /// Sizes and UIDLs put together by message number, once both are there; a message that only one of them names is still
    /// listed.
    pub(super) fn complete(&mut self) -> Option<Maildrop> {
        if !self.asked.is_empty() || self.sizes.is_none() || self.uidls.is_none() {
            return None;
        }
        let (sizes, uidls) = (self.sizes.take()?, self.uidls.take()?);
        let in_step = sizes.len() == uidls.len()
            && sizes
                .iter()
                .zip(&uidls)
                .all(|(size, uidl)| size.0 == uidl.0)
            && sizes.is_sorted_by_key(|(number, _)| *number);
        let (numbers, listing): (Vec<_>, Vec<_>) = if in_step {
            let lines = sizes.into_iter().zip(uidls);
            lines
                .map(|((number, octets), (_, uidl))| (number, listed(octets, uidl)))
                .unzip()
        } else {
            let mut lines: BTreeMap<MessageNumber, Listed> = sizes
                .into_iter()
                .map(|(number, octets)| (number, listed(octets, None)))
                .collect();
            for (number, uidl) in uidls {
                let line = lines.entry(number).or_insert_with(|| listed(0, None));
                line.remote = listed(0, uidl).remote;
            }
            lines.into_iter().unzip()
        };
        let sum = || {
            listing.iter().fold(0_u64, |sum: u64, line: &Listed| {
                sum.saturating_add(line.octets)
            })
        };
        Some(Maildrop {
            octets: self.octets.unwrap_or_else(sum),
            listing,
            numbers,
            has_uidl: self.has_uidl,
            looked: Vec::new(),
        })
    }
}

impl Asked {
    fn verb(self) -> Verb {
        match self {
            Self::Stat => Verb::Stat,
            Self::List | Self::Size(_) => Verb::List,
            Self::Uidl | Self::Name(_) => Verb::Uidl,
            Self::Capa => Verb::Capa,
        }
    }
}

fn listed(octets: u64, uidl: Option<Uidl>) -> Listed {
    Listed {
        remote: uidl
            .map(|uidl| RemoteId::new(uidl.as_bytes()))
            .unwrap_or_default(),
        octets,
    }
}

/// Lists what lies in the maildrop and looks at nothing. `ahead`: whether commands are sent ahead of answers.
pub(super) async fn list<T>(
    session: Session,
    ahead: bool,
) -> Result<(Line<T>, Maildrop, Option<Capabilities>), Error> {
    let mut line: Line<MessageNumber> = Line::new(session.wire, ahead);
    let capabilities = session.capabilities;
    let mut listing = Listing::begin(&mut line, capabilities, Look::No, |number| number)?;
    loop {
        let came = line.next_of_all().await?;
        let came = came.ok_or(Error::Unexpected(Verb::List))?;
        listing.take(&mut line, came, |number| Some(*number))?;
        if let Some(maildrop) = listing.complete() {
            line.know(&maildrop);
            return Ok((settled(line).await?, maildrop, listing.capabilities));
        }
    }
}

/// The line once nothing is under way on it but a fence, for other jobs.
async fn settled<U>(mut line: Line<MessageNumber>) -> Result<Line<U>, Error> {
    line.settle().await?;
    Ok(line.for_other_jobs())
}

/// Rows of the largest screens, and a few more.
const SCREENFUL: u32 = 64;
/// Messages that are looked at, by TOP, before their names are known.
const AHEAD: u32 = 192;
/// In octets: 192 header blocks of ten times the usual size.
const MOST_NAMELESS: usize = 8 * 1024 * 1024;

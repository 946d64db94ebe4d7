//! Where a person was in the list, to come back there at the next start.

use serde::{Deserialize, Serialize};

use super::{List, Place};
use crate::bridge::Sort;
use crate::mail::{AccountId, MessageId};

/// Which messages are listed in which order, and where the cursor is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Whereabouts {
    place: String,
    account: Option<String>,
    sort: String,
    reverse: bool,
    threads: bool,
    message: Option<i64>,
    /// Rows of the window above it.
    above: usize,
}

impl Whereabouts {
    /// Whose list it is; `None` for that of all.
    pub fn account(&self) -> Option<AccountId> {
        AccountId::new(self.account.as_deref()?).ok()
    }
}

impl List {
    /// Where a person is; `None` while that is not where they would come back to, as during a search.
    pub fn whereabouts(&self) -> Option<Whereabouts> {
        if !self.loaded || self.find.is_on() || self.find.editing || self.resume.is_some() {
            return None;
        }
        let sort = SORTS.iter().find(|(_, sort)| *sort == self.sort);
        Some(Whereabouts {
            place: self.place.name().to_owned(),
            account: self.account.as_ref().map(|id| id.as_str().to_owned()),
            sort: sort.map_or("", |(name, _)| name).to_owned(),
            reverse: self.reverse,
            threads: self.threads.is_some(),
            message: self.selected.map(|id| id.0),
            above: self.position.saturating_sub(self.top),
        })
    }

    /// A list as it was there, empty until its rows come. What is not understood is as at the first start.
    pub fn at(whereabouts: &Whereabouts) -> Self {
        let place = PLACES
            .iter()
            .find(|place| place.name() == whereabouts.place);
        let sort = SORTS.iter().find(|(name, _)| *name == whereabouts.sort);
        let mut list = Self::of(
            place.copied().unwrap_or_default(),
            sort.map(|(_, sort)| *sort).unwrap_or_default(),
            whereabouts.reverse,
        );
        list.account = whereabouts.account();
        list.group(whereabouts.threads);
        list.resume = whereabouts
            .message
            .map(|id| (MessageId(id), whereabouts.above));
        list
    }

    /// Puts the cursor where it was, once that row is here. It stays where it is when all have come without it.
    pub(super) fn come_back(&mut self, complete: bool) {
        let Some((id, above)) = self.resume else {
            return;
        };
        if self.rows.brief(id).is_some()
            && let Some(position) = self.place_of(id)
        {
            self.select(id);
            self.top = position.saturating_sub(above);
            self.resume = None;
        } else if complete {
            self.resume = None;
        }
    }
}

const PLACES: [Place; 4] = [Place::Inbox, Place::All, Place::Archive, Place::Trash];
const SORTS: [(&str, Sort); 4] = [
    ("date", Sort::Date),
    ("size", Sort::Size),
    ("from", Sort::From),
    ("subject", Sort::Subject),
];

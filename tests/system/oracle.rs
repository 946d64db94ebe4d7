//! Is anything missing, twice, or wrongly deleted?

use std::collections::BTreeMap;

use poppet::demo::{Message, Removal};
use poppet::mail::{Folder, Local, MessageId, MessageSummary, Server as Copy};
use poppet::store::{CheckReport, Listing, Store};

use crate::house::{Errand, House, Ran};

/// What is wrong, if anything is.
pub(crate) type Verdict = Result<(), String>;

/// What a store has.
pub(crate) struct Held {
    pub(crate) rows: Vec<MessageSummary>,
    /// The octets of what is here in full.
    pub(crate) full: Vec<Vec<u8>>,
    pub(crate) check: CheckReport,
}

/// Opens the store and reads all of it.
pub(crate) fn held(house: &House<'_>) -> Result<Held, String> {
    let store = Store::open(&house.store_file()).map_err(|error| format!("the store: {error}"))?;
    let read = || -> Result<Held, poppet::store::Error> {
        let mut rows = store.list(Listing::default()).wait()?.rows;
        let trash = Listing {
            folder: Some(Folder::Trash),
            ..Listing::default()
        };
        rows.extend(store.list(trash).wait()?.rows);
        let mut full = Vec::new();
        for row in &rows {
            if let Some((Local::Full, octets)) = store.octets(row.id).wait()? {
                full.push(octets);
            }
        }
        let check = store.check(|_, _| {}).wait()?;
        Ok(Held { rows, full, check })
    };
    let held = read().map_err(|error| format!("reading the store: {error}"))?;
    store.close().map_err(|error| format!("closing: {error}"))?;
    Ok(held)
}

/// A run may end as it is documented to, and says why if it is not well.
pub(crate) fn ended_well(ran: &Ran) -> Verdict {
    if ran.error.contains("panicked") || ran.text.contains("panicked") {
        return Err(format!("a panic: {}", ran.error));
    }
    match ran.code {
        Some(0 | 1) => Ok(()),
        Some(2..=6) if is_told(&ran.error) => Ok(()),
        Some(2..=6) => Err(format!(
            "status {:?} is not explained: {}{}",
            ran.code, ran.text, ran.error
        )),
        code => Err(format!("status {code:?}: {}", ran.error)),
    }
}

/// What happened, why, and what to do: three lines, or an object.
fn is_told(error: &str) -> bool {
    let lines = ["error: ", "  why: ", "   do: "].iter().all(|label| {
        let told = |line: &str| line.starts_with(label) && line.len() > label.len();
        error.lines().any(told)
    });
    let object = |line: &str| {
        let object = serde_json::from_str::<serde_json::Value>(line);
        object.is_ok_and(|object| {
            ["what", "why", "remedy"].iter().all(|field| {
                let text = object["error"][field].as_str();
                text.is_some_and(|text| !text.is_empty())
            })
        })
    };
    lines || error.lines().any(object)
}

/// After the fault, a restart and a session without faults: everything that there was is on the server or in the store, no
/// message is in the list twice, only what may go has gone, and nothing is left in doubt.
pub(crate) fn nothing_lost(house: &House<'_>) -> Verdict {
    house.settle();
    let held = held(house)?;
    if !held.check.is_sound() {
        return Err(format!("the store is not sound: {:?}", held.check));
    }
    let maildrop = house.server.maildrop();
    let on_server: Vec<Vec<u8>> = maildrop.messages().iter().map(Message::to_vec).collect();
    let mut lost = Vec::new();
    for (uidl, octets) in &house.scene.mail {
        if !on_server.contains(octets) && !held.full.contains(octets) {
            lost.push(String::from_utf8_lossy(uidl).into_owned());
        }
    }
    if !lost.is_empty() {
        return Err(format!("lost: {lost:?}"));
    }
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &held.rows {
        *seen.entry(row.subject.as_str()).or_default() += 1;
    }
    if let Some((subject, times)) = seen.iter().find(|(_, times)| **times > 1) {
        return Err(format!("{subject:?} is listed {times} times"));
    }
    if held.rows.len() != house.scene.mail.len() {
        return Err(format!("{} rows", held.rows.len()));
    }
    if let Some(row) = held.rows.iter().find(|row| row.server == Copy::Unconfirmed) {
        return Err(format!("{:?} is unconfirmed still", row.subject));
    }
    if house.scene.errand != Errand::Peek && held.full.len() != house.scene.mail.len() {
        return Err(format!("only {} are here", held.full.len()));
    }
    let wrong: Vec<String> = maildrop
        .removed()
        .iter()
        .filter(|removed| {
            removed.by != Removal::Elsewhere && !house.scene.may_go.contains(&removed.uidl)
        })
        .map(|removed| String::from_utf8_lossy(&removed.uidl).into_owned())
        .collect();
    if !wrong.is_empty() {
        return Err(format!("wrongly deleted: {wrong:?}"));
    }
    match maildrop.violations().first() {
        Some(violation) => Err(format!("against the protocol: {violation}")),
        None => Ok(()),
    }
}

/// What a session says that ended with status 0 is true without another one.
pub(crate) fn done_is_done(house: &House<'_>) -> Verdict {
    house.settle();
    let held = held(house)?;
    let all = house.scene.mail.len();
    let done = match house.scene.errand {
        Errand::Fetch | Errand::Expiring | Errand::Rule | Errand::Aged | Errand::Trash => {
            held.full.len() == all
        }
        Errand::Peek => held.rows.len() == all,
        Errand::Apply => house.server.maildrop().uidls().len() == all - 2,
        Errand::Stage => {
            let staged = |row: &&MessageSummary| row.server == Copy::DeleteWanted;
            held.rows.iter().filter(staged).count() == 2
        }
    };
    if done {
        Ok(())
    } else {
        Err("said to be done, and is not".to_owned())
    }
}

/// Each message is on the server, or as it was received in the store; only what may go has gone.
pub(crate) fn all_somewhere(house: &House<'_>) -> Verdict {
    house.settle();
    let maildrop = house.server.maildrop();
    let on_server: Vec<Vec<u8>> = maildrop.messages().iter().map(Message::to_vec).collect();
    let stored = stored(house);
    for (uidl, octets) in &house.scene.mail {
        let name = String::from_utf8_lossy(uidl);
        if on_server.contains(octets) {
            continue;
        }
        if !house.scene.may_go.contains(uidl) {
            return Err(format!("wrongly deleted: {name}"));
        }
        if !stored.contains(octets) {
            return Err(format!("lost: {name}"));
        }
    }
    Ok(())
}

/// Octets as they lie in a store that may be damaged, as far as they can be read.
fn stored(house: &House<'_>) -> Vec<Vec<u8>> {
    let Ok(store) = Store::open(&house.store_file()) else {
        return Vec::new();
    };
    let octets = |id| {
        store
            .octets_as_they_are(MessageId(id))
            .wait()
            .ok()
            .flatten()
    };
    (1..=20)
        .filter_map(|id| octets(id).map(|(_, octets)| octets))
        .collect()
}

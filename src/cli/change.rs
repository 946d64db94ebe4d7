//! `poppet delete`, `keep` and `undelete`: what needs no server yet.

use super::args::Delete;
use super::context::Context;
use super::exit::Exit;
use super::json::Message;
use super::show::missing;
use super::stop::Stop;
use super::words::count;
use crate::backend::now;
use crate::mail::{Change, DeleteScope, Flags, Folder, MessageId, MessageSummary, Server};

pub(super) async fn delete(context: &Context, wanted: &Delete) -> Result<Exit, Stop> {
    let scope = match (wanted.server, wanted.local) {
        (true, _) => DeleteScope::ServerOnly,
        (_, true) => DeleteScope::LocalOnly,
        _ => DeleteScope::Everywhere,
    };
    let changed = change(context, &wanted.ids, Change::Delete(scope)).await?;
    let out = context.out;
    let moved = changed.became(|row| row.folder == Folder::Trash);
    if moved > 0 {
        out.remark(&format!(
            "{} moved to the Trash; `poppet undelete` takes {} back",
            count(moved, "message"),
            them(moved)
        ))?;
    }
    let staged = changed.became(|row| row.server == Server::DeleteWanted);
    if staged > 0 {
        out.remark(&format!(
            "{} staged for deletion on the server; `poppet apply` deletes",
            count(staged, "message")
        ))?;
    }
    let (wants_server, wanted_before) = (
        scope != DeleteScope::LocalOnly,
        changed.are(|row| row.server == Server::DeleteWanted) > 0,
    );
    if wants_server && !wanted_before {
        out.remark("No server has a copy that could be deleted")?;
    } else if moved + staged == 0 {
        out.remark("Nothing has changed: it was so before")?;
    }
    Ok(Exit::Done)
}

pub(super) async fn keep(context: &Context, ids: &[MessageId], off: bool) -> Result<Exit, Stop> {
    let changed = change(context, ids, Change::Pinned(!off)).await?;
    let out = context.out;
    let many = changed.became(|row| row.flags.has(Flags::PINNED) != off);
    let taken_back = changed.became(|row| row.server != Server::DeleteWanted);
    let messages = count(many, "message");
    if many > 0 {
        out.remark(&if off {
            format!("{messages} no longer pinned")
        } else {
            format!("{messages} pinned: no rule deletes what is pinned")
        })?;
    }
    if taken_back > 0 {
        out.remark(&format!(
            "{} taken back",
            count(taken_back, "staged deletion")
        ))?;
    }
    if many + taken_back == 0 {
        out.remark("Nothing has changed: it was so before")?;
    }
    Ok(Exit::Done)
}

pub(super) async fn undelete(context: &Context, ids: &[MessageId]) -> Result<Exit, Stop> {
    let changed = change(context, ids, Change::Undelete).await?;
    // Of a deletion that was sent and not confirmed the row does not show that it was taken back.
    let back = changed.count(|before, now| before != now || now.server == Server::Unconfirmed);
    context.out.remark(&match back {
        0 => "Nothing to take back: it is neither staged nor in the Trash".to_owned(),
        back => format!("{} taken back", count(back, "message")),
    })?;
    Ok(Exit::Done)
}

/// Messages as they were and as they are now, in the same order.
struct Changed(Vec<(MessageSummary, MessageSummary)>);

impl Changed {
    /// How many are so now.
    fn are(&self, so: impl Fn(&MessageSummary) -> bool) -> u64 {
        self.count(|_, now| so(now))
    }

    /// How many are so now and were not before.
    fn became(&self, so: impl Fn(&MessageSummary) -> bool) -> u64 {
        self.count(|before, now| so(now) && !so(before))
    }

    fn count(&self, so: impl Fn(&MessageSummary, &MessageSummary) -> bool) -> u64 {
        self.0
            .iter()
            .filter(|(before, now)| so(before, now))
            .count() as u64
    }
}

fn them(number: u64) -> &'static str {
    if number == 1 { "it" } else { "them" }
}

/// Changes all of the messages, or none if one of them is not there. Objects are printed as they are then.
async fn change(context: &Context, ids: &[MessageId], change: Change) -> Result<Changed, Stop> {
    let (_, store) = context.stored_to_change()?;
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let there = store.summaries(ids.clone()).await?;
    let unknown: Vec<MessageId> = ids
        .iter()
        .copied()
        .filter(|id| !there.iter().any(|row| row.id == *id))
        .collect();
    if !unknown.is_empty() {
        return Err(missing(&unknown));
    }
    let rows = store.change(vec![(ids, change)], now()).await?;
    store.close()?;
    if context.out.json {
        for row in &rows {
            context.out.object(&Message::from(row))?;
        }
    }
    let pairs = rows.into_iter().filter_map(|now| {
        let before = there.iter().find(|before| before.id == now.id)?;
        Some((before.clone(), now))
    });
    Ok(Changed(pairs.collect()))
}

//! `poppet delete`, `keep` and `undelete`: what needs no server yet.

use super::args::Delete;
use super::context::Context;
use super::exit::Exit;
use super::json::Message;
use super::show::missing;
use super::stop::Stop;
use super::words::count;
use crate::backend::now;
use crate::mail::{Change, DeleteScope, MessageId, MessageSummary, Server};

pub(super) async fn delete(context: &Context, wanted: &Delete) -> Result<Exit, Stop> {
    let scope = match (wanted.server, wanted.local) {
        (true, _) => DeleteScope::ServerOnly,
        (_, true) => DeleteScope::LocalOnly,
        _ => DeleteScope::Everywhere,
    };
    let rows = change(context, &wanted.ids, Change::Delete(scope)).await?;
    let staged = rows
        .iter()
        .filter(|row| row.server == Server::DeleteWanted)
        .count() as u64;
    let (out, many) = (context.out, count(rows.len() as u64, "message"));
    match scope {
        DeleteScope::ServerOnly => {}
        DeleteScope::Everywhere | DeleteScope::LocalOnly => {
            out.remark(&format!(
                "{many} moved to the Trash; `poppet undelete` takes it back"
            ))?;
        }
    }
    match (scope, staged) {
        (DeleteScope::LocalOnly, _) => {}
        (_, 0) => out.remark("No server has a copy that could be deleted")?,
        (_, staged) => out.remark(&format!(
            "{} staged for deletion on the server; `poppet apply` does it",
            count(staged, "message")
        ))?,
    }
    Ok(Exit::Done)
}

pub(super) async fn keep(context: &Context, ids: &[MessageId], off: bool) -> Result<Exit, Stop> {
    let rows = change(context, ids, Change::Pinned(!off)).await?;
    let many = count(rows.len() as u64, "message");
    context.out.remark(&match off {
        false => format!("{many} pinned: no rule deletes it on the server"),
        true => format!("{many} no longer pinned"),
    })?;
    Ok(Exit::Done)
}

pub(super) async fn undelete(context: &Context, ids: &[MessageId]) -> Result<Exit, Stop> {
    let rows = change(context, ids, Change::Undelete).await?;
    context.out.remark(&format!(
        "{} taken back",
        count(rows.len() as u64, "message")
    ))?;
    Ok(Exit::Done)
}

/// Changes all of the messages, or none if one of them is not there. Objects are printed as they are then.
async fn change(
    context: &Context,
    ids: &[MessageId],
    change: Change,
) -> Result<Vec<MessageSummary>, Stop> {
    let (_, store) = context.stored()?;
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
        return Err(missing(&unknown).into());
    }
    let rows = store.change(vec![(ids, change)], now()).await?;
    store.close()?;
    if context.out.json {
        for row in &rows {
            context.out.object(&Message::from(row))?;
        }
    }
    Ok(rows)
}

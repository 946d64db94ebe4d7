//! What a change does to a row before the engine confirms it, and what undoes it. Pure.

use crate::mail::{Brief, Change, DeleteScope, Flags, Folder, MessageId, Reason, Server};

/// The row as it will be, so that it can be shown at once.
pub fn predict(row: &mut Brief, change: Change) {
    match change {
        Change::Seen(on) => row.flags = row.flags.with(Flags::SEEN, on),
        Change::Starred(on) => row.flags = row.flags.with(Flags::STARRED, on),
        Change::Answered(on) => row.flags = row.flags.with(Flags::ANSWERED, on),
        Change::Pinned(on) => {
            row.flags = row.flags.with(Flags::PINNED, on);
            if on {
                unstage(row);
            }
        }
        Change::Move(folder) => row.folder = folder,
        Change::Delete(scope) => {
            if scope != DeleteScope::ServerOnly {
                row.folder = Folder::Trash;
            }
            if scope != DeleteScope::LocalOnly && row.server == Server::Present {
                row.server = Server::DeleteWanted;
                row.reason = Some(Reason::You);
            }
        }
        Change::Undelete => {
            if row.folder == Folder::Trash {
                row.folder = Folder::Inbox;
            }
            unstage(row);
        }
        Change::Unstage => unstage(row),
    }
}

/// What brings these rows back to what they were before `change`.
pub fn inverse(rows: &[Brief], change: Change) -> Vec<(Vec<MessageId>, Change)> {
    let mut groups: Vec<(Vec<MessageId>, Change)> = Vec::new();
    for row in rows {
        for back in inverse_of(row, change) {
            match groups.iter_mut().find(|(_, other)| *other == back) {
                Some((ids, _)) => ids.push(row.id),
                None => groups.push((vec![row.id], back)),
            }
        }
    }
    // A pin that comes back takes its message from what is staged: what is staged again comes last.
    groups.sort_by_key(|(_, back)| matches!(back, Change::Delete(_)));
    groups
}

fn inverse_of(row: &Brief, change: Change) -> Vec<Change> {
    let staged = row.server == Server::DeleteWanted;
    // What a rule wants is for the rule to stage: as a person's wish it would go without what holds a rule back.
    let by_person = staged && row.reason == Some(Reason::You);
    let place = Change::Move(row.folder);
    match change {
        Change::Seen(_) => vec![Change::Seen(row.flags.has(Flags::SEEN))],
        Change::Starred(_) => vec![Change::Starred(row.flags.has(Flags::STARRED))],
        Change::Answered(_) => vec![Change::Answered(row.flags.has(Flags::ANSWERED))],
        Change::Pinned(true) if by_person => {
            vec![
                Change::Pinned(row.flags.has(Flags::PINNED)),
                Change::Delete(DeleteScope::ServerOnly),
            ]
        }
        Change::Pinned(_) => vec![Change::Pinned(row.flags.has(Flags::PINNED))],
        Change::Undelete if by_person => vec![place, Change::Delete(DeleteScope::ServerOnly)],
        Change::Move(_) | Change::Delete(DeleteScope::LocalOnly) | Change::Undelete => vec![place],
        Change::Delete(DeleteScope::ServerOnly) if staged => Vec::new(),
        Change::Delete(DeleteScope::ServerOnly) => vec![Change::Unstage],
        Change::Delete(DeleteScope::Everywhere) if staged => vec![place],
        Change::Delete(DeleteScope::Everywhere) => vec![place, Change::Unstage],
        Change::Unstage if by_person => vec![Change::Delete(DeleteScope::ServerOnly)],
        Change::Unstage => Vec::new(),
    }
}

/// What the server did with a deletion that was sent stays unknown; only the wish is gone, which the row does not show.
fn unstage(row: &mut Brief) {
    if row.server == Server::DeleteWanted {
        row.server = Server::Present;
        row.reason = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing::message;

    #[test]
    fn what_a_pin_took_from_the_staged_is_staged_again_whichever_was_pinned_before() {
        let staged = |id: i64, pinned: bool| {
            let mut row = Brief::from(&message(id));
            row.flags = row.flags.with(Flags::PINNED, pinned);
            predict(&mut row, Change::Delete(DeleteScope::ServerOnly));
            row
        };
        let before = [staged(1, false), staged(2, true), staged(3, false)];
        for change in [Change::Pinned(true), Change::Undelete, Change::Unstage] {
            let mut rows = before;
            for row in &mut rows {
                predict(row, change);
            }
            for (ids, back) in inverse(&before, change) {
                for row in rows.iter_mut().filter(|row| ids.contains(&row.id)) {
                    predict(row, back);
                }
            }
            assert_eq!(rows, before, "{change:?}");
        }
    }
}

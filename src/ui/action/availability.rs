use std::borrow::Cow;

use super::Action;
use crate::mail::View;
use crate::ui::list::tally::Tally;
use crate::ui::model::{Model, Screen};

/// Why an action cannot be done now; never empty.
pub type Unavailable = Cow<'static, str>;

/// Whether an action can be done now, and if not, why not.
pub fn availability(model: &Model, action: Action) -> Result<(), Unavailable> {
    match &model.screen {
        Screen::Review(review) => {
            if let Some(said) = review.available(model, action) {
                return said.map_err(Cow::Owned);
            }
        }
        Screen::Mailbox(mailbox) => {
            if let Some(said) = mailbox.available(action, model.size.0) {
                return said.map_err(Cow::Borrowed);
            }
        }
        _ => {}
    }
    match action {
        Action::Open if matches!(model.screen, Screen::Errors(_)) => {
            let some = !model.log.entries().is_empty();
            some.then_some(()).ok_or("nothing went wrong")
        }
        Action::Open if matches!(model.screen, Screen::Accounts(_)) => {
            let some = !model.accounts.is_empty();
            some.then_some(()).ok_or("no account yet: a adds one")
        }
        Action::MarkAll | Action::MarkRead | Action::MarkUnread | Action::MarkStarred
            if model.list.find.is_awaited() =>
        {
            Err("what is looked for is not found yet")
        }
        Action::Open
        | Action::Archive
        | Action::Star
        | Action::Read
        | Action::Unread
        | Action::Mark
        | Action::MarkRange
        | Action::CopySubject
        | Action::CopyFrom
        | Action::MarkAll
        | Action::MarkRead
        | Action::MarkUnread
        | Action::MarkStarred
        | Action::ReadOn
        | Action::ReadBack => some_message(model),
        Action::Delete => some_message(model).and_then(|()| {
            some(meant(model).deletable).ok_or("it is in the Trash already; u takes it out")
        }),
        Action::DeleteServer => some_message(model).and_then(|()| {
            some(meant(model).present)
                .ok_or("nothing on the server to delete: it is gone from there, or staged already")
        }),
        Action::Undelete => some_message(model).and_then(|()| {
            some(meant(model).revocable).ok_or("nothing is staged here; z undoes what was done")
        }),
        Action::Fetch => some_message(model).and_then(|()| {
            let why = why_gone(model).unwrap_or("it is here already");
            some(meant(model).fetchable).ok_or(why)
        }),
        Action::Pin => some_message(model).and_then(|()| {
            let why = why_gone(model).unwrap_or("it is not on the server");
            some(meant(model).there).ok_or(why)
        }),
        Action::PeekAt => some_message(model).and_then(|()| match model.list.current_brief() {
            Some(row) if row.is_gone() => Err(GONE),
            _ => Ok(()),
        }),
        Action::PeekMore if matches!(&model.screen, Screen::Peek(peek) if peek.is_whole()) => {
            Err("this is the whole message")
        }
        Action::PeekDownload | Action::PeekMore => {
            some_message(model).and_then(|()| why_gone(model).map_or(Ok(()), Err))
        }
        Action::PeekDelete => some_message(model).and_then(|()| match why_gone(model) {
            Some(_) if meant(model).deletable == 0 => Err("it is in the Trash already"),
            _ => Ok(()),
        }),
        Action::CopyId => match model.current() {
            Some(row) if row.message_id.is_empty() => Err("this message has no Message-ID"),
            _ => some_message(model),
        },
        Action::MarkNone if model.list.marks.is_empty() && model.list.range.is_none() => {
            Err("nothing is marked")
        }
        Action::NextMatch | Action::PreviousMatch if model.list.find.last.is_empty() => {
            Err("nothing was looked for yet: / finds")
        }
        Action::SaveSearch if model.list.find.is_blank() => Err("nothing is looked for: / finds"),
        Action::GoSearches if model.looked_for.is_empty() => {
            Err("no search yet: / finds, and ^s there saves one")
        }
        Action::Undo if !model.history.can_undo() => Err("nothing to undo"),
        Action::Redo if !model.history.can_redo() => Err("nothing was undone"),
        Action::Fold if has_thread(model) => Ok(()),
        Action::Fold if matches!(model.screen, Screen::List) && !model.has_preview() => {
            Err(if model.list.threads.is_some() {
                "this message has no thread to fold"
            } else {
                "nothing to fold: the rows are not by thread"
            })
        }
        Action::Fold
        | Action::ViewText
        | Action::ViewHtml
        | Action::ViewHeaders
        | Action::ViewSource => open_message(model),
        Action::Attachments | Action::SaveAll => {
            open_message(model).and_then(|()| match model.reader.body() {
                Some(body) if body.has_files() => Ok(()),
                Some(body) if body.partial => {
                    Err("the message is not here in full, nor are its attachments")
                }
                _ => Err("this message has no attachments"),
            })
        }
        Action::Links | Action::OpenLink => return links(model),
        Action::Sync | Action::GoMailbox if model.accounts.is_empty() => {
            Err("no account yet: g A adds one")
        }
        _ => Ok(()),
    }
    .map_err(Cow::Borrowed)
}

fn some_message(model: &Model) -> Result<(), &'static str> {
    if meant(model).messages > 0 {
        Ok(())
    } else if !model.list.marks.is_empty() {
        Err("the marked messages are not shown: Esc unmarks them")
    } else if model.list.loaded {
        Err("there is no message here")
    } else {
        Err("the list is still being read")
    }
}

/// Why nothing more of what is meant can be had, where that is so of any of it.
fn why_gone(model: &Model) -> Option<&'static str> {
    (meant(model).gone > 0).then_some(GONE)
}

fn open_message(model: &Model) -> Result<(), &'static str> {
    match (&model.screen, model.reader.body()) {
        (Screen::List, _) if !model.has_preview() => Err("open the message first: Enter"),
        (_, Some(_)) => Ok(()),
        (_, None) => Err("no message is open"),
    }
}

/// Whether the open message has links, as far as the way in which it is shown can tell.
fn links(model: &Model) -> Result<(), Unavailable> {
    open_message(model)?;
    if model
        .reader
        .body()
        .is_some_and(|body| !body.links.is_empty())
    {
        return Ok(());
    }
    if matches!(model.reader.view, View::Text | View::Html) {
        return Err("this message has no links".into());
    }
    let text = model.keymap.key_for(model.scope(), Action::ViewText);
    let how = text.map_or_else(String::new, |key| format!(": {key}"));
    Err(format!("the links stand in the text{how}").into())
}

/// Whether the row under the cursor belongs to a thread that can be folded.
fn has_thread(model: &Model) -> bool {
    let list = &model.list;
    let threads = list.threads_shown();
    let row = list.current_brief();
    matches!(model.screen, Screen::List)
        && threads
            .zip(row)
            .is_some_and(|(threads, row)| threads.is_long(row.thread))
}

fn some(count: usize) -> Option<()> {
    (count > 0).then_some(())
}

/// What can be said of what an action would be about: asked for in every frame, and so without a look at all rows.
fn meant(model: &Model) -> Tally {
    if matches!(model.screen, Screen::List) && !model.list.marks.is_empty() {
        return model.list.shown_marks();
    }
    let row = match &model.screen {
        Screen::Peek(peek) => model.list.rows.brief(peek.id),
        _ => model.list.current_brief(),
    };
    row.map(Tally::of).unwrap_or_default()
}

const GONE: &str = "it is no longer on the server, and there is no copy here";

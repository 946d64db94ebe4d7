use crossterm::event::KeyEvent;

use crate::bridge::{Event, Progress};
use crate::mail::{MessageId, Timestamp};

/// What reaches the screen.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted (bracketed paste).
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The terminal has the focus now, or lost it.
    Focus(bool),
    /// The wheel was turned: lines, downwards positive.
    Scroll(i32),
    /// A click on this column and row.
    Click(u16, u16),
    /// Something has become true.
    Event(Box<Event>),
    /// How far the work of each account is; accounts at rest are not in it.
    Progress(Vec<Progress>),
    /// What time it is.
    Tick(Timestamp),
    /// A timer that an effect asked for has run out.
    Timer(Timer),
    /// The model as it is has been drawn.
    Painted,
    /// An effect is done, or why it could not be.
    Outcome(Result<String, String>),
}

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// This message has been on the screen long enough to count as read.
    MarkRead(MessageId),
    /// The cursor rested for a moment, so that the preview may follow.
    Preview(MessageId),
    /// The second ^c did not come.
    CancelAgain,
    /// Where the cursor is may be written down.
    Remember,
}

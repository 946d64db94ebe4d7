use std::path::PathBuf;
use std::time::Duration;

use super::msg::Timer;
use crate::bridge::Command;

/// What the runtime is to do for the screen. The model never does any of it itself.
#[derive(Clone, Debug)]
#[must_use = "an effect that is dropped never happens"]
pub enum Effect {
    /// Tell the engine.
    Send(Command),
    /// Come back with [`super::Msg::Timer`] after this long. A timer with the same content is started anew.
    After(Duration, Timer),
    /// Open a web page, in whatever opens web pages here.
    OpenLink(String),
    /// Open a file, in whatever opens such files here.
    OpenFile(PathBuf),
    /// Put this text on the clipboard.
    Copy(String),
    /// Show this as the terminal's title.
    SetTitle(String),
    /// Tell of so many new messages although nobody looks.
    Notify(usize),
    /// Write this into a file that is only a convenience.
    Remember(PathBuf, String),
    /// Throw away what was typed ahead.
    FlushInput,
    /// Draw everything anew.
    Redraw,
    /// Give the terminal back to the shell until it continues us.
    Suspend,
    /// Leave.
    Quit,
}

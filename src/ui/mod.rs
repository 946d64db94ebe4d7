//! The terminal: what is on the screen, what keys do, and the loop that owns both.
//!
//! `update(&mut Model, Msg) -> Vec<Effect>` changes the model and says what is to be done outside; `view(&Model, &mut
//! Frame)` draws it. Neither waits, reads a clock, a file or a socket. The [`runtime`] alone knows tokio and the terminal.
//! Of the other rooms only `bridge` and `mail` are used.
//!
//! | file | what |
//! |---|---|
//! | [`action`] | the registry: every action, its name, sentence, keys and scopes, and why it cannot be done now |
//! | [`keymap`], [`chord`] | which keys mean what |
//! | [`model`], [`msg`], [`effect`] | what is known, what comes in, what goes out |
//! | [`mod@update`], [`event`] | where a message goes: to an overlay, a screen, or everywhere |
//! | [`deed`], [`change`], [`history`] | changing messages, showing it at once, undoing it |
//! | [`mod@view`], [`header`], [`status`], [`hints`], [`paint`] | drawing |
//! | [`theme`], [`glyphs`], [`mod@format`], [`layout`] | colours by role, shapes, numbers and dates, where things are |
//! | [`list`], [`reader`], [`peek`], [`review`], [`mailbox`], [`errors`], [`accounts`], [`wizard`] | the screens |
//! | [`help`], [`palette`], [`whichkey`], [`confirm`], [`links`], [`files`], [`searches`], [`panel`] | what lies over them |
//!
//! # How a screen is added
//!
//! A screen is one file that owns its state, its keys and its drawing:
//!
//! 1. a variant in [`model::Screen`] that carries its state, and a [`action::Scope`];
//! 2. its actions in `action/table.rs` (keys, hint, sentence), their conditions in `action/availability.rs`, and the order
//!    of its hints in [`hints`];
//! 3. in its file: `open(model, out)` puts it on the screen with `model.go(..)`; `act(model, action, out) -> bool` does an
//!    action and says whether it was one of its own; `event(model, &Event, out)` takes what it waits for, by its ticket;
//!    `draw(&State, &Model, frame)`. A screen with text fields also has `key(model, key, out) -> bool` for keys that are
//!    text;
//! 4. one line each in `update.rs`, `event.rs` and `view.rs`.
//!
//! An overlay is a variant in [`model::Overlay`] and a file with `key(self, model, key, out)`, `paste` where it has a text
//! field, and `draw(&self, model, frame)`. `key` takes the overlay out of the model: it is closed unless it puts itself
//! back with `model.overlay = Overlay::X(self)`.

pub mod accounts;
pub mod action;
pub mod change;
pub mod chord;
pub mod confirm;
pub mod deed;
pub mod effect;
pub mod errors;
pub mod event;
pub mod files;
pub mod format;
pub mod glyphs;
pub mod header;
pub mod help;
pub mod hints;
pub mod history;
pub mod keymap;
pub mod layout;
pub mod links;
pub mod list;
pub mod mailbox;
pub mod model;
pub mod msg;
pub mod paint;
pub mod palette;
pub mod panel;
pub mod peek;
pub mod reader;
pub mod review;
pub mod runtime;
pub mod searches;
pub mod settings;
pub mod status;
pub mod theme;
mod undo;
pub mod update;
pub mod view;
pub mod whichkey;
pub mod wizard;

#[cfg(test)]
mod testing;

pub use effect::Effect;
pub use model::{Model, Overlay, Screen};
pub use msg::{Msg, Timer};
pub use runtime::{Error, Exit, run};
pub use settings::{Notify, Settings};
pub use update::{start, update};
pub use view::view;

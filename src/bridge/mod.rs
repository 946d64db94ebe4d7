//! The words that screen and engine share, and nothing else.
//!
//! The screen sends [`Command`]s: intents, idempotent, each with a [`Ticket`]. The engine sends [`Event`]s: truths. Every
//! ticket gets exactly one end: [`Event::Done`], [`Event::Failed`], or the one answer that its command names. Both
//! channels are bounded. Progress goes through a watch channel of [`Progress`], where only the latest matters.

mod answer;
mod command;
mod event;
mod request;
mod state;
mod ticket;

pub use answer::{PendingDeletion, SyncReport, SyncStep, TestStep};
pub use command::Command;
pub use event::Event;
pub use request::{Draft, KeepPassword, ListRequest, Look, Sort, SyncMode};
pub use state::{AccountState, Board, Cleartext, Phase, Progress};
pub use ticket::Ticket;

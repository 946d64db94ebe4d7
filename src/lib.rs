//! poppet reads a POP3 mailbox in the terminal.
//!
//! The map of the house. Pure rooms stand in the middle, one room per outside thing around them:
//!
//! | room | what lives there | what it may use |
//! |---|---|---|
//! | [`mail`] | what mail is to us: ids, summaries, bodies, queries, retention, problems, the pure decision `plan` | nothing |
//! | [`mime`] | raw octets to summaries and bodies; HTML to styled text; making text safe for a terminal | `mail` |
//! | [`pop3`] | the protocol without I/O: commands, replies, framing, capabilities, authentication | nothing |
//! | [`config`] | TOML to a valid configuration; paths; presets | `mail` |
//! | [`store`] | `SQLite` on threads of its own: messages, ledger, search index | `mail` |
//! | [`bridge`] | the words that screen and engine share | `mail` |
//! | [`backend`] | the task per account: dialling, sessions, scheduling, secrets; the only room with sockets | all but `ui` and `cli` |
//! | [`ui`] | the terminal: model, update, view, keymap, theme and the runtime | `bridge`, `config`, `mail` |
//! | [`demo`] | an embedded POP3 server on loopback with a seeded mailbox | nothing |
//! | [`cli`] | arguments, and a file per command that needs no screen | all but `ui` and `pop3` |
//!
//! The table is a test (`tests/architecture.rs`): a new arrow is a decision, not an accident.

pub mod backend;
pub mod bridge;
pub mod cli;
pub mod config;
pub mod demo;
pub mod mail;
pub mod mime;
pub mod pop3;
pub mod store;
pub mod ui;

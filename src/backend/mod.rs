//! The engine: a task per account that talks to its server, and one that answers everything else.
//!
//! | file | what lives there |
//! |---|---|
//! | `start`, `engine`, `answers`, `rows`, `collect` | takes [`Command`](crate::bridge::Command)s apart and hands them on |
//! | `account` | the task of an account: what is to be done, when, and what is told about it |
//! | `opening` | from a request to a login |
//! | `errands`, `settings` | what it is asked to do, and what does not change |
//! | `maildrop` | what lies on the server, and a look at the newest messages while the listing is on its way |
//! | `visit`, `listing`, `glance`, `launch`, `whole`, `queue`, `arrivals`, `recheck`, `progress`, `refusals`, `farewell` | a session that fetches |
//! | `rules` | what a rule is going to delete |
//! | `apply`, `look`, `deletions` | a session that deletes, and the proof that each deletion needs |
//! | `line`, `pace` | commands under way on one connection, how much is asked for ahead, and whether the answers are in step |
//! | `quirks` | what was found out about a server and is remembered for a while |
//! | `ingest` | from octets to the store, beside the network |
//! | `server`, `session`, `login`, `wire`, `dial`, `connector`, `haste` | login, connection, TCP and TLS, and how long is waited |
//! | `probe` | trying an account's settings |
//! | `error`, `blame` | what can go wrong, and what a refusal means |
//! | `reindex` | the search index, built anew |
//! | `open`, `files` | stored messages made readable, attachments saved |
//! | `secrets`, `keyring` | where passwords come from |
//!
//! The only room with sockets. It uses every room but `ui` and `cli`.

mod account;
mod answers;
mod apply;
mod arrivals;
mod asker;
mod backoff;
mod blame;
mod clock;
mod collect;
mod connector;
mod deletions;
mod dial;
mod engine;
mod errands;
mod error;
mod farewell;
mod files;
mod glance;
mod haste;
mod ingest;
pub mod keyring;
mod launch;
mod line;
mod listing;
mod lock;
mod login;
mod look;
mod maildrop;
mod open;
mod opening;
mod pace;
mod probe;
mod progress;
mod queue;
mod quirks;
mod recheck;
mod refusals;
mod reindex;
mod rows;
mod rules;
pub mod secrets;
mod server;
mod session;
mod settings;
mod spool;
mod start;
#[cfg(test)]
mod testing;
mod unasked;
mod unbroken;
mod visit;
mod whole;
mod wire;

pub use asker::Asker;
pub use clock::now;
pub use haste::Haste;
pub use reindex::{Pace, ReindexReport, ReindexStep, finish_reindex, reindex, reindex_failed};
pub use start::{Engine, Options};

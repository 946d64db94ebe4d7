//! What mail is to poppet: values that every room may speak of.
//!
//! Here live ids, summaries, rendered bodies, queries, retention rules, the error that people see, and the pure decision
//! [`plan()`]. Nothing here waits, reads a file, opens a connection or asks the clock: time comes in as an argument.

mod address;
mod body;
mod brief;
mod entry;
mod fate;
mod holdings;
mod ids;
mod ledger;
mod octets;
mod places;
mod plan;
mod problem;
mod query;
mod retention;
pub mod safe;
mod secret;
mod subject;
mod summary;
pub mod text;
mod thread;

pub use address::Address;
pub use body::{Attachment, Blocked, Body, Field, Line, Link, Span, SpanStyle, View};
pub use brief::Brief;
pub use entry::{IndexEntry, field_mark};
pub use fate::{Fate, Forecast, Held, Stays, fate, forecast, not_due};
pub use holdings::{Amount, Holdings, Schedule, senders};
pub use ids::{
    AccountId, AccountIdError, Digest, LedgerId, MessageId, RemoteId, Timestamp, header_block,
    header_digest,
};
pub use ledger::{Arrival, Extract, LedgerEntry, Listed, Stored, StoredCopy};
pub use octets::{Digests, Elsewhere, Octets, Passing};
pub use places::{digest, digests, one_stands_behind, stand_together};
pub use plan::{
    Brake, PlanInput, SyncPlan, applies_unasked, brake_for_rule, brake_for_vanished,
    certain_seconds, plan,
};
pub use problem::{Kind, Problem, Retry, UNKNOWN_NAME};
pub use query::{Needles, Query, QueryError, SearchField, Term, is_cjk, words};
pub use retention::{
    BodyRule, Exception, Keep, RetentionPolicy, RulesDelete, StagedDelete, expiry,
};
pub use secret::Secret;
pub use subject::{bare_subject, is_reply};
pub use summary::{
    Change, DeleteScope, Flags, Folder, Local, MessageSummary, Reason, Server, StoredAt,
};
pub use thread::{Branch, Reply, tree};

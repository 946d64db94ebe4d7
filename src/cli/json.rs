//! The objects of `--json`. Fields are only ever added.

mod message;

use serde::Serialize;

use super::apply::{RELEASE, reason};
use super::complaint::Wrong;
use super::words::iso;
use crate::bridge::{PendingDeletion, SyncReport};
use crate::mail::{
    AccountId, Address, Amount, Attachment, Brake, Local, MessageId, MessageSummary, Reason, Server,
};

pub(super) use message::{Header, Message, Target};

/// A line of `check`.
#[derive(Debug, Serialize)]
pub(super) struct Checked<'a> {
    pub(super) account: &'a str,
    pub(super) messages: u64,
    pub(super) octets: u64,
    pub(super) new: u64,
}

/// A line of `sync`.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum Synced<'a> {
    Listed {
        account: &'a str,
        messages: u64,
        octets: u64,
        new: u64,
    },
    Summaries {
        account: &'a str,
        summaries: u64,
    },
    Bodies {
        account: &'a str,
        bodies: u64,
        octets: u64,
    },
    Deleted {
        account: &'a str,
        deleted: u64,
    },
    Would {
        account: &'a str,
        summaries: u64,
        bodies: u64,
        octets: u64,
        deletions: u64,
        by_rule: u64,
        staged: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        brake: Option<Braked>,
    },
    Done {
        account: &'a str,
        messages: u64,
        summaries: u64,
        bodies: u64,
        octets: u64,
        deleted: u64,
        staged: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        brake: Option<Braked>,
        seconds: f64,
    },
    Failed {
        account: &'a str,
        error: Wrong<'a>,
    },
}

impl<'a> Synced<'a> {
    pub(super) fn done(account: &'a AccountId, report: &SyncReport) -> Self {
        Self::Done {
            account: account.as_str(),
            messages: report.messages,
            summaries: report.summaries,
            bodies: report.bodies,
            octets: report.octets,
            deleted: report.deleted,
            staged: report.staged,
            brake: report.brake.map(Braked::from),
            seconds: (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }
}

/// Why nothing is deleted, and what to do about it.
#[derive(Debug, Serialize)]
pub(super) struct Braked {
    /// `vanished`, `rule` or `clock`.
    kind: &'static str,
    why: String,
    remedy: &'static str,
}

impl From<Brake> for Braked {
    fn from(brake: Brake) -> Self {
        Self {
            kind: match brake {
                Brake::Vanished { .. } => "vanished",
                Brake::RuleDeletes { .. } => "rule",
                Brake::Clock => "clock",
            },
            why: reason(brake),
            remedy: RELEASE,
        }
    }
}

/// A line of `attachments`.
#[expect(clippy::struct_field_names, reason = "they are the promised names")]
#[derive(Debug, Serialize)]
pub(super) struct Part<'a> {
    id: MessageId,
    part: u32,
    name: &'a str,
    file_name: &'a str,
    media_type: &'a str,
    octets: u64,
    inline: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    warning: Option<&'a str>,
}

impl<'a> Part<'a> {
    pub(super) fn new(id: MessageId, part: &'a Attachment) -> Self {
        Self {
            id,
            part: part.part,
            name: &part.name,
            file_name: &part.file_name,
            media_type: &part.media_type,
            octets: part.octets,
            inline: part.inline,
            warning: part.warning.as_deref(),
        }
    }
}

/// A file that was written.
#[derive(Debug, Serialize)]
pub(super) struct Saved {
    pub(super) id: MessageId,
    pub(super) file: String,
}

/// A line of `pending`.
#[derive(Debug, Serialize)]
pub(super) struct Staged<'a> {
    id: MessageId,
    account: &'a str,
    from: &'a Address,
    subject: &'a str,
    date: String,
    octets: u64,
    reason: Reason,
    stored: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
}

impl<'a> From<&'a PendingDeletion> for Staged<'a> {
    fn from(deletion: &'a PendingDeletion) -> Self {
        Self {
            id: deletion.message.id,
            account: deletion.message.account.as_str(),
            from: &deletion.message.from,
            subject: &deletion.message.subject,
            date: iso(deletion.message.date),
            octets: deletion.message.octets,
            reason: deletion.reason,
            stored: deletion.stored,
            failure: deletion.failure.as_deref(),
        }
    }
}

/// A line of `apply`.
#[derive(Debug, Serialize)]
pub(super) struct Applied<'a> {
    pub(super) id: MessageId,
    pub(super) account: &'a str,
    /// `deleted`, `unconfirmed` or `refused`.
    pub(super) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<&'a str>,
}

/// A line of `account list`.
#[expect(clippy::struct_field_names, reason = "they are the promised names")]
#[derive(Debug, Serialize)]
pub(super) struct Account<'a> {
    pub(super) account: &'a str,
    pub(super) email: &'a str,
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) tls: &'static str,
    pub(super) user: &'a str,
    pub(super) password: &'static str,
    pub(super) messages: Option<u64>,
    pub(super) octets: Option<u64>,
    pub(super) checked: Option<String>,
}

/// A line of `account test`, `account add` and `doctor`.
#[derive(Debug, Serialize)]
pub(super) struct Step<'a> {
    pub(super) check: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<&'a str>,
    pub(super) status: &'static str,
    pub(super) detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) remedy: Option<&'a str>,
}

/// The line of `export`.
#[derive(Debug, Serialize)]
pub(super) struct Exported {
    pub(super) written: u64,
    pub(super) present: u64,
    pub(super) not_downloaded: u64,
    /// Left out because their octets are not those that were received.
    pub(super) damaged: u64,
}

/// A line of `tidy`. What it is about says which fields it has.
#[derive(Debug, Default, Serialize)]
pub(super) struct Fact<'a> {
    account: &'a str,
    /// `mailbox`, `rule`, `largest`, `oldest` or `sender`.
    about: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<MessageId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<Local>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server: Option<Server>,
    /// Of a rule: `next-check`, `day`, `staged`, `stays` or `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<&'static str>,
    /// Of a day: its date in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<&'a str>,
    /// Of what stays: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    octets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quota: Option<u64>,
    /// Octets a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) daily: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) full_in_days: Option<u64>,
    /// Messages that are not here in full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing_octets: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) checked: Option<String>,
}

impl<'a> Fact<'a> {
    pub(super) fn new(account: &'a str, about: &'static str) -> Self {
        Self {
            account,
            about,
            ..Self::default()
        }
    }

    pub(super) fn of(self, amount: Amount) -> Self {
        Self {
            messages: Some(amount.messages),
            octets: Some(amount.octets),
            ..self
        }
    }

    pub(super) fn when(self, when: &'static str, detail: Option<&'a str>) -> Self {
        Self {
            when: Some(when),
            day: detail.filter(|_| when == "day"),
            why: detail.filter(|_| when == "stays"),
            ..self
        }
    }

    pub(super) fn from(self, from: &'a Address) -> Self {
        Self {
            from: Some(from),
            ..self
        }
    }

    pub(super) fn message(self, row: &'a MessageSummary) -> Self {
        Self {
            id: Some(row.id),
            from: Some(&row.from),
            subject: Some(&row.subject),
            date: Some(iso(row.date)),
            octets: Some(row.octets),
            local: Some(row.local),
            server: Some(row.server),
            ..self
        }
    }
}

/// The line of `import`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Imports {
    pub(super) account: String,
    pub(super) imported: u64,
    pub(super) present: u64,
    /// Files that are no messages.
    pub(super) left_out: u64,
}
/// The line of `doctor --reindex`.
#[derive(Debug, Serialize)]
pub(super) struct Reindex {
    /// All messages, and those that are done.
    pub(super) messages: u64,
    pub(super) done: u64,
    /// Whether it went on where it had been stopped.
    pub(super) continued: bool,
    pub(super) complete: bool,
    /// Octets of the text that was indexed, and of the index on the disk.
    pub(super) text: u64,
    pub(super) index: u64,
}

impl Reindex {
    /// How large the index is, beside its text.
    pub(super) fn percent(&self) -> f64 {
        100.0 * self.index as f64 / self.text.max(1) as f64
    }
}

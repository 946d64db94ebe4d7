//! The object of a message.

use serde::Serialize;

use crate::cli::words::iso;
use crate::mail::{Address, Flags, Folder, Local, MessageId, MessageSummary, Server};

/// A message, as `list`, `show` and `peek` print it.
#[expect(clippy::struct_field_names, reason = "they are the promised names")]
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Message<'a> {
    id: MessageId,
    account: &'a str,
    uidl: String,
    message_id: &'a str,
    from: &'a Address,
    to: &'a [Address],
    cc: &'a [Address],
    subject: &'a str,
    date: String,
    octets: u64,
    flags: Vec<&'static str>,
    attachments: u32,
    thread: MessageId,
    snippet: &'a str,
    folder: Folder,
    local: Local,
    server: Server,
    pinned: bool,
    too_large: bool,
    /// Only where it is so: what is here is not what was received.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    damaged: bool,
    /// Only where it is so: its deletion was staged, and taken back because of what the server did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    stage_again: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    /// The text as it is shown; only of `show` and `peek`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) text: Option<String>,
    /// Where its links lead; only of `show` and `peek`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) links: Option<Vec<Target<'a>>>,
    /// Every header field, in order; only of `show --headers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) headers: Option<Vec<Header<'a>>>,
}

/// A header field.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Header<'a> {
    pub(in crate::cli) name: &'a str,
    pub(in crate::cli) value: &'a str,
}

/// A link of a message, with the number that stands for it.
#[expect(clippy::struct_field_names, reason = "they are the promised names")]
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Target<'a> {
    pub(in crate::cli) number: u64,
    pub(in crate::cli) target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) warning: Option<&'a str>,
}

impl<'a> From<&'a MessageSummary> for Message<'a> {
    fn from(row: &'a MessageSummary) -> Self {
        Self {
            id: row.id,
            account: row.account.as_str(),
            uidl: row.remote.to_string(),
            message_id: &row.message_id,
            from: &row.from,
            to: &row.to,
            cc: &row.cc,
            subject: &row.subject,
            date: iso(row.date),
            octets: row.octets,
            flags: row.flags.names(),
            attachments: row.attachments,
            thread: row.thread,
            snippet: &row.snippet,
            folder: row.folder,
            local: row.local,
            server: row.server,
            pinned: row.flags.has(Flags::PINNED),
            too_large: row.is_left_out(),
            damaged: row.is_damaged(),
            stage_again: row.is_to_stage_again(),
            sha256: row
                .sha256
                .filter(|_| row.local == Local::Full)
                .map(|digest| digest.to_string()),
            text: None,
            links: None,
            headers: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::export::testing::row;

    #[test]
    fn what_was_too_large_says_so_until_it_is_here() {
        let mut summary = row();
        summary.flags = Flags::TOO_LARGE;
        let mut said = |local| {
            summary.local = local;
            let line = serde_json::to_value(Message::from(&summary)).unwrap();
            line["too_large"].as_bool()
        };
        assert_eq!(
            (said(Local::Headers), said(Local::Full)),
            (Some(true), Some(false))
        );
    }
}

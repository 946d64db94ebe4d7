/// What may stay on the server and what may go: one per account, from `[accounts.NAME.server]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetentionPolicy {
    /// What a rule stages for deletion.
    pub keep: Keep,
    /// Messages that no rule touches; pinned ones are always among them.
    pub except: Vec<Exception>,
    /// When staged deletions of the person are applied.
    pub delete: StagedDelete,
    /// Whether what a rule stages waits for a review.
    pub rules_delete: RulesDelete,
    /// Seconds after the account's set-up in which no rule stages anything.
    pub grace_seconds: i64,
    /// The mailbox's size in octets, as the person knows it (POP3 does not tell).
    pub quota: Option<u64>,
}

impl Default for RetentionPolicy {
    fn default() -> Self {
        Self {
            keep: Keep::UntilDeleted,
            except: vec![Exception::Starred],
            delete: StagedDelete::Ask,
            rules_delete: RulesDelete::Review,
            grace_seconds: 7 * 86_400,
            quota: None,
        }
    }
}

impl RetentionPolicy {
    /// Whether mail may stay here longer than a server that deletes after so many days keeps it (RFC 2449 section 6.7).
    pub fn outlasts(&self, server_days: u32) -> bool {
        match self.keep {
            Keep::UntilDeleted | Keep::Newest(_) | Keep::Size(_) => true,
            Keep::Days(days) => days >= server_days,
            Keep::UntilDownloaded => false,
        }
    }
}

/// What a server says of how long it keeps mail, in days (RFC 2449 section 6.7).
pub fn expiry(days: u32) -> String {
    match days {
        0 => "it may delete what was downloaded".to_owned(),
        1 => "it deletes mail after 1 day".to_owned(),
        days => format!("it deletes mail after {days} days"),
    }
}

/// How long the server keeps a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the person deletes it.
    UntilDeleted,
    /// Until a copy is here.
    UntilDownloaded,
    /// This many days after the copy was made.
    Days(u32),
    /// The newest so many messages.
    Newest(u32),
    /// The newest that fit in so many octets.
    Size(u64),
}

/// A kind of message that no rule deletes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exception {
    /// Pinned by the person; always excepted.
    Pinned,
    /// Starred.
    Starred,
    /// Not read yet.
    Unread,
}

/// When what the person staged is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StagedDelete {
    /// After a review.
    Ask,
    /// On leaving the reader.
    Quit,
    /// At the next sync.
    Sync,
}

/// What happens with what a rule stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulesDelete {
    /// It waits for a review.
    Review,
    /// It is applied by itself, within the brake.
    Auto,
}

/// Which bodies a sync downloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyRule {
    /// Every one.
    All,
    /// None: summaries only, bodies when opened.
    None,
    /// Those of at most so many octets, as LIST announces them.
    UpTo(u64),
}

impl BodyRule {
    /// Whether a body of this size is downloaded unasked.
    pub fn wants(self, octets: u64) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::UpTo(limit) => octets <= limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p46_a_rule_that_keeps_mail_longer_than_the_server_is_noticed() {
        let outlasts = |keep| {
            let policy = RetentionPolicy {
                keep,
                ..RetentionPolicy::default()
            };
            [0, 30].map(|days| policy.outlasts(days))
        };
        assert_eq!(outlasts(Keep::UntilDeleted), [true, true]);
        assert_eq!(outlasts(Keep::Newest(5)), [true, true]);
        assert_eq!(outlasts(Keep::Size(5)), [true, true]);
        assert_eq!(outlasts(Keep::Days(30)), [true, true]);
        assert_eq!(outlasts(Keep::Days(29)), [true, false]);
        assert_eq!(outlasts(Keep::UntilDownloaded), [false, false]);
    }
}

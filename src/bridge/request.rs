use std::path::PathBuf;

use crate::mail::{AccountId, Digest, Folder, Query, Secret};

/// How much a sync does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SyncMode {
    /// Summaries, then the bodies that the account's rule wants, or both at once where nobody looks; then deletions that need
    /// no question.
    #[default]
    Full,
    /// Summaries only.
    Headers,
    /// A listing only: how much is there and how much is new.
    Check,
    /// A listing, and what a full sync would do.
    DryRun,
}

/// Which rows of a list, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// What they must match.
    pub query: Query,
    /// In which folder; `None` means all but the Trash unless the query names one.
    pub folder: Option<Folder>,
    /// Of which account; `None` means all.
    pub account: Option<AccountId>,
    /// Their order.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// At most so many; `None` means all.
    pub limit: Option<usize>,
    /// A list of at most so many rows comes in full; of a longer one its first screenful does, and all rows come in brief.
    /// `None` means all in full.
    pub full: Option<usize>,
}

impl Default for ListRequest {
    fn default() -> Self {
        Self {
            query: Query::default(),
            folder: Some(Folder::Inbox),
            account: None,
            sort: Sort::Date,
            reverse: false,
            limit: None,
            full: None,
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// Newest first.
    #[default]
    Date,
    /// Largest first.
    Size,
    /// By sender, from A to Z, then newest first.
    From,
    /// By subject without its `Re:`, from A to Z, then newest first.
    Subject,
}

/// An account as the wizard or a command line describes it, not yet saved.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its name in the configuration.
    pub account: AccountId,
    /// The person's address.
    pub email: String,
    /// The person's name; may be empty.
    pub name: String,
    /// Host name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `implicit`, `starttls` or `none`, as in the configuration.
    pub tls: String,
    /// Whether the password may go unencrypted.
    pub allow_cleartext: bool,
    /// User name for the login.
    pub user: String,
    /// `auth` as in the configuration: `auto`, or one way to log in and no other.
    pub auth: String,
    /// The password, when there is one to keep or to try.
    pub password: Option<Secret>,
    /// Where the password is to be kept.
    pub keep_password: KeepPassword,
    /// `keep` of the configuration's `[accounts.NAME.server]`, written as TOML.
    pub keep: String,
    /// `bodies` of the configuration's `[accounts.NAME.download]`, written as TOML.
    pub bodies: String,
    /// `quota` as text such as `2 GB`, when the person knows it.
    pub quota: Option<String>,
    /// Authority or certificate to trust as well.
    pub ca_file: Option<PathBuf>,
    /// The SHA-256 of the one certificate to trust; counts before `ca_file`.
    pub pin: Option<Digest>,
    /// What the configuration is to say of the screen, where it was chosen along with the account.
    pub look: Look,
}

/// What a set-up chooses for the eyes and the hands; `None` leaves what the configuration says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// `theme` of the configuration.
    pub theme: Option<&'static str>,
    /// `keys` of the configuration.
    pub keys: Option<&'static str>,
}

/// Where a password is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepPassword {
    /// In the keyring of the operating system.
    Keyring,
    /// Nowhere: it is asked for.
    Ask,
    /// In the output of a command.
    Command(Vec<String>),
}

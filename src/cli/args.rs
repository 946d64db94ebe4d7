use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;

mod accounts;
mod help;
mod line;
mod transfer;
mod values;

use help::{EXAMPLES, EXPORT_HELP, IMPORT_HELP, LIST_EXAMPLES, LONG_EXAMPLES, STYLES, TIDY_HELP};
use values::{account, from_one, message, query_word, whole};

pub use accounts::{Account, Add, Password};
pub use line::Line;
pub use transfer::{Export, Import, Target};
pub use values::CommandLine;

use crate::bridge::Sort;
use crate::mail::{AccountId, MessageId};

/// The whole command line. Help, manual pages and completions come from it.
#[derive(Debug, Parser)]
#[command(
    name = "poppet",
    version,
    about = "A POP3 mail reader for the terminal",
    long_about = "A POP3 mail reader for the terminal.\n\nIt looks at mail before it downloads it, shows which copy lies where, and deletes \
                  nothing on the server that you have not agreed to.",
    after_help = EXAMPLES,
    after_long_help = LONG_EXAMPLES,
    styles = STYLES,
    propagate_version = true,
    args_override_self = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do; without it, the mail reader.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// Reads a command line, the program's name first. An error prints itself and knows its exit status: 2 for wrong
    /// usage, 0 for help and version.
    ///
    /// In a query a word may start with `-`, which means not; options and queries may stand in any order. Of an option that is
    /// given twice the last one holds, so that an alias can be overridden.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        Line::new(arguments).read()
    }
}

/// Options that every command takes, before or behind its name.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Read this configuration file
    #[arg(long, global = true, env = "POPPET_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Keep mail and log in this folder
    #[arg(long, global = true, env = "POPPET_DATA_DIR", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// Print one JSON object a line, for programs
    #[arg(long, global = true)]
    pub json: bool,
    #[arg(help = "Colours: auto heeds the terminal and NO_COLOR")]
    /// When output is coloured.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Print nothing but errors, and octets that were asked for
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Write more into the log; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[value(help = "On a terminal, unless NO_COLOR is set")]
    #[default]
    Auto,
    /// In pipes and files as well
    Always,
    /// Not on a terminal either
    Never,
}

/// What poppet can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Try the reader on a sample mailbox: nothing to set up, nothing left behind
    #[command(
        after_help = "Examples:\n  poppet demo\n  poppet demo --messages 100000\n  poppet demo --latency 200   as over a slow line\n\nThe server listens on this computer only, and ends with the reader. Configuration, mail and keyring are not touched: --config and --data-dir mean nothing here."
    )]
    Demo(Demo),
    /// Set up, list, test or remove accounts
    #[command(subcommand)]
    Account(Account),
    /// Put a password into the keyring, or take it out
    #[command(subcommand)]
    Password(Password),
    /// Ask whether new mail has arrived; fetches nothing
    #[command(
        after_help = "New is what no sync has taken in yet.\n\nExit status: 0 there is new mail, 1 there is none.\n\nExample:\n  poppet check -q && notify-send 'You have mail'"
    )]
    Check {
        /// Accounts; all when none is named
        #[arg(value_name = "NAME", value_parser = account)]
        accounts: Vec<AccountId>,
    },
    /// Fetch what is new, as the accounts' rules say
    #[command(
        after_help = "Deletes on the server only what needs no question. See `poppet pending`.\n\nExamples:\n  poppet sync --dry-run\n  poppet sync home --headers"
    )]
    Sync(Sync),
    /// List messages, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Show a message as the reader does
    #[command(
        after_help = "A message that is not here is downloaded first.\n\nExamples:\n  poppet show 17\n  poppet show 17 --raw > mail.eml\n  poppet show 17 --part 2 > report.pdf\n\nOn a terminal, --raw and --part make harmless what could control it. In a pipe or file every octet is as it was."
    )]
    Show(Show),
    /// See the beginning of a message straight from the server, without downloading it
    #[command(
        after_help = "A message that is here in full comes from here.\n\nExample:\n  poppet peek 17 --lines 50"
    )]
    Peek {
        /// The number that `list` prints
        #[arg(value_parser = message)]
        id: MessageId,
        /// So many lines below the headers
        #[arg(long, value_name = "N", default_value_t = 20, allow_negative_numbers = true, value_parser = whole::<u32>)]
        lines: u32,
    },
    /// List a message's attachments, or save them
    #[command(
        after_help = "A message that is not here is downloaded first.\n\nExit status: 0 there are some, 1 there is none.\n\nExamples:\n  poppet attachments 17\n  poppet attachments 17 --save ~/Downloads\n  poppet attachments 17 --save . --part 2"
    )]
    Attachments(Attachments),
    /// Move messages to the Trash and stage their deletion on the server
    #[command(
        after_help = "Nothing leaves the server before `poppet apply`, unless the account has delete = \"quit\" or \"sync\". `poppet undelete` takes it back.\n\nExamples:\n  poppet delete 17 18\n  poppet delete --server 17   frees the server, keeps the copy here"
    )]
    Delete(Delete),
    /// Pin messages: they stay on the server whatever the rules say
    #[command(
        after_help = "What is staged, by a rule or by you, is taken back. A copy in the Trash here stays in the Trash.\n\nExamples:\n  poppet keep 17 18\n  poppet keep --off 17"
    )]
    Keep {
        /// Numbers that `list` prints
        #[arg(required = true, value_name = "ID", value_parser = message)]
        ids: Vec<MessageId>,
        /// Undo it
        #[arg(long)]
        off: bool,
    },
    /// Take a staged deletion back, or messages out of the Trash
    #[command(
        after_help = "What is gone from the server does not come back there; the copy here does.\n\nExample:\n  poppet undelete 17 18"
    )]
    Undelete {
        /// Numbers that `list` prints
        #[arg(required = true, value_name = "ID", value_parser = message)]
        ids: Vec<MessageId>,
    },
    /// Show what is staged for deletion on the server, and why
    #[command(
        after_help = "Whether there is a copy here is found out by reading it again.\n\nIn a pipe a line is: number, account, sender, subject, octets, who wants it (you or a rule), copy, and what went wrong last time, with tabs between them.\n\nExit status: 0 there is something staged, 1 nothing."
    )]
    Pending,
    /// Delete on the server what is staged
    #[command(
        after_help = "Asks first on a terminal; elsewhere it takes --yes. Messages without a copy here are deleted only with --without-copy and their exact number, and otherwise stay staged.\n\nExit status: 0 something was deleted, 1 nothing.\n\nExamples:\n  poppet apply\n  poppet apply home --yes\n  poppet apply --yes --without-copy 3"
    )]
    Apply(Apply),
    /// Show what lies on the server, and what the rules delete when
    #[command(after_help = TIDY_HELP)]
    Tidy {
        /// The account; all when none is named
        #[arg(value_parser = account)]
        name: Option<AccountId>,
    },
    /// Write messages to a Maildir, an mbox or .eml files
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
    /// Take over messages from a Maildir, an mbox or .eml files
    #[command(after_help = IMPORT_HELP)]
    Import(Import),
    /// Check configuration, store, keyring, terminal and servers
    #[command(
        after_help = "Every stored message is read again and compared with its digest. Each account's server is logged in to; nothing is downloaded and nothing is deleted.\n\nExit status: that of the first thing that failed; 6 when that was the server of some accounts and not of others. Warnings do not count."
    )]
    Doctor {
        /// Leave the servers alone
        #[arg(long)]
        offline: bool,
        /// Only build the search index anew from the stored messages; goes on where it was stopped
        #[arg(long)]
        reindex: bool,
    },
    /// Print completions for a shell
    #[command(
        after_help = "Example, for bash:\n  poppet completions bash > ~/.local/share/bash-completion/completions/poppet\n\nThe folder has to be there. Other shells look elsewhere: fish in ~/.config/fish/completions/poppet.fish, zsh in a file _poppet on its fpath."
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page, or write all of them
    #[command(
        after_help = "Examples:\n  poppet man | man -l -\n  poppet man --dir ~/.local/share/man/man1"
    )]
    Man {
        /// Write a page for each command into this folder
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        dir: Option<PathBuf>,
    },
}

/// `poppet demo`.
#[derive(Debug, Default, Args)]
pub struct Demo {
    /// A generated mailbox of so many messages, instead of the sample
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u32>)]
    pub messages: Option<u32>,
    /// What the generated mailbox is made from: the same seed, the same mail
    #[arg(long, value_name = "S", default_value_t = 0, requires = "messages", allow_negative_numbers = true, value_parser = whole::<u64>)]
    pub seed: u64,
    /// Every answer of the server takes so many milliseconds longer
    #[arg(long, value_name = "MS", default_value_t = 0, allow_negative_numbers = true, value_parser = whole::<u64>)]
    pub latency: u64,
    /// Run only the server: prints one line with its address, and runs until ended
    #[arg(long)]
    pub serve: bool,
}

/// `poppet sync`.
#[derive(Debug, Args)]
pub struct Sync {
    /// Accounts; all when none is named
    #[arg(value_name = "NAME", value_parser = account)]
    pub accounts: Vec<AccountId>,
    /// Fetch summaries only
    #[arg(long)]
    pub headers: bool,
    /// Say what would happen, and change nothing
    #[arg(long, conflicts_with = "headers")]
    pub dry_run: bool,
}

/// `poppet list`.
#[derive(Debug, Args)]
pub struct List {
    /// What to look for, as in the reader
    #[arg(value_name = "QUERY", value_parser = query_word)]
    pub query: Vec<String>,
    /// At most so many; all when left out
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = from_one::<usize>)]
    pub limit: Option<usize>,
    /// Of this account
    #[arg(long, value_name = "NAME", value_parser = account)]
    pub account: Option<AccountId>,
    /// Their order
    #[arg(long, value_enum, default_value_t, value_name = "ORDER")]
    pub sort: SortBy,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum SortBy {
    /// Newest first
    #[default]
    Date,
    /// Largest first
    Size,
    /// By sender
    From,
}

impl From<SortBy> for Sort {
    fn from(by: SortBy) -> Self {
        match by {
            SortBy::Date => Self::Date,
            SortBy::Size => Self::Size,
            SortBy::From => Self::From,
        }
    }
}

/// `poppet show`.
#[derive(Debug, Args)]
#[group(skip)]
pub struct Show {
    /// The number that `list` prints
    #[arg(value_parser = message)]
    pub id: MessageId,
    /// Its text (this is what you get without any of these)
    #[arg(long, group = "view")]
    pub text: bool,
    /// All of its header fields
    #[arg(long, group = "view")]
    pub headers: bool,
    /// Its HTML: as text on a terminal, as it was sent in a pipe or file
    #[arg(long, group = "view")]
    pub html: bool,
    /// Its octets, exactly as the server sent them
    #[arg(long, group = "view")]
    pub raw: bool,
    /// The decoded octets of this part; `attachments` prints the numbers
    #[arg(long, group = "view", value_name = "N", allow_negative_numbers = true, value_parser = from_one::<u32>)]
    pub part: Option<u32>,
}

/// `poppet attachments`.
#[derive(Debug, Args)]
pub struct Attachments {
    /// The number that `list` prints
    #[arg(value_parser = message)]
    pub id: MessageId,
    /// Save them into this folder, which is made if it is not there; nothing is overwritten
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub save: Option<PathBuf>,
    /// Only this part
    #[arg(long, value_name = "N", requires = "save", allow_negative_numbers = true, value_parser = from_one::<u32>)]
    pub part: Option<u32>,
}

/// `poppet delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// Numbers that `list` prints
    #[arg(required = true, value_name = "ID", value_parser = message)]
    pub ids: Vec<MessageId>,
    /// Only on the server: the copy here stays where it is
    #[arg(long, conflicts_with = "local")]
    pub server: bool,
    /// Only here: the copy on the server stays
    #[arg(long)]
    pub local: bool,
}

/// `poppet apply`.
#[derive(Debug, Args)]
pub struct Apply {
    /// Accounts; all when none is named
    #[arg(value_name = "NAME", value_parser = account)]
    pub accounts: Vec<AccountId>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// Also delete the N messages of which there is no copy here: they will be gone
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = whole::<u64>)]
    pub without_copy: Option<u64>,
}

#[cfg(test)]
#[path = "args_tests.rs"]
mod tests;

//! The commands about accounts and their passwords.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::help::ADD_EXAMPLES;
use super::values::{CommandLine, account, bodies, command_line, keep, size};
use crate::config::{Auth, Tls};
use crate::mail::{AccountId, BodyRule, Keep};

/// `poppet account`.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Set up an account: the wizard, or no questions with --email, --host and --user
    #[command(after_help = ADD_EXAMPLES)]
    Add(Box<Add>),
    /// List the accounts
    List,
    /// Connect and log in, and say step by step what works
    Test {
        /// The account; all when none is named
        #[arg(value_parser = account)]
        name: Option<AccountId>,
    },
    /// Take an account out of the configuration; its mail here and on the server stays
    Remove {
        /// The account
        #[arg(value_parser = account)]
        name: AccountId,
    },
}

/// `poppet account add`.
#[derive(Debug, Default, Args)]
pub struct Add {
    /// Your address
    #[arg(long, value_name = "ADDRESS", value_hint = ValueHint::EmailAddress)]
    pub email: Option<String>,
    /// The server's name
    #[arg(long, requires = "email", value_hint = ValueHint::Hostname)]
    pub host: Option<String>,
    /// The name to log in with; the address when left out
    #[arg(long, requires = "email", value_hint = ValueHint::Username)]
    pub user: Option<String>,
    /// What to call the account; made from the address when left out
    #[arg(long, requires = "email", value_name = "NAME", value_parser = account)]
    pub account: Option<AccountId>,
    /// Your name
    #[arg(long, requires = "email")]
    pub name: Option<String>,
    /// Its port: 995, or 110 with starttls
    #[arg(long, requires = "email", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// How the connection is encrypted: implicit, starttls or none
    #[arg(
        long,
        requires = "email",
        default_value = "implicit",
        hide_possible_values = true
    )]
    pub tls: Tls,
    /// Let the password go unencrypted; only with --tls none
    #[arg(long, requires = "email")]
    pub allow_cleartext: bool,
    /// How to log in: auto takes the strongest that the server offers
    #[arg(long, requires = "email", default_value = "auto")]
    pub auth: Auth,
    /// Read the password from standard input, one line, and put it into the keyring
    #[arg(long, requires = "email", group = "password")]
    pub password_stdin: bool,
    /// Ask for the password each time
    #[arg(long, requires = "email", group = "password")]
    pub ask: bool,
    /// Take the first line that this command prints as the password
    #[arg(long, requires = "email", group = "password", value_name = "COMMAND", value_parser = command_line)]
    pub password_command: Option<CommandLine>,
    /// What to download: all, none (peek only), or bodies up to a size such as "5 MB"
    #[arg(long, requires = "email", value_name = "WHICH", value_parser = bodies)]
    pub bodies: Option<BodyRule>,
    /// How long mail stays on the server: until-deleted, until-downloaded, "30 days", "newest 500" or "500 MB"
    #[arg(long, requires = "email", value_name = "RULE", value_parser = keep)]
    pub keep: Option<Keep>,
    /// The mailbox's size such as "2 GB", if you know it
    #[arg(long, requires = "email", value_name = "SIZE", value_parser = size)]
    pub quota: Option<u64>,
    /// Trust this authority or certificate as well
    #[arg(long, requires = "email", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_file: Option<PathBuf>,
    /// Do not connect first to see whether it works
    #[arg(long, requires = "email")]
    pub no_test: bool,
}

/// `poppet password`.
#[derive(Debug, Subcommand)]
pub enum Password {
    /// Put a password into the keyring: asks on the terminal, or reads one line from standard input
    #[command(
        after_help = "Examples:\n  poppet password set home\n  pass show mail/home | poppet password set home"
    )]
    Set {
        /// The account
        #[arg(value_parser = account)]
        name: AccountId,
    },
    /// Take a password out of the keyring
    Clear {
        /// The account
        #[arg(value_parser = account)]
        name: AccountId,
    },
}

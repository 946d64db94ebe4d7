//! The commands about accounts and their passwords.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::help::ADD_EXAMPLES;
use super::values::{CommandLine, account, bodies, command_line, keep, port, size};
use crate::config::{Auth, Tls};
use crate::mail::{AccountId, BodyRule, Keep};

/// `poppet account`.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Set up an account: the wizard, or without questions when --email and the rest are given
    #[command(after_help = ADD_EXAMPLES)]
    Add(Box<Add>),
    /// List the accounts
    List,
    /// Connect and log in, and say step by step what works; downloads and deletes nothing
    Test {
        /// The account; all when none is named
        #[arg(value_parser = account)]
        name: Option<AccountId>,
    },
    /// Take an account out of the configuration, and its password out of the keyring; its mail stays
    #[command(
        after_help = "Its mail stays here, where it can be listed and read, and on the server."
    )]
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
    /// The server's name; known for many providers, so it may be left out for them
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
    /// Its port; 995 when left out, or 110 with --tls starttls or none
    #[arg(long, requires = "email", allow_negative_numbers = true, value_parser = port)]
    pub port: Option<u16>,
    /// How the connection is encrypted: implicit, starttls or none
    #[arg(
        long,
        requires = "email",
        default_value = "implicit",
        hide_possible_values = true
    )]
    pub tls: Tls,
    /// Let the password go unencrypted, for --tls none; a server on this computer needs no such word
    #[arg(long, requires = "email")]
    pub allow_cleartext: bool,
    /// How to log in: auto (the strongest that the server offers), plain, login, cram-md5, scram-sha-256, apop, user-pass, xoauth2 or oauthbearer
    #[arg(long, requires = "email", default_value = "auto")]
    pub auth: Auth,
    /// Read the password from standard input, one line, and put it into the keyring
    #[arg(long, requires = "email", group = "password")]
    pub password_stdin: bool,
    /// Keep no password: ask for it each time
    #[arg(long, requires = "email", group = "password")]
    pub ask: bool,
    /// Take the first line that this command prints as the password
    #[arg(long, requires = "email", group = "password", value_name = "COMMAND", value_parser = command_line)]
    pub password_command: Option<CommandLine>,
    /// What to download: all, none (peek only), or what is no larger than a size such as "5 MB"; all when left out
    #[arg(long, requires = "email", value_name = "WHICH", value_parser = bodies)]
    pub bodies: Option<BodyRule>,
    /// How long mail stays on the server: until-deleted (when left out), until-downloaded, "30 days", "newest 500" or "500 MB"
    #[arg(long, requires = "email", value_name = "RULE", value_parser = keep)]
    pub keep: Option<Keep>,
    /// The mailbox's size such as "2 GB", if you know it
    #[arg(long, requires = "email", value_name = "SIZE", value_parser = size)]
    pub quota: Option<u64>,
    /// Trust the authority or certificate in this file as well
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
    #[command(after_help = "Exit status: 0 it is out, 1 there was none.")]
    Clear {
        /// The account
        #[arg(value_parser = account)]
        name: AccountId,
    },
}

//! The commands that take mail out of poppet and into it.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::values::{account, query_word};
use crate::mail::AccountId;

/// `poppet export`.
#[derive(Debug, Args)]
pub struct Export {
    /// Which messages, as in `list`; all when left out
    #[arg(value_name = "QUERY", value_parser = query_word)]
    pub query: Vec<String>,
    /// Where to.
    #[command(flatten)]
    pub target: Target,
}

/// Where an export goes: exactly one of these.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Target {
    /// Into this Maildir
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub maildir: Option<PathBuf>,
    /// Into this mbox file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub mbox: Option<PathBuf>,
    /// Into this folder, a file for each
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub eml: Option<PathBuf>,
}

/// `poppet import`.
#[derive(Debug, Args)]
pub struct Import {
    /// A Maildir, an mbox file, an .eml file, or a folder of .eml files
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub path: PathBuf,
    /// The account that the messages are to belong to
    #[arg(long, value_name = "NAME", value_parser = account)]
    pub account: AccountId,
}

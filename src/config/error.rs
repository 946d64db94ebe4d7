use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::excerpt::{Excerpt, visible};
use crate::mail::{Kind, Problem};

/// Why the configuration cannot be used, or not be changed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file says something that is not right.
    #[error(transparent)]
    Mistake(#[from] Box<Mistake>),
    /// The file cannot be read.
    #[error("{} cannot be read: {cause}", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The file is larger than any configuration.
    #[error("{} has more than {limit} octets: it is no configuration", .path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// How many octets are read at most.
        limit: u64,
    },
    /// The file cannot be written; it is as it was.
    #[error("{} cannot be written: {cause}", .path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
    /// An account of this name is there already.
    #[error("there is an account \"{0}\" already")]
    AccountExists(String),
    /// There is no account of this name.
    #[error("there is no account \"{name}\"")]
    NoAccount {
        /// The name that was asked for.
        name: String,
        /// The accounts that there are.
        others: Vec<String>,
    },
    /// A change would have made the file wrong; it is as it was.
    #[error("the change would be a mistake: {0}")]
    Refused(Box<Mistake>),
}

/// Something in the file that is not right, where it is, and what would be.
///
/// It quotes the line, but never what may be a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub path: PathBuf,
    /// The line: 1 for the first.
    pub line: usize,
    /// The character in the line: 1 for the first.
    pub column: usize,
    /// What is wrong, as one sentence without a full stop.
    pub what: String,
    /// What would be right.
    pub remedy: String,
    /// The line, and a caret below it.
    pub quoted: String,
}

impl Mistake {
    /// The mistake at `span`, in octets of `text`.
    pub(super) fn new(
        path: &Path,
        text: &str,
        span: std::ops::Range<usize>,
        what: &str,
        remedy: &str,
    ) -> Self {
        let excerpt = Excerpt::new(text, span);
        Self {
            path: path.to_owned(),
            line: excerpt.line,
            column: excerpt.column,
            what: visible(what),
            remedy: visible(remedy),
            quoted: excerpt.quoted,
        }
    }
}

impl std::error::Error for Mistake {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = visible(&self.path.to_string_lossy());
        writeln!(f, "{path}:{}:{}: {}", self.line, self.column, self.what)?;
        writeln!(f, "{}", self.quoted)?;
        f.write_str(&self.remedy)
    }
}

impl From<ConfigError> for Problem {
    /// A [`Kind::Config`] problem. `why` has several lines where it quotes the file.
    fn from(error: ConfigError) -> Self {
        let (what, why, remedy) = match &error {
            ConfigError::Mistake(mistake) => {
                let what = format!(
                    "{} has a mistake in line {}, column {}",
                    mistake.path.display(),
                    mistake.line,
                    mistake.column
                );
                let why = format!("{}\n{}", mistake.what, mistake.quoted);
                (what, why, mistake.remedy.clone())
            }
            ConfigError::Refused(mistake) => (
                "The configuration was not changed".to_owned(),
                format!("the change would be a mistake: {}", mistake.what),
                mistake.remedy.clone(),
            ),
            ConfigError::Read { path, cause } => (
                format!("{} cannot be read", path.display()),
                cause.to_string(),
                "Make the file readable, or name another with --config FILE.".to_owned(),
            ),
            ConfigError::TooLarge { path, limit } => (
                format!("{} is no configuration", path.display()),
                format!("it has more than {limit} octets"),
                "Name the right file with --config FILE.".to_owned(),
            ),
            ConfigError::Write { path, cause } => (
                format!("{} cannot be written", path.display()),
                cause.to_string(),
                "Make its folder writable, or name another file with --config FILE. Nothing was changed."
                    .to_owned(),
            ),
            ConfigError::AccountExists(name) => (
                format!("There is an account \"{name}\" already"),
                "the configuration names each account once".to_owned(),
                format!("Take another name, or remove it first: poppet account remove {name}"),
            ),
            ConfigError::NoAccount { name, others } => (
                format!("There is no account \"{name}\""),
                match others.as_slice() {
                    [] => "no account is set up yet".to_owned(),
                    others => format!("the accounts are: {}", others.join(", ")),
                },
                "Set one up with: poppet account add".to_owned(),
            ),
        };
        Self::new(
            Kind::Config,
            visible(&what),
            lines_visible(&why),
            visible(&remedy),
        )
    }
}

fn lines_visible(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

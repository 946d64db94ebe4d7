//! What single arguments may say.

use crate::config;
use crate::mail::{AccountId, BodyRule, Keep, MessageId};

/// The words of a command: a program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(pub Vec<String>);

/// A word such as `-draft` in the form in which clap takes it for no option; `None` for an option such as `--limit`, `-qv`.
pub(super) fn negated(text: &str) -> Option<String> {
    let word = text.strip_prefix('-')?;
    let option =
        word.is_empty() || word.starts_with('-') || word.chars().all(|c| "qvhV".contains(c));
    (!option).then(|| format!("{NOT}{word}"))
}

/// A whole number that fits into `T`.
pub(super) fn whole<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    within(text, 0)
}

/// A whole number from 1 that fits into `T`.
pub(super) fn from_one<T: TryFrom<u64>>(text: &str) -> Result<T, String> {
    within(text, 1)
}

fn within<T: TryFrom<u64>>(text: &str, least: u64) -> Result<T, String> {
    let number = text.parse().ok().filter(|number| *number >= least);
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| {
            let most = u64::MAX >> (64 - 8 * size_of::<T>());
            format!("it is a whole number from {least} to {most}")
        })
}

pub(super) fn port(text: &str) -> Result<u16, String> {
    from_one(text).map_err(|_| "a port is a number from 1 to 65535".to_owned())
}

pub(super) fn account(text: &str) -> Result<AccountId, String> {
    AccountId::new(text).map_err(|error| error.to_string())
}

pub(super) fn message(text: &str) -> Result<MessageId, String> {
    match text.parse() {
        Ok(number @ 1..) => Ok(MessageId(number)),
        _ => Err("it is the number that `poppet list` prints in front of a message".to_owned()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants a Result")]
pub(super) fn query_word(text: &str) -> Result<String, String> {
    Ok(match text.strip_prefix(NOT) {
        Some(word) => format!("-{word}"),
        None => text.to_owned(),
    })
}

pub(super) fn bodies(text: &str) -> Result<BodyRule, String> {
    match text {
        "all" => Ok(BodyRule::All),
        "none" => Ok(BodyRule::None),
        size => config::octets(size)
            .map(BodyRule::UpTo)
            .map_err(|_| "it may be all, none or a size such as \"5 MB\"".to_owned()),
    }
}

pub(super) fn keep(text: &str) -> Result<Keep, String> {
    let wrong = || {
        "it may be until-deleted, until-downloaded, \"30 days\", \"newest 500\" or \"500 MB\""
            .to_owned()
    };
    let above_zero = |number: &str| {
        number
            .trim()
            .parse()
            .ok()
            .filter(|number: &u32| *number > 0)
    };
    match text.trim() {
        "until-deleted" => Ok(Keep::UntilDeleted),
        "until-downloaded" => Ok(Keep::UntilDownloaded),
        text => {
            if let Some(count) = text.strip_prefix("newest") {
                return above_zero(count).map(Keep::Newest).ok_or_else(wrong);
            }
            if let Some(count) = text
                .strip_suffix("days")
                .or_else(|| text.strip_suffix("day"))
            {
                return above_zero(count).map(Keep::Days).ok_or_else(wrong);
            }
            match config::octets(text) {
                Ok(octets @ 1..) => Ok(Keep::Size(octets)),
                _ => Err(wrong()),
            }
        }
    }
}

pub(super) fn size(text: &str) -> Result<u64, String> {
    match config::octets(text) {
        Ok(octets @ 1..) => Ok(octets),
        Ok(0) => Err("it is zero".to_owned()),
        Err(error) => Err(format!("{error}: write it like \"2 GB\"")),
    }
}

/// Words between blanks; quotes of either kind keep a word together.
pub(super) fn command_line(text: &str) -> Result<CommandLine, String> {
    config::command_line(text).map(CommandLine)
}

/// Stands for the `-` of a negated word while clap looks for options. No shell passes it.
const NOT: char = '\0';

//! What is said of a command line that clap cannot read.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::{Global, Line};
use super::complaint::complain;
use crate::mail::{Kind, Problem};

/// Tells what clap found, and the exit status. Help and version go to standard output; wrong usage is told by clap, or as an
/// object where those are wanted.
pub fn usage(error: &clap::Error, line: &Line) -> u8 {
    if line.wants_json() && error.use_stderr() {
        let global = Global {
            json: true,
            ..Global::default()
        };
        complain(&global, None, &problem(error, line));
    } else {
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn problem(error: &clap::Error, line: &Line) -> Problem {
    let command = line.command();
    let name = command.get_bin_name().unwrap_or_default();
    let why = match error.kind() {
        // Then clap has nothing to say but the help.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let below: Vec<&str> = command
                .get_subcommands()
                .map(clap::Command::get_name)
                .collect();
            format!("`{name}` wants one of: {}", below.join(", "))
        }
        _ => on_one_line(&error.render().to_string()),
    };
    let help = format!("`{name} --help` explains it.");
    let remedy = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(values)) if !values.is_empty() => {
            format!("Take one of: {}. {help}", values.join(", "))
        }
        _ => help,
    };
    Problem::new(
        Kind::Config,
        "The command line cannot be understood",
        why,
        remedy,
    )
}

/// What clap prints above the usage: a sentence, and below it names, values or tips.
fn on_one_line(text: &str) -> String {
    let mut whole = String::new();
    let said = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty());
    for line in said {
        let between = match line {
            _ if whole.is_empty() => "",
            _ if whole.ends_with(':') || line.starts_with('[') => " ",
            _ if line.starts_with("tip:") => "; ",
            _ => ", ",
        };
        whole.push_str(between);
        whole.push_str(line.strip_prefix("error: ").unwrap_or(line));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;

    fn told(text: &str) -> Problem {
        let words: Vec<std::ffi::OsString> = std::iter::once("poppet")
            .chain(text.split_whitespace())
            .map(Into::into)
            .collect();
        let error = Cli::read(words.clone()).unwrap_err();
        problem(&error, &Line::new(words))
    }

    #[test]
    fn everything_that_is_missing_is_named() {
        let missing = told("import");
        assert_eq!(
            missing.why,
            "the following required arguments were not provided: --account <NAME>, <PATH>"
        );
        assert_eq!(missing.remedy, "`poppet import --help` explains it.");
        assert_eq!(
            told("account").why,
            "`poppet account` wants one of: add, list, test, remove"
        );
    }

    #[test]
    fn possible_values_and_tips_are_kept() {
        let value = told("list --sort sze");
        assert!(
            value
                .why
                .contains("[possible values: date, size, from]; tip:"),
            "{}",
            value.why
        );
        assert_eq!(
            value.remedy,
            "Take one of: date, size, from. `poppet list --help` explains it."
        );
        assert!(told("list --limt 5").why.contains("'--limit'"));
    }
}

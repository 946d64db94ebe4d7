//! The words of a command line, as far as they have to be known before clap reads them or when it cannot.

use std::ffi::{OsStr, OsString};

use clap::builder::Resettable;
use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, ValueEnum as _};

use super::{Cli, Color, values};

/// A command line, the program's name first.
#[derive(Debug)]
pub struct Line(Vec<OsString>);

/// What a word of the line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Option,
    /// Belongs to the option before it.
    Value,
    /// Stands for itself: a command's name, or what the command is about.
    Word,
}

impl Line {
    /// These words.
    pub fn new(words: impl IntoIterator<Item = OsString>) -> Self {
        Self(words.into_iter().collect())
    }

    /// Whether it asks for objects, also where the rest of it is wrong.
    pub fn wants_json(&self) -> bool {
        self.roles()
            .any(|(_, text, role)| role == Role::Option && text == "--json")
    }

    /// The colours that it asks for, also where the rest of it is wrong.
    pub fn color(&self) -> Color {
        let mut asked = Color::default();
        let mut before = "";
        for (_, text, role) in self.roles() {
            let named = match role {
                Role::Option => text.strip_prefix("--color="),
                Role::Value if before == "--color" => Some(text),
                _ => None,
            };
            if let Some(named) = named.and_then(|named| Color::from_str(named, false).ok()) {
                asked = named;
            }
            before = text;
        }
        asked
    }

    /// The command that it names, as far as there is one: `poppet account add`.
    pub fn command(&self) -> clap::Command {
        let mut command = Cli::command().bin_name("poppet");
        for (_, text, role) in self.roles() {
            if role != Role::Word {
                continue;
            }
            let Some(below) = command.find_subcommand(text) else {
                break;
            };
            let name = format!("{} {text}", command.get_bin_name().unwrap_or_default());
            command = below.clone().bin_name(name);
        }
        command
    }

    pub(super) fn read(self) -> Result<Cli, clap::Error> {
        let color = match self.color() {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        let mut command = Cli::command().color(color);
        for (id, name) in FROM_ENVIRONMENT {
            // Empty is how a shell's user takes a variable back for one run.
            if std::env::var_os(name).is_some_and(|value| value.is_empty()) {
                command = command.mut_arg(id, |arg| arg.env(Resettable::Reset));
            }
        }
        let mut matches = command.try_get_matches_from_mut(self.for_clap())?;
        Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }

    /// The words in the form in which clap takes the word `-draft` of a query for no option.
    fn for_clap(&self) -> Vec<OsString> {
        let mut in_query = None;
        let mut options = true;
        let rest = self.roles().map(|(word, text, role)| {
            options &= text != "--" || role != Role::Option;
            if role == Role::Word && in_query.is_none() {
                in_query = Some(matches!(text, "list" | "export"));
            }
            let negated = match role {
                Role::Option if options && in_query == Some(true) => values::negated(text),
                _ => None,
            };
            negated.map_or_else(|| word.to_owned(), OsString::from)
        });
        self.0.iter().take(1).cloned().chain(rest).collect()
    }

    fn roles(&self) -> impl Iterator<Item = (&OsStr, &str, Role)> {
        let mut wants_value = false;
        let mut options = true;
        self.0.iter().skip(1).map(move |word| {
            let text = word.to_str().unwrap_or_default();
            let role = if std::mem::take(&mut wants_value) {
                Role::Value
            } else if options && begins_with_a_dash(word) {
                options = text != "--";
                wants_value = VALUED.contains(&text);
                Role::Option
            } else {
                Role::Word
            };
            (word.as_os_str(), text, role)
        })
    }
}

/// Also of a word that is no UTF-8.
fn begins_with_a_dash(word: &OsStr) -> bool {
    matches!(word.as_encoded_bytes(), [b'-', _, ..])
}

const FROM_ENVIRONMENT: [(&str, &str); 2] =
    [("config", "POPPET_CONFIG"), ("data_dir", "POPPET_DATA_DIR")];

/// The options with a value that may stand before a command's name or between the words of a query.
const VALUED: [&str; 9] = [
    "--config",
    "--data-dir",
    "--color",
    "--limit",
    "--account",
    "--sort",
    "--maildir",
    "--mbox",
    "--eml",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line::new(
            std::iter::once("poppet")
                .chain(text.split_whitespace())
                .map(Into::into),
        )
    }

    #[test]
    fn every_option_with_a_value_that_may_stand_in_a_query_is_known() {
        let cli = Cli::command();
        let queries = ["list", "export"].map(|name| cli.find_subcommand(name).unwrap());
        for command in std::iter::once(&cli).chain(queries) {
            for option in command.get_arguments() {
                let Some(long) = option.get_long() else {
                    continue;
                };
                let valued = VALUED.contains(&format!("--{long}").as_str());
                assert_eq!(option.get_action().takes_values(), valued, "{long}");
            }
        }
    }

    #[test]
    fn colours_and_objects_are_found_wherever_they_are_asked_for() {
        for text in [
            "--color never lst",
            "show --color=never",
            "--color always x --color never",
        ] {
            assert_eq!(line(text).color(), Color::Never, "{text}");
        }
        for text in [
            "list -- --color never",
            "--config --color never",
            "--color blue",
        ] {
            assert_eq!(line(text).color(), Color::Auto, "{text}");
        }
        assert!(line("lst --json").wants_json() && !line("list -- --json").wants_json());
    }

    #[test]
    fn the_command_is_found_among_the_options() {
        for (text, name) in [
            ("", "poppet"),
            ("lst", "poppet"),
            ("--config list show --x", "poppet show"),
            ("account add --emial x", "poppet account add"),
            ("list export", "poppet list"),
        ] {
            assert_eq!(line(text).command().get_bin_name(), Some(name), "{text}");
        }
    }
}

//! Problems on standard error: what happened, why, and what to do.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use super::args::Global;
use super::output::{Paint, painted, terminal_columns, wants_color};
use crate::mail::{AccountId, Kind, Problem, safe, text};

/// Tells a problem on standard error: three aligned lines, or an object.
///
/// Nothing that it says can move the cursor; that nobody reads it is no further problem.
pub fn complain(global: &Global, account: Option<&AccountId>, problem: &Problem) {
    let mut stderr = io::stderr().lock();
    let terminal = stderr.is_terminal();
    let told = if global.json {
        let object = Complaint {
            error: Wrong {
                account: account.map(AccountId::as_str),
                ..Wrong::from(problem)
            },
        };
        serde_json::to_string(&object).unwrap_or_default() + "\n"
    } else {
        let columns = if terminal {
            terminal_columns()
        } else {
            usize::MAX
        };
        lines(
            account,
            problem,
            columns,
            wants_color(global.color, terminal),
        )
    };
    let _ = stderr.write_all(told.as_bytes());
}

/// A remark on standard error for people, such as what was left out.
pub(super) fn mention(global: &Global, remark: &str) {
    if global.json || global.quiet {
        return;
    }
    let _ = writeln!(io::stderr().lock(), "{remark}");
}

/// A problem as an object.
#[derive(Debug, Serialize)]
pub(super) struct Wrong<'a> {
    what: &'a str,
    why: &'a str,
    remedy: &'a str,
    kind: Kind,
    /// Where it is an account's, and stands beside those of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
}

impl<'a> From<&'a Problem> for Wrong<'a> {
    fn from(problem: &'a Problem) -> Self {
        Self {
            what: &problem.what,
            why: &problem.why,
            remedy: &problem.remedy,
            kind: problem.kind,
            account: None,
        }
    }
}

#[derive(Serialize)]
struct Complaint<'a> {
    error: Wrong<'a>,
}

fn lines(account: Option<&AccountId>, problem: &Problem, columns: usize, color: bool) -> String {
    let what = match account {
        // Where the sentence names the account, once is enough.
        Some(account) if !problem.what.contains(account.as_str()) => {
            format!("{account}: {}", problem.what)
        }
        _ => problem.what.clone(),
    };
    let mut told = String::new();
    for (label, paint, words) in [
        ("error: ", Paint::Red, what.as_str()),
        ("  why: ", Paint::Dim, &problem.why),
        ("   do: ", Paint::Dim, &problem.remedy),
    ] {
        let words = safe::text(words);
        let mut label = painted(color, paint, label);
        for line in words.lines() {
            // What is quoted with a caret under it must keep its columns.
            let pieces = if line.starts_with(' ') || words.contains('^') {
                vec![line]
            } else {
                text::wrap(line, columns.saturating_sub(LABEL).max(20))
            };
            for piece in pieces {
                told.push_str(&label);
                told.push_str(piece);
                told.push('\n');
                label = "       ".into();
            }
        }
    }
    told
}

/// Columns of `error: `.
const LABEL: usize = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_three_aligned_lines() {
        let problem = Problem::new(
            Kind::Login,
            "The login was refused",
            "the server said: no\x1b[2J",
            "Look at the password.",
        );
        let home = AccountId::new("home").unwrap();
        assert_eq!(
            lines(Some(&home), &problem, 80, false),
            "error: home: The login was refused\n  why: the server said: no\u{fffd}[2J\n   do: Look at the password.\n"
        );
    }

    #[test]
    fn long_words_are_wrapped_behind_their_label() {
        let problem = Problem::new(
            Kind::Login,
            "What",
            "one two three four five six seven",
            "Do",
        );
        assert_eq!(
            lines(None, &problem, 27, false),
            "error: What\n  why: one two three four\n       five six seven\n   do: Do\n"
        );
    }
}

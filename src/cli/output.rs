//! Standard output: what is printed, in which colours, and what becomes of it when nobody reads on.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

use super::args::{Color, Global};
use super::stop::Stop;
use crate::mail::{Kind, Problem, text};

/// Where a command prints to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// Objects are wanted, not text.
    pub(super) json: bool,
    /// It is a terminal.
    pub(super) terminal: bool,
    /// Nothing is wanted.
    quiet: bool,
    color: bool,
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    Plain,
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Output {
    pub(super) fn new(global: &Global) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            json: global.json,
            terminal,
            quiet: global.quiet,
            color: !global.json && wants_color(global.color, terminal),
        }
    }

    /// Text with its line ends; nothing when the person wants nothing printed.
    pub(super) fn text(self, text: &str) -> Result<(), Stop> {
        if self.quiet {
            return Ok(());
        }
        octets(text.as_bytes())
    }

    /// A line of text.
    pub(super) fn line(self, line: &str) -> Result<(), Stop> {
        self.text(&format!("{line}\n"))
    }

    /// A line for people; programs that want objects do not get it.
    pub(super) fn remark(self, line: &str) -> Result<(), Stop> {
        if self.json { Ok(()) } else { self.line(line) }
    }

    /// An object on a line.
    pub(super) fn object(self, object: &impl Serialize) -> Result<(), Stop> {
        self.text(&as_line(object)?)
    }

    /// Text in a colour, where colours are wanted.
    pub(super) fn paint(self, paint: Paint, text: &str) -> Cow<'_, str> {
        painted(self.color, paint, text)
    }

    /// A sentence on lines of its own behind so many columns, cut between words on a terminal; the first line begins with `head`,
    /// which takes these columns.
    pub(super) fn hanging(
        self,
        head: &str,
        columns: usize,
        paint: Option<Paint>,
        sentence: &str,
    ) -> Result<(), Stop> {
        let room = if self.terminal {
            terminal_columns().saturating_sub(columns).max(20)
        } else {
            usize::MAX
        };
        for (n, line) in text::wrap(sentence, room).into_iter().enumerate() {
            let line = paint.map_or(Cow::Borrowed(line), |paint| self.paint(paint, line));
            if n == 0 {
                self.line(&format!("{head}{line}"))?;
            } else {
                self.line(&format!("{:columns$}{line}", ""))?;
            }
        }
        Ok(())
    }

    /// Columns that text is wrapped for.
    pub(super) fn columns(self) -> usize {
        if self.terminal {
            terminal_columns()
        } else {
            PIPE
        }
    }
}

/// An object and a line end.
pub(super) fn as_line(object: &impl Serialize) -> Result<String, Stop> {
    serde_json::to_string(object)
        .map(|line| line + "\n")
        .map_err(|error| output_failed(&error.to_string()).into())
}

/// Octets to standard output as they are.
pub(super) fn octets(octets: &[u8]) -> Result<(), Stop> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(octets)
        .and_then(|()| stdout.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Stop::Pipe,
            _ => Stop::Problem(output_failed(&error.to_string())),
        })
}

/// Whether colours are wanted on a stream.
pub(super) fn wants_color(color: Color, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            terminal
                && !set("NO_COLOR")
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

pub(super) fn painted(color: bool, paint: Paint, text: &str) -> Cow<'_, str> {
    let code = match paint {
        Paint::Bold => "1",
        Paint::Dim => "2",
        Paint::Red => "31",
        Paint::Green => "32",
        Paint::Yellow => "33",
        Paint::Cyan => "36",
        Paint::Plain => return Cow::Borrowed(text),
    };
    if !color || text.is_empty() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("\x1b[{code}m{text}\x1b[0m"))
}

/// Columns of the terminal.
pub(super) fn terminal_columns() -> usize {
    // A terminal that does not know its size says 0.
    match crossterm::terminal::size() {
        Ok((columns @ 1.., _)) => usize::from(columns.max(20)),
        _ => PIPE,
    }
}

/// Whether the locale says that characters other than ASCII can be shown.
pub(super) fn is_unicode() -> bool {
    let value = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .find(|value| !value.is_empty());
    if cfg!(any(windows, target_os = "macos")) && value.is_none() {
        return true;
    }
    value.is_some_and(|value| {
        let value = value.to_string_lossy().to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

fn output_failed(why: &str) -> Problem {
    Problem::new(
        Kind::Store,
        "The output could not be written",
        why,
        "If it goes to a file, look whether its disk has room.",
    )
}

/// What a pipe is taken for.
const PIPE: usize = 80;

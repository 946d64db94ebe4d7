//! How far long work is, on one line of a terminal; nothing in a pipe.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::args::Global;
use super::words::size;
use crate::bridge::{Board, Phase, Progress};
use crate::mail::text;

/// A line that is written over and over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meter {
    shown: bool,
}

impl Meter {
    /// Shown only to people: on a terminal, unless they want objects or nothing.
    pub(super) fn new(global: &Global) -> Self {
        let wanted = !global.json && !global.quiet;
        Self {
            shown: wanted && io::stderr().is_terminal(),
        }
    }

    /// Shows a line in place of the last one.
    pub(super) fn show(self, line: &str) {
        if self.shown {
            let line = text::truncate(line, super::output::terminal_columns().saturating_sub(1));
            let _ = write!(io::stderr().lock(), "\r\x1b[K{line}");
        }
    }

    /// Takes the line away, so that something else can be printed.
    pub(super) fn clear(self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }

    /// Shows how far the engine is, until the watch is dropped.
    pub(super) fn watch(self, mut board: watch::Receiver<Board>) -> Watch {
        if !self.shown {
            return Watch {
                meter: self,
                task: None,
            };
        }
        let task = tokio::spawn(async move {
            while board.changed().await.is_ok() {
                let line: Vec<String> = board.borrow_and_update().iter().map(words).collect();
                if !line.is_empty() {
                    self.show(&line.join(" · "));
                }
                tokio::time::sleep(PACE).await;
            }
        });
        Watch {
            meter: self,
            task: Some(task),
        }
    }
}

/// Keeps the line going.
#[derive(Debug)]
pub(super) struct Watch {
    meter: Meter,
    task: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            self.meter.clear();
        }
    }
}

fn words(progress: &Progress) -> String {
    let account = &progress.account;
    let (done, total) = (progress.done, progress.total);
    match progress.phase {
        Phase::Idle | Phase::Lingering => String::new(),
        Phase::Connecting => format!("{account}: connecting"),
        Phase::Listing => format!("{account}: listing"),
        Phase::Summaries => format!("{account}: summaries {done}/{total}"),
        Phase::Deleting => format!("{account}: deleting {done}/{total}"),
        Phase::Bodies => {
            let (here, all) = (size(progress.octets), size(progress.octets_total));
            let seconds = progress.elapsed.as_secs_f64();
            let rate = if seconds >= 1.0 {
                format!(", {}/s", size((progress.octets as f64 / seconds) as u64))
            } else {
                String::new()
            };
            format!("{account}: messages {done}/{total}, {here} of {all}{rate}")
        }
    }
}

/// Between two lines: fast enough to look alive, slow enough to read.
const PACE: Duration = Duration::from_millis(100);

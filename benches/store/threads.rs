//! How long threads have had a core, as Linux counts it. Elsewhere it is nothing.

use std::fs;
use std::time::Duration;

/// Time that threads of this process have worked.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    /// The store's writers.
    pub(crate) writer: Duration,
    /// Octets that the process has written.
    pub(crate) written: u64,
}

impl Spent {
    pub(crate) fn now() -> Self {
        let tasks = fs::read_dir("/proc/self/task").into_iter().flatten();
        let writer = tasks
            .flatten()
            .map(|task| task.path())
            .filter(|task| {
                fs::read_to_string(task.join("comm"))
                    .is_ok_and(|name| name.trim() == "store-writer")
            })
            .map(|task| worked(&task.join("schedstat").to_string_lossy()))
            .sum();
        let io = fs::read_to_string("/proc/self/io").unwrap_or_default();
        let written = io.lines().find_map(|line| line.strip_prefix("wchar: "));
        Self {
            writer,
            written: written
                .and_then(|count| count.parse().ok())
                .unwrap_or_default(),
        }
    }

    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            writer: self.writer.saturating_sub(before.writer),
            written: self.written.saturating_sub(before.written),
        }
    }
}

/// What this thread has worked.
pub(crate) fn mine() -> Duration {
    worked("/proc/thread-self/schedstat")
}

/// The first field of `schedstat`, in nanoseconds.
fn worked(path: &str) -> Duration {
    // What a thread has worked is counted up when it gives its core away.
    std::thread::yield_now();
    let text = fs::read_to_string(path).unwrap_or_default();
    let first = text.split_whitespace().next();
    Duration::from_nanos(
        first
            .and_then(|field| field.parse().ok())
            .unwrap_or_default(),
    )
}

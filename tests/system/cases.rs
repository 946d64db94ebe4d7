//! Cases by the thousand, on all cores.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::oracle::Verdict;
use crate::support::score::score;

/// What came of some cases.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) total: usize,
    slowest: Duration,
    failures: Vec<String>,
}

impl Tally {
    /// Counts one more.
    pub(crate) fn add(&mut self, name: &str, verdict: Verdict, took: Duration) {
        self.total += 1;
        self.slowest = self.slowest.max(took);
        match verdict {
            Ok(()) => self.passed += 1,
            Err(why) => self.failures.push(format!("{name}: {why}")),
        }
    }

    /// Puts the other's cases to these.
    pub(crate) fn join(&mut self, other: Self) {
        self.passed += other.passed;
        self.total += other.total;
        self.slowest = self.slowest.max(other.slowest);
        self.failures.extend(other.failures);
    }

    /// Says how many held, and which did not.
    pub(crate) fn say(self, figure: &str) {
        for failure in self.failures.iter().take(20) {
            println!("{figure}: {failure}");
        }
        let slowest = format!("slowest {:.2} s", self.slowest.as_secs_f64());
        score(figure, self.passed, self.total, &slowest);
    }
}

/// Tries every case; two at a time. `name` says which it is, should it fail.
pub(crate) fn each<C: Sync>(
    cases: &[C],
    name: impl Fn(&C) -> String + Sync,
    case: impl Fn(&C) -> Verdict + Sync,
) -> Tally {
    let tally = Mutex::new(Tally::default());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(which) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = Instant::now();
                    let verdict = catch_unwind(AssertUnwindSafe(|| case(which)))
                        .unwrap_or_else(|_| Err("the case itself broke".to_owned()));
                    let took = begun.elapsed();
                    tally.lock().unwrap().add(&name(which), verdict, took);
                }
            });
        }
    });
    tally.into_inner().unwrap()
}

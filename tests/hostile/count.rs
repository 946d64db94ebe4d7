//! Counting cases: several at a time, and what was wrong with those that failed.

use std::future::Future;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::session::Outcome;
use crate::support::score::score;

/// Runs these cases, some at a time, since most of their time they wait, and says how many held.
pub(crate) async fn count<C, F>(
    figure: &str,
    cases: impl IntoIterator<Item = C>,
    run: impl Fn(C) -> F,
) where
    F: Future<Output = (String, Outcome)> + Send + 'static,
{
    let mut cases = cases.into_iter();
    let mut running = JoinSet::new();
    let (mut total, mut passed, mut slowest) = (0, 0, (Duration::ZERO, String::new()));
    loop {
        while running.len() < AT_A_TIME
            && let Some(case) = cases.next()
        {
            running.spawn(run(case));
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let (name, outcome) = done.expect("a case that ends");
        total += 1;
        if outcome.wrongs.is_empty() {
            passed += 1;
        } else {
            println!("{figure}: {name}: {:?}", outcome.wrongs);
        }
        if outcome.took > slowest.0 {
            slowest = (outcome.took, name);
        }
    }
    let worst = format!("slowest {:.2} s ({})", slowest.0.as_secs_f64(), slowest.1);
    score(figure, passed, total, &worst);
}

const AT_A_TIME: usize = 24;

//! Work that breaks is an error like others, so that its task lives on and whoever waits for it is told.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

use super::error::Error;
use crate::mail::{Kind, Problem};

/// What the work gives; [`Error::Told`] if it panicked, which no input should bring about. What it had begun is dropped where
/// it stood: a connection is closed without QUIT, and a batch that was open is not in the store.
pub(super) async fn unbroken<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    let mut work = pin!(work);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(Error::Told(broken()))))
    })
    .await
}

fn broken() -> Problem {
    Problem::new(
        Kind::Protocol,
        "Work on this account broke off",
        "A fault in poppet; its log says where.",
        "Try it again, and please report it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_panics_ends_as_a_problem_and_what_it_held_is_let_go() {
        let held = std::sync::Arc::new(());
        let inside = std::sync::Arc::clone(&held);
        let work = async move {
            tokio::task::yield_now().await;
            assert_eq!(std::sync::Arc::strong_count(&inside), 1, "on purpose");
            Ok(())
        };
        let Err(Error::Told(problem)) = unbroken(work).await else {
            panic!("it was lost")
        };
        assert_eq!(problem.what, "Work on this account broke off");
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
        assert!(matches!(unbroken(async { Ok(7) }).await, Ok(7)));
    }
}

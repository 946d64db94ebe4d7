//! Counted tests: a figure of the scoreboard in `docs/RELIABILITY.md`.

/// Says how many cases of a figure held, and the worst that was seen (a time, a size, or `-`), and fails unless all did.
///
/// The line begins with `SCORE`, so that the scoreboard can be put together from what the tests print.
pub(crate) fn score(figure: &str, passed: usize, total: usize, worst: &str) {
    println!("SCORE {figure} | {passed} of {total} | {worst}");
    assert!(total > 0, "{figure}: nothing was tried");
    assert_eq!(passed, total, "{figure}");
}

/// Which cases a run takes: every one with `POPPET_COMPLETE=1`, otherwise every `share`-th.
pub(crate) fn stride(share: usize) -> usize {
    if std::env::var_os("POPPET_COMPLETE").is_some() {
        1
    } else {
        share
    }
}

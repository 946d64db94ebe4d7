//! What wakes a reader that nobody uses. Linux only.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::figure::{Figure, Of};
use crate::home::{Home, list_height, mailbox, message_rows};
use crate::process;
use crate::server::Running;
use crate::terminal::Terminal;

/// Everything is fetched, the session is over, and the next check is a quarter of an hour away.
pub(crate) fn measure(messages: u32, watched: Duration, verbose: bool) -> Vec<Figure> {
    let server = Running::plain(mailbox(messages));
    let home = Home::new(server.address().port(), None);
    let reader = Terminal::open(home.reader(), SIZE, |screen, _| {
        message_rows(screen) == list_height(SIZE)
    });
    reader.met(PATIENCE).expect("a full list");
    let mut pager = home.bare("less");
    pager.arg(home.config());
    let pager = Terminal::open(pager, SIZE, |screen, _| {
        screen.contents().contains("[accounts.home]")
    });
    let pager = pager.met(PATIENCE).map(|_| pager);
    wait_until_quiet(reader.pid());

    let before = process::wakings(reader.pid());
    let pager_before = pager.as_ref().map(|pager| process::wakings(pager.pid()));
    std::thread::sleep(watched);
    let after = process::wakings(reader.pid());
    let pager_woken = pager.as_ref().zip(pager_before).map(|(pager, before)| {
        let after = process::wakings(pager.pid());
        times_more(&before, &after)
    });
    if verbose {
        for (thread, count) in &after {
            let before = before.get(thread).copied().unwrap_or_default();
            eprintln!("  {:4} times {thread}", count.saturating_sub(before));
        }
    }
    // What the minute takes, and nothing else, for each minute that begins.
    let minutes = watched.as_secs_f64() / 60.0;
    let allowed = A_MINUTE * minutes.ceil();
    let figures = [
        Figure::new(
            "idle",
            "times that its threads were woken",
            "",
            vec![times_more(&before, &after)],
        )
        .at_most(Of::Max, allowed),
        Figure::new(
            "idle/less",
            "baseline: less on a file",
            "",
            pager_woken.into_iter().collect(),
        ),
    ];
    figures.into()
}

/// How often the threads that are still there were woken since. One that has come since counts from its start.
fn times_more(before: &BTreeMap<String, u32>, after: &BTreeMap<String, u32>) -> f64 {
    let more = |(thread, count): (&String, &u32)| {
        count.saturating_sub(before.get(thread).copied().unwrap_or_default())
    };
    after.iter().map(more).map(f64::from).sum()
}

/// Waits until nothing has woken it for some seconds.
fn wait_until_quiet(pid: u32) {
    let end = Instant::now() + PATIENCE;
    let mut before = process::wakings(pid);
    while Instant::now() < end {
        std::thread::sleep(QUIET);
        let now = process::wakings(pid);
        if now == before {
            return;
        }
        before = now;
    }
}

const SIZE: (u16, u16) = (80, 24);
const PATIENCE: Duration = Duration::from_mins(1);
const QUIET: Duration = Duration::from_secs(3);
/// The clock's minute: the thread that keeps the time is woken as its timer gets nearer, and the loop once.
const A_MINUTE: f64 = 16.0;

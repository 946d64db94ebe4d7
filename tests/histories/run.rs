//! Many histories at once.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::history::{Told, play};
use crate::score::{score, stride};

/// Steps of the complete run.
const STEPS: u64 = 1_000_000;

#[test]
fn random_histories_of_several_clients_lose_nothing_and_delete_nothing_wrong() {
    if let Some(one) = std::env::var_os("POPPET_HISTORY") {
        return tell(&one.to_string_lossy());
    }
    let share = stride(SHARE) as u64;
    let wanted = steps().unwrap_or(STEPS / share);
    let begun = Instant::now();
    let (steps, deleted, next) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(1));
    let violated = Mutex::new(VecDeque::new());
    let threads = std::thread::available_parallelism()
        .map_or(2, usize::from)
        .min(4);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let work = async || loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if steps.load(Ordering::Relaxed) >= wanted
                        || violated.lock().unwrap().len() >= MOST_VIOLATIONS
                    {
                        return;
                    }
                    let told = play(seed, usize::MAX, &[], false).await;
                    steps.fetch_add(told.steps, Ordering::Relaxed);
                    deleted.fetch_add(told.deleted, Ordering::Relaxed);
                    if let Some((turn, what)) = told.violated {
                        println!("seed {seed}, turn {turn}: {what}");
                        violated.lock().unwrap().push_back(seed);
                    }
                };
                runtime().block_on(async {
                    // Several at once: one waits for its disk or its retry while others go on.
                    tokio::join!(work(), work(), work(), work());
                });
            });
        }
    });
    let violated: Vec<u64> = violated.into_inner().unwrap().into();
    let (steps, deleted) = (steps.into_inner(), deleted.into_inner());
    let took = begun.elapsed().as_secs_f64();
    let histories = next.into_inner() - 1;
    println!(
        "{steps} steps of {histories} histories, {deleted} DELEs, in {took:.0} s: {:.0} a second",
        steps as f64 / took
    );
    for seed in violated.iter().take(3) {
        shrink(*seed);
    }
    let passed = if violated.is_empty() { steps } else { 0 };
    score(
        &format!("random histories, steps ({deleted} DELEs, wrong ones 0)"),
        passed as usize,
        steps as usize,
        "-",
    );
}

/// `POPPET_HISTORIES=STEPS` runs so many.
fn steps() -> Option<u64> {
    std::env::var("POPPET_HISTORIES").ok()?.parse().ok()
}

/// Tells a history, as long as it is wanted.
fn tell(which: &str) {
    let (seed, most) = which.split_once(':').unwrap_or((which, ""));
    let seed = seed.parse().expect("POPPET_HISTORY=SEED[:TURNS]");
    let most = most.parse().unwrap_or(usize::MAX);
    let told = runtime().block_on(play(seed, most, &[], true));
    println!("{}", told.lines.join("\n"));
    assert_eq!(told.violated, None, "seed {seed}");
}

/// Leaves out what is not needed for a violation, and tells what is left.
fn shrink(seed: u64) {
    let runtime = runtime();
    let run =
        |left_out: &[usize], most| -> Told { runtime.block_on(play(seed, most, left_out, true)) };
    let first = run(&[], usize::MAX);
    let Some((last, _)) = first.violated else {
        println!("seed {seed}: not again");
        return;
    };
    let mut left_out: Vec<usize> = Vec::new();
    let mut shortest = first;
    for turn in (0..last).rev() {
        left_out.push(turn);
        let told = run(&left_out, last + 1);
        if told.violated.is_some() {
            shortest = told;
        } else {
            left_out.pop();
        }
    }
    println!(
        "seed {seed}, what is needed:\n{}",
        shortest.lines.join("\n")
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

const MOST_VIOLATIONS: usize = 8;
/// What fits into a minute.
const SHARE: usize = 10;

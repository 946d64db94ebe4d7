//! Messages made to exhaust a reader: each is summarised and rendered in a process of its own, whose time and memory are
//! measured.
//!
//! In a release build (`cargo test --release --test attacks v21`) every message has its full size and the limits are those of `docs/RELIABILITY.md`; in a debug
//! build, which is many times slower, the messages are a fraction of it and the time is generous.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use poppet::mail::{Local, MessageId, View};
use poppet::mime::{self, RenderOptions};

use crate::bombs::{BOMBS, Bomb};
use crate::support::real::skip;
use crate::support::score::{score, stride};

/// What it took to read one message.
#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    extract: Duration,
    render: Duration,
    memory: u64,
}

#[test]
fn v21_to_v26_every_hostile_message_is_read_within_a_second_and_200_megabytes() {
    if !cfg!(target_os = "linux") {
        return skip("/proc", "time and memory of a process are read there");
    }
    let mut passed = 0;
    let mut worst = Taken::default();
    let mut slowest = "";
    let mut largest = "";
    let taken: Vec<&Bomb> = BOMBS.iter().step_by(stride(SHARE)).collect();
    for bomb in &taken {
        let Some(cost) = cost_of(bomb.name) else {
            println!("{}: it did not end well", bomb.name);
            continue;
        };
        let time = cost.extract.max(cost.render);
        println!(
            "{:<44} extract {:>6.3} s  render {:>6.3} s  {:>4} MB",
            bomb.name,
            cost.extract.as_secs_f64(),
            cost.render.as_secs_f64(),
            cost.memory >> 20
        );
        passed += usize::from(time <= LONGEST && cost.memory <= LARGEST);
        if time > worst.extract {
            (worst.extract, slowest) = (time, bomb.name);
        }
        if cost.memory > worst.memory {
            (worst.memory, largest) = (cost.memory, bomb.name);
        }
    }
    let worst = format!(
        "{:.2} s ({slowest}), {} MB ({largest})",
        worst.extract.as_secs_f64(),
        worst.memory >> 20
    );
    score("hostile mail limits", passed, taken.len(), &worst);
}

/// Reads one message, named by the environment, and says what it took. Without a name there is nothing to do.
#[test]
fn v21_to_v26_one_message_in_a_process_of_its_own() {
    let Ok(name) = std::env::var(NAMED) else {
        return;
    };
    let bomb = BOMBS.iter().find(|bomb| bomb.name == name).unwrap();
    let octets = (bomb.make)(SCALE);
    let begun = spent();
    let extract = mime::extract(&octets, Local::Full).indexed();
    let extracted = spent().checked_sub(begun).unwrap();
    drop(extract);
    let mut render = Duration::ZERO;
    for view in [View::Text, View::Html, View::Headers, View::Source] {
        for width in [80, 1] {
            let begun = spent();
            let options = RenderOptions { view, width };
            drop(mime::render(MessageId(1), &octets, Local::Full, options));
            let took = spent().checked_sub(begun).unwrap();
            if took > Duration::from_millis(300) {
                println!("{view:?} {width}: {took:?}");
            }
            render = render.max(took);
        }
    }
    // Past the harness, which holds back what a passing test prints.
    let line = format!(
        "COST {} {} {}\n",
        extracted.as_nanos(),
        render.as_nanos(),
        peak()
    );
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Reads the message of that name in a process of its own. `None` when that crashed, was killed, or took too long.
fn cost_of(name: &str) -> Option<Taken> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "limits::v21_to_v26_one_message_in_a_process_of_its_own",
            "--nocapture",
        ])
        .env(NAMED, name)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let ended = crate::support::real::until(PATIENCE, || child.try_wait().unwrap());
    if ended.is_none() {
        let _ = child.kill();
    }
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let cost = said.lines().find_map(|line| line.strip_prefix("COST "));
    let Some(cost) = cost else {
        println!("{name}: {said}");
        return None;
    };
    let numbers: Vec<u64> = cost
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    Some(Taken {
        extract: Duration::from_nanos(numbers[0]),
        render: Duration::from_nanos(numbers[1]),
        memory: numbers[2],
    })
}

/// The processor's time that this thread has had: what else the machine does meanwhile is not counted.
fn spent() -> Duration {
    let file = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = file.split(' ').next().unwrap().parse().unwrap();
    Duration::from_nanos(nanoseconds)
}

/// The most memory that this process ever had, in octets.
fn peak() -> u64 {
    let file = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = file
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes = line.split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() << 10
}

const NAMED: &str = "POPPET_HOSTILE_MESSAGE";
/// A debug build reads messages of a sixteenth of the size.
const SCALE: usize = if cfg!(debug_assertions) { 16 } else { 1 };
/// Which messages a debug build takes, unless it is to take all of them.
const SHARE: usize = if cfg!(debug_assertions) { 6 } else { 1 };
const LONGEST: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(20)
} else {
    Duration::from_secs(1)
};
const LARGEST: u64 = 200 << 20;
const PATIENCE: Duration = Duration::from_mins(3);

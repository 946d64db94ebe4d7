//! What Linux knows of a process: its memory, and which of its threads worked how long.

use std::collections::BTreeMap;
use std::fs;

/// The most memory that it has had resident, in MB of 1,000,000 octets.
pub(crate) fn peak_memory(pid: u32) -> Option<f64> {
    memory(pid, "VmHWM:")
}

/// The memory that it has resident now, in the same unit.
pub(crate) fn resident_memory(pid: u32) -> Option<f64> {
    memory(pid, "VmRSS:")
}

/// Tells how much else wants the cores: with more than a little of that, the figures are the machine's and not the program's.
pub(crate) fn tell_load() {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let minute = load.split(' ').next().unwrap_or_default();
    println!("{cores} cores, load average of the last minute {minute}");
}

/// Lets this thread, and those that it starts, work only when nothing else wants the core: what they stand for would run
/// on another machine.
pub(crate) fn stand_back() {
    // Refused, it only costs the figures some precision.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 19);
}

/// Seconds of processor time that all its threads have worked. It may have ended, as long as nobody has reaped it.
pub(crate) fn worked_by(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    worked(&stat).map_or(f64::NAN, |(_, seconds)| seconds)
}

/// Tells what its memory is made of, and the threads that worked the longest.
pub(crate) fn tell(pid: u32) {
    for (field, what) in [
        ("VmHWM:", "MB at most,"),
        ("VmRSS:", "MB now:"),
        ("RssAnon:", "MB of its own,"),
        ("RssFile:", "MB of files"),
    ] {
        eprint!("  {:.1} {what}", memory(pid, field).unwrap_or(f64::NAN));
    }
    eprintln!();
    let mut threads = BTreeMap::<String, (usize, f64, f64)>::new();
    for task in fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        if let Some((name, time)) = worked(&stat) {
            let waited = fs::read_to_string(task.path().join("schedstat"));
            let (count, worked, delayed) = threads.entry(name).or_default();
            *count += 1;
            *worked += time;
            *delayed += waited
                .ok()
                .and_then(|text| kept_waiting(&text))
                .unwrap_or_default();
        }
    }
    for (name, (count, worked, delayed)) in threads {
        eprintln!("  {worked:6.2} s of {count} x {name}, and {delayed:.2} s waiting for a core");
    }
}

/// How often each of its threads has waited for something and was woken, by name and number of the thread.
pub(crate) fn wakings(pid: u32) -> BTreeMap<String, u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    let of = |task: fs::DirEntry| {
        let status = fs::read_to_string(task.path().join("status")).ok()?;
        let field = |name: &str| {
            let line = status.lines().find(|line| line.starts_with(name));
            line.and_then(|line| line.split_whitespace().nth(1))
        };
        let count = field("voluntary_ctxt_switches:")?.parse().ok()?;
        let thread = format!("{} {}", field("Name:")?, task.file_name().to_string_lossy());
        Some((thread, count))
    };
    tasks
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(of)
        .collect()
}

fn memory(pid: u32, field: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}

/// Name and seconds of a thread, from its `stat` (proc(5)): user and system time are fields 14 and 15, and the name in
/// parentheses may hold blanks.
fn worked(stat: &str) -> Option<(String, f64)> {
    let name = stat.split_once('(')?.1.rsplit_once(')')?;
    let ticks: f64 = name
        .1
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    Some((name.0.to_owned(), ticks / TICKS))
}

/// Seconds for which a thread that could run had no core: the second field of `schedstat`, in nanoseconds.
fn kept_waiting(schedstat: &str) -> Option<f64> {
    let nanoseconds: f64 = schedstat.split_whitespace().nth(1)?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// Ticks a second, on every Linux that there is.
const TICKS: f64 = 100.0;

//! A server next door: how fast is it all on the disk, and what does that cost?

use std::io::Write as _;
use std::time::Instant;

use tempfile::TempDir;

use crate::client::{Door, Poppet, SlowDisk, Took, mpop, mu};
use crate::figure::{Figure, Of};
use crate::plain::Plain;
use crate::post::{Office, USER};
use crate::support::home::PASSWORD;

/// Everything, from an empty store to a full one, no latency, no TLS.
///
/// What must be is of a disk on which mpop, which flushes after each message, stores [`RIVAL`] messages a second. Where the disk
/// here is faster, all is measured on it as it is, and then once more with flushes that take as much longer as makes mpop as
/// fast as that. `pretended`: they take longer already, and nothing else is measured.
pub(crate) fn download(office: &Office, rounds: u32, pretended: bool) -> Vec<Figure> {
    let (runs, mut figures) = measured(office, rounds);
    if runs.times.is_empty() {
        return figures;
    }
    let rate = median(&runs.rival);
    if pretended || rate < RIVAL * 1.1 {
        figures.push(times("download/times", &runs).at_least(Of::Median, 3.0));
        return figures;
    }
    figures.push(times("download/times", &runs));
    let door = door(office);
    let flush = slowed(&door, office.messages, rate);
    let mut slow = Runs::default();
    for round in 1..=rounds {
        eprintln!("download, flushes of {flush:.2} ms more, round {round} of {rounds} ...");
        let ours = fetched(&door, office);
        slow.add(
            office,
            ours.wall,
            rival(&door, office).map(|(took, _)| took.wall),
        );
    }
    SlowDisk::pretend(0.0);
    // Of a rival that is far from that rate, the ratio says nothing.
    let rival = Figure::new(
        "slow/mpop",
        "baseline: mpop there",
        "1/s",
        slow.rival.clone(),
    )
    .at_least(Of::Median, RIVAL * (1.0 - FAR_OFF))
    .at_most(Of::Median, RIVAL * (1.0 + FAR_OFF));
    figures.extend([
        Figure::new(
            "slow",
            "messages stored a second where flushes take longer",
            "1/s",
            slow.stored.clone(),
        ),
        rival,
        Figure::new("slow/flush", "how much longer", "ms", vec![flush]),
        times("slow/times", &slow).at_least(Of::Median, 3.0),
    ]);
    figures
}

/// Messages a second, run by run, and the rival's in the same round.
#[derive(Default)]
struct Runs {
    stored: Vec<f64>,
    rival: Vec<f64>,
    times: Vec<f64>,
}

impl Runs {
    fn add(&mut self, office: &Office, wall: f64, rival: Option<f64>) {
        let messages = f64::from(office.messages);
        self.stored.push(messages / wall);
        if let Some(rival) = rival {
            self.rival.push(messages / rival);
            self.times.push(rival / wall);
        }
    }
}

fn times(name: &'static str, runs: &Runs) -> Figure {
    Figure::new(name, "poppet's rate by mpop's", "x", runs.times.clone())
}

fn door(office: &Office) -> Door {
    Door {
        port: office.dovecot.port,
        authority: None,
    }
}

fn fetched(door: &Door, office: &Office) -> Took {
    let (took, report) = Poppet::new(door).sync(&[]);
    assert_eq!(report["bodies"], office.messages, "all is fetched");
    took
}

fn rival(door: &Door, office: &Office) -> Option<(Took, TempDir)> {
    let took = mpop(door, office.messages);
    if took.is_none() {
        eprintln!("  mpop is not installed, and not beside it therefore");
    }
    took
}

/// Makes flushes slower until mpop stores about [`RIVAL`] messages a second; by how many milliseconds. It waits for each message
/// more than once, and the machine is not always equally fast, so that is found out by trying.
fn slowed(door: &Door, messages: u32, rate: f64) -> f64 {
    let wanted = 1e3 / RIVAL;
    let missing = wanted - 1e3 / rate;
    let mut flush = missing;
    for _ in 0..TRIES {
        eprintln!("flushes of {flush:.2} ms more, to see what that does to mpop ...");
        SlowDisk::pretend(flush);
        let (took, _) = mpop(door, messages).expect("it was here before");
        let reached = took.wall / f64::from(messages) * 1e3;
        if (reached / wanted - 1.0).abs() < CLOSE {
            break;
        }
        let gained = (reached - wanted + missing).max(missing / 10.0);
        flush *= (missing / gained).clamp(0.5, 2.0);
    }
    SlowDisk::pretend(flush);
    flush
}

fn median(samples: &[f64]) -> f64 {
    Figure::new("", "", "", samples.to_vec()).number(Of::Median)
}

/// Run by run, with what it costs and what a loop without a store takes.
fn measured(office: &Office, rounds: u32) -> (Runs, Vec<Figure>) {
    let door = door(office);
    let messages = f64::from(office.messages);
    let mut runs = Runs::default();
    let mut cost = Vec::new();
    let mut plain = Vec::new();
    let mut disk = Vec::new();
    let mut rival_cost = Vec::new();
    let mut shares = Vec::new();
    for round in 1..=rounds {
        eprintln!("download, round {round} of {rounds} ...");
        let took = fetched(&door, office);
        cost.push(took.worked / messages * 1e3);

        plain.push(messages / retrieve(office, &mut std::io::sink()));
        let file = tempfile::tempfile().expect("a temporary file");
        let mut file = std::io::BufWriter::with_capacity(1024 * 1024, file);
        let started = Instant::now();
        retrieve(office, &mut file);
        file.flush().expect("write");
        file.get_ref().sync_all().expect("write to the disk");
        disk.push(messages / started.elapsed().as_secs_f64());

        let delivered = rival(&door, office);
        let theirs = delivered.as_ref().map(|(theirs, _)| theirs.wall);
        runs.add(office, took.wall, theirs);
        let Some((theirs, folder)) = delivered else {
            continue;
        };
        if let Some(indexed) = mu(&folder) {
            let both = (theirs.worked + indexed.worked) / messages * 1e3;
            rival_cost.push(both);
            shares.push(took.worked / messages * 1e3 / both);
        } else {
            eprintln!("  mu is not installed, and not beside it therefore");
        }
    }
    let mut figures = vec![
        Figure::new(
            "download",
            "messages stored a second, with summary and index",
            "1/s",
            runs.stored.clone(),
        ),
        Figure::new(
            "download/loop",
            "baseline: plain loop that throws them away",
            "1/s",
            plain,
        ),
        Figure::new(
            "download/file",
            "baseline: plain loop into one file, one fsync",
            "1/s",
            disk,
        ),
        Figure::new(
            "cost",
            "processor time for a message, all threads",
            "ms",
            cost,
        ),
    ];
    if !runs.rival.is_empty() {
        figures.push(Figure::new(
            "download/mpop",
            "baseline: mpop into a Maildir",
            "1/s",
            runs.rival.clone(),
        ));
    }
    if !shares.is_empty() {
        figures.push(Figure::new(
            "cost/rivals",
            "baseline: mpop and mu index",
            "ms",
            rival_cost,
        ));
        figures.push(
            Figure::new("cost/share", "poppet's cost by theirs", "x", shares)
                .at_most(Of::Median, 1.0),
        );
    }
    (runs, figures)
}

/// Seconds for the plainest loop.
fn retrieve(office: &Office, out: &mut impl std::io::Write) -> f64 {
    let started = Instant::now();
    let mut session = Plain::connect(office.dovecot.port, None);
    let held = session.log_in(USER, PASSWORD);
    session.listing();
    session.retrieve(held, AHEAD, out);
    session.quit();
    started.elapsed().as_secs_f64()
}

/// Without latency, this many commands keep the server busy, and fit into the buffers of both sockets.
const AHEAD: u32 = 256;
/// Messages a second that mpop stores on a disk as people have it.
const RIVAL: f64 = 350.0;
/// As near as this is near enough.
const CLOSE: f64 = 0.05;
const TRIES: u32 = 3;
/// A rival whose median is further off is not the one that is meant.
const FAR_OFF: f64 = 0.15;

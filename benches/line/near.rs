//! A server next door: how fast is it all on the disk, and what does that cost?

use std::io::Write as _;
use std::time::Instant;

use crate::client::{Door, Poppet, mpop, mu};
use crate::figure::{Figure, Of};
use crate::plain::Plain;
use crate::post::{Office, USER};
use crate::support::home::PASSWORD;

/// Everything, from an empty store to a full one, no latency, no TLS.
pub(crate) fn download(office: &Office, rounds: u32) -> Vec<Figure> {
    let door = Door {
        port: office.dovecot.port,
        authority: None,
    };
    let messages = f64::from(office.messages);
    let mut stored = Vec::new();
    let mut cost = Vec::new();
    let mut plain = Vec::new();
    let mut disk = Vec::new();
    let mut rival = Vec::new();
    let mut rival_cost = Vec::new();
    let mut times = Vec::new();
    let mut shares = Vec::new();
    for round in 1..=rounds {
        eprintln!("download, round {round} of {rounds} ...");
        let (took, report) = Poppet::new(&door).sync(&[]);
        assert_eq!(report["bodies"], office.messages, "all is fetched");
        stored.push(messages / took.wall);
        cost.push(took.worked / messages * 1e3);

        plain.push(messages / retrieve(office, &mut std::io::sink()));
        let file = tempfile::tempfile().expect("a temporary file");
        let mut file = std::io::BufWriter::with_capacity(1024 * 1024, file);
        let started = Instant::now();
        retrieve(office, &mut file);
        file.flush().expect("write");
        file.get_ref().sync_all().expect("write to the disk");
        disk.push(messages / started.elapsed().as_secs_f64());

        let Some((fetched, folder)) = mpop(&door, office.messages) else {
            eprintln!("  mpop is not installed, and not beside it therefore");
            continue;
        };
        rival.push(messages / fetched.wall);
        times.push(fetched.wall / took.wall);
        if let Some(indexed) = mu(&folder) {
            let both = (fetched.worked + indexed.worked) / messages * 1e3;
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
            stored,
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
    if !rival.is_empty() {
        figures.push(Figure::new(
            "download/mpop",
            "baseline: mpop into a Maildir",
            "1/s",
            rival,
        ));
        figures.push(
            Figure::new("download/times", "poppet's rate by mpop's", "x", times)
                .at_least(Of::Median, 3.0),
        );
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
    figures
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

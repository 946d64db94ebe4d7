//! A server far away, by TLS: how near does it come to what the line can carry?

use std::time::{Duration, Instant};

use crate::client::{Door, Poppet};
use crate::figure::{Figure, Of};
use crate::plain::Plain;
use crate::post::{Office, USER};
use crate::proxy::Proxy;
use crate::support::home::PASSWORD;

/// What one distance is called.
pub(crate) struct Names {
    stored: &'static str,
    plain: &'static str,
    share: &'static str,
}

/// Everything, from an empty store to a full one.
pub(crate) fn download(
    office: &Office,
    rounds: u32,
    (round_trip, rate): (Duration, Option<f64>),
    names: &Names,
) -> Vec<Figure> {
    let messages = f64::from(office.messages);
    let (mut stored, mut plain, mut share) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("{}, round {round} of {rounds} ...", names.stored);
        let line = Line::carrying(office, round_trip, rate);
        let (took, report) = Poppet::new(&line.door).sync(&[]);
        assert_eq!(report["bodies"], office.messages, "all is fetched");
        let limit = line.time(|session, held| {
            session.listing();
            session.retrieve(held, held, &mut std::io::sink());
        });
        stored.push(messages / took.wall);
        plain.push(messages / limit);
        share.push(limit / took.wall);
    }
    vec![
        Figure::new(
            names.stored,
            "messages stored a second, far away, TLS",
            "1/s",
            stored,
        ),
        Figure::new(
            names.plain,
            "baseline: plain loop, all asked for at once",
            "1/s",
            plain,
        ),
        Figure::new(names.share, "of the plain loop's rate", "x", share).at_least(Of::Median, 0.8),
    ]
}

/// All summaries of a mailbox that was never seen.
pub(crate) fn summaries(office: &Office, rounds: u32, round_trip: Duration) -> Vec<Figure> {
    let (mut all, mut plain, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=rounds {
        eprintln!("summaries, round {round} of {rounds} ...");
        let line = Line::to(office, round_trip);
        let (took, report) = Poppet::new(&line.door).sync(&["--headers"]);
        assert_eq!(report["summaries"], office.messages, "all are fetched");
        let limit = line.time(|session, held| {
            session.listing();
            session.summaries(held);
        });
        all.push(took.wall);
        plain.push(limit);
        times.push(took.wall / limit);
    }
    vec![
        Figure::new(
            "summaries",
            "all summaries stored, 100 ms away, TLS",
            "s",
            all,
        ),
        Figure::new(
            "summaries/loop",
            "baseline: plain loop, all asked for at once",
            "s",
            plain,
        ),
        Figure::new("summaries/times", "the plain loop's time", "x", times)
            .at_most(Of::Median, 1.3),
    ]
}

/// A second sync, with nothing new.
pub(crate) fn again(office: &Office, rounds: u32, round_trip: Duration) -> Vec<Figure> {
    let (mut nothing, mut plain, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let line = Line::to(office, round_trip);
    let poppet = Poppet::new(&line.door);
    eprintln!("again: the first time ...");
    poppet.sync(&["--headers"]);
    for round in 1..=rounds {
        eprintln!("again, round {round} of {rounds} ...");
        let (took, report) = poppet.sync(&["--headers"]);
        assert_eq!(report["summaries"], 0, "nothing is new");
        let limit = line.time(|session, _| session.listing());
        nothing.push(took.wall);
        plain.push(limit);
        times.push(took.wall / limit);
    }
    vec![
        Figure::new(
            "again",
            "sync with nothing new, 100 ms away, TLS",
            "s",
            nothing,
        ),
        Figure::new(
            "again/loop",
            "baseline: plain loop with LIST and UIDL",
            "s",
            plain,
        ),
        Figure::new("again/times", "the plain loop's time", "x", times).at_most(Of::Median, 1.2),
    ]
}

/// A line to the office's encrypted door.
struct Line {
    door: Door,
    _proxy: Proxy,
}

impl Line {
    fn to(office: &Office, round_trip: Duration) -> Self {
        Self::carrying(office, round_trip, None)
    }

    /// `rate`: octets a second.
    fn carrying(office: &Office, round_trip: Duration, rate: Option<f64>) -> Self {
        let server = ([127, 0, 0, 1], office.dovecot.tls_port).into();
        let proxy = Proxy::carrying(server, round_trip, rate);
        Self {
            door: Door {
                port: proxy.port(),
                authority: Some(office.authority()),
            },
            _proxy: proxy,
        }
    }

    /// Seconds of a plain session, from connecting until the answer to QUIT.
    fn time(&self, work: impl FnOnce(&mut Plain, u32)) -> f64 {
        let started = Instant::now();
        let mut session = Plain::connect(self.door.port, self.door.authority.as_deref());
        let held = session.log_in(USER, PASSWORD);
        work(&mut session, held);
        session.quit();
        started.elapsed().as_secs_f64()
    }
}

pub(crate) const TWENTY: Names = Names {
    stored: "far-20",
    plain: "far-20/loop",
    share: "far-20/share",
};

pub(crate) const HUNDRED: Names = Names {
    stored: "far-100",
    plain: "far-100/loop",
    share: "far-100/share",
};

//! How much is asked for ahead: enough that the line is never idle, and no more, so that a person waits for little.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use super::line::Part;

/// Measures a line while it is used: its round trip, what it carries, and how large header blocks are on it.
///
/// The window is what may be under way, in octets: it doubles each round trip while the line carries more for it, and is then
/// twice what the line carries in a round trip. What is under way is a guess, of LIST for whole messages and of the header
/// blocks seen so far for beginnings, and what arrives is counted in the same measure.
///
/// When it is not the line that is waited for but the disk, what has gathered meanwhile comes in a burst, which says nothing of
/// either: then the mean counts.
#[derive(Debug)]
pub(super) struct Pace {
    round_trip: Option<Duration>,
    /// When the first octet of the sample under way arrived.
    since: Option<Instant>,
    counted: u64,
    /// The last samples.
    samples: VecDeque<Sample>,
    /// Nobody listened for a part of the sample under way.
    held_up: bool,
    /// The line has not carried more for so many samples; `None` when it is known what it carries.
    lull: Option<u32>,
    window: u64,
    header: f64,
    headers: u32,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    octets: u64,
    span: Duration,
    /// Nobody listened for a part of it.
    held_up: bool,
}

impl Sample {
    /// Octets a second.
    fn rate(&self) -> f64 {
        self.octets as f64 / self.span.as_secs_f64()
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            round_trip: None,
            since: None,
            counted: 0,
            samples: VecDeque::with_capacity(SAMPLES),
            held_up: false,
            lull: Some(0),
            window: FIRST_WINDOW,
            header: FIRST_HEADER,
            headers: 0,
        }
    }
}

impl Pace {
    /// Octets that may be under way.
    pub(super) fn window(&self) -> u64 {
        self.window
    }

    /// Octets that are expected of a message of this size, as LIST has it. Not believed when it is nothing, or more than a
    /// window can be.
    pub(super) fn expect(&self, part: Part, listed: u64) -> u64 {
        match part {
            Part::Whole => listed.clamp(LEAST_MESSAGE, LARGEST_WINDOW),
            Part::Top(lines) => {
                let body = u64::from(lines).saturating_mul(LINE);
                let header = (self.header as u64).saturating_add(body);
                header.min(listed.max(LEAST_MESSAGE))
            }
        }
    }

    /// An answer began so long after it was asked for. The shortest of these is the nearest to the round trip.
    pub(super) fn answered(&mut self, after: Duration) {
        let shortest = self.round_trip.map_or(after, |known| known.min(after));
        self.round_trip = Some(shortest);
    }

    /// The shortest time from a command to its answer.
    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.round_trip
    }

    /// A header block came to so many octets.
    pub(super) fn saw_header(&mut self, octets: u64) {
        self.headers = self.headers.saturating_add(1).min(MEMORY);
        let step = (octets as f64 - self.header) / f64::from(self.headers);
        self.header += step;
    }

    /// Nobody listens for now: what was received before waits for the disk.
    pub(super) fn held_up(&mut self) {
        self.held_up = true;
    }

    /// Nothing is under way: the time until more is asked for says nothing about the line.
    pub(super) fn rested(&mut self) {
        self.since = None;
        self.counted = 0;
    }

    /// So many of the expected octets are no longer under way.
    pub(super) fn received(&mut self, octets: u64, now: Instant) {
        if self.lull.is_some() {
            self.window = self.window.saturating_add(octets).min(LARGEST_WINDOW);
        }
        let Some(since) = self.since else {
            // What came with the first octets was sent before the sample began.
            self.since = Some(now);
            self.counted = 0;
            return;
        };
        self.counted = self.counted.saturating_add(octets);
        let round_trip = self.round_trip.unwrap_or(SHORTEST_SAMPLE);
        let span = now.saturating_duration_since(since);
        if span >= round_trip.max(SHORTEST_SAMPLE) {
            self.sampled(span, round_trip);
            self.since = Some(now);
            self.counted = 0;
        }
    }

    fn sampled(&mut self, span: Duration, round_trip: Duration) {
        let before = self.most();
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        let sample = Sample {
            octets: self.counted,
            span,
            held_up: std::mem::take(&mut self.held_up),
        };
        self.samples.push_back(sample);
        if let Some(lull) = &mut self.lull {
            *lull = if sample.rate() > before * GROWTH {
                0
            } else {
                *lull + 1
            };
            if *lull < LULLS {
                return;
            }
            self.lull = None;
        }
        let carried = self.carried() * round_trip.max(LEAST_ROUND_TRIP).as_secs_f64();
        self.window = ((carried * 2.0) as u64).clamp(SMALLEST_WINDOW, LARGEST_WINDOW);
    }

    /// Octets a second that come, and are taken.
    fn carried(&self) -> f64 {
        if self.samples.iter().any(|sample| sample.held_up) {
            let octets: u64 = self.samples.iter().map(|sample| sample.octets).sum();
            let span: Duration = self.samples.iter().map(|sample| sample.span).sum();
            octets as f64 / span.as_secs_f64()
        } else {
            self.most()
        }
    }

    fn most(&self) -> f64 {
        self.samples.iter().map(Sample::rate).fold(0.0, f64::max)
    }
}

/// What is asked for before anything is known of the line, in octets.
const FIRST_WINDOW: u64 = 128 * 1024;
const SMALLEST_WINDOW: u64 = 32 * 1024;
const LARGEST_WINDOW: u64 = 8 * 1024 * 1024;
/// What a header block is thought to take before one was seen, in octets.
const FIRST_HEADER: f64 = 2048.0;
/// No message takes less on the wire, with the status line.
const LEAST_MESSAGE: u64 = 256;
/// Octets of a body's line.
const LINE: u64 = 72;
/// Header blocks that the mean remembers.
const MEMORY: u32 = 64;
const SAMPLES: usize = 8;
/// Below this, a sample is mostly chance.
const SHORTEST_SAMPLE: Duration = Duration::from_millis(20);
/// Nearer servers are given work for this long, since a thread may well be late by that much.
const LEAST_ROUND_TRIP: Duration = Duration::from_millis(10);
/// By how much a sample has to carry more to count as more.
const GROWTH: f64 = 1.25;
/// After so many samples without growth the line is thought to be full.
const LULLS: u32 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(100);

    /// A line that carries so many octets a second, always asked for a whole window. The largest window there was, and the
    /// last one.
    fn used(octets_a_second: u64, seconds: u64) -> (u64, u64) {
        let mut pace = Pace::default();
        pace.answered(ROUND_TRIP);
        let start = Instant::now();
        let mut largest = 0;
        // Each step is a tenth of a round trip: what arrives is what the line carries, or a tenth of the window.
        for step in 0..seconds * 100 {
            let octets = (octets_a_second / 100).min(pace.window() / 10);
            pace.received(octets, start + Duration::from_millis(step * 10));
            largest = largest.max(pace.window());
        }
        (largest, pace.window())
    }

    #[test]
    fn the_window_grows_to_twice_what_the_line_carries_in_a_round_trip() {
        for octets_a_second in [1_000_000, 5_000_000, 20_000_000] {
            let (_, window) = used(octets_a_second, 10);
            let carried = octets_a_second / 10;
            assert!(
                (carried * 19 / 10..=carried * 22 / 10).contains(&window),
                "{window} octets on a line that carries {carried} in a round trip"
            );
        }
    }

    #[test]
    fn the_window_outgrows_a_slow_line_by_little_and_not_for_long() {
        let (largest, window) = used(50_000, 10);
        assert!(largest <= FIRST_WINDOW * 2, "{largest}");
        assert_eq!(window, SMALLEST_WINDOW);
    }

    #[test]
    fn the_window_is_bounded_whatever_the_line_carries() {
        assert_eq!(used(10_000_000_000, 10), (LARGEST_WINDOW, LARGEST_WINDOW));
    }

    #[test]
    fn where_the_disk_is_waited_for_the_window_is_what_is_taken_and_not_what_comes_in_a_burst() {
        let window = |held_up: bool| {
            let mut pace = Pace::default();
            pace.answered(ROUND_TRIP);
            let start = Instant::now();
            // What was under way comes within 150 ms, and then the disk has to be waited for.
            for step in 0..400 {
                if step % 40 < 15 {
                    pace.received(300_000, start + Duration::from_millis(step * 10));
                } else if held_up {
                    pace.held_up();
                }
            }
            pace.window()
        };
        // 4.5 MB in 400 ms are 1.1 MB in a round trip.
        let taken = window(true);
        assert!((1_900_000..=2_600_000).contains(&taken), "{taken}");
        assert!(window(false) > taken * 2);
    }

    #[test]
    fn header_blocks_are_expected_to_be_as_large_as_they_were() {
        let mut pace = Pace::default();
        assert_eq!(pace.expect(Part::Top(0), 1_000_000), 2048);
        for _ in 0..10 {
            pace.saw_header(700);
        }
        assert_eq!(pace.expect(Part::Top(0), 1_000_000), 700);
        assert_eq!(pace.expect(Part::Top(10), 1_000_000), 700 + 720);
        assert_eq!(pace.expect(Part::Top(0), 300), 300);
        for _ in 0..1_000 {
            pace.saw_header(4_000);
        }
        assert_eq!(pace.expect(Part::Top(0), 1_000_000), 3_999);
    }

    #[test]
    fn a_listed_size_is_not_believed_when_it_is_nothing_or_beyond_measure() {
        let pace = Pace::default();
        assert_eq!(pace.expect(Part::Whole, 0), LEAST_MESSAGE);
        assert_eq!(pace.expect(Part::Whole, 43_000), 43_000);
        assert_eq!(pace.expect(Part::Whole, u64::MAX), LARGEST_WINDOW);
    }
}

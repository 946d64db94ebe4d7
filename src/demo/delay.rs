//! The delay line between session and socket: everything arrives later by the same time, spacing kept.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Octets on their way, each with the instant from which it may be written.
#[derive(Debug)]
pub(super) struct DelayLine {
    latency: Duration,
    queue: VecDeque<(Instant, Vec<u8>)>,
    /// What of the front piece is written already.
    written: usize,
    held: usize,
}

impl DelayLine {
    pub(super) fn new(latency: Duration) -> Self {
        Self {
            latency,
            queue: VecDeque::new(),
            written: 0,
            held: 0,
        }
    }

    /// Takes octets that the session wrote at `now`.
    pub(super) fn push(&mut self, now: Instant, octets: &[u8]) {
        if octets.is_empty() {
            return;
        }
        self.held += octets.len();
        let due = now + self.latency;
        // Many small answers at one time become one write. The front piece may only grow, never move: a TLS write
        // that was interrupted has to be repeated with the same octets in front.
        match self.queue.back_mut() {
            Some((last, piece)) if *last + GRAIN > due && piece.len() < MOST_IN_A_PIECE => {
                piece.extend_from_slice(octets);
            }
            _ => self.queue.push_back((due, octets.to_vec())),
        }
    }

    /// Takes away what was written of the octets that [`DelayLine::ready`] showed.
    pub(super) fn advance(&mut self, octets: usize) {
        self.written += octets;
        self.held = self.held.saturating_sub(octets);
        if let Some((_, piece)) = self.queue.front()
            && self.written >= piece.len()
        {
            self.queue.pop_front();
            self.written = 0;
        }
    }

    /// What may be written at `now`; empty when nothing is due.
    pub(super) fn ready(&self, now: Instant) -> &[u8] {
        match self.queue.front() {
            Some((due, piece)) if *due <= now => piece.get(self.written..).unwrap_or_default(),
            _ => &[],
        }
    }

    /// When the next octet may be written.
    pub(super) fn due(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }

    /// Octets on their way.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// How many octets may be on their way before the session has to wait: what a fast link carries in the time.
    pub(super) fn window(&self) -> usize {
        if self.latency.is_zero() {
            64 * 1024
        } else {
            4 * 1024 * 1024
        }
    }
}

/// Octets written less than this apart travel together.
const GRAIN: Duration = Duration::from_micros(500);
const MOST_IN_A_PIECE: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const LATENCY: Duration = Duration::from_millis(200);

    fn arrivals(line: &mut DelayLine, start: Instant, until: u64) -> Vec<(u64, Vec<u8>)> {
        let mut seen = Vec::new();
        for millisecond in 0..until {
            let now = start + Duration::from_millis(millisecond);
            while !line.ready(now).is_empty() {
                let octets = line.ready(now).to_vec();
                line.advance(octets.len());
                seen.push((millisecond, octets));
            }
        }
        seen
    }

    #[test]
    fn pipelined_answers_keep_their_spacing_and_each_is_late_once() {
        let start = Instant::now();
        let mut line = DelayLine::new(LATENCY);
        for number in 0..50u64 {
            let octets = format!("+OK {number}\r\n");
            line.push(start + Duration::from_millis(number * 3), octets.as_bytes());
        }
        let expected: Vec<_> = (0..50u64)
            .map(|number| (200 + number * 3, format!("+OK {number}\r\n").into_bytes()))
            .collect();
        assert_eq!(arrivals(&mut line, start, 1_000), expected);
    }

    #[test]
    fn answers_of_one_instant_arrive_together_in_order() {
        let start = Instant::now();
        let mut line = DelayLine::new(LATENCY);
        line.push(start, b"+OK 1\r\n");
        line.push(start, b"+OK 2\r\n");
        assert_eq!(
            arrivals(&mut line, start, 300),
            [(200, b"+OK 1\r\n+OK 2\r\n".to_vec())]
        );
    }

    #[test]
    fn a_partial_write_leaves_the_rest_in_front() {
        let start = Instant::now();
        let mut line = DelayLine::new(Duration::ZERO);
        line.push(start, b"abcdef");
        line.advance(2);
        line.push(start, b"gh");
        assert_eq!(line.ready(start), b"cdefgh");
        assert_eq!(line.held(), 6);
        line.advance(6);
        assert_eq!((line.due(), line.held()), (None, 0));
    }

    #[test]
    fn nothing_is_due_before_its_time() {
        let start = Instant::now();
        let mut line = DelayLine::new(LATENCY);
        line.push(start, b"a");
        assert_eq!(line.ready(start + LATENCY - GRAIN), b"");
        assert_eq!(line.due(), Some(start + LATENCY));
        assert_eq!(line.ready(start + LATENCY), b"a");
    }
}

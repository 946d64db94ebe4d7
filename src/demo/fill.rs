//! Base64 filling, made while it is being sent.

/// A stretch of deterministic base64 in lines of 76 columns.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    /// What is still to come, in octets, line ends included.
    left: u64,
    /// The line that comes next, from 0.
    line: u64,
}

impl Fill {
    /// At most `octets` octets with their line ends, rounded down so that the last line ends on a base64 group.
    pub(super) fn new(octets: u64) -> Self {
        let rest = octets % LINE;
        let last = match rest.saturating_sub(2) / 4 * 4 {
            0 => 0,
            columns => columns + 2,
        };
        Self {
            left: octets - rest + last,
            line: 0,
        }
    }

    /// The octets still to come.
    pub(super) fn octets(&self) -> u64 {
        self.left
    }

    /// Appends whole lines until about `most` octets are written; false when nothing is left.
    pub(super) fn write(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let end = out.len().saturating_add(most);
        while self.left > 0 && out.len() < end {
            let take = self.left.min(LINE);
            write_line(self.line, take.saturating_sub(2) as usize, out);
            self.left -= take;
            self.line += 1;
        }
        self.left > 0
    }
}

/// One line of `columns` base64 characters that follow from its number alone.
fn write_line(number: u64, columns: usize, out: &mut Vec<u8>) {
    let mut state = mix(number.wrapping_add(1));
    for column in 0..columns {
        if column % 10 == 0 {
            state = mix(state);
        }
        let index = (state >> (column % 10 * 6)) & 63;
        out.push(ALPHABET.get(index as usize).copied().unwrap_or(b'A'));
    }
    out.extend_from_slice(b"\r\n");
}

/// Scrambles 64 bits so that neighbouring inputs give unrelated outputs.
pub(super) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A full line: 76 columns and CRLF.
const LINE: u64 = 78;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use base64::Engine;

    use super::*;

    #[test]
    fn the_octets_announced_are_the_octets_written() {
        for asked in [0, 1, 5, 6, 77, 78, 79, 84, 1_000, 100_003] {
            let mut fill = Fill::new(asked);
            let announced = fill.octets();
            let mut out = Vec::new();
            while fill.write(500, &mut out) {}
            assert_eq!(out.len() as u64, announced);
            assert!(announced <= asked && asked - announced < 6);
        }
    }

    #[test]
    fn a_fill_is_base64_in_lines_of_76_columns() {
        let mut out = Vec::new();
        assert!(!Fill::new(1_000).write(10_000, &mut out));
        let text = String::from_utf8(out).unwrap();
        assert!(text.lines().rev().skip(1).all(|line| line.len() == 76));
        let joined: String = text.lines().collect();
        assert!(
            base64::engine::general_purpose::STANDARD
                .decode(joined)
                .is_ok()
        );
    }
}

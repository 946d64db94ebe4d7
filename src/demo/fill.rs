//! Base64 filling, made while it is being sent; and the scrambling of bits that the generator lives on.

/// Lines of base64 for octets of zero, 76 columns each.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    lines_left: u64,
}

impl Fill {
    /// At most `octets` octets, line ends included: as many whole lines as fit.
    pub(super) fn new(octets: u64) -> Self {
        Self {
            lines_left: octets / LINE.len() as u64,
        }
    }

    /// The octets still to come.
    pub(super) fn octets(&self) -> u64 {
        self.lines_left * LINE.len() as u64
    }

    /// Appends whole lines until about `most` octets are written; false when nothing is left.
    pub(super) fn write(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let end = out.len().saturating_add(most);
        while self.lines_left > 0 && out.len() < end {
            out.extend_from_slice(LINE);
            self.lines_left -= 1;
        }
        self.lines_left > 0
    }
}

/// Scrambles 64 bits so that neighbouring inputs give unrelated outputs.
pub(super) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

const LINE: &[u8; 78] =
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_octets_announced_are_the_octets_written() {
        for (asked, expected) in [(0, 0), (77, 0), (78, 78), (100_003, 99_996)] {
            let mut fill = Fill::new(asked);
            assert_eq!(fill.octets(), expected);
            let mut out = Vec::new();
            while fill.write(500, &mut out) {}
            assert_eq!(out.len() as u64, expected);
            assert_eq!(fill.octets(), 0);
        }
    }
}

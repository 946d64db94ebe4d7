//! A table of measurements as an attachment: comma-separated values in base64.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::Dice;

/// Lines of base64, 76 columns each, made while they are being sent.
#[derive(Clone, Debug)]
pub(in crate::demo) struct Table {
    dice: Dice,
    lines_left: usize,
    /// Rows that are not encoded yet.
    rows: Vec<u8>,
}

impl Table {
    /// As many whole lines as fit into `octets` octets, line ends included. The last row may be cut.
    pub(super) fn new(dice: Dice, octets: usize) -> Self {
        Self {
            dice,
            lines_left: octets / ENCODED,
            rows: b"place,millimetres,degrees\n".to_vec(),
        }
    }

    /// The octets still to come.
    pub(in crate::demo) fn octets(&self) -> usize {
        self.lines_left * ENCODED
    }

    /// Appends whole lines until about `most` octets are written; false when nothing is left.
    pub(in crate::demo) fn write(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let end = out.len().saturating_add(most);
        while self.lines_left > 0 && out.len() < end {
            while self.rows.len() < DECODED {
                let (place, length, angle) = (
                    self.dice.below(40),
                    self.dice.below(9_000),
                    self.dice.below(360),
                );
                let row = format!("{place},{length},{angle}\n");
                self.rows.extend_from_slice(row.as_bytes());
            }
            let line: Vec<u8> = self.rows.drain(..DECODED).collect();
            out.extend_from_slice(STANDARD.encode(line).as_bytes());
            out.extend_from_slice(b"\r\n");
            self.lines_left -= 1;
        }
        self.lines_left > 0
    }
}

/// Octets of a line before and after it is encoded.
const DECODED: usize = 57;
const ENCODED: usize = 78;

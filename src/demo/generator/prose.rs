//! Text that fills a given number of octets to the last one.

use super::Dice;
use crate::demo::words::SENTENCES;

/// An endless text, line by line.
pub(super) struct Prose {
    dice: Dice,
    sentence: std::str::SplitAsciiWhitespace<'static>,
    sentences_left: u64,
    word: Option<&'static str>,
}

impl Prose {
    pub(super) fn new(dice: Dice) -> Self {
        Self {
            dice,
            sentence: "".split_ascii_whitespace(),
            sentences_left: 3,
            word: None,
        }
    }

    /// Appends lines of exactly `octets` octets, which must not be 1; `paragraph` is the line between paragraphs.
    pub(super) fn write(&mut self, octets: usize, paragraph: &str, out: &mut Vec<u8>) {
        let mut left = octets;
        while left > LINE + 2 {
            let mut line = self.line(paragraph);
            // What remains has to be enough for another line end.
            if left - (line.len() + 2) < 4 {
                line.truncate(line.len() / 2);
            }
            left -= line.len() + 2;
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        let mut last = self.line("So far.");
        while last.len() < left {
            last.push(' ');
            last.push_str(&self.line("That is all."));
        }
        last.truncate(left.saturating_sub(2));
        if last.ends_with(' ') {
            last.pop();
            last.push('.');
        }
        out.extend_from_slice(last.as_bytes());
        out.extend_from_slice(b"\r\n");
    }

    /// One line, of sentences or between two paragraphs.
    fn line(&mut self, paragraph: &str) -> String {
        let mut line = String::new();
        loop {
            let Some(word) = self.word.take().or_else(|| self.sentence.next()) else {
                if self.sentences_left == 0 {
                    if line.is_empty() {
                        self.sentences_left = 2 + self.dice.below(4);
                        return paragraph.to_owned();
                    }
                    return line;
                }
                self.sentences_left -= 1;
                self.sentence = self.dice.pick(&SENTENCES).split_ascii_whitespace();
                continue;
            };
            if line.len() + 1 + word.len() > LINE {
                self.word = Some(word);
                return line;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
}

const LINE: usize = 72;

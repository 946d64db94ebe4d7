//! Text that fills a given number of octets to the last one.

use super::Dice;
use crate::demo::words::SENTENCES;

/// Lines of text, made while they are being sent.
#[derive(Clone, Debug)]
pub(in crate::demo) struct Prose {
    dice: Dice,
    /// Octets still to come.
    left: usize,
    /// The line between two paragraphs.
    paragraph: &'static str,
    sentence: std::str::SplitAsciiWhitespace<'static>,
    sentences_left: u64,
    word: Option<&'static str>,
}

impl Prose {
    /// A text of exactly `octets` octets; of none when that is too little for a line end.
    pub(super) fn new(dice: Dice, octets: usize, paragraph: &'static str) -> Self {
        Self {
            dice,
            left: if octets < 2 { 0 } else { octets },
            paragraph,
            sentence: "".split_ascii_whitespace(),
            sentences_left: 3,
            word: None,
        }
    }

    /// The octets still to come.
    pub(in crate::demo) fn octets(&self) -> usize {
        self.left
    }

    /// Appends whole lines until about `most` octets are written; false when the text has ended.
    pub(in crate::demo) fn write(&mut self, most: usize, out: &mut Vec<u8>) -> bool {
        let end = out.len().saturating_add(most);
        while self.left > 0 && out.len() < end {
            let line = if self.left > LINE + 2 {
                self.inner_line()
            } else {
                self.last_line()
            };
            self.left = self.left.saturating_sub(line.len() + 2);
            out.extend_from_slice(line.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        self.left > 0
    }

    /// A line after which enough is left for another line end.
    fn inner_line(&mut self) -> String {
        let mut line = self.line(self.paragraph);
        if self.left - (line.len() + 2) < 4 {
            line.truncate(line.len() / 2);
        }
        line
    }

    /// A line that, with its line end, takes all that is left.
    fn last_line(&mut self) -> String {
        let mut last = self.line("So far.");
        while last.len() < self.left {
            last.push(' ');
            last.push_str(&self.line("That is all."));
        }
        last.truncate(self.left.saturating_sub(2));
        if last.ends_with(' ') {
            last.pop();
            last.push('.');
        }
        last
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

use std::ops::Range;

use super::letters::{folded, is_letter, is_mark};

/// Whether a character belongs to a script that is written without spaces, so that each stands for itself in a search.
pub fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x11FF | 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x312F | 0x3130..=0x318F
        | 0x31A0..=0x31BF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA960..=0xA97F
        | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFFDC | 0x20000..=0x323AF)
}

/// The words of a text as they are compared, the same as in the search index: lower case, without accents, each Chinese,
/// Japanese or Korean character a word of its own. Of a very long word its first letters are taken.
pub fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    each_word(text, |word, _| words.push(word.to_owned()));
    words
}

/// Takes each of them in turn, with the octets of the text at which it stands.
pub(in crate::mail) fn each_word(text: &str, mut take: impl FnMut(&str, Range<usize>)) {
    let mut word = String::new();
    let mut begin = 0;
    let mut close = |word: &mut String, place: Range<usize>| {
        if !word.is_empty() {
            take(word, place);
            word.clear();
        }
    };
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if word.is_empty() {
            begin = at;
        }
        // Most of most texts, and taken a run at a time.
        let octets = rest.as_bytes();
        let plain = octets
            .iter()
            .position(|octet| !octet.is_ascii_alphanumeric());
        let (plain, rest) = rest.split_at(plain.unwrap_or(octets.len()));
        if !plain.is_empty() {
            let before = word.len();
            let room = LONGEST.saturating_sub(before).min(plain.len());
            word.push_str(plain.get(..room).unwrap_or_default());
            if let Some(new) = word.get_mut(before..) {
                new.make_ascii_lowercase();
            }
            at += plain.len();
        }
        let Some(c) = rest.chars().next() else { break };
        if is_cjk(c) {
            close(&mut word, begin..at);
            if is_letter(c) {
                word.push(folded(c));
                close(&mut word, at..at + c.len_utf8());
            }
        } else if is_letter(c) {
            if word.len() < LONGEST {
                word.push(folded(c));
            }
        } else if !is_mark(c) {
            close(&mut word, begin..at);
        }
        at += c.len_utf8();
    }
    close(&mut word, begin..text.len());
}

/// With so many octets a word ends. The index takes words of 32,768 octets, and cuts longer ones within a letter.
const LONGEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents_and_cjk_by_character() {
        assert_eq!(
            words("Grüße aus Köln, 東京タワー no_reply@x.org"),
            [
                "gruße", "aus", "koln", "東", "京", "タ", "ワ", "ー", "no", "reply", "x", "org"
            ]
        );
        assert_eq!(words("Cafe\u{301} \u{301}au lait"), ["cafe", "au", "lait"]);
        assert_eq!(words("ЁЖИК, ΩΜΈΓΑ"), ["ёжик", "ωμέγα"]);
    }
}

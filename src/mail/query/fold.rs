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
/// Japanese or Korean character a word of its own.
pub fn words(text: &str) -> Vec<String> {
    words_at(text).into_iter().map(|(word, _)| word).collect()
}

/// The same with the octets of the text at which each word stands.
pub(super) fn words_at(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begin = 0;
    let close = |word: &mut String, words: &mut Vec<_>, place: Range<usize>| {
        if !word.is_empty() {
            words.push((std::mem::take(word), place));
        }
    };
    for (at, c) in text.char_indices() {
        if word.is_empty() {
            begin = at;
        }
        if is_cjk(c) {
            close(&mut word, &mut words, begin..at);
            if is_letter(c) {
                words.push((folded(c).to_string(), at..at + c.len_utf8()));
            }
        } else if is_letter(c) {
            word.push(folded(c));
        } else if !is_mark(c) {
            close(&mut word, &mut words, begin..at);
        }
    }
    close(&mut word, &mut words, begin..text.len());
    words
}

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

use std::ops::Range;

/// Whether a character belongs to a script that is written without spaces, so that each stands for itself in a search.
pub fn is_cjk(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x11FF | 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3040..=0x312F | 0x3130..=0x318F
        | 0x31A0..=0x31BF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA960..=0xA97F
        | 0xAC00..=0xD7FF | 0xF900..=0xFAFF | 0xFF66..=0xFFDC | 0x20000..=0x323AF)
}

/// The words of a text as they are compared: lower case, without accents, each Chinese, Japanese or Korean character a
/// word of its own. The second value says whether the search index certainly sees the same words.
pub fn words(text: &str) -> (Vec<String>, bool) {
    let (words, certain) = words_at(text);
    (words.into_iter().map(|(word, _)| word).collect(), certain)
}

/// The same with the octets of the text at which each word stands.
pub(super) fn words_at(text: &str) -> (Vec<(String, Range<usize>)>, bool) {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut begin = 0;
    let mut certain = true;
    let close = |word: &mut String, words: &mut Vec<_>, place: Range<usize>| {
        if !word.is_empty() {
            words.push((std::mem::take(word), place));
        }
    };
    for (at, c) in text.char_indices() {
        if word.is_empty() {
            begin = at;
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        } else if c.is_ascii() {
            close(&mut word, &mut words, begin..at);
        } else if is_cjk(c) {
            close(&mut word, &mut words, begin..at);
            if c.is_alphanumeric() {
                words.push((c.to_string(), at..at + c.len_utf8()));
            }
        } else if let Some(base) = without_accent(c) {
            word.push(base);
        } else if matches!(u32::from(c), 0x300..=0x36F) {
            // A combining accent belongs to the letter before it and does not matter.
        } else if c.is_alphanumeric() {
            certain = false;
            word.extend(c.to_lowercase());
        } else {
            certain &= !matches!(u32::from(c), 0x80..=0x24F | 0x370..=0x1FFF);
            close(&mut word, &mut words, begin..at);
        }
    }
    close(&mut word, &mut words, begin..text.len());
    (words, certain)
}

/// The plain letter under an accented Latin one.
fn without_accent(c: char) -> Option<char> {
    let lower = c.to_lowercase().next().unwrap_or(c);
    ACCENTED
        .iter()
        .find(|(_, accented)| accented.contains(lower))
        .map(|(base, _)| *base)
}

const ACCENTED: [(char, &str); 20] = [
    ('a', "àáâãäåāăąǎ"),
    ('c', "çćĉċč"),
    ('d', "ď"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģǧ"),
    ('h', "ĥ"),
    ('i', "ìíîïĩīĭįǐ"),
    ('j', "ĵ"),
    ('k', "ķǩ"),
    ('l', "ĺļľ"),
    ('n', "ñńņňǹ"),
    ('o', "òóôõöōŏőǒ"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťț"),
    ('u', "ùúûüũūŭůűųǔ"),
    ('w', "ŵẁẃẅ"),
    ('y', "ýÿŷỳ"),
    ('z', "źżž"),
    ('x', "ẋẍ"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_and_accents_and_cjk_by_character() {
        let (found, certain) = words("Grüße aus Köln, 東京タワー no_reply@x.org");
        assert_eq!(
            found,
            [
                "gruße", "aus", "koln", "東", "京", "タ", "ワ", "ー", "no", "reply", "x", "org"
            ]
        );
        assert!(!certain, "ß is a letter that this table does not know");
        assert_eq!(words("Cafe\u{301}"), (vec!["cafe".to_owned()], true));
    }
}

/// The candidate that `word` is most likely a slip of, if one is near enough.
///
/// Near enough is a third of the word's characters, at least one: insertions, deletions, substitutions and swaps of
/// neighbours count one each (the restricted Damerau-Levenshtein distance). `-` and `_` count as the same.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = folded(word).collect();
    if word.len() > LONGEST {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| {
            (
                distance(&word, &folded(candidate).collect::<Vec<_>>()),
                candidate,
            )
        })
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| {
            let longer = word.len().max(candidate.chars().count());
            *distance <= (longer / 3).max(1) && *distance < longer
        })
        .map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> impl Iterator<Item = char> {
    word.chars()
        .map(|c| if c == '-' { '_' } else { c })
        .flat_map(char::to_lowercase)
}

fn distance(a: &[char], b: &[char]) -> usize {
    let width = b.len() + 1;
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..width).collect();
    for (row, x) in a.iter().enumerate() {
        let mut current = Vec::with_capacity(width);
        current.push(row + 1);
        for (column, y) in b.iter().enumerate() {
            let at =
                |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX - 1);
            let mut best = (at(&last, column) + usize::from(x != y))
                .min(at(&last, column + 1) + 1)
                .min(at(&current, column) + 1);
            let swapped =
                row > 0 && column > 0 && a.get(row - 1) == Some(y) && b.get(column - 1) == Some(x);
            if swapped {
                best = best.min(at(&before_last, column - 1) + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last.last().copied().unwrap_or(a.len())
}

/// Characters of a word that is still compared; the work grows with its length.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        let keys = ["host", "port", "tls", "user", "password", "allow_cleartext"];
        for (slip, meant) in [
            ("tsl", "tls"),
            ("hots", "host"),
            ("pasword", "password"),
            ("passwort", "password"),
            ("allow-cleartext", "allow_cleartext"),
            ("Port", "port"),
        ] {
            assert_eq!(nearest(slip, keys), Some(meant), "{slip}");
        }
    }

    #[test]
    fn a_word_that_resembles_nothing_finds_nothing() {
        assert_eq!(nearest("zebra", ["host", "port", "tls"]), None);
        assert_eq!(nearest("", ["tls"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest(&"a".repeat(10_000), ["a"]), None);
    }

    #[test]
    fn the_distance_counts_swaps_of_neighbours_as_one() {
        let of = |a: &str, b: &str| {
            distance(
                &a.chars().collect::<Vec<_>>(),
                &b.chars().collect::<Vec<_>>(),
            )
        };
        assert_eq!(of("tsl", "tls"), 1);
        assert_eq!(of("kitten", "sitting"), 3);
        assert_eq!(of("", "abc"), 3);
        assert_eq!(of("abc", ""), 3);
    }
}

//! STAT, LIST and UIDL: the only replies whose text means something (RFC 1939 section 9).

use super::uidl::{MessageNumber, Uidl};

/// `count octets`, and whatever follows. The octets are `None` when the server counted past its own integers and sent a
/// negative number, or one past ours.
pub(super) fn parse_stat(text: &[u8]) -> Option<(u32, Option<u64>)> {
    let (messages, rest) = word(text)?;
    let (octets, _) = word(rest)?;
    let messages = u32::try_from(decimal(messages)?).ok()?;
    let unsigned = octets.strip_prefix(b"-").unwrap_or(octets);
    let is_number = !unsigned.is_empty() && unsigned.iter().all(u8::is_ascii_digit);
    is_number.then(|| (messages, decimal(octets)))
}

/// `number size`, and whatever follows.
pub(super) fn parse_list(line: &[u8]) -> Option<(MessageNumber, u64)> {
    let (number, rest) = number(line)?;
    let (size, _) = word(rest)?;
    Some((number, decimal(size)?))
}

/// `number unique-id`. The id is everything after the number and its spaces, without trailing spaces, since some servers put
/// spaces into it; `None` when there is none or none that can be kept. Some servers put `+OK` before every line.
pub(super) fn parse_uidl(line: &[u8]) -> Option<(MessageNumber, Option<Uidl>)> {
    let line = line.strip_prefix(b"+OK ").unwrap_or(line);
    let (number, rest) = number(line)?;
    Some((number, Uidl::new(rest.trim_ascii()).ok()))
}

/// The first message number that comes twice, if any.
pub(super) fn duplicate<T>(entries: &[(MessageNumber, T)]) -> Option<MessageNumber> {
    let ascending = entries
        .windows(2)
        .all(|pair| matches!(pair, [(first, _), (second, _)] if first < second));
    if ascending {
        return None;
    }
    let mut numbers: Vec<MessageNumber> = entries.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers.windows(2).find_map(|pair| match pair {
        [first, second] if first == second => Some(*first),
        _ => None,
    })
}

fn number(line: &[u8]) -> Option<(MessageNumber, &[u8])> {
    let (digits, rest) = word(line)?;
    let number = u32::try_from(decimal(digits)?).ok()?;
    Some((MessageNumber::new(number)?, rest))
}

/// The first word and what follows it, spaces before it skipped.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = memchr::memchr2(b' ', b'\t', text).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty()).then_some((word, rest))
}

/// Digits only: no sign, no hex, no overflow.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        value.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(number: u32) -> MessageNumber {
        MessageNumber::new(number).unwrap()
    }

    #[test]
    fn p13_v31_numbers_are_plain_decimals_that_fit() {
        for bad in [
            "+1 5",
            "-1 5",
            "0 5",
            "0x1 5",
            "4294967296 5",
            "1",
            "",
            "a 5",
            "1 x",
            "1 -5",
            "1 18446744073709551616",
            "1.0 5",
        ] {
            assert_eq!(parse_list(bad.as_bytes()), None, "{bad:?}");
        }
        assert_eq!(
            parse_list(b"4294967295 18446744073709551615"),
            Some((one(u32::MAX), u64::MAX))
        );
        assert_eq!(parse_list(b"007 0010"), Some((one(7), 10)));
    }

    #[test]
    fn p15_extra_text_and_extra_spaces_in_list_and_stat_are_ignored() {
        assert_eq!(parse_list(b"1 5 octets"), Some((one(1), 5)));
        assert_eq!(parse_list(b"  1 \t 5"), Some((one(1), 5)));
        assert_eq!(parse_stat(b"2 320 (hello)"), Some((2, Some(320))));
        assert_eq!(parse_stat(b"0 0"), Some((0, Some(0))));
    }

    #[test]
    fn p13_stat_without_two_numbers_is_refused() {
        for bad in [
            "",
            "7",
            "seven 5",
            "7 #5",
            "-7 5",
            "7 -",
            "4294967296 5",
            "7 5octets",
            "message follows",
        ] {
            assert_eq!(parse_stat(bad.as_bytes()), None, "{bad:?}");
        }
    }

    #[test]
    fn q10_a_total_past_the_servers_integers_does_not_lose_the_count() {
        assert_eq!(parse_stat(b"7 -2147483648"), Some((7, None)));
        assert_eq!(parse_stat(b"7 99999999999999999999"), Some((7, None)));
    }

    #[test]
    fn q5_oddities_of_uidl_lines_are_survived() {
        let id = |text: &[u8]| Uidl::new(text).ok();
        assert_eq!(parse_uidl(b"1   abc"), Some((one(1), id(b"abc"))));
        assert_eq!(parse_uidl(b"+OK 1 abc"), Some((one(1), id(b"abc"))));
        assert_eq!(parse_uidl(b"1 abc  "), Some((one(1), id(b"abc"))));
        assert_eq!(parse_uidl(b"1 two words"), Some((one(1), id(b"two words"))));
        assert_eq!(parse_uidl(b"x abc"), None);
        assert_eq!(parse_uidl(b"0 abc"), None);
    }

    #[test]
    fn v2_v3_a_missing_or_impossible_id_is_no_id() {
        assert_eq!(parse_uidl(b"1"), Some((one(1), None)));
        assert_eq!(parse_uidl(b"1 "), Some((one(1), None)));
        assert_eq!(parse_uidl(b"1 a\0b"), Some((one(1), None)));
        let long = [b"1 ".as_slice(), &[b'x'; 1025]].concat();
        assert_eq!(parse_uidl(&long), Some((one(1), None)));
    }

    #[test]
    fn p13_duplicates_are_found_in_any_order() {
        let list = |numbers: &[u32]| {
            numbers
                .iter()
                .map(|number| (one(*number), ()))
                .collect::<Vec<_>>()
        };
        assert_eq!(duplicate(&list(&[1, 2, 5])), None);
        assert_eq!(duplicate(&list(&[3, 1, 2])), None);
        assert_eq!(duplicate(&list(&[1, 2, 2])), Some(one(2)));
        assert_eq!(duplicate(&list(&[3, 1, 3])), Some(one(3)));
    }
}

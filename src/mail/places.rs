//! The order of a text's words, packed: what a phrase is looked up in.
//!
//! The search index knows which words a message has, and not where they stand. So each message keeps the order of its words
//! beside the index, as numbers that only say something to who knows the words already: each word of the text has a number
//! of its own (a perfect hash function), and the text is these numbers side by side. The words themselves are not kept.
//!
//! ```text
//! words in part 0, words in part 1          integers of 7 bits an octet, lowest first
//! bits of a number                          one octet
//! seeds of the function, as many as it has  an integer, then an octet for each; none with 32 bits
//! the numbers                               bit by bit, lowest first
//! ```
//!
//! Where no function can be found, as for words that someone chose for it, a number is 32 bits of the word's digest.

/// How many parts a text has, each looked up by itself: body, names of attachments.
pub(super) const PARTS: usize = 2;

/// 64 bits that stand for a word. Stable: they lie in every store.
pub fn digest(word: &str) -> u64 {
    let spread = |bits: u64| bits ^ (bits >> 33);
    let mut bits = word.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |bits, octet| {
        (bits ^ u64::from(octet)).wrapping_mul(0x0100_0000_01b3)
    });
    for factor in [0xff51_afd7_ed55_8ccd, 0xc4ce_b9fe_1a85_ec53] {
        bits = spread(bits).wrapping_mul(factor);
    }
    spread(bits)
}

/// Packs the digests of each part's words, in their order. `distinct` are the digests of all of them, each once, ascending.
/// Empty where no two words stand side by side.
pub(super) fn pack(parts: &[Vec<u64>; PARTS], distinct: &[u64]) -> Vec<u8> {
    let mut packed = Vec::new();
    if parts.iter().all(|part| part.len() < 2) {
        return packed;
    }
    for part in parts {
        put(&mut packed, part.len());
    }
    let function = Function::of(distinct);
    packed.push(function.bits as u8);
    put(&mut packed, function.seeds.len());
    packed.extend_from_slice(&function.seeds);
    let (mut held, mut count) = (0_u64, 0);
    for digest in parts.iter().flatten() {
        held |= function.number(*digest) << count;
        count += function.bits;
        while count >= u8::BITS {
            packed.push(held as u8);
            held >>= u8::BITS;
            count -= u8::BITS;
        }
    }
    if count > 0 {
        packed.push(held as u8);
    }
    packed
}

/// Whether the words with these digests stand side by side in a part of what was packed. Each of the words must be in that
/// part. What was not packed here is without any phrase.
pub fn stand_together(packed: &[u8], part: usize, phrase: &[u64]) -> bool {
    Packed::read(packed).is_some_and(|packed| packed.places(part, phrase, 0).next().is_some())
}

/// Whether one of some words stands behind the words of a phrase, side by side, in a part of what was packed. Each of the words must
/// be in that part. However many they are, the part is gone through once.
pub fn one_stands_behind(packed: &[u8], part: usize, phrase: &[u64], ends: &[u64]) -> bool {
    Packed::read(packed).is_some_and(|packed| {
        let mut ends: Vec<u64> = ends
            .iter()
            .map(|end| packed.function.number(*end))
            .collect();
        ends.sort_unstable();
        packed.places(part, phrase, 1).any(|behind| {
            let next = packed.number_at(behind);
            next.is_some_and(|next| ends.binary_search(&next).is_ok())
        })
    })
}

/// The digests of these words, for [`stand_together`].
pub fn digests<'w>(words: impl IntoIterator<Item = &'w String>) -> Vec<u64> {
    words.into_iter().map(|word| digest(word)).collect()
}

/// Gives each of some digests a number of its own, below a power of two.
struct Function<S> {
    bits: u32,
    /// One for each bucket.
    seeds: S,
}

impl<S: AsRef<[u8]>> Function<S> {
    fn number(&self, digest: u64) -> u64 {
        let seeds = self.seeds.as_ref();
        match seeds.get(bucket(digest, seeds.len())) {
            Some(seed) => placed(digest, *seed, self.bits),
            None => digest >> (u64::BITS - WIDE),
        }
    }
}

impl Function<Vec<u8>> {
    fn of(distinct: &[u64]) -> Self {
        let count = distinct.len();
        let mut tries = count.saturating_mul(TRIES);
        let least = (usize::BITS - count.saturating_sub(1).leading_zeros()).max(1);
        (least..(least + 3).min(WIDE))
            .flat_map(|bits| sizes(count, bits).map(move |size| (bits, size)))
            .find_map(|(bits, size)| {
                let seeds = seeds(distinct, bits, count.div_ceil(size), &mut tries)?;
                Some(Self { bits, seeds })
            })
            .unwrap_or(Self {
                bits: WIDE,
                seeds: Vec::new(),
            })
    }
}

/// How many digests to a bucket are to be tried, in turn: the more, the fewer seeds, and the less likely there is one for each
/// bucket. None where so few numbers are left over that one bit more for each word takes less than the seeds.
fn sizes(count: usize, bits: u32) -> impl Iterator<Item = usize> {
    let free = (1_usize << bits).saturating_sub(count);
    // In twentieths of all numbers: what was found out with mail.
    let most = (free * 20).div_ceil(1 << bits) + 1;
    (3..=most.min(8)).rev()
}

/// A seed for each bucket with which none of its digests gets a number that another has; `None` when there are none, or when so
/// many numbers have been tried.
fn seeds(distinct: &[u64], bits: u32, buckets: usize, tries: &mut usize) -> Option<Vec<u8>> {
    let mut filled: Vec<(usize, &[u64])> = distinct
        .chunk_by(|one, next| bucket(*one, buckets) == bucket(*next, buckets))
        .filter_map(|digests| Some((bucket(*digests.first()?, buckets), digests)))
        .collect();
    // While there is most room for them.
    filled.sort_by_key(|(_, digests)| std::cmp::Reverse(digests.len()));
    let mut taken = vec![false; 1 << bits];
    let mut seeds = vec![0; buckets];
    for (bucket, digests) in filled {
        let seed = (0..=u8::MAX).find(|seed| {
            let fit = digests
                .iter()
                .take_while(|digest| set(&mut taken, placed(**digest, *seed, bits), true))
                .count();
            let fits = fit == digests.len();
            if !fits {
                for digest in digests.iter().take(fit) {
                    set(&mut taken, placed(*digest, *seed, bits), false);
                }
            }
            *tries = tries.saturating_sub(fit + 1);
            fits || *tries == 0
        })?;
        if *tries == 0 {
            return None;
        }
        *seeds.get_mut(bucket)? = seed;
    }
    Some(seeds)
}

/// Takes a number, or gives it back. Whether that made a difference.
fn set(taken: &mut [bool], number: u64, take: bool) -> bool {
    let place = taken.get_mut(number as usize);
    place.is_some_and(|place| std::mem::replace(place, take) != take)
}

/// In which of so many buckets a digest is. Greater digests are never in lower ones.
fn bucket(digest: u64, buckets: usize) -> usize {
    (((digest >> 32) * buckets as u64) >> 32) as usize
}

/// The number that a seed gives a digest: its highest bits after a multiplication (Dietzfelbinger's multiply-shift).
fn placed(digest: u64, seed: u8, bits: u32) -> u64 {
    let factor = FACTORS.get(usize::from(seed)).copied().unwrap_or(1);
    digest.wrapping_mul(factor) >> (u64::BITS - bits)
}

/// Odd numbers without a pattern, one for each seed (the first of `SplitMix64`).
const FACTORS: [u64; 256] = {
    let mut factors = [0; 256];
    let (mut seed, mut state) = (0, 0_u64);
    while seed < factors.len() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        factors[seed] = (mixed ^ (mixed >> 31)) | 1;
        seed += 1;
    }
    factors
};

/// What [`pack`] made.
struct Packed<'p> {
    parts: [usize; PARTS],
    function: Function<&'p [u8]>,
    numbers: &'p [u8],
}

impl<'p> Packed<'p> {
    /// `None` for what is not of [`pack`].
    fn read(packed: &'p [u8]) -> Option<Self> {
        let mut rest = packed;
        let mut parts = [0; PARTS];
        for part in &mut parts {
            *part = take(&mut rest)?;
        }
        let (bits, mut rest) = rest.split_first()?;
        let bits = u32::from(*bits);
        let count = take(&mut rest)?;
        let (seeds, numbers) = rest.split_at_checked(count)?;
        let all = parts
            .iter()
            .try_fold(0_usize, |sum, part| sum.checked_add(*part))?;
        if all.checked_mul(bits as usize)? > numbers.len() * 8 {
            return None;
        }
        ((1..=WIDE).contains(&bits) && (bits == WIDE) == seeds.is_empty()).then_some(Self {
            parts,
            function: Function { bits, seeds },
            numbers,
        })
    }

    /// The places behind a phrase, wherever it stands in a part with so many words behind it at least.
    fn places(&self, part: usize, phrase: &[u64], more: usize) -> impl Iterator<Item = usize> {
        let before = self.parts.get(..part).unwrap_or_default();
        let begin: usize = before.iter().sum();
        let length = self.parts.get(part).copied().unwrap_or_default();
        let count = (length + 1).saturating_sub(phrase.len() + more);
        let phrase: Vec<u64> = phrase
            .iter()
            .map(|digest| self.function.number(*digest))
            .collect();
        (begin..begin + count).filter_map(move |place| {
            let there = (place..)
                .zip(&phrase)
                .all(|(place, number)| self.number_at(place) == Some(*number));
            there.then_some(place + phrase.len())
        })
    }

    fn number_at(&self, place: usize) -> Option<u64> {
        let bits = self.function.bits as usize;
        let first = place.checked_mul(bits)?;
        let rest = self.numbers.get(first / 8..)?;
        let held = if let Some(eight) = rest.first_chunk() {
            u64::from_le_bytes(*eight)
        } else {
            let octets = rest.get(..(first % 8 + bits).div_ceil(8))?;
            octets
                .iter()
                .rev()
                .fold(0, |held: u64, octet| held << 8 | u64::from(*octet))
        };
        Some(held >> (first % 8) & ((1 << bits) - 1))
    }
}

fn put(packed: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        packed.push(number as u8 | 0x80);
        number >>= 7;
    }
    packed.push(number as u8);
}

fn take(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (octet, behind) = rest.split_first()?;
        *rest = behind;
        number |= usize::from(octet & 0x7f).checked_shl(shift)?;
        if octet & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// So many numbers are tried for each digest at most: some ten times what it takes.
const TRIES: usize = 200;
/// Bits of a number when no function was found.
const WIDE: u32 = 32;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(parts: [&[u64]; PARTS]) -> Vec<u8> {
        let parts = parts.map(<[u64]>::to_vec);
        let mut distinct = parts.concat();
        distinct.sort_unstable();
        distinct.dedup();
        pack(&parts, &distinct)
    }

    fn text(words: &[u16]) -> Vec<u64> {
        words.iter().map(|word| digest(&word.to_string())).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn words_stand_together_exactly_where_they_do(
            body in proptest::collection::vec(0..40_u16, 0..200),
            files in proptest::collection::vec(0..40_u16, 0..9),
            asked in proptest::collection::vec((0..40_u16, 0..40_u16, 0..40_u16), 30),
        ) {
            let (body, files) = (text(&body), text(&files));
            let packed = packed([&body, &files]);
            for (a, b, c) in asked {
                for phrase in [text(&[a, b]), text(&[a, b, c])] {
                    for (part, words) in [&body, &files].into_iter().enumerate() {
                        if phrase.iter().all(|word| words.contains(word)) {
                            let (end, whole) = phrase.split_last().unwrap();
                            let ends = [words[0], *end, words[words.len() / 2]];
                            let behind = words
                                .windows(phrase.len())
                                .any(|window| ends.contains(&window[whole.len()]) && window.starts_with(whole));
                            prop_assert_eq!(one_stands_behind(&packed, part, whole, &ends), behind);
                            let there = words.windows(phrase.len()).any(|window| window == phrase);
                            prop_assert_eq!(stand_together(&packed, part, &phrase), there);
                        }
                    }
                }
            }
        }

        #[test]
        fn whatever_is_read_as_packed_breaks_nothing(octets in proptest::collection::vec(any::<u8>(), 0..40), part in 0..4_usize) {
            stand_together(&octets, part, &[1, u64::MAX]);
            stand_together(&octets, part, &[]);
            one_stands_behind(&octets, part, &[1], &[2, u64::MAX]);
            one_stands_behind(&octets, part, &[], &[]);
        }
    }

    #[test]
    fn texts_of_any_size_get_a_function_of_few_bits() {
        for count in (1..300).chain([1_000, 1_024, 4_096, 30_000, 65_536]) {
            let words: Vec<u64> = (0..count).map(|word| digest(&format!("w{word}"))).collect();
            let mut distinct = words.clone();
            distinct.sort_unstable();
            let function = Function::of(&distinct);
            let least = f64::from(count).log2().ceil();
            assert!(f64::from(function.bits) <= least + 1.0, "{count}");
            let mut numbers: Vec<u64> = words.iter().map(|word| function.number(*word)).collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(numbers.len(), words.len());
        }
    }

    #[test]
    fn words_that_share_a_bucket_by_design_are_kept_by_their_digests() {
        let words: Vec<u64> = (0..600)
            .map(|word| (7 << 40) | (word << 32) | (word * word))
            .collect();
        let packed = packed([&words, &[]]);
        assert_eq!(packed[3], 32);
        assert!(stand_together(&packed, 0, &words[3..6]));
        assert!(!stand_together(&packed, 0, &[words[3], words[5]]));
    }

    #[test]
    fn digests_are_those_of_the_stores_that_there_are() {
        assert_eq!(
            digests(["", "meeting", "東"].map(str::to_owned).iter()),
            [
                0xefd0_1f60_ba99_2926,
                0x4fc8_a29a_6eab_8c28,
                0x4b95_4a75_a0b5_bef0
            ]
        );
    }
}

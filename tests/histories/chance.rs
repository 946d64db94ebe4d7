//! Chance that comes from a seed alone.

/// `SplitMix64`.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The chance of one step: it does not depend on how many were drawn before.
    pub(crate) fn of_step(seed: u64, step: usize) -> Self {
        let mut chance = Self(seed ^ (step as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93));
        chance.next();
        chance
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `most`, which is not 0.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }

    pub(crate) fn percent(&mut self, of_hundred: usize) -> bool {
        self.below(100) < of_hundred
    }

    /// One of these, each as often as its weight says.
    pub(crate) fn weighed<T: Copy>(&mut self, choices: &[(usize, T)]) -> T {
        let sum = choices.iter().map(|(weight, _)| weight).sum();
        let mut drawn = self.below(sum);
        for (weight, choice) in choices {
            if drawn < *weight {
                return *choice;
            }
            drawn -= weight;
        }
        choices[0].1
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        if choices.is_empty() {
            return None;
        }
        Some(choices[self.below(choices.len())])
    }

    /// Some of these, one at least.
    pub(crate) fn some_of<T: Copy>(&mut self, choices: &[T]) -> Vec<T> {
        let Some(first) = self.one_of(choices) else {
            return Vec::new();
        };
        let share = self.below(100);
        let mut some: Vec<T> = choices
            .iter()
            .copied()
            .filter(|_| self.percent(share / 2))
            .collect();
        if some.is_empty() {
            some.push(first);
        }
        some
    }
}

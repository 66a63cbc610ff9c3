//! Seeded randomness: `SplitMix64`, which is small, well known, and good enough for faults.

/// A sequence of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Random(u64);

impl Random {
    /// The sequence for one purpose at one place of a stream; it depends on nothing else, so it is the same after a
    /// resume and a restart.
    pub(crate) fn new(seed: u64, purpose: u64, place: u64) -> Self {
        let mut random = Self(seed ^ purpose.rotate_left(32));
        let mixed = random.next();
        Self(mixed ^ place)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is above 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(bound);
        // The upper half is below `bound`.
        u64::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_split_mix_64() {
        let mut random = Random(1_234_567);
        let numbers = [random.next(), random.next(), random.next()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn a_seed_a_purpose_and_a_place_fix_them() {
        let first = |seed, purpose, place| Random::new(seed, purpose, place).next();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        assert!(
            first(1, 2, 3) != first(2, 2, 3) && first(1, 2, 3) != first(1, 3, 3) && first(1, 2, 3) != first(1, 2, 4)
        );
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut random = Random::new(0, 0, 0);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[usize::try_from(random.below(5)).expect("small")] += 1;
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
        assert_eq!(random.below(1), 0);
    }
}

//! Randomness that comes out the same for the same number, so that two seeded databases can be compared. Nothing
//! secret is drawn from it.

/// `SplitMix64`: as good as invented data needs, and a few lines.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, `end`; 0 when that is 0.
    pub(super) const fn below(&mut self, end: u64) -> u64 {
        // The high half of a product: no remainder, and the bias of so small numbers can't be seen.
        (((self.draw() as u128) * (end as u128)) >> 64) as u64
    }

    /// As [`Dice::below`], small numbers more often: the smallest of the tenths come ten times as often as the largest.
    pub(super) const fn low(&mut self, end: u64) -> u64 {
        let one = self.below(end);
        let other = self.below(end);
        let both = if one < other { one } else { other };
        let third = self.below(end);
        if both < third { both } else { third }
    }

    /// Whether something happens that does so in `percent` of 100 cases.
    pub(super) const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these; they may not be empty.
    pub(super) fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.place(of.len())]
    }

    /// A place in a list of this length.
    pub(super) fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or(0)
    }

    /// A place in a list of this length, the first ones more often.
    pub(super) fn early_place(&mut self, length: usize) -> usize {
        usize::try_from(self.low(length as u64)).unwrap_or(0)
    }

    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.draw().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_draws_within_bounds() {
        let (mut one, mut same, mut other) = (Dice::new(7), Dice::new(7), Dice::new(8));
        let draw = |dice: &mut Dice| (0..1_000).map(|_| dice.below(10)).collect::<Vec<_>>();
        let first = draw(&mut one);
        assert_eq!(first, draw(&mut same));
        assert_ne!(first, draw(&mut other));
        assert!((0..10).all(|n| first.contains(&n)) && first.iter().all(|n| *n < 10));
        assert_eq!(one.below(0), 0);
    }
}

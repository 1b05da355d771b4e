//! Norms of the examples and of the neurons.

use crate::arrays::product;
use crate::linalg::features::{Features, once};

/// Columns whose norms differ by less than this, relatively, may be the same: 2^-36.
const SAME: f64 = 1.0 / (1u64 << 36) as f64;

impl Features {
    /// The squared norm of each row of the scaled features.
    pub fn row_squared_norms(&self) -> &[f64] {
        let compute = || if self.is_wide() { self.gram().diagonal() } else { product::row_squared_norms(self.matrix()) };
        once::<Vec<f64>>(&self.row_squared_norms, compute)
    }

    /// sqrt(m) times the largest norm of a neuron over that of all, where at most m neurons may be
    /// copies of one; at most 1, and 1 where the neurons are not known one by one.
    pub(crate) fn share_of_neurons(&self) -> f64 {
        self.share_of_neurons
    }
}

/// sqrt(m) times the largest norm over the norm of all, at most 1: of at most m columns the norms
/// have the same digits.
pub(crate) fn share(squared_norms: impl Iterator<Item = f64>, total: f64) -> f64 {
    let (mut largest, mut digits) = (0.0f64, Vec::with_capacity(squared_norms.size_hint().1.unwrap_or(0)));
    for squared in squared_norms.filter(|squared| *squared > 0.0) {
        largest = largest.max(squared);
        digits.push(digits_of(squared));
    }
    digits.sort_unstable_by(f64::total_cmp);
    (most_alike(&digits) as f64 * largest / total).sqrt().min(1.0)
}

/// The number over a power of four, in [1, 4).
fn digits_of(number: f64) -> f64 {
    let bits = number.to_bits();
    let odd = (bits >> 52) & 1 == 0;
    let mantissa = f64::from_bits(bits & !(0x7ff << 52) | 1023 << 52);
    if odd { 2.0 * mantissa } else { mantissa }
}

/// How many of these, in ascending order, follow each other without a gap, in a circle of [1, 4).
fn most_alike(digits: &[f64]) -> usize {
    let joined = |a: f64, b: f64| b - a <= SAME * a;
    let (mut most, mut run, mut first) = (0, 0, None);
    for (place, number) in digits.iter().enumerate() {
        if place > 0 && !joined(digits[place - 1], *number) {
            first = first.or(Some(run));
            (most, run) = (most.max(run), 0);
        }
        run += 1;
    }
    // The last run may go on with the first.
    match (first, digits) {
        (Some(first), [least, .., greatest]) if joined(*greatest, 4.0 * least) => most.max(run + first),
        _ => most.max(run),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_counted_by_the_digits_of_their_norms() {
        let near = 1.0 + 0.5 * SAME;
        let cases: [(&[f64], usize); 7] = [
            (&[1.0, 2.0, 3.0], 1),
            (&[3.0, 1.0, 3.0], 2),
            // Multiples by powers of two have norms of the same digits, squared: by powers of four.
            (&[3.0, 12.0, 0.75, 6.0], 3),
            (&[3.0, 3.0 * near, 5.0], 2),
            // Beyond the end of the circle.
            (&[4.0 - 1e-12, 1.0, 2.5], 2),
            (&[0.0, 0.0, 1.0], 1),
            (&[7.0], 1),
        ];
        for (squared, copies) in cases {
            let largest = squared.iter().copied().fold(0.0, f64::max);
            let total = 1e3;
            let got = share(squared.iter().copied(), total).powi(2) * total / largest;
            assert!((got - copies as f64).abs() < 1e-9, "{squared:?}: {got}");
        }
        assert_eq!(share([2.0, 2.0].into_iter(), 4.0), 1.0);
    }
}

//! The singular values of a bidiagonal matrix: how many are below a number is read off a
//! factorisation, and each value is closed in on by halves.

use rayon::prelude::*;

use crate::arrays::sums::vectorised;

/// Values that are closed in on side by side: two vectors of eight, so that one divides while the
/// other waits.
const LANES: usize = 16;
/// Halvings, after which a value is known to 2^-59 of the bound for the largest.
const HALVINGS: usize = 58;
/// A pivot is never nearer to 0: it is what rounding a shift by eps may do to it, and its inverse
/// is finite.
const LEAST_PIVOT: f64 = 1e-290;

/// The singular values, descending, of the bidiagonal matrix B with these entries on and above its
/// diagonal, the largest about 1.
///
/// Of B'B - s^2 I = L D L', D has as many negative entries as B has singular values below s
/// (Sylvester), and in the differential form of Fernando and Parlett (Accurate singular values and
/// differential qd algorithms, 1994) the count is right for entries that differ from B's by a few
/// eps of each.
pub(super) fn singular_values(diagonal: &[f64], above: &[f64]) -> Vec<f64> {
    let above: Vec<f64> = [&[0.0], above, &[0.0]].concat();
    let steps: Vec<(f64, f64)> = diagonal.iter().zip(&above[1..]).map(|(on, above)| (on * on, above * above)).collect();
    // No singular value is larger than the largest sum of magnitudes of a row or column.
    let sums = diagonal.iter().zip(above.windows(2)).map(|(on, beside)| on.abs() + beside[0].abs().max(beside[1].abs()));
    let bound = sums.fold(0.0, f64::max) * (1.0 + 4.0 * f64::EPSILON);
    let mut values = vec![0.0; diagonal.len()];
    values.par_chunks_mut(LANES).enumerate().for_each(|(chunk, values)| {
        let found = vectorised(
            #[inline(always)]
            || close_in(&steps, bound, diagonal.len() as f64 - 1.0 - (chunk * LANES) as f64),
        );
        values.copy_from_slice(&found[..values.len()]);
    });
    values
}

/// The value with so many below it, and the next smaller ones.
#[inline(always)]
fn close_in(steps: &[(f64, f64)], bound: f64, below: f64) -> [f64; LANES] {
    let (mut low, mut high) = ([0.0; LANES], [bound; LANES]);
    for _ in 0..HALVINGS {
        let mut middle = [0.0; LANES];
        for lane in 0..LANES {
            middle[lane] = 0.5 * (low[lane] + high[lane]);
        }
        let counts = counts(steps, &middle);
        for lane in 0..LANES {
            // Counts are whole numbers, kept as f64 so that they stay in the lanes.
            let is_below = counts[lane] <= below - lane as f64;
            low[lane] = if is_below { middle[lane] } else { low[lane] };
            high[lane] = if is_below { high[lane] } else { middle[lane] };
        }
    }
    // What was never found above 0 is 0.
    std::array::from_fn(|lane| if low[lane] == 0.0 { 0.0 } else { 0.5 * (low[lane] + high[lane]) })
}

/// How many singular values are below each of these numbers.
#[inline(always)]
fn counts(steps: &[(f64, f64)], numbers: &[f64; LANES]) -> [f64; LANES] {
    let mut counts = [0.0; LANES];
    let (mut shifts, mut rests) = ([0.0; LANES], [0.0; LANES]);
    for lane in 0..LANES {
        shifts[lane] = numbers[lane] * numbers[lane];
        rests[lane] = -shifts[lane];
    }
    for &(diagonal, above) in steps {
        for lane in 0..LANES {
            let pivot = diagonal + rests[lane];
            let pivot = if pivot.abs() < LEAST_PIVOT { -LEAST_PIVOT } else { pivot };
            counts[lane] += if pivot < 0.0 { 1.0 } else { 0.0 };
            rests[lane] = above * (rests[lane] / pivot) - shifts[lane];
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_known_matrices() {
        // 1, 2, 3 and a matrix of ones on both diagonals, whose values are 2 cos(k pi / (2 n + 1)).
        let steps = [(1.0, 0.0), (4.0, 0.0), (9.0, 0.0)];
        let mut numbers = [0.5; LANES];
        numbers[1..6].copy_from_slice(&[1.5, 2.5, 3.5, 1.0 + 1e-15, 1.0 - 1e-15]);
        assert_eq!(counts(&steps, &numbers)[..6], [0.0, 1.0, 2.0, 3.0, 1.0, 0.0]);
        let n = 100;
        let found = singular_values(&vec![1.0; n], &vec![1.0; n - 1]);
        for (place, value) in found.iter().enumerate() {
            let exact = 2.0 * ((place + 1) as f64 * std::f64::consts::PI / (2 * n + 1) as f64).cos();
            assert!((value - exact).abs() < 8.0 * f64::EPSILON, "{place}: {value} {exact}");
        }
    }

    #[test]
    fn what_is_zero_is_exactly_zero() {
        assert_eq!(singular_values(&[1.0, 0.0, 0.5], &[0.0, 0.0]), [1.0, 0.5, 0.0]);
        assert_eq!(singular_values(&[3.0], &[]), [3.0]);
    }
}

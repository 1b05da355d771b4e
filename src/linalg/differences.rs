//! Entries as they stand, for differences of examples that centering would spoil.
//!
//! A centered entry c errs by eps |c| / 2, which is nothing beside the norm of a representation,
//! and much beside the distance of two examples that are near each other and far from the mean: one
//! huge entry is enough. Distances do not depend on the mean, so that such examples are compared as
//! they stand.

use faer::MatRef;

use crate::arrays::columns::Columns;
use crate::arrays::scale::factors;
use crate::linalg::features::Features;

/// Rows at the beginning, and as many in the middle, among which distances are tried.
const TRIED: usize = 8;

/// Distances that centering changes by more than this share of themselves are too few digits.
const SPOILT: f64 = 1e-10;

/// A scaled entry beyond this is one of a constant neuron: centered entries are below 2, and two
/// neighbouring numbers of this size are farther apart.
const CONSTANT: f64 = (1u64 << 60) as f64;

impl Features {
    /// The same centered features, with the entries of the view beside them where distances of some
    /// examples, of up to 16, lose digits by centering. They must be in memory.
    pub(crate) fn with_differences(mut self, view: MatRef<'_, f64>) -> Self {
        let Some(centered) = self.kept() else { return self };
        let (a, b) = factors(-self.exponent());
        let scaled = |row: usize, column: usize| {
            let entry = view[(row, column)] * a * b;
            if entry.abs() < CONSTANT { entry } else { 0.0 }
        };
        let n = self.n();
        let tried: Vec<usize> = (0..n).filter(|row| *row < TRIED || (n / 2..n / 2 + TRIED).contains(row)).collect();
        let pairs: Vec<(usize, usize)> = (0..tried.len()).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        let mut distances = vec![(0.0, 0.0); pairs.len()];
        for column in 0..self.p() {
            let of_rows: Vec<(f64, f64)> = tried.iter().map(|&row| (scaled(row, column), centered[(row, column)])).collect();
            for (sums, &(i, j)) in distances.iter_mut().zip(&pairs) {
                sums.0 += (of_rows[i].0 - of_rows[j].0).powi(2);
                sums.1 += (of_rows[i].1 - of_rows[j].1).powi(2);
            }
        }
        if distances.iter().any(|(exact, centered)| (exact - centered).abs() > SPOILT * exact) {
            let mut kept = Columns::unset(n, self.p());
            for (column, mut to) in kept.as_mut().col_iter_mut().enumerate() {
                (0..n).for_each(|row| to[row] = scaled(row, column));
            }
            self.as_they_stand = Some(kept);
        }
        self
    }

    /// The scaled features whose rows differ as the examples do: as they stand, where they are
    /// kept, or centered.
    pub(crate) fn differing(&self) -> MatRef<'_, f64> {
        self.as_they_stand.as_ref().map_or_else(|| self.matrix(), Columns::as_ref)
    }

    /// The bound on the error of a distance that rests on differences of the features, beside
    /// rounding of its own size: twice that of a centered entry, or of squares that vanish.
    pub(crate) fn error_of_differences(&self) -> f64 {
        const VANISHING: f64 = 1e-154;
        if self.as_they_stand.is_some() {
            return VANISHING;
        }
        let longest = self.row_squared_norms().iter().copied().fold(0.0, f64::max).sqrt();
        2.0 * f64::EPSILON * longest + VANISHING
    }

    /// Whether distances have a relative error of rounding alone.
    pub(crate) fn differences_are_exact(&self) -> bool {
        self.as_they_stand.is_some()
    }
}

#[cfg(test)]
mod tests {
    use faer::Mat;

    use super::*;
    use crate::arrays::scale::largest_magnitude;

    fn features(x: &Mat<f64>) -> Features {
        Features::of(x.as_ref(), largest_magnitude(x.as_ref()), true).with_differences(x.as_ref())
    }

    #[test]
    fn entries_are_kept_where_centering_spoils_distances() {
        let one_huge = Mat::from_fn(5, 1, |row, _| [0.0, 0.2, 0.5, 1.1, 1e17][row]);
        let (kept, scale) = (features(&one_huge), 2f64.powi(features(&one_huge).exponent() as i32));
        assert!(kept.differences_are_exact());
        let rows = kept.differing();
        assert_eq!((rows[(1, 0)] - rows[(0, 0)]) * scale, 0.2);
        // A common offset, of neurons that vary or not, spoils nothing.
        let offset = Mat::from_fn(20, 3, |row, column| if column == 2 { 1e300 } else { 1e8 + (row * row % 17 + column) as f64 });
        assert!(!features(&offset).differences_are_exact());
        // And a constant neuron is 0 whatever its size.
        let both = Mat::from_fn(5, 2, |row, column| if column == 1 { 1e300 } else { one_huge[(row, 0)] });
        assert!(features(&both).differences_are_exact() && features(&both).differing()[(3, 1)] == 0.0);
    }
}

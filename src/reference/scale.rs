//! Exact scaling by powers of two, and centering that keeps its digits.

use nalgebra::DMatrix;

/// floor(log2 |x|) of x != 0, give or take one: only the size matters.
pub(super) fn exponent(x: f64) -> i32 {
    x.abs().log2().floor() as i32
}

/// x * 2^k; in steps, because 2^k itself may be outside the range of f64.
pub(super) fn ldexp(mut x: f64, mut k: i32) -> f64 {
    while k != 0 && x != 0.0 && x.is_finite() {
        let step = k.clamp(-1000, 1000);
        x *= 2f64.powi(step);
        k -= step;
    }
    x
}

/// x = matrix * 2^exponent.
pub(super) struct Scaled {
    pub matrix: DMatrix<f64>,
    pub exponent: i32,
}

impl Scaled {
    /// Multiplies the matrix by a power of two (and takes it out of the exponent) so that the
    /// largest entry is about 2^size; a zero matrix stays as it is.
    pub fn resized(self, size: i32) -> Scaled {
        let largest = self.matrix.amax();
        if largest == 0.0 {
            return self;
        }
        let shift = size - exponent(largest);
        Scaled { matrix: self.matrix.map(|entry| ldexp(entry, shift)), exponent: self.exponent - shift }
    }

    /// The largest entries near the top of the range, with room for a difference: small entries
    /// lose no bits below the smallest normal number.
    pub fn raised(x: &DMatrix<f64>) -> Scaled {
        Scaled { matrix: x.clone(), exponent: 0 }.resized(1020)
    }
}

/// Xc = H X, the largest entry about 1.
///
/// The first row is subtracted from all, which is exact where an offset is large beside the spread
/// and makes constant columns exactly 0. Then the mean of what is left is subtracted, twice: the
/// second takes away the rounding of the first.
pub(super) fn centered(x: &DMatrix<f64>) -> Scaled {
    let raised = Scaled::raised(x);
    let first = raised.matrix.row(0).into_owned();
    let from_first = DMatrix::from_fn(x.nrows(), x.ncols(), |i, j| raised.matrix[(i, j)] - first[j]);
    let mut scaled = Scaled { matrix: from_first, exponent: raised.exponent }.resized(0);
    for _ in 0..2 {
        for mut column in scaled.matrix.column_iter_mut() {
            column.add_scalar_mut(-column.mean());
        }
    }
    scaled
}

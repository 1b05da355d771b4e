//! How far inner products of the rows, or of the columns, of a matrix are off by rounding, as a
//! matrix: what an inner product with another matrix sees of it.
//!
//! Centering rounds each entry of X twice, by eps |x| at most, R: the products with Y are off by
//! R'Y and X'S, of which <G, R'Y> <= eps |X|_F |Y|_2 |G|_F, whatever R is. (What is left of a mean
//! meets centered numbers, whose sum is 0.)
//!
//! A sum of k products is off by at most a(k) eps |x_i| |y_j|, a(k) = min(sqrt k, k / 2): four
//! standard deviations of what k roundings add up to ([`tolerance`](crate::tolerance)), or all of
//! them. Two such sums err independently, unless both columns of one are those of the other, or
//! multiples of them by powers of two, or within rounding of such: these have the same digits of
//! their norms. So <G, errors> is at most four standard deviations of its own,
//!
//!   a(k) eps sqrt(m_x m_y) max |x_i| max |y_j| |G|_F,
//!
//! where at most m columns have one norm; and never more than a(k) eps |X|_F |Y|_F |G|_F. Of a
//! symmetric product each sum stands in two places.

use crate::linalg::features::Features;
use crate::linalg::norms::share;
use crate::tolerance::EPS;

/// a(k): what a sum of k products errs by over eps and the norms of what is multiplied.
pub(crate) fn sum_of_products(terms: usize) -> f64 {
    let terms = terms as f64;
    terms.sqrt().min(0.5 * terms)
}

/// What a sum of so many squares errs by over eps, relatively: [`crate::arrays::sums`] adds
/// pairwise.
fn of_squares(count: usize) -> f64 {
    (0.5 * count as f64).min(2.0)
}

/// What the errors of inner products follow from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProductErrors {
    /// |X|_F^2.
    squared_norm: f64,
    /// sqrt(m) max |x_i| / |X|_F, at most 1.
    share: f64,
    /// What a sum errs by: a(k).
    of_sum: f64,
    /// What centering errs by for each of two factors, added up.
    centering: f64,
}

impl ProductErrors {
    /// Of products of neurons.
    pub(crate) fn of_neurons(features: &Features) -> Self {
        Self::new(features.squared_norm(), features.share_of_neurons(), features.n())
    }

    /// Of products of examples.
    pub(crate) fn of_examples(features: &Features) -> Self {
        let squared_norms = features.row_squared_norms();
        Self::new(features.squared_norm(), share(squared_norms.iter().copied(), features.squared_norm()), features.p())
    }

    fn new(squared_norm: f64, share: f64, terms: usize) -> Self {
        Self { squared_norm, share, of_sum: sum_of_products(terms), centering: 2.0 }
    }

    /// Of products of neurons that were gathered over blocks of rows: the distance of each block
    /// from those before is a row more, and entries are rounded once more as they are moved.
    pub(crate) fn gathered(n: usize, (squared_norm, share): (f64, f64)) -> Self {
        Self { centering: 3.0, ..Self::new(squared_norm, share, 2 * n) }
    }

    /// |X|_F^2.
    pub(crate) fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// What centering leaves of |<L, error of XX'>| over eps |L|_F; |X|_2^2 is at most `largest`.
    pub(crate) fn of_centering(&self, largest: f64) -> f64 {
        self.centering * (self.squared_norm * largest.min(self.squared_norm)).sqrt()
    }

    /// What sums leave of |<L, error of XX'>| over eps |L|_F, for a symmetric L.
    pub(crate) fn of_sums(&self) -> f64 {
        self.of_sum * (std::f64::consts::SQRT_2 * self.share * self.share).min(1.0) * self.squared_norm
    }

    /// |X|_F |Y|_F.
    fn size(&self, other: &Self) -> f64 {
        (self.squared_norm * other.squared_norm).sqrt()
    }

    /// What centering leaves |X'Y|_F^2, the square of `squared`, off by over `unit`, which is c(n,
    /// p) eps: it moves by 2 <X'Y, errors>.
    pub(crate) fn centering_of_cross(&self, other: &Self, squared: f64, unit: f64) -> f64 {
        2.0 * self.centering * self.size(other) * squared.sqrt() * EPS / unit
    }

    /// What sums leave it off by over `unit`, this one of so many entries and their squares; and
    /// the squares of all errors, which the product as it was computed has among it.
    pub(crate) fn arithmetic_of_cross(&self, other: &Self, (squared, entries): (f64, usize), unit: f64) -> f64 {
        let first = 2.0 * self.of_sum * self.share * other.share * self.size(other) * squared.sqrt() + of_squares(entries) * squared;
        first * EPS / unit + 3.0 * unit * self.size(other).powi(2)
    }

    /// The same of half of |X'X|_F^2: its root errs by as much over the whole, relatively.
    pub(crate) fn arithmetic_of_self(&self, (squared, entries): (f64, usize), unit: f64) -> f64 {
        let first = self.of_sums() * squared.sqrt() + 0.5 * of_squares(entries) * squared;
        first * EPS / unit + 1.5 * unit * self.squared_norm.powi(2)
    }
}

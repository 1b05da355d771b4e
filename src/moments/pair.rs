//! Sums of products over the examples, of two layers.

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, MatMut, MatRef, Par};
use serde::{Deserialize, Serialize};

use super::block::Block;
use super::compensated::Compensated;
use crate::arrays::operations::count;
use crate::arrays::product::symmetric_squared_norm;
use crate::arrays::sums::{dot, sum_of_squares};

/// What a layer tells its pairs when the mean moves: the deviations about the new mean are those
/// about the old one plus `shift`.
pub(super) struct Move<'a> {
    pub(super) shift: &'a [f64],
    /// Sum of the squared deviations about the old mean.
    pub(super) trace: f64,
}

impl Move<'_> {
    fn squared_length(&self) -> f64 {
        sum_of_squares(self.shift)
    }
}

/// Sums over the examples of products of the deviations u of X and v of Y from their means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PairMoments {
    /// sum u v', p x q and column-major; of a layer with itself the lower triangle only, the rest
    /// is 0.
    pub(super) products: Vec<f64>,
    pub(super) row_norms: Option<RowNorms>,
}

/// What the debiased estimator needs beside the products.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RowNorms {
    /// A = sum |u|^2 |v|^2.
    pub(super) products: Compensated,
    /// U = sum |u|^2 v, of q entries.
    of_y: Vec<f64>,
    /// V = sum |v|^2 u, of p entries.
    of_x: Vec<f64>,
    /// Upper bounds of what A, U and V were made of: sums that no cancellation makes smaller.
    /// Errors are a few eps times these.
    pub(super) magnitude: f64,
    magnitude_of_y: f64,
    magnitude_of_x: f64,
}

/// What a block of rows adds to the row-norm sums of a pair.
pub(super) struct RowNormBlock<'a> {
    pub(super) x: &'a [f64],
    pub(super) y: &'a [f64],
    pub(super) of_y: &'a [f64],
    pub(super) of_x: &'a [f64],
}

impl PairMoments {
    pub(super) fn new(p: usize, q: usize, with_row_norms: bool) -> Self {
        let zero = |length| vec![0.0; length];
        let row_norms = with_row_norms.then(|| RowNorms {
            products: Compensated::default(),
            of_y: zero(q),
            of_x: zero(p),
            magnitude: 0.0,
            magnitude_of_y: 0.0,
            magnitude_of_x: 0.0,
        });
        Self { products: zero(p * q), row_norms }
    }

    /// Whether this has the shape that p and q neurons give, and finite entries.
    pub(super) fn fits(&self, p: usize, q: usize, with_row_norms: bool) -> bool {
        let finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let row_norms = |norms: &RowNorms| {
            let magnitudes = [norms.magnitude, norms.magnitude_of_x, norms.magnitude_of_y];
            let lengths = (norms.of_x.len(), norms.of_y.len()) == (p, q);
            lengths && norms.products.is_finite() && finite(&norms.of_x) && finite(&norms.of_y) && finite(&magnitudes)
        };
        self.products.len() == p * q
            && finite(&self.products)
            && self.row_norms.is_some() == with_row_norms
            && self.row_norms.as_ref().is_none_or(row_norms)
    }

    fn matrix(&self, p: usize) -> MatRef<'_, f64> {
        MatRef::from_column_major_slice(&self.products, p, self.products.len() / p)
    }

    /// |sum u v'|_F^2.
    pub(super) fn squared_norm(&self, p: usize, itself: bool) -> f64 {
        if itself { symmetric_squared_norm(self.matrix(p)) } else { crate::arrays::product::squared_norm(self.matrix(p)) }
    }

    /// The row-norm sums about moved means, from those about the old ones. Call this before the
    /// products change.
    pub(super) fn move_means(&mut self, x: &Move<'_>, y: &Move<'_>, n: f64, itself: bool) {
        let Some(norms) = &mut self.row_norms else { return };
        let (p, dx, dy) = (x.shift.len(), x.shift, y.shift);
        let (dx2, dy2) = (x.squared_length(), y.squared_length());
        if dx2 == 0.0 && dy2 == 0.0 {
            return;
        }
        let (sx, sy) = (times(&self.products, dy, p, itself), transposed_times(&self.products, dx, p, itself));
        // With sum u = sum v = 0, the sum of |u + dx|^2 |v + dy|^2 is
        // A + 2 dy.U + 2 dx.V + tr_x |dy|^2 + tr_y |dx|^2 + 4 dx'S dy + n |dx|^2 |dy|^2.
        let crossed = dot(&sy, dy);
        for term in [2.0 * dot(&norms.of_y, dy), 2.0 * dot(&norms.of_x, dx), x.trace * dy2, y.trace * dx2, 4.0 * crossed, n * dx2 * dy2] {
            norms.products = norms.products.add(term);
        }
        // And that of |u + dx|^2 (v + dy) is U + tr_x dy + 2 S'dx + n |dx|^2 dy.
        let update = |sums: &mut [f64], trace: f64, shift: &[f64], crossed: &[f64], other: f64| {
            for ((sum, shift), crossed) in sums.iter_mut().zip(shift).zip(crossed) {
                *sum += (trace + n * other) * shift + 2.0 * crossed;
            }
        };
        update(&mut norms.of_y, x.trace, dy, &sy, dx2);
        update(&mut norms.of_x, y.trace, dx, &sx, dy2);
        let (a, b, both) = (dx2.sqrt(), dy2.sqrt(), (x.trace * y.trace).sqrt());
        norms.magnitude += 2.0 * (b * norms.magnitude_of_y + a * norms.magnitude_of_x)
            + x.trace * dy2
            + y.trace * dx2
            + 4.0 * a * b * both
            + n * dx2 * dy2;
        norms.magnitude_of_y += x.trace * b + 2.0 * a * both + n * dx2 * b;
        norms.magnitude_of_x += y.trace * a + 2.0 * b * both + n * dy2 * a;
    }

    /// Adds a block's row norms: after the means were moved.
    pub(super) fn add_row_norms(&mut self, block: &RowNormBlock<'_>) {
        let Some(norms) = &mut self.row_norms else { return };
        let products = dot(block.x, block.y);
        norms.products = norms.products.add(products);
        norms.of_y.iter_mut().zip(block.of_y).for_each(|(sum, term)| *sum += term);
        norms.of_x.iter_mut().zip(block.of_x).for_each(|(sum, term)| *sum += term);
        norms.magnitude += products;
        let weighted = |norms: &[f64], others: &[f64]| norms.iter().zip(others).map(|(norm, other)| norm * other.sqrt()).sum::<f64>();
        norms.magnitude_of_y += weighted(block.x, block.y);
        norms.magnitude_of_x += weighted(block.y, block.x);
    }

    /// Adds a block's products and those of its additional row.
    pub(super) fn add_products(&mut self, x: &Block, y: &Block, itself: bool, parallelism: Par) {
        let (x, y) = (x.with_shift(), y.with_shift());
        let mut sums = MatMut::from_column_major_slice_mut(&mut self.products, x.ncols(), y.ncols());
        let multiplications = x.nrows() * x.ncols() * y.ncols();
        count(if itself { multiplications.div_ceil(2) } else { multiplications });
        if itself {
            let whole = BlockStructure::Rectangular;
            let (lower, add) = (BlockStructure::TriangularLower, Accum::Add);
            triangular::matmul(&mut sums, lower, add, x.transpose(), whole, y, whole, 1.0, parallelism);
        } else {
            matmul(&mut sums, Accum::Add, x.transpose(), y, 1.0, parallelism);
        }
    }

    /// Adds other moments about the same means, and `weight` * dx dy' for the distance between the
    /// means that both had before.
    pub(super) fn add(&mut self, other: &Self, dx: &[f64], dy: &[f64], weight: f64, itself: bool) {
        let p = dx.len();
        for (column, (&dy, (sums, others))) in dy.iter().zip(self.products.chunks_mut(p).zip(other.products.chunks(p))).enumerate() {
            let from = if itself { column } else { 0 };
            for ((sum, other), dx) in sums[from..].iter_mut().zip(&others[from..]).zip(&dx[from..]) {
                *sum += other + weight * dx * dy;
            }
        }
        let (Some(norms), Some(others)) = (&mut self.row_norms, &other.row_norms) else { return };
        norms.products = norms.products.plus(others.products);
        norms.of_y.iter_mut().zip(&others.of_y).for_each(|(sum, term)| *sum += term);
        norms.of_x.iter_mut().zip(&others.of_x).for_each(|(sum, term)| *sum += term);
        norms.magnitude += others.magnitude;
        norms.magnitude_of_y += others.magnitude_of_y;
        norms.magnitude_of_x += others.magnitude_of_x;
    }

    /// Multiplies everything that has the unit X^i Y^j by 2^(i e_x + j e_y), given as pairs of
    /// factors for i, j = 1.
    pub(super) fn rescale(&mut self, x: i64, y: i64) {
        let scale = |values: &mut [f64], exponent: i64| {
            let (a, b) = shrink(exponent);
            values.iter_mut().for_each(|value| *value *= a * b);
        };
        scale(&mut self.products, x + y);
        let Some(norms) = &mut self.row_norms else { return };
        norms.products = norms.products.scaled(shrink(2 * (x + y)));
        scale(&mut norms.of_y, 2 * x + y);
        scale(&mut norms.of_x, x + 2 * y);
        let mut magnitudes = [norms.magnitude, norms.magnitude_of_y, norms.magnitude_of_x];
        for (magnitude, exponent) in magnitudes.iter_mut().zip([2 * (x + y), 2 * x + y, x + 2 * y]) {
            scale(std::slice::from_mut(magnitude), exponent);
        }
        [norms.magnitude, norms.magnitude_of_y, norms.magnitude_of_x] = magnitudes;
    }
}

/// 2^exponent for an exponent of at most 0, as two factors; below the range of f64 it is 0: what it
/// scales is then nothing beside the new size.
pub(super) fn shrink(exponent: i64) -> (f64, f64) {
    if exponent < -1000 { (0.0, 0.0) } else { crate::arrays::scale::factors(exponent) }
}

/// S d, where of a symmetric S the lower triangle is stored.
fn times(products: &[f64], d: &[f64], p: usize, symmetric: bool) -> Vec<f64> {
    let mut result = vec![0.0; p];
    for (column, (entries, &d_column)) in products.chunks(p).zip(d).enumerate() {
        if symmetric {
            result[column..].iter_mut().zip(&entries[column..]).for_each(|(sum, entry)| *sum += entry * d_column);
            result[column] += dot(&entries[column + 1..], &d[column + 1..]);
        } else {
            result.iter_mut().zip(entries).for_each(|(sum, entry)| *sum += entry * d_column);
        }
    }
    result
}

/// S' d.
fn transposed_times(products: &[f64], d: &[f64], p: usize, symmetric: bool) -> Vec<f64> {
    if symmetric { times(products, d, p, true) } else { products.chunks(p).map(|entries| dot(entries, d)).collect() }
}

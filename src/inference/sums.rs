//! Sums over the entries of a matrix between examples that its permutation moments are made of.

use faer::{Mat, MatRef};
use rayon::prelude::*;

use crate::arrays::columns::slice_mut;
use crate::arrays::product::{self_product, symmetric_inner};
use crate::arrays::sums::{sum, vectorised};
use crate::prepared::ExampleMatrix;

use super::moments::{DistinctSums, Number, Sums};

/// Entries whose sums are kept apart, so that they are added side by side.
const LANES: usize = 8;

/// A number with the sum of the magnitudes that were added up to it: c eps of that is what it may
/// be off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tracked {
    pub(super) value: f64,
    pub(super) magnitude: f64,
}

impl Number for Tracked {
    fn zero() -> Self {
        Self { value: 0.0, magnitude: 0.0 }
    }

    fn plus(&self, other: &Self) -> Self {
        Self { value: self.value + other.value, magnitude: self.magnitude + other.magnitude }
    }

    fn times(&self, other: &Self) -> Self {
        Self { value: self.value * other.value, magnitude: self.magnitude * other.magnitude }
    }

    fn times_whole(&self, factor: i64) -> Self {
        Self { value: self.value * factor as f64, magnitude: self.magnitude * factor.abs() as f64 }
    }

    fn over_whole(&self, divisor: i64) -> Self {
        Self { value: self.value / divisor as f64, magnitude: self.magnitude / divisor.abs() as f64 }
    }
}

/// What the moments of inner products with a matrix need of it, over its Frobenius norm.
#[derive(Debug)]
pub(super) struct Permuted {
    /// The Frobenius norm that all of it is over.
    pub(super) norm: f64,
    /// The mean of all entries.
    pub(super) mean: f64,
    /// The trace of the doubly centered matrix.
    pub(super) trace: f64,
    /// The sums over different examples.
    pub(super) distinct: DistinctSums<Tracked>,
}

impl Permuted {
    /// In n^2 operations and half a product of n x n matrices, or n r^2 of a factor of r columns;
    /// one more such matrix is held on the way, or two.
    pub(super) fn of(matrix: &ExampleMatrix) -> Self {
        let (entries, n) = (matrix.entries(), matrix.n());
        let norm = matrix.norm();
        let mut a = Mat::zeros(n, n);
        a.as_mut().par_col_iter_mut().zip(entries.par_col_iter()).for_each(|(to, from)| {
            to.iter_mut().zip(from.iter()).for_each(|(to, from)| *to = from / norm);
        });
        let means: Vec<f64> = (0..n).into_par_iter().map(|i| sum(a.col_as_slice(i)) / n as f64).collect();
        let mean = sum(&means) / n as f64;
        let u: Vec<f64> = means.iter().map(|row| row - mean).collect();
        let trace = sum(&(0..n).map(|i| a[(i, i)] - 2.0 * u[i] - mean).collect::<Vec<_>>());
        let share = trace / (n as f64 - 1.0);
        a.as_mut().par_col_iter_mut().enumerate().for_each(|(j, column)| {
            let around = mean - share / n as f64;
            column.iter_mut().zip(&u).for_each(|(entry, row)| *entry -= (row + u[j]) + around);
        });
        (0..n).for_each(|i| a[(i, i)] -= share);
        let of_factor = matrix.factor().filter(|factor| factor.ncols() < n).map(|factor| triangles_of_factor(factor, norm, share));
        Self { norm, mean, trace, distinct: DistinctSums::new(&sums(&a, &u, of_factor)) }
    }
}

/// tr (A0 - s H)^3 of A0 = H F F' H over its norm, from the product of the centered columns of F: n
/// r^2 operations.
fn triangles_of_factor(factor: MatRef<'_, f64>, norm: f64, share: f64) -> Tracked {
    let n = factor.nrows() as f64;
    let mut centered = factor.to_owned();
    centered.as_mut().par_col_iter_mut().for_each(|column| {
        let column = slice_mut(column);
        let mean = sum(column) / n;
        column.iter_mut().for_each(|entry| *entry -= mean);
    });
    let lower = self_product(centered.as_ref());
    let lower = lower.as_ref();
    let product = Mat::from_fn(lower.nrows(), lower.nrows(), |i, j| lower[(i.max(j), i.min(j))] / norm);
    let square = self_product(product.as_ref());
    let second = symmetric_inner(product.as_ref(), product.as_ref());
    let third = symmetric_inner(square.as_ref(), product.as_ref());
    // A0 H = A0, and its trace is s (n - 1).
    let (subtracted, added) = (3.0 * share * second, 2.0 * share.powi(3) * (n - 1.0));
    Tracked { value: (third - subtracted) + added, magnitude: second.powf(1.5) + subtracted.abs() + added.abs() }
}

/// What one column of the reduced matrix adds up to.
struct Column {
    squares: f64,
    cubes: f64,
    magnitudes: f64,
    with_d: f64,
    with_u: f64,
}

fn of_column(column: &[f64], d: &[f64], u: &[f64]) -> Column {
    vectorised(
        #[inline(always)]
        || {
            let [mut squares, mut cubes, mut magnitudes, mut with_d, mut with_u] = [[0.0; LANES]; 5];
            let mut add = |lane: usize, entry: f64, d: f64, u: f64| {
                squares[lane] += entry * entry;
                cubes[lane] += entry * entry * entry;
                magnitudes[lane] += (entry * entry * entry).abs();
                with_d[lane] += entry * d;
                with_u[lane] += entry * u;
            };
            let ((entries, rest), (of_d, rest_d), (of_u, rest_u)) =
                (column.as_chunks::<LANES>(), d.as_chunks::<LANES>(), u.as_chunks::<LANES>());
            for ((entries, d), u) in entries.iter().zip(of_d).zip(of_u) {
                (0..LANES).for_each(|lane| add(lane, entries[lane], d[lane], u[lane]));
            }
            rest.iter().zip(rest_d).zip(rest_u).for_each(|((entry, d), u)| add(0, *entry, *d, *u));
            let [squares, cubes, magnitudes, with_d, with_u] = [squares, cubes, magnitudes, with_d, with_u].map(|lanes| lanes.iter().sum());
            Column { squares, cubes, magnitudes, with_d, with_u }
        },
    )
}

/// The sums of a reduced matrix and its row terms; the cubes of its trace where they are known.
fn sums(a: &Mat<f64>, u: &[f64], triangles: Option<Tracked>) -> Sums<Tracked> {
    let n = a.nrows();
    let d: Vec<f64> = (0..n).map(|i| a[(i, i)]).collect();
    let columns: Vec<Column> = (0..n).into_par_iter().map(|j| of_column(a.col_as_slice(j), &d, u)).collect();
    let total = |term: &dyn Fn(usize) -> f64| sum(&(0..n).map(term).collect::<Vec<_>>());
    let squares = total(&|j| columns[j].squares);
    let [norm_d, norm_u] = [&d, u].map(|of| total(&|j| of[j] * of[j]).sqrt());
    // By Cauchy and Schwarz what was added up is no larger.
    let tracked = |value: f64, magnitude: f64| Tracked { value, magnitude };
    let at_one = |loops: usize, ends: usize| {
        let terms: Vec<f64> = d.iter().zip(u).map(|(d, u)| d.powi(loops as i32) * u.powi(ends as i32)).collect();
        tracked(sum(&terms), sum(&terms.iter().map(|term| term.abs()).collect::<Vec<_>>()))
    };
    let triangles = triangles.unwrap_or_else(|| {
        let square = self_product(a.as_ref());
        tracked(symmetric_inner(square.as_ref(), a.as_ref()), squares.powf(1.5))
    });
    Sums {
        n,
        at_one: std::array::from_fn(|loops| std::array::from_fn(|ends| at_one(loops, ends))),
        squares: tracked(squares, squares),
        squares_d: tracked(total(&|j| columns[j].squares * d[j]), total(&|j| columns[j].squares * d[j].abs())),
        squares_u: tracked(total(&|j| columns[j].squares * u[j]), total(&|j| columns[j].squares * u[j].abs())),
        cubes: tracked(total(&|j| columns[j].cubes), total(&|j| columns[j].magnitudes)),
        d_d: tracked(total(&|j| columns[j].with_d * d[j]), norm_d * norm_d * squares.sqrt()),
        d_u: tracked(total(&|j| columns[j].with_d * u[j]), norm_d * norm_u * squares.sqrt()),
        u_u: tracked(total(&|j| columns[j].with_u * u[j]), norm_u * norm_u * squares.sqrt()),
        triangles,
    }
}

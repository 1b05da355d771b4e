//! Sums over the entries of a matrix between examples that its permutation moments are made of.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use rayon::prelude::*;

use crate::arrays::sums::sum;
use crate::prepared::ExampleMatrix;

use super::moments::{DistinctSums, Number, Sums};

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
    /// In n^2 operations and one product of n x n matrices; three such matrices are held on the way.
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
        Self { norm, mean, trace, distinct: DistinctSums::new(&sums(&a, &u)) }
    }
}

/// The sums of a reduced matrix and its row terms.
fn sums(a: &Mat<f64>, u: &[f64]) -> Sums<Tracked> {
    let n = a.nrows();
    let d: Vec<f64> = (0..n).map(|i| a[(i, i)]).collect();
    let over_rows = |term: &(dyn Fn(usize, usize, f64) -> f64 + Sync)| {
        let of_column = |j: usize| {
            let terms: Vec<f64> = a.col_as_slice(j).iter().enumerate().map(|(i, entry)| term(i, j, *entry)).collect();
            [sum(&terms), sum(&terms.iter().map(|term| term.abs()).collect::<Vec<_>>())]
        };
        let columns: Vec<[f64; 2]> = (0..n).into_par_iter().map(of_column).collect();
        let [value, magnitude] = [0, 1].map(|which| sum(&columns.iter().map(|sums| sums[which]).collect::<Vec<_>>()));
        Tracked { value, magnitude }
    };
    let at_one = |loops: usize, ends: usize| {
        let terms: Vec<f64> = d.iter().zip(u).map(|(d, u)| d.powi(loops as i32) * u.powi(ends as i32)).collect();
        Tracked { value: sum(&terms), magnitude: sum(&terms.iter().map(|term| term.abs()).collect::<Vec<_>>()) }
    };
    let mut square = Mat::zeros(n, n);
    matmul(square.as_mut(), Accum::Replace, a.as_ref(), a.as_ref(), 1.0, Par::rayon(0));
    let squares = over_rows(&|_, _, entry| entry * entry);
    let triangles = over_rows(&|i, j, entry| square[(i, j)] * entry);
    Sums {
        n,
        at_one: std::array::from_fn(|loops| std::array::from_fn(|ends| at_one(loops, ends))),
        squares_d: over_rows(&|_, j, entry| entry * entry * d[j]),
        squares_u: over_rows(&|_, j, entry| entry * entry * u[j]),
        cubes: over_rows(&|_, _, entry| entry * entry * entry),
        d_d: over_rows(&|i, j, entry| d[i] * entry * d[j]),
        d_u: over_rows(&|i, j, entry| d[i] * entry * u[j]),
        u_u: over_rows(&|i, j, entry| u[i] * entry * u[j]),
        // An entry of the square errs by eps times the norms of its row and column.
        triangles: Tracked { magnitude: triangles.magnitude + squares.value.powf(1.5), ..triangles },
        squares,
    }
}

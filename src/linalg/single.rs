//! Products in single precision of features that were centered in double precision; every sum over products is in double precision.

use std::fmt;
use std::str::FromStr;

use faer::linalg::matmul::matmul;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::{Accum, Mat, MatRef};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::linalg::columns::{Columns, slice_mut};
use crate::linalg::product::{parallelism, squared_norm, symmetric_squared_norm};

/// In which precision the large products of the linear measures are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Precision {
    /// All in f64.
    #[default]
    #[serde(rename = "f64")]
    Double,
    /// The p x p products of linear HSIC and CKA in f32, each in about half the time; everything else in f64. The `error_bound` of a score says what that costs.
    #[serde(rename = "f32")]
    Single,
}

impl Precision {
    /// `f64` or `f32`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Double => "f64",
            Self::Single => "f32",
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Precision {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Double, Self::Single].into_iter().find(|precision| precision.as_str() == text).ok_or_else(|| format!("{text}: f64 or f32"))
    }
}

/// Rows whose products are summed in f32 before they are added in f64.
pub(crate) const BLOCK: usize = 512;

/// The entries, each rounded once: they are in (-2, 2), so that none overflows, and what is below 2^-149 does not matter beside the largest.
pub(crate) fn rounded(matrix: MatRef<'_, f64>) -> Columns<f32> {
    let mut single = Columns::unset(matrix.nrows(), matrix.ncols());
    single.as_mut().par_col_iter_mut().zip(matrix.par_col_iter()).for_each(|(to, from)| {
        let from = from.try_as_col_major().expect("features are column-major").as_slice();
        slice_mut(to).iter_mut().zip(from).for_each(|(to, from)| *to = *from as f32);
    });
    single
}

/// |A'B|_F^2
pub(crate) fn cross_squared_norm(a: MatRef<'_, f32>, b: MatRef<'_, f32>) -> f64 {
    let sum = summed(a.nrows(), a.ncols(), b.ncols(), |from, rows, product| {
        let (a, b) = (a.subrows(from, rows), b.subrows(from, rows));
        matmul(product, Accum::Replace, a.transpose(), b, 1.0, parallelism(rows * a.ncols() * b.ncols()));
    });
    squared_norm(sum.as_ref())
}

/// |A'A|_F^2, from its lower triangle.
pub(crate) fn self_squared_norm(a: MatRef<'_, f32>) -> f64 {
    let (p, whole) = (a.ncols(), BlockStructure::Rectangular);
    let sum = summed(a.nrows(), p, p, |from, rows, product| {
        let a = a.subrows(from, rows);
        let parallelism = parallelism(rows * p * p / 2);
        triangular::matmul(product, BlockStructure::TriangularLower, Accum::Replace, a.transpose(), whole, a, whole, 1.0, parallelism);
    });
    symmetric_squared_norm(sum.as_ref())
}

/// The p x q sum over blocks of rows of what `multiply` puts into a matrix for each.
fn summed(n: usize, p: usize, q: usize, multiply: impl Fn(usize, usize, &mut Mat<f32>)) -> Mat<f64> {
    let mut sum = Mat::<f64>::zeros(p, q);
    let mut block = Mat::<f32>::zeros(p, q);
    for from in (0..n).step_by(BLOCK) {
        multiply(from, BLOCK.min(n - from), &mut block);
        sum.as_mut().par_col_iter_mut().enumerate().for_each(|(column, to)| {
            let to = slice_mut(to);
            to.iter_mut().zip(block.col_as_slice(column)).for_each(|(to, value)| *to += f64::from(*value));
        });
    }
    sum
}

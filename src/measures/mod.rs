//! The measures, one file each: definition, options, and the fast path on faer.

pub mod canonical_ridge;
pub mod cca;
pub mod cka;
pub mod hsic;
pub mod linear_regression;
pub mod procrustes;
pub mod pwcca;
pub mod svcca;

use crate::convention::choice;

choice! {
    /// What to do where a value would be the same for all data, or depend on an arbitrary choice.
    pub enum Degenerate {
        /// Answer with an error that names n, p and the ranks.
        #[default]
        Error = "error",
        /// Return the value that the definition gives all the same.
        Allow = "allow",
    }
}

choice! {
    /// How canonical correlations are made one number.
    pub enum Summary {
        /// The sum of the correlations rho_i over the divisor.
        #[default]
        Rho = "rho",
        /// The sum of their squares over the divisor.
        R2 = "r2",
    }
}

choice! {
    /// What a sum of canonical correlations is divided by. r_X, r_Y are ranks (for SVCCA: kept dimensions).
    pub enum Divisor {
        /// min(r_X, r_Y)
        #[default]
        MinRank = "min-rank",
        /// min(p1, p2), the paper's letter
        MinWidth = "min-width",
        /// sqrt(r_X r_Y)
        Geometric = "geometric",
        /// max(r_X, r_Y)
        Max = "max",
    }
}

/// The documentation of the keys that several measures share.
mod key {
    use crate::spec::Key;

    pub const DEGENERATE: Key = Key {
        name: "degenerate",
        values: "error | allow",
        help: "a value that is the same for all data, or rests on an arbitrary choice: error, or return it",
    };
    pub const SUMMARY: Key = Key { name: "summary", values: "rho | r2", help: "sum of the canonical correlations, or of their squares" };
    pub const DIVISOR: Key = Key {
        name: "divisor",
        values: "min-rank | min-width | geometric | max",
        help: "min(r_X, r_Y), min(p1, p2), sqrt(r_X r_Y) or max(r_X, r_Y)",
    };
    pub const KERNEL: Key =
        Key { name: "kernel", values: "linear | rbf | laplace | polynomial | cosine", help: "the kernel between examples" };
    pub const BANDWIDTH: Key =
        Key { name: "bandwidth", values: "median | demo | lower-median | fixed", help: "rbf, laplace: where sigma comes from" };
    pub const FRACTION: Key = Key { name: "fraction", values: "1.0 | a number > 0", help: "rbf, laplace: factor on the median" };
    pub const SIGMA: Key = Key { name: "sigma", values: "a number > 0", help: "rbf, laplace with bandwidth=fixed: the bandwidth" };
    pub const DEGREE: Key = Key { name: "degree", values: "3 | a whole number from 1 to 64", help: "polynomial: the exponent" };
    pub const OFFSET: Key = Key { name: "offset", values: "1.0 | a number >= 0", help: "polynomial: the constant added" };
}

use crate::error::Error;
use crate::linalg::features::Features;
use crate::prepared::pair::Pair;

/// A sum of correlations (or of their squares) over its divisor.
fn divide(sum: f64, divisor: Divisor, ranks: (usize, usize), pair: &Pair<'_>) -> f64 {
    let (r_x, r_y) = (ranks.0 as f64, ranks.1 as f64);
    sum / match divisor {
        Divisor::MinRank => r_x.min(r_y),
        Divisor::MinWidth => pair.x().p().min(pair.y().p()) as f64,
        Divisor::Geometric => (r_x * r_y).sqrt(),
        Divisor::Max => r_x.max(r_y),
    }
}

/// What a value that fills the space is: an error, unless allowed.
///
/// # Errors
/// [`Error::Degenerate`] when `filled` and not allowed.
fn refuse(
    filled: bool,
    degenerate: Degenerate,
    pair: &Pair<'_>,
    available: usize,
    role: &'static str,
    dimensions: (usize, usize),
) -> Result<(), Error> {
    if !filled || degenerate == Degenerate::Allow {
        return Ok(());
    }
    Err(Error::Degenerate {
        measure: String::new(),
        n: pair.n(),
        available,
        p1: pair.x().p(),
        p2: pair.y().p(),
        role,
        dimensions_x: dimensions.0,
        dimensions_y: dimensions.1,
    })
}

/// Whether a wide representation fills the space of its examples, so that a measure which refuses that needs nothing else of it. Told from the Gram matrix alone, mostly.
///
/// # Errors
/// As [`Features::basis`].
fn refuses(features: &Features, degenerate: Degenerate) -> Result<bool, Error> {
    Ok(degenerate == Degenerate::Error && features.is_wide() && features.rank()? == features.available())
}

/// The ranks of X and Y.
///
/// # Errors
/// [`Error::Constant`], and as [`Features::basis`].
fn ranks(pair: &Pair<'_>, x: &Features, y: &Features) -> Result<(usize, usize), Error> {
    pair.x().not_zero(x)?;
    pair.y().not_zero(y)?;
    // Side by side, because each has steps that one thread does alone.
    let (x, y) = rayon::join(|| x.rank(), || y.rank());
    Ok((x?, y?))
}

/// How many correlations are 1 whatever the data: dimensions of X and Y that do not fit beside each other.
fn forced(dimensions: (usize, usize), available: usize) -> usize {
    (dimensions.0 + dimensions.1).saturating_sub(available)
}

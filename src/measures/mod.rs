//! The measures, one file each: definition, options, and the fast path on faer.

pub mod canonical_ridge;
pub mod cca;
pub mod cka;
pub mod distance_correlation;
pub mod hsic;
pub mod linear_regression;
pub mod mutual_knn;
pub mod procrustes;
pub mod pwcca;
pub mod rsa;
pub mod soft_matching;
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
    /// What a sum of canonical correlations is divided by. r_X, r_Y are ranks (for SVCCA: kept
    /// dimensions).
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
        phrases: &[
            ("error", "no value where it would be the same for all data, or rest on an arbitrary choice"),
            ("allow", "the value of the definition also where it is the same for all data, or rests on an arbitrary choice"),
        ],
        tried: &[],
    };
    pub const SUMMARY: Key = Key {
        name: "summary",
        values: "rho | r2",
        help: "sum of the canonical correlations, or of their squares",
        phrases: &[("rho", "the sum of the canonical correlations"), ("r2", "the sum of the squared canonical correlations")],
        tried: &[],
    };
    pub const DIVISOR: Key = Key {
        name: "divisor",
        values: "min-rank | min-width | geometric | max",
        help: "min(r_X, r_Y), min(p1, p2), sqrt(r_X r_Y) or max(r_X, r_Y)",
        phrases: &[
            ("min-rank", "divided by the smaller of the two dimensions (ranks, or kept dimensions)"),
            ("min-width", "divided by the smaller of the two numbers of neurons"),
            ("geometric", "divided by the geometric mean of the two dimensions (ranks, or kept dimensions)"),
            ("max", "divided by the larger of the two dimensions (ranks, or kept dimensions)"),
        ],
        tried: &[],
    };
    pub const KERNEL: Key = Key {
        name: "kernel",
        values: "linear | rbf | laplace | polynomial | cosine",
        help: "the kernel between examples",
        phrases: &[
            ("linear", "a linear kernel"),
            ("rbf", "a Gaussian (RBF) kernel exp(-|x_i - x_j|^2 / (2 sigma^2))"),
            ("laplace", "a Laplace kernel exp(-|x_i - x_j| / sigma) of the Euclidean distance"),
            ("polynomial", "a polynomial kernel (x_i . x_j + offset)^degree"),
            ("cosine", "a cosine kernel"),
        ],
        tried: &[],
    };
    pub const BANDWIDTH: Key = Key {
        name: "bandwidth",
        values: "median | demo | lower-median | fixed",
        help: "rbf, laplace: where sigma comes from",
        phrases: &[
            ("median", "sigma = fraction times the median of the n(n-1)/2 Euclidean distances between different examples"),
            ("demo", "sigma^2 = fraction^2 times the median of all n^2 squared Euclidean distances, the zero diagonal included"),
            ("lower-median", "sigma = fraction times the lower median of the n(n-1)/2 Euclidean distances between different examples"),
            ("fixed", "a bandwidth sigma fixed in the units of the representation"),
        ],
        tried: &[],
    };
    pub const FRACTION: Key = Key {
        name: "fraction",
        values: "1.0 | a number > 0",
        help: "rbf, laplace: factor on the median",
        phrases: &[],
        tried: &["1.0", "0.2", "0.4", "0.5", "0.8", "0.7071067811865476", "1.4142135623730951", "2.0"],
    };
    pub const SIGMA: Key = Key {
        name: "sigma",
        values: "a number > 0",
        help: "rbf, laplace with bandwidth=fixed: the bandwidth",
        phrases: &[],
        tried: &["1.0", "0.5", "0.7071067811865476", "2.0"],
    };
    pub const DEGREE: Key = Key {
        name: "degree",
        values: "3 | a whole number from 1 to 64",
        help: "polynomial: the exponent",
        phrases: &[],
        tried: &["2", "3"],
    };
    pub const OFFSET: Key =
        Key { name: "offset", values: "1.0 | a number >= 0", help: "polynomial: the constant added", phrases: &[], tried: &["1.0", "0.0"] };
}

use crate::error::Error;
use crate::kernel::{Centering, Kernel};
use crate::linalg::features::Features;
use crate::needs::{Moments, SinglePrecision};
use crate::prepared::pair::Pair;

/// Why what rests on singular values does not follow from moments.
const SINGULAR_VALUES: &str =
    "it needs the features' singular values, which moments hold with an error of eps times the squared condition number";

/// Whether an inner product of centered kernel matrices follows from moments.
fn moments(kernel: Kernel, normalised: bool, unbiased: bool) -> Moments {
    match kernel {
        Kernel::Linear => Moments::Linear { normalised, unbiased },
        _ => Moments::No("its kernel compares examples with each other"),
    }
}

/// Which products of such an inner product may be in single precision: row norms of a U-centered
/// one are summed in double.
fn single_precision(kernel: Kernel, centering: Centering) -> SinglePrecision {
    match (kernel, centering) {
        (Kernel::Linear, Centering::Double) => SinglePrecision::FeaturesAlone,
        (Kernel::Linear, Centering::Unbiased) => SinglePrecision::Features,
        _ => SinglePrecision::Never,
    }
}

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
fn check_degenerate(
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
        n: pair.n(),
        available,
        p1: pair.x().p(),
        p2: pair.y().p(),
        role,
        dimensions_x: dimensions.0,
        dimensions_y: dimensions.1,
    })
}

/// Whether a wide representation fills the space of its examples, so that a measure which refuses
/// that needs nothing else of it. Told from the Gram matrix alone, mostly.
///
/// # Errors
/// As [`Features::basis`].
fn is_refused(features: &Features, degenerate: Degenerate) -> Result<bool, Error> {
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

/// How many correlations are 1 whatever the data: dimensions of X and Y that do not fit beside each
/// other.
fn forced(dimensions: (usize, usize), available: usize) -> usize {
    (dimensions.0 + dimensions.1).saturating_sub(available)
}

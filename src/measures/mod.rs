//! The measures, one file each: definition, options, and the fast path on faer.

pub mod canonical_ridge;
pub mod cca;
pub mod cka;
pub mod distance_correlation;
pub mod hsic;
pub mod linear_predictivity;
pub mod linear_regression;
pub mod mutual_knn;
pub mod procrustes;
pub mod pwcca;
pub mod rsa;
pub mod soft_matching;
pub mod svcca;

use std::sync::Arc;

use faer::Mat;

use crate::key::choice;

choice! {
    /// What to do where a value would be the same for all data, or depend on an arbitrary choice.
    pub enum Degenerate("degenerate", "a value that is the same for all data, or rests on an arbitrary choice: error, or return it") {
        /// Answer with an error that names n, p and the ranks.
        #[default]
        Error = "error" => "no value where it would be the same for all data, or rest on an arbitrary choice",
        /// Return the value that the definition gives all the same.
        Allow = "allow" => "the value of the definition also where it is the same for all data, or rests on an arbitrary choice",
    }
}

choice! {
    /// How canonical correlations are made one number.
    pub enum Summary("summary", "sum of the canonical correlations, or of their squares") {
        /// The sum of the correlations rho_i over the divisor.
        #[default]
        Rho = "rho" => "the sum of the canonical correlations",
        /// The sum of their squares over the divisor.
        R2 = "r2" => "the sum of the squared canonical correlations",
    }
}

choice! {
    /// What a sum of canonical correlations is divided by. r_X, r_Y are ranks (for SVCCA: kept
    /// dimensions).
    pub enum Divisor("divisor", "min(r_X, r_Y), min(p1, p2), sqrt(r_X r_Y) or max(r_X, r_Y)") {
        /// min(r_X, r_Y)
        #[default]
        MinRank = "min-rank" => "divided by the smaller of the two dimensions (ranks, or kept dimensions)",
        /// min(p1, p2), the paper's letter
        MinWidth = "min-width" => "divided by the smaller of the two numbers of neurons",
        /// sqrt(r_X r_Y)
        Geometric = "geometric" => "divided by the geometric mean of the two dimensions (ranks, or kept dimensions)",
        /// max(r_X, r_Y)
        Max = "max" => "divided by the larger of the two dimensions (ranks, or kept dimensions)",
    }
}

use crate::error::Error;
use crate::kernel::{Centering, Kernel};
use crate::linalg::features::Features;
use crate::needs::{Moments, SinglePrecision};
use crate::prepared::between::ExampleMatrix;
use crate::prepared::layer::Prepared;
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

/// The projector Q Q' on the column space of the features, centered or as they are.
///
/// # Errors
/// As [`Features::basis`].
fn projector(side: &Prepared, centered: bool) -> Result<Arc<ExampleMatrix>, Error> {
    let features = if centered { side.centered() } else { side.uncentered()? };
    side.artifact(&format!("projector, centered: {centered}"), || {
        let basis = features.basis()?;
        let rank = basis.rank();
        // |d(Q Q')|_F <= sqrt 2 |dQ|_F, and Q Q' errs by its own norm.
        let error = 2.0 * basis.condition() + (rank as f64).sqrt();
        Ok(ExampleMatrix::from_factor(basis.combine(Mat::<f64>::identity(rank, rank).as_ref()), error))
    })
}

/// How many correlations are 1 whatever the data: dimensions of X and Y that do not fit beside each
/// other.
fn forced(dimensions: (usize, usize), available: usize) -> usize {
    (dimensions.0 + dimensions.1).saturating_sub(available)
}

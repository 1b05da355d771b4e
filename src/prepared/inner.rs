//! Inner products of centered kernel matrices: the numerators and self-terms of HSIC and CKA.

use std::sync::Arc;

use crate::arrays::product::squared_norm;
use crate::arrays::single::cross_squared_norm;
use crate::arrays::sums::dot;
use crate::error::Error;
use crate::gram::centering::error_of_sum;
use crate::gram::kernel_matrix::inner;
use crate::gram::product_errors::ProductErrors;
use crate::kernel::{Centering, Kernel};
use crate::linalg::features::Features;
use crate::precision::Precision;
use crate::prepared::between::ExampleMatrix;
use crate::prepared::cosine::error_of_cosine;
use crate::prepared::layer::Prepared;
use crate::prepared::pair::Pair;
use crate::tolerance::EPS;

/// An inner product of two centered kernel matrices, value * 2^exponent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inner {
    /// The inner product of the scaled matrices.
    pub(crate) value: f64,
    /// The power of two.
    pub(crate) exponent: i64,
    /// |change of value| for a relative change of both representations by 1, rounding on the way
    /// included.
    pub(crate) sensitivity: f64,
    /// |error of value| <= c(n, p) eps * error, for the representations as they are.
    pub(crate) error: f64,
    /// The same of the matrices as they were computed: what products and sums on the way to the
    /// value add.
    arithmetic: f64,
    /// Which space it was computed in.
    pub(crate) space: &'static str,
    /// In which precision.
    pub(crate) precision: Precision,
}

impl Inner {
    /// What single precision adds, where it was used.
    pub(crate) fn in_single(&self, value: f64) -> Option<f64> {
        (self.precision == Precision::Single).then_some(value)
    }
}

/// A centered kernel matrix with itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SelfInner {
    /// Squared Frobenius norm of the scaled matrix.
    pub(crate) value: f64,
    /// |error of value| <= c(n, p) eps * magnitude.
    pub(crate) magnitude: f64,
    /// The matrix is `value` * 2^exponent, squared norms twice that.
    pub(crate) exponent: i64,
    /// |change of the matrix|_F for a relative change of the features by 1.
    pub(crate) sensitivity: f64,
    /// |<L, error of the matrix>| <= c(n, p) eps |L|_F * error for any L, for the representation as
    /// it is.
    error: f64,
    /// What the root of the value is off by over itself, and over c(n, p) eps, of the matrix as it
    /// was computed.
    arithmetic: f64,
    /// sigma in the units of the representation.
    pub(crate) bandwidth: Option<f64>,
    /// Whether the kernel matrix is the identity to rounding.
    pub(crate) is_identity: bool,
}

impl SelfInner {
    /// |change of the root of the value| over that, for a relative change of the features by 1.
    pub(crate) fn relative_sensitivity(&self) -> f64 {
        self.sensitivity / self.value.sqrt() + self.magnitude / self.value
    }
}

/// A value that is <K, L> / (|K| |L|).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cosine {
    pub(crate) value: f64,
    /// |change of value| for a relative change of both representations by 1, rounding on the way
    /// included.
    pub(crate) condition: f64,
    /// |error of value| <= c(n, p) eps * error, for the representations as they are.
    pub(crate) error: f64,
}

impl Cosine {
    /// With `unit` for c(n, p) eps. Two roots, their product and the quotient are rounded too.
    pub(crate) fn new(inner: &Inner, xx: &SelfInner, yy: &SelfInner, unit: f64) -> Self {
        let norms = xx.value.sqrt() * yy.value.sqrt();
        let value = inner.value / norms;
        let condition = inner.sensitivity / norms + value.abs() * (xx.relative_sensitivity() + yy.relative_sensitivity());
        let rounded = 1.5 * EPS / unit;
        let arithmetic = inner.arithmetic / norms + value.abs() * (xx.arithmetic + yy.arithmetic + rounded);
        let turned = xx.error / xx.value.sqrt() + yy.error / yy.value.sqrt();
        // Both are bounds.
        Self { value, condition, error: error_of_cosine(value, [turned; 2], arithmetic, unit).min(condition) }
    }
}

/// Whether products between neurons cost no more than products between examples.
///
/// Feature space costs n(2pq + p^2 + q^2) multiply-adds for a pair and its self-terms, Gram space
/// n^2(p + q): equal where n = p + q.
pub(crate) fn fewer_neurons(n: usize, p: usize, q: usize) -> bool {
    n >= p + q
}

fn in_feature_space(pair: &Pair<'_>, kernel: Kernel) -> bool {
    kernel == Kernel::Linear && fewer_neurons(pair.n(), pair.x().p(), pair.y().p())
}

/// Computes what inner products with the representations that x will be compared with need of x
/// alone; |X'X|_F of a linear kernel only where `with_self` asks for it.
///
/// # Errors
/// As [`Prepared::kernel`].
pub(crate) fn prepare(x: &Prepared, kernel: Kernel, centering: Centering, with_self: bool) -> Result<(), Error> {
    let (n, p) = (x.n(), x.p());
    // Where nothing is known of the others: they may be as wide as this one, and whether examples
    // will be compared remains to be seen.
    let (features, examples) = match x.partners() {
        Some(partners) => (fewer_neurons(n, p, partners.narrowest), !fewer_neurons(n, p, partners.widest)),
        None => (fewer_neurons(n, p, p), false),
    };
    if kernel != Kernel::Linear || examples {
        x.kernel(kernel, centering)?;
    }
    if kernel == Kernel::Linear && features && with_self {
        x.centered().self_product_squared_norm();
    }
    Ok(())
}

/// The centered kernel matrix of one side: of a linear kernel the features are its factor, where
/// they are in memory and no wider than the examples.
///
/// # Errors
/// As [`Prepared::kernel`].
pub(crate) fn example_matrix(side: &Prepared, kernel: Kernel, centering: Centering) -> Result<Arc<ExampleMatrix>, Error> {
    side.artifact(&format!("between examples {kernel:?} {centering:?}"), || {
        let features = side.of_kernel(kernel)?;
        let narrow = features.kept().filter(|_| !features.is_wide() && kernel == Kernel::Linear && centering == Centering::Double);
        if let Some(factor) = narrow {
            let matrix = ExampleMatrix::from_factor(factor.to_owned(), 3.0 * features.squared_norm());
            return Ok(matrix.with_exponent(2 * features.exponent()));
        }
        let matrix = side.kernel(kernel, centering)?;
        let error = matrix.error + matrix.rounding;
        Ok(ExampleMatrix::from_entries(matrix.of(features).whole(), error).with_exponent(matrix.exponent))
    })
}

/// <K, L> of the centered kernel matrices of a pair.
pub(crate) fn inner_product(pair: &Pair<'_>, kernel: Kernel, centering: Centering) -> Result<Inner, Error> {
    if in_feature_space(pair, kernel) {
        let (x, y) = (pair.first().centered(), pair.second().centered());
        let precision = pair.precision();
        let cross = match precision {
            Precision::Double => squared_norm(pair.cross_product()?),
            Precision::Single => cross_squared_norm(x.single(), y.single()),
        };
        let (value, subtracted) = feature_space(x, y, cross, centering);
        // |d(Y'X)|_F <= |X|_F |dY|_F + |Y|_F |dX|_F, and its square moves by twice that times
        // |Y'X|_F.
        let sensitivity = 4.0 * ((cross * x.squared_norm() * y.squared_norm()).sqrt() + subtracted);
        let (of_x, of_y) = (ProductErrors::of_neurons(x), ProductErrors::of_neurons(y));
        let arithmetic = of_x.arithmetic_of_cross(&of_y, (cross, x.p() * y.p()), pair.unit()) + 2.0 * subtracted;
        return Ok(Inner {
            value,
            sensitivity,
            error: (of_x.centering_of_cross(&of_y, cross, pair.unit()) + arithmetic).min(sensitivity),
            arithmetic,
            exponent: 2 * (x.exponent() + y.exponent()),
            space: "features",
            precision,
        });
    }
    let (k, l) = (pair.first().kernel(kernel, centering)?, pair.second().kernel(kernel, centering)?);
    let (k_features, l_features) = (pair.first().of_kernel(kernel)?, pair.second().of_kernel(kernel)?);
    let value = inner(&k.of(k_features), &l.of(l_features));
    let (of_k, of_l) = (k.squared_norm(k_features).sqrt(), l.squared_norm(l_features).sqrt());
    let sensitivity = k.sensitivity * of_l + l.sensitivity * of_k;
    let unit = pair.unit();
    let arithmetic = k.errors_of_product(&l, unit) + error_of_sum(pair.n()) * EPS / unit * of_k * of_l;
    // Both are bounds.
    let error = (k.error_seen(of_k, unit) * of_l + l.error_seen(of_l, unit) * of_k + arithmetic).min(sensitivity);
    let exponent = k.exponent + l.exponent;
    Ok(Inner { value, sensitivity, error, arithmetic, exponent, space: "examples", precision: Precision::Double })
}

/// <K, L>, and <K, K> and <L, L> of X and of Y.
pub(crate) fn inner_products(pair: &Pair<'_>, kernel: Kernel, centering: Centering) -> Result<(Inner, SelfInner, SelfInner), Error> {
    let (of_x, of_y) = (|| self_inner_product(pair, pair.x(), kernel, centering), || self_inner_product(pair, pair.y(), kernel, centering));
    if in_feature_space(pair, kernel) {
        // Three products that share nothing, side by side: small ones run faster on one thread each
        // than one after the other on all.
        let (inner, (xx, yy)) = rayon::join(|| inner_product(pair, kernel, centering), || rayon::join(of_x, of_y));
        Ok((inner?, xx?, yy?))
    } else {
        Ok((inner_product(pair, kernel, centering)?, of_x()?, of_y()?))
    }
}

/// <K, K> of one side of a pair, in the space that the pair is compared in.
fn self_inner_product(pair: &Pair<'_>, side: &Prepared, kernel: Kernel, centering: Centering) -> Result<SelfInner, Error> {
    if in_feature_space(pair, kernel) {
        let x = side.centered();
        let squared = x.self_product_squared_norm();
        let (value, subtracted) = feature_space(x, x, squared, centering);
        let of_x = ProductErrors::of_neurons(x);
        let arithmetic = of_x.arithmetic_of_self((squared, x.p() * x.p()), pair.unit()) + subtracted;
        let sensitivity = 3.0 * x.squared_norm();
        let magnitude = sensitivity * value.abs().sqrt() + subtracted;
        return Ok(SelfInner {
            value,
            magnitude,
            exponent: 2 * x.exponent(),
            sensitivity,
            error: of_x.of_centering(squared.sqrt()) * EPS / pair.unit(),
            arithmetic: arithmetic / value.abs(),
            bandwidth: None,
            is_identity: false,
        });
    }
    let k = side.kernel(kernel, centering)?;
    let squared_norm = k.squared_norm(side.of_kernel(kernel)?);
    let magnitude = k.rounding * squared_norm.sqrt();
    let (exponent, sensitivity, bandwidth, is_identity) = (k.exponent, k.sensitivity, k.bandwidth, k.is_identity());
    let error = k.error_seen(squared_norm.sqrt(), pair.unit());
    let of_sum = 0.5 * error_of_sum(pair.n()) * EPS / pair.unit();
    let arithmetic = of_sum + 0.5 * k.errors_of_product(&k, pair.unit()) / squared_norm;
    Ok(SelfInner { value: squared_norm, magnitude, exponent, sensitivity, error, arithmetic, bandwidth, is_identity })
}

/// The inner product from |Y'X|_F^2, and the sum of the magnitudes that were added to and
/// subtracted from it.
///
/// Unbiased, with d the squared norms of the centered rows: |Y'X|_F^2 - n/(n-2) d_X.d_Y + |X|_F^2
/// |Y|_F^2 / ((n-1)(n-2)).
fn feature_space(x: &Features, y: &Features, cross: f64, centering: Centering) -> (f64, f64) {
    match centering {
        Centering::Double => (cross, 0.0),
        Centering::Unbiased => {
            let n = x.n() as f64;
            let rows = n / (n - 2.0) * dot(x.row_squared_norms(), y.row_squared_norms());
            let totals = x.squared_norm() * y.squared_norm() / ((n - 1.0) * (n - 2.0));
            ((cross - rows) + totals, rows + totals)
        }
    }
}

//! The Hilbert-Schmidt independence criterion, biased and unbiased.
//!
//! # Definition
//! With K and L the kernel matrices of the centered representations and H = I - 11'/n:
//!
//! - biased: HSIC = tr(K H L H) / (n-1)^2; for the linear kernel |Yc' Xc|_F^2 / (n-1)^2, the
//!   squared norm of the cross-covariance.
//! - unbiased: HSIC_1 = \[tr(K~ L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1\] / (n(n-3)), K~
//!   = K with its diagonal set to 0.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths; n >= 2 (biased) or n >= 4 (unbiased). The value is in \[0,
//! inf) (biased), any real (unbiased); linear HSIC has the units of X^2 Y^2.
//!
//! # Invariances
//! Orthogonal maps, translation, appended zero neurons. Not isotropic scaling, unless the kernel is
//! scale-free (a bandwidth from the median, cosine). Not invertible linear maps.
//!
//! # Numerics
//! Linear with n >= p + q: the p x q product Yc'Xc, 2 n p q operations; else n x n matrices. The
//! matrices are centered before their inner product is taken (doubly, or U-centered: <K_U, L_U> =
//! n(n-3) HSIC_1), so that nothing large is subtracted; unbiased in feature space is |Y'X|_F^2 -
//! n/(n-2) d_X.d_Y + |X|_F^2 |Y|_F^2 / ((n-1)(n-2)), d the squared norms of the centered rows. The
//! bound on the error is in the diagnostics.
//!
//! # Conventions that differ elsewhere
//! Some divide by n^2. Unbiased on features that were not centered first loses all digits in f32
//! when the mean is 1000 standard deviations.
//!
//! # Errors
//! Too few examples; zero median distance; a centered example of norm 0 (cosine); a value that f64
//! cannot hold (scales beyond 1e+-75 or so).
//!
//! # References
//! Gretton et al. 2005, equation 9; Song et al. 2012, equation 5; Kornblith et al. 2019, equation
//! 3.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 3, 1, vec![1.0, 2.0, 3.0])?;
//! let y = Representation::from_row_major("y", 3, 1, vec![2.0, 4.0, 6.0])?;
//! // The covariance is 2, its square 4.
//! assert_eq!(Measure::parse("hsic")?.compare(&x, &y)?.value, 4.0);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::arrays::scale::{condition_with_exponent, error_with_exponent, with_exponent};
use crate::claims::Direction;
use crate::claims::{Claim, Claims, FAILS, Properties, Range};
use crate::convention::{Convention, Keys, canonical};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::kernel::{self, Bandwidth, Centering, Kernel};
use crate::key::choice;
use crate::measure::{Definition, Outcome};
use crate::measures::{moments, single_precision};
use crate::needs::{Needs, Product, Terms};
use crate::precision::Precision;
use crate::prepared::between::{InnerProduct, InnerProducts};
use crate::prepared::inner::{example_matrix, inner_product, prepare};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};

choice! {
    /// Which estimator of the population value.
    pub enum Estimator("estimator", "tr(KHLH)/(n-1)^2, or Song's HSIC_1 (n >= 4)") {
        /// tr(KHLH) / (n-1)^2
        #[default]
        Biased = "biased" => "the biased estimator of HSIC",
        /// Song's HSIC_1: U-centered, zero in expectation for independent representations.
        Unbiased = "unbiased" => "the unbiased estimator of HSIC",
    }
}

/// Options of `hsic`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// The kernel, the same for both representations.
    pub kernel: Kernel,
    /// The estimator.
    pub estimator: Estimator,
}

/// What is fixed about `hsic`.
pub static SPEC: Spec = Spec {
    id: "hsic",
    also: &[],
    short: "HSIC",
    name: "Hilbert-Schmidt independence criterion",
    formula: "biased: tr(K H L H) / (n-1)^2 (linear: |Yc' Xc|_F^2 / (n-1)^2); unbiased: [tr(K~ L~) + 1'K~1 1'L~1 / ((n-1)(n-2)) - 2/(n-2) 1'K~L~1] / (n(n-3)), \
              K~ = K with zero diagonal",
    citations: &[
        Citation { key: "gretton2005hsic", place: "eq. 9" },
        Citation { key: "song2012feature", place: "eq. 5" },
        Citation { key: "kornblith2019similarity", place: "eq. 3" },
    ],
    keys: &[
        kernel::KernelName::KEY,
        Estimator::KEY,
        kernel::Rule::KEY,
        kernel::FRACTION,
        kernel::SIGMA,
        kernel::DEGREE,
        kernel::OFFSET,
        kernel::Center::KEY,
    ],
    prepare_cost: "n p (linear, n >= p + q); else n^2 p",
    compare_cost: "n p q (linear, n >= p + q); else n^2",
    conventions: &[
        "hsic:kernel=linear,estimator=biased",
        "hsic:kernel=linear,estimator=unbiased",
        "hsic:kernel=rbf,bandwidth=median,fraction=0.5,estimator=biased",
        "hsic:kernel=rbf,bandwidth=fixed,sigma=1.5,estimator=unbiased",
        "hsic:kernel=laplace,bandwidth=lower-median,fraction=1.0,estimator=biased",
        "hsic:kernel=laplace,bandwidth=demo,fraction=1.0,estimator=unbiased",
        "hsic:kernel=polynomial,degree=3,offset=1.0,center=yes,estimator=biased",
        "hsic:kernel=cosine,center=yes,estimator=biased",
        "hsic:kernel=polynomial,degree=2,offset=1.0,center=no,estimator=unbiased",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] or [`Error::MissingKey`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { kernel: Kernel::parse(keys)?, estimator: Estimator::read(keys)? })
    }
}

/// Whether a kernel value stays when the representation is scaled.
fn scale_free(kernel: Kernel) -> bool {
    match kernel {
        Kernel::Linear | Kernel::Polynomial { .. } | Kernel::Distance => false,
        Kernel::Rbf(bandwidth) | Kernel::Laplace(bandwidth) => !matches!(bandwidth, Bandwidth::Fixed { .. }),
        Kernel::Cosine { .. } => true,
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        let mut convention = self.kernel.convention();
        convention.push(self.estimator.entry());
        convention
    }

    fn properties(&self) -> Properties {
        let (lower, minimum_examples) = match self.estimator {
            Estimator::Biased => (0.0, 2),
            Estimator::Unbiased => (f64::NEG_INFINITY, 4),
        };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(lower, f64::INFINITY),
            self_value: None,
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples,
            minimum_neurons: 1,
            claims: Claims {
                isotropic_scaling: if scale_free(self.kernel) { Claims::SIMILITUDE.isotropic_scaling } else { FAILS },
                translation: if self.kernel.is_uncentered() { FAILS } else { Claims::SIMILITUDE.translation },
                ..Claims::SIMILITUDE
            },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let unbiased = self.estimator == Estimator::Unbiased;
        let biased = Self { estimator: Estimator::Biased, ..*self };
        // tr(K H L H) is made of terms whose sum of magnitudes is, by Cauchy and Schwarz, as large
        // as the root of the biased self-terms, whatever cancels.
        let terms = Terms::Selves(canonical(SPEC.id, &biased.convention()));
        Needs {
            kernel: Some((self.kernel, unbiased)),
            uncentered: self.kernel.is_uncentered(),
            product: Product::Sums,
            single: single_precision(self.kernel, self.centering()),
            ..Needs::new(moments(self.kernel, false, unbiased), terms)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        prepare(x, self.kernel, self.centering(), false)
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let divisor = self.divisor(pair);
        let inner = inner_product(pair, self.kernel, self.centering())?;
        let value = with_exponent(inner.value / divisor, inner.exponent)?;
        let error = error_with_exponent(inner.error / divisor, pair.unit(), inner.exponent)?;
        let is_bounding = inner.precision == Precision::Single || pair.is_of_factor();
        let condition = condition_with_exponent(inner.sensitivity / divisor, pair.unit(), inner.exponent, is_bounding)?;
        Ok(Outcome {
            value,
            condition,
            error: Some(error),
            single_condition: inner.in_single(condition),
            diagnostics: Diagnostics::default().text("space", inner.space),
            ..Outcome::default()
        })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        let of = |side: &Prepared| example_matrix(side, self.kernel, self.centering());
        let (x, y) = (of(pair.x())?, of(pair.y())?);
        let factor = with_exponent(1.0 / self.divisor(pair), x.exponent() + y.exponent())?;
        let products = InnerProducts::sum(vec![InnerProduct { x, y, factor }]);
        let is_statistic = self.estimator == Estimator::Unbiased && !self.kernel.depends_on_all();
        Ok(Some(if is_statistic { products.of_unbiased() } else { products }))
    }
}

impl Options {
    fn divisor(&self, pair: &Pair<'_>) -> f64 {
        let n = pair.n() as f64;
        match self.estimator {
            Estimator::Biased => (n - 1.0) * (n - 1.0),
            Estimator::Unbiased => n * (n - 3.0),
        }
    }

    fn centering(&self) -> Centering {
        match self.estimator {
            Estimator::Biased => Centering::Double,
            Estimator::Unbiased => Centering::Unbiased,
        }
    }
}

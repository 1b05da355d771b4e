//! Distance correlation: the correlation of the distances between examples.
//!
//! # Definition
//! With a_ij = |x_i - x_j|, b_ij = |y_i - y_j| (Euclidean), A = H a H, B = H b H: `biased` sqrt(<A,
//! B> / sqrt(<A, A> <B, B>)), the V-statistic, whose square is HSIC with the kernel -|x_i - x_j|
//! over the root of its self-terms. `corrected` <A~, B~> / sqrt(<A~, A~> <B~, B~>) of the
//! U-centered matrices, a squared correlation, and not rooted.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths; n >= 2, bias-corrected n >= 4. In \[0, 1\]; bias-corrected
//! in \[-1, 1\], and not clamped at 0.
//!
//! # Invariances
//! Orthogonal maps, isotropic scaling, translation, appended zero neurons; not invertible linear
//! maps.
//!
//! # Numerics
//! The distances of all pairs, n^2 p/2 operations for each side, again from differences where they
//! cancel, in tiles as kernel matrices are; then n^2 for a pair. The root of a biased value near 0
//! loses half of its digits, and the bound says so.
//!
//! # Conventions that differ elsewhere
//! Packages return the square of the biased value under the same name, or 0 where a side is
//! constant.
//!
//! # Errors
//! A constant representation; bias-corrected: too few examples, a self-term that is zero within
//! rounding (all distances equal, for one).
//!
//! # References
//! Szekely, Rizzo and Bakirov 2007, definitions 4 and 5; Szekely and Rizzo 2014, equation 2.3;
//! Sejdinovic et al. 2013 (HSIC).
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 1, vec![1., 2., 4., 8.])?;
//! let line = Representation::from_row_major("y", 4, 1, vec![-3., -5., -9., -17.])?;
//! assert!((Measure::parse("distance-correlation")?.compare(&x, &line)?.value - 1.0).abs() < 1e-14);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::claims::{Claim, Claims, Direction, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::{Error, GivenError};
use crate::kernel::{Centering, Kernel};
use crate::key::choice;
use crate::measure::{Definition, Outcome};
use crate::needs::{Moments, Needs, Product, Terms};
use crate::prepared::between::InnerProducts;
use crate::prepared::inner::{Cosine, example_matrix, inner_products, prepare};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::scaled_value::ScaledValue;
use crate::spec::{Citation, Spec};

choice! {
    /// Which estimator of the population value.
    pub enum Estimator("estimator", "the V-statistic, rooted; or its bias-corrected square (n >= 4)") {
        /// The V-statistic, the root of a ratio of distance covariances.
        #[default]
        Biased = "biased" => "the biased estimator, rooted",
        /// The ratio of U-centered matrices, not rooted.
        Corrected = "corrected" => "the bias-corrected estimator of the squared distance correlation",
    }
}

/// Options of `distance-correlation`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// The estimator.
    pub estimator: Estimator,
}

/// What is fixed about `distance-correlation`.
pub static SPEC: Spec = Spec {
    id: "distance-correlation",
    also: &[("dcor", ""), ("dcorr", "")],
    short: "Distance correlation",
    name: "distance correlation",
    formula: "sqrt(<A, B> / sqrt(<A, A> <B, B>)), A and B the doubly centered Euclidean distances between examples; bias-corrected: U-centered, not rooted",
    citations: &[
        Citation { key: "szekely2007measuring", place: "def. 4, 5" },
        Citation { key: "szekely2014partial", place: "eq. 2.3" },
        Citation { key: "sejdinovic2013equivalence", place: "distance covariance as HSIC" },
    ],
    keys: &[Estimator::KEY],
    prepare_cost: "n^2 p",
    compare_cost: "n^2",
    conventions: &["distance-correlation:estimator=biased", "distance-correlation:estimator=corrected"],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { estimator: Estimator::read(keys)? })
    }

    /// Asks for distances that differ, and for the root, of which no covariance is negative.
    fn check(&self, x: &Prepared) -> Result<(), Error> {
        x.nonconstant()?;
        if self.estimator == Estimator::Corrected {
            return Ok(());
        }
        let refused = |least, largest| GivenError::NotOfNegativeType { name: x.name().to_string(), n: x.n(), least, largest };
        x.require_negative_type(1, refused)
    }

    fn centering(&self) -> Centering {
        match self.estimator {
            Estimator::Biased => Centering::Double,
            Estimator::Corrected => Centering::Unbiased,
        }
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        vec![self.estimator.entry()]
    }

    fn properties(&self) -> Properties {
        let (lower, minimum_examples) = match self.estimator {
            Estimator::Biased => (0.0, 2),
            Estimator::Corrected => (-1.0, 4),
        };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(lower, 1.0),
            self_value: Some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples,
            minimum_neurons: 1,
            claims: Claims::SIMILITUDE,
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        Needs {
            kernel: Some((Kernel::Distance, self.estimator == Estimator::Corrected)),
            dissimilarities: true,
            product: Product::Sums,
            ..Needs::new(Moments::No("distances compare examples with each other"), Terms::One)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        self.check(x)?;
        prepare(x, Kernel::Distance, self.centering(), true)
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        self.check(pair.x())?;
        self.check(pair.y())?;
        let (inner, xx, yy) = inner_products(pair, Kernel::Distance, self.centering())?;
        let unit = pair.unit();
        for (side, term) in [(pair.x(), &xx), (pair.y(), &yy)] {
            if term.value <= 2.0 * unit * term.magnitude {
                let [hsic_xy, hsic_xx, hsic_yy] = [(inner.value, inner.exponent), (xx.value, 2 * xx.exponent), (yy.value, 2 * yy.exponent)]
                    .map(|(value, e)| ScaledValue::new(value, e));
                return Err(Error::ZeroSelfTerm { name: side.name().to_string(), hsic_xy, hsic_xx, hsic_yy });
            }
        }
        let Cosine { value: ratio, condition, error } = Cosine::new(&inner, &xx, &yy, unit);
        let diagnostics = Diagnostics::default().number("squared", ratio);
        Ok(match self.estimator {
            Estimator::Corrected => Outcome { value: ratio, condition, error: Some(error), diagnostics, ..Outcome::default() },
            Estimator::Biased => {
                // |sqrt a - sqrt b| is at most |a - b| / sqrt a, and at most sqrt |a - b|.
                let value = ratio.max(0.0).sqrt();
                let [condition, error] = [condition, error].map(|of_square| (of_square / value).min((of_square / unit).sqrt()));
                Outcome { value, condition, error: Some(error), diagnostics, ..Outcome::default() }
            }
        })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        let of = |side: &Prepared| example_matrix(side, Kernel::Distance, self.centering());
        let squared = InnerProducts::cosine(of(pair.x())?, of(pair.y())?);
        Ok(Some(match self.estimator {
            Estimator::Biased => squared.rooted(),
            Estimator::Corrected => squared.of_unbiased_cosine(),
        }))
    }
}

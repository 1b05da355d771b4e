//! Centered kernel alignment, biased and debiased.
//!
//! # Definition
//! CKA = HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)); for the linear kernel, biased, |Yc' Xc|_F^2 /
//! (|Xc' Xc|_F |Yc' Yc|_F), which is the RV coefficient. `debiased` has Song's unbiased HSIC_1 in
//! all three places.
//!
//! # Shapes
//! X is n x p, Y is n x q, any widths (wider than n too); n >= 2, debiased n >= 4. In \[0, 1\];
//! debiased in \[-1, 1\], and not clamped at 0.
//!
//! # Invariances
//! Orthogonal maps, isotropic scaling, translation, appended zero neurons; not invertible linear
//! maps, and not the scale of single neurons. A fixed bandwidth, or a polynomial kernel with an
//! offset, sees the scale.
//!
//! # Numerics
//! Linear with n >= p + q: products of p x q and p x p, the latter by triangular multiplication, n
//! (2 p q + p^2 + q^2) operations; else Gram matrices, n^2 (p + q). Kernel matrices are n^2/2
//! values in tiles, centered as they are read. A sweep that may not take that much memory computes
//! tiles again, with the same bits: that is three products for each layer in place of one, and one
//! more for each pair after the first. A wide bandwidth takes exp(t) - 1, and distances that cancel
//! are computed again from differences. The bound on the error is in the diagnostics.
//!
//! # Conventions that differ elsewhere
//! - Bandwidth: `median` of the n(n-1)/2 distances (default), `lower-median`, `demo` (the authors'
//!   demonstration: all n^2 squared distances, zeros included), `fixed`. On one and the same data
//!   these give different values, and published numbers rarely say which.
//! - Rows: polynomial and cosine kernels are of centered rows (`center=yes`); scikit-learn's are of
//!   the rows as they are (`center=no`), where a common mean decides most of the value. Linear
//!   kernels and those of distances are the same either way.
//! - Three things are called debiased: HSIC_1 in all places (this one), the off-diagonal part of H
//!   K H, and HSIC_1 over biased norms.
//!
//! # Errors
//! A constant representation; too few examples; a self-term that is zero within rounding; zero
//! median distance; an example of norm 0 (cosine).
//!
//! # References
//! Kornblith et al. 2019, equation 4 and Table 1; Cortes et al. 2012, definition 4; Robert &
//! Escoufier 1976; Szekely & Rizzo 2014; Nguyen et al. 2021.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 2, vec![1., 0., 0., 1., -1., 0., 0., -1.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![2., 0., -2., 0.])?;
//! // Y is one of two equal principal components of X: sqrt(1/2).
//! let value = Measure::parse("cka")?.compare(&x, &y)?.value;
//! assert!((value - 0.5f64.sqrt()).abs() < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::claims::Direction;
use crate::claims::{Claim, Claims, FAILS, Properties, Range};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::kernel::{self, Bandwidth, Center, Centering, Kernel};
use crate::key::choice;
use crate::measure::{Definition, Outcome};
use crate::measures::{moments, single_precision};
use crate::needs::{Needs, Product, Terms};
use crate::prepared::between::InnerProducts;
use crate::prepared::inner::{Cosine, example_matrix, inner_products, prepare};
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::scaled_value::ScaledValue;
use crate::spec::{Citation, Spec};
use crate::tolerance::single_rounding;

choice! {
    /// Which estimator of HSIC stands in all three places.
    pub enum Estimator("estimator", "HSIC biased, or unbiased in all three places (n >= 4)") {
        /// tr(KHLH): the paper's.
        #[default]
        Biased = "biased" => "the biased estimator of HSIC",
        /// Song's unbiased HSIC_1: less than 0 is possible, and not clamped.
        Debiased = "debiased" => "the unbiased estimator of HSIC in all three places",
    }
}

/// Effective dimensions below which one direction holds more than 99 % of the variance.
const ONE_DIRECTION: f64 = 1.02;

/// Options of `cka`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// The kernel, the same for both representations.
    pub kernel: Kernel,
    /// The estimator.
    pub estimator: Estimator,
}

/// What is fixed about `cka`.
pub static SPEC: Spec = Spec {
    id: "cka",
    also: &[
        ("linear-cka", "kernel=linear"),
        ("rbf-cka", "kernel=rbf"),
        ("kernel-cka", "kernel=rbf"),
        ("debiased-cka", "estimator=debiased"),
        ("unbiased-cka", "estimator=debiased"),
        ("rv", "kernel=linear"),
        ("rv-coefficient", "kernel=linear"),
        ("centered-kernel-alignment", ""),
    ],
    short: "CKA",
    name: "centered kernel alignment",
    formula: "HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)); linear, biased: |Yc' Xc|_F^2 / (|Xc' Xc|_F |Yc' Yc|_F)",
    citations: &[
        Citation { key: "kornblith2019similarity", place: "eq. 4, Table 1" },
        Citation { key: "cortes2012algorithms", place: "def. 4" },
        Citation { key: "szekely2014partial", place: "eq. 2.3" },
        Citation { key: "robert1976unifying", place: "RV coefficient" },
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
    prepare_cost: "n p^2 (linear, n >= p + q); else n^2 p",
    compare_cost: "n p q (linear, n >= p + q); else n^2",
    conventions: &[
        "cka:kernel=linear,estimator=biased",
        "cka:kernel=linear,estimator=debiased",
        "cka:kernel=rbf,bandwidth=median,fraction=0.2,estimator=biased",
        "cka:kernel=rbf,bandwidth=median,fraction=0.4,estimator=debiased",
        "cka:kernel=rbf,bandwidth=median,fraction=0.8,estimator=biased",
        "cka:kernel=rbf,bandwidth=demo,fraction=0.5,estimator=biased",
        "cka:kernel=rbf,bandwidth=lower-median,fraction=1.0,estimator=biased",
        "cka:kernel=rbf,bandwidth=fixed,sigma=2.0,estimator=biased",
        "cka:kernel=laplace,bandwidth=median,fraction=1.0,estimator=biased",
        "cka:kernel=laplace,bandwidth=median,fraction=1.0,estimator=debiased",
        "cka:kernel=polynomial,degree=3,offset=1.0,center=yes,estimator=biased",
        "cka:kernel=polynomial,degree=2,offset=0.0,center=yes,estimator=debiased",
        "cka:kernel=cosine,center=yes,estimator=biased",
        "cka:kernel=cosine,center=yes,estimator=debiased",
        "cka:kernel=cosine,center=no,estimator=biased",
        "cka:kernel=polynomial,degree=3,offset=1.0,center=no,estimator=biased",
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
            Estimator::Debiased => (-1.0, 4),
        };
        // The scale of a homogeneous kernel cancels; an offset under a power >= 2, or a bandwidth
        // that stays, does not.
        let scales = match self.kernel {
            Kernel::Polynomial { degree, offset, .. } => degree == 1 || offset == 0.0,
            Kernel::Rbf(Bandwidth::Fixed { .. }) | Kernel::Laplace(Bandwidth::Fixed { .. }) => false,
            _ => true,
        };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(lower, 1.0),
            self_value: Some(1.0),
            symmetry: Claim::Holds,
            metric: false,
            minimum_examples,
            // The cosine of two numbers is 1 or -1.
            minimum_neurons: if self.kernel == (Kernel::Cosine { center: Center::No }) { 2 } else { 1 },
            claims: Claims {
                isotropic_scaling: if scales { Claims::SIMILITUDE.isotropic_scaling } else { FAILS },
                translation: if self.kernel.is_uncentered() { FAILS } else { Claims::SIMILITUDE.translation },
                ..Claims::SIMILITUDE
            },
        }
    }

    fn needs(&self, _: Option<Partners>) -> Needs {
        let unbiased = self.estimator == Estimator::Debiased;
        // The terms of HSIC over the root of the self-terms, which is as large as what they are
        // made of.
        Needs {
            kernel: Some((self.kernel, unbiased)),
            uncentered: self.kernel.is_uncentered(),
            product: Product::Sums,
            single: single_precision(self.kernel, self.centering()),
            ..Needs::new(moments(self.kernel, true, unbiased), Terms::One)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        x.nonconstant()?;
        prepare(x, self.kernel, self.centering(), true)
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        pair.x().nonconstant()?;
        pair.y().nonconstant()?;
        let (inner, xx, yy) = inner_products(pair, self.kernel, self.centering())?;
        let bound = 2.0 * pair.unit() + inner.in_single(single_rounding(pair.n())).unwrap_or(0.0);
        let hsic = |value: f64, exponent: i64| {
            let n = pair.n() as f64;
            let divisor = if self.estimator == Estimator::Biased { (n - 1.0) * (n - 1.0) } else { n * (n - 3.0) };
            ScaledValue::new(value / divisor, exponent)
        };
        let three = [hsic(inner.value, inner.exponent), hsic(xx.value, 2 * xx.exponent), hsic(yy.value, 2 * yy.exponent)];
        for (side, term) in [(pair.x(), &xx), (pair.y(), &yy)] {
            if term.value <= bound * term.magnitude {
                let [hsic_xy, hsic_xx, hsic_yy] = three;
                return Err(Error::ZeroSelfTerm { name: side.name().to_string(), hsic_xy, hsic_xx, hsic_yy });
            }
        }
        let mut diagnostics = Diagnostics::default().text("space", inner.space);
        // Where the representations are so large or small that f64 cannot hold an HSIC value, it is
        // left out; the quotient is not concerned.
        for (name, hsic) in ["hsic_xy", "hsic_xx", "hsic_yy"].into_iter().zip(three) {
            if let Some(hsic) = hsic.to_f64() {
                diagnostics = diagnostics.number(name, hsic);
            }
        }
        for (name, term) in [("bandwidth_x", &xx), ("bandwidth_y", &yy)] {
            if let Some(sigma) = term.bandwidth {
                diagnostics = diagnostics.number(name, sigma);
            }
        }
        let sides = [("x", pair.x(), &xx), ("y", pair.y(), &yy)];
        for (side, prepared, term) in sides {
            let (dimensions, warning) = match side {
                "x" => ("effective_dimensions_x", "warning_x"),
                _ => ("effective_dimensions_y", "warning_y"),
            };
            // The participation ratio (sum of l_i)^2 / sum of l_i^2 of the eigenvalues of Xc'Xc.
            if self.kernel == Kernel::Linear && self.estimator == Estimator::Biased {
                let effective = prepared.centered().squared_norm().powi(2) / term.value;
                diagnostics = diagnostics.number(dimensions, effective);
                if effective < ONE_DIRECTION {
                    diagnostics = diagnostics.text(warning, "one direction holds nearly all of the variance, and decides the value");
                }
            }
            if term.is_identity {
                let text = "no kernel value between different examples is above rounding: the value would be the same for other data";
                diagnostics = diagnostics.text(warning, text);
            }
        }
        let Cosine { value, condition, error } = Cosine::new(&inner, &xx, &yy, pair.unit());
        Ok(Outcome {
            value,
            condition,
            error: Some(error),
            single_condition: inner.in_single(condition),
            diagnostics,
            ..Outcome::default()
        })
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        let of = |side: &Prepared| example_matrix(side, self.kernel, self.centering());
        let products = InnerProducts::cosine(of(pair.x())?, of(pair.y())?);
        let is_statistic = self.estimator == Estimator::Debiased && !self.kernel.depends_on_all();
        Ok(Some(if is_statistic { products.of_unbiased_cosine() } else { products }))
    }
}

impl Options {
    fn centering(&self) -> Centering {
        match self.estimator {
            Estimator::Biased => Centering::Double,
            Estimator::Debiased => Centering::Unbiased,
        }
    }
}

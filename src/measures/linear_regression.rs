//! The share of variance that a linear regression of one representation on the other explains.
//!
//! # Definition
//! `x-from-y`: R2 = |Q_Y' Xc|_F^2 / |Xc|_F^2, Q_Y an orthonormal basis of the column space of Yc. `y-from-x` exchanges the roles; `sum` adds both.
//!
//! # Shapes
//! X is n x p, Y is n x q; the predictor's rank must be less than n - 1. In \[0, 1\]; `sum` in \[0, 2\].
//!
//! # Invariances
//! Of the predictor: every invertible linear map. Of the fitted side: orthogonal maps, isotropic scaling, translation; not invertible linear maps. Not symmetric.
//!
//! # Numerics
//! A basis of the predictor (as for `cca`) and one product: n q^2 + n p q operations. Nothing is subtracted.
//!
//! # Conventions that differ elsewhere
//! Which side is fitted: libraries agree on the formula and not on the order of its arguments.
//!
//! # Errors
//! A constant representation on either side; `degenerate` when the predictor's rank is n - 1: everything is then explained. (`degenerate=allow` returns
//! the 1; the key is written in results only when it is not the default.)
//!
//! # References
//! Kornblith et al. 2019, equation 5 and Table 1. The paper's equation 12 has sqrt(p1) where sqrt(p2) belongs: see the tests of identities.
//!
//! # Example
//! ```
//! use similitude::{Measure, Representation};
//! let x = Representation::from_row_major("x", 4, 1, vec![1., 2., 3., 4.])?;
//! let y = Representation::from_row_major("y", 4, 1, vec![2., 1., 4., 3.])?;
//! // One column each: the squared correlation, 0.6^2.
//! assert!((Measure::parse("linear-regression")?.compare(&x, &y)?.value - 0.36).abs() < 1e-15);
//! # Ok::<(), similitude::Error>(())
//! ```

use crate::claims::{Claim, Claims, FAILS, Properties, Range, Side};
use crate::convention::{Convention, Keys, choice};
use crate::error::Error;
use crate::linalg::{Features, Pair, Partners, Precision, Prepared, squared_norm};
use crate::measure::{Citation, Definition, Diagnostics, Direction, Key, Outcome, Spec};
use crate::measures::{Degenerate, key, ranks, refuse};

choice! {
    /// Which representation is fitted from which.
    pub enum Fit {
        /// X is fitted from Y (the paper's).
        #[default]
        XFromY = "x-from-y",
        /// Y is fitted from X.
        YFromX = "y-from-x",
        /// The sum of both, in [0, 2]: the symmetrised index.
        Sum = "sum",
    }
}

/// Options of `linear-regression`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Options {
    /// Which is fitted from which.
    pub direction: Fit,
    /// What to do when the predictor's rank is n - 1.
    pub degenerate: Degenerate,
}

/// What is fixed about `linear-regression`.
pub static SPEC: Spec = Spec {
    id: "linear-regression",
    name: "linear regression R2",
    formula: "x-from-y: |Q_Y' Xc|_F^2 / |Xc|_F^2; y-from-x: |Q_X' Yc|_F^2 / |Yc|_F^2; sum: both added",
    citations: &[Citation { key: "kornblith2019similarity", place: "eq. 5, Table 1" }],
    keys: &[
        Key { name: "direction", values: "x-from-y | y-from-x | sum", help: "which representation is fitted from which" },
        key::DEGENERATE,
    ],
    prepare_cost: "n q^2 (orthonormal basis of the predictor)",
    compare_cost: "n p q",
    conventions: &[
        "linear-regression:direction=x-from-y",
        "linear-regression:direction=y-from-x",
        "linear-regression:direction=sum",
        "linear-regression:direction=x-from-y,degenerate=allow",
    ],
};

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    /// [`Error::InvalidValue`].
    pub fn parse(keys: &mut Keys) -> Result<Self, Error> {
        Ok(Self { direction: keys.choice("direction", Fit::CHOICES)?, degenerate: keys.choice("degenerate", Degenerate::CHOICES)? })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        let mut convention = vec![("direction", self.direction.as_str().to_string())];
        // Named only when it is not the default: the key is an addition to the published grammar of this measure.
        if self.degenerate != Degenerate::Error {
            convention.push(("degenerate", self.degenerate.as_str().to_string()));
        }
        convention
    }

    fn properties(&self) -> Properties {
        let sides = |fitted: Side| {
            let predictor = |claims: [Claim; 2]| match fitted {
                Side::X => [claims[0], Claim::Holds],
                Side::Y => [Claim::Holds, claims[1]],
            };
            Claims {
                diagonal_scaling: predictor(FAILS),
                invertible_linear: predictor(FAILS),
                duplicated_neurons: predictor(FAILS),
                ..Claims::SIMILITUDE
            }
        };
        let (claims, symmetry, upper) = match self.direction {
            Fit::XFromY => (sides(Side::X), Claim::Fails, 1.0),
            Fit::YFromX => (sides(Side::Y), Claim::Fails, 1.0),
            Fit::Sum => (Claims::SIMILITUDE, Claim::Holds, 2.0),
        };
        Properties {
            direction: Direction::Similarity,
            range: Range::new(0.0, upper),
            self_value: Some(upper),
            symmetry,
            metric: false,
            minimum_examples: 2,
            claims,
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        let features = x.varying()?;
        let predicts = |partners: Partners| match self.direction {
            Fit::XFromY => partners.as_y,
            Fit::YFromX => partners.as_x,
            Fit::Sum => true,
        };
        if x.partners().is_none_or(predicts) { features.basis().map(|_| ()) } else { Ok(()) }
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (x, y) = (pair.x().varying()?, pair.y().varying()?);
        let (value, condition) = match self.direction {
            Fit::XFromY => self.fit(pair, x, y)?,
            Fit::YFromX => self.fit(pair, y, x)?,
            Fit::Sum => {
                let (one, other) = (self.fit(pair, x, y)?, self.fit(pair, y, x)?);
                (one.0 + other.0, one.1 + other.1)
            }
        };
        let mut diagnostics = Diagnostics::default();
        if self.direction != Fit::YFromX {
            diagnostics = diagnostics.count("rank_y", y.basis()?.rank());
        }
        if self.direction != Fit::XFromY {
            diagnostics = diagnostics.count("rank_x", x.basis()?.rank());
        }
        Ok(Outcome { precision: Precision::Double, value, condition, diagnostics })
    }
}

impl Options {
    /// R2 of the response fitted from the predictor, and its condition.
    fn fit(&self, pair: &Pair<'_>, response: &Features, predictor: &Features) -> Result<(f64, f64), Error> {
        let basis = predictor.basis()?;
        let available = predictor.available();
        if basis.rank() == available {
            let both = ranks(pair.x().centered(), pair.y().centered())?;
            refuse(true, self.degenerate, pair, available, "ranks", both)?;
        }
        let explained = squared_norm(basis.project(response.matrix()).as_ref());
        Ok((explained / response.squared_norm(), 4.0 + 2.0 * basis.condition()))
    }
}

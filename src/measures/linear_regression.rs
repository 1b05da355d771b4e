//! The share of variance that a linear regression of one representation on the other explains.
//!
//! # Definition
//! `x-from-y`: R2 = |Q_Y' Xc|_F^2 / |Xc|_F^2, Q_Y an orthonormal basis of the column space of Yc.
//! `y-from-x` exchanges the roles; `sum` adds both.
//!
//! # Shapes
//! X is n x p, Y is n x q; the predictor's rank must be less than n - 1. In \[0, 1\]; `sum` in \[0,
//! 2\].
//!
//! # Invariances
//! Of the predictor: every invertible linear map. Of the fitted side: orthogonal maps, isotropic
//! scaling, translation; not invertible linear maps. Not symmetric.
//!
//! # Numerics
//! A basis of the predictor (as for `cca`) and one product: n q^2 + n p q operations, and p q^2 / 2
//! for the coefficients that the bound on the error follows from. Nothing is subtracted. In single
//! precision that product is computed in f32, of a basis that is solved for in f64, so that the
//! condition of the predictor does not multiply its rounding.
//!
//! # Conventions that differ elsewhere
//! Which side is fitted: libraries agree on the formula and not on the order of its arguments.
//!
//! # Errors
//! A constant representation on either side; `degenerate` when the predictor's rank is n - 1:
//! everything is then explained. (`degenerate=allow` returns the 1; the key is written in results
//! only when it is not the default.)
//!
//! # References
//! Kornblith et al. 2019, equation 5 and Table 1. The paper's equation 12 has sqrt(p1) where
//! sqrt(p2) belongs: see the tests of identities.
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

use faer::MatRef;

use crate::arrays::product::squared_norm;
use crate::arrays::sums::sum;
use crate::claims::Direction;
use crate::claims::{Claim, Claims, FAILS, Properties, Range, Side};
use crate::convention::{Convention, Keys};
use crate::diagnostics::Diagnostics;
use crate::error::Error;
use crate::kernel::{Centering, Kernel};
use crate::key::choice;
use crate::linalg::basis::Basis;
use crate::linalg::features::Features;
use crate::linalg::frame::{Frame, trace};
use crate::measure::{Definition, Outcome};
use crate::measures::{Degenerate, SINGULAR_VALUES, check_degenerate, is_refused, projector, ranks};
use crate::needs::{Moments, Needs, Product, SinglePrecision, Terms};
use crate::precision::Precision;
use crate::prepared::between::{InnerProduct, InnerProducts};
use crate::prepared::inner::example_matrix;
use crate::prepared::layer::{Partners, Prepared};
use crate::prepared::pair::Pair;
use crate::spec::{Citation, Spec};
use crate::tolerance::single_rounding;

choice! {
    /// Which representation is fitted from which.
    pub enum Fit("direction", "which representation is fitted from which") {
        /// X is fitted from Y (the paper's).
        #[default]
        XFromY = "x-from-y" => "the first representation fitted from the second",
        /// Y is fitted from X.
        YFromX = "y-from-x" => "the second representation fitted from the first",
        /// The sum of both, in [0, 2]: the symmetrised index.
        Sum = "sum" => "both fits added, each representation from the other",
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
    also: &[("regression", ""), ("linreg", ""), ("r2", "")],
    short: "Linear regression",
    name: "linear regression R2",
    formula: "x-from-y: |Q_Y' Xc|_F^2 / |Xc|_F^2; y-from-x: |Q_X' Yc|_F^2 / |Yc|_F^2; sum: both added",
    citations: &[Citation { key: "kornblith2019similarity", place: "eq. 5, Table 1" }],
    keys: &[Fit::KEY, Degenerate::KEY],
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
        Ok(Self { direction: Fit::read(keys)?, degenerate: Degenerate::read(keys)? })
    }
}

impl Definition for Options {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn convention(&self) -> Convention {
        let mut convention = vec![self.direction.entry()];
        // Named only when it is not the default: the key is an addition to the published grammar of
        // this measure.
        if self.degenerate != Degenerate::Error {
            convention.push(self.degenerate.entry());
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
            minimum_neurons: 1,
            claims,
        }
    }

    fn needs(&self, partners: Option<Partners>) -> Needs {
        Needs {
            basis: partners.is_none_or(|partners| self.predicts(partners)),
            features: partners.is_none_or(|partners| self.responds(partners)),
            refuses_filled: self.degenerate == Degenerate::Error,
            product: Product::Sums,
            single: SinglePrecision::Features,
            ranks: true,
            ..Needs::new(Moments::Factor(SINGULAR_VALUES), Terms::Value)
        }
    }

    fn prepare(&self, x: &Prepared) -> Result<(), Error> {
        let features = x.nonconstant()?;
        let single = features.precision() == Precision::Single;
        if single && !features.is_wide() && x.partners().is_none_or(|partners| self.responds(partners)) {
            features.single();
        }
        if !x.partners().is_none_or(|partners| self.predicts(partners)) || (single && features.single_basis().is_some()) {
            return Ok(());
        }
        if is_refused(features, self.degenerate)? {
            return Ok(());
        }
        features.basis().map(|_| ())
    }

    fn compare(&self, pair: &Pair<'_>) -> Result<Outcome, Error> {
        let (x, y) = (pair.x().nonconstant()?, pair.y().nonconstant()?);
        let of_x = if self.direction == Fit::YFromX { None } else { Some(self.fit(pair, x, y)?) };
        let of_y = if self.direction == Fit::XFromY { None } else { Some(self.fit(pair, y, x)?) };
        let mut outcome =
            Outcome { value: 0.0, condition: 0.0, single_condition: None, diagnostics: Diagnostics::default(), ..Outcome::default() };
        for (fitted, rank) in [(of_x, "rank_y"), (of_y, "rank_x")] {
            let Some(Fitted { explained, condition, single_condition, predictors }) = fitted else { continue };
            outcome.value += explained;
            outcome.condition += condition;
            if let Some(single_condition) = single_condition {
                *outcome.single_condition.get_or_insert(0.0) += single_condition;
            }
            outcome.diagnostics = outcome.diagnostics.count(rank, predictors);
        }
        Ok(outcome)
    }

    fn inner_products(&self, pair: &Pair<'_>) -> Result<Option<InnerProducts>, Error> {
        // <Q Q', X X'> = |Q' X|_F^2
        let response = |side: &Prepared| {
            Ok::<_, Error>((example_matrix(side, Kernel::Linear, Centering::Double)?, 1.0 / side.centered().squared_norm()))
        };
        let mut terms = Vec::new();
        if self.direction != Fit::YFromX {
            let (x, factor) = response(pair.x())?;
            terms.push(InnerProduct { x, y: projector(pair.y(), true)?, factor });
        }
        if self.direction != Fit::XFromY {
            let (y, factor) = response(pair.y())?;
            terms.push(InnerProduct { x: projector(pair.x(), true)?, y, factor });
        }
        Ok(Some(InnerProducts::sum(terms)))
    }
}

/// One representation fitted from the other.
struct Fitted {
    /// R2.
    explained: f64,
    condition: f64,
    single_condition: Option<f64>,
    /// The predictor's rank.
    predictors: usize,
}

impl Options {
    /// Whether something is fitted from a representation with these partners.
    fn predicts(&self, partners: Partners) -> bool {
        match self.direction {
            Fit::XFromY => partners.as_y,
            Fit::YFromX => partners.as_x,
            Fit::Sum => true,
        }
    }

    /// Whether it is fitted.
    fn responds(&self, partners: Partners) -> bool {
        match self.direction {
            Fit::XFromY => partners.as_x,
            Fit::YFromX => partners.as_y,
            Fit::Sum => true,
        }
    }

    fn fit(&self, pair: &Pair<'_>, response: &Features, predictor: &Features) -> Result<Fitted, Error> {
        // Side by side, because a basis has steps that one thread does alone.
        let in_single = || rayon::join(|| predictor.single_basis(), || response.single()).0;
        let single = if pair.precision() == Precision::Single { in_single() } else { None };
        let predictors = match single {
            Some(basis) => basis.rank(),
            None => predictor.rank()?,
        };
        let available = predictor.available();
        if predictors == available {
            let both = ranks(pair, pair.x().centered(), pair.y().centered())?;
            check_degenerate(true, self.degenerate, pair, available, "ranks", both)?;
        }
        let (condition, Projected { squared_norm: projected, coefficients }) = match single {
            Some(basis) => {
                let squared_norm = squared_norm(basis.project(response.single()).as_ref());
                (basis.condition(), Projected { squared_norm, coefficients: None })
            }
            None => {
                let basis = predictor.basis()?;
                (basis.condition(), projected(&basis, response, predictor)?)
            }
        };
        let explained = projected / response.squared_norm();
        let single_condition = single.map(|_| {
            // Q'X is off by e sqrt(r) |X|_F, and its square by twice that times |Q'X|_F and the
            // square of that; Q'Q is off by e at most where it was not computed.
            let (rank, unit) = (predictors as f64, single_rounding(pair.n()));
            2.0 * (rank * explained).sqrt() + unit * rank + explained
        });
        let most = 4.0 + 2.0 * condition;
        let condition = match coefficients {
            Some(coefficients) => {
                let unit = pair.unit();
                let left = ((1.0 - explained).max(0.0) + unit * most).sqrt();
                let relative = (coefficients * predictor.squared_norm() / response.squared_norm()).sqrt();
                most.min(6.0 + 2.0 * left * relative + 6.0 * unit * condition * condition)
            }
            None => most,
        };
        Ok(Fitted { explained, condition, single_condition, predictors })
    }
}

/// What the projection of the response tells.
#[derive(Clone, Copy)]
struct Projected {
    /// |Q'X|_F^2
    squared_norm: f64,
    /// |B|_F^2 of the regression coefficients B, X = Y B' + E, where they cost little.
    ///
    /// A change dY turns Q by what is orthogonal to it of dY F^+, so that |Q'X|_F^2 moves by 2 <E
    /// B, dY>, to first order, and by the square of (condition |dY| / |Y|) |X|_F, twice, besides.
    coefficients: Option<f64>,
}

/// |Q'X|_F^2, and |F^+ Q'X|_F^2 with Y = Q F.
fn projected(basis: &Basis<'_>, response: &Features, predictor: &Features) -> Result<Projected, Error> {
    let frame = Frame::at_hand(predictor)?;
    let of = |product: MatRef<'_, f64>| (squared_norm(product), frame.map(|frame| frame.solved_squared_norm(product)));
    match response.kept() {
        Some(neurons) if !response.is_wide() => {
            let (squared_norm, coefficients) = of(basis.project(neurons).as_ref());
            Ok(Projected { squared_norm, coefficients })
        }
        Some(_) if frame.is_some() => {
            let mut parts = Vec::new();
            response.each_block(&mut |block| {
                parts.push(of(basis.project(block).as_ref()));
                Ok(())
            })?;
            let (squares, coefficients): (Vec<f64>, Vec<Option<f64>>) = parts.into_iter().unzip();
            let coefficients: Option<Vec<f64>> = coefficients.into_iter().collect();
            Ok(Projected { squared_norm: sum(&squares), coefficients: coefficients.map(|parts| sum(&parts)) })
        }
        // tr(Q' X X' Q) of n x n matrices. Beside few predictors it is more operations, but neurons
        // that are not in memory would have to be read again.
        _ => {
            let product = basis.within(response.gram());
            let coefficients = frame.map(|frame| frame.solved_trace(product.as_ref()).max(0.0));
            Ok(Projected { squared_norm: trace(product.as_ref()), coefficients })
        }
    }
}
